/* commit.c - see commit.h. Two rounds: one fills while the other is written.
 *
 * A round is a list of records, each of one kind (events, or quarantined items). A body's items go into the open record of their kind, and on into a
 * new one when it is full: so a ticket knows the last record it needs. When the disk fills up in the middle of a round, tickets whose records were all
 * written before are still good. */
#include "commit.h"

#include <pthread.h>

#include "tl_wire.h"

#define RECORDS_KEPT 4                      /* buffers that a round keeps for the next one */
#define NO_RECORD SIZE_MAX

struct record {
    struct tl_buf bytes;
    uint32_t n;
    uint64_t seq;
};

struct round {
    struct record *record;
    size_t records_n, cap;
    size_t open[2];                         /* the record that fills, of events and of quarantined items */
    struct ticket *first, **last;
};

struct commit {
    struct commit_cfg cfg;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t more;
    struct round round[2];
    struct round *filling;
    bool stopping, broken;
    int last_error;
    int64_t last_us;                        /* when the last round ended */
    struct ticket *waiting;                 /* for the log */
    uint64_t hwm;
};

struct ticket *
ticket_new(void *request, const void *source, struct body *b)
{
    struct ticket *t = tl_alloc(sizeof *t);
    if (!t) return NULL;
    t->request = request;
    t->source = source;
    t->accepted_n = b->events_n;
    t->refused_n = b->refused_n;
    t->list = b->list;
    b->list = (struct tl_buf){ 0 };
    return t;
}

void
ticket_free(struct ticket **tp)
{
    if (!*tp) return;
    tl_buf_free(&(*tp)->list);
    tl_free(*tp);
    *tp = NULL;
}

/* ---- filling a round ---- */
static void
round_reset(struct round *r)
{
    for (size_t i = 0; i < r->records_n; i++) {
        if (i >= RECORDS_KEPT || r->record[i].bytes.cap > 2 * COMMIT_RECORD_BYTES) tl_buf_free(&r->record[i].bytes);
        r->record[i].n = 0;
    }
    r->records_n = 0;
    r->open[0] = r->open[1] = NO_RECORD;
    r->first = NULL;
    r->last = &r->first;
}

static void
round_free(struct round *r)
{
    for (size_t i = 0; i < r->cap; i++)
        tl_buf_free(&r->record[i].bytes);
    tl_free(r->record);
}

static struct record *
record_open(struct round *r, int kind)
{
    if (r->records_n == r->cap) {
        size_t cap = r->cap ? 2 * r->cap : RECORDS_KEPT;
        struct record *p = tl_realloc(r->record, cap * sizeof *p);
        if (!p) return NULL;
        memset(p + r->cap, 0, (cap - r->cap) * sizeof *p);
        r->record = p;
        r->cap = cap;
    }
    struct record *rec = &r->record[r->records_n];
    tl_wire_begin(&rec->bytes, kind);
    if (!tl_buf_reserve(&rec->bytes, COMMIT_RECORD_BYTES)) return NULL;
    rec->n = 0;
    r->open[kind == TL_KIND_QUARANTINE] = r->records_n++;
    return rec;
}

static struct record *
record_with_room(struct round *r, int kind, size_t bytes)
{
    size_t open = r->open[kind == TL_KIND_QUARANTINE];
    if (open != NO_RECORD && r->record[open].bytes.len + bytes <= COMMIT_RECORD_BYTES) return &r->record[open];
    return record_open(r, kind);
}

/* The bytes of the first item: its varint length, and what follows. */
static struct tl_str
first_item(struct tl_str items)
{
    struct tl_cur c = tl_cur_of(items.p, items.n);
    tl_cur_text(&c);
    tl_assert(!c.bad);
    return (struct tl_str){ items.p, items.n - tl_cur_left(&c) };
}

static bool
put_items(struct round *r, int kind, struct tl_str items, uint32_t n)
{
    if (n == 0) return true;
    bool together = items.n <= COMMIT_RECORD_BYTES / 2;     /* a small body is not torn: then the record before it may stay a little emptier */
    while (items.n > 0) {
        struct tl_str part = together ? items : first_item(items);
        struct record *rec = record_with_room(r, kind, part.n);
        if (rec) tl_buf_put(&rec->bytes, part.p, part.n);
        if (!rec || rec->bytes.failed) return false;
        rec->n += together ? n : 1;
        items.p += part.n;
        items.n -= part.n;
    }
    return true;
}

