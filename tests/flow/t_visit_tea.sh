#!/usr/bin/env bash
# t_visit_tea.sh BUILD - the tea case with mystery visits, over HTTP: planned visits find the wait before any customer complained; after the new layout complaints go from
# 50 to 29 of 200, a visit no longer meets the wait, and the replays say the same. Customers' figures are those without visits, to the byte.
. "$(dirname "$0")/collector_part.sh"
export LC_ALL=C.UTF-8 TZ=UTC TMPDIR=$T
D="$T/main"
AS_OF=2026-03-31T00:00:00Z
v() { "$B/touchline" "$@" --data "$D" >"$T/out" 2>"$T/err"; }
at() { "$B/flow/json_at" "$@" <"$T/json" | paste -sd ' ' -; }
api() { curl -s "$V/api/$1" >"$T/json"; }
mkdir -p "$D/catalogue"
cat >"$D/catalogue/case.json" <<'C'
{"touchpoints": [{"id": "pay", "match": {"type": "order.placed"}}, {"id": "handover", "title": {"zh": "取到饮品", "en": "Hand-over"}, "match": {"type": "order.fulfilled"}},
                 {"id": "complaint", "match": {"type": "complaint.opened"}}],
 "journey_types": [{"id": "order", "key": "order", "gap_d": 5, "good": ["order.fulfilled"], "damage": "unhappy", "blueprint": "pickup"}],
 "clocks": [{"id": "wait", "start": "order.placed", "end": "order.fulfilled", "key": "order", "limit_s": 480, "allowed": 0.05, "on": "handover"}],
 "outcomes": [{"id": "unhappy", "when": "complaint.opened", "of": "journey", "after": "handover", "within_s": 259200, "horizon_d": 3}],
 "blueprints": [{"id": "pickup", "journey": "order", "steps": [{"touchpoint": "pay"}, {"touchpoint": "handover", "max_wait_s": 480, "standard": "wait"}]}],
 "scenarios": [{"id": "tea", "title": {"zh": "点单取餐", "en": "Order and pick up"}, "blueprint": "pickup", "visits_per_place": 2, "apart_d": 2, "slots": [{"id": "noon", "from": "10:00", "to": "12:00"}],
   "stamps": [{"id": "order", "touchpoint": "pay"}, {"id": "receive", "touchpoint": "handover"}], "clocks": [{"id": "w", "from": "order", "to": "receive", "standard": "wait"}],
   "steps": [{"touchpoint": "handover", "items": [{"id": "wait", "title": {"zh": "8 分钟内取到?", "en": "Within 8 minutes?"}, "critical": true, "standard": "wait"}]}]}]}
C
"$B/touchline" up --data "$D" --collector.port=0 --aggregator.port=0 --aggregator.bus='tcp://127.0.0.1:*' --viewer.port=0 >"$T/up" 2>&1 &
PIDS="$PIDS $!"
for n in $(seq 600); do [ -s "$D/run/viewer.json" ] && [ -s "$D/run/collector.json" ] && break; sleep 0.05; done
V=$(sed -n 's/.*"http":"\([^"]*\)".*/\1/p' "$D/run/viewer.json")
C=$(sed -n 's/.*"http":"\([^"]*\)".*/\1/p' "$D/run/collector.json")
send() { # NDJSON on standard input; seen by the viewer
    curl -s "$C/v1/events?ack=logged" --data-binary @- >"$T/said"
    grep -q '"quarantined":\[\]' "$T/said" || bad "sent: $(cat "$T/said")"
}
until_journeys() { # stream, how many
    for n in $(seq 600); do api "map?journey=order&stream=$1&as_of=$AS_OF"; [ "$(at .journeys)" = "$2" ] && return 0; sleep 0.05; done
    bad "$1: $(at .journeys) journeys instead of $2"
}
visit() { # id, shopper, seconds waited: as planned, its events through the till like anyone's
    local from
    api visits; from=$(($(at ".visits[id=$1].from") / 1000))
    v visits start "$1" --at "${from}000" --order "v-$1" || bad "start: $(cat "$T/err")"
    printf '{"type":"order.placed","id":"p%s","ids":{"member":"%s"},"order":"v-%s","place":"S01","channel":"store","time":%s000}\n{"type":"order.fulfilled","id":"f%s","ids":{"member":"%s"},"order":"v-%s","place":"S01","channel":"store","time":%s000}\n' \
        "$1" "$2" "$1" "$from" "$1" "$2" "$1" "$((from + $3))" | send
    v visits record "$1" --stamp "order=${from}000" --stamp "receive=$((from + $3))000" || bad "record: $(cat "$T/err")"
    v visits finish "$1" --at "$((from + $3 + 60))000" || bad "finish: $(cat "$T/err")"
}

