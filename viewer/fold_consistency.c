/* fold_consistency.c - is the same touchpoint as good in every channel? Shares kept of each standard, channel against channel, one family of tests. A spread is shown
 * only where a pair of channels differs. */
#include <math.h>
#include <stdlib.h>

#include "analysis/bh.h"
#include "analysis/rate.h"
#include "answer_pain.h"
#include "fold_findings.h"
#include "fold_period.h"

#define FAR 0.2                 /* of the mean: beyond it a channel is flagged */

struct ctx { struct look *k; struct findings f; struct tl_store_txn *t; struct consistencies_answer *out; struct tallies t_by; };

static int
by_name(const void *x, const void *y)
{
    return tl_str_cmp(((const struct consistency_channel *)x)->channel, ((const struct consistency_channel *)y)->channel);
}

static bool
channels(struct ctx *c, const struct tally *t, size_t n, struct consistency *o)
{
    uint64_t kept = 0, all = 0;
    o->channel = tl_arena_alloc(c->k->arena, (n + 1) * sizeof *o->channel);
    if (!o->channel) return false;
    for (size_t i = 0; i < n; i++) {
        if (t[i].n < CELL_ROWS_MIN) continue;
        struct share s = { t[i].n - t[i].k, t[i].n, t[i].de };
        o->channel[o->channel_n++] = (struct consistency_channel){ fold_word(c->k, c->t, t[i].place), s, rate_wilson_de(s.k, s.n, s.de > 1 ? s.de : 1) };
        kept += s.k;
        all += s.n;
    }
    if (o->channel_n) qsort(o->channel, o->channel_n, sizeof *o->channel, by_name);
    o->mean = all ? (double)kept / (double)all : 0;
    return true;
}

static bool
pairs(struct ctx *c, struct consistency *o)
{
    o->pair = tl_arena_alloc(c->k->arena, (o->channel_n * o->channel_n + 1) * sizeof *o->pair);
    for (uint32_t a = 0; o->pair && a < o->channel_n; a++)
        for (uint32_t b = a + 1; b < o->channel_n; b++) {
            const struct share *x = &o->channel[a].of, *y = &o->channel[b].of;
            o->pair[o->pair_n++] = (struct consistency_pair){ .a = a, .b = b, .difference = differ_newcombe(*x, *y), .p = differ_score_p(*x, *y, NULL), .q = 1 };
        }
    return o->pair != NULL;
}

static bool
item_add(struct ctx *c, const struct tally *t, size_t n)
{
    const struct tl_standard *s = c->f.standard[t->rule];
    struct consistency *o = &c->out->item[c->out->item_n];
    *o = (struct consistency){ .id = s->id, .name = s->title, .owner = s->owner, .type = findings_type(&c->f, t->rule), .touchpoint = fold_word(c->k, c->t, t->touchpoint) };
    o->title = fold_title(c->k, o->touchpoint);
    if (!channels(c, t, n, o)) return false;
    if (o->channel_n < 2) return true;          /* nothing to compare: not listed */
    c->out->item_n++;
    return pairs(c, o);
}

/* ---- tests ---- */

static int
tests(struct consistencies_answer *o)
{
    size_t m = 0;
    for (uint32_t i = 0; i < o->item_n; i++) m += o->item[i].pair_n;
    double *p = tl_alloc((m + 1) * sizeof *p);
    if (!p) return TL_ENOMEM;
    o->tests = (uint32_t)m;
    m = 0;
    for (uint32_t i = 0; i < o->item_n; i++)
        for (uint32_t k = 0; k < o->item[i].pair_n; k++) p[m++] = o->item[i].pair[k].p;
    int rc = m && bh_q(p, p, m) ? TL_ENOMEM : 0;
    m = 0;
    for (uint32_t i = 0; rc == 0 && i < o->item_n; i++)
        for (uint32_t k = 0; k < o->item[i].pair_n; k++) o->item[i].pair[k].q = p[m++];
    tl_free(p);
    return rc;
}

