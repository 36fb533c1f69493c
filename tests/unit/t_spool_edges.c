/* t_spool_edges.c - a living spool at its edges: no room for a step or a name, a full folder that turns over, rot met with no memory to report it,
 * a segment that leaves while it is read, and the mode for measuring. */
#include "spool_kit.h"

#define DIR "/d/spool/"
#define FIRST DIR "0000000000000001.seg"

static void
append_some(struct world *w, int n, uint32_t bytes)
{
    for (int i = 0; i < n; i++)
        if (world_append(w, bytes) != 0)
            fail_msg("%s", w->err.text);
}

static void
open_with(struct world *w, uint64_t seed, int n, uint32_t bytes)
{
    world_init(w, seed);
    assert_int_equal(world_open(w), 0);
    append_some(w, n, bytes);
    assert_int_equal(world_sync(w), 0);
}

/* ---- growing ---- */

/* A large segment is made in steps. Each call of the disk that a step, a record and a new segment need fails once: nothing is lost, nothing counted wrong,
 * and what was refused goes in next. */
static void
grow_with_a_failure(uint64_t k, int code, bool *reached)
{
    struct world w;
    struct spool_stats st;
    int rc = 0;
    world_init(&w, k);
    w.cfg.segment_bytes = 5u << 20;
    w.cfg.max_bytes = 64u << 20;
    assert_int_equal(world_open(&w), 0);
    append_some(&w, 3, TL_WIRE_BATCH_MAX - 100);
    assert_int_equal(world_sync(&w), 0);
    uint64_t before = sim_io_calls(w.disk), failed = 0;
    sim_io_fail_at(w.disk, k, code, false);
    for (int i = 0; i < 3 && !spool_poisoned(w.spool); i++) {
        rc = world_append(&w, TL_WIRE_BATCH_MAX - 100);
        failed += rc != 0;
        if (rc != 0 && !spool_poisoned(w.spool))
            append_some(&w, 1, TL_WIRE_BATCH_MAX - 100);
    }
    *reached = sim_io_calls(w.disk) - before >= k;
    sim_io_fail_at(w.disk, 0, 0, false);
    if (failed) {
        assert_true(rc == 0 || w.err.code == rc);
        assert_non_null(strstr(w.err.text, "/d/spool/"));
    }
    if (!spool_poisoned(w.spool)) {
        assert_int_equal(world_sync(&w), 0);
        check_all_synced(&w);
        spool_stats(w.spool, &st);
        assert_int_equal(st.bytes, sim_io_file_bytes(w.disk, FIRST) + sim_io_file_bytes(w.disk, DIR "0000000000000006.seg"));
    }
    world_kill(&w, k & 1);
    assert_int_equal(world_open(&w), 0);
    check_all_synced(&w);
    world_free(&w);
}

static void
t_growing(void **state)
{
    (void)state;
    static const int codes[] = { -EIO, -ENOSPC, -EFBIG };
    uint64_t k = 1;
    for (bool reached = true; reached; k++)
        grow_with_a_failure(k, codes[k % 3], &reached);
    assert_in_range(k, 8, 60);
}

/* A list of segments that grows past its first room, with no memory at any point: the append is refused, the next one goes in. */
static void
t_many_segments(void **state)
{
    (void)state;
    struct world w;
    uint64_t refused = 0;
    world_init(&w, 2);
    assert_int_equal(world_open(&w), 0);
    for (int i = 0; i < 36; i++) {
        tl_alloc_fail_at(2, false);             /* the first is the payload of the test */
        int rc = world_append(&w, 60000);
        tl_alloc_fail_at(0, false);
        refused += rc != 0;
        if (rc == 0)
            continue;
        assert_int_equal(rc, TL_ENOMEM);
        if (!strstr(w.err.text, "no memory")) fail_msg("%d %s", i, w.err.text);
        append_some(&w, 1, 60000);
    }
    assert_true(refused >= 3);                  /* the record, the list, the list twice as long */
    assert_int_equal(world_sync(&w), 0);
    check_all_synced(&w);
    world_free(&w);
}

/* ---- room ---- */

