/* fold_recorded.c - see answer_recorded.h. */
#include "answer_recorded.h"

#include <stdio.h>
#include <stdlib.h>

#include "render.h"
#include "tl_json.h"
#include "visit_list.h"

struct recording {
    struct look *k;
    struct tl_store_txn *t;
    struct recorded_answer *out;
    struct visit_list visits;
    uint32_t visit;                     /* the one that is asked for */
    uint64_t customer[RECORDED_PERSONS_MAX];     /* by person */
    uint32_t customer_n;
    uint8_t stream;                     /* of the events */
    struct tl_journey journey;          /* a customer's: the one that was asked for */
    struct tl_kept *found;              /* grows; of all persons */
    uint32_t *person;
    uint32_t n, cap;
    struct tl_step *step;
    struct tl_err *err;
};

/* ---- journeys ---- */

static int
add_journey(struct recording *r, const struct tl_customer *c, uint32_t person, const struct tl_journey *j)
{
    struct recorded_answer *o = r->out;
    if (o->journey_n % 64 == 0) {
        struct recorded_journey *more = tl_arena_alloc(r->k->arena, (o->journey_n + 64) * sizeof *more);
        if (!more) return TL_ENOMEM;
        if (o->journey_n) memcpy(more, o->journey, o->journey_n * sizeof *more);
        o->journey = more;
    }
    struct recorded_journey *x = &o->journey[o->journey_n++];
    *x = (struct recorded_journey){ .person = person, .type = fold_word(r->k, r->t, j->type), .start_ms = j->start_ms, .last_ms = j->last_ms };
    memcpy(x->customer, c->hash, sizeof x->customer);
    return 0;
}

/* journeys_of_visit - of the catalogue's own types: those of `all` may go on into the shopper's next visit */
static int
journeys_of_visit(struct recording *r, uint32_t person)
{
    uint16_t all = (uint16_t)tl_store_word_number(r->t, TL_STR("all"));
    struct tl_customer c;
    int rc = tl_store_customer(r->t, r->customer[person], r->k->arena, &c, r->err);
    for (uint32_t i = 0; rc == 0 && i < c.journey_n; i++) {
        struct tl_journey j;
        struct tl_str key = { (const char *)c.journey[i].key, TL_JOURNEY_KEY_BYTES };
        if (tl_rows_journey_key_read(key, &j) || (r->k->catalogue->type_n > 1) == (j.type == all) ||
            visit_list_of(&r->visits, r->customer[person], j.start_ms) != r->visit) continue;
        rc = tl_store_journey(r->t, key, r->step, &j, r->err);
        if (rc == 0 && j.stream == r->stream && j.steps_n) rc = add_journey(r, &c, person, &j);
        if (rc == TL_ENOTFOUND) rc = 0;
    }
    return rc;
}

/* the journey of a customer that was asked for: by its start, else the latest of its type */
static int
journey_of_customer(struct recording *r)
{
    struct tl_customer c;
    bool found = false;
    int rc = tl_store_customer(r->t, r->customer[0], r->k->arena, &c, r->err);
    for (uint32_t i = 0; rc == 0 && i < c.journey_n; i++) {
        struct tl_journey j;
        struct tl_str key = { (const char *)c.journey[i].key, TL_JOURNEY_KEY_BYTES };
        if (tl_rows_journey_key_read(key, &j) || j.type != r->k->type_word || (r->k->ask->began_ms != TL_TIME_NONE && j.start_ms != r->k->ask->began_ms)) continue;
        rc = tl_store_journey(r->t, key, r->step, &j, r->err);
        if (rc == 0 && (!found || j.start_ms >= r->journey.start_ms)) {
            r->journey = j;
            found = true;
        }
        if (rc == TL_ENOTFOUND) rc = 0;
    }
    if (rc == 0 && !found) return tl_fail(r->err, TL_ENOTFOUND, "this customer has no such journey; /api/customers/ lists theirs with type and start");
    r->stream = r->journey.stream;
    return rc ? rc : add_journey(r, &c, 0, &r->journey);
}

/* ---- which events ---- */

