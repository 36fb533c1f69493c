/* moments.c - see moments.h.
 *
 * Landmark: the end of the last visit of the outcome's `after` touchpoint, else the time the experience was settled, else so long after it began as is asked.
 * Experience is what was known of it by as_of (or by the landmark that is asked for); a journey counts only if its outcome was still open when both had been. */
#include "moments.h"

#include <stdlib.h>
#include "tl_mem.h"
#include "tl_time.h"

enum met { MET_NO, MET_YES, MET_BEFORE, MET_OPEN /* not decided yet */ };

struct lived { bool eligible, bad, good; int64_t began_ms, settled_ms; };

/* lived_as - a chance as it was known at the landmark: one that was not decided by then was not bad by then */
static enum chance_is
lived_as(const struct moment_ask *q, const struct break_rule *rule, const struct tl_chance *c, int64_t *settled_ms)
{
    if (!q->landmark_ms) {
        enum chance_is is = chance_known(rule, c, chance_judge(rule->kind, c, q->breaks.as_of_ms));
        *settled_ms = chance_settled_ms(rule->kind, c, is);
        return is;
    }
    int64_t at_ms = *settled_ms = c->start_ms + q->landmark_ms;
    enum chance_is is = chance_known(rule, c, chance_judge(rule->kind, c, at_ms));
    return is == CHANCE_OUT && c->start_ms <= q->breaks.as_of_ms ? CHANCE_KEPT : is;
}

static struct lived
live(const struct moment_ask *q, const struct told_journey *j, const struct told_chance *c)
{
    struct lived l = { false, false, false, INT64_MAX, INT64_MIN };
    uint64_t seen = 0;
    for (uint32_t i = 0; i < j->chance_n; i++) {
        uint32_t r = breaks_rule_of(&q->breaks, c[i].of.standard);
        if (r == q->breaks.rule_n || !(q->rules >> r & 1) || (q->first && seen >> r & 1)) continue;
        const struct break_rule *rule = &q->breaks.rule[r];
        if (q->touchpoint && (rule->touchpoint ? rule->touchpoint : c[i].touchpoint) != q->touchpoint) continue;
        int64_t at = 0;
        enum chance_is is = lived_as(q, rule, &c[i].of, &at);
        if (is == CHANCE_OUT || is == CHANCE_CANCELLED || is == CHANCE_UNKNOWN) continue;
        seen |= UINT64_C(1) << r;
        l.eligible = true;
        l.bad |= !rule->beyond && is == CHANCE_HIT;
        l.good |= rule->beyond && is == CHANCE_KEPT;
        if (at > l.settled_ms) l.settled_ms = at;
        if (c[i].of.start_ms < l.began_ms) l.began_ms = c[i].of.start_ms;
    }
    l.good &= !l.bad;
    return l;
}

static size_t
first_mark(const struct moment_ask *q, uint64_t customer)
{
    size_t lo = 0, hi = q->mark_n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (q->mark[mid].customer < customer) lo = mid + 1;
        else hi = mid;
    }
    return lo;
}

/* by_customer_marks - what a customer does before the window opens is another story; between it and the end of the experience it is none to be told */
static enum met
by_customer_marks(const struct moment_ask *q, uint64_t customer, int64_t landmark, int64_t settled, int64_t until)
{
    enum met is = MET_NO;
    for (size_t i = first_mark(q, customer); is != MET_BEFORE && i < q->mark_n && q->mark[i].customer == customer; i++) {
        int64_t at = q->mark[i].at_ms;
        if (at > landmark && at <= until) is = at <= settled ? MET_BEFORE : MET_YES;
    }
    return is;
}

/* by_journey_marks - a journey whose outcome was decided when the window opens, or before the experience was over, has nothing open */
static enum met
by_journey_marks(const struct moment_ask *q, const struct told_journey *j, const struct tl_marked *m, int64_t landmark, int64_t settled, int64_t until)
{
    int64_t met = INT64_MAX, against = INT64_MAX, from = settled > landmark ? settled : landmark;
    for (uint32_t i = 0; i < j->mark_n; i++) {
        if (m[i].at_ms > q->breaks.as_of_ms) continue;
        if (m[i].outcome == q->outcome.word && m[i].at_ms < met) met = m[i].at_ms;
        if (q->outcome.against && m[i].outcome == q->outcome.against && m[i].at_ms < against) against = m[i].at_ms;
    }
    if (met <= from || against <= from) return MET_BEFORE;
    if (met <= until && met < against) return MET_YES;
    return q->outcome.against && against > until ? MET_OPEN : MET_NO;
}

