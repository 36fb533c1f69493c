# collector_part.sh - sourced by flow tests: start and stop a real collector on a free port, ask it, compare.
B=${1:?usage: $0 BUILD}
T=$(mktemp -d "${TMPDIR:-/tmp}/flow.XXXXXX")
PIDS=

. "$(dirname "$0")/accounted.sh"
trap 'rc=$?; accounted "$T" || rc=1; exec 2>/dev/null; for p in $PIDS; do kill -${END_SIGNAL:-9} $p; done; wait; rm -rf "$T"; exit $rc' EXIT

say() { echo "$(basename "$0"): $*"; }
bad() { say "FAILED: $*"; touch "$T/failed"; }
# same WHAT GOT WANT
same() { [ "$2" = "$3" ] || bad "$1"$'\n'"   got  $2"$'\n'"   want $3"; }

# start_collector DIR [OPTION...]: sets PID and U (its address)
start_collector() {
    local dir=$1 n; shift
    "$B/touchline-collector" --data "$dir" --collector-port 0 "$@" 2>>"$T/log" &
    PID=$!
    PIDS="$PIDS $PID"
    for n in $(seq 100); do
        if grep -q "\"pid\":$PID," "$dir/run/collector.json" 2>/dev/null; then
            U=$(sed -n 's/.*"http":"\([^"]*\)".*/\1/p' "$dir/run/collector.json")
            return 0
        fi
        kill -0 $PID 2>/dev/null || break
        sleep 0.05
    done
    bad "the collector did not start"; tail -3 "$T/log"; exit 1
}
stop_collector() { kill -TERM "$PID" 2>/dev/null; wait "$PID"; }
# counter NAME: its value in /metrics
counter() { curl -s "$U/metrics" | sed -n "s/^touchline_$1 //p"; }
