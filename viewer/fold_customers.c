/* fold_customers.c - one customer: identities, journeys of every type, events. */
#include <stdlib.h>

#include "answer.h"
#include "answer_person.h"
#include "journey_breaks.h"
#include "journey_waits.h"
#include "tl_hash.h"

/* ---- the list ---- */

#define LIST_KINDS 6
struct list { struct look *k; struct tl_store_txn *t; struct customers_answer *out; struct tl_err *err; uint64_t number[LIST_KINDS]; uint32_t number_n; };

static int
list_add(void *arg, uint64_t number)
{
    struct list *l = arg;
    struct tl_customer c;
    int rc = tl_store_customer(l->t, number, l->k->arena, &c, l->err);
    if (rc) return rc == TL_ENOTFOUND ? 0 : rc;
    struct customer_item *o = &l->out->item[l->out->item_n++];
    *o = (struct customer_item){ .events = c.events, .first_ms = c.first_ms, .last_ms = c.last_ms, .identities = c.identity_n, .journeys = c.journey_n };
    memcpy(o->hash, c.hash, sizeof o->hash);
    if (l->out->item_n == l->k->ask->limit) l->out->next = number;
    return 0;
}

/* list_one - who has the identity, under that kind */
static int
list_one(struct list *l, struct tl_str kind)
{
    const struct ask *q = l->k->ask;
    const uint8_t *key = fold_key(l->k->fold);
    char normal[TL_IDENTITY_BYTES_MAX];
    uint8_t hash[16];
    uint64_t number = 0;
    size_t n = tl_identity_normal_in(tl_region_of(l->k->meta.region), kind, q->id_value, normal, sizeof normal);
    if (!key || n == 0) return 0;
    tl_identity_hash(key, kind, (struct tl_str){ normal, n }, hash);
    int rc = tl_store_customer_by_hash(l->t, hash, &number, l->err);
    if (rc) return rc == TL_ENOTFOUND ? 0 : rc;
    for (uint32_t i = 0; i < l->number_n; i++)
        if (l->number[i] == number) return 0;
    l->number[l->number_n++] = number;
    rc = list_add(l, number);
    l->out->next = 0;
    return rc;
}

/* list_found - under the kind asked, else under every usual one */
static int
list_found(struct list *l)
{
    static const char *const kinds[LIST_KINDS] = { "member", "user", "phone", "email", "anonymous", "device" };
    int rc = 0;
    if (l->k->ask->id_kind.n) return list_one(l, l->k->ask->id_kind);
    for (int i = 0; rc == 0 && i < LIST_KINDS; i++) rc = list_one(l, tl_str_of(kinds[i]));
    return rc;
}

int
fold_customers(struct look *k, struct customers_answer *out, struct tl_err *err)
{
    memset(out, 0, sizeof *out);
    struct list l = { .k = k, .out = out, .err = err };
    uint64_t after = k->ask->after.p ? strtoull(k->ask->after.p, NULL, 10) : 0;
    out->item = tl_arena_alloc(k->arena, (k->ask->limit + LIST_KINDS) * sizeof *out->item);
    if (!out->item) return tl_fail(err, TL_ENOMEM, "out of memory");
    if (!k->store) return 0;
    int rc = tl_store_begin(k->store, &l.t, err);
    if (rc) return rc;
    rc = k->ask->id_value.p ? list_found(&l) : tl_store_customers(l.t, after, k->ask->limit, list_add, &l, err);
    tl_store_end(&l.t);
    return rc;
}

/* ---- one ---- */

static int64_t
time_of(const struct tl_kept *e, uint32_t n, uint64_t position)
{
    for (uint32_t i = 0; i < n; i++)
        if (e[i].position == position) return e[i].at_ms;
    return TL_TIME_NONE;
}

static int
identities_fill(struct look *k, struct tl_store_txn *t, const struct tl_kept *e, uint32_t n, struct customer_answer *out)
{
    const struct tl_customer *c = &out->customer;
    out->identity = tl_arena_alloc(k->arena, (c->identity_n + 1) * sizeof *out->identity);
    if (!out->identity) return TL_ENOMEM;
    for (uint32_t i = 0; i < c->identity_n; i++) {
        struct identity_answer *o = &out->identity[i];
        *o = (struct identity_answer){ .kind = fold_word(k, t, c->identity[i].kind), .events = c->identity[i].events, .first_ms = time_of(e, n, c->identity[i].first_position) };
        memcpy(o->hash, c->identity[i].hash, sizeof o->hash);
        o->shared = tl_store_is_shared(t, o->hash);
    }
    return 0;
}

