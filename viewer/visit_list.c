/* visit_list.c - see visit_list.h. Orders are no key of the store: who made one is looked for among those with mystery journeys on the days of the visit. */
#include "visit_list.h"

#include <stdlib.h>

#include "tl_rows.h"
#include "tl_time.h"

struct reading { struct look *k; struct tl_store_txn *t; struct visit_list *out; };

static void
customer_add(struct visit_seen *v, uint64_t customer)
{
    if (v->customer_n < VISIT_CUSTOMERS_MAX && !visit_seen_is_of(v, customer)) v->customer[v->customer_n++] = customer;
}

static int
take(struct reading *r, const struct tl_note *n)
{
    struct visit_seen *v = &r->out->item[r->out->n];
    *v = (struct visit_seen){ .entered_ms = n->first_ms, .changed_ms = n->last_ms };
    int rc = tl_visit_of_note(r->k->arena, n, &v->of);
    if (rc) return rc == TL_EINVAL ? 0 : rc;
    char *actor = tl_arena_dup(r->k->arena, n->actor.p ? n->actor.p : "", n->actor.n);
    v->customer = tl_arena_alloc(r->k->arena, (v->of.hash_n + v->of.order_n + 1) * sizeof *v->customer);
    if (!actor || !v->customer) return TL_ENOMEM;
    v->actor = (struct tl_str){ actor, n->actor.n };
    for (uint32_t i = 0; i < v->of.hash_n; i++) {
        uint64_t customer = 0;
        if (tl_store_customer_by_hash(r->t, v->of.hash[i], &customer, NULL) == 0) customer_add(v, customer);
    }
    r->out->n++;
    return 0;
}

static int
each_note(void *arg, const struct tl_note *n)
{
    struct reading *r = arg;
    if (r->out->n < VISIT_LIST_MAX) return take(r, n);
    r->out->more++;
    return 0;
}

/* ---- visits that are known by their orders alone ---- */

struct orders { struct look *k; struct visit_seen *v; uint64_t hash[TL_VISIT_ORDERS_MAX]; };

static bool
ordered(const struct orders *o, uint64_t hash)
{
    for (uint32_t i = 0; i < o->v->of.order_n; i++)
        if (hash && o->hash[i] == hash) return true;
    return false;
}

static int
see_customer(void *arg, struct tl_str key, const struct tl_journey *j, enum tl_end end)
{
    struct orders *o = arg;
    struct tl_store_txn *t = NULL;
    struct tl_kept *e = NULL;
    uint32_t n = 0;
    (void)key;
    (void)end;
    if (visit_seen_is_of(o->v, j->customer) || o->v->customer_n == o->v->of.order_n) return 0;
    int rc = tl_store_begin(o->k->store, &t, NULL);
    if (rc == 0) rc = tl_store_events(t, j->customer, &e, &n, NULL);
    for (uint32_t i = 0; rc == 0 && i < n; i++)
        if (ordered(o, e[i].order_hash) && tl_visit_has(&o->v->of, e[i].at_ms)) customer_add(o->v, j->customer);
    tl_free(e);
    if (t) tl_store_end(&t);
    return rc;
}

static int
find_orders(struct look *k, struct visit_seen *v, struct tl_err *err)
{
    struct orders o = { .k = k, .v = v };
    int stream = k->sieve.stream;
    int rc = fold_zone(k, err);
    if (rc || v->of.hash_n || !v->of.order_n || v->of.from_ms == TL_TIME_NONE) return rc;
    for (uint32_t i = 0; i < v->of.order_n; i++) o.hash[i] = tl_kept_hash('o', v->of.order[i], (struct tl_str){ NULL, 0 });
    k->sieve.stream = TL_STREAM_MYSTERY;
    int32_t last = tl_zone_day(k->zone, v->of.to_ms + TL_VISIT_AFTER_MS);
    for (int32_t day = tl_zone_day(k->zone, v->of.from_ms - TL_VISIT_BEFORE_MS); rc == 0 && day <= last; day++) rc = fold_day(k, day, see_customer, &o, err);
    k->sieve.stream = stream;
    return rc;
}

