/* t_spool.c - the spool on a disk that fails, fills, rots and loses power. What was synced must read back, whatever happens. */
#include "spool_kit.h"

#include <pthread.h>
#include <unistd.h>

/* ---- how it is used ---- */

static void
t_example(void **state)
{
    (void)state;
    struct world w;
    uint64_t seq = 0, durable = 0;
    struct tl_buf b = { 0 }, got = { 0 };
    world_init(&w, 1);
    assert_int_equal(world_open(&w), 0);
    assert_int_equal(spool_first(w.spool), 1);
    make_payload(&b, 9, 300);
    assert_int_equal(spool_append(w.spool, (struct tl_str){ (char *)b.data, b.len }, &seq, NULL), 0);
    assert_int_equal(seq, 1);
    assert_int_equal(spool_durable(w.spool), 0);
    assert_int_equal(spool_read(w.spool, 1, &got, NULL), TL_ENOTFOUND);     /* not durable, not to be sent */
    assert_int_equal(spool_sync(w.spool, &durable, NULL), 0);
    assert_int_equal(durable, 1);
    assert_int_equal(spool_read(w.spool, 1, &got, NULL), 0);
    assert_memory_equal(got.data, b.data, b.len);
    struct spool_identity before = spool_identity(w.spool);
    spool_close(&w.spool);
    assert_int_equal(world_open(&w), 0);
    struct spool_identity after = spool_identity(w.spool);
    assert_memory_equal(before.collector, after.collector, 16);
    assert_int_equal(before.epoch, after.epoch);
    assert_int_equal(spool_recovered(w.spool), 1);
    assert_int_equal(spool_append(w.spool, (struct tl_str){ (char *)b.data, b.len }, &seq, NULL), 0);
    assert_int_equal(seq, 2);
    tl_buf_free(&b);
    tl_buf_free(&got);
    world_free(&w);
}

static void
t_rejects(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t n;
        int rc;
    } must_reject[] = {
        { "", 0, TL_EINVAL },
        { "\x01", 1, TL_EINVAL },
        { "\x02" "E\x01x", 4, TL_EINVAL },      /* version */
        { "\x01" "X\x01x", 4, TL_EINVAL },      /* kind */
        { "\x01" "E\x09x", 4, TL_EINVAL },      /* more items than bytes */
    };
    struct world w;
    uint64_t seq = 0;
    world_init(&w, 2);
    assert_int_equal(world_open(&w), 0);
    for (size_t i = 0; i < sizeof must_reject / sizeof *must_reject; i++)
        assert_int_equal(spool_append(w.spool, (struct tl_str){ must_reject[i].bytes, must_reject[i].n }, &seq, NULL), must_reject[i].rc);
    assert_int_equal(world_append(&w, TL_WIRE_BATCH_MAX + 1), TL_ETOOBIG);
    assert_int_equal(world_append(&w, TL_WIRE_BATCH_MAX), 0);               /* larger than a segment: gets one of its own */
    assert_int_equal(world_append(&w, 100), 0);
    assert_int_equal(world_sync(&w), 0);
    check_all_synced(&w);
    struct spool *second = NULL;
    assert_int_equal(spool_open(&second, &w.cfg, sim_io_port(w.disk), &w.clock.port, &w.rand.port, NULL), TL_EBUSY);
    assert_null(second);
    world_free(&w);
}

/* ---- failures of the disk ---- */

/* A life: start, three segments' worth of records, acknowledgements, reads. Stops at the first failure, as the collector would. */
static void
live(struct world *w)
{
    if (world_open(w) != 0)
        return;
    for (int i = 0; i < 14; i++) {
        if (world_append(w, 18000) != 0)
            return;
        if (i % 3 == 2) {
            if (world_sync(w) != 0)
                return;
            w->clock.now_us += 2000000;
            spool_acked(w->spool, w->synced / 2);
            struct tl_buf got = { 0 };
            for (uint64_t seq = 1; seq <= w->synced; seq++)
                spool_read(w->spool, seq, &got, NULL);
            tl_buf_free(&got);
        }
    }
    world_sync(w);
}

