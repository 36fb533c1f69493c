/* t_spool_start.c - a start over a folder that has lived, failing at each of its calls and each of its allocations in turn: it says why, changes nothing that
 * was acknowledged, and the next start has everything. And folders that must be refused. */
#include "spool_kit.h"

#define DIR "/d/spool/"

static int
start(struct world *w)
{
    w->err = (struct tl_err){ 0 };
    return world_open(w);
}

static void
append_some(struct world *w, int n, uint32_t bytes)
{
    for (int i = 0; i < n; i++)
        assert_int_equal(world_append(w, bytes), 0);
}

/* ---- folders that have lived ---- */
struct life {
    const char *what;
    void (*live)(struct world *w);
    uint64_t rotten;            /* this record reads as a substitute */
};

static void
begin(struct world *w)
{
    assert_int_equal(start(w), 0);
    append_some(w, 8, 20000);
    assert_int_equal(world_sync(w), 0);
    spool_acked(w->spool, 4);
}

static void
closed_well(struct world *w)
{
    begin(w);
    spool_close(&w->spool);
}

static void
with_a_spare(struct world *w)
{
    w->cfg.keep_s = 0;
    begin(w);
    spool_close(&w->spool);
    assert_true(sim_io_file_bytes(w->disk, DIR "spare") > 0);
}

static void
torn(struct world *w)
{
    begin(w);
    append_some(w, 3, 3000);
    world_kill(w, true);
}

/* Record 2 of the last segment rots; behind it some were synced and some were not. */
static void
rotten_within(struct world *w)
{
    assert_int_equal(start(w), 0);
    append_some(w, 3, 3000);
    assert_int_equal(world_sync(w), 0);
    append_some(w, 3, 3000);
    assert_int_equal(world_sync(w), 0);
    append_some(w, 3, 3000);
    world_kill(w, false);
    sim_io_flip(w->disk, DIR "0000000000000001.seg", (64 + 3024 + 500) * 8);
}

static void
last_head_rotten(struct world *w)
{
    begin(w);
    world_kill(w, false);
    sim_io_flip(w->disk, DIR "0000000000000007.seg", 40 * 8);
}

static void
first_head_rotten(struct world *w)
{
    begin(w);
    world_kill(w, false);
    sim_io_flip(w->disk, DIR "0000000000000001.seg", 3);
}

static void
identity_rotten(struct world *w)
{
    begin(w);
    world_kill(w, true);
    sim_io_flip(w->disk, DIR "identity", 20 * 8);
}

/* The name of a new segment got to the disk and nothing else of it */
static void
unborn(struct world *w)
{
    struct tl_io *io = sim_io_port(w->disk);
    begin(w);
    append_some(w, 1, 20000);
    assert_int_equal(world_sync(w), 0);
    spool_close(&w->spool);
    int fd = io->open(io, DIR "000000000000000a.seg", O_RDWR | O_CREAT);
    assert_int_equal(io->allocate(io, fd, SPOOL_SEGMENT_BYTES_MIN), 0);
    io->datasync(io, fd);
    io->close(io, fd);
    io->sync_dir(io, "/d/spool");
}

/* What stood in the folder before a start began to make it, and what it was left with when the head of a segment is cut short */
static void
cut_short(struct world *w)
{
    struct tl_io *io = sim_io_port(w->disk);
    unborn(w);
    int fd = io->open(io, DIR "000000000000000a.seg", O_RDWR);
    io->truncate(io, fd, 40);
    io->datasync(io, fd);
    io->close(io, fd);
}

static const struct life lives[] = {
    { "closed well", closed_well, 0 },      { "a spare", with_a_spare, 0 },       { "a torn end", torn, 0 },
    { "rot within", rotten_within, 2 },     { "a rotten last head", last_head_rotten, 0 },
    { "a rotten first head", first_head_rotten, 0 }, { "a rotten identity", identity_rotten, 0 },
    { "an unborn segment", unborn, 0 },     { "an unborn segment cut short", cut_short, 0 },
};
#define LIVES (sizeof lives / sizeof *lives)

