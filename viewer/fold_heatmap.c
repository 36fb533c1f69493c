/* fold_heatmap.c - where it hurts: touchpoints by stage. */
#include <stdlib.h>

#include "analysis/rate.h"
#include "answer_pain.h"
#include "fold_findings.h"
#include "fold_period.h"

struct ctx { struct look *k; struct findings f; struct tl_store_txn *t; struct heatmap_answer *out; };

static int
breaks_fill(struct ctx *c, struct heat *h)
{
    h->brk = tl_arena_alloc(c->k->arena, (c->f.rule_n + 1) * sizeof *h->brk);
    if (!h->brk) return TL_ENOMEM;
    for (uint32_t r = 0; r < c->f.rule_n && r < 64; r++) {
        if (!(h->of.rules >> r & 1)) continue;
        struct heat_break *b = &h->brk[h->brk_n++];
        const struct tl_standard *s = c->f.standard[r];
        *b = (struct heat_break){ .id = findings_id(&c->f, r), .name = s ? s->title : (struct tl_title){ { NULL, 0 }, { NULL, 0 } } };
        b->cell = findings_cell(c->k, b->id, h->touchpoint, (struct tl_str){ NULL, 0 }, (struct tl_str){ NULL, 0 });
        if (!b->cell.p) return TL_ENOMEM;
    }
    return 0;
}

static int
heat_fill(struct ctx *c, const struct pain_point *p, struct heat *h)
{
    *h = (struct heat){ .touchpoint = fold_word(c->k, c->t, p->touchpoint), .of = *p, .rate = rate_wilson_de(p->hits, p->n, 1), .pain = pain_of(p) };
    const struct tl_touchpoint *tp = tl_catalogue_touchpoint(c->k->catalogue, h->touchpoint);
    h->title = fold_title(c->k, h->touchpoint);
    h->severity = p->hits ? (double)p->severity / (double)p->hits : 0;
    if (tp && c->k->model >= 0) h->stage = tp->stage[c->k->model];
    return breaks_fill(c, h);
}

static int
order(const void *x, const void *y)
{
    const struct heat *a = x, *b = y;
    if (a->pain > b->pain || a->pain < b->pain) return a->pain > b->pain ? -1 : 1;
    if (a->of.n != b->of.n) return a->of.n > b->of.n ? -1 : 1;
    return tl_str_cmp(a->touchpoint, b->touchpoint);
}

static int
fill(struct ctx *c)
{
    struct breaks_ask q = findings_ask(c->k, &c->f);
    struct pains p = { NULL, 0 };
    q.from_day = c->out->from_day;
    q.to_day = c->out->to_day;
    int rc = pains_count(c->f.told, &q, &p);
    c->out->item = rc == 0 ? tl_arena_alloc(c->k->arena, (p.n + 1) * sizeof *c->out->item) : NULL;
    if (!c->out->item) rc = TL_ENOMEM;
    for (size_t i = 0; rc == 0 && i < p.n; i++) rc = heat_fill(c, &p.point[i], &c->out->item[c->out->item_n++]);
    tl_free(p.point);
    if (rc == 0 && c->out->item_n) qsort(c->out->item, c->out->item_n, sizeof *c->out->item, order);
    return rc;
}

int
fold_heatmap(struct look *k, struct heatmap_answer *out, struct tl_err *err)
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
    for (size_t i = 0; rc == 0 && i < c.f.told->journey_n; i++) out->journeys += c.f.told->journey[i].day >= p.from_day && c.f.told->journey[i].day <= p.to_day;
    findings_end(k, &c.f);
    return rc;
}
