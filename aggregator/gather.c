/* gather.c - see gather.h. */
#include "gather.h"

#include <stdlib.h>

#include "tl_time.h"

struct table { uint32_t *slot, mask; uint32_t small[256]; };

static int
table_make(struct table *t, uint32_t n, struct tl_err *err)
{
    uint32_t slots = 256;

    while (slots < n * 2)
        slots *= 2;
    t->mask = slots - 1;
    t->slot = slots == 256 ? t->small : tl_alloc(slots * sizeof *t->slot);
    if (t->slot == NULL)
        return tl_fail(err, TL_ENOMEM, "out of memory for a customer's events");
    if (t->slot == t->small)
        memset(t->small, 0, sizeof t->small);
    return 0;
}

static int
room(struct tl_store_kept *k, uint32_t more, struct tl_err *err)
{
    if (k->n + more <= k->cap)
        return 0;
    uint32_t cap = k->n + more + 32;
    struct tl_kept *event = tl_realloc(k->event, cap * sizeof *event);
    if (event == NULL)
        return tl_fail(err, TL_ENOMEM, "out of memory for a customer's events");
    k->event = event;
    k->cap = cap;
    return 0;
}

static void
changed(struct gather *g, uint32_t i)
{
    g->same = i < g->same ? i : g->same;
}

/* Another copy: the earliest position and receipt stand for all of them; whether it is a visit's is judged by the latter. */
static void
take_copy(struct gather *g, uint32_t i, const struct tl_kept *copy)
{
    struct tl_kept *e = &g->kept->event[i];

    g->duplicates++;
    if (copy->position < e->position) {
        e->position = copy->position;
        changed(g, 0);
    }
    if (copy->received_ms != TL_TIME_NONE && (e->received_ms == TL_TIME_NONE || copy->received_ms < e->received_ms)) {
        e->received_ms = copy->received_ms;
        e->stream = copy->stream;
        changed(g, i);
    }
    if (copy->skew_ms < e->skew_ms) {   /* given in all copies or in none */
        e->skew_ms = copy->skew_ms;
        e->stream = copy->stream;
        changed(g, i);
    }
}

/* A payload is refused once; its further copies are duplicates, so that the counts do not depend on the order either. */
static int
give_up(struct gather *g, const struct tl_kept *e, uint64_t slice_hash, enum tl_reason reason, struct tl_err *err)
{
    int rc = g->refuse(g->arg, e, slice_hash, reason, err);

    g->refused += rc == 0;
    g->duplicates += rc > 0;
    return rc < 0 ? rc : 0;
}

/* 0 when done with, 1 when the two only share a hash. */
static int
take_other_payload(struct gather *g, uint32_t i, const struct tl_kept *other, struct tl_err *err)
{
    struct tl_kept *e = &g->kept->event[i];
    bool keep_second = false;
    uint64_t lost = 0;
    int rc = g->judge(g->arg, e->position, other->position, &keep_second, &lost, err);

    if (rc < 0 || rc == GATHER_OTHER_ID)
        return rc < 0 ? rc : 1;
    if (rc == GATHER_SAME) {
        take_copy(g, i, other);
        return 0;
    }
    rc = give_up(g, keep_second ? e : other, lost, TL_REASON_DUP_CONFLICT, err);
    if (keep_second) {
        *e = *other;
        changed(g, 0);
    }
    return rc;
}

static int
by_position(const void *pa, const void *pb)
{
    const struct tl_kept *a = pa, *b = pb;
    return a->position < b->position ? -1 : a->position > b->position;
}

static int64_t
own_time(const struct tl_kept *e)
{
    return e->time_ms != TL_TIME_NONE ? e->time_ms : e->received_ms;
}

static int
by_own_time(const void *pa, const void *pb)
{
    const struct tl_kept *a = pa, *b = pb;
    int64_t ta = own_time(a), tb = own_time(b);
    return ta != tb ? (ta < tb ? -1 : 1) : a->id_hash < b->id_hash ? -1 : a->id_hash > b->id_hash;
}

static int
cut(struct gather *g, struct tl_err *err)
{
    struct tl_store_kept *k = g->kept;
    int rc = 0;

    qsort(k->event, k->n, sizeof *k->event, by_own_time);
    for (uint32_t i = GATHER_EVENTS_MAX; rc == 0 && i < k->n; i++)
        rc = give_up(g, &k->event[i], 0, TL_REASON_CUSTOMER_TOO_LARGE, err);
    k->n = GATHER_EVENTS_MAX;
    changed(g, 0);
    return rc;
}

/* Find the event of the same id and join them, or append: two ids of one hash stand behind each other. */
static int
take(struct gather *g, struct table *t, const struct tl_kept *e, struct tl_err *err)
{
    struct tl_store_kept *k = g->kept;
    uint32_t i = (uint32_t)e->id_hash & t->mask;

    for (; t->slot[i] != 0; i = (i + 1) & t->mask) {
        uint32_t at = t->slot[i] - 1;
        if (k->event[at].id_hash != e->id_hash)
            continue;
        if (!tl_kept_differs(&k->event[at], e)) {
            take_copy(g, at, e);
            return 0;
        }
        int rc = take_other_payload(g, at, e, err);
        if (rc <= 0)
            return rc;
    }
    k->event[k->n] = *e;
    t->slot[i] = ++k->n;
    return 0;
}

static void
enter(struct table *t, const struct tl_store_kept *k, uint32_t at)
{
    uint32_t i = (uint32_t)k->event[at].id_hash & t->mask;

    while (t->slot[i] != 0)
        i = (i + 1) & t->mask;
    t->slot[i] = at + 1;
}

int
gather_events(struct gather *g, const struct tl_kept *const *fresh, uint32_t n, struct tl_err *err)
{
    struct tl_store_kept *k = g->kept;
    struct table t;
    int rc = room(k, n, err);

    g->same = k->n;
    if (rc == 0)
        rc = table_make(&t, k->n + n, err);
    if (rc != 0)
        return rc;
    for (uint32_t i = 0; i < k->n; i++)
        enter(&t, k, i);
    for (uint32_t f = 0; rc == 0 && f < n; f++)
        rc = take(g, &t, fresh[f], err);
    if (t.slot != t.small)
        tl_free(t.slot);
    if (rc == 0 && k->n > GATHER_EVENTS_MAX)
        rc = cut(g, err);
    uint32_t sorted = 1;
    while (sorted < k->n && k->event[sorted - 1].position < k->event[sorted].position)
        sorted++;
    if (sorted < k->n)
        qsort(k->event, k->n, sizeof *k->event, by_position);
    return rc;
}
