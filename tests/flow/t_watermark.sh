#!/usr/bin/env bash
# t_watermark.sh BUILD - a silent till is unknown, not a customer kept waiting: over HTTP, from heartbeats and empty lists to /api/breaks; before and after a rebuild.
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
is() { [ "$2" = "$3" ] || fail "$1: $2 instead of $3"; }
export TZ=UTC
address() { sed -n 's/.*"http":"\([^"]*\)".*/\1/p' "$store/run/$1.json" 2>/dev/null; }
until_true() { for _ in $(seq 600); do "$@" && return 0; sleep 0.1; done; fail "waited a minute for: $*"; return 1; }
answers() { viewer=$(address viewer); collector=$(address collector); [ -n "$viewer" ] && curl -sf -o /dev/null "$viewer/healthz" && curl -sf -o /dev/null "$collector/healthz"; }
start() {
    "$touchline" up --data "$store" --collector.port=0 --aggregator.port=0 --aggregator.bus='tcp://127.0.0.1:*' --viewer.port=0 >"$work/log" 2>&1 &
    up=$!
    until_true answers || { cat "$work/log"; exit 1; }
}
stitched() { local p; p=$(curl -s "$viewer/api/about" | sed -n 's/.*"position":\([0-9]*\).*/\1/p'); [ "${p:-0}" -ge "$sent" ]; }
send() { # key body
    curl -s "$collector/v1/events?ack=logged" -H "Authorization: Bearer $1" -d "$2" >"$work/answer"
    sent=$((sent + 1))
    until_true stitched
}
order() { printf '{"id":"%s-%s","type":"order.%s","time":"2026-03-02T12:0%s:00Z","ids":{"member":"m%s"},"order":"o%s","place":"%s"}' "$1" "$2" "$1" "$3" "$2" "$2" "$4"; }
beat() { printf '{"type":"heartbeat","time":"2026-03-02T%s:00Z"%s}' "$1" "${2:-}"; }
of() { "$build/flow/json_at" ".rest[id=$1].n" ".rest[id=$1].hits" ".rest[id=$1].unknown" <"$work/breaks" | paste -sd ' ' -; }
ask() { curl -s "$viewer/api/breaks?journey=order&from=2026-03-02&to=2026-03-02&as_of=${1:-2026-03-03T00:00:00Z}" >"$work/breaks"; }

mkdir -p "$store/catalogue"
cat >"$store/catalogue/case.json" <<'C'
{"journey_types": [{"id": "order", "key": "order", "good": ["order.fulfilled"]}],
 "clocks": [{"id": "wait", "start": "order.placed", "end": "order.fulfilled", "key": "order", "limit_s": 300, "ends_from": "till-{place}"},
            {"id": "asked", "start": "order.placed", "end": "order.fulfilled", "key": "order", "limit_s": 300},
            {"id": "pos", "start": "order.placed", "end": "order.fulfilled", "key": "order", "limit_s": 300, "ends_from": "pos@{place}"},
            {"id": "one", "start": "order.placed", "end": "order.fulfilled", "key": "order", "limit_s": 300, "ends_from": "kitchen"}],
 "checks": [{"id": "noted", "kind": "required", "at": "order.placed", "need": "order.read", "by": "order.fulfilled", "key": "order", "ends_from": "till-{place}"}]}
C
sent=1
start
send app "$(order placed 1 0 S01)"
send app "$(order placed 2 0 S03)"
ask
is "nobody has told anything" "$(of wait)" "0 0 2"
is "where nobody is asked" "$(of asked)" "2 2 0"
is "the header counts them" "$("$build/flow/json_at" .unknown <"$work/breaks")" 6
send till-S01 "$(beat 12:04)"
ask
is "told up to a minute before it was due" "$(of wait)" "0 0 2"
send till-S01 "$(beat 12:05)"
is "a heartbeat is accepted" "$(cat "$work/answer" | grep -o '"accepted":[0-9]*')" '"accepted":1'
ask
is "told up to when it was due" "$(of wait)" "1 1 1"
is "and before that nothing was due" "$(ask 2026-03-02T12:04:59Z; of asked)" "- - -"
send till-S01 "$(order fulfilled 1 7 S01)"
ask
is "an end that comes late is late" "$(of wait)" "1 1 1"
is "read or not: the till has told up to 12:05, the end came at 12:07" "$(of noted)" "0 0 1"
send till-S01 "$(beat 12:07)"
ask
is "it was not read" "$(of noted)" "1 1 0"
send pos "$(beat 12:30 ',"place":"S03"')"
ask
is "one write key for many places" "$(of pos)" "2 2 0"
send kitchen '[]'
is "an empty list accepts no event, and is kept" "$(grep -o '"accepted":0,.*"cursor":"' "$work/answer" | grep -c cursor)" 1
ask
is "a source for all places" "$(of one)" "2 2 0"
send till-S03 '[]'
ask
is "an empty list is a heartbeat" "$(of wait)" "2 2 0"
send till-S03 "$(order fulfilled 2 4 S03)"
ask
is "a late event repairs the break" "$(of wait)" "2 1 0"
curl -s "$collector/v1/events" -d '[]' >"$work/answer"
is "an empty list of nobody is nothing" "$(grep -c '"cursor":null' "$work/answer")" 1
is "they are nobody's events" "$(curl -s "$viewer/api/customers" | grep -o '"events":[0-9]*' | paste -sd ' ' -)" '"events":2 "events":2'
cp "$work/breaks" "$work/before"
end
"$touchline" rebuild --data "$store" >"$work/log" 2>&1 || { cat "$work/log"; fail "rebuild"; }
start
ask
cmp -s "$work/breaks" "$work/before" || fail "a rebuild changed: $(cat "$work/breaks") instead of $(cat "$work/before")"
mark() { "$touchline" export --rows --data "$store" 2>/dev/null | sed -n "s/.*\"row\":\"watermark\",\"source\":\"$1\",\"until\":\([0-9]*\).*/\1/p"; }
before=$(mark till-S03)
"$build/examples/till" "$collector" m9 >"$work/till" || fail "the till: $(cat "$work/till")"
is "what a till program sends" "$(cut -d, -f1,2 "$work/till")" "sent 4, waiting 0"
later() { local m; m=$(mark till-S03); [ "${m:-0}" -gt "$before" ]; }
until_true later
[ $failed = 0 ] && echo "silent sources are unknown, not breaks"
exit $failed
