/* t_alignment.c - planned against actual steps: worked cases by hand, and 10,000 random small blueprints against an oracle that tries every way there is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "../../viewer/analysis/alignment.h"
#include "tl_mem.h"

#define UNIT ALIGN_UNIT
#define N 6

/* ---- the oracle: every set of pairs that keeps both orders, its cost told from the definition, the least by (cost, edits, pairs) ---- */

struct way { uint32_t i[N], a[N], n; int64_t cost; uint32_t edits; };
struct trial {
    struct align_planned planned[N];
    struct align_actual actual[N];
    uint32_t n, m;
    struct way now, best;
    bool any;
};

static bool
matched(const struct way *w, uint32_t i)
{
    for (uint32_t k = 0; k < w->n; k++)
        if (w->i[k] == i) return true;
    return false;
}

static int64_t
oracle_wait(const struct trial *t, uint32_t i, uint32_t a)
{
    for (int k = (int)i - 1; k >= 0; k--) {
        bool alike = t->planned[k].group && t->planned[k].group == t->planned[i].group;
        for (uint32_t b = 0; b < a && !alike && t->planned[k].touchpoint != t->planned[i].touchpoint; b++)
            if (t->actual[b].touchpoint == t->planned[k].touchpoint) {
                int64_t wait = t->actual[a].start_ms - t->actual[b].end_ms;
                return wait > 0 ? wait : 0;
            }
    }
    return -1;
}

static int64_t
oracle_sync(const struct trial *t, uint32_t i, uint32_t a)
{
    const struct align_planned *p = &t->planned[i];
    int64_t wait = oracle_wait(t, i, a), cost = 0;
    if (p->channels && !(t->actual[a].channel && t->actual[a].channel < 64 && p->channels & UINT64_C(1) << t->actual[a].channel)) cost += UNIT / 2;
    if (p->max_wait_ms && wait > p->max_wait_ms) {
        int64_t over = wait - p->max_wait_ms;
        cost += over >= p->max_wait_ms ? p->weight : over * p->weight / p->max_wait_ms;
    }
    return cost < p->weight ? cost : p->weight;
}

/* skipping: each step alone by itself, each group once, when none of it is met and one of it is required */
static int64_t
oracle_skips(const struct trial *t, const struct way *w)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < t->n; i++) {
        if (!t->planned[i].group) {
            sum += !matched(w, i) && t->planned[i].required ? t->planned[i].weight : 0;
            continue;
        }
        bool first = true, met = false, required = false;
        int64_t most = 0;
        for (uint32_t k = 0; k < t->n; k++) {
            if (t->planned[k].group != t->planned[i].group) continue;
            first &= k >= i;
            met |= matched(w, k);
            required |= t->planned[k].required;
            most = t->planned[k].weight > most ? t->planned[k].weight : most;
        }
        if (first && !met && required) sum += most;
    }
    return sum;
}

static int
way_cmp(const struct way *x, const struct way *y)
{
    if (x->cost != y->cost) return x->cost < y->cost ? -1 : 1;
    if (x->edits != y->edits) return x->edits < y->edits ? -1 : 1;
    for (uint32_t k = 0; k < x->n; k++) {
        if (x->i[k] != y->i[k]) return x->i[k] < y->i[k] ? -1 : 1;
        if (x->a[k] != y->a[k]) return x->a[k] < y->a[k] ? -1 : 1;
    }
    return 0;
}

static void
judge(struct trial *t)
{
    struct way *w = &t->now;
    w->cost = oracle_skips(t, w);
    w->edits = t->n + t->m - 2 * w->n;
    for (uint32_t a = 0; a < t->m; a++) {
        bool in = false;
        for (uint32_t k = 0; k < w->n; k++) in |= w->a[k] == a;
        w->cost += in || t->actual[a].accepted ? 0 : UNIT / 2;
    }
    for (uint32_t k = 0; k < w->n; k++) w->cost += oracle_sync(t, w->i[k], w->a[k]);
    if (!t->any || way_cmp(w, &t->best) < 0) t->best = *w;
    t->any = true;
}

static void
every_way(struct trial *t, uint32_t i, uint32_t a)
{
    judge(t);
    for (uint32_t p = i; p < t->n; p++)
        for (uint32_t b = a; b < t->m; b++) {
            if (t->planned[p].touchpoint != t->actual[b].touchpoint) continue;
            t->now.i[t->now.n] = p;
            t->now.a[t->now.n++] = b;
            every_way(t, p + 1, b + 1);
            t->now.n--;
        }
}

/* ---- what is tried ---- */

static uint64_t
rnd(uint64_t *s, uint64_t n)
{
    *s = *s * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (*s >> 33) % n;
}

