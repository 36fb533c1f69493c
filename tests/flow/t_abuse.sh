#!/usr/bin/env bash
# t_abuse.sh BUILD - a collector under abuse: 1,000 dripping connections, 10,000 attempts from 127.0.0.0/8, smuggled requests, a gzip bomb of 1 GB. All of it
# is turned away, memory stays where it is promised, and a well-behaved client is answered throughout. How fast is printed, not judged.
set -u
. "$(dirname "$0")/collector_part.sh"
start_collector "$T/data"

# the most that it ever has of its own, looked at all the time
peak() {
    local kb most=0
    while kb=$(awk '/RssAnon/ { print $2 }' "/proc/$PID/status" 2>/dev/null) && [ -n "$kb" ]; do
        [ "$kb" -le "$most" ] || { most=$kb; echo "$most" > "$T/peak"; }
        sleep 0.05
    done
}
peak & PIDS="$PIDS $!"

# 1 MB of zeros is 1 KB of gzip; its members, one after another, are a bomb
head -c 1048576 /dev/zero | gzip -9n >"$T/mb"
for n in $(seq 480); do cat "$T/mb"; done >"$T/bomb"                # 480 MB in a body that is not too large by itself
for n in $(seq 1024); do cat "$T/mb"; done >"$T/bomb_1gb"
bombs() {
    local n
    for n in 1 2 3 4 5 6 7 8; do
        [ "$(curl -s -m 60 -o /dev/null -w '%{http_code}' --data-binary @"$T/bomb" "$U/v1/events?key=k")" = 413 ] || touch "$T/bomb_taken"
        [ "$(curl -s -m 60 -o /dev/null -w '%{http_code}' -H 'Content-Encoding: gzip' --data-binary @"$T/bomb_1gb" "$U/v1/events?key=k")" = 413 ] || touch "$T/bomb_taken"
    done
}
bombs & BOMBS=$!
"$B/flow/http_door" "${U##*:}" "/v1/events?key=k" >"$T/door" 2>&1 & DOOR=$!
"$B/flow/http_abuse" "${U##*:}" >"$T/out" || bad "http_abuse"
wait $BOMBS
wait $DOOR || bad "smuggled, or left open: $(cat "$T/door")"
[ -e "$T/bomb_taken" ] && bad "a bomb was not answered with 413"
read -r line <"$T/out"
eval "$line"
same "dripping connections left open" "$left" 0
[ "$dripping" -ge 900 ] || bad "only $dripping connections began to drip"
[ "$attempts" -ge 9900 ] || bad "only $attempts of 10,000 attempts were made"
[ "$answered" -ge 100 ] || bad "the well-behaved client got $answered answers"
same "answers to the well-behaved client that were not 202" "$other" 0
tail -n 1 "$T/out"
same "taken" "$(counter c_events_accepted)" "$answered"

# ---- 900 connections with bodies of 450 KB at once, then 900 that ask for refusals without reading them, while the log cannot be reached ----
"$B/bench/load_http" "${U##*:}" --connections 900 --events 900 --seconds 4 > "$T/load" 2>&1 || bad "load: $(cat "$T/load")"
"$B/flow/http_deaf" "${U##*:}" 900 || bad "http_deaf"
memory=$(cat "$T/peak")
echo "memory of its own, at most: $memory KB; $(cat "$T/load")"
[ "$memory" -lt 32768 ] || [ "$(nm "$B/touchline-collector" | grep -c __asan_init)" != 0 ] || bad "$memory KB of anonymous memory"
stop_collector
[ ! -e "$T/failed" ] && say ok
