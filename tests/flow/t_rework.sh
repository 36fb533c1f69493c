#!/usr/bin/env bash
# t_rework.sh BUILD - touchpoints that the cases of a real log came back to, completed steps only and all of them, without any catalogue: as published.
# The log lies beside the project: REAL_LOGS=DIR, default ../shared/data. Without it: skipped.
set -u
build=$1
logs=${REAL_LOGS:-$(cd "$(dirname "$0")/../.." && pwd)/../shared/data}
[ -f "$logs/expected/bpic2012.json" ] || { echo "no published logs in $logs (REAL_LOGS=DIR says where they are)"; exit 77; }
work=$(mktemp -d)
. "$(dirname "$0")/accounted.sh"
trap 'rc=$?; accounted "$work" || rc=1; rm -rf "$work"; exit $rc' EXIT
failed=0
fail() { echo "FAILED: $*"; failed=1; }
# "touchpoint hits n" a line, of a member of the published file: {"A": [hits, n, ...], ...}
published() {
    awk -v want="\"$1\":" '
        index($0, want) { on = 1; next }
        on && /^ \}/ { exit }
        on && /\[$/ { name = $0; sub(/^ *"/, "", name); sub(/": \[$/, "", name); k = 0; next }
        on && k < 2 { v[k++] = $1 + 0; if (k == 2) print name, v[0], v[1] }' "$logs/expected/bpic2012.json" | sort
}
told() { grep -o '"touchpoint":"[^"]*","title":{[^}]*},"n":[0-9]*,"hits":[0-9]*' | sed 's/.*"touchpoint":"\([^"]*\)",.*"n":\([0-9]*\),"hits":\([0-9]*\)/\1 \3 \2/' | sort; }

"$build/touchline" import "$logs/bpic2012.xes.gz" --data "$work/loan" >"$work/out" 2>&1 || fail "import: $(cat "$work/out")"
for of in complete:rework_complete_only all:rework_all; do
    published "${of#*:}" >"$work/want"
    [ "$(wc -l <"$work/want")" -gt 20 ] || fail "the published file was not understood"
    "$build/touchline" rework --data "$work/loan" --lifecycle "${of%%:*}" --json | told >"$work/got"
    diff "$work/want" "$work/got" >"$work/diff" || fail "$of: $(head -5 "$work/diff")"
done
grep -q '^W_Completeren aanvraag 7367 7367$' "$work/got" || fail "with schedule and start every case looks like rework: $(grep Completeren "$work/got")"
"$build/touchline" rework --data "$work/loan" --lifecycle complete --json | told | grep -q '^W_Completeren aanvraag 4420 7367$' || fail "4,420 of 7,367"
env -u LC_ALL LANG=zh_CN.UTF-8 "$build/touchline" rework --data "$work/loan" | grep -q 换渠道 || fail "no table in Chinese"
[ $failed = 0 ] && echo "rework: as published"
exit $failed
