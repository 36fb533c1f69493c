/* effect.c - see effect.h. */
#include "effect.h"

#include "verdict.h"

struct effect_window
effect_window(int32_t start_day, int32_t today, int32_t weeks_max)
{
    struct effect_window w = { 0 };
    int64_t weeks = ((int64_t)today - start_day) / 7;
    if (weeks < 1) return w;
    w.capped = weeks > weeks_max;
    w.weeks = w.capped ? weeks_max : (int32_t)weeks;
    w.before_from = start_day - 7 * w.weeks;
    w.before_to = start_day - 1;
    w.after_from = start_day;
    w.after_to = start_day + 7 * w.weeks - 1;
    return w;
}

static uint64_t
smallest(const struct effect *e)
{
    const uint64_t n[] = { e->acted.before.n, e->acted.after.n, e->rest.before.n, e->rest.after.n };
    uint64_t least = n[0];
    for (int i = 1; i < (e->compared ? 4 : 2); i++)
        if (n[i] < least) least = n[i];
    return least;
}

static uint64_t
rows(const struct effect *e)
{
    uint64_t n = e->acted.before.n + e->acted.after.n;
    return e->compared ? n + e->rest.before.n + e->rest.after.n : n;
}

static struct effect_verdict
judge(const struct effect *e, double good, double worth)
{
    struct effect_verdict v = { EFFECT_TOO_LITTLE, false, 0 };
    /* with the sign of what is good, so that more is better */
    double lo = good > 0 ? e->points.lo : -e->points.hi, hi = good > 0 ? e->points.hi : -e->points.lo;
    if (e->points.known && smallest(e) >= EFFECT_ROWS_MIN) {
        v.worse = hi < 0;
        if (lo > 0) v.word = EFFECT_WORKS;
        else if (hi < worth || (lo >= -VERDICT_SMALL && hi <= VERDICT_SMALL)) v.word = EFFECT_NONE;
    }
    if (v.word == EFFECT_TOO_LITTLE) {
        uint64_t short_of = smallest(e) < EFFECT_ROWS_MIN ? EFFECT_ROWS_MIN - smallest(e) : 0;
        v.more = verdict_of(&e->points, rows(e), 0).more;
        if (v.more < short_of) v.more = short_of;
    }
    return v;
}

static struct interval
against_before(const struct effect *e)
{
    struct interval r = { 0 }, katz = differ_katz(e->acted.after, e->acted.before);
    double before = e->acted.before.n ? (double)e->acted.before.k / (double)e->acted.before.n : 0;
    if (!e->points.known || !(before > 0)) return r;
    if (!e->compared) return katz.known ? (struct interval){ katz.value - 1, katz.lo - 1, katz.hi - 1, .known = true } : r;
    return (struct interval){ e->points.value / before, e->points.lo / before, e->points.hi / before, .known = true };
}

void
effect_judge(struct effect *e, bool more_is_better, double worth)
{
    e->points = e->compared ? differ_in_differences(e->acted, e->rest) : differ_change(e->acted);
    e->ratio = against_before(e);
    e->verdict = judge(e, more_is_better ? 1 : -1, worth > 0 ? worth : EFFECT_WORTH);
}
