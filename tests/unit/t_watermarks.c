/* t_watermarks.c - heartbeats through a real log: the watermark of a source is the largest said, in any order; a rebuild makes the same; they are nobody's events. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "store_kit.h"

#define T0 INT64_C(1780243200000)
#define MIN INT64_C(60000)

static const struct kit_event told[] = {
    { "{\"id\":\"1\",\"type\":\"heartbeat\",\"time\":1780243200000}", "till-S01", T0 + 5 },
    { "{\"id\":\"2\",\"type\":\"heartbeat\",\"time\":1780243320000}", "till-S01", T0 + 3 * MIN },
    { "{\"id\":\"3\",\"type\":\"heartbeat\",\"time\":1780243260000}", "till-S01", T0 + 4 * MIN },
    { "{\"id\":\"4\",\"type\":\"heartbeat\"}", "till-S02", T0 + 7 * MIN },                                                 /* no time: its receipt */
    { "{\"id\":\"5\",\"type\":\"heartbeat\",\"time\":1780300000000}", "till-S03", T0 + MIN },                               /* a clock ahead: no further than its receipt */
    { "{\"id\":\"6\",\"type\":\"heartbeat\",\"time\":1780239600000,\"sent_at\":1780239600000}", "till-S04", T0 },          /* an hour behind: set right */
    { "{\"id\":\"7\",\"type\":\"heartbeat\",\"place\":\"S05\",\"time\":1780243200000}", "pos", T0 + MIN },                  /* for one place of many */
    { "{\"id\":\"8\",\"type\":\"heartbeat\",\"time\":1780243200000}", "import:ndjson:x", T0 + MIN },                        /* a file is no source that goes on */
    { "{\"id\":\"9\",\"type\":\"heartbeat\",\"ids\":{\"device\":\"d\"},\"time\":1780243200000}", "iot", T0 + MIN },           /* a customer's device: an event like any */
};
enum { N = sizeof told / sizeof *told };

struct seen { char text[1000]; };

static int
one(void *arg, const struct tl_watermark *m)
{
    struct seen *s = arg;
    size_t n = strlen(s->text);
    snprintf(s->text + n, sizeof s->text - n, "%.*s %lld\n", (int)m->name.n, m->name.p, (long long)(m->until_ms - T0));
    return 0;
}

static void
check(struct kit *k, uint64_t events)
{
    struct seen s = { "" };
    struct tl_store_meta meta;
    struct tl_store_txn *t = NULL;
    struct tl_watermark m;
    struct tl_store *store = kit_read(k);

    assert_int_equal(tl_store_begin(store, &t, NULL), 0);
    assert_int_equal(tl_store_watermarks(t, one, &s, NULL), 0);
    assert_string_equal(s.text, "pos@S05 0\ntill-S01 120000\ntill-S02 420000\ntill-S03 60000\ntill-S04 0\n");
    assert_int_equal(tl_store_watermark(t, TL_STR("till-S01"), &m), 0);
    assert_true(m.until_ms == T0 + 2 * MIN && m.heard_ms == T0 + 4 * MIN);
    assert_int_equal(tl_store_watermark(t, TL_STR("till-S0"), &m), TL_ENOTFOUND);
    assert_true(m.until_ms == TL_TIME_NONE);
    assert_int_equal(tl_store_meta(t, &meta, NULL), 0);
    assert_int_equal(meta.events, events);
    assert_int_equal(meta.customers, 1);
    tl_store_end(&t);
    kit_read_done(k, &store);
}

static void
the_largest_said_stays(void **state)
{
    struct kit k;
    char *want = NULL;

    (void)state;
    for (int turn = 0; turn < 4; turn++) {
        struct follow_totals totals;
        kit_open(&k, NULL);
        for (int i = 0; i < N; i++) {
            int at = turn == 1 ? N - 1 - i : (i * 4 + turn) % N;        /* backwards, and in other orders: N and 4 have no common part */
            kit_log(&k, &told[at], 1);
            if (turn == 2)
                kit_follow(&k);
            if (turn == 3)
                kit_log(&k, &told[at], 1);
        }
        kit_follow(&k);
        check(&k, 1);
        follow_totals(k.follow, &totals);
        assert_true(totals.heartbeats == (turn == 3 ? 2 : 1) * (N - 1) && totals.refused == 0);
        assert_true(totals.stitched + totals.duplicates + totals.heartbeats == totals.position - 1);
        char *live = kit_rows(&k);
        kit_rebuild(&k);
        check(&k, 1);
        follow_totals(k.follow, &totals);
        assert_true(totals.stitched + totals.duplicates + totals.heartbeats == totals.position - 1);
        char *built = kit_rows(&k);
        assert_string_equal(live, built);
        if (want != NULL)
            assert_string_equal(live, want);
        tl_free(want);
        tl_free(built);
        want = live;
        kit_close(&k);
    }
    tl_free(want);
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(the_largest_said_stays) };
    return tl_hash_init() == 0 ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