/* What put_items changes, to be put back when it fails half-way. */
struct mark {
    size_t records_n, open[2], len[2];
    uint32_t n[2];
};

static struct mark
mark_of(const struct round *r)
{
    struct mark m = { .records_n = r->records_n, .open = { r->open[0], r->open[1] } };
    for (int k = 0; k < 2; k++) {
        if (r->open[k] == NO_RECORD) continue;
        m.len[k] = r->record[r->open[k]].bytes.len;
        m.n[k] = r->record[r->open[k]].n;
    }
    return m;
}

static void
back_to(struct round *r, const struct mark *m)
{
    r->records_n = m->records_n;
    for (int k = 0; k < 2; k++) {
        r->open[k] = m->open[k];
        if (m->open[k] == NO_RECORD) continue;
        r->record[m->open[k]].bytes.len = m->len[k];
        r->record[m->open[k]].bytes.failed = false;
        r->record[m->open[k]].n = m->n[k];
    }
}

static bool
put_body(struct round *r, const struct body *b, struct ticket *t)
{
    struct mark m = mark_of(r);
    if (!put_items(r, TL_KIND_EVENTS, (struct tl_str){ (char *)b->events.data, b->events.len }, b->events_n)
        || !put_items(r, TL_KIND_QUARANTINE, (struct tl_str){ (char *)b->refused.data, b->refused.len }, b->refused_n)) {
        back_to(r, &m);
        return false;
    }
    t->last_record = 0;
    if (b->events_n > 0) t->last_record = r->open[0];
    if (b->refused_n > 0 && r->open[1] > t->last_record) t->last_record = r->open[1];
    return true;
}

int
commit_add(struct commit *c, const struct body *b, struct ticket *t, struct tl_err *err)
{
    int rc = 0;
    tl_assert(b->events_n + b->refused_n > 0);
    pthread_mutex_lock(&c->lock);
    struct round *r = c->filling;
    if (c->stopping || c->broken) {
        rc = tl_fail(err, TL_EBUSY, "the collector is stopping; send it again");
    } else if (!put_body(r, b, t)) {
        rc = tl_fail(err, TL_ENOMEM, "out of memory for what waits to be written; send it again");
    } else {
        if (!r->first) pthread_cond_signal(&c->more);
        t->next = NULL;
        *r->last = t;
        r->last = &t->next;
    }
    pthread_mutex_unlock(&c->lock);
    return rc;
}

/* ---- writing a round ---- */

/* Appends until the first failure; how many records were appended. */
static size_t
append_all(struct commit *c, struct round *r, struct tl_err *err)
{
    for (size_t i = 0; i < r->records_n; i++) {
        struct record *rec = &r->record[i];
        tl_wire_end(&rec->bytes, rec->n);
        if (c->cfg.append(c->cfg.arg, (struct tl_str){ (char *)rec->bytes.data, rec->bytes.len }, &rec->seq, err) != 0) return i;
    }
    return r->records_n;
}

static void
wait_for_log(struct commit *c, struct ticket *t)
{
    pthread_mutex_lock(&c->lock);
    bool there = t->seq <= c->hwm || c->stopping;
    if (!there) {
        t->give_up_us = c->cfg.mono_us(c->cfg.arg) + c->cfg.logged_wait_us;
        t->next = c->waiting;
        c->waiting = t;
    }
    pthread_mutex_unlock(&c->lock);
    if (there) c->cfg.answer(c->cfg.arg, t, NULL);
}

static void
answer_round(struct commit *c, struct round *r, size_t written_n, const struct tl_err *err)
{
    for (struct ticket *t = r->first, *next; t; t = next) {
        next = t->next;
        if (t->last_record >= written_n) {
            c->cfg.answer(c->cfg.arg, t, err);
            continue;
        }
        t->seq = r->record[t->last_record].seq;
        if (t->until_logged) wait_for_log(c, t);
        else c->cfg.answer(c->cfg.arg, t, NULL);
    }
}

