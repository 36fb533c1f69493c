/* weave_visits.c - see weave_visits.h. */
#include "weave_visits.h"

#include <stdlib.h>

#include "tl_order.h"
#include "weave_work.h"

#define KEYS_MAX (TL_EVENT_IDS_MAX + 1)

struct stretch { uint32_t at; struct tl_span span; };
struct undone { char *origin; uint64_t position; };
struct weave_visits {
    struct visits *visits;
    struct stretch *stretch; uint32_t stretch_n, stretch_cap;   /* since the last flush, ascending */
    struct undone *undone; uint32_t undone_n, undone_cap;
    uint64_t *retold; uint32_t retold_n, retold_cap;            /* id hashes of arrivals that were judged again */
    bool retold_sorted;
};

struct weave_visits *
weave_visits_new(void)
{
    struct weave_visits *v = tl_alloc(sizeof *v);

    if (v != NULL && (v->visits = visits_new()) == NULL)
        weave_visits_free(&v);
    return v;
}

static void
forget_undone(struct weave_visits *v)
{
    while (v->undone_n > 0)
        tl_free(v->undone[--v->undone_n].origin);
}

void
weave_visits_free(struct weave_visits **vp)
{
    struct weave_visits *v = vp != NULL ? *vp : NULL;

    if (v == NULL)
        return;
    visits_free(&v->visits);
    forget_undone(v);
    tl_free(v->undone);
    tl_free(v->stretch);
    tl_free(v->retold);
    tl_free(v);
    *vp = NULL;
}

/* ---- the register as stored ---- */

static int
load_visit(void *arg, const struct tl_note *n)
{
    struct weave_visits *v = arg;
    struct visit visit;
    int rc = visit_read(n->body, &visit);

    if (rc == 0 && (rc = visits_put(v->visits, &visit)) != 0)
        visit_free(&visit);
    return rc == TL_ENOMEM ? rc : 0;
}

int
weave_visits_undone(struct weave *w, struct tl_str origin, uint64_t position, struct tl_err *err)
{
    struct weave_visits *v = w->visits;
    int rc = ROOM(v, undone, v->undone_n + 1);

    if (rc != 0)
        return rc;
    char *copy = tl_strdup(origin);
    if (copy == NULL)
        return tl_fail(err, TL_ENOMEM, "out of memory");
    v->undone[v->undone_n++] = (struct undone){ copy, position };
    return 0;
}

static int
load_undone(void *arg, const struct tl_note *n)
{
    return weave_visits_undone(arg, n->id, n->last_position, NULL);
}

int
weave_visits_reset(struct weave *w, bool again, struct tl_err *err)
{
    struct weave_visits *v = w->visits;

    v->stretch_n = v->retold_n = 0;
    if (!again)
        return 0;
    visits_forget(v->visits);
    forget_undone(v);
    int rc = tl_store_w_notes(w->store, "visit", load_visit, v, err);
    return rc == 0 ? tl_store_w_notes(w->store, "undo", load_undone, w, err) : rc;
}

/* ---- when things happened ---- */

static int
note_time(struct weave_visits *v, uint64_t position, int64_t ms, struct tl_err *err)
{
    uint32_t at = (uint32_t)(position / TL_SPAN_POSITIONS);
    struct stretch *s = v->stretch_n > 0 ? &v->stretch[v->stretch_n - 1] : NULL;

    if (s == NULL || s->at != at) {
        int rc = ROOM(v, stretch, v->stretch_n + 1);
        if (rc != 0)
            return rc;
        v->stretch[v->stretch_n++] = (struct stretch){ at, { ms, ms } };
        return 0;
    }
    s->span.from_ms = ms < s->span.from_ms ? ms : s->span.from_ms;
    s->span.to_ms = ms > s->span.to_ms ? ms : s->span.to_ms;
    return 0;
}

static bool
overlaps(const struct tl_span *s, int64_t from_ms, int64_t to_ms)
{
    return s->from_ms <= to_ms && s->to_ms >= from_ms;
}

/* Has the stretch an event in that time? What this round brought is in memory, what was there before in the store. */
static int
stretch_has(struct weave *w, uint32_t at, int64_t from_ms, int64_t to_ms, struct tl_err *err)
{
    const struct weave_visits *v = w->visits;
    struct tl_span s;

    for (uint32_t i = v->stretch_n; i > 0 && v->stretch[i - 1].at >= at; i--)
        if (v->stretch[i - 1].at == at && overlaps(&v->stretch[i - 1].span, from_ms, to_ms))
            return 1;
    int rc = tl_store_w_span(w->store, at, &s, err);
    return rc == TL_ENOTFOUND ? 0 : rc < 0 ? rc : overlaps(&s, from_ms, to_ms);
}

