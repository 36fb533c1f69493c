#!/usr/bin/env bash
# t_mystery.sh BUILD - the tea case over HTTP with mystery visits: they find the wait before customers complain; then customers do, and both say so; after the new layout
# complaints go from 50 to 29 of 200, visits wait no longer, and what was replayed says the same. Greeting by surname 9 of 10; from a complaint back to the wait.
set -u
build=$1
touchline=$build/touchline
work=$(mktemp -d)
store=$work/tea
up=
end() { [ -n "$up" ] && kill "$up" 2>/dev/null && wait "$up" 2>/dev/null; up=; }
. "$(dirname "$0")/accounted.sh"
trap 'rc=$?; accounted "$work" || rc=1; end; rm -rf "$work"; exit $rc' EXIT
failed=0
fail() { echo "FAILED: $*"; failed=1; }
is() { [ "$2" = "$3" ] || fail "$1:"$'\n'"  $2"$'\n'"instead of"$'\n'"  $3"; }
export TZ=UTC LANG=C.UTF-8
unset LC_ALL
address() { sed -n 's/.*"http":"\([^"]*\)".*/\1/p' "$store/run/$1.json" 2>/dev/null; }
until_true() { for _ in $(seq 900); do "$@" && return 0; sleep 0.1; done; fail "waited for: $*"; return 1; }
answers() { viewer=$(address viewer); collector=$(address collector); [ -n "$viewer" ] && curl -sf -o /dev/null "$viewer/healthz" && curl -sf -o /dev/null "$collector/healthz"; }
get() { curl -s "$viewer/api/$1"; }
at() { "$build/flow/json_at" "$@" | paste -sd ' ' -; }
stitched() { [ "$(get about | at .position)" -ge "$sent" ] 2>/dev/null; }

mkdir -p "$store/catalogue"
cat >"$store/catalogue/tea.json" <<'C'
{"touchpoints": [{"id": "pay", "match": {"type": "order.placed"}}, {"id": "greet", "match": {"type": "standard.check"}, "role": "step"}, {"id": "handover", "title": {"zh": "取到饮品", "en": "Hand-over"}, "match": {"type": "order.fulfilled"}},
                 {"id": "complaint", "match": {"type": "complaint.opened"}}],
 "journey_types": [{"id": "order", "key": "order", "gap_d": 5, "good": ["order.fulfilled"], "damage": "unhappy"}],
 "clocks": [{"id": "wait", "start": "order.placed", "end": "order.fulfilled", "key": "order", "limit_s": 480, "allowed": 0.05, "on": "handover"}],
 "checks": [{"id": "greeting", "kind": "failed", "at": {"type": "standard.check", "props.greeting_surname": "*"}, "fail": {"type": "standard.check", "props.greeting_surname": "no"}, "key": "order", "allowed": 0.05, "on": "greet"}],
 "outcomes": [{"id": "unhappy", "when": "complaint.opened", "of": "journey", "after": "handover", "within_s": 259200, "horizon_d": 3}],
 "scenarios": [{"id": "pickup", "title": "Pick up at lunch", "visits_per_place": 10,
   "steps": [{"touchpoint": "pay"}, {"touchpoint": "greet", "items": [{"id": "surname", "title": "Greeted by surname?", "weight": 40, "standard": "greeting"}]},
             {"touchpoint": "handover", "items": [{"id": "quick", "title": "Within 8 minutes?", "weight": 60, "critical": true, "standard": "wait"}]}]}]}
C
"$touchline" up --data "$store" --collector.port=0 --aggregator.port=0 --aggregator.bus='tcp://127.0.0.1:*' --viewer.port=0 >"$work/log" 2>&1 &
up=$!
until_true answers || { cat "$work/log"; exit 1; }
sent=1

# ten visits are registered before anything has happened: two in the week before, two in the weeks before the new layout, six after it
days=(-3 -2 8 9 36 37 38 40 41 42)
for n in 1 2 3 4 5 6 7 8 9 10; do
    from=$((1767571200 + ${days[n - 1]} * 86400 + 36000))
    printf '{"id":"v%d","identities":[{"kind":"member","value":"s%d"}],"from":%d000,"to":%d000,"place":"S01","scenario":"pickup"}' $n $n $from $((from + 1200)) >"$work/v"
    "$touchline" note visit "$work/v" --data "$store" >"$work/said" 2>&1 || fail "visit v$n: $(cat "$work/said")"
    sent=$((sent + 1))
done
events() { # awk program: NDJSON to the collector
    awk 'function stamp(day, second) { return sprintf("%.0f", (1767571200 + day * 86400 + second) * 1000) }
        function event(id, type, who, time, more) { printf "{\"id\":\"%s\",\"type\":\"%s\",\"ids\":{\"member\":\"%s\"},\"time\":%s,\"channel\":\"store\",\"place\":\"S01\",%s}\n", id, type, who, time, more }
        function order(n, who, day, wait, complains,   o) {
            o = "\"order\":\"o" n "\""
            event("p" n, "order.placed", who, stamp(day, 36000), o)
            event("f" n, "order.fulfilled", who, stamp(day, 36000 + wait), o)
            if (complains) event("c" n, "complaint.opened", who, stamp(day, 40000), o)
        }
        function visit(n, day, wait) {
            order("v" n, "s" n, day, wait, 0)
            event("g" n, "standard.check", "s" n, stamp(day, 36120), "\"order\":\"ov" n "\",\"props\":{\"greeting_surname\":\"" (n == 6 ? "no" : "yes") "\"}")
        }
        BEGIN { '"$1"' }' >"$work/body"
    answer=$(curl -s "$collector/v1/events?ack=logged" -H 'Content-Type: application/x-ndjson' --data-binary @"$work/body")
    case $answer in '{"accepted":'*'"quarantined":[],'*) ;; *) fail "the collector answered $answer" ;; esac
    sent=$((sent + $(wc -l <"$work/body")))
    until_true stitched
}
as_of='as_of=2026-03-31T00:00:00Z'
marked() { get "confirmed?journey=order&$as_of&from=$1&to=$2" | at '.cells[id=wait].mark.id' '.cells[id=wait].visits.hits' '.cells[id=wait].visits.n' '.cells[id=wait].customers.hits' '.cells[id=wait].customers.n'; }

