#!/usr/bin/env bash
# t_limits.sh BUILD - a customer beyond 100,000 events, a journey beyond 10,000 steps: cut there, counted, shown, and the same in any order of arrival.
set -u
touchline=$1/touchline
work=$(mktemp -d)
. "$(dirname "$0")/accounted.sh"
trap 'rc=$?; accounted "$work" || rc=1; rm -rf "$work"; exit $rc' EXIT
failed=0
fail() { echo "FAILED: $*"; failed=1; }
has() { grep -q "$2" "$1" || fail "$3: $(head -c 300 "$1")"; }

awk 'BEGIN {
    for (i = 0; i < 10050; i++) printf "{\"id\":\"a%d\",\"type\":\"%s\",\"time\":%.0f,\"ids\":{\"member\":\"long\"}}\n", i, i % 2 ? "a" : "b", 1767225600000 + i * 1000
    for (i = 0; i < 100500; i++)
        printf "{\"id\":\"h%d\",\"type\":\"%s\",\"time\":%.0f,\"journey\":\"j%d\",\"ids\":{\"member\":\"huge\"}}\n", i, i % 3 ? "x" : "y", 1767225600000 + i * 1000, i / 500
}' >"$work/events.ndjson"
"$touchline" import "$work/events.ndjson" --data "$work/ordered" 2>/dev/null || fail "import"
ask() { "$touchline" "$@" --data "$work/ordered" >"$work/out" 2>&1 || fail "$*"; }
ask customer member:long
has "$work/out" '^50 steps beyond the 10,000 ' "a cut journey is not told"
ask customer member:long --json
has "$work/out" '"refused":false' "nothing was refused"
has "$work/out" '"cut":50[,}]' "a cut journey is not counted"
ask journeys --limit 3
has "$work/out" '^50 steps beyond the 10,000 ' "a cut journey is not told in the list"
ask customers --id member:huge
has "$work/out" ' 100,000 ' "the customer is not cut at 100,000 events"
started=$SECONDS
ask customer member:huge
[ $((SECONDS - started)) -lt 20 ] || fail "the table of a large customer took $((SECONDS - started)) s"
has "$work/out" '^some events were not taken' "refused events are not told"
ask quarantine --limit 1
has "$work/out" customer_too_large "refused events are not listed"
cursor=$("$touchline" customer member:huge --data "$work/ordered" | sed -n 's/^more: --cursor //p')
"$touchline" customer member:huge --cursor "$cursor" --data "$work/ordered" --json | wc -c >"$work/out"
[ "$(cat "$work/out")" -lt 300000 ] || fail "a further page brings all journeys again: $(cat "$work/out") bytes"

shuf --random-source="$work/events.ndjson" "$work/events.ndjson" >"$work/shuffled"
mkdir "$work/1" "$work/2"
head -n 60000 "$work/shuffled" >"$work/1/events.ndjson"
tail -n +50001 "$work/shuffled" >"$work/2/events.ndjson"
for part in 1 2; do "$touchline" import "$work/$part/events.ndjson" --data "$work/mixed" 2>/dev/null || fail "import $part"; done
for store in ordered mixed; do "$touchline" export --rows --data "$work/$store" --out "$work/rows.$store" || fail "export $store"; done
cmp "$work/rows.ordered" "$work/rows.mixed" || fail "another order of arrival, other rows"
[ $failed = 0 ] && echo "flow limits: cut, counted, shown"
exit $failed
