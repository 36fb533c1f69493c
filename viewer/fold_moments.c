/* fold_moments.c - moments of truth: touchpoints where a bad, or a delightful, experience goes with another outcome. Over every journey of the store that is
 * old enough; one family of tests: those whose margins pass the gate. */
#include <stdlib.h>

#include "analysis/bh.h"
#include "fold_findings.h"
#include "likes.h"

struct ctx {
    struct look *k;
    struct findings f;
    struct tl_store_txn *t;
    struct moments_answer *out;
};

static int
by_size_and_name(const void *x, const void *y)
{
    const struct moment_table *a = x, *b = y;
    uint64_t n = a->of.a + a->of.b + a->of.c + a->of.d, m = b->of.a + b->of.b + b->of.c + b->of.d;
    int c = 0;
    for (int i = 0; c == 0 && i < TOLD_STRATA_MAX; i++) c = tl_str_cmp(a->name[i], b->name[i]);
    return n != m ? (n > m ? -1 : 1) : c;
}

static int
tables_fill(struct ctx *c, struct moment_answer *a, const struct moment_judged *j, const struct findings_cuts *cuts)
{
    a->table = tl_arena_alloc(c->k->arena, (j->n + 1) * sizeof *a->table);
    if (!a->table) return TL_ENOMEM;
    for (size_t i = 0; i < j->n; i++) {
        struct moment_table *t = &a->table[a->table_n++];
        for (uint32_t s = 0; s < c->f.strata_n; s++) t->name[s] = findings_stratum(c->k, c->t, &c->f, cuts, s, j->stratum[i].word[s]);
        t->of = j->stratum[i].of;
        t->compared = stratum_compared(&t->of);
        t->rd = stratum_rd(&t->of, j->de);
    }
    if (a->table_n) qsort(a->table, a->table_n, sizeof *a->table, by_size_and_name);
    return 0;
}

static int
moment_fill(struct ctx *c, struct moment_ask *q, uint32_t touchpoint, enum moment_side side, struct moment_answer *a)
{
    struct moment_rows rows;
    struct moment_judged j;
    struct findings_cuts cuts;
    q->touchpoint = touchpoint;
    q->side = side;
    int rc = moments_rows(c->f.told, q, &rows);
    if (rc == 0) rc = findings_cut(c->k, &c->f, &rows, &cuts, NULL);
    *a = (struct moment_answer){ .good = side == SIDE_GOOD, .q = 1, .touchpoint = fold_word(c->k, c->t, touchpoint) };
    if (rc == 0 && (rc = moments_judge(&rows, &j)) == 0) {
        const struct tl_touchpoint *tp = tl_catalogue_touchpoint(c->k->catalogue, a->touchpoint);
        a->title = fold_title(c->k, a->touchpoint);
        a->declared = tp && (tp->key || tp->moment);
        a->excluded = rows.excluded;
        a->waiting = rows.waiting;
        a->unknown = rows.unknown;
        a->de = j.de;
        a->judged = j.judged;
        a->gate = j.gate;
        a->tested = j.gate.missing == STRATA_ENOUGH;
        rc = tables_fill(c, a, &j, &cuts);
        moments_judged_free(&j);
    }
    tl_free(rows.row);
    return rc;
}

/* touchpoints that a rule of the kind asked for speaks of; a chance whose rule names none is counted at its step */
static bool
has_side(const struct findings *f, uint32_t touchpoint, enum moment_side side)
{
    for (uint32_t i = 0; i < f->rule_n; i++)
        if (f->rule[i].standard && f->standard[i]->experience && f->rule[i].touchpoint == touchpoint && f->rule[i].beyond == (side == SIDE_GOOD)) return true;
    return false;
}

static bool
told_before(const struct findings *f, uint32_t i)
{
    for (uint32_t k = 0; k < i; k++)
        if (f->rule[k].touchpoint == f->rule[i].touchpoint) return true;
    return false;
}

static int
fill(struct ctx *c, struct moment_ask *q)
{
    struct moments_answer *o = c->out;
    int rc = 0;
    q->rules = findings_experience(&c->f);
    q->first = true;
    q->landmark_ms = c->k->ask->landmark_ms;
    o->item = tl_arena_alloc(c->k->arena, (2 * c->f.rule_n + 1) * sizeof *o->item);
    if (!o->item) return TL_ENOMEM;
    for (uint32_t i = 0; rc == 0 && i < c->f.rule_n; i++) {
        if (!c->f.rule[i].touchpoint || told_before(&c->f, i)) continue;
        for (int side = SIDE_BAD; rc == 0 && side <= SIDE_GOOD; side++)
            if (has_side(&c->f, c->f.rule[i].touchpoint, (enum moment_side)side))
                rc = moment_fill(c, q, c->f.rule[i].touchpoint, (enum moment_side)side, &o->item[o->item_n++]);
    }
    return rc;
}

static int
tests(struct moments_answer *o)
{
    double p[2 * FINDINGS_RULES_MAX];
    size_t m = 0;
    uint32_t found = 0;
    for (uint32_t i = 0; i < o->item_n; i++)
        if (o->item[i].tested) p[m++] = o->item[i].judged.cmh_de.p;
    if (m && bh_q(p, p, m)) return TL_ENOMEM;
    o->tests = (uint32_t)m;
    m = 0;
    for (uint32_t i = 0; i < o->item_n; i++) {
        if (o->item[i].tested) o->item[i].q = p[m++];
        found += o->item[i].tested && o->item[i].q <= CELL_Q_MAX;
    }
    for (uint32_t i = 0; i < o->item_n; i++) {
        struct moment_answer *a = &o->item[i];
        a->verdict = likes_verdict(&a->judged, &a->gate, a->q, o->tests, found);
        a->shown = a->verdict.word == VERDICT_SUPPORTED;
    }
    return 0;
}

static int
order(const void *x, const void *y)
{
    const struct moment_answer *a = x, *b = y;
    if (a->shown != b->shown) return a->shown ? -1 : 1;
    double u = a->good ? -a->judged.saved.hi : a->judged.saved.lo, v = b->good ? -b->judged.saved.hi : b->judged.saved.lo;
    if (u > v || u < v) return u > v ? -1 : 1;
    int c = tl_str_cmp(a->touchpoint, b->touchpoint);
    return c ? c : a->good - b->good;
}

int
fold_moments(struct look *k, struct moments_answer *out, struct tl_err *err)
{
    struct ctx c = { .k = k, .out = out };
    struct moment_ask q;
    memset(out, 0, sizeof *out);
    int rc = findings_begin(k, &c.f, err);
    out->strata = c.f.strata;
    out->strata_n = c.f.strata_n;
    if (rc == 0 && c.f.moments) {
        out->outcome = c.f.moments->id;
        out->outcome_title = c.f.moments->title;
        out->horizon_ms = c.f.moments->horizon_ms;
        out->within_ms = c.f.moments->within_ms;
        out->landmark_ms = k->ask->landmark_ms;
        rc = findings_of(k, &c.f, c.f.moments, &q, err);
        if (rc == 0 && k->store) rc = tl_store_begin(k->store, &c.t, err);
        if (rc == 0 && c.t && (fill(&c, &q) || tests(out))) rc = tl_fail(err, TL_ENOMEM, "out of memory");
        if (c.t) tl_store_end(&c.t);
    }
    findings_end(k, &c.f);
    if (rc == 0 && out->item_n) qsort(out->item, out->item_n, sizeof *out->item, order);
    return rc;
}
