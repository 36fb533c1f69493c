#!/usr/bin/env bash
# t_visits.sh BUILD - the demo with its 24 mystery visits, registered before, during and after they happened, and without them: no figure of customers differs by a
# byte; the improvements that it enters are judged as is known of seed 155, in both languages.
set -u
build=$1
touchline=$build/touchline
work=$(mktemp -d)
viewer=
end() { [ -n "$viewer" ] && kill "$viewer" 2>/dev/null && wait "$viewer" 2>/dev/null; rm -rf "$work"; }
trap end EXIT
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
serve "$work/without"
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

[ $failed = 0 ] && echo "t_visits.sh: visits change no figure; I1 works, I2 does not"
exit $failed
