#!/usr/bin/env bash
# t_every_answer.sh BUILD - every address of the viewer over the worlds that divide by nothing: an empty store, one journey, all open, nobody and everybody hit, a cell
# without rows, an unknown word, a catalogue that cannot be read. Each answer is JSON without a NaN, each refusal is a sentence.
set -u
build=$1
root=$(cd "$(dirname "$0")/../.." && pwd)
touchline=$build/touchline
work=$(mktemp -d)
viewer=
end() { [ -n "$viewer" ] && kill "$viewer" 2>/dev/null && wait "$viewer" 2>/dev/null; viewer=; }
. "$(dirname "$0")/accounted.sh"
trap 'rc=$?; accounted "$work" || rc=1; end; rm -rf "$work"; exit $rc' EXIT
failed=0
fail() { echo "FAILED: $*"; failed=1; }
export TZ=UTC

begin() { # folder
    end
    rm -f "$1/run/viewer.json"
    "$build/touchline-viewer" --data "$1" --viewer.port=0 2>"$work/viewer.log" &
    viewer=$!
    for _ in $(seq 600); do
        at=$(sed -n 's/.*"http":"\([^"]*\)".*/\1/p' "$1/run/viewer.json" 2>/dev/null)
        [ -n "$at" ] && curl -s -o /dev/null "$at/healthz" && return 0
        sleep 0.1
    done
    fail "no viewer on $1: $(cat "$work/viewer.log")"
}
# what an address cannot do without, by path
needs() {
    case $1 in
    /api/funnel) echo 'steps=menu,handover' ;;
    /api/export) echo 'format=csv' ;;
    *) echo '' ;;
    esac
}
# one answer: JSON (or a file, or a page), no NaN, no infinity; a refusal has a sentence
answer() { # world, address
    local status
    status=$(curl -s -o "$work/body" -w '%{http_code}' "$at$2")
    case $2 in /api/export* | /report*) return ;; esac
    "$build/flow/json_at" .error.text <"$work/body" >"$work/text" 2>/dev/null || fail "$1 $2: no JSON: $(head -c 200 "$work/body")"
    grep -qE '[:,[]-?(nan|inf|NaN|Infinity)' "$work/body" && fail "$1 $2: $(grep -oE '.{40}[:,[]-?(nan|inf|NaN|Infinity).{10}' "$work/body" | head -n 1)"
    # numbers that always are: a null there was a NaN on its way out
    grep -oE '"(de|q|p|excess|pain|tests|level|bar|loss_n)":null' "$work/body" | head -n 1 | grep . && fail "$1 $2: a number that is none"
    case $status in
    200) ;;
    400 | 404) [ "$(wc -c <"$work/text")" -gt 15 ] || fail "$1 $2: $status without a sentence: $(head -c 200 "$work/body")" ;;
    503) [ "$3" = refused ] && [ "$(wc -c <"$work/text")" -gt 15 ] || fail "$1 $2: $status $(head -c 200 "$work/body")" ;;
    *) fail "$1 $2: status $status $(head -c 200 "$work/body")" ;;
    esac
}
every() { # world, journey types...
    local world=$1 path n type
    shift
    curl -s "$at/api/openapi.json" | grep -o '"/[a-z/.-]*":{"get"' | cut -d'"' -f2 | grep -vE 'customers/|api/live' >"$work/paths"
    [ "$(wc -l <"$work/paths")" -gt 12 ] || fail "$world: $(cat "$work/paths")"
    while read -r path; do
        n=$(needs "$path")
        answer "$world" "$path?$n" ok
        for type in "$@"; do
            case $path in /api/about | /api/openapi.json | /api/customers | /api/quarantine | /api/visits | /api/alerts) continue ;; esac
            answer "$world" "$path?$n&journey=$type" ok
            answer "$world" "$path?$n&journey=$type&as_of=1000" ok
            answer "$world" "$path?$n&journey=$type&as_of=2100-01-01T00:00:00Z" ok
            answer "$world" "$path?$n&journey=$type&filter=place=nowhere" ok
            answer "$world" "$path?$n&journey=$type&from=2026-01-05&to=2026-01-05" ok
            answer "$world" "$path?$n&journey=$type&break=$type:wait/handover" ok
            answer "$world" "$path?$n&journey=$type&break=$type:drop_off/menu&hit=no" ok
        done
    done <"$work/paths"
    for type in "$@"; do
        for q in by=place by=daypart "by=place&as_of=2026-02-02T00:00:00Z" "from=2026-01-05&to=2026-02-28" "from=0001-01-01&to=0001-01-02" "from=9990-01-01&to=9999-12-30"; do answer "$world" "/api/breaks?journey=$type&$q" ok; done
        for q in landmark_d=1 landmark_d=3650 "landmark_d=1&as_of=2026-06-01T00:00:00Z"; do answer "$world" "/api/moments?journey=$type&$q" ok; done
        answer "$world" "/api/impact?journey=$type&outcome=back" ok
    done
}

