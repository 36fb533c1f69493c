/* recorded_who.c - see recorded_who.h. Identities lead to customers at once; order numbers do not, so the mystery journeys of the visit's days are looked through. */
#include "recorded_who.h"

#include "tl_hash.h"
#include "tl_json.h"
#include "tl_time.h"

#define NOTE_DEPTH 8
#define BEFORE_MS (INT64_C(15) * 60000)         /* as the aggregator's register has it (schemas/journeys.md) */
#define AFTER_MS (INT64_C(72) * 3600000)

struct finding { struct look *k; struct tl_store_txn *t; struct recorded_who *out; const struct tl_jv *orders; struct tl_err *err; };

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

static int64_t
time_of(const struct tl_jv *v)
{
    int64_t ms = TL_TIME_NONE;
    return !v ? ms : v->is_int ? v->integer : tl_time_parse(v->text, &ms, NULL) ? TL_TIME_NONE : ms;
}

static void
add_named(struct finding *f, const struct tl_jv *hashes)
{
    for (const struct tl_jv *h = hashes ? hashes->child : NULL; h; h = h->next) {
        uint8_t hash[16];
        char hex[33] = "";
        uint64_t customer = 0;
        if (h->text.n != 32) continue;
        memcpy(hex, h->text.p, 32);
        if (tl_unhex(hex, 16, hash) == 0 && tl_store_customer_by_hash(f->t, hash, &customer, NULL) == 0) add(f->out, customer);
    }
}

/* ---- by order ---- */

static bool
ordered(const struct finding *f, const struct tl_kept *e)
{
    for (const struct tl_jv *o = f->orders->child; o; o = o->next)
        if (e->order_hash == tl_kept_hash('o', o->text, (struct tl_str){ NULL, 0 })) return true;
    return false;
}

static int
look_at(struct finding *f, uint64_t customer)
{
    struct tl_kept *e = NULL;
    uint32_t n = 0;
    int rc = tl_store_events(f->t, customer, &e, &n, f->err);
    for (uint32_t i = 0; rc == 0 && i < n; i++)
        if (e[i].stream == TL_STREAM_MYSTERY && e[i].order_hash && ordered(f, &e[i])) add(f->out, customer);
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
    for (int32_t day = first; rc == 0 && f->orders && f->orders->child && all && day <= last; day++) rc = tl_store_journeys(f->t, all, day, row, f, f->err);
    return rc;
}

int
recorded_who_visit(struct look *k, struct tl_store_txn *t, struct tl_str visit, struct recorded_who *out, struct tl_err *err)
{
    struct tl_note n;
    struct tl_jv *body = NULL;
    struct finding f = { .k = k, .t = t, .out = out, .err = err };
    int rc = tl_store_note(t, "visit", visit, &n, err);
    if (rc == TL_ENOTFOUND || (rc == 0 && n.withdrawn)) return tl_fail(err, TL_ENOTFOUND, "no visit is registered as '%.*s'", (int)(visit.n < 60 ? visit.n : 60), visit.p);
    const char *text = rc == 0 ? tl_arena_dup(k->arena, n.body.p, n.body.n) : NULL;
    if (rc == 0) rc = text ? tl_json_tree(k->arena, (struct tl_str){ text, n.body.n }, NOTE_DEPTH, &body, NULL, err) : tl_fail(err, TL_ENOMEM, "out of memory");
    if (rc) return rc;
    *out = (struct recorded_who){ .from_ms = time_of(tl_jv_get(body, "from")), .to_ms = time_of(tl_jv_get(body, "to")), .stream = TL_STREAM_MYSTERY };
    if (out->from_ms == TL_TIME_NONE || out->to_ms == TL_TIME_NONE) return tl_fail(err, TL_ENOTFOUND, "the visit has no time yet: nothing was recorded of it");
    out->from_ms -= BEFORE_MS;
    out->to_ms += AFTER_MS;
    f.orders = tl_jv_get(body, "orders");
    add_named(&f, tl_jv_get(body, "hashes"));
    return add_ordered(&f);
}
