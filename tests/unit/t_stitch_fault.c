/* t_stitch_fault.c - whatever fails in a round, a rebuild, an opening or a reading, and at whichever of its operations: the error says so, nothing of it is
 * written, and the next try comes to the rows of a store that never met a failure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "../../aggregator/follow_in.h"
#include "nth_kit.h"
#include "world_kit.h"

static const struct fault { const char *name; unsigned kinds; int code, want, other; } faults[] = {
    { "an allocation", NTH_ALLOC, 0, TL_ENOMEM, 0 },
    { "all allocations", NTH_ALLOC | NTH_ONWARDS, 0, TL_ENOMEM, 0 },
    { "a read by key", NTH_GET, EIO, TL_EIO, 0 },
    { "a read by cursor", NTH_CURSOR, EIO, TL_EIO, 0 },
    { "a write", NTH_PUT, EIO, TL_EIO, 0 },
    { "a removal", NTH_DEL, EIO, TL_EIO, 0 },
    { "a transaction", NTH_BEGIN, ENOMEM, TL_ENOMEM, 0 },
    { "a commit", NTH_COMMIT, EIO, TL_EIO, TL_ENOSPC },
    { "all writes, for want of room", NTH_PUT | NTH_ONWARDS, ENOSPC, TL_ENOSPC, 0 },
    { "a damaged page", NTH_GET | NTH_CURSOR, MDB_CORRUPTED, TL_ECORRUPT, 0 },
};
enum { FAULTS = sizeof faults / sizeof faults[0] };

static void
expect_told(const struct fault *f, uint64_t n, int64_t rc, const struct tl_err *err)
{
    if ((rc != f->want && (f->other == 0 || rc != f->other)) || err->text[0] == 0)
        fail_msg("%s, the %lluth: %s \"%s\"", f->name, (unsigned long long)n, tl_err_name((int)rc), err->text);
}

/* The rounds of what is logged, each operation failing in turn; then one that fails nothing. */
static void
rounds_failing(struct kit *k, const struct fault *f, int *failed)
{
    const struct follow_limits limits = {0};

    for (uint64_t n = 1; nth_more(f->kinds, n, f->code); n++) {
        struct tl_err err = {0};
        uint64_t before = follow_position(k->follow);
        int64_t taken = follow_round(k->follow, &limits, &err);
        bool hit = nth_done();
        if (!hit)
            assert_true(taken >= 0);
        if (taken >= 0)
            continue;
        expect_told(f, n, taken, &err);
        assert_int_equal(follow_position(k->follow), before);
        ++*failed;
    }
    kit_follow(k);
}

static void
a_round_failing_anywhere(void **state)
{
    enum { BATCH = 5 };
    struct kit k, calm;
    int failed[FAULTS] = {0}, n, cuts_n, cut = 0, turn = 0;

    (void)state;
    seed = 77;
    n = make_world(5);
    cuts_n = make_cuts(n);
    for (int v = 0; v < VISITS; v++)
        some_visit(&visits[v], n);
    kit_open(&k, world_catalogue);
    kit_open(&calm, world_catalogue);
    for (int i = 0; i + BATCH <= n; i += BATCH, turn++) {
        int at = (i * 7) % (n - BATCH);         /* copies and conflicts stand at the end of the world */
        log_both(&k, &calm, at, BATCH);
        if (turn % 4 == 0 && cut < cuts_n) {
            log_cut(&k, &cuts[cut]);
            log_cut(&calm, &cuts[cut++]);
        }
        if (turn % 3 == 0) {
            log_visit(&k, turn % VISITS, &visits[turn % VISITS]);
            log_visit(&calm, turn % VISITS, &visits[turn % VISITS]);
        }
        rounds_failing(&k, &faults[turn % FAULTS], &failed[turn % FAULTS]);
    }
    kit_follow(&calm);
    expect_same_rows(&k, &calm, "after rounds that failed");
    for (int f = 0; f < FAULTS; f++)
        if (failed[f] < 3)
            fail_msg("%s failed only %d rounds", faults[f].name, failed[f]);
    kit_close(&k);
    kit_close(&calm);
}

/* ---- built in bulk ---- */

static const struct fault file_faults[] = {
    { "opening a file", NTH_OPEN, EACCES, TL_EIO, TL_ECONFIG },
    { "a sync", NTH_SYNC, EIO, TL_EIO, 0 },
    { "a name", NTH_NAME, EACCES, TL_EIO, 0 },
    { "an environment", NTH_ENV, ENOMEM, TL_ENOMEM, 0 },
    { "a read of a file", NTH_READ, EIO, TL_EIO, 0 },
    { "a write to a file", NTH_WRITE, ENOSPC, TL_ENOSPC, TL_EIO },
};
enum { FILE_FAULTS = sizeof file_faults / sizeof file_faults[0] };

/* so little memory that everything goes through temporary files, in many buckets and runs */
static const struct rebuild_sizes tiny = { .stream_bytes = 2048, .run_bytes = 2048, .bucket_events = 3, .rows_commit = 4 };

static void
rebuilds_failing(struct kit *k, struct kit *calm, const struct fault *f, int *failed)
{
    const struct follow_limits limits = {0};

    for (uint64_t n = 1; nth_more(f->kinds, n, f->code); n += n / 12 + 1) {
        struct tl_err err = {0};
        int rc = follow_rebuild(k->follow, NULL, NULL, &err);
        bool hit = nth_done();
        if (!hit)
            assert_int_equal(rc, 0);
        if (rc == 0)
            continue;
        expect_told(f, n, rc, &err);
        ++*failed;
        if (follow_round(k->follow, &limits, &err) != 0)       /* the live one is where it was: there is nothing to take again */
            fail_msg("%s, the %lluth: the live store is lost", f->name, (unsigned long long)n);
    }
    expect_same_rows(k, calm, f->name);
    k->follow->sizes = tiny;
}

