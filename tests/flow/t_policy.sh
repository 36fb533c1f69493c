#!/usr/bin/env bash
# t_policy.sh BUILD - field policies with the real programs: what is dropped or hashed, sent in every protocol, as good events and as bad ones, stands in no file of
# the store, not in the spool, the log, the journeys, the programs' own words; and hashed identities still make one customer.
set -u
B=${1:?usage: $0 BUILD}
T=$(mktemp -d "${TMPDIR:-/tmp}/flow.XXXXXX")
UP=
. "$(dirname "$0")/accounted.sh"
trap 'rc=$?; accounted "$T" || rc=1; exec 2>/dev/null; [ -z "$UP" ] || { kill $UP; wait $UP; }; rm -rf "$T"; exit $rc' EXIT
bad() { echo "$(basename "$0"): FAILED: $*"; touch "$T/failed"; }
same() { [ "$2" = "$3" ] || bad "$1"$'\n'"   got  $2"$'\n'"   want $3"; }
until_true() { for _ in $(seq 600); do "$@" && return 0; sleep 0.1; done; bad "waited 60 s for: $*"; return 1; }
D=$T/data
mkdir -p "$D"
cat >"$D/policy.json" <<'P'
{"*": {"ids.phone": "hash", "ids.email": "hash", "props.card": "drop", "props.address": "drop", "text": "drop", "props.text": "drop", "agent": "hash"}}
P
address() { sed -n 's/.*"http":"\([^"]*\)".*/\1/p' "$D/run/$1.json" 2>/dev/null; }
answers() { curl -sf -o /dev/null "$(address viewer)/healthz" && curl -sf -o /dev/null "$(address collector)/healthz"; }
"$B/touchline" up --data "$D" --collector.port 0 --viewer.port 0 --aggregator.port 0 --aggregator.bus 'tcp://127.0.0.1:*' >"$T/out" 2>"$T/log" & UP=$!
until_true answers || { tail -5 "$T/log"; exit 1; }
grep -q 'policy_rules=7' "$T/log" || bad "the start does not say how many rules hold"
C=$(address collector)
code() { curl -s -o "$T/answer" -w '%{http_code}' "$@"; }

# secret-N is what must not be found; keepme is what must, or the search would prove nothing
same native "$(code "$C/v1/events?key=k" -d '[{"id":"n1","type":"order.placed","ids":{"member":"m1","phone":"+8613900secret1","email":"secret-1@x.cn"},"agent":"secret-2","text":"secret-3","phone":"secret-4","order":"keepme-1","props":{"card":"secret-5","address":{"secret-6":["secret-6"]},"mail":"secret-1@x.cn"}}]')" 202
same segment "$(code "$C/v1/batch" -d '{"writeKey":"k","context":{"ip":"secret-7"},"batch":[{"type":"identify","messageId":"s1","userId":"u1","traits":{"email":"Secret-8@x.cn","card":"secret-9","name":"keepme-2"},"context":{"traits":{"phone":"secret-10"},"page":{"url":"https://x.cn/?secret-11"}}}]}')" 200
same cloudevents "$(code "$C/v1/cloudevents?key=k" -H 'Content-Type: application/cloudevents+json' -d '{"specversion":"1.0","id":"c1","source":"/till","type":"order.paid","subject":"user:u1","data":{"card":"secret-12","order":"keepme-3","text":"secret-13"}}')" 202
same snowplow "$(code "$C/com.snowplowanalytics.snowplow/tp2" -d '{"schema":"iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4","data":[{"e":"pv","eid":"w1","p":"web","aid":"k","tv":"t","uid":"u1","url":"https://x.cn/keepme-4","ip":"secret-14","dtm":"1767225600000"}]}')" 200
same pixel "$(code "$C/pixel.gif?key=k&id=p1&type=mail.opened&email=secret-15@x.cn&order=keepme-5&text=secret-16")" 200
same "bad ones" "$(code "$C/v1/events?key=k" --data-binary $'{"id":"b1","type":"a","ids":{"phone":"secret-17"},"time":"secret-18"}\n{"id":"b2","type":"a","ids":{"user":"u1"},"text":"secret-19","channel":"smoke"}\n{"id":"b3",secret-20}\n{"type":"only.phone","id":"b4","ids":{"phone":"nosecret"},"text":"secret-21"}')" 202
same "bad snowplow" "$(code "$C/com.snowplowanalytics.snowplow/tp2" -d '{"secret-22":')" 200
same "a bad array" "$(code "$C/v1/events?key=k" -d '[{"type":"a","ids":{"phone":"secret-23"}},]')" 400

