#!/usr/bin/env bash
# t_visit_record.sh BUILD - a mystery visit from plan to scorecard through the real programs: recorded by hand and over the shopper's link (HTTPS, a code that can be
# scanned), its wait seen though no customer complained; tampered evidence, an unknown scenario, two visits with one shopper, a visit never finished: clear words, nothing lost.
. "$(dirname "$0")/collector_part.sh"
export LC_ALL=C.UTF-8 TZ=Asia/Shanghai
D="$T/main"
mkdir -p "$D/catalogue" "$T/tls"
cp "$(dirname "$0")"/../../schemas/catalogue/tea/*.json "$D/catalogue"
v() { "$B/touchline" visits "$@" --data "$D" >"$T/out" 2>"$T/err"; }
said() { grep -qE -- "$2" "$T/out" "$T/err" || bad "$1: $(cat "$T/out" "$T/err")"; }
has() { grep -qE -- "$2" "$3" || bad "$1: $(cat "$3")"; }
at() { "$B/flow/json_at" "$1" <"$T/json"; }
api() { curl -s "$V$1" >"$T/json"; }
until_is() { # what, address, path, want
    for n in $(seq 600); do
        api "$2"; [ "$(at "$3")" = "$4" ] && return 0
        sleep 0.05
    done
    bad "$1: $(at "$3") instead of $4"
}
iso() { date -u -d "@$1" +%Y-%m-%dT%H:%M:%SZ; }

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
    -keyout "$T/tls/key.pem" -out "$T/tls/cert.pem" 2>/dev/null || bad "no certificate"
chmod 600 "$T/tls/key.pem"
# beyond loopback only with TLS; half a pair of files is a mistake
"$B/touchline-viewer" -n --viewer.visit_bind=0.0.0.0 2>"$T/err" && bad "0.0.0.0 without TLS"
has "0.0.0.0 without TLS" 'phones there need HTTPS' "$T/err"
"$B/touchline-viewer" -n --viewer.tls_cert=x 2>"$T/err" && bad "half a pair"
has "half a pair" 'go together' "$T/err"
"$B/touchline-viewer" -n --viewer.visit_bind=0.0.0.0 --viewer.tls_cert="$T/tls/cert.pem" --viewer.tls_key="$T/tls/key.pem" || bad "0.0.0.0 with TLS"

"$B/touchline" up --data "$D" --collector.port=0 --aggregator.port=0 --aggregator.bus='tcp://127.0.0.1:*' --viewer.port=0 \
    --viewer.visit_bind=127.0.0.1 --viewer.visit_port=0 --viewer.tls_cert="$T/tls/cert.pem" --viewer.tls_key="$T/tls/key.pem" >"$T/up" 2>&1 &
PIDS="$PIDS $!"
UP=$!
for n in $(seq 400); do [ -s "$D/run/viewer.json" ] && [ -s "$D/run/collector.json" ] && break; sleep 0.05; done
V=$(sed -n 's/.*"http":"\([^"]*\)".*/\1/p' "$D/run/viewer.json")
C=$(sed -n 's/.*"http":"\([^"]*\)".*/\1/p' "$D/run/collector.json")
PHONES=$(sed -n 's/.*"visit":"\([^"]*\)".*/\1/p' "$D/run/viewer.json")
case $PHONES in https://127.0.0.1:*) ;; *) bad "no address for phones: $(cat "$D/run/viewer.json" "$T/up")" ;; esac
phone() { curl -s --cacert "$T/tls/cert.pem" "$@"; }

# ---- a scenario that leads nowhere ----
mkdir "$T/bad"; sed 's/{"touchpoint": "greet"/{"touchpoint": "counter"/' "$D/catalogue/scenarios.json" >"$T/bad/scenarios.json"
cp "$D"/catalogue/{touchpoints,standards,blueprints,journeys,dayparts}.json "$T/bad" 2>/dev/null
"$B/touchline" check "$T/bad" >"$T/out" 2>&1 && bad "a scenario with an unknown touchpoint is taken"
has "a scenario with an unknown touchpoint" 'scenarios.json.*"counter" is none; "touchpoints" describes' "$T/out"

