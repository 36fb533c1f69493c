#!/usr/bin/env bash
# t_curve.sh BUILD - collectors with keys at the real aggregator: the right key, none, a wrong one, somebody else's, a new one under load, a revoked one.
# Whatever is refused is kept by its collector, and arrives when it has a key.
. "$(dirname "$0")/collector_part.sh"
D=$T/data
mkdir -p "$D"
keys() { "$B/touchline" keys "$@" --data "$D" 2>>"$T/log"; }
at() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" "$D/run/aggregator.json" 2>/dev/null; }
log_end() { curl -s "$A/healthz" | sed -n 's/.*"position":\([0-9]*\).*/\1/p'; }
position() { echo $(($(log_end) - base)); }    # events in the log
metric() { curl -s "$A/metrics" | sed -n "s/^touchline_$1 //p"; }
backlog() { curl -s "$1/healthz" | sed -n 's/.*"backlog":\([0-9]*\).*/\1/p'; }
until_is() { # WHAT WANT SECONDS COMMAND...
    local what=$1 want=$2 seconds=$3 got n; shift 3
    for n in $(seq $((seconds * 10))); do got=$("$@"); [ "$got" = "$want" ] && return 0; sleep 0.1; done
    bad "$what: $got after $seconds s, want $want"
}
sent=0
send() { # URL N: bodies of one event
    local i
    for i in $(seq "$2"); do
        sent=$((sent + 1))
        [ "$(curl -s -o /dev/null -w '%{http_code}' "$1/v1/events" -d "{\"type\":\"t\",\"id\":\"e$sent\",\"ids\":{\"user\":\"u$sent\"}}")" = 202 ] || bad "event $sent was not taken"
    done
}

"$B/touchline-aggregator" --data "$D" --aggregator.port 0 --aggregator.bus 'tcp://127.0.0.1:*' --bus.curve 1 2>>"$T/log" & AGG=$!
PIDS="$PIDS $AGG"
for _ in $(seq 100); do A=$(at http); [ -n "$A" ] && break; sleep 0.05; done
bus=$(at bus)
base=$(log_end)
same "mode of the aggregator's pair" "$(stat -c %a "$D/keys/bus.key")" 600

# ---- no key: kept; the key comes: delivered ----
start_collector "$D" --bus.curve 1
one=$U
send $one 10
sleep 1
same "nothing arrives without a key" "$(position)" 0
[ "$(backlog $one)" -gt 0 ] || bad "the events are not in the spool"
keys add collector till-1 || bad "no key was made"
same "mode of the pair" "$(stat -c %a "$D/keys/collector.key")" 600
until_is "with its key" $sent 15 position

# ---- a pair that nobody listed; somebody else's pair; no CURVE at all ----
mkdir -p "$T/two/keys" "$T/three/keys"
start_collector "$T/two" --bus.curve 1 --collector.aggregator "$bus"; two=$U
id=$(sed -n 's/.*event=started.*collector=\([0-9a-f]*\).*/\1/p' "$T/log" | tail -1)
mkdir -p "$T/other"
"$B/touchline" keys add collector x --collector "$id" --data "$T/other" >"$T/pair" 2>/dev/null
{ grep -v server "$T/pair"; sed -n 's/^public/server/p' "$D/keys/bus.key"; } > "$T/two/keys/collector.key"
start_collector "$T/three" --bus.curve 1 --collector.aggregator "$bus"; three=$U
cp "$D/keys/collector.key" "$T/three/keys/"
start_collector "$T/four" --collector.aggregator "$bus"; four=$U
before=$sent
send $two 5; send $three 5; send $four 5
sleep 3
same "nothing of those arrives" "$(position)" $before
for u in $two $three $four; do [ "$(backlog $u)" -gt 0 ] || bad "$u keeps nothing"; done
[ "$(metric a_keys_refused)" -ge 1 ] || bad "a key that is not listed is not counted"
[ "$(metric a_callers_refused)" -ge 1 ] || bad "somebody else's key is not counted"
curl -s "$two/metrics" | grep -q '^touchline_c_link_refused [1-9]' || bad "the collector does not say that it was refused"
send $one 5
until_is "the good one goes on" $((before + 5)) 10 position
# listed now: the one that was refused gets in by itself
keys add collector till-2 --collector "$id" --out "$T/two/keys/collector.key" || bad "no key for another machine"
until_is "listed later" $((before + 10)) 30 position

# ---- an old pair whose time is over: what is connected with it ends, though its collector has a newer one ----
keys rotate collector till-2 --grace 1 --out "$T/pair-2" || bad "no rotation for another machine"
sleep 2
send $two 5
sleep 1
same "nothing arrives with a pair that is over" "$(position)" $((before + 10))
cp "$T/pair-2" "$T/two/keys/collector.key"
before=$((before + 5))
until_is "with the new pair" $((before + 10)) 40 position

# ---- a new pair while events come in ----
( for i in $(seq 60); do curl -s -o /dev/null -w '%{http_code}\n' "$one/v1/events" -d "{\"type\":\"t\",\"id\":\"r$i\",\"ids\":{\"user\":\"u\"}}"; sleep 0.03; done > "$T/codes" ) & load=$!
sleep 0.5
keys rotate collector till-1 --grace 1 || bad "no rotation"
wait $load
same "all answered 202 while the pair changed" "$(grep -c 202 "$T/codes")" 60
until_is "all of them arrive" $((before + 70)) 20 position
sleep 1
send $one 5
until_is "after the old pair is over" $((before + 75)) 20 position

# ---- revoked: what is connected ends; another key, and what was kept arrives ----
keys revoke collector till-1
sleep 0.6
send $one 5
sleep 1
same "nothing arrives after it was revoked" "$(position)" $((before + 75))
keys add collector till-1b
until_is "another key" $((before + 80)) 40 position
same "damaged or doubled" "$(metric a_batches_poison)" 0

# ---- beyond loopback only with keys, which are on by themselves there ----
"$B/touchline-aggregator" -n --aggregator.bus 'tcp://192.0.2.1:5570' || bad "a bus beyond loopback is refused"
"$B/touchline-aggregator" -n --aggregator.bind 192.0.2.1 2>/dev/null && bad "an HTTP door beyond loopback was taken"
"$B/touchline-aggregator" -n --aggregator.bus 'ipc:///tmp/x' 2>/dev/null && bad "a bus that is no tcp was taken"

[ ! -e "$T/failed" ] && say "ok"
[ ! -e "$T/failed" ] || { tail -20 "$T/log"; false; }
