#!/usr/bin/env bash
# contaminate.sh BUILD CUSTOMERS DAYS VISITS [WAYS] - nothing that is no customer's moves a figure of customers, and no customer moves a figure of visits: the demo's customers
# with mystery visits, pilots and replays in every combination (WAYS, default all), told before and after, withdrawn again. Each store's answers are compared to the byte
# with those of a store that never saw them. Shoppers and pilots give real customers' telephones and e-mail addresses, and pilots are customers themselves.
set -u
B=$1 customers=$2 days=$3 visits=$4 ways=${5:-V P R VP VR PR VPR}
T=$B/touchline
work=$(mktemp -d "${TMPDIR:-/tmp}/contaminate.XXXXXX")
viewer=
end() { [ -n "$viewer" ] && kill "$viewer" 2>/dev/null && wait "$viewer" 2>/dev/null; viewer=; }
. "$(dirname "$0")/accounted.sh"
trap 'rc=$?; accounted "$work" || rc=1; end; rm -rf "$work"; exit $rc' EXIT
failed=0
fail() { echo "FAILED: $*"; failed=1; }
export TZ=Asia/Shanghai
until=2026-03-02 as_of=2026-03-02T00:00:00%2B08:00 day0=$(($(date -d 2026-03-02 +%s) - days * 86400))

