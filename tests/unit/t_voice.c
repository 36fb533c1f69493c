/* t_voice.c - what customers say: partials of any split add up to the whole, cells and intervals equal a count made another way, golden NPS figures, and clear words where there
 * is nothing to say: no NaN, whatever the cell. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "../../viewer/analysis/kept.h"
#include "../../viewer/analysis/prob.h"
#include "../../viewer/analysis/verdict.h"
#include "../../viewer/analysis/voice_cells.h"
#include "tl_hash.h"

#define JOURNEYS 600
#define STEPS 5
#define SCORES 4
#define AS_OF (INT64_C(1) << 40)
enum { KIND_ASKED = 90, KIND_NPS, KIND_CSAT, KIND_EMOTION };

#define assert_double_equal(a, b, off) assert_true(fabs((a) - (b)) <= (off))

static uint64_t seed = 11;
static struct tl_journey journey[JOURNEYS];
static struct tl_step step[JOURNEYS][STEPS];
static struct tl_scored scored[JOURNEYS][SCORES];
static uint32_t scored_n[JOURNEYS];
static struct tl_buf facts[JOURNEYS];

static uint64_t
rnd(uint64_t n)
{
    seed += UINT64_C(0x9E3779B97F4A7C15);
    return tl_mix64(seed) % n;
}

static void
facts_make(int i)
{
    static struct tl_facts f;
    f.scored_n = scored_n[i];
    memcpy(f.scored, scored[i], sizeof scored[i]);
    tl_buf_reset(&facts[i]);
    tl_facts_put(&facts[i], &f, journey[i].start_ms);
    journey[i].facts = (struct tl_str){ (const char *)facts[i].data, facts[i].len };
}

static int32_t
any_score(uint32_t kind)
{
    return kind == KIND_NPS ? (int32_t)rnd(11) * 1000 : kind == KIND_CSAT ? 1000 + (int32_t)rnd(5) * 1000 : kind == KIND_EMOTION ? (int32_t)rnd(5) * 1000 - 2000 : 0;
}

static void
journeys_make(void)
{
    for (int i = 0; i < JOURNEYS; i++) {
        struct tl_journey *j = &journey[i];
        *j = (struct tl_journey){ .customer = 1 + rnd(150), .start_ms = 1000000 * (int64_t)i, .day = 20000 + i / 30, .steps_n = (uint32_t)rnd(STEPS + 1), .step = step[i] };
        if (rnd(3)) j->attr[j->attrs_n++] = (struct tl_attr){ 7, 70 + (uint32_t)rnd(3) };
        for (uint32_t s = 0; s < j->steps_n; s++) step[i][s] = (struct tl_step){ .touchpoint = 1 + (uint32_t)rnd(3), .channel = (uint16_t)(1 + rnd(2)), .start_ms = j->start_ms, .end_ms = j->start_ms };
        scored_n[i] = (uint32_t)rnd(SCORES + 1);
        for (uint32_t s = 0; s < scored_n[i]; s++) {
            uint32_t kind = KIND_ASKED + (uint32_t)rnd(4);
            scored[i][s] = (struct tl_scored){ kind, any_score(kind), j->steps_n && rnd(8) ? (uint32_t)rnd(j->steps_n) : TL_NO_STEP, j->start_ms + (int64_t)rnd(1000) };
        }
        facts_make(i);
    }
}

static struct analysis_arg
arg_of(enum voice_by by, uint32_t key)
{
    struct analysis_arg a = { .end = -1, .word_n = VOICE_WORDS };
    a.word[VOICE_ASKED] = KIND_ASKED;
    a.word[VOICE_BY] = by;
    a.word[VOICE_KEY] = key;
    return a;
}

/* partial - of the journeys for which (place in order) % of == which */
static void *
partial(const struct analysis_arg *arg, const int *order, int which, int of)
{
    void *acc = analysis_voice.begin(arg);
    for (int i = 0; i < JOURNEYS; i++)
        if (i % of == which) assert_int_equal(analysis_voice.journey(acc, &journey[order[i]], TL_END_OPEN), 0);
    void *p = analysis_voice.finish(acc);
    analysis_voice.abandon(acc);
    return p;
}

static int *
order_any(void)
{
    static int order[JOURNEYS];
    for (int i = 0; i < JOURNEYS; i++) order[i] = i;
    for (int i = JOURNEYS - 1; i > 0; i--) {
        int k = (int)rnd((uint64_t)i + 1), x = order[i];
        order[i] = order[k];
        order[k] = x;
    }
    return order;
}

/* ---- the slow way ---- */