# ---- plan ----
v plan nothing --place S03 && bad "an unknown scenario was planned"
said "an unknown scenario" 'no scenario .nothing.; it has lunch_pickup'
v plan lunch_pickup --place S03,S07 --each 2 --from 2026-12-01 --to 2026-12-31 || bad "plan: $(cat "$T/err")"
said "planned" '4 visits entered'
v plan lunch_pickup --place S03,S07 --each 2 --from 2026-12-01 --to 2026-12-31; said "planned again" '^0 visits entered'
v plan lunch_pickup --place S03 --each 9 --from 2026-12-01 --to 2026-12-31 --dry; said "no room" 'S03: 2 there, room for [01] more of 9'
api /api/visits
same "visits" "$(at '.visits.#') $(at .states.planned)" "4 4"
ID=$("$B/flow/json_at" '.visits[place=S03].id' <"$T/json")

# ---- a visit by hand: the wait is found though nobody complained ----
NOW=$(date +%s); T0=$((NOW - 1200))
v finish "$ID" && bad "finished before it began"
said "finished before it began" 'was never started; say when'
v start "$ID" --at "$(iso $T0)" --identity member:u90000 --order O-77 || bad "start: $(cat "$T/err")"
v start "$ID" && bad "started twice"
said "started twice" 'was started at'
{
    printf '{"type":"order.placed","id":"a1","time":"%s","order":"O-77","place":"S03","tier":"gold","ids":{"member":"u90000","device":"d-shared"}}\n' "$(iso $T0)"
    printf '{"type":"order.fulfilled","id":"a2","time":"%s","order":"O-77","place":"S03","ids":{"member":"u90000"}}\n' "$(iso $((T0 + 640)))"
    printf '{"type":"order.placed","id":"b1","time":"%s","order":"O-78","place":"S03","ids":{"member":"c1","device":"d-shared"}}\n' "$(iso $T0)"
    printf '{"type":"order.fulfilled","id":"b2","time":"%s","order":"O-78","place":"S03","ids":{"member":"c1"}}\n' "$(iso $((T0 + 300)))"
} | curl -s -o /dev/null "$C/v1/events?key=pos&ack=logged" --data-binary @-
printf '\xff\xd8\xff a photo' >"$T/p.jpg"; printf '<html>' >"$T/p.html"
v record "$ID" --stamp enter="$(iso $T0)" --stamp order="$(iso $T0)" --stamp receive="$(iso $((T0 + 640)))" --answer greeting=no:没有称呼 --answer note=na --answer tidy=yes --evidence "$T/p.jpg:tidy" || bad "record: $(cat "$T/err")"
v record "$ID" --answer nothing=yes && bad "an item that is none"
said "an item that is none" 'no item .nothing.; it has tidy greeting'
v record "$ID" --answer greeting=na && bad "na where it may not be"
v record "$ID" --stamp fly && bad "a stamp that is none"
v record "$ID" --evidence "$T/p.html" && bad "a page as evidence"
said "a page as evidence" 'is a picture'
v finish "$ID" --at "$(iso $((T0 + 700)))" || bad "finish: $(cat "$T/err")"
v show "$ID" || bad "show: $(cat "$T/out")"
for line in 'state: finished' 'orders: O-77' 'no +greeting: 没有称呼' 'na +note' 'receive' 'as it was taken'; do said "show" "$line"; done
until_is "the visit's journey" "/api/visits/$ID" '.journeys.#' 1
same "the wait is found" "$(at '.timings[id=handover_wait].is') $(at '.timings[id=handover_wait].took_ms')" "broken 640000"
same "the critical item is answered by it" "$(at .score.failed)" true
same "the photo" "$(at '.sections[touchpoint=arrive].items[id=tidy].evidence.#')" 1
HREF=$(at '.sections[touchpoint=arrive].items[id=tidy].evidence[type=image/jpeg].href')
curl -s "$V$HREF" | cmp -s - "$T/p.jpg" || bad "the photo is not what was taken: $HREF"
curl -s "$V/api/visits/$ID?reader=outlet" >"$T/json"
grep -qE 'u90000|O-77|没有人|"customer"|"hash":"|"name":"[0-9a-f]{32}' "$T/json" && bad "the outlet reads who the shopper is: $(cat "$T/json")"
api '/api/map?journey=order'; same "customers see one order" "$(at .journeys)" 1
api '/api/customers?id=member:c1'; same "a device seen at a visit ties nobody" "$(at '.customers[journeys=2].identities')" 2
api "/api/alerts?stream=live&limit=1000"; same "no alert for the store" "$(at '.alerts.#')" 0
for n in $(seq 300); do api "/api/alerts?stream=mystery&limit=1000"; [ "$(at '.alerts.#')" -gt 0 ] 2>/dev/null && break; sleep 0.1; done
grep -q '"stream":"mystery"' "$T/json" && grep -q handover_wait "$T/json" || bad "QA is not told: $(cat "$T/json")"

