/* serve_ask.c - a question on a worker: read its address, answer it. See serve_in.h. */
#include "serve_in.h"

#include "again.h"
#include "export.h"
#include "door.h"
#include "visit_files.h"
#include "lookup.h"
#include "render_voice.h"

#include <stdio.h>

#include "tl_count.h"
#include "tl_logfmt.h"
#include "tl_visit_link.h"

struct query { struct route_param p[PARAMS_MAX]; size_t n; };

static void
query_add(void *arg, struct tl_str name, struct tl_str value)
{
    struct query *q = arg;
    if (q->n < PARAMS_MAX) q->p[q->n] = (struct route_param){ name, value };
    q->n++;
}

/* is_dear - answers that look at every journey of the store, and hang on nothing but it */
static bool
is_dear(enum answer a)
{
    return a == ANSWER_BREAKS || a == ANSWER_CHANNELS || a == ANSWER_CONFIRMED || a == ANSWER_BACKTRACK || a == ANSWER_MOMENTS || a == ANSWER_HEATMAP || a == ANSWER_IMPACT || a == ANSWER_CONSISTENCY || a == ANSWER_EMOTION || a == ANSWER_METRICS || a == ANSWER_QUOTES;
}

/* is_long - answers over every journey that nobody waits for with a hand on the mouse: pages ask for them beside what they show */
bool
serve_is_long(enum answer a)
{
    return is_dear(a) || a == ANSWER_IMPROVEMENTS || a == ANSWER_FLOWS || a == ANSWER_REPORT || a == ANSWER_DIFF || a == ANSWER_SUGGEST || a == ANSWER_EXPORT;
}

static int
dear(struct job *j, const struct query *q, struct tl_err *err)
{
    struct tl_buf name = { NULL, 0, 0, false };
    uint8_t hash[32];
    fold_stamp(&j->look, &name);
    tl_buf_put_str(&name, j->route->path);
    for (size_t i = 0; i < q->n; i++) {
        tl_buf_put_text(&name, q->p[i].name);
        tl_buf_put_text(&name, q->p[i].value);
    }
    tl_hash256(name.data, name.len, hash);
    bool named = !name.failed;
    tl_buf_free(&name);
    if (named && answers_get(j->s->answers, hash, &j->body)) return 0;
    int rc = serve_does(j, err);
    if (rc == 0 && named && !j->body.failed) answers_put(j->s->answers, hash, &j->body);
    return rc;
}

bool
serve_is_lookup(struct tl_http_req *rq)
{
    return tl_str_is(tl_http_method(rq), "POST") && tl_str_is(tl_http_path(rq), LOOKUP_PATH);
}

/* lookup - who has the identity that the body names: answered like /api/customers. A page elsewhere may not ask; programs name no Origin. */
static int
lookup(struct job *j, struct tl_err *err)
{
    struct door_asks a = { tl_http_header(j->rq, "Host"), tl_http_header(j->rq, "Origin"), tl_http_header(j->rq, "Sec-Fetch-Site"), tl_http_header(j->rq, "Content-Type") };
    struct tl_str none;
    int rc = a.origin.n || a.site.n ? door_own(&a, true, err) : 0;
    if (rc) return rc;
    j->route = routes_find(TL_STR("/api/customers"), &none);
    rc = routes_read(j->route, none, NULL, 0, &j->ask, err);
    if (rc == 0) rc = lookup_read(tl_http_body(j->rq), j->arena, &j->ask, err);
    if (rc == 0) rc = fold_look(j->s->fold, &j->ask, serve_now_ms(), j->arena, &j->look, err);
    if (rc == 0) rc = serve_who(j, err);
    return rc == 0 && j->body.failed ? tl_fail(err, TL_ENOMEM, "out of memory") : rc;
}

static int
question(struct job *j, struct tl_err *err)
{
    struct query q = { .n = 0 };
    struct tl_str rest;
    if (serve_is_lookup(j->rq)) return lookup(j, err);
    j->route = routes_find(tl_http_path(j->rq), &rest);
    if (!j->route) return tl_fail(err, TL_ENOTFOUND, "there is no such address; /api/openapi.json lists those there are");
    tl_http_query_each(j->rq, query_add, &q);
    if (q.n > PARAMS_MAX) return tl_fail(err, TL_EINVAL, "more than %d parameters", PARAMS_MAX);
    int rc = routes_read(j->route, rest, q.p, q.n, &j->ask, err);
    if (rc == 0) rc = fold_look(j->s->fold, &j->ask, serve_now_ms(), j->arena, &j->look, err);
    if (rc == 0) rc = is_dear(j->route->answer) ? dear(j, &q, err) : serve_does(j, err);
    if (rc == 0 && j->body.failed) rc = tl_fail(err, TL_ENOMEM, "out of memory");
    return rc;
}

