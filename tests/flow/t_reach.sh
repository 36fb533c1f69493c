#!/usr/bin/env bash
# t_reach.sh BUILD - removal effects: a toy that can be done by hand, mistakes by line, and published paths with known effects. The published paths lie beside the project:
# REAL_LOGS=DIR, default ../shared/data; without them that part is left out, and says so.
set -u
build=$1
root=$(cd "$(dirname "$0")/../.." && pwd)
logs=${REAL_LOGS:-$root/../shared/data}
work=$(mktemp -d)
. "$(dirname "$0")/accounted.sh"
trap 'rc=$?; accounted "$work" || rc=1; rm -rf "$work"; exit $rc' EXIT
failed=0
fail() { echo "FAILED: $*"; failed=1; }
is() { [ "$2" = "$3" ] || fail "$1: $2 instead of $3"; }
at() { "$build/flow/json_at" "$@" | paste -sd ' ' -; }
reach() { "$build/touchline" moments --reach "$@"; }

printf 'path,total_conversions,total_null\nC1 > C2 > C3,1,0\n"C1",0,1\r\nC2>C3,0,1\n\n' >"$work/toy.csv"
is toy "$(reach "$work/toy.csv" | at .paths .steps .conversions .p_conv .removal_effect.C1 .removal_effect.C2 .removal_effect.C3)" "3 6 1 0.333333 0.500000 1 1"
printf 'total_null,path,total_conversions\n' >"$work/none.csv"
is "no path" "$(reach "$work/none.csv")" '{"paths":0,"steps":0,"conversions":0,"p_conv":0,"removal_effect":{}}'
printf 'path,total_conversions,total_null\na,0,7\n' >"$work/never.csv"
is "nobody converts" "$(reach "$work/never.csv" | at .p_conv .removal_effect.a)" "0 0"
while IFS='|' read -r text says; do
    printf "$text" >"$work/bad.csv"
    reach "$work/bad.csv" >"$work/out" 2>"$work/err" && fail "taken: $text"
    grep -qF -- "$says" "$work/err" || fail "$text: $(cat "$work/err")"
done <<'E'
|is empty
path,total_conversions\n|total_null is not there
path,total_conversions,total_null\na > b,1\n|line 2: 2 columns
path,total_conversions,total_null\na,1,2\na,-1,2\n|line 3: total_conversions is a whole number from 0
path,total_conversions,total_null\na,1.5,2\n|line 2: total_conversions
path,total_conversions,total_null\na > > b,1,2\n|line 2: a path is touchpoints
E
reach "$work/nowhere.csv" 2>"$work/err" && fail "a file that is not there"
grep -q "No such file" "$work/err" || fail "$(cat "$work/err")"

if [ -f "$logs/expected/removal_effect.json" ]; then
    reach "$logs/attribution_paths.csv" >"$work/got"
    for t in alpha beta delta epsilon eta gamma iota kappa lambda mi theta zeta; do
        is "$t" "$(at ".removal_effect.$t" <"$work/got")" "$(at ".removal_effect_order1.$t" <"$logs/expected/removal_effect.json")"
    done
    is totals "$(at .paths .steps .conversions .p_conv <"$work/got")" "$(at .paths .touchpoints .conversions .p_conv_exact <"$logs/expected/removal_effect.json")"
else
    echo "no published paths in $logs (REAL_LOGS=DIR says where they are): that part is left out"
fi
exit $failed
