#!/usr/bin/env bash
# lookup.sh BUILD [CUSTOMERS] - who has this phone, and what do we know of them: POST /api/customers/find and then /api/customers/{hash}, one after the other, of people
# picked all over a store of so many (default 1,000,000). Prints the 50th and 95th percentile of each, in ms, as curl sees them.
set -u
build=$1
people=${2:-1000000}
work=$(mktemp -d)
viewer=
end() { [ -n "$viewer" ] && kill "$viewer" 2>/dev/null && wait "$viewer" 2>/dev/null; rm -rf "$work"; }
trap end EXIT
export TZ=UTC
mkdir -p "$work/d"
awk -v n="$people" 'BEGIN { for (i = 0; i < n; i++) printf "{\"id\":\"e%d\",\"type\":\"order.placed\",\"ids\":{\"member\":\"m%d\",\"phone\":\"+86139%08d\"},\"channel\":\"app\",\"time\":%d000}\n", i, i, i, 1767571200 + i }' >"$work/e.ndjson"
"$build/touchline" import "$work/e.ndjson" --data "$work/d" >"$work/out" 2>&1 || { cat "$work/out"; exit 1; }
rm "$work/e.ndjson"
"$build/touchline-viewer" --data "$work/d" --viewer.port=0 2>"$work/log" &
viewer=$!
for _ in $(seq 600); do
    url=$(sed -n 's/.*"http":"\([^"]*\)".*/\1/p' "$work/d/run/viewer.json" 2>/dev/null)
    [ -n "$url" ] && curl -sf -o /dev/null "$url/healthz" && break
    sleep 0.1
done
for i in $(seq 400); do
    phone=$(awk -v i="$i" -v n="$people" 'BEGIN { printf "139 %08d", (i * 7919 * 131) % n }')
    curl -s -o "$work/found" -w 'find %{time_total}\n' "$url/api/customers/find" -H 'Content-Type: application/json' -d "{\"kind\":\"phone\",\"value\":\"$phone\"}"
    curl -s -o /dev/null -w 'person %{time_total}\n' "$url/api/customers/$(sed 's/.*"customer":"\([0-9a-f]*\)".*/\1/' "$work/found")"
done >"$work/times"
for what in find person; do
    awk -v w=$what '$1 == w { print $2 * 1000 }' "$work/times" | sort -n | awk -v w=$what -v c="$people" '{ t[NR] = $1 } END { printf "lookup %s: p50 %.1f ms, p95 %.1f ms (%d of %d customers)\n", w, t[int(NR * .5 + .5)], t[int(NR * .95 + .5)], NR, c }'
done
