#!/usr/bin/env bash
# short.sh BUILD - memory runs out at the k-th allocation of one program, or the k-th operation on its files fails, for every k (PROVE=1; else the first and
# some), while the smallest events are imported, sent, stitched, rebuilt and backed up by the real programs. Held to: no program ends by a signal of its own,
# what fails says so, and afterwards the same command on the same folder makes exactly the store that it makes without a fault.
set -u
build=$1 step=${PROVE:+1}
step=${step:-23}
work=$(mktemp -d "${TMPDIR:-/tmp}/memory.XXXXXX")
trap 'rm -rf "$work"' EXIT
touchline=$build/touchline
failed=0 runs=0
mkdir "$work/disk"

for i in 1 2 3 4 5 6; do
    printf '{"id":"e%d","type":"t%d","time":"2026-01-0%dT00:00:00Z","ids":{"member":"m%d","email":"m%d@example.com"}}\n' $i $((i % 3)) $i $((i % 2)) $((i % 2))
done >"$work/events"
rows() { "$touchline" export --rows --data "$1" 2>/dev/null; }

verdict() { # rc word what: an end by signal or by the clock, or a failure without a word of its cause
    if [ "$1" -ge 124 ] || grep -q 'signal\|Assertion\|AddressSanitizer' "$work/said"; then
        echo "FAILED: $3: ended with $1: $(tail -n 2 "$work/said")"
        failed=1
    elif [ "$1" != 0 ] && ! grep -q "$2" "$work/said"; then
        echo "FAILED: $3: does not say why: $(tail -n 2 "$work/said")"
        failed=1
    fi
}
# short of memory: PROGRAM K COMMAND...; 0 when the k-th allocation was asked for
short() {
    local program=$1 k=$2 rc
    shift 2
    case $program in EIO | ENOSPC) bad_disk $program $k "$@"; return ;; esac
    rm -f "$work/hit"
    ALLOC_PROGRAM=$program ALLOC_AT=$k ALLOC_HIT=$work/hit LD_PRELOAD=$build/fault/alloc.so timeout 120 "$touchline" "$@" >"$work/said" 2>&1
    rc=$?
    runs=$((runs + 1))
    [ -e "$work/hit" ] || return 1
    verdict $rc memory "allocation $k of $program, $1"
}
# a bad disk, of every program that the command starts: MODE K COMMAND...; as many k as a run without faults has operations
bad_disk() {
    local mode=$1 k=$2
    shift 2
    [ $k -le 90 ] || return 1
    FAULT_DIR=$work/disk FAULT_MODE=$mode FAULT_AT=$k LD_PRELOAD=$build/fault/disk.so timeout 120 "$touchline" "$@" >"$work/said" 2>&1
    verdict $? . "operation $k failing with $mode, $1"
    runs=$((runs + 1))
}
each_k() { # PROGRAM what: calls what with k, until the program asks for fewer
    local k=1
    while "$2" "$1" $k; do
        k=$((k + (k < 4 ? 1 : step)))
    done
}
whole() { # what k program
    [ "$(rows "$work/disk/store")" = "$want" ] || { echo "FAILED: $1, allocation $2 of $3: afterwards the store is another"; failed=1; }
}

import() {
    rm -rf "$work/disk/store"
    short "$1" "$2" import "$work/events" --data "$work/disk/store" || return 1
    "$touchline" import "$work/events" --data "$work/disk/store" >"$work/again" 2>&1 || { echo "FAILED: import after allocation $2 of $1: $(tail -n 1 "$work/again")"; failed=1; }
    whole import "$2" "$1"
}
rebuild() {
    cp -a "$work/good" "$work/disk/store"
    short "$1" "$2" rebuild --data "$work/disk/store"
    local asked=$?
    whole rebuild "$2" "$1"
    rm -rf "$work/disk/store"
    return $asked
}
backup() {
    rm -rf "$work/disk/copy"
    short "$1" "$2" backup "$work/disk/copy" --data "$work/good"
    local asked=$?
    if [ -e "$work/disk/copy" ]; then
        rm -rf "$work/disk/store"
        "$touchline" restore "$work/disk/copy" --data "$work/disk/store" --key "$work/good/keys/backup.key" >/dev/null 2>&1
        whole backup "$2" "$1"
        rm -rf "$work/disk/store"
    fi
    return $asked
}

"$touchline" import "$work/events" --data "$work/good" >/dev/null 2>&1
want=$(rows "$work/good")
[ -n "$want" ] || { echo "FAILED: the good store"; exit 1; }
for program in touchline touchline-collector touchline-aggregator; do each_k $program import; done
for program in touchline touchline-aggregator; do each_k $program rebuild; done
each_k touchline backup
for mode in EIO ENOSPC; do
    for what in import rebuild backup; do each_k $mode $what; done
done
echo "$runs runs short of memory or on a bad disk"
exit $failed
