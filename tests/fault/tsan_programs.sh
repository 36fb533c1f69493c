#!/usr/bin/env bash
# tsan_programs.sh BUILD - the programs themselves under ThreadSanitizer, asked from several sides at once: events come in (some of them refused), a page waits for
# news, others fold, a file is handed over and imported, a record and a catalogue are entered, a quarantined event is sent again. No report may be left.
set -u
build=$1
work=$(mktemp -d "${TMPDIR:-/tmp}/tsan.XXXXXX")
data=$work/data up=
end() { [ -n "$up" ] && kill -TERM "$up" 2>/dev/null && wait "$up" 2>/dev/null; up=; }
trap 'end; rm -rf "$work"' EXIT
export TSAN_OPTIONS="${TSAN_OPTIONS:-} log_path=$work/report halt_on_error=0" TZ=UTC
failed=0
fail() { echo "FAILED: $*"; failed=1; }
# until COMMAND...: at most 60 s
until_true() { for _ in $(seq 600); do "$@" && return 0; sleep 0.1; done; fail "waited 60 s for: $*"; }
quiet() { curl -s --max-time 60 "$@" >/dev/null; }
status() { curl -s -o /dev/null --max-time 60 -w '%{http_code}' "$@"; }

mkdir -p "$data/catalogue"
printf '%s\n' '{"touchpoints": [{"id": "pay", "match": {"type": "order.placed"}}, {"id": "handover", "match": {"type": "order.fulfilled"}}],
 "journey_types": [{"id": "order", "key": "order", "gap_d": 3, "good": ["order.fulfilled"], "required": ["pay", "handover"]}],
 "clocks": [{"id": "wait", "start": "order.placed", "end": "order.fulfilled", "key": "order", "limit_s": 480, "allowed": 0.05, "on": "handover"}]}' >"$data/catalogue/case.json"
orders() { # from, to
    awk -v i="$1" -v to="$2" 'BEGIN { for (; i < to; i++) {
        t = 1767571200 + (i % 28) * 86400 + 36000 + i
        o = sprintf("\"order\":\"o%d\",\"ids\":{\"member\":\"m%d\"},\"place\":\"S%d\"", i, i, i % 6)
        printf "{\"id\":\"p%d\",\"type\":\"order.placed\",%s,\"time\":%d000}\n{\"id\":\"f%d\",\"type\":\"order.fulfilled\",%s,\"time\":%d000}\n", i, o, t, i, o, t + i % 900
    } }'
}

"$build/touchline" up --data "$data" --collector.port=0 --aggregator.port=0 --aggregator.bus='tcp://127.0.0.1:*' --viewer.port=0 >"$work/up.log" 2>&1 &
up=$!
until_true grep -q 'page ' "$work/up.log"
at() { sed -n 's/.*"http":"\([^"]*\)".*/\1/p' "$data/run/$1.json"; }
collector=$(at collector) aggregator=$(at aggregator) page=$(at viewer)
own=(-H "Origin: $page" -H 'Content-Type: application/json')
orders 0 1200 | quiet "$collector/v1/events" --data-binary @-

# ---- all at once ----
send() { for n in 1 2 3 4; do orders $(($1 + n * 100)) $(($1 + n * 100 + 60)) | quiet "$collector/v1/events" --data-binary @-; quiet "$collector/v1/events" -d '{"type":"no time, no id, nobody","id":7}'; done; }
look() {
    local path
    for path in map breaks "breaks?by=place" heatmap metrics report consistency "journeys?journey=order" customers status status quarantine; do quiet "$page/api/$path"; done
    quiet "$page/healthz" "$page/metrics" "$collector/metrics" "$aggregator/metrics" "$aggregator/healthz"
}
hand_over() {
    printf 'case id,activity,timestamp\n1,opened,2024-03-01 01:00:00\n1,closed,2024-03-01 02:00:00\n' >"$work/tickets.csv"
    quiet -H "Origin: $page" -H 'Content-Type: application/octet-stream' "$page/api/setup/file?id=abcdefgh&name=tickets.csv&bytes=$(stat -c %s "$work/tickets.csv")&at=0" --data-binary "@$work/tickets.csv"
    quiet "${own[@]}" "$page/api/setup/import" -d '{"id":"abcdefgh"}'
    for _ in 1 2 3 4 5; do quiet "$page/api/setup"; done
}
enter() {
    quiet "${own[@]}" "$page/api/control/note" -d '{"id":{"kind":"member","value":"m1"},"text":"asked for"}'
    quiet "${own[@]}" "$page/api/customers/find" -d '{"kind":"member","value":"m1"}'
    quiet "${own[@]}" "$page/api/quarantine/again" -d '{"number":1}'
    { printf '{"files":[{"name":"case.json","text":'; sed 's/"/\\"/g; s/^/\\n/' "$data/catalogue/case.json" | tr -d '\n' | sed 's/480/481/; s/^/"/; s/$/"/'; printf '}]}'; } >"$work/catalogue"
    quiet "${own[@]}" "$page/api/control/catalogue" -d "@$work/catalogue"
}
jobs_of=
for part in 'send 2000' 'send 3000' look look hand_over enter "quiet $page/api/live?since=0" "quiet $page/api/live?since=999999 --max-time 3"; do
    $part & jobs_of="$jobs_of $!"
done
wait $jobs_of
settled() { curl -s "$collector/healthz" | grep -q '"backlog":0' && curl -s "$aggregator/healthz" | grep -qE '"position":([0-9]+),"stitched":\1,.*"rebuild":null'; }
until_true settled
[ "$(status "$page/api/breaks?journey=order")" = 200 ] || fail "breaks: $(curl -s "$page/api/breaks?journey=order" | head -c 300)"
[ "$(curl -s "$collector/metrics" | sed -n "s/^touchline_c_events_quarantined //p")" -gt 0 ] || fail "nothing was refused"
look
end
for report in "$work"/report.*; do
    [ -e "$report" ] || continue
    fail "$(head -n 60 "$report")"
done
[ $failed = 0 ] && echo "the programs: no report"
exit $failed