static bool
of_cell(int i, uint32_t s, uint32_t kind, uint32_t touchpoint, uint32_t tier)
{
    const struct tl_scored *x = &scored[i][s];
    uint32_t tp = x->step < journey[i].steps_n ? step[i][x->step].touchpoint : 0, has = journey[i].attrs_n ? journey[i].attr[0].value : 0;
    return x->kind == kind && (touchpoint == VOICE_ANY || tp == touchpoint) && (tier == VOICE_ANY || has == tier);
}

struct naive { uint64_t n, customers, hits, promoters, detractors; double mean, lo, hi; };

static struct naive
naive(uint32_t kind, uint32_t touchpoint, uint32_t tier, int32_t from)
{
    struct naive o = { 0 };
    double mean[200], var = 0;
    for (uint64_t c = 1; c <= 150; c++) {
        double sum = 0, n = 0;
        for (int i = 0; i < JOURNEYS; i++)
            for (uint32_t s = 0; s < scored_n[i]; s++) {
                if (journey[i].customer != c || !of_cell(i, s, kind, touchpoint, tier)) continue;
                sum += scored[i][s].milli / 1000.0;
                n++;
                o.hits += scored[i][s].milli >= from;
                o.promoters += scored[i][s].milli >= 9000;
                o.detractors += scored[i][s].milli <= 6000;
            }
        o.n += (uint64_t)n;
        if (n > 0) mean[o.customers++] = sum / n;
    }
    for (uint64_t c = 0; c < o.customers; c++) o.mean += mean[c] / (double)o.customers;
    for (uint64_t c = 0; c < o.customers; c++) var += (mean[c] - o.mean) * (mean[c] - o.mean) / ((double)o.customers - 1);
    double half = o.customers > 1 ? prob_t_quantile_upper((double)o.customers - 1, .025) * sqrt(var / (double)o.customers) : 0;
    o.lo = o.mean - half;
    o.hi = o.mean + half;
    return o;
}

static void
cells_are_those_counted_the_slow_way(void **state)
{
    (void)state;
    static const uint32_t kinds[] = { KIND_NPS, KIND_CSAT, KIND_EMOTION };
    const struct analysis_arg arg = arg_of(VOICE_BY_ATTR, 7);
    struct voice *v = partial(&arg, order_any(), 0, 1);
    for (int by = 0; by < 4; by++) {
        struct voice_cells cells;
        assert_int_equal(voice_cells(v, by & 1, by & 2, AS_OF, &cells), 0);
        for (uint32_t tp = 0; tp <= 4; tp++)
            for (uint32_t tier = 69; tier < 74; tier++)
                for (int k = 0; k < 3; k++) {
                    uint32_t t = by & 1 ? tp : VOICE_ANY, g = by & 2 ? (tier == 69 ? 0 : tier) : VOICE_ANY;
                    struct naive want = naive(kinds[k], t, g, 4000);
                    const struct voice_cell *c = voice_cell(&cells, kinds[k], t, g);
                    struct voice_mean m;
                    struct voice_nps nps;
                    struct share s;
                    assert_int_equal(voice_mean(c, &m) | voice_nps(c, &nps) | voice_share(c, 4000, &s), 0);
                    assert_int_equal(m.n, want.n);
                    assert_int_equal(voice_customers(c), want.customers);
                    assert_int_equal(s.k, want.hits);
                    assert_int_equal(nps.promoters, want.promoters);
                    assert_int_equal(nps.detractors, want.detractors);
                    assert_true(m.mean.known == (want.customers > 1));
                    if (!m.mean.known) continue;
                    assert_double_equal(m.mean.value, want.mean, 1e-9);
                    assert_double_equal(m.mean.lo, want.lo, 1e-9);
                    assert_double_equal(m.mean.hi, want.hi, 1e-9);
                }
        voice_cells_free(&cells);
    }
    analysis_voice.free(v);
}

/* everything said of the whole, as bytes */
struct said { struct voice_mean mean[4]; struct voice_nps nps[4]; struct share share[4]; struct voice_response response[4]; };

static struct said
said_of(const struct voice *v)
{
    struct said s;
    struct voice_cells cells;
    memset(&s, 0, sizeof s);
    assert_int_equal(voice_cells(v, true, false, AS_OF, &cells), 0);
    for (uint32_t tp = 0; tp < 4; tp++) {
        assert_int_equal(voice_mean(voice_cell(&cells, KIND_EMOTION, tp, VOICE_ANY), &s.mean[tp]), 0);
        assert_int_equal(voice_nps(voice_cell(&cells, KIND_NPS, tp, VOICE_ANY), &s.nps[tp]), 0);
        assert_int_equal(voice_share(voice_cell(&cells, KIND_CSAT, tp, VOICE_ANY), 5000, &s.share[tp]), 0);
        s.response[tp] = voice_response(v, &cells, KIND_EMOTION, KIND_ASKED, tp, VOICE_ANY);
    }
    voice_cells_free(&cells);
    return s;
}

