#!/usr/bin/env bash
# t_continuity.sh BUILD - one problem, told in the app, talked over by phone, solved in the store: one case and one journey, what was known comes along or the customer
# says it again; an unlinked alias is recognised once it is linked; and how many contacts of each channel are of customers who are known. Over HTTP.
set -u
build=$1
touchline=$build/touchline
work=$(mktemp -d)
up=
end() { [ -n "$up" ] && kill "$up" 2>/dev/null && wait "$up" 2>/dev/null; up=; }
. "$(dirname "$0")/accounted.sh"
trap 'rc=$?; accounted "$work" || rc=1; end; rm -rf "$work"; exit $rc' EXIT
failed=0
fail() { echo "FAILED: $*"; failed=1; }
is() { [ "$2" = "$3" ] || fail "$1:"$'\n'"  $2"$'\n'"instead of"$'\n'"  $3"; }
at() { "$build/flow/json_at" "$@" | paste -sd ' ' -; }
until_true() { for _ in $(seq 600); do "$@" && return 0; sleep 0.1; done; fail "waited a minute for: $*"; return 1; }
export TZ=UTC
store=$work/d
mkdir -p "$store/catalogue"
cat >"$store/catalogue/c.json" <<'C'
{"touchpoints": [{"id": "app", "match": {"type": "service.request"}}, {"id": "call", "match": {"type": "service.response"}}, {"id": "desk", "match": {"type": "service.resolved"}}],
 "journey_types": [{"id": "matter", "key": "case", "gap_d": 30, "good": ["service.resolved"]}],
 "checks": [{"id": "continuity", "kind": "context", "key": "case", "allowed": 0.05, "on": "call"}]}
C
"$touchline" up --data "$store" --collector.port=0 --aggregator.port=0 --aggregator.bus='tcp://127.0.0.1:*' --viewer.port=0 >"$work/log" 2>&1 &
up=$!
address() { sed -n 's/.*"http":"\([^"]*\)".*/\1/p' "$store/run/$1.json" 2>/dev/null; }
answers() { viewer=$(address viewer); collector=$(address collector); [ -n "$viewer" ] && curl -sf -o /dev/null "$viewer/healthz" && curl -sf -o /dev/null "$collector/healthz"; }
until_true answers || { cat "$work/log"; exit 1; }
sent=1
stitched() { local p; p=$(curl -s "$viewer/api/about" | sed -n 's/.*"position":\([0-9]*\).*/\1/p'); [ "${p:-0}" -ge "$sent" ]; }
send() { # <NDJSON
    cat >"$work/body"
    curl -s "$collector/v1/events?ack=logged" -H 'Content-Type: application/x-ndjson' --data-binary @"$work/body" | grep -q '"quarantined":\[\]' || fail "the collector refused"
    sent=$((sent + $(wc -l <"$work/body")))
    until_true stitched
}
# a matter: day, case, who in the app, who on the phone, who in the store, does the agent know?
matter() {
    awk -v d="$1" -v k="$2" -v a="$3" -v p="$4" -v s="$5" -v knows="$6" 'BEGIN {
        t = 1767571200 + d * 86400 + 36000
        printf "{\"id\":\"%s-1\",\"type\":\"service.request\",\"ids\":{%s},\"channel\":\"app\",\"case\":\"%s\",\"time\":%d000}\n", k, a, k, t
        printf "{\"id\":\"%s-2\",\"type\":\"service.response\",\"ids\":{%s},\"channel\":\"phone\",\"case\":\"%s\",\"time\":%d000,\"props\":{\"context\":\"%s\"}}\n", k, p, k, t + 600, knows
        printf "{\"id\":\"%s-3\",\"type\":\"service.resolved\",\"ids\":{%s},\"channel\":\"store\",\"place\":\"S01\",\"case\":\"%s\",\"time\":%d000}\n", k, s, k, t + 3600
    }'
}
breaks() { curl -s "$viewer/api/breaks?journey=matter&as_of=2026-03-01T00:00:00Z&from=$1&to=$1" | at '.rest[id=continuity].hits' '.rest[id=continuity].n'; }
journeys() { curl -s "$viewer/api/journeys?journey=matter&as_of=2026-03-01T00:00:00Z&from=$1&to=$1" | at '.count' '.journeys[0].steps' '.journeys[0].outcome'; }