# ---- before: two planned visits; nobody complained, nobody even ordered ----
v visits plan tea --place S01 --from 2026-01-05 --to 2026-01-11 --identity member:shopper || bad "plan: $(cat "$T/err")"
api visits; ONE=$(at '.visits[0].id') TWO=$(at '.visits[1].id')
visit "$ONE" shopper 640
visit "$TWO" shopper 595
until_journeys mystery 2
api "visits/$ONE"
same "the wait is found" "$(at '.journeys[0].breaks[0].id' '.score.failed' '.timings[id=wait].took_ms' '.timings[id=w].is')" "wait true 640000 broken"
api "map?journey=order&as_of=$AS_OF"; same "no customer yet" "$(at .journeys)" 0
api "alerts?stream=live"; same "no alert to the store" "$(at '.alerts.#')" 0

# ---- 200 orders and 50 complaints; the new layout; 200 and 29 ----
awk 'function stamp(day, second) { return sprintf("%.0f", (1767571200 + day * 86400 + second) * 1000) }
    function event(id, type, who, time, o) { printf "{\"id\":\"%s\",\"type\":\"%s\",\"ids\":{\"member\":\"%s\"},\"time\":%s,%s}\n", id, type, who, time, o }
    function order(n, day, wait, complains,   who, o) {
        who = "m" n; o = "\"order\":\"o" n "\",\"channel\":\"store\",\"place\":\"S01\""
        event("p" n, "order.placed", who, stamp(day, 36000), o); event("f" n, "order.fulfilled", who, stamp(day, 36000 + wait), o)
        if (complains) event("c" n, "complaint.opened", who, stamp(day, 40000), o) }
    BEGIN { for (i = 0; i < 200; i++) order("a" i, i % 28, i < 60 ? 600 + i : 200 + i, i < 45 || i >= 195)
            for (i = 0; i < 200; i++) order("b" i, 28 + i % 28, i < 12 ? 600 + i : 200 + i, i < 9 || i >= 180) }' >"$T/orders"
send <"$T/orders"
v improve add relayout --cell order:unhappy --start 2026-02-02 --action 新动线 || bad "improve"
v visits plan tea --place S01 --each 1 --from 2026-02-09 --to 2026-02-15 --identity member:shopper2 || bad "plan: $(cat "$T/err")"
api visits; THREE=$(at '.visits[2].id')
visit "$THREE" shopper2 410
until_journeys mystery 3
until_journeys live 400
figures() { for q in map breaks impact improvements moments; do curl -s "$V/api/$q?journey=order&as_of=$AS_OF" | sed 's/"entered":[0-9]*,"changed":[0-9]*//g; s/"catalogue_since":[0-9]*//'; echo; done; }
api "improvements?journey=order&as_of=$AS_OF"
same "complaints before and after" "$(at '.improvements[id=relayout].before.acted.k' '.improvements[id=relayout].before.acted.n' '.improvements[id=relayout].after.acted.k' '.improvements[id=relayout].after.acted.n' '.improvements[id=relayout].verdict.id')" "50 200 29 200 works"
same "in points and percent" "$(at '.improvements[id=relayout].effect.value' '.improvements[id=relayout].relative.value' | awk '{ printf "%.1f %.0f", $1 * 100, $2 * 100 }')" "-10.5 -42"
api "visits/$THREE"; same "the visit after it" "$(at '.journeys[0].breaks.#' '.score.value' '.timings[id=w].is')" "0 1 kept"
api "confirmed?journey=order&from=2026-01-05&to=2026-02-01&as_of=$AS_OF"
grep -q '双重确认' "$T/json" || bad "not confirmed by both: $(cat "$T/json")"
api visits; same "the next visit of the place" "$(at '.again.#')" 1

# ---- replays say the same; customers' figures move by nothing ----
figures >"$T/before"
for id in "$ONE" "$THREE"; do v replay "$id" --as-of "$AS_OF" --json || bad "replay $id: $(cat "$T/err" "$T/out")"; cp "$T/out" "$T/replay-$id"; done
same "the replay before breaks" "$(grep -c 'break wait at handover' "$T/replay-$ONE")" 1
same "the replay after does not" "$(grep -c 'break wait at handover' "$T/replay-$THREE")" 0
figures >"$T/after"
cmp -s "$T/before" "$T/after" || bad "replays moved customers' figures"
for id in "$ONE" "$TWO" "$THREE"; do v visits withdraw "$id" || bad "withdraw"; done
until_journeys live 403
v visits register all --from 2026-01-04T00:00:00Z --to 2026-01-12T00:00:00Z --identity member:shopper || bad "register"
v visits register third --from 2026-02-08T00:00:00Z --to 2026-02-16T00:00:00Z --order "v-$THREE" || bad "register"
until_journeys live 400
figures >"$T/after"
cmp -s "$T/before" "$T/after" || bad "withdrawn and entered again, customers' figures moved"

[ ! -e "$T/failed" ] || exit 1
say "a planned visit finds the wait before a complaint; 50 to 29 of 200; the replay after it is clean"
