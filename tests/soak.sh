#!/usr/bin/env bash
# soak.sh BUILD [STAGE...] - the long column, by hand, for hours: kills, seeds, cuts, fuzz. Each ends with its own summary; exit 1 when one failed.
#   kills   2,000 kills and ten million acknowledged events, three collectors with keys     (half an hour)
#   seeds   100,000 seeds of the simulator
#   cuts    20,000 power cuts each of log, spool and journeys
#   fuzz    30 minutes a fuzz target
set -u
cd "$(dirname "$0")/.."
build=$1
shift
failed=0
stage() { # NAME COMMAND...
    local name=$1 began=$SECONDS
    shift
    echo "== $name"
    "$@" || { failed=1; echo "FAILED: $name"; }
    echo "== $name: $((SECONDS - began)) s"
}
cuts() {
    local t work rc=0
    work=$(mktemp -d)
    for t in log spool journeys; do "$build/fault/disk_drive" cuts $t "$PWD/$build/fault/disk.so" "$work" 20000 $RANDOM || rc=1; done
    rm -rf "$work"
    return $rc
}
fuzz() {
    make -s B=build-fuzz CC=clang CXX=clang++ SAN=fuzzer-no-link,address,undefined OPT='-O1 -g' fuzzers && bash tests/fuzz/run.sh build-fuzz 1800
}
[ $# -gt 0 ] || set -- kills seeds cuts fuzz
for name in "$@"; do
    case $name in
    kills) stage kills bash tests/flow/t_kill_curve.sh "$PWD/$build" 2000 10000000 ;;
    seeds) stage seeds "$build/sim/sim" 1 100000 ;;
    cuts) stage cuts cuts ;;
    fuzz) stage fuzz fuzz ;;
    *) echo "soak.sh: $name is none of kills seeds cuts fuzz" >&2; exit 2 ;;
    esac
done
exit $failed
