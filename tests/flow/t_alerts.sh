#!/usr/bin/env bash
# t_alerts.sh BUILD - alerts with the real programs: a warning at 80 %, the limit by timer alone, a late end that repairs, kill -9 and a rebuild that tell nobody twice;
# fakes of the four receivers prove signature and shape of what they get, one is dead, and stitching does not mind.
set -u
B=${1:?usage: $0 BUILD}
T=$(mktemp -d "${TMPDIR:-/tmp}/flow.XXXXXX")
UP= FAKE=
. "$(dirname "$0")/accounted.sh"
trap 'rc=$?; accounted "$T" || rc=1; exec 2>/dev/null; [ -z "$UP" ] || { kill $UP; wait $UP; }; exec 9>&-; [ -z "$FAKE" ] || wait $FAKE; rm -rf "$T"; exit $rc' EXIT
export TZ=UTC LC_ALL=C.UTF-8
bad() { echo "$(basename "$0"): FAILED: $*"; touch "$T/failed"; }
same() { [ "$2" = "$3" ] || bad "$1"$'\n'"   got  $2"$'\n'"   want $3"; }
until_true() { for _ in $(seq 900); do "$@" && return 0; sleep 0.1; done; bad "waited 90 s for: $*"; return 1; }
D=$T/data
mkdir -p "$D/catalogue" "$T/fake"
cat >"$D/catalogue/rules.json" <<'C'
{"touchpoints": [{"id": "rating", "title": {"zh": "评价", "en": "Rating"}, "key": true, "match": {"type": "feedback.text"}}],
 "clocks": [{"id": "vip", "title": {"zh": "VIP 投诉 10 分钟内对接", "en": "VIP complaint taken in 10 minutes"}, "start": "complaint.opened", "end": "complaint.assigned", "key": "case", "limit_s": 600, "tiers": ["gold"], "owner": "care"},
            {"id": "ordinary", "start": "complaint.opened", "end": "complaint.solution", "key": "case", "limit_s": 1800, "except_tiers": ["gold"], "owner": "care"},
            {"id": "pickup", "start": "order.placed", "end": "order.fulfilled", "key": "case", "limit_s": 60, "owner": "shops", "ends_from": "till-{place}"},
            {"id": "mention", "start": "mention", "end": "reply", "key": "case", "limit_s": 3600, "owner": "social", "priority": [{"type": "mention", "props.urgent": "yes"}, {"type": "mention", "props.reach": "high"}]}],
 "alerts": [{"id": "vip_opened", "title": {"zh": "VIP 投诉", "en": "VIP complaint"}, "kind": "complaint", "at": "complaint.opened", "tiers": ["gold"], "owner": "care", "severity": 3}]}
C
mkfifo "$T/end"
"$B/flow/fake_hooks" "$T/fake" <"$T/end" & FAKE=$!
exec 9>"$T/end"
until_true [ -s "$T/fake/port" ]
F=http://127.0.0.1:$(cat "$T/fake/port")
cat >"$D/webhooks.json" <<H
{"webhooks": [{"id": "wecom", "template": "wecom", "url": "$F/wecom?key=K"}, {"id": "ding", "template": "dingtalk", "url": "$F/dingtalk?access_token=T", "secret": "SEC0123456789"},
 {"id": "feishu", "template": "feishu", "url": "$F/feishu", "secret": "SEC0123456789"}, {"id": "plain", "template": "json", "url": "$F/json", "secret": "SEC0123456789"},
 {"id": "social", "template": "json", "url": "$F/json", "secret": "SEC0123456789", "departments": ["social"]}, {"id": "dead", "template": "json", "url": "http://127.0.0.1:1/x"}]}
H
chmod 600 "$D/webhooks.json"

address() { sed -n 's/.*"http":"\([^"]*\)".*/\1/p' "$D/run/$1.json" 2>/dev/null; }
answers() { curl -sf -o /dev/null "$(address viewer)/healthz" && curl -sf -o /dev/null "$(address collector)/healthz" && curl -sf -o /dev/null "$(address aggregator)/healthz"; }
start() {
    "$B/touchline" up --data "$D" --collector.port 0 --viewer.port 0 --aggregator.port 0 --aggregator.bus 'tcp://127.0.0.1:*' >"$T/out" 2>>"$T/log" & UP=$!
    until_true answers || { tail -5 "$T/log"; exit 1; }
}
ago() { date -u -d "-$1 seconds" +%Y-%m-%dT%H:%M:%S.000Z; }
send() { # id type seconds-ago member tier case place [more members]
    curl -s -o /dev/null --retry 20 --retry-all-errors --retry-delay 1 -H 'Authorization: Bearer web' "$(address collector)/v1/events?ack=logged" \
        -d "{\"id\":\"$1\",\"type\":\"$2\",\"time\":\"$(ago "$3")\",\"ids\":{\"member\":\"$4\"},\"tier\":\"$5\",\"case\":\"$6\",\"place\":\"$7\"${8:-}}"
}
alerts() { curl -s "$(address viewer)/api/alerts?limit=1000${1:-}"; }
# state KIND RULE PLACE: of the one alert of that kind, rule and place
state() { alerts | "$B/flow/json_at" ".alerts[kind=$1,rule=$2,place=$3].state"; }
is() { [ "$(state "$1" "$2" "$3")" = "$4" ]; }
count() { alerts | "$B/flow/json_at" '.alerts.#'; }

