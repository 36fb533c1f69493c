#!/usr/bin/env bash
# t_kill.sh BUILD [KILLS] [SEED] - collector and aggregator are killed at random while events come in: nothing acknowledged is lost, nothing comes twice.
set -eu
build=$1 kills=${2:-24} seed=${3:-$((RANDOM))}
dir=$(mktemp -d)
. "$(dirname "$0")/accounted.sh"
trap 'rc=$?; accounted "$dir" || rc=1; rm -rf "$dir"; exit $rc' EXIT
echo "seed $seed, $kills kills"
if ! "$build/flow/kill_loop" "$build" "$dir/data" "$dir/history" "$seed" "$kills" 2>"$dir/log"; then
    tail -n 30 "$dir/log"
    exit 1
fi
"$build/flow/kill_check" "$dir/history" "$dir/data"
