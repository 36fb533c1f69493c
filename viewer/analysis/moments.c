/* moments.c - see moments.h.
 *
 * Landmark: the end of the last visit of the outcome's `after` touchpoint, else the time the experience was settled. Experience is what was known of it by
 * as_of; a journey counts only if the outcome had not happened yet when both had. */
#include "moments.h"

#include <stdlib.h>
#include "tl_mem.h"
#include "tl_time.h"

enum met { MET_NO, MET_YES, MET_BEFORE };

struct lived { bool eligible, bad, good; int64_t settled_ms; };

static struct lived
live(const struct moment_ask *q, const struct told_journey *j, const struct told_chance *c)
{
    struct lived l = { false, false, false, INT64_MIN };
    for (uint32_t i = 0; i < j->chance_n; i++) {
        uint32_t r = breaks_rule_of(&q->breaks, c[i].of.standard);
        if (r == q->breaks.rule_n || !(q->rules >> r & 1)) continue;
        const struct break_rule *rule = &q->breaks.rule[r];
        if (q->touchpoint && (rule->touchpoint ? rule->touchpoint : c[i].touchpoint) != q->touchpoint) continue;
        enum chance_is is = chance_judge(rule->kind, &c[i].of, q->breaks.as_of_ms);
        if (is == CHANCE_OUT || is == CHANCE_CANCELLED) continue;
        int64_t at = chance_settled_ms(&c[i].of, is);
        l.eligible = true;
        l.bad |= !rule->beyond && is == CHANCE_HIT;
        l.good |= rule->beyond && is == CHANCE_KEPT;
        if (at > l.settled_ms) l.settled_ms = at;
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

static enum met
when(int64_t at, int64_t landmark, int64_t settled, int64_t until, enum met before)
{
    if (before == MET_BEFORE || at <= landmark || at > until) return before;
    return at <= settled ? MET_BEFORE : MET_YES;
}

static enum met
went(const struct moment_ask *q, const struct told_journey *j, const struct tl_marked *m, int64_t landmark, int64_t settled)
{
    enum met is = MET_NO;
    int64_t until = landmark + q->outcome.within_ms;
    if (q->outcome.of_customer)
        for (size_t i = first_mark(q, j->customer); i < q->mark_n && q->mark[i].customer == j->customer; i++)
            is = when(q->mark[i].at_ms, landmark, settled, until, is);
    else
        for (uint32_t i = 0; i < j->mark_n; i++)
            if (m[i].outcome == q->outcome.word) is = when(m[i].at_ms, landmark, settled, until, is);
    if (is == MET_BEFORE || !q->outcome.absent) return is;
    return is == MET_YES ? MET_NO : MET_YES;
}

static void
take(const struct moment_ask *q, const struct told_journey *j, const struct told_chance *c, const struct tl_marked *m, struct moment_rows *out)
{
    struct lived l = live(q, j, c);
    bool exposed = q->side == SIDE_BAD ? l.bad : l.good, left = q->side == SIDE_BAD ? l.good : l.bad;
    if (!l.eligible || left) return;
    int64_t landmark = q->outcome.after >= 0 ? j->after_ms[q->outcome.after] : l.settled_ms;
    if (landmark == TL_TIME_NONE) {
        out->excluded++;
        return;
    }
    if (landmark > q->breaks.as_of_ms - q->outcome.horizon_ms) {
        out->waiting++;
        return;
    }
    enum met is = went(q, j, m, landmark, l.settled_ms);
    if (is == MET_BEFORE) {
        out->excluded++;
        return;
    }
    struct moment_row *r = &out->row[out->n++];
    *r = (struct moment_row){ .customer = j->customer, .exposed = exposed, .met = is == MET_YES };
    memcpy(r->stratum, j->stratum, sizeof r->stratum);
}

int
moments_rows(const struct told *t, const struct moment_ask *q, struct moment_rows *out)
{
    const struct told_chance *c = t->chance;
    const struct tl_marked *m = t->mark;
    *out = (struct moment_rows){ tl_alloc((t->journey_n + 1) * sizeof *out->row), 0, 0, 0 };
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
