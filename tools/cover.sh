#!/usr/bin/env bash
# cover.sh BUILD - line and branch coverage of each source file, from a build with --coverage whose tests have run. Worst first.
set -eu
cd "$(dirname "$0")/.."
build=$1
find "$build" -name '*.gcda' -not -path '*/tests/*' | while read -r data; do
    gcov -b -n -o "$(dirname "$data")" "$data" 2>/dev/null || true      # counts of an older build of that file
done | awk '
    /^File/ { gsub(/\x27/, ""); file = $2 }
    /^Lines executed/ { split($0, a, /[:% ]+/); lines[file] = a[3] }
    /^Taken at least once/ { split($0, a, /[:% ]+/); branches[file] = a[5] }
    END { for (f in lines) if (f !~ /^\/usr/) printf "%6.2f %6.2f  %s\n", branches[f], lines[f], f }' | sort -n | sed '1i branch   line  file'