find_customer() { curl -s "$(address viewer)/api/customers?id=$1" | grep -o '"customer":"[0-9a-f]*"' | head -1; }
arrived() { [ -n "$(find_customer member:m1)" ] && [ -n "$(find_customer user:u1)" ]; }
until_true arrived
same "a raw phone is known to nobody" "$(find_customer email:secret-1@x.cn)" ""
until_true eval '[ "$(curl -s "$(address viewer)/api/quarantine" | grep -o "\"reason\":" | wc -l)" -ge 4 ]'
curl -s "$(address viewer)/api/quarantine" >"$T/quarantine"
grep -q identity_missing "$T/quarantine" || bad "an event left without an identity is not told: $(head -c 400 "$T/quarantine")"

# one person by a hash: the same e-mail, written otherwise
curl -s -o /dev/null "$C/v1/events?key=k" -d '{"id":"n2","type":"order.fulfilled","ids":{"email":" SECRET-1@X.CN "},"order":"keepme-6"}'
two() { [ "$(curl -s "$(address viewer)/api/customers/$(find_customer member:m1 | cut -d'"' -f4)" | grep -o '"type":"order\.[a-z]*"' | sort -u | wc -l)" = 2 ]; }
until_true two
curl -s "$(address collector)/metrics" >"$T/metrics"
for c in hashed dropped; do
    [ "$(sed -n "s/^touchline_c_fields_$c //p" "$T/metrics")" -ge 4 ] || bad "fields $c are not counted"
done

# a file dropped into a watched folder, by a collector of its own
mkdir -p "$T/other" "$T/drop"
cp "$D/policy.json" "$T/other/"
"$B/touchline-collector" --data "$T/other" --collector.port 0 --watch.settle_s 0 --watch.poll_ms 50 --watch "$T/drop" 2>>"$T/log" & DROP=$!
printf '%s\n' '{"id":"f1","type":"order.placed","ids":{"phone":"secret-24 138"},"order":"keepme-7","text":"secret-25"}' '{"id":"f2",secret-26}' \
    '{"id":"f3","type":"a","ids":{"user":"u1"},"channel":"secret-27","text":"secret-28"}' >"$T/drop.part"
mv "$T/drop.part" "$T/drop/today.ndjson"
until_true [ -e "$T/drop/done/today.ndjson" ]
kill $DROP; wait $DROP
grep -aqr keepme-7 "$T/other/spool" || bad "the dropped file was not taken"

kill $UP; wait $UP; UP=
find "$D" "$T/log" "$T/other" -type f >"$T/files"
while read -r f; do
    grep -aqi secret "$f" && bad "$f holds $(grep -aoi '[^ ]\{0,40\}secret[^ ]\{0,20\}' "$f" | head -3)"
done <"$T/files"
for place in spool log; do
    for n in 1 2 3 4 5 6; do
        grep -aqr "keepme-$n" "$D/$place" || bad "$place does not hold keepme-$n: the search finds nothing there"
    done
done
"$B/touchline" export --data "$D" --rows 2>/dev/null | grep -qi secret && bad "the rows hold a secret"

# what is no policy is no start
echo '{"*": {"ids.phone": "mask"}}' >"$D/policy.json"
"$B/touchline-collector" -n --data "$D" 2>"$T/said" && bad "a policy that cannot be understood was taken"
grep -q 'policy.json:1' "$T/said" || bad "not told where: $(cat "$T/said")"
"$B/touchline-collector" -n --data "$D" --collector.policy "$T/nothing" 2>/dev/null && bad "a policy that is not there was taken"
[ ! -e "$T/failed" ] && echo "$(basename "$0"): ok"
