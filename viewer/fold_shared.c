/* fold_shared.c - see answer_shared.h. */
#include "answer_shared.h"

struct shared_list { struct look *k; struct tl_store_txn *t; struct shared_answer *out; };

static void
name_kind(struct shared_list *l, struct identity_end *e)
{
    struct tl_profile p;
    uint64_t number = 0;
    if (tl_store_customer_by_hash(l->t, e->hash, &number, NULL) || tl_store_profile(l->t, number, l->k->arena, &p, NULL)) return;
    for (uint32_t i = 0; i < p.identity_n; i++)
        if (memcmp(p.identity[i].hash, e->hash, 16) == 0) e->kind = fold_word(l->k, l->t, p.identity[i].kind);
}

static int
take(void *arg, const struct tl_store_shared *s)
{
    struct shared_list *l = arg;
    if (l->out->count++ >= SHARED_MAX) return 0;
    struct identity_link *o = &l->out->item[l->out->item_n++].at;
    *o = (struct identity_link){ .position = s->position };
    memcpy(o->a.hash, s->hash, 16);
    name_kind(l, &o->a);
    fold_identity_prove(l->k, o);
    return 0;
}

int
fold_shared(struct look *k, struct shared_answer *out, struct tl_err *err)
{
    struct shared_list l = { k, NULL, out };
    *out = (struct shared_answer){ .item = tl_arena_alloc(k->arena, SHARED_MAX * sizeof *out->item) };
    if (!out->item) return tl_fail(err, TL_ENOMEM, "out of memory");
    if (!k->store) return 0;
    int rc = tl_store_begin(k->store, &l.t, err);
    if (rc == 0) rc = tl_store_shared(l.t, take, &l, err);
    tl_store_end(&l.t);
    return rc;
}