static void
t_full_folder_turns_over(void **state)
{
    (void)state;
    for (int how = 0; how < 5; how++) {
        struct world w;
        int rc = 0;
        world_init(&w, 10);
        sim_io_limit(w.disk, SPOOL_SEGMENT_BYTES_MIN + 8000);      /* of one segment, and the marks */
        assert_int_equal(world_open(&w), 0);
        while ((rc = world_append(&w, 5000)) == 0)
            ;
        assert_int_equal(rc, TL_ENOSPC);
        assert_int_equal(world_sync(&w), 0);
        uint64_t last = w.synced;
        if (how == 0) {                                             /* nothing is acknowledged: nothing goes */
            assert_int_equal(world_append(&w, 5000), TL_ENOSPC);
            assert_int_equal(spool_first(w.spool), 1);
            check_all_synced(&w);
            world_free(&w);
            continue;
        }
        w.clock.now_us += 2000000;                                  /* a checkpoint says what was durable */
        if (how == 1)
            spool_acked(w.spool, last - 1);                         /* one record is missing */
        if (how == 2)
            sim_io_flip(w.disk, FIRST, 9000), assert_int_equal(world_read(&w, 1), 0);       /* a rotten one is evidence, not to be written over */
        if (how >= 2)
            spool_acked(w.spool, last + 100);                       /* more than there is: no more than there is */
        assert_int_equal(spool_hint(w.spool), how == 1 ? last - 1 : last);
        if (how == 3)
            sim_io_fail_at(w.disk, 3, -EIO, false);                 /* its new name does not hold */
        rc = world_append(&w, 5000);
        sim_io_fail_at(w.disk, 0, 0, false);
        if (how == 3 && rc != 0)
            rc = world_append(&w, 5000);
        assert_int_equal(rc, how < 3 ? TL_ENOSPC : 0);
        assert_int_equal(spool_first(w.spool), how < 3 ? 1 : last + 1);
        assert_int_equal(world_sync(&w), 0);
        world_kill(&w, true);
        assert_int_equal(world_open(&w), 0);
        assert_int_equal(spool_durable(w.spool), how < 3 ? last : last + 1);
        world_free(&w);
    }
}

/* A limit instead of the disk: the spare goes first, then what is acknowledged, and never more than is needed. */
static void
t_spare_gives_way(void **state)
{
    (void)state;
    for (int how = 0; how < 3; how++) {
        struct world w;
        world_init(&w, 11);
        w.cfg.max_bytes = 5 * SPOOL_SEGMENT_BYTES_MIN;
        w.cfg.keep_s = 0;
        assert_int_equal(world_open(&w), 0);
        append_some(&w, 9, 20000);
        assert_int_equal(world_sync(&w), 0);
        spool_acked(w.spool, 3);
        assert_int_equal(sim_io_file_bytes(w.disk, DIR "spare"), SPOOL_SEGMENT_BYTES_MIN);
        if (how == 0) {                         /* a record too large for the spare: it is used as it is and grows */
            append_some(&w, 1, 150000);
            assert_int_equal(sim_io_file_bytes(w.disk, DIR "spare"), -1);
        } else if (how == 1) {                  /* the disk itself is full: it is given back */
            append_some(&w, 3, 20000);
            spool_acked(w.spool, 3);
            sim_io_limit(w.disk, sim_io_used(w.disk) + 1000);
            assert_int_equal(world_append(&w, 20000), TL_ENOSPC);
            assert_int_equal(world_sync(&w), 0);
            spool_acked(w.spool, 6);
            append_some(&w, 1, 20000);
        } else {                                /* a name that does not change: refused, and taken the next time */
            sim_io_fail_at(w.disk, 2, -EIO, false);
            assert_int_equal(world_append(&w, 20000), TL_EIO);
            assert_non_null(strstr(w.err.text, "make"));
            append_some(&w, 1, 20000);
        }
        assert_int_equal(world_sync(&w), 0);
        check_all_synced(&w);
        world_free(&w);
    }
}

/* The active segment needs its next step, and only the spare stands in the way: it goes, unless the disk does not let it, and then the next time. */
static void
t_step_takes_the_spare(void **state)
{
    (void)state;
    for (int how = 0; how < 3; how++) {
        struct world w;
        world_init(&w, 19);
        w.cfg.segment_bytes = 5u << 20;
        w.cfg.max_bytes = 64u << 20;
        w.cfg.keep_s = 0;
        w.cfg.free_floor_bytes = how ? 3000 : 0;
        assert_int_equal(world_open(&w), 0);
        append_some(&w, 9, TL_WIRE_BATCH_MAX - 100);            /* five make a segment, four its first step */
        assert_int_equal(world_sync(&w), 0);
        w.clock.now_us += 2000000;
        spool_acked(w.spool, 5);
        assert_int_equal(sim_io_file_bytes(w.disk, DIR "spare"), 5 << 20);
        sim_io_limit(w.disk, sim_io_used(w.disk) + (how ? 4000 : 1000));
        if (how == 2) {
            sim_io_fail_at(w.disk, 1, -EIO, false);
            assert_int_equal(world_append(&w, TL_WIRE_BATCH_MAX - 100), TL_ENOSPC);
            assert_non_null(strstr(w.err.text, "is full"));
        }
        append_some(&w, 1, TL_WIRE_BATCH_MAX - 100);
        assert_int_equal(sim_io_file_bytes(w.disk, DIR "spare"), -1);
        assert_int_equal(world_sync(&w), 0);
        check_all_synced(&w);
        world_free(&w);
    }
}

