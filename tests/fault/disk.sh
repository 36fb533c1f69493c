#!/usr/bin/env bash
# disk.sh BUILD - log, spool, journeys and the queue file of the C SDK through power cuts and failing system calls (disk_drive.c). Without syncs the cuts must lose something: else the
# shim has no teeth. PROVE=1: 1,000 cuts each, and every k.
set -eu
build=$1 cuts=${PROVE:+1000} step=${PROVE:+1}
cuts=${cuts:-100} step=${step:-23} seed=${SEED:-$RANDOM}
work=$(mktemp -d "${TMPDIR:-/tmp}/disk.XXXXXX")
trap 'rm -rf "$work"' EXIT
echo "seed $seed"
drive() { "$build/fault/disk_drive" "$1" "$2" "$build/fault/disk.so" "$work" "${@:3}"; }
for t in log spool journeys queue; do drive cuts $t "$cuts" "$seed"; done
for t in log spool queue; do drive cuts $t 15 "$seed" nosync; done
for t in log spool journeys queue; do
    for m in EIO ENOSPC EINTR short; do drive fails $t $m "$step"; done
done
