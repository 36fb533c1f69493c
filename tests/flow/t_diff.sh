#!/usr/bin/env bash
# t_diff.sh BUILD - `touchline check --diff` says before an activation what the pages say after it: figures of every cell, findings that vanish and appear, journeys
# that gain or lose; it changes nothing, and leaves nothing behind however it ends.
set -u
B=${1:?usage: $0 BUILD}
T=$(mktemp -d "${TMPDIR:-/tmp}/diff.XXXXXX")
export TZ=Asia/Shanghai LC_ALL=C.UTF-8
. "$(dirname "$0")/accounted.sh"
trap 'rc=$?; accounted "$T" || rc=1; rm -rf "$T"; exit $rc' EXIT
fail() { echo "FAILED: $*"; exit 1; }
at() { "$B/flow/json_at" "$@"; }
D=$T/tea
ask() { "$B/touchline" "$@" --data "$D" --as-of 2026-03-02T00:00:00+08:00; }
"$B/touchline" simulate --seed 155 --data "$D" --until 2026-03-02 >/dev/null 2>"$T/err" || { cat "$T/err"; fail simulate; }
left() { ls -d "$D"/scratch.* 2>/dev/null; }
"$B/touchline" export --rows --data "$D" --out "$T/rows.before" || fail export

# ---- the chat's allowed share at 15 %: the finding goes, no journey changes ----
cp -r "$D/catalogue" "$T/chat"
sed -i 's/"limit_s": 15, "allowed": 0.05/"limit_s": 15, "allowed": 0.15/' "$T/chat/standards.json"
ask check --diff "$T/chat" --journey order --json >"$T/chat.json" 2>"$T/err" || { cat "$T/err"; fail "diff of the chat"; }
[ "$(at '.types[0].findings.vanish.#' '.types[0].findings.vanish[0].id' '.types[0].findings.appear.#' <"$T/chat.json" | tr '\n' ' ')" = "1 chat_reply 0 " ] || fail "chat: $(cat "$T/chat.json")"
[ "$(at '.types[0].cells[0].id' '.types[0].cells[0].before.hits' '.types[0].cells[0].after.hits' '.types[0].cells[0].after.n' '.types[0].cells[0].gaining.journeys' '.types[0].cells[1].changed' \
    <"$T/chat.json" | tr '\n' ' ')" = "chat_reply 94 94 828 0 false " ] || fail "chat cells: $(cat "$T/chat.json")"
ask check --diff "$T/chat" >"$T/text" 2>&1 || fail "diff as a table"
grep -q 'vanishes: Chat, Chat answered within 15 seconds (chat_reply)' "$T/text" || fail "the table: $(cat "$T/text")"
ask check --diff "$D/catalogue" | grep -c 'no journey gains or loses a break' | grep -q '^2$' || fail "its own catalogue changes something"

# ---- a shorter limit, a required step less, a new type: what is said is what then holds ----
cp -r "$T/chat" "$T/other"
sed -i 's/"limit_s": 480/"limit_s": 420/; s/{"id": "complaint_solution".*/{"id": "complaint_solution", "start": "complaint.opened", "end": "complaint.solution", "key": "case", "limit_s": 3600, "on": "remedy"},/;/"key": "case", "limit_s": 1800, "allowed": 0.05, "except_tiers"/d' "$T/other/standards.json"
sed -i 's/"customise", //; s/"gap_d": *3/"gap_d": 20/; s/"good": *\["order.fulfilled"\]/"good": ["order.placed"]/; s/"strata": \["tier"\]}/"strata": ["tier"]}, {"id": "helped", "start": ["service.request"]}/' "$T/other/journeys.json"
ask check --diff "$T/other" --json >"$T/other.json" 2>"$T/err" || { cat "$T/err"; fail "diff of the other"; }
[ "$(at '.types[journey=helped].known_before' '.types[journey=helped].known_after' <"$T/other.json" | tr '\n' ' ')" = "false true " ] || fail "the new type"
cells() { at ".$1.#" <"$2" >/dev/null; n=$(at ".$1.#" <"$2"); for i in $(seq 0 $((n - 1))); do at ".$1[$i].id" ".$1[$i].touchpoint" ".$1[$i].$3n" ".$1[$i].$3hits" <"$2" | tr '\n' ' '; echo; done; }
for side in before after; do cells "types[journey=order].cells" "$T/other.json" "$side." | awk '$3 > 0' | sort >"$T/said.$side"; done
gained=$(at '.types[journey=order].cells[id=handover_wait].gaining.journeys' '.types[journey=order].cells[id=handover_wait].gaining.examples.#' <"$T/other.json" | tr '\n' ' ')
# a journey stops once: those that gain a stop less those that lose one are the difference
stops=0
for i in $(seq 0 $(($(at '.types[journey=order].cells.#' <"$T/other.json") - 1))); do
    set -- $(at ".types[journey=order].cells[$i]."{id,gaining.journeys,losing.journeys,before.hits,after.hits} <"$T/other.json")
    [ "$1" = drop_off ] || continue
    [ $(($2 - $3)) = $(($5 - $4)) ] || fail "stops: $* do not add up"
    stops=$((stops + $2 + $3))
