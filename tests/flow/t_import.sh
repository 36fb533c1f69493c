#!/usr/bin/env bash
# t_import.sh BUILD - the commands a person types, against the real programs: import, again, longer, killed, undone, exported, rebuilt; up and its ports.
set -u
build=$1
touchline=$build/touchline check=$build/flow/check_maps
work=$(mktemp -d)
pids=()
. "$(dirname "$0")/accounted.sh"
cleanup() {
    local rc=$?
    [ "$BASHPID" = $$ ] || return
    accounted "$work" || rc=1
    for p in "${pids[@]}"; do kill "$p" 2>/dev/null; done
    wait 2>/dev/null
    rm -rf "$work"
    exit $rc
}
trap cleanup EXIT
failed=0
fail() { echo "FAILED: $*"; failed=1; }
map() { "$touchline" map --data "$1" --json; }
number() { grep -o "\"$1\":[0-9]*" <<<"$2" | head -n 1 | cut -d: -f2; }
same() { "$check" same "$1" "$2" || fail "$3"; }

# cases of 5 to 9 rows in order of time, cases mixed with each other; now and then a row twice
table() { # cases
    awk -v cases="$1" 'BEGIN {
        print "case_id,activity,timestamp,agent,amount"
        split("enquire quote order pay deliver ask answer rate leave", what, " ")
        for (step = 1; step <= 9; step++)
            for (c = 0; c < cases; c++) {
                if (step > 5 + c % 5) continue
                t = 1767225600 + c * 37 + step * 3600 * (1 + (c * 7 + step) % 11)
                row = c "," what[1 + (step - 1 + (c % 3 == 0 && step > 2)) % 9] "," t ",A" c % 17 "," c % 1000 / 10
                print row
                if (c % 50 == 0 && step == 3) print row
            }
    }'
}

echo "== a table, its longer version, and the same again"
table 400 >"$work/t.csv"
head -n 1500 "$work/t.csv" >"$work/short.csv"
rows=$(($(wc -l <"$work/t.csv") - 1))
"$touchline" import "$work/t.csv" --data "$work/whole" 2>"$work/out" || fail "import"
grep -q "case_id *journey and customer" "$work/out" || fail "the guess is not shown: $(cat "$work/out")"
map "$work/whole" >"$work/map.whole"
[ "$(number steps "$(cat "$work/map.whole")")" = "$rows" ] || fail "steps are not the rows"
[ "$(number journeys "$(cat "$work/map.whole")")" = 400 ] || fail "journeys are not the cases"
"$touchline" import --run t "$work/short.csv" --data "$work/grown" 2>/dev/null || fail "short import"
"$touchline" import --run t "$work/t.csv" --data "$work/grown" 2>"$work/out" || fail "long import"
grep -q "1,499 events were there already" "$work/out" || fail "duplicates are not told: $(cat "$work/out")"
map "$work/grown" >"$work/map.grown"
same "$work/map.whole" "$work/map.grown" "a longer version brings more than what is new"
"$touchline" import "$work/t.csv" --data "$work/grown" 2>/dev/null
map "$work/grown" >"$work/map.again"
same "$work/map.whole" "$work/map.again" "the same file again changes the map"

echo "== canonical rows: rebuilt, and made of two imports"
"$touchline" export --rows --data "$work/whole" --out "$work/rows.whole" || fail "export --rows"
"$touchline" rebuild --data "$work/whole" 2>/dev/null || fail "rebuild"
"$touchline" export --rows --data "$work/whole" --out "$work/rows.rebuilt"
"$touchline" export --rows --data "$work/grown" --out "$work/rows.grown"
[ -s "$work/rows.whole" ] || fail "no rows"
cmp "$work/rows.whole" "$work/rows.rebuilt" || fail "a rebuild gives other rows"
cmp "$work/rows.whole" "$work/rows.grown" || fail "two imports give other rows than one"

echo "== a store keeps its time zone, whatever the machine's is"
TZ=Asia/Tokyo "$touchline" map --data "$work/whole" --json >"$work/map.tokyo"
TZ=America/New_York "$touchline" map --data "$work/whole" --json >"$work/map.york"
same "$work/map.whole" "$work/map.tokyo" "a command under another TZ changes the store"
same "$work/map.tokyo" "$work/map.york" "a command under another TZ changes the store"