static int
take(struct recording *r, const struct tl_kept *e, uint32_t person)
{
    if (r->n == RECORDED_EVENTS_MAX) {
        r->out->left_out++;
        return 0;
    }
    if (r->n == r->cap) {
        uint32_t cap = r->cap ? r->cap * 2 : 256;
        struct tl_kept *found = tl_arena_alloc(r->k->arena, cap * sizeof *found);
        uint32_t *persons = tl_arena_alloc(r->k->arena, cap * sizeof *persons);
        if (!found || !persons) return TL_ENOMEM;
        if (r->n) memcpy(found, r->found, r->n * sizeof *found);
        if (r->n) memcpy(persons, r->person, r->n * sizeof *persons);
        r->found = found;
        r->person = persons;
        r->cap = cap;
    }
    r->found[r->n] = *e;
    r->person[r->n++] = person;
    return 0;
}

static bool
inside(const struct recording *r, const struct tl_kept *e)
{
    return e->stream == r->stream && e->at_ms >= r->journey.start_ms && e->at_ms <= r->journey.last_ms;
}

static int
by_number(const void *x, const void *y)
{
    uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;
    return (a > b) - (a < b);
}

/* threads_of - orders and cases of the events inside, sorted: what ends a chance of the journey may come after it, and shares one */
static uint64_t *
threads_of(const struct recording *r, const struct tl_kept *e, uint32_t n, size_t *threads_n)
{
    uint64_t *list = tl_alloc((2 * (size_t)n + 1) * sizeof *list);
    size_t k = 0;
    for (uint32_t i = 0; list && i < n; i++) {
        if (!inside(r, &e[i])) continue;
        if (e[i].order_hash) list[k++] = e[i].order_hash;
        if (e[i].case_hash) list[k++] = e[i].case_hash;
    }
    if (k > 1) qsort(list, k, sizeof *list, by_number);
    *threads_n = k;
    return list;
}

static bool
threaded(const struct recording *r, const struct tl_kept *e, const uint64_t *list, size_t n)
{
    if (e->stream != r->stream || !n) return false;
    return (e->order_hash && bsearch(&e->order_hash, list, n, sizeof *list, by_number)) || (e->case_hash && bsearch(&e->case_hash, list, n, sizeof *list, by_number));
}

/* in_visit - in one of its journeys, or nearest to it of the shopper's visits */
static bool
in_visit(const struct recording *r, uint32_t person, const struct tl_kept *e)
{
    if (e->stream != r->stream) return false;
    for (uint32_t i = 0; i < r->out->journey_n; i++)
        if (r->out->journey[i].person == person && e->at_ms >= r->out->journey[i].start_ms && e->at_ms <= r->out->journey[i].last_ms) return true;
    return visit_list_of(&r->visits, r->customer[person], e->at_ms) == r->visit;
}

static int
events_of(struct recording *r, uint32_t person)
{
    struct tl_kept *e = NULL;
    uint32_t n = 0;
    size_t threads_n = 0;
    bool visit = r->out->visit.p != NULL;
    int rc = tl_store_events(r->t, r->customer[person], &e, &n, r->err);
    uint64_t *threads = rc == 0 && !visit ? threads_of(r, e, n, &threads_n) : NULL;
    if (rc == 0 && !visit && !threads) rc = TL_ENOMEM;
    for (uint32_t i = 0; rc == 0 && i < n; i++)
        if (visit ? in_visit(r, person, &e[i]) : inside(r, &e[i]) || threaded(r, &e[i], threads, threads_n)) rc = take(r, &e[i], person);
    tl_free(threads);
    tl_free(e);
    return rc;
}

/* ---- the events as they can be sent again ---- */

/* by_origin - takes the origin out: was the touchpoint found through it? */
static bool
by_origin(const struct recording *r, struct tl_event *ev)
{
    struct tl_props props = { .arena = r->k->arena };
    const struct tl_touchpoint *with = tl_catalogue_match(r->k->catalogue, ev, &props);
    ev->has &= ~TL_HAS(origin);
    return with && with != tl_catalogue_match(r->k->catalogue, ev, &props);
}