# ---- who and what ----
"$T" simulate --customers "$customers" --days "$days" --until $until --out "$work/customers.ndjson" >/dev/null || fail simulate
# every third customer is known by telephone and e-mail, too
awk -v n="$customers" -v t="$day0" 'BEGIN { for (i = 0; i < n; i += 3) printf "{\"id\":\"i%d\",\"type\":\"identity.link\",\"time\":%d000,\"ids\":{\"member\":\"u%05d\",\"phone\":\"+86138%08d\",\"email\":\"u%d@example.com\"}}\n", i, t + 60, i, i, i }' >>"$work/customers.ndjson"
path() { # KIND N: journeys of shoppers or pilots, three rounds, a week and more apart
    awk -v kind="$1" -v n="$2" -v t0="$day0" -v customers="$customers" -v days="$days" 'BEGIN {
        m = int((n + 2) / 3)
        for (v = 0; v < n; v++) {
            who = v % m; round = int(v / m)
            t = t0 + (2 + int(round * (days - 6) / 3) + who % 3) * 86400 + 12 * 3600 + (who * 37) % 5400
            phone = sprintf("\"phone\":\"+86138%08d\",\"email\":\"u%d@example.com\"", 3 * ((who * 7) % int((customers + 2) / 3)), 3 * ((who * 11 + 1) % int((customers + 2) / 3)))
            if (kind == "visit") ids = v % 10 == 9 ? sprintf("\"anonymous\":\"w%d\",%s", v, phone) : sprintf("\"member\":\"s%05d\",%s", who, phone)
            else ids = v % 2 ? sprintf("\"member\":\"u%05d\",\"device\":\"lab%d\"", (who * 13) % customers, who) : sprintf("\"user\":\"pilot%d\",%s", who, phone)
            more = sprintf("\"order\":\"%s%d\",\"place\":\"S%02d\",\"ids\":{%s}%s", kind, v, who % 8 + 1, ids, kind == "pilot" ? ",\"stream\":\"pilot\"" : "")
            wait = 240 + (v * 97) % 500
            split("view:menu:-240:app order.customise::-100:app order.checkout::-15:app order.placed::0:app order.accepted::20:store order.make::60:store order.fulfilled::" wait ":store feedback.text::" wait + 5400 ":app", step, " ")
            for (i = 1; i <= 8; i++) {
                split(step[i], f, ":")
                printf "{\"id\":\"%s%d-%d\",\"type\":\"%s\",\"channel\":\"%s\",\"time\":%d000,\"tier\":\"gold\",%s%s%s}\n", kind, v, i, f[1], f[4], t + f[3], more, f[2] ? ",\"props\":{\"page\":\"" f[2] "\"}" : "", f[1] == "feedback.text" ? ",\"scores\":{\"csat5\":1},\"text\":\"bad\"" : f[1] == "order.placed" ? ",\"outcome\":\"ok\"" : ""
            }
        }
    }'
}
path visit "$visits" >"$work/visits.ndjson"
path pilot "$visits" >"$work/pilots.ndjson"
records() { # from, step, withdrawn?: control records of every step-th visit
    awk -v from="$1" -v step="$2" -v gone="$3" -v n="$visits" -v t0="$day0" -v days="$days" 'BEGIN {
        m = int((n + 2) / 3)
        for (v = from; v < n; v += step) {
            who = v % m; round = int(v / m)
            t = t0 + (2 + int(round * (days - 6) / 3) + who % 3) * 86400 + 12 * 3600 + (who * 37) % 5400
            if (gone) printf "{\"id\":\"v%04d\",\"withdrawn\":true}\n", v
            else printf "{\"id\":\"v%04d\",%s,\"from\":%d000,\"to\":%d000,\"place\":\"S%02d\",\"scenario\":\"lunch_pickup\"}\n", v, v % 10 == 9 ? sprintf("\"orders\":[\"visit%d\"]", v) : sprintf("\"identities\":[{\"kind\":\"member\",\"value\":\"s%05d\"}]", who), t, t + 1200, who % 8 + 1
        }
    }'
}
enter() { # DATA, records on standard input: through the aggregator of the folder
    local token at
    token=$(cat "$1/run/token") at=$(sed -n 's/.*"http":"\([^"]*\)".*/\1/p' "$1/run/aggregator.json")
    while read -r body; do printf 'url = "%s/control/visit"\nheader = "Authorization: Bearer %s"\nheader = "Content-Type: application/json"\noutput = "/dev/null"\nfail\nfail-early\nretry = 30\ndata-raw = "%s"\nnext\n' "$at" "$token" "${body//\"/\\\"}"; done >"$work/curl"
    sed -i '$d' "$work/curl"
    curl -s -K "$work/curl" || fail "a record was not taken in $1"
}
with_programs() { # DATA COMMAND...: while the folder's programs run
    local data=$1 up
    shift
    "$T" up --data "$data" --collector.port=0 --aggregator.port=0 --aggregator.bus='tcp://127.0.0.1:*' --viewer.port=0 >"$work/up" 2>&1 &
    up=$!
    for _ in $(seq 600); do curl -sf -m 2 -o /dev/null "$(sed -n 's/.*"http":"\([^"]*\)".*/\1/p' "$data/run/aggregator.json" 2>/dev/null)/healthz" && break; sleep 0.05; done
    "$@"
    for _ in $(seq 6000); do curl -s -m 5 "$(sed -n 's/.*"http":"\([^"]*\)".*/\1/p' "$data/run/aggregator.json")/healthz" | grep -qE '"position":([0-9]+),"stitched":\1,' && break; sleep 0.05; done
    kill $up; wait $up 2>/dev/null
}
send() { "$T" import "$2" --run "$3" --data "$1" >"$work/out" 2>&1 || fail "import of $2: $(cat "$work/out")"; }
empty() { # DATA: a store with the catalogue and the one key, so that hashes agree
    mkdir -p "$1/keys"
    cp -r "$(dirname "$0")/../../schemas/catalogue/tea" "$1/catalogue"
    head -c 32 /dev/zero | tr '\0' k >"$1/keys/identity.key"
    chmod 600 "$1/keys/identity.key"
}
some_customers() { grep -o '"member":"u[0-9]*"' "$work/customers.ndjson" | sort -u | awk -F'"' 'NR % 7 == 0 && n++ < 20 { printf "member:%s/all ", $4 }'; }
all_visits() { seq -f 'v%04.0f' 0 $((visits - 1)); }
replays() { # DATA WAY
    "$T" replay $(some_customers) $([ "${2#*V}" != "$2" ] && all_visits) --data "$1" >"$work/out" 2>&1 || fail "replays in $2: $(tail -n 5 "$work/out")"
}
make() { # WAY: into $work/WAY
    local D=$work/$1
    if [ "$1" = VPR ]; then     # everything else first
        empty "$D"
        send "$D" "$work/pilots.ndjson" pilots
        with_programs "$D" enter "$D" < <(records 0 2 "")
        send "$D" "$work/visits.ndjson" visits
        send "$D" "$work/customers.ndjson" customers
        with_programs "$D" enter "$D" < <(records 1 2 "")
    else
        cp -r "$work/none" "$D"
        case $1 in *V*) with_programs "$D" enter "$D" < <(records 0 2 ""); send "$D" "$work/visits.ndjson" visits; with_programs "$D" enter "$D" < <(records 1 2 "") ;; esac
        case $1 in *P*) send "$D" "$work/pilots.ndjson" pilots ;; esac
    fi
    case $1 in *R*) replays "$D" "$1" ;; esac
}

# ---- answers ----
serve() { # DATA: sets V
    end
    rm -f "$1/run/viewer.json"
    "$B/touchline-viewer" --data "$1" --viewer-port 0 2>"$work/log" &
    viewer=$!
    for _ in $(seq 400); do [ -s "$1/run/viewer.json" ] && break; sleep 0.05; done
    V=$(sed -n 's/.*"http":"\([^"]*\)".*/\1/p' "$1/run/viewer.json")
}
# log positions, examples, and when something was entered or made, are no figures
plain() { sed 's/"position":[0-9]*/"position":0/g; s/"example":{[^}]*}//g; s/"entered":[0-9]*,"changed":[0-9]*//g; s/"made":[0-9]*//; s/"events":[0-9]*,"metrics"/"metrics"/'; }
figures() { # of customers
    local q
    for q in map variants?limit=1000 funnel?steps=menu,payment,handover rework metrics metrics?by=place breaks breaks?by=place breaks?by=daypart moments impact heatmap consistency emotion coverage blueprint \
        improvements journeys?limit=1000 flows quotes facets report export?format=csv export?format=xes alerts?stream=live; do
        case $q in *\?*) q="$q&" ;; *) q="$q?" ;; esac
        for j in order all; do
            case $q in alerts*) [ $j = all ] || curl -s "$V/api/$q" ;; *) curl -s "$V/api/${q}journey=$j&as_of=$as_of" ;; esac | plain
            echo
        done
    done
    curl -s "$V/api/map?journey=order" | plain          # judged at the newest event of a customer
    for q in $(seq 1 $((customers / 20 + 1)) $((customers - 1))); do    # whom neither pilots nor shoppers by order know: their own pages show them else
        who=u$(printf %05d "$q")
        if [ $((q % 3)) = 0 ] || grep -q "\"$who\"" "$work/pilots.ndjson"; then continue; fi
        who=$(curl -s "$V/api/customers?id=member:$who" | "$B/flow/json_at" '.customers[0].customer')
        [ "$who" = - ] || curl -s "$V/api/customers/$who?as_of=$as_of" | "$B/flow/json_at" .identities.# .journeys | plain
    done
}
drafted() { curl -s "$V/api/suggest?journey=order" | plain; }     # names that are as common stand in the order in which they first came
# a visit that is known by its order is of whoever gave the telephone: with customers another one
shown() { # of visits
    local q
    for q in "visits?as_of=$as_of" "map?stream=mystery&journey=order&as_of=$as_of" "journeys?stream=mystery&journey=order&limit=1000&as_of=$as_of" "variants?stream=mystery&journey=order&as_of=$as_of" "breaks?stream=mystery&journey=order&as_of=$as_of"; do
        curl -s "$V/api/$q"
        echo
    done | plain | sed 's/"customer":"[0-9a-f]*"/"customer":""/g'
    for q in $(all_visits); do curl -s "$V/api/visits/$q?as_of=$as_of"; done | plain | sed 's/"customer":"[0-9a-f]*"/"customer":""/g'
}
differ() { diff <(tr ',' '\n' <"$1") <(tr ',' '\n' <"$2") | head -n 8; }

