#!/usr/bin/env bash
# visible.sh BUILD FOLDER SAMPLES - G9: ms from sending an event to the answer of /api/map that counts it, while about 20,000 events/s arrive; and, at
# the end, the anonymous memory of each program (G11).
set -u
B=$1 D=$2 samples=$3
mkdir -p "$D"
"$B/touchline" up --data "$D/data" --collector.port 0 --aggregator.port 0 --aggregator.bus 'tcp://127.0.0.1:*' --viewer.port 0 >"$D/up" 2>&1 &
UP=$!
trap 'kill $UP 2>/dev/null; wait $UP 2>/dev/null' EXIT
for _ in $(seq 200); do grep -q 'page ' "$D/up" && break; sleep 0.05; done
http() { sed -n 's/.*"http":"\([^"]*\)".*/\1/p' "$D/data/run/$1.json"; }
pid() { sed -n 's/.*"pid":\([0-9]*\).*/\1/p' "$D/data/run/$1.json"; }
C=$(http collector) V=$(http viewer)
"$B/bench/load_http" "${C##*:}" --events 100 --connections 1 --rate 200 --seconds $((samples / 2 + 5)) >/dev/null 2>&1 &
LOAD=$!
sleep 2
for i in $(seq "$samples"); do
    began=$(date +%s%N)
    curl -s -o /dev/null "$C/v1/events?key=g9" -d "{\"type\":\"g9.mark\",\"ids\":{\"member\":\"g9-$i\"}}"
    until curl -s "$V/api/map?journey=all&filter=origin=g9" | grep -q "\"journeys\":$i,"; do
        [ $(($(date +%s%N) - began)) -lt 20000000000 ] || break
        sleep 0.01
    done
    echo $((($(date +%s%N) - began) / 1000000))
done | sort -n >"$D/ms"
kill $LOAD 2>/dev/null
awk '{ v[NR] = $1 } END { printf "G9   sent -> on the map, ms: p50 %d, p99 %d of %d samples; aim p99 <= 1000\n", v[int((NR + 1) / 2)], v[int(NR * 0.99 + 0.999)], NR }' "$D/ms"
for p in collector aggregator viewer; do
    awk -v p=$p '/RssAnon/ { printf "G11  RssAnon of the %s: %.1f MB\n", p, $2 / 1024 }' "/proc/$(pid $p)/status"
done
