/* t_analysis.c - the analyses against a brute-force oracle over random journeys, and by their identities: days add, order does not matter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "../../viewer/analysis/funnel.h"
#include "../../viewer/analysis/plan.h"
#include "../../viewer/analysis/map.h"
#include "../../viewer/analysis/matches.h"
#include "../../viewer/analysis/rate.h"
#include "../../viewer/analysis/variants.h"
#include "tl_hash.h"
#include "tl_mem.h"

#define JOURNEYS 1500
#define STEPS_MAX 14
#define WORDS 9                 /* touchpoints 1..8 */

static struct tl_journey journey[JOURNEYS];
static struct tl_step step[JOURNEYS][STEPS_MAX];
static enum tl_end ended[JOURNEYS];

static uint64_t
rnd(uint64_t *s, uint64_t n)
{
    *s += UINT64_C(0x9E3779B97F4A7C15);
    return tl_mix64(*s) % n;
}

static void
make_journeys(uint64_t seed)
{
    for (int i = 0; i < JOURNEYS; i++) {
        struct tl_journey *j = &journey[i];
        *j = (struct tl_journey){ .type = 1, .day = i % 7, .customer = rnd(&seed, 400), .start_ms = (int64_t)rnd(&seed, 1000000), .step = step[i] };
        j->steps_n = 1 + (uint32_t)rnd(&seed, STEPS_MAX);
        int64_t at = j->start_ms;
        for (uint32_t k = 0; k < j->steps_n; k++) {
            int64_t scale = INT64_C(1) << rnd(&seed, 30);
            step[i][k] = (struct tl_step){ .touchpoint = 1 + (uint32_t)(rnd(&seed, WORDS - 1) * rnd(&seed, WORDS - 1) / (WORDS - 1)),
                                           .channel = (uint16_t)rnd(&seed, 3), .start_ms = at, .end_ms = at + (int64_t)rnd(&seed, 1000), .wait_ms = -1 };
            at += (int64_t)rnd(&seed, (uint64_t)scale);
        }
        ended[i] = (enum tl_end)rnd(&seed, TL_END_N);
    }
}

/* ---- the oracle: straight counting, quantiles from sorted lists ---- */
struct cell { uint64_t steps, journeys, sum_ms, starts, ends[TL_END_N]; int64_t *wait; size_t wait_n; };
static struct cell o_node[WORDS], o_edge[WORDS][WORDS];
static uint64_t o_steps;

static void
cell_wait(struct cell *c, int64_t ms)
{
    c->wait = realloc(c->wait, (c->wait_n + 1) * sizeof *c->wait);
    c->wait[c->wait_n++] = ms;
    c->sum_ms += (uint64_t)ms;
}

static void
oracle(void)
{
    for (int i = 0; i < JOURNEYS; i++) {
        bool at[WORDS] = { false }, on[WORDS][WORDS] = { { false } };
        uint32_t n = journey[i].steps_n;
        o_steps += n;
        for (uint32_t k = 0; k < n; k++) {
            uint32_t b = step[i][k].touchpoint;
            o_node[b].steps++;
            if (!at[b]) o_node[b].journeys++;
            at[b] = true;
            if (k == 0) continue;
            uint32_t a = step[i][k - 1].touchpoint;
            int64_t w = step[i][k].start_ms - step[i][k - 1].end_ms;
            o_edge[a][b].steps++;
            if (!on[a][b]) o_edge[a][b].journeys++;
            on[a][b] = true;
            cell_wait(&o_edge[a][b], w < 0 ? 0 : w);
        }
        o_node[step[i][0].touchpoint].starts++;
        o_node[step[i][n - 1].touchpoint].ends[ended[i]]++;
    }
}

