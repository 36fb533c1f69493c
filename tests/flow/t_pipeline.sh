#!/usr/bin/env bash
# t_pipeline.sh BUILD - three collectors and one aggregator: everything acknowledged reaches the log once, through an aggregator that is killed and comes
# back on another port; quarantined items are filed; ?ack=logged means it.
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
    BUS=$(sed -n 's/.*"bus":"\([^"]*\)".*/\1/p' "$T/main/run/aggregator.json")
}
logged() { curl -s "$A/metrics" | sed -n "s/^touchline_$1 //p"; }
# until COMMAND...: at most 30 s
until_true() { for n in $(seq 300); do "$@" && return 0; sleep 0.1; done; bad "waited 30 s for: $*"; }
backlog_is_empty() { curl -s "$1/healthz" | grep -q '"backlog":0'; }

start_aggregator
start_collector "$T/main"; U1=$U
one='{"type":"t","id":"first","ids":{"user":"u"}}'
start=$(date +%s%N)
same "ack=logged" "$(curl -s -o /dev/null -w '%{http_code}' "$U1/v1/events?ack=logged" -d "[$one,{\"type\":\"t\"}]")" 202
[ $((($(date +%s%N) - start) / 1000000)) -lt 3000 ] || bad "ack=logged waited for its timeout: nothing was logged"
same "in the log" "$(logged a_events_logged) $(logged a_events_quarantined)" "1 1"
same "health" "$(curl -s "$U1/healthz" | grep -o '"status":"[a-z]*"')" '"status":"ok"'

start_collector "$T/two" --collector-aggregator "$BUS"; U2=$U
start_collector "$T/three" --collector-aggregator "$BUS"; U3=$U
for u in $U1 $U2 $U3; do
    "$B/bench/load_http" "${u##*:}" --connections 16 --events 20 --bodies 2000 > "$T/load.${u##*:}" & LOADS="$LOADS $!"
done
sleep 0.3
kill -9 $AGG; wait $AGG 2>/dev/null
start_aggregator                        # another port: the first finds it by itself
for p in $LOADS; do wait $p || bad "a load ended with an error"; done
until_true backlog_is_empty "$U1"
same "link made anew" "$(curl -s "$U1/healthz" | grep -o '"reached":[a-z]*')" '"reached":true'

# the two that were told an address by hand wait for it; started anew with the right one they deliver what they hold
for u in $U2 $U3; do
    d=$T/two; [ $u = $U3 ] && d=$T/three
    p=$(sed -n 's/.*"pid":\([0-9]*\).*/\1/p' "$d/run/collector.json")
    kill -TERM "$p"; wait "$p"
    start_collector "$d" --collector-aggregator "$BUS"
    until_true backlog_is_empty "$U"
done
position=$(logged a_log_position)
same "all in the log, once" "$position" $((3 * 2000 * 20 + 1 + 1))
all_stitched() { [ "$(logged a_stitch_position)" = "$position" ]; }
until_true all_stitched

# ---- a full spool: 503 with Retry-After, nothing lost, and it takes again by itself when the aggregator has emptied it ----
start_collector "$T/full" --spool-max-mb 64 --spool-segment-mb 4 --spool-keep-s 0 --collector-aggregator tcp://127.0.0.1:9
"$B/bench/load_http" "${U##*:}" --connections 8 --events 100 --bodies 3000 > "$T/load"
grep -q ' busy=0 ' "$T/load" && bad "64 MB of spool took everything: $(cat "$T/load")"
for i in $(seq 2000); do printf '{"id":"f%d","type":"t","ids":{"user":"u"},"text":"%0150d"}\n' $i 0; done > "$T/large"
curl -si "$U/v1/events" --data-binary @"$T/large" > "$T/answer"
same "full" "$(grep -c -e '^HTTP/1.1 503' -e '^Retry-After: ' "$T/answer")" 2
same "health when full" "$(curl -s "$U/healthz" | grep -o '"writable":[a-z]*,"error":"[A-Z_]*"')" '"writable":false,"error":"TL_ENOSPC"'
taken=$(counter c_events_accepted)
stop_collector
start_collector "$T/full" --spool-max-mb 64 --spool-segment-mb 4 --spool-keep-s 0 --collector-aggregator "$BUS"
until_true backlog_is_empty "$U"
same "taken again" "$(curl -s -o /dev/null -w '%{http_code}' "$U/v1/events?ack=logged" -d "$one")" 202
same "none lost" "$(logged a_log_position)" $((position + taken + 1))
[ ! -e "$T/failed" ] && say "ok ($((position - 1)) events)"
[ ! -e "$T/failed" ]
