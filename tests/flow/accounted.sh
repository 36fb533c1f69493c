# accounted.sh - sourced by flow tests. accounted DIR, before DIR is removed: does every store beneath it account for all that it received (accounted.c)?
ACCOUNTED=$(cd "${1:?usage: $0 BUILD}" && pwd)/flow/accounted
accounted() { "$ACCOUNTED" "$1" || { echo "$(basename "$0"): FAILED: the totals do not add up"; false; }; }
