/* t_identify.c - customers are the components of the link graph minus the cuts, whatever the order; numbers are given in log order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "../../aggregator/identify.h"
#include "tl_hash.h"

static struct who
name(int i)
{
    struct who w = { .kind = 1 };
    uint64_t h = tl_mix64((uint64_t)i + 1000);

    memcpy(w.hash, &h, 8);
    w.hash[15] = (uint8_t)i;
    return w;
}

struct test { struct identify *w; uint64_t next; };

static void
begin(struct test *t)
{
    const struct who_source none = {0};

    t->next = 1;
    t->w = identify_new(&none, &t->next);
    assert_non_null(t->w);
}

static uint64_t
event(struct test *t, int a, int b, int c, uint64_t position)
{
    const struct who ids[] = { name(a), name(b), name(c) };
    uint32_t home = 0;

    assert_int_equal(identify_event(t->w, ids, b < 0 ? 1 : c < 0 ? 2 : 3, position, false, &home, NULL), 0);
    return t->w->person[t->w->id[home].person].number;
}

static void
tie(struct test *t, int a, int b, bool link, uint64_t position)
{
    struct who x = name(a), y = name(b);

    assert_int_equal(identify_tie(t->w, x.hash, y.hash, link ? TL_TIE_LINK : TL_TIE_CUT), 0);
    assert_int_equal(link ? identify_link(t->w, &x, &y, position, NULL) : identify_unlink(t->w, &x, &y, NULL), 0);
}

static void
numbers_come_in_order_and_merges_keep_the_smaller(void **state)
{
    struct test t;

    (void)state;
    begin(&t);
    assert_int_equal(event(&t, 1, -1, -1, 1), 1);
    assert_int_equal(event(&t, 2, -1, -1, 2), 2);
    assert_int_equal(event(&t, 3, 2, -1, 3), 2);       /* a new identity joins a known customer: no number is spent */
    assert_int_equal(event(&t, 4, -1, -1, 4), 3);
    assert_int_equal(event(&t, 4, 1, -1, 5), 1);
    assert_int_equal(event(&t, 3, 4, -1, 6), 1);
    assert_int_equal(event(&t, 5, -1, -1, 7), 4);
    identify_free(&t.w);
}

static void
a_cut_splits_and_stays(void **state)
{
    struct test t;

    (void)state;
    begin(&t);
    assert_int_equal(event(&t, 1, 2, -1, 1), 1);
    assert_int_equal(event(&t, 3, 2, -1, 2), 1);
    tie(&t, 3, 2, false, 3);
    assert_int_equal(event(&t, 3, -1, -1, 4), 2);      /* the part without the first-seen identity */
    assert_int_equal(event(&t, 1, -1, -1, 5), 1);
    assert_int_equal(event(&t, 3, 2, -1, 6), 2);       /* what events say does not link them again */
    assert_int_equal(event(&t, 2, -1, -1, 7), 1);
    tie(&t, 2, 3, true, 8);
    assert_int_equal(event(&t, 3, -1, -1, 9), 1);
    identify_free(&t.w);
}

static void
a_cut_before_any_event_holds(void **state)
{
    struct test t;

    (void)state;
    begin(&t);
    tie(&t, 1, 2, false, 1);
    assert_int_equal(event(&t, 1, 2, -1, 2), 1);
    assert_int_equal(event(&t, 2, -1, -1, 3), 2);
    identify_free(&t.w);
}

/* Components by relabelling, against random events, links and cuts. */
static void
components_are_those_of_the_graph(void **state)
{
    enum { NAMES = 14, STEPS = 60 };
    uint64_t seed = 7;

    (void)state;
    for (int world = 0; world < 300; world++) {
        int edge[NAMES][NAMES] = {0}, said[NAMES][NAMES] = {0}, seen[NAMES] = {0}, label[NAMES];
        struct test t;
        begin(&t);
        for (uint64_t s = 1; s <= STEPS; s++) {
            seed = tl_mix64(seed + s);
            int a = (int)(seed % NAMES), b = (int)(seed / NAMES % NAMES);
            if (a == b || seed >> 60 > 12) {
                event(&t, a, -1, -1, s);
                seen[a] = 1;
            } else if (seed >> 60 > 3) {
                event(&t, a, b, -1, s);
                seen[a] = seen[b] = edge[a][b] = edge[b][a] = 1;
            } else {
                bool link = seed >> 60 == 0;
                tie(&t, a, b, link, s);
                said[a][b] = said[b][a] = link ? 2 : 1;
                if (link)
                    seen[a] = seen[b] = 1;
            }
        }
        for (int i = 0; i < NAMES; i++)
            label[i] = i;
        for (int again = 0; again < NAMES; again++)
            for (int a = 0; a < NAMES; a++)
                for (int b = 0; b < NAMES; b++)
                    if ((edge[a][b] && said[a][b] != 1) || said[a][b] == 2)
                        label[a] = label[b] = label[a] < label[b] ? label[a] : label[b];
        for (int a = 0; a < NAMES; a++)
            for (int b = 0; b < NAMES; b++)
                if (seen[a] && seen[b])
                    assert_int_equal(label[a] == label[b], event(&t, a, -1, -1, STEPS + 1) == event(&t, b, -1, -1, STEPS + 1));
        identify_free(&t.w);
    }
}

static void
memory_running_out_is_told(void **state)
{
    (void)state;
    for (uint64_t k = 1; k < 40; k++) {
        const struct who_source none = {0};
        uint64_t next = 1;
        int rc = 0;
        tl_alloc_fail_at(k, true);
        struct identify *w = identify_new(&none, &next);
        for (int i = 0; w != NULL && rc == 0 && i < 300; i++) {
            const struct who ids[] = { name(i), name(i / 2) };
            uint32_t home;
            rc = identify_event(w, ids, i > 1 ? 2 : 1, (uint64_t)i, false, &home, NULL);
        }
        tl_alloc_fail_at(0, false);
        assert_true(w == NULL || rc == 0 || rc == TL_ENOMEM);
        identify_free(&w);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_come_in_order_and_merges_keep_the_smaller), cmocka_unit_test(a_cut_splits_and_stays),
        cmocka_unit_test(a_cut_before_any_event_holds),                      cmocka_unit_test(components_are_those_of_the_graph),
        cmocka_unit_test(memory_running_out_is_told),
    };
    return tl_hash_init() == 0 ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
