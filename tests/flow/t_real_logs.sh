#!/usr/bin/env bash
# t_real_logs.sh BUILD - four published logs are imported and their maps compared with independent counts; exports are imported again and give the same map.
# The logs lie beside the project, never in it: REAL_LOGS=DIR, default ../shared/data. Without them: skipped.
set -eu
build=$(cd "${1:?usage: $0 BUILD}" && pwd)
cd "$(dirname "$0")/../.."
logs=${REAL_LOGS:-../shared/data}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
touchline=$build/touchline check=$build/flow/map_check failed=0
export TZ=UTC

# ask DATA OUT COMMAND...: one answer as JSON
ask() { local data=$1 out=$2; shift 2; "$touchline" "$@" --data "$data" --json >"$dir/$out.json" 2>>"$dir/log"; }
must() { "$@" || failed=1; }

if [ ! -f "$logs/bpic2012.xes.gz" ]; then
    echo "no published logs in $logs (REAL_LOGS=DIR says where they are)"
    exit 77
fi
for name in bpic2012 receipt teleclaims running-example; do
    for file in "$logs/$name".xes.gz "$logs/$name".xes; do [ -f "$file" ] && break; done
    d=$dir/$name
    "$touchline" import "$file" --data "$d" >/dev/null 2>>"$dir/log"
    ask "$d" map map --journey all --lifecycle all
    ask "$d" variants variants --journey all --lifecycle all
    must "$check" counts "$logs/expected/maps.json" $name "$dir/map.json" "$dir/variants.json"
    if [ $name = bpic2012 ]; then
        ask "$d" map map --lifecycle complete
        ask "$d" variants variants --lifecycle complete
        ask "$d" funnel funnel A_SUBMITTED A_PREACCEPTED A_ACCEPTED A_FINALIZED O_SENT_BACK A_APPROVED --lifecycle all
        must "$check" complete "$logs/expected/bpic2012.json" "$dir/map.json" "$dir/variants.json" "$dir/funnel.json"
    fi
done
for name in receipt teleclaims; do
    "$touchline" export --format xes --data "$dir/$name" >"$dir/again.xes" 2>>"$dir/log"
    "$touchline" import "$dir/again.xes" --data "$dir/$name-again" >/dev/null 2>>"$dir/log"
    ask "$dir/$name" map map --lifecycle all
    ask "$dir/$name-again" again map --lifecycle all
    must "$check" same "$dir/map.json" "$dir/again.json"
done
[ $failed = 0 ] || { tail -20 "$dir/log"; exit 1; }