# ---- worlds ----
catalogue='{"touchpoints": [{"id": "menu", "match": {"type": "view"}}, {"id": "pay", "match": {"type": "order.placed"}}, {"id": "handover", "match": {"type": "order.fulfilled"}}],
 "journey_types": [{"id": "order", "key": "order", "gap_d": 3, "good": ["order.fulfilled"], "required": ["menu", "pay", "handover"], "damage": "unhappy", "moments": "back"}],
 "clocks": [{"id": "wait", "start": "order.placed", "end": "order.fulfilled", "key": "order", "limit_s": 480, "allowed": 0.05, "on": "handover"}],
 "checks": [{"id": "said", "kind": "failed", "at": "order.placed", "fail": {"type": "order.placed", "outcome": "fail"}, "on": "pay"}],
 "outcomes": [{"id": "unhappy", "when": "complaint.opened", "after": "handover", "within_s": 86400, "horizon_d": 1}, {"id": "back", "when": "order.placed", "of": "customer", "after": "handover", "within_s": 86400, "absent": true, "horizon_d": 1}],
 "dayparts": [{"id": "day", "from": "06:00", "to": "20:00"}, {"id": "night", "from": "20:00", "to": "06:00"}]}'
# orders: how many, seconds waited (- for never), how many complain (of all: every), with a place or not
orders() {
    awk -v n="$1" -v wait="$2" -v every="$3" 'BEGIN {
        for (i = 0; i < n; i++) {
            t = 1767571200 + (i % 28) * 86400 + 36000 + i
            o = sprintf("\"order\":\"o%d\",\"ids\":{\"member\":\"m%d\"},\"place\":\"S%d\"", i, i, i % 6)
            printf "{\"id\":\"v%d\",\"type\":\"view\",%s,\"time\":%d000}\n{\"id\":\"p%d\",\"type\":\"order.placed\",%s,\"time\":%d000}\n", i, o, t - 60, i, o, t
            if (wait != "-") printf "{\"id\":\"f%d\",\"type\":\"order.fulfilled\",%s,\"time\":%d000}\n", i, o, t + wait
            if (every) printf "{\"id\":\"c%d\",\"type\":\"complaint.opened\",%s,\"time\":%d000}\n", i, o, t + wait + 60
        }
    }'
}
world() { # name <NDJSON
    mkdir -p "$work/$1/catalogue"
    printf '%s\n' "$catalogue" >"$work/$1/catalogue/case.json"
    cat >"$work/events.ndjson"
    "$touchline" import "$work/events.ndjson" --data "$work/$1" >"$work/out" 2>&1 || fail "import of $1: $(cat "$work/out")"
}
mkdir -p "$work/nothing"
begin "$work/nothing" && every "no store" all
mkdir -p "$work/bare/catalogue" && printf '%s\n' "$catalogue" >"$work/bare/catalogue/case.json"
begin "$work/bare" && every "a catalogue, no store" all
orders 1 300 0 | world one && begin "$work/one" && every "one journey" order all
orders 200 - 0 | world open && begin "$work/open" && every "all open" order
orders 200 300 0 | world nobody && begin "$work/nobody" && every "nobody hit" order
orders 200 900 1 | world everybody && begin "$work/everybody" && every "everybody hit, everybody unhappy" order
orders 200 900 1 | sed '/"complaint.opened"/d; s/,"place":"S[0-9]"//' | world placeless && begin "$work/placeless" && every "no places" order

# ---- words that are not there, numbers that are not allowed: a sentence each ----
for q in 'breaks?journey=nix' 'breaks?by=week' 'breaks?from=2026-02-30' 'breaks?as_of=yesterday' 'moments?landmark_d=0' 'moments?landmark_d=99999' 'impact?journey=order&outcome=nix' \
    'journeys?break=nix' 'journeys?journey=order&break=order:nix/handover' 'journeys?journey=order&break=all:wait/handover' 'journeys?journey=order&break=order:wait/handover/S1/dawn' 'journeys?hit=no' \
    'journeys?journey=order&break=order:wait/handover/S1/day/more' 'heatmap?model=Z' 'heatmap?journey=order&filter=colour=red'; do
    answer refusals "/api/$q" ok
    [ "$(wc -c <"$work/text")" -gt 15 ] || fail "taken: $q: $(head -c 100 "$work/body")"
done

# ---- a catalogue that cannot be read: who starts says where, a store made before goes on ----
mkdir -p "$work/bad/catalogue" && printf '{"clocks":[\n{"id":"c","start":"a","end":"b","limit_s":60,"allowed":0}]}' >"$work/bad/catalogue/1.json"
orders 1 300 0 >"$work/events.ndjson"
"$touchline" import "$work/events.ndjson" --data "$work/bad" >"$work/out" 2>&1 && fail "a bad catalogue was taken"
grep -q '1.json, line 2.*0 % cannot be tested' "$work/out" || fail "a bad catalogue: $(cat "$work/out")"
cp "$work/bad/catalogue/1.json" "$work/one/catalogue/1.json"
begin "$work/one" && answer "a store, then a bad catalogue" "/api/breaks?journey=order" refused
[ $failed = 0 ] && echo "every answer: JSON, or a sentence"
exit $failed
