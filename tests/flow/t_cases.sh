#!/usr/bin/env bash
# t_cases.sh BUILD - worked cases out of practice, sent over HTTP like anyone's events, read from the API: each boundary on both sides, each figure, each verdict.
set -u
build=$1
touchline=$build/touchline
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
up=
end() { [ -n "$up" ] && kill "$up" 2>/dev/null && wait "$up" 2>/dev/null; up=; }
. "$(dirname "$0")/accounted.sh"
trap 'rc=$?; accounted "$work" || rc=1; end; rm -rf "$work"; exit $rc' EXIT
failed=0
fail() { echo "FAILED: $*"; failed=1; }
is() { [ "$2" = "$3" ] || fail "$1:"$'\n'"  $2"$'\n'"instead of"$'\n'"  $3"; }
export TZ=UTC
address() { sed -n 's/.*"http":"\([^"]*\)".*/\1/p' "$store/run/$1.json" 2>/dev/null; }
# until COMMAND...: a minute at most
until_true() { for _ in $(seq 600); do "$@" && return 0; sleep 0.1; done; fail "waited a minute for: $*"; return 1; }

begin() { # name <catalogue
    end
    store=$work/$1 sent=1
    mkdir -p "$store/catalogue"
    cat >"$store/catalogue/case.json"
    begin_again
}
begin_again() { # the same folder, with what else lies in its catalogue
    "$touchline" up --data "$store" --collector.port=0 --aggregator.port=0 --aggregator.bus='tcp://127.0.0.1:*' --viewer.port=0 >"$work/log" 2>&1 &
    up=$!
    until_true answers || { cat "$work/log"; exit 1; }
}
answers() { viewer=$(address viewer); collector=$(address collector); [ -n "$viewer" ] && curl -sf -o /dev/null "$viewer/healthz" && curl -sf -o /dev/null "$collector/healthz"; }
stitched() { local p; p=$(curl -s "$viewer/api/about" | sed -n 's/.*"position":\([0-9]*\).*/\1/p'); [ "${p:-0}" -ge "$sent" ]; }
send() { # <NDJSON
    local answer
    split -l 2000 - "$work/body."
    for body in "$work"/body.*; do
        answer=$(curl -s "$collector/v1/events?ack=logged" -H 'Content-Type: application/x-ndjson' --data-binary @"$body")
        case $answer in '{"accepted":'*'"quarantined":[],'*) ;; *) fail "the collector answered $answer" ;; esac
        sent=$((sent + $(wc -l <"$body")))
        rm "$body"
    done
    until_true stitched
}
get() { curl -s "$viewer/api/$1"; }
at() { "$build/flow/json_at" "$@" | paste -sd ' ' -; }
# an NDJSON event: awk prelude for the worlds below. day counts from 2026-01-05, a Monday; second from midnight
event='
    function stamp(day, second,   t) { t = 1767571200 + day * 86400 + second; return sprintf("%.0f", t * 1000) }
    function event(id, type, who, time, more) { printf "{\"id\":\"%s\",\"type\":\"%s\",\"ids\":{\"member\":\"%s\"},\"time\":%s%s}\n", id, type, who, time, more ? "," more : "" }
'
world() { awk "$event BEGIN { $1 }"; }

echo "== 1: tea, waits over 8 minutes; complaints 50 -> 29 of 200"
begin one <<'C'
{"touchpoints": [{"id": "pay", "match": {"type": "order.placed"}}, {"id": "handover", "title": {"zh": "取到饮品", "en": "Hand-over"}, "match": {"type": "order.fulfilled"}},
                 {"id": "complaint", "match": {"type": "complaint.opened"}}],
 "journey_types": [{"id": "order", "key": "order", "gap_d": 5, "good": ["order.fulfilled"], "damage": "unhappy"}],
 "clocks": [{"id": "wait", "start": "order.placed", "end": "order.fulfilled", "key": "order", "limit_s": 480, "allowed": 0.05, "on": "handover"}],
 "outcomes": [{"id": "unhappy", "when": "complaint.opened", "of": "journey", "after": "handover", "within_s": 259200, "horizon_d": 3}]}