start
# ---- two-tier clocks by timer: VIP 10:00 warned at 8:00, ordinary 30:00 warned at 24:00 ----
send c1 complaint.opened 590 m1 gold k1 S07
until_true is near vip S07 open
same "a VIP's complaint is told at once" "$(state complaint vip_opened S07)" open
same "before its limit it has not passed" "$(state passed vip S07)" -
send c2 complaint.opened 1441 m2 silver k2 S03
until_true is near ordinary S03 open
send c3 complaint.opened 479 m3 silver k3 S05
until_true is passed vip S07 open
same "the warning has done its work" "$(alerts | "$B/flow/json_at" '.alerts[kind=near,rule=vip,place=S07].resolved')" passed
same "of the others nothing is due" "$(state near ordinary S05)" -
# ---- a bad experience at a moment of truth ----
send f1 feedback.text 5 m4 silver - S09 ',"scores":{"csat5":1}'
until_true is moment score S09 open
# ---- the end comes in time: withdrawn; the end comes late but had been in time: repaired everywhere; a later end is too late ----
send e2 complaint.solution 1 m2 silver k2 S03
until_true is near ordinary S03 resolved
send e1 complaint.assigned 300 m1 gold k1 S07
until_true is passed vip S07 resolved
same "why" "$(alerts | "$B/flow/json_at" '.alerts[kind=passed,rule=vip,place=S07].resolved')" gone
send c6 complaint.opened 700 m6 gold k6 S06
until_true is passed vip S06 open
send e6 complaint.assigned 10 m6 gold k6 S06
until_true sh -c "curl -s '$(address viewer)/api/alerts?limit=1000' | '$B/flow/json_at' '.alerts[kind=passed,rule=vip,place=S06].ended' | grep -q '^[0-9]'"
same "too late is too late" "$(state passed vip S06)" open
# ---- yesterday's news is none ----
send old complaint.opened 90000 m7 gold k7 S08
send c8 complaint.opened 601 m8 gold k8 S01
until_true is passed vip S01 open
same "what was due a day ago alerts nobody" "$(state passed vip S08) $(state complaint vip_opened S08)" "- -"
# ---- a visit that is registered afterwards: QA's matter, not the department's ----
qa() { curl -s "$(address viewer)/api/alerts?stream=mystery" | "$B/flow/json_at" '.alerts[kind=passed,rule=vip,place=S01].state'; }
curl -s -o /dev/null -X POST -H "Authorization: Bearer $(cat "$D/run/token")" -d "{\"id\":\"v1\",\"identities\":[{\"kind\":\"member\",\"value\":\"m8\"}],\"from\":\"$(ago 7200)\",\"to\":\"$(ago -7200)\"}" \
    "$(address aggregator)/control/visit"
