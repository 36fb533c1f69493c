/* tl_canon.c - see tl_canon.h.
 *
 * The store is walked for the positions it names, the log is read once for what stands there (ids and raw identities), then the store is walked
 * again and the lines are written, sorted and handed out. */
#include "tl_canon.h"

#include <stdlib.h>

#include "tl_canon_in.h"
#include "tl_identity.h"
#include "tl_json.h"
#include "tl_time.h"

#define ARENA_BYTES (16ull << 30)
#define CUSTOMER_BYTES (1ull << 30)
#define CUSTOMERS_AT_ONCE 1024

struct wanted_id { uint64_t position; struct tl_str id; };
struct wanted_who { uint64_t position; uint8_t hash[16]; uint32_t customer; };
struct line { size_t at, n; };
struct canon {
    struct tl_store_txn *t;
    struct tl_eventlog *log;
    const uint8_t *key;
    const struct tl_region *region;
    struct tl_arena *arena, *one;
    uint64_t *customer; uint32_t customer_n, customer_cap;
    struct tl_str *name;                 /* of each customer */
    struct wanted_id *id; uint32_t id_n, id_cap;
    struct wanted_who *who; uint32_t who_n, who_cap;
    uint32_t id_at, who_at;              /* while the log is read */
    struct tl_buf text;
    struct line *line; uint32_t line_n, line_cap;
    struct tl_step *step;
    struct tl_facts *facts;
    char *hold;
    struct tl_err *err;
};

#define ROOM(c, list) room((void **)&(c)->list, (c)->list##_n, &(c)->list##_cap, sizeof *(c)->list, (c)->err)
static int
room(void **list, uint32_t n, uint32_t *cap, size_t item, struct tl_err *err)
{
    if (n < *cap)
        return 0;
    uint32_t more = *cap * 2 + 1024;
    void *p = tl_realloc(*list, more * item);
    if (p == NULL)
        return tl_fail(err, TL_ENOMEM, "out of memory for canonical rows");
    *list = p;
    *cap = more;
    return 0;
}

/* ---- what is wanted of the log ---- */

static int
one_customer(void *arg, uint64_t number)
{
    struct canon *c = arg;
    int rc = ROOM(c, customer);

    if (rc == 0)
        c->customer[c->customer_n++] = number;
    return rc;
}

static int
list_customers(struct canon *c)
{
    uint32_t before = 0;
    int rc = 0;

    do {
        before = c->customer_n;
        rc = tl_store_customers(c->t, before > 0 ? c->customer[before - 1] : 0, CUSTOMERS_AT_ONCE, one_customer, c, c->err);
    } while (rc == 0 && c->customer_n > before);
    return rc;
}

static int
want_position(struct canon *c, uint64_t position)
{
    int rc = ROOM(c, id);

    if (rc == 0)
        c->id[c->id_n++] = (struct wanted_id){ .position = position };
    return rc;
}

static int
want_customer(struct canon *c, uint32_t i)
{
    struct tl_customer cu;
    struct tl_kept *e = NULL;
    uint32_t n = 0;

    tl_arena_reset(c->one);
    int rc = tl_store_customer(c->t, c->customer[i], c->one, &cu, c->err);
    for (uint32_t k = 0; rc == 0 && k < cu.identity_n; k++) {
        rc = ROOM(c, who);
        if (rc != 0)
            break;
        struct wanted_who *w = &c->who[c->who_n++];
        w->position = cu.identity[k].first_position;
        memcpy(w->hash, cu.identity[k].hash, 16);
        w->customer = i;
    }
    if (rc == 0)
        rc = tl_store_events(c->t, c->customer[i], &e, &n, c->err);
    for (uint32_t k = 0; rc == 0 && k < n; k++)
        rc = want_position(c, e[k].position);
    tl_free(e);
    return rc;
}

static int
want_refused(void *arg, const struct tl_store_refused *r)
{
    return want_position(arg, r->position);
}

