/* fold_ways.c - which ways journeys went: variants, and how far they came: funnel. */
#include <stdlib.h>

#include "analysis/funnel.h"
#include "analysis/variants.h"
#include "answer.h"
#include "fold_variant.h"

struct words { struct look *k; struct tl_store_txn *t; };

/* compares two sequences by their words, so that the order of ties does not hang on dictionary numbers */
static int
before(const void *arg, const struct variants *v, uint32_t a, uint32_t b)
{
    const struct words *w = arg;
    struct tl_cur x = variants_words(v, &v->variant[a]), y = variants_words(v, &v->variant[b]);
    while (tl_cur_left(&x) && tl_cur_left(&y)) {
        uint32_t p = (uint32_t)tl_cur_varint(&x), q = (uint32_t)tl_cur_varint(&y);
        int c = p == q ? 0 : tl_str_cmp(tl_store_word(w->t, p), tl_store_word(w->t, q));
        if (c) return c;
    }
    return (tl_cur_left(&x) > 0) - (tl_cur_left(&y) > 0);
}

static int
variant_fill(struct look *k, struct tl_store_txn *t, const struct variants *v, const struct variant *one, struct variant_answer *out)
{
    struct tl_cur c = variants_words(v, one);
    out->touchpoint_n = one->steps_n;
    out->touchpoint = tl_arena_alloc(k->arena, (one->steps_n + 1) * sizeof *out->touchpoint);
    if (!out->touchpoint) return TL_ENOMEM;
    for (uint32_t i = 0; i < one->steps_n; i++) out->touchpoint[i] = fold_word(k, t, (uint32_t)tl_cur_varint(&c));
    out->journeys = one->journeys;
    out->share = (double)one->journeys / (double)v->journeys;
    fold_variant_id(t, v, one, out->id);
    return 0;
}

static int
tops_fill(struct look *k, struct tl_store_txn *t, const struct variants *v, struct variants_answer *out)
{
    struct words w = { k, t };
    uint32_t *top = tl_arena_alloc(k->arena, (k->ask->limit + 1) * sizeof *top);
    out->top = tl_arena_alloc(k->arena, (k->ask->limit + 1) * sizeof *out->top);
    if (!top || !out->top) return TL_ENOMEM;
    out->top_n = variants_top(v, k->ask->limit, before, &w, top);
    for (uint32_t i = 0; i < out->top_n; i++)
        if (variant_fill(k, t, v, &v->variant[top[i]], &out->top[i])) return TL_ENOMEM;
    return 0;
}

int
fold_variants(struct look *k, struct variants_answer *out, struct tl_err *err)
{
    struct fold_part *sum = NULL;
    struct tl_store_txn *t = NULL;
    memset(out, 0, sizeof *out);
    int rc = fold_run(k, &analysis_variants, NULL, &sum, err);
    if (rc) return rc;
    const struct variants *v = sum->part;
    out->journeys = v->journeys;
    out->variants = v->variant_n;
    if (v->variant_n && k->store) rc = tl_store_begin(k->store, &t, err);
    if (t && tops_fill(k, t, v, out)) rc = tl_fail(err, TL_ENOMEM, "the variants asked for need more than %u MB: lower limit=", FOLD_ARENA_BYTES >> 20);
    if (t) tl_store_end(&t);
    fold_run_done(k, sum);
    return rc;
}

int
fold_funnel(struct look *k, struct funnel_answer *out, struct tl_err *err)
{
    struct fold_part *sum = NULL;
    struct analysis_arg arg = { .word_n = k->ask->step_n, .end = -1 };
    memset(out, 0, sizeof *out);
    for (uint32_t i = 0; i < arg.word_n; i++) arg.word[i] = fold_number(k, k->ask->step[i]);
    int rc = fold_run(k, &analysis_funnel, &arg, &sum, err);
    if (rc) return rc;
    const struct funnel *f = sum->part;
    out->journeys = f->journeys;
    for (uint32_t i = 0; i < arg.word_n; i++) {
        out->step[i].journeys = f->reached[i];
        out->step[i].rate = rate_wilson(f->reached[i], i ? f->reached[i - 1] : f->journeys);
        const struct waits w = funnel_waits(f, i);
        if (!i || !f->reached[i]) continue;
        out->step[i].mean_ms = (double)f->sum_ms[i] / (double)f->reached[i];
        out->step[i].p50_ms = waits_quantile(&w, 500);
        out->step[i].p90_ms = waits_quantile(&w, 900);
        out->step[i].p95_ms = waits_quantile(&w, 950);
    }
    fold_run_done(k, sum);
    return 0;
}