# ---- over the shopper's link ----
ID7=$(curl -s "$V/api/visits" | "$B/flow/json_at" '.visits[place=S07].id')
v link "$ID7" || bad "link: $(cat "$T/err")"
URL=$(grep -o 'https://[^ ]*' "$T/out")
case $URL in "$PHONES/visit/"*) ;; *) bad "link: $URL" ;; esac
# the code on the terminal, drawn large in black and white, reads as the link
sed -n 's/█/A/g; s/▀/B/g; s/▄/C/g; /^[ABC ]*$/p' "$T/out" | awk '
    { n = length($0); up = ""; low = ""
        for (i = 1; i <= n; i++) { c = substr($0, i, 1); up = up ((c == "A" || c == "B") ? 0 : 1); low = low ((c == "A" || c == "C") ? 0 : 1) }
        row[++rows] = up; row[++rows] = low }
    END { s = 6; print "P1"; print n * s, rows * s
        for (r = 1; r <= rows; r++) { line = ""; for (i = 1; i <= n; i++) for (k = 0; k < s; k++) line = line substr(row[r], i, 1) " "
            for (k = 0; k < s; k++) print line } }' >"$T/code.pbm"
if command -v zbarimg >/dev/null; then
    same "the code reads as the link" "$(zbarimg -q --raw "$T/code.pbm" 2>/dev/null)" "$URL"
fi
same "the page over HTTPS" "$(phone -o "$T/page" -w '%{http_code}' "$URL")" 200
grep -q 'id="visit"' "$T/page" && grep -q '午间下单自提' "$T/page" || bad "the page: $(head -c 300 "$T/page")"
grep -qE 'src=|href=|@import|url\(' "$T/page" && bad "the page fetches: $(grep -oE '.{20}(src=|href=|@import|url\().{20}' "$T/page")"
for p in / /api/visits /healthz "/api/control/visit" /evidence; do same "phones at $p" "$(phone -o /dev/null -w '%{http_code}' "$PHONES$p")" 404; done
same "another method" "$(phone -o /dev/null -w '%{http_code}' -X PUT "$URL")" 405
same "a photo" "$(phone -o "$T/said" -w '%{http_code}' --data-binary @"$T/p.jpg" "$URL/photo?item=tidy")" 200
same "too large a photo" "$(head -c 3000000 /dev/zero | phone -o /dev/null -w '%{http_code}' --data-binary @- "$URL/photo?item=tidy")" 413
BODY="{\"now\":${NOW}000,\"stamps\":[{\"what\":\"enter\",\"time\":$((NOW - 900))000},{\"what\":\"leave\",\"time\":$((NOW - 60))000}],\"answers\":[{\"item\":\"greeting\",\"value\":\"yes\"}],\"order\":\"O-90\"}"
same "sent" "$(phone -d "$BODY" "$URL/send")" '{"received":true}'
same "sent again" "$(phone -d "$BODY" "$URL/send")" '{"received":true}'
until_is "finished" "/api/visits/$ID7" .state finished
same "what was sent" "$(at '.orders.#') $(at '.sections[touchpoint=greet].items[id=greeting].answer') $(at .evidence) $(at .from)" "1 yes 1 $((NOW - 900))000"
phone "$URL" | grep -q '"received":true' || bad "the page after it was sent"
v link "$ID7" && bad "a link for a finished visit"

