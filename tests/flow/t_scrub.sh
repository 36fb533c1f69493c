#!/usr/bin/env bash
# t_scrub.sh BUILD - `doctor --scrub` beside running programs says that all is well; one bit of a sealed spool segment or of the log, and it says where.
. "$(dirname "$0")/collector_part.sh"

start_collector "$T/main" --spool-segment-mb 4 --collector-aggregator tcp://127.0.0.1:9
"$B/bench/load_http" "${U##*:}" --connections 4 --events 100 --bodies 400 > "$T/load"
curl -s -o /dev/null "$U/v1/events" -d '[{"type":"t"}]'
"$B/touchline-aggregator" --data "$T/main" --aggregator-port 0 --aggregator-bus 'tcp://127.0.0.1:*' 2>>"$T/log.aggregator" &
AGG=$!
PIDS="$PIDS $AGG"
stop_collector
start_collector "$T/main" --spool-segment-mb 4
for n in $(seq 200); do curl -s "$U/healthz" | grep -q '"backlog":0' && break; sleep 0.05; done
"$B/touchline" doctor --scrub --data "$T/main" > "$T/out" || bad "doctor: $(cat "$T/out")"
grep -q 'spool: [0-9]* records in [2-9] segments, 1 to [0-9]*, every checksum right' "$T/out" || bad "spool: $(grep spool "$T/out")"
grep -q 'quarantine: 1 items, every checksum right' "$T/out" || bad "quarantine: $(grep quarantine "$T/out")"
stop_collector
kill -TERM $AGG; wait $AGG
segment=$(find "$T/main/spool" -name '*.seg' | sort | head -n 1)
cp "$segment" "$T/kept"
for at in 70 20000 1000000 3000000; do
    cp "$T/kept" "$segment"
    byte=$(dd if="$segment" bs=1 skip=$at count=1 2>/dev/null | od -An -tu1)
    printf "\\x$(printf %02x $((byte ^ 4)))" | dd of="$segment" bs=1 seek=$at conv=notrunc 2>/dev/null
    "$B/touchline" doctor --scrub --data "$T/main" > "$T/out" && bad "a bit at $at of the spool was not seen"
    grep -q 'BAD.*spool.*0000000000000001.seg: record [0-9]* does not match' "$T/out" || bad "bit at $at: $(grep spool "$T/out")"
done
cp "$T/kept" "$segment"

# the newest segment, whose records may be on this disk alone: what others follow is no unfinished end; a torn end is
segment=$(find "$T/main/spool" -name '*.seg' | sort | tail -n 1)
cp "$segment" "$T/kept"
flip() { # offset
    local byte
    byte=$(dd if="$segment" bs=1 skip="$1" count=1 2>/dev/null | od -An -tu1)
    printf "\\x$(printf %02x $((byte ^ 4)))" | dd of="$segment" bs=1 seek="$1" conv=notrunc 2>/dev/null
}
flip 100
"$B/touchline" doctor --scrub --data "$T/main" > "$T/out" && bad "a bit of the newest segment was not seen"
grep -q "BAD.*spool.*${segment##*/}: record [0-9]* does not match" "$T/out" || bad "newest segment: $(grep spool "$T/out")"
cp "$T/kept" "$segment"
at=64 last=64
while len=$(dd if="$segment" bs=1 skip=$at count=4 2>/dev/null | od -An -tu4) && [ "${len:-0}" -gt 0 ]; do last=$at; at=$((at + (24 + len + 7) / 8 * 8)); done
flip $((last + 30))
"$B/touchline" doctor --scrub --data "$T/main" > "$T/out" || bad "an unfinished end is called damage: $(grep spool "$T/out")"
cp "$T/kept" "$segment"

# how far the collector has come: 26 bytes of key, its number first, and the value behind them
log=$T/main/log/data.mdb
cp "$log" "$T/kept"
id=$(dd if="$T/main/spool/identity" bs=1 skip=16 count=16 2>/dev/null | od -An -tx1 | tr -d ' \n' | sed 's/../\\x&/g')
for at in $(LC_ALL=C grep -obUaP "$id" "$log" | cut -d: -f1); do printf '\377' | dd of="$log" bs=1 seek=$((at + 28)) conv=notrunc 2>/dev/null; done
cmp -s "$log" "$T/kept" && bad "no hwm row was found"
"$B/touchline" doctor --data "$T/main" > "$T/out" && bad "a damaged hwm was not seen"
grep -q 'BAD.*log:.*hwm' "$T/out" || bad "hwm: $(grep log: "$T/out")"
cp "$T/kept" "$log"

# what was acknowledged goes when its time is over, though nothing comes and nobody answers
segments() { find "$T/main/spool" -name '*.seg' | wc -l; }
[ "$(segments)" -ge 2 ] || bad "there is one segment only"
start_collector "$T/main" --spool-segment-mb 4 --spool-keep-s 1 --collector-aggregator tcp://127.0.0.1:9
for n in $(seq 200); do [ "$(segments)" = 1 ] && break; sleep 0.1; done
same "segments left" "$(segments)" 1
stop_collector
[ ! -e "$T/failed" ]
