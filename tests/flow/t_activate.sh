#!/usr/bin/env bash
# t_activate.sh BUILD - catalogues are activated while events come in, and the aggregator is killed in the middle of it, again and again: nothing sent is lost, the
# last activation holds, and the rows are those of a store that never knew another catalogue, to the byte. What is wrong, or holds already, changes nothing.
set -u
B=${1:?usage: $0 BUILD}
T=$(mktemp -d "${TMPDIR:-/tmp}/activate.XXXXXX")
export TZ=Asia/Shanghai LC_ALL=C.UTF-8
PIDS=
. "$(dirname "$0")/accounted.sh"
trap 'rc=$?; accounted "$T" || rc=1; for p in $PIDS; do kill $p 2>/dev/null; done; wait 2>/dev/null; rm -rf "$T"; exit $rc' EXIT
fail() { echo "FAILED: $*"; tail -n 5 "$T/log" 2>/dev/null; exit 1; }
until_true() { local what=$1; shift; for _ in $(seq 1200); do "$@" && return; sleep 0.05; done; fail "waited a minute for: $what"; }
url_of() { sed -n 's/.*"http":"\([^"]*\)".*/\1/p' "$1/run/$2.json" 2>/dev/null; }
pid_of() { sed -n 's/.*"pid":\([0-9]*\).*/\1/p' "$1/run/$2.json" 2>/dev/null; }
health() { curl -s -m 5 "$(url_of "$T/live" aggregator)/healthz"; }

# ---- two catalogues: the demo's, and one that cuts, times and allows otherwise ----
"$B/touchline" simulate --customers 900 --days 28 --until 2026-03-02 --out "$T/all.ndjson" >/dev/null || fail simulate
mkdir -p "$T/tea" "$T/other"
cp schemas/catalogue/tea/*.json "$T/tea/"
cp schemas/catalogue/tea/*.json "$T/other/"
sed -i 's/"limit_s": *480/"limit_s": 420/; s/"limit_s": *15, "allowed": *0.05/"limit_s": 15, "allowed": 0.15/' "$T/other/standards.json"
sed -i 's/"gap_d": *3/"gap_d": 2/' "$T/other/journeys.json"
sed -i 's/"en": *"Hand-over"/"en": "Counter"/' "$T/other/touchpoints.json"
for f in standards journeys touchpoints; do cmp -s "$T/tea/$f.json" "$T/other/$f.json" && fail "the other catalogue has the same $f"; done
lines=$(wc -l <"$T/all.ndjson")
split -l 400 -d -a 4 "$T/all.ndjson" "$T/part."

# ---- what the rows must be in the end: a store that was made with the other catalogue and nothing else ----
post() { # folder, file: until it is taken
    until_true "the collector takes $2" curl -sf -m 10 -o /dev/null -H 'Authorization: Bearer demo' -H 'Content-Type: application/x-ndjson' --data-binary @"$2" "$(url_of "$1" collector)/v1/events"
}
up() { # folder
    "$B/touchline" up --data "$1" --collector.port 0 --viewer.port 0 --aggregator.port 0 --aggregator.bus 'tcp://127.0.0.1:*' >"$1.out" 2>>"$T/log" & UP=$!
    PIDS="$PIDS $UP"
    until_true "up" grep -q '/v1/events' "$1.out"
}
settled() { curl -s -m 5 "$(url_of "$1" collector)/healthz" | grep -q '"backlog":0' && curl -s -m 5 "$(url_of "$1" aggregator)/healthz" | grep -qE '"position":([0-9]+),"stitched":\1,.*"rebuild":null'; }
mkdir -p "$T/fresh"
cp -r "$T/other" "$T/fresh/catalogue"
up "$T/fresh"
for f in "$T"/part.*; do post "$T/fresh" "$f"; done
until_true "the fresh store" settled "$T/fresh"
kill $UP; wait $UP
"$B/touchline" export --rows --data "$T/fresh" --out "$T/fresh.rows" || fail "export of the fresh store"

# ---- the live one begins with the demo's ----
mkdir -p "$T/live"
cp -r "$T/tea" "$T/live/catalogue"
up "$T/live"
send() { for f in "$T"/part.*; do post "$T/live" "$f"; touch "$T/sent"; done; touch "$T/all_sent"; }
send & PIDS="$PIDS $!"
until_true "the first events" test -e "$T/sent"

# what is wrong is explained, and changes nothing
cp -r "$T/tea" "$T/wrong"
sed -i 's/"limit_s": *480/"limit_s": -1/' "$T/wrong/standards.json"
"$B/touchline" activate "$T/wrong" --data "$T/live" 2>"$T/err" && fail "a wrong catalogue was taken"
grep -q 'standards.json.*limit_s' "$T/err" || fail "a wrong catalogue is not explained: $(cat "$T/err")"
code=$(curl -s -o "$T/answer" -w '%{http_code}' -H "Authorization: Bearer $(cat "$T/live/run/token")" "$(url_of "$T/live" aggregator)/control/catalogue" \
    -d '{"files":[{"name":"a.json","text":"{\"clocks\":[{\"id\":\"x\"}]}"}]}')
[ "$code" = 400 ] && grep -q 'a.json, line 1' "$T/answer" || fail "the door: $code $(cat "$T/answer")"

# one of the folder's own pins it; again it is the same
"$B/touchline" activate --data "$T/live" --json >"$T/answer" || fail "the first activation"
grep -q '"same":false' "$T/answer" || fail "the first activation: $(cat "$T/answer")"
"$B/touchline" activate "$T/tea" --data "$T/live" --json >"$T/answer" || fail "the same again"
grep -q '"same":true' "$T/answer" || fail "the same again: $(cat "$T/answer")"
rm -rf "$T/live/catalogue"              # a working copy by now

# ---- to and fro under load, killed while the second store is being made ----
catch_second_store() { # without forks: making it takes less than a tenth of a second
    local end=$((SECONDS + 60)) both
    while [ ! -e "$T/done" ] && [ $SECONDS -lt $end ]; do both=("$T"/live/journeys/journeys.*); [ ${#both[@]} -ge 2 ] && return; done
}
killed=0
for n in $(seq 15); do
    [ $killed = 3 ] && break
    c=other; [ $((n % 2)) = 0 ] && c=tea
    rm -f "$T/done"
    ( "$B/touchline" activate "$T/$c" --data "$T/live" --reason "turn $n" >"$T/answer.$n" 2>"$T/err.$n"; echo $? >"$T/code.$n"; touch "$T/done" ) & one=$!
    PIDS="$PIDS $one"
    catch_second_store
    if [ ! -e "$T/done" ]; then
        kill -9 "$(pid_of "$T/live" aggregator)" && killed=$((killed + 1))
    fi
    wait $one
    [ "$(cat "$T/code.$n")" = 0 ] || fail "activation $n: $(cat "$T/err.$n")"
done
[ $killed -gt 0 ] || fail "never killed in the middle"
# two in a row, the first not waited for: the last wins
( "$B/touchline" activate "$T/tea" --data "$T/live" >/dev/null 2>&1 ) & one=$!
"$B/touchline" activate "$T/other" --data "$T/live" --json >"$T/answer" || fail "two in a row"
wait $one
"$B/touchline" activate "$T/other" --data "$T/live" --json >"$T/answer" || fail "the last"
hash=$(sed 's/.*"hash":"\([0-9a-f]*\)".*/\1/' "$T/answer")

