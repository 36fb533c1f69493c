/* visit_door.c - see visit_door.h. Which link is whose is kept in memory, and read anew when the store has taken in another kept record. */
#include "visit_door.h"

#include <pthread.h>
#include <stdio.h>

#include "door.h"
#include "pages.h"
#include "tl_evidence.h"
#include "tl_logfmt.h"
#include "tl_visit_link.h"
#include "visit_in.h"

#define PART_ARENA_BYTES (8u << 20)
#define NOTE_ARENA_BYTES (4u << 20)
#define RECEIVED_N 256                  /* visits that were sent lately, and the store may not show yet */
#define RETRY_TEXT "too many unknown links were asked for: try again in a minute"

struct link { char hash[65]; char *id; int64_t expires_ms; };
struct visit_door {
    const char *data;
    uint64_t evidence_max;
    struct visit_page *page;
    pthread_mutex_t lock;               /* guards what follows */
    struct link *link; uint32_t link_n, link_cap;
    uint64_t notes;                     /* position of the latest kept record that is in link */
    char received[RECEIVED_N][65]; uint32_t received_n;
    int64_t minute;
    uint32_t misses;                    /* in that minute */
    pthread_mutex_t entering;           /* one sends at a time: a slow aggregator holds up one worker, not all */
};

int
visit_door_check(const struct tl_conf *c, struct tl_err *err)
{
    if (!c->viewer_tls_cert[0] != !c->viewer_tls_key[0]) return tl_fail(err, TL_ECONFIG, "viewer.tls_cert and viewer.tls_key go together");
    if (!c->viewer_visit_bind[0] || c->viewer_tls_cert[0] || tl_conf_loopback("", c->viewer_visit_bind, NULL) == 0) return 0;
    return tl_fail(err, TL_ECONFIG, "viewer.visit_bind = %s is not a loopback address: phones there need HTTPS; set viewer.tls_cert and viewer.tls_key, or bind 127.0.0.1 behind a proxy that speaks it", c->viewer_visit_bind);
}

int
visit_door_new(struct visit_door **out, const struct tl_conf *conf, struct tl_err *err)
{
    struct visit_door *d = tl_alloc(sizeof *d);
    *out = d;
    if (!d) return tl_fail(err, TL_ENOMEM, "out of memory");
    d->data = conf->data;
    d->evidence_max = (uint64_t)conf->evidence_max_mb << 20;
    d->notes = UINT64_MAX;
    pthread_mutex_init(&d->lock, NULL);
    pthread_mutex_init(&d->entering, NULL);
    return (d->page = visit_page_new()) ? 0 : tl_fail(err, TL_ENOMEM, "out of memory");
}

static void
forget(struct visit_door *d)
{
    while (d->link_n) tl_free(d->link[--d->link_n].id);
}

void
visit_door_free(struct visit_door **dp)
{
    struct visit_door *d = *dp;
    if (!d) return;
    forget(d);
    tl_free(d->link);
    visit_page_free(&d->page);
    pthread_mutex_destroy(&d->lock);
    pthread_mutex_destroy(&d->entering);
    tl_free(d);
    *dp = NULL;
}

/* ---- addresses ---- */

bool
visit_door_is(struct tl_str path)
{
    static const char at[] = TL_VISIT_LINK_PATH;
    return path.n >= sizeof at - 1 && memcmp(path.p, at, sizeof at - 1) == 0;
}

/* /visit/TOKEN[/word] */
static void
split(struct tl_str path, struct tl_str *token, struct tl_str *word)
{
    size_t n = sizeof TL_VISIT_LINK_PATH - 1;
    struct tl_str rest = { path.p + n, path.n - n };
    const char *slash = rest.n ? memchr(rest.p, '/', rest.n) : NULL;
    *token = (struct tl_str){ rest.p, slash ? (size_t)(slash - rest.p) : rest.n };
    *word = slash ? (struct tl_str){ slash + 1, rest.n - token->n - 1 } : (struct tl_str){ NULL, 0 };
}

/* ---- whose link ---- */

struct gathering { struct visit_door *d; struct tl_arena *a; };