static int
by_position(const void *pa, const void *pb)
{
    const struct wanted_id *a = pa, *b = pb;
    return a->position < b->position ? -1 : a->position > b->position;
}

static int
by_who(const void *pa, const void *pb)
{
    const struct wanted_who *a = pa, *b = pb;
    return a->position < b->position ? -1 : a->position > b->position;
}

/* ---- the log ---- */

static int
offer_name(struct canon *c, struct tl_str kind, struct tl_str normal, const struct wanted_who *w)
{
    uint8_t hash[16];
    struct tl_str *name = &c->name[w->customer];

    tl_identity_hash(c->key, kind, normal, hash);
    if (memcmp(hash, w->hash, 16) != 0)
        return 0;
    size_t n = kind.n + 1 + normal.n;
    char *p = tl_arena_alloc(c->arena, n + 1);
    if (p == NULL)
        return tl_fail(c->err, TL_ENOMEM, "out of memory for canonical rows");
    memcpy(p, kind.p, kind.n);
    p[kind.n] = ':';
    memcpy(p + kind.n + 1, normal.p, normal.n);
    struct tl_str s = { p, n };
    if (name->p == NULL || tl_str_cmp(s, *name) < 0)
        *name = s;
    return 0;
}

static int
take_event(struct canon *c, const struct tl_event *ev, uint64_t position)
{
    int rc = 0;

    for (; c->id_at < c->id_n && c->id[c->id_at].position <= position; c->id_at++)
        if (c->id[c->id_at].position == position && (ev->has & TL_HAS(id))) {
            char *p = tl_arena_dup(c->arena, ev->id_.p, ev->id_.n);
            if (p == NULL)
                return tl_fail(c->err, TL_ENOMEM, "out of memory for canonical rows");
            c->id[c->id_at].id = (struct tl_str){ p, ev->id_.n };
        }
    while (c->who_at < c->who_n && c->who[c->who_at].position < position)
        c->who_at++;
    if (c->who_at == c->who_n || c->who[c->who_at].position != position)
        return 0;
    struct tl_identity list[TL_EVENT_IDS_MAX];
    uint32_t n = tl_identity_list(ev, c->region, list, c->hold);
    for (; rc == 0 && c->who_at < c->who_n && c->who[c->who_at].position == position; c->who_at++)
        for (uint32_t i = 0; rc == 0 && i < n; i++)
            rc = offer_name(c, list[i].kind, list[i].normal, &c->who[c->who_at]);
    return rc;
}

/* Identities that only a control record has named. */
static int
take_control(struct canon *c, const struct tl_logged *rec)
{
    static const char *const sides[] = { "a", "b" };
    struct tl_jv *root = NULL;
    int rc = 0;

    tl_arena_reset(c->one);
    rc = tl_json_tree(c->one, rec->body, 0, &root, NULL, NULL);
    if (rc != 0)
        return rc == TL_ENOMEM ? tl_fail(c->err, rc, "out of memory for canonical rows") : 0;
    for (uint32_t i = c->who_at; rc == 0 && i < c->who_n && c->who[i].position <= rec->position; i++)
        for (int s = 0; rc == 0 && c->who[i].position == rec->position && s < 2; s++) {
            const struct tl_jv *v = tl_jv_get(root, sides[s]);
            struct tl_str kind = tl_jv_text(v, "kind");
            struct tl_str normal = { c->hold, tl_identity_normal_in(c->region, kind, tl_jv_text(v, "value"), c->hold, TL_IDENTITY_BYTES_MAX) };
            rc = normal.n > 0 ? offer_name(c, kind, normal, &c->who[i]) : 0;
        }
    return rc;
}

static int
take_record(void *arg, const struct tl_logged *rec)
{
    struct canon *c = arg;
    struct tl_cur cur = tl_cur_of(rec->payload.p, rec->payload.n);
    struct tl_event ev;
    uint32_t n = 0;
    int kind = 0, rc = 0;

    if (rec->control)
        return take_control(c, rec);
    if (tl_wire_open(&cur, &kind, &n) != 0)
        return 0;
    for (uint32_t i = 0; rc == 0 && i < n && tl_wire_next_event(&cur, &ev) == 0; i++)
        rc = take_event(c, &ev, rec->position + i);
    return rc;
}

