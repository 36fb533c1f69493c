#!/usr/bin/env bash
# mutants.sh BUILD - the proofs have teeth: each promise is broken on purpose, in a copy of the source, and the proof that guards it must fail. A mutant
# that nothing catches, or whose line is no longer in the source, is a failure of this test.
set -u
cd "$(dirname "$0")/../.."
build=$1
work=$(mktemp -d "${TMPDIR:-/tmp}/mutants.XXXXXX")
trap 'rm -rf "$work"' EXIT
git ls-files -z | xargs -0 cp --parents -p -t "$work"
cp -a "$build" "$work/build"
missed=0

# mutant NAME FILE SED PROOF...: the change of FILE, and what must fail with it
mutant() {
    local name=$1 file=$2 change=$3
    shift 3
    cp -p "$work/$file" "$work/kept"
    sed -i -e "$change" "$work/$file"
    touch "$work/$file"
    if cmp -s "$work/kept" "$work/$file"; then
        echo "GONE    $name: its line is not in $file"
        missed=$((missed + 1))
    elif ! make -s -C "$work" -j"$(nproc)" all sim flow fault >"$work/made" 2>&1; then
        echo "BROKEN  $name does not compile"
        tail -n 5 "$work/made"
        missed=$((missed + 1))
    elif (cd "$work" && "$@") >"$work/said" 2>&1; then
        echo "MISSED  $name: nothing failed in: $*"
        missed=$((missed + 1))
    else
        printf 'caught  %-22s %s\n' "$name" "$(grep -v '^seed\| received = ' "$work/said" | tail -n 1 | cut -c 1-200)"
    fi
    cp -p "$work/kept" "$work/$file"
    touch "$work/$file"
}

kills() { bash tests/flow/t_kill.sh "$PWD/build" "${1:-24}"; }
seeds() { build/sim/sim 1 200; }
disk() { # TARGET...: power cuts, as disk.sh makes them
    local t
    mkdir -p disk
    for t in "$@"; do build/fault/disk_drive cuts "$t" build/fault/disk.so "$PWD/disk" 60 7 || return 1; done
}
unit() { make -s "build/unit/$1" && "build/unit/$1"; }
flow() { bash "tests/flow/$1.sh" "$PWD/build"; }

# ---- nothing acknowledged is lost ----
mutant ack-before-spool collector/commit.c \
    's/^    size_t written_n = append_all(c, r, &err);/    answer_round(c, r, r->records_n, \&err);\n    c->cfg.mono_us(c->cfg.arg);\n    for (int64_t t = c->cfg.mono_us(c->cfg.arg); c->cfg.mono_us(c->cfg.arg) < t + 20000;) {}\n    size_t written_n = append_all(c, r, \&err);/; s/^    answer_round(c, r, written_n, &err);/    (void)written_n;/' \
    kills 24
mutant ack-before-log-commit aggregator/intake.c \
    's/^        p->pending = h->seq;/    {\n        uint64_t was = p->committed;\n        p->pending = p->committed = h->seq;\n        say(in, p, TL_ACK);\n        p->committed = was;\n    }/' \
    seeds
mutant no-fdatasync lib/tl_port.c 's/return OR_ERRNO(fdatasync(fd));/(void)fd;\n    return 0;/' disk spool
mutant log-without-sync lib/tl_db.c 's/MDB_NORDAHEAD | MDB_NOTLS | more;/MDB_NORDAHEAD | MDB_NOTLS | MDB_NOSYNC | more;/' disk log
mutant spool-without-crc collector/spool_segment.c 's/^    if (record_crc(.*) != h->crc)/    if (false)/' disk spool

# ---- nothing is counted twice ----
mutant no-sequence-check aggregator/intake.c 's/^    if (h->seq <= p->pending) {/    if (false) {/' seeds
mutant gaps-skipped aggregator/intake.c 's/h->seq > p->pending + 1 || tl_wire_check_batch/tl_wire_check_batch/' seeds
mutant no-dedup aggregator/gather.c 's/^        if (k->event\[at\].id_hash != e->id_hash)/        if (true)/' kills 24

# ---- nothing is believed that was not checked ----
mutant values-without-crc lib/tl_db.c 's/!= stored)/!= stored \&\& k->mv_size == 0)/' flow t_damage
mutant batch-crc-ignored lib/tl_wire.c 's/return tl_crc32c(0, f2, n) == h->crc ? 0 : TL_ECORRUPT;/(void)f2, (void)n, (void)h;\n    return 0;/' unit t_wire
mutant watermark-ignored viewer/analysis/known.c 's/known_until(r, c->place) < c->due_ms ?/known_until(r, c->place) < c->due_ms - INT64_C(1000000000000) ?/' flow t_watermark
mutant watermark-no-alert aggregator/watch.c 's/\*until_ms = rc == 0 ? m.until_ms : TL_TIME_NONE;/*until_ms = ALERTS_EVER;/' flow t_alerts

[ $missed = 0 ] || echo "$missed not caught"
[ $missed = 0 ]
