#!/usr/bin/env bash
# The Rust tests under valgrind's memcheck: memory that is read or written wrongly, or lost, fails it. Takes some minutes.
#   scripts/memcheck.sh [part of a test's name …]
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v valgrind >/dev/null; then
  echo 'memcheck: valgrind is not installed, and is needed here (on Debian: apt-get install valgrind).' >&2
  exit 1
fi

tests=$(cargo test --locked --no-run --message-format=json | node -e '
  const lines = require("node:fs").readFileSync(0, "utf8").split("\n").filter((line) => line.startsWith("{"))
  const built = lines.map((line) => JSON.parse(line)).filter(({ executable, profile }) => executable && profile.test)
  console.log(built.map(({ executable }) => executable).join("\n"))
')
log=target/memcheck.log
status=0
# Fewer random cases, because everything takes some fifty times as long; one thread, because valgrind runs only one.
PROPTEST_CASES="${PROPTEST_CASES:-8}" valgrind --tool=memcheck --leak-check=full --show-leak-kinds=definite \
  --errors-for-leak-kinds=definite --error-exitcode=99 --num-callers=30 --log-file="$log" \
  "$tests" --test-threads=1 "$@" || status=$?
grep -E 'definitely lost|ERROR SUMMARY|no leaks are possible' "$log" | sed 's/^==[0-9]*==/memcheck:/' || true
if [ "$status" -ne 0 ]; then
  echo "memcheck: FAILED with exit code $status (99 is an error of memory). Everything is in $log." >&2
fi
exit "$status"
