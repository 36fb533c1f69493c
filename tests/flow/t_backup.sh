#!/usr/bin/env bash
# t_backup.sh BUILD - a backup is made while events come in; the store is lost; restore and what the collector still keeps give the same canonical rows as
# the lost store had. A backup that was altered, or another key, is refused.
. "$(dirname "$0")/collector_part.sh"

start_aggregator() { # folder
    "$B/touchline-aggregator" --data "$1" --aggregator-port 0 --aggregator-bus 'tcp://127.0.0.1:*' 2>>"$T/log.aggregator" &
    AGG=$!
    PIDS="$PIDS $AGG"
    for n in $(seq 100); do
        grep -q "\"pid\":$AGG," "$1/run/aggregator.json" 2>/dev/null && break
        sleep 0.05
    done
    A=$(sed -n 's/.*"http":"\([^"]*\)".*/\1/p' "$1/run/aggregator.json")
    BUS=$(sed -n 's/.*"bus":"\([^"]*\)".*/\1/p' "$1/run/aggregator.json")
}
settled() {
    for n in $(seq 300); do
        curl -s "$U/healthz" | grep -q '"backlog":0' && curl -s "$A/healthz" | grep -qE '"position":([0-9]+),"stitched":\1,.*"rebuild":null' && return 0
        sleep 0.1
    done
    bad "not settled: $(curl -s "$A/healthz")"
}
position() { curl -s "$A/healthz" | sed -n 's/^{[^{]*"position":\([0-9]*\).*/\1/p'; }
send() { # first, last
    for i in $(seq "$1" "$2"); do
        printf '{"type":"t%d","id":"e%d","ids":{"member":"m%d"},"time":"2026-01-%02dT10:00:00Z"}\n' $((i % 5)) "$i" $((i % 97)) $((i % 28 + 1))
    done | curl -s -o /dev/null "$U/v1/events" --data-binary @-
}
rows() { "$B/touchline" export --rows --data "$1" --out "$2" || bad "rows of $1"; }
refused() { # what, pattern, command...
    local what=$1 pattern=$2; shift 2
    "$@" > "$T/out" 2>&1 && bad "$what: was done"
    grep -q "$pattern" "$T/out" || bad "$what: $(cat "$T/out")"
}

start_aggregator "$T/main"
start_collector "$T/col" --collector-aggregator "$BUS"
(umask 077; echo '{"webhooks":[]}' > "$T/main/webhooks.json")
echo "timezone = UTC" > "$T/main/touchline.conf"
echo "{\"rules\":[]}" > "$T/main/policy.json"
send 1 1500
settled
( for n in $(seq 20); do send $((1500 + n * 50)) $((1549 + n * 50)); done ) &
LOAD=$!
"$B/touchline" backup "$T/copy" --data "$T/main" > "$T/out" 2>&1 || bad "backup: $(cat "$T/out")"
grep -q 'positions of the log' "$T/out" || bad "backup says: $(cat "$T/out")"
[ -s "$T/copy/alerts/data.mdb" ] || bad "what was told of alerts is not in the backup"
[ "$(stat -c %a "$T/copy/webhooks.json")" = 600 ] || bad "the receivers of alerts are not in the backup, or for everybody"
for f in touchline.conf policy.json; do cmp -s "$T/main/$f" "$T/copy/$f" || bad "$f is not in the backup"; done
wait $LOAD
send 2600 2700
settled
rows "$T/main" "$T/rows.live"
end=$(position)
cp "$T/main/keys/backup.key" "$T/backup.key"
[ ! -e "$T/copy/keys/backup.key" ] || bad "the key of the MAC is in the backup"
refused "again" 'exists' "$B/touchline" backup "$T/copy" --data "$T/main"
kill -9 $AGG; wait $AGG 2>/dev/null
rm -rf "$T/main"

