#!/usr/bin/env bash
# t_aggregator.sh BUILD - the aggregator alone: settings, health, the control door, a rebuild, stopping and starting again.
set -eu
build=$1
dir=$(mktemp -d)
pid=
. "$(dirname "$0")/accounted.sh"
trap 'rc=$?; accounted "$dir" || rc=1; [ -z "$pid" ] || kill -9 "$pid" 2>/dev/null || true; rm -rf "$dir"; exit $rc' EXIT
failed=0

check() { # what, got, wanted (a pattern)
    # shellcheck disable=SC2254
    case $2 in
    $3) ;;
    *) echo "FAILED $1: got '$2', wanted '$3'"; failed=1 ;;
    esac
}
started() {
    for _ in $(seq 1 500); do
        if [ -s "$dir/data/run/aggregator.json" ] && grep -q "\"pid\":$pid," "$dir/data/run/aggregator.json"; then
            url=$(sed 's/.*"http":"\([^"]*\)".*/\1/' "$dir/data/run/aggregator.json")
            bus=$(sed 's/.*"bus":"\([^"]*\)".*/\1/' "$dir/data/run/aggregator.json")
            return 0
        fi
        sleep 0.02
    done
    cat "$dir/log"
    exit 1
}
launch() {
    "$build/touchline-aggregator" --data "$dir/data" --aggregator.port 0 --aggregator.bus 'tcp://127.0.0.1:*' 2>>"$dir/log" &
    pid=$!
    started
}
post() { # path, body, token
    curl -s -m 10 -w ' %{http_code}' -X POST -H "Authorization: Bearer $3" --data-binary "$2" "$url$1"
}
await() { # what, pattern that /healthz must come to
    for _ in $(seq 1 500); do
        # shellcheck disable=SC2254
        case $(curl -s -m 10 "$url/healthz") in
        $2) return 0 ;;
        esac
        sleep 0.02
    done
    echo "FAILED $1: $(curl -s -m 10 "$url/healthz")"
    failed=1
}
refused() { # what, wanted on stderr, options...
    local what=$1 wanted=$2 out
    shift 2
    if out=$("$build/touchline-aggregator" "$@" 2>&1); then
        echo "FAILED $what: it started"
        failed=1
    fi
    check "$what" "$out" "$wanted"
}

# settings
"$build/touchline-aggregator" -n --data "$dir/none" || { echo "FAILED -n"; failed=1; }
[ ! -e "$dir/none" ] || { echo "FAILED -n made a folder"; failed=1; }
check help "$("$build/touchline-aggregator" --help)" '*aggregator.bus*stitch.events_max*'
refused "unknown option" '*--frobnicate*' --frobnicate
refused "open bind" '*aggregator.bind*' -n --aggregator.bind 0.0.0.0
"$build/touchline-aggregator" -n --aggregator.bus 'tcp://0.0.0.0:5570' || { echo "FAILED open bus, which keys guard"; failed=1; }
refused "no bus" '*must look like tcp://*' -n --aggregator.bus nonsense
refused "range" '*stitch.round_ms*' -n --stitch.round_ms 0

mkdir -p "$dir"
launch
token=$(cat "$dir/data/run/token")
check "token is private" "$(stat -c %a "$dir/data/run/token")" 600
await "empty store" '{"status":"ok","position":1,"stitched":1,"lag_ms":0,"rebuild":null,"catalogue":{"hash":*,"activation":0,"activated":null,"next":null}}'
refused "second start" "*is running on*pid $pid*" --data "$dir/data" --aggregator.port 0 --aggregator.bus 'tcp://127.0.0.1:*'
refused "taken bus" "*$bus*" --data "$dir/other" --aggregator.port 0 --aggregator.bus "$bus"

# the control door
link='{"a":{"kind":"member","value":"1"},"b":{"kind":"phone","value":"2"}}'
check "no token" "$(post /control/link "$link" '')" '*TL_EAUTH* 401'
check "wrong token" "$(post /control/link "$link" "${token%?}x")" '*TL_EAUTH* 401'
check "unknown kind" "$(post /control/frob "$link" "$token")" '*link, unlink, note, undo* 404'
check "bad body" "$(post /control/link '{"a":1}' "$token")" '*link.a must be an object* 400'
check "large body" "$(post /control/note "$(head -c 20000 /dev/zero | tr '\0' x)" "$token")" '* 413'
check "GET" "$(curl -s -m 10 -w ' %{http_code}' "$url/control/link")" '*TL_EMETHOD* 405'
check "elsewhere" "$(curl -s -m 10 -w ' %{http_code}' "$url/nothing")" '*/healthz* 404'
check "link" "$(post /control/link "$link" "$token")" '{"position":1} 200'
check "note" "$(post /control/note '{"id":{"kind":"member","value":"1"},"text":"called back"}' "$token")" '{"position":2} 200'
check "unlink" "$(post /control/unlink "$link" "$token")" '{"position":3} 200'
await "stitched" '{"status":"ok","position":4,"stitched":4,*'
seq 1 40 | xargs -P 8 -I{} curl -s -m 10 -o /dev/null -X POST -H "Authorization: Bearer $token" --data "{\"id\":{\"kind\":\"member\",\"value\":\"{}\"},\"text\":\"n\"}" "$url/control/note"
await "forty at once" '{"status":"ok","position":44,"stitched":44,*'
check "rebuild" "$(post /control/rebuild '' "$token")" '*healthz* 202'
await "rebuilt" '{"status":"ok","position":44,"stitched":44,"lag_ms":0,"rebuild":null,"catalogue":{"hash":*,"activation":0,"activated":null,"next":null}}'
check "undo" "$(post /control/undo '{"origin":"import:xes:none"}' "$token")" '{"position":44} 200'
await "undone" '{"status":"ok","position":45,"stitched":45,"lag_ms":0,"rebuild":null,"catalogue":{"hash":*,"activation":0,"activated":null,"next":null}}'
check "metrics" "$(curl -s -m 10 "$url/metrics" | grep '^touchline_a_controls ')" 'touchline_a_controls 44'

# stop, start, kill, start: the log stands
kill -TERM "$pid"
wait "$pid" || { echo "FAILED clean stop: $?"; failed=1; }
[ ! -e "$dir/data/run/aggregator.json" ] || { echo "FAILED: the run file stayed"; failed=1; }
launch
await "again" '{"status":"ok","position":45,"stitched":45,*'
kill -9 "$pid"
wait "$pid" 2>/dev/null || true
launch
await "after kill -9" '{"status":"ok","position":45,"stitched":45,*'
check "token stays" "$(cat "$dir/data/run/token")" "$token"
kill -TERM "$pid"
wait "$pid" || { echo "FAILED clean stop: $?"; failed=1; }
pid=
! grep -q 'level=error' "$dir/log" || { echo "FAILED: errors in the log"; cat "$dir/log"; failed=1; }
exit $failed
