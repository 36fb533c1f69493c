/* spool_kit.h - a spool over the disk in memory, and what was appended to it, told again from its number. For the tests of the spool. */
#ifndef SPOOL_KIT_H
#define SPOOL_KIT_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../collector/spool.h"
#include "../sim/sim_io_part.c"
#include "tl_hash.h"
#include "tl_logfmt.h"
#include "tl_wire.h"

#define MODEL_MAX 4096

/* What was appended, told again from its number: nothing is kept to compare with but the length and a salt. */
struct world {
    struct sim_io *disk;
    struct sim_clock clock;
    struct sim_rand rand;
    struct spool *spool;
    struct spool_cfg cfg;
    uint64_t salt[MODEL_MAX];
    uint32_t len[MODEL_MAX];
    uint64_t appended, synced, resumed;
    struct tl_err err;              /* of the last call that failed */
};

static void
make_payload(struct tl_buf *b, uint64_t salt, uint32_t len)
{
    struct sim_rand r;
    sim_rand_init(&r, salt);
    tl_buf_reserve(b, len + sizeof r);
    tl_wire_begin(b, TL_KIND_EVENTS);
    while (b->len < len && !b->failed) {
        uint64_t noise = sim_rand_next(&r);
        tl_buf_put(b, &noise, len - b->len < sizeof noise ? len - b->len : sizeof noise);
    }
    tl_wire_end(b, 1);
}

static void
world_init(struct world *w, uint64_t seed)
{
    memset(w, 0, sizeof *w);
    w->disk = sim_io_new(seed);
    sim_clock_init(&w->clock);
    sim_rand_init(&w->rand, seed ^ 77);
    w->cfg = (struct spool_cfg){ .dir = "/d/spool", .max_bytes = 4u << 20, .segment_bytes = SPOOL_SEGMENT_BYTES_MIN, .keep_s = 1000 };
}

static int
world_open(struct world *w)
{
    return spool_open(&w->spool, &w->cfg, sim_io_port(w->disk), &w->clock.port, &w->rand.port, &w->err);
}

/* A process that ends without a word: memory goes, the disk keeps what it would. */
static void
world_kill(struct world *w, bool power)
{
    sim_io_fail_at(w->disk, 0, 0, false);
    if (w->spool) {
        sim_io_fail_at(w->disk, 1, -EIO, true);     /* its farewell must not reach the disk */
        spool_close(&w->spool);
        sim_io_fail_at(w->disk, 0, 0, false);
    }
    if (power)
        sim_io_power_cut(w->disk);
    else
        sim_io_kill(w->disk);
}

static void
world_free(struct world *w)
{
    sim_io_fail_at(w->disk, 0, 0, false);
    spool_close(&w->spool);
    sim_io_free(&w->disk);
}

static int
world_append(struct world *w, uint32_t len)
{
    struct tl_buf b = { 0 };
    uint64_t seq = 0, salt = sim_rand_next(&w->rand);
    make_payload(&b, salt, len);
    int rc = b.failed ? TL_ENOMEM : spool_append(w->spool, (struct tl_str){ (char *)b.data, b.len }, &seq, &w->err);
    if (rc == 0) {
        assert_true(seq < MODEL_MAX);
        w->appended = seq;
        w->salt[seq] = salt;
        w->len[seq] = (uint32_t)b.len;
    }
    tl_buf_free(&b);
    return rc;
}

static int
world_sync(struct world *w)
{
    uint64_t durable = 0;
    int rc = spool_sync(w->spool, &durable, &w->err);
    if (rc == 0) {
        assert_int_equal(durable, w->appended > w->resumed ? w->appended : w->resumed);
        w->synced = durable;
    }
    return rc;
}

/* 1 equal, 0 a substitute, else fails */
static int
world_read(struct world *w, uint64_t seq)
{
    struct tl_buf got = { 0 }, want = { 0 };
    struct tl_err err = { 0 };
    struct tl_refused r;
    int kind = 0;
    uint32_t n = 0;
    if (spool_read(w->spool, seq, &got, &err) != 0)
        fail_msg("record %llu: %s", (unsigned long long)seq, err.text);
    make_payload(&want, w->salt[seq], w->len[seq]);
    int same = want.len == got.len && memcmp(want.data, got.data, got.len) == 0;
    if (!same) {
        struct tl_cur c = tl_cur_of(got.data, got.len);
        assert_int_equal(tl_wire_open(&c, &kind, &n), 0);
        assert_int_equal(kind, TL_KIND_QUARANTINE);
        assert_int_equal(n, 1);
        assert_int_equal(tl_wire_next_refused(&c, &r), 0);
        assert_true(tl_str_is(r.reason, "spool_damaged"));
        assert_int_equal(tl_cur_left(&c), 0);
    }
    tl_buf_free(&got);
    tl_buf_free(&want);
    return same;
}

static void
check_all_synced(struct world *w)
{
    assert_true(spool_durable(w->spool) >= w->synced);
    assert_true(spool_durable(w->spool) <= w->appended || w->appended == 0);
    for (uint64_t seq = spool_first(w->spool); seq <= spool_durable(w->spool); seq++)
        if (!world_read(w, seq))
            fail_msg("record %llu was synced and is gone", (unsigned long long)seq);
    struct spool_stats st;
    spool_stats(w->spool, &st);
    assert_int_equal(st.bad_records_n, 0);
}

/* After a recovery the next number follows what was found, and that is what counts from now on. */
static void
resume(struct world *w)
{
    w->appended = w->synced = w->resumed = spool_durable(w->spool);
}

#endif