static enum met
went(const struct moment_ask *q, const struct told_journey *j, const struct tl_marked *m, int64_t landmark, int64_t settled)
{
    int64_t until = landmark + q->outcome.within_ms;
    enum met is = q->outcome.of_customer ? by_customer_marks(q, j->customer, landmark, settled, until) : by_journey_marks(q, j, m, landmark, settled, until);
    if (is == MET_BEFORE || is == MET_OPEN || !q->outcome.absent) return is;
    return is == MET_YES ? MET_NO : MET_YES;
}

int
moments_met(const struct moment_ask *q, const struct told_journey *j, const struct tl_marked *m)
{
    int64_t landmark = q->outcome.after >= 0 ? j->after_ms[q->outcome.after] : j->start_ms;
    if (landmark == TL_TIME_NONE || landmark > q->breaks.as_of_ms - q->outcome.horizon_ms) return -1;
    enum met is = went(q, j, m, landmark, landmark);
    return is == MET_YES ? 1 : is == MET_NO ? 0 : -1;
}

static void
take(const struct moment_ask *q, const struct told_journey *j, const struct told_chance *c, const struct tl_marked *m, struct moment_rows *out)
{
    struct lived l = live(q, j, c);
    bool exposed = q->side == SIDE_BAD ? l.bad : l.good, left = q->side == SIDE_BAD ? l.good : l.bad;
    if (!l.eligible || left) return;
    int64_t landmark = q->outcome.after >= 0 && !q->landmark_ms ? j->after_ms[q->outcome.after] : l.settled_ms;
    if (landmark == TL_TIME_NONE) {
        out->excluded++;
        return;
    }
    if (landmark > q->breaks.as_of_ms - q->outcome.horizon_ms) {
        out->waiting++;
        return;
    }
    if (q->outcome.asks && landmark + q->outcome.within_ms > q->outcome.told_ms) {
        out->unknown++;
        return;
    }
    enum met is = went(q, j, m, landmark, l.settled_ms);
    if (is == MET_BEFORE || is == MET_OPEN) {
        ++*(is == MET_BEFORE ? &out->excluded : &out->waiting);
        return;
    }
    struct moment_row *r = &out->row[out->n++];
    *r = (struct moment_row){ .customer = j->customer, .exposed = exposed, .met = is == MET_YES };
    memcpy(r->stratum, j->stratum, sizeof r->stratum);
    for (uint32_t i = 0; q->past && i < TOLD_STRATA_MAX; i++) r->stratum[i] = past_value(q->past, i, j, l.began_ms);
}

int
moments_rows(const struct told *t, const struct moment_ask *q, struct moment_rows *out)
{
    const struct told_chance *c = t->chance;
    const struct tl_marked *m = t->mark;
    *out = (struct moment_rows){ tl_alloc((t->journey_n + 1) * sizeof *out->row), 0, 0, 0, 0 };
    if (!out->row) return TL_ENOMEM;
    for (size_t i = 0; i < t->journey_n; i++) {
        take(q, &t->journey[i], c, m, out);
        c += t->journey[i].chance_n;
        m += t->journey[i].mark_n;
    }
    return 0;
}

/* ---- judging ---- */

static int
by_stratum(const void *x, const void *y)
{
    const struct moment_row *a = x, *b = y;
    for (int i = 0; i < TOLD_STRATA_MAX; i++)
        if (a->stratum[i] != b->stratum[i]) return a->stratum[i] < b->stratum[i] ? -1 : 1;
    return 0;
}

static uint64_t
rows_in(const struct stratum *s)
{
    return s->a + s->b + s->c + s->d;
}

