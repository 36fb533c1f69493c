/* t_store_edges.c - the store at its edges: pairs of which much was said, a name that names no store, words without memory, frames and times that are none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "nth_kit.h"
#include "store_kit.h"
#include "tl_db.h"
#include "tl_due.h"
#include "tl_zstd.h"

static const uint8_t one[16] = { 1 }, two[16] = { 2 }, all[16] = { 3 };

/* ---- ties ---- */

struct said { int n, stop_at; uint64_t position[64], earlier; bool held[64]; };

static int
see_said(void *arg, const struct tl_store_said *s)
{
    struct said *x = arg;
    assert_true(x->n < 64);
    assert_memory_equal(s->other, two, 16);
    x->held[x->n] = s->holds;
    x->earlier += s->earlier;
    x->position[x->n++] = s->position;
    return x->n == x->stop_at ? 1 : 0;
}

static int
see_shared(void *arg, const struct tl_store_shared *s)
{
    assert_memory_equal(s->hash, all, 16);
    assert_int_equal(s->position, 77);
    ++*(int *)arg;
    return 0;
}

static int
see_tie(void *arg, const uint8_t a[16], const uint8_t b[16], enum tl_tie tie, uint64_t position)
{
    (void)a, (void)b, (void)tie, (void)position;
    ++*(int *)arg;
    return 0;
}

static void
ties(void **state)
{
    enum { SAID = TL_TIE_TRAIL_MAX + 9 };
    struct tl_store_w *w = kit_writer();
    struct tl_store_txn *t = NULL;
    struct tl_err err = {0};
    int shared = 0, pairs = 0;

    (void)state;
    for (uint64_t i = 1; i <= SAID; i++) {
        assert_int_equal(tl_store_w_begin(w, NULL), 0);
        assert_int_equal(tl_store_w_tie_put(w, one, two, i % 2 ? TL_TIE_CUT : TL_TIE_LINK, i * 10, NULL), 0);
        for (uint64_t n = 1; i == 3 && nth_more(NTH_GET | NTH_PUT, n, EIO); n++) {
            int rc = tl_store_w_tie_put(w, all, all, TL_TIE_SHARED, 77, &err);
            bool hit = nth_done();
            assert_int_equal(rc, hit ? TL_EIO : 0);
            if (hit) {          /* a failed write spoils its transaction */
                tl_store_w_abort(w);
                assert_int_equal(tl_store_w_begin(w, NULL), 0);
                assert_int_equal(tl_store_w_tie_put(w, one, two, TL_TIE_CUT, 30, NULL), 0);
            }
        }
        assert_int_equal(tl_store_w_commit(w, NULL), 0);
    }
    assert_int_equal(tl_store_w_ties(w, see_tie, &pairs, NULL), 0);
    assert_int_equal(pairs, 3);         /* both ways, and the one with itself */
    for (int a = 0; a < 2; a++) {
        struct said s = { .stop_at = a == 0 ? -1 : 2 };
        assert_int_equal(tl_store_w_read(w, &t, NULL), 0);
        assert_int_equal(tl_store_said(t, one, see_said, &s, &err), 0);
        assert_int_equal(s.n, a == 0 ? TL_TIE_TRAIL_MAX : 2);
        for (int i = 0; i < s.n; i++) {
            assert_int_equal(s.position[i], (SAID - i) * 10);
            assert_int_equal(s.held[i], i == 0);
        }
        assert_int_equal(s.earlier, a == 0 ? SAID - TL_TIE_TRAIL_MAX : 0);
        assert_int_equal(tl_store_shared(t, see_shared, &shared, &err), 0);
        assert_true(tl_store_is_shared(t, all));
        assert_false(tl_store_is_shared(t, one));
        assert_int_equal(tl_store_trouble(t, &err), 0);
        nth_more(NTH_GET, 1, EIO);
        assert_false(tl_store_is_shared(t, all));       /* not known, and that is told */
        nth_done();
        assert_int_equal(tl_store_trouble(t, &err), TL_EIO);
        tl_store_end(&t);
    }
    assert_int_equal(shared, 2);
    tl_store_w_close(&w);
}

