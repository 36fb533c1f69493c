#!/usr/bin/env bash
# t_kill_curve.sh BUILD [KILLS] [SEED] - the kill loop with keys: collector and aggregator prove theirs at every new start, and the pair changes meanwhile.
set -eu
build=$1 kills=${2:-12} seed=${3:-$((RANDOM))}
dir=$(mktemp -d)
rotator=
trap '[ -z "$rotator" ] || kill $rotator 2>/dev/null || true; wait; rm -rf "$dir"' EXIT
echo "seed $seed, $kills kills"
mkdir "$dir/data"
"$build/touchline-collector" --data "$dir/data" --collector.port 0 2>"$dir/log" & first=$!
for _ in $(seq 100); do [ -s "$dir/data/run/collector.json" ] && break; sleep 0.05; done
kill $first; wait $first || true
"$build/touchline" keys add collector here --data "$dir/data" 2>>"$dir/log"
( while sleep 3; do "$build/touchline" keys rotate collector here --grace 2 --data "$dir/data"; done ) 2>>"$dir/log" & rotator=$!
if ! "$build/flow/kill_loop" "$build" "$dir/data" "$dir/history" "$seed" "$kills" --bus.curve=1 2>>"$dir/log"; then
    tail -n 30 "$dir/log"
    exit 1
fi
grep -q 'event=link_up' "$dir/log" || { echo "the link never came up"; exit 1; }
"$build/flow/kill_check" "$dir/history" "$dir/data"
