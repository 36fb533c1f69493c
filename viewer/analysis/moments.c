/* moments.c - see moments.h.
 *
 * Landmark: the end of the last visit of the outcome's `after` touchpoint, else the time the experience was settled, else so long after it began as is asked.
 * Experience is what was known of it by as_of (or by the landmark that is asked for); a journey counts only if its outcome was still open when both had been. */
#include "moments.h"

#include <math.h>
#include <stdlib.h>
#include "persons.h"
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

static uint64_t
rows_in(const struct stratum *s)
{
    return s->a + s->b + s->c + s->d;
}

/* the largest first */
static int
by_size(const void *x, const void *y)
{
    const struct stratum *a = &((const struct moment_stratum *)x)->of, *b = &((const struct moment_stratum *)y)->of;
    if (rows_in(a) != rows_in(b)) return rows_in(a) > rows_in(b) ? -1 : 1;
    if (a->a != b->a) return a->a > b->a ? -1 : 1;
    if (a->b != b->b) return a->b > b->b ? -1 : 1;
    return (a->c < b->c) - (a->c > b->c);
}

/* strata are found by hashing */
struct finding { struct moment_judged *out; size_t cap; uint32_t *slot; uint32_t slot_n; };

static uint32_t
slot_of(const struct finding *f, const uint32_t word[TOLD_STRATA_MAX])
{
    uint64_t h = 0;
    for (int i = 0; i < TOLD_STRATA_MAX; i++) h = (h ^ word[i]) * UINT64_C(0x9E3779B97F4A7C15);
    uint32_t at = (uint32_t)(h >> 32) & (f->slot_n - 1);
    while (f->slot[at] && memcmp(f->out->stratum[f->slot[at] - 1].word, word, TOLD_STRATA_MAX * sizeof *word) != 0) at = (at + 1) & (f->slot_n - 1);
    return at;
}

static bool
find_grow(struct finding *f)
{
    size_t cap = f->cap ? f->cap * 2 : 64;
    struct moment_stratum *s = tl_realloc(f->out->stratum, cap * sizeof *s);
    if (s) f->out->stratum = s;
    uint32_t *slot = s ? tl_alloc(4 * cap * sizeof *slot) : NULL;
    if (!slot) return false;
    tl_free(f->slot);
    f->slot = slot;
    f->slot_n = (uint32_t)(4 * cap);
    f->cap = cap;
    for (size_t i = 0; i < f->out->n; i++) f->slot[slot_of(f, s[i].word)] = (uint32_t)i + 1;
    return true;
}

static struct moment_stratum *
stratum_of(struct finding *f, const struct moment_row *r)
{
    if (f->out->n == f->cap && !find_grow(f)) return NULL;
    uint32_t at = slot_of(f, r->stratum);
    if (!f->slot[at]) {
        struct moment_stratum *s = &f->out->stratum[f->out->n];
        *s = (struct moment_stratum){ .of = { 0, 0, 0, 0 } };
        memcpy(s->word, r->stratum, sizeof s->word);
        f->slot[at] = (uint32_t)++f->out->n;
    }
    return &f->out->stratum[f->slot[at] - 1];
}

static int
count(struct finding *f, const struct moment_rows *rows)
{
    for (size_t i = 0; i < rows->n; i++) {
        const struct moment_row *r = &rows->row[i];
        struct moment_stratum *s = stratum_of(f, r);
        if (!s) return TL_ENOMEM;
        uint64_t *cell = r->exposed ? (r->met ? &s->of.a : &s->of.b) : (r->met ? &s->of.c : &s->of.d);
        ++*cell;
    }
    return 0;
}

/* design - residuals in whole steps of 2^-32, so that sums over a customer are the same in any order */
static int
design(struct finding *f, const struct moment_rows *rows, double *de)
{
    const double fine = 4294967296.0;
    struct persons p = { NULL, 0, 0 };
    unsigned __int128 squares = 0;
    int64_t variance = 0;
    bool ok = true;
    for (size_t i = 0; ok && i < rows->n; i++) {
        const struct moment_row *r = &rows->row[i];
        const struct stratum *s = &f->out->stratum[f->slot[slot_of(f, r->stratum)] - 1].of;
        uint64_t met = r->exposed ? s->a : s->c, of = r->exposed ? s->a + s->b : s->c + s->d;
        double share = (double)met / (double)of, rest = (r->met ? 1 : 0) - share;
        variance += llround(share * (1 - share) * fine);
        ok = persons_add(&p, r->customer, llround(rest * fine), 0);
    }
    for (size_t i = 0; ok && i < p.cap; i++) squares += (unsigned __int128)((__int128)p.slot[i].a * p.slot[i].a);
    const struct cluster c = { p.n, (double)squares / (fine * fine), (double)variance / fine };
    *de = cluster_effect(&c);
    persons_free(&p);
    return ok ? 0 : TL_ENOMEM;
}

int
moments_judge(const struct moment_rows *rows, struct moment_judged *out)
{
    struct finding f = { .out = out };
    *out = (struct moment_judged){ .de = 1 };
    int rc = count(&f, rows);
    if (rc == 0) rc = rows->n ? design(&f, rows, &out->de) : 0;
    tl_free(f.slot);
    if (rc == 0) out->table = tl_alloc((out->n + 1) * sizeof *out->table);
    if (!out->table) {
        moments_judged_free(out);
        return TL_ENOMEM;
    }
    if (out->n) qsort(out->stratum, out->n, sizeof *out->stratum, by_size);
    for (size_t i = 0; i < out->n; i++) out->table[i] = out->stratum[i].of;
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
