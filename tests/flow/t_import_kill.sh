#!/usr/bin/env bash
# t_import_kill.sh BUILD - kill -9 of the collector, the aggregator and the importing command in the middle of an import; the import goes on, or is
# started again; in the end the rows and the map are those of an import that nothing disturbed, to the byte.
set -u
B=$1
D=$(mktemp -d "${TMPDIR:-/tmp}/ikill.XXXXXX")
. "$(dirname "$0")/accounted.sh"
trap 'rc=$?; accounted "$D" || rc=1; kill -9 $(jobs -p) 2>/dev/null; wait 2>/dev/null; rm -rf "$D"; exit $rc' EXIT
fail() { echo "FAILED: $*"; exit 1; }
pid_of() { sed -n 's/.*"pid":\([0-9]*\).*/\1/p' "$1/run/$2.json" 2>/dev/null; }
answers() { # folder, prefix
    "$B/touchline" export --rows --data "$1" --out "$2.rows" || fail "export --rows"
    "$B/touchline" map --data "$1" --journey all --lifecycle all --as-of 2026-03-05T00:00:00Z --json >"$2.map" || fail map
}

"$B/touchline" simulate --customers 3000 --days 56 --until 2026-03-02 --out "$D/all.ndjson" >/dev/null || fail simulate
"$B/touchline" import "$D/all.ndjson" --run r --data "$D/calm" >"$D/out" 2>&1 || { cat "$D/out"; fail "undisturbed import"; }
mkdir -p "$D/storm/keys"
cp "$D/calm/keys/identity.key" "$D/storm/keys/"
answers "$D/calm" "$D/a"

# A collector that answered the first look and is gone at the second: its command was killed, and it went after it. The import starts its own.
mkdir -p "$D/leaving/keys"
cp "$D/calm/keys/identity.key" "$D/leaving/keys/"
"$B/touchline-collector" --data "$D/leaving" --collector.port=0 >"$D/leaving.log" 2>&1 &
leaving=$!
for _ in $(seq 200); do [ -n "$(pid_of "$D/leaving" collector)" ] && break; sleep 0.02; done
kill -STOP $leaving
"$B/touchline" import "$D/all.ndjson" --run r --data "$D/leaving" >"$D/out" 2>&1 &
importer=$!
for _ in $(seq 200); do [ -n "$(pid_of "$D/leaving" aggregator)" ] && break; sleep 0.02; done
sleep 0.2
kill -9 $leaving
wait $importer || { tail -5 "$D/out"; fail "the import beside a leaving collector did not finish"; }
answers "$D/leaving" "$D/l"
cmp "$D/a.rows" "$D/l.rows" || fail "rows differ beside a leaving collector"

# One round: an import begins; the collector, the aggregator and, but for the last round, the command itself are killed after a moment. A fast machine
# may finish first: rounds go on until enough kills have hit.
kills=0
for round in $(seq 20); do
    last=$([ $kills -ge 8 ] && echo yes || echo no)
    "$B/touchline" import "$D/all.ndjson" --run r --data "$D/storm" >"$D/out$round" 2>&1 &
    importer=$!
    for victim in collector aggregator; do
        pid=
        for _ in $(seq 40); do
            pid=$(pid_of "$D/storm" $victim)
            [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null && break
            sleep 0.02
        done
        sleep 0.0$((1 + round % 9))
        [ -n "$pid" ] && kill -9 "$pid" 2>/dev/null && kills=$((kills + 1))
    done
    if [ "$last" = yes ]; then
        wait $importer || { tail -5 "$D/out$round"; fail "the last import did not finish"; }
        break
    fi
    sleep 0.0$((1 + round % 9))
    kill -9 $importer 2>/dev/null && kills=$((kills + 1))
    wait $importer 2>/dev/null
done
"$B/touchline" import "$D/all.ndjson" --run r --data "$D/storm" >"$D/out" 2>&1 || { cat "$D/out"; fail "import after the storm"; }
answers "$D/storm" "$D/b"
cmp "$D/a.rows" "$D/b.rows" || fail "rows differ"
cmp "$D/a.map" "$D/b.map" || fail "maps differ"
"$B/touchline" rebuild --data "$D/storm" >"$D/out" 2>&1 || { cat "$D/out"; fail rebuild; }
answers "$D/storm" "$D/c"
cmp "$D/a.rows" "$D/c.rows" || fail "rows differ after a rebuild"
[ $kills -ge 6 ] || fail "only $kills kills hit"
echo "$kills kills; $(wc -l <"$D/a.rows") rows are the same, rebuilt too"
