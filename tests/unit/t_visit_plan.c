/* t_visit_plan.c - planned visits: as many as wanted where they fit, inside the period, in slots of the scenario, never nearer than it says; and the same each time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "../../viewer/analysis/visit_plan.h"

static struct tl_arena *arena;
static struct tl_scenario_slot slots[] = { { .id = TL_STR("lunch"), .from_min = 690, .to_min = 810 }, { .id = TL_STR("night"), .from_min = 1380, .to_min = 60 } };

static uint64_t
next(uint64_t *s)
{
    *s = *s * 6364136223846793005u + 1442695040888963407u;
    return *s >> 33;
}

static struct visit_plan
make(const struct visit_plan_ask *ask)
{
    struct visit_plan p;
    struct tl_err err = {0};
    assert_int_equal(visit_plan_make(ask, arena, &p, &err), 0);
    return p;
}

/* how many fit at all, by trying every day in turn: what is greedily taken from the first day on is the most (one slot, none taken before) */
static uint32_t
most(int32_t days, int64_t apart_d)
{
    return apart_d < 1 ? (uint32_t)days : (uint32_t)((days - 1) / apart_d + 1);
}

static void
t_properties(void **state)
{
    uint64_t seed = 9;
    (void)state;
    for (int round = 0; round < 2000; round++) {
        int64_t apart_d = (int64_t)(next(&seed) % 20);
        struct tl_scenario s = { .id = TL_STR("s"), .slot = slots, .slot_n = (uint32_t)(next(&seed) % 3), .apart_ms = apart_d * 86400000 };
        const struct tl_str places[] = { TL_STR("S01"), TL_STR("S02"), TL_STR("老城") };
        struct visit_taken taken[3];
        uint32_t taken_n = (uint32_t)(next(&seed) % 4);
        struct visit_plan_ask ask = { &s, places, 3, 100, 100 + (int32_t)(next(&seed) % 60), 1 + (uint32_t)(next(&seed) % 5), taken, taken_n };
        for (uint32_t i = 0; i < taken_n; i++)
            taken[i] = (struct visit_taken){ places[next(&seed) % 3], ((int64_t)80 + (int64_t)(next(&seed) % 100)) * 1440 + 690 };
        struct visit_plan p = make(&ask), again = make(&ask);
        assert_int_equal(p.planned_n, again.planned_n);
        for (uint32_t i = 0; i < p.planned_n; i++) {
            const struct visit_planned *v = &p.planned[i];
            assert_memory_equal(v, &again.planned[i], sizeof *v);
            assert_true(v->day >= ask.from_day && v->day <= ask.to_day && v->to_minute > v->from_minute && v->to_minute - v->from_minute <= 1440);
            assert_true(s.slot_n == 0 ? v->slot == -1 : v->slot >= 0 && v->slot < (int)s.slot_n);
            for (uint32_t k = 0; k < i; k++)
                if (tl_str_eq(p.planned[k].place, v->place))
                    assert_true(v->from_minute > p.planned[k].from_minute && v->from_minute - p.planned[k].from_minute >= apart_d * 1440);
            for (uint32_t k = 0; k < taken_n; k++)
                if (tl_str_eq(taken[k].place, v->place))
                    assert_true(llabs(v->from_minute - taken[k].minute) >= (apart_d > 0 ? apart_d * 1440 : 1));
        }
        for (int at = 0; at < 3; at++) {         /* each place has what is wanted, or it is told */
            uint32_t n = 0, had = 0;
            bool told = false;
            for (uint32_t i = 0; i < p.planned_n; i++)
                n += tl_str_eq(p.planned[i].place, places[at]);
            for (uint32_t i = 0; i < taken_n; i++)
                had += tl_str_eq(taken[i].place, places[at]) && taken[i].minute >= 100 * 1440 && taken[i].minute < (int64_t)(ask.to_day + 1) * 1440;
            for (uint32_t i = 0; i < p.missing_n; i++)
                told = told || tl_str_eq(p.missing[i].place, places[at]);
            assert_true(told == (n + had < ask.each));
            if (taken_n == 0 && s.slot_n < 2)
                assert_int_equal(n, ask.each < most(ask.to_day - ask.from_day + 1, apart_d) ? ask.each : most(ask.to_day - ask.from_day + 1, apart_d));
        }
        tl_arena_reset(arena);
    }
}

static void
t_spread(void **state)
{
    struct tl_scenario s = { .id = TL_STR("lunch_pickup"), .slot = slots, .slot_n = 2, .apart_ms = INT64_C(14) * 86400000 };
    struct tl_str places[64];
    char name[64][16];
    uint32_t days[31] = {0}, different = 0;
    (void)state;
    for (int i = 0; i < 64; i++) {
        snprintf(name[i], sizeof name[i], "S%02d", i);
        places[i] = tl_str_of(name[i]);
    }
    struct visit_plan_ask ask = { &s, places, 64, 0, 55, 3, NULL, 0 };
    struct visit_plan p = make(&ask);
    assert_int_equal(p.planned_n, 192);
    for (uint32_t i = 0; i < p.planned_n; i += 3)
        if (p.planned[i].day < 31)
            days[p.planned[i].day]++;
    for (int i = 0; i < 31; i++)
        different += days[i] > 0;
    assert_true(different > 6);          /* places do not all begin on one day */
}

static void
t_refused(void **state)
{
    struct tl_scenario s = { .id = TL_STR("s") };
    const struct tl_str place = TL_STR("S01");
    struct visit_plan p;
    struct tl_err err = {0};
    (void)state;
    const struct { int32_t from, to; uint32_t each; } rows[] = { { 5, 4, 1 }, { 0, VISIT_PLAN_DAYS_MAX, 1 }, { 0, 10, VISIT_PLAN_MAX + 1 } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(visit_plan_make(&(struct visit_plan_ask){ &s, &place, 1, rows[i].from, rows[i].to, rows[i].each, NULL, 0 }, arena, &p, &err), TL_EINVAL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(t_properties), cmocka_unit_test(t_spread), cmocka_unit_test(t_refused) };
    arena = tl_arena_new(64u << 20);
    int rc = arena != NULL ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
    tl_arena_free(&arena);
    return rc;
}
