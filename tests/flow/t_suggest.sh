#!/usr/bin/env bash
# t_suggest.sh BUILD - a catalogue is drafted from the events seen: of the demo without any catalogue, and of real logs where they lie beside the project. What is
# drafted passes `touchline check`, holds once activated, and raises no finding by its own limits; nothing is overwritten.
set -u
B=${1:?usage: $0 BUILD}
T=$(mktemp -d "${TMPDIR:-/tmp}/suggest.XXXXXX")
export TZ=Asia/Shanghai LC_ALL=C.UTF-8
. "$(dirname "$0")/accounted.sh"
trap 'rc=$?; accounted "$T" || rc=1; rm -rf "$T"; exit $rc' EXIT
fail() { echo "FAILED: $*"; exit 1; }
at() { "$B/flow/json_at" "$@"; }
"$B/touchline" simulate --seed 155 --until 2026-03-02 --out "$T/all.ndjson" >/dev/null || fail simulate
"$B/touchline" import "$T/all.ndjson" --run demo --data "$T/tea" >"$T/out" 2>&1 || { cat "$T/out"; fail import; }

"$B/touchline" suggest --data "$T/tea" --json >"$T/draft" 2>"$T/err" || { cat "$T/err"; fail suggest; }
[ "$(at .key .events '.touchpoints[name=order.placed].events' '.touchpoints[name=order.note].role' '.touchpoints[name=order.fulfilled].ends' '.gap.valley' <"$T/draft" | tr '\n' ' ')" = \
    "order 196438 12455 signal good true " ] || fail "what was seen: $(at .key .events <"$T/draft")"
[ "$(grep -c '"type":"order.placed"' "$T/all.ndjson")" = 12455 ] || fail "the events themselves"
# the chat's answer: 9 of 10 within the limit, as the events say
grep -o '"case":"[^"]*"' "$T/all.ndjson" >/dev/null || fail "no cases"
limit=$(at '.clocks[start=service.request,end=service.response].limit_ms' <"$T/draft")
[ "${limit:-0}" -ge 12000 ] && [ "$limit" -le 30000 ] || fail "chat limit $limit"
example=$(at '.touchpoints[name=coupon.use].example.customer' '.touchpoints[name=coupon.use].example.position' <"$T/draft" | tr '\n' ' ')
"$B/touchline" customer ${example% * } --raw "$(cut -d' ' -f2 <<<"$example")" --data "$T/tea" | grep -q coupon.use || fail "the example is no coupon.use: $example"

"$B/touchline" suggest --data "$T/tea" --out "$T/tea/catalogue" >"$T/text" 2>"$T/err" || { cat "$T/err"; fail "suggest --out"; }
grep -q 'Every value below is a suggestion' "$T/text" || fail "the table: $(head -3 "$T/text")"
TOUCHLINE_LANG=zh "$B/touchline" suggest --data "$T/tea" | grep -q '以下均为建议值' || fail "in Chinese"
"$B/touchline" check --data "$T/tea" >"$T/out" || { cat "$T/out"; fail "the draft does not pass check"; }
[ "$(grep -c '"suggestion":true' "$T/tea/catalogue/touchpoints.json")" = 30 ] || fail "not every touchpoint is marked"
"$B/touchline" suggest --data "$T/tea" --out "$T/tea/catalogue" >/dev/null 2>"$T/err" && fail "files were overwritten"
grep -q "somebody's work" "$T/err" || fail "does not say why: $(cat "$T/err")"
"$B/touchline" suggest --data "$T/tea" --journey none >/dev/null 2>"$T/err" && fail "an unknown journey type"

# a draft holds as it is: its limits are what is usual, so nothing breaks them more often than allowed
"$B/touchline" activate --data "$T/tea" >/dev/null || fail "activate the draft"
"$B/touchline" breaks --data "$T/tea" --journey order --as-of 2026-03-02T00:00:00+08:00 --from 2026-01-05 --to 2026-03-01 --json >"$T/breaks" || fail breaks
[ "$(at '.unhappy.#' <"$T/breaks")" = 0 ] || fail "a suggestion is a finding: $(at '.unhappy[0].id' '.unhappy[0].hits' '.unhappy[0].n' '.unhappy[0].allowed' <"$T/breaks")"
[ "$(at '.rest.#' <"$T/breaks")" -gt 10 ] || fail "no clocks at all"
"$B/touchline" map --data "$T/tea" --journey order --model E --json | grep -q '"stage":"during"' || fail "no stages on the map"
"$B/touchline" suggest --data "$T/tea" --journey order --json | grep -q '"journey":"order","key":"order"' || fail "of its own type"

mkdir -p "$T/empty"
"$B/touchline" suggest --data "$T/empty" >"$T/text" 2>&1 || { cat "$T/text"; fail "an empty store"; }
grep -q '^0 events of 0 customers' "$T/text" || fail "an empty store: $(cat "$T/text")"

logs=${REAL_LOGS:-$(cd "$(dirname "$0")/../.." && pwd)/../shared/data}
for log in receipt bpic2012; do
    [ -f "$logs/$log.xes.gz" ] || { echo "(no published log $log)"; continue; }
    "$B/touchline" import "$logs/$log.xes.gz" --data "$T/$log" >/dev/null 2>&1 || fail "import $log"
    "$B/touchline" suggest --data "$T/$log" --out "$T/$log/catalogue" >/dev/null || fail "suggest $log"
    "$B/touchline" check --data "$T/$log" >"$T/out" || { cat "$T/out"; fail "the draft of $log"; }
    "$B/touchline" suggest --data "$T/$log" --json | at .key '.clocks.#' '.gap.valley' | tr '\n' ' ' >"$T/said"
    grep -qE '^journey 1[0-9] false $' "$T/said" || fail "$log: $(cat "$T/said")"
    echo "$log: $(tail -n 1 "$T/out")"
done
echo "suggest: $(tail -n 1 "$T/out")"
