#!/usr/bin/env bash
# t_sameness.sh BUILD - the same set of events gives the same canonical rows and the same answers, to the byte: once in order through one collector;
# once shuffled, every event twice, some late, over three collectors at the same time; and after a rebuild. Identities merge on the way.
set -u
B=$1
D=$(mktemp -d "${TMPDIR:-/tmp}/same.XXXXXX")
export TZ=UTC
PIDS=
. "$(dirname "$0")/accounted.sh"
trap 'rc=$?; accounted "$D" || rc=1; for p in $PIDS; do kill -9 $p 2>/dev/null; done; wait 2>/dev/null; rm -rf "$D"; exit $rc' EXIT
fail() { echo "FAILED: $*"; exit 1; }

http_of() { sed -n 's/.*"http":"\([^"]*\)".*/\1/p' "$1/run/$2.json"; }
await() { # program, folder
    for _ in $(seq 200); do
        [ -s "$2/run/$1.json" ] && curl -sf -m 2 "$(http_of "$2" "$1")/healthz" >/dev/null && return
        sleep 0.05
    done
    fail "$1 did not start"
}
settled() { # folder of the aggregator; folders of collectors
    local agg=$1 c; shift
    for _ in $(seq 2400); do
        local waiting=0
        for c in "$@"; do curl -s -m 5 "$(http_of "$c" collector)/healthz" | grep -q '"backlog":0' || waiting=1; done
        curl -s -m 5 "$(http_of "$agg" aggregator)/healthz" | grep -qE '"position":([0-9]+),"stitched":\1,' || waiting=1
        [ $waiting = 0 ] && return
        sleep 0.05
    done
    fail "not everything arrived"
}
balanced() { # folder: everything received stands in one of the totals, every event twice: as many duplicates as are kept
    curl -s -m 5 "$(http_of "$1" aggregator)/metrics" | grep "^touchline_a_total" | tr "\n" " " >"$D/totals"
    sed "s/touchline_a_total_//g" "$D/totals"; echo
    grep -q "a_total_on_the_way 0 " "$D/totals" && grep -q "a_total_unaccounted 0 " "$D/totals" || fail "totals do not add up"
    [ "$(sed "s/.*_stitched \([0-9]*\) .*/\1/" "$D/totals")" = "$(sed "s/.*_duplicates \([0-9]*\) .*/\1/" "$D/totals")" ] || fail "not as many duplicates as kept"
}
answers() { # folder, prefix: rows, map, variants, funnel, one by one
    "$B/touchline" export --rows --data "$1" --out "$2.rows" || fail "export --rows of $1"
    for j in all order; do
        "$B/touchline" map --data "$1" --journey $j --as-of 2026-03-05T00:00:00Z --json >"$2.map.$j" 2>"$2.err" || { cat "$2.err"; fail "map of $1"; }
        "$B/touchline" variants --data "$1" --journey $j --as-of 2026-03-05T00:00:00Z --json >"$2.variants.$j" || fail "variants of $1"
        "$B/touchline" metrics --data "$1" --journey $j --from 2026-01-01 --as-of 2026-03-05T00:00:00Z --json | sed 's/"events":[0-9]*//' >"$2.metrics.$j" || fail "metrics of $1"
        "$B/touchline" emotion --data "$1" --journey $j --from 2026-01-01 --as-of 2026-03-05T00:00:00Z --json >"$2.emotion.$j" || fail "emotion of $1"
        "$B/touchline" journeys --data "$1" --journey $j --as-of 2026-03-05T00:00:00Z --limit 1000 --json >"$2.journeys.$j" || fail "journeys of $1"
        "$B/touchline" export --format csv --data "$1" --journey $j --as-of 2026-03-05T00:00:00Z --out "$2.csv.$j" || fail "export of $1"
    done
}
same() { # what, prefix, prefix
    for f in rows metrics.all metrics.order emotion.all emotion.order map.all map.order variants.all variants.order journeys.all journeys.order csv.all csv.order; do
        cmp "$2.$f" "$3.$f" || fail "$1: $f differs"
    done
    echo "$1: same $(wc -l <"$2.rows") rows, same answers"
}

# the demo's first weeks, and people whose identities are learnt late: two devices, one person, the link in the middle
"$B/touchline" simulate --customers 700 --days 21 --until 2026-03-02 --out "$D/all.ndjson" >/dev/null || fail simulate
for i in $(seq 1 300); do
    for k in 1 2 3; do
        printf '{"id":"w%d-%d","type":"view","time":"2026-02-1%dT0%d:00:00Z","session":"s%d","seq":%d,"ids":{"anonymous":"web%d"},"channel":"web"}\n' $i $k $k $k $i $k $i
        printf '{"id":"p%d-%d","type":"call","time":"2026-02-1%dT1%d:00:00Z","ids":{"phone":"+86 139 %07d"},"channel":"phone"}\n' $i $k $k $k $i
    done
    printf '{"id":"l%d","type":"identity.link","time":"2026-02-12T05:00:00Z","ids":{"anonymous":"web%d","phone":"+86139%07d","email":"U%d@Example.com"}}\n' $i $i $i $i
done >>"$D/all.ndjson"
echo "$(wc -l <"$D/all.ndjson") events"
"$B/flow/shuffle" "$D/all.ndjson" 7 "$D/part1.ndjson" "$D/part2.ndjson" "$D/part3.ndjson" || fail shuffle

mkdir -p "$D/one" "$D/three"
cp -r "$(dirname "$0")/../../schemas/catalogue/tea" "$D/one/catalogue"
cp -r "$D/one/catalogue" "$D/three/catalogue"
"$B/touchline" import "$D/all.ndjson" --run demo --data "$D/one" >"$D/out" 2>&1 || { cat "$D/out"; fail "import in order"; }
mkdir -p "$D/three/keys"
cp "$D/one/keys/identity.key" "$D/three/keys/"

"$B/touchline-aggregator" --data "$D/three" --aggregator.port 0 --aggregator.bus 'tcp://127.0.0.1:*' 2>"$D/agg.log" &
PIDS="$PIDS $!"
await aggregator "$D/three"
BUS=$(sed -n 's/.*"bus":"\([^"]*\)".*/\1/p' "$D/three/run/aggregator.json")
for c in 1 2 3; do
    "$B/touchline-collector" --data "$D/c$c" --collector.port 0 --collector.aggregator "$BUS" 2>"$D/c$c.log" &
    PIDS="$PIDS $!"
done
SENDERS=
for c in 1 2 3; do
    await collector "$D/c$c"
    "$B/touchline" import "$D/part$c.ndjson" --run demo --url "$(http_of "$D/c$c" collector)" >"$D/out$c" 2>&1 &
    SENDERS="$SENDERS $!"
done
for p in $SENDERS; do wait "$p" || { cat "$D"/out?; fail "import over three collectors"; }; done
settled "$D/three" "$D/c1" "$D/c2" "$D/c3"
balanced "$D/three"

answers "$D/one" "$D/a"
answers "$D/three" "$D/b"
same "shuffled, doubled, delayed, three collectors" "$D/a" "$D/b"
"$B/touchline" rebuild --data "$D/three" >"$D/out" 2>&1 || { cat "$D/out"; fail rebuild; }
answers "$D/three" "$D/c"
same "rebuilt" "$D/a" "$D/c"
balanced "$D/three"
grep -q '"customer":"phone:+86139' "$D/a.rows" || grep -q 'phone' "$D/a.rows" || fail "no merged customer in the rows"
