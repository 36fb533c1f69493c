#!/usr/bin/env bash
# replays.sh BUILD VISITS TIMES - so many visits replayed at full speed so often: into folders of their own, and again into the same one. Rows, breaks and scores are the same.
set -u
B=$1 visits=$2 times=$3
T=$B/touchline
work=$(mktemp -d "${TMPDIR:-/tmp}/replays.XXXXXX")
. "$(dirname "$0")/accounted.sh"
trap 'rc=$?; accounted "$work" || rc=1; rm -rf "$work"; exit $rc' EXIT
failed=0
fail() { echo "FAILED: $*"; failed=1; }
export TZ=Asia/Shanghai
empty() {
    mkdir -p "$1/keys"
    cp -r "$(dirname "$0")/../../schemas/catalogue/tea" "$1/catalogue"
    head -c 32 /dev/zero | tr '\0' k >"$1/keys/identity.key"
    chmod 600 "$1/keys/identity.key"
}
# visits a minute apart, each of a shopper of its own; every third waits too long, every fifth never gets the note's confirmation
awk -v n="$visits" 'BEGIN {
    for (v = 0; v < n; v++) {
        t = 1770000000 + v * 60; wait = v % 3 ? 300 + v % 150 : 500 + v % 200
        split("view:-240:app order.note:-100:app order.customise:-100:app order.checkout:-15:app order.placed:0:app order.accepted:20:store order.make:60:store order.note_executed:90:store standard.check:200:store order.fulfilled:" wait ":store feedback.text:" wait + 5400 ":app", step, " ")
        for (i = 1; i <= 11; i++) {
            split(step[i], f, ":")
            if (f[1] == "order.note_executed" && v % 5 == 0) continue
            printf "{\"id\":\"v%d-%d\",\"type\":\"%s\",\"channel\":\"%s\",\"time\":%d000,\"tier\":\"gold\",\"order\":\"v%d\",\"place\":\"S%02d\",\"ids\":{\"member\":\"s%d\"}%s}\n", v, i, f[1], f[3], t + f[2], v, v % 8 + 1, v, f[1] == "view" ? ",\"props\":{\"page\":\"menu\"}" : f[1] == "standard.check" ? ",\"outcome\":\"" (v % 4 ? "ok" : "fail") "\",\"props\":{\"check\":\"greeting_surname\"}" : ""
        }
    }
}' >"$work/visits.ndjson"
empty "$work/data"
"$T" import "$work/visits.ndjson" --run visits --data "$work/data" >"$work/out" 2>&1 || fail "import: $(cat "$work/out")"
"$T" up --data "$work/data" --collector.port=0 --aggregator.port=0 --aggregator.bus='tcp://127.0.0.1:*' --viewer.port=0 >"$work/up" 2>&1 &
up=$!
for _ in $(seq 600); do curl -sf -m 2 -o /dev/null "$(sed -n 's/.*"http":"\([^"]*\)".*/\1/p' "$work/data/run/aggregator.json" 2>/dev/null)/healthz" && break; sleep 0.05; done
at=$(sed -n 's/.*"http":"\([^"]*\)".*/\1/p' "$work/data/run/aggregator.json") token=$(cat "$work/data/run/token")
awk -v n="$visits" -v at="$at" -v token="$token" 'BEGIN {
    for (v = 0; v < n; v++) {
        t = 1770000000 + v * 60
        printf "url = \"%s/control/visit\"\nheader = \"Authorization: Bearer %s\"\nheader = \"Content-Type: application/json\"\noutput = \"/dev/null\"\nfail\nfail-early\nretry = 30\n", at, token
        printf "data-raw = \"{\\\"id\\\":\\\"v%04d\\\",\\\"identities\\\":[{\\\"kind\\\":\\\"member\\\",\\\"value\\\":\\\"s%d\\\"}],\\\"from\\\":%d000,\\\"to\\\":%d000,\\\"place\\\":\\\"S%02d\\\",\\\"scenario\\\":\\\"lunch_pickup\\\"}\"\n%s", v, v, t, t + 1200, v % 8 + 1, v < n - 1 ? "next\n" : ""
    }
}' >"$work/curl"
curl -s -K "$work/curl" || fail "a visit was not taken"
kill $up; wait $up 2>/dev/null
list=$(seq -f 'v%04.0f' 0 $((visits - 1)))
as_of=2026-06-01T00:00:00Z

replayed() { # FOLDER-or-nothing NAME: rows of the replays, and what came out
    local into=${1:+--into $1} data=${1:-$work/data}
    "$T" replay $list --data "$work/data" $into --as-of $as_of --json >"$work/$2.json" 2>"$work/err" || fail "$2: $? $(tail -n 3 "$work/err")"
    "$B/flow/json_at" .replays <"$work/$2.json" >"$work/$2.came"
    "$T" export --rows --data "$data" --out "$work/$2.all" || fail "rows of $2"
    grep '"stream":"replay"' "$work/$2.all" >"$work/$2.rows"
}
began=$(date +%s)
replayed "" first
[ "$("$B/flow/json_at" .same <"$work/first.json")" = true ] || fail "what came out is not what was: $("$B/flow/json_at" .differ <"$work/first.json")"
n=$(grep -o 'break handover_wait' "$work/first.came" | wc -l)
[ "$n" -gt $((visits / 3)) ] || fail "only $n breaks are told"
[ "$(wc -l <"$work/first.rows")" -gt "$visits" ] || fail "$(wc -l <"$work/first.rows") rows"
for k in $(seq 2 "$times"); do
    into=
    [ $((k % 2)) = 0 ] && into=$work/into.$k && empty "$into"     # every other time into a new folder
    replayed "$into" next
    cmp "$work/first.rows" "$work/next.rows" || fail "time $k: other rows"
    [ -n "$into" ] || cmp "$work/first.came" "$work/next.came" || fail "time $k: other breaks or scores"
    [ -z "$into" ] || rm -rf "$into"
done
[ $failed = 0 ] && echo "$visits visits, replayed $times times in $(($(date +%s) - began)) s: the same $(wc -l <"$work/first.rows") rows, the same breaks and scores"
exit $failed