static void
draw(struct trial *t, uint64_t *seed)
{
    static const int64_t weights[] = { UNIT, UNIT, UNIT / 4, 2 * UNIT, 333333, 0 };
    uint32_t places = 2 + (uint32_t)rnd(seed, 4);
    int64_t at = 0;
    *t = (struct trial){ .n = (uint32_t)rnd(seed, N + 1), .m = (uint32_t)rnd(seed, N + 1) };
    for (uint32_t i = 0; i < t->n; i++)
        t->planned[i] = (struct align_planned){ .touchpoint = (uint32_t)rnd(seed, places), .group = rnd(seed, 3) ? 0 : 1 + (uint32_t)rnd(seed, 3), .channels = rnd(seed, 3) ? 0 : rnd(seed, 8),
                                                .weight = weights[rnd(seed, 6)], .max_wait_ms = rnd(seed, 2) ? 0 : 1000 * (1 + (int64_t)rnd(seed, 3)), .required = rnd(seed, 4) != 0 };
    for (uint32_t a = 0; a < t->m; a++) {
        at += (int64_t)rnd(seed, 4) * 700;
        t->actual[a] = (struct align_actual){ .touchpoint = (uint32_t)rnd(seed, places + 1), .channel = rnd(seed, 9) ? (uint32_t)rnd(seed, 4) : 64, .start_ms = at, .end_ms = at + (int64_t)rnd(seed, 2) * 500,
                                              .accepted = rnd(seed, 5) == 0 };
    }
}

static void
random_blueprints_agree_with_every_way_there_is(void **state)
{
    uint64_t seed = 20260301;
    uint32_t tied = 0;
    (void)state;
    for (int k = 0; k < 10000; k++) {
        struct trial t;
        struct alignment a;
        uint32_t syncs = 0;
        int64_t sum = 0;
        draw(&t, &seed);
        every_way(&t, 0, 0);
        assert_int_equal(alignment_make(t.planned, t.n, t.actual, t.m, &a), 0);
        assert_int_equal(a.cost, t.best.cost);
        assert_int_equal(a.edits, t.best.edits);
        assert_int_equal(a.groups_cut, 0);
        for (uint32_t i = 0; i < a.move_n; i++) {
            sum += a.move[i].cost;
            if (a.move[i].kind != ALIGN_SYNC) continue;
            assert_true(syncs < t.best.n);
            assert_int_equal(a.move[i].planned, t.best.i[syncs]);
            assert_int_equal(a.move[i].actual, t.best.a[syncs]);
            assert_int_equal(a.move[i].wait_ms, oracle_wait(&t, a.move[i].planned, a.move[i].actual));
            syncs++;
        }
        assert_int_equal(syncs, t.best.n);
        assert_int_equal(sum, a.cost);
        assert_int_equal(a.move_n, a.edits + syncs);
        assert_true(a.cost <= a.worst && alignment_fitness(&a) >= 0 && alignment_fitness(&a) <= 1);
        tied += t.best.n > 0 && a.edits > 0;
        alignment_free(&a);
    }
    assert_true(tied > 3000);        /* the draws are worth something */
}

/* ---- by hand ---- */

#define PLAN(tp, group_, channels_, weight_, wait_ms, required_) { .touchpoint = tp, .group = group_, .channels = channels_, .weight = weight_, .max_wait_ms = wait_ms, .required = required_ }
#define SEEN(tp, t) { .touchpoint = tp, .start_ms = t, .end_ms = t }

static int64_t
cost_of(const struct align_planned *p, uint32_t n, const struct align_actual *s, uint32_t m)
{
    struct alignment a;
    assert_int_equal(alignment_make(p, n, s, m, &a), 0);
    int64_t cost = a.cost;
    alignment_free(&a);
    return cost;
}

static void
a_wait_costs_what_it_is_beyond_the_limit(void **state)
{
    const struct align_planned plan[] = { PLAN(1, 0, 0, UNIT, 0, true), PLAN(2, 0, 0, UNIT, 480000, true) };
    static const struct { int64_t wait_ms, cost; } row[] = { { 180000, 0 }, { 480000, 0 }, { 600000, UNIT / 4 }, { 720000, UNIT / 2 }, { 960000, UNIT }, { 9600000, UNIT } };
    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        const struct align_actual seen[] = { SEEN(1, 0), SEEN(2, row[i].wait_ms) };
        assert_int_equal(cost_of(plan, 2, seen, 2), row[i].cost);
    }
}