static void
same(const struct said *a, const struct said *b)
{
    for (int i = 0; i < 4; i++) {
        assert_memory_equal(&a->mean[i].mean.value, &b->mean[i].mean.value, 3 * sizeof(double));
        assert_memory_equal(&a->nps[i].nps.value, &b->nps[i].nps.value, 3 * sizeof(double));
        assert_memory_equal(&a->nps[i].de, &b->nps[i].de, sizeof(double));
        assert_memory_equal(&a->share[i].de, &b->share[i].de, sizeof(double));
        assert_int_equal(a->mean[i].n, b->mean[i].n);
        assert_int_equal(a->share[i].k, b->share[i].k);
        assert_int_equal(a->response[i].share.k, b->response[i].share.k);
        assert_int_equal(a->response[i].share.n, b->response[i].share.n);
        assert_int_equal(a->response[i].rated, b->response[i].rated);
    }
}

static void
parts_add_up_in_any_order(void **state)
{
    (void)state;
    const struct analysis_arg arg = arg_of(VOICE_BY_NONE, 0);
    int straight[JOURNEYS];
    for (int i = 0; i < JOURNEYS; i++) straight[i] = i;
    struct voice *whole = partial(&arg, straight, 0, 1);
    struct said want = said_of(whole);
    for (int turn = 0; turn < 5; turn++) {
        const int of = 1 + (int)rnd(9), *order = order_any();
        const void *part[10];
        for (int i = 0; i < of; i++) part[i] = partial(&arg, order, of - 1 - i, of);
        struct voice *sum = analysis_voice.sum(part, (size_t)of);
        struct said got = said_of(sum);
        same(&got, &want);
        assert_int_equal(sum->row_n, whole->row_n);
        assert_int_equal(sum->seen_n, whole->seen_n);
        for (int i = 0; i < of; i++) analysis_voice.free((void *)(uintptr_t)part[i]);
        analysis_voice.free(sum);
    }
    /* customers may have any numbers */
    for (int i = 0; i < JOURNEYS; i++) journey[i].customer = 1000 - journey[i].customer;
    struct voice *other = partial(&arg, straight, 0, 1);
    struct said got = said_of(other);
    same(&got, &want);
    for (int i = 0; i < JOURNEYS; i++) journey[i].customer = 1000 - journey[i].customer;
    analysis_voice.free(other);
    analysis_voice.free(whole);
}

/* ---- NPS ---- */

static struct voice_row rows[400];

static struct voice_cell
cell_of(const int *score, size_t n, uint64_t each_customer)
{
    for (size_t i = 0; i < n; i++) rows[i] = (struct voice_row){ .customer = i / each_customer, .milli = score[i] * 1000 };
    return (struct voice_cell){ .row = rows, .n = n };
}

static struct voice_nps
nps_of(int promoters, int passives, int detractors)
{
    int score[400];
    size_t n = 0;
    struct voice_nps out;
    for (int i = 0; i < promoters; i++) score[n++] = 9 + i % 2;
    for (int i = 0; i < passives; i++) score[n++] = 7 + i % 2;
    for (int i = 0; i < detractors; i++) score[n++] = i % 7;
    struct voice_cell c = cell_of(score, n, 1);
    assert_int_equal(voice_nps(&c, &out), 0);
    return out;
}

static void
nps_is_the_formula(void **state)
{
    (void)state;
    struct voice_nps before = nps_of(55, 28, 17), after = nps_of(63, 26, 11);
    struct interval d = voice_nps_change(&after, &before);
    assert_double_equal(before.nps.value, .38, 1e-12);
    assert_double_equal(after.nps.value, .52, 1e-12);
    assert_double_equal(before.de, 1, 0);
    assert_double_equal(d.value, .14, 1e-12);
    assert_double_equal(round(d.lo * 1000) / 10, -6.0, 1e-9);
    assert_double_equal(round(d.hi * 1000) / 10, 34.0, 1e-9);
    assert_int_equal(verdict_of(&d, 100, SCORE_NPS_MIN).word, VERDICT_TOO_LITTLE);
    const int nine[] = { 10, 9, 9, 8, 7, 6, 0, 10, 9, 5 };
    struct voice_cell c = cell_of(nine, 10, 1);
    struct voice_nps n;
    assert_int_equal(voice_nps(&c, &n), 0);
    assert_double_equal(n.nps.value, .20, 1e-12);
    assert_true(n.promoters == 5 && n.detractors == 3 && n.passives == 2);
}