/* etag - of the body: two answers are the same when their bytes are */
static void
etag_of(const struct tl_buf *body, char etag[40])
{
    uint8_t h[32];
    tl_hash256(body->data, body->len, h);
    etag[0] = '"';
    tl_hex(h, 16, etag + 1);
    memcpy(etag + 33, "\"", 2);
}

/* version_of - which catalogue the answer was made by, and since when: HASH, or HASH; activated=2026-03-02T10:00:00Z */
static void
version_of(const struct look *k, char out[80])
{
    char at[40] = "";
    int n = snprintf(out, 80, "%s", k->catalogue->hash);
    if (k->activated_ms != TL_TIME_NONE && n > 0 && n < 80) snprintf(out + n, 80 - (size_t)n, "; activated=%s", tl_time_format(k->activated_ms, at));
}

static void
reply(struct job *j, int64_t lag_ms, const char *version)
{
    char etag[40], lag[24];
    struct tl_http_reply r = { .status = 200, .content_type = "application/json" };
    snprintf(lag, sizeof lag, "%lld", (long long)lag_ms);
    pages_guard(&r);
    pages_header(&r, "X-Touchline-Lag-Ms", lag);
    pages_header(&r, "X-Touchline-Catalogue", version);
    if (j->route->answer == ANSWER_EXPORT) {
        r.content_type = export_type(j->ask.format);
        r.file_fd = j->file_fd;
        pages_header(&r, "Content-Disposition", export_disposition(j->ask.format));
        pages_header(&r, "Cache-Control", "no-store");
    } else {
        etag_of(&j->body, etag);
        pages_header(&r, "ETag", etag);
        pages_header(&r, "Cache-Control", "no-cache");
        if (j->route->answer == ANSWER_REPORT_PAGE) {
            r.content_type = "text/html; charset=utf-8";
            pages_header(&r, "Vary", "Accept-Language");
        }
        r.body = (struct tl_str){ (const char *)j->body.data, j->body.len };
        if (pages_etag_is(j->rq, etag)) {
            r.status = 304;
            r.body = (struct tl_str){ NULL, 0 };
        }
    }
    tl_http_answer(j->rq, &r);
}

/* reached - do the journeys hold what stands at that position of the log? */
static bool
reached(void *arg, uint64_t position)
{
    struct serve *s = arg;
    struct ask all;
    struct look k;
    struct tl_str none;
    struct tl_arena *arena = tl_arena_new(1u << 20);
    bool is = arena && routes_read(routes_find(TL_STR("/api/map"), &none), none, NULL, 0, &all, NULL) == 0 && fold_look(s->fold, &all, serve_now_ms(), arena, &k, NULL) == 0;
    if (is) {
        is = k.store && k.meta.position > position;
        fold_look_end(&k);
    }
    tl_arena_free(&arena);
    return is;
}

/* names - for the door: the identity behind a hash */
static int
names(void *arg, const uint8_t hash[16], struct tl_buf *hold, struct tl_str *kind, struct tl_str *value, struct tl_err *err)
{
    struct serve *s = arg;
    struct ask all;
    struct look k;
    struct tl_str none;
    struct tl_arena *arena = tl_arena_new(FOLD_ARENA_BYTES);
    int rc = arena ? routes_read(routes_find(TL_STR("/api/map"), &none), none, NULL, 0, &all, err) : tl_fail(err, TL_ENOMEM, "out of memory");
    if (rc == 0 && (rc = fold_look(s->fold, &all, serve_now_ms(), arena, &k, err)) == 0) {
        rc = fold_identity_name(&k, hash, hold, kind, value, err);
        fold_look_end(&k);
    }
    tl_arena_free(&arena);
    return rc;
}

/* where phones reach this viewer: what is set, else where it listens for them, else this machine alone */
static bool
phones_at(const struct serve *s, char out[320])
{
    const struct tl_conf *c = &s->conf;
    const char *bind = s->phones ? c->viewer_visit_bind : c->viewer_bind;
    size_t n = strlen(c->viewer_visit_url);
    while (n && c->viewer_visit_url[n - 1] == '/') n--;
    if (n) snprintf(out, 320, "%.*s", (int)(n < 300 ? n : 300), c->viewer_visit_url);
    else snprintf(out, 320, strchr(bind, ':') ? "%s://[%.250s]:%d" : "%s://%.250s:%d", s->phones && c->viewer_tls_cert[0] ? "https" : "http", bind, s->phones ? serve_visit_port(s) : serve_port(s));
    return n || (s->phones && tl_conf_loopback("", bind, NULL) != 0 && !tl_visit_link_nowhere(bind));
}

