/* fold_rework.c - /api/rework: how many journeys came back to each touchpoint. */
#include <stdlib.h>

#include "analysis/rework.h"
#include "answer.h"

static int
most_first(const void *x, const void *y)
{
    const struct rework_item *a = x, *b = y;
    if (a->again != b->again) return a->again > b->again ? -1 : 1;
    return tl_str_cmp(a->touchpoint, b->touchpoint);
}

static int
items_fill(struct look *k, struct tl_store_txn *t, const struct rework *r, struct rework_answer *out)
{
    out->item = tl_arena_alloc(k->arena, (r->row_n + 1) * sizeof *out->item);
    if (!out->item) return TL_ENOMEM;
    for (size_t i = 0; i < r->row_n; i++) {
        const struct rework_row *x = &r->row[i];
        struct rework_item *o = &out->item[out->item_n++];
        *o = (struct rework_item){ .touchpoint = fold_word(k, t, x->touchpoint), .journeys = x->journeys, .again = x->again, .redo = x->redo, .rate = rate_wilson(x->again, x->journeys) };
        o->title = fold_title(k, o->touchpoint);
    }
    if (out->item_n > 1) qsort(out->item, out->item_n, sizeof *out->item, most_first);
    return 0;
}

int
fold_rework(struct look *k, struct rework_answer *out, struct tl_err *err)
{
    struct fold_part *sum = NULL;
    struct tl_store_txn *t = NULL;
    memset(out, 0, sizeof *out);
    int rc = fold_run(k, &analysis_rework, NULL, &sum, err);
    if (rc) return rc;
    const struct rework *r = sum->part;
    out->journeys = r->journeys;
    if (r->row_n && k->store) rc = tl_store_begin(k->store, &t, err);
    if (t && items_fill(k, t, r, out)) rc = tl_fail(err, TL_ENOMEM, "out of memory");
    if (t) tl_store_end(&t);
    fold_run_done(k, sum);
    return rc;
}