/* the same answers from half as many customers say less */
static void
who_answers_twice_counts_for_less(void **state)
{
    (void)state;
    int score[200];
    for (int i = 0; i < 200; i++) score[i] = i / 2 % 3 ? 10 : 0;
    struct voice_cell once = cell_of(score, 200, 1);
    struct voice_nps a, b;
    struct share s, t;
    assert_int_equal(voice_nps(&once, &a) | voice_share(&once, 9000, &s), 0);
    struct voice_cell twice = cell_of(score, 200, 2);
    assert_int_equal(voice_nps(&twice, &b) | voice_share(&twice, 9000, &t), 0);
    assert_double_equal(a.nps.value, b.nps.value, 1e-12);
    assert_double_equal(s.de, 1, 0);
    assert_true(b.de > 1.9 && b.de < 2.1 && t.de > 1.9 && t.de < 2.1);
    assert_true(b.nps.hi - b.nps.lo > 1.3 * (a.nps.hi - a.nps.lo));
}

/* ---- nothing to say ---- */

static void
finite_all(const struct interval *i)
{
    assert_true(isfinite(i->value) && isfinite(i->lo) && isfinite(i->hi));
}

static void
nothing_is_said_of_nothing(void **state)
{
    (void)state;
    const int same[] = { 5, 5, 5, 5 };
    struct voice_cell one = cell_of(same, 1, 1), flat = cell_of(same, 4, 1);
    const struct voice_cell *cells[] = { NULL, &one, &flat };
    for (int i = 0; i < 3; i++) {
        struct voice_mean m;
        struct voice_nps n;
        struct share s;
        assert_int_equal(voice_mean(cells[i], &m) | voice_nps(cells[i], &n) | voice_share(cells[i], 4000, &s), 0);
        struct interval d = voice_mean_change(&m.of, &m.of), e = voice_nps_change(&n, &n);
        finite_all(&m.mean);
        finite_all(&n.nps);
        finite_all(&d);
        finite_all(&e);
        assert_true(isfinite(n.de) && isfinite(s.de));
        assert_true(m.mean.known == (i == 2) && m.mean.flat == (i == 2) && n.nps.known == (i > 0));
        assert_int_equal(verdict_of(&d, 100, 10).word, VERDICT_TOO_LITTLE);      /* no variance proves nothing */
    }
    const void *none = NULL;
    struct voice *empty = analysis_voice.sum(&none, 0);
    struct said s = said_of(empty);
    assert_true(s.mean[1].n == 0 && !s.mean[1].mean.known && s.response[1].share.n == 0);
    analysis_voice.free(empty);
}

/* ---- who answered ---- */

static void
answers_are_of_those_asked(void **state)
{
    (void)state;
    const struct analysis_arg arg = arg_of(VOICE_BY_NONE, 0);
    const struct voice_response want[] = { [1] = { true, 2, { 1, 2, 1 } }, [2] = { false, 1, { 1, 3, 1 } } };
    static const struct tl_scored told[4][3] = { { { KIND_ASKED, 0, 0, 1 }, { KIND_EMOTION, 1000, 0, 2 } }, { { KIND_ASKED, 0, 0, 1 } }, { { KIND_EMOTION, -1000, 0, 1 }, { KIND_EMOTION, 0, 0, 2 }, { KIND_EMOTION, 2000, 1, 3 } } };
    static const uint32_t told_n[] = { 2, 1, 3, 0 };
    void *acc = analysis_voice.begin(&arg);
    for (int i = 0; i < 4; i++) {
        journey[i].steps_n = i ? 2 : 1;
        step[i][0].touchpoint = 1;
        step[i][1].touchpoint = 2;
        scored_n[i] = told_n[i];
        memcpy(scored[i], told[i], sizeof told[i]);
        facts_make(i);
        assert_int_equal(analysis_voice.journey(acc, &journey[i], TL_END_OPEN), 0);
    }
    struct voice *v = analysis_voice.finish(acc);
    struct voice_cells cells;
    assert_int_equal(voice_cells(v, true, false, AS_OF, &cells), 0);
    for (uint32_t tp = 1; tp <= 2; tp++) {
        struct voice_response got = voice_response(v, &cells, KIND_EMOTION, KIND_ASKED, tp, VOICE_ANY);
        assert_true(got.asked == want[tp].asked);
        assert_int_equal(got.rated, want[tp].rated);
        assert_int_equal(got.share.k, want[tp].share.k);
        assert_int_equal(got.share.n, want[tp].share.n);
    }
    voice_cells_free(&cells);
    analysis_voice.abandon(acc);
    analysis_voice.free(v);
}