static void
judge(struct consistency *o)
{
    double lo = 1, hi = 0;
    for (uint32_t k = 0; k < o->pair_n; k++) {
        struct consistency_pair *x = &o->pair[k];
        const struct share *a = &o->channel[x->a].of, *b = &o->channel[x->b].of;
        x->verdict = verdict_of(&x->difference, a->n < b->n ? a->n : b->n, CELL_ROWS_MIN);
        if (x->verdict.word == VERDICT_SUPPORTED && x->q > CELL_Q_MAX) {
            double more = (double)a->n * (verdict_times_for_p(x->p / 2, CELL_Q_MAX / 2 / (double)o->pair_n) - 1);
            x->verdict = (struct verdict){ VERDICT_TOO_LITTLE, more < 1 ? 1 : more > 1e15 ? (uint64_t)1e15 : (uint64_t)more + 1 };
        }
        o->apart |= x->verdict.word == VERDICT_SUPPORTED;
    }
    for (uint32_t i = 0; i < o->channel_n; i++) {
        double v = o->channel[i].kept.value;
        lo = v < lo ? v : lo;
        hi = v > hi ? v : hi;
        o->flagged |= o->apart && fabs(v - o->mean) > FAR * o->mean;
    }
    o->spread = hi - lo;
}

static int
order(const void *x, const void *y)
{
    const struct consistency *a = x, *b = y;
    if (a->apart != b->apart) return a->apart ? -1 : 1;
    if (a->spread > b->spread || a->spread < b->spread) return a->spread > b->spread ? -1 : 1;
    int c = tl_str_cmp(a->id, b->id);
    return c ? c : tl_str_cmp(a->touchpoint, b->touchpoint);
}

static int
fill(struct ctx *c)
{
    struct breaks_ask q = findings_ask(c->k, &c->f);
    q.from_day = c->out->from_day;
    q.to_day = c->out->to_day;
    q.by = BREAKS_BY_CHANNEL;
    int rc = breaks_count(c->f.told, &q, &c->t_by);
    for (size_t i = 0; rc == 0 && i < c->t_by.n; i++) c->t_by.cell[i].again = c->t_by.cell[i].n >= CELL_ROWS_MIN;
    if (rc == 0) rc = breaks_designs(c->f.told, &q, &c->t_by);
    c->out->item = rc == 0 ? tl_arena_alloc(c->k->arena, (c->t_by.n + 1) * sizeof *c->out->item) : NULL;
    if (!c->out->item) return TL_ENOMEM;
    const struct tally *t = c->t_by.cell;
    for (size_t i = 0, k; i < c->t_by.n; i = k) {
        for (k = i + 1; k < c->t_by.n && t[k].rule == t[i].rule && t[k].touchpoint == t[i].touchpoint;) k++;
        if (c->f.standard[t[i].rule] && !item_add(c, &t[i], k - i)) return TL_ENOMEM;
    }
    return tests(c->out);
}

int
fold_consistency(struct look *k, struct consistencies_answer *out, struct tl_err *err)
{
    struct ctx c = { .k = k, .out = out };
    struct period p;
    memset(out, 0, sizeof *out);
    int rc = fold_period(k, &p, err);
    if (rc) return rc;
    out->from_day = p.from_day;
    out->to_day = p.to_day;
    rc = findings_begin(k, &c.f, err);
    if (rc == 0 && k->store) rc = tl_store_begin(k->store, &c.t, err);
    if (rc == 0 && c.t && fill(&c)) rc = tl_fail(err, TL_ENOMEM, "out of memory");
    if (c.t) tl_store_end(&c.t);
    breaks_free(&c.t_by);
    findings_end(k, &c.f);
    for (uint32_t i = 0; rc == 0 && i < out->item_n; i++) judge(&out->item[i]);
    if (rc == 0 && out->item_n) qsort(out->item, out->item_n, sizeof *out->item, order);
    return rc;
}
