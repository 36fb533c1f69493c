#!/usr/bin/env bash
# run.sh - everything that CI runs, stage by stage; a stage that fails does not hide the others. PROVE=1 runs the longer column.
# Ends with "N passed, N failed, N skipped". Exit 1 when any failed.
set -u
cd "$(dirname "$0")/.."
export TZ=UTC LC_ALL=C.UTF-8
log=build/test-logs
mkdir -p $log
jobs=$(nproc)
passed=0 failed=0 skipped=0

stage() { # name, command...
    local name=$1 began=$SECONDS rc
    shift
    "$@" >"$log/$name.log" 2>&1
    rc=$?
    case $rc in
    0) passed=$((passed + 1)); printf 'ok      %-28s %4d s\n' "$name" $((SECONDS - began)) ;;
    77) skipped=$((skipped + 1)); printf 'skipped %-28s %s\n' "$name" "$(tail -n 1 "$log/$name.log")" ;;
    *) failed=$((failed + 1)); printf 'FAILED  %-28s %4d s\n' "$name" $((SECONDS - began)); tail -n 40 "$log/$name.log" | sed 's/^/    | /' ;;
    esac
}
each_flow() { # the flow tests: tests/flow/t_*.sh BUILD
    local t
    for t in tests/flow/t_*.sh; do
        [ -e "$t" ] && stage "flow-$(basename "$t" .sh)" bash "$t" "$PWD/build"
    done
}

stage build make -j"$jobs" all flow fault bench-programs
stage lint make -s lint
stage unit make -j"$jobs" unit
stage study make -s study
stage clang make -j"$jobs" B=build-clang CC=clang CXX=clang++ all
stage asan-build make -j"$jobs" B=build-asan SAN=address,undefined OPT='-O1 -g' all
stage asan-unit make -j"$jobs" B=build-asan SAN=address,undefined OPT='-O1 -g' unit
stage sim-build make -j"$jobs" sim
stage sim bash tests/sim/run.sh build "${PROVE:+10000}"
each_flow
[ -z "${PROVE:-}" ] || stage seeds bash tests/flow/seeds.sh "$PWD/build"
[ -z "${PROVE:-}" ] || stage contamination bash tests/flow/contaminate.sh "$PWD/build" 2000 56 500
[ -z "${PROVE:-}" ] || stage replays bash tests/flow/replays.sh "$PWD/build" 1000 10
[ -z "${PROVE:-}" ] || stage mutants bash tests/fault/mutants.sh build
stage fault-build make -j"$jobs" fault
stage fault-disk bash tests/fault/disk.sh "$PWD/build"
stage fault-flips bash tests/fault/flips.sh "$PWD/build"
stage fault-short bash tests/fault/short.sh "$PWD/build"
stage fuzz-build make -j"$jobs" B=build-fuzz CC=clang CXX=clang++ SAN=fuzzer-no-link,address,undefined OPT='-O1 -g' fuzzers
stage fuzz-corpora bash tests/fuzz/run.sh build-fuzz "${PROVE:+60}"
stage tsan-build make -j"$jobs" B=build-tsan CC=clang CXX=clang++ SAN=thread OPT='-O1 -g' all
stage tsan bash tests/fault/tsan.sh build-tsan
stage web bash tests/web/run.sh "$PWD/build"
stage clients bash tests/clients/run.sh "$PWD/build"

printf '%d passed, %d failed, %d skipped\n' $passed $failed $skipped
[ $failed = 0 ]
