#!/usr/bin/env bash
# t_kill_import.sh BUILD [SECONDS] - collector and aggregator are killed while a file is imported: the import finishes, and the store holds what an
# undisturbed import of the same file makes, to the byte of the canonical rows; so does a rebuild, and importing the file once more changes nothing.
set -eu
build=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

awk 'BEGIN {
    srand(7)
    for (i = 0; i < 120000; i++) {
        who = int(rand() * 9000)
        day = int(rand() * 28) + 1
        printf "{\"id\":\"e%d\",\"type\":\"step.%d\",\"channel\":\"%s\",\"time\":\"2024-03-%02dT%02d:%02d:%02d+08:00\",\"ids\":{\"member\":\"m%d\"},\"props\":{\"n\":%d}}\n",
            i, rand() * 12, rand() < .5 ? "app" : "store", day, rand() * 24, rand() * 60, rand() * 60, who, i
    }
}' >"$dir/run.ndjson"

rows() { # data, name
    "$build/touchline" export --rows --data "$1" --out "$dir/$2.rows" 2>>"$dir/log"
}
hit() { # program: kill the one that runs now
    local pid
    pid=$(sed -n 's/.*"pid":\([0-9]*\).*/\1/p' "$dir/killed/run/$1.json" 2>/dev/null) || return 0
    [ -n "$pid" ] && kill -9 "$pid" 2>/dev/null && kills=$((kills + 1))
    return 0
}

"$build/touchline" import "$dir/run.ndjson" --data "$dir/calm" 2>>"$dir/log" >>"$dir/log"
rows "$dir/calm" calm

kills=0
"$build/touchline" import "$dir/run.ndjson" --data "$dir/killed" >"$dir/import" 2>&1 &
import=$!
while kill -0 $import 2>/dev/null && [ "$kills" -lt 12 ]; do
    sleep "0.$((RANDOM % 30 + 10))"
    [ $((RANDOM % 3)) = 0 ] || hit collector
    [ $((RANDOM % 3)) = 0 ] || hit aggregator
done
if ! wait $import; then
    echo "FAILED: the import did not finish"
    tail -n 20 "$dir/import"
    exit 1
fi
rows "$dir/killed" killed
"$build/touchline" rebuild --data "$dir/killed" >>"$dir/log" 2>&1
rows "$dir/killed" rebuilt
"$build/touchline" import "$dir/run.ndjson" --data "$dir/killed" >>"$dir/log" 2>&1
rows "$dir/killed" again

[ -s "$dir/calm.rows" ] || { echo "FAILED: no rows"; tail "$dir/log"; exit 1; }
failed=0
for name in killed rebuilt again; do
    cmp "$dir/calm.rows" "$dir/$name.rows" || { echo "FAILED: $name differs"; failed=1; }
done
[ "$kills" -gt 2 ] || { echo "FAILED: only $kills kills"; failed=1; }
echo "$kills kills, $(wc -l <"$dir/calm.rows") rows"
exit $failed
