#!/usr/bin/env bash
# t_journey_breaks.sh BUILD - the breaks of one journey at /api/customers/{customer}: rule, touchpoint, stage, channel, place, expected, actual, severity, evidence,
# owner; which is the first and which the worst; and that a late event takes one away.
set -u
build=$1
touchline=$build/touchline
work=$(mktemp -d)
store=$work/store
up=
end() { [ -n "$up" ] && kill "$up" 2>/dev/null && wait "$up" 2>/dev/null; up=; }
. "$(dirname "$0")/accounted.sh"
trap 'rc=$?; accounted "$work" || rc=1; end; rm -rf "$work"; exit $rc' EXIT
failed=0
fail() { echo "FAILED: $*"; failed=1; }
is() { [ "$2" = "$3" ] || fail "$1:"$'\n'"  $2"$'\n'"instead of"$'\n'"  $3"; }
export TZ=UTC
address() { sed -n 's/.*"http":"\([^"]*\)".*/\1/p' "$store/run/$1.json" 2>/dev/null; }
until_true() { for _ in $(seq 600); do "$@" && return 0; sleep 0.1; done; fail "waited a minute for: $*"; return 1; }
answers() { viewer=$(address viewer); collector=$(address collector); [ -n "$viewer" ] && curl -sf -o /dev/null "$viewer/healthz" && curl -sf -o /dev/null "$collector/healthz"; }
stitched() { local p; p=$(curl -s "$viewer/api/about" | sed -n 's/.*"position":\([0-9]*\).*/\1/p'); [ "${p:-0}" -ge "$sent" ]; }
sent=1
tell() { # who type minute more
    printf '{"id":"e%s","type":"%s","time":"2026-03-02T12:%s:00Z","ids":{"member":"%s"},"order":"o-%s","case":"c-%s"%s}\n' "$sent" "$2" "$3" "$1" "$1" "$1" "${4:+,$4}" >>"$work/body"
    sent=$((sent + 1))
}
send() {
    curl -s "$collector/v1/events?ack=logged" --data-binary @"$work/body" >"$work/answer"
    grep -q '"quarantined":\[\]' "$work/answer" || fail "the collector answered $(cat "$work/answer")"
    : >"$work/body"
    until_true stitched
}
journey() { # who [as_of]
    local id
    id=$(curl -s "$viewer/api/customers?id=member:$1" | "$build/flow/json_at" '.customers[0].customer')
    curl -s "$viewer/api/customers/$id?as_of=${2:-2026-03-20T00:00:00Z}" >"$work/$1"
}
at() { local who=$1; shift; "$build/flow/json_at" "${@/#/.journeys[type=order]}" <"$work/$who" | paste -sd ' ' -; }

mkdir -p "$store/catalogue"
cat >"$store/catalogue/case.json" <<'C'
{"stage_models": [{"id": "M", "stages": [{"id": "buy"}, {"id": "use"}]}],
 "touchpoints": [{"id": "pay", "stage": {"M": "buy"}, "match": {"type": "order.placed"}}, {"id": "kitchen", "backstage": true, "owner": "Kitchen", "match": {"type": "order.cooked"}},
   {"id": "booked"}, {"id": "bus"}, {"id": "train"}, {"id": "snack"}, {"id": "arrived"},
   {"id": "handover", "title": {"zh": "取到饮品", "en": "Hand-over"}, "stage": {"M": "use"}, "owner": "Store", "match": {"type": "order.fulfilled"}}],
 "journey_types": [{"id": "order", "key": "order", "good": ["order.fulfilled"]}, {"id": "trip", "key": "journey", "good": ["arrived"], "blueprint": "plan"}],
 "blueprints": [{"id": "plan", "journey": "trip", "steps": [{"touchpoint": "booked"}, {"touchpoint": "bus", "one_of": "ride"}, {"touchpoint": "train", "one_of": "ride"}, {"touchpoint": "snack", "need": "optional"}, {"touchpoint": "arrived"}]}],
 "clocks": [{"id": "wait", "start": "order.placed", "end": "order.fulfilled", "key": "order", "limit_s": 480, "on": "handover"},
   {"id": "vip", "start": "complaint.opened", "end": "complaint.assigned", "key": "case", "limit_s": 600, "tiers": ["gold"], "class": "basic", "owner": "Care"}],
 "checks": [{"id": "note", "kind": "required", "at": "order.note", "need": "order.note_executed", "by": "order.fulfilled", "confirm": "order.note_confirmed", "key": "order", "on": "kitchen"},
   {"id": "context", "kind": "context", "at": ["service.request", "service.response", "service.resolved"]}, {"id": "csat", "kind": "score", "score": "csat5", "lowest": 2}],
 "promises": [{"id": "delivery", "key": "order", "kept": "order.fulfilled"}]}
