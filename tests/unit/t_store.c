/* t_store.c - the store: what is written is read back, an abort leaves nothing, revisions follow rows, a swing is noticed, flipped bytes are told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "store_kit.h"

static struct tl_step steps[TL_JOURNEY_STEPS_MAX];

static void
make(void)
{
    struct tl_store_head head = { .catalogue = "c", .zone = "UTC", .position = 1, .next_customer = 1, .newest_event_ms = TL_TIME_NONE, .newest_live_ms = TL_TIME_NONE };
    struct tl_store_w *w = NULL;
    struct tl_err err = {0};

    assert_int_equal(tl_store_w_make(&w, dir, &head, &err), 0);
    assert_int_equal(tl_store_w_swing(&w, &err), 0);
    assert_null(w);
}

static struct tl_store_w *
writer(void)
{
    struct tl_store_w *w = NULL;
    struct tl_err err = {0};

    assert_int_equal(tl_store_w_open(&w, dir, &err), 0);
    return w;
}

/* One row of type `all` on a day; its hash. */
static uint64_t
row(struct tl_store_w *w, int32_t day, uint64_t customer, uint32_t touchpoint, uint64_t was, bool del)
{
    struct tl_step step = { .touchpoint = touchpoint, .start_ms = day * TL_DAY_MS, .end_ms = day * TL_DAY_MS, .wait_ms = -1 };
    struct tl_journey j = { .type = (uint16_t)tl_store_w_word(w, TL_STR("all")), .day = day, .customer = customer, .start_ms = day * TL_DAY_MS, .last_ms = day * TL_DAY_MS, .steps_n = 1, .step = &step };
    uint8_t key[TL_JOURNEY_KEY_BYTES];
    struct tl_buf b = {0};

    tl_rows_journey_key(&j, key);
    tl_rows_journey_put(&b, &j);
    struct tl_str r = { (char *)b.data, b.len };
    uint64_t hash = tl_store_row_hash(key, r);
    int rc = del ? tl_store_w_row_del(w, key, was, NULL) : was != 0 ? tl_store_w_row_replace(w, key, r, was, hash, NULL) : tl_store_w_row_put(w, key, r, hash, NULL);
    assert_int_equal(rc, 0);
    tl_buf_free(&b);
    return hash;
}

static int
sum_days(void *arg, const struct tl_store_day *d)
{
    uint64_t *sum = arg;

    sum[0] += d->revision;
    sum[1] += d->journeys;
    return 0;
}

static int
count_rows(void *arg, struct tl_str key, struct tl_str bytes)
{
    struct tl_journey j;

    assert_int_equal(tl_rows_journey_get(key, bytes, steps, &j), 0);
    ++*(int *)arg;
    return 0;
}

static void
revisions_follow_rows(void **state)
{
    struct tl_err err = {0};
    struct tl_store *s = NULL;
    struct tl_store_txn *t = NULL;
    uint64_t sum[2] = {0};
    int rows = 0;

    (void)state;
    make();
    struct tl_store_w *w = writer();
    assert_int_equal(tl_store_w_begin(w, &err), 0);
    uint64_t a = row(w, -3, 1, 5, 0, false), b = row(w, -3, 2, 5, 0, false), c = row(w, 7, 1, 5, 0, false);
    assert_int_equal(tl_store_w_commit(w, &err), 0);
    assert_int_equal(tl_store_w_head(w)->journeys, 3);
    assert_int_equal(tl_store_w_begin(w, &err), 0);
    row(w, -3, 2, 0, b, true);
    uint64_t a2 = row(w, -3, 1, 6, a, false);
    assert_int_equal(tl_store_w_commit(w, &err), 0);
    /* an abort: nothing of it is seen */
    assert_int_equal(tl_store_w_begin(w, &err), 0);
    row(w, 9, 9, 5, 0, false);
    uint32_t lost = tl_store_w_word(w, TL_STR("lost"));
    tl_store_w_abort(w);
    assert_int_equal(tl_store_w_word(w, TL_STR("other")), lost);
    tl_store_w_close(&w);

    assert_int_equal(tl_store_open_read(&s, dir, &err), 0);
    assert_string_equal(tl_store_timezone(s), "UTC");
    assert_int_equal(tl_store_begin(s, &t, &err), 0);
    uint16_t all = (uint16_t)tl_store_word_number(t, TL_STR("all"));
    assert_int_equal(tl_store_days(t, all, -100, 100, sum_days, sum, &err), 0);
    assert_true(sum[0] == a2 + c && sum[1] == 2);
    sum[0] = sum[1] = 0;
    assert_int_equal(tl_store_days(t, all, -2, 100, sum_days, sum, &err), 0);
    assert_true(sum[0] == c && sum[1] == 1);
    assert_int_equal(tl_store_journeys(t, all, -3, count_rows, &rows, &err), 0);
    assert_int_equal(rows, 1);
    tl_store_end(&t);
    tl_store_close(&s);
}

