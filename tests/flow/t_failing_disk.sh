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

# ---- the collector: after a failure it either goes on or ends, so that the next start recovers; what was acknowledged is in its spool ----
stop_collector
status() { curl -s -m 10 -o /dev/null -D "$T/head" -w '%{http_code}' "$U/v1/events" -d "{\"type\":\"t\",\"id\":\"e$1\",\"ids\":{\"user\":\"u\"}}"; }
ended=0
for at in 60 $(seq 75 86); do
    rm -rf "$T/col"; mkdir "$T/col"
    LD_PRELOAD=$B/fault/disk.so FAULT_DIR=$T/col FAULT_MODE=EIO FAULT_AT=$at start_collector "$T/col" --collector-aggregator tcp://127.0.0.1:9
    acked=0
    for i in 1 2 3 4; do
        [ "$i" = 4 ] && [ "$code" = 202 ] && break      # a write may fail alone: the next one then goes
        code=$(status $i)
        [ "$code" = 503 ] && ! grep -qi '^retry-after: ' "$T/head" && bad "operation $at: 503 without Retry-After"
        [ "$code" = 202 ] && acked=$((acked + 1))
        [ "$code" = 503 ] && sleep 0.2
    done
    if [ "$code" != 202 ]; then     # nothing is taken any more: then it must end by itself
        for n in $(seq 100); do kill -0 "$PID" 2>/dev/null || break; sleep 0.05; done
        kill -0 "$PID" 2>/dev/null && bad "operation $at: it stays, and takes nothing"
        ended=$((ended + 1))
    fi
    stop_collector
    [ "$("$B/flow/spool_list" "$T/col/spool" | grep -c '^E')" -ge $acked ] || bad "operation $at: $acked were acknowledged"
done
[ $ended -gt 0 ] || bad "no sync of the collector failed: other operations must be chosen"
[ ! -e "$T/failed" ]