static int
gather(void *arg, const struct tl_note *n)
{
    struct gathering *g = arg;
    struct visit_door *d = g->d;
    struct tl_visit v;
    tl_arena_reset(g->a);
    int rc = tl_visit_of_note(g->a, n, &v);
    if (rc || v.link_hash.n != 64) return rc == TL_ENOMEM ? rc : 0;
    if (d->link_n == d->link_cap) {
        uint32_t cap = d->link_cap * 2 + 64;
        struct link *more = tl_realloc(d->link, cap * sizeof *more);
        if (!more) return TL_ENOMEM;
        d->link = more;
        d->link_cap = cap;
    }
    struct link *l = &d->link[d->link_n];
    *l = (struct link){ .id = tl_strdup(v.id), .expires_ms = v.link_expires_ms };
    memcpy(l->hash, v.link_hash.p, 64);
    d->link_n += l->id != NULL;
    return l->id ? 0 : TL_ENOMEM;
}

/* refresh - under the lock */
static int
refresh(struct visit_door *d, const struct look *k, struct tl_store_txn *t, struct tl_err *err)
{
    struct gathering g = { d, NULL };
    if (d->notes == k->meta.notes) return 0;
    forget(d);
    int rc = (g.a = tl_arena_new(NOTE_ARENA_BYTES)) ? tl_store_notes(t, "visit", gather, &g, err) : tl_fail(err, TL_ENOMEM, "out of memory");
    tl_arena_free(&g.a);
    d->notes = rc == 0 ? k->meta.notes : UINT64_MAX;
    return rc;
}

static bool
was_received(const struct visit_door *d, const char *hash)
{
    for (uint32_t i = 0; i < d->received_n && i < RECEIVED_N; i++)
        if (strcmp(d->received[i], hash) == 0) return true;
    return false;
}

/* find - under the lock: the id behind a token's hash, copied; absent: none, or it is over */
static struct tl_str
find(const struct visit_door *d, struct look *k, const char *hash)
{
    for (uint32_t i = 0; i < d->link_n; i++)
        if (strcmp(d->link[i].hash, hash) == 0 && d->link[i].expires_ms > k->now_ms) {
            size_t n = strlen(d->link[i].id);
            return (struct tl_str){ tl_arena_dup(k->arena, d->link[i].id, n), n };
        }
    return (struct tl_str){ NULL, 0 };
}

/* guest_of - TL_ENOTFOUND: whoever asks has no link of ours */
static int
guest_of(struct visit_door *d, struct look *k, struct tl_str token, struct visit_guest *g, struct tl_err *err)
{
    struct tl_store_txn *t = NULL;
    struct tl_note n;
    *g = (struct visit_guest){ .received = false };
    if (!tl_visit_link_hash(token, g->token_hash) || !k->store) return TL_ENOTFOUND;
    int rc = tl_store_begin(k->store, &t, err);
    if (rc) return rc;
    pthread_mutex_lock(&d->lock);
    rc = refresh(d, k, t, err);
    struct tl_str id = rc == 0 ? find(d, k, g->token_hash) : (struct tl_str){ NULL, 0 };
    g->received = rc == 0 && was_received(d, g->token_hash);
    pthread_mutex_unlock(&d->lock);
    if (rc == 0 && !id.p) rc = TL_ENOTFOUND;
    if (rc == 0) rc = tl_store_note(t, "visit", id, &n, err);
    if (rc == 0) rc = tl_visit_of_note(k->arena, &n, &g->visit);
    tl_store_end(&t);
    if (rc) return rc;
    if (g->visit.state == TL_VISIT_WITHDRAWN || !tl_str_is(g->visit.link_hash, g->token_hash)) return TL_ENOTFOUND;
    int i = g->visit.scenario.n ? tl_catalogue_scenario(k->catalogue, g->visit.scenario) : -1;
    g->scenario = i >= 0 ? &k->catalogue->scenario[i] : NULL;
    g->received |= g->visit.state == TL_VISIT_FINISHED;
    return 0;
}

/* ---- answers ---- */

static void
guard(struct tl_http_reply *r, const char *policy)
{
    pages_header(r, "Content-Security-Policy", policy);
    pages_header(r, "X-Content-Type-Options", "nosniff");
    pages_header(r, "Referrer-Policy", "no-referrer");
    pages_header(r, "Cache-Control", "no-store");
    pages_header(r, "X-Touchline", "visit");
}

static void
reply_html(struct tl_http_req *rq, int status, struct tl_str body, const char *policy)
{
    struct tl_http_reply r = { .status = status, .content_type = "text/html; charset=utf-8", .body = body };
    guard(&r, policy);
    if (status == 429) pages_header(&r, "Retry-After", "60");
    tl_http_answer(rq, &r);
}

static void
reply_json(struct tl_http_req *rq, int status, struct tl_str body)
{
    struct tl_http_reply r = { .status = status, .content_type = "application/json", .body = body };
    guard(&r, "default-src 'none'");
    if (status == 503 || status == 429) pages_header(&r, "Retry-After", "2");
    tl_http_answer(rq, &r);
}