head -c 32 /dev/urandom > "$T/other.key"; chmod 600 "$T/other.key"
refused "another key" 'not made with this key' "$B/touchline" restore "$T/copy" --data "$T/new" --key "$T/other.key"
cp -r "$T/copy" "$T/bent"
printf 'X' | dd of="$T/bent/log/data.mdb" bs=1 seek=9000 conv=notrunc 2>/dev/null
refused "one byte" 'log/data.mdb' "$B/touchline" restore "$T/bent" --data "$T/new" --key "$T/backup.key"
sed -i '1s/^./0/;1s/^../01/' "$T/bent/manifest"
refused "the manifest" 'altered' "$B/touchline" restore "$T/bent" --data "$T/new" --key "$T/backup.key"
touch "$T/copy/z-more"
refused "one file more" "z-more" "$B/touchline" restore "$T/copy" --data "$T/new" --key "$T/backup.key"
rm "$T/copy/z-more"
[ ! -e "$T/new" ] || bad "a refused restore left something"
"$B/touchline" restore "$T/copy" --data "$T/new" --key "$T/backup.key" > "$T/out" 2>&1 || bad "restore: $(cat "$T/out")"
start_aggregator "$T/new"
stop_collector
start_collector "$T/col" --collector-aggregator "$BUS"
for n in $(seq 300); do [ "$(position)" = "$end" ] && break; sleep 0.1; done     # until they have spoken, the collector knows of no backlog
settled
rows "$T/new" "$T/rows.new"
cmp "$T/rows.live" "$T/rows.new" || bad "restored and sent again is not what it was"
say "$(wc -l < "$T/rows.new") rows"
same "all of it" "$(curl -s "$A/metrics" | grep -c '^touchline_a_total_unaccounted 0$')" 1

# ---- journeys that rotted are no reason to have no backup: they are left out, and made again ----
stop_collector
kill -9 $AGG; wait $AGG 2>/dev/null
journeys=$T/new/journeys/$(cat "$T/new/journeys/current")/data.mdb
pages=$(($(stat -c %s "$journeys") / 4096))
for i in $(seq 12); do printf '\377\000\377' | dd of="$journeys" bs=1 seek=$((i * (pages - 1) / 13 * 4096 + 2100 + i * 131)) conv=notrunc 2>/dev/null; done
"$B/touchline" backup "$T/copy2/" --data "$T/new" > "$T/out" 2>&1 || bad "backup beside damaged journeys: $(cat "$T/out")"
grep -q 'journeys are left out' "$T/out" || bad "nothing is said of damaged journeys: $(cat "$T/out")"
[ ! -e "$T/copy2/journeys" ] || bad "damaged journeys are in the backup"
"$B/touchline" restore "$T/copy2/" --data "$T/new2//" --key "$T/new/keys/backup.key" > "$T/out" 2>&1 || bad "restore: $(cat "$T/out")"
start_aggregator "$T/new2"
for n in $(seq 300); do curl -s "$A/healthz" | grep -qE '"position":([0-9]+),"stitched":\1,.*"rebuild":null' && break; sleep 0.1; done
rows "$T/new2" "$T/rows.new2"
cmp "$T/rows.live" "$T/rows.new2" || bad "journeys made again are not what they were"
cp "$T/new/journeys/current" "$T/named"
echo journeys.4711 > "$T/new/journeys/current"
"$B/touchline" backup "$T/copy4" --data "$T/new" > "$T/out" 2>&1 || bad "backup beside journeys that are not there: $(cat "$T/out")"
grep -q 'journeys are left out' "$T/out" && [ ! -e "$T/copy4/journeys" ] || bad "journeys that are not there: $(cat "$T/out")"
cp "$T/named" "$T/new/journeys/current"

# ---- what fails leaves nothing behind that a disk is full of, or that must be removed by hand ----
printf 'XXXX' | dd of="$T/new/log/data.mdb" bs=1 seek=$((4096 * 6 + 2200)) conv=notrunc 2>/dev/null
for i in $(seq 12); do printf 'XXXX' | dd of="$T/new/log/data.mdb" bs=1 seek=$((4096 * (6 + i) + 2200)) conv=notrunc 2>/dev/null; done
"$B/touchline" backup "$T/copy3" --data "$T/new" > "$T/out" 2>&1 && bad "a damaged log was backed up"
[ ! -e "$T/copy3" ] && [ ! -e "$T/copy3.part" ] || bad "a failed backup left something"
[ ! -e "$T/failed" ]
