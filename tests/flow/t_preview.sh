#!/usr/bin/env bash
# t_preview.sh BUILD - `import --preview` and `check` of mappings as people type them; what a preview shows is what an import brings.
set -u
touchline=$1/touchline
T=$(mktemp -d "${TMPDIR:-/tmp}/preview.XXXXXX")
. "$(dirname "$0")/accounted.sh"
trap 'rc=$?; accounted "$T" || rc=1; rm -rf "$T"; exit $rc' EXIT
failed=0
fail() { echo "FAILED: $*"; failed=1; }
M=schemas/mappings

for pair in pos-receipts:csv asterisk-cdr:csv asterisk-queue-log:log amazon-connect:ndjson zendesk-tickets:ndjson survey-export:csv; do
    name=${pair%%:*} file=$M/examples/${pair%%:*}.${pair##*:}
    "$touchline" check "$M/$name.json" >/dev/null || fail "check $name"
    "$touchline" import --preview --map "$M/$name.json" "$file" >"$T/out" || fail "preview $name"
    "$touchline" import --preview --map "$M/$name.json" "$file" --json >"$T/json" || fail "preview --json $name"
    head -n 10 "$M/examples/$name.events.ndjson" | while read -r event; do grep -qF "$event" "$T/json" || echo "$event"; done >"$T/missing"
    if [ "$name" = survey-export ]; then grep -v '"nps":11' "$T/missing" >"$T/missing2"; mv "$T/missing2" "$T/missing"; fi
    [ -s "$T/missing" ] && fail "$name: not in the preview: $(head -n 1 "$T/missing")"
done
"$touchline" import --preview --map $M/pos-receipts.json $M/examples/pos-receipts.csv >"$T/out"
grep -q '131850 CNY' "$T/out" || fail "the receipt's sum: $(cat "$T/out")"
grep -q 'row 7, column "交易时间"' "$T/out" || fail "row and column: $(cat "$T/out")"
TOUCHLINE_LANG=zh "$touchline" import --preview --map $M/pos-receipts.json $M/examples/pos-receipts.csv | grep -q '无法理解:第 7 行,列 "交易时间"' || fail "in Chinese"
"$touchline" import --preview --map $M/survey-export.json $M/examples/survey-export.csv --json | grep -q '"row":7,"column":"","reason":"[^"]*scores.nps"' || fail "what the collector would refuse is not told"

echo "== without a mapping, long and hostile files"
printf 'case,activity,timestamp\n1,a,2026-03-01T10:00:00Z\n' >"$T/plain.csv"
"$touchline" import --preview "$T/plain.csv" 2>/dev/null | grep -q 'trace:preview/1' || fail "guessed columns"
(head -n 1 $M/examples/survey-export.csv; for i in $(seq 30); do echo "r$i,s,SMS,2026/03/01 18:00,,V$i,,,S01,,,"; done) >"$T/many.csv"
"$touchline" import --preview --map $M/survey-export.json "$T/many.csv" | grep -q 'more follow' || fail "ten events, and more"
[ "$("$touchline" import --preview --map $M/survey-export.json "$T/many.csv" --json | grep -o '"event":' | wc -l)" = 10 ] || fail "not ten"
"$touchline" import --preview "$T/none.csv" 2>"$T/out"; [ $? = 1 ] && grep -q none.csv "$T/out" || fail "a file that is not there"
iconv -f GB18030 -t UTF-8 $M/examples/pos-receipts.csv >"$T/utf8.csv"
sed 's/"GB18030"/"UTF-8"/' $M/pos-receipts.json >"$T/utf8.json"
"$touchline" import --preview --map "$T/utf8.json" $M/examples/pos-receipts.csv 2>"$T/out"; [ $? = 1 ] && grep -q 'GB18030' "$T/out" || fail "GB18030 is not named: $(cat "$T/out")"
same() { "$touchline" import --preview --map "$1" "$2" --json | sed 's/^{"file":"[^"]*"//'; }
[ "$(same "$T/utf8.json" "$T/utf8.csv")" = "$(same $M/pos-receipts.json $M/examples/pos-receipts.csv)" ] || fail "another encoding gives other events"

echo "== mistakes in a mapping"
printf '{"fields": {"type": "t",\n  "colour": "c"}}\n' >"$T/wrong.json"
"$touchline" check "$T/wrong.json" 2>"$T/out"; [ $? = 1 ] && grep -q 'wrong.json:2: "colour".*fields: type touchpoint' "$T/out" || fail "check: $(cat "$T/out")"
"$touchline" check "$T/wrong.json" --json | grep -q '"mistakes":1,"mistake":"[^}]*wrong.json:2' || fail "check --json"
"$touchline" import --preview --map "$T/wrong.json" "$T/plain.csv" 2>"$T/out"; [ $? = 1 ] && grep -q 'colour' "$T/out" || fail "a wrong mapping"

echo "== what is previewed is imported"
"$touchline" import --map $M/zendesk-tickets.json $M/examples/zendesk-tickets.ndjson --data "$T/store" 2>"$T/out" || fail "import: $(cat "$T/out")"
grep -q "4 rows read, 11 sent, 11 accepted" "$T/out" || fail "import: $(cat "$T/out")"
"$touchline" export --data "$T/store" --format ndjson --out "$T/out.ndjson" 2>/dev/null
[ "$(wc -l <"$T/out.ndjson")" = 11 ] || fail "$(wc -l <"$T/out.ndjson") events of 11"
exit $failed
