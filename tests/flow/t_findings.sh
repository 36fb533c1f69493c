#!/usr/bin/env bash
# t_findings.sh BUILD - the demo, sent to the real programs: break points and moments of truth are exactly the planted ones, with the figures that are known of seed
# 155: counts to the digit, intervals to 1e-6.
set -u
build=$1
touchline=$build/touchline
work=$(mktemp -d)
viewer=
end() { [ -n "$viewer" ] && kill "$viewer" 2>/dev/null && wait "$viewer" 2>/dev/null; }
. "$(dirname "$0")/accounted.sh"
trap 'rc=$?; accounted "$work" || rc=1; end; rm -rf "$work"; exit $rc' EXIT
failed=0
fail() { echo "FAILED: $*"; failed=1; }
export TZ=Asia/Shanghai
ask() { "$touchline" "$@" --data "$work/tea" --journey order --as-of 2026-03-02T00:00:00+08:00 --json; }
# one line a finding of a list: the figures named, the numbers rounded to 6 digits
findings() { # answer list name...
    awk -v list="$2" -v names="${*:3}" '
        function value(text, name,   at, rest) {
            at = index(text, "\"" name "\":")
            if (!at) return "?"
            rest = substr(text, at + length(name) + 3)
            if (substr(rest, 1, 1) == "[") return substr(rest, 1, index(rest, "]"))
            sub(/[,}\]].*/, "", rest)
            gsub(/"/, "", rest)
            return rest ~ /^-?[0-9]*\.[0-9]+(e-?[0-9]+)?$/ ? sprintf("%.6f", rest) : rest
        }
        {
            at = index($0, "\"" list "\":[")
            if (!at) exit
            text = substr($0, at + length(list) + 4)
            n = split(names, name, " ")
            depth = 0
            for (i = 1; i <= length(text); i++) {
                c = substr(text, i, 1)
                if (c == "{" && depth++ == 0) from = i
                if (c == "]" && depth == 0) break
                if (c == "}" && --depth == 0) {
                    one = substr(text, from, i - from + 1)
                    line = ""
                    for (k = 1; k <= n; k++) line = line (k > 1 ? " " : "") value(one, name[k])
                    print line
                }
            }
        }' <<<"$1"
}
is() { [ "$1" = "$2" ] || fail "$3:"$'\n'"$1"$'\n'"instead of"$'\n'"$2"; }

"$touchline" simulate --seed 155 --data "$work/tea" --until 2026-03-02 >/dev/null 2>"$work/err" || { cat "$work/err"; fail "simulate"; }
b=$(ask breaks)
is "$(findings "$b" unhappy id hits n row_lo row_hi)" "handover_wait 616 6521 0.087602 0.101803
context_kept 100 250 0.341228 0.461798
note_executed 93 923 0.082964 0.121862
chat_reply 94 828 0.093680 0.136943" "break points that make unhappy"
is "$(findings "$b" unfinished id touchpoint hits n row_lo row_hi)" "drop_off payment 388 6174 0.057058 0.069174" "break points that leave unfinished"
is "$(findings "$b" unhappy damage)" "0.175553
0.205090
0.443148
0.000730" "damage"
is "$(findings "$(ask breaks --by place)" unhappy id place | grep handover | sort)" "handover_wait S03
handover_wait S07" "waits by place"
m=$(ask moments)
is "$(findings "$m" moments touchpoint side n_exposed n_other excluded adjusted_rd)" "handover bad 967 8106 0 0.088012
remedy good 185 182 0 -0.247045" "moments of truth"
grep -q '"tests":6,' <<<"$m" || fail "six tests: $m"
for t in 75,447,91,1287 87,159,543,1609 122,77,2379,2197 2,50,16,40 7,30,17,26 37,59,54,29 1,9,18,199 10,143,156,1591; do
    grep -qF "\"table\":[$t]" <<<"$m" || fail "no table $t"
done
grep -o '"touchpoint":"ready".*' <<<"$m" | grep -q '"said":{"zh":"已声明,数据中未见","en":"declared, not seen in the data"}' || fail "the ready notice is declared, and not seen in the data"
for words in LANG=zh_CN.UTF-8:有依据 LANG=C.UTF-8:supported; do
    env -u LC_ALL "${words%%:*}" "$touchline" breaks --data "$work/tea" --journey order --as-of 2026-03-02T00:00:00+08:00 | grep -q "${words#*:}" || fail "no verdict in words: $words"
done

# what breaks go with, the most bad outcomes first; where it hurts
at() { "$build/flow/json_at" "$@" | paste -sd ' ' -; }
is "$(ask impact | at '.tests' '.impacts[0].cell' '.impacts[0].with.n' '.impacts[0].with.bad' '.impacts[0].without.n' '.impacts[0].without.bad' '.impacts[0].adjusted.value' '.impacts[0].verdict.id')" \
    "5 order:handover_wait/handover 1222 286 10498 659 0.175553 supported" "what waits go with"
