#!/usr/bin/env bash
# t_failing_disk.sh BUILD - the aggregator's system calls fail, one at a time or from one on, while events come in: it may end, but started again on a good
# disk it has everything that was acknowledged, once, and journeys agree with the log.
. "$(dirname "$0")/collector_part.sh"
[ -e "$B/fault/disk.so" ] || { echo "make fault first"; exit 77; }

start_aggregator() { # VARIABLE=VALUE...
    env "$@" "$B/touchline-aggregator" --data "$T/main" --aggregator-port 0 --aggregator-bus 'tcp://127.0.0.1:*' 2>>"$T/log.aggregator" &
    AGG=$!
    PIDS="$PIDS $AGG"
    for n in $(seq 100); do
        grep -q "\"pid\":$AGG," "$T/main/run/aggregator.json" 2>/dev/null && break
        kill -0 $AGG 2>/dev/null || return 0
        sleep 0.02
    done
    A=$(sed -n 's/.*"http":"\([^"]*\)".*/\1/p' "$T/main/run/aggregator.json")
}
settled() {
    for n in $(seq 400); do
        curl -s "$U/healthz" | grep -q '"backlog":0' && curl -s "$A/healthz" | grep -qE '"position":([0-9]+),"stitched":\1,.*"rebuild":null' && return 0
        sleep 0.05
    done
    bad "not settled: $(curl -s "$A/healthz") $(curl -s "$U/healthz")"
}
position() { curl -s "$A/healthz" | sed -n 's/.*"position":\([0-9]*\).*/\1/p'; }

RANDOM=${SEED:-$$}
echo "seed ${SEED:-$$}"
start_collector "$T/main"
start_aggregator
settled
rounds=${ROUNDS:-${PROVE:+60}}
for round in $(seq "${rounds:-8}"); do
    kill -9 $AGG 2>/dev/null; wait $AGG 2>/dev/null
    modes=(EIO ENOSPC EINTR short)
    mode=${modes[$((round % 4))]} at=$((RANDOM % 120 + 1))
    sticky=X=1; [ $((RANDOM % 2)) = 0 ] && sticky=FAULT_STICKY=1
    start_aggregator LD_PRELOAD="$B/fault/disk.so" FAULT_DIR="$T/main" FAULT_MODE=$mode FAULT_AT=$at "$sticky"
    "$B/bench/load_http" "${U##*:}" --connections 2 --events 20 --bodies 40 > "$T/load" || bad "load: $(cat "$T/load")"
    sleep 0.3
    kill -9 $AGG 2>/dev/null; wait $AGG 2>/dev/null; rc=$?
    [ $rc -ge 128 ] && [ $rc != 137 ] && bad "$mode at $at $sticky: ended by signal $((rc - 128)): $(tail -n 3 "$T/log.aggregator")"
    start_aggregator
    settled
    same "$mode at $at $sticky: all, once" "$(position)" $(($(counter c_events_accepted) + 1))
    same "$mode at $at: totals" "$(curl -s "$A/metrics" | grep -c '^touchline_a_total_unaccounted 0$')" 1
done
[ ! -e "$T/failed" ]
