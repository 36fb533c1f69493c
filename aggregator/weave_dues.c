/* weave_dues.c - a customer's moments that may alert, into the store: rules become ids, and what several journeys tell becomes one. */
#include <stdlib.h>

#include "weave_work.h"

static int
by_id(const void *pa, const void *pb)
{
    const struct tl_due *a = pa, *b = pb;

    if (a->id != b->id)
        return a->id < b->id ? -1 : 1;
    if (a->type != b->type)
        return a->type > b->type ? -1 : 1;       /* of a type of its own before `all` */
    if (a->rule != b->rule)
        return a->rule < b->rule ? -1 : 1;
    if (a->break_kind != b->break_kind)
        return a->break_kind > b->break_kind ? -1 : 1;
    return a->score < b->score ? -1 : a->score > b->score;
}

int
weave_dues(struct weave *w, uint64_t customer, struct tl_err *err)
{
    struct weave_work *x = w->work;
    uint32_t n = 0, kept = 0;
    const struct facts_due *from = stitch_dues(w->stitch, &n);
    int rc = ROOM(x, due, n);

    if (rc != 0)
        return rc;
    for (uint32_t i = 0; i < n; i++) {
        struct tl_due *d = &x->due[i];
        const uint8_t *who = x->identity[from[i].home].hash;
        *d = from[i].due;
        d->customer = customer;
        d->id = tl_due_id(d->id, from[i].event, who);
        d->pair = d->pair != 0 ? tl_due_id(d->pair, from[i].event, who) : 0;
    }
    if (n > 1)
        qsort(x->due, n, sizeof *x->due, by_id);
    for (uint32_t i = 0; i < n; i++)
        if (kept == 0 || x->due[kept - 1].id != x->due[i].id)
            x->due[kept++] = x->due[i];
    return tl_store_w_dues(w->store, customer, x->due, kept, err);
}
