#!/usr/bin/env bash
# t_damage.sh BUILD - what happens to a folder behind the programs' back: doctor finds a flipped byte in any database, a lost identity key or lost
# journeys are made good from the log.
set -u
touchline=$1/touchline
work=$(mktemp -d)
. "$(dirname "$0")/accounted.sh"
trap 'rc=$?; accounted "$work" || rc=1; rm -rf "$work"; exit $rc' EXIT
failed=0
fail() { echo "FAILED: $*"; failed=1; }
D=$work/data

awk 'BEGIN { for (i = 0; i < 3000; i++)
    printf "{\"id\":\"e%d\",\"type\":\"t%d\",\"time\":%.0f,\"ids\":{\"member\":\"m%d\",\"email\":\"m%d@example.com\"}}\n", i, i % 7, 1767225600000 + i * 3600000, i % 300, i % 300
}' >"$work/e.ndjson"
"$touchline" import "$work/e.ndjson" --data "$D" 2>/dev/null || fail "import"
"$touchline" doctor --data "$D" >"$work/out" || fail "doctor on a good folder: $(cat "$work/out")"
rows() { "$touchline" export --rows --data "$D" | cksum; }
good=$(rows)

# ---- flip bytes over the whole file: whatever a reader of journeys is refused, doctor tells ----
cp "$D/journeys/journeys.1/data.mdb" "$work/journeys.mdb"
size=$(stat -c %s "$work/journeys.mdb")
told=0 hidden=0
for i in $(seq 24); do
    cp "$work/journeys.mdb" "$D/journeys/journeys.1/data.mdb"
    at=$((8192 + i * (size / 4096 - 2) / 25 * 4096 + 2100 + i * 613 % 1900))      # a page's head and table are LMDB's, which trusts them
    printf '\377\000\377' | dd of="$D/journeys/journeys.1/data.mdb" bs=1 seek=$at conv=notrunc status=none
    if "$touchline" doctor --data "$D" >"$work/out" 2>&1; then
        "$touchline" export --rows --data "$D" 2>/dev/null | cksum >"$work/rows"
        [ "$(cat "$work/rows")" = "$good" ] || hidden=$((hidden + 1))
    else
        told=$((told + 1))
    fi
done
cp "$work/journeys.mdb" "$D/journeys/journeys.1/data.mdb"
[ $told -gt 3 ] || fail "of 24 damaged folders doctor found $told"
[ $hidden = 0 ] || fail "doctor said of $hidden damaged folders that all is well"

# ---- the key is gone: a new one is made, and so are the journeys; nobody is lost or doubled ----
rm "$D/keys/identity.key"
[ "$(rows)" = "$good" ] || fail "a new identity key changes the journeys"
"$touchline" customers --id member:m7 --data "$D" | grep -q ' 10 ' || fail "nobody is found under the new key"

# ---- the journeys are gone, or `current` is ----
rm -r "$D/journeys"
[ "$(rows)" = "$good" ] || fail "lost journeys are not made again"
for text in "" journeys.77 ../../etc; do
    echo "$text" >"$D/journeys/current"
    [ "$(rows)" = "$good" ] || fail "current = '$text' is not mended"
done
[ $failed = 0 ] && echo "flow damage: $told of 24 damaged folders told, none hidden; key and journeys made again"
exit $failed
