#!/usr/bin/env bash
# t_quarantine.sh BUILD - good events, duplicates, refusals, a run taken back, restarts, a rebuild: everything received stands in one of the stored totals at
# every step; refused items are shown whole and sent again.
. "$(dirname "$0")/collector_part.sh"

start_aggregator() {
    "$B/touchline-aggregator" --data "$T/main" --aggregator-port 0 --aggregator-bus 'tcp://127.0.0.1:*' 2>>"$T/log.aggregator" &
    AGG=$!
    PIDS="$PIDS $AGG"
    for n in $(seq 100); do
        grep -q "\"pid\":$AGG," "$T/main/run/aggregator.json" 2>/dev/null && break
        sleep 0.05
    done
    A=$(sed -n 's/.*"http":"\([^"]*\)".*/\1/p' "$T/main/run/aggregator.json")
}
settled() {
    for n in $(seq 300); do
        curl -s "$U/healthz" | grep -q '"backlog":0' && curl -s "$A/healthz" | grep -qE '"position":([0-9]+),"stitched":\1,.*"rebuild":null' && return 0
        sleep 0.05
    done
    bad "not settled: $(curl -s "$A/healthz")"
}
totals() { curl -s "$A/metrics" | sed -n 's/^touchline_a_total_//p' | tr '\n' ' '; }
post() { curl -s "$U/v1/events?ack=logged" -H "Authorization: Bearer ${2:-shop}" -d "$1" > "$T/answer"; }
control() { curl -s -X POST -H "Authorization: Bearer $(cat "$T/main/run/token")" "$A/control/$1" -d "$2" > "$T/answer"; }
say_totals() { # what, wanted: received stitched duplicates quarantined suppressed
    settled
    # shellcheck disable=SC2086
    set -- "$1" "received $2 stitched $3 duplicates $4 quarantined $5 suppressed $6 heartbeats 0 on_the_way 0 unaccounted 0 " "$(totals)"
    same "$1" "$3" "$2"
}

start_aggregator
start_collector "$T/main"
say_totals "empty" 0 0 0 0 0
ten=$(for i in $(seq 10); do printf '{"type":"buy","id":"e%d","ids":{"member":"m%d"},"time":"2026-01-0%dT10:00:00Z"}\n' $i $((i % 4)) $((i % 9 + 1)); done)
post "$ten"; say_totals "ten" 10 10 0 0 0
post "$ten"; say_totals "ten again" 20 10 10 0 0
post '[{"type":"buy","id":"x1"},{"id":"x2","ids":{"member":"m1"}},{"ids":{"member":"m1"}},{"type":"buy","id":"x4","ids":{"member":"m1"},"seq":
"no"}]'
say_totals "four refused" 24 10 10 4 0
post '{"type":"buy","id":"e1","ids":{"member":"m1"},"time":"2026-01-02T10:00:00Z","channel":"phone"}'
say_totals "another payload" 25 10 10 5 0
control link '{"a":{"kind":"member","value":"m1"},"b":{"kind":"member","value":"m2"}}'
say_totals "a control record is no event" 25 10 10 5 0
post "$ten" import:csv:run; say_totals "a run" 35 20 10 5 0
control undo '{"origin":"import:csv:run"}'
sleep 0.3; say_totals "taken back" 35 10 10 5 10
kill -9 $AGG; wait $AGG 2>/dev/null
start_aggregator
post "$(echo "$ten" | tail -n 9)"; say_totals "killed and started again" 44 10 19 5 10
control unlink '{"a":{"kind":"member","value":"m1"},"b":{"kind":"member","value":"m2"}}'
control rebuild '{}'
sleep 0.3; say_totals "rebuilt" 44 10 19 5 10

# ---- items, one by one and again ----
"$B/touchline" quarantine --data "$T/main" > "$T/out" 2>&1 || bad "list: $(cat "$T/out")"
same "listed" "$(grep -c ' shop ' "$T/out")" 5
"$B/touchline" quarantine show 4 --data "$T/main" > "$T/out" || bad show
same "whole, as it came" "$(tail -n 2 "$T/out" | tr -d '\n')" '{"type":"buy","id":"x4","ids":{"member":"m1"},"seq":"no"}'
same "reason" "$(sed -n 's/^reason *//p' "$T/out") $(sed -n 's/^origin *//p' "$T/out")" "field_type shop"
"$B/touchline" quarantine show 99 --data "$T/main" > "$T/out" 2>&1 && bad "item 99"
"$B/touchline" quarantine replay --reason field_type --data "$T/main" > "$T/out" 2>&1 || bad "replay: $(cat "$T/out")"
same "nothing was fixed" "$(tail -n 1 "$T/out")" "1 sent again: 0 accepted, 1 refused again; 0 left as they are"
say_totals "refused again" 45 10 19 6 10
echo '{"type":"buy","ids":{"member":"m1"}}' > "$T/fixed"
"$B/touchline" quarantine replay 3 --with "$T/fixed" --data "$T/main" > "$T/out" 2>&1 || bad "replay: $(cat "$T/out")"
same "corrected" "$(tail -n 1 "$T/out")" "1 sent again: 1 accepted, 0 refused again; 0 left as they are"
say_totals "corrected" 46 11 19 6 10
"$B/touchline" quarantine replay 3 --with "$T/fixed" --data "$T/main" > "$T/out" 2>&1 || bad "replay: $(cat "$T/out")"
say_totals "corrected twice counts once" 47 11 20 6 10
"$B/touchline" quarantine replay --data "$T/main" > "$T/out" 2>&1 || bad "replay: $(cat "$T/out")"

same "all" "$(tail -n 1 "$T/out")" "5 sent again: 0 accepted, 5 refused again; 0 left as they are"
say_totals "all refused again" 52 11 20 11 10
"$B/touchline" quarantine replay 2 --with /nowhere --data "$T/main" > "$T/out" 2>&1 && bad "a file that is none"

# ---- and a store whose totals are not those of its log is told ----
echo "$ten" > "$T/ten.ndjson"
"$B/touchline" import "$T/ten.ndjson" --data "$T/other" > "$T/out" 2>&1 || bad "import: $(cat "$T/out")"
rm -rf "$T/other/journeys"
cp -r "$T/main/journeys" "$T/other"
"$B/flow/accounted" "$T/other" > "$T/out" && bad "other totals were not seen: $(cat "$T/out")"
grep -q "events that went somewhere" "$T/out" || bad "not told: $(cat "$T/out")"
rm -rf "$T/other"
[ ! -e "$T/failed" ]