/* visit - the shopper's page and what it sends; what QA's pages ask of a visit beside answers */
static void
visit(struct serve *s, struct tl_http_req *rq, struct tl_arena *arena)
{
    char here[320];
    struct ask all;
    struct look k = { .lag_ms = 0 };
    struct tl_str none;
    struct tl_err err = { 0, "" };
    int rc = routes_read(routes_find(TL_STR("/api/map"), &none), none, NULL, 0, &all, &err);
    if (rc == 0) rc = fold_look(s->fold, &all, serve_now_ms(), arena, &k, &err);
    if (rc == 0 && tl_str_is(tl_http_path(rq), VISIT_EVIDENCE_PATH)) visit_evidence_answer(&k, rq);
    else if (rc == 0 && tl_str_is(tl_http_path(rq), VISIT_LINK_PATH)) visit_link_answer(&k, rq, here, !phones_at(s, here));
    else if (rc == 0) visit_door_answer(s->visits, &k, rq);
    else tl_http_answer_error(rq, &err);
    if (rc == 0) fold_look_end(&k);
    tl_arena_reset(arena);
}

static void
answer(struct serve *s, struct tl_http_req *rq, struct tl_arena *arena)
{
    if (door_kind(tl_http_path(rq)).p) {
        tl_count_add(V_REQUESTS, 1);
        door_answer(s->conf.data, rq, reached, names, s);
        return;
    }
    if (tl_str_is(tl_http_path(rq), AGAIN_PATH)) {
        tl_count_add(V_REQUESTS, 1);
        again_answer(s->conf.data, fold_log(s->fold), rq);
        return;
    }
    if (visit_door_is(tl_http_path(rq)) || tl_str_is(tl_http_path(rq), VISIT_EVIDENCE_PATH) || tl_str_is(tl_http_path(rq), VISIT_LINK_PATH)) {
        tl_count_add(V_REQUESTS, 1);
        visit(s, rq, arena);
        return;
    }
    if (setup_word(tl_http_path(rq)).p) {
        tl_count_add(V_REQUESTS, 1);
        setup_answer(s->setup, rq);
        return;
    }
    struct job j = { .s = s, .rq = rq, .arena = arena };
    struct tl_err err = { 0, "" };
    int rc = question(&j, &err);
    int64_t lag_ms = j.look.lag_ms;
    char version[80] = "";
    if (rc == 0) version_of(&j.look, version);
    if (j.look.fold) fold_look_end(&j.look);         /* nothing of the store is held while bytes go out */
    tl_count_add(V_REQUESTS, 1);
    if (rc == 0) reply(&j, lag_ms, version);
    else {
        if (tl_err_http(rc) >= 500) tl_log(TL_WARN, "answer_failed", "code=%s text=\"%s\"", tl_err_name(rc), err.text);
        if (!err.text[0]) tl_fail(&err, rc, "the store could not be read (%s)", tl_err_name(rc));
        tl_http_answer_error(rq, &err);
    }
    tl_buf_free(&j.body);
    tl_arena_reset(arena);
}

/* next - the question to take now: the first, but for those that take long while all workers but one are at such; s->queued: none */
static uint32_t
next(const struct serve *s)
{
    uint32_t at = 0;
    while (at < s->queued && s->queue[at].longs && s->longs >= WORKERS - 1) at++;
    return at;
}

void *
serve_work(void *arg)
{
    struct serve *s = arg;
    struct tl_arena *arena = tl_arena_new(FOLD_ARENA_BYTES);
    tl_assert(arena != NULL);
    pthread_mutex_lock(&s->lock);
    for (;;) {
        uint32_t at = next(s);
        if (at == s->queued && (s->queued || !s->stopping)) {
            pthread_cond_wait(&s->more, &s->lock);
            continue;
        }
        if (at == s->queued) break;
        struct waiting w = s->queue[at];
        memmove(&s->queue[at], &s->queue[at + 1], (--s->queued - at) * sizeof s->queue[0]);
        s->longs += w.longs;
        pthread_mutex_unlock(&s->lock);
        answer(s, w.rq, arena);
        pthread_mutex_lock(&s->lock);
        s->longs -= w.longs;
        if (w.longs) pthread_cond_broadcast(&s->more);
    }
    pthread_mutex_unlock(&s->lock);
    tl_arena_free(&arena);
    return NULL;
}