static void
a_wrong_channel_and_a_long_wait_cost_no_more_than_the_step(void **state)
{
    const struct align_planned plan[] = { PLAN(1, 0, 0, UNIT, 0, true), PLAN(2, 0, 1 << 3, UNIT, 1000, true) };
    const struct align_actual late[] = { SEEN(1, 0), { .touchpoint = 2, .start_ms = 1800, .end_ms = 1800, .channel = 4 } };
    const struct align_actual in_time[] = { SEEN(1, 0), { .touchpoint = 2, .start_ms = 800, .end_ms = 800, .channel = 4 } };
    (void)state;
    assert_int_equal(cost_of(plan, 2, late, 2), UNIT);
    assert_int_equal(cost_of(plan, 2, in_time, 2), UNIT / 2);
}

static void
what_is_left_out_and_what_comes_besides(void **state)
{
    const struct align_planned plan[] = { PLAN(1, 0, 0, UNIT, 0, true), PLAN(2, 0, 0, 2 * UNIT, 0, true), PLAN(3, 0, 0, UNIT, 0, false) };
    const struct align_actual seen[] = { SEEN(9, 0), SEEN(1, 1), { .touchpoint = 8, .start_ms = 2, .end_ms = 2, .accepted = true } };
    struct alignment a;
    (void)state;
    assert_int_equal(alignment_make(plan, 3, seen, 3, &a), 0);
    assert_int_equal(a.cost, 2 * UNIT + UNIT / 2);
    assert_int_equal(a.worst, 3 * UNIT + UNIT);
    assert_int_equal(a.edits, 4);
    assert_int_equal(a.move_n, 5);
    assert_int_equal(a.move[0].kind, ALIGN_EXTRA);
    assert_int_equal(a.move[1].kind, ALIGN_SYNC);
    assert_int_equal(a.move[2].kind, ALIGN_SKIP);
    alignment_free(&a);
}

static void
of_equal_ways_the_earliest_step_is_taken(void **state)
{
    const struct align_planned plan[] = { PLAN(1, 0, 0, UNIT, 0, false), PLAN(1, 0, 0, UNIT, 0, false) };
    const struct align_actual seen[] = { SEEN(1, 0) };
    struct alignment a;
    (void)state;
    assert_int_equal(alignment_make(plan, 2, seen, 1, &a), 0);
    assert_int_equal(a.move[0].kind, ALIGN_SYNC);
    assert_int_equal(a.move[0].planned, 0);
    alignment_free(&a);
}

static void
one_of_the_alternatives_is_enough(void **state)
{
    const struct align_planned plan[] = { PLAN(1, 7, 0, UNIT, 0, true), PLAN(2, 7, 0, 3 * UNIT, 0, true), PLAN(3, 0, 0, UNIT, 0, true) };
    const struct align_actual second[] = { SEEN(2, 0), SEEN(3, 1) }, none[] = { SEEN(3, 1) };
    (void)state;
    assert_int_equal(cost_of(plan, 3, second, 2), 0);
    assert_int_equal(cost_of(plan, 3, none, 1), 3 * UNIT);
}

static void
nothing_planned_and_nothing_done_fit(void **state)
{
    struct alignment a;
    (void)state;
    assert_int_equal(alignment_make(NULL, 0, NULL, 0, &a), 0);
    assert_int_equal(a.cost, 0);
    assert_true(alignment_fitness(&a) == 1);
    alignment_free(&a);
}

static void
a_long_visit_is_cut_and_says_so(void **state)
{
    static struct align_actual seen[ALIGN_ACTUAL_MAX + 3];
    struct align_planned plan[ALIGN_PLANNED_MAX];
    struct alignment a;
    (void)state;
    for (uint32_t i = 0; i < ALIGN_ACTUAL_MAX + 3; i++) seen[i] = (struct align_actual)SEEN(i % 50, i);
    for (uint32_t i = 0; i < ALIGN_PLANNED_MAX; i++) plan[i] = (struct align_planned)PLAN(i, i < 12 ? 1 + i % 6 : 0, 0, UNIT, 0, true);
    assert_int_equal(alignment_make(plan, ALIGN_PLANNED_MAX, seen, ALIGN_ACTUAL_MAX + 3, &a), 0);
    assert_int_equal(a.cut, 3);
    assert_int_equal(a.groups_cut, 2);
    assert_true(a.cost >= 0 && a.cost <= a.worst);
    alignment_free(&a);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_blueprints_agree_with_every_way_there_is),
        cmocka_unit_test(a_wait_costs_what_it_is_beyond_the_limit),
        cmocka_unit_test(a_wrong_channel_and_a_long_wait_cost_no_more_than_the_step),
        cmocka_unit_test(what_is_left_out_and_what_comes_besides),
        cmocka_unit_test(of_equal_ways_the_earliest_step_is_taken),
        cmocka_unit_test(one_of_the_alternatives_is_enough),
        cmocka_unit_test(nothing_planned_and_nothing_done_fit),
        cmocka_unit_test(a_long_visit_is_cut_and_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
