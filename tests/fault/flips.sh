#!/usr/bin/env bash
# flips.sh BUILD - bits turned in log, journeys, spool and backup (flip_drive.c): 1,000, with PROVE=1 10,000.
set -eu
work=$(mktemp -d "${TMPDIR:-/tmp}/flips.XXXXXX")
trap 'rm -rf "$work"' EXIT
seed=${SEED:-$RANDOM} flips=${PROVE:+10000}
echo "seed $seed"
"$1/fault/flip_drive" "$work/w" "${flips:-1000}" "$seed" "$1/touchline"