is "$(ask impact --outcome not_back | at '.impacts[0].id' '.impacts[0].adjusted.value' '.impacts[0].difference.value')" "handover_wait 0.088012 -0.078008" "who waited and did not come back"
is "$(ask heatmap | at '.touchpoints[touchpoint=handover].hits' '.touchpoints[touchpoint=handover].n' '.touchpoints[touchpoint=handover].lo' '.touchpoints[touchpoint=handover].stage' \
    '.touchpoints[touchpoint=handover].sources' '.touchpoints[touchpoint=call].hits' '.touchpoints[touchpoint=call].breaks[0].cell')" "616 6521 0.087602 use 1 100 order:context_kept/call" "where it hurts"

# a journey type that names no strata: likes by tier, breaks met before, tenure, daypart; everybody is in one stratum, and the moment stands
mkdir "$work/likes" && cp "$work/tea/catalogue/"*.json "$work/likes" && sed -i 's/, "strata": \["tier"\]//' "$work/likes/journeys.json"
cp -r "$work/tea" "$work/tea2"
"$touchline" activate "$work/likes" --data "$work/tea2" >/dev/null 2>"$work/err" || { cat "$work/err"; fail "activate"; }
l=$("$touchline" moments --data "$work/tea2" --journey order --as-of 2026-03-02T00:00:00+08:00 --json)
grep -qF '"strata_by":["tier","prior_bad","tenure","daypart"]' <<<"$l" || fail "no default strata"
is "$(findings "$l" moments touchpoint side n_exposed n_other)" "$(findings "$m" moments touchpoint side n_exposed n_other)" "moments among likes"
is "$(grep -o '"touchpoint":"handover".*"touchpoint":"remedy"' <<<"$l" | grep -o '"table":\[[0-9,]*\]' | tr -dc '0-9,\n' | awk -F, '{ n += $1 + $2 + $3 + $4 } END { print n }')" 9073 "rows in all strata"

# places x dayparts: the two lunches and no other wait; what else is found there is planted too; the airport says too little
d=$(ask breaks --by daypart)
is "$(findings "$d" unhappy cell hits n row_lo row_hi | grep handover_wait)" "order:handover_wait/handover/S07/lunch 302 681 0.406574 0.480991
order:handover_wait/handover/S03/lunch 140 860 0.139626 0.188954" "waits by place and daypart"
is "$(findings "$d" unhappy id place daypart | grep -vE '^(handover_wait S0[37] lunch|note_executed S0[1-467] [a-z]+|chat_reply S0[1-8] evening|context_kept S0[1-8] [a-z]+)$')" "" "unplanted places and dayparts"
is "$(findings "$d" rest cell hits n row_lo row_hi | grep S08/lunch | grep handover_wait)" "order:handover_wait/handover/S08/lunch 4 16 0.101821 0.494983" "the airport at lunch"
grep -qF '"cell":"order:handover_wait/handover/S08/lunch"' <<<"$d" || fail "no S08"
is "$(grep -o '"cell":"order:handover_wait/handover/S08/lunch".*' <<<"$d" | grep -o '"verdict":{"id":"[a-z_]*"' | head -n 1)" '"verdict":{"id":"too_little"' "verdict on the airport"
# payment fails since day 35, a Monday; sure on the Tuesday
is "$(grep -o '"cell":"order:drop_off/payment".*' <<<"$b" | grep -o '"rise":{"since":"[^"]*","alarm":"[^"]*"' | head -n 1)" '"rise":{"since":"2026-02-09","alarm":"2026-02-10"' "since when payment fails"

# every row's link lists exactly the journeys it counts, &hit=no the others
"$build/touchline-viewer" --data "$work/tea" --viewer.port=0 2>"$work/viewer.log" &
viewer=$!
for _ in $(seq 600); do
    at=$(sed -n 's/.*"http":"\([^"]*\)".*/\1/p' "$work/tea/run/viewer.json" 2>/dev/null)
    [ -n "$at" ] && curl -sf -o /dev/null "$at/healthz" && break
    sleep 0.1
done
for answer in "$b" "$(ask breaks --by place)" "$d" "$(ask breaks --filter tier=gold)"; do
    for list in unhappy unfinished rest; do
        findings "$answer" $list hits n journeys
    done
done >"$work/rows"
[ "$(wc -l <"$work/rows")" -gt 200 ] || fail "$(wc -l <"$work/rows") rows"
awk -v at="$at" '{ printf "url=%s%s&limit=1\nurl=%s%s&limit=1&hit=no\n", at, $3, at, $3 }' "$work/rows" >"$work/links"
curl -s -K "$work/links" | grep -o '{"count":[0-9]*' | sed 's/.*://' | paste -d ' ' - - >"$work/listed"
awk '{ print $1, $2 - $1 }' "$work/rows" | diff - "$work/listed" | head -n 5 | grep . && fail "journeys listed behind a cell are not those counted"
[ $failed = 0 ] && echo "findings: the planted ones"
exit $failed
