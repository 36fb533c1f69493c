/* serve.c - the viewer: its HTTP loop, start and stop. Questions go to serve_ask.c, and from there to what each address does (serve_does.c). */
#include "serve_in.h"

#include "again.h"
#include "door.h"
#include "visit_files.h"

#include <stdio.h>
#include <unistd.h>

#include "tl_count.h"
#include "tl_keys.h"
#include "tl_port.h"
#include "tl_run.h"

int64_t
serve_now_ms(void)
{
    return tl_clock_real()->wall_ms(tl_clock_real());
}

/* ---- on the HTTP loop ---- */

static void
healthz(struct serve *s, struct tl_http_req *rq)
{
    struct ask all;
    struct look k = { .lag_ms = 0 };
    struct tl_err err = { 0, "" };
    struct tl_buf b = { NULL, 0, 0, false };
    struct tl_arena *arena = tl_arena_new(1u << 20);
    struct tl_str none;
    int rc = arena ? routes_read(routes_find(TL_STR("/api/map"), &none), none, NULL, 0, &all, &err) : TL_ENOMEM;
    if (rc == 0) rc = fold_look(s->fold, &all, serve_now_ms(), arena, &k, &err);
    const char *status = rc ? "failed" : !k.store ? "empty" : k.lag_ms > DEGRADED_MS ? "degraded" : "ok";
    tl_buf_printf(&b, "{\"status\":\"%s\",\"position\":%llu,\"lag_ms\":%lld}", status, (unsigned long long)k.meta.position, (long long)k.lag_ms);
    if (rc == 0) fold_look_end(&k);
    tl_http_answer_json(rq, rc ? 503 : 200, &b);
    tl_buf_free(&b);
    tl_arena_free(&arena);
}

/* news - for live.c: how far the store has come */
static bool
news(void *arg, uint64_t *position, int64_t *lag_ms)
{
    struct serve *s = arg;
    struct ask all;
    struct look k = { .lag_ms = 0 };
    struct tl_str none;
    int rc = routes_read(routes_find(TL_STR("/api/map"), &none), none, NULL, 0, &all, NULL);
    if (rc == 0) rc = fold_look(s->fold, &all, serve_now_ms(), s->live_arena, &k, NULL);
    *position = rc == 0 ? k.meta.position : 0;
    *lag_ms = k.lag_ms;
    if (rc == 0) fold_look_end(&k);
    tl_arena_reset(s->live_arena);
    return rc == 0;
}

static void
metrics(struct tl_http_req *rq)
{
    struct tl_buf b = { NULL, 0, 0, false };
    tl_count_render("viewer", &b);
    struct tl_http_reply r = { .status = 200, .content_type = "text/plain; version=0.0.4", .body = { (const char *)b.data, b.len } };
    tl_http_answer(rq, &r);
    tl_buf_free(&b);
}

static void
enqueue(struct serve *s, struct tl_http_req *rq)
{
    struct tl_str rest;
    struct tl_err err = { 0, "" };
    pthread_mutex_lock(&s->lock);
    const struct route *r = routes_find(tl_http_path(rq), &rest);
    bool full = s->queued == QUEUE_MAX || s->stopping;
    if (!full) {
        s->queue[s->queued++] = (struct waiting){ rq, r && serve_is_long(r->answer) };
        pthread_cond_broadcast(&s->more);
    }
    pthread_mutex_unlock(&s->lock);
    if (!full) return;
    tl_fail(&err, TL_EBUSY, "too many questions wait for an answer: ask again in a second");
    tl_http_answer_error(rq, &err);
}

/* host_is_ours - a page elsewhere can make its own name resolve to this machine and then read what is here: such a name has a dot and is no address */
static bool
host_is_ours(struct tl_str host)
{
    bool dot = false, letter = false;
    if (host.n && host.p[0] == '[') return true;
    while (host.n && host.p[host.n - 1] >= '0' && host.p[host.n - 1] <= '9' && memchr(host.p, ':', host.n)) host.n--;
    if (host.n && host.p[host.n - 1] == ':') host.n--;
    for (size_t i = 0; i < host.n; i++) {
        dot |= host.p[i] == '.';
        letter |= host.p[i] != '.' && (host.p[i] < '0' || host.p[i] > '9');
    }
    return !dot || !letter || (host.n > 10 && memcmp(host.p + host.n - 10, ".localhost", 10) == 0);
}