static void
check_life(struct world *w, const struct life *l)
{
    assert_true(spool_durable(w->spool) >= w->synced);
    assert_true(spool_durable(w->spool) <= w->appended);
    for (uint64_t seq = spool_first(w->spool); seq <= spool_durable(w->spool); seq++)
        if (world_read(w, seq) != (seq != l->rotten))
            fail_msg("%s: record %llu", l->what, (unsigned long long)seq);
}

/* A whole start, then one more record: its number follows. */
static void
start_again(struct world *w, const struct life *l, uint64_t k)
{
    if (start(w) != 0)
        fail_msg("%s, call %llu: the next start says %s", l->what, (unsigned long long)k, w->err.text);
    check_life(w, l);
    resume(w);
    append_some(w, 1, 3000);
    assert_int_equal(w->appended, w->resumed + 1);
    assert_int_equal(world_sync(w), 0);
    check_life(w, l);
}

static void
check_cause(const struct world *w, int rc)
{
    assert_true(rc == TL_EIO || rc == TL_ENOSPC || rc == TL_ENOMEM);
    assert_int_equal(w->err.code, rc);
    assert_non_null(strstr(w->err.text, "spool"));
    assert_null(w->spool);
}

static void
fail_each_call(const struct life *l, int code, bool sticky)
{
    uint64_t k = 1, failed = 0;
    for (bool reached = true; reached; k++) {
        struct world w;
        world_init(&w, k);
        l->live(&w);
        uint64_t before = sim_io_calls(w.disk);
        sim_io_fail_at(w.disk, k, code, sticky);
        int rc = start(&w);
        reached = sim_io_calls(w.disk) - before >= k;
        sim_io_fail_at(w.disk, 0, 0, false);
        failed += rc != 0;
        if (rc != 0)
            check_cause(&w, rc);
        else
            check_life(&w, l);
        world_kill(&w, k & 1);
        start_again(&w, l, k);
        world_free(&w);
    }
    assert_true(failed > 5);
}

static void
t_each_call_fails(void **state)
{
    (void)state;
    for (size_t i = 0; i < LIVES; i++) {
        fail_each_call(&lives[i], -EIO, false);
        fail_each_call(&lives[i], i & 1 ? -EDQUOT : -ENOSPC, true);
    }
}

static void
t_each_allocation_fails(void **state)
{
    (void)state;
    for (size_t i = 0; i < LIVES; i++) {
        int rc = TL_ENOMEM;
        for (uint64_t k = 1; rc != 0; k++) {
            struct world w;
            world_init(&w, k);
            lives[i].live(&w);
            tl_alloc_fail_at(k, k & 1);
            rc = start(&w);
            tl_alloc_fail_at(0, false);
            if (rc != 0) {
                assert_int_equal(rc, TL_ENOMEM);
                check_cause(&w, rc);
            }
            world_kill(&w, false);
            start_again(&w, &lives[i], k);
            world_free(&w);
        }
    }
}

/* ---- folders that are not one spool ---- */
static void
make_other(struct world *w, const char *dir, int records)
{
    w->cfg.dir = dir;
    assert_int_equal(start(w), 0);
    append_some(w, records, 20000);
    assert_int_equal(world_sync(w), 0);
    spool_close(&w->spool);
}

static void
must_refuse(struct world *w, int code, const char *text)
{
    w->cfg.dir = "/d/spool";
    assert_int_equal(start(w), code);
    assert_null(w->spool);
    if (!strstr(w->err.text, text))
        fail_msg("said: %s", w->err.text);
}

static void
t_two_spools_in_one(void **state)
{
    (void)state;
    struct world w;
    world_init(&w, 1);
    struct tl_io *io = sim_io_port(w.disk);
    make_other(&w, "/d/other", 8);
    make_other(&w, "/d/spool", 2);
    assert_int_equal(io->rename(io, "/d/other/0000000000000004.seg", DIR "0000000000000004.seg"), 0);
    must_refuse(&w, TL_ECORRUPT, "segments of two spools");
    assert_int_equal(io->unlink(io, DIR "0000000000000004.seg"), 0);
    assert_int_equal(io->rename(io, "/d/other/identity", DIR "identity"), 0);
    must_refuse(&w, TL_ECORRUPT, "identity of another spool");
    assert_int_equal(io->unlink(io, DIR "identity"), 0);       /* the segments say it again */
    assert_int_equal(start(&w), 0);
    assert_int_equal(spool_durable(w.spool), 2);
    check_all_synced(&w);
    spool_close(&w.spool);
    sim_io_flip(w.disk, DIR "identity", 100);
    sim_io_flip(w.disk, DIR "0000000000000001.seg", 100);
    must_refuse(&w, TL_ECORRUPT, "every segment header");
    sim_io_flip(w.disk, DIR "identity", 100);                  /* one of both is enough */
    assert_int_equal(start(&w), 0);
    assert_int_equal(spool_durable(w.spool), 2);
    world_free(&w);
}