# ---- one shopper twice, never finished, and what doctor says ----
v register x1 --from "$(iso $((T0 + 100)))" --to "$(iso $((T0 + 200)))" --identity member:u90000 || bad "register"
v record x1 --note again; said "one shopper at one time" "x1 and $ID have one shopper at one time"
ID4=$(curl -s "$V/api/visits" | "$B/flow/json_at" '.visits[state=planned].id')
v start "$ID4" --at "$(iso $((NOW - 90000)))" || bad "start of another"
v link "$ID4" --text || bad "link of another"
v register gone --from "$(iso $T0)" --to "$(iso $NOW)" --order Z --scenario was_there_once || bad "register"
v record gone --answer anything=yes || bad "a scenario that is gone: $(cat "$T/err")"
said "a scenario that is gone" 'no longer has the visit.s scenario: stamps and answers are kept'
printf x >>"$(echo "$D"/evidence/*/*.jpg | cut -d' ' -f1)"
"$B/touchline" doctor --data "$D" >"$T/doctor" 2>&1 && bad "doctor finds nothing wrong"
has "doctor: tampered" 'BAD +evidence of visit .*was changed after the visit' "$T/doctor"
has "doctor: one shopper" 'warn +visits .*have one shopper at one time' "$T/doctor"
has "doctor: never finished" 'warn +1 visits were started and never finished' "$T/doctor"
has "doctor: scenario" 'warn +visit gone names scenario "was_there_once"' "$T/doctor"
has "doctor: a certificate nobody trusts" 'BAD +[0-9]+ links for shoppers are open, and https://.* does not answer' "$T/doctor"
[ "$(for i in "$ID" "$ID7"; do v show "$i" || cat "$T/out"; done | grep -c 'CHANGED after the visit')" = 1 ] || bad "show of tampered evidence"
api /api/visits
same "the API says so" "$(at "[\"visits\"]" >/dev/null 2>&1; at '.visits[id=x1].at_once.#') $(at ".visits[id=$ID4].late")" "1 not_finished"

# ---- backup and restore bring evidence; withdrawn, the visit's events are a customer's again ----
"$B/touchline" backup "$T/copy" --data "$D" >"$T/out" 2>&1 || bad "backup: $(cat "$T/out")"
v withdraw "$ID" || bad "withdraw"
v withdraw x1
for n in $(seq 600); do api '/api/map?journey=order'; [ "$(at .journeys)" = 2 ] && break; sleep 0.05; done
same "withdrawn" "$(at .journeys)" 2
kill -TERM "$UP"; wait "$UP"
v show "$ID7"; cp "$T/out" "$T/before"
v register "$ID7" --from "$(iso $((NOW - 1000)))" --to "$(iso $NOW)" --place S07 --order O-90 || bad "registered anew"      # times and identities; what the shopper told stays
"$B/touchline" rebuild --data "$D" >"$T/out" 2>&1 || bad "rebuild: $(cat "$T/out")"
v show "$ID7"; same "rebuilt: answers and evidence" "$(grep -E 'greeting|enter|leave|jpg' "$T/out")" "$(grep -E 'greeting|enter|leave|jpg' "$T/before")"
"$B/touchline" restore "$T/copy" --data "$T/again" --key "$D/keys/backup.key" >"$T/out" 2>&1 || bad "restore: $(cat "$T/out")"
diff -r "$D/evidence" "$T/again/evidence" >"$T/diff" || bad "evidence after restore: $(cat "$T/diff")"
"$B/touchline" visits show "$ID7" --data "$T/again" >"$T/out" 2>&1; grep -q 'orders: O-90' "$T/out" || bad "the visit after restore: $(cat "$T/out")"

[ ! -e "$T/failed" ] || exit 1
say "planned, recorded, sent, proved: a visit finds the wait, and nothing is lost"