/* ---- words ---- */

static void
words(void **state)
{
    struct tl_store_w *w = kit_writer();
    struct tl_store_txn *t = NULL;
    struct tl_err err = {0};

    (void)state;
    assert_int_equal(tl_store_w_begin(w, NULL), 0);
    uint32_t a = tl_store_w_word(w, TL_STR("alpha")), b = tl_store_w_word(w, TL_STR("beta"));
    assert_int_equal(tl_store_w_word(w, (struct tl_str){0}), 0);
    assert_int_equal(tl_store_w_word(w, TL_STR("alpha")), a);
    tl_store_w_lifecycle(w, a, 3);
    tl_store_w_lifecycle(w, a, 3);
    tl_store_w_lifecycle(w, 0, 3);
    tl_store_w_lifecycle(w, b + 100, 3);
    assert_int_equal(tl_store_w_commit(w, NULL), 0);
    assert_int_equal(tl_store_w_begin(w, NULL), 0);
    uint32_t gone = tl_store_w_word(w, TL_STR("gamma"));
    tl_store_w_lifecycle(w, b, 1);
    tl_store_w_abort(w);
    assert_int_equal(tl_store_w_read(w, &t, NULL), 0);
    assert_int_equal(tl_store_words_n(t), b);
    assert_int_equal(tl_store_word_number(t, TL_STR("beta")), b);
    assert_int_equal(tl_store_word_number(t, TL_STR("gamma")), 0);
    assert_int_equal(tl_store_word_number(t, (struct tl_str){0}), 0);
    assert_true(tl_str_is(tl_store_word(t, a), "alpha"));
    assert_null(tl_store_word(t, gone).p);
    assert_int_equal(tl_store_lifecycles(t, a), 1 << 3);
    assert_int_equal(tl_store_lifecycles(t, b), 0);
    assert_int_equal(tl_store_trouble(t, &err), 0);
    nth_more(NTH_CURSOR, 1, ENOMEM);
    assert_int_equal(tl_store_words_n(t), 0);
    nth_done();
    assert_int_equal(tl_store_trouble(t, &err), TL_ENOMEM);
    nth_more(NTH_GET, 1, EIO);
    assert_null(tl_store_word(t, a).p);
    nth_done();
    assert_int_equal(tl_store_trouble(t, &err), TL_ENOMEM);     /* the first stays */
    assert_non_null(strstr(err.text, "word"));
    tl_store_end(&t);
    tl_store_w_close(&w);
    /* memory running out while words are loaded is no damage: a store taken for damaged would be made anew */
    int failed = 0;
    for (uint64_t n = 1; nth_more(NTH_ALLOC, n, 0); n++) {
        int rc = tl_store_w_open(&w, dir, &err);
        assert_int_equal(rc, nth_done() ? TL_ENOMEM : 0);
        failed += rc != 0;
        tl_store_w_close(&w);
    }
    assert_true(failed > 3);
}

/* ---- what `current` says ---- */

static void
a_name_that_names_no_store(void **state)
{
    static const struct { const char *text; int rc; } rows[] = {
        { "journeys.1\n", 0 }, { "journeys.1 \n\n", 0 }, { "journeys.1", 0 }, { "journeys.9\n", TL_ENOTFOUND }, { "", TL_ECORRUPT }, { "\n", TL_ECORRUPT }, { "other\n", TL_ECORRUPT },
        { "journeys./../x\n", TL_ECORRUPT }, { "journeys.1/x\n", TL_ECORRUPT },
    };
    char path[PATH_MAX], longer[PATH_MAX + 10];
    struct tl_store *s = NULL, *none = NULL;
    struct tl_err err = {0};
    struct tl_store_w *w = kit_writer();

    (void)state;
    tl_store_w_close(&w);
    tl_store_w_close(NULL);
    tl_store_w_discard(NULL);
    tl_store_close(NULL);
    tl_store_close(&none);
    tl_store_end(NULL);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        FILE *f = fopen(tl_run_path(path, dir, "current"), "w");
        fputs(rows[i].text, f);
        fclose(f);
        int rc = tl_store_open_read(&s, dir, &err);
        if (rc != rows[i].rc)
            fail_msg("\"%s\": %s", rows[i].text, tl_err_name(rc));
        if (rc == 0) {
            assert_string_equal(tl_store_timezone(s), "UTC");
            assert_false(tl_store_stale(s));
            f = fopen(path, "w");
            fputs("journeys.7\n", f);
            fclose(f);
            assert_true(tl_store_stale(s));
            unlink(path);
            assert_false(tl_store_stale(s));        /* not known: it goes on */
        }
        tl_store_close(&s);
    }
    FILE *f = fopen(path, "w");
    fputs("journeys.1\n", f);
    fclose(f);
    memset(longer, 'x', sizeof longer);
    longer[sizeof longer - 1] = 0;
    longer[0] = '/';
    assert_int_equal(tl_store_open_read(&s, longer, &err), TL_ERANGE);
}

