#!/usr/bin/env bash
# t_setup.sh BUILD - what the page /setup does, by hand: a file in pieces, imported; a draft checked, compared, published; the version that holds, as files. And a
# viewer that is killed meanwhile: its command ends with it, nothing doubles.
set -u
build=$1
touchline=$build/touchline
work=$(mktemp -d)
data=$work/data
up=
viewer=
end() { [ -n "$1" ] && kill "$1" 2>/dev/null && wait "$1" 2>/dev/null; }
. "$(dirname "$0")/accounted.sh"
trap 'rc=$?; accounted "$work" || rc=1; end "$viewer"; end "$up"; rm -rf "$work"; exit $rc' EXIT
failed=0
fail() { echo "FAILED: $*"; failed=1; }
export TZ=UTC
at() { "$build/flow/json_at" "$1"; }

"$touchline" up --data "$data" --collector.port=0 --aggregator.port=0 --aggregator.bus='tcp://127.0.0.1:*' --viewer.port=0 >"$work/up.log" 2>&1 &
up=$!
for _ in $(seq 600); do grep -q 'page ' "$work/up.log" && break; sleep 0.1; done
page=$(sed -n 's/.*"http":"\([^"]*\)".*/\1/p' "$data/run/viewer.json")
own=(-H "Origin: $page" -H 'Content-Type: application/json')
ask() { curl -s --max-time 60 "$page$1"; }
post() { curl -s --max-time 60 "${own[@]}" "$page$1" -d "$2"; }
status() { curl -s -o /dev/null -w '%{http_code}' --max-time 60 "$@"; }
await() { # state: waits for the command to come there
    local state
    for _ in $(seq 600); do
        state=$(ask /api/setup | at .chore.state 2>/dev/null)
        [ "$state" = "$1" ] && return 0
        [ "$state" = runs ] || break
        sleep 0.1
    done
    fail "the command is $state, not $1: $(ask /api/setup | at .chore.said)"
}

# 300 tickets, five steps each
for c in $(seq 300); do
    for s in opened looked asked answered closed; do
        echo "$c,$s,2024-03-$(printf '%02d' $((c % 28 + 1))) 0$((${#s} % 8)):00:0$((${#s} % 6))"
    done
done >"$work/rows"
{ echo 'case id,activity,timestamp'; cat "$work/rows"; } >"$work/tickets.csv"
bytes=$(stat -c %s "$work/tickets.csv")
head -c 10000 "$work/tickets.csv" >"$work/1"
tail -c +10001 "$work/tickets.csv" >"$work/2"
piece() { curl -s --max-time 60 -H "Origin: $page" -H 'Content-Type: application/octet-stream' "$page/api/setup/file?id=abcdefgh&name=tickets.csv&bytes=$bytes&at=$1" --data-binary "@$2" | at .have; }
[ "$(ask /api/setup | at .chore)" = null ] || fail "a command before any"
[ "$(piece 0 "$work/1")" = 10000 ] || fail "first piece"
[ "$(piece 0 "$work/1")" = 10000 ] || fail "the same piece again"
[ "$(piece 10000 "$work/2")" = "$bytes" ] || fail "second piece"
post /api/setup/import '{"id":"abcdefgh"}' >/dev/null
await done
[ "$(ask /api/setup | at .chore.answer.accepted)" = 1500 ] || fail "accepted: $(ask /api/setup)"
[ "$(ask /api/setup | at .events)" = 1500 ] || fail "events"
[ "$(ask /api/setup | at .file)" = null ] || fail "an imported file stays"
[ -z "$(ls "$data/setup/file")" ] || fail "an imported file lies there"

# the draft of the viewer is a catalogue; a mistake is told with its line
ask /api/suggest >"$work/suggest"
"$touchline" suggest --data "$data" --out "$work/draft" >/dev/null || fail "suggest"
body() { # folder -> {"files": [...]}
    "$touchline" check "$1" --json >/dev/null || true
    sed -n 's/.*\("files":\[.*\]\).*/{\1}/p' "$work/suggest"
}
body "$work/draft" >"$work/body"
[ "$(curl -s "${own[@]}" "$page/api/setup/check" -d "@$work/body" | at .mistakes)" = 0 ] || fail "the draft has mistakes"
wrong='{"files":[{"name":"a.json","text":"{\"touchpoints\":[\n{\"id\":\"x\",\"channel\":\"pigeon\"}]}"}]}'
[ "$(post /api/setup/check "$wrong" | at .mistakes)" = 1 ] || fail "a mistake is not told: $(post /api/setup/check "$wrong")"
[ "$(post /api/setup/check "$wrong" | at .notes[0].line)" = 2 ] || fail "its line"
[ "$(post /api/setup/diff "$wrong" | at .error.code)" = TL_EINVAL ] || fail "a wrong draft is compared: $(post /api/setup/diff "$wrong")"
[ "$(post /api/control/catalogue "$wrong" | at .error.code)" = TL_EINVAL ] || fail "a wrong draft is published"

