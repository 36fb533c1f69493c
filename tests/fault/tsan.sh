#!/usr/bin/env bash
# tsan.sh BUILD - the threaded parts under ThreadSanitizer: unit tests that start threads, then the programs themselves (tsan_programs.sh). libzmq, libmicrohttpd and
# libcurl are not instrumented: what happens inside them is suppressed, but not what happens in our code when they call it. t_bus is left out: bytes that
# libzmq hands from thread to thread look like races to a sanitizer that cannot see its queues.
set -euo pipefail
cd "$(dirname "$0")/../.."
build=$1
export TSAN_OPTIONS="suppressions=$PWD/tests/fault/tsan.supp halt_on_error=1 second_deadlock_stack=1 die_after_fork=0"
tests=(http spool publish commit eventlog control db libtouchline hooks serve send link watch fetch)
make -s -j"$(nproc)" B="$build" CC=clang CXX=clang++ SAN=thread OPT='-O1 -g' all "${tests[@]/#/$build/unit/t_}"
for t in "${tests[@]}"; do
    echo "== t_$t"
    "$build/unit/t_$t" 2>&1 | tail -n 3
done
bash tests/fault/tsan_programs.sh "$build"
