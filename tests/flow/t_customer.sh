#!/usr/bin/env bash
# t_customer.sh BUILD - identities linked and unlinked by hand: the journeys follow, and are to the byte what they would be had it been known from the start, or never
# been said; who, when, why and what proves it is told; who asks from elsewhere is refused; no raw identity in an answer or a log.
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
export TZ=UTC TOUCHLINE_ACTOR=li.wei

# one member in the app, one phone number at the call centre, one card at the till: the same person, and nothing says so
events() {
    awk 'BEGIN {
        split("member phone card", kind, " "); split("M-7 +8613912345678 C-7", value, " "); split("app phone store", channel, " ")
        for (i = 0; i < 12; i++) {
            k = i % 3 + 1
            printf "{\"id\":\"e%d\",\"type\":\"contact.%s\",\"ids\":{\"%s\":\"%s\"},\"channel\":\"%s\",\"case\":\"K-1\",\"time\":%d000}\n", i, kind[k], kind[k], value[k], channel[k], 1767571200 + i * 600
        }
        for (i = 0; i < 40; i++) printf "{\"id\":\"o%d\",\"type\":\"view\",\"ids\":{\"member\":\"m%d\",\"device\":\"d%d\"},\"time\":%d000}\n", i, i % 9, i % 13, 1767571200 + i * 60
    }'
}
events >"$work/e.ndjson"
store() { # name
    mkdir -p "$work/$1/catalogue"
    echo '{"journey_types": [{"id": "matter", "key": "case", "gap_d": 30}], "touchpoints": [{"id": "call", "match": {"type": "contact.phone"}}]}' >"$work/$1/catalogue/c.json"
}
take() { "$touchline" import "$work/e.ndjson" --data "$work/$1" >"$work/out" 2>&1 || fail "import into $1: $(cat "$work/out")"; }
tie() { # name, link|unlink, a, b, reason
    "$touchline" customer "$2" "$3" "$4" --reason "$5" --data "$work/$1" >"$work/out" 2>&1 || fail "$2 in $1: $(cat "$work/out")"
}
rows() { "$touchline" export --rows --data "$work/$1" >"$work/$1.rows" 2>"$work/out" || fail "rows of $1: $(cat "$work/out")"; }
same() { cmp -s "$work/$1.rows" "$work/$2.rows" || fail "$3: $(diff "$work/$1.rows" "$work/$2.rows" | head -n 3)"; }

echo "== known late, known from the start, never said"
for name in late early never; do store $name; done
tie early link member:M-7 'phone:0086 139 1234 5678' 'told so' && tie early link member:M-7 card:C-7 'the till'
take early && take never && take late
rows early && rows never && rows late
same late never "before anything is said"
tie late link 'phone:+86 139-1234-5678' member:M-7 'she said so on the phone' && tie late link card:C-7 member:M-7 'card shown with the app'
rows late
same late early "linked late, and known from the start"
cmp -s "$work/late.rows" "$work/never.rows" && fail "linking changed no row"
"$touchline" rebuild --data "$work/late" >"$work/out" 2>&1 || fail "rebuild: $(cat "$work/out")"
rows late && same late early "made anew from the log"
tie late unlink card:C-7 member:M-7 'her sister uses the card' && tie late unlink member:M-7 'phone:+8613912345678' 'a shared number'
rows late && same late never "unlinked, and never said"

echo "== who, when, why"
tie late link card:C-7 member:M-7 'her own after all'
LANG=C.UTF-8 "$touchline" customer history member:M-7 --data "$work/late" >"$work/out" 2>&1 || fail "history: $(cat "$work/out")"
for words in 'by hand' 'her own after all' 'her sister uses the card' 'card shown with the app' 'a shared number' 'li.wei'; do grep -qF -- "$words" "$work/out" || fail "history does not say: $words"; done
is "records, the latest first" "$(tail -n +5 "$work/out" | awk '/ link | unlink / { print $2 }' | paste -sd ' ' -)" "link unlink unlink link link"
grep -qE 'M-7|C-7|13912345678' "$work/out" && fail "history says a raw identity"
env -u LC_ALL LANG=zh_CN.UTF-8 "$touchline" customer history member:M-7 --data "$work/late" | grep -qF '操作人' || fail "no history in Chinese"
for bad in "link member:M-7" "link member:M-7 M-8" "unlink :x member:M-7" "link member:M-7 member:M-7" "link member:null member:M-7"; do
    # shellcheck disable=SC2086
    "$touchline" customer $bad --data "$work/late" >"$work/out" 2>&1 && fail "taken: customer $bad"
    [ "$(wc -c <"$work/out")" -gt 20 ] || fail "no sentence for: customer $bad"
