#!/usr/bin/env bash
# t_restart.sh BUILD [KILLS] - `touchline up` holds the ports: collector, viewer and aggregator are killed with -9 under load, and no connection is refused.
set -u
B=${1:?usage: $0 BUILD [KILLS]} kills=${2:-20}
T=$(mktemp -d "${TMPDIR:-/tmp}/flow.XXXXXX")
UP=
. "$(dirname "$0")/accounted.sh"
trap 'rc=$?; accounted "$T" || rc=1; [ -z "$UP" ] || kill $UP 2>/dev/null; wait 2>/dev/null; rm -rf "$T"; exit $rc' EXIT
bad() { echo "$(basename "$0"): FAILED: $*"; touch "$T/failed"; }
D=$T/data
"$B/touchline" up --data "$D" --collector.port 0 --viewer.port 0 --aggregator.port 0 --aggregator.bus 'tcp://127.0.0.1:*' --viewer.visit_bind 127.0.0.1 --viewer.visit_port 0 >"$T/out" 2>"$T/log" & UP=$!
for _ in $(seq 200); do grep -q '/v1/events' "$T/out" && break; sleep 0.05; done
pid_of() { sed -n 's/.*"pid":\([0-9]*\).*/\1/p' "$D/run/$1.json" 2>/dev/null; }
url_of() { sed -n 's/.*"'"${2:-http}"'":"\([^"]*\)".*/\1/p' "$D/run/$1.json"; }
hits() { # PROGRAM KILLS PATH [DOOR]: one line of figures in $T/PROGRAM
    local program=$1 n=$2 path=$3 door=${4:-http} pid last='' first load
    rm -f "$T/enough"
    first=$(url_of "$program" "$door")
    "$B/flow/refused" "${first##*:}" "$path" "$T/enough" > "$T/$program" & load=$!
    for _ in $(seq "$n"); do
        sleep 1.15
        for _ in $(seq 100); do pid=$(pid_of "$program"); [ "${pid:-0}" != "$last" ] && kill -0 "${pid:-0}" 2>/dev/null && break; sleep 0.05; done
        kill -9 "$pid" || bad "$program: nothing to kill"
        last=$pid
    done
    sleep 1
    touch "$T/enough"
    wait $load
    [ "$(url_of "$program" "$door")" = "$first" ] || bad "$program came back on another port"
    echo "$program $path: $n kills, $(cat "$T/$program")"
    grep -q ' refused=0 other=0 ' "$T/$program" || bad "$program: somebody was turned away: $(cat "$T/$program")"
    grep -q '^ok=0 ' "$T/$program" && bad "$program: nothing was answered"
}
hits collector "$kills" /v1/events
hits viewer 3 /healthz
hits viewer 3 /visit/nobody visit
hits aggregator 3 /healthz

# ---- what was answered is in the log ----
acked=$(sed -n 's/^ok=\([0-9]*\).*/\1/p' "$T/collector")
for _ in $(seq 100); do [ "$(curl -s "$(url_of collector)/healthz" | sed -n 's/.*"backlog":\([0-9]*\).*/\1/p')" = 0 ] && break; sleep 0.1; done
in_log=$(curl -s "$(url_of aggregator)/metrics" | sed -n "s/^touchline_a_log_position //p")
[ "${in_log:-0}" -gt "$acked" ] || bad "answered $acked, in the log $in_log"
kill $UP
wait $UP || bad "up ended with an error"
UP=

# ---- what is handed over must be a listening socket ----
( LISTEN_FDS=1 LISTEN_PID=$BASHPID exec "$B/touchline-collector" --data "$T/none" --collector.port 0 3</dev/null ) 2>"$T/e" && bad "took /dev/null for a socket"
grep -q LISTEN_FDS "$T/e" || bad "does not say what is wrong: $(cat "$T/e")"

[ ! -e "$T/failed" ] || { tail -5 "$T/log"; exit 1; }
echo "ok"
