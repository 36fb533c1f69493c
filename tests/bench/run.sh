#!/usr/bin/env bash
# run.sh BUILD [quick] - what each hop costs, as a ratio to its floor measured in the same run; medians of 5 turns, floor and hop one after the other.
# Nothing here passes or fails: machines are shared and noisy, ratios travel. QUICK=1 or `quick`: fewer events and turns.
set -u
B=$(cd "${1:?usage: $0 BUILD [quick]}" && pwd)
quick=${QUICK:-}${2:-}
turns=5 seconds=3 events=15000000 customers=2000000 journeys=1000000
[ -z "$quick" ] || { turns=3; seconds=1; events=1000000; customers=200000; journeys=100000; }
D=$(mktemp -d "${BENCH_DIR:-${TMPDIR:-/tmp}}/bench.XXXXXX")
trap 'kill -9 $(jobs -p) 2>/dev/null; wait 2>/dev/null; rm -rf "$D"' EXIT

median() { sort -g | awk '{ v[NR] = $1 } END { if (NR) print v[int((NR + 1) / 2)] }'; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { if (b > 0) printf "%.3f", a / b; else printf "-" }'; }
word() { tr ' ' '\n' | sed -n "s/^$1=//p"; }                         # NAME=value on a line of words
json() { grep -o "\"$1\":[0-9.e+-]*" | head -n 1 | cut -d: -f2; }    # "name":value
row() { printf '%-4s %-58s %-46s %s\n' "$@"; }
port_of() { sed -n 's/.*"http":"http:[^"]*:\([0-9]*\)".*/\1/p' "$1"; }
anon_mb() { awk '/RssAnon/ { printf "%.1f", $2 / 1024 }' "/proc/$1/status" 2>/dev/null; }

collector() { # folder, options...: sets PID, PORT
    local dir=$1; shift
    "$B/touchline-collector" --data "$dir" --collector.port 0 "$@" 2>>"$D/log" &
    PID=$!
    for _ in $(seq 100); do [ -s "$dir/run/collector.json" ] && break; sleep 0.05; done
    PORT=$(port_of "$dir/run/collector.json")
}
floor() { # sets FLOOR_PID, FLOOR_PORT
    mkfifo "$D/stdin"
    "$B/bench/floor_http" 2 <"$D/stdin" >"$D/floor" &
    FLOOR_PID=$!
    exec 9>"$D/stdin"
    for _ in $(seq 100); do [ -s "$D/floor" ] && break; sleep 0.05; done
    FLOOR_PORT=$(grep -o '[0-9]*' "$D/floor" | head -n 1)
}
load() { "$B/bench/load_http" "$@" --seconds $seconds; }

# one turn each of hop and floor; the figure is per CPU second of the server
http_ratio() { # figure, load options...
    local figure=$1; shift
    : >"$D/hop"; : >"$D/base"; : >"$D/p99"; : >"$D/wall"
    for _ in $(seq $turns); do
        load "$PORT" --pid $PID "$@" >"$D/line"
        word "$figure" <"$D/line" >>"$D/hop"; word p99_ms <"$D/line" >>"$D/p99"; word answers_s <"$D/line" >>"$D/wall"
        load "$FLOOR_PORT" --pid $FLOOR_PID "$@" | word "$figure" >>"$D/base"
    done
}
report() { # goal, name, aim, unit
    local hop base
    hop=$(median <"$D/hop"); base=$(median <"$D/base")
    row "$1" "$2" "$hop of $base $4" "ratio $(ratio "$hop" "$base"); aim $3"
}

row "#" "hop" "measured" "against its floor"
floor
collector "$D/c"
http_ratio events_a_cpu_s --events 100 --form ndjson
report G1 "collector, 100-event NDJSON bodies" ">= 0.15" "events a CPU second"
http_ratio events_a_cpu_s --events 100 --form array
report G1 "collector, 100-event arrays" ">= 0.13" "events a CPU second"
row G11 "collector's anonymous memory under that load" "$(anon_mb $PID) MB" "aim <= 32 MB"
http_ratio answers_a_cpu_s --events 1 --connections 128
report G2 "single-event posts, durable, 128 connections" ">= 0.5" "answers a CPU second"
row G2 "  ... their answers a second and p99" "$(median <"$D/wall") /s, $(median <"$D/p99") ms" ""

collector_pid=$PID synced=$PORT
collector "$D/unsynced" --spool.sync 0
: >"$D/hop"; : >"$D/base"; : >"$D/p99"
for _ in $(seq $turns); do
    load "$synced" --events 100 --connections 32 >"$D/line"
    word events_s <"$D/line" >>"$D/hop"; word p99_ms <"$D/line" >>"$D/p99"
    load "$PORT" --events 100 --connections 32 | word events_s >>"$D/base"
done
report G3 "durable answers against the same binary unsynced" ">= 0.85" "events/s"
row G3 "  ... p99 at 32 connections" "$(median <"$D/p99") ms" "aim <= 25 ms"
kill $collector_pid $PID 2>/dev/null
wait $collector_pid $PID 2>/dev/null
exec 9>&-

for a_round in 8 64; do
    : >"$D/hop"; : >"$D/base"
    for turn in $(seq $turns); do
        "$B/bench/log_append" "$D/log$a_round.$turn" 100 400 $a_round 200 >"$D/line"
        json mb_s <"$D/line" >>"$D/hop"
        "$B/bench/floor_append" "$D" "$(json batch_bytes <"$D/line")" $a_round 200 | json mb_s >>"$D/base"
        rm -rf "$D/log$a_round.$turn"
    done
    report G4 "log: append and ack, $a_round batches a commit" ">= 0.75" "MB/s"
done

"$B/bench/stitch_log" "$D/stitch" $events $customers 5000 keep >"$D/stitched"
row G5 "stitching, live, $events events" "$(json events_s <"$D/stitched") events/s, last tenth $(json last_tenth_events_s <"$D/stitched")" "aim >= 60,000 sustained"
row G6 "rebuild from the log" "$(sed -n 2p "$D/stitched" | json events_s) events/s" "aim >= 1,000,000"
row G10 "bytes an event: blocks + rows of \`all\`" "$(json block_bytes_event <"$D/stitched") + $(json row_bytes_event <"$D/stitched") = $(json sum <"$D/stitched")" "aim <= 24"
rm -rf "$D/stitch"

mkdir -p "$D/fold"
"$B/bench/map_fold" "$D/fold" $journeys >"$D/folded" 2>&1
sed 's/^/G7-8 /' "$D/folded"

# G9: events of one customer, sent one by one while 20,000 others arrive each second, until the map has counted them
bash "$(dirname "$0")/visible.sh" "$B" "$D/visible" $((turns * 20))
# G12: the bus with keys against the bus without
read -r on off < <(bash "$(dirname "$0")/curve.sh" "$B" "$D/curve" "$turns" $((events / 1000)))
row G12 "draining a spool into the log, CURVE on against off" "${on:-} of ${off:-} events/s" "ratio $(ratio "${on:-0}" "${off:-0}"); aim >= 0.75"

# findings: aim 1 s cold over a million journeys, 50 ms when asked again
echo
printf '%-48s %9s %9s %9s %9s %9s\n' "findings" journeys "cold ms" "us CPU/j" "again ms" "peak MB"
bash "$(dirname "$0")/findings.sh" "$B" "$D/findings" $((customers / 8))
