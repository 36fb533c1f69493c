/* fold_seen.c - which touchpoints the journeys asked about have: read off the map's nodes, which are in the cache anyway. */
#include <stdlib.h>

#include "analysis/map.h"
#include "answer_blueprint.h"

static int
commonest(const void *x, const void *y)
{
    const struct seen_answer *a = x, *b = y;
    if (a->steps != b->steps) return a->steps < b->steps ? 1 : -1;
    return tl_str_cmp(a->touchpoint, b->touchpoint);
}

static int
take(struct look *k, const struct map *m, fold_seen_keep keep, const void *arg, struct seen_answer **out, uint32_t *n, struct tl_err *err)
{
    struct tl_store_txn *t = NULL;
    int rc = k->store ? tl_store_begin(k->store, &t, err) : 0;
    struct seen_answer *list = rc == 0 ? tl_arena_alloc(k->arena, (m->node_n + 1) * sizeof *list) : NULL;
    if (rc == 0 && !list) rc = tl_fail(err, TL_ENOMEM, "the answer needs more than %u MB: ask for a shorter period", FOLD_ARENA_BYTES >> 20);
    for (uint32_t i = 0; rc == 0 && t && i < m->node_n; i++) {
        struct tl_str name = fold_word(k, t, m->node[i].touchpoint);
        if (keep(arg, name)) list[(*n)++] = (struct seen_answer){ name, fold_title(k, name), m->node[i].steps, m->node[i].journeys };
    }
    if (t) tl_store_end(&t);
    if (rc == 0 && *n > 1) qsort(list, *n, sizeof *list, commonest);
    *out = list;
    return rc;
}

int
fold_seen(struct look *k, fold_seen_keep keep, const void *arg, struct seen_answer **out, uint32_t *n, uint64_t *journeys, uint64_t *steps, struct tl_err *err)
{
    struct fold_part *sum = NULL;
    *out = NULL;
    *n = 0;
    int rc = fold_run(k, &analysis_map, NULL, &sum, err);
    if (rc) return rc;
    const struct map *m = sum->part;
    *journeys = m->journeys;
    *steps = m->steps;
    rc = take(k, m, keep, arg, out, n, err);
    fold_run_done(k, sum);
    return rc;
}
