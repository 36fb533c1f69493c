#!/usr/bin/env bash
# t_hostile_bodies.sh BUILD - broken bodies over real HTTP: exactly the valid events are taken, every other one is refused or quarantined with its
# reason, never a neighbour lost. What was taken is read back from the spool.
. "$(dirname "$0")/collector_part.sh"

# post NAME PATH WANT_STATUS WANT_ACCEPTED WANT_REASONS  (body on stdin): reasons as "index:reason:field ..."
post() {
    cat > "$T/body"
    local status accepted reasons
    status=$(curl -s -o "$T/answer" -w '%{http_code}' "$U$2" -H 'X-Write-Key: t' ${6:+-H "$6"} --data-binary @"$T/body")
    accepted=$(sed -n 's/.*"accepted":\([0-9]*\).*/\1/p' "$T/answer")
    reasons=$(grep -o '{"index":[0-9]*,"[a-zA-Z]*":[^,]*,"reason":"[^"]*","field":"[^"]*"}' "$T/answer" |
              sed 's/{"index":\([0-9]*\),.*"reason":"\([^"]*\)","field":"\([^"]*\)"}/\1:\2:\3/' | tr '\n' ' ')
    same "$1: status" "$status" "$3"
    same "$1: accepted" "$accepted" "$4"
    same "$1: quarantined" "${reasons% }" "$5"
}
good() { printf '{"id":"%s","type":"t","ids":{"user":"u1"}}' "$1"; }
deep() { printf '%*s' "$1" '' | tr ' ' '['; printf '1'; printf '%*s' "$1" '' | tr ' ' ']'; }

start_collector "$T/data"