static int
by_ms(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void
oracle_clear(void)
{
    for (int a = 0; a < WORDS; a++)
        for (int b = 0; b < WORDS; b++) free(o_edge[a][b].wait);
    memset(o_edge, 0, sizeof o_edge);
    memset(o_node, 0, sizeof o_node);
    o_steps = 0;
}

/* fold - journeys i with i % parts == part, in the given direction */
static void *
fold(const struct analysis *an, const struct analysis_arg *arg, int parts, int part, bool backwards)
{
    void *acc = an->begin(arg);
    assert_non_null(acc);
    for (int x = 0; x < JOURNEYS; x++) {
        int i = backwards ? JOURNEYS - 1 - x : x;
        if (i % parts == part) assert_int_equal(an->journey(acc, &journey[i], ended[i]), 0);
    }
    void *p = an->finish(acc);
    assert_non_null(p);
    an->abandon(acc);
    return p;
}

static void
assert_waits(const struct waits *w, struct cell *c)
{
    static const uint32_t q[] = { 1, 500, 900, 950, 1000 };
    assert_int_equal(waits_count(w), c->wait_n);
    qsort(c->wait, c->wait_n, sizeof *c->wait, by_ms);
    for (size_t i = 0; i < sizeof q / sizeof q[0] && c->wait_n; i++) {
        size_t rank = (c->wait_n * q[i] + 999) / 1000;
        double want = (double)c->wait[(rank ? rank : 1) - 1], got = waits_quantile(w, q[i]);
        assert_true(got >= want * 0.99 - 1e-9 && got <= want * 1.0100001 + 1e-9);
    }
}

static void
assert_map(const struct map *m)
{
    uint64_t moves = 0, in[WORDS] = { 0 }, out[WORDS] = { 0 };
    assert_int_equal(m->journeys, JOURNEYS);
    assert_int_equal(m->steps, o_steps);
    for (uint32_t i = 0; i < m->edge_n; i++) {
        const struct map_edge *e = &m->edge[i];
        struct cell *c = &o_edge[e->from][e->to];
        assert_int_equal(e->steps, c->steps);
        assert_int_equal(e->journeys, c->journeys);
        assert_int_equal(e->sum_ms, c->sum_ms);
        struct waits w = map_edge_waits(m, e);
        assert_waits(&w, c);
        moves += e->steps;
        in[e->to] += e->steps;
        out[e->from] += e->steps;
    }
    assert_int_equal(moves, m->steps - m->journeys);
    for (uint32_t i = 0; i < m->node_n; i++) {
        const struct map_node *n = &m->node[i];
        const struct cell *c = &o_node[n->touchpoint];
        uint64_t ends = 0;
        for (int e = 0; e < TL_END_N; e++) {
            assert_int_equal(n->ends[e], c->ends[e]);
            ends += n->ends[e];
        }
        assert_int_equal(n->steps, c->steps);
        assert_int_equal(n->journeys, c->journeys);
        assert_int_equal(n->starts, c->starts);
        assert_int_equal(in[n->touchpoint] + n->starts, n->steps);
        assert_int_equal(out[n->touchpoint] + ends, n->steps);
    }
}

static void
map_equals_the_oracle(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        make_journeys(seed);
        oracle();
        struct map *m = fold(&analysis_map, NULL, 1, 0, false);
        assert_map(m);
        bool seen[400] = { false };
        uint64_t customers = 0;
        for (int i = 0; i < JOURNEYS; i++)
            if (!seen[journey[i].customer]) seen[journey[i].customer] = true, customers++;
        assert_int_equal(tl_bitmap_count(m->customers), customers);
        map_free(&m);
        oracle_clear();
    }
}

static void
same_map(const struct map *a, const struct map *b)
{
    assert_int_equal(a->node_n, b->node_n);
    assert_int_equal(a->edge_n, b->edge_n);
    assert_int_equal(a->waits_n, b->waits_n);
    assert_memory_equal(a->node, b->node, a->node_n * sizeof *a->node);
    assert_memory_equal(a->edge, b->edge, a->edge_n * sizeof *a->edge);
    assert_memory_equal(a->bucket, b->bucket, a->waits_n * sizeof *a->bucket);
    assert_memory_equal(a->count, b->count, a->waits_n * sizeof *a->count);
    assert_int_equal(tl_bitmap_count(a->customers), tl_bitmap_count(b->customers));
}

static void
partials_add(void **state)
{
    (void)state;
    make_journeys(7);
    struct map *whole = fold(&analysis_map, NULL, 1, 0, false), *back = fold(&analysis_map, NULL, 1, 0, true);
    same_map(whole, back);
    const void *part[7];
    for (int d = 0; d < 7; d++) part[d] = fold(&analysis_map, NULL, 7, d, d & 1);
    struct map *sum = map_sum(part, 7), *a = map_sum(part, 3), *b = map_sum(part + 3, 4);
    const void *halves[2] = { a, b };
    struct map *twice = map_sum(halves, 2), *none = map_sum(NULL, 0);
    same_map(whole, sum);
    same_map(whole, twice);
    assert_int_equal(none->journeys, 0);
    for (int d = 0; d < 7; d++) analysis_map.free((void *)(uintptr_t)part[d]);
    map_free(&whole), map_free(&back), map_free(&sum), map_free(&a), map_free(&b), map_free(&twice), map_free(&none);
}