until_true sh -c "curl -s '$(address viewer)/api/alerts?stream=mystery' | grep -q '\"place\":\"S01\"'"
same "a visit's alert is QA's" "$(qa) $(state passed vip S01)" "open -"
# ---- the order of work: urgent, then reach, then the others ----
send n1 mention 2881 m11 - q1 W1
send n2 mention 2881 m12 - q2 W2 ',"props":{"urgent":"yes"}'
send n3 mention 2881 m13 - q3 W3 ',"props":{"reach":"high"}'
until_true is near mention W3 open
until_true is near mention W2 open
until_true is near mention W1 open
same "order of work" "$(curl -s "$(address viewer)/api/alerts?state=open" | "$B/flow/json_at" '.alerts[0].place' '.alerts[1].place' '.alerts[2].place' | paste -sd ' ' -)" "W2 W3 W1"
# ---- a silent till is not a customer kept waiting: one alert of the till, and the customers' when it has spoken ----
late() { alerts | grep -o '"rule":"pickup","kind":"passed"' | wc -l; }
send o1 order.placed 400 m21 - r1 P1
send o2 order.placed 390 m22 - r2 P1
until_true is silent till-P1 P1 open
same "who waits at a silent till is unknown" "$(state passed pickup P1)" -
curl -s -o /dev/null -H 'Authorization: Bearer till-P1' "$(address collector)/v1/events" -d "{\"type\":\"heartbeat\",\"time\":\"$(ago 335)\"}"
until_true is passed pickup P1 open
until_true is silent till-P1 P1 resolved
same "the other one is not known of yet" "$(late)" 1
curl -s -o /dev/null -H 'Authorization: Bearer till-P1' "$(address collector)/v1/events" -d "{\"type\":\"heartbeat\",\"time\":\"$(ago 0)\"}"
both() { [ "$(late)" = 2 ]; }
until_true both
# ---- taken on, by command ----
id=$(alerts | "$B/flow/json_at" '.alerts[kind=passed,rule=vip,place=S06].id')
"$B/touchline" alerts ack "${id:0:10}" --owner 王芳 --note "called back" --data "$D" >/dev/null || bad "ack"
until_true is passed vip S06 acknowledged
same "by whom" "$(alerts | "$B/flow/json_at" '.alerts[kind=passed,rule=vip,place=S06].owner')" 王芳
"$B/touchline" alerts --state acknowledged --data "$D" | grep -q 'over the limit of 10:00.*王芳' || bad "the list does not say it: $("$B/touchline" alerts --state all --data "$D")"
same "the command lists in the order of work" "$("$B/touchline" alerts --data "$D" --limit 3 | grep -o 'W[123]' | paste -sd ' ' -)" "W2 W3 W1"
answer=$(curl -s -o /dev/null -w '%{http_code}' -X POST -H "Authorization: Bearer $(cat "$D/run/token")" -d "{\"id\":\"$id\",\"withdrawn\":true}" "$(address aggregator)/control/alert")
same "taking it back" "$answer" 200
until_true is passed vip S06 open
same "nobody has it" "$(alerts | "$B/flow/json_at" '.alerts[kind=passed,rule=vip,place=S06].owner')" null
"$B/touchline" alerts ack "$id" --owner 李雷 --data "$D" >/dev/null || bad "ack again"
until_true is passed vip S06 acknowledged
# ---- receivers: each has proved what it took; the department's own has its own; the dead one holds up nothing ----
took() { [ -e "$T/fake/$1" ] && cut -f 1 "$T/fake/$1" | sort -u | wc -l; }
enough() { for r in wecom dingtalk feishu json; do [ "$(took $r)" -ge 4 ] 2>/dev/null || return 1; done; }
until_true enough
[ -e "$T/fake/refused" ] && bad "refused: $(head -2 "$T/fake/refused")"
grep -q 'VIP 投诉' "$T/fake/wecom" || bad "wecom heard nothing of the VIP"
n=$(grep -c '^social-' "$T/fake/json")
until_true sh -c "[ \$(grep -c '^social-' '$T/fake/json') -ge 3 ]"
for m in $(grep '^social-' "$T/fake/json" | cut -f 2); do alerts | "$B/flow/json_at" ".alerts[id=$m].department" | grep -qx social || bad "another department's alert went to social"; done
# ---- kill -9, again and again, while the receivers are down; a rebuild: nobody is told twice, nothing is lost ----
touch "$T/fake/down"
for i in 1 2 3; do
    send "x$i" complaint.opened 605 "mx$i" gold "kx$i" "X$i"
    pid=$(sed -n 's/.*"pid":\([0-9]*\).*/\1/p' "$D/run/aggregator.json")
    kill -9 "$pid" 2>/dev/null
    until_true sh -c "p=\$(sed -n 's/.*\"pid\":\([0-9]*\).*/\1/p' '$D/run/aggregator.json'); [ \"\$p\" != $pid ] && kill -0 \$p 2>/dev/null"
    until_true answers
done
for i in 1 2 3; do until_true is passed vip "X$i" open; done
before=$(count)
"$B/touchline" rebuild --data "$D" >/dev/null 2>>"$T/log" || bad "rebuild"
rm "$T/fake/down"
told() { [ "$(cut -f 2 "$T/fake/json" | grep -cx "$(alerts | "$B/flow/json_at" ".alerts[kind=passed,rule=vip,place=X$1].id")")" -ge 1 ]; }
for i in 1 2 3; do until_true told $i; done
same "alerts after three kills and a rebuild" "$(count)" "$before"
same "each id once" "$(alerts | grep -o '"id":"[0-9a-f]*"' | sort | uniq -d | wc -l)" 0
same "no alert went to one receiver under two ids" "$(grep '^plain-' "$T/fake/json" | sort -u | cut -f 2 | sort | uniq -d | wc -l)" 0
# ---- --follow tells each change as a line ----
timeout 5 "$B/touchline" alerts --follow --json --data "$D" >"$T/follow" 2>/dev/null
same "a line an alert" "$(wc -l <"$T/follow")" "$before"
while read -r line; do "$B/flow/json_at" .id <<<"$line" | grep -qE '^[0-9a-f]{16}$' || { bad "no JSON: $line"; break; }; done <"$T/follow"
# ---- what was told is lost: events are taken and stitched all the same, and it is said ----
kill $UP; wait $UP 2>/dev/null
head -c 65536 /dev/urandom >"$D/alerts/data.mdb"
start
until_true sh -c "curl -s '$(address aggregator)/healthz' | '$B/flow/json_at' .alerts | grep -q '[a-z]'"
send z1 complaint.opened 605 mz gold kz Z1
until_true sh -c "curl -s '$(address viewer)/api/customers?id=member:mz' | grep -q '\"events\":1'"
"$B/touchline" doctor --quick --data "$D" >"$T/doctor" 2>&1 && bad "doctor says that all is well"
grep -q '^BAD.*alerts' "$T/doctor" || bad "doctor says nothing of alerts: $(grep -i bad "$T/doctor")"
[ ! -e "$T/failed" ] || { tail -5 "$T/log"; exit 1; }
echo "$before alerts, each once; $(took wecom) $(took dingtalk) $(took feishu) $(took json) messages taken"
