/* t_pain.c - the heat map: journeys, customers, severity and sources of random breaks against straight counting. */
#include "stats_kit.h"

#include "../../viewer/analysis/pain.h"
#include "tl_time.h"

enum { JOURNEYS = 500, POINTS = 3, ORIGINS = 4, ORIGIN_KEY = 77 };
static const struct break_rule rules[] = {
    { .standard = 20, .touchpoint = 1, .kind = TL_STANDARD_CLOCK, .severity_min = 1 }, { .standard = 21, .touchpoint = 2, .kind = TL_STANDARD_FAILED, .severity_min = 2 },
    { .standard = 22, .touchpoint = 2, .kind = TL_STANDARD_CLOCK, .severity_min = 3 }, { .standard = 23, .touchpoint = 3, .kind = TL_STANDARD_FAILED, .beyond = true, .severity_min = 1 },
};
static struct tl_facts f;

struct straight { uint64_t n, hits, severity, rules; int worst; bool customer[JOURNEYS], origin[ORIGINS], channel[4]; };

static void
count(struct straight *s, int journey, uint32_t origin, int32_t day, int64_t as_of)
{
    int worst[POINTS + 1] = { 0 };
    bool seen[POINTS + 1] = { false };
    if (day < 1 || day > 3) return;
    for (uint32_t i = 0; i < f.chance_n; i++) {
        const struct tl_chance *c = &f.chance[i];
        uint32_t r = c->standard - 20;
        if (rules[r].beyond) continue;
        bool clock = rules[r].kind == TL_STANDARD_CLOCK;
        if (clock && c->due_ms > as_of) continue;
        bool hit = clock ? c->ended_ms > c->due_ms : (c->flags & TL_CHANCE_HIT) != 0;
        uint32_t at = rules[r].touchpoint;
        seen[at] = true;
        if (!hit) continue;
        int sev = chance_severity(&rules[r], c, as_of);
        if (sev > worst[at]) worst[at] = sev;
        s[at].rules |= UINT64_C(1) << r;
        s[at].channel[c->channel] = true;
    }
    for (uint32_t at = 1; at <= POINTS; at++) {
        s[at].n += seen[at];
        if (!worst[at]) continue;
        s[at].hits++;
        s[at].severity += (uint64_t)worst[at];
        if (worst[at] > s[at].worst) s[at].worst = worst[at];
        s[at].customer[journey / 3] = s[at].origin[origin] = true;
    }
}

static uint32_t
trues(const bool *b, int n)
{
    uint32_t k = 0;
    for (int i = 0; i < n; i++) k += b[i];
    return k;
}

static void
pains_equal_straight_counts(void **state)
{
    static struct straight want[POINTS + 1];
    static struct tl_step step = { .touchpoint = 9 };
    struct analysis_arg arg = { .word_n = TOLD_AFTER_MAX + TOLD_STRATA_MAX + 1 };
    uint64_t seed = 3;
    const int64_t as_of = 100;
    (void)state;
    arg.word[TOLD_AFTER_MAX + TOLD_STRATA_MAX] = ORIGIN_KEY;
    void *acc = analysis_told.begin(&arg);
    for (int i = 0; i < JOURNEYS; i++) {
        struct tl_buf b = { NULL, 0, 0, false };
        uint32_t origin = (uint32_t)(stats_random(&seed) * ORIGINS);
        struct tl_journey j = { .customer = (uint64_t)i / 3, .day = (int32_t)(stats_random(&seed) * 5), .steps_n = 1, .step = &step, .attrs_n = 1, .attr = { { ORIGIN_KEY, 1 + origin } } };
        memset(&f, 0, sizeof f);
        for (int c = (int)(stats_random(&seed) * 4); c > 0; c--) {
            int64_t at = (int64_t)(stats_random(&seed) * 110);
            f.chance[f.chance_n++] = (struct tl_chance){ 20 + (uint32_t)(stats_random(&seed) * 4), 0, stats_random(&seed) < .4 ? TL_CHANCE_HIT : 0, at > as_of ? as_of : at, at + 10,
                                                         at + (int64_t)(stats_random(&seed) * 40), TL_TIME_NONE, 0, 1 + (uint32_t)(stats_random(&seed) * 3), 0 };
        }
        count(want, i, origin, j.day, as_of);
        tl_facts_put(&b, &f, 0);
        j.facts = (struct tl_str){ (const char *)b.data, b.len };
        assert_int_equal(analysis_told.journey(acc, &j, TL_END_OPEN), 0);
        tl_buf_free(&b);
    }
    struct told *told = analysis_told.finish(acc);
    const struct breaks_ask q = { .rule = rules, .rule_n = 4, .as_of_ms = as_of, .from_day = 1, .to_day = 3 };
    struct pains p;
    assert_int_equal(pains_count(told, &q, &p), 0);
    assert_int_equal(p.n, 2);           /* what goes beyond hurts nobody */
    for (size_t i = 0; i < p.n; i++) {
        const struct pain_point *x = &p.point[i];
        const struct straight *s = &want[x->touchpoint];
        assert_int_equal(x->n, s->n);
        assert_int_equal(x->hits, s->hits);
        assert_int_equal(x->severity, s->severity);
        assert_int_equal(x->worst, s->worst);
        assert_int_equal(x->rules, s->rules);
        assert_int_equal(x->customers, trues(s->customer, JOURNEYS));
        assert_int_equal(x->source_n, trues(s->origin, ORIGINS));
        assert_int_equal(x->channel_n, trues(s->channel, 4));
        near(pain_of(x), (double)s->severity / (double)s->n * (double)x->customers, 1e-9);
    }
    tl_free(p.point);
    analysis_told.free(told);
    struct told *none = analysis_told.sum(NULL, 0);
    assert_int_equal(pains_count(none, &q, &p), 0);
    assert_int_equal(p.n, 0);
    tl_free(p.point);
    analysis_told.free(none);
    analysis_told.abandon(acc);
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(pains_equal_straight_counts) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
