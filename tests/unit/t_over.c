/* t_over.c - flows against limits, values to filter by, ways taken: counted in whole, in parts, straight from the journeys; for how long what was counted holds. What is
 * covered in texts that customers wrote. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "../../viewer/analysis/facets.h"
#include "../../viewer/analysis/over.h"
#include "../../viewer/quote_mask.h"
#include "tl_hash.h"

enum { JOURNEYS = 400, TOUCHPOINT = 70, TOUCHPOINTS = 5, STANDARD = 20, STANDARDS = 3, AS_OF = 5000, LIMIT = 30, TIER = 5, PLACE = 6, VALUE = 90 };
static struct tl_journey journeys[JOURNEYS];
static struct tl_step steps[JOURNEYS][7];
static struct tl_facts facts[JOURNEYS];
static struct tl_buf bytes[JOURNEYS];
static const struct break_rule rule[STANDARDS] = { { .standard = STANDARD, .touchpoint = TOUCHPOINT, .kind = TL_STANDARD_CLOCK },
                                                   { .standard = STANDARD + 1, .touchpoint = TOUCHPOINT + 1, .kind = TL_STANDARD_PROMISE },
                                                   { .standard = STANDARD + 2, .touchpoint = TOUCHPOINT + 2, .kind = TL_STANDARD_FAILED } };
static uint64_t seed = 23;

static uint64_t
below(uint64_t n)
{
    seed += UINT64_C(0x9E3779B97F4A7C15);
    return tl_mix64(seed) % n;
}

static struct tl_chance
make_chance(int64_t at)
{
    struct tl_chance c = { .standard = STANDARD + (uint32_t)below(STANDARDS), .step = 0, .start_ms = at, .due_ms = at + LIMIT, .ended_ms = TL_TIME_NONE, .cancelled_ms = TL_TIME_NONE };
    if (below(4)) c.ended_ms = at + (int64_t)below(2 * LIMIT);
    else if (!below(3)) c.cancelled_ms = at + (int64_t)below(2 * LIMIT);
    return c;
}

static void
make_journeys(void)
{
    for (int i = 0; i < JOURNEYS; i++) {
        struct tl_journey *j = &journeys[i];
        int64_t at = (int64_t)below(AS_OF - 20);
        *j = (struct tl_journey){ .customer = 1 + below(50), .start_ms = at, .step = steps[i], .steps_n = 1 + (uint32_t)below(7) };
        facts[i].chance_n = (uint32_t)below(4);
        for (uint32_t c = 0, from = 0; c < facts[i].chance_n; c++) facts[i].chance[c] = make_chance(at + (from += (uint32_t)below(5)));
        tl_buf_reset(&bytes[i]);
        tl_facts_put(&bytes[i], &facts[i], at);
        if (facts[i].chance_n) j->facts = (struct tl_str){ (const char *)bytes[i].data, bytes[i].len };
        for (uint32_t s = 0; s < j->steps_n; s++, at += (int64_t)below(40))
            steps[i][s] = (struct tl_step){ .touchpoint = TOUCHPOINT + (uint32_t)below(TOUCHPOINTS), .start_ms = at, .end_ms = at };
        j->attrs_n = 2;
        j->attr[0] = (struct tl_attr){ TIER, (uint32_t)below(3) ? VALUE + (uint32_t)below(4) : 0 };
        j->attr[1] = (struct tl_attr){ PLACE, VALUE + (uint32_t)below(9) };
    }
}

static void *
fold(const struct analysis *of, const struct analysis_arg *arg, int from, int step, int64_t *lo, int64_t *hi)
{
    void *acc = of->begin(arg);
    for (int i = from; i < JOURNEYS; i += step) assert_int_equal(of->journey(acc, &journeys[i], TL_END_OPEN), 0);
    if (lo) of->holds(acc, lo, hi);
    void *part = of->finish(acc);
    of->abandon(acc);
    return part;
}

static void *
over_at(int64_t as_of_ms, int64_t *lo, int64_t *hi)
{
    const struct over_ask q = { rule, STANDARDS, as_of_ms };
    const struct analysis_arg arg = { .end = -1, .as_of_ms = as_of_ms, .more = &q };
    return fold(&analysis_over, &arg, 0, 1, lo, hi);
}

/* straight, from the words of the header: 0 no eligible chance there, 1 all in time, 2 one was not */
static int
fared(int i, uint32_t touchpoint, int64_t as_of_ms)
{
    int is = 0;
    for (uint32_t c = 0; c < facts[i].chance_n; c++) {
        const struct tl_chance *x = &facts[i].chance[c];
        bool limit = (x->standard == STANDARD && touchpoint == TOUCHPOINT) || (x->standard == STANDARD + 1 && touchpoint == TOUCHPOINT + 1);
        if (!limit || x->due_ms > as_of_ms || (x->cancelled_ms != TL_TIME_NONE && x->cancelled_ms < x->due_ms)) continue;
        bool hit = x->ended_ms == TL_TIME_NONE || x->ended_ms > x->due_ms;
        if (hit) is = 2;
        else if (!is) is = 1;
    }
    return is;
}

static struct over_flow
count(uint32_t from, uint32_t to, int64_t as_of_ms)
{
    struct over_flow f = { from, to, 0, 0 };
    for (int i = 0; i < JOURNEYS; i++) {
        bool moved = false;
        for (uint32_t s = 1; s < journeys[i].steps_n; s++) moved |= journeys[i].step[s - 1].touchpoint == from && journeys[i].step[s].touchpoint == to;
        int is = moved ? fared(i, to, as_of_ms) : 0;
        f.n += is > 0;
        f.k += is == 2;
    }
    return f;
}

