/* recorded_who.c - see recorded_who.h. Identities lead to customers at once; order numbers do not, so the mystery journeys of the visit's days are looked through. */
#include "recorded_who.h"

#include "tl_time.h"
#include "tl_visit.h"

struct finding { struct tl_store_txn *t; struct recorded_who *out; const struct tl_visit *visit; struct tl_err *err; };

static bool
known(const struct recorded_who *w, uint64_t customer)
{
    for (uint32_t i = 0; i < w->person_n; i++)
        if (w->person[i] == customer) return true;
    return false;
}

static void
add(struct recorded_who *w, uint64_t customer)
{
    if (w->person_n < RECORDED_PERSONS_MAX && !known(w, customer)) w->person[w->person_n++] = customer;
}

/* ---- by order ---- */

static bool
ordered(const struct tl_visit *v, const struct tl_kept *e)
{
    for (uint32_t i = 0; i < v->order_n; i++)
        if (e->order_hash == tl_kept_hash('o', v->order[i], (struct tl_str){ NULL, 0 })) return true;
    return false;
}

static int
look_at(struct finding *f, uint64_t customer)
{
    struct tl_kept *e = NULL;
    uint32_t n = 0;
    int rc = tl_store_events(f->t, customer, &e, &n, f->err);
    for (uint32_t i = 0; rc == 0 && i < n; i++)
        if (e[i].stream == TL_STREAM_MYSTERY && e[i].order_hash && ordered(f->visit, &e[i])) add(f->out, customer);
    tl_free(e);
    return rc;
}

static int
row(void *arg, struct tl_str key, struct tl_str bytes)
{
    struct finding *f = arg;
    struct tl_journey j;
    struct tl_cur at;
    int rc = tl_rows_journey_head(key, bytes, &j, &at);
    if (rc) return tl_fail(f->err, rc, "a journey's row cannot be read: run touchline rebuild");
    return j.stream == TL_STREAM_MYSTERY && !known(f->out, j.customer) ? look_at(f, j.customer) : 0;
}

static int
add_ordered(struct finding *f)
{
    uint16_t all = (uint16_t)tl_store_word_number(f->t, TL_STR("all"));
    int32_t first = (int32_t)(f->out->from_ms / TL_DAY_MS) - 1, last = (int32_t)(f->out->to_ms / TL_DAY_MS) + 1;      /* whatever the store's zone */
    int rc = 0;
    for (int32_t day = first; rc == 0 && f->visit->order_n && all && day <= last; day++) rc = tl_store_journeys(f->t, all, day, row, f, f->err);
    return rc;
}

int
recorded_who_visit(struct look *k, struct tl_store_txn *t, struct tl_str visit, struct recorded_who *out, struct tl_err *err)
{
    struct tl_note n;
    struct tl_visit v;
    struct finding f = { .t = t, .out = out, .visit = &v, .err = err };
    int rc = tl_store_note(t, "visit", visit, &n, err);
    if (rc == TL_ENOTFOUND || (rc == 0 && n.withdrawn)) return tl_fail(err, TL_ENOTFOUND, "no visit is registered as '%.*s'", (int)(visit.n < 60 ? visit.n : 60), visit.p);
    if (rc == 0 && (rc = tl_visit_of_note(k->arena, &n, &v)) != 0) tl_fail(err, rc, "the visit's record cannot be read");
    if (rc) return rc;
    if (v.from_ms == TL_TIME_NONE || v.to_ms == TL_TIME_NONE) return tl_fail(err, TL_ENOTFOUND, "the visit has no time yet: nothing was recorded of it");
    *out = (struct recorded_who){ .from_ms = v.from_ms - TL_VISIT_BEFORE_MS, .to_ms = v.to_ms + TL_VISIT_AFTER_MS, .stream = TL_STREAM_MYSTERY };
    for (uint32_t i = 0; i < v.hash_n; i++) {
        uint64_t customer = 0;
        if (tl_store_customer_by_hash(t, v.hash[i], &customer, NULL) == 0) add(out, customer);
    }
    return add_ordered(&f);
}
