#!/usr/bin/env bash
# curve.sh BUILD FOLDER TURNS BODIES - G12: how fast a full spool drains into the log (BODIES of 100 events; log synced, stitching beside it), with keys and
# without: events a second, medians of TURNS, one after the other. Prints "ON OFF".
set -u
B=$1 D=$2 turns=$3 bodies=$4
trap 'kill -9 $(jobs -p) 2>/dev/null; wait 2>/dev/null; rm -rf "$D"' EXIT
median() { sort -g | awk '{ v[NR] = $1 } END { if (NR) print v[int((NR + 1) / 2)] }'; }
drain() { # 0 or 1: events a second
    local dir=$D/$1 c began ended
    rm -rf "$dir"
    mkdir -p "$dir"
    "$B/touchline-collector" --data "$dir" --collector.port 0 --bus.curve "$1" 2>>"$D.log" & local col=$!
    for _ in $(seq 100); do [ -s "$dir/run/collector.json" ] && break; sleep 0.05; done
    [ "$1" = 0 ] || "$B/touchline" keys add collector here --data "$dir" 2>/dev/null
    c=$(sed -n 's/.*"http":"\([^"]*\)".*/\1/p' "$dir/run/collector.json")
    "$B/bench/load_http" "${c##*:}" --events 100 --connections 8 --bodies "$bodies" >/dev/null
    "$B/touchline-aggregator" --data "$dir" --aggregator.port 0 --aggregator.bus 'tcp://127.0.0.1:*' --bus.curve "$1" 2>>"$D.log" & local agg=$!
    until curl -s "$c/healthz" | grep -q '"reached":true'; do sleep 0.002; done
    began=$(date +%s%N)
    until curl -s "$c/healthz" | grep -q '"backlog":0,*[}"]'; do sleep 0.005; done
    ended=$(date +%s%N)
    echo $((bodies * 100 * 1000 / ((ended - began) / 1000000 + 1)))
    kill -9 $col $agg
    wait $col $agg 2>/dev/null
}
mkdir -p "$D"
for _ in $(seq "$turns"); do drain 0 >>"$D/off"; drain 1 >>"$D/on"; done
echo "$(median <"$D/on") $(median <"$D/off")"
[ -z "${EACH:-}" ] || paste "$D/on" "$D/off" >&2
rm -f "$D.log"
