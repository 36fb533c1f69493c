#!/bin/sh
# lint.sh - rules of the house that the compiler does not know. Prints what is wrong and where; exit 1 if anything is.
set -u
cd "$(dirname "$0")/.."
bad=0
say() { echo "lint: $*"; bad=1; }

# a third-party header is included by exactly one file
one() { # header, file
    for f in $(grep -lE "#include [<\"]$1[>\"]" lib/* collector/*.c collector/*/*.c collector/sdk/c/* aggregator/* viewer/*.c viewer/analysis/* cli/* 2>/dev/null); do
        [ "$f" = "$2" ] || say "$f includes $1, which belongs to $2"
    done
}
one zmq.h lib/tl_bus.c
one lmdb.h lib/tl_db.c
one msgpack.h lib/tl_pack.c
one microhttpd.h lib/tl_http.c
one simdjson.h lib/tl_json.cc
one sodium.h lib/tl_hash.c
one zlib.h lib/tl_gzip.c
one zstd.h lib/tl_zstd.c
one curl/curl.h lib/tl_fetch.c
one roaring/roaring.h lib/tl_bitmap.c
one expat.h lib/tl_import_xes.c
one qrencode.h lib/tl_qr.c

# programs never include each other, analysis sees no I/O
for p in collector aggregator viewer cli; do
    for q in collector aggregator viewer cli; do
        [ $p = $q ] && continue
        grep -nE "#include \"(\.\./)*$q/" $p/*.[ch] 2>/dev/null | sed "s|^|lint: $p includes $q: |" | grep . && bad=1
    done
done
for h in tl_db.h tl_store.h tl_http.h tl_port.h tl_eventlog.h; do
    grep -ln "\"$h\"" viewer/analysis/* 2>/dev/null | sed "s|^|lint: analysis is pure, but includes $h: |" | grep . && bad=1
done

# stages never include each other: only main.c includes two stages of one program
stages() { # program, stages...
    prog=$1; shift
    for s in "$@"; do
        for t in "$@"; do
            [ "$s" = "$t" ] || { [ -f "$prog/$s.c" ] && grep -q "#include \"$t.h\"" "$prog/$s.c" && say "$prog/$s.c includes the stage $t"; }
        done
    done
}
stages collector receive admit spool publish
stages aggregator intake control identify stitch
stages viewer routes fold render

# nothing of this kind belongs in the product
grep -rnE '(TODO|FIXME|XXX|HACK)' --include=*.c --include=*.h --include=*.cc --include=*.js --include=*.sh lib include collector aggregator viewer cli tools 2>/dev/null | grep -v tools/lint.sh | sed 's/^/lint: unfinished: /' | grep . && bad=1
grep -rnP '[ \t]+$' --include=*.c --include=*.h --include=*.cc lib include collector aggregator viewer cli 2>/dev/null | sed 's/^/lint: blank at line end: /' | head -20 | grep . && bad=1

[ $bad = 0 ] && echo "lint: clean"
exit $bad
