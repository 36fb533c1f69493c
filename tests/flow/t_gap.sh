#!/usr/bin/env bash
# t_gap.sh BUILD - the log is restored from a copy older than what the collector still keeps: the aggregator refuses the line, says so, and takes nothing;
# after `touchline gap accept` the log has a record of what is missing and every batch behind it, once.
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
stop_aggregator() { kill -TERM $AGG; wait $AGG; }
until_true() { for n in $(seq 450); do "$@" && return 0; sleep 0.1; done; bad "waited 45 s for: $*"; }
backlog_is_empty() { curl -s "$U/healthz" | grep -q '"backlog":0'; }
health_says() { curl -s "$A/healthz" | grep -q "$1"; }
number() { curl -s "$A/healthz" | sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p"; }

start_aggregator
start_collector "$T/main" --spool-segment-mb 4 --spool-keep-s 0
same "none yet" "$("$B/touchline" gap --data "$T/main")" "no collector waits before a gap"
"$B/touchline" gap accept --data "$T/main" > "$T/out" 2>&1 && bad "a gap that is none was accepted"
"$B/bench/load_http" "${U##*:}" --connections 2 --events 20 --bodies 100 > "$T/load"
until_true backlog_is_empty
stop_aggregator
cp -r "$T/main/log" "$T/old"
start_aggregator
"$B/bench/load_http" "${U##*:}" --connections 8 --events 100 --bodies 1000 > "$T/load"
until_true backlog_is_empty
before=$(number position)
stop_aggregator
rm -r "$T/main/log" && mv "$T/old" "$T/main/log"
"$B/bench/load_http" "${U##*:}" --connections 2 --events 20 --bodies 50 > "$T/load"     # refused or not, the collector takes on
start_aggregator
old=$(number position)
until_true health_says '"gaps":\[{'
until_true health_says '"stitching":\|"status":"degraded"'
same "no reach" "$(curl -s "$U/healthz" | grep -o '"reached":[a-z]*')" '"reached":false'
same "taken meanwhile" "$(curl -s -o /dev/null -w '%{http_code}' "$U/v1/events" -d '{"type":"t","id":"z","ids":{"user":"u"}}')" 202
same "nothing moves" "$(number position)" "$old"
committed=$(number committed) first=$(number first)
same "missing" "$(number missing)" $((first - committed - 1))
"$B/touchline" gap --data "$T/main" > "$T/out"
grep -q "batches $((committed + 1)) to $((first - 1)) are missing" "$T/out" || bad "list: $(cat "$T/out")"
same "another" "$("$B/touchline" gap accept --collector ffffffffffffffffffffff --data "$T/main" 2>&1 | grep -c 'no collector waits')" 1
stop_collector
kept=$("$B/flow/spool_list" "$T/main/spool" | wc -l)
start_collector "$T/main" --spool-segment-mb 4 --spool-keep-s 0
until_true health_says '"gaps":\[{'
"$B/touchline" gap accept --data "$T/main" > "$T/out" || bad "accept: $(cat "$T/out")"
until_true backlog_is_empty
same "health" "$(curl -s "$A/healthz" | grep -c '"gaps"')" 0
same "reached" "$(curl -s "$U/healthz" | grep -o '"reached":[a-z]*')" '"reached":true'
echo "before=$before old=$old committed=$committed first=$first kept=$kept now=$(number position)"
same "all that was kept, once, and one record of the rest" "$(number position)" $((old + 1 + kept))
grep -q 'event=gap_accepted' "$T/log.aggregator" || grep -q gap_accepted "$T/log.aggregator" || bad "no line about it"
[ ! -e "$T/failed" ]