static struct tl_str
keep(struct recording *r, struct tl_str s)
{
    char *p = tl_arena_dup(r->k->arena, s.p ? s.p : "", s.n);
    return (struct tl_str){ p, p ? s.n : 0 };
}

/* format_of - of the file that an event came by; NULL: it came otherwise, or by one whose events are as others */
static const char *
format_of(struct tl_str origin)
{
    if (origin.n < 11) return NULL;
    return !memcmp(origin.p, "import:xes:", 11) ? "xes" : !memcmp(origin.p, "import:csv:", 11) ? "csv" : NULL;
}

static int
put_event(struct recording *r, const struct tl_kept *e, uint32_t person, struct tl_buf *hold)
{
    struct tl_event ev;
    struct recorded_event *o = &r->out->event[r->out->event_n];
    char name[16];
    int rc = tl_eventlog_event(fold_log(r->k->fold), e->position, hold, &ev, r->err);
    if (rc == TL_ENOTFOUND) {           /* retention may take the log's beginning first */
        r->out->left_out++;
        return 0;
    }
    if (rc) return rc;
    *o = (struct recorded_event){ .at_ms = e->at_ms, .position = e->position, .person = person };
    if (ev.has & TL_HAS(id)) o->id = keep(r, ev.id_);
    if (ev.has & TL_HAS(origin)) o->origin = keep(r, ev.origin_);
    r->out->format = r->out->event_n && r->out->format != format_of(o->origin) ? NULL : format_of(o->origin);
    if (by_origin(r, &ev)) {
        ev.touchpoint_ = fold_word(r->k, r->t, e->touchpoint);
        ev.has |= TL_HAS(touchpoint);
    }
    snprintf(name, sizeof name, "c%u", person);
    ev.has &= ~(TL_HAS(id) | TL_HAS(sent_at) | TL_HAS(received_at) | TL_HAS(session) | TL_HAS(seq) | TL_HAS(stream));
    if (!(ev.has & TL_HAS(time))) ev.time_offset_min = 0;
    ev.time_ = e->at_ms;
    ev.ids_[0] = (struct tl_id){ TL_STR("user"), tl_str_of(name) };
    ev.ids_n = 1;
    ev.has |= TL_HAS(time) | TL_HAS(ids);
    struct tl_buf b = { NULL, 0, 0, false };
    struct tl_jw w = tl_jw_to(&b);
    tl_event_json(&w, &ev);
    o->json = b.failed ? (struct tl_str){ NULL, 0 } : keep(r, (struct tl_str){ (const char *)b.data, b.len });
    tl_buf_free(&b);
    r->out->event_n++;
    return o->json.p ? 0 : TL_ENOMEM;
}

static int
by_time(const void *x, const void *y, void *arg)
{
    const struct recording *r = arg;
    uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
    if (r->found[a].at_ms != r->found[b].at_ms) return r->found[a].at_ms < r->found[b].at_ms ? -1 : 1;
    return (a > b) - (a < b);           /* each person's are in their order */
}

static int
put_events(struct recording *r)
{
    struct tl_buf hold = { NULL, 0, 0, false };
    uint32_t *at = tl_arena_alloc(r->k->arena, (r->n + 1) * sizeof *at);
    int rc = 0;
    r->out->event = tl_arena_alloc(r->k->arena, (r->n + 1) * sizeof *r->out->event);
    if (!at || !r->out->event) return TL_ENOMEM;
    for (uint32_t i = 0; i < r->n; i++) at[i] = i;
    if (r->n > 1) qsort_r(at, r->n, sizeof *at, by_time, r);
    for (uint32_t i = 0; rc == 0 && i < r->n; i++) rc = put_event(r, &r->found[at[i]], r->person[at[i]], &hold);
    tl_buf_free(&hold);
    return rc;
}

/* ---- ids: unique in the recording, as they were in their origin ---- */

static int
by_id(const void *x, const void *y)
{
    const struct recorded_event *a = *(struct recorded_event *const *)x, *b = *(struct recorded_event *const *)y;
    int d = tl_str_cmp(a->id, b->id);
    return d ? d : tl_str_cmp(a->origin, b->origin);
}