until_true "all sent" test -e "$T/all_sent"
until_true "everything stitched" settled "$T/live"
health | grep -q "\"catalogue\":{\"hash\":\"$hash\".*\"next\":null" || fail "which catalogue holds: $(health)"
V=$(url_of "$T/live" viewer)
curl -s "$V/api/about" | grep -q "\"catalogue\":{\"hash\":\"$hash\",\"position\":[0-9]*,\"activated\":[0-9]*,\"next\":false}" || fail "about: $(curl -s "$V/api/about")"
curl -si "$V/api/map?journey=order" | tr -d '\r' | grep -q "^X-Touchline-Catalogue: $hash; activated=20..-" || fail "the header of an answer"
curl -s "$V/api/map?journey=order" | grep -q '"en":"Counter"' || fail "titles are not those of the active version"
totals=$(curl -s "$(url_of "$T/live" aggregator)/metrics")
grep -q '^touchline_a_total_unaccounted 0$' <<<"$totals" || fail "totals do not add up"
[ "$(sed -n 's/^touchline_a_total_stitched //p' <<<"$totals")" = "$lines" ] || fail "sent $lines, stitched $(grep total_stitched <<<"$totals")"
[ "$(ls -d "$T"/live/journeys/journeys.* | wc -l)" = 1 ] || fail "an old store was left behind"
kill $UP; wait $UP
"$B/touchline" export --rows --data "$T/live" --out "$T/live.rows" || fail "export"
cmp "$T/live.rows" "$T/fresh.rows" || fail "rows differ from a fresh store's"

grep -q "^touchline_a_rebuild_total 0$" <<<"$totals" || fail "a rebuild that nobody sees: $(grep rebuild <<<"$totals")"
# ---- the log alone tells: without journeys/ and without a catalogue folder the same comes out ----
rm -rf "$T/live/journeys"
"$B/touchline" export --rows --data "$T/live" --out "$T/again.rows" || fail "export of the store made again"
cmp "$T/again.rows" "$T/fresh.rows" || fail "the log alone gives other rows"
echo "activate: $lines events, $(wc -l <"$T/fresh.rows") rows as a fresh store's, $killed kills in the middle"
