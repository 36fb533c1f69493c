/* fold_facets.c - see answer_lanes.h. */
#include <stdlib.h>

#include "analysis/facets.h"
#include "answer_lanes.h"

static int
by_count(const void *x, const void *y)
{
    const struct facet_value *a = x, *b = y;
    if (a->journeys != b->journeys) return a->journeys > b->journeys ? -1 : 1;
    return tl_str_cmp(a->value, b->value);
}

static int
fill(struct look *k, struct tl_store_txn *t, const struct facets *f, uint32_t key, struct facet_list *out)
{
    uint32_t n = 0;
    for (size_t i = 0; i < f->row_n; i++) n += f->row[i].key == key;
    out->item = tl_arena_alloc(k->arena, (n + 1) * sizeof *out->item);
    if (!out->item) return TL_ENOMEM;
    for (size_t i = 0; i < f->row_n; i++)
        if (f->row[i].key == key) out->item[out->item_n++] = (struct facet_value){ fold_word(k, t, f->row[i].value), f->row[i].journeys };
    if (n > 1) qsort(out->item, n, sizeof *out->item, by_count);
    if (n > FACET_VALUES_MAX) {
        out->more = n - FACET_VALUES_MAX;
        out->item_n = FACET_VALUES_MAX;
    }
    return 0;
}

int
fold_facets(struct look *k, struct facets_answer *out, struct tl_err *err)
{
    static const char *const name[FACETS_N] = { "tier", "channel", "place" };
    struct analysis_arg arg = { .end = -1, .word_n = FACETS_N };
    struct fold_part *sum = NULL;
    struct tl_store_txn *t = NULL;
    memset(out, 0, sizeof *out);
    for (uint32_t i = 0; i < FACETS_N; i++) arg.word[i] = fold_number(k, tl_str_of(name[i]));
    int rc = fold_run(k, &analysis_facets, &arg, &sum, err);
    if (rc == 0 && k->store) rc = tl_store_begin(k->store, &t, err);
    for (uint32_t i = 0; rc == 0 && t && i < FACETS_N; i++)
        if (fill(k, t, sum->part, i, &out->of[i])) rc = tl_fail(err, TL_ENOMEM, "out of memory");
    if (t) tl_store_end(&t);
    fold_run_done(k, sum);
    return rc;
}