empty "$work/none"
send "$work/none" "$work/customers.ndjson" customers
serve "$work/none"
figures >"$work/none.figures"
drafted >"$work/none.drafted"
n=$(curl -s "$V/api/map?journey=order&as_of=$as_of" | "$B/flow/json_at" .journeys)
[ "$(wc -c <"$work/none.figures")" -gt 100000 ] || fail "the answers are too short to be true"
for way in $ways; do
    make "$way"
    serve "$work/$way"
    figures >"$work/$way.figures"
    cmp -s "$work/none.figures" "$work/$way.figures" || fail "customers' figures differ with $way:"$'\n'"$(differ "$work/none.figures" "$work/$way.figures")"
    [ "$way" = VPR ] || [ "$(drafted | cmp - "$work/none.drafted" 2>&1)" = "" ] || fail "the drafted catalogue differs with $way"
    case $way in
    *V*) is=$(curl -s "$V/api/journeys?stream=mystery&journey=order&limit=1&as_of=$as_of" | "$B/flow/json_at" .count); [ "$is" = "$visits" ] || fail "$way: $is visits are seen" ;;
    esac
    case $way in
    *P*) is=$(curl -s "$V/api/journeys?stream=pilot&journey=order&limit=1&as_of=$as_of" | "$B/flow/json_at" .count); [ "$is" = "$visits" ] || fail "$way: $is pilots are seen" ;;
    esac
    case $way in
    *R*) is=$(curl -s "$V/api/journeys?stream=replay&limit=1&as_of=$as_of" | "$B/flow/json_at" .count); [ "${is:-0}" -gt 0 ] || fail "$way: no replay is seen" ;;
    esac
    echo "$way: looked at"
    [ "$way" = VPR ] && shown >"$work/VPR.shown"
    end
    [ "$way" = VPR ] || rm -rf "${work:?}/$way"
done

# ---- the other way round: visits that never saw a customer ----
D=$work/visits
empty "$D"
send "$D" "$work/visits.ndjson" visits
with_programs "$D" enter "$D" < <(records 0 1 "")
serve "$D"
shown >"$work/visits.shown"
cmp -s "$work/visits.shown" "$work/VPR.shown" || fail "figures of visits differ:"$'\n'"$(differ "$work/visits.shown" "$work/VPR.shown")"
[ "$(wc -c <"$work/visits.shown")" -gt 20000 ] || fail "the visits' answers are too short to be true"
echo "the figures of visits are the same without customers"

# ---- withdrawn: what was a visit's is a customer's again, as if it had never been entered ----
with_programs "$work/VPR" enter "$work/VPR" < <(records 0 1 yes)
serve "$work/VPR"
figures >"$work/withdrawn.figures"
D=$work/live
cp -r "$work/none" "$D"
send "$D" "$work/visits.ndjson" visits
serve "$D"
figures >"$work/live.figures"
cmp -s "$work/live.figures" "$work/withdrawn.figures" || fail "withdrawn visits leave something behind:"$'\n'"$(differ "$work/live.figures" "$work/withdrawn.figures")"
cmp -s "$work/live.figures" "$work/none.figures" && fail "shoppers' events change nothing when they are customers': the comparison is blind"
echo "withdrawn: the figures are those of a store without a register"
[ $failed = 0 ] && echo "$n journeys of customers, $visits visits: nothing crosses over"
exit $failed