/* What a disk says about its room is asked each time: an answer that fails counts as none. */
static int64_t
no_answer(struct tl_io *io, const char *path)
{
    (void)io, (void)path;
    return -EIO;
}

static void
t_floor(void **state)
{
    (void)state;
    struct world w;
    world_init(&w, 12);
    w.cfg.free_floor_bytes = 1000;
    assert_int_equal(world_open(&w), 0);
    append_some(&w, 1, 20000);
    struct tl_io *io = sim_io_port(w.disk);
    int64_t (*answers)(struct tl_io *, const char *) = io->free_bytes;
    append_some(&w, 2, 20000);
    io->free_bytes = no_answer;
    assert_int_equal(world_append(&w, 20000), TL_ENOSPC);
    assert_non_null(strstr(w.err.text, "1000 must stay free"));
    io->free_bytes = answers;
    append_some(&w, 1, 20000);
    assert_int_equal(world_sync(&w), 0);
    check_all_synced(&w);
    world_free(&w);
}

/* Segments that the disk does not let go stay counted, and go later. */
static void
t_unlink_fails(void **state)
{
    (void)state;
    struct world w;
    struct spool_stats before, after;
    open_with(&w, 13, 12, 20000);
    w.clock.now_us += INT64_C(2000) * 1000000;
    sim_io_fail_at(w.disk, 1, -EIO, true);
    spool_stats(w.spool, &before);
    spool_acked(w.spool, 12);
    spool_stats(w.spool, &after);
    assert_int_equal(before.bytes, after.bytes);
    assert_int_equal(spool_first(w.spool), 1);
    sim_io_fail_at(w.disk, 0, 0, false);
    spool_acked(w.spool, 12);
    assert_int_equal(spool_first(w.spool), 10);
    check_all_synced(&w);
    world_free(&w);
}

/* ---- reading ---- */

/* Rot is met while the disk fails or memory is short: the read says so, and the next one has the substitute, with what is left of the bytes. */
static void
t_rot_met_badly(void **state)
{
    (void)state;
    for (uint64_t k = 1; k < 24; k++) {
        struct world w;
        struct tl_buf got = { 0 };
        open_with(&w, 14, 8, 20000);
        sim_io_flip(w.disk, FIRST, 9000);
        if (k & 1) tl_alloc_fail_at((k + 1) / 2, false);
        else sim_io_fail_at(w.disk, k / 2, -EIO, false);
        int rc = spool_read(w.spool, 1, &got, &w.err);
        tl_alloc_fail_at(0, false);
        sim_io_fail_at(w.disk, 0, 0, false);
        if (rc != 0) {
            assert_true(rc == TL_EIO || rc == TL_ENOMEM);
            assert_int_equal(w.err.code, rc);
            assert_non_null(strstr(w.err.text, "/d/spool"));
        }
        tl_buf_free(&got);
        assert_int_equal(world_read(&w, 1), 0);
        for (uint64_t seq = 2; seq <= 8; seq++)
            assert_int_equal(world_read(&w, seq), 1);
        assert_int_equal(world_read(&w, 1), 0);         /* back again */
        world_free(&w);
    }
}

/* The last two records of a full segment rot: both numbers read, the second has no bytes of its own. */
static void
t_two_lost(void **state)
{
    (void)state;
    struct world w;
    open_with(&w, 15, 8, 20000);
    sim_io_flip(w.disk, FIRST, (64 + 20024 + 500) * 8);
    sim_io_flip(w.disk, FIRST, (64 + 2 * 20024 + 500) * 8);
    assert_int_equal(world_read(&w, 1), 1);
    for (int round = 0; round < 2; round++) {
        assert_int_equal(world_read(&w, 2), 0);
        assert_int_equal(world_read(&w, 3), 0);
        assert_int_equal(world_read(&w, 4), 1);
    }
    sim_io_flip(w.disk, DIR "0000000000000007.seg", (64 + 20024 + 500) * 8);        /* the active one: the next record goes behind it */
    assert_int_equal(world_read(&w, 8), 0);
    append_some(&w, 1, 20000);
    assert_int_equal(world_sync(&w), 0);
    assert_int_equal(world_read(&w, 9), 1);
    assert_int_equal(world_read(&w, 8), 0);
    struct spool_stats st;
    spool_stats(w.spool, &st);
    assert_true(st.bad_records_n >= 3);
    world_free(&w);
}

