#!/usr/bin/env bash
# Checks the Rust dependencies against deny.toml: one TLS and one HTTP stack, sources, licences.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v cargo-deny >/dev/null; then
  echo 'SKIPPED: there is no cargo-deny: THE DEPENDENCIES WERE NOT CHECKED against deny.toml.'
  echo '         Install it with: cargo install cargo-deny --locked'
  exit 0
fi

cargo-deny --locked check bans licenses sources