echo "== the agent knows: one journey, continuity 2 of 2"
matter 0 K1 '"member":"M1","phone":"139 1234 5678"' '"phone":"+8613912345678"' '"member":"M1"' yes | send
is "one case, one journey" "$(journeys 2026-01-05)" "1 3 good"
is "kept at both switches" "$(awk '{ printf "%d/%d", $2 - $1, $2 }' <<<"$(breaks 2026-01-05)")" "2/2"
echo "== the agent asks again: 1 of 2, and a break that says so"
matter 1 K2 '"member":"M2","phone":"+8613912345679"' '"phone":"+8613912345679"' '"member":"M2"' no | send
is "kept at one of two" "$(awk '{ printf "%d/%d", $2 - $1, $2 }' <<<"$(breaks 2026-01-06)")" "1/2"
of() { curl -s "$viewer/api/customers/find" -H 'Content-Type: application/json' -d "$1" | at '.customers[0].customer'; }
is "said again" "$(curl -s "$viewer/api/customers/$(of '{"kind":"member","value":"M2"}')" | at '.journeys[type=matter].breaks[id=continuity].expected' '.journeys[type=matter].breaks[id=continuity].actual')" "app phone"
echo "== an alias that nobody has linked: three customers, until identify says who"
matter 2 K3 '"anonymous":"cookie-3"' '"phone":"+8613912345680"' '"card":"C3"' yes | send
is "told apart" "$(journeys 2026-01-07 | cut -d' ' -f1)" 3
printf '%s\n' '{"id":"i1","type":"identify","ids":{"phone":"013912345680","anonymous":"cookie-3"},"time":1767790000000}' '{"id":"i2","type":"identity.link","ids":{"phone":"008613912345680","card":"C3"},"time":1767790001000}' | send
is "recognised: one journey" "$(journeys 2026-01-07)" "1 3 good"
is "continuity 2 of 2" "$(awk '{ printf "%d/%d", $2 - $1, $2 }' <<<"$(breaks 2026-01-07)")" "2/2"
echo "== recognition by channel"
awk 'BEGIN { for (i = 0; i < 10; i++) printf "{\"id\":\"w%d\",\"type\":\"view\",\"ids\":{\"anonymous\":\"w%d\"},\"channel\":\"web\",\"time\":%d000}\n", i, i % 5, 1767830400 + i
    print "{\"id\":\"l1\",\"type\":\"identify\",\"ids\":{\"member\":\"M9\",\"anonymous\":\"w0\"},\"time\":1767840000000}" }' | send
channel() { curl -s "$viewer/api/channels?from=2026-01-05&to=2026-01-08&as_of=2026-03-01T00:00:00Z" | at ".channels[channel=$1].n" ".channels[channel=$1].at_once.k" ".channels[channel=$1].by_now.k" ".channels[channel=$1].by_now.rate"; }
is "web: 10 contacts of five browsers, one of them known by now" "$(channel web)" "10 0 2 0.200000"
is "app: one of three by a cookie, known by now" "$(channel app)" "3 2 3 1"
is "phone and store: everybody" "$(channel phone), $(channel store)" "3 3 3 1, 3 3 3 1"
is "its interval: Wilson of n over the design effect" "$(curl -s "$viewer/api/channels?from=2026-01-05&to=2026-01-08&as_of=2026-03-01T00:00:00Z" | at '.channels[channel=web].by_now.de' '.channels[channel=web].by_now.lo' '.channels[channel=web].by_now.hi')" \
    "$(awk 'BEGIN { z = 1.959963984540054; p = .2; de = 1.25 * ((2 - .4) ^ 2 + 4 * .4 ^ 2) / (10 * p * (1 - p)); n = 10 / de
        c = (p + z * z / 2 / n) / (1 + z * z / n); h = z * sqrt(p * (1 - p) / n + z * z / 4 / n / n) / (1 + z * z / n); printf "%.6f %.6f %.6f", de, c - h, c + h }')"
[ $failed = 0 ] && echo "app, phone, store: one case"
exit $failed
