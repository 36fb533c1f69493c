#!/usr/bin/env bash
# cover.sh BUILD - what coverage is measured by: with a build that counts (make cover), the simulator, failing disks, and the flow tests that carry an event
# from a sender into the journeys. The unit tests have run already. Programs are asked to end here, since one that is killed does not write its counts.
set -eu
cd "$(dirname "$0")/.."
build=$PWD/$1
export END_SIGNAL=TERM
"$build/sim/sim" 1 1000
for t in aggregator collector curve disk_full failing_disk gap hostile_bodies import keys limits pipeline quarantine sameness watermark; do
    echo "== $t"
    bash "tests/flow/t_$t.sh" "$build" >"$build/said" 2>&1 || { tail -n 20 "$build/said"; exit 1; }
done
bash tests/fault/disk.sh "$build"
