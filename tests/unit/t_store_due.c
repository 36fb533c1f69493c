/* t_store_due.c - moments in the store: what stands there after any changes is what an array says, by time and by customer, and no failure leaves half of one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "nth_kit.h"
#include "store_kit.h"
#include "tl_due.h"

enum { CUSTOMERS = 4, IDS = 12 };
static struct tl_due is[IDS + 1];           /* by id; customer 0: none */
static uint64_t seed = 3;

static uint64_t
below(uint64_t n)
{
    seed += UINT64_C(0x9E3779B97F4A7C15);
    return tl_mix64(seed) % n;
}

/* Each id is of one customer or of none; it may go over to another in the same transaction. */
static void
draw(struct tl_due to[IDS + 1])
{
    memcpy(to, is, sizeof is);
    for (int i = 1; i <= IDS; i++)
        if (below(3) == 0) {
            memset(&to[i], 0, sizeof to[i]);
            to[i].id = (uint64_t)i;
            to[i].customer = below(CUSTOMERS + 1);
            to[i].at_ms = (int64_t)below(50) - 25;
            to[i].milli = (int32_t)below(5);
        }
}

static int
write_all(struct tl_store_w *w, const struct tl_due to[IDS + 1], struct tl_err *err)
{
    int rc = tl_store_w_begin(w, err);

    for (uint64_t c = 1; rc == 0 && c <= CUSTOMERS; c++) {
        struct tl_due list[IDS];
        uint32_t n = 0;
        for (int i = 1; i <= IDS; i++)
            if (to[i].customer == c)
                list[n++] = to[i];
        rc = tl_store_w_dues(w, c, list, n, err);
    }
    if (rc == 0)
        return tl_store_w_commit(w, err);
    tl_store_w_abort(w);
    return rc;
}

struct window { int64_t from, to; struct tl_due seen[IDS]; int n, most; };

static int
see(void *arg, const struct tl_due *d)
{
    struct window *w = arg;
    assert_true(w->n < IDS);
    w->seen[w->n++] = *d;
    return w->n == w->most ? 1 : w->most < 0 ? TL_EINTR : 0;
}

static void
expect_state(struct tl_store_w *w)
{
    struct tl_due d;

    for (int64_t from = -26; from < 26; from += 13)
        for (int64_t to = from; to <= 26; to += 13) {
            struct window win = { .from = from, .to = to, .most = IDS + 1 };
            int want = 0;
            assert_int_equal(tl_store_w_due_window(w, from, to, see, &win, NULL), 0);
            for (int i = 1; i <= IDS; i++)
                want += is[i].customer != 0 && is[i].at_ms > from && is[i].at_ms <= to;
            assert_int_equal(win.n, want);
            for (int i = 0; i < win.n; i++) {
                assert_true(win.seen[i].at_ms > from && win.seen[i].at_ms <= to && win.seen[i].at_ms == is[win.seen[i].id].at_ms);
                assert_true(i == 0 || win.seen[i - 1].at_ms < win.seen[i].at_ms || (win.seen[i - 1].at_ms == win.seen[i].at_ms && win.seen[i - 1].id < win.seen[i].id));
            }
        }
    for (uint64_t i = 1; i <= IDS; i++) {
        int rc = tl_store_w_due(w, i, &d, NULL);
        assert_int_equal(rc, is[i].customer != 0 ? 0 : TL_ENOTFOUND);
        if (rc == 0)
            assert_true(d.customer == is[i].customer && d.at_ms == is[i].at_ms && d.milli == is[i].milli);
    }
}

static void
moments_are_what_an_array_says(void **state)
{
    struct tl_store_w *w = kit_writer();
    uint32_t n = 0;
    bool all = false;

    (void)state;
    for (int turn = 0; turn < 150; turn++) {
        struct tl_due to[IDS + 1];
        draw(to);
        tl_store_w_due_told(w);
        assert_int_equal(write_all(w, to, NULL), 0);
        const uint64_t *touched = tl_store_w_due_touched(w, &n, &all);
        for (int i = 1; i <= IDS; i++)              /* whatever changed is told */
            if (to[i].customer != is[i].customer || (to[i].customer != 0 && (to[i].at_ms != is[i].at_ms || to[i].milli != is[i].milli))) {
                bool told = all;
                for (uint32_t k = 0; k < n; k++)
                    told |= touched[k] == (uint64_t)i;
                assert_true(told);
            }
        memcpy(is, to, sizeof is);
        expect_state(w);
    }
    struct window stop = { .most = -1 };
    struct window first = { .most = 1 };
    assert_int_equal(tl_store_w_due_window(w, -100, 100, see, &stop, NULL), TL_EINTR);
    assert_int_equal(tl_store_w_due_window(w, -100, 100, see, &first, NULL), 0);
    assert_int_equal(first.n, 1);
    tl_store_w_close(&w);
}