static const char *
lifecycle_word(uint8_t l)
{
    static const char *const word[] = { NULL, "schedule", "start", "complete", "other", "span" };
    return l < sizeof word / sizeof word[0] ? word[l] : "other";
}

static int
timeline_fill(struct look *k, struct tl_store_txn *t, struct journey_breaks_teller *b, const struct tl_journey *j, struct timeline *o, struct tl_err *err)
{
    o->type = fold_word(k, t, j->type);
    int type = tl_catalogue_type(k->catalogue, o->type);
    o->start_ms = j->start_ms;
    o->last_ms = j->last_ms;
    o->end = tl_journey_end(j, type < 0 ? TL_GAP_DEFAULT_MS : k->catalogue->type[type].gap_ms, k->as_of_ms);
    o->step_n = j->steps_n;
    o->cut_n = j->cut_n;
    o->breaks = tl_arena_alloc(k->arena, sizeof *o->breaks);
    o->waits = tl_arena_alloc(k->arena, sizeof *o->waits);
    o->step = tl_arena_alloc(k->arena, (j->steps_n + 1) * sizeof *o->step);
    if (!o->step || !o->breaks || !o->waits) return TL_ENOMEM;
    for (uint32_t i = 0; i < j->steps_n; i++) {
        const struct tl_step *s = &j->step[i];
        struct step_answer *a = &o->step[i];
        *a = (struct step_answer){ .touchpoint = fold_word(k, t, s->touchpoint), .lifecycle = lifecycle_word(s->lifecycle), .start_ms = s->start_ms, .end_ms = s->end_ms,
                                   .wait_ms = i ? step_wait_ms(s - 1, s) : -1 };
        if (s->channel) a->channel = fold_word(k, t, s->channel);
        a->title = fold_title(k, a->touchpoint);
    }
    int rc = journey_waits_tell(k, t, journey_breaks_findings(b), j, o->waits, err);
    return rc ? rc : journey_breaks_tell(b, j, type, o->end, o->breaks, err);
}

int
fold_timeline(struct look *k, struct tl_store_txn *t, struct journey_breaks_teller *b, const struct tl_journey *j, struct timeline *o, struct tl_err *err)
{
    return timeline_fill(k, t, b, j, o, err);
}

static int
by_start(const void *x, const void *y)
{
    const struct timeline *a = x, *b = y;
    if (a->start_ms != b->start_ms) return a->start_ms < b->start_ms ? -1 : 1;
    return tl_str_cmp(a->type, b->type);
}

static int
journeys_fill(struct look *k, struct tl_store_txn *t, const struct tl_kept *e, uint32_t n, struct customer_answer *out, struct tl_err *err)
{
    const struct tl_customer *c = &out->customer;
    struct tl_step *steps = tl_realloc(NULL, TL_JOURNEY_STEPS_MAX * sizeof *steps);
    out->journey = tl_arena_alloc(k->arena, (c->journey_n + 1) * sizeof *out->journey);
    struct journey_breaks_teller *b = NULL;

    int rc = steps && out->journey ? 0 : TL_ENOMEM;
    if (rc == 0) rc = journey_breaks_begin(k, t, e, n, &b, err);
    for (uint32_t i = 0; rc == 0 && i < c->journey_n; i++) {
        struct tl_journey j;
        rc = tl_store_journey(t, (struct tl_str){ (const char *)c->journey[i].key, sizeof c->journey[i].key }, steps, &j, err);
        if (rc == TL_ENOTFOUND) rc = 0;
        else if (rc == 0) rc = timeline_fill(k, t, b, &j, &out->journey[out->journey_n++], err);
    }
    if (rc == 0) qsort(out->journey, out->journey_n, sizeof *out->journey, by_start);
    tl_free(steps);
    return rc;
}

static int
events_fill(struct look *k, struct tl_store_txn *t, const struct tl_kept *e, uint64_t end, struct person_told *const *told, uint32_t told_n, struct customer_answer *out)
{
    uint64_t first = end;
    out->event = tl_arena_alloc(k->arena, (k->ask->limit + 1) * sizeof *out->event);
    if (!out->event) return TL_ENOMEM;
    for (; end > 0 && out->event_n < k->ask->limit; end--) {
        const struct tl_kept *x = &e[end - 1];
        struct event_answer *o = &out->event[out->event_n++];
        *o = (struct event_answer){ .position = x->position, .time_ms = x->at_ms, .received_ms = x->received_ms, .type = fold_word(k, t, x->type),
                                    .touchpoint = fold_word(k, t, x->touchpoint), .origin = fold_word(k, t, x->origin), .stream = x->stream };
        if (x->channel) o->channel = fold_word(k, t, x->channel);
        o->told = first - end < told_n ? told[told_n - 1 - (first - end)] : NULL;
        o->title = fold_title(k, o->touchpoint);
    }
    out->next = end;
    return 0;
}

