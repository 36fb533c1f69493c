#!/usr/bin/env bash
# t_blueprint.sh BUILD - a catalogue of one's own through the real programs: a blueprint planned and actual, coverage, what is unassigned, built-in stage models,
# promoted properties as filters and in segments. Ten orders, counted by hand.
set -eu
build=$1
work=$(mktemp -d)
. "$(dirname "$0")/accounted.sh"
trap 'rc=$?; accounted "$work" || rc=1; rm -rf "$work"; exit $rc' EXIT
fail() { echo "FAIL: $*"; exit 1; }
export TZ=UTC TOUCHLINE_LANG=en
mkdir -p "$work/data/catalogue"
cat >"$work/data/catalogue/shop.json" <<'J'
{"promote": ["props.spent"],
 "touchpoints": [
  {"id": "browse", "title": {"zh": "浏览", "en": "Browse"}, "stage": {"B": "attract", "E": "before"}, "match": {"type": "view"}},
  {"id": "card", "title": {"zh": "刷卡", "en": "Card"}, "stage": {"B": "acquire", "E": "during"}, "channel": "app", "key": true, "owner": "till", "match": {"type": "paid.card"}},
  {"id": "cash", "title": {"zh": "现金", "en": "Cash"}, "stage": {"B": "acquire", "E": "during"}, "channel": "store", "match": {"type": "paid.cash"}},
  {"id": "cook", "title": {"zh": "制作", "en": "Cook"}, "stage": {"B": "grow", "E": "during"}, "backstage": true, "key": true, "owner": "kitchen", "goal": "right and warm", "match": {"type": "cook"}},
  {"id": "done", "title": {"zh": "取走", "en": "Done"}, "stage": {"B": "retain", "E": "after"}, "key": true, "owner": "till", "match": {"type": "done"}},
  {"id": "survey", "title": {"zh": "问卷", "en": "Survey"}, "role": "signal", "match": {"type": "survey.response"}},
  {"id": "never", "title": {"zh": "从未", "en": "Never"}, "stage": {"B": "refer", "E": "after"}, "match": {"type": "never"}}],
 "journey_types": [{"id": "order", "title": {"zh": "订单", "en": "Order"}, "key": "order", "gap_d": 1, "good": ["done"]}],
 "segments": [{"id": "big", "title": {"zh": "大单", "en": "Big"}, "when": {"props.spent": {"min": 100}}}],
 "blueprints": [{"id": "lunch", "title": {"zh": "午餐", "en": "Lunch"}, "journey": "order", "legs": [{"id": "in", "title": "In"}], "steps": [
  {"touchpoint": "browse", "leg": "in"},
  {"touchpoint": "card", "one_of": "pay", "channels": ["app"]},
  {"touchpoint": "cash", "one_of": "pay", "channels": ["app"]},
  {"touchpoint": "cook", "max_wait_s": 60},
  {"touchpoint": "done"},
  {"touchpoint": "never", "need": "optional"}]}]}
J
n=0
say() { # order seconds type [channel]
    n=$((n + 1))
    printf '{"id":"e%d","type":"%s","time":%d,"ids":{"member":"m%d"},"order":"o%d","channel":"%s","props":{"spent":%d}}\n' $n "$3" $((1772445600000 + $1 * 3600000 + $2 * 1000)) "$1" "$1" "${4:-app}" $(($1 * 20))
}
{
    for i in 0 1 2 3 4 5 6 7 8 9; do say $i 0 view; done
    for i in 0 1 2 3 4 5 6; do say $i 100 paid.card; done
    for i in 7 8; do say $i 100 paid.cash store; done
    say 0 160 cook; say 1 161 cook; say 2 50 cook                       # exactly in time, a second late, before the payment
    for i in 4 5 6 7 8; do say $i 130 cook; done                        # order 3 has none
    for i in 0 1 2 3 4 5 6 7 8; do say $i 400 "done"; done              # order 9 ends at the menu
    say 4 200 mystery.box
    say 4 110 mystery.box
} >"$work/events.ndjson"
t() { "$build/touchline" "$@" --data "$work/data"; }
t check >"$work/check" || fail "$(cat "$work/check")"
grep -q '^ok, 0 doubts' "$work/check" || fail "doubts: $(cat "$work/check")"
t import "$work/events.ndjson" >/dev/null 2>"$work/err" || fail "import: $(cat "$work/err")"
is() { # wanted, path...: of the file answer
    local want=$1 got
    shift
    got=$("$build/flow/json_at" "$@" <"$work/answer" | tr '\n' ' ' | sed 's/ $//')
    [ "$got" = "$want" ] || fail "$*: $got instead of $want"
}
ask() { t "$@" --as-of 2026-04-01T00:00:00Z --json >"$work/answer" || fail "$*"; }

ask blueprint
is "lunch order 10 10 0" .blueprint .journey .journeys .ended .open
is "10 10 1 0" '.steps[touchpoint=browse].n' '.steps[touchpoint=browse].reached' '.steps[touchpoint=browse].share' '.steps[touchpoint=browse].missing'
is "7 9 0 0 front" '.steps[touchpoint=card].reached' '.steps[touchpoint=card].good' '.steps[touchpoint=card].missing' '.steps[touchpoint=card].elsewhere' '.steps[touchpoint=card].lane'
is "2 0 2 acquire" '.steps[touchpoint=cash].reached' '.steps[touchpoint=cash].missing' '.steps[touchpoint=cash].elsewhere' '.steps[touchpoint=cash].stage'
is "8 1 7 1 1 60000 back kitchen" '.steps[touchpoint=cook].reached' '.steps[touchpoint=cook].missing' '.steps[touchpoint=cook].waits' '.steps[touchpoint=cook].early' '.steps[touchpoint=cook].over' \
    '.steps[touchpoint=cook].max_wait_ms' '.steps[touchpoint=cook].lane' '.steps[touchpoint=cook].owner'
is "0 null null" '.steps[touchpoint=never].reached' '.steps[touchpoint=never].p50.ms' '.steps[touchpoint=never].max_wait_ms'
is "mystery.box 2 1" '.unplanned[touchpoint=mystery.box].touchpoint' '.unplanned[touchpoint=mystery.box].steps' '.unplanned[touchpoint=mystery.box].journeys'
ask blueprint --id lunch --filter segment=big
is "5 4" .journeys '.steps[touchpoint=done].reached'
if t blueprint --id dinner 2>"$work/err"; then fail "a blueprint that is none"; fi
grep -q 'known: lunch' "$work/err" || fail "not told: $(cat "$work/err")"

ask coverage --journey order
is "6 5 1 2" .touchpoints .covered .signals .unassigned_steps
is "9 1 9 0" '.missing[touchpoint=cook].n' '.missing[touchpoint=cook].missing' '.missing[touchpoint=done].n' '.missing[touchpoint=done].missing'
is "2 1" '.unassigned[touchpoint=mystery.box].steps' '.unassigned[touchpoint=mystery.box].journeys'

ask coverage
is "order 9 1" '.missing[touchpoint=cook].journey' '.missing[touchpoint=cook].n' '.missing[touchpoint=cook].missing'

ask map --journey order --model E
is "during true false 1 2" '.nodes[touchpoint=cook].stage' '.nodes[touchpoint=mystery.box].unassigned' '.nodes[touchpoint=cook].unassigned' .unassigned.nodes .unassigned.steps
t map --journey order | grep -q '^unassigned: 1 touchpoints, 2 steps' || fail "the table does not say what is unassigned"
ask journeys --journey order --filter props.spent=180
is "1" .count
ask journeys --journey order --filter segment=big
is "5" .count
echo ok