static void
words_and_lifecycles_come_back(void **state)
{
    struct tl_err err = {0};
    struct tl_store *s = NULL;
    struct tl_store_txn *t = NULL;
    char word[700], name[32];
    uint32_t number[3000];

    (void)state;
    memset(word, 'w', sizeof word);
    make();
    for (int part = 0; part < 3; part++) {
        struct tl_store_w *w = writer();
        assert_int_equal(tl_store_w_begin(w, &err), 0);
        for (int i = part * 1000; i < part * 1000 + 1000; i++) {
            snprintf(name, sizeof name, "word %d", i);
            number[i] = tl_store_w_word(w, tl_str_of(name));
            assert_int_equal(number[i], i + 1);
        }
        assert_int_equal(tl_store_w_word(w, tl_str_of("word 5")), number[5]);
        assert_int_equal(tl_store_w_word(w, (struct tl_str){0}), 0);
        tl_store_w_lifecycle(w, 3, TL_LC_START);
        tl_store_w_lifecycle(w, 3, (unsigned)part + TL_LC_COMPLETE);
        assert_int_equal(tl_store_w_commit(w, &err), 0);
        tl_store_w_close(&w);
    }
    struct tl_store_w *w = writer();
    assert_int_equal(tl_store_w_begin(w, &err), 0);
    uint32_t long_a = tl_store_w_word(w, (struct tl_str){ word, 600 }), long_b = tl_store_w_word(w, (struct tl_str){ word, 700 });
    assert_int_not_equal(long_a, long_b);
    assert_int_equal(tl_store_w_commit(w, &err), 0);
    tl_store_w_close(&w);
    assert_int_equal(tl_store_open_read(&s, dir, &err), 0);
    assert_int_equal(tl_store_begin(s, &t, &err), 0);
    assert_int_equal(tl_store_words_n(t), 3002);
    for (int i = 0; i < 3000; i++) {
        snprintf(name, sizeof name, "word %d", i);
        assert_int_equal(tl_store_word_number(t, tl_str_of(name)), number[i]);
        assert_true(tl_str_is(tl_store_word(t, number[i]), name));
    }
    assert_int_equal(tl_store_word_number(t, (struct tl_str){ word, 700 }), long_b);
    assert_int_equal(tl_store_word_number(t, TL_STR("unknown")), 0);
    assert_int_equal(tl_store_lifecycles(t, 3), 1u << TL_LC_START | 1u << TL_LC_COMPLETE | 1u << TL_LC_OTHER | 1u << TL_LC_SPAN);
    assert_int_equal(tl_store_lifecycles(t, 4), 0);
    tl_store_end(&t);
    tl_store_close(&s);
}

static struct tl_kept
kept(uint32_t i)
{
    return (struct tl_kept){ .id_hash = tl_mix64(i) & TL_KEPT_ID_MASK, .position = i * 10 + 1, .type = 1, .touchpoint = i % 7, .time_ms = 1700000000000 + i * 60000, .received_ms = TL_TIME_NONE,
                             .skew_ms = 0, .wait_ms = -1, .handle_ms = -1, .at_ms = TL_TIME_NONE };
}

static void
check_events(struct tl_store_w *w, const struct tl_kept *want, uint32_t n)
{
    struct tl_store_kept k = {0};

    assert_int_equal(tl_store_w_events(w, 5, &k, NULL), 0);
    assert_int_equal(k.n, n);
    for (uint32_t i = 0; i < n; i++)
        assert_true(k.event[i].id_hash == want[i].id_hash && k.event[i].position == want[i].position && k.event[i].time_ms == want[i].time_ms);
    tl_store_kept_free(&k);
}