static void
whatever_fails_leaves_them_as_they_were(void **state)
{
    static const struct { unsigned kinds; int code, want; } faults[] = {
        { NTH_ALLOC, 0, TL_ENOMEM }, { NTH_GET, EIO, TL_EIO }, { NTH_CURSOR, EIO, TL_EIO }, { NTH_PUT, EIO, TL_EIO }, { NTH_DEL, EIO, TL_EIO }, { NTH_BEGIN, EIO, TL_EIO },
        { NTH_GET | NTH_CURSOR, MDB_CORRUPTED, TL_ECORRUPT },
    };
    int failed[sizeof faults / sizeof faults[0]] = {0};

    (void)state;
    for (int turn = 0; turn < 42; turn++) {
        const size_t f = (size_t)turn % (sizeof faults / sizeof faults[0]);
        struct tl_store_w *w = kit_writer();        /* with nothing grown yet */
        struct tl_due to[IDS + 1];
        draw(to);
        for (uint64_t n = 1; nth_more(faults[f].kinds, n, faults[f].code); n++) {
            struct tl_err err = {0};
            int rc = write_all(w, to, &err);
            bool hit = nth_done();
            assert_true(hit || rc == 0);
            if (rc == 0) {
                memcpy(is, to, sizeof is);
                continue;
            }
            if (rc != faults[f].want || err.text[0] == 0)
                fail_msg("fault %zu, the %lluth: %s \"%s\"", f, (unsigned long long)n, tl_err_name(rc), err.text);
            expect_state(w);
            failed[f]++;
        }
        expect_state(w);
        for (uint64_t n = 1; nth_more(faults[f].kinds, n, faults[f].code); n++) {
            struct tl_err err = {0};
            struct window win = { .most = IDS + 1 };
            struct tl_store_txn *t = NULL;
            struct tl_due d;
            int a = tl_store_w_due_window(w, -100, 100, see, &win, &err), b = tl_store_w_due(w, 1, &d, &err), c = tl_store_w_read(w, &t, &err);
            tl_store_end(&t);
            bool hit = nth_done();
            assert_true(hit || (a == 0 && (b == 0 || b == TL_ENOTFOUND) && c == 0));
            assert_true(a == 0 || a == faults[f].want);
            assert_true(b == 0 || b == TL_ENOTFOUND || b == faults[f].want);
        }
        tl_store_w_close(&w);
    }
    for (size_t f = 0; f < sizeof faults / sizeof faults[0]; f++)
        assert_true(failed[f] > 0);
}

/* so many that a list of them is of no use */
static void
too_many_to_list(void **state)
{
    enum { MANY = 100010 };         /* ten more than are listed */
    struct tl_store_w *w = kit_writer();
    struct tl_due *list = calloc(MANY, sizeof *list);
    uint32_t n = 0;
    bool all = false;

    (void)state;
    for (uint32_t i = 0; i < MANY; i++)
        list[i] = (struct tl_due){ .id = 1000 + i, .customer = 77, .at_ms = i };
    assert_int_equal(tl_store_w_begin(w, NULL), 0);
    assert_int_equal(tl_store_w_dues(w, 77, list, MANY, NULL), 0);
    assert_int_equal(tl_store_w_commit(w, NULL), 0);
    tl_store_w_due_touched(w, &n, &all);
    assert_true(all);
    tl_store_w_due_told(w);
    assert_int_equal(tl_store_w_begin(w, NULL), 0);
    assert_int_equal(tl_store_w_dues(w, 77, NULL, 0, NULL), 0);
    tl_store_w_abort(w);                    /* undone: nothing is told */
    tl_store_w_due_touched(w, &n, &all);
    assert_int_equal(n, 0);
    free(list);
    tl_store_w_close(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_are_what_an_array_says), cmocka_unit_test(whatever_fails_leaves_them_as_they_were), cmocka_unit_test(too_many_to_list),
    };
    int rc = tl_hash_init() == 0 && folder_make(NULL) == 0 ? cmocka_run_group_tests_name("store_due", tests, NULL, NULL) : 1;
    return folder_drop(NULL) == 0 ? rc : 1;
}