/* the largest first; equal ones are equal, so nothing hangs on the numbers of words */
static int
by_size(const void *x, const void *y)
{
    const struct stratum *a = &((const struct moment_stratum *)x)->of, *b = &((const struct moment_stratum *)y)->of;
    if (rows_in(a) != rows_in(b)) return rows_in(a) > rows_in(b) ? -1 : 1;
    if (a->a != b->a) return a->a > b->a ? -1 : 1;
    if (a->b != b->b) return a->b > b->b ? -1 : 1;
    return (a->c < b->c) - (a->c > b->c);
}

struct rest { uint64_t customer; double rest, variance; };

static int
by_rest(const void *x, const void *y)
{
    const struct rest *a = x, *b = y;
    if (a->rest < b->rest || a->rest > b->rest) return a->rest < b->rest ? -1 : 1;
    return (a->variance > b->variance) - (a->variance < b->variance);
}

static int
by_customer(const void *x, const void *y)
{
    const struct rest *a = x, *b = y;
    return a->customer != b->customer ? (a->customer < b->customer ? -1 : 1) : by_rest(x, y);
}

static void
rests_of(const struct moment_row *r, size_t n, const struct stratum *s, struct rest *out)
{
    double bad = s->a + s->b ? (double)s->a / (double)(s->a + s->b) : 0, other = s->c + s->d ? (double)s->c / (double)(s->c + s->d) : 0;
    for (size_t i = 0; i < n; i++) {
        double p = r[i].exposed ? bad : other;
        out[i] = (struct rest){ r[i].customer, (r[i].met ? 1 : 0) - p, p * (1 - p) };
    }
}

static double
design(struct rest *r, size_t n)
{
    struct cluster c = { 0, 0, 0 };
    size_t customers = 0;
    if (n) qsort(r, n, sizeof *r, by_customer);
    for (size_t i = 0; i < n; i++) {
        if (customers && r[customers - 1].customer == r[i].customer) {
            r[customers - 1].rest += r[i].rest;
            r[customers - 1].variance += r[i].variance;
        } else {
            r[customers++] = r[i];
        }
    }
    if (customers) qsort(r, customers, sizeof *r, by_rest);
    for (size_t i = 0; i < customers; i++) cluster_add_rest(&c, r[i].rest, r[i].variance);
    return cluster_effect(&c);
}

static struct stratum
count(const struct moment_row *r, size_t n)
{
    struct stratum s = { 0, 0, 0, 0 };
    for (size_t i = 0; i < n; i++) {
        uint64_t *cell = r[i].exposed ? (r[i].met ? &s.a : &s.b) : (r[i].met ? &s.c : &s.d);
        ++*cell;
    }
    return s;
}

int
moments_judge(struct moment_rows *rows, struct moment_judged *out)
{
    struct rest *rest = tl_alloc((rows->n + 1) * sizeof *rest);
    size_t strata = 0;
    *out = (struct moment_judged){ .de = 1 };
    if (rows->n) qsort(rows->row, rows->n, sizeof *rows->row, by_stratum);
    for (size_t i = 0; i < rows->n; i++) strata += i == 0 || by_stratum(&rows->row[i], &rows->row[i - 1]) != 0;
    out->stratum = tl_alloc((strata + 1) * sizeof *out->stratum);
    out->table = tl_alloc((strata + 1) * sizeof *out->table);
    if (!rest || !out->stratum || !out->table) {
        tl_free(rest);
        moments_judged_free(out);
        return TL_ENOMEM;
    }
    for (size_t i = 0, k; i < rows->n; i = k) {
        for (k = i + 1; k < rows->n && by_stratum(&rows->row[i], &rows->row[k]) == 0;) k++;
        struct moment_stratum *s = &out->stratum[out->n++];
        memcpy(s->word, rows->row[i].stratum, sizeof s->word);
        s->of = count(rows->row + i, k - i);
        rests_of(rows->row + i, k - i, &s->of, rest + i);
    }
    if (out->n) qsort(out->stratum, out->n, sizeof *out->stratum, by_size);
    for (size_t i = 0; i < out->n; i++) out->table[i] = out->stratum[i].of;
    out->de = design(rest, rows->n);
    tl_free(rest);
    strata_judge(out->table, out->n, out->de, &out->judged);
    out->gate = strata_gate(out->table, out->n);
    return 0;
}

void
moments_judged_free(struct moment_judged *m)
{
    tl_free(m->stratum);
    tl_free(m->table);
    m->stratum = NULL;
    m->table = NULL;
}
