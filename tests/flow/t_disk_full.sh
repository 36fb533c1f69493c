#!/usr/bin/env bash
# t_disk_full.sh BUILD - a small disk runs full, for the collector, the aggregator and a rebuild: 503 with Retry-After, credit 0, stitching waits; no program
# ends; when there is room again everything goes on by itself, and nothing acknowledged is missing.
. "$(dirname "$0")/collector_part.sh"
disk=$T/disk
mkdir "$disk"
mount -t tmpfs -o size=64m none "$disk" 2>/dev/null || { echo "no tmpfs can be mounted here"; exit 77; }
trap 'rc=$?; accounted "$T" || rc=1; exec 2>/dev/null; for p in $PIDS; do kill -9 $p; done; wait; umount "$disk" || umount -l "$disk"; rm -rf "$T"; exit $rc' EXIT

start_aggregator() { # folder
    "$B/touchline-aggregator" --data "$1" --aggregator-port 0 --aggregator-bus 'tcp://127.0.0.1:*' 2>>"$T/log.aggregator" &
    AGG=$!
    PIDS="$PIDS $AGG"
    for n in $(seq 100); do
        grep -q "\"pid\":$AGG," "$1/run/aggregator.json" 2>/dev/null && break
        sleep 0.05
    done
    A=$(sed -n 's/.*"http":"\([^"]*\)".*/\1/p' "$1/run/aggregator.json")
    BUS=$(sed -n 's/.*"bus":"\([^"]*\)".*/\1/p' "$1/run/aggregator.json")
}
until_true() { for n in $(seq 150); do "$@" && return 0; sleep 0.1; done; bad "waited 15 s for: $*: $(curl -s "$A/healthz") $(curl -s "$U/healthz")"; }
backlog_is_empty() { curl -s "$U/healthz" | grep -q '"backlog":0'; }
health_says() { curl -s "$A/healthz" | grep -q "$1"; }
position() { curl -s "$A/healthz" | sed -n 's/.*"position":\([0-9]*\).*/\1/p'; }
is_level() { curl -s "$A/healthz" | grep -qE '"position":([0-9]+),"stitched":\1,.*"rebuild":null'; }
fill() { # leave MB free
    local free
    rm -f "$disk/ballast"
    free=$(df -k --output=avail "$disk" | tail -n 1)
    [ "$free" -le $(($1 * 1024)) ] || head -c $(((free - $1 * 1024) * 1024)) /dev/zero > "$disk/ballast"
}
load() { "$B/bench/load_http" "${U##*:}" --connections 4 --events 100 --bodies "$1" > "$T/load"; }

# ---- the collector ----
start_collector "$disk/col" --spool-segment-mb 4 --collector-aggregator tcp://127.0.0.1:9
load 6000
grep -q ' busy=0 ' "$T/load" && bad "a disk of 64 MB took everything: $(cat "$T/load")"
for i in $(seq 2000); do printf '{"id":"f%d","type":"t","ids":{"user":"u"},"text":"%0150d"}\n' "$i" 0; done > "$T/large"
curl -si "$U/v1/events" --data-binary @"$T/large" > "$T/answer"
same "full" "$(grep -c -e '^HTTP/1.1 503' -e '^Retry-After: ' "$T/answer")" 2
kill -0 "$PID" || bad "the collector ended"
taken=$(counter c_events_accepted)
stop_collector
start_aggregator "$T/main"
start_collector "$disk/col" --spool-segment-mb 4 --spool-keep-s 0 --collector-aggregator "$BUS"
until_true backlog_is_empty
took() { [ "$(curl -s -o /dev/null -w '%{http_code}' "$U/v1/events?ack=logged" -d '{"type":"t","id":"after","ids":{"user":"u"}}')" = 202 ]; }
until_true took
same "nothing is missing" "$(position)" $((taken + 2))
stop_collector
kill -TERM $AGG; wait $AGG
rm -rf "${disk:?}/col" "$T/main"
echo "collector: $taken events on a full disk"

# ---- the aggregator: log and journeys ----
start_aggregator "$disk/main"
start_collector "$T/col" --spool-max-mb 64 --spool-segment-mb 4 --collector-aggregator "$BUS"
load 50
until_true is_level
fill 20
load 2000
taken=$(counter c_events_accepted)
until_true health_says '"disk":"nearly full: collectors are asked to wait"'
sleep 1
kill -0 $AGG || { bad "the aggregator ended: $(tail -n 3 "$T/log.aggregator")"; exit 1; }
same "taken meanwhile" "$(curl -s -o /dev/null -w '%{http_code}' "$U/v1/events" -d '{"type":"t","id":"mean","ids":{"user":"u"}}')" 202
held=$(position)
[ "$held" -lt "$taken" ] || bad "all of it went on a full disk: $held of $taken"
load 6000                                       # credit is 0: the spool fills, and its senders are told
grep -q ' busy=0 ' "$T/load" && bad "a spool of 64 MB took everything: $(cat "$T/load")"
curl -si "$U/v1/events" --data-binary @"$T/large" > "$T/answer"
same "the spool is full" "$(grep -c -e '^HTTP/1.1 503' -e '^Retry-After: ' "$T/answer")" 2
taken=$(counter c_events_accepted)
same "degraded" "$(curl -s "$A/healthz" | grep -c '"status":"degraded"')" 1
mount -o remount,size=512m "$disk" || bad remount
until_true backlog_is_empty
until_true is_level
same "nothing is missing" "$(position)" $((taken + 1))
same "totals" "$(curl -s "$A/metrics" | grep -c '^touchline_a_total_unaccounted 0$')" 1
echo "aggregator: held at $held of $taken, then all"

# ---- what is left of the disk is the log's: journeys wait, intake goes on ----
fill 75
until_true health_says '"disk":"nearly full: stitching waits"'
until_true took
sleep 2
is_level && bad "stitched on a disk that is nearly full"
same "logged" "$(position)" $((taken + 2))
[ "$(curl -s "$A/metrics" | sed -n 's/^touchline_a_stitch_lag_ms //p')" -ge 1000 ] || bad "no lag is told"
same "totals" "$(curl -s "$A/metrics" | grep -c -e '^touchline_a_total_on_the_way 1$' -e '^touchline_a_total_unaccounted 0$')" 2
rm -f "$disk/ballast"
until_true is_level

# ---- a rebuild ----
fill 110
curl -s -X POST -H "Authorization: Bearer $(cat "$disk/main/run/token")" "$A/control/rebuild" -d '{}' > /dev/null
until_true is_level
fill 60
curl -s -X POST -H "Authorization: Bearer $(cat "$disk/main/run/token")" "$A/control/rebuild" -d '{}' > /dev/null
sleep 1
kill -0 $AGG || { bad "the aggregator ended: $(tail -n 3 "$T/log.aggregator")"; exit 1; }
rm -f "$disk/ballast"
took || bad "nothing is taken after the rebuild"
until_true is_level
same "position" "$(position)" $((taken + 3))
[ ! -e "$T/failed" ]
