/* t_plan.c - planned and actual: boundaries by hand, counts against an oracle that looks at each pair of steps, and partials that add. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "../../viewer/analysis/plan.h"
#include "../../viewer/analysis/quantile_ci.h"
#include "tl_mem.h"

#define JOURNEYS 400
#define STEPS 8

static struct tl_step step[JOURNEYS][STEPS];
static struct tl_journey journey[JOURNEYS];
static enum tl_end ended[JOURNEYS];

static uint64_t
rnd(uint64_t *s, uint64_t n)
{
    *s = *s * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (*s >> 33) % n;
}

static void
make_journeys(uint64_t seed)
{
    for (int i = 0; i < JOURNEYS; i++) {
        int64_t at = 1000;
        journey[i] = (struct tl_journey){ .customer = (uint64_t)i, .step = step[i], .steps_n = 1 + (uint32_t)rnd(&seed, STEPS) };
        for (uint32_t s = 0; s < journey[i].steps_n; s++) {
            at += (int64_t)rnd(&seed, 4) * 1000;
            step[i][s] = (struct tl_step){ .touchpoint = 1 + (uint32_t)rnd(&seed, 6), .channel = (uint16_t)rnd(&seed, 5), .start_ms = at, .end_ms = at + (int64_t)rnd(&seed, 3) * 500 };
        }
        ended[i] = (enum tl_end)rnd(&seed, TL_END_N);
    }
}

static struct plan *
fold(const struct plan_ask *ask, int from, int to)
{
    struct analysis_arg arg = { .end = -1, .more = ask };
    void *acc = analysis_plan.begin(&arg);
    for (int i = from; i < to; i++) assert_int_equal(analysis_plan.journey(acc, &journey[i], ended[i]), 0);
    struct plan *p = analysis_plan.finish(acc);
    analysis_plan.abandon(acc);
    assert_non_null(p);
    return p;
}

static const struct tl_step *
visit(const struct tl_journey *j, uint32_t touchpoint)
{
    for (uint32_t s = 0; s < j->steps_n; s++)
        if (j->step[s].touchpoint == touchpoint) return &j->step[s];
    return NULL;
}

static void
counts_equal_the_oracle(void **state)
{
    /* two alternatives (3 and 4), a channel that is planned, a limit, and a touchpoint that the store does not have */
    const struct plan_ask ask = { .step = { { .touchpoint = 1 }, { .touchpoint = 3, .group = 1 }, { .touchpoint = 4, .group = 1, .channels = 1u << 2 | 1u << 3 }, { .touchpoint = 2, .max_wait_ms = 1500 },
                                            { .touchpoint = 0 } }, .n = 5 };
    (void)state;
    make_journeys(7);
    struct plan *p = fold(&ask, 0, JOURNEYS);
    for (uint32_t i = 0; i < ask.n; i++) {
        struct plan_step want = { .wait = NULL };
        for (int j = 0; j < JOURNEYS; j++) {
            const struct tl_step *now = ask.step[i].touchpoint ? visit(&journey[j], ask.step[i].touchpoint) : NULL, *before = NULL;
            bool any = now != NULL;
            for (uint32_t o = 0; o < ask.n; o++) {
                const struct tl_step *other = ask.step[o].touchpoint ? visit(&journey[j], ask.step[o].touchpoint) : NULL;
                bool alike = ask.step[i].group && ask.step[i].group == ask.step[o].group;
                any |= alike && other;
                if (o < i && other && !alike) before = other;
            }
            want.met_good += ended[j] == TL_END_GOOD && any;
            if (!now) continue;
            want.in[ended[j]]++;
            want.elsewhere += ask.step[i].channels && !(now->channel == 2 || now->channel == 3);
            if (before && now->start_ms < before->start_ms) want.early++;
            if (!before || now->start_ms < before->start_ms) continue;
            int64_t wait = now->start_ms - before->end_ms;
            want.waits++;
            want.over += ask.step[i].max_wait_ms && wait > ask.step[i].max_wait_ms;
        }
        const struct plan_step *got = &p->step[i];
        for (int e = 0; e < TL_END_N; e++) assert_int_equal(got->in[e], want.in[e]);
        assert_int_equal(got->met_good, want.met_good);
        assert_int_equal(got->elsewhere, want.elsewhere);
        assert_int_equal(got->early, want.early);
        assert_int_equal(got->waits, want.waits);
        assert_int_equal(got->over, want.over);
        assert_int_equal(got->wait ? tl_hist_count(got->wait) : 0, want.waits);
    }
    assert_true(p->step[2].elsewhere > 0 && p->step[3].over > 0 && p->step[3].early > 0 && p->step[1].met_good > p->step[1].in[TL_END_GOOD]);
    analysis_plan.free(p);
}

