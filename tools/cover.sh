#!/usr/bin/env bash
# cover.sh BUILD - line and branch coverage of each source file, from a build with --coverage whose tests have run, worst first; then the five parts that
# carry the promise, spool, transport, intake, codec and stitch. Exit 1 when less than 90 % of the branches of one of them were taken.
set -eu
cd "$(dirname "$0")/.."
build=$1
find "$build" -name '*.gcda' -not -path '*/tests/*' -not -path '*/sdk/*' | while read -r data; do
    gcov -b -n -o "$(dirname "$data")" "$data" 2>/dev/null || true      # counts of an older build of that file
done | awk '
    /^File/ { gsub(/\x27/, ""); file = $2 }
    /^Lines executed/ { split($0, a, /[:% ]+/); lines[file] = a[3] }
    /^Taken at least once/ { split($0, a, /[:% ]+/); if (a[7] + 0 > n[file] + 0 || (a[7] == n[file] && a[5] > taken[file])) { taken[file] = a[5]; n[file] = a[7] } }
    function part_of(f) {
        if (f ~ /^collector\/spool/) return "spool"
        if (f ~ /^collector\/(link|send)|^lib\/tl_(wire|bus|keys_peer)|^aggregator\/(receive|intake_peers)/) return "transport"
        if (f ~ /^collector\/(receive|body|envelope|answer|commit|publish|gate|limit|access|admit)\.c|^aggregator\/(intake|keep|control)|^lib\/tl_eventlog/) return "intake"
        if (f ~ /^lib\/tl_(event|block|pack|rows|canon|json|facts)/ && f !~ /eventlog/) return "codec"
        if (f ~ /^aggregator\/(stitch|gather|weave|identify|facts|follow)|^lib\/tl_(order|identity|store_write)/) return "stitch"
        return ""
    }
    END {
        print "branch   line  part      file"
        fflush()
        for (f in lines) {
            if (f ~ /^\/usr/) continue
            p = part_of(f)
            printf "%6.2f %6.2f  %-9s %s\n", taken[f], lines[f], p, f | "sort -n"
            if (p != "") { sum[p] += taken[f] * n[f] / 100; all[p] += n[f] }
        }
        close("sort -n")
        for (p in all) { printf "%-9s %5.1f %% of %d branches taken\n", p, 100 * sum[p] / all[p], all[p]; low += sum[p] < 0.9 * all[p] }
        exit low > 0
    }'