static void
reply_error(struct tl_http_req *rq, int status, const struct tl_err *err)
{
    struct tl_buf b = { NULL, 0, 0, false };
    struct tl_jw w = tl_jw_to(&b);
    tl_jw_open(&w, NULL);
    tl_jw_open(&w, "error");
    tl_jw_cstr(&w, "code", tl_err_name(err->code));
    tl_jw_cstr(&w, "text", err->text);
    tl_jw_close(&w);
    tl_jw_close(&w);
    reply_json(rq, status, (struct tl_str){ (const char *)b.data, b.len });
    tl_buf_free(&b);
}

void
visit_door_refuse(struct tl_http_req *rq)
{
    reply_json(rq, 404, TL_STR("{\"error\":{\"code\":\"TL_ENOTFOUND\",\"text\":\"there is nothing here\"}}"));
}

static void
miss(struct visit_door *d, const struct look *k, struct tl_http_req *rq)
{
    pthread_mutex_lock(&d->lock);
    int64_t minute = k->now_ms / 60000;
    d->misses = d->minute == minute ? d->misses + 1 : 1;
    d->minute = minute;
    bool many = d->misses > VISIT_DOOR_MISSES_MIN;
    bool first = d->misses == VISIT_DOOR_MISSES_MIN + 1;
    pthread_mutex_unlock(&d->lock);
    if (first) tl_log(TL_WARN, "visit_links_guessed", "a_minute=%d", VISIT_DOOR_MISSES_MIN);
    if (many) reply_html(rq, 429, TL_STR(RETRY_TEXT), "default-src 'none'");
    else reply_html(rq, 404, visit_page_over(), "default-src 'none'");
}

/* ---- what is sent ---- */

/* enter_all - bodies, each ended by a NUL, in order */
static int
enter_all(struct visit_door *d, const struct tl_buf *bodies, int *status, struct tl_buf *said, struct tl_err *err)
{
    int rc = 0;
    for (size_t at = 0; rc == 0 && *status == 200 && at < bodies->len;) {
        struct tl_str body = tl_str_of((const char *)bodies->data + at);
        tl_buf_reset(said);
        rc = door_enter(d->data, TL_STR("visit"), body, TL_STR("shopper"), status, said, err);
        at += body.n + 1;
    }
    return rc;
}

/* pass - the records, and what the phone is told; done: its answer when all is on disk */
static void
pass(struct visit_door *d, struct tl_http_req *rq, const struct visit_guest *g, const struct tl_buf *bodies, bool last, struct tl_str done)
{
    struct tl_buf said = { NULL, 0, 0, false };
    struct tl_err err = { 0, "" };
    int status = 200, rc = enter_all(d, bodies, &status, &said, &err);
    if (rc == 0 && status == 200 && last) {
        pthread_mutex_lock(&d->lock);
        memcpy(d->received[d->received_n++ % RECEIVED_N], g->token_hash, sizeof g->token_hash);
        pthread_mutex_unlock(&d->lock);
    }
    if (rc) {
        tl_log(TL_WARN, "visit_not_entered", "code=%s text=\"%s\"", tl_err_name(rc), err.text);
        reply_error(rq, 503, &err);
    } else if (status != 200)
        reply_json(rq, status >= 500 ? 503 : status, (struct tl_str){ (const char *)said.data, said.len });
    else
        reply_json(rq, 200, done);
    tl_buf_free(&said);
}

static void
take_part(struct visit_door *d, struct tl_http_req *rq, const struct visit_guest *g, bool last, int64_t now_ms)
{
    struct tl_arena *a = tl_arena_new(PART_ARENA_BYTES);
    struct tl_jv *root = NULL;
    struct tl_buf bodies = { NULL, 0, 0, false };
    struct tl_err err = { 0, "" };
    struct tl_str body = tl_http_body(rq);
    int rc = a ? 0 : tl_fail(&err, TL_ENOMEM, "out of memory");
    if (rc == 0 && body.n > VISIT_DOOR_PART_MAX) rc = tl_fail(&err, TL_ETOOBIG, "what is sent has %u KB at most", VISIT_DOOR_PART_MAX >> 10);
    if (rc == 0) rc = tl_json_tree(a, body, 0, &root, NULL, &err);
    if (rc == 0) rc = last ? visit_send_all(g, root, now_ms, &bodies, &err) : visit_send_start(g, root, now_ms, &bodies, &err);
    if (rc) reply_error(rq, tl_err_http(rc), &err);
    else pass(d, rq, g, &bodies, last, last ? TL_STR("{\"received\":true}") : TL_STR("{}"));
    tl_buf_free(&bodies);
    tl_arena_free(&a);
}

