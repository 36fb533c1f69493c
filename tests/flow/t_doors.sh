#!/usr/bin/env bash
# t_doors.sh BUILD - every HTTP door of the real programs (events, pages, phones, control) refuses requests with two meanings and closes what drips; who stands
# behind a proxy is told by the proxy alone; and each status that a sender can get is explained in the README, with what it says there.
. "$(dirname "$0")/collector_part.sh"
root=$(dirname "$0")/../..
start_other() { # PROGRAM [OPTION...]
    local program=$1; shift
    "$B/touchline-$program" --data "$T/data" "$@" 2>>"$T/log" & PIDS="$PIDS $!"
    for _ in $(seq 200); do grep -q "\"pid\":$!," "$T/data/run/$program.json" 2>/dev/null && return; sleep 0.05; done
    bad "the $program did not start"; exit 1
}
port_of() { sed -n "s/.*\"$2\":\"[a-z]*:\/\/[^\"]*:\([0-9]*\)\".*/\1/p" "$T/data/run/$1.json"; }
start_other aggregator --aggregator-port 0 --aggregator-bus 'tcp://127.0.0.1:*'
start_collector "$T/data" --collector.proxy '127.0.0.1, 10.0.0.0/8' --limit.address_events_s 1 --limit.burst_s 1 --limit.failures_s 2
start_other viewer --viewer-port 0 --viewer-visit-port 0 --viewer-visit-bind 127.0.0.1

# ---- the four doors at once: a drip takes its time ----
doors=
for door in "collector http /v1/events?key=k" "viewer http /api/control/note" "viewer visit /visit/unknown" "aggregator http /control/note"; do
    read -r program key path <<< "$door"
    ( "$B/flow/http_door" "$(port_of "$program" "$key")" "$path" > "$T/door.$program.$key" 2>&1 || bad "$door: $(cat "$T/door.$program.$key")" ) & doors="$doors $!"
done

# ---- behind a proxy: of all that X-Forwarded-For says, what trusted proxies wrote holds ----
n=0
from() { # X-Forwarded-For lines...: the status of a body of ten events
    local head=() line body=
    for line in "$@"; do head+=(-H "X-Forwarded-For: $line"); done
    for _ in 1 2 3 4 5 6 7 8 9 10; do body+="{\"type\":\"t\",\"id\":\"f$((n++))\",\"ids\":{\"user\":\"u\"}}"$'\n'; done
    curl -s -o /dev/null -w '%{http_code}' "${head[@]}" "$U/v1/events" --data-binary "$body"
}
same "a sender behind the proxy" "$(from 203.0.113.7)" 202
same "its neighbour in /24" "$(from 203.0.113.8)" 429
same "another one" "$(from 198.51.100.1)" 202
same "an invented address before its own" "$(from '192.0.2.1, 203.0.113.7')" 429
same "in a line of its own" "$(from 192.0.2.2 203.0.113.7)" 429
same "the name of a proxy" "$(from '127.0.0.1, 10.1.1.1, 203.0.113.7')" 429
same "through two proxies" "$(from '192.0.2.3, 203.0.113.7, 10.1.1.1')" 429
same "in two lines" "$(from 192.0.2.4 203.0.113.7 10.1.1.1)" 429
same "IPv6, one /64" "$(from 2001:db8::1) $(from 2001:db8::ffff:2) $(from 2001:db8:0:1::1)" "202 429 202"

# ---- each status, provoked, and its row in the README ----
told() { # STATUS, got
    same "status $1" "$2" "$1"
    for page in README.md collector/README.md; do
        grep -qE "^\|( [0-9]{3}[^|]*)?[ ,(]$1[ ,)][^|]*\|" "$root/$page" || bad "$page does not say what $1 means"
    done
}
code() { curl -s -o "$T/answer" -D "$T/head" -w '%{http_code}' "$@"; }
version() {
    exec 9<>"/dev/tcp/127.0.0.1/${U##*:}"
    printf 'GET / HTTP/3.1\r\n' >&9        # no more than that: bytes that nobody reads would cut the answer off
    timeout 20 head -n 1 <&9 | cut -c 10-12
    exec 9>&-
}
event='{"type":"t","id":"e","ids":{"user":"u"}}'
known=(-H 'X-Forwarded-For: 192.0.2.77')
told 202 "$(code "${known[@]}" "$U/v1/events" -d "$event")"
told 200 "$(code "${known[@]}" "$U/v1/track" -d '{"event":"e","userId":"u"}')"
told 400 "$(code "$U/v1/events" -d '[')"
told 401 "$(code -H "X-Write-Key: $(printf 'k%.0s' $(seq 300))" -H 'X-Forwarded-For: 192.0.3.1' "$U/v1/events" -d "$event")"
told 404 "$(code "$U/v1/nothing" -d x)"
told 405 "$(code -X PUT "$U/v1/events" -d x)"
told 413 "$(head -c 600000 /dev/zero | code "$U/v1/events" --data-binary @-)"
told 414 "$(code "$U/v1/events?x=$(head -c 20000 /dev/zero | tr '\0' x)")"
told 431 "$(code -H "X: $(head -c 20000 /dev/zero | tr '\0' x)" "$U/v1/events")"
told 505 "$(version)"
told 429 "$(from 203.0.113.7)"
key=$("$B/touchline" keys add write-key page --origin https://shop.example --data "$T/data" 2>>"$T/log")
for _ in $(seq 50); do told_403=$(code -H "X-Write-Key: $key" -H 'Origin: https://evil.example' -H "X-Forwarded-For: 192.0.$((n++ % 250)).1" "$U/v1/events" -d "$event"); [ "$told_403" = 403 ] && break; sleep 0.1; done
told 403 "$told_403"
grep -qE "^\\| 408[ ,]" "$root/README.md" || bad "README.md does not say what 408 means"
grep -qE '^\| 503 ' "$root/README.md" || bad "README.md does not say what 503 means"
for pid in $doors; do wait "$pid"; done
cat "$T"/door.*
[ ! -e "$T/failed" ] && say ok
[ ! -e "$T/failed" ]
