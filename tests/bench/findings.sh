#!/usr/bin/env bash
# findings.sh BUILD FOLDER CUSTOMERS - what findings cost: the demo's world with so many customers (about 3.5 orders each, 4,480 visits), every analysis asked of a viewer that
# has just begun, and asked again. Prints: name, journeys, ms cold, microseconds of CPU a journey, ms when asked again, anonymous memory after it.
set -u
B=$1 D=$2 customers=$3
export TZ=Asia/Shanghai
"$B/touchline" simulate --seed 155 --customers "$customers" --data "$D" --until 2026-03-02 >/dev/null 2>"$D.err" || { cat "$D.err"; exit 1; }
q='journey=order&as_of=2026-03-02T00:00:00%2B08:00'
viewer=
begin() { # a viewer with nothing in its cache
    [ -n "$viewer" ] && kill "$viewer" && wait "$viewer"
    rm -f "$D/run/viewer.json"
    "$B/touchline-viewer" --data "$D" --viewer.port=0 2>>"$D.err" &
    viewer=$!
    for _ in $(seq 600); do
        at=$(sed -n 's/.*"http":"\([^"]*\)".*/\1/p' "$D/run/viewer.json" 2>/dev/null)
        [ -n "$at" ] && curl -sf -o /dev/null "$at/healthz" && return
        sleep 0.1
    done
}
trap 'kill $viewer 2>/dev/null' EXIT
ticks() { awk '{ print $14 + $15 }' "/proc/$viewer/stat"; }
took() { curl -s -o "$D.out" -w '%{time_total}' "$at/api/$1"; }
begin
journeys=$(curl -s "$at/api/map?$q" | grep -o '"journeys":[0-9]*' | head -n 1 | cut -d: -f2)
hz=$(getconf CLK_TCK)
for path in map breaks breaks:by=place breaks:by=daypart moments heatmap impact emotion metrics variants funnel:steps=menu,checkout,payment,handover; do
    begin
    address="${path%%:*}?$q"
    case $path in *:*) address="$address&${path#*:}" ;; esac
    from=$(ticks)
    cold=$(took "$address")
    cpu=$(($(ticks) - from))
    hot=$(took "$address")
    awk -v p="$path" -v j="$journeys" -v c="$cold" -v t=$cpu -v hz="$hz" -v h="$hot" -v m="$(awk '/VmHWM/ { print $2 / 1024 }' "/proc/$viewer/status")" \
        'BEGIN { printf "%-48s %9d %9.0f %9.2f %9.1f %9.0f\n", p, j, c * 1000, t / hz * 1e6 / j, h * 1000, m }'
done