static struct tl_str
id_at(const struct canon *c, uint64_t position)
{
    struct wanted_id want = { .position = position };
    const struct wanted_id *found = c->id_n > 0 ? bsearch(&want, c->id, c->id_n, sizeof want, by_position) : NULL;
    return found != NULL ? found->id : (struct tl_str){0};
}

/* ---- lines ---- */

static int
begin_line(struct canon *c)
{
    int rc = ROOM(c, line);

    if (rc == 0)
        c->line[c->line_n].at = c->text.len;
    return rc;
}

static int
end_line(struct canon *c)
{
    struct line *l = &c->line[c->line_n++];

    l->n = c->text.len - l->at;
    return c->text.failed ? tl_fail(c->err, TL_ENOMEM, "out of memory for canonical rows") : 0;
}

static const char *const streams[] = { "live", "pilot", "test", "replay", "mystery", "5", "6", "7" };
static const char *const lifecycles[] = { "none", "schedule", "start", "complete", "other", "span", "6", "7" };
static const char *const outcomes[] = { "undecided", "good", "bad", "3" };
static const char *const results[] = { "none", "ok", "fail", "abandoned", "timeout", "transferred", "escalated", "7" };
static const char *const roles[] = { "step", "signal", "silent", "3" };

static void
put_word(struct canon *c, struct tl_jw *w, const char *name, uint32_t number)
{
    if (number != 0)
        tl_jw_str(w, name, tl_store_word(c->t, number));
}

static int
event_line(struct canon *c, struct tl_str customer, const struct tl_kept *e)
{
    int rc = begin_line(c);

    if (rc != 0)
        return rc;
    struct tl_jw w = tl_jw_to(&c->text);
    tl_jw_open(&w, NULL);
    tl_jw_cstr(&w, "row", "event");
    tl_jw_str(&w, "customer", customer);
    tl_jw_int(&w, "at", e->at_ms);
    tl_jw_str(&w, "id", id_at(c, e->position));
    put_word(c, &w, "origin", e->origin);
    put_word(c, &w, "type", e->type);
    put_word(c, &w, "touchpoint", e->touchpoint);
    put_word(c, &w, "channel", e->channel);
    put_word(c, &w, "tier", e->tier);
    put_word(c, &w, "place", e->place);
    tl_jw_cstr(&w, "stream", streams[e->stream & 7]);
    tl_jw_cstr(&w, "role", roles[e->role & 3]);
    tl_jw_cstr(&w, "lifecycle", lifecycles[e->lifecycle & 7]);
    tl_jw_cstr(&w, "outcome", results[e->outcome & 7]);
    canon_scores(c->t, &w, e);
    canon_asked(&w, e);
    tl_jw_close(&w);
    return end_line(c);
}

static void
put_step(struct canon *c, struct tl_jw *w, const struct tl_step *s)
{
    tl_jw_open(w, NULL);
    put_word(c, w, "touchpoint", s->touchpoint);
    put_word(c, w, "channel", s->channel);
    tl_jw_cstr(w, "lifecycle", lifecycles[s->lifecycle & 7]);
    tl_jw_int(w, "start", s->start_ms);
    tl_jw_int(w, "end", s->end_ms);
    if (s->wait_ms >= 0)
        tl_jw_int(w, "wait", s->wait_ms);
    if (s->flags != 0)
        tl_jw_uint(w, "flags", s->flags);
    tl_jw_close(w);
}

static int
by_attr_word(const void *pa, const void *pb, void *arg)
{
    const struct tl_attr *a = pa, *b = pb;
    return tl_str_cmp(tl_store_word(arg, a->key), tl_store_word(arg, b->key));
}