static void
t_outside(void **state)
{
    (void)state;
    struct world w;
    struct tl_buf got = { 0 };
    open_with(&w, 16, 12, 20000);
    w.clock.now_us += INT64_C(2000) * 1000000;
    spool_acked(w.spool, 6);
    assert_int_equal(spool_first(w.spool), 7);
    static const uint64_t outside[] = { 0, 1, 6, 13, UINT64_MAX };
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++) {
        assert_int_equal(spool_read(w.spool, outside[i], &got, &w.err), TL_ENOTFOUND);
        assert_non_null(strstr(w.err.text, "not in the spool"));
    }
    assert_int_equal(got.len, 0);
    assert_int_equal(spool_read(w.spool, 7, &got, NULL), 0);
    tl_buf_free(&got);
    world_free(&w);
}

/* While the reader looks into a segment the writer runs short of room and takes it for new records: what the reader saw is no damage. */
static struct world *leaving;
static ssize_t (*true_pread)(struct tl_io *io, int fd, void *p, size_t n, uint64_t offset);

static ssize_t
pread_and_leave(struct tl_io *io, int fd, void *p, size_t n, uint64_t offset)
{
    struct world *w = leaving;
    leaving = NULL;
    if (w) {
        append_some(w, 9, 20000);
        assert_int_equal(world_sync(w), 0);
        assert_true(spool_first(w->spool) > 1);
    }
    return true_pread(io, fd, p, n, offset);
}

static void
t_leaves_while_read(void **state)
{
    (void)state;
    struct world w;
    struct tl_buf got = { 0 };
    struct spool_stats st;
    world_init(&w, 17);
    w.cfg.max_bytes = 4 * SPOOL_SEGMENT_BYTES_MIN;
    w.cfg.keep_s = 0;
    assert_int_equal(world_open(&w), 0);
    append_some(&w, 9, 20000);
    assert_int_equal(world_sync(&w), 0);
    spool_acked(w.spool, 2);
    struct tl_io *io = sim_io_port(w.disk);
    true_pread = io->pread;
    io->pread = pread_and_leave;
    spool_acked(w.spool, 9);
    assert_int_equal(spool_first(w.spool), 7);
    leaving = &w;
    assert_int_equal(spool_read(w.spool, 7, &got, &w.err), TL_ENOTFOUND);
    assert_non_null(strstr(w.err.text, "has left"));
    spool_stats(w.spool, &st);
    assert_int_equal(st.bad_records_n, 0);
    io->pread = true_pread;
    for (uint64_t seq = spool_first(w.spool); seq <= w.synced; seq++)
        assert_int_equal(world_read(&w, seq), 1);
    tl_buf_free(&got);
    world_free(&w);
}

/* ---- without syncs ---- */
static void
t_no_sync(void **state)
{
    (void)state;
    struct world w;
    world_init(&w, 18);
    w.cfg.no_sync = true;
    assert_int_equal(world_open(&w), 0);
    append_some(&w, 8, 20000);
    assert_int_equal(world_sync(&w), 0);
    check_all_synced(&w);
    world_kill(&w, false);                      /* a process that ends loses nothing; a power cut may */
    assert_int_equal(world_open(&w), 0);
    assert_int_equal(spool_durable(w.spool), 8);
    check_all_synced(&w);
    resume(&w);
    append_some(&w, 1, 20000);
    assert_int_equal(w.appended, 9);
    world_free(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(t_growing),      cmocka_unit_test(t_many_segments), cmocka_unit_test(t_full_folder_turns_over), cmocka_unit_test(t_spare_gives_way),
        cmocka_unit_test(t_floor),        cmocka_unit_test(t_unlink_fails),  cmocka_unit_test(t_rot_met_badly),          cmocka_unit_test(t_two_lost),
        cmocka_unit_test(t_step_takes_the_spare), cmocka_unit_test(t_outside),      cmocka_unit_test(t_leaves_while_read), cmocka_unit_test(t_no_sync),
    };
    if (tl_hash_init() != 0)
        return 1;
    tl_log_level(TL_ERROR + 1);
    return cmocka_run_group_tests_name("spool_edges", tests, NULL, NULL);
}
