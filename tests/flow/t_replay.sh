#!/usr/bin/env bash
# t_replay.sh BUILD - the demo's 24 visits sent again: what came out is the same, no figure of customers moves, a second time adds nothing; a suite of recordings tells
# a changed catalogue and a changed product; into another folder, to a collector with write keys, moved to now, stopped by Ctrl-C.
set -u
B=$1
root=$(cd "$(dirname "$0")/../.." && pwd)
T=$B/touchline
work=$(mktemp -d)
D=$work/demo
pid=
. "$(dirname "$0")/accounted.sh"
trap 'rc=$?; accounted "$work" || rc=1; [ -n "$pid" ] && kill $pid 2>/dev/null && wait $pid 2>/dev/null; rm -rf "$work"; exit $rc' EXIT
failed=0
fail() { echo "FAILED: $*"; failed=1; }
is() { [ "$1" = "$2" ] || fail "$3: $1 instead of $2"; }
at() { "$B/flow/json_at" "$1" <"$work/json"; }
export TZ=Asia/Shanghai TMPDIR=$work
as_of='--as-of 2026-03-02T00:00:00+08:00'
customers() { # what customers' figures are read from
    for q in map variants breaks moments heatmap impact emotion "journeys --limit 1000"; do
        "$T" $q --data "$D" --journey order $as_of --json 2>"$work/err" || fail "$q: $(cat "$work/err")"
        echo
    done
    "$T" visits list --data "$D" $as_of --json
}
visits=$(seq -f 'visit-%02g' 0 23)

"$T" simulate --customers 150 --data "$D" --until 2026-03-02 >/dev/null 2>"$work/err" || fail "simulate: $(cat "$work/err")"
customers >"$work/before"
"$T" replay $visits --data "$D" --json >"$work/json" 2>"$work/err" || fail "replay: $? $(cat "$work/err")"
is "$(at .same) $(at .replays.#) $(at .differ)" "true 24 0" "24 visits"
for v in $visits; do
    at ".replays[name=$v].now" | grep -q 'order: ended' || fail "$v: $(at ".replays[name=$v]")"
done
# S03 waited 10:40, 7:20, 6:50; S07 9:55, 11:20, 10:05
for v in 02:1 10:0 18:0 06:1 14:1 22:1; do
    is "$(at ".replays[name=visit-${v%:*}].now" | grep -c 'break handover_wait at handover')" "${v#*:}" "wait of visit-${v%:*}"
done
is "$(at '.replays[name=visit-02].now' | grep -c 'took 10:40, limit 8:00')" 1 "how long visit-02 waited"
is "$(at '.replays[name=visit-08].now' | grep -c 'break note_executed')" 1 "the note of visit-08"
is "$(at '.replays[name=visit-02].now' | grep -o 'score: 70.0 of 100, yes 4, no 1[^"]*')" "score: 70.0 of 100, yes 4, no 1, not applicable 0, open 0, a critical item failed" "the score of visit-02"
is "$(at '.replays[name=visit-10].now' | grep -c 'score: 100.0 of 100')" 1 "the score of visit-10"
customers >"$work/after"
cmp "$work/before" "$work/after" || fail "figures of customers moved"
"$T" journeys --stream replay --data "$D" --journey order $as_of --json >"$work/json"
is "$(at .count)" 24 "journeys of stream replay"
"$T" export --rows --data "$D" --out "$work/rows1" || fail "rows"
"$T" replay $visits --data "$D" >"$work/out" 2>&1 || fail "again: $(cat "$work/out")"
"$T" export --rows --data "$D" --out "$work/rows2" || fail "rows"
cmp "$work/rows1" "$work/rows2" || fail "a second time adds something"

# ---- a customer's journey ----
"$T" journeys --data "$D" --journey order $as_of --break order:handover_wait/handover --limit 3 --json >"$work/json"
who=$(at '.journeys[0].customer')/order/$(at '.journeys[0].start')
"$T" replay "$who" --data "$D" >"$work/out" 2>&1 || fail "a journey: $(cat "$work/out")"
grep -q '14 events\|events  the same' "$work/out" || fail "a journey: $(cat "$work/out")"