static int
journey_line(struct canon *c, struct tl_str customer, struct tl_journey *j)
{
    char day[16];
    int rc = tl_facts_get(j, c->facts);

    if (rc != 0)
        return tl_fail(c->err, rc, "a journey row cannot be read: run touchline rebuild");
    if ((rc = begin_line(c)) != 0)
        return rc;
    struct tl_jw w = tl_jw_to(&c->text);
    tl_jw_open(&w, NULL);
    tl_jw_cstr(&w, "row", "journey");
    tl_jw_str(&w, "journey", tl_store_word(c->t, j->type));
    tl_jw_cstr(&w, "day", tl_day_format(j->day, day));
    tl_jw_str(&w, "customer", customer);
    tl_jw_int(&w, "start", j->start_ms);
    tl_jw_int(&w, "last", j->last_ms);
    tl_jw_cstr(&w, "outcome", outcomes[j->outcome & 3]);
    tl_jw_cstr(&w, "stream", streams[j->stream & 7]);
    if (j->cut)
        tl_jw_uint(&w, "cut", j->cut_n);
    qsort_r(j->attr, j->attrs_n, sizeof *j->attr, by_attr_word, c->t);
    tl_jw_open(&w, "attributes");
    for (uint32_t i = 0; i < j->attrs_n; i++) {
        tl_jw_name(&w, tl_store_word(c->t, j->attr[i].key));
        tl_jw_str(&w, NULL, tl_store_word(c->t, j->attr[i].value));
    }
    tl_jw_close(&w);
    tl_jw_array(&w, "steps");
    for (uint32_t i = 0; i < j->steps_n; i++)
        put_step(c, &w, &j->step[i]);
    tl_jw_end(&w);
    canon_facts(c->t, &w, c->facts);
    tl_jw_close(&w);
    return end_line(c);
}

static int
outcome_line(struct canon *c, struct tl_str customer, const struct tl_customer *cu)
{
    int rc = cu->outcome_n > 0 ? begin_line(c) : 0;

    if (rc != 0 || cu->outcome_n == 0)
        return rc;
    struct tl_jw w = tl_jw_to(&c->text);
    tl_jw_open(&w, NULL);
    tl_jw_cstr(&w, "row", "outcomes");
    tl_jw_str(&w, "customer", customer);
    canon_outcomes(c->t, &w, cu->outcome, cu->outcome_n);
    tl_jw_close(&w);
    return end_line(c);
}

static int
customer_lines(struct canon *c, uint32_t i)
{
    struct tl_customer cu;
    struct tl_kept *e = NULL;
    uint32_t n = 0;

    tl_arena_reset(c->one);
    int rc = tl_store_customer(c->t, c->customer[i], c->one, &cu, c->err);
    if (rc == 0)
        rc = tl_store_events(c->t, c->customer[i], &e, &n, c->err);
    for (uint32_t k = 0; rc == 0 && k < n; k++)
        rc = event_line(c, c->name[i], &e[k]);
    for (uint32_t k = 0; rc == 0 && k < cu.journey_n; k++) {
        struct tl_journey j;
        rc = tl_store_journey(c->t, (struct tl_str){ (const char *)cu.journey[k].key, TL_JOURNEY_KEY_BYTES }, c->step, &j, c->err);
        if (rc == 0)
            rc = journey_line(c, c->name[i], &j);
    }
    tl_free(e);
    return rc != 0 ? rc : outcome_line(c, c->name[i], &cu);
}

static int
refused_line(void *arg, const struct tl_store_refused *r)
{
    struct canon *c = arg;
    int rc = begin_line(c);

    if (rc != 0)
        return rc;
    struct tl_jw w = tl_jw_to(&c->text);
    tl_jw_open(&w, NULL);
    tl_jw_cstr(&w, "row", "refused");
    tl_jw_cstr(&w, "reason", tl_reason_word(r->reason));
    tl_jw_str(&w, "id", id_at(c, r->position));
    tl_jw_close(&w);
    return end_line(c);
}