C
"$touchline" up --data "$store" --collector.port=0 --aggregator.port=0 --aggregator.bus='tcp://127.0.0.1:*' --viewer.port=0 >"$work/log" 2>&1 &
up=$!
until_true answers || { cat "$work/log"; exit 1; }
: >"$work/body"

tell a order.placed 00 '"channel":"app","place":"S07"'
tell a order.note 01
tell a order.note_confirmed 02
tell a order.cooked 10
tell a order.fulfilled 25 '"channel":"store","place":"S07"'
tell a feedback.text 40 '"scores":{"csat5":1}'
tell b service.request 00 '"channel":"app"'
tell b service.response 05 '"channel":"phone","props":{"context":"no"}'
tell b service.resolved 50 '"channel":"store"'
tell v order.placed 00 '"tier":"gold"'
tell v complaint.opened 05
tell p order.placed 00
tell p promise.made 00 '"promise":{"what":"delivery","due":"2026-03-02T12:30:00Z"}'
tell p order.fulfilled 45
send

journey a
is "order a: earliest evidence first" "$(at a .breaks.# .breaks[0].id .breaks[1].id .breaks[2].id)" "3 wait note csat"
is "the wait" "$(at a '.breaks[id=wait].type' '.breaks[id=wait].touchpoint' '.breaks[id=wait].stage.M' '.breaks[id=wait].channel' '.breaks[id=wait].place' '.breaks[id=wait].owner' \
    '.breaks[id=wait].unit' '.breaks[id=wait].expected' '.breaks[id=wait].actual' '.breaks[id=wait].severity' '.breaks[id=wait].open')" "wait handover use app S07 Store ms 480000 1500000 3 false"
is "its evidence" "$(at a '.breaks[id=wait].evidence[0].id' '.breaks[id=wait].evidence[0].type' '.breaks[id=wait].evidence[1].id' '.breaks[id=wait].evidence[1].type')" "e1 order.placed e5 order.fulfilled"
is "first and worst" "$(at a '.breaks[id=wait].first' '.breaks[id=wait].worst' '.breaks[id=note].first' '.breaks[id=note].worst')" "true true false false"
is "the note, confirmed and not carried out" "$(at a '.breaks[id=note].type' '.breaks[id=note].touchpoint' '.breaks[id=note].owner' '.breaks[id=note].confirmed' '.breaks[id=note].evidence[0].id' '.breaks[id=note].evidence[1].id')" "required kitchen Kitchen true e2 e5"
is "the score" "$(at a '.breaks[id=csat].expected' '.breaks[id=csat].actual' '.breaks[id=csat].unit' '.breaks[id=csat].evidence[0].id')" "2 1 score e6"
[ "$(at a '.breaks[id=wait].rule' | grep -cE '^[0-9a-f]{32}$')" = 1 ] || fail "no rule hash"
journey a 2026-03-02T12:07:59Z
is "a moment before it is due there is none" "$(at a .breaks.#)" 0
journey b
is "context lost on the way to the phone" "$("$build/flow/json_at" '.journeys[type=all].breaks.#' '.journeys[type=all].breaks[0].id' '.journeys[type=all].breaks[0].expected' '.journeys[type=all].breaks[0].actual' \
    '.journeys[type=all].breaks[0].evidence[0].id' '.journeys[type=all].breaks[0].channel' <"$work/b" | paste -sd ' ' -)" "1 context app phone e8 phone"
