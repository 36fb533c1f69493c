#!/usr/bin/env bash
# run.sh BUILD [SEEDS] - the simulator over seeds 1..SEEDS (1,000), then its mutants, each of which must be caught.
set -eu
sim=$1/sim/sim seeds=${2:-1000}
"$sim" 1 "$seeds"
for mutant in ack seq sync; do
    if "$sim" 1 40 --mutant=$mutant; then
        echo "mutant $mutant was not caught"
        exit 1
    fi
done
