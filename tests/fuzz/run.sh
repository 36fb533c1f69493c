#!/usr/bin/env bash
# run.sh BUILD [SECONDS] - run each fuzzer over its kept corpus once; with SECONDS also that long on new inputs (findings are left in BUILD/fuzz).
set -eu
cd "$(dirname "$0")/../.."
build=$1 seconds=${2:-0}
for src in tests/fuzz/fuzz_*.c; do
    name=$(basename "$src" .c)
    kept=tests/fuzz/corpus_${name#fuzz_}
    grown=$build/fuzz/grown_$name
    mkdir -p "$kept" "$grown"
    echo "== $name"
    "$build/fuzz/$name" -runs=0 -artifact_prefix="$build/fuzz/" "$kept" 2>&1 | tail -n 2
    [ "$seconds" = 0 ] || "$build/fuzz/$name" -max_total_time="$seconds" -artifact_prefix="$build/fuzz/" "$grown" "$kept" 2>&1 | tail -n 3
done
