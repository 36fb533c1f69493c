#!/usr/bin/env bash
# t_loan.sh BUILD - a real log of loan applications by the catalogue written for it: how they end, how long offers are out, and whether chasing for missing papers helps,
# asked with landmarks of 3 and 7 days. The log lies beside the project: REAL_LOGS=DIR, default ../shared/data. Without it: skipped.
set -u
build=$1
root=$(cd "$(dirname "$0")/../.." && pwd)
logs=${REAL_LOGS:-$root/../shared/data}
[ -f "$logs/expected/bpic2012.json" ] || { echo "no published logs in $logs (REAL_LOGS=DIR says where they are)"; exit 77; }
work=$(mktemp -d)
. "$(dirname "$0")/accounted.sh"
trap 'rc=$?; accounted "$work" || rc=1; rm -rf "$work"; exit $rc' EXIT
failed=0
fail() { echo "FAILED: $*"; failed=1; }
is() { [ "$2" = "$3" ] || fail "$1: $2 instead of $3"; }
at() { "$build/flow/json_at" "$@" | paste -sd ' ' -; }
expected() { at "$@" <"$logs/expected/bpic2012.json"; }
ask() { "$build/touchline" "$@" --data "$work/loan" --journey loan --as-of 2012-06-01T00:00:00Z --json; }
# within PERCENT what have want
within() { awk -v p="$1" -v a="$3" -v b="$4" 'BEGIN { d = a - b; if (d < 0) d = -d; exit !(d <= b * p / 100) }' || fail "$2: $3 instead of $4"; }

mkdir -p "$work/loan/catalogue" && cp "$root"/schemas/catalogue/loan/*.json "$work/loan/catalogue"
"$build/touchline" check "$work/loan/catalogue" >"$work/out" || fail "the catalogue: $(cat "$work/out")"
"$build/touchline" import "$logs/bpic2012.xes.gz" --data "$work/loan" >"$work/out" 2>&1 || fail "import: $(cat "$work/out")"

echo "== how they end"
ask map >"$work/map"
is ends "$(at '.journeys' '.nodes[touchpoint=A_APPROVED].journeys' '.nodes[touchpoint=A_DECLINED].journeys' '.nodes[touchpoint=A_CANCELLED].journeys' <"$work/map")" \
    "13087 $(expected .outcome.approved .outcome.declined .outcome.cancelled)"
ends=$(grep -o '"ends":{[^}]*}' "$work/map" | tr -dc '0-9,\n' | awk -F, '{ g += $1; b += $2; o += $3 + $4 } END { print g, b, o }')
is "good, bad, undecided" "$ends" "$(expected .outcome.approved) $(($(expected .outcome.declined) + $(expected .outcome.cancelled))) $(expected .outcome.open)"

echo "== in order, with intervals"
steps=() i=0
while s=$(expected ".funnel_ordered[$i].step") && [ "$s" != - ]; do steps+=("$s"); i=$((i + 1)); done
ask funnel --lifecycle complete "${steps[@]}" >"$work/funnel"
for i in 1 2 3 4 5; do
    is "${steps[$i]}" "$(at ".steps[$i].journeys" ".steps[$i].conversion" ".steps[$i].lo" ".steps[$i].hi" <"$work/funnel")" \
        "$(expected ".funnel_ordered[$i].cases" ".funnel_ordered[$i].conv" ".funnel_ordered[$i].lo" ".funnel_ordered[$i].hi")"
done

echo "== from the last offer sent to the first returned"
w=.wait_last_O_SENT_before_first_O_SENT_BACK_s
ask funnel --lifecycle all O_SENT O_SENT_BACK >"$work/funnel"
is returned "$(at '.steps[1].journeys' <"$work/funnel")" "$(expected $w.n)"
for q in p50 p90 p95; do
    within 1 "$q" "$(at ".steps[1].wait_ms.$q" <"$work/funnel" | awk '{ print $1 / 1000 }')" "$(expected "$w.$q")"
done
within 0.000001 mean "$(at '.steps[1].wait_ms.mean' <"$work/funnel" | awk '{ printf "%.6f", $1 / 1000 }')" "$(expected "$w.mean")"

echo "== chased for missing papers"
tables() { grep -o '"table":\[[0-9,]*\]' "$1" | tr -dc '0-9,\n' | awk -F, '{ a += $1; b += $2; c += $3; d += $4 } END { print a, b, c, d }'; }
ask moments --landmark 3 >"$work/three"
is "3 days" "$(tables "$work/three") $(at '.moments.#' '.moments[0].touchpoint' '.moments[0].verdict.id' <"$work/three")" "115 402 434 1082 1 O_SENT_BACK supported"
is "3 days, odds" "$(at '.moments[0].crude_or.value' '.moments[0].crude_or.lo' '.moments[0].crude_or.hi' <"$work/three" | awk '{ printf "%.3f %.3f %.3f", $1, $2, $3 }')" "0.713 0.564 0.902"
is "3 days, quintiles" "$(at '.moments[0].strata.#' '.moments[0].excluded' <"$work/three")" "5 1125"
ask moments --landmark 7 >"$work/seven"
is "7 days" "$(tables "$work/seven") $(at '.moments.#' '.rest[0].verdict.id' '.rest[0].missing.what' '.rest[0].missing.have' '.rest[0].missing.need' <"$work/seven")" \
    "132 428 11 30 0 too_little comparison 41 50"
within 0.3 "7 days, odds" "$(at '.rest[0].crude_or.value' <"$work/seven")" 0.841
within 0.3 "7 days, odds, low" "$(at '.rest[0].crude_or.lo' <"$work/seven")" 0.410
within 0.3 "7 days, odds, high" "$(at '.rest[0].crude_or.hi' <"$work/seven")" 1.724
exit $failed
