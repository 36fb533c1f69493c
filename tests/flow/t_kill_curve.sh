#!/usr/bin/env bash
# t_kill_curve.sh BUILD [KILLS [ACKED [SEED]]] - the kill loop with keys: an aggregator and three collectors prove theirs at every new start, some bodies go
# to two collectors, and the pairs change meanwhile. PROVE=1: 300 kills and a million acknowledged events.
set -eu
build=$1 kills=${2:-${PROVE:+300}} acked=${3:-${PROVE:+1000000}} seed=${4:-$RANDOM}
kills=${kills:-40} acked=${acked:-0}
dir=$(mktemp -d)
rotator=
. "$(dirname "$0")/accounted.sh"
trap 'rc=$?; accounted "$dir" || rc=1; [ -z "$rotator" ] || kill $rotator 2>/dev/null || true; wait; rm -rf "$dir"; exit $rc' EXIT
echo "seed $seed, $kills kills, $acked acknowledged"
keys() { "$build/touchline" keys "$@" --data "$dir/data" 2>>"$dir/log"; }
born() { # FOLDER: a collector that was started once, so that it has an identity; prints it
    "$build/touchline-collector" --data "$1" --collector.port 0 2>"$dir/born" & local first=$!
    for _ in $(seq 600); do [ -s "$1/run/collector.json" ] && break; sleep 0.05; done
    kill $first; wait $first || true
    sed -n 's/.*event=started.*collector=\([0-9a-f]*\).*/\1/p' "$dir/born" | head -n 1
}
mkdir "$dir/data" "$dir/two" "$dir/three"
born "$dir/data" >/dev/null
keys add collector one
for name in two three; do
    mkdir "$dir/$name/keys"
    keys add collector $name --collector "$(born "$dir/$name")" --out "$dir/$name/keys/collector.key"
done
( while sleep 3; do keys rotate collector one --grace 2; done ) & rotator=$!
if ! "$build/flow/kill_loop" "$build" "$dir/data" "$dir/history" "$seed" "$kills" "$acked" "$dir/two" "$dir/three" --bus.curve=1 2>>"$dir/log" >"$dir/done"; then
    tail -n 30 "$dir/log"
    exit 1
fi
[ "$(grep -c 'event=link_up' "$dir/log")" -ge 3 ] || { echo "the links never came up"; exit 1; }
"$build/flow/kill_check" "$dir/history" "$dir/data" >"$dir/verdict" || { cat "$dir/done" "$dir/verdict"; exit 1; }
cat "$dir/done" "$dir/verdict"
