/* tl_store_customers.c - customers, their events and links, and what was refused, for readers: see tl_store.h. */
#include "tl_order.h"
#include "tl_store_in.h"

/* ---- customers ---- */

struct cuts { struct tl_arena *a; struct tl_customer *c; uint32_t cap; };

static int
one_cut(void *arg, struct tl_str k, struct tl_str v)
{
    struct cuts *x = arg;
    struct tl_cur c = tl_cur_of(v.p, v.n);

    if (k.n != 32 || tl_cur_u8(&c) != TL_TIE_CUT)
        return 0;
    if (x->c->link_n == x->cap) {
        struct tl_store_link *more = tl_arena_alloc(x->a, (x->cap * 2 + 8) * sizeof *more);
        if (more == NULL)
            return TL_ENOMEM;
        memcpy(more, x->c->link, x->c->link_n * sizeof *more);
        x->c->link = more;
        x->cap = x->cap * 2 + 8;
    }
    struct tl_store_link *l = &x->c->link[x->c->link_n++];
    memcpy(l->a, k.p, 16);
    memcpy(l->b, k.p + 16, 16);
    l->cut = true;
    l->manual = true;
    l->first_position = tl_cur_varint(&c);
    return 0;
}

static int
fill_links(struct tl_store_txn *t, struct tl_arena *a, const struct tl_profile *p, struct tl_customer *c, struct tl_err *err)
{
    struct cuts x = { a, c, p->link_n + 1 };

    c->link = tl_arena_alloc(a, (p->link_n + 1) * sizeof *c->link);
    if (c->link == NULL)
        return tl_fail(err, TL_ENOMEM, "the customer does not fit into memory");
    for (uint32_t i = 0; i < p->link_n; i++) {
        struct tl_store_link *l = &c->link[c->link_n++];
        memcpy(l->a, p->identity[p->link[i].a].hash, 16);
        memcpy(l->b, p->identity[p->link[i].b].hash, 16);
        l->manual = p->link[i].manual;
        l->told_n = p->link[i].told_n;
        l->first_position = p->link[i].first_position;
    }
    for (uint32_t i = 0; i < p->identity_n; i++) {
        struct tl_str prefix = { (const char *)p->identity[i].hash, 16 };
        int rc = tl_store_walk(t, DB_CUT, prefix, prefix, one_cut, &x, err);
        if (rc != 0)
            return rc;
    }
    return 0;
}

int
tl_store_profile(struct tl_store_txn *t, uint64_t number, struct tl_arena *a, struct tl_profile *p, struct tl_err *err)
{
    struct cust_key k;
    struct tl_str v;
    int rc = tl_db_get(t->t, DB_CUST, tl_store_cust_key(&k, number, 0), &v, NULL);

    if (rc == TL_ENOTFOUND)
        return tl_fail(err, rc, "there is no customer %llu", (unsigned long long)number);
    if (rc == 0)
        rc = tl_profile_get(v, a, p);
    return rc != 0 ? tl_fail(err, rc, "a customer's profile cannot be read: run touchline rebuild") : 0;
}

int
tl_store_customer(struct tl_store_txn *t, uint64_t number, struct tl_arena *a, struct tl_customer *c, struct tl_err *err)
{
    struct tl_profile p;
    int rc = tl_store_profile(t, number, a, &p, err);

    if (rc != 0)
        return rc;
    *c = (struct tl_customer){ .number = number, .events = p.events, .first_ms = p.first_ms, .last_ms = p.last_ms, .refused = p.lossy, .identity = p.identity, .identity_n = p.identity_n, .outcome = p.outcome,
                              .outcome_n = p.outcome_n };
    for (uint32_t i = 0; i < p.identity_n; i++)
        if (i == 0 || memcmp(p.identity[i].hash, c->hash, 16) < 0)
            memcpy(c->hash, p.identity[i].hash, 16);
    c->journey_n = p.journey_n;
    c->journey = tl_arena_alloc(a, (p.journey_n + 1) * sizeof *c->journey);
    if (c->journey == NULL)
        return tl_fail(err, TL_ENOMEM, "the customer does not fit into memory");
    for (uint32_t i = 0; i < p.journey_n; i++)
        tl_profile_journey_key(number, &p.journey[i], c->journey[i].key);
    return fill_links(t, a, &p, c, err);
}

