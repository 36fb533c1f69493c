#!/usr/bin/env bash
# t_register.sh BUILD - what people enter: a page's records go through the viewer to the aggregator with who entered them; other pages' and bad ones are refused.
. "$(dirname "$0")/collector_part.sh"

D="$T/main"
start() { # program, further arguments
    p=$1; shift
    "$B/touchline-$p" --data "$D" "$@" 2>>"$T/log.$p" &
    PIDS="$PIDS $!"
    for n in $(seq 200); do
        grep -q "\"pid\":$!," "$D/run/$p.json" 2>/dev/null && break
        sleep 0.05
    done
    sed -n 's/.*"http":"\([^"]*\)".*/\1/p' "$D/run/$p.json" > "$T/url.$p"
}
enter() { # kind, body, further curl arguments: the status; the answer is in T/answer
    kind=$1 body=$2; shift 2
    curl -s -o "$T/answer" -w '%{http_code}' -X POST "$V/api/control/$kind" -H "Origin: $V" -H 'Content-Type: application/json' -d "$body" "$@"
}

start viewer --viewer-port 0
V=$(cat "$T/url.viewer")
same "without an aggregator" "$(enter break '{"cell":"order:wait/make","status":"open"}')" 503
start aggregator --aggregator-port 0 --aggregator-bus 'tcp://127.0.0.1:*'
A=$(cat "$T/url.aggregator")

same "a page's record" "$(enter break '{"cell":"order:wait/make","status":"open"}' -H 'X-Touchline-Actor: %E7%8E%8B%0D%0Ainjected')" 200
same "its position, and that it is seen" "$(cat "$T/answer")" '{"position":1,"seen":true}'
same "a bad one" "$(enter break '{"cell":"order:wait/make","status":"shut"}')" 400
grep -q 'break.status must be one of: open, assigned, fixed, verified' "$T/answer" || bad "said: $(cat "$T/answer")"
same "another page's" "$(curl -s -o "$T/answer" -w '%{http_code}' -X POST "$V/api/control/break" -H 'Origin: http://example.com' -H 'Content-Type: application/json' -d '{}')" 403
same "a kind that is not the pages'" "$(enter undo '{"origin":"import:csv:run"}')" 404
same "the log's end" "$(curl -s "$A/healthz" | sed -n 's|^{"status":"[a-z]*","position":\([0-9]*\).*|"position":\1|p')" '"position":2'
grep -aq '王injected' "$D/log/data.mdb" || bad "the actor is not in the log"

[ ! -e "$T/failed" ] || exit 1
say "pages enter records, other pages do not"