static void
fail_every_call(int rc, bool sticky, bool power)
{
    uint64_t k = 1;
    for (bool reached = true; reached; k++) {
        struct world w;
        world_init(&w, k);
        uint64_t before = sim_io_calls(w.disk);
        sim_io_fail_at(w.disk, k, rc, sticky);
        live(&w);
        reached = sim_io_calls(w.disk) - before >= k;
        world_kill(&w, power);
        struct tl_err err = { 0 };
        if (spool_open(&w.spool, &w.cfg, sim_io_port(w.disk), &w.clock.port, &w.rand.port, &err) != 0)
            fail_msg("call %llu: %s", (unsigned long long)k, err.text);
        check_all_synced(&w);
        resume(&w);
        assert_int_equal(world_append(&w, 5000), 0);
        assert_int_equal(world_sync(&w), 0);
        check_all_synced(&w);
        world_free(&w);
    }
    assert_true(k > 60);
}

static void
t_every_call_fails(void **state)
{
    (void)state;
    static const int codes[] = { -EIO, -ENOSPC };
    for (int i = 0; i < 8; i++)
        fail_every_call(codes[i & 1], i & 2, i & 4);
}

/* The same with memory: a failed allocation is an answer, never a crash or a loss. */
static void
t_every_allocation_fails(void **state)
{
    (void)state;
    for (uint64_t k = 1; k < 60; k++) {
        struct world w;
        world_init(&w, k);
        tl_alloc_fail_at(k, false);
        live(&w);
        tl_alloc_fail_at(0, false);
        world_kill(&w, false);
        assert_int_equal(world_open(&w), 0);
        check_all_synced(&w);
        world_free(&w);
    }
}

/* One segment after another, cut at any moment, again and again. Returns how many synced records were lost. */
static uint64_t
cut_often(uint64_t seed, bool lie)
{
    struct world w;
    uint64_t lost = 0;
    world_init(&w, seed);
    for (int life = 0; life < 4; life++) {
        sim_io_lie(w.disk, lie);
        int rc = world_open(&w);
        if (lie && rc != 0) {
            lost = 1;
            break;
        }
        assert_int_equal(rc, 0);
        uint64_t durable = spool_durable(w.spool);
        lost += durable < w.synced ? w.synced - durable : 0;
        for (uint64_t seq = spool_first(w.spool); seq <= durable && lost == 0; seq++)
            lost += !world_read(&w, seq) || seq > w.appended;
        if (lost)
            break;
        resume(&w);
        uint64_t ops = sim_rand_below(&w.rand, 60);
        for (uint64_t i = 0; i < ops; i++) {
            assert_int_equal(world_append(&w, (uint32_t)(20 + sim_rand_below(&w.rand, sim_rand_chance(&w.rand, 100) ? 30000 : 3000))), 0);
            if (sim_rand_chance(&w.rand, 600))
                assert_int_equal(world_sync(&w), 0);
            w.clock.now_us += 400000;
            if (sim_rand_chance(&w.rand, 100))
                spool_acked(w.spool, sim_rand_below(&w.rand, w.synced + 1));
        }
        world_kill(&w, sim_rand_chance(&w.rand, 700));
    }
    world_free(&w);
    return lost;
}

static void
t_power_cuts(void **state)
{
    (void)state;
    uint64_t caught = 0;
    for (uint64_t seed = 1; seed <= 150; seed++)
        assert_int_equal(cut_often(seed, false), 0);
    for (uint64_t seed = 1; seed <= 60; seed++)
        caught += cut_often(seed, true) > 0;
    assert_true(caught > 50);       /* a disk whose syncs do nothing must show */
}