/* A store of an older program, which had fewer databases: another format, and not "none yet". */
static void
a_store_that_lacks_a_database(void **state)
{
    static const char *const few[] = { "meta", "ident", "dict", NULL };
    char path[PATH_MAX];
    struct tl_store *s = NULL;
    struct tl_err err = {0};
    struct tl_db *d = NULL;

    (void)state;
    struct tl_store_w *w = kit_writer();
    tl_store_w_close(&w);
    assert_int_equal(tl_db_open(&d, tl_run_path(path, dir, "journeys.900"), 0, 1u << 20, few, &err), 0);
    tl_db_close(&d);
    FILE *f = fopen(tl_run_path(path, dir, "current"), "w");
    fputs("journeys.900\n", f);
    fclose(f);
    assert_int_equal(tl_store_open_read(&s, dir, &err), TL_EVERSION);
    assert_non_null(strstr(err.text, "journeys.900"));
    assert_null(s);
    unlink(path);
}

/* A folder that cannot be read to its end: no number is given, for it may be taken, and the live store stays. */
static void
a_folder_that_cannot_be_listed(void **state)
{
    const struct tl_store_head head = { .position = 1, .next_customer = 1, .tallied = true, .zone = "UTC" };
    struct tl_store_w *live = kit_writer(), *w = NULL;
    struct tl_store *s = NULL;
    struct tl_err err = {0};
    int failed = 0;

    (void)state;
    for (uint64_t n = 1; n < 20; n++) {
        nth_only("readdir", n, EIO, false);
        int rc = tl_store_w_make(&w, dir, &head, &err);
        bool hit = nth_done();
        assert_int_equal(rc, hit ? TL_EIO : 0);
        failed += rc != 0;
        tl_store_w_discard(&w);
    }
    assert_true(failed > 2 && failed < 19);
    tl_store_w_close(&live);
    assert_int_equal(tl_store_open_read(&s, dir, &err), 0);
    tl_store_close(&s);
}

/* ---- frames ---- */

static void
frames(void **state)
{
    struct tl_buf packed = {0}, out = {0};
    struct tl_err err = {0};
    char text[5000];

    (void)state;
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)('a' + tl_mix64(i) % 7);
    for (size_t n = 0; n <= sizeof text; n += 1250) {
        tl_buf_reset(&packed);
        tl_buf_reset(&out);
        assert_int_equal(tl_zstd_pack((struct tl_str){ text, n }, 3, &packed, NULL), 0);
        struct tl_str in = { (char *)packed.data, packed.len };
        assert_int_equal(tl_zstd_unpack(in, n, &out, NULL), 0);
        assert_int_equal(out.len, n);
        assert_memory_equal(out.data, text, n);
        if (n > 0)
            assert_int_equal(tl_zstd_unpack(in, n - 1, &out, &err), TL_ETOOBIG);
        for (size_t cut = 0; cut < in.n; cut++) {
            tl_buf_reset(&out);
            assert_int_equal(tl_zstd_unpack((struct tl_str){ in.p, cut }, n + 1, &out, &err), TL_ECORRUPT);
            assert_int_equal(out.len, 0);
        }
    }
    assert_int_equal(tl_zstd_unpack(TL_STR("no frame"), 100, &out, &err), TL_ECORRUPT);
    for (uint64_t n = 1; nth_more(NTH_ALLOC, n, 0); n++) {
        struct tl_buf a = {0}, b = {0};
        int rc = tl_zstd_pack((struct tl_str){ text, sizeof text }, 1, &a, &err);
        if (rc == 0)
            rc = tl_zstd_unpack((struct tl_str){ (char *)a.data, a.len }, sizeof text, &b, &err);
        assert_int_equal(rc, nth_done() ? TL_ENOMEM : 0);
        tl_buf_free(&a);
        tl_buf_free(&b);
    }
    tl_buf_free(&packed);
    tl_buf_free(&out);
}

