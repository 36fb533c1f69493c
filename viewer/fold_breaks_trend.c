/* fold_breaks_trend.c - cells day by day, and places beside each other.
 *
 * A day is watched when all that started on it can be judged: a wait after its limit; promises, stopping and what is missing after the journey type's gap. */
#include <stdlib.h>

#include "analysis/shrink.h"
#include "fold_breaks_in.h"

/* ---- since when ---- */

/* settles_ms - how long after the end of its day a journey can still be undecided */
static int64_t
settles_ms(const struct breaks_ctx *c, uint32_t rule)
{
    const struct tl_standard *s = rule < c->f.rule_n ? c->f.standard[rule] : NULL;
    if (!s || s->kind == TL_STANDARD_PROMISE || s->kind == TL_STANDARD_WORD) return c->k->sieve.gap_ms;
    return s->kind == TL_STANDARD_CLOCK || s->kind == TL_STANDARD_REPEAT ? s->limit_ms : 0;
}

static void
drop_days(const struct breaks_ctx *c, const struct break_of *of, struct cusum_day *day)
{
    const struct drops *d = c->drops->part;
    for (size_t i = 0; i < d->drop_n; i++) {
        const struct drop *x = &d->drop[i];
        if (x->touchpoint != of->touchpoint || x->place != of->place || x->day < c->out->watch_from || x->day > c->out->to_day) continue;
        day[x->day - c->out->watch_from] = (struct cusum_day){ x->dropped, x->reached };
    }
}

static void
rise_of(const struct breaks_ctx *c, const struct break_of *of, struct cusum_day *scratch, struct break_answer *b)
{
    const struct breaks_answer *o = c->out;
    int64_t hold = settles_ms(c, of->rule), until = c->k->as_of_ms < INT64_MIN + hold ? INT64_MIN : c->k->as_of_ms - hold;
    int32_t last = tl_zone_day(c->k->zone, until) - 1;
    if (last > o->to_day) last = o->to_day;
    if (last < o->watch_from || !o->tests) return;
    size_t days = (size_t)(last - o->watch_from) + 1, first = 0;
    const struct cusum_day *day = scratch;
    if (of->rule < c->f.rule_n) {
        day = c->counts.cell[of->tally].day;
    } else {
        memset(scratch, 0, ((size_t)(o->to_day - o->watch_from) + 1) * sizeof *scratch);
        drop_days(c, of, scratch);
    }
    while (day && first < days && !day[first].n) first++;
    if (!day || days - first <= CUSUM_GAP_DAYS + CUSUM_BASE_MIN_DAYS) return;
    const struct cusum s = cusum_watch(day, days, o->tests);
    b->rise.watched = true;
    b->rise.alarmed = s.alarmed;
    b->rise.level = s.level;
    b->rise.bar = s.bar;
    b->rise.since_day = o->watch_from + (int32_t)s.alarm_since;
    b->rise.alarm_day = o->watch_from + (int32_t)s.alarm;
}

int
breaks_trend(struct breaks_ctx *c, struct tl_err *err)
{
    struct cusum_day *scratch = tl_alloc(((size_t)(c->out->to_day - c->out->watch_from) + 2) * sizeof *scratch);
    if (!scratch) return tl_fail(err, TL_ENOMEM, "out of memory");
    for (uint32_t i = 0; i < c->out->item_n; i++) rise_of(c, &c->of[i], scratch, &c->out->item[i]);
    tl_free(scratch);
    return 0;
}

/* ---- places ---- */

struct beside { const struct break_of *of; uint32_t item; uint64_t n, k; };

/* by what places are compared within: the standard at the touchpoint, in the daypart */
static int
by_group(const void *x, const void *y)
{
    const struct break_of *a = ((const struct beside *)x)->of, *b = ((const struct beside *)y)->of;
    if (a->rule != b->rule) return a->rule < b->rule ? -1 : 1;
    if (a->touchpoint != b->touchpoint) return a->touchpoint < b->touchpoint ? -1 : 1;
    return (a->daypart > b->daypart) - (a->daypart < b->daypart);
}

/* sums are fed by what places show, so that no digit hangs on their numbers */
static int
by_counts(const void *x, const void *y)
{
    const struct beside *a = x, *b = y;
    int d = by_group(x, y);
    if (d || a->n != b->n) return d ? d : a->n < b->n ? -1 : 1;
    return (a->k > b->k) - (a->k < b->k);
}

static void
shrink_group(struct breaks_ctx *c, const struct beside *s, size_t n, struct shrink_place *place)
{
    for (size_t i = 0; i < n; i++) place[i] = (struct shrink_place){ .k = c->out->item[s[i].item].k, .n = c->out->item[s[i].item].n };
    shrink_places(place, n);
    for (size_t i = 0; i < n; i++) c->out->item[s[i].item].shrunk = place[i].share;
}

int
breaks_shrink(struct breaks_ctx *c, struct tl_err *err)
{
    uint32_t n = c->out->item_n;
    struct beside *s = tl_alloc((n + 1) * sizeof *s);
    struct shrink_place *place = tl_alloc((n + 1) * sizeof *place);
    for (uint32_t i = 0; s && i < n; i++) s[i] = (struct beside){ &c->of[i], i, c->out->item[i].n, c->out->item[i].k };
    if (s && n) qsort(s, n, sizeof *s, by_counts);
    for (size_t i = 0, k; s && place && i < n; i = k) {
        for (k = i + 1; k < n && by_group(&s[i], &s[k]) == 0;) k++;
        shrink_group(c, s + i, k - i, place);
    }
    int rc = s && place ? 0 : tl_fail(err, TL_ENOMEM, "out of memory");
    tl_free(s);
    tl_free(place);
    return rc;
}