# ---- one lost bracket must not let one event swallow its neighbours ----
printf '[%s,{"id":"x","type":"t","ids":{"user":"u1"},%s]' "$(good a1)" "$(good a2)"             | post "array, lost bracket" /v1/events 400 "" ""
printf '%s\n{"id":"x","type":"t","ids":{"user":"u1"}\n%s\n' "$(good b1)" "$(good b2)"           | post "lines, lost bracket" /v1/events 202 2 "1:bad_json:"
printf '[%s,{"id":"x","type":nul}]' "$(good c1)"                                                | post "array, nul" /v1/events 400 "" ""
printf '%s\n{"id":"x","type":"t","ids":{"user":"u1"},"props":{"a":nul}}\n%s' "$(good d1)" "$(good d2)" | post "lines, nul" /v1/events 202 2 "1:bad_json:"
printf '%s\n{"id":"x","type":"t","ids":{"user":"u1"},"wait_ms":1.2.3}\n%s' "$(good e1)" "$(good e2)" | post "lines, 1.2.3" /v1/events 202 2 "1:bad_json:"
printf '[1,2}' | post "array, wrong bracket" /v1/events 400 "" ""
printf '%s\n{"id":"x\xff","type":"t"}\n%s' "$(good f1)" "$(good f2)"                            | post "lines, bad UTF-8" /v1/events 202 2 "1:bad_utf8:"
printf '[%s,{"id":"x\xff","type":"t"}]' "$(good g1)"                                            | post "array, bad UTF-8" /v1/events 400 "" ""
printf '%s\n{"id":"deep","type":"t","ids":{"user":"u1"},"props":{"a":%s}}\n%s' "$(good h1)" "$(deep 100)" "$(good h2)" | post "lines, depth 100" /v1/events 202 2 "1:too_deep:props.a"
printf '[%s,{"id":"deep","type":"t","ids":{"user":"u1"},"props":{"a":%s}},%s]' "$(good i1)" "$(deep 100)" "$(good i2)" | post "array, depth 100" /v1/events 202 2 "1:too_deep:props.a"
printf '[%s,{"id":"dup","type":"t","type":"u","ids":{"user":"u1"}},%s]' "$(good j1)" "$(good j2)" | post "array, doubled member" /v1/events 202 2 "1:duplicate_member:type"
printf '%s\n{"id":"half","ty\npe":"t"}\n%s\n' "$(good k1)" "$(good k2)"                         | post "a line broken in the middle" /v1/events 202 2 "1:bad_json: 2:bad_json:"
printf '\n\n%s\r\n\n%s' "$(good l1)" "$(good l2)"                                               | post "blank lines, CRLF, no end" /v1/events 202 2 ""
printf '' | post "empty" /v1/events 400 "" ""
printf '[]' | post "empty array" /v1/events 202 0 ""
printf '"text"' | post "a text" /v1/events 400 "" ""
printf '[%s,17,null,"x"]' "$(good m1)"                                                          | post "array with others in it" /v1/events 202 1 "1:bad_json: 2:bad_json: 3:bad_json:"
printf '{"id":"n1","type":"t","ids":{"user":"null","member":"0"}}'                              | post "junk identities" /v1/events 202 0 "0:identity_missing:ids"
printf '{"id":"n2","type":"t","ids":{"user":"u1"},"origin":"mine"}'                             | post "origin is the collector's" /v1/events 202 0 "0:field_range:origin"
printf '{"id":"n3","type":"t","ids":{"user":"u1"},"stream":"replay"}'                           | post "stream of another key" /v1/events 202 0 "0:stream_not_allowed:stream"
printf '{"id":"n4","type":"t","ids":{"user":"u1"},"time":"2999-01-01T00:00:00Z"}'               | post "the future" /v1/events 202 0 "0:time_range:time"
printf '{"id":"n5","type":"t","ids":{"user":"u1"},"channel":"telex"}'                           | post "unknown word" /v1/events 202 0 "0:field_range:channel"
{ printf '{"id":"n6","type":"t","ids":{"user":"u1"},"text":"'; head -c 40000 /dev/zero | tr '\0' x; printf '"}'; } | post "40 KB event" /v1/events 202 0 "0:too_large:"
good o1 | gzip | post "gzip without a header" /v1/events 202 1 ""
good o2 | gzip | post "gzip with one" /v1/events 202 1 "" "Content-Encoding: gzip"
good o3 | gzip | head -c 30 | post "half a gzip" /v1/events 400 "" ""
head -c 9000000 /dev/zero | gzip | post "bomb" /v1/events 413 "" ""
{ printf '\x78\x9c'; head -c 9000000 /dev/zero | gzip | tail -c +11; } | post "bomb, deflate" /v1/events 413 "" "" "Content-Encoding: deflate"
good r0 | gzip | gzip | post "gzip in gzip" /v1/events 400 "" "" "Content-Encoding: gzip, gzip"
head -c 9000000 /dev/zero | gzip | gzip | post "bomb in gzip" /v1/events 400 "" ""
good r0 | gzip | tail -c +2 | post "an encoding that is not known" /v1/events 400 "" "" "Content-Encoding: zstd"
printf '%s\n{"id":"a\0b","type":"t","ids":{"user":"u1"}}\n%s' "$(good r1)" "$(good r2)"         | post "lines, NUL" /v1/events 202 2 "1:bad_json:"
printf '{"id":"nul","type":"t\\u0000","ids":{"user":"u1"}}'                                     | post "NUL, escaped" /v1/events 202 0 "0:field_range:type"
printf '{"id":"dup","type":"t","ty\\u0070e":"u","ids":{"user":"u1"}}'                           | post "doubled member, spelt otherwise" /v1/events 202 0 "0:duplicate_member:type"
printf '{"id":"dup","type":"t","ids":{"user":"u1"},"props":{"a":{"b":1,"b":2}}}'                | post "doubled member, deep" /v1/events 202 0 "0:duplicate_member:props.a.b"
head -c 600000 /dev/zero | tr '\0' ' ' | post "600,000 bytes" /v1/events 413 "" ""
{ printf '['; for i in $(seq 2501); do printf '{},'; done; printf '{}]'; } | post "2,502 events" /v1/events 413 "" ""
good p1 | post "chunked" /v1/events 202 1 "" "Transfer-Encoding: chunked"
good q1 | post "any content type" /v1/events 202 1 "" "Content-Type: application/x-www-form-urlencoded"
same "no method" "$(curl -s -o /dev/null -w '%{http_code}' "$U/v1/events")" 405
same "no path" "$(curl -s -o /dev/null -w '%{http_code}' -d x "$U/v1/nothing")" 404

# ---- a Segment batch: the same promises ----
seg() { printf '{"type":"track","event":"e","userId":"u1","messageId":"%s"}' "$1"; }
printf '{"batch":[%s,{"type":"track","event":"e","event":"f","messageId":"x"},%s]}' "$(seg s1)" "$(seg s2)" | post "batch, doubled member" /v1/batch 200 2 "1:duplicate_member:event"
printf '{"batch":[%s,{"type":"track","event":"e","messageId":"x"},%s]}' "$(seg s3)" "$(seg s4)" | post "batch, nobody" /v1/batch 200 2 "1:identity_missing:ids"
printf '{"batch":[%s,{"type":"track","event":nul}]}' "$(seg s5)"                                | post "batch, nul" /v1/batch 400 "" ""
printf '{"batch":[%s,{"type":"track","event":"e"]}' "$(seg s6)"                                 | post "batch, lost bracket" /v1/batch 400 "" ""
printf '{"batch":[%s,{"type":"track","event":"e\\u0000","userId":"u1"},{"type":"track","event":"e","userId":"u1","properties":{"x":%s}}]}' "$(seg s7)" "$(deep 100)" | post "batch, NUL and depth" /v1/batch 200 1 "1:field_range:event 2:too_deep:properties.x"

