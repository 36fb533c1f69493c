/* breaks.c - see breaks.h: one chance judged, and what one journey gives to cells. Counting: breaks_count.c. */
#include "breaks.h"

#include "tl_time.h"

/* ---- one chance ---- */

static enum chance_is
judge_clock(const struct tl_chance *c, int64_t as_of_ms)
{
    if (c->cancelled_ms != TL_TIME_NONE && c->cancelled_ms < c->due_ms) return CHANCE_CANCELLED;
    if (c->due_ms > as_of_ms) return CHANCE_OUT;
    return c->ended_ms != TL_TIME_NONE && c->ended_ms <= c->due_ms ? CHANCE_KEPT : CHANCE_HIT;
}

static enum chance_is
judge_required(const struct tl_chance *c, int64_t as_of_ms)
{
    if (c->flags & TL_CHANCE_HIT) return c->due_ms == TL_TIME_NONE || c->due_ms <= as_of_ms ? CHANCE_HIT : CHANCE_OUT;
    return (c->flags & TL_CHANCE_KEPT) && c->ended_ms <= as_of_ms ? CHANCE_KEPT : CHANCE_OUT;
}

/* word is owed of what is late, or was */
static enum chance_is
judge_word(const struct tl_chance *c, int64_t as_of_ms)
{
    enum chance_is late = judge_clock(c, as_of_ms);
    if (late != CHANCE_HIT) return late == CHANCE_KEPT ? CHANCE_OUT : late;
    return c->flags & TL_CHANCE_KEPT ? CHANCE_KEPT : CHANCE_HIT;
}

enum chance_is
chance_judge(enum tl_standard_kind kind, const struct tl_chance *c, int64_t as_of_ms)
{
    if (c->start_ms > as_of_ms) return CHANCE_OUT;
    switch (kind) {
    case TL_STANDARD_CLOCK:
    case TL_STANDARD_PROMISE:
        return judge_clock(c, as_of_ms);
    case TL_STANDARD_WORD:
        return judge_word(c, as_of_ms);
    case TL_STANDARD_REPEAT:
        if (c->ended_ms != TL_TIME_NONE && c->ended_ms <= c->due_ms && c->ended_ms <= as_of_ms) return CHANCE_HIT;
        return c->due_ms <= as_of_ms ? CHANCE_KEPT : CHANCE_OUT;
    case TL_STANDARD_REQUIRED:
        return judge_required(c, as_of_ms);
    case TL_STANDARD_TRANSFERS:
        if (c->ended_ms != TL_TIME_NONE && c->ended_ms > as_of_ms) return CHANCE_KEPT;
        break;
    case TL_STANDARD_FAILED:
    case TL_STANDARD_CONTEXT:
    case TL_STANDARD_SCORE:
        break;
    }
    return c->flags & TL_CHANCE_HIT ? CHANCE_HIT : CHANCE_KEPT;
}

int64_t
chance_settled_ms(enum tl_standard_kind kind, const struct tl_chance *c, enum chance_is is)
{
    if (kind == TL_STANDARD_REPEAT) return c->due_ms;      /* whether they came again or not: nobody is told apart before the time is over */
    if (is == CHANCE_HIT && c->due_ms != TL_TIME_NONE) return c->due_ms;
    return c->ended_ms != TL_TIME_NONE ? c->ended_ms : c->start_ms;
}

int
chance_severity(const struct break_rule *r, const struct tl_chance *c, int64_t as_of_ms)
{
    int s = 1;
    if (r->kind == TL_STANDARD_CLOCK || r->kind == TL_STANDARD_PROMISE) {
        double limit = (double)(c->due_ms - c->start_ms), took = (double)((c->ended_ms != TL_TIME_NONE ? c->ended_ms : as_of_ms) - c->start_ms);
        s = took <= 1.5 * limit ? 1 : took <= 3 * limit ? 2 : 3;
    }
    s += r->basic;
    if (s < r->severity_min) s = r->severity_min;
    return s < 3 ? s : 3;
}

/* ---- the rows of one journey ---- */

uint32_t
breaks_rule_of(const struct breaks_ask *q, uint32_t standard)
{
    uint32_t i = 0;
    if (q->rule_at) return standard < q->rule_at_n && q->rule_at[standard] ? q->rule_at[standard] - 1u : q->rule_n;
    while (i < q->rule_n && (q->rule[i].standard != standard || !standard)) i++;
    return i;
}

