/* fold_quarantine.c - what was received and could not be taken: first what the door refused (the log's dlq), then what stitching refused, each newest
 * first. An item of stitching has its log position as a negative number, so that one cursor goes through both. */
#include <stdlib.h>

#include "answer.h"

#define HEAD_BYTES 300

struct list {
    struct look *k;
    struct quarantine_answer *out;
    uint64_t below;                 /* positions of stitching's items: only those below */
    struct tl_store_refused *last;  /* a ring: the newest limit + 1 of them */
    uint64_t seen;                  /* below, so far */
};

static struct tl_str
copy(struct look *k, struct tl_str s, size_t max)
{
    size_t n = s.n < max ? s.n : max;
    if (!s.p) return s;
    char *p = tl_arena_dup(k->arena, s.p, n);
    return (struct tl_str){ p, p ? n : 0 };
}

static struct refused_item *
item_new(struct list *l)
{
    return l->out->item_n < l->k->ask->limit ? &l->out->item[l->out->item_n++] : NULL;
}

static int
door_add(void *arg, uint64_t number, const struct tl_refused *r)
{
    struct list *l = arg;
    struct refused_item *o = item_new(l);
    if (!o) {
        l->out->next = l->out->item[l->out->item_n - 1].number;
        return 1;
    }
    *o = (struct refused_item){ .number = (int64_t)number, .offset = r->offset, .bytes = r->bytes_n, .received_ms = r->received_at_ms, .origin = copy(l->k, r->origin, 200),
                                .reason = copy(l->k, r->reason, 100), .field = copy(l->k, r->field, 200), .head = copy(l->k, r->bytes, HEAD_BYTES) };
    return 0;
}

/* ---- stitching's: kept by position, ascending ---- */

static int
stitch_seen(void *arg, const struct tl_store_refused *r)
{
    struct list *l = arg;
    l->out->count++;
    if (r->position < l->below) l->last[l->seen++ % (l->k->ask->limit + 1)] = *r;
    return 0;
}

static void
stitch_add(struct list *l, const struct tl_store_refused *r)
{
    struct tl_buf hold = { NULL, 0, 0, false };
    struct tl_event ev;
    struct refused_item *o = item_new(l);
    *o = (struct refused_item){ .number = -(int64_t)r->position, .received_ms = TL_TIME_NONE, .reason = tl_str_of(tl_reason_word(r->reason)) };
    if (tl_eventlog_event(fold_log(l->k->fold), r->position, &hold, &ev, NULL) == 0) {
        o->received_ms = ev.has & TL_HAS(received_at) ? ev.received_at_ : TL_TIME_NONE;
        o->origin = copy(l->k, ev.origin_, 200);
        o->head = copy(l->k, ev.raw, HEAD_BYTES);
        o->bytes = ev.raw.n;
    }
    tl_buf_free(&hold);
}

static int
stitch_list(struct list *l, struct tl_err *err)
{
    struct tl_store_txn *t = NULL;
    uint32_t ring = l->k->ask->limit + 1;
    l->last = tl_arena_alloc(l->k->arena, ring * sizeof *l->last);
    if (!l->last) return tl_fail(err, TL_ENOMEM, "out of memory");
    int rc = tl_store_begin(l->k->store, &t, err);
    if (rc) return rc;
    rc = tl_store_refused(t, stitch_seen, l, err);
    tl_store_end(&t);
    bool door_goes_on = l->out->next != 0;
    uint64_t n = l->seen < ring ? l->seen : ring;
    for (uint64_t i = 0; rc == 0 && !door_goes_on && i < n; i++) {
        const struct tl_store_refused *r = &l->last[(l->seen - 1 - i) % ring];
        if (l->out->item_n == l->k->ask->limit) {
            l->out->next = l->out->item_n ? l->out->item[l->out->item_n - 1].number : 0;
            break;
        }
        stitch_add(l, r);
    }
    return rc;
}

int
fold_quarantine(struct look *k, struct quarantine_answer *out, struct tl_err *err)
{
    int64_t cursor = k->ask->cursor.p ? strtoll(k->ask->cursor.p, NULL, 10) : 0;
    struct list l = { .k = k, .out = out, .below = cursor < 0 ? (uint64_t)-cursor : UINT64_MAX };
    struct tl_eventlog *log = fold_log(k->fold);
    memset(out, 0, sizeof *out);
    out->item = tl_arena_alloc(k->arena, (k->ask->limit + 1) * sizeof *out->item);
    if (!out->item) return tl_fail(err, TL_ENOMEM, "out of memory");
    if (!log) return 0;
    out->count = tl_eventlog_refused_n(log);
    int rc = cursor >= 0 ? tl_eventlog_refused(log, (uint64_t)cursor, door_add, &l, err) : 0;
    return rc == 0 && k->store ? stitch_list(&l, err) : rc;
}

struct one { struct look *k; struct tl_buf *hold; struct refused_item *out; bool found; };

static int
one_refused(void *arg, uint64_t number, const struct tl_refused *r)
{
    struct one *o = arg;
    if (number != o->k->ask->raw_position) return 1;
    tl_buf_put(o->hold, r->bytes.p, r->bytes.n);
    o->found = true;
    *o->out = (struct refused_item){ .number = (int64_t)number, .offset = r->offset, .bytes = r->bytes_n, .received_ms = r->received_at_ms, .origin = copy(o->k, r->origin, 200),
                                     .reason = copy(o->k, r->reason, 100), .field = copy(o->k, r->field, 200), .head = { (const char *)o->hold->data, o->hold->len } };
    return 1;
}

int
fold_refused(struct look *k, struct tl_buf *hold, struct refused_item *out, struct tl_err *err)
{
    struct one o = { k, hold, out, false };
    struct tl_eventlog *log = fold_log(k->fold);
    int rc = log ? tl_eventlog_refused(log, k->ask->raw_position + 1, one_refused, &o, err) : 0;
    if (rc < 0) return rc;
    if (hold->failed) return tl_fail(err, TL_ENOMEM, "out of memory");
    return o.found ? 0 : tl_fail(err, TL_ENOTFOUND, "the quarantine has no item %llu", (unsigned long long)k->ask->raw_position);
}