# what it would change; one command at a time; then it holds
curl -s "${own[@]}" "$page/api/setup/diff" -d "@$work/body" >/dev/null
await done
[ "$(ask /api/setup | at .chore.what)" = diff ] || fail "what: $(ask /api/setup | at .chore.what)"
ask /api/setup | at .chore.answer.types[0].journey >/dev/null || fail "no answer of the comparison"
[ -z "$(find "$data" -maxdepth 1 -name 'scratch.*')" ] || fail "the comparison leaves a folder"
position=$(curl -s "${own[@]}" "$page/api/control/catalogue" -d "@$work/body" | at .position)
[ "${position:-0}" -gt 0 ] || fail "published at '$position'"
for _ in $(seq 600); do [ "$(ask /api/about | at .catalogue.position)" = "$position" ] && break; sleep 0.1; done
[ "$(ask /api/about | at .catalogue.position)" = "$position" ] || fail "not in force"
[ "$(curl -s "${own[@]}" "$page/api/control/catalogue" -d "@$work/body" | at .same)" = true ] || fail "the same version is published twice"
"$touchline" catalogue --data "$data" --out "$work/live" >"$work/told" || fail "touchline catalogue"
grep -q "$(ask /api/about | at .catalogue.hash)" "$work/told" || fail "which version: $(cat "$work/told")"
diff -r "$work/draft" "$work/live" || fail "the files that hold are not those published"
"$touchline" catalogue --data "$data" --out "$work/live" 2>/dev/null && fail "files are written over"

# limits, and whose page it is
head -c 20000 /dev/zero | tr '\0' x >"$work/large"
{ printf '{"id":{"kind":"member","value":"m"},"text":"'; cat "$work/large"; printf '"}'; } >"$work/note"
[ "$(status "${own[@]}" "$page/api/control/note" -d "@$work/note")" = 413 ] || fail "a note of 20 KB"
head -c 5000000 /dev/zero | tr '\0' x >"$work/larger"
[ "$(status "${own[@]}" "$page/api/setup/check" --data-binary "@$work/larger")" = 413 ] || fail "a catalogue of 5 MB"
head -c 1100000 /dev/zero >"$work/piece"
[ "$(status -H "Origin: $page" "$page/api/setup/file?id=ijklmnop&name=x&bytes=2000000&at=0" --data-binary "@$work/piece")" = 413 ] || fail "a piece of 1.1 MB"
[ "$(status -H 'Content-Type: application/json' "$page/api/setup/stop" -d '{}')" = 403 ] || fail "nobody's page"
[ "$(status "${own[@]}" "$page/api/setup/undo" -d '{"origin":"--data"}')" = 400 ] || fail "an origin that is an option"

# a viewer of its own is killed while it imports: the command ends with it; imported again nothing doubles
"$build/touchline-viewer" --data "$work/other" --viewer.port=0 2>"$work/viewer.log" &
viewer=$!
for _ in $(seq 600); do page=$(sed -n 's/.*"http":"\([^"]*\)".*/\1/p' "$work/other/run/viewer.json" 2>/dev/null); [ -n "$page" ] && break; sleep 0.1; done
own=(-H "Origin: $page" -H 'Content-Type: application/json')
[ "$(ask /api/catalogue | at .files)" = '[]' ] || fail "files of an empty store: $(ask /api/catalogue)"
piece 0 "$work/tickets.csv" >/dev/null
post /api/setup/import '{"id":"abcdefgh"}' >/dev/null
child=
for _ in $(seq 300); do child=$(ps -o pid= --ppid "$viewer" | head -n 1 | tr -d ' '); [ -n "$child" ] && break; sleep 0.02; done
kill -9 "$viewer"
wait "$viewer" 2>/dev/null
viewer=
for _ in $(seq 600); do [ -n "$child" ] && kill -0 "$child" 2>/dev/null || break; sleep 0.1; done
[ -n "$child" ] && kill -0 "$child" 2>/dev/null && fail "the import goes on without its viewer"
"$touchline" import "$work/tickets.csv" --data "$work/other" >"$work/again" 2>&1 || fail "import again: $(cat "$work/again")"
[ "$("$touchline" map --data "$work/other" --json | at .steps)" = 1500 ] || fail "after the kill: $("$touchline" map --data "$work/other" --json | at .steps) steps"
exit $failed
