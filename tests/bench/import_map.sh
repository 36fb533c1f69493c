#!/usr/bin/env bash
# import_map.sh BUILD [FILE] - from a file to the map: wall time of `import` and of `map --json` on an empty folder, and the most anonymous memory that
# the command and its programs held together (looked at 50 times a second). Medians of 5. Without FILE: bpic2012.xes.gz beside the project, else a
# table of the same size, made here.
set -u
build=$1 file=${2:-${REAL_LOGS:-../shared/data}/bpic2012.xes.gz}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ ! -f "$file" ]; then
    file=$work/made.csv
    awk 'BEGIN { print "case_id,activity,timestamp,agent"
                 for (c = 0; c < 13100; c++) for (s = 0; s < 20; s++) print c ",step " (s * (1 + c % 7)) % 24 "," 1767225600 + c * 61 + s * 1800 ",A" c % 60 }' >"$file"
fi
anonymous() { # pid: KB of it and its children
    local sum=0 kb p
    for p in "$1" $(pgrep -P "$1"); do
        kb=$(awk '/^RssAnon/ { print $2 }' "/proc/$p/status" 2>/dev/null)
        sum=$((sum + ${kb:-0}))
    done
    echo "$sum"
}
timed() { # output file, command...: sets ms and most
    local began now pid kb out=$1
    shift
    most=0
    began=$(date +%s%N)
    "$@" >"$out" 2>/dev/null &
    pid=$!
    while kill -0 $pid 2>/dev/null; do
        kb=$(anonymous $pid)
        [ "$kb" -gt "$most" ] && most=$kb
        sleep 0.02
    done
    wait $pid || echo "failed: $*" >&2
    now=$(date +%s%N)
    ms=$(((now - began) / 1000000))
}
middle() { sort -n | sed -n 3p; }
for i in 1 2 3 4 5; do
    timed "$work/out" "$build/touchline" import "$file" --data "$work/d$i"
    echo "$ms" >>"$work/import"
    echo "$most" >>"$work/memory"
    timed "$work/map" "$build/touchline" map --journey all --lifecycle all --json --data "$work/d$i"
    echo "$ms" >>"$work/map.ms"
    rm -rf "$work/d$i"
done
printf '%s: %s steps; import %d ms, map %d ms, %d MB anonymous\n' "$(basename "$file")" "$(grep -o '"steps":[0-9]*' "$work/map" | head -n 1 | cut -d: -f2)" \
    "$(middle <"$work/import")" "$(middle <"$work/map.ms")" $(($(middle <"$work/memory") / 1024))