/* told_fill - what the log says of the newest events before `end`, at most PERSON_EVENTS_MAX, and on the first page who they are */
static int
told_fill(struct look *k, struct tl_store_txn *t, const struct tl_kept *e, uint32_t n, struct customer_answer *out, struct tl_err *err)
{
    uint64_t end = k->ask->cursor.p ? strtoull(k->ask->cursor.p, NULL, 10) : n;      /* the newest first; a cursor counts from the oldest, so it stays right */
    if (end > n) end = n;
    uint32_t told_n = end < PERSON_EVENTS_MAX ? (uint32_t)end : PERSON_EVENTS_MAX;
    if (k->ask->cursor.p && told_n > k->ask->limit) told_n = k->ask->limit;
    struct person_told **told = tl_arena_alloc(k->arena, (told_n + 1) * sizeof *told);
    if (!told) return TL_ENOMEM;
    int rc = fold_told(k, t, e + (end - told_n), told_n, told);
    if (rc == 0 && !k->ask->cursor.p) {
        out->person = tl_arena_alloc(k->arena, sizeof *out->person);
        rc = out->person ? fold_person(k, t, &out->customer, e, n, told, told_n, out->person, err) : TL_ENOMEM;
    }
    return rc ? rc : events_fill(k, t, e, end, told, told_n, out);
}

static int
number_of(struct look *k, struct tl_store_txn *t, uint64_t *number, struct tl_err *err)
{
    int rc = tl_store_customer_by_hash(t, k->ask->customer, number, err);
    return rc == TL_ENOTFOUND ? tl_fail(err, rc, "no customer has this identity") : rc;
}

int
fold_customer(struct look *k, struct customer_answer *out, struct tl_err *err)
{
    struct tl_store_txn *t = NULL;
    struct tl_kept *e = NULL;
    uint32_t n = 0;
    uint64_t number = 0;
    memset(out, 0, sizeof *out);
    if (!k->store) return tl_fail(err, TL_ENOTFOUND, "there is no customer yet");
    int rc = tl_store_begin(k->store, &t, err);
    if (rc) return rc;
    if ((rc = number_of(k, t, &number, err))) goto done;
    if ((rc = tl_store_customer(t, number, k->arena, &out->customer, err))) goto done;
    if ((rc = tl_store_events(t, number, &e, &n, err))) goto done;
    rc = identities_fill(k, t, e, n, out);
    if (rc == 0) rc = fold_identity(k, t, &out->customer, &out->links, err);
    if (rc == 0 && !k->ask->cursor.p) rc = journeys_fill(k, t, e, n, out, err);     /* further pages bring events only */
    if (rc == 0) rc = told_fill(k, t, e, n, out, err);
    out->live = k->as_of_ms == k->now_ms;
    if (rc == TL_ENOMEM) tl_fail(err, rc, "this customer needs more than %u MB to show: lower limit=", FOLD_ARENA_BYTES >> 20);
done:
    tl_free(e);
    tl_store_end(&t);
    return rc;
}

int
fold_raw(struct look *k, struct tl_buf *hold, struct tl_str *raw, struct tl_err *err)
{
    struct tl_store_txn *t = NULL;
    struct tl_kept *e = NULL;
    struct tl_event ev;
    uint32_t n = 0;
    uint64_t number = 0;
    struct tl_eventlog *log = fold_log(k->fold);
    if (!k->store || !log) return tl_fail(err, TL_ENOTFOUND, "there is no event yet");
    int rc = tl_store_begin(k->store, &t, err);
    if (rc) return rc;
    rc = number_of(k, t, &number, err);
    if (rc == 0) rc = tl_store_events(t, number, &e, &n, err);
    tl_store_end(&t);
    bool theirs = false;
    for (uint32_t i = 0; i < n; i++) theirs |= e[i].position == k->ask->raw_position;
    tl_free(e);
    if (rc) return rc;
    if (!theirs) return tl_fail(err, TL_ENOTFOUND, "parameter raw: %llu is no event of this customer", (unsigned long long)k->ask->raw_position);
    if ((rc = tl_eventlog_event(log, k->ask->raw_position, hold, &ev, err))) return rc;
    *raw = ev.raw;
    return 0;
}
