#!/usr/bin/env bash
# tsan.sh BUILD - the threaded parts under ThreadSanitizer. libzmq, libmicrohttpd and libcurl are not instrumented: what happens inside them is suppressed.
# t_bus is left out: bytes that libzmq hands from thread to thread look like races to a sanitizer that cannot see its queues.
set -euo pipefail
cd "$(dirname "$0")/../.."
build=$1
export TSAN_OPTIONS="suppressions=$PWD/tests/fault/tsan.supp halt_on_error=1 second_deadlock_stack=1"
for t in http spool publish commit eventlog control; do
    [ -e "tests/unit/t_$t.c" ] || continue
    make -s -j"$(nproc)" B="$build" CC=clang CXX=clang++ SAN=thread OPT='-O1 -g' "$build/unit/t_$t"
    echo "== t_$t"
    "$build/unit/t_$t" 2>&1 | tail -n 3
done
