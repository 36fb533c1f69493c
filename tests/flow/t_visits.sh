#!/usr/bin/env bash
# t_visits.sh BUILD - the demo with its 24 mystery visits, registered before, during and after they happened, and without them: no figure of customers differs by a
# byte; the improvements that it enters are judged as is known of seed 155, in both languages.
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
is() { [ "$1" = "$2" ] || fail "$3: $1 instead of $2"; }
export TZ=Asia/Shanghai

serve() { # DATA: sets V
    [ -n "$viewer" ] && kill "$viewer" && wait "$viewer" 2>/dev/null
    "$build/touchline-viewer" --data "$1" --viewer-port 0 2>"$work/log" &
    viewer=$!
    for n in $(seq 400); do
        grep -q "\"pid\":$viewer," "$1/run/viewer.json" 2>/dev/null && break
        sleep 0.05
    done
    V=$(sed -n 's/.*"http":"\([^"]*\)".*/\1/p' "$1/run/viewer.json")
}
as_of='as_of=2026-03-02T00:00:00%2B08:00'
answers() { # what customers' figures are read from
    for q in breaks?by=place breaks?by=daypart breaks? moments? impact? emotion? variants? journeys?limit=1000 map? improvements? funnel?steps=menu,payment,handover report?; do
        curl -s "$V/api/$q&journey=order&$as_of" | sed 's/"entered":[0-9]*,"changed":[0-9]*//g; s/"catalogue_since":[0-9]*//; s/"made":[0-9]*//'
        echo
    done
    curl -s "$V/api/map?journey=all&$as_of"
    curl -s "$V/api/metrics?journey=order&$as_of" | sed 's/"events":[0-9]*//'      # of the whole store
}

# both stores tell hashes by one key
"$touchline" simulate --seed 155 --data "$work/with" --until 2026-03-02 >/dev/null 2>"$work/err" || fail "simulate: $(cat "$work/err")"
mkdir -p "$work/without/keys" && cp "$work/with/keys/identity.key" "$work/without/keys"
"$touchline" simulate --seed 155 --data "$work/without" --until 2026-03-02 --no-visits >/dev/null 2>"$work/err" || fail "simulate: $(cat "$work/err")"
serve "$work/with"
answers > "$work/a"
curl -s "$V/api/journeys?journey=order&stream=mystery&limit=100&$as_of" > "$work/visits"
curl -s "$V/api/improvements?journey=order&$as_of" > "$work/improvements"
is "$("$build/flow/json_at" .count <"$work/visits")" 24 "mystery journeys"
# what visits and customers both found, cell by cell: visits hit of visits that had the chance
marks() { curl -s "$V/api/confirmed?journey=order&$as_of$1" >"$work/marks" && "$build/flow/json_at" '.cells.#' <"$work/marks" && shift &&
    for c in "$@"; do "$build/flow/json_at" ".cells[cell=order:$c].mark.zh" ".cells[cell=order:$c].visits.hits" ".cells[cell=order:$c].visits.n" ".cells[cell=order:$c].customers.n" <"$work/marks"; done | paste -sd ' ' -; }
is "$(marks '' handover_wait/handover note_executed/make greeting/greet chat_reply/chat context_kept/call drop_off/payment | paste -sd ' ' -)" \
    "6 双重确认 2 16 6521 双重确认 3 16 923 仅暗访 3 16 0 未暗访 0 0 828 未暗访 0 0 250 未暗访 0 0 6174" "marks of the chain"
is "$(marks '&by=place' handover_wait/handover/S07 handover_wait/handover/S03 greeting/greet/S02 | tail -n 1)" "双重确认 2 2 750 仅顾客 0 2 935 仅暗访 2 2 0" "marks by place"
is "$(grep -o '"id":"visits"' "$work/marks" | wc -l)" 1 "places that visits alone found"
# the scorecards: surname 19 of 24; S03 waited 640 s, a critical item; the outlet is not told who came
curl -s "$V/api/visits?$as_of" >"$work/cards"
is "$("$build/flow/json_at" '.items[item=greeting].yes' '.items[item=greeting].visits' '.items[item=greeting].share' '.items[item=note].no' '.items[item=wait].no' '.items[item=tidy].yes' '.states.finished' '.double.pairs' '.again.#' <"$work/cards" | paste -sd ' ' -)" \
    "19 24 0.791667 4 4 24 24 0 16" "conformity"
