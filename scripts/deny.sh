#!/usr/bin/env bash
# Checks the Rust dependencies against deny.toml: one TLS and one HTTP stack, sources, licences. With --install it gets
# cargo-deny first where that is missing, which takes minutes, once: it is kept outside of the repository.
set -euo pipefail
cd "$(dirname "$0")/.."

version=0.20.2
tools="${XDG_CACHE_HOME:-$HOME/.cache}/layer1/cargo-deny-$version"
export PATH="$PATH:$tools/bin"

if ! command -v cargo-deny >/dev/null && [ "${1:-}" = --install ]; then
  cargo install "cargo-deny@$version" --locked --quiet --root "$tools" || true
fi
if ! command -v cargo-deny >/dev/null; then
  echo 'SKIPPED: there is no cargo-deny: THE DEPENDENCIES WERE NOT CHECKED against deny.toml.'
  echo '         Install it with: scripts/deny.sh --install'
  exit 0
fi

cargo-deny --locked check bans licenses sources