int
weave_visits_flush(struct weave *w, struct tl_err *err)
{
    struct weave_visits *v = w->visits;
    int rc = 0;

    for (uint32_t i = 0; rc == 0 && i < v->stretch_n; i++)
        rc = tl_store_w_span_put(w->store, v->stretch[i].at, v->stretch[i].span, err);
    return rc;
}

/* ---- judging ---- */

static uint32_t
keys_of(const struct who *who, uint32_t n, uint64_t order_hash, struct visit_key key[KEYS_MAX])
{
    for (uint32_t i = 0; i < n; i++)
        memcpy(key[i].b, who[i].hash, sizeof key[i].b);
    if (order_hash != 0)
        key[n++] = visit_key_of_order(order_hash);
    return n;
}

int
weave_visits_judge(struct weave *w, const struct who *who, uint32_t n, struct tl_kept *e, struct tl_err *err)
{
    struct visit_key key[KEYS_MAX];
    int64_t at_ms = tl_order_own_ms(e);
    int rc = note_time(w->visits, e->position, at_ms, err);

    if (rc != 0 || !visits_any(w->visits->visits) || !visits_has(w->visits->visits, key, keys_of(who, n, e->order_hash, key), at_ms))
        return rc;
    if (e->stream == TL_STREAM_LIVE)
        e->stream = TL_STREAM_MYSTERY;
    return 1;
}

/* What the log says of an event: its identities and the stream it was sent in. */
static uint32_t
read_arrival(struct weave *w, const struct tl_event *ev, struct who who[TL_EVENT_IDS_MAX])
{
    struct tl_identity list[TL_EVENT_IDS_MAX];
    uint32_t n = tl_identity_list(ev, w->rules.region, list, w->hold);

    for (uint32_t i = 0; i < n; i++) {
        who[i].kind = tl_store_w_word(w->store, list[i].kind);
        tl_identity_hash(w->rules.key, list[i].kind, list[i].normal, who[i].hash);
    }
    return n;
}

/* ---- judging again ---- */

struct retell {
    struct weave *w;
    const struct visit *was, *now;
    uint64_t from, to;              /* positions */
    int failed;
    struct tl_err *err;
};

static bool
is_undone(const struct weave_visits *v, const struct tl_event *ev, uint64_t position)
{
    for (uint32_t i = 0; i < v->undone_n; i++)
        if (position < v->undone[i].position && (ev->has & TL_HAS(origin)) && tl_str_is(ev->origin_, v->undone[i].origin))
            return true;
    return false;
}

static int
remember(struct weave_visits *v, uint64_t id_hash, struct tl_err *err)
{
    int rc = ROOM(v, retold, v->retold_n + 1);

    if (rc == 0)
        v->retold[v->retold_n++] = id_hash;
    v->retold_sorted = false;
    return rc;
}

static int
retell_event(struct retell *r, const struct tl_event *ev, uint64_t position, int64_t logged_ms)
{
    struct weave *w = r->w;
    struct who who[TL_EVENT_IDS_MAX];
    struct visit_key key[KEYS_MAX];
    struct tl_kept e;
    uint32_t home = 0;

    if (tl_event_is_heartbeat(ev))
        return 0;
    keep_outline(ev, position, logged_ms, &e);
    int64_t at_ms = tl_order_own_ms(&e);
    if (e.stream != TL_STREAM_LIVE || ((at_ms < r->was->from_ms || at_ms > r->was->to_ms) && (at_ms < r->now->from_ms || at_ms > r->now->to_ms)))
        return 0;
    uint32_t n = read_arrival(w, ev, who), keys = keys_of(who, n, e.order_hash, key);
    bool was = visit_has(r->was, key, keys, at_ms), now = visit_has(r->now, key, keys, at_ms);
    if (n == 0 || was == now || is_undone(w->visits, ev, position) || visits_has(w->visits->visits, key, keys, at_ms))
        return 0;
    int rc = identify_retell(w->who, who, n, position, now, &home, r->err);
    if (rc == 0)
        rc = weave_shared(w, r->err);
    return rc == 0 ? remember(w->visits, e.id_hash, r->err) : rc;
}

