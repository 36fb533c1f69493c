/* fold_metrics_scores.c - NPS, satisfaction on five and on seven points (never mixed), effort, emotion. */
#include "answer_metrics.h"

enum how { HOW_NPS, HOW_SHARE, HOW_MEAN };
static const struct { const char *kind; enum metric_id is; enum how how; int32_t lo_milli; } table[] = {
    { "nps", METRIC_NPS, HOW_NPS, 0 },
    { "csat5", METRIC_CSAT5, HOW_SHARE, 4000 }, { "csat5", METRIC_CSAT5_VERY, HOW_SHARE, 5000 }, { "csat5", METRIC_CSAT5_MEAN, HOW_MEAN, 0 },
    { "csat7", METRIC_CSAT7, HOW_SHARE, 6000 }, { "csat7", METRIC_CSAT7_VERY, HOW_SHARE, 7000 }, { "csat7", METRIC_CSAT7_MEAN, HOW_MEAN, 0 },
    { "ces7", METRIC_CES_MEAN, HOW_MEAN, 0 }, { "ces7", METRIC_CES_HIGH, HOW_SHARE, 5000 },
    { "emotion", METRIC_EMOTION, HOW_MEAN, 0 },
};
#define TABLE_N (sizeof table / sizeof table[0])

struct ctx {
    struct look *k;
    const struct metrics_ask *q;
    struct voices v;
    struct voice_cells now[2], before[2];       /* in all; told apart */
};

/* ---- one cell ---- */

static struct interval
points(struct interval share)
{
    return (struct interval){ 100 * share.value, 100 * share.lo, 100 * share.hi, share.known, share.flat };
}

static int
fill_nps(const struct voice_cell *now, const struct voice_cell *before, struct metric_cell *c)
{
    struct voice_nps a, b;
    if (voice_nps(now, &a) || voice_nps(before, &b)) return TL_ENOMEM;
    struct interval change = voice_nps_change(&a, &b);
    c->n = c->denominator = a.n;
    c->promoters = a.promoters;
    c->detractors = a.detractors;
    c->numerator = a.promoters;
    c->de = a.de;
    c->value = points(a.nps);
    c->before = points(b.nps);
    c->before_n = b.n;
    c->change = points(change);
    c->enough = a.n >= SCORE_NPS_MIN;
    c->verdict = metrics_verdict(&change, 1, a.n, b.n, SCORE_NPS_MIN);
    return 0;
}

static int
fill_mean(const struct voice_cell *now, const struct voice_cell *before, enum metric_id is, struct metric_cell *c)
{
    const struct metric_words *w = &metric_words[is];
    struct voice_mean a, b;
    if (voice_mean(now, &a) || voice_mean(before, &b)) return TL_ENOMEM;
    c->n = c->numerator = c->denominator = a.n;
    c->de = 1;
    c->value = a.mean;
    if (a.of.customers == 1) c->value = (struct interval){ a.of.mean, 0, 0, .known = true, .flat = true };      /* one customer's: said, without an interval */
    c->before = b.mean;
    c->before_n = b.n;
    c->change = voice_mean_change(&a.of, &b.of);
    c->enough = a.n >= w->n_min && a.mean.known && !a.mean.flat;
    c->verdict = metrics_verdict(&c->change, w->high - w->low, a.n, b.n, w->n_min);
    return 0;
}

/* before_of - what a cell is held against: its like of the period before; a week: the week before it */
static const struct voice_cell *
before_of(const struct ctx *c, int apart, uint32_t kind, uint32_t touchpoint, uint32_t group)
{
    const struct voice_cell *before = NULL;
    if (!apart || c->q->by != ASK_BY_WEEK) return voice_cell(&c->before[apart], kind, touchpoint, group);
    before = voice_cell(&c->now[apart], kind, touchpoint, group - 7);
    return before ? before : voice_cell(&c->before[apart], kind, touchpoint, group - 7);
}

