/* past.c - see past.h. */
#include "past.h"

#include <stdlib.h>
#include "tl_mem.h"

static int
by_time(const void *x, const void *y)
{
    const struct past_bad *a = x, *b = y;
    if (a->customer != b->customer) return a->customer < b->customer ? -1 : 1;
    return (a->at_ms > b->at_ms) - (a->at_ms < b->at_ms);
}

static bool
is_bad(const struct breaks_ask *q, uint64_t rules, const struct told_chance *c, int64_t *at_ms)
{
    uint32_t r = breaks_rule_of(q, c->of.standard);
    if (r == q->rule_n || !(rules >> r & 1) || q->rule[r].beyond) return false;
    enum chance_is is = chance_known(&q->rule[r], &c->of, chance_judge(q->rule[r].kind, &c->of, q->as_of_ms));
    *at_ms = chance_settled_ms(q->rule[r].kind, &c->of, is);
    return is == CHANCE_HIT;
}

int
past_bads(const struct told *t, const struct breaks_ask *q, uint64_t rules, struct past *p)
{
    const struct told_chance *c = t->chance;
    size_t cap = 0;
    for (size_t i = 0; i < t->journey_n; i++)
        for (uint32_t k = 0; k < t->journey[i].chance_n; k++, c++) {
            int64_t at_ms = 0;
            if (!is_bad(q, rules, c, &at_ms)) continue;
            if (p->bad_n == cap) {
                size_t more = cap ? cap * 2 : 256;
                struct past_bad *b = tl_realloc(p->bad, more * sizeof *b);
                if (!b) return TL_ENOMEM;
                p->bad = b;
                cap = more;
            }
            p->bad[p->bad_n++] = (struct past_bad){ t->journey[i].customer, at_ms };
        }
    if (p->bad_n) qsort(p->bad, p->bad_n, sizeof *p->bad, by_time);
    return 0;
}

static uint32_t
prior_bad(const struct past *p, uint64_t customer, int64_t at_ms)
{
    size_t lo = 0, hi = p->bad_n;
    uint32_t n = 0;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (p->bad[mid].customer < customer) lo = mid + 1;
        else hi = mid;
    }
    for (; lo < p->bad_n && p->bad[lo].customer == customer && p->bad[lo].at_ms < at_ms && n < PAST_PRIOR_MANY; lo++) n++;
    return n + 1;
}

static uint32_t
tenure(const struct past *p, uint64_t customer, int64_t at_ms)
{
    size_t lo = 0, hi = p->first_n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (p->first[mid].customer < customer) lo = mid + 1;
        else hi = mid;
    }
    if (lo == p->first_n || p->first[lo].customer != customer || p->first[lo].at_ms == TL_TIME_NONE) return 0;
    int64_t days = (at_ms - p->first[lo].at_ms) / TL_DAY_MS;
    return days < PAST_TENURE_NEW_DAYS ? 1 : days < PAST_TENURE_OLD_DAYS ? 2 : 3;
}

uint32_t
past_value(const struct past *p, uint32_t slot, const struct told_journey *j, int64_t at_ms)
{
    switch (p->kind[slot]) {
    case PAST_PRIOR_BAD:
        return prior_bad(p, j->customer, at_ms);
    case PAST_TENURE:
        return tenure(p, j->customer, at_ms);
    case PAST_DAYPART:
        return breaks_daypart(p->ask, at_ms);
    case PAST_ATTR:
        break;
    }
    return j->stratum[slot];
}