done

echo "== numbers are of a region"
"$build/touchline-aggregator" --data "$work/never" --identity.region=XX --aggregator.port=0 >"$work/out" 2>&1 && fail "region XX was taken"
grep -q "identity.region.*allowed:.*CN" "$work/out" || fail "region XX: $(cat "$work/out")"

same_person() { "$touchline" customers --id "$2" --data "$work/$1" --json 2>/dev/null | "$build/flow/json_at" .customers[0].customer; }
is "in China" "$(same_person never 'phone:139 1234 5678')" "$(same_person never phone:+8613912345678)"

echo "== over HTTP, while events arrive"
address() { sed -n 's/.*"http":"\([^"]*\)".*/\1/p' "$work/late/run/$1.json" 2>/dev/null; }
answers() { viewer=$(address viewer); collector=$(address collector); [ -n "$viewer" ] && curl -sf -o /dev/null "$viewer/healthz" && curl -sf -o /dev/null "$collector/healthz"; }
"$touchline" up --data "$work/late" --collector.port=0 --aggregator.port=0 --aggregator.bus='tcp://127.0.0.1:*' --viewer.port=0 >"$work/log" 2>&1 &
up=$!
until_true answers || { cat "$work/log"; exit 1; }
find() { curl -s "$viewer/api/customers/find" -H 'Content-Type: application/json' -d "$1"; }
who() { find "$1" | at '.customers[0].customer'; }
is "as people write it" "$(who '{"kind":"phone","value":"139 1234 5678"}') $(who '{"kind":"phone","value":"013912345678"}')" "$(who '{"value":"+8613912345678"}') $(who '{"value":"008613912345678"}')"
is "under its kind, under any, nobody" "$(find '{"kind":"phone","value":"+86 139 1234 5678"}' | at '.customers.#') $(find '{"value":"M-7"}' | at '.customers.#') $(find '{"value":"nobody"}' | at '.customers.#')" "1 1 0"
for body in '' '[]' '{"value":7}' '{"kind":"","value":"x"}' '{"value":"x","id":1}' "{\"value\":\"$(printf 'x%.0s' $(seq 600))\"}"; do
    [ "$(curl -s -o "$work/body" -w '%{http_code}' "$viewer/api/customers/find" -H 'Content-Type: application/json' -d "$body")" = 400 ] || fail "looked up: $body"
done
member=$(who '{"kind":"member","value":"M-7"}') phone=$(who '{"kind":"phone","value":"+8613912345678"}')
[ "$member" != "$phone" ] || fail "two customers are one"
enter() { curl -s -o "$work/body" -w '%{http_code}' "$viewer/api/control/$1" -H "Origin: $viewer" -H 'Content-Type: application/json' -H 'X-Touchline-Actor: %E6%9D%8E' "${@:3}" -d "$2"; }
hash_of() { curl -s "$viewer/api/customers/$1" | at ".identities[kind=$2].hash"; }
# the page knows hashes alone; the door names them. Meanwhile both go on sending
a=$(hash_of "$member" member) b=$(hash_of "$phone" phone)
i=0
while [ $i -lt 200 ]; do
    i=$((i + 1))
    printf '{"id":"r%d","type":"contact.phone","ids":{"phone":"+8613912345678"},"channel":"phone","time":%d000}\n{"id":"s%d","type":"contact.member","ids":{"member":"M-7"},"channel":"app","time":%d000}\n' $i $((1767600000 + i)) $i $((1767600000 + i))