static void
write_round(struct commit *c, struct round *r)
{
    struct tl_err err = { 0 };
    size_t written_n = append_all(c, r, &err);
    bool synced = c->cfg.sync(c->cfg.arg, NULL, &err) == 0;     /* after a failed append, too: a sync within it may have failed, and then all do */
    if (!synced) written_n = 0;
    pthread_mutex_lock(&c->lock);
    c->last_error = err.code;
    c->last_us = c->cfg.mono_us(c->cfg.arg);
    c->broken = c->broken || !synced;
    pthread_mutex_unlock(&c->lock);
    c->cfg.committed(c->cfg.arg, !synced);
    answer_round(c, r, written_n, &err);
}

static void *
commit_main(void *arg)
{
    struct commit *c = arg;
    pthread_mutex_lock(&c->lock);
    for (;;) {
        while (!c->filling->first && !c->stopping)
            pthread_cond_wait(&c->more, &c->lock);
        struct round *r = c->filling;
        if (!r->first) break;
        c->filling = &c->round[r == &c->round[0]];
        pthread_mutex_unlock(&c->lock);
        write_round(c, r);
        round_reset(r);
        pthread_mutex_lock(&c->lock);
    }
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

/* ---- waiting for the log ---- */
static void
answer_waiting(struct commit *c, uint64_t hwm, int64_t late_us)
{
    struct ticket *good = NULL;
    pthread_mutex_lock(&c->lock);
    for (struct ticket **at = &c->waiting; *at; ) {
        struct ticket *t = *at;
        if (t->seq > hwm && t->give_up_us > late_us) {
            at = &t->next;
            continue;
        }
        *at = t->next;
        t->next = good;
        good = t;
    }
    pthread_mutex_unlock(&c->lock);
    for (struct ticket *next; good; good = next) {
        next = good->next;
        c->cfg.answer(c->cfg.arg, good, NULL);
    }
}

void
commit_logged(struct commit *c, uint64_t hwm)
{
    pthread_mutex_lock(&c->lock);
    if (hwm > c->hwm) c->hwm = hwm;
    pthread_mutex_unlock(&c->lock);
    answer_waiting(c, hwm, INT64_MIN);
}

void
commit_tick(struct commit *c)
{
    answer_waiting(c, 0, c->cfg.mono_us(c->cfg.arg));
}

int
commit_last_error(struct commit *c)
{
    pthread_mutex_lock(&c->lock);
    int code = c->cfg.mono_us(c->cfg.arg) - c->last_us < COMMIT_ERROR_US ? c->last_error : 0;
    pthread_mutex_unlock(&c->lock);
    return code;
}

/* ---- start and stop ---- */
int
commit_start(struct commit **out, const struct commit_cfg *cfg, struct tl_err *err)
{
    struct commit *c = tl_alloc(sizeof *c);
    if (!c) return tl_fail(err, TL_ENOMEM, "out of memory");
    c->cfg = *cfg;
    c->filling = &c->round[0];
    round_reset(&c->round[0]);
    round_reset(&c->round[1]);
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->more, NULL);
    if (pthread_create(&c->thread, NULL, commit_main, c) != 0) {
        tl_free(c);
        return tl_fail(err, TL_ENOMEM, "no thread for the spool");
    }
    *out = c;
    return 0;
}

void
commit_stop(struct commit *c)
{
    pthread_mutex_lock(&c->lock);
    c->stopping = true;
    pthread_cond_signal(&c->more);
    pthread_mutex_unlock(&c->lock);
    pthread_join(c->thread, NULL);
    answer_waiting(c, UINT64_MAX, INT64_MAX);
}

void
commit_free(struct commit **cp)
{
    struct commit *c = *cp;
    if (!c) return;
    *cp = NULL;
    round_free(&c->round[0]);
    round_free(&c->round[1]);
    pthread_mutex_destroy(&c->lock);
    pthread_cond_destroy(&c->more);
    tl_free(c);
}
