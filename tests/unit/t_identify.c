/* t_identify.c - customers are the components of the link graph minus the cuts, whatever the order; numbers are given in log order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "../../aggregator/identify.h"
#include "nth_kit.h"
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

/* ---- whatever fails ---- */

static int source_calls, source_fails_at;

static int
find_stored(void *arg, const uint8_t hash[16], uint64_t *number, struct tl_err *err)
{
    (void)arg;
    if (++source_calls == source_fails_at)
        return tl_fail(err, TL_EIO, "the store cannot be read");
    for (int i = 0; i < 6; i++)
        if (memcmp(name(i).hash, hash, 16) == 0) {
            *number = (uint64_t)i / 2 + 1;
            return 0;
        }
    return TL_ENOTFOUND;
}

/* customers 1..3 of two names each, linked by two arrivals */
static int
load_stored(void *arg, uint64_t number, struct tl_profile *p, struct tl_err *err)
{
    static struct tl_store_identity identity[2];
    static struct tl_profile_link link;

    (void)arg;
    if (++source_calls == source_fails_at)
        return tl_fail(err, TL_EIO, "the store cannot be read");
    for (int i = 0; i < 2; i++) {
        identity[i] = (struct tl_store_identity){ .kind = 1, .first_position = number * 10 + (uint64_t)i, .events = 1 };
        memcpy(identity[i].hash, name((int)(number - 1) * 2 + i).hash, 16);
    }
    link = (struct tl_profile_link){ .a = 0, .b = 1, .told_n = 2, .first_position = number * 10 + 1 };
    *p = (struct tl_profile){ .events = 2, .identity = identity, .identity_n = 2, .link = &link, .link_n = 1 };
    return 0;
}

/* Stored and new people, cut, linked, told again alone, and one who is everybody: 0, or what an operation came to. */
static int
many_steps(struct identify *w, struct tl_err *err)
{
    uint32_t home = 0;
    int rc = 0;

    for (int i = 0; rc == 0 && i < 30; i++) {
        const struct who ids[] = { name(i), name(i / 2 + 1), name(5) };
        rc = identify_event(w, ids, 1 + (uint32_t)i % 3, 100 + (uint64_t)i, i % 11 == 10, &home, err);
        if (rc == 0 && i % 7 == 3)
            rc = identify_retell(w, ids, 1 + (uint32_t)i % 3, 100 + (uint64_t)i, true, &home, err);
        if (rc == 0 && i % 7 == 4)
            rc = identify_retell(w, ids, 1 + (uint32_t)i % 3, 100 + (uint64_t)i, false, &home, err);
        if (rc == 0 && i % 5 == 4) {
            rc = identify_tie(w, ids[0].hash, ids[1].hash, i % 2 ? TL_TIE_LINK : TL_TIE_CUT) != 0 ? tl_fail(err, TL_ENOMEM, "out of memory") : 0;
            if (rc == 0)
                rc = i % 2 ? identify_link(w, &ids[0], &ids[1], 200, err) : identify_unlink(w, &ids[0], &ids[1], err);
        }
    }
    for (int i = 100; rc == 0 && i < 100 + WHO_HOMES_MAX + 3; i++) {    /* a tablet of the shop */
        const struct who ids[] = { name(i), name(99) };
        rc = identify_event(w, ids, 2, 300 + (uint64_t)i, false, &home, err);
    }
    for (int i = 200; rc == 0 && i < 700; i++) {                         /* tables grow */
        const struct who ids[] = { name(i), name(i + 1000) };
        rc = identify_event(w, ids, 2, 400 + (uint64_t)i, false, &home, err);
    }
    return rc;
}

static void
whatever_fails_is_told(void **state)
{
    const struct who_source stored = { find_stored, load_stored, NULL };
    int failed[2] = {0};

    (void)state;
    for (int f = 0; f < 2; f++) {
        bool hit = true;
        for (uint64_t n = 1; hit; n++) {
            struct tl_err err = {0};
            uint64_t next = 4;
            source_calls = 0;
            source_fails_at = f == 1 ? (int)n : 0;
            nth_more(f == 0 ? NTH_ALLOC : 0, n, 0);
            struct identify *w = identify_new(&stored, &next);
            int rc = w != NULL ? many_steps(w, &err) : tl_fail(&err, TL_ENOMEM, "new");
            hit = nth_done() || (f == 1 && source_calls >= (int)n);
            if (rc != (!hit ? 0 : f == 0 ? TL_ENOMEM : TL_EIO) || (rc != 0 && err.text[0] == 0))
                fail_msg("the %lluth: %s \"%s\"", (unsigned long long)n, tl_err_name(rc), err.text);
            failed[f] += rc != 0;
            if (w != NULL) {                /* begun anew it comes to an end */
                uint64_t people = next;
                source_fails_at = 0;
                identify_reset(w);
                identify_forget_ties(w);
                assert_int_equal(many_steps(w, &err), 0);
                assert_true(next > people || rc == 0);
                assert_int_equal(w->found_n, 1);
            }
            identify_free(&w);
        }
    }
    assert_true(failed[0] > 10 && failed[1] > 30);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_come_in_order_and_merges_keep_the_smaller), cmocka_unit_test(a_cut_splits_and_stays),
        cmocka_unit_test(a_cut_before_any_event_holds),                      cmocka_unit_test(components_are_those_of_the_graph),
        cmocka_unit_test(whatever_fails_is_told),
    };
    return tl_hash_init() == 0 ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