# ---- a suite: written, the same, another catalogue, another product ----
mkdir "$work/suite" "$work/expect"
"$T" replay visit-02 visit-08 visit-10 --data "$D" --record "$work/suite" >/dev/null || fail "record"
grep -q u90002\" "$work/suite/visit-02.ndjson" && fail "the shopper is in the recording"
"$T" replay --suite "$work/suite" --expect "$work/expect" --data "$D" >"$work/out" 2>&1; is $? 3 "nothing expected yet"
grep -q -- '--bless writes it' "$work/out" || fail "said: $(cat "$work/out")"
"$T" replay --suite "$work/suite" --expect "$work/expect" --data "$D" --bless >"$work/out" 2>&1 || fail "bless: $(cat "$work/out")"
"$T" replay --suite "$work/suite" --expect "$work/expect" --data "$D" >"$work/out" 2>&1 || fail "the same suite: $(cat "$work/out")"
cp -r "$root/schemas/catalogue/tea" "$work/catalogue"
sed -i 's/"limit_s": *480/"limit_s": 900/' "$work/catalogue"/*.json
"$T" replay --suite "$work/suite" --expect "$work/expect" --catalogue "$work/catalogue" >"$work/out" 2>&1; is $? 3 "a changed catalogue"
is "$(grep -c '^  [-+]' "$work/out")" 1 "lines that differ"
grep -q '^  - order: break handover_wait at handover.*took 10:40, limit 8:00' "$work/out" || fail "said: $(cat "$work/out")"
cp -r "$work/suite" "$work/product"       # the shop's new app hands over at 12:22:00 instead of 12:20:40, and no longer notices that the note was done
sed -i '/order.fulfilled/s/T04:20:40/T04:22:00/' "$work/product/visit-02.ndjson"
"$T" replay --suite "$work/product" --expect "$work/expect" --data "$D" >"$work/out" 2>&1; is $? 3 "a changed product"
grep -q '^  + order: break handover_wait at handover.*took 12:00, limit 8:00' "$work/out" || fail "said: $(cat "$work/out")"
ls -d "$work"/touchline-replay.* 2>/dev/null && fail "a folder is left"

# ---- another folder, whose collector takes listed keys only ----
"$T" replay visit-02 --data "$D" --into "$work/into" >"$work/out" 2>&1 || fail "into: $(cat "$work/out")"
"$T" keys add write-key web --data "$work/into" >/dev/null 2>&1
"$T" replay visit-06 --data "$D" --into "$work/into" >"$work/out" 2>&1 || fail "into, with keys: $(cat "$work/out")"
web=$("$T" keys add write-key till --data "$work/into" 2>/dev/null)
again=$("$T" keys add write-key qa --stream replay --data "$work/into" 2>/dev/null)
"$T" up --data "$work/into" --collector.port=0 --aggregator.port=0 --aggregator.bus='tcp://127.0.0.1:*' --viewer.port=0 >"$work/up" 2>&1 &
pid=$!
http_of() { sed -n 's/.*"http":"\([^"]*\)".*/\1/p' "$work/into/run/$1.json" 2>/dev/null; }
for _ in $(seq 600); do
    curl -sf -m 2 -o /dev/null "$(http_of collector)/healthz" && curl -sf -m 2 -o /dev/null "$(http_of viewer)/healthz" && break
    sleep 0.05
done
C=$(http_of collector) V=$(http_of viewer)
"$T" replay visit-14 --data "$D" --to "$C" --key "$web" >"$work/out" 2>&1; is $? 1 "a key of another stream"
grep -q 'stream_not_allowed.*--stream replay' "$work/out" || fail "said: $(cat "$work/out")"
"$T" replay visit-14 --data "$D" --to "$C" >"$work/out" 2>&1; is $? 1 "no key"
"$T" replay visit-14 --data "$D" --to "$C" --key "$again" >"$work/out" 2>&1 || fail "to a collector: $(cat "$work/out")"
"$T" replay visit-14 --data "$D" --to "$C" --key "$again" --viewer "$V" >"$work/out" 2>&1 || fail "to a collector, compared: $(cat "$work/out")"
grep -q '1 compared: 1 the same' "$work/out" || fail "said: $(cat "$work/out")"

# ---- moved to now, with its own timing; the sender's own log ----
"$T" replay visit-02 --data "$D" --shift now --speed 7200x --schedule "$work/schedule" --json >"$work/json" 2>"$work/err" || fail "moved: $? $(cat "$work/err")"
is "$(at .same) $(at '.replays[0].run' | grep -c '^visit-02@')" "true 1" "moved to now"
is "$(wc -l <"$work/schedule")" 19 "lines of the schedule"
tail -n 1 "$work/schedule" | "$B/flow/json_at" .step .planned_ms >"$work/last"
is "$(tr '\n' ' ' <"$work/last")" "19 888.889000 " "the last step: 1:46:40 at 7200x"
echo "late at most: $(at .late_most_ms) ms; later than 50 ms: $(at .late)"

# ---- stopped: what was sent is safe, and the rest follows ----
"$T" replay visit-07 --data "$D" --into "$work/stopped" --speed 1x >"$work/out" 2>&1 &
child=$!
for _ in $(seq 600); do [ -s "$work/stopped/run/viewer.json" ] && break; sleep 0.05; done
sleep 0.3
kill -INT $child
wait $child; is $? 1 "stopped"
grep -q 'stopped' "$work/out" || fail "said: $(cat "$work/out")"
"$T" replay visit-07 --data "$D" --into "$work/stopped" >"$work/out" 2>&1 || fail "after a stop: $(cat "$work/out")"

# ---- what is not there, what is no recording ----
for q in "nix" "member:nix/order" "$work/schedule"; do
    "$T" replay "$q" --data "$D" >"$work/out" 2>&1; is $? 1 "replay $q"
    [ "$(wc -c <"$work/out")" -gt 30 ] || fail "replay $q says: $(cat "$work/out")"
done
"$T" replay visit-02 --data "$D" --speed fast >"$work/out" 2>&1; is $? 2 "a speed that is none"
"$T" replay visit-02 --data "$D" --run 'a b' >"$work/out" 2>&1; is $? 1 "a run with a blank"
[ $failed = 0 ] && echo "t_replay.sh: the same comes out"
exit $failed