/* A failed sync leaves the cache ahead of the disk. What the next process finds there it must bring to the disk before it counts. */
static void
t_failed_sync(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct world w;
        struct tl_buf got = { 0 };
        world_init(&w, seed);
        assert_int_equal(world_open(&w), 0);
        assert_int_equal(world_append(&w, 3000), 0);
        assert_int_equal(world_sync(&w), 0);
        assert_int_equal(world_append(&w, 3000), 0);
        sim_io_fail_at(w.disk, 1, -EIO, false);
        assert_int_equal(world_sync(&w), TL_EIO);
        assert_true(spool_poisoned(w.spool));
        assert_int_equal(world_sync(&w), TL_EIO);                       /* never tried again */
        assert_int_equal(world_append(&w, 3000), TL_EIO);
        assert_int_equal(spool_read(w.spool, 2, &got, NULL), TL_ENOTFOUND);
        assert_int_equal(world_read(&w, 1), 1);                         /* the reader goes on */
        world_kill(&w, false);
        assert_int_equal(world_open(&w), 0);
        uint64_t found = spool_durable(w.spool);
        w.synced = found;
        world_kill(&w, true);
        assert_int_equal(world_open(&w), 0);
        assert_int_equal(spool_durable(w.spool), found);
        check_all_synced(&w);
        tl_buf_free(&got);
        world_free(&w);
    }
}

/* ---- rot ---- */

/* Which record holds this byte of the file? 0: none (header, padding, rest). Computed from lengths alone. */
static uint64_t
record_at(const struct world *w, uint64_t byte, uint64_t first, uint64_t last)
{
    uint64_t at = 64;
    for (uint64_t seq = first; seq <= last; seq++) {
        uint64_t end = at + 24 + w->len[seq];
        if (byte >= at && byte < end)
            return seq;
        at = (end + 7) / 8 * 8;
    }
    return 0;
}

static void
flip_and_read(struct world *w, const char *path, uint64_t bit, uint64_t first, uint64_t last)
{
    uint64_t hit = record_at(w, bit / 8, first, last);
    sim_io_flip(w->disk, path, bit);
    assert_int_equal(world_open(w), 0);
    assert_int_equal(spool_first(w->spool), 1);
    assert_true(spool_durable(w->spool) >= w->synced);
    for (uint64_t seq = 1; seq <= w->synced; seq++)
        if (world_read(w, seq) != (seq != hit))
            fail_msg("bit %llu of %s: record %llu", (unsigned long long)bit, path, (unsigned long long)seq);
    sim_io_flip(w->disk, path, bit);
    world_kill(w, false);
}

static void
t_bit_flips(void **state)
{
    (void)state;
    struct world w;
    struct sim_rand r;
    world_init(&w, 5);
    sim_rand_init(&r, 5);
    assert_int_equal(world_open(&w), 0);
    for (int i = 0; i < 40; i++)
        assert_int_equal(world_append(&w, 3000 + (uint32_t)i), 0);
    assert_int_equal(world_sync(&w), 0);
    spool_close(&w.spool);
    assert_int_equal(sim_io_file_bytes(w.disk, "/d/spool/0000000000000001.seg"), SPOOL_SEGMENT_BYTES_MIN);
    uint64_t second = 1, at = 64;
    for (; at + 24 + w.len[second] <= SPOOL_SEGMENT_BYTES_MIN; second++)
        at = (at + 24 + w.len[second] + 7) / 8 * 8;
    char path[64];
    snprintf(path, sizeof path, "/d/spool/%016llx.seg", (unsigned long long)second);
    assert_true(sim_io_file_bytes(w.disk, path) > 0);
    for (int i = 0; i < 80; i++)
        flip_and_read(&w, "/d/spool/0000000000000001.seg", sim_rand_below(&r, SPOOL_SEGMENT_BYTES_MIN * 8), 1, second - 1);
    for (int i = 0; i < 80; i++) {     /* every bit of the heads of some records, where lengths and numbers lie */
        uint64_t head = 64 + (uint64_t)(i / 50) * 3032;
        flip_and_read(&w, "/d/spool/0000000000000001.seg", (head + sim_rand_below(&r, 24)) * 8 + sim_rand_below(&r, 8), 1, second - 1);
    }
    for (int i = 0; i < 80; i++)
        flip_and_read(&w, path, sim_rand_below(&r, (at - 64) * 8 / 2), second, 40);
    sim_io_flip(w.disk, "/d/spool/identity", 200);
    assert_int_equal(world_open(&w), 0);            /* told again by the segments */
    check_all_synced(&w);
    world_free(&w);
}