static void
refuse_host(struct tl_http_req *rq)
{
    struct tl_http_reply r = { .status = 403, .content_type = "application/json",
                               .body = TL_STR("{\"error\":{\"code\":\"TL_EAUTH\",\"text\":\"the viewer answers under localhost, an address or a name without dots only\"}}") };
    tl_http_answer(rq, &r);
}

static void
handle(void *arg, int loop, struct tl_http_req *rq)
{
    struct serve *s = arg;
    struct tl_err err = { 0, "" };
    struct tl_str method = tl_http_method(rq), path = tl_http_path(rq);
    (void)loop;
    if (!host_is_ours(tl_http_header(rq, "Host"))) {
        refuse_host(rq);
    } else if (tl_str_is(path, LIVE_PATH) && tl_str_is(method, "GET")) {
        live_take(s->live, rq);
    } else if (visit_door_is(path) || (tl_str_is(path, VISIT_EVIDENCE_PATH) && tl_str_is(method, "GET"))) {
        enqueue(s, rq);
    } else if (tl_str_is(path, VISIT_LINK_PATH) || door_kind(path).p || setup_word(path).p || tl_str_is(path, AGAIN_PATH)) {
        if (tl_str_is(method, "POST")) enqueue(s, rq);
        else tl_http_answer_error(rq, (tl_fail(&err, TL_EMETHOD, "records are entered with POST"), &err));
    } else if (serve_is_lookup(rq)) {
        enqueue(s, rq);
    } else if (!tl_str_is(method, "GET") && !tl_str_is(method, "HEAD")) {
        tl_fail(&err, TL_EMETHOD, "the viewer only reads, but for " DOOR_PATH "KIND and " SETUP_PATH "WORD: GET");
        tl_http_answer_error(rq, &err);
    } else if ((path.n >= 5 && memcmp(path.p, "/api/", 5) == 0) || tl_str_is(path, "/report")) {
        enqueue(s, rq);
    } else if (tl_str_is(path, "/healthz")) {
        healthz(s, rq);
    } else if (tl_str_is(path, "/metrics")) {
        metrics(rq);
    } else if (!pages_answer(s->pages, rq)) {
        tl_fail(&err, TL_ENOTFOUND, "there is no such page");
        tl_http_answer_error(rq, &err);
    }
}

/* of viewer.visit_bind: /visit/ and nothing else, under whatever name phones know it by */
static void
handle_phone(void *arg, int loop, struct tl_http_req *rq)
{
    (void)loop;
    if (visit_door_is(tl_http_path(rq))) enqueue(arg, rq);
    else visit_door_refuse(rq);
}

/* ---- start and stop ---- */

static int
workers_start(struct serve *s, struct tl_err *err)
{
    for (; s->worker_n < WORKERS; s->worker_n++)
        if (pthread_create(&s->worker[s->worker_n], NULL, serve_work, s)) return tl_fail(err, TL_ENOMEM, "cannot start a thread");
    return 0;
}

static int
phones_start(struct serve *s, struct tl_err *err)
{
    const struct tl_conf *c = &s->conf;
    struct tl_http_cfg cfg = { .bind = c->viewer_visit_bind, .port = (int)c->viewer_visit_port, .threads = 1, .body_max = VISIT_DOOR_BODY_MAX, .body_budget = 8 * VISIT_DOOR_BODY_MAX,
                               .connections_max = 256, .deadline_ms = 15000, .handler = handle_phone, .arg = s };
    if (!c->viewer_visit_bind[0]) return 0;
    int rc = visit_door_check(c, err);
    if (rc == 0 && c->viewer_tls_cert[0]) {
        rc = tl_keys_read(c->viewer_tls_cert, &s->tls_cert, err);
        if (rc == 0) rc = tl_keys_read(c->viewer_tls_key, &s->tls_key, err);
        cfg.tls_cert = (const char *)s->tls_cert.data;
        cfg.tls_key = (const char *)s->tls_key.data;
    }
    if (rc == 0) rc = tl_http_inherited(1, cfg.tls_cert != NULL, err);
    cfg.listen_fd = rc;
    return rc >= 0 ? tl_http_start(&s->phones, &cfg, err) : rc;
}