for at in "visit-00 1 0 -" "visit-02 0.700000 1 handover_wait" "visit-05 0.750000 0 note_executed" "visit-09 0.800000 0 greeting" "visit-10 1 0 -"; do
    set -- $at
    is "$("$build/flow/json_at" ".visits[id=$1].score.value" ".visits[id=$1].score.critical" ".visits[id=$1].first.id" ".visits[id=$1].fitness" <"$work/cards" | paste -sd ' ' -)" "$2 $3 $4 1" "score of $1"
done
is "$(curl -s "$V/api/visits/visit-02?$as_of" | "$build/flow/json_at" '.timings[id=handover_wait].took_ms' '.timings[id=handover_wait].limit_ms' '.timings[id=handover_wait].is' '.journeys[0].breaks[0].first' '.alignment.edits' | paste -sd ' ' -)" \
    "640000 480000 broken true 12" "scorecard of S03"
is "$(curl -s "$V/api/visits?$as_of&filter=place=S02&from=2026-02-01" | "$build/flow/json_at" '.visits.#' '.items[item=greeting].no' | paste -sd ' ' -)" "2 2" "S02, the last two rounds"
customer=$(curl -s "$V/api/visits/visit-02?$as_of" | "$build/flow/json_at" '.journeys[0].customer')
curl -s "$V/api/visits/visit-02?$as_of&reader=outlet" >"$work/outlet"
[ ${#customer} = 32 ] && grep -qE "$customer|actor|identities|u90002|\"position\"|orders" "$work/outlet" && fail "the outlet's report tells who came"
is "$("$build/flow/json_at" .reader .score.value <"$work/outlet" | paste -sd ' ' -)" "outlet 0.700000" "the outlet's report"
serve "$work/without"
is "$(curl -s "$V/api/confirmed?journey=order&$as_of" | "$build/flow/json_at" .counts)" '{"both":0,"customers":0,"visits":0,"untested":5}' "marks without visits"
answers > "$work/b"
cmp "$work/a" "$work/b" >"$work/err" || fail "customers' figures differ: $(cat "$work/err")"$'\n'"$(diff <(tr ',' '\n' <"$work/a") <(tr ',' '\n' <"$work/b") | head -8)"
[ "$(wc -c <"$work/a")" -gt 100000 ] || fail "the answers are too short to be true"

# I1 works, I2 does not
near() { awk -v is="$1" -v want="$2" 'BEGIN { d = is - want; exit !(is != "" && d < 1e-6 && d > -1e-6) }' || fail "$3: $1 instead of $2"; }
figure() { "$build/flow/json_at" ".improvements[id=$1].$2" <"$work/improvements"; }
near "$(figure I1 effect.value)" -0.304527 "I1"; near "$(figure I1 effect.lo)" -0.377142 "I1 from"; near "$(figure I1 effect.hi)" -0.231913 "I1 to"
near "$(figure I2 effect.value)" -0.010095 "I2"; near "$(figure I2 effect.lo)" -0.037418 "I2 from"; near "$(figure I2 effect.hi)" 0.017229 "I2 to"
for f in I1:before.acted:290/625 I1:after.acted:140/860 I1:before.rest:239/543 I1:after.rest:302/681 I2:before.acted:74/919 I2:after.acted:61/855 I2:before.rest:247/3644 I2:after.rest:232/3377; do
    IFS=: read -r id side want <<<"$f"
    is "$(figure "$id" "$side.k")/$(figure "$id" "$side.n")" "$want" "$id $side"
done
is "$(figure I1 verdict.zh) $(figure I1 verdict.en)" "有效 works" "verdict of I1"
is "$(figure I2 verdict.zh) $(figure I2 verdict.en)" "未见效果 no effect seen" "verdict of I2"
is "$(figure I1 text.zh)" "−30.5 个百分点(−37.7…−23.2;−66 %)" "I1 in Chinese"
is "$(figure I1 text.en)" "−30.5 points (−37.7…−23.2; −66 %)" "I1 in English"

# ---- entered by hand ----
D="$work/with"
touchline() { "$build/touchline" "$@" --data "$D"; }
json() { touchline "$@" --journey order --as-of 2026-03-02T00:00:00+08:00 --json > "$work/json"; }
at() { "$build/flow/json_at" "$1" <"$work/json"; }
touchline break status order:handover_wait/handover assigned --owner '门店 Stores' >/dev/null || fail "assign"
touchline break status order:note_executed/make verified --fixed-on 2026-02-02 >/dev/null || fail "verify"
touchline break status order:chat_reply/chat shut >/dev/null 2>"$work/err" && fail "a status that is none"
grep -q 'must be one of: open, assigned, fixed, verified' "$work/err" || fail "said: $(cat "$work/err")"
json breaks
is "$(at '.unhappy[id=handover_wait].status') $(at '.unhappy[id=handover_wait].owner')" "assigned 门店 Stores" "assigned"
touchline journeys --break order:handover_wait/handover --journey order --from 2026-02-02 --to 2026-03-01 --limit 1000 --as-of 2026-03-02T00:00:00+08:00 --json > "$work/behind"
is "$(at '.unhappy[id=handover_wait].work.customers')" "$(grep -o '"customer":"[0-9a-f]*"' "$work/behind" | sort -u | wc -l)" "customers hit"
is "$(at '.unhappy[id=context_kept].status') $(at '.unhappy[id=context_kept].work')" "open null" "nobody's yet"
is "$(at '.unhappy[id=note_executed].work.fell') $(at '.unhappy[id=note_executed].work.tags[0].id')" "false not_fallen" "verified though it has not fallen"
touchline break status order:handover_wait/handover/S03 fixed --fixed-on 2026-02-02 >/dev/null || fail "fixed"
json breaks --by place
is "$(at '.unhappy[id=handover_wait,place=S03].work.fell') $(at '.unhappy[id=handover_wait,place=S03].work.verdict.en')" "true works" "fixed, and it has fallen"
touchline break withdraw order:handover_wait/handover/S03 >/dev/null; json breaks --by place
is "$(at '.unhappy[id=handover_wait,place=S03].work')" null "withdrawn"
touchline improve add I3 --cell order:drop_off/payment --start 2026-02-09 --action '支付改版' --expected -2 >/dev/null || fail "improve"
touchline improve add I4 --cell order:nothing/here --start 2026-02-09 --action x >/dev/null
json improvements
is "$(at '.improvements[id=I3].verdict.id') $(at '.improvements[id=I3].verdict.zh') $(at '.improvements[id=I3].tags[0].zh')" "no_effect 未见效果(反而变差) 仅前后对比" "payment got worse"
is "$(at '.improvements[id=I4].trouble')" "the cell names no standard of the catalogue" "a cell that is none"
touchline improve withdraw I4 >/dev/null; json improvements
is "$(at '.improvements.#')" 3 "improvements"
touchline improvements --journey all --json > "$work/json"; is "$(at '.improvements.#')" 3 "improvements of every type"
touchline visits register v9 --identity member:u00001 --from 2026-02-01T12:00:00+08:00 --to 2026-02-01T13:00:00+08:00 >/dev/null || fail "register"
touchline visits --json >"$work/json"
is "$(at '.visits.#') $(at '.visits[id=visit-22].journeys')" "25 1" "visits"
grep -q u00001 "$work/json" && fail "a visitor's identity is shown"
touchline visits withdraw v9 >/dev/null; touchline visits --json >"$work/json"
is "$(at '.visits.#')" 24 "withdrawn"
serve "$work/with"
curl -s "$V/api/breaks?journey=order&$as_of" | "$build/flow/json_at" '.unhappy[id=handover_wait].hits' >"$work/n"
is "$(cat "$work/n")" 616 "as before"
touchline rebuild >/dev/null 2>"$work/err" || fail "rebuild: $(cat "$work/err")"
serve "$work/with"
is "$(curl -s "$V/api/journeys?journey=order&stream=mystery&limit=100&$as_of" | "$build/flow/json_at" .count)" 24 "mystery journeys, rebuilt"

[ $failed = 0 ] && echo "t_visits.sh: visits change no figure; I1 works, I2 does not"
exit $failed