events 'visit(1, -3, 640); visit(2, -2, 600)'
is "visits find the wait before a customer has come" "$(marked 2025-12-29 2026-01-04)" "visits 2 2 0 0"
is "a visit is no customer" "$(get "map?journey=order&$as_of" | at .journeys)" "0"
events 'visit(3, 8, 700); visit(4, 9, 610); for (i = 0; i < 200; i++) order("a" i, "m" i, i % 28, i < 60 ? 600 + i : 200 + i, i < 45 || i >= 195)'
is "then customers do, and both say so" "$(marked 2026-01-05 2026-02-01)" "both 2 2 60 200"
events 'for (n = 5; n <= 10; n++) visit(n, n < 8 ? 31 + n : 32 + n, 300); for (i = 0; i < 200; i++) order("b" i, "n" i, 28 + i % 28, i < 12 ? 600 + i : 200 + i, i < 9 || i >= 180)'
is "after the new layout neither does" "$(get "confirmed?journey=order&$as_of&from=2026-02-02&to=2026-03-01" | at '.cells[id=wait].mark.id' '.visits' '.strays')" "- 6 0"

"$touchline" improve add relayout --cell order:unhappy --start 2026-02-02 --action "new counter layout" --data "$store" >"$work/said" 2>&1 || fail "improve: $(cat "$work/said")"
sent=$((sent + 1))
until_true stitched
is "complaints 50 -> 29 of 200" "$(get "improvements?journey=order&$as_of" | at '.improvements[id=relayout].before.acted.k' '.improvements[id=relayout].after.acted.k' '.improvements[id=relayout].effect.value' '.improvements[id=relayout].relative.value' '.improvements[id=relayout].verdict.id')" \
    "50 29 -0.105000 -0.420000 works"

# scorecards and what they say together
get "visits?$as_of" >"$work/visits"
is "greeted by surname: 9 of 10" "$(at '.items[item=surname].yes' '.items[item=surname].no' '.items[item=surname].share' '.items[item=quick].no' <"$work/visits")" "9 1 0.900000 4"
is "scores" "$(at '.visits[id=v1].score.value' '.visits[id=v1].score.failed' '.visits[id=v1].first.id' '.visits[id=v5].score.value' '.visits[id=v6].score.value' <"$work/visits")" "0.400000 true wait 1 0.600000"
is "as planned" "$(get "visits/v1?$as_of" | at '.alignment.fitness' '.alignment.moves.#' '.timings[0].took_ms' '.timings[0].is')" "1 3 640000 broken"
is "one visit withdrawn" "$("$touchline" visits withdraw v6 --data "$store" >"$work/said" 2>&1 && sent=$((sent + 1)) && until_true stitched; get "visits?$as_of" | at '.visits.#' '.items[item=surname].no')" "9 0"
is "is told so" "$(curl -s -o "$work/gone" -w '%{http_code}' "$viewer/api/visits/v6") $(at .error.code <"$work/gone")" "404 TL_ENOTFOUND"

# from a complaint back
is "the first break before complaints" "$(get "backtrack?journey=order&$as_of&from=2026-01-05&to=2026-02-01" | at .bad .none.n '.breaks[0].id' '.breaks[0].first' '.breaks[0].share' '.breaks.#')" "50 5 wait 45 0.900000 1"
"$touchline" backtrack member:m3 --data "$store" --as-of 2026-03-31T00:00:00Z >"$work/walk" 2>&1 || fail "backtrack: $(cat "$work/walk")"
grep -q 'wait @ Hand-over \[pa3\]' "$work/walk" || fail "the walk back of m3: $(cat "$work/walk")"

# replayed: the visit of before breaks again, one of after does not
for n in 1 5; do
    "$touchline" replay v$n --data "$store" --as-of 2026-03-31T00:00:00Z --json >"$work/replay$n" 2>"$work/err" || fail "replay v$n: $(cat "$work/err" "$work/replay$n")"
done
is "replayed" "$(at .same .differ '.replays[0].now' <"$work/replay1" | grep -c 'wait broken') $(at .same .differ '.replays[0].now' <"$work/replay5" | grep -c 'wait broken')" "1 0"
is "and no customer's figure has moved" "$(get "breaks?journey=order&$as_of&from=2026-01-05&to=2026-02-01" | at '.unhappy[id=wait].hits' '.unhappy[id=wait].n')" "60 200"
[ $failed = 0 ] && echo "t_mystery.sh: visits find it first, customers confirm it, the change removes it"
exit $failed