int
serve_start(struct serve **out, const struct tl_conf *conf, struct tl_err *err)
{
    struct serve *s = tl_alloc(sizeof *s);
    char before[PATH_MAX];
    if (!s) return tl_fail(err, TL_ENOMEM, "out of memory");
    s->conf = *conf;
    snprintf(s->zone, sizeof s->zone, "%s", conf->timezone[0] ? conf->timezone : tl_zone_local_name());
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->more, NULL);
    int rc = tl_conf_loopback("viewer.bind", conf->viewer_bind, err);
    if (rc == 0) rc = fold_new(&s->fold, conf->data, (size_t)conf->viewer_cache_mb << 20, err);
    if (rc == 0 && access(tl_run_path(before, conf->data, "before/journeys"), F_OK) == 0)
        rc = fold_new(&s->before, tl_run_path(before, conf->data, "before"), (size_t)conf->viewer_cache_mb << 20, err);
    if (rc == 0) rc = pages_new(&s->pages, err);
    if (rc == 0) s->answers = answers_new();
    if (rc == 0 && !s->answers) rc = tl_fail(err, TL_ENOMEM, "out of memory");
    if (rc == 0) rc = setup_new(&s->setup, conf->data, err);
    if (rc == 0) rc = visit_door_new(&s->visits, conf, err);
    if (rc == 0) rc = workers_start(s, err);
    if (rc == 0 && !(s->live_arena = tl_arena_new(1u << 20))) rc = tl_fail(err, TL_ENOMEM, "out of memory");
    if (rc == 0) rc = live_start(&s->live, news, s, err);
    struct tl_http_cfg cfg = { .bind = s->conf.viewer_bind, .port = (int)conf->viewer_port, .threads = 1, .body_max = SETUP_BODY_MAX, .body_budget = 3 * SETUP_BODY_MAX,
                               .connections_max = 1024, .deadline_ms = 5000, .handler = handle, .arg = s };
    if (rc == 0) rc = tl_http_inherited(0, false, err);
    if (rc > 0) cfg.listen_fd = rc, rc = 0;
    if (rc == 0) rc = tl_http_start(&s->http, &cfg, err);
    if (rc == 0) rc = phones_start(s, err);
    *out = s;
    if (rc) serve_stop(out);
    return rc;
}

int
serve_port(const struct serve *s)
{
    return tl_http_port(s->http);
}

int
serve_visit_port(const struct serve *s)
{
    return s->phones ? tl_http_port(s->phones) : 0;
}

void
serve_stop(struct serve **sp)
{
    struct serve *s = *sp;
    if (!s) return;
    if (s->http) tl_http_quiesce(s->http);
    if (s->phones) tl_http_quiesce(s->phones);
    pthread_mutex_lock(&s->lock);
    s->stopping = true;
    pthread_cond_broadcast(&s->more);
    pthread_mutex_unlock(&s->lock);
    while (s->worker_n > 0) pthread_join(s->worker[--s->worker_n], NULL);
    setup_free(&s->setup);
    live_stop(&s->live);
    if (s->http) tl_http_stop(&s->http);
    if (s->phones) tl_http_stop(&s->phones);
    visit_door_free(&s->visits);
    tl_buf_free(&s->tls_cert);
    tl_buf_free(&s->tls_key);
    tl_arena_free(&s->live_arena);
    answers_free(&s->answers);
    pages_free(&s->pages);
    fold_free(&s->fold);
    fold_free(&s->before);
    pthread_cond_destroy(&s->more);
    pthread_mutex_destroy(&s->lock);
    tl_free(s);
    *sp = NULL;
}