/* ---- times ---- */

static void
times(void **state)
{
    static const char *const good[] = {
        "2026-03-01", "2026-03-01T10:20Z", "2026-03-01t10:20:30z", "2026-03-01 10:20:30", "2026-03-01T10:20:60Z", "2026-03-01T10:20:30.1Z", "2026-03-01T10:20:30,123456+02:00",
        "2026-03-01T10:20:30+0200", "2026-03-01T10:20:30-02", "2024-02-29", "0000-01-01", "2026-03-01T23:59:59+23:59",
    };
    static const char *const bad[] = {
        "", "2026-02-29", "2026-00-01", "2026-13-01", "2026-03-00", "2026-03-32", "2026/03-01", "2026-03/01", "x026-03-01", "2026-03-01X10:20", "2026-03-01T24:00", "2026-03-01T10:60",
        "2026-03-01Tx0:20", "2026-03-01T10:x0", "2026-03-01T10.20", "2026-03-01T10:20:61", "2026-03-01T10:20:x1", "2026-03-01T10:20:30.", "2026-03-01T10:20:30.Z", "2026-03-01T10:20:30Zx",
        "2026-03-01T10:20:30+24:00", "2026-03-01T10:20:30+10:60", "2026-03-01T10:20:30+1", "2026-03-01T10:20:30+", "2026-03-01T10:20:30+02:", "2026-03-01T10:20:30+02:0", "2026-03-01T10:20:30+02:000",
        "2026-03-01T10:20:30*02", "2026-03-01T10:20:30+xx", "2026-03-01T10:20:30+02:xx", "2026-03-01T10:20:30.12:", "2026-03-01T10:20:30.12/", "2026-03-0", "2026-03-01T10:2", "2026-03-01T10:20.5",
    };
    int64_t ms = 0;
    int east = 0;

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        if (tl_time_parse(tl_str_of(good[i]), &ms, i % 2 ? &east : NULL) != 0)
            fail_msg("refused %s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (tl_time_parse(tl_str_of(bad[i]), &ms, &east) == 0)
            fail_msg("took %s", bad[i]);
    assert_int_equal(tl_time_parse((struct tl_str){0}, &ms, &east), TL_EINVAL);
    assert_int_equal(tl_time_parse(TL_STR("1970-01-01T02:00:01,5+02:00"), &ms, &east), 0);
    assert_int_equal(ms, 1500);
    assert_int_equal(east, 120);
    assert_int_equal(tl_time_parse(TL_STR("1969-12-31T23:59:59-0130"), &ms, &east), 0);
    assert_int_equal(ms, 90 * 60000 - 1000);
    assert_int_equal(east, -90);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ties), cmocka_unit_test(words), cmocka_unit_test(a_name_that_names_no_store), cmocka_unit_test(a_store_that_lacks_a_database),
        cmocka_unit_test(a_folder_that_cannot_be_listed), cmocka_unit_test(frames), cmocka_unit_test(times),
    };
    int rc = tl_hash_init() == 0 && folder_make(NULL) == 0 ? cmocka_run_group_tests_name("store_edges", tests, NULL, NULL) : 1;
    return folder_drop(NULL) == 0 ? rc : 1;
}
