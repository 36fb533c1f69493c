#!/usr/bin/env bash
# t_logs.sh BUILD - real logs through the real programs, compared with figures reckoned elsewhere. Exports are imported
# again and give the same map. The logs lie beside the project, never in it: REAL_LOGS=DIR, default ../shared/data. Without them: skipped.
set -u
build=$1
root=$(cd "$(dirname "$0")/../.." && pwd)
logs=${REAL_LOGS:-$root/../shared/data}
[ -f "$logs/expected/maps.json" ] || { echo "no published logs in $logs (REAL_LOGS=DIR says where they are)"; exit 77; }
work=$(mktemp -d)
. "$(dirname "$0")/accounted.sh"
trap 'rc=$?; accounted "$work" || rc=1; rm -rf "$work"; exit $rc' EXIT
touchline=$build/touchline check=$build/flow/check_maps
failed=0
fail() { echo "FAILED: $*"; failed=1; }

flows() { grep -o '"nodes":.*"other"' "$1"; }    # nodes and edges, as they stand

one() { # name, file
    local name=$1 file=$2 d=$work/$1
    "$touchline" import "$logs/$file" --data "$d" >"$work/out" 2>&1 || { fail "import $file"; cat "$work/out"; return; }
    "$touchline" map --data "$d" --journey all --lifecycle all --json >"$work/map" || fail "map $name"
    "$touchline" variants --data "$d" --lifecycle all --json >"$work/variants" || fail "variants $name"
    "$touchline" export --data "$d" --format xes --lifecycle all --out "$work/export.xes" || fail "export $name"
    "$touchline" import "$work/export.xes" --data "$d.again" 2>"$work/out" || { fail "import of $name's export"; cat "$work/out"; }
    "$touchline" map --data "$d.again" --lifecycle all --json >"$work/again"
    [ "$(flows "$work/map")" = "$(flows "$work/again")" ] || fail "the export of $name brings another map"
    rm -rf "$d.again"
    "$check" all "$logs/expected/maps.json" "$name" "$work/map" "$work/variants" "$work/export.xes" || fail "figures of $name"
}

for log in running-example:running-example.xes receipt:receipt.xes.gz teleclaims:teleclaims.xes.gz bpic2012:bpic2012.xes.gz; do
    echo "== ${log%%:*}"
    one "${log%%:*}" "${log#*:}"
done
echo "== running-example as a table"
mv "$work/running-example" "$work/as-xes"
one running-example running-example.csv

echo "== bpic2012, completed only"
d=$work/bpic2012
funnel=$(sed -n '/funnel_ordered/,/\]/s/.*"step": "\(.*\)",/\1/p' "$logs/expected/bpic2012.json")
mapfile -t steps <<<"$funnel"
"$touchline" map --data "$d" --lifecycle complete --json >"$work/map"
"$touchline" variants --data "$d" --lifecycle complete --json >"$work/variants"
"$touchline" funnel --data "$d" --lifecycle complete --json "${steps[@]}" >"$work/funnel"
"$touchline" export --data "$d" --format xes --lifecycle complete --out "$work/export.xes"
"$check" complete "$logs/expected/bpic2012.json" "$work/map" "$work/variants" "$work/funnel" "$work/export.xes" || fail "completed only"

echo "== imported again: nothing new"
"$touchline" map --data "$d" --lifecycle all --json >"$work/before"
"$touchline" import "$logs/bpic2012.xes.gz" --data "$d" >"$work/out" 2>&1 || fail "second import"
cat "$work/out"
"$touchline" map --data "$d" --lifecycle all --json >"$work/after"
"$check" same "$work/before" "$work/after" || fail "the map has changed"
exit $failed