static int
watermark_line(void *arg, const struct tl_watermark *m)
{
    struct canon *c = arg;
    int rc = begin_line(c);

    if (rc != 0)
        return rc;
    struct tl_jw w = tl_jw_to(&c->text);
    tl_jw_open(&w, NULL);
    tl_jw_cstr(&w, "row", "watermark");
    tl_jw_str(&w, "source", m->name);
    tl_jw_int(&w, "until", m->until_ms);
    tl_jw_close(&w);
    return end_line(c);
}

static int
by_text(const void *pa, const void *pb, void *arg)
{
    const struct line *a = pa, *b = pb;
    const char *text = arg;
    return tl_str_cmp((struct tl_str){ text + a->at, a->n }, (struct tl_str){ text + b->at, b->n });
}

static int
hand_out(struct canon *c, int (*line)(void *arg, struct tl_str text), void *arg)
{
    int rc = 0;

    if (c->line_n > 1)
        qsort_r(c->line, c->line_n, sizeof *c->line, by_text, c->text.data);
    for (uint32_t i = 0; rc == 0 && i < c->line_n; i++)
        rc = line(arg, (struct tl_str){ (char *)c->text.data + c->line[i].at, c->line[i].n });
    return rc;
}

static int
ask_log(struct canon *c)
{
    int rc = list_customers(c);

    c->name = tl_alloc((c->customer_n + 1) * sizeof *c->name);
    if (rc == 0 && c->name == NULL)
        return tl_fail(c->err, TL_ENOMEM, "out of memory for canonical rows");
    for (uint32_t i = 0; rc == 0 && i < c->customer_n; i++)
        rc = want_customer(c, i);
    if (rc == 0)
        rc = tl_store_refused(c->t, want_refused, c, c->err);
    if (rc != 0)
        return rc;
    if (c->id_n > 1)
        qsort(c->id, c->id_n, sizeof *c->id, by_position);
    if (c->who_n > 1)
        qsort(c->who, c->who_n, sizeof *c->who, by_who);
    return tl_eventlog_read(c->log, 1, take_record, c, c->err);
}

int
tl_canon_rows(struct tl_store_txn *t, struct tl_eventlog *log, const uint8_t key[TL_KEY_BYTES], int (*line)(void *arg, struct tl_str text), void *arg,
              struct tl_err *err)
{
    struct canon c = { .t = t, .log = log, .key = key, .err = err };
    int rc = 0;

    c.arena = tl_arena_new(ARENA_BYTES);
    c.one = tl_arena_new(CUSTOMER_BYTES);
    c.step = tl_alloc(TL_JOURNEY_STEPS_MAX * sizeof *c.step);
    c.facts = tl_alloc(sizeof *c.facts);
    c.hold = tl_alloc((size_t)TL_EVENT_IDS_MAX * TL_IDENTITY_BYTES_MAX);
    if (c.arena == NULL || c.one == NULL || c.step == NULL || c.facts == NULL || c.hold == NULL)
        rc = tl_fail(err, TL_ENOMEM, "out of memory for canonical rows");
    struct tl_store_meta meta = { .region = "" };
    if (rc == 0)
        rc = tl_store_meta(t, &meta, err);
    c.region = tl_region_of(meta.region);
    if (rc == 0)
        rc = ask_log(&c);
    for (uint32_t i = 0; rc == 0 && i < c.customer_n; i++)
        rc = customer_lines(&c, i);
    if (rc == 0)
        rc = tl_store_refused(t, refused_line, &c, err);
    if (rc == 0)
        rc = tl_store_watermarks(t, watermark_line, &c, err);
    if (rc == 0)
        rc = tl_store_trouble(t, err);
    if (rc == 0)
        rc = hand_out(&c, line, arg);
    tl_arena_free(&c.arena);
    tl_arena_free(&c.one);
    tl_free(c.step);
    tl_free(c.facts);
    tl_free(c.hold);
    tl_free(c.customer);
    tl_free(c.name);
    tl_free(c.id);
    tl_free(c.who);
    tl_free(c.line);
    tl_buf_free(&c.text);
    return rc;
}