static void
check(const struct over *o, int64_t as_of_ms)
{
    size_t at = 0;
    for (uint32_t from = TOUCHPOINT; from < TOUCHPOINT + TOUCHPOINTS; from++)
        for (uint32_t to = TOUCHPOINT; to < TOUCHPOINT + TOUCHPOINTS; to++) {
            const struct over_flow want = count(from, to, as_of_ms);
            if (!want.n) continue;
            assert_true(at < o->flow_n && o->flow[at].from == from && o->flow[at].to == to);
            assert_int_equal(o->flow[at].n, want.n);
            assert_int_equal(o->flow[at++].k, want.k);
        }
    assert_int_equal(at, o->flow_n);
}

static void
flows_are_judged_once_a_journey(void **state)
{
    (void)state;
    for (int world = 0; world < 20; world++) {
        int64_t lo = INT64_MIN, hi = INT64_MAX, as_of = (int64_t)below(AS_OF + 200);
        make_journeys();
        void *o = over_at(as_of, &lo, &hi);
        check(o, as_of);
        assert_true(lo <= as_of && as_of <= hi);
        if (lo > INT64_MIN) check(o, lo);                   /* what was counted holds up to both ends of the span that it names */
        if (hi < INT64_MAX) check(o, hi);
        analysis_over.free(o);
    }
}

static void
parts_add_up(void **state)
{
    const struct over_ask q = { rule, STANDARDS, AS_OF };
    const struct analysis_arg arg = { .end = -1, .as_of_ms = AS_OF, .more = &q };
    (void)state;
    make_journeys();
    void *part[] = { fold(&analysis_over, &arg, 2, 3, NULL, NULL), fold(&analysis_over, &arg, 0, 3, NULL, NULL), fold(&analysis_over, &arg, 1, 3, NULL, NULL) };
    void *sum = analysis_over.sum((const void *const *)part, 3), *none = analysis_over.sum(NULL, 0);
    check(sum, AS_OF);
    assert_int_equal(((struct over *)none)->flow_n, 0);
    for (int i = 0; i < 3; i++) analysis_over.free(part[i]);
    analysis_over.free(sum);
    analysis_over.free(none);
}

static void
values_are_counted(void **state)
{
    const struct analysis_arg arg = { .end = -1, .word = { TIER, 0, PLACE }, .word_n = 3 };
    (void)state;
    make_journeys();
    void *part[] = { fold(&analysis_facets, &arg, 1, 2, NULL, NULL), fold(&analysis_facets, &arg, 0, 2, NULL, NULL) };
    struct facets *sum = analysis_facets.sum((const void *const *)part, 2);
    size_t at = 0;
    for (uint32_t key = 0; key < 3; key++)
        for (uint32_t v = VALUE; v < VALUE + 9; v++) {
            uint64_t want = 0;
            for (int i = 0; i < JOURNEYS; i++)
                for (int a = 0; a < 2; a++) want += arg.word[key] && journeys[i].attr[a].key == arg.word[key] && journeys[i].attr[a].value == v;
            if (!want) continue;
            assert_true(at < sum->row_n && sum->row[at].key == key && sum->row[at].value == v);
            assert_int_equal(sum->row[at++].journeys, want);
        }
    assert_int_equal(at, sum->row_n);
    for (int i = 0; i < 2; i++) analysis_facets.free(part[i]);
    analysis_facets.free(sum);
}

static void
texts_are_covered(void **state)
{
    static const struct { const char *text, *shown; size_t max; bool cut; } row[] = {
        { "too slow", "too slow", 99, false },
        { "call me: 138-0013 8000 please", "call me: \xe2\x80\xa6 please", 99, false },
        { "wang.li+tea@example.com wrote", "\xe2\x80\xa6 wrote", 99, false },
        { "mail(ann@b.cn)", "mail(\xe2\x80\xa6)", 99, false },
        { "@home at 7:30, 2 teas for 36.50", "@home at 7:30, 2 teas for 36.50", 99, false },
        { "order 1234567", "order \xe2\x80\xa6", 99, false },
        { "12345", "12345", 99, false },
        { "a\nb\tc\x1b[31m", "a b c [31m", 99, false },
        { "\xe2\x80\xaegnp.exe\xe2\x81\xa9", "gnp.exe", 99, false },
        { "\xe7\xad\x89\xe5\xa4\xaa\xe4\xb9\x85\xe4\xba\x86", "\xe7\xad\x89\xe5\xa4\xaa", 8, true },
        { "<script>alert(1)</script>", "<script>alert(1)</script>", 99, false },
        { "", "", 99, false },
    };
    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        char out[100];
        bool cut = false;
        size_t n = quote_mask((struct tl_str){ row[i].text, strlen(row[i].text) }, out, row[i].max, &cut);
        if (n != strlen(row[i].shown) || memcmp(out, row[i].shown, n) != 0 || cut != row[i].cut) fail_msg("\"%s\" is shown as \"%.*s\"", row[i].text, (int)n, out);
    }
}

static void
done(void)
{
    for (int i = 0; i < JOURNEYS; i++) tl_buf_free(&bytes[i]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(flows_are_judged_once_a_journey), cmocka_unit_test(parts_add_up), cmocka_unit_test(values_are_counted),
                                        cmocka_unit_test(texts_are_covered) };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    done();
    return failed;
}