static void
a_rebuild_failing_anywhere(void **state)
{
    struct kit k, calm;

    (void)state;
    small_world(&k, &calm);
    k.follow->sizes = tiny;
    for (size_t f = 0; f < FAULTS + FILE_FAULTS; f++) {
        const struct fault *fault = f < FAULTS ? &faults[f] : &file_faults[f - FAULTS];
        int failed = 0;
        rebuilds_failing(&k, &calm, fault, &failed);
        if (failed == 0 && fault->kinds != NTH_DEL)     /* a store made in bulk removes nothing */
            fail_msg("%s failed no rebuild", fault->name);
    }
    kit_close(&k);
    kit_close(&calm);
}

/* ---- opened, read ---- */

static void
openings_failing(struct kit *k, const struct fault *f, int *failed)
{
    for (uint64_t n = 1; nth_more(f->kinds, n, f->code); n += n / 16 + 1) {
        struct tl_err err = {0};
        follow_close(&k->follow);
        int rc = follow_open(&k->follow, k->data, &k->conf, k->log, &err);
        bool hit = nth_done();
        if (!hit)
            assert_int_equal(rc, 0);
        assert_int_equal(rc == 0, k->follow != NULL);
        if (rc == 0)
            continue;
        expect_told(f, n, rc, &err);
        ++*failed;
    }
    kit_follow(k);
}

/* A store that is there, and one that is not: opened in the end, with every row. */
static void
an_opening_failing_anywhere(void **state)
{
    char path[PATH_MAX];
    struct kit k, calm;

    (void)state;
    small_world(&k, &calm);
    for (size_t f = 0; f < FAULTS + FILE_FAULTS; f++) {
        const struct fault *fault = f < FAULTS ? &faults[f] : &file_faults[f - FAULTS];
        int failed = 0;
        for (int none = 0; none < 2; none++) {
            follow_close(&k.follow);
            if (none)
                kit_remove(tl_run_path(path, k.data, "journeys"));
            openings_failing(&k, fault, &failed);
            expect_same_rows(&k, &calm, fault->name);
        }
        if (failed == 0 && !(fault->kinds & (NTH_DEL | NTH_READ)))
            fail_msg("%s failed no opening", fault->name);
    }
    kit_close(&k);
    kit_close(&calm);
}

struct reading { const char *journeys; struct tl_eventlog *log; const uint8_t *key; struct tl_buf text; };

static int
read_rows(struct reading *r, struct tl_err *err)
{
    struct tl_store *s = NULL;
    struct tl_store_txn *t = NULL;
    int rc = tl_store_open_read(&s, r->journeys, err);

    tl_buf_reset(&r->text);
    if (rc == 0)
        rc = tl_store_begin(s, &t, err);
    if (rc == 0)
        rc = tl_canon_rows(t, r->log, r->key, kit_line, &r->text, err);
    tl_store_end(&t);
    tl_store_close(&s);
    return rc;
}

/* Read by somebody else: all rows, or the reason why not. */
static void
a_reading_failing_anywhere(void **state)
{
    char path[PATH_MAX], journeys[PATH_MAX];
    uint8_t key[TL_KEY_BYTES];
    struct tl_err err = {0};
    struct kit k, calm;

    (void)state;
    small_world(&k, &calm);
    char *want = kit_rows(&calm);
    follow_close(&k.follow);
    assert_int_equal(tl_key_load(tl_run_path(path, k.data, "keys/identity.key"), 0, key, &err), 0);
    struct reading r = { tl_run_path(journeys, k.data, "journeys"), k.log, key, {0} };
    for (size_t f = 0; f < FAULTS + FILE_FAULTS; f++) {
        const struct fault *fault = f < FAULTS ? &faults[f] : &file_faults[f - FAULTS];
        int failed = 0;
        for (uint64_t n = 1; nth_more(fault->kinds, n, fault->code); n += n / 16 + 1) {
            int rc = read_rows(&r, &err);
            bool hit = nth_done();
            assert_true(hit || rc == 0);
            if (rc != 0)
                expect_told(fault, n, rc, &err);
            else if (r.text.len != strlen(want) || memcmp(r.text.data, want, r.text.len) != 0)
                fail_msg("%s, the %lluth: other rows", fault->name, (unsigned long long)n);
            failed += rc != 0;
            err = (struct tl_err){0};
        }
        if (failed == 0 && fault->kinds & (NTH_ALLOC | NTH_GET | NTH_CURSOR | NTH_BEGIN))
            fail_msg("%s failed no reading", fault->name);
    }
    tl_free(want);
    tl_buf_free(&r.text);
    kit_open_follow(&k);
    kit_close(&k);
    kit_close(&calm);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_round_failing_anywhere),
        cmocka_unit_test(a_rebuild_failing_anywhere),
        cmocka_unit_test(an_opening_failing_anywhere),
        cmocka_unit_test(a_reading_failing_anywhere),
    };
    return tl_hash_init() == 0 ? cmocka_run_group_tests_name("stitch_fault", tests, NULL, NULL) : 1;
}
