#!/usr/bin/env bash
# t_alerts_demo.sh BUILD - the demo's own alert: a VIP's complaint that nobody takes, opened 9:30 before the live orders begin, warns at once and passes half a minute
# later, with no further event of that customer; a second start of the demo tells it no second time.
set -u
B=${1:?usage: $0 BUILD}
T=$(mktemp -d "${TMPDIR:-/tmp}/flow.XXXXXX")
UP= SIM=
. "$(dirname "$0")/accounted.sh"
trap 'rc=$?; accounted "$T" || rc=1; exec 2>/dev/null; [ -z "$SIM" ] || { kill $SIM; wait $SIM; }; [ -z "$UP" ] || { kill $UP; wait $UP; }; rm -rf "$T"; exit $rc' EXIT
export LC_ALL=C.UTF-8
bad() { echo "$(basename "$0"): FAILED: $*"; touch "$T/failed"; }
until_true() { for _ in $(seq 1500); do "$@" && return 0; sleep 0.1; done; bad "waited 150 s for: $*"; return 1; }
D=$T/data
address() { sed -n 's/.*"http":"\([^"]*\)".*/\1/p' "$D/run/$1.json" 2>/dev/null; }
answers() { curl -sf -o /dev/null "$(address viewer)/healthz" && curl -sf -o /dev/null "$(address collector)/healthz"; }
alerts() { curl -s "$(address viewer)/api/alerts?limit=1000"; }
one() { alerts | "$B/flow/json_at" ".alerts[rule=vip_complaint,kind=$1].$2"; }
is() { [ "$(one "$1" "$2")" = "$3" ]; }
start() {
    "$B/touchline" up --data "$D" --timezone Asia/Shanghai --collector.port 0 --viewer.port 0 --aggregator.port 0 --aggregator.bus 'tcp://127.0.0.1:*' >"$T/out" 2>>"$T/log" & UP=$!
    until_true answers || { tail -5 "$T/log"; exit 1; }
}
mkdir -p "$D/catalogue"
cp "$(dirname "$0")"/../../schemas/catalogue/tea/*.json "$D/catalogue/"
start
"$B/touchline" simulate --customers 40 --days 7 --live --data "$D" >>"$T/log" 2>&1 & SIM=$!
until_true is near kind near
until_true is passed state open
[ "$(one near resolved)" = passed ] || bad "the warning goes on: $(one near resolved)"
[ "$(one passed place) $(one passed department)" = "S07 客服 Customer service" ] || bad "whose: $(one passed place) $(one passed department)"
[ $(($(one passed due) - $(one passed started))) = 600000 ] || bad "the limit of a VIP is 10:00"
[ "$(one passed raised)" -gt "$(one passed due)" ] || bad "raised before it was due"
id=$(one passed id)
kill $SIM $UP; wait $SIM $UP 2>/dev/null; SIM= UP=
start
until_true is passed id "$id"
[ "$(alerts | grep -o "\"id\":\"$id\"" | wc -l)" = 1 ] || bad "told twice"
[ ! -e "$T/failed" ] || { tail -5 "$T/log"; exit 1; }
echo "the demo's complaint: warned, passed $(($(one passed raised) - $(one passed due))) ms after its limit"