# ---- and the others ----
printf '{"api_key":"k","batch":[{"event":"e","event":"f","properties":{"distinct_id":"u"}},{"event":"e","properties":{"distinct_id":"u","x":%s}}]}' "$(deep 100)" | post "PostHog, doubled member and depth" /batch/ 200 0 "0:duplicate_member:event 1:too_deep:properties.x"
printf '{"specversion":"1.0","id":"1","type":"t","source":"s","subject":"u","data":{"a":1,"a":2}}' | post "CloudEvents, doubled member" /v1/cloudevents 202 0 "0:duplicate_member:data.a" "Content-Type: application/cloudevents+json"
printf '{"specversion":"1.0","id":"1","type":"t","source":"s","subject":"u","data":%s}' "$(deep 100)" | post "CloudEvents, depth" /v1/cloudevents 202 0 "0:too_deep:data" "Content-Type: application/cloudevents+json"
form() { base64 -w0 | tr '+/' '-_' | sed 's/^/data_list=/'; }
head -c 9000000 /dev/zero | gzip | form | post "Sensors, bomb in a form" /sa 413 "" ""

# ---- a client that would send a refused body for ever: it is answered as taken, and quarantined ----
tp2=/com.snowplowanalytics.snowplow/tp2
head -c 600000 /dev/zero | tr '\0' ' ' | post "tracker, 600,000 bytes" $tp2 200 "" ""
head -c 2000000 /dev/zero | tr '\0' ' ' | post "tracker, 2,000,000 bytes in chunks" $tp2 200 "" "" "Transfer-Encoding: chunked"
head -c 9000000 /dev/zero | gzip | post "tracker, bomb" $tp2 200 "" ""
printf '{"schema":' | post "tracker, broken" $tp2 200 "" ""
same "tracker, by the method it does not use" "$(head -c 600000 /dev/zero | curl -s -o /dev/null -w '%{http_code}' -X PUT "$U$tp2" --data-binary @-)" 413

# ---- CORS: on answers, on errors, on addresses that do not exist ----
for p in /v1/events /v1/t /v1/nothing; do
    h=$(curl -si -X OPTIONS "$U$p" -H 'Origin: http://a.example' -H 'Access-Control-Request-Headers: authorization,x-retry-count' | tr -d '\r')
    same "preflight $p" "$(grep -c -e '^HTTP/1.1 204' -e '^Access-Control-Allow-Origin: http://a.example$' -e '^Access-Control-Allow-Headers: authorization,x-retry-count$' -e '^Access-Control-Max-Age: 86400$' -e '^Access-Control-Expose-Headers: Retry-After$' -e '^Access-Control-Allow-Credentials: true$' <<< "$h")" 6
done
same "CORS on 413" "$(head -c 600000 /dev/zero | curl -si "$U/v1/t" -H 'Origin: http://a.example' --data-binary @- | grep -c '^Access-Control-Allow-Origin: http://a.example')" 1

want_accepted=$(counter c_events_accepted)
stop_collector
"$B/flow/spool_list" "$T/data/spool" > "$T/list"
same "taken" "$(sed -n 's/^E \([a-z][0-9]\) .*/\1/p' "$T/list" | tr '\n' ' ')" "b1 b2 d1 d2 e1 e2 f1 f2 h1 h2 i1 i2 j1 j2 k1 k2 l1 l2 m1 o1 o2 r1 r2 p1 q1 s1 s2 s3 s4 s7 "
same "counted" "$want_accepted" "$(grep -c '^E [a-z][0-9] ' "$T/list")"
same "and the empty array, kept as a heartbeat under an id of its own" "$(grep -vc '^E [a-z][0-9] ' < <(grep '^E' "$T/list"))" 1
same "origin" "$(awk '/^E/{print $4}' "$T/list" | sort -u)" t
same "quarantined" "$(sed -n 's/^Q \([^ ]*\) .*/\1/p' "$T/list" | sort | uniq -c | awk '{printf "%s=%s ",$2,$1}')" \
    "bad_json=10 bad_utf8=1 duplicate_member=6 field_range=4 identity_missing=2 stream_not_allowed=1 time_range=1 too_deep=5 too_large=4 "
[ ! -e "$T/failed" ] && say ok
[ ! -e "$T/failed" ]