/* Appending, changing in the middle and shrinking write what a fresh packing would, and leave neighbours alone. */
static void
blocks_are_rewritten_from_where_they_differ(void **state)
{
    enum { N = 2000 };
    static struct tl_kept e[N];
    struct tl_store_kept k = {0};
    struct tl_err err = {0};

    (void)state;
    for (uint32_t i = 0; i < N; i++)
        e[i] = kept(i);
    make();
    struct tl_store_w *w = writer();
    assert_int_equal(tl_store_w_begin(w, &err), 0);
    assert_int_equal(tl_store_w_events_put(w, 4, e, 50, 0, NULL, 0, &err), 0);
    assert_int_equal(tl_store_w_events_put(w, 6, e, 50, 0, NULL, 0, &err), 0);
    for (uint32_t n = 0, more = 1; n < N; n += more, more = more * 2 % 97) {
        uint32_t to = n + more < N ? n + more : N;
        k.n = k.block_n = 0;
        assert_int_equal(tl_store_w_events(w, 5, &k, &err), 0);
        assert_int_equal(tl_store_w_events_put(w, 5, e, to, k.n, k.block, k.block_n, &err), 0);
        check_events(w, e, to);
    }
    const uint32_t cuts[][2] = { { 1500, 2000 }, { 700, 2000 }, { 0, 2000 }, { 1999, 1999 }, { 300, 900 }, { 899, 1 }, { 0, 0 } };
    for (size_t c = 0; c < sizeof cuts / sizeof *cuts; c++) {
        if (cuts[c][0] < cuts[c][1])
            e[cuts[c][0]].time_ms += 12345678;
        k.n = k.block_n = 0;
        assert_int_equal(tl_store_w_events(w, 5, &k, &err), 0);
        uint32_t same = cuts[c][0] < cuts[c][1] ? cuts[c][0] : cuts[c][1];
        assert_int_equal(tl_store_w_events_put(w, 5, e, cuts[c][1], same, k.block, k.block_n, &err), 0);
        check_events(w, e, cuts[c][1]);
    }
    k.n = k.block_n = 0;
    assert_int_equal(tl_store_w_events(w, 6, &k, &err), 0);
    assert_int_equal(k.n, 50);
    assert_int_equal(tl_store_w_customer_del(w, 6, &err), 0);
    k.n = k.block_n = 0;
    assert_int_equal(tl_store_w_events(w, 6, &k, &err), 0);
    assert_int_equal(k.n, 0);
    tl_store_kept_free(&k);
    tl_store_w_abort(w);
    tl_store_w_close(&w);
}

static void
a_swing_is_noticed_and_the_old_goes(void **state)
{
    struct tl_err err = {0};
    struct tl_store *s = NULL;
    char path[256];

    (void)state;
    assert_int_equal(tl_store_open_read(&s, dir, &err), TL_ENOTFOUND);
    make();
    assert_int_equal(tl_store_open_read(&s, dir, &err), 0);
    assert_false(tl_store_stale(s));
    make();
    assert_true(tl_store_stale(s));
    tl_store_close(&s);
    snprintf(path, sizeof path, "%s/journeys.1", dir);
    assert_int_not_equal(access(path, F_OK), 0);
    snprintf(path, sizeof path, "%s/journeys.2", dir);
    assert_int_equal(access(path, F_OK), 0);
    assert_int_equal(tl_store_open_read(&s, dir, &err), 0);
    tl_store_close(&s);
}

static int
one_number(void *arg, uint64_t number)
{
    *(uint64_t *)arg = *(uint64_t *)arg * 100 + number;
    return 0;
}

static void
customers_are_walked_and_found(void **state)
{
    struct tl_err err = {0};
    struct tl_store *s = NULL;
    struct tl_store_txn *t = NULL;
    struct tl_arena *a = tl_arena_new(1 << 20);
    struct tl_customer c;
    uint64_t seen = 0, number = 0;
    const uint8_t cut_off[16] = { 9 };

    (void)state;
    make();
    struct tl_store_w *w = writer();
    assert_int_equal(tl_store_w_begin(w, &err), 0);
    for (uint64_t n = 3; n <= 12; n += 3) {
        struct tl_store_identity id[2] = { { .hash = { (uint8_t)n, 2 }, .kind = 1, .first_position = 4, .events = 1 }, { .hash = { (uint8_t)n, 1 }, .kind = 2, .first_position = 9, .events = 0 } };
        struct tl_profile_link link = { .a = 0, .b = 1, .told_n = 3, .first_position = 9 };
        struct tl_profile p = { .events = 1, .first_ms = 5, .last_ms = 6, .identity = id, .identity_n = 2, .link = &link, .link_n = 1 };
        struct tl_kept e = kept((uint32_t)n);
        assert_int_equal(tl_store_w_profile_put(w, n, &p, &err), 0);
        assert_int_equal(tl_store_w_events_put(w, n, &e, 1, 0, NULL, 0, &err), 0);
        assert_int_equal(tl_store_w_ident_put(w, id[0].hash, n, &err), 0);
        assert_int_equal(tl_store_w_ident_put(w, id[1].hash, n, &err), 0);
    }
    assert_int_equal(tl_store_w_tie_put(w, (const uint8_t[16]){ 6, 1 }, cut_off, TL_TIE_CUT, 77, &err), 0);
    assert_int_equal(tl_store_w_commit(w, &err), 0);
    tl_store_w_close(&w);
    assert_int_equal(tl_store_open_read(&s, dir, &err), 0);
    assert_int_equal(tl_store_begin(s, &t, &err), 0);
    assert_int_equal(tl_store_customers(t, 3, 2, one_number, &seen, &err), 0);
    assert_int_equal(seen, 609);
    assert_int_equal(tl_store_customer_by_hash(t, (const uint8_t[16]){ 6, 1 }, &number, &err), 0);
    assert_int_equal(number, 6);
    assert_int_equal(tl_store_customer_by_hash(t, cut_off, &number, &err), TL_ENOTFOUND);
    assert_int_equal(tl_store_customer(t, 6, a, &c, &err), 0);
    assert_true(c.hash[0] == 6 && c.hash[1] == 1 && c.identity_n == 2 && c.link_n == 2);
    assert_true(!c.link[0].cut && c.link[1].cut && c.link[1].first_position == 77 && memcmp(c.link[1].b, cut_off, 16) == 0);
    assert_int_equal(tl_store_customer(t, 7, a, &c, &err), TL_ENOTFOUND);
    tl_store_end(&t);
    tl_store_close(&s);
    tl_arena_free(&a);
}