done
[ $stops -gt 0 ] || fail "no journey stops elsewhere, though they end otherwise"
for side in before after; do
    [ $side = after ] && { "$B/touchline" activate "$T/other" --data "$D" >/dev/null || fail activate; }
    ask breaks --journey order --json >"$T/breaks.json" || fail "breaks $side"
    for list in unhappy unfinished rest; do cells $list "$T/breaks.json" ""; done | awk '$3 > 0' | sort >"$T/is.$side"
    diff "$T/said.$side" "$T/is.$side" >"$T/differs" || fail "$side: $(cat "$T/differs")"
    grep handover_wait "$T/is.$side" | awk '{print $4}' >"$T/k.$side"
done
[ "$gained" = "$(($(cat "$T/k.after") - $(cat "$T/k.before"))) 10 " ] || fail "journeys that gain a wait: $gained, breaks $(cat "$T/k.before") -> $(cat "$T/k.after")"
"$B/touchline" activate --data "$D" >/dev/null || fail "activate the old one again"
"$B/touchline" export --rows --data "$D" --out "$T/rows.after" || fail export
cmp "$T/rows.before" "$T/rows.after" || fail "to and fro changed the rows"

# ---- while events come in: both sides are of one moment, so the same catalogue changes nothing ----
"$B/touchline" simulate --seed 7 --customers 600 --days 28 --until 2026-03-02 --out "$T/more.ndjson" >/dev/null || fail simulate
split -l 300 -d -a 4 "$T/more.ndjson" "$T/part."
"$B/touchline" up --data "$D" --collector.port 0 --viewer.port 0 --aggregator.port 0 --aggregator.bus 'tcp://127.0.0.1:*' >"$T/up" 2>"$T/up.log" & UP=$!
trap 'rc=$?; accounted "$T" || rc=1; kill $UP $SEND 2>/dev/null; wait 2>/dev/null; rm -rf "$T"; exit $rc' EXIT
SEND=
for _ in $(seq 1200); do grep -q '/v1/events' "$T/up" && break; sleep 0.05; done
U=$(sed -n 's/.*"http":"\([^"]*\)".*/\1/p' "$D/run/collector.json")
( for f in "$T"/part.*; do curl -s -m 20 -o /dev/null -H 'Authorization: Bearer more' -H 'Content-Type: application/x-ndjson' --data-binary @"$f" "$U/v1/events"; touch "$T/sending"; done ) & SEND=$!
for _ in $(seq 1200); do [ -e "$T/sending" ] && break; sleep 0.05; done
for turn in 1 2 3; do
    ask check --diff "$D/catalogue" >"$T/text" 2>"$T/err" || { cat "$T/err"; fail "diff while events come in"; }
    grep -c 'no journey gains or loses a break' "$T/text" | grep -q '^2$' || fail "two moments were compared: $(cat "$T/text")"
done
kill $UP; wait $UP; wait $SEND

# ---- ends that are not its own: nothing stays, nothing changes ----
for signal in INT TERM KILL; do
    "$B/touchline" check --diff "$T/other" --data "$D" >/dev/null 2>"$T/err" & one=$!
    end=$((SECONDS + 60))
    while [ -z "$(left)" ] && kill -0 $one 2>/dev/null && [ $SECONDS -lt $end ]; do :; done
    kill -$signal $one 2>/dev/null
    wait $one
    [ $signal = KILL ] || [ -z "$(left)" ] || fail "left after $signal: $(left)"
done
for _ in $(seq 600); do ask check --diff "$T/other" >/dev/null 2>"$T/err" && break; sleep 0.1; done
[ -z "$(left)" ] || fail "left in the end: $(left)"
"$B/touchline" check --diff "$T/none" --data "$D" 2>"$T/err" && fail "a folder that is not there"
"$B/touchline" check --diff "$T/other" --data "$D" --journey nothing 2>"$T/err" && fail "an unknown type"
grep -q 'known: all, order' "$T/err" || fail "an unknown type is not explained: $(cat "$T/err")"
mkdir -p "$T/empty/catalogue"
cp "$T"/chat/*.json "$T/empty/catalogue/"
"$B/touchline" check --diff --data "$T/empty" >"$T/text" 2>"$T/err" || { cat "$T/err"; fail "an empty store"; }
grep -q '0 journeys before, 0 after' "$T/text" || fail "an empty store: $(cat "$T/text")"
echo "diff: what is said is what then holds; journeys that gain a wait: $gained"