uint32_t
breaks_daypart(const struct breaks_ask *q, int64_t ms)
{
    int64_t local = ms / 1000 + tl_zone_offset_s(q->zone, ms), second = (local % 86400 + 86400) % 86400;
    int32_t m = (int32_t)(second / 60);
    for (uint32_t i = 0; i < q->daypart_n; i++) {
        const struct tl_daypart *d = &q->daypart[i];
        if (d->from_min <= d->to_min ? m >= d->from_min && m < d->to_min : m >= d->from_min || m < d->to_min) return i + 1;
    }
    return 0;
}

/* group_of - what cells are told apart by; 0: the chance has none */
static uint32_t
group_of(const struct breaks_ask *q, const struct tl_chance *c)
{
    return q->by == BREAKS_BY_NOTHING ? 0 : q->by == BREAKS_BY_CHANNEL ? c->channel : c->place;
}

static void
rows_of_chances(const struct breaks_ask *q, const struct told_journey *j, const struct told_chance *c, breaks_row each, void *arg)
{
    for (uint32_t i = 0; i < j->chance_n; i++, c++) {
        uint32_t r = breaks_rule_of(q, c->of.standard);
        if (r == q->rule_n || q->rule[r].beyond || (q->by != BREAKS_BY_NOTHING && !group_of(q, &c->of))) continue;
        enum chance_is is = chance_known(&q->rule[r], &c->of, chance_judge(q->rule[r].kind, &c->of, q->as_of_ms));
        if (is == CHANCE_OUT) continue;
        struct break_row x = { r, q->rule[r].touchpoint ? q->rule[r].touchpoint : c->touchpoint, group_of(q, &c->of), 0, c->of.channel, (uint8_t)is, 0 };
        if (q->by == BREAKS_BY_DAYPART && !(x.daypart = breaks_daypart(q, c->of.start_ms))) continue;
        if (is == CHANCE_HIT) x.severity = (uint8_t)chance_severity(&q->rule[r], &c->of, q->as_of_ms);
        each(arg, &x);
    }
}

/* rows_of_required - a journey closed good has a chance to lack, or to misplace, each required step */
static void
rows_of_required(const struct breaks_ask *q, uint32_t r, const struct told_journey *j, const struct tl_break *b, breaks_row each, void *arg)
{
    uint32_t first = q->rule[r].without == TL_BREAK_ORDER ? 1 : 0;      /* nothing is before the first */
    for (uint32_t t = first; t < q->required_n; t++) {
        struct break_row x = { r, q->required[t], 0, 0, 0, CHANCE_KEPT, 0 };
        for (uint32_t i = 0; i < j->brk_n; i++)
            if (b[i].kind == q->rule[r].without && b[i].touchpoint == q->required[t]) {
                x.is = CHANCE_HIT;
                x.severity = b[i].severity;
            }
        each(arg, &x);
    }
}

/* rows_of_unplanned - every journey has a chance to meet what its blueprint does not have */
static void
rows_of_unplanned(const struct breaks_ask *q, uint32_t r, const struct told_journey *j, const struct tl_break *b, breaks_row each, void *arg)
{
    for (uint32_t t = 0; t < q->unplanned_n; t++) {
        struct break_row x = { r, q->unplanned[t], 0, 0, 0, CHANCE_KEPT, 0 };
        for (uint32_t i = 0; i < j->brk_n; i++)
            if (b[i].kind == TL_BREAK_ADHOC && b[i].touchpoint == x.touchpoint && b[i].at_ms <= q->as_of_ms) {
                x.is = CHANCE_HIT;
                x.severity = b[i].severity;
            }
        if (j->start_ms <= q->as_of_ms) each(arg, &x);
    }
}

void
breaks_each(const struct breaks_ask *q, const struct told_journey *j, const struct told_chance *c, const struct tl_break *b, breaks_row each, void *arg)
{
    rows_of_chances(q, j, c, each, arg);
    for (uint32_t r = 0; r < q->rule_n && q->by == BREAKS_BY_NOTHING; r++) {       /* what is not there has no place */
        if (q->rule[r].standard) continue;
        if (q->rule[r].without == TL_BREAK_ADHOC) rows_of_unplanned(q, r, j, b, each, arg);
        else if (j->outcome == TL_GOOD) rows_of_required(q, r, j, b, each, arg);
    }
}
