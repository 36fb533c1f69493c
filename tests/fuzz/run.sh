#!/usr/bin/env bash
# run.sh BUILD [SECONDS] - each fuzzer over its kept corpus once; with SECONDS also that long on new inputs; as many at a time as there are processors. One line
# a target. Exit 1 when one found something: its input is left in BUILD/fuzz and named. What a target said is in BUILD/fuzz/TARGET.log.
set -euo pipefail
cd "$(dirname "$0")/../.."
export build=$1 seconds=${2:-0}

# program, its kept corpus, name
one() {
    local program=$1 kept=$2 name=$3 log=$build/fuzz/$3.log rc=0 runs took
    local grown=$build/fuzz/grown_$name input="-artifact_prefix=$build/fuzz/$name-"
    mkdir -p "$grown"
    [ -n "$(ls "$kept" 2>/dev/null)" ] || { echo "FAILED $name: $kept holds nothing"; return 1; }
    "$program" -runs=0 "$input" "$kept" >"$log" 2>&1 || rc=$?
    if [ $rc = 0 ] && [ "$seconds" != 0 ]; then
        "$program" -max_total_time="$seconds" "$input" "$grown" "$kept" >>"$log" 2>&1 || rc=$?
    fi
    read -r runs took < <(awk '/^Done [0-9]+ runs in/ { n += $2; s += $5 } END { print n + 0, s + 0 }' "$log")
    if [ $rc = 0 ] && [ "$runs" -gt 0 ]; then
        printf '%-16s %9d executions in %3d s\n' "$name" "$runs" "$took"
        return 0
    fi
    echo "FAILED $name: exit $rc, input $(sed -n 's/.*Test unit written to //p' "$log" | tail -n 1), log $log"
    tail -n 30 "$log" | sed 's/^/    /'
    return 1
}
export -f one

# before it is believed that nothing was found: a program that finds something must be noticed
mkdir -p "$build/fuzz"
printf '#!/bin/sh\necho Done 1 runs in 0 "second(s)"\nexit 77\n' > "$build/fuzz/planted" && chmod +x "$build/fuzz/planted"
if one "$build/fuzz/planted" tests/fuzz/corpus_gzip planted > /dev/null; then
    echo "a program that fails is not noticed"
    exit 1
fi

for src in tests/fuzz/fuzz_*.c; do
    name=$(basename "$src" .c)
    printf '%s\n' "one $build/fuzz/$name tests/fuzz/corpus_${name#fuzz_} $name"
done | xargs -P "$(nproc)" -I{} bash -c '{}'
