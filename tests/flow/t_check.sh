#!/usr/bin/env bash
# t_check.sh BUILD - `touchline check`: all mistakes by file and line, doubts, exit codes, a folder, a file, the store's own catalogue.
set -eu
build=$1
cd "$(dirname "$0")/../.."
tmp=$(mktemp -d)
. "$(dirname "$0")/accounted.sh"
trap 'rc=$?; accounted "$tmp" || rc=1; rm -rf "$tmp"; exit $rc' EXIT
fail() { echo "FAIL: $*"; exit 1; }
mkdir -p "$tmp/good" "$tmp/bad" "$tmp/data"
export LC_ALL=C.UTF-8 TOUCHLINE_LANG=en
t() { "$build/touchline" "$@"; }

t check schemas/catalogue/tea >"$tmp/out" || fail "the demo's catalogue: $(cat "$tmp/out")"
grep -q '^ok, 0 doubts: 27 touchpoints, 5 stage models' "$tmp/out" || fail "the demo's catalogue has doubts: $(cat "$tmp/out")"

printf '{"touchpoints":[\n{"id":"a","titel":"x"},\n{"id":"b","channel":"fax"}]}' >"$tmp/bad/1.json"
printf '{"clocks":[\n{"id":"c","start":"a","end":"b","limit_s":60,"allowed":0}]}' >"$tmp/bad/2.json"
printf '{\n\n"roles" 1}' >"$tmp/bad/3.json"
if t check "$tmp/bad" >"$tmp/out"; then fail "mistakes, and exit code 0"; fi
for line in '1.json:2: unknown member "titel"' '1.json:3: "fax" is no channel' '2.json:2: 0 % cannot be tested' '3.json:3: not valid JSON' '4 mistakes'; do
    grep -qF "$line" "$tmp/out" || fail "not told: $line in: $(cat "$tmp/out")"
done
if t check "$tmp/bad/2.json" >"$tmp/out"; then fail "one file with a mistake"; fi
grep -q "this file was read alone" "$tmp/out" || fail "not told that it was read alone"
if t check "$tmp/bad" --json >"$tmp/out"; then fail "--json, and exit code 0"; fi
grep -q '"mistakes":4,.*"version":null.*{"file":"1.json","line":2,"kind":"mistake"' "$tmp/out" || fail "json: $(cat "$tmp/out")"

printf '{"touchpoints":[{"id":"a","title":{"zh":"甲"}}]}' >"$tmp/good/1.json"
t check "$tmp/good/1.json" >"$tmp/out" || fail "a doubt, and exit code 1"
grep -q '1.json:1: doubt: .*has no English' "$tmp/out" || fail "no doubt: $(cat "$tmp/out")"

if t check --data "$tmp/data" 2>"$tmp/out"; then fail "no catalogue, and exit code 0"; fi
grep -q 'there is no catalogue at' "$tmp/out" || fail "not told: $(cat "$tmp/out")"
mv "$tmp/good" "$tmp/data/catalogue"
TOUCHLINE_DATA="$tmp/data" t check | grep -q '^ok, 1 doubt: 1 touchpoints' || fail "the store's own"
TOUCHLINE_LANG=zh t check "$tmp/data/catalogue" | grep -q "^可用,1 处疑点" || fail "not said in Chinese"
if t check a b 2>"$tmp/out"; then fail "two folders"; fi
for name in tea line five-stages; do
    t check --init $name --data "$tmp/new-$name" | grep -q '^ok, 0 doubts' || fail "--init $name"
    cmp -s <(cat schemas/catalogue/$name/*.json) <(cat "$tmp/new-$name"/catalogue/*.json) || fail "--init $name wrote something else"
done
if t check --init tea --data "$tmp/new-line" 2>"$tmp/out"; then fail "--init over a catalogue"; fi
grep -q 'holds a catalogue already' "$tmp/out" || fail "not told: $(cat "$tmp/out")"
if t check --init coffee --data "$tmp/none" 2>"$tmp/out"; then fail "--init coffee"; fi
grep -q 'tea line five-stages' "$tmp/out" || fail "not told: $(cat "$tmp/out")"
echo ok