static int
fill(struct ctx *c, size_t row, int apart, uint32_t kind, uint32_t touchpoint, uint32_t group, struct metric_cell *m)
{
    const struct voice_cell *now = voice_cell(&c->now[apart], kind, touchpoint, group), *before = before_of(c, apart, kind, touchpoint, group);
    struct share a, b;
    int rc = 0;
    if (table[row].how == HOW_NPS) rc = fill_nps(now, before, m);
    else if (table[row].how == HOW_MEAN) rc = fill_mean(now, before, table[row].is, m);
    else if ((rc = voice_share(now, table[row].lo_milli, &a)) == 0 && (rc = voice_share(before, table[row].lo_milli, &b)) == 0) metrics_share(m, table[row].is, a, b);
    if (rc) return rc;
    m->customers = voice_customers(now);
    m->response = voice_response(c->v.now, &c->now[apart], kind, c->v.asked, touchpoint, group);
    if (table[row].how == HOW_SHARE || !now) return 0;
    struct voice_value *v = tl_arena_alloc(c->k->arena, (now->n + 1) * sizeof *v);
    if (!v) return TL_ENOMEM;
    m->values_n = voice_counts(now, v);
    m->values = v;
    return 0;
}

/* ---- one metric ---- */

static int
cell_add(struct ctx *c, size_t row, const struct voice_cell *of, struct metric *m)
{
    struct metric_cell *x = &m->cell[m->cell_n++];
    *x = (struct metric_cell){ 0 };
    metrics_name(c->k, c->q, c->q->by == ASK_BY_TOUCHPOINT ? of->touchpoint : of->group, x);
    return fill(c, row, 1, of->kind, of->touchpoint, of->group, x);
}

static int
metric_add(struct ctx *c, size_t row, uint32_t kind, struct metrics_answer *out)
{
    struct metric *m = &out->metric[out->metric_n];
    *m = (struct metric){ .is = table[row].is };
    int rc = fill(c, row, 0, kind, VOICE_ANY, VOICE_ANY, &m->total);
    if (rc || (!m->total.n && !m->total.before_n)) return rc;
    out->metric_n++;
    if (c->q->by == ASK_BY_NONE) return 0;
    m->cell = tl_arena_alloc(c->k->arena, (c->now[1].cell_n + 1) * sizeof *m->cell);
    if (!m->cell) return TL_ENOMEM;
    for (size_t i = 0; rc == 0 && i < c->now[1].cell_n; i++)
        if (c->now[1].cell[i].kind == kind) rc = cell_add(c, row, &c->now[1].cell[i], m);
    metrics_sort(c->k, m, out);
    return rc;
}

static enum voice_by
by_of(const struct metrics_ask *q, uint32_t *key)
{
    *key = 0;
    switch (q->by) {
    case ASK_BY_TIER: *key = tl_store_word_number(q->t, TL_STR("tier")); return VOICE_BY_ATTR;
    case ASK_BY_PLACE: *key = tl_store_word_number(q->t, TL_STR("place")); return VOICE_BY_ATTR;
    case ASK_BY_CHANNEL: return VOICE_BY_CHANNEL;
    case ASK_BY_WEEK: return VOICE_BY_WEEK;
    case ASK_BY_NONE: case ASK_BY_TOUCHPOINT: case ASK_BY_SEGMENT: break;
    }
    return VOICE_BY_NONE;
}

static int
cells(struct ctx *c)
{
    bool by_touchpoint = c->q->by == ASK_BY_TOUCHPOINT, by_group = c->q->by != ASK_BY_NONE && !by_touchpoint;
    int64_t as_of = c->k->as_of_ms;
    int rc = voice_cells(c->v.now, false, false, as_of, &c->now[0]);
    if (rc == 0) rc = voice_cells(c->v.before, false, false, as_of, &c->before[0]);
    if (rc == 0) rc = voice_cells(c->v.now, by_touchpoint, by_group, as_of, &c->now[1]);
    if (rc == 0) rc = voice_cells(c->v.before, by_touchpoint, by_group, as_of, &c->before[1]);
    return rc;
}

int
metrics_scores(struct look *k, const struct metrics_ask *q, struct metrics_answer *out, struct tl_err *err)
{
    struct ctx c = { .k = k, .q = q };
    uint32_t key = 0;
    enum voice_by by = by_of(q, &key);
    int rc = voices_read(k, by, key, &c.v, err);
    if (rc == 0 && cells(&c)) rc = tl_fail(err, TL_ENOMEM, "out of memory");
    for (size_t i = 0; rc == 0 && i < TABLE_N; i++) {
        uint32_t kind = tl_store_word_number(q->t, tl_str_of(table[i].kind));
        if (kind && metric_add(&c, i, kind, out)) rc = tl_fail(err, TL_ENOMEM, "the answer needs more than %u MB: ask for a shorter period", FOLD_ARENA_BYTES >> 20);
    }
    for (int i = 0; i < 2; i++) {
        voice_cells_free(&c.now[i]);
        voice_cells_free(&c.before[i]);
    }
    voices_done(k, &c.v);
    return rc;
}