static void
count_aside(void *arg, const char *path)
{
    if (strstr(path, ".damaged"))
        (*(int *)arg)++;
}

static void
t_rot_is_kept_aside(void **state)
{
    (void)state;
    struct world w;
    int aside = 0;
    world_init(&w, 6);
    w.cfg.keep_s = 0;
    assert_int_equal(world_open(&w), 0);
    for (int i = 0; i < 12; i++)
        assert_int_equal(world_append(&w, 20000), 0);
    assert_int_equal(world_sync(&w), 0);
    sim_io_flip(w.disk, "/d/spool/0000000000000001.seg", 9000);
    assert_int_equal(world_read(&w, 1), 0);
    assert_int_equal(world_read(&w, 2), 1);
    spool_acked(w.spool, 12);
    sim_io_each(w.disk, count_aside, &aside);
    assert_int_equal(aside, 1);
    assert_int_equal(spool_first(w.spool), 10);
    world_free(&w);
}

/* The last record rots after its acknowledgement: no later record shows it, but the checkpoint does, and its number is not given again. */
static void
t_lost_tail(void **state)
{
    (void)state;
    struct world w;
    world_init(&w, 7);
    assert_int_equal(world_open(&w), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(world_append(&w, 1000), 0);
    assert_int_equal(world_sync(&w), 0);
    spool_close(&w.spool);
    sim_io_flip(w.disk, "/d/spool/0000000000000001.seg", (64 + 2 * 1024 + 50) * 8);
    assert_int_equal(world_open(&w), 0);
    assert_int_equal(spool_durable(w.spool), 3);
    w.appended = 3;
    w.resumed = 3;
    assert_int_equal(world_append(&w, 1000), 0);
    assert_int_equal(w.appended, 4);
    assert_int_equal(world_sync(&w), 0);
    assert_int_equal(world_read(&w, 2), 1);
    assert_int_equal(world_read(&w, 3), 0);
    assert_int_equal(world_read(&w, 4), 1);
    world_free(&w);
}

/* ---- space ---- */

static int
fill(struct world *w)
{
    int n = 0, rc;
    while ((rc = world_append(w, 10000)) == 0 && n < 2000)
        n++;
    assert_int_equal(rc, TL_ENOSPC);
    assert_false(spool_poisoned(w->spool));
    assert_int_equal(world_sync(w), 0);
    return n;
}

static void
t_limits(void **state)
{
    (void)state;
    struct world w;
    struct spool_stats st;
    world_init(&w, 8);
    w.cfg.max_bytes = 300000;
    assert_int_equal(world_open(&w), 0);
    int n = fill(&w);
    spool_stats(w.spool, &st);
    assert_true(st.bytes <= 300000 && n >= 20);
    assert_int_equal(world_append(&w, 10000), TL_ENOSPC);
    check_all_synced(&w);
    assert_int_equal(spool_first(w.spool), 1);      /* nothing unacknowledged went */
    spool_acked(w.spool, w.synced);
    assert_true(fill(&w) >= 20);                    /* acknowledged segments make room at once */
    spool_stats(w.spool, &st);
    assert_true(st.bytes <= 300000);
    check_all_synced(&w);
    world_free(&w);
}

static void
t_small_disk(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct world w;
        world_init(&w, seed);
        w.cfg.free_floor_bytes = seed % 2 ? 20000 : 0;
        sim_io_limit(w.disk, 200000 + seed * 777);
        assert_int_equal(world_open(&w), 0);
        for (int round = 0; round < 4; round++) {
            fill(&w);
            check_all_synced(&w);
            spool_acked(w.spool, w.synced);
        }
        assert_true(w.appended > 40);
        world_kill(&w, true);
        assert_int_equal(world_open(&w), 0);
        check_all_synced(&w);
        world_free(&w);
    }
}