journey v 2026-03-02T12:15:00Z
is "never taken: a break by time alone" "$(at v '.breaks[id=vip].open' '.breaks[id=vip].actual' '.breaks[id=vip].severity' '.breaks[id=vip].owner' '.breaks[id=vip].evidence.#')" "true 600000 2 Care 1"
# app and phone know the customer by other names, until a link says that they are one
raw() { printf '{"id":"e%s","type":"%s","time":"2026-03-02T13:%s:00Z","ids":{%s},"case":"c-z"%s}\n' "$sent" "$1" "$2" "$3" "${4:+,$4}" >>"$work/body"; sent=$((sent + 1)); }
switches() { curl -s "$viewer/api/breaks?journey=all&from=2026-03-02&to=2026-03-02&as_of=2026-03-20T00:00:00Z" | "$build/flow/json_at" '.rest[id=context,touchpoint=service.response].n' '.rest[id=context,touchpoint=service.response].hits' | paste -sd ' ' -; }
raw service.request 00 '"member":"z"' '"channel":"app"'
raw service.response 05 '"phone":"+8613800000000"' '"channel":"phone","props":{"context":"yes"}'
send
is "one switch is known, of another case" "$(switches)" "1 1"
raw identity.link 10 '"member":"z","phone":"+8613800000000"'
send
is "linked, the case goes on over the phone, and nothing was lost" "$(switches)" "2 1"
journey p
is "a promise, and no word of it" "$(at p '.breaks[id=delivery].type' '.breaks[id=delivery].unit' '.breaks[id=delivery].expected' '.breaks[id=delivery].actual' '.breaks[id=delivery_word].type')" \
    "promise time 1772454600000 1772455500000 no_word"
tell v complaint.assigned 14
tell p order.fulfilled 29
send
journey v
is "taken in time, told late" "$(at v '.breaks[id=vip].#')" "-"
journey p
is "kept in time, told late" "$(at p '.breaks[id=delivery].#' '.breaks[id=delivery_word].#')" "- -"
trip() { local who=$1 minute=10; shift; for type in "$@"; do tell "$who" "$type" "$minute" "\"journey\":\"trip-$who\""; minute=$((minute + 1)); done; }
trip t1 booked train snack arrived
trip t2 booked detour arrived
trip t3 bus booked arrived
send
journey t2
of_trip() { "$build/flow/json_at" "${@/#/.journeys[type=trip]}" <"$work/$who" | paste -sd ' ' -; }
who=t2
is "a detour, and no ride" "$(of_trip '.breaks.#' '.breaks[0].type' '.breaks[0].touchpoint' '.breaks[0].evidence[0].type' '.breaks[1].type' '.breaks[1].touchpoint' '.breaks[1].severity')" "2 ad_hoc detour detour missing bus 3"
journey t3
who=t3
is "booked after the ride" "$(of_trip '.breaks.#' '.breaks[0].type' '.breaks[0].expected' '.breaks[0].actual')" "1 out_of_order booked bus"
q='breaks?journey=trip&from=2026-03-02&to=2026-03-02&as_of=2026-03-20T00:00:00Z'
curl -s "$viewer/api/$q" >"$work/trips"
is "counted with all trips" "$("$build/flow/json_at" '.rest[id=ad_hoc].touchpoint' '.rest[id=ad_hoc].hits' '.rest[id=ad_hoc].n' '.rest[id=missing,touchpoint=bus].hits' '.rest[id=missing,touchpoint=bus].n' \
    '.rest[id=out_of_order,touchpoint=bus].hits' <"$work/trips" | paste -sd ' ' -)" "detour 1 3 1 3 1"
behind() { curl -s "$viewer/api/journeys?journey=trip&as_of=2026-03-20T00:00:00Z&break=$1" | "$build/flow/json_at" .count; }
is "the journeys behind them" "$(behind ad_hoc/detour) $(behind 'ad_hoc/detour&hit=no') $(behind missing/bus) $(behind out_of_order/bus)" "1 2 1 1"
[ $failed = 0 ] && echo "breaks of one journey: each with what proves it"
exit $failed