/* The checkpoint of another spool, or a rotten one, is no hint at all. */
static void
t_strange_checkpoint(void **state)
{
    (void)state;
    for (int how = 0; how < 3; how++) {
        struct world w;
        world_init(&w, 2);
        struct tl_io *io = sim_io_port(w.disk);
        make_other(&w, "/d/other", 8);
        make_other(&w, "/d/spool", 2);
        if (how == 0)
            assert_int_equal(io->rename(io, "/d/other/checkpoint", DIR "checkpoint"), 0);
        for (uint64_t slot = 0; how == 1 && slot < 2; slot++)
            sim_io_flip(w.disk, DIR "checkpoint", (slot * 512 + 30) * 8);
        if (how == 2)
            assert_int_equal(io->unlink(io, DIR "checkpoint"), 0);
        w.cfg.dir = "/d/spool";
        assert_int_equal(start(&w), 0);
        assert_int_equal(spool_durable(w.spool), 2);
        assert_int_equal(spool_hint(w.spool), 0);
        append_some(&w, 1, 100);
        assert_int_equal(w.appended, 3);
        world_free(&w);
    }
}

/* A head or an identity of a later version is whole: it is not mended over, not a byte is changed, and its own program goes on with it. */
static void
set_version(struct world *w, const char *path, uint8_t version, size_t bytes)
{
    uint8_t b[64];
    struct tl_io *io = sim_io_port(w->disk);
    int fd = io->open(io, path, O_RDWR);
    assert_int_equal(io->pread(io, fd, b, sizeof b, 0), sizeof b);
    b[8] = version;
    uint32_t crc = tl_crc32c(tl_crc32c(0, b, 12), b + 16, bytes - 16);
    for (unsigned i = 0; i < 4; i++)
        b[12 + i] = (uint8_t)(crc >> (8 * i));
    assert_int_equal(io->pwrite(io, fd, b, sizeof b, 0), sizeof b);
    assert_int_equal(io->datasync(io, fd), 0);
    io->close(io, fd);
}

static void
t_later_version(void **state)
{
    (void)state;
    static const char *const files[] = { DIR "identity", DIR "0000000000000001.seg", DIR "0000000000000007.seg" };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct world w;
        world_init(&w, 6);
        struct tl_io *io = sim_io_port(w.disk);
        begin(&w);
        spool_close(&w.spool);
        io->close(io, io->open(io, DIR "new", O_RDWR | O_CREAT));
        set_version(&w, files[i], 2, 64);
        must_refuse(&w, TL_EVERSION, files[i]);
        assert_int_equal(sim_io_file_bytes(w.disk, DIR "new"), 0);
        set_version(&w, files[i], 1, 64);
        assert_int_equal(start(&w), 0);
        check_all_synced(&w);
        world_free(&w);
    }
}

static void
t_strange_names(void **state)
{
    (void)state;
    static const char *const names[] = {
        DIR "zzzzzzzzzzzzzzzz.seg", DIR "0000000000000000.seg", DIR "00000000000000FF.seg", DIR "0000000000000001.sex", DIR "1.seg", DIR "notes", DIR "new",
    };
    struct world w;
    world_init(&w, 3);
    struct tl_io *io = sim_io_port(w.disk);
    begin(&w);
    spool_close(&w.spool);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        io->close(io, io->open(io, names[i], O_RDWR | O_CREAT));
    assert_int_equal(start(&w), 0);
    check_all_synced(&w);
    struct spool_stats st;
    spool_stats(w.spool, &st);
    assert_int_equal(st.segments_n, 3);
    assert_int_equal(sim_io_file_bytes(w.disk, DIR "new"), -1);        /* left behind by a failure */
    world_free(&w);
}

