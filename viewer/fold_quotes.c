/* fold_quotes.c - what customers wrote, from the newest journeys asked about: see answer_lanes.h.
 *
 * Rows know that a step was made, not what was written at it: texts stand in the log alone. So the newest journeys are gone through, their events looked up, within fixed
 * caps. Types of event that never bring a text are learnt on the way and no longer looked up. */
#include <stdlib.h>

#include "answer_lanes.h"
#include "quote_mask.h"

#define FRUITLESS_MAX 12            /* a type that brought no text so often is not looked up again */

struct said { int64_t start_ms, last_ms; uint64_t customer; uint32_t tag; };
struct type_seen { uint32_t type, read, texts; };
struct reading {
    struct look *k;
    struct tl_store_txn *t;
    struct tl_eventlog *log;
    struct quotes_answer *out;
    struct said *said;              /* of one day */
    size_t said_n, said_cap;
    struct type_seen type[QUOTE_TYPES_MAX];
    uint32_t type_n, node;
    struct tl_buf hold;
};

static int
collect(void *arg, struct tl_str key, const struct tl_journey *j, enum tl_end end)
{
    struct reading *r = arg;
    (void)key;
    (void)end;
    if (r->said_n == r->said_cap) {
        size_t cap = r->said_cap ? r->said_cap * 2 : 256;
        struct said *p = tl_realloc(r->said, cap * sizeof *p);
        if (!p) return TL_ENOMEM;
        r->said = p;
        r->said_cap = cap;
    }
    r->said[r->said_n++] = (struct said){ j->start_ms, j->last_ms, j->customer, j->tag };
    return 0;
}

static int
newest(const void *x, const void *y)
{
    const struct said *a = x, *b = y;
    if (a->start_ms != b->start_ms) return a->start_ms > b->start_ms ? -1 : 1;
    return (a->tag > b->tag) - (a->tag < b->tag);
}

/* worth - has this type brought a text yet, or not been tried often enough? NULL: not worth it */
static struct type_seen *
worth(struct reading *r, uint32_t type)
{
    uint32_t i = 0;
    while (i < r->type_n && r->type[i].type != type) i++;
    if (i == QUOTE_TYPES_MAX) return NULL;
    if (i == r->type_n) r->type[r->type_n++] = (struct type_seen){ type, 0, 0 };
    return r->type[i].texts || r->type[i].read < FRUITLESS_MAX ? &r->type[i] : NULL;
}

static bool
full(const struct reading *r)
{
    return r->out->item_n >= r->k->ask->limit || r->out->read >= QUOTES_READ_MAX || r->out->journeys >= QUOTES_JOURNEYS_MAX;
}

static bool
known(const struct reading *r, uint64_t position)
{
    for (uint32_t i = 0; i < r->out->item_n; i++)
        if (r->out->item[i].position == position) return true;
    return false;
}

static int
add(struct reading *r, const struct said *s, const struct tl_customer *c, const struct tl_kept *e, struct tl_str text)
{
    struct look *k = r->k;
    struct quote *q = &r->out->item[r->out->item_n];
    char *room = tl_arena_alloc(k->arena, QUOTE_BYTES + 1);
    if (!room) return TL_ENOMEM;
    *q = (struct quote){ .touchpoint = fold_word(k, r->t, e->touchpoint), .type = fold_word(k, r->t, e->type), .at_ms = e->at_ms, .journey_start_ms = s->start_ms,
                         .position = e->position };
    q->text = (struct tl_str){ room, quote_mask(text, room, QUOTE_BYTES, &q->cut) };
    q->title = fold_title(k, q->touchpoint);
    if (e->channel) q->channel = fold_word(k, r->t, e->channel);
    if (e->place) q->place = fold_word(k, r->t, e->place);
    if (e->scores_n) {
        q->score_kind = fold_word(k, r->t, e->score[0].kind);
        q->score_milli = e->score[0].milli;
    }
    memcpy(q->customer, c->hash, sizeof q->customer);
    r->out->item_n += q->text.n > 0;
    return 0;
}

static int
event(struct reading *r, const struct said *s, const struct tl_customer *c, const struct tl_kept *e, struct tl_err *err)
{
    struct tl_event ev;
    struct type_seen *type = NULL;
    if (e->at_ms < s->start_ms || e->at_ms > s->last_ms || e->role == TL_ROLE_SILENT) return 0;
    if (r->k->sieve.stream != ASK_STREAM_ALL && e->stream != r->k->sieve.stream) return 0;
    if (r->k->ask->node.p && e->touchpoint != r->node) return 0;
    if (!(type = worth(r, e->type)) || known(r, e->position)) return 0;
    int rc = tl_eventlog_event(r->log, e->position, &r->hold, &ev, err);
    if (rc == TL_ENOTFOUND) return 0;               /* retired, or erased */
    if (rc) return rc;
    r->out->read++;
    type->read++;
    if (!ev.text_.n) return 0;
    type->texts++;
    return add(r, s, c, e, ev.text_);
}

static int
journey(struct reading *r, const struct said *s, struct tl_err *err)
{
    struct tl_kept *e = NULL;
    struct tl_customer c;
    uint32_t n = 0;
    r->out->journeys++;
    int rc = tl_store_customer(r->t, s->customer, r->k->arena, &c, err);
    if (rc) return rc == TL_ENOTFOUND ? 0 : rc;     /* merged away meanwhile */
    rc = tl_store_events(r->t, s->customer, &e, &n, err);
    for (uint32_t i = n; rc == 0 && i-- > 0 && !full(r);) rc = event(r, s, &c, &e[i], err);
    tl_free(e);
    return rc;
}

static int
day(struct reading *r, int32_t at, struct tl_err *err)
{
    r->said_n = 0;
    int rc = fold_day(r->k, at, collect, r, err);
    if (rc || !r->said_n) return rc;
    qsort(r->said, r->said_n, sizeof *r->said, newest);
    if ((rc = tl_store_begin(r->k->store, &r->t, err))) return rc;
    for (size_t i = 0; rc == 0 && i < r->said_n && !full(r); i++) rc = journey(r, &r->said[i], err);
    tl_store_end(&r->t);
    return rc;
}

static int
by_time(const void *x, const void *y)
{
    const struct quote *a = x, *b = y;
    if (a->at_ms != b->at_ms) return a->at_ms > b->at_ms ? -1 : 1;
    return (a->position > b->position) - (a->position < b->position);
}

int
fold_quotes(struct look *k, struct quotes_answer *out, struct tl_err *err)
{
    struct reading *r = tl_alloc(sizeof *r);
    struct tl_store_day *d = NULL;
    uint32_t n = 0;
    *out = (struct quotes_answer){ .item = tl_arena_alloc(k->arena, (k->ask->limit + 1) * sizeof *out->item) };
    int rc = r && out->item ? fold_days(k, &d, &n, err) : tl_fail(err, TL_ENOMEM, "out of memory");
    if (rc == 0) {
        *r = (struct reading){ .k = k, .out = out, .log = fold_log(k->fold), .node = k->ask->node.p ? fold_number(k, k->ask->node) : 0 };
        for (uint32_t i = n; rc == 0 && r->log && i-- > 0;) {
            if ((out->more = full(r))) break;
            rc = day(r, d[i].day, err);
        }
        out->more |= full(r);
        if (out->item_n > 1) qsort(out->item, out->item_n, sizeof *out->item, by_time);
        tl_buf_free(&r->hold);
        tl_free(r->said);
    }
    tl_free(r);
    return rc;
}
