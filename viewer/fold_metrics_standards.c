/* fold_metrics_standards.c - clocks and checks of the catalogue as shares kept: in time, carried out, resolved at the first contact, handled directly. */
#include "answer_metrics.h"
#include "fold_findings.h"

struct ctx {
    struct look *k;
    const struct metrics_ask *q;
    struct findings f;
    uint32_t contact[FINDINGS_RULES_MAX];       /* by rule of transfers: the clock whose chances are its contacts */
    struct kept_cells now[2], before[2];        /* in all; told apart */
};

static enum metric_id
metric_of(enum tl_standard_kind kind)
{
    static const enum metric_id of[] = { [TL_STANDARD_CLOCK] = METRIC_WITHIN, [TL_STANDARD_FAILED] = METRIC_CONFORM, [TL_STANDARD_REQUIRED] = METRIC_CONFORM,
                                         [TL_STANDARD_REPEAT] = METRIC_FIRST_CONTACT, [TL_STANDARD_TRANSFERS] = METRIC_DIRECT };
    return of[kind];
}

/* contacts - those of a check of transfers: the first clock at its touchpoint, with its key when there is one */
static void
contacts(struct ctx *c)
{
    const struct findings *f = &c->f;
    for (uint32_t r = 0; r < f->rule_n; r++) {
        c->contact[r] = f->rule_n;
        if (!f->standard[r] || f->rule[r].kind != TL_STANDARD_TRANSFERS) continue;
        for (uint32_t i = f->rule_n; i-- > 0;) {
            const struct tl_standard *s = f->standard[i];
            if (!s || s->kind != TL_STANDARD_CLOCK || f->rule[i].touchpoint != f->rule[r].touchpoint) continue;
            bool better = c->contact[r] == f->rule_n || s->key == f->standard[r]->key || f->standard[c->contact[r]]->key != f->standard[r]->key;
            if (better) c->contact[r] = i;
        }
    }
}

/* before_of - what a cell is held against: its like of the period before; a week: the week before it */
static const struct kept_cell *
before_of(const struct ctx *c, uint32_t rule, int apart, uint32_t group)
{
    const struct kept_cell *before = NULL;
    if (!apart || c->q->by != ASK_BY_WEEK) return kept_cell(&c->before[apart], rule, group);
    before = kept_cell(&c->now[apart], rule, group - 7);
    return before ? before : kept_cell(&c->before[apart], rule, group - 7);
}

static int
fill(struct ctx *c, uint32_t rule, int apart, uint32_t group, struct metric_cell *m)
{
    const struct kept_cell *now = kept_cell(&c->now[apart], rule, group), *before = before_of(c, rule, apart, group);
    enum tl_standard_kind kind = c->f.rule[rule].kind;
    metrics_share(m, metric_of(kind), kept_share(now), kept_share(before));
    m->customers = kept_customers(now);
    if (!m->owner.n) m->owner = c->f.standard[rule]->owner;
    return kind == TL_STANDARD_CLOCK ? kept_times(now, &m->times) : 0;
}

static int
metric_add(struct ctx *c, uint32_t rule, struct metrics_answer *out)
{
    struct metric *m = &out->metric[out->metric_n];
    *m = (struct metric){ .is = metric_of(c->f.rule[rule].kind), .standard = c->f.standard[rule] };
    int rc = fill(c, rule, 0, KEPT_NO_GROUP, &m->total);
    if (rc || (!m->total.n && !m->total.before_n)) return rc;
    out->metric_n++;
    if (c->q->by == ASK_BY_NONE) return 0;
    m->cell = tl_arena_alloc(c->k->arena, (c->now[1].cell_n + 1) * sizeof *m->cell);
    if (!m->cell) return TL_ENOMEM;
    for (size_t i = 0; rc == 0 && i < c->now[1].cell_n; i++) {
        if (c->now[1].cell[i].rule != rule) continue;
        struct metric_cell *x = &m->cell[m->cell_n++];
        *x = (struct metric_cell){ .owner = c->f.standard[rule]->owner };
        metrics_name(c->k, c->q, c->now[1].cell[i].group, x);
        rc = fill(c, rule, 1, c->now[1].cell[i].group, x);
    }
    metrics_sort(c->k, m, out);
    return rc;
}

static int
cells(struct ctx *c, const struct period *p)
{
    static const enum kept_by by[] = { [ASK_BY_NONE] = KEPT_BY_NONE, [ASK_BY_TOUCHPOINT] = KEPT_BY_TOUCHPOINT, [ASK_BY_TIER] = KEPT_BY_TIER, [ASK_BY_CHANNEL] = KEPT_BY_CHANNEL,
                                       [ASK_BY_PLACE] = KEPT_BY_PLACE, [ASK_BY_WEEK] = KEPT_BY_WEEK, [ASK_BY_SEGMENT] = KEPT_BY_NONE };
    struct kept_ask q = { c->f.rule, c->f.rule_n, c->k->as_of_ms, p->from_day, p->to_day, KEPT_BY_NONE };
    q.by = by[c->q->by];
    int rc = kept_cells(c->f.told, &q, c->contact, &c->now[1]);
    if (rc == 0) rc = kept_whole(&c->now[1], &c->now[0]);
    q.from_day = p->before_from;
    q.to_day = p->before_to;
    if (rc == 0) rc = kept_cells(c->f.told, &q, c->contact, &c->before[1]);
    if (rc == 0) rc = kept_whole(&c->before[1], &c->before[0]);
    return rc;
}

int
metrics_standards(struct look *k, const struct metrics_ask *q, struct metrics_answer *out, struct tl_err *err)
{
    struct ctx c = { .k = k, .q = q };
    int rc = findings_begin(k, &c.f, err);
    if (rc == 0) {
        contacts(&c);
        rc = cells(&c, &out->period);
        for (uint32_t r = 0; rc == 0 && r < c.f.rule_n && out->metric_n < METRICS_MAX; r++)
            if (c.f.standard[r]) rc = metric_add(&c, r, out);
        if (rc) rc = tl_fail(err, TL_ENOMEM, "the answer needs more than %u MB: ask for a shorter period", FOLD_ARENA_BYTES >> 20);
    }
    for (int i = 0; i < 2; i++) {
        kept_cells_free(&c.now[i]);
        kept_cells_free(&c.before[i]);
    }
    findings_end(k, &c.f);
    return rc;
}