echo "== undone, and taken up again"
"$touchline" import "$work/short.csv" --run other --data "$work/grown" 2>/dev/null
"$touchline" import --undo other --data "$work/grown" 2>/dev/null || fail "undo"
map "$work/grown" >"$work/map.undone"
same "$work/map.whole" "$work/map.undone" "an undone run still counts"
"$touchline" import --undo t --data "$work/grown" 2>/dev/null || fail "undo of all"
[ "$(number journeys "$(map "$work/grown")")" = 0 ] || fail "something is left after everything was undone"
"$touchline" import --run t "$work/t.csv" --data "$work/grown" 2>/dev/null
map "$work/grown" >"$work/map.back"
same "$work/map.whole" "$work/map.back" "an undone run does not come back"

echo "== out and in again"
awk 'BEGIN { print "case_id,activity,timestamp"; split("ask quote order pay deliver", what, " ")
             for (c = 0; c < 500; c++) for (s = 1; s <= 2 + c % 4; s++) print c "," what[s] "," 1767225600 + c * 37 + s * 3600 }' >"$work/plain.csv"
rows_plain=$(($(wc -l <"$work/plain.csv") - 1))
"$touchline" import "$work/plain.csv" --data "$work/plain" 2>/dev/null || fail "plain import"
map "$work/plain" >"$work/map.plain"
"$touchline" export --data "$work/plain" --format ndjson --out "$work/out.ndjson" || fail "export ndjson"
[ "$(wc -l <"$work/out.ndjson")" = "$rows_plain" ] || fail "exported $(wc -l <"$work/out.ndjson") events of $rows_plain"
"$touchline" import "$work/out.ndjson" --data "$work/copy" 2>/dev/null || fail "import of the export"
map "$work/copy" >"$work/map.copy"
same "$work/map.plain" "$work/map.copy" "the export brings another map"
"$touchline" export --data "$work/plain" --format csv --out "$work/out.csv" || fail "export csv"
[ "$(wc -l <"$work/out.csv")" = $((rows_plain + 1)) ] || fail "csv has $(wc -l <"$work/out.csv") lines"

echo "== bad rows do not stop the rest"
printf 'case,activity,timestamp\n1,a,2026-03-01T10:00:00Z\n1,b,sometime\n1,"c\n1,d,2026-03-01T11:00:00Z\n' >"$work/bad.csv"
"$touchline" import "$work/bad.csv" --data "$work/bad" 2>"$work/out" || fail "bad rows end the import"
grep -q "bad.csv:3: " "$work/out" && grep -q "bad.csv:4: " "$work/out" || fail "lines of bad rows: $(cat "$work/out")"
[ "$(number steps "$(map "$work/bad")")" = 2 ] || fail "good rows beside bad ones"
printf '{"type":"a","ids":{"member":"M1"},"time":"2026-03-01T10:00:00Z"}\n{"type":"b","ids":{"member":"M1"},"time":"9999-01-01T00:00:00Z"}\n' >"$work/bad.ndjson"
"$touchline" import "$work/bad.ndjson" --data "$work/bad" 2>"$work/out" || fail "import of a future event"
grep -q "bad.ndjson:2: " "$work/out" || fail "the future is not told: $(cat "$work/out")"
"$touchline" customer member:M1 --data "$work/bad" | grep -q " a " || fail "customer by identity"

echo "== what cannot be done is said"
"$touchline" import "$work/none.csv" --data "$work/x" 2>"$work/out"; [ $? = 1 ] && grep -q none.csv "$work/out" || fail "a file that is not there"
"$touchline" map --data "$work/nowhere" 2>"$work/out"; [ $? = 1 ] && grep -q -- --data "$work/out" || fail "a store that is not there"
"$touchline" map --what 2>/dev/null; [ $? = 2 ] || fail "an unknown option"
"$touchline" mpa 2>"$work/out"; [ $? = 2 ] && grep -q '"map"' "$work/out" || fail "no suggestion"
"$touchline" map --data "$work/whole" --journey nothing 2>"$work/out"; [ $? = 1 ] && grep -q nothing "$work/out" || fail "an unknown journey type"
for c in up import map variants funnel journeys customers customer quarantine export rebuild doctor simulate; do
    "$touchline" help $c | grep -q "touchline $c" || fail "no help for $c"
done

