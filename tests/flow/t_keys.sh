#!/usr/bin/env bash
# t_keys.sh BUILD - write keys and limits at the real collector: made, scoped, rotated, revoked while it runs; what 401, 403 and 429 look like.
. "$(dirname "$0")/collector_part.sh"
D=$T/data
mkdir -p "$D"
keys() { "$B/touchline" keys "$@" --data "$D" 2>>"$T/log"; }
event='{"type":"t","id":"ID","ids":{"user":"u"}EXTRA}'
post() { # KEY PATH BODY [CURL OPTION...]: status, body in $T/answer, head in $T/head
    local key=$1 path=$2 body=$3; shift 3
    curl -s -o "$T/answer" -D "$T/head" -w '%{http_code}' -H "X-Write-Key: $key" "$@" "$U$path" -d "$body"
}
settled() { sleep 0.6; }    # the collector looks at the keys four times a second

start_collector "$D" --limit.failures_s 3 --limit.burst_s 2
same "any key before the first" "$(post whatever /v1/events '{"type":"t","id":"1","ids":{"user":"u"}}')" 202
web=$(keys add write-key web) || bad "no key was made"
[[ $web == tlw_web_* ]] || bad "not the wire form: $web"
test=$(keys add write-key till.test --stream test)
page=$(keys add write-key page --origin https://shop.example)
slow=$(keys add write-key slow --rate 5)
keys add write-key web >/dev/null && bad "a name was given twice"
keys add write-key 'a_b' >/dev/null && bad "a name with an underscore was taken"
grep -q "${web##*_}" "$D/keys/write-keys.json" && bad "the secret is in the file"
same "mode of the file" "$(stat -c %a "$D/keys/write-keys.json")" 600
settled

# ---- 401 on every door, 403, and what is taken ----
same "a listed key" "$(post "$web" /v1/events '{"type":"t","id":"2","ids":{"user":"u"}}')" 202
same "Basic" "$(curl -s -o /dev/null -w '%{http_code}' -u "$web:" "$U/v1/track" -d '{"event":"x","userId":"u","messageId":"3"}')" 200
same "in the body" "$(curl -s -o /dev/null -w '%{http_code}' "$U/v1/batch" -d "{\"batch\":[{\"type\":\"track\",\"event\":\"x\",\"userId\":\"u\",\"messageId\":\"4\"}],\"writeKey\":\"$web\"}")" 200
same "unknown" "$(post whatever /v1/events '{"type":"t","ids":{"user":"u"}}')" 401
grep -q TL_EAUTH "$T/answer" || bad "the answer does not say why: $(cat "$T/answer")"
same "none" "$(curl -s -o /dev/null -w '%{http_code}' "$U/v1/events" -d '{"type":"t","ids":{"user":"u"}}')" 401
same "Segment, unknown" "$(curl -s -o /dev/null -w '%{http_code}' -u nobody: "$U/v1/track" -d '{"event":"x","userId":"u"}')" 401
same "Segment, unknown in the body" "$(curl -s -o /dev/null -w '%{http_code}' "$U/v1/track" -d '{"event":"x","userId":"u","writeKey":"nobody"}')" 401
same "Segment, none" "$(curl -s -o /dev/null -w '%{http_code}' "$U/v1/batch" -d '{"batch":[]}')" 401
same "wrong secret" "$(post "${web}0" /v1/events '{"type":"t","ids":{"user":"u"}}')" 401
for _ in $(seq 20); do [ "$(post "$page" /v1/events '{"type":"t","ids":{"user":"u"}}' -H 'Origin: https://evil.example')" != 429 ] || break; done
grep -q "^HTTP/1.1 429" "$T/head" || bad "20 failures more and no 429: $(cat "$T/head")"
grep -qi '^retry-after: [1-9]' "$T/head" || bad "429 without Retry-After: $(cat "$T/head")"
same "failures of others do not shut a good key out" "$(post "$web" /v1/events '{"type":"t","id":"5","ids":{"user":"u"}}')" 202
sleep 1
same "a page of another place" "$(post "$page" /v1/events '{"type":"t","ids":{"user":"u"}}' -H 'Origin: https://evil.example')" 403
same "its own page" "$(post "$page" /v1/events '{"type":"t","id":"6","ids":{"user":"u"}}' -H 'Origin: https://shop.example')" 202
grep -qi '^access-control-allow-origin: https://shop.example' "$T/head" || bad "no CORS header"

# ---- streams ----
post "$web" /v1/events '{"type":"t","id":"7","ids":{"user":"u"},"stream":"test"}' >/dev/null
grep -q '"accepted":0.*stream_not_allowed' "$T/answer" || bad "another stream was taken: $(cat "$T/answer")"
post "$test" /v1/events '{"type":"t","id":"8","ids":{"user":"u"}}' >/dev/null
grep -q '"accepted":1' "$T/answer" || bad "the stream of the key was refused: $(cat "$T/answer")"
post "$test" /v1/events '{"type":"t","id":"9","ids":{"user":"u"},"stream":"live"}' >/dev/null
grep -q 'stream_not_allowed' "$T/answer" || bad "live under a key for tests: $(cat "$T/answer")"

# ---- a key's share: 5 a second, 10 at once; the body that goes over is taken whole, the next one waits ----
body=$(for i in $(seq 15); do echo "{\"type\":\"t\",\"id\":\"s$i\",\"ids\":{\"user\":\"u\"}}"; done)
same "a burst" "$(post "$slow" /v1/events "$body")" 202
same "over the share" "$(post "$slow" /v1/events '{"type":"t","id":"10","ids":{"user":"u"}}')" 429
wait_s=$(sed -n 's/^[Rr]etry-[Aa]fter: \([0-9]*\).*/\1/p' "$T/head" | tr -d '\r')
[ "${wait_s:-0}" -ge 1 ] && [ "$wait_s" -le 3 ] || bad "Retry-After: $wait_s"
sleep "$wait_s"
same "after the wait" "$(post "$slow" /v1/events '{"type":"t","id":"10","ids":{"user":"u"}}')" 202

# ---- rotated: both for a while; revoked: none ----
new=$(keys rotate write-key web --grace 3)
settled
same "the old secret" "$(post "$web" /v1/events '{"type":"t","id":"11","ids":{"user":"u"}}')" 202
same "the new secret" "$(post "$new" /v1/events '{"type":"t","id":"12","ids":{"user":"u"}}')" 202
sleep 3
same "the old secret, after its time" "$(post "$web" /v1/events '{"type":"t","ids":{"user":"u"}}')" 401
for name in web till.test page slow; do keys revoke write-key $name || bad "$name was not revoked"; done
settled
same "revoked" "$(post "$new" /v1/events '{"type":"t","ids":{"user":"u"}}')" 401
same "all revoked opens no door" "$(post whatever /v1/events '{"type":"t","ids":{"user":"u"}}')" 401
same "revoked ones are listed" "$(keys list write-key | grep -c revoked)" 4
[ "$(counter c_auth_failures)" -ge 8 ] || bad "failures are not counted: $(counter c_auth_failures)"
[ "$(counter c_bodies_limited)" -ge 2 ] || bad "limits are not counted: $(counter c_bodies_limited)"
stop_collector
"$B/flow/spool_list" "$D/spool" > "$T/list"
grep -q "${new##*_}\|${web##*_}" -r "$D/spool" && bad "a secret is in the spool"
same "on disk" "$(grep -c '^E' "$T/list")" 25

# ---- beyond loopback: not before a write key is listed; then yes, and for listed keys alone ----
"$B/touchline-collector" --data "$T/bare" --collector-port 0 --collector-bind 0.0.0.0 2> "$T/e" && bad "no key is listed, and every machine may send"
grep -q 'keys add write-key' "$T/e" || bad "it is not said what is missing: $(cat "$T/e")"
[ ! -e "$T/bare/spool" ] || bad "a refused start made a spool"
lan=$(keys add write-key lan)
"$B/touchline-collector" -n --data "$D" --collector-bind 0.0.0.0 2> "$T/e" || bad "a key is listed, and the bind is refused: $(cat "$T/e")"
"$B/touchline-collector" --data "$D" --collector-port 0 --collector-bind 0.0.0.0 --debug-api 2> "$T/e" && bad "what came in last is shown to every machine"
start_collector "$D" --collector-bind 0.0.0.0
here=$(hostname -I 2>/dev/null | cut -d' ' -f1)
U="http://${here:-127.0.0.1}:${U##*:}"
same "its key, from its address $U" "$(post "$lan" /v1/events '{"type":"t","id":"20","ids":{"user":"u"}}')" 202
same "another key" "$(post whatever /v1/events '{"type":"t","id":"21","ids":{"user":"u"}}')" 401
same "no key" "$(curl -s -o /dev/null -w '%{http_code}' "$U/v1/events" -d '{"type":"t","id":"22","ids":{"user":"u"}}')" 401
mv "$D/keys/write-keys.json" "$T/list"
settled
same "the list is gone, and no door opens" "$(post whatever /v1/events '{"type":"t","id":"23","ids":{"user":"u"}}')" 401
stop_collector
"$B/touchline-collector" --data "$D" --collector-port 0 --collector-bind 0.0.0.0 2> "$T/e" && bad "started beyond loopback without a list"
mv "$T/list" "$D/keys/write-keys.json"

# ---- a start on a damaged registry opens nothing; imports go on under keys, for they have the folder's token ----
keep=$(cat "$D/keys/write-keys.json")
echo '{"keys":' > "$D/keys/write-keys.json"
"$B/touchline-collector" --data "$D" --collector-port 0 2> "$T/e" && bad "started on a damaged registry"
grep -q 'write-keys.json' "$T/e" || bad "the file is not named: $(cat "$T/e")"
echo "$keep" > "$D/keys/write-keys.json"
echo '{"type":"t","id":"n1","ids":{"user":"u"},"time":"2026-01-01T00:00:00Z"}' > "$T/some.ndjson"
"$B/touchline" import "$T/some.ndjson" --data "$D" >"$T/e" 2>&1 || bad "an import under keys: $(cat "$T/e")"

[ ! -e "$T/failed" ] && say "ok"
[ ! -e "$T/failed" ]