int
tl_store_customer_by_hash(struct tl_store_txn *t, const uint8_t hash[16], uint64_t *number, struct tl_err *err)
{
    struct tl_str v;
    int rc = tl_db_get(t->t, DB_IDENT, (struct tl_str){ (const char *)hash, 16 }, &v, NULL);

    if (rc != 0)
        return tl_fail(err, rc, rc == TL_ENOTFOUND ? "no customer is known by that" : "the index of identities cannot be read: run touchline rebuild");
    struct tl_cur c = tl_cur_of(v.p, v.n);
    *number = tl_cur_varint(&c);
    return c.bad ? tl_fail(err, TL_ECORRUPT, "the index of identities cannot be read: run touchline rebuild") : 0;
}

int
tl_store_customers(struct tl_store_txn *t, uint64_t after, uint32_t limit, int (*each)(void *arg, uint64_t number), void *arg, struct tl_err *err)
{
    struct tl_db_cursor *c = NULL;
    struct cust_key key;
    struct tl_str k, v;
    int rc = tl_db_cursor_open(t->t, DB_CUST, &c, err);

    for (uint32_t i = 0; rc == 0 && i < limit; i++) {
        rc = tl_db_seek(c, tl_store_cust_key(&key, after + 1, 0), &k, &v, NULL);
        if (rc != 0) {
            rc = rc == TL_ENOTFOUND ? 1 : tl_fail(err, rc, "customers of the journeys store cannot be read: run touchline rebuild");
            break;
        }
        struct tl_cur kc = tl_cur_of(k.p, k.n);
        after = tl_cur_be64(&kc);
        rc = each(arg, after);
    }
    tl_db_cursor_close(&c);
    return rc < 0 ? rc : 0;
}

struct blocks { struct tl_kept *event; uint32_t n, cap; };

static int
one_block(void *arg, struct tl_str k, struct tl_str v)
{
    struct blocks *b = arg;

    (void)k;
    return tl_rows_block_get(v, &b->event, &b->n, &b->cap);
}

int
tl_store_events(struct tl_store_txn *t, uint64_t customer, struct tl_kept **events, uint32_t *n, struct tl_err *err)
{
    struct blocks b = {0};
    struct cust_key k;
    struct tl_str from = tl_store_cust_key(&k, customer, 1);
    int rc = tl_store_walk(t, DB_CUST, from, (struct tl_str){ from.p, 8 }, one_block, &b, err);

    if (rc == 0)
        rc = tl_order_events(b.event, b.n);
    if (rc != 0) {
        tl_free(b.event);
        return tl_fail(err, rc, "a customer's events cannot be read: %s", tl_err_name(rc));
    }
    *events = b.event;
    *n = b.n;
    return 0;
}

/* ---- refused ---- */

struct refused_walk {
    int (*each)(void *arg, const struct tl_store_refused *r);
    void *arg;
};

static int
one_refused(void *arg, struct tl_str k, struct tl_str v)
{
    struct refused_walk *w = arg;
    struct tl_cur c = tl_cur_of(v.p, v.n);
    struct tl_store_refused r;

    (void)k;
    r.reason = (enum tl_reason)tl_cur_u8(&c);
    r.position = tl_cur_varint(&c);
    return c.bad || r.reason >= TL_REASON_N ? TL_ECORRUPT : w->each(w->arg, &r);
}

int
tl_store_refused(struct tl_store_txn *t, int (*each)(void *arg, const struct tl_store_refused *r), void *arg, struct tl_err *err)
{
    struct refused_walk w = { each, arg };
    return tl_store_walk(t, DB_REFUSED, (struct tl_str){0}, (struct tl_str){ "", 0 }, one_refused, &w, err);
}
