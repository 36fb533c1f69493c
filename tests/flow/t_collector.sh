#!/usr/bin/env bash
# t_collector.sh BUILD - the collector as a program: settings, locks, crowds, kill -9 under load, a clean stop that answers all.
. "$(dirname "$0")/collector_part.sh"

# ---- settings ----
"$B/touchline-collector" --help | grep -q 'collector.port' || bad "--help lists no settings"
"$B/touchline-collector" -n --collector-port 70000 2> "$T/e" && bad "-n took a bad port"
grep -q '0 to 65535' "$T/e" || bad "the range is not named: $(cat "$T/e")"
"$B/touchline-collector" -n --collector-bind 0.0.0.0 2> "$T/e" && bad "a bind beyond loopback was taken"
"$B/touchline-collector" -n || bad "-n refused the defaults"

# ---- one collector a folder; a taken port says by whom ----
start_collector "$T/one"
first=$PID
"$B/touchline-collector" --data "$T/one" --collector-port 0 2> "$T/e" && bad "a second collector took the same folder"
grep -q "pid $first" "$T/e" || bad "the holder is not named: $(cat "$T/e")"
"$B/touchline-collector" --data "$T/two" --collector-port "${U##*:}" 2> "$T/e" && bad "a taken port was taken"
grep -q "pid $first" "$T/e" || bad "the port's holder is not named: $(cat "$T/e")"
same "health without aggregator" "$(curl -s "$U/healthz" | grep -o '"status":"[a-z]*"')" '"status":"degraded"'

# ---- 127, 128 and 256 connections: all answered ----
for n in 127 128 256; do
    "$B/bench/load_http" "${U##*:}" --connections $n --events 1 --bodies $((n * 20)) > "$T/load" || bad "$n connections: $(cat "$T/load")"
    grep -q "ok=$((n * 20)) busy=0 refused=0 broken=0 unanswered=0" "$T/load" || bad "$n connections: $(cat "$T/load")"
done
accepted=$(counter c_events_accepted)
same "all taken" "$accepted" $(((127 + 128 + 256) * 20))
syncs=$(counter c_spool_syncs)
[ "$syncs" -lt "$accepted" ] || bad "no group commits: $syncs syncs for $accepted bodies"

# ---- ?ack=logged without an aggregator: answered 202 when the wait is over ----
start=$(date +%s)
same "ack=logged" "$(curl -s -o /dev/null -w '%{http_code}' "$U/v1/events?ack=logged" -d '{"type":"t","id":"logged","ids":{"user":"u"}}')" 202
[ $(($(date +%s) - start)) -ge 4 ] || bad "ack=logged did not wait"
stop_collector
[ ! -e "$T/one/run/collector.json" ] || bad "the run file is still there"
same "on disk" "$("$B/flow/spool_list" "$T/one/spool" | grep -c '^E')" $((accepted + 1))

# ---- kill -9 under load: what was answered is on disk ----
start_collector "$T/three"
for round in 1 2 3; do
    "$B/bench/load_http" "${U##*:}" --connections 64 --events 5 --seconds 2 > "$T/load.$round" 2>/dev/null & load=$!
    sleep 0.7
    kill -9 $PID; wait $PID 2>/dev/null
    start_collector "$T/three" --collector-port "${U##*:}"
    wait $load
done
stop_collector
"$B/flow/spool_list" "$T/three/spool" | awk '/^E/{print $2}' | sort > "$T/ids"
answered=0
for round in 1 2 3; do answered=$((answered + 5 * $(grep -o 'ok=[0-9]*' "$T/load.$round" | cut -d= -f2))); done
[ -s "$T/ids" ] || bad "nothing on disk after the kills"
[ "$(sort -u "$T/ids" | wc -l)" -ge "$answered" ] || bad "answered $answered events, on disk $(sort -u "$T/ids" | wc -l)"
grep -c '^?' <("$B/flow/spool_list" "$T/three/spool") | grep -qx 0 || bad "damaged records"

# ---- a stop under load answers everything that was taken ----
start_collector "$T/four"
"$B/bench/load_http" "${U##*:}" --connections 32 --events 3 --bodies 200000 > "$T/load" 2>/dev/null & load=$!
sleep 0.7
stop_collector || bad "a stop under load ended with an error"
wait $load
on_disk=$("$B/flow/spool_list" "$T/four/spool" | grep -c '^E')
[ "$on_disk" -gt 0 ] || bad "nothing taken before the stop"
[ ! -e "$T/failed" ] && say "ok ($answered events answered across three kills)"
[ ! -e "$T/failed" ]