static void
t_limits_of_the_config(void **state)
{
    (void)state;
    char dir[5000];
    struct world w;
    world_init(&w, 4);
    memset(dir, 'd', sizeof dir);
    dir[sizeof dir - 1] = 0;
    w.cfg.dir = dir;
    assert_int_equal(start(&w), TL_EINVAL);
    assert_non_null(strstr(w.err.text, "folder name"));
    w.cfg.dir = "/d/spool";
    w.cfg.max_bytes = 4 * SPOOL_SEGMENT_BYTES_MIN - 1;
    assert_int_equal(start(&w), TL_EINVAL);
    assert_non_null(strstr(w.err.text, "65536"));
    w.cfg.max_bytes = 4 * SPOOL_SEGMENT_BYTES_MIN;
    w.cfg.segment_bytes = 1u << 20;             /* four of them must fit the limit */
    assert_int_equal(start(&w), 0);
    append_some(&w, 1, 100);
    assert_int_equal(sim_io_file_bytes(w.disk, DIR "0000000000000001.seg"), SPOOL_SEGMENT_BYTES_MIN);
    spool_close(&w.spool);
    spool_close(&w.spool);                      /* none: nothing */
    world_free(&w);
}

/* Who holds the lock is one thing, a disk that has no locks another. */
static void
t_lock(void **state)
{
    (void)state;
    struct world w;
    struct spool *second = NULL;
    world_init(&w, 5);
    begin(&w);
    assert_int_equal(spool_open(&second, &w.cfg, sim_io_port(w.disk), &w.clock.port, &w.rand.port, &w.err), TL_EBUSY);
    assert_non_null(strstr(w.err.text, "in use by another collector"));
    spool_close(&w.spool);
    sim_io_fail_at(w.disk, 3, -ENOLCK, false);  /* mkdir, open, lock */
    assert_int_equal(start(&w), TL_EIO);
    assert_non_null(strstr(w.err.text, strerror(ENOLCK)));
    assert_int_equal(start(&w), 0);
    check_all_synced(&w);
    world_free(&w);
}

/* A new spool is there after a power cut: the folder that names it is synced, and what cannot be synced is no start; one that we may not read was another's to make. */
static struct { int n, fails; } above;

static int
sync_noted(struct tl_io *io, const char *path)
{
    size_t n = strlen(path);
    if (n < 3 || strcmp(path + n - 3, "/..") != 0)
        return tl_io_posix()->sync_dir(io, path);
    above.n++;
    return -above.fails;
}

static void
t_folder_above(void **state)
{
    (void)state;
    static const struct { int fails, code; } row[] = { { 0, 0 }, { EACCES, 0 }, { EIO, TL_EIO } };
    char root[] = "/tmp/t_spool_start.XXXXXX", dir[64], command[100];
    struct tl_io io = *tl_io_posix();
    io.sync_dir = sync_noted;
    assert_non_null(mkdtemp(root));
    snprintf(dir, sizeof dir, "%s/spool", root);
    const struct spool_cfg cfg = { .dir = dir, .max_bytes = 64 << 20, .segment_bytes = 1 << 20 };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct spool *s = NULL;
        above.n = 0;
        above.fails = row[i].fails;
        assert_int_equal(spool_open(&s, &cfg, &io, tl_clock_real(), tl_rand_real(), NULL), row[i].code);
        assert_int_equal(above.n, 1);
        spool_close(&s);
    }
    snprintf(command, sizeof command, "rm -rf '%s'", root);
    assert_int_equal(system(command), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(t_each_call_fails),      cmocka_unit_test(t_each_allocation_fails), cmocka_unit_test(t_two_spools_in_one),
        cmocka_unit_test(t_strange_checkpoint),   cmocka_unit_test(t_strange_names),         cmocka_unit_test(t_limits_of_the_config),
        cmocka_unit_test(t_lock),                 cmocka_unit_test(t_later_version),         cmocka_unit_test(t_folder_above),
    };
    if (tl_hash_init() != 0)
        return 1;
    tl_log_level(TL_ERROR + 1);
    return cmocka_run_group_tests_name("spool_start", tests, NULL, NULL);
}