echo "== killed again and again, the import ends with the same figures"
table 20000 >"$work/big.csv"
"$touchline" import "$work/big.csv" --run t --data "$work/calm" 2>/dev/null || fail "calm import"
map "$work/calm" >"$work/map.calm"
"$touchline" import "$work/big.csv" --run t --data "$work/wild" 2>"$work/out" &
import=$!
kills=0
while kill -0 $import 2>/dev/null; do
    for program in collector aggregator; do
        sleep 0.1$((RANDOM % 10))
        pid=$(sed -n 's/.*"pid":\([0-9]*\).*/\1/p' "$work/wild/run/$program.json" 2>/dev/null)
        [ -n "$pid" ] && [ $kills -lt 10 ] && kill -9 "$pid" 2>/dev/null && kills=$((kills + 1))
    done
done
wait $import || { fail "the import did not end well"; tail -n 5 "$work/out"; }
map "$work/wild" >"$work/map.wild"
echo "$kills programs killed"
[ $kills -gt 1 ] || fail "nothing was killed"
same "$work/map.calm" "$work/map.wild" "kills change the figures"

echo "== an import stopped by a signal goes on when it is run again"
"$touchline" import "$work/big.csv" --run t --data "$work/stopped" 2>/dev/null &
import=$!
sleep 0.4
kill -INT $import
wait $import && echo "(it was done before the signal)"
"$touchline" import "$work/big.csv" --run t --data "$work/stopped" 2>/dev/null || fail "import after a stopped one"
map "$work/stopped" >"$work/map.stopped"
same "$work/map.calm" "$work/map.stopped" "a stopped import leaves other figures"

echo "== two imports at once on one folder"
"$touchline" import "$work/t.csv" --data "$work/two" 2>/dev/null & a=$!
"$touchline" import "$work/short.csv" --data "$work/two" 2>/dev/null & b=$!
wait $a || fail "first of two"
wait $b || fail "second of two"
[ "$(number steps "$(map "$work/two")")" = $((rows + 1499)) ] || fail "two imports at once"

echo "== up: on its ports, with commands beside it, and down again"
"$touchline" up --data "$work/whole" --collector.port 0 --aggregator.port 0 --viewer.port 0 --aggregator.bus 'tcp://127.0.0.1:*' >"$work/up" 2>"$work/up.err" &
up=$!
pids+=($up)
for _ in $(seq 200); do grep -qs "/v1/events" "$work/up" && break; sleep 0.05; done
page=$(sed -n 's/.*\(http:\S*\)\/$/\1/p' "$work/up" | head -n 1)
events=$(sed -n 's/.*\(http:\S*\)\/v1\/events.*/\1/p' "$work/up")
[ -n "$page" ] && [ -n "$events" ] || fail "up says no addresses: $(cat "$work/up" "$work/up.err")"
"$touchline" map --url "$page" --json >"$work/map.url" || fail "map --url"
same "$work/map.whole" "$work/map.url" "up shows another map"
"$touchline" import "$work/short.csv" --url "$events" 2>/dev/null || fail "import --url"
"$touchline" import "$work/short.csv" --data "$work/whole" 2>/dev/null || fail "import beside up"
[ "$(number steps "$(map "$work/whole")")" = $((rows + 1499)) ] || fail "imports beside up"
"$touchline" doctor --data "$work/whole" >"$work/doctor" || { fail "doctor"; cat "$work/doctor"; }
free=(--collector.port 0 --aggregator.port 0 --viewer.port 0 --aggregator.bus 'tcp://127.0.0.1:*')
"$touchline" up --data "$work/whole" "${free[@]}" >/dev/null 2>"$work/out"; [ $? = 1 ] && grep -q "(pid $up)" "$work/out" || fail "a second up on one folder: $(cat "$work/out")"
"$touchline" up --data "$work/second" --viewer.port "${page##*:}" --collector.port 0 --aggregator.port 0 --aggregator.bus 'tcp://127.0.0.1:*' >/dev/null 2>"$work/out"
[ $? = 1 ] && grep -qE "touchline(-viewer)? \(pid" "$work/out" && grep -q "viewer.port" "$work/out" || fail "a taken port: $(cat "$work/out")"
viewer=$(sed 's/.*"pid":\([0-9]*\).*/\1/' "$work/whole/run/viewer.json")
kill -9 "$viewer"
for _ in $(seq 100); do "$touchline" map --url "$page" --json >/dev/null 2>&1 || true; sleep 0.05; grep -qs "starting it again" "$work/up.err" && break; done
grep -q "starting it again" "$work/up.err" || fail "a dead viewer is not started again"
sleep 0.3
kill -INT $up
wait $up || fail "up ends badly: $(tail -n 3 "$work/up.err")"
for program in collector aggregator viewer; do
    [ ! -e "$work/whole/run/$program.json" ] || fail "$program is still there"
done
exit $failed