/* Whatever byte of the file is flipped: never a crash, never another answer than the true one or an error. */
static void
flipped_bytes_are_told(void **state)
{
    struct tl_err err = {0};
    char path[256];

    customers_are_walked_and_found(state);
    snprintf(path, sizeof path, "%s/journeys.1/data.mdb", dir);
    FILE *f = fopen(path, "r+b");
    assert_non_null(f);
    fseek(f, 0, SEEK_END);
    long size = ftell(f);
    for (long i = 0; i < 400; i++) {
        long at = 8192 + (long)(tl_mix64((uint64_t)i) % (uint64_t)(size - 8192));
        struct tl_store *s = NULL;
        struct tl_store_txn *t = NULL;
        fseek(f, at, SEEK_SET);
        int byte = fgetc(f);
        /* pages' own headers and node tables are LMDB's, which trusts them: only what is a value of ours may be flipped */
        if (at % 4096 < 2048) continue;
        fseek(f, at, SEEK_SET);
        fputc(byte ^ 1 << i % 8, f);
        fflush(f);
        if (tl_store_open_read(&s, dir, &err) == 0 && tl_store_begin(s, &t, &err) == 0) {
            struct tl_kept *e = NULL;
            uint32_t n = 0;
            if (tl_store_events(t, 6, &e, &n, &err) == 0 && n == 1)
                assert_true(e[0].position == 61 && e[0].id_hash == kept(6).id_hash);
            tl_free(e);
        }
        tl_store_end(&t);
        tl_store_close(&s);
        fseek(f, at, SEEK_SET);
        fputc(byte, f);
        fflush(f);
    }
    fclose(f);
}

static void
sources_are_bounded(void **state)
{
    struct tl_err err = {0};
    struct tl_watermark m;
    char name[32];
    (void)state;
    make();
    struct tl_store_w *w = writer();
    assert_int_equal(tl_store_w_begin(w, &err), 0);
    for (int i = 0; i <= TL_WATERMARKS_MAX; i++) {
        snprintf(name, sizeof name, "till-%d", i);
        assert_int_equal(tl_store_w_watermark_put(w, &(struct tl_watermark){ tl_str_of(name), 5, 6 }, &err), i == TL_WATERMARKS_MAX);
    }
    assert_int_equal(tl_store_w_watermark_put(w, &(struct tl_watermark){ TL_STR("till-7"), 9, 6 }, &err), 0);
    assert_int_equal(tl_store_watermark(tl_store_w_txn(w), TL_STR("till-7"), &m), 0);
    assert_int_equal(m.until_ms, 9);
    assert_int_equal(tl_store_watermark(tl_store_w_txn(w), tl_str_of(name), &m), TL_ENOTFOUND);
    tl_store_w_abort(w);
    tl_store_w_close(&w);
}

int
main(void)
{
#define IN_DIR(f) cmocka_unit_test_setup_teardown(f, folder_make, folder_drop)
    const struct CMUnitTest tests[] = {
        IN_DIR(revisions_follow_rows),           IN_DIR(words_and_lifecycles_come_back),
        IN_DIR(blocks_are_rewritten_from_where_they_differ), IN_DIR(a_swing_is_noticed_and_the_old_goes),
        IN_DIR(customers_are_walked_and_found),  IN_DIR(flipped_bytes_are_told),
        IN_DIR(sources_are_bounded),
    };
    return tl_hash_init() == 0 ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