/* a click lists what the map counted: every node, edge, start and end */
static void
matches_equal_the_map(void **state)
{
    (void)state;
    make_journeys(11);
    oracle();
    struct map *m = fold(&analysis_map, NULL, 1, 0, false);
    for (uint32_t i = 0; i < m->edge_n; i++) {
        struct analysis_arg arg = { .word = { m->edge[i].from, m->edge[i].to }, .word_n = 2, .end = -1 };
        struct matches *x = fold(&analysis_matches, &arg, 1, 0, false);
        struct waits w = matches_waits(x);
        assert_int_equal(x->journeys, m->edge[i].journeys);
        assert_int_equal(x->steps, m->edge[i].steps);
        assert_int_equal(x->sum_ms, m->edge[i].sum_ms);
        assert_waits(&w, &o_edge[m->edge[i].from][m->edge[i].to]);
        analysis_matches.free(x);
    }
    for (uint32_t i = 0; i < m->node_n; i++)
        for (int end = -2; end < TL_END_N; end++) {          /* -2: starts, -1: steps */
            struct analysis_arg arg = { .word = { m->node[i].touchpoint }, .word_n = 1, .end = end < 0 ? -1 : end, .start = end == -2 };
            struct matches *x = fold(&analysis_matches, &arg, 1, 0, false);
            assert_int_equal(x->journeys, end == -2 ? m->node[i].starts : end == -1 ? m->node[i].journeys : m->node[i].ends[end]);
            if (end == -1) assert_int_equal(x->steps, m->node[i].steps);
            analysis_matches.free(x);
        }
    map_free(&m);
    oracle_clear();
}

static void
variants_equal_the_oracle(void **state)
{
    (void)state;
    make_journeys(13);
    for (int i = 0; i < JOURNEYS; i++) journey[i].steps_n = 1 + journey[i].steps_n % 3;
    const void *part[3] = { fold(&analysis_variants, NULL, 3, 0, false), fold(&analysis_variants, NULL, 3, 1, true), fold(&analysis_variants, NULL, 3, 2, false) };
    struct variants *v = analysis_variants.sum(part, 3);
    uint32_t distinct = 0, top[10];
    uint64_t most = 0;
    for (int i = 0; i < JOURNEYS; i++) {
        uint64_t same = 0;
        bool first = true;
        for (int k = 0; k < JOURNEYS; k++) {
            bool eq = journey[i].steps_n == journey[k].steps_n;
            for (uint32_t s = 0; eq && s < journey[i].steps_n; s++) eq = step[i][s].touchpoint == step[k][s].touchpoint;
            same += eq;
            if (eq && k < i) first = false;
        }
        distinct += first;
        if (same > most) most = same;
    }
    assert_int_equal(v->journeys, JOURNEYS);
    assert_int_equal(v->variant_n, distinct);
    uint32_t n = variants_top(v, 10, NULL, NULL, top);
    assert_int_equal(n, distinct < 10 ? distinct : 10);
    assert_int_equal(v->variant[top[0]].journeys, most);
    for (uint32_t i = 1; i < n; i++) assert_true(v->variant[top[i - 1]].journeys >= v->variant[top[i]].journeys);
    for (uint32_t i = 0; i < v->variant_n; i++) assert_true(v->variant[i].journeys <= v->variant[top[n - 1]].journeys || n < 10 || v->variant[i].journeys >= v->variant[top[9]].journeys);
    for (int i = 0; i < 3; i++) analysis_variants.free((void *)(uintptr_t)part[i]);
    analysis_variants.free(v);
}

