#!/usr/bin/env bash
# t_replays.sh BUILD - replays.sh, small: 60 visits replayed three times. `make prove` replays 1,000 ten times.
exec bash "$(dirname "$0")/replays.sh" "$1" 60 3
