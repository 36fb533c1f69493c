#!/usr/bin/env bash
# t_watch.sh BUILD - files dropped into a watched folder are taken exactly once: twice under two names, still written, renamed, appended, rotated, bad,
# not UTF-8, with the spool full, and with the collector killed -9 again and again in the middle of a large one.
set -u
. "$(dirname "$0")/collector_part.sh"
IN=$T/in
mkdir -p "$IN"
MAP=$T/visits.json
echo '{"timezone":"Asia/Shanghai","time_format":"%Y-%m-%d %H:%M:%S","set":{"type":"visit","channel":"store"},"fields":{"time":"at","place":"store"},"ids":{"member":"member"},"props":["n"]}' >"$MAP"
AGG=

# rows FROM TO: a table's rows; every hundredth stands there twice, to the byte
rows() { awk -v a="$1" -v b="$2" 'BEGIN { for (i = a; i <= b; i++) for (k = 0; k < (i % 100 == 0 ? 2 : 1); k++)
    printf "2026-03-%02d %02d:%02d:%02d,S%02d,M%d,%d\n", 1 + i % 28, i % 24, i % 60, i % 59, i % 20, i % 5000, i }'; }
head_line() { echo "at,store,member,n"; }
# until WHAT COMMAND...: within a minute
until_true() { local what=$1 n; shift; for n in $(seq 1200); do "$@" && return 0; sleep 0.05; done; bad "$what did not happen within a minute"; curl -s "$U/healthz"; tail -n 5 "$T/log"; return 1; }
done_is() { [ -f "$IN/done/$1.report.json" ]; }
bad_is() { [ -f "$IN/bad/$1.report.json" ]; }
report() { cat "$IN"/*/"$1.report.json"; }
field() { grep -o "\"$1\":[0-9]*" | head -n 1 | cut -d: -f2; }
drop() { cat >"$IN/.$1.tmp" && mv "$IN/.$1.tmp" "$IN/$1"; }
in_spool() { "$B/flow/spool_list" "$1/spool" | grep "^E" | sort; }
start() { local dir=$1; shift; start_collector "$dir" --watch "$IN" --map "$MAP" --watch.settle-s 0 --watch.poll-ms 50 "$@"; }

say "== each once"
start "$T/a"
(head_line; rows 1 250) | drop one.csv
until_true "the first file" done_is one.csv
(head_line; rows 1 250) | drop twin.csv
until_true "its twin" done_is twin.csv
report twin.csv | grep -q '"result":"repeated"' || bad "the same content under another name: $(report twin.csv)"
report twin.csv | grep -q '"file":"one.csv"' || bad "the report does not say what it repeats"
(head_line; rows 1 300) | drop longer.csv
until_true "a longer version" done_is longer.csv
same "events that were taken before" "$(report longer.csv | field taken_before)" "$(($(rows 1 250 | wc -l) - 1))"
head_line | cat - <(rows 301 310) | gzip -c | drop packed.csv.gz
until_true "a gzip file" done_is packed.csv.gz
cp "$IN/done/one.csv" "$IN/back.csv"
until_true "a file that came back" done_is back.csv
printf '.hidden\n' >"$IN/.hidden"; printf 'x\n' >"$IN/half.csv.part"; : >"$IN/empty.csv"; mkdir -p "$IN/folder.csv"; ln -s /etc/passwd "$IN/link.csv"
(head_line; rows 311 320) | drop name.csv
until_true "a name" done_is name.csv
(head_line; rows 321 330) | drop name.csv
until_true "the same name again" done_is name.csv.2
for f in .hidden half.csv.part empty.csv folder.csv link.csv; do [ -e "$IN/$f" ] || bad "$f was touched"; done
rm -rf "$IN/.hidden" "$IN/half.csv.part" "$IN/empty.csv" "$IN/folder.csv" "$IN/link.csv"
same "files done" "$(counter c_watch_files_done)" 5
same "files repeated" "$(counter c_watch_files_repeated)" 2
stop_collector
"$B/flow/spool_list" "$T/a/spool" | grep "^E" | sort >"$T/spooled"
same "every row once" "$(cut -d' ' -f2 "$T/spooled" | sort -u | wc -l)" "$(rows 1 330 | wc -l)"
[ "$(wc -l <"$T/spooled")" -le $(($(rows 1 330 | wc -l) + 2)) ] || bad "rows were sent again: $(wc -l <"$T/spooled") of $(rows 1 330 | wc -l)"
grep -q "import:watch:visits" "$T/spooled" || bad "origin: $(head -n 1 "$T/spooled")"

say "== still written, renamed, rotated"
rm -rf "$IN"; mkdir -p "$IN"
start "$T/b" --watch.settle-s 1
(head_line; for i in 1 2 3 4 5 6; do rows $((i * 20 - 19)) $((i * 20)); sleep 0.3; done) >"$IN/slow.csv" &
slow=$!
(head_line; rows 201 220) >"$IN/log.csv"
until_true "a log" done_is log.csv
exec 7>>"$IN/done/log.csv"; rows 221 230 >&7; exec 7>&-
until_true "what was written to it after it was done" done_is log.csv.2
(head_line; rows 231 240) >"$IN/upload.part"; mv "$IN/upload.part" "$IN/upload.csv"
wait $slow
until_true "the slow one" done_is slow.csv
until_true "the renamed one" done_is upload.csv
stop_collector
same "rows of files in motion" "$(in_spool "$T/b" | cut -d' ' -f2 | sort -u | wc -l)" "$(cat <(rows 1 120) <(rows 201 240) | wc -l)"

say "== bad rows, bad files"
rm -rf "$IN"; mkdir -p "$IN"
start "$T/c"
(head_line; rows 1 5; echo 'yesterday,S01,M1,6'; echo '2026-03-01 10:00:00,S01,,7'; echo '"open,S01,M1,8'; echo '2099-03-01 10:00:00,S01,M1,9'; rows 10 12) | drop some.csv
until_true "a file with bad rows" done_is some.csv
r=$(report some.csv)
same "good rows beside bad ones" "$(field events <<<"$r") $(field not_understood <<<"$r") $(field quarantined <<<"$r")" "8 3 1"
for row in 7 8 9 10; do grep -q "\"row\":$row," <<<"$r" || bad "row $row is not in the report: $r"; done
grep -q '"column":"at","reason":"\\"yesterday\\"' <<<"$r" || bad "row 7 has no column and reason: $r"
(echo "when,who"; echo "1,2") | drop columns.csv
until_true "other columns" bad_is columns.csv
report columns.csv | grep -q 'no column' || bad "columns: $(report columns.csv)"
printf 'at,store,member,\xc9\xcf\xba\xa3\n1,2,3,4\n' | drop gbk.csv
until_true "a file that is not UTF-8" bad_is gbk.csv
report gbk.csv | grep -q 'GB18030' || bad "no word of GB18030: $(report gbk.csv)"
(head_line; rows 1 500) | gzip -c | head -c 900 | drop cut.csv.gz
until_true "half a gzip" bad_is cut.csv.gz
(printf 'at,store,member,n\n'; head -c 30000000 /dev/zero | tr '\0' x; echo; rows 20 22) | drop long.csv
until_true "a line of 30 MB" done_is long.csv
same "rows behind a long line" "$(report long.csv | field events)" 3
curl -s "$U/healthz" | grep -q '"name":"visits"' || bad "the watch is not in /healthz"
rss=$(awk '/RssAnon/ { print $2 }' "/proc/$PID/status")
[ "$rss" -le 32768 ] || bad "$rss KB of anonymous memory"
stop_collector

say "== native events and XES need no mapping"
rm -rf "$IN"; mkdir -p "$IN"
start_collector "$T/n" --watch "$IN" --watch.settle-s 0 --watch.poll-ms 50
for i in 1 2 3; do echo "{\"type\":\"visit\",\"ids\":{\"member\":\"M$i\"},\"time\":\"2026-03-0${i}T10:00:00Z\"}"; done | drop native.ndjson
trace() { echo "<trace><string key=\"concept:name\" value=\"$1\"/><event><string key=\"concept:name\" value=\"ask\"/><date key=\"time:timestamp\" value=\"2026-03-01T10:00:00Z\"/></event></trace>"; }
(echo "<log>"; trace 1; trace 2; echo "</log>") | gzip -c | drop log.xes.gz
(echo "<log>"; trace 3; echo "<trace>") | drop torn.xes
(head_line; rows 1 3) | drop table.csv
until_true "native events" done_is native.ndjson
until_true "XES" done_is log.xes.gz
until_true "half an XES" bad_is torn.xes
until_true "a table without a mapping" bad_is table.csv
report table.csv | grep -q 'needs a mapping' || bad "a table without a mapping: $(report table.csv)"
stop_collector
same "their events" "$(in_spool "$T/n" | wc -l)" 6

say "== a wrong mapping is not started with"
echo '{"fields":{"colour":"c"}}' >"$T/wrong.json"
"$B/touchline-collector" --data "$T/w" --collector-port 0 --watch "$IN" --map "$T/wrong.json" 2>"$T/wrong.log" && bad "a wrong mapping was taken"
grep -q 'wrong.json:1.*colour' "$T/wrong.log" || bad "a wrong mapping: $(cat "$T/wrong.log")"
echo "{\"watch\":[{\"dir\":\"$IN\",\"map\":\"visits.json\",\"name\":\"tills\",\"settle_s\":0}]}" >"$T/list.json"
"$B/touchline-collector" -n --collector.watch "$T/list.json" || bad "a list of folders is not taken"
echo "{\"watch\":[{\"dir\":\"$IN\",\"maps\":\"visits.json\"}]}" >"$T/list2.json"
"$B/touchline-collector" -n --collector.watch "$T/list2.json" 2>"$T/wrong.log" && bad "a wrong list was taken"

say "== a full spool waits, HTTP goes on"
rm -rf "$IN"; mkdir -p "$IN"
sed -i "s/\"channel\":\"store\"/&,\"text\":\"$(printf 'x%.0s' $(seq 500))\"/" "$MAP"
start "$T/d" --spool.max-mb 64 --spool.segment-mb 4
(head_line; rows 1 80000) | drop large.csv
held() { [ "$(counter c_watch_held)" = 1 ]; }
until_true "waiting for the spool" held
same "HTTP beside a waiting file" "$(curl -s -o /dev/null -w '%{http_code}' "$U/v1/events" -d '{"type":"visit","ids":{"member":"h"}}')" 202
"$B/touchline-aggregator" --data "$T/d" --aggregator-port 0 --aggregator.bus 'tcp://127.0.0.1:*' 2>>"$T/log" &
AGG=$!; PIDS="$PIDS $AGG"
until_true "the large file" done_is large.csv
same "its events" "$(report large.csv | field events)" "$(rows 1 80000 | wc -l)"
rss=$(awk '/RssAnon/ { print $2 }' "/proc/$PID/status")
[ "$rss" -le 32768 ] || bad "$rss KB of anonymous memory after a large file"
stop_collector; kill $AGG; wait $AGG

disk=$T/disk
mkdir "$disk"
if mount -t tmpfs -o size=48m none "$disk" 2>/dev/null; then
    say "== a full disk"
    trap 'rc=$?; accounted "$T" || rc=1; exec 2>/dev/null; for p in $PIDS; do kill -9 $p; done; wait; umount "$disk" || umount -l "$disk"; rm -rf "$T"; exit $rc' EXIT
    IN=$disk/in
    mkdir "$IN"
    (head_line; rows 1 20000) >"$IN/full.csv"
    head -c $((($(df -k --output=avail "$disk" | tail -n 1) - 6 * 1024) * 1024)) /dev/zero >"$disk/ballast"
    start "$disk/f" --spool.segment-mb 4
    until_true "waiting for the disk" held
    done_is full.csv && bad "done on a full disk"
    rm "$disk/ballast"
    until_true "the file, once there is room" done_is full.csv
    stop_collector
    same "events over a full disk" "$(in_spool "$disk/f" | cut -d' ' -f2 | sort -u | wc -l)" "$(rows 1 20000 | wc -l)"
    IN=$T/in
fi

say "== kill -9 again and again"
rm -rf "$IN"; mkdir -p "$IN"
"$B/touchline-aggregator" --data "$T/e" --aggregator-port 0 --aggregator.bus 'tcp://127.0.0.1:*' 2>>"$T/log" &
AGG=$!; PIDS="$PIDS $AGG"
for f in 1 2 3; do (head_line; rows $((f * 30000 - 29999)) $((f * 30000))) >"$IN/day$f.csv"; done
cp "$IN/day2.csv" "$IN/day2 (copy).csv"
kills=0
all_done() { done_is day1.csv && done_is day2.csv && done_is day3.csv && done_is "day2 (copy).csv"; }
while [ $kills -lt 12 ] && ! all_done; do
    start "$T/e"
    sleep 0.$((RANDOM % 3))$((RANDOM % 10))
    kill -9 $PID; wait $PID 2>/dev/null
    kills=$((kills + 1))
done
start "$T/e"
until_true "the files after $kills kills" all_done
drained() { [ "$(counter c_spool_backlog)" = 0 ]; }
until_true "the aggregator has it all" drained
[ -z "$(ls "$IN/taking")" ] || bad "left in taking: $(ls "$IN/taking")"
stop_collector; kill $AGG; wait $AGG
say "$kills kills"
[ $kills -ge 3 ] || bad "only $kills kills"
"$B/touchline" export --data "$T/e" --format ndjson --out "$T/out.ndjson" 2>>"$T/log" || bad "export"
grep -o '"n":[0-9]*' "$T/out.ndjson" | cut -d: -f2 | sort -n >"$T/got"
rows 1 90000 | cut -d, -f4 | sort -n >"$T/want"
cmp "$T/got" "$T/want" || bad "after $kills kills: $(wc -l <"$T/got") events of $(wc -l <"$T/want")"

[ -e "$T/failed" ] && exit 1
say ok