/* ---- the list ---- */

static int
by_time(const void *x, const void *y)
{
    const struct tl_visit *a = &((const struct visit_seen *)x)->of, *b = &((const struct visit_seen *)y)->of;
    return a->from_ms != b->from_ms ? (a->from_ms < b->from_ms ? -1 : 1) : tl_str_cmp(a->id, b->id);
}

static int
begin(struct look *k, struct reading *r, struct visit_list *out, struct tl_err *err)
{
    *r = (struct reading){ .k = k, .out = out };
    *out = (struct visit_list){ .item = tl_arena_alloc(k->arena, VISIT_LIST_MAX * sizeof *out->item) };
    if (!out->item) return tl_fail(err, TL_ENOMEM, "out of memory");
    return k->store ? tl_store_begin(k->store, &r->t, err) : 0;
}

/* late_of - a visit that never began, or never ended, by the time planned */
static const char *
late_of(const struct look *k, const struct tl_visit *v)
{
    if (v->to_ms == TL_TIME_NONE || v->to_ms >= k->as_of_ms) return NULL;
    return v->state == TL_VISIT_PLANNED ? "not_started" : v->state == TL_VISIT_STARTED ? "not_finished" : NULL;
}

static int
clash(struct look *k, struct visit_seen *a, const struct visit_seen *b)
{
    struct tl_str *more = tl_arena_alloc(k->arena, (a->at_once_n + 1) * sizeof *more);
    if (!more) return TL_ENOMEM;
    for (uint32_t i = 0; i < a->at_once_n; i++) more[i] = a->at_once[i];
    more[a->at_once_n++] = b->of.id;
    a->at_once = more;
    return 0;
}

/* clashes - sorted by from: who begins after another's end cannot be at once with it */
static int
clashes(struct look *k, struct visit_list *l, struct tl_err *err)
{
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < l->n; i++) {
        struct visit_seen *a = &l->item[i];
        a->late = late_of(k, &a->of);
        for (uint32_t n = i + 1; rc == 0 && n < l->n && l->item[n].of.from_ms <= a->of.to_ms; n++)
            if (tl_visit_at_once(&a->of, &l->item[n].of)) rc = clash(k, a, &l->item[n]) || clash(k, &l->item[n], a) ? tl_fail(err, TL_ENOMEM, "out of memory") : 0;
    }
    return rc;
}

int
visit_list_read(struct look *k, struct visit_list *out, struct tl_err *err)
{
    struct reading r;
    int rc = begin(k, &r, out, err);
    if (rc == 0 && r.t) rc = tl_store_notes(r.t, "visit", each_note, &r, err);
    if (r.t) tl_store_end(&r.t);
    for (uint32_t i = 0; rc == 0 && i < out->n; i++) rc = find_orders(k, &out->item[i], err);
    if (rc == 0 && out->n) qsort(out->item, out->n, sizeof *out->item, by_time);
    return rc == 0 ? clashes(k, out, err) : rc;
}

/* ---- whose journey ---- */

bool
visit_seen_is_of(const struct visit_seen *v, uint64_t customer)
{
    for (uint32_t i = 0; i < v->customer_n; i++)
        if (v->customer[i] == customer) return true;
    return false;
}

uint32_t
visit_list_of(const struct visit_list *l, uint64_t customer, int64_t start_ms)
{
    uint32_t best = VISIT_NONE;
    int64_t best_off = INT64_MAX;
    for (uint32_t i = 0; i < l->n; i++) {
        const struct visit_seen *v = &l->item[i];
        if (v->of.from_ms == TL_TIME_NONE || !tl_visit_has(&v->of, start_ms) || !visit_seen_is_of(v, customer)) continue;
        int64_t off = start_ms > v->of.from_ms ? start_ms - v->of.from_ms : v->of.from_ms - start_ms;
        if (off < best_off) best = i, best_off = off;
    }
    return best;
}