/* ---- standards kept ---- */

static void
times_say_more_than_when_they_have_not_ended(void **state)
{
    (void)state;
    struct kept_row r[10];
    struct kept_cell c = { .row = r, .n = 10 };
    struct kept_times t;
    for (int i = 0; i < 10; i++) r[i] = (struct kept_row){ .customer = (uint64_t)i, .took_ms = 100 * (i + 1), .kept = i < 5, .ended = i < 7 };
    assert_int_equal(kept_times(&c, &t), 0);
    assert_true(t.ended == 7 && t.open == 3);
    assert_double_equal(t.mean_ms, 400, 0);
    assert_true(t.p50.known && !t.p50.over && t.p90.over);
    assert_double_equal(t.p50.ms, 500, 0);
    assert_double_equal(t.p90.ms, 900, 0);
    assert_true(!t.p90.has_hi);
    struct share s = kept_share(&c);
    assert_true(s.k == 5 && s.n == 10 && s.de == 1.0);
    assert_int_equal(kept_times(NULL, &t), 0);
    assert_true(!t.p50.known && t.ended == 0 && t.mean_ms == 0.0);
    s = kept_share(NULL);
    assert_true(s.n == 0);
}

static void
contacts_are_judged_with_their_journey(void **state)
{
    (void)state;
    enum { CLOCK = 50, REPEAT, PASSED, TP = 3 };
    const struct break_rule rule[] = { { .standard = CLOCK, .touchpoint = TP, .kind = TL_STANDARD_CLOCK }, { .standard = REPEAT, .touchpoint = TP, .kind = TL_STANDARD_REPEAT },
                                       { .standard = PASSED, .touchpoint = TP, .kind = TL_STANDARD_TRANSFERS } };
    const uint32_t contact[] = { 3, 3, 0 };
    struct told_chance chance[16];
    struct told_journey j[4];
    size_t n = 0;
    memset(j, 0, sizeof j);
    memset(chance, 0, sizeof chance);
    for (uint32_t i = 0; i < 4; i++) {                  /* each: two contacts in time, one solved; the second came again, the third was passed on */
        j[i].customer = i;
        for (int k = 0; k < 2; k++) chance[n++].of = (struct tl_chance){ .standard = CLOCK, .start_ms = 10, .due_ms = 20, .ended_ms = 15, .cancelled_ms = TL_TIME_NONE };
        chance[n++].of = (struct tl_chance){ .standard = REPEAT, .start_ms = 10, .due_ms = i == 3 ? 9000 : 100, .ended_ms = i == 1 ? 50 : TL_TIME_NONE, .cancelled_ms = TL_TIME_NONE };
        if (i == 2) chance[n++].of = (struct tl_chance){ .standard = PASSED, .start_ms = 10, .due_ms = TL_TIME_NONE, .ended_ms = TL_TIME_NONE, .cancelled_ms = TL_TIME_NONE };
        j[i].chance_n = i == 2 ? 4 : 3;
    }
    const struct told t = { .journey = j, .journey_n = 4, .chance = chance, .chance_n = n };
    const struct kept_ask q = { rule, 3, 1000, INT32_MIN, INT32_MAX, KEPT_BY_TOUCHPOINT };
    struct kept_cells cells;
    assert_int_equal(kept_cells(&t, &q, contact, &cells), 0);
    struct share clock = kept_share(kept_cell(&cells, 0, TP)), first = kept_share(kept_cell(&cells, 1, TP)), direct = kept_share(kept_cell(&cells, 2, TP));
    assert_true(clock.k == 8 && clock.n == 8);
    assert_true(first.k == 1 && first.n == 3);          /* the fourth's time is not over */
    assert_true(direct.k == 7 && direct.n == 8);
    kept_cells_free(&cells);
}

static int
setup(void **state)
{
    (void)state;
    journeys_make();
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    for (int i = 0; i < JOURNEYS; i++) tl_buf_free(&facts[i]);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_are_those_counted_the_slow_way), cmocka_unit_test(parts_add_up_in_any_order), cmocka_unit_test(nps_is_the_formula),
        cmocka_unit_test(who_answers_twice_counts_for_less), cmocka_unit_test(nothing_is_said_of_nothing), cmocka_unit_test(times_say_more_than_when_they_have_not_ended),
        cmocka_unit_test(contacts_are_judged_with_their_journey), cmocka_unit_test(answers_are_of_those_asked),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
