#!/usr/bin/env bash
# t_sdk_c.sh BUILD - the C SDK as it is installed: from C and from C++, what it needs and what can be seen of it, the manual against the header, the till with
# a collector that is killed under it, and how much room it takes.
set -u
. "$(dirname "$0")/collector_part.sh"
root=$(cd "$(dirname "$0")/../.." && pwd)
header=$root/include/touchline.h manual=$root/collector/sdk/c/touchline.3
command -v g++ >/dev/null || { echo "g++ is not installed"; exit 77; }

# ---- what can be seen ----
same "what can be seen" "$(nm -g --defined-only "$B/libtouchline.a" | awk 'NF == 3 { print $3 }' | sort)" \
    "$(grep -oE '^[a-z].*\btouchline_[a-z]+\(' "$header" | grep -oE 'touchline_[a-z]+\($' | tr -d '(' | sort)"
mkdir -p "$T/prefix/include" "$T/prefix/lib"
cp "$header" "$T/prefix/include/"; cp "$B/libtouchline.a" "$T/prefix/lib/"
flags="-Wall -Wextra -Wpedantic -Werror -I$T/prefix/include"
san=$(nm "$B/libtouchline.a" | grep -q __asan_init && echo -fsanitize=address,undefined)
g++ -std=c++17 $flags $san -o "$T/use" "$root/tests/flow/sdk_use.cc" -L"$T/prefix/lib" -ltouchline -lcurl -lpthread || bad "does not compile as C++"
for std in c99 c11 c17; do
    gcc -std=$std $flags $san -o "$T/till" "$root/collector/sdk/c/examples/till.c" -L"$T/prefix/lib" -ltouchline -lcurl -lpthread || bad "the till does not compile as $std"
done

# ---- the manual says what the header says ----
names() { grep -oE '\btouchline_[a-z]+\b|\bTOUCHLINE_[A-Z]+\b' "$1" | grep -v TOUCHLINE_H | sort -u; }
same "the manual's names are the header's" "$(names "$manual")" "$(names "$header")"
fields() { # of a struct of the header
    sed -n "/^struct $1 {/,/^};/p" "$header" | sed '1d;$d;s|/\*.*||' | tr -d '*;' | sed 's/const char//;s/unsigned long//;s/size_t//;s/\bint\b//' | tr ',' '\n' | tr -d ' ' | grep .
}
for s in touchline_options touchline_event touchline_stats; do
    [ "$(fields $s | wc -l)" -ge 6 ] || bad "$s: its members were not found"
    for f in $(fields $s); do
        grep -qw -- "$f" "$manual" || bad "the manual has no $s.$f"
    done
done
for call in $(grep -oE '^(int|void|struct touchline \*)[ ]?touchline_[a-z]+\(.*\);' "$header" | tr -d '\n' | sed 's/;/;\n/g' | tr ' ' '~'); do
    want=$(echo "$call" | tr '~' ' ')
    sed -n '/SYNOPSIS/,/\.fi/p' "$manual" | sed 's/^\.BI //; s/"//g' | tr -d ' ' | grep -qF "$(echo "$want" | tr -d ' ')" || bad "the manual's synopsis differs from: $want"
done
if command -v groff >/dev/null; then
    said=$(groff -man -Tutf8 -ww "$manual" 2>&1 >/dev/null)
    same "groff" "$said" ""
fi

# ---- the till, and a collector that dies under it ----
start_collector "$T/data" --collector.threads 1
port=${U##*:}
"$T/till" "$U" m1 >"$T/out" || bad "the till: $(cat "$T/out")"
same "the till" "$(cat "$T/out")" "sent 4, waiting 0, quarantined 0, last answer 202"
kill -9 $PID; wait $PID 2>/dev/null
"$T/use" "$U" "$T/queue" 2000 >"$T/out" 2>&1 &
use=$!
for n in $(seq 200); do
    waiting=$(tail -n +2 "$T/queue" 2>/dev/null | wc -l)
    [ "$waiting" = 2001 ] && break
    sleep 0.05
done
kill -9 $use; wait $use 2>/dev/null
[ "$waiting" = 2001 ] || bad "2001 lines wait in the file, not $waiting"
"$T/use" "$U" "$T/queue" 500 >"$T/out" 2>&1 &
use=$!
"$B/touchline-collector" --data "$T/data" --collector.port "$port" 2>>"$T/log" &
PIDS="$PIDS $!"
wait $use || bad "the second start: $(cat "$T/out")"
same "all that was said" "$(cat "$T/out")" "sent 2502"
same "all that arrived" "$(counter c_events_accepted)" 2502

# ---- its size ----
if [ -z "$san" ]; then
    text=$(size -t "$B/libtouchline.a" | awk 'END { print $1 }')
    say "text and constants $text bytes"
    [ "$text" -lt 60000 ] || bad "libtouchline.a has grown to $text bytes"
fi
[ ! -e "$T/failed" ] && say ok