done | split -l 40 - "$work/part."
for part in "$work"/part.*; do
    curl -s -o /dev/null "$collector/v1/events" -H 'Content-Type: application/x-ndjson' --data-binary @"$part" || fail "sending"
    case $part in *b) is "linked by hash" "$(enter link "{\"a\":{\"hash\":\"$a\"},\"b\":{\"hash\":\"$b\"},\"reason\":\"one voice\"}")" 200 ;; *d) is "and cut" "$(enter unlink "{\"a\":{\"hash\":\"$a\"},\"b\":{\"hash\":\"$b\"}}")" 200 ;; esac
done
all_there() { [ "$(find '{"value":"M-7"}' | at '.customers[0].events') $(find '{"kind":"phone","value":"+8613912345678"}' | at '.customers[0].events')" = "208 204" ]; }
until_true all_there || find '{"value":"M-7"}'
member=$(who '{"kind":"member","value":"M-7"}')
curl -s "$viewer/api/customers/$member" >"$work/c"
is "the cut is told" "$(at '.history[0].what' '.history[0].holds' '.history[0].actor' '.history[0].reason' '.history[0].b.kind' '.history[0].other' '.history[1].what' '.history[1].holds' '.history[1].reason' '.history_cut' <"$work/c")" \
    "unlink true 李 null phone $(who '{"kind":"phone","value":"+8613912345678"}') link false one voice 0"
grep -qE 'M-7|C-7|13912345678' "$work/c" && fail "the answer says a raw identity"
is "by hand, since when" "$(at '.links.#' '.links[0].manual' '.links[0].type' '.links_cut' <"$work/c")" "1 true null 0"

echo "== refused"
refused() { [ "$2" = "$3" ] || fail "$1: $2 $(head -c 200 "$work/body")"; }
link='{"a":{"kind":"member","value":"M-7"},"b":{"kind":"card","value":"C-9"}}'
post() { curl -s -o "$work/body" -w '%{http_code}' "$@"; }
refused "a page elsewhere" "$(post "$viewer/api/control/link" -H 'Origin: http://evil.example' -H 'Content-Type: application/json' -d "$link")" 403
refused "no Origin" "$(post "$viewer/api/control/link" -H 'Content-Type: application/json' -d "$link")" 403
refused "a form" "$(post "$viewer/api/control/link" -H "Origin: $viewer" -H 'Content-Type: text/plain' -d "$link")" 400
refused "a lookup of a page elsewhere" "$(post "$viewer/api/customers/find" -H 'Origin: http://evil.example' -H 'Content-Type: application/json' -d '{"value":"M-7"}')" 403
refused "another site" "$(post "$viewer/api/customers/find" -H 'Sec-Fetch-Site: cross-site' -H 'Content-Type: application/json' -d '{"value":"M-7"}')" 403
aggregator=$(address aggregator)
refused "no token" "$(post "$aggregator/control/link" -d "$link")" 401
refused "a wrong token" "$(post "$aggregator/control/link" -H 'Authorization: Bearer 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff' -d "$link")" 401
refused "a hash nobody has" "$(enter link "{\"a\":{\"hash\":\"$(printf 'ab%.0s' $(seq 16))\"},\"b\":{\"kind\":\"card\",\"value\":\"C-9\"}}")" 404
refused "a hash that is none" "$(enter link '{"a":{"hash":"xyz"},"b":{"kind":"card","value":"C-9"}}')" 400
refused "linked to itself" "$(enter link "{\"a\":{\"hash\":\"$a\"},\"b\":{\"hash\":\"$a\"}}")" 400
refused "junk" "$(enter link "{\"a\":{\"hash\":\"$a\"},\"b\":{\"kind\":\"card\",\"value\":\"undefined\"}}")" 400
is "nothing of that was taken" "$(find '{"kind":"card","value":"C-9"}' | at '.customers.#')" 0
end
grep -rqE 'M-7|C-7|13912345678' "$work/log" "$work/late/run" && fail "a log says a raw identity"
[ $failed = 0 ] && echo "one customer: linked, unlinked, told"
exit $failed