static void
t_kept_for_a_time(void **state)
{
    (void)state;
    struct world w;
    world_init(&w, 9);
    w.cfg.keep_s = 10;
    assert_int_equal(world_open(&w), 0);
    for (int i = 0; i < 15; i++)
        assert_int_equal(world_append(&w, 20000), 0);
    assert_int_equal(world_sync(&w), 0);
    spool_acked(w.spool, 15);
    assert_int_equal(spool_first(w.spool), 1);
    w.clock.now_us += 9 * INT64_C(1000000);
    spool_tend(w.spool);
    assert_int_equal(spool_first(w.spool), 1);
    w.clock.now_us += 2 * INT64_C(1000000);
    spool_tend(w.spool);                            /* nothing comes any more, and they go all the same */
    assert_int_equal(spool_first(w.spool), 13);
    check_all_synced(&w);
    world_free(&w);
}

/* ---- two threads on a real disk ---- */

struct reader {
    struct spool *spool;
    uint64_t upto, read_n, bytes;
};

static void *
read_all(void *arg)
{
    struct reader *r = arg;
    struct tl_buf b = { 0 };
    while (r->read_n < r->upto) {
        while (r->read_n < spool_durable(r->spool)) {
            tl_buf_reset(&b);
            if (spool_read(r->spool, r->read_n + 1, &b, NULL) != 0)
                return NULL;
            r->bytes += b.len;
            spool_acked(r->spool, ++r->read_n);
        }
        usleep(200);
    }
    tl_buf_free(&b);
    return NULL;
}

static void
remove_one(void *arg, const char *name)
{
    char path[300];
    snprintf(path, sizeof path, "%s/%s", (const char *)arg, name);
    unlink(path);
}

static void
t_two_threads(void **state)
{
    (void)state;
    char dir[] = "/tmp/t_spool.XXXXXX";
    struct spool_cfg cfg = { .dir = dir, .max_bytes = 1 << 20, .segment_bytes = SPOOL_SEGMENT_BYTES_MIN };
    struct reader r = { .upto = 600 };
    struct tl_buf b = { 0 };
    uint64_t seq = 0, bytes = 0;
    pthread_t thread;
    assert_non_null(mkdtemp(dir));
    assert_int_equal(spool_open(&r.spool, &cfg, tl_io_posix(), tl_clock_real(), tl_rand_real(), NULL), 0);
    assert_int_equal(pthread_create(&thread, NULL, read_all, &r), 0);
    for (uint32_t i = 0; i < 600;) {
        make_payload(&b, i, 100 + i * 7);
        if (spool_append(r.spool, (struct tl_str){ (char *)b.data, b.len }, &seq, NULL) != 0) {
            usleep(500);
            continue;
        }
        bytes += b.len;
        if (++i % 4 == 0)
            assert_int_equal(spool_sync(r.spool, NULL, NULL), 0);
    }
    pthread_join(thread, NULL);
    assert_int_equal(r.read_n, 600);
    assert_int_equal(r.bytes, bytes);
    spool_close(&r.spool);
    tl_buf_free(&b);
    tl_io_posix()->list(tl_io_posix(), dir, remove_one, dir);
    rmdir(dir);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(t_example),
        cmocka_unit_test(t_rejects),
        cmocka_unit_test(t_every_call_fails),
        cmocka_unit_test(t_every_allocation_fails),
        cmocka_unit_test(t_power_cuts),
        cmocka_unit_test(t_failed_sync),
        cmocka_unit_test(t_bit_flips),
        cmocka_unit_test(t_rot_is_kept_aside),
        cmocka_unit_test(t_lost_tail),
        cmocka_unit_test(t_limits),
        cmocka_unit_test(t_small_disk),
        cmocka_unit_test(t_kept_for_a_time),
        cmocka_unit_test(t_two_threads),
    };
    if (tl_hash_init() != 0)
        return 1;
    tl_log_level(TL_ERROR + 1);
    return cmocka_run_group_tests_name("spool", tests, NULL, NULL);
}
