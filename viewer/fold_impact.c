/* fold_impact.c - what each break goes with: the rate of a bad outcome with and without it, over every journey old enough; one family of tests: those whose margins
 * pass the gate. */
#include <stdlib.h>

#include "analysis/bh.h"
#include "analysis/rate.h"
#include "answer_pain.h"
#include "fold_findings.h"
#include "likes.h"

struct ctx { struct look *k; struct findings f; struct tl_store_txn *t; struct moment_ask q; struct impacts_answer *out; };

static void
named(struct ctx *c, uint32_t rule, uint32_t touchpoint, struct impact *a)
{
    const struct tl_standard *s = c->f.standard[rule];
    const struct tl_str none = { NULL, 0 };
    a->id = s->id;
    a->name = s->title;
    a->owner = s->owner;
    a->type = findings_type(&c->f, rule);
    a->touchpoint = fold_word(c->k, c->t, touchpoint);
    a->title = fold_title(c->k, a->touchpoint);
    a->cell = findings_cell(c->k, a->id, a->touchpoint, none, none);
    a->journeys = findings_link(c->k, a->cell, INT32_MIN, INT32_MAX);
}

static int
impact_fill(struct ctx *c, uint32_t rule, uint32_t touchpoint, struct impact *a)
{
    struct moment_rows rows;
    struct moment_judged j;
    struct findings_cuts cuts;
    c->q.rules = UINT64_C(1) << rule;
    c->q.touchpoint = touchpoint;
    *a = (struct impact){ .q = 1, .de = 1 };
    int rc = moments_rows(c->f.told, &c->q, &rows);
    if (rc == 0) rc = findings_cut(c->k, &c->f, &rows, &cuts, NULL);
    if (rc == 0 && (rc = moments_judge(&rows, &j)) == 0) {
        a->all = strata_sum(j.table, j.n);
        a->judged = j.judged;
        a->gate = j.gate;
        a->de = j.de;
        a->excluded = rows.excluded;
        a->waiting = rows.waiting;
        a->with = rate_wilson_de(a->all.a, a->all.a + a->all.b, 1);
        a->without = rate_wilson_de(a->all.c, a->all.c + a->all.d, 1);
        a->lift = differ_katz((struct share){ a->all.a, a->all.a + a->all.b, 1 }, (struct share){ a->all.c, a->all.c + a->all.d, 1 });
        moments_judged_free(&j);
    }
    tl_free(rows.row);
    if (rc == 0) named(c, rule, touchpoint, a);
    return rc;
}

static int
fill(struct ctx *c)
{
    struct breaks_ask q = findings_ask(c->k, &c->f);
    struct tallies t;
    int rc = breaks_count(c->f.told, &q, &t);
    if (rc) return rc;
    c->out->item = tl_arena_alloc(c->k->arena, (t.n + 1) * sizeof *c->out->item);
    if (!c->out->item) rc = TL_ENOMEM;
    for (size_t i = 0; rc == 0 && i < t.n; i++) {
        uint32_t rule = t.cell[i].rule;
        if (t.cell[i].k && rule < 64 && c->f.standard[rule]) rc = impact_fill(c, rule, t.cell[i].touchpoint, &c->out->item[c->out->item_n++]);
    }
    breaks_free(&t);
    return rc;
}

static int
tests(struct impacts_answer *o)
{
    double *p = tl_alloc((o->item_n + 1) * sizeof *p);
    size_t m = 0;
    uint32_t found = 0;
    if (!p) return TL_ENOMEM;
    for (uint32_t i = 0; i < o->item_n; i++)
        if (o->item[i].gate.missing == STRATA_ENOUGH) p[m++] = o->item[i].judged.cmh_de.p;
    int rc = m && bh_q(p, p, m) ? TL_ENOMEM : 0;
    o->tests = (uint32_t)m;
    m = 0;
    for (uint32_t i = 0; rc == 0 && i < o->item_n; i++) {
        if (o->item[i].gate.missing != STRATA_ENOUGH) continue;
        o->item[i].q = p[m++];
        found += o->item[i].q <= CELL_Q_MAX;
    }
    for (uint32_t i = 0; rc == 0 && i < o->item_n; i++) o->item[i].verdict = likes_verdict(&o->item[i].judged, &o->item[i].gate, o->item[i].q, o->tests, found);
    tl_free(p);
    return rc;
}

static int
order(const void *x, const void *y)
{
    const struct impact *a = x, *b = y;
    double u = a->judged.saved.known ? a->judged.saved.lo : -1e300, v = b->judged.saved.known ? b->judged.saved.lo : -1e300;
    if (u > v || u < v) return u > v ? -1 : 1;
    return tl_str_cmp(a->cell, b->cell);
}

int
fold_impact(struct look *k, struct impacts_answer *out, struct tl_err *err)
{
    struct ctx c = { .k = k, .out = out };
    memset(out, 0, sizeof *out);
    int rc = findings_begin(k, &c.f, err);
    if (rc == 0 && c.f.damage) {
        out->outcome = c.f.damage->id;
        out->outcome_title = c.f.damage->title;
        rc = findings_of(k, &c.f, c.f.damage, &c.q, err);
        if (rc == 0 && k->store) rc = tl_store_begin(k->store, &c.t, err);
        if (rc == 0 && c.t && (fill(&c) || tests(out))) rc = tl_fail(err, TL_ENOMEM, "out of memory");
        if (c.t) tl_store_end(&c.t);
    }
    findings_end(k, &c.f);
    if (rc == 0 && out->item_n) qsort(out->item, out->item_n, sizeof *out->item, order);
    return rc;
}