C
tea='
    function order(n, day, wait, complains,   who, o) {
        who = "m" n; o = "\"order\":\"o" n "\",\"channel\":\"store\",\"place\":\"S01\""
        event("p" n, "order.placed", who, stamp(day, 36000), o)
        event("f" n, "order.fulfilled", who, stamp(day, 36000 + wait), o)
        if (complains) event("c" n, "complaint.opened", who, stamp(day, 40000), o)
    }'
world "} $tea BEGIN {
    split(\"180 479 480 481 720\", wait, \" \")
    for (i = 1; i <= 5; i++) order(\"edge\" i, -70, wait[i], 0)
    for (i = 0; i < 200; i++) order(\"a\" i, i % 28, i < 60 ? 600 + i : 200 + i, i < 45 || i >= 195)
    for (i = 0; i < 200; i++) order(\"b\" i, 28 + i % 28, i < 12 ? 600 + i : 200 + i, i < 9 || i >= 180)
" | send
q='breaks?journey=order&as_of=2026-03-31T00:00:00Z'
is "3:00, 7:59, 8:00 are no break, 8:01 and 12:00 are" "$(get "$q&from=2025-10-27&to=2025-10-27" | at '.rest[id=wait].hits' '.rest[id=wait].n')" "2 5"
is "the wait comes first, with what it costs" "$(get "$q&from=2026-01-05&to=2026-02-01" | at '.unhappy.#' '.unhappy[0].id' '.unhappy[0].hits' '.unhappy[0].n' '.unhappy[0].damage_crude' '.unhappy[0].verdict.id')" \
    "1 wait 60 200 0.654201 supported"

impact=$(get 'impact?journey=order&as_of=2026-03-31T00:00:00Z')
is "of what goes with complaints the wait stands first" "$(at '.impacts[0].id' '.impacts[0].with.n' '.impacts[0].with.bad' '.impacts[0].without.n' '.impacts[0].without.bad' <<<"$impact")" "wait 74 54 331 25"
improve() { "$touchline" improve add "$1" --cell "$2" --start 2026-02-02 --action "$3" --data "$store" >"$work/said" 2>&1 || { cat "$work/said"; fail "improve add $1"; }; sent=$((sent + 1)); until_true stitched; }
effect() { # id: k before, n, k after, n, points, relative, verdict
    get 'improvements?journey=order&as_of=2026-03-31T00:00:00Z' | at ".improvements[id=$1].before.acted.k" ".improvements[id=$1].before.acted.n" ".improvements[id=$1].after.acted.k" \
        ".improvements[id=$1].after.acted.n" ".improvements[id=$1].verdict.id"
    get 'improvements?journey=order&as_of=2026-03-31T00:00:00Z' | "$build/flow/json_at" ".improvements[id=$1].effect.value" ".improvements[id=$1].effect.lo" ".improvements[id=$1].effect.hi" \
        ".improvements[id=$1].relative.value" ".improvements[id=$1].relative.lo" ".improvements[id=$1].relative.hi" | awk '{ printf("%s%.1f", NR == 1 ? "" : " ", $1 * 100) } END { print "" }'
}
improve relayout order:unhappy "new counter layout"
is "the new layout" "$(effect relayout)" "50 200 29 200 works
-10.5 -18.2 -2.7 -42.0 -61.6 -12.3"

echo "== 2: delivery, the note is not carried out; bad reviews 40 -> 26 of 200"
begin two <<'C'
{"touchpoints": [{"id": "pay", "match": {"type": "order.placed"}}, {"id": "kitchen", "match": {"type": "order.cooked"}}, {"id": "handover", "match": {"type": "order.fulfilled"}},
                 {"id": "review", "match": {"type": "feedback.text"}}],
 "journey_types": [{"id": "order", "key": "order", "gap_d": 5, "good": ["order.fulfilled"], "damage": "bad_review"}],
 "checks": [{"id": "note", "kind": "required", "at": "order.note", "need": "order.note_executed", "by": "order.fulfilled", "key": "order", "allowed": 0.02, "on": "kitchen"}],
 "outcomes": [{"id": "bad_review", "when": {"type": "feedback.text", "scores.csat5": {"max": 2}}, "of": "journey", "after": "handover", "within_s": 259200, "horizon_d": 3}]}
C
meal='
    function order(n, day, note, confirmed, executed, bad,   who, o) {
        who = "m" n; o = "\"order\":\"o" n "\",\"channel\":\"app\""
        event("p" n, "order.placed", who, stamp(day, 36000), o)
        if (note) event("n" n, "order.note", who, stamp(day, 36001), o ",\"text\":\"少辣\"")
        if (confirmed) event("k" n, "order.note_confirmed", who, stamp(day, 36060), o)
        if (executed) event("x" n, "order.note_executed", who, stamp(day, 36600), o)
        event("f" n, "order.fulfilled", who, stamp(day, 37800), o)
        if (bad) event("r" n, "feedback.text", who, stamp(day, 41000), o ",\"scores\":{\"csat5\":1},\"text\":\"太辣\"")
    }'
world "} $meal BEGIN {
    order(\"edge1\", -70, 1, 0, 0, 1); order(\"edge2\", -70, 1, 1, 1, 0); order(\"edge3\", -70, 0, 0, 0, 0)
    for (i = 0; i < 200; i++) order(\"a\" i, i % 28, i < 100, 0, i >= 40, i < 40)
    for (i = 0; i < 200; i++) order(\"b\" i, 28 + i % 28, i < 100, i >= 26, i >= 26, i < 26)
" | send
is "not carried out is a break; confirmed and carried out, or no note, is none" "$(get "$q&from=2025-10-27&to=2025-10-27" | at '.rest[id=note].hits' '.rest[id=note].n')" "1 2"
is "the note is found" "$(get "$q&from=2026-01-05&to=2026-02-01" | at '.unhappy.#' '.unhappy[0].id' '.unhappy[0].hits' '.unhappy[0].n' '.unhappy[0].verdict.id')" "1 note 40 100 supported"
is "back from the bad reviews: the note" "$(get "backtrack?journey=order&as_of=2026-03-31T00:00:00Z&from=2026-01-05&to=2026-02-01" | at .bad .none.n '.breaks[0].id' '.breaks[0].touchpoint' '.breaks[0].first')" "40 0 note kitchen 40"

improve recheck order:bad_review "the note is read out twice"
is "asking twice is not yet proven" "$(effect recheck)" "40 200 26 200 too_little
-7.0 -14.3 0.3 -35.0 -58.7 2.3"

echo "== 3: 27 touchpoints; NPS 38 -> 52"
begin three <"$here/../../schemas/catalogue/tea/touchpoints.json"
for file in stages journeys standards; do [ -e "$here/../../schemas/catalogue/tea/$file.json" ] && cp "$here/../../schemas/catalogue/tea/$file.json" "$store/catalogue/"; done
end; begin_again
walk='
    function walk(n, day, skip,   who, i) {
        who = "m" n
        for (i = 1; i <= 27; i++) if (!index(skip, " " touchpoint[i] " ")) event(n "-" i, "step." touchpoint[i], who, stamp(day, 36000 + 60 * i), "\"order\":\"o" n "\",\"touchpoint\":\"" touchpoint[i] "\"")
    }'
names=$(sed -n 's/.*{"id": "\([a-z_]*\)".*/\1/p' "$here/../../schemas/catalogue/tea/touchpoints.json" | paste -sd ' ' -)
world "} $walk BEGIN { split(\"$names\", touchpoint, \" \")
    walk(\"all\", 0, \"\"); walk(\"most\", 1, \" payment handover chat \")
    for (i = 0; i < 100; i++) event(\"x\" i, \"survey.response\", \"b\" i, stamp(7 + i % 7, 36000), \"\\\"scores\\\":{\\\"nps\\\":\" (i < 55 ? 9 + i % 2 : i < 83 ? 7 + i % 2 : i % 7) \"}\")
    for (i = 0; i < 100; i++) event(\"y\" i, \"survey.response\", \"a\" i, stamp(14 + i % 7, 36000), \"\\\"scores\\\":{\\\"nps\\\":\" (i < 63 ? 9 + i % 2 : i < 89 ? 7 + i % 2 : i % 7) \"}\")
" | send
seen() { get "coverage?journey=order&as_of=2026-03-31T00:00:00Z&from=$1&to=$1" | at .covered .touchpoints; }
is "all 27 touchpoints, and 24 of them" "$(seen 2026-01-05), $(seen 2026-01-06)" "27 27, 24 27"
nps() { get "metrics?journey=all&as_of=2026-03-31T00:00:00Z&from=$1&to=$2" | at '.metrics[id=nps].total.n' '.metrics[id=nps].total.promoters' '.metrics[id=nps].total.detractors' '.metrics[id=nps].total.value' "${@:3}"; }
is "55 of 100 less 17" "$(nps 2026-01-12 2026-01-18)" "100 55 17 38"
change=.metrics[id=nps].total.change
is "63 of 100 less 11: +14, not proven" "$(nps 2026-01-19 2026-01-25 $change.value $change.lo $change.hi)" "100 63 11 52 14.000000 -6.037696 34.037696"

echo "== 4: complaints, VIP 10 minutes to a person, others 30 minutes to a solution"
begin four <<'C'
{"touchpoints": [{"id": "complaint", "match": {"type": "complaint.*"}}],
 "journey_types": [{"id": "complaint", "key": "case", "good": ["complaint.solution"]}],
 "clocks": [{"id": "vip", "start": "complaint.opened", "end": "complaint.assigned", "key": "case", "limit_s": 600, "allowed": 0.05, "tiers": ["vip"], "on": "complaint"},
            {"id": "ordinary", "start": "complaint.opened", "end": "complaint.solution", "key": "case", "limit_s": 1800, "allowed": 0.05, "except_tiers": ["vip"], "on": "complaint"}]}
C
world '} function complaint(n, tier, assigned, solved,   o) {
        o = "\"case\":\"k" n "\",\"channel\":\"phone\",\"tier\":\"" tier "\""
        event("o" n, "complaint.opened", "m" n, stamp(0, 36000), o)
        if (assigned) event("a" n, "complaint.assigned", "m" n, stamp(0, 36000 + assigned), o)
        if (solved) event("s" n, "complaint.solution", "m" n, stamp(0, 36000 + solved), o)
    } BEGIN {
    complaint("v1", "vip", 599, 7000); complaint("v2", "vip", 600, 7000); complaint("v3", "vip", 601, 700)
    complaint("o1", "silver", 1700, 1800); complaint("o2", "silver", 60, 1801); complaint("o3", "silver", 0, 1799)
    o = "\"case\":\"k4\",\"channel\":\"phone\",\"tier\":\"vip\""
    event("v4", "complaint.opened", "mv4", stamp(1, 36000), o)
' | send
complaints() { get "breaks?journey=complaint&from=2026-01-05&to=$1&as_of=$2" | at ".rest[id=$3].hits" ".rest[id=$3].n"; }
is "VIP: 9:59, 10:00 and 10:01 to a person" "$(complaints 2026-01-05 2026-01-20T00:00:00Z vip)" "1 3"
is "others: 30:00, 30:01 to a solution" "$(complaints 2026-01-05 2026-01-20T00:00:00Z ordinary)" "1 3"
is "a VIP nobody has come to, before the limit" "$(get "breaks?journey=complaint&from=2026-01-06&to=2026-01-06&as_of=2026-01-06T10:09:59Z" | at '.rest[id=vip].hits' '.rest[id=vip].n')" "- -"
is "a VIP nobody has come to, after it: time alone breaks it" "$(get "breaks?journey=complaint&from=2026-01-06&to=2026-01-06&as_of=2026-01-06T10:10:01Z" | at '.rest[id=vip].hits' '.rest[id=vip].n')" "1 1"

echo "== 5: online reply within 15 seconds, greeting by surname 9 of 10"
begin five <<'C'
{"touchpoints": [{"id": "chat", "match": [{"type": "service.request"}, {"type": "service.response"}]}, {"id": "greet", "match": {"type": "visit"}}],
 "clocks": [{"id": "reply", "start": "service.request", "end": "service.response", "key": "case", "limit_s": 15, "allowed": 0.05, "on": "chat"}],
 "checks": [{"id": "greeting", "kind": "failed", "at": {"type": "standard.check", "props.greeting_surname": "*"}, "fail": {"type": "standard.check", "props.greeting_surname": "no"},
             "key": "journey", "allowed": 0.02, "on": "greet"}]}
C
world '
    for (i = 0; i < 2; i++) {
        o = "\"case\":\"k" i "\",\"channel\":\"chat\""
        event("q" i, "service.request", "c" i, stamp(0, 36000), o)
        event("a" i, "service.response", "c" i, stamp(0, 36015 + i / 1000), o)
    }
    for (i = 0; i < 10; i++) {
        event("v" i, "visit", "m" i, stamp(0, 36000), "\"place\":\"S01\",\"channel\":\"store\"")
        event("s" i, "standard.check", "m" i, stamp(0, 36060), "\"place\":\"S01\",\"channel\":\"store\",\"props\":{\"greeting_surname\":\"" (i == 3 ? "no" : "yes") "\"}")
    }
' | send
is "15.000 s is in time, 15.001 s is not" "$(get 'breaks?journey=all&as_of=2026-01-20T00:00:00Z&from=2026-01-05&to=2026-01-05' | at '.rest[id=reply].hits' '.rest[id=reply].n')" "1 2"
is "greeted by surname: 9 of 10" "$(get 'breaks?journey=all&as_of=2026-01-20T00:00:00Z&from=2026-01-05&to=2026-01-05' | at '.rest[id=greeting].hits' '.rest[id=greeting].n' '.rest[id=greeting].rate')" "1 10 0.100000"

echo "== 6: social media, first reply within an hour; the private chat stays in the case"
begin six <<'C'
{"touchpoints": [{"id": "mention", "match": {"type": "social.mention"}}, {"id": "reply", "match": {"type": "social.reply"}}, {"id": "private", "match": {"type": "service.request"}}],
 "journey_types": [{"id": "matter", "key": "case", "good": ["service.resolved"]}],
 "clocks": [{"id": "first_reply", "start": "social.mention", "end": "social.reply", "key": "case", "limit_s": 3600, "allowed": 0.05, "on": "mention"}]}
C
world '
    split("3600 3601 1200", reply, " ")
    for (i = 1; i <= 3; i++) {
        o = "\"case\":\"k" i "\",\"channel\":\"social\""
        event("m" i, "social.mention", "c" i, stamp(0, 36000), o)
        event("r" i, "social.reply", "c" i, stamp(0, 36000 + reply[i]), o)
    }
    event("p1", "service.request", "c1", stamp(0, 40000), "\"case\":\"k1\",\"channel\":\"chat\"")
' | send
is "nobody is alerted of what is months old" "$(get 'alerts?state=open' | at '.alerts.#')" "0"
is "60:00 is in time, 60:01 is not" "$(get 'breaks?journey=matter&as_of=2026-01-20T00:00:00Z&from=2026-01-05&to=2026-01-05' | at '.rest[id=first_reply].hits' '.rest[id=first_reply].n')" "1 3"
is "one case, one journey, from the mention to the chat" "$(get 'journeys?journey=matter&as_of=2026-01-20T00:00:00Z&from=2026-01-05&to=2026-01-05&node=private' | at '.journeys.#' '.journeys[0].steps')" "1 3"

echo "== 9: NPS of ten answers"
begin nine <<<'{}'
world '
    split("10 9 9 8 7 6 0 10 9 5", score, " ")
    for (i = 1; i <= 10; i++) event("s" i, "survey.response", "m" i, stamp(0, 36000 + i), "\"scores\":{\"nps\":" score[i] "}")
' | send
is "5 promoters, 3 detractors: +20, and too few to say" "$(get 'metrics?journey=all&as_of=2026-01-20T00:00:00Z&from=2026-01-05&to=2026-01-11' | at '.metrics[id=nps].total.promoters' '.metrics[id=nps].total.detractors' \
    '.metrics[id=nps].total.n' '.metrics[id=nps].total.value' '.metrics[id=nps].total.enough')" "5 3 10 20 false"

[ $failed = 0 ] && echo "worked cases: as worked out"
exit $failed
