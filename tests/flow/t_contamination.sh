#!/usr/bin/env bash
# t_contamination.sh BUILD - contaminate.sh, small: visits, pilots and replays at once, told before and after, withdrawn. `make prove` has every combination over 10,000 journeys.
exec bash "$(dirname "$0")/contaminate.sh" "$1" 60 28 24 "VPR"
