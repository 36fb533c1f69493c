/* t_shared.c - an identity that many people are told with ties nobody, whatever the order and wherever rounds end; below the limit it ties all. The oracle is the same
 * world without it: a tablet at the till, or a user called guest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "../../aggregator/identify.h"
#include "store_kit.h"

#define EVENTS 240

/* members with a device each; every event may name the tablet, too */
static void
fill(char text[EVENTS][200], struct kit_event e[EVENTS], int members, bool tablet, int first, int step)
{
    for (int k = 0; k < EVENTS; k++) {
        int i = (first + k * step) % EVENTS, m = i % members;
        snprintf(text[k], 200, "{\"id\":\"e%d\",\"type\":\"t%d\",\"ids\":{\"member\":\"m%d\",\"anonymous\":\"a%d\"%s},\"time\":%d000}", i, i % 5, m, i % (2 * members), tablet ? ",\"device\":\"till-1\"" : "", 1767571200 + i * 60);
        e[k] = (struct kit_event){ text[k], "shop", 1790000000000 };
    }
}

static char *
rows_of(int members, bool tablet, int first, int step, int round, bool rebuild)
{
    static char text[EVENTS][200];
    static struct kit_event e[EVENTS];
    struct kit k;

    kit_open(&k, NULL);
    fill(text, e, members, tablet, first, step);
    for (int at = 0; at < EVENTS; at += round) {
        kit_log(&k, e + at, (size_t)(EVENTS - at < round ? EVENTS - at : round));
        kit_follow(&k);
    }
    char *live = kit_rows(&k);
    if (rebuild) {
        kit_rebuild(&k);
        char *made = kit_rows(&k);
        assert_string_equal(live, made);
        tl_free(made);
    }
    kit_close(&k);
    return live;
}

static void
a_tablet_of_many_ties_nobody(void **state)
{
    char *want = rows_of(60, false, 0, 1, EVENTS, false);
    static const struct { int first, step, round; } turn[] = { { 0, 1, EVENTS }, { 0, 1, 17 }, { 239, 239, 50 }, { 11, 7, 31 }, { 100, 77, 23 } };
    (void)state;
    for (size_t i = 0; i < sizeof turn / sizeof turn[0]; i++) {
        char *got = rows_of(60, true, turn[i].first, turn[i].step, turn[i].round, i < 3);
        assert_string_equal(got, want);
        tl_free(got);
    }
    tl_free(want);
}

static void
the_limit_is_where_it_is_said(void **state)
{
    (void)state;
    for (int members = WHO_HOMES_MAX; members <= WHO_HOMES_MAX + 1; members++) {
        char *with = rows_of(members, true, 0, 1, 40, true), *without = rows_of(members, false, 0, 1, 40, false);
        if (members <= WHO_HOMES_MAX) assert_string_not_equal(with, without);
        else assert_string_equal(with, without);
        tl_free(with);
        tl_free(without);
    }
}

/* ---- the graph alone ---- */

static struct who
name(int i)
{
    struct who w = { .kind = 1 };
    uint64_t h = tl_mix64((uint64_t)i + 1000);

    memcpy(w.hash, &h, 8);
    memcpy(w.hash + 8, &i, sizeof i);
    return w;
}

static uint32_t
people(const struct identify *w)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < w->person_n; i++) n += w->person[i].first != WHO_NONE;
    return n;
}

static void
a_guest_with_thousands_of_browsers_ties_none(void **state)
{
    const struct who_source none = {0};
    uint64_t next = 1;
    struct identify *w = identify_new(&none, &next);
    uint32_t home = 0;
    (void)state;
    for (int i = 1; i <= 10000; i++) {
        struct who ids[] = { name(0), name(i) };
        assert_int_equal(identify_event(w, ids, 2, (uint64_t)i, false, &home, NULL), 0);
        assert_int_equal(people(w), i <= WHO_OTHERS_MAX ? 1 : i + 1);
        assert_int_equal(home, 0);
    }
    assert_int_equal(w->found_n, 1);
    assert_int_equal(w->found[0].position, WHO_OTHERS_MAX + 1);
    identify_free(&w);
}

static void
what_a_person_linked_holds(void **state)
{
    const struct who_source none = {0};
    uint64_t next = 1;
    struct identify *w = identify_new(&none, &next);
    struct who tablet = name(0), owner = name(1);
    uint32_t home = 0;
    (void)state;
    assert_int_equal(identify_link(w, &owner, &tablet, 1, NULL), 0);
    for (int i = 1; i <= 50; i++) {
        struct who ids[] = { name(i), tablet };
        assert_int_equal(identify_event(w, ids, 2, (uint64_t)i + 1, false, &home, NULL), 0);
    }
    assert_int_equal(people(w), 50);        /* the owner's is the tablet, the others are alone */
    assert_int_equal(identify_unlink(w, &owner, &tablet, NULL), 0);
    assert_int_equal(people(w), 51);
    identify_free(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tablet_of_many_ties_nobody),
        cmocka_unit_test(the_limit_is_where_it_is_said),
        cmocka_unit_test(a_guest_with_thousands_of_browsers_ties_none),
        cmocka_unit_test(what_a_person_linked_holds),
    };
    tl_hash_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
