/* fold_flows.c - flows against limits: see answer_lanes.h and analysis/over.h. */
#include <stdlib.h>

#include "analysis/over.h"
#include "analysis/rate.h"
#include "answer_lanes.h"
#include "fold_findings.h"
#include "tl_hash.h"

/* mark_of - what the partials hang on besides the rows: the rules, and how far sources have told */
static uint64_t
mark_of(const struct look *k, const struct findings *f)
{
    struct tl_buf b = { NULL, 0, 0, false };
    uint8_t h[32] = { 0 };
    uint64_t mark = 0;
    tl_buf_put_str(&b, k->catalogue->hash);
    for (uint32_t r = 0; r < f->rule_n; r++)
        for (uint32_t i = 0; i < f->rule[r].known_n; i++) tl_buf_printf(&b, " %u:%u:%lld", r, f->rule[r].known[i].place, (long long)f->rule[r].known[i].until_ms);
    tl_hash256(b.data, b.len, h);
    tl_buf_free(&b);
    memcpy(&mark, h, sizeof mark);
    return mark;
}

static int
by_over(const void *x, const void *y)
{
    const struct flow_over *a = x, *b = y;
    if (a->k != b->k) return a->k > b->k ? -1 : 1;
    if (a->n != b->n) return a->n > b->n ? -1 : 1;
    int c = tl_str_cmp(a->from, b->from);
    return c ? c : tl_str_cmp(a->to, b->to);
}

static int
fill(struct look *k, struct tl_store_txn *t, const struct findings *f, const struct over *o, struct flows_answer *out)
{
    out->flow = tl_arena_alloc(k->arena, (o->flow_n + 1) * sizeof *out->flow);
    out->limit = tl_arena_alloc(k->arena, (f->rule_n + 1) * sizeof *out->limit);
    if (!out->flow || !out->limit) return TL_ENOMEM;
    for (size_t i = 0; i < o->flow_n; i++) {
        const struct over_flow *x = &o->flow[i];
        out->flow[out->flow_n++] = (struct flow_over){ fold_word(k, t, x->from), fold_word(k, t, x->to), x->n, x->k, rate_wilson_de(x->k, x->n, 1) };
    }
    if (out->flow_n > 1) qsort(out->flow, out->flow_n, sizeof *out->flow, by_over);
    for (uint32_t r = 0; r < f->rule_n; r++) {
        const struct tl_standard *s = f->standard[r];
        if (!s || !over_limits(&f->rule[r])) continue;
        out->limit[out->limit_n++] = (struct flow_limit){ s->on, s->id, s->title, s->limit_ms, s->kind == TL_STANDARD_PROMISE };
    }
    return 0;
}

int
fold_flows(struct look *k, struct flows_answer *out, struct tl_err *err)
{
    struct findings *f = tl_arena_alloc(k->arena, sizeof *f);
    struct fold_part *sum = NULL;
    struct tl_store_txn *t = NULL;
    memset(out, 0, sizeof *out);
    if (!f) return tl_fail(err, TL_ENOMEM, "out of memory");
    if (!k->store) return 0;
    int rc = tl_store_begin(k->store, &t, err);
    if (rc == 0) rc = findings_resolve(k, t, f, err);
    if (t) tl_store_end(&t);
    const struct over_ask q = { f->rule, f->rule_n, k->as_of_ms };
    const struct analysis_arg arg = { .end = -1, .as_of_ms = k->as_of_ms, .gap_ms = k->sieve.gap_ms, .more = &q, .more_mark = mark_of(k, f) };
    if (rc == 0) rc = fold_run(k, &analysis_over, &arg, &sum, err);
    if (rc == 0) rc = tl_store_begin(k->store, &t, err);
    if (rc == 0 && fill(k, t, f, sum->part, out)) rc = tl_fail(err, TL_ENOMEM, "out of memory");
    if (t) tl_store_end(&t);
    fold_run_done(k, sum);
    return rc;
}