static int
photo_record(const struct visit_guest *g, const struct tl_evidence *e, struct tl_str item, struct tl_buf *out, struct tl_err *err)
{
    struct tl_jw w = tl_jw_to(out);
    tl_jw_open(&w, NULL);
    tl_jw_str(&w, "id", g->visit.id);
    tl_jw_bool(&w, "merge", true);
    tl_jw_array(&w, "evidence");
    tl_jw_open(&w, NULL);
    tl_jw_cstr(&w, "name", e->name);
    tl_jw_cstr(&w, "hash", e->hash);
    tl_jw_uint(&w, "bytes", e->bytes);
    tl_jw_cstr(&w, "type", e->type);
    if (item.n) tl_jw_str(&w, "item", item);
    tl_jw_close(&w);
    tl_jw_end(&w);
    tl_jw_close(&w);
    tl_buf_put_u8(out, 0);
    return out->failed ? tl_fail(err, TL_ENOMEM, "out of memory") : 0;
}

static void
take_photo(struct visit_door *d, struct tl_http_req *rq, const struct visit_guest *g)
{
    struct tl_str item = tl_http_query(rq, "item", 0), body = tl_http_body(rq);
    struct tl_evidence e;
    struct tl_buf record = { NULL, 0, 0, false };
    struct tl_err err = { 0, "" };
    char done[80];
    int rc = item.n && (!g->scenario || tl_scenario_item(g->scenario, item) < 0) ? tl_fail(&err, TL_EINVAL, "this visit asks for no photo of that") : 0;
    if (rc == 0) rc = tl_evidence_put(d->data, g->visit.id, body.p, body.n, d->evidence_max, &e, &err);
    if (rc == 0) rc = photo_record(g, &e, item, &record, &err);
    if (rc) reply_error(rq, tl_err_http(rc), &err);
    else {
        int n = snprintf(done, sizeof done, "{\"name\":\"%s\"}", e.name);
        pass(d, rq, g, &record, false, (struct tl_str){ done, (size_t)n });
    }
    tl_buf_free(&record);
}

static void
take(struct visit_door *d, struct tl_http_req *rq, const struct visit_guest *g, struct tl_str word, int64_t now_ms)
{
    bool send = tl_str_is(word, "send"), start = tl_str_is(word, "start"), photo = tl_str_is(word, "photo");
    struct tl_err err = { 0, "" };
    if (!send && !start && !photo) visit_door_refuse(rq);
    else if (g->received) reply_json(rq, 200, TL_STR("{\"received\":true}"));
    else if (start && g->visit.state != TL_VISIT_PLANNED) reply_json(rq, 200, TL_STR("{}"));
    else if (pthread_mutex_trylock(&d->entering)) reply_error(rq, 503, (tl_fail(&err, TL_EBUSY, "another visit is being taken in: try again in a moment"), &err));
    else {
        if (photo) take_photo(d, rq, g);
        else take_part(d, rq, g, send, now_ms);
        pthread_mutex_unlock(&d->entering);
    }
}

static void
show(struct visit_door *d, struct look *k, struct tl_http_req *rq, const struct visit_guest *g)
{
    struct tl_buf page = { NULL, 0, 0, false };
    struct tl_err err = { 0, "" };
    int rc = visit_page_make(d->page, k, g, &page, &err);
    if (rc) reply_error(rq, tl_err_http(rc), &err);
    else reply_html(rq, 200, (struct tl_str){ (const char *)page.data, page.len }, visit_page_policy(d->page));
    tl_buf_free(&page);
}

void
visit_door_answer(struct visit_door *d, struct look *k, struct tl_http_req *rq)
{
    struct tl_str token, word, method = tl_http_method(rq);
    struct visit_guest g;
    struct tl_err err = { 0, "" };
    split(tl_http_path(rq), &token, &word);
    int rc = guest_of(d, k, token, &g, &err);
    if (rc == TL_ENOTFOUND) miss(d, k, rq);
    else if (rc) reply_error(rq, tl_err_http(rc), &err);
    else if (!word.p && (tl_str_is(method, "GET") || tl_str_is(method, "HEAD"))) show(d, k, rq, &g);
    else if (word.p && tl_str_is(method, "POST")) take(d, rq, &g, word, k->now_ms);
    else if (word.p) visit_door_refuse(rq);
    else reply_error(rq, 405, (tl_fail(&err, TL_EMETHOD, "this address is read with GET"), &err));
}