static void
partials_add(void **state)
{
    const struct plan_ask ask = { .step = { { .touchpoint = 1 }, { .touchpoint = 2, .max_wait_ms = 1500 }, { .touchpoint = 3 } }, .n = 3 };
    (void)state;
    make_journeys(11);
    struct plan *whole = fold(&ask, 0, JOURNEYS), *a = fold(&ask, 0, 150), *b = fold(&ask, 150, JOURNEYS), *none = fold(&ask, 0, 0);
    const void *parts[3] = { b, none, a };
    struct plan *sum = analysis_plan.sum(parts, 3);
    assert_non_null(sum);
    for (uint32_t i = 0; i < ask.n; i++) {
        assert_memory_equal(sum->step[i].in, whole->step[i].in, sizeof sum->step[i].in);
        assert_true(sum->step[i].waits == whole->step[i].waits && sum->step[i].over == whole->step[i].over && sum->step[i].early == whole->step[i].early);
        for (uint32_t q = 100; q < 1000; q += 100) {
            struct plan_wait x = plan_wait(&sum->step[i], q), y = plan_wait(&whole->step[i], q);
            assert_memory_equal(&x, &y, sizeof x);
        }
    }
    assert_memory_equal(sum->ends, whole->ends, sizeof sum->ends);
    assert_false(plan_wait(&none->step[0], 500).known);
    struct plan *drop[] = { whole, a, b, none, sum };
    for (int i = 0; i < 5; i++) analysis_plan.free(drop[i]);
}

/* 60 waits of 1 to 60 minutes: exactly the limit is in time; ranks of the interval are those of 60 */
static void
limits_and_quantiles(void **state)
{
    const struct plan_ask ask = { .step = { { .touchpoint = 1 }, { .touchpoint = 2, .max_wait_ms = 30 * 60000 } }, .n = 2 };
    (void)state;
    for (int i = 0; i < 60; i++) {
        step[i][0] = (struct tl_step){ .touchpoint = 1, .start_ms = 0, .end_ms = 1000 };
        step[i][1] = (struct tl_step){ .touchpoint = 2, .start_ms = 1000 + (i + 1) * 60000, .end_ms = 1000 + (i + 1) * 60000 };
        journey[i] = (struct tl_journey){ .step = step[i], .steps_n = 2 };
        ended[i] = TL_END_GOOD;
    }
    struct plan *p = fold(&ask, 0, 60);
    assert_int_equal(p->step[1].over, 30);
    struct plan_wait w = plan_wait(&p->step[1], 500);
    struct quantile_ranks r = quantile_ranks(60, 500);
    assert_true(w.known && w.has_lo && w.has_hi);
    assert_true(w.ms > 30 * 60000 * .989 && w.ms < 30 * 60000 * 1.011);
    assert_true(w.lo_ms > (double)r.lo * 60000 * .979 && w.lo_ms < (double)r.lo * 60000 * 1.001);
    assert_true(w.hi_ms > (double)r.hi * 60000 * .999 && w.hi_ms < (double)r.hi * 60000 * 1.021);
    assert_false(plan_wait(&p->step[0], 500).known);
    analysis_plan.free(p);
}

/* a visit that begins in one step and completes in a later one ends there; what is scheduled is none */
static void
begun_and_completed(void **state)
{
    const struct plan_ask ask = { .step = { { .touchpoint = 1 }, { .touchpoint = 2, .max_wait_ms = 1000 }, { .touchpoint = 3 } }, .n = 3 };
    (void)state;
    step[0][0] = (struct tl_step){ .touchpoint = 2, .lifecycle = TL_LC_SCHEDULE, .start_ms = 10, .end_ms = 10 };
    step[0][1] = (struct tl_step){ .touchpoint = 1, .lifecycle = TL_LC_START, .start_ms = 1000, .end_ms = 1000 };
    step[0][2] = (struct tl_step){ .touchpoint = 3, .start_ms = 1500, .end_ms = 1500 };
    step[0][3] = (struct tl_step){ .touchpoint = 1, .lifecycle = TL_LC_COMPLETE, .start_ms = 9000, .end_ms = 9000 };
    step[0][4] = (struct tl_step){ .touchpoint = 2, .start_ms = 9800, .end_ms = 9800 };
    journey[0] = (struct tl_journey){ .step = step[0], .steps_n = 5 };
    ended[0] = TL_END_GOOD;
    struct plan *p = fold(&ask, 0, 1);
    assert_true(p->step[1].waits == 1 && p->step[1].over == 0 && p->step[1].early == 0);
    assert_true(plan_wait(&p->step[1], 500).ms > 790 && plan_wait(&p->step[1], 500).ms < 810);
    assert_true(p->step[2].early == 1 && p->step[2].waits == 0);
    analysis_plan.free(p);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_equal_the_oracle),
        cmocka_unit_test(partials_add),
        cmocka_unit_test(limits_and_quantiles),
        cmocka_unit_test(begun_and_completed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