static int
call_them(struct recording *r)
{
    struct recorded_answer *o = r->out;
    struct recorded_event **list = tl_arena_alloc(r->k->arena, (o->event_n + 1) * sizeof(struct recorded_event *));
    if (!list) return TL_ENOMEM;
    for (uint32_t i = 0; i < o->event_n; i++) list[i] = &o->event[i];
    if (o->event_n) qsort(list, o->event_n, sizeof *list, by_id);
    for (uint32_t i = 0; i < o->event_n; i++) {
        struct recorded_event *e = list[i];
        e->called = e->id;
        if (!i || !tl_str_eq(list[i - 1]->id, e->id)) continue;
        char *name = tl_arena_alloc(r->k->arena, e->id.n + e->origin.n + 2);
        if (!name) return TL_ENOMEM;
        e->called = (struct tl_str){ name, (size_t)snprintf(name, e->id.n + e->origin.n + 2, "%.*s@%.*s", (int)e->id.n, e->id.p, (int)e->origin.n, e->origin.p) };
    }
    return 0;
}

/* ---- all of it ---- */

static int
journeys_in_order(const void *x, const void *y)
{
    const struct recorded_journey *a = x, *b = y;
    return a->start_ms != b->start_ms ? (a->start_ms < b->start_ms ? -1 : 1) : tl_str_cmp(a->type, b->type);
}

/* find_visit - before the store is read: looking for orders reads it day by day */
static int
find_visit(struct recording *r)
{
    struct tl_str id = r->out->visit;
    int rc = visit_list_read(r->k, &r->visits, r->err);
    while (rc == 0 && r->visit < r->visits.n && !tl_str_eq(r->visits.item[r->visit].of.id, id)) r->visit++;
    if (rc == 0 && r->visit == r->visits.n) return tl_fail(r->err, TL_ENOTFOUND, "no visit is registered as '%.*s'", (int)(id.n < 60 ? id.n : 60), id.p);
    if (rc) return rc;
    const struct visit_seen *v = &r->visits.item[r->visit];
    for (uint32_t i = 0; i < v->customer_n && i < RECORDED_PERSONS_MAX; i++) r->customer[r->customer_n++] = v->customer[i];
    r->out->persons_left_out = v->customer_n - r->customer_n;
    r->stream = TL_STREAM_MYSTERY;
    return 0;
}

static int
find_journeys(struct recording *r)
{
    int rc = 0;
    if (!r->out->visit.p) {
        rc = tl_store_customer_by_hash(r->t, r->k->ask->customer, &r->customer[0], r->err);
        r->customer_n = 1;
        return rc == TL_ENOTFOUND ? tl_fail(r->err, rc, "no customer has this identity") : rc ? rc : journey_of_customer(r);
    }
    for (uint32_t i = 0; rc == 0 && i < r->customer_n; i++) rc = journeys_of_visit(r, i);
    return rc;
}

int
fold_recorded(struct look *k, struct recorded_answer *out, struct tl_err *err)
{
    struct recording r = { .k = k, .out = out, .err = err };
    *out = (struct recorded_answer){ .visit = k->ask->visit };
    if (!k->store || !fold_log(k->fold)) return tl_fail(err, TL_ENOTFOUND, "nothing was recorded yet");
    r.step = tl_realloc(NULL, TL_JOURNEY_STEPS_MAX * sizeof *r.step);
    int rc = r.step ? 0 : TL_ENOMEM;
    if (rc == 0 && out->visit.p) rc = find_visit(&r);
    if (rc == 0) rc = tl_store_begin(k->store, &r.t, err);
    if (rc == 0) rc = find_journeys(&r);
    for (uint32_t i = 0; rc == 0 && i < r.customer_n; i++) rc = events_of(&r, i);
    if (rc == 0) rc = put_events(&r);
    if (rc == 0) rc = call_them(&r);
    if (rc == 0 && out->journey_n > 1) qsort(out->journey, out->journey_n, sizeof *out->journey, journeys_in_order);
    if (rc == TL_ENOMEM) tl_fail(err, rc, "out of memory");
    out->stream = render_stream(r.stream);
    out->person_n = r.customer_n;
    if (r.t) tl_store_end(&r.t);
    tl_free(r.step);
    return rc;
}