static int
retell_record(void *arg, const struct tl_logged *rec)
{
    struct retell *r = arg;
    struct tl_cur c = tl_cur_of(rec->payload.p, rec->payload.n);
    struct tl_event ev;
    uint32_t n = 0;
    int kind = 0;

    if (rec->position >= r->to)
        return 1;
    if (rec->control || tl_wire_open(&c, &kind, &n) != 0)
        return 0;
    for (uint32_t i = 0; r->failed == 0 && i < n && rec->position + i < r->to && tl_wire_next_event(&c, &ev) == 0; i++)
        if (rec->position + i >= r->from)
            r->failed = retell_event(r, &ev, rec->position + i, rec->logged_at_ms);
    return r->failed;
}

/* Stretch by stretch; neighbours are read in one go. */
static int
retell(struct retell *r, uint64_t end)
{
    int64_t from_ms = r->was->key_n == 0 || r->now->from_ms < r->was->from_ms ? r->now->from_ms : r->was->from_ms;
    int64_t to_ms = r->was->key_n == 0 || r->now->to_ms > r->was->to_ms ? r->now->to_ms : r->was->to_ms;
    int rc = 0;

    if (r->now->key_n == 0) {
        from_ms = r->was->from_ms;
        to_ms = r->was->to_ms;
    }
    for (uint32_t at = 0; rc == 0 && (uint64_t)at * TL_SPAN_POSITIONS < end;) {
        uint32_t first = at;
        while ((uint64_t)at * TL_SPAN_POSITIONS < end && (rc = stretch_has(r->w, at, from_ms, to_ms, r->err)) > 0)
            at++;
        if (rc >= 0 && at > first) {
            r->from = (uint64_t)first * TL_SPAN_POSITIONS;
            r->to = (uint64_t)at * TL_SPAN_POSITIONS < end ? (uint64_t)at * TL_SPAN_POSITIONS : end;
            rc = tl_eventlog_read(r->w->rules.log, r->from, retell_record, r, r->err);
        }
        at += at == first;
    }
    return rc;
}

int
weave_visits_change(struct weave *w, uint64_t position, struct tl_str body, struct tl_err *err)
{
    struct visits *visits = w->visits->visits;
    struct visit was = {0}, now = {0};
    int rc = visit_read(body, &now);

    if (rc == TL_ENOMEM)
        return tl_fail(err, rc, "out of memory");
    if (rc != 0)        /* the door would have refused it: it changes nothing */
        return 0;
    visits_take(visits, tl_str_of(now.id), &was);
    struct retell r = { .w = w, .was = &was, .now = &now, .err = err };
    rc = was.key_n > 0 || now.key_n > 0 ? retell(&r, position) : 0;
    if (rc == 0 && (rc = visits_put(visits, &now)) != 0)
        tl_fail(err, rc, "out of memory");
    visit_free(&was);
    visit_free(&now);
    return rc;
}

/* ---- kept events ---- */

static int
by_hash(const void *pa, const void *pb)
{
    uint64_t a = *(const uint64_t *)pa, b = *(const uint64_t *)pb;
    return a < b ? -1 : a > b;
}

int
weave_visits_mend(struct weave *w, struct tl_kept *e, struct tl_err *err)
{
    struct weave_visits *v = w->visits;
    struct who who[TL_EVENT_IDS_MAX];
    struct visit_key key[KEYS_MAX];
    struct tl_kept sent;
    struct tl_event ev;

    if (v->retold_n == 0)
        return 0;
    if (!v->retold_sorted)
        qsort(v->retold, v->retold_n, sizeof *v->retold, by_hash);
    v->retold_sorted = true;
    if (bsearch(&e->id_hash, v->retold, v->retold_n, sizeof *v->retold, by_hash) == NULL)
        return 0;
    int rc = tl_eventlog_event(w->rules.log, e->position, &w->work->slice, &ev, err);
    if (rc != 0)
        return rc;
    keep_outline(&ev, e->position, 0, &sent);
    uint32_t n = keys_of(who, read_arrival(w, &ev, who), e->order_hash, key);
    e->stream = sent.stream == TL_STREAM_LIVE && visits_has(v->visits, key, n, tl_order_own_ms(e)) ? TL_STREAM_MYSTERY : sent.stream;
    return 0;
}
