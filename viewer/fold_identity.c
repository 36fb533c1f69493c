/* fold_identity.c - see answer_identity.h. */
#include "answer_identity.h"

#include <stdlib.h>

#include "tl_json.h"

/* ---- one record of the log ---- */

struct record { struct tl_arena *a; struct tl_str actor, reason, body; int64_t at_ms; bool found; };

static struct tl_str
copy(struct tl_arena *a, struct tl_str s)
{
    char *p = s.p ? tl_arena_dup(a, s.p, s.n) : NULL;
    return (struct tl_str){ p, p ? s.n : 0 };
}

static int
take_record(void *arg, const struct tl_logged *rec)
{
    struct record *r = arg;
    struct tl_jv *root = NULL;
    if (!rec->control) return 1;
    r->found = true;
    r->at_ms = rec->time_ms;
    r->actor = copy(r->a, rec->actor);
    r->body = copy(r->a, rec->body);
    if (r->body.p && tl_json_tree(r->a, r->body, 0, &root, NULL, NULL) == 0) r->reason = tl_jv_text(root, "reason");
    return 1;
}

static struct record
record_at(struct look *k, uint64_t position)
{
    struct record r = { .a = k->arena, .at_ms = TL_TIME_NONE };
    struct tl_eventlog *log = fold_log(k->fold);
    if (log) tl_eventlog_read(log, position, take_record, &r, NULL);
    return r;
}

/* ---- links ---- */

/* kind_of - the kind of an identity of this customer */
static uint32_t
kind_of(const struct tl_customer *c, const uint8_t hash[16])
{
    for (uint32_t i = 0; i < c->identity_n; i++)
        if (memcmp(c->identity[i].hash, hash, 16) == 0) return c->identity[i].kind;
    return 0;
}

static struct identity_end
end_of(struct look *k, struct tl_store_txn *t, const struct tl_customer *c, const uint8_t hash[16])
{
    struct identity_end e = { fold_word(k, t, kind_of(c, hash)), { 0 } };
    memcpy(e.hash, hash, 16);
    return e;
}

void
fold_identity_prove(struct look *k, struct identity_link *o)
{
    struct tl_event ev;
    struct tl_buf hold = { NULL, 0, 0, false };
    struct tl_eventlog *log = fold_log(k->fold);
    o->at_ms = TL_TIME_NONE;
    if (log && tl_eventlog_event(log, o->position, &hold, &ev, NULL) == 0) {
        o->at_ms = ev.has & TL_HAS(time) ? ev.time_ : ev.has & TL_HAS(received_at) ? ev.received_at_ : TL_TIME_NONE;
        if (ev.has & TL_HAS(type)) o->type = copy(k->arena, ev.type_);
        if (ev.has & TL_HAS(origin)) o->origin = copy(k->arena, ev.origin_);
        if (ev.has & TL_HAS(channel)) o->channel = copy(k->arena, ev.channel_);
        if (ev.has & TL_HAS(place)) o->place = copy(k->arena, ev.place_);
    } else {
        o->at_ms = record_at(k, o->position).at_ms;
    }
    tl_buf_free(&hold);
}

static int
links_fill(struct look *k, struct tl_store_txn *t, const struct tl_customer *c, struct identity_answer_all *out)
{
    uint32_t most = c->link_n < IDENTITY_LINKS_MAX ? c->link_n : IDENTITY_LINKS_MAX;
    out->link = tl_arena_alloc(k->arena, (most + 1) * sizeof *out->link);
    if (!out->link) return TL_ENOMEM;
    for (uint32_t i = 0; i < c->link_n; i++) {
        const struct tl_store_link *l = &c->link[i];
        if (l->cut) continue;
        if (out->link_n == most) {
            out->link_cut++;
            continue;
        }
        struct identity_link *o = &out->link[out->link_n++];
        *o = (struct identity_link){ .a = end_of(k, t, c, l->a), .b = end_of(k, t, c, l->b), .manual = l->manual, .told_n = l->told_n, .position = l->first_position };
        fold_identity_prove(k, o);
    }
    return 0;
}

/* ---- what people said ---- */

struct telling { struct look *k; struct tl_store_txn *t; const struct tl_customer *c; struct identity_answer_all *out; const uint8_t *of; uint32_t cap; };

static int
take_said(void *arg, const struct tl_store_said *s)
{
    struct telling *x = arg;
    struct identity_answer_all *out = x->out;
    if (s->tie == TL_TIE_SHARED) return 0;
    bool inside = kind_of(x->c, s->other) != 0;
    if (inside && memcmp(x->of, s->other, 16) > 0) return 0;     /* told from the other end */
    if (out->said_n == x->cap) {
        struct identity_said *more = tl_arena_alloc(x->k->arena, (x->cap * 2 + 16) * sizeof *more);
        if (!more) return TL_ENOMEM;
        if (out->said_n) memcpy(more, out->said, out->said_n * sizeof *more);
        out->said = more;
        x->cap = x->cap * 2 + 16;
    }
    struct identity_said *o = &out->said[out->said_n++];
    *o = (struct identity_said){ .link = s->tie == TL_TIE_LINK, .holds = s->holds, .apart = !inside, .position = s->position };
    memcpy(o->a.hash, x->of, 16);
    memcpy(o->b.hash, s->other, 16);
    out->said_cut += s->earlier;
    return 0;
}

static int
latest_first(const void *x, const void *y)
{
    const struct identity_said *a = x, *b = y;
    return a->position == b->position ? 0 : a->position > b->position ? -1 : 1;
}

/* name_other - the other end belongs to another customer, by now */
static void
name_other(struct look *k, struct tl_store_txn *t, struct identity_said *o)
{
    struct tl_customer c;
    uint64_t number = 0;
    o->apart = false;
    if (tl_store_customer_by_hash(t, o->b.hash, &number, NULL) || tl_store_customer(t, number, k->arena, &c, NULL)) return;
    o->apart = true;
    o->b.kind = fold_word(k, t, kind_of(&c, o->b.hash));
    memcpy(o->other, c.hash, 16);
}

static int
said_fill(struct look *k, struct tl_store_txn *t, const struct tl_customer *c, struct identity_answer_all *out, struct tl_err *err)
{
    struct telling x = { k, t, c, out, NULL, 0 };
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < c->identity_n; i++) {
        x.of = c->identity[i].hash;
        rc = tl_store_said(t, x.of, take_said, &x, err);
    }
    if (rc) return rc;
    if (out->said_n > 1) qsort(out->said, out->said_n, sizeof *out->said, latest_first);
    if (out->said_n > IDENTITY_SAID_MAX) {
        out->said_cut += out->said_n - IDENTITY_SAID_MAX;
        out->said_n = IDENTITY_SAID_MAX;
    }
    for (uint32_t i = 0; i < out->said_n; i++) {
        struct identity_said *o = &out->said[i];
        struct record r = record_at(k, o->position);
        o->at_ms = r.at_ms;
        o->actor = r.actor;
        o->reason = r.reason;
        o->a.kind = fold_word(k, t, kind_of(c, o->a.hash));
        if (o->apart) name_other(k, t, o);
        else o->b.kind = fold_word(k, t, kind_of(c, o->b.hash));
    }
    return 0;
}

int
fold_identity(struct look *k, struct tl_store_txn *t, const struct tl_customer *c, struct identity_answer_all *out, struct tl_err *err)
{
    memset(out, 0, sizeof *out);
    int rc = links_fill(k, t, c, out);
    return rc ? rc : said_fill(k, t, c, out, err);
}
