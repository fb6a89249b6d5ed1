#!/usr/bin/env bash
# Builds this platform's packages, tries them, and leaves the binary alone in artifacts/.
set -euo pipefail
cd "$(dirname "$0")/../.."

npm run pack
node scripts/release/try-packages.js artifacts
npm run pack -- --binary