static void
funnel_is_ordered(void **state)
{
    (void)state;
    struct analysis_arg arg = { .word = { 1, 2, 1, 5 }, .word_n = 4, .end = -1 };
    make_journeys(17);
    uint64_t want[4] = { 0 }, took[4] = { 0 };
    for (int i = 0; i < JOURNEYS; i++)
        for (uint32_t a = 0, k = 0; a < 4; a++, k++) {
            uint32_t before = k;            /* one after where the step before was found */
            while (k < journey[i].steps_n && step[i][k].touchpoint != arg.word[a]) k++;
            if (k >= journey[i].steps_n) break;
            want[a]++;
            uint32_t last = a ? before - 1 : 0;
            for (uint32_t x = before; a && x < k; x++) last = step[i][x].touchpoint == arg.word[a - 1] ? x : last;
            if (a) took[a] += (uint64_t)step_wait_ms(&step[i][last], &step[i][k]);
        }
    const void *part[2] = { fold(&analysis_funnel, &arg, 2, 0, false), fold(&analysis_funnel, &arg, 2, 1, false) };
    struct funnel *f = analysis_funnel.sum(part, 2);
    for (uint32_t a = 0; a < 4; a++) {
        const struct waits w = funnel_waits(f, a);
        assert_int_equal(f->reached[a], want[a]);
        assert_int_equal(f->sum_ms[a], took[a]);
        assert_int_equal(waits_count(&w), a ? want[a] : 0);
    }
    assert_int_equal(f->journeys, JOURNEYS);
    analysis_funnel.free((void *)(uintptr_t)part[0]);
    analysis_funnel.free((void *)(uintptr_t)part[1]);
    analysis_funnel.free(f);
}

/* published: Newcombe 1998, table I */
static void
wilson_is_as_published(void **state)
{
    (void)state;
    static const struct { uint64_t k, n; double lo, hi; } row[] = { { 81, 263, .2553, .3662 }, { 15, 148, .0624, .1605 }, { 0, 10, 0, .2775 } };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct rate r = rate_wilson(row[i].k, row[i].n);
        assert_true(r.lo > row[i].lo - 5e-5 && r.lo < row[i].lo + 5e-5);
        assert_true(r.hi > row[i].hi - 5e-5 && r.hi < row[i].hi + 5e-5);
    }
}

/* the table gives what the logarithm gives */
static void
bucket_table_is_exact(void **state)
{
    (void)state;
    waits_ready();
    for (int64_t ms = -2; ms < 200000; ms++) assert_int_equal(waits_bucket(ms), tl_hist_bucket(ms));
    uint64_t s = 1;
    for (int i = 0; i < 200000; i++) {
        int64_t ms = (int64_t)rnd(&s, UINT64_C(1) << rnd(&s, 45));
        assert_int_equal(waits_bucket(ms), tl_hist_bucket(ms));
    }
    for (int b = 1; b < TL_HIST_BUCKETS; b++) {
        int64_t lo = tl_hist_bucket_lo_ms(b);
        for (int64_t d = -1; d <= 1; d++) assert_int_equal(waits_bucket(lo + d), tl_hist_bucket(lo + d));
    }
}

/* every allocation may fail: an error, no leak, no crash */
static void
memory_runs_out(void **state)
{
    (void)state;
    make_journeys(19);
    const struct plan_ask plan = { .step = { { .touchpoint = 1 }, { .touchpoint = 2 }, { .touchpoint = 3 } }, .n = 3 };
    struct analysis_arg arg = { .word = { 1, 2 }, .word_n = 2, .end = -1, .more = &plan };
    for (int t = 0; analysis_table[t]; t++)
        for (uint64_t k = 1;; k++) {
            const struct analysis *an = analysis_table[t];
            tl_alloc_fail_at(k, true);
            void *acc = an->begin(&arg), *p = NULL;
            int rc = acc ? 0 : TL_ENOMEM;
            for (int i = 0; rc == 0 && i < 100; i++) rc = an->journey(acc, &journey[i], ended[i]);
            if (rc == 0) p = an->finish(acc);
            const void *two[2] = { p, p };
            void *s = p ? an->sum(two, 2) : NULL;
            tl_alloc_fail_at(0, false);
            an->abandon(acc);
            an->free(p);
            if (s) {
                an->free(s);
                break;
            }
        }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(map_equals_the_oracle), cmocka_unit_test(partials_add), cmocka_unit_test(matches_equal_the_map),
        cmocka_unit_test(variants_equal_the_oracle), cmocka_unit_test(funnel_is_ordered), cmocka_unit_test(wilson_is_as_published),
        cmocka_unit_test(bucket_table_is_exact), cmocka_unit_test(memory_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
