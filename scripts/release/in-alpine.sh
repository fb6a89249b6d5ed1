#!/usr/bin/env bash
# Runs a command in this clone on Alpine Linux, whose C library is musl: bash scripts/release/in-alpine.sh COMMAND…
set -euo pipefail
cd "$(dirname "$0")/../.."

# The image's own Rust would be older than the one this crate needs.
setup='apk add --no-cache bash build-base curl git python3 >/dev/null &&
  curl --proto "=https" -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal >/dev/null &&
  . "$HOME/.cargo/env" && git config --global --add safe.directory /layer1 && exec "$@"'
exec docker run --rm --volume "$PWD:/layer1" --workdir /layer1 node:22-alpine sh -c "$setup" sh "$@"
