#!/usr/bin/env bash
# t_shared.sh BUILD - one id that 10,000 people are sent with: nobody is linked by it, the figures are those of 10,000 people, and it is shown.
set -u
build=$1
touchline=$build/touchline
work=$(mktemp -d)
. "$(dirname "$0")/accounted.sh"
trap 'rc=$?; accounted "$work" || rc=1; rm -rf "$work"; exit $rc' EXIT
failed=0
fail() { echo "FAILED: $*"; failed=1; }
is() { [ "$2" = "$3" ] || fail "$1: $2 instead of $3"; }
export TZ=UTC
mkdir -p "$work/d"
# 10,000 members order by the same tablet; one of them has a phone, too
awk 'BEGIN {
    for (i = 0; i < 10000; i++) printf "{\"id\":\"e%d\",\"type\":\"order.placed\",\"ids\":{\"member\":\"m%d\",\"device\":\"till-1\"},\"channel\":\"store\",\"time\":%d000}\n", i, i, 1767571200 + i
    print "{\"id\":\"p\",\"type\":\"call\",\"ids\":{\"member\":\"m7\",\"phone\":\"+8613912345678\"},\"channel\":\"phone\",\"time\":1767671200000}"
}' >"$work/e.ndjson"
"$touchline" import "$work/e.ndjson" --data "$work/d" >"$work/out" 2>&1 || fail "import: $(cat "$work/out")"
customer() { "$touchline" customer "$1" --json --data "$work/d" 2>"$work/err" | "$build/flow/json_at" "${@:2}" | paste -sd ' ' -; }
is "one of them" "$(customer member:m7 '.identities.#' '.events.#' '.links.#')" "2 2 1"
is "and by their phone" "$(customer phone:13912345678 '.customer')" "$(customer member:m7 '.customer')"
is "another" "$(customer member:m9999 '.identities.#' '.events.#' '.links.#')" "1 1 0"
is "the tablet" "$(customer device:till-1 '.identities[0].shared' '.events.#')" "true 0"
"$touchline" map --json --data "$work/d" >"$work/map" 2>&1
is "figures" "$("$build/flow/json_at" .journeys .customers <"$work/map" | paste -sd ' ' -)" "10000 10000"
"$touchline" doctor --data "$work/d" >"$work/out" 2>&1
grep -q '1 identities are told with more people than one person can be' "$work/out" || fail "doctor: $(cat "$work/out")"
"$touchline-viewer" --data "$work/d" --viewer.port=0 2>"$work/log" &
viewer=$!
for _ in $(seq 600); do
    url=$(sed -n 's/.*"http":"\([^"]*\)".*/\1/p' "$work/d/run/viewer.json" 2>/dev/null)
    [ -n "$url" ] && curl -sf -o /dev/null "$url/healthz" && break
    sleep 0.1
done
is "shown" "$(curl -s "$url/api/shared" | "$build/flow/json_at" .count .homes_max '.shared[0].kind' '.shared[0].type' '.shared[0].channel' | paste -sd ' ' -)" "1 20 device order.placed store"
kill $viewer && wait $viewer
[ $failed = 0 ] && echo "one id of 10,000 people: nobody's"
exit $failed
