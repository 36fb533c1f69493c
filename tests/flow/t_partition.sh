#!/usr/bin/env bash
# t_partition.sh BUILD [SECONDS] - the line between collector and aggregator drops, goes deaf one way, resets and is down, SECONDS each (PROVE=1: 60), while
# events come in: nothing is lost, nothing comes twice, and what waited drains at least three times as fast as events arrive.
set -eu
build=$1 seconds=${2:-${PROVE:+60}}
dir=$(mktemp -d)
. "$(dirname "$0")/accounted.sh"
trap 'rc=$?; accounted "$dir" || rc=1; rm -rf "$dir"; exit $rc' EXIT
if ! "$build/flow/partition" "$build" "$dir/data" "$dir/history" "${seconds:-6}" 2>"$dir/log"; then
    tail -n 30 "$dir/log"
    exit 1
fi
"$build/flow/kill_check" "$dir/history" "$dir/data"
