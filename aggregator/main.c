/* touchline-aggregator - the only writer: takes batches off the bus into the log, and stitches the log into journeys.
 *
 *   bus ── intake ─► log (commit) ─► ACK               this thread
 *   HTTP ── control ─┘      │                          the loop thread of tl_http: /healthz /metrics /control/<kind>
 *                           └─► follow ─► journeys/    the stitching thread, at its own pace
 *
 * Crash-only: a failed write of the log ends the process, and the next start goes on from the last commit. Nothing waits for a clean stop. */
#include "intake.h"
#include "callers.h"
#include "log.h"
#include "control.h"
#include "control_catalogue.h"
#include "follow.h"
#include "version.h"
#include "pace.h"
#include "scratch.h"
#include "watch.h"
#include "hooks_run.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "tl_bus.h"
#include "tl_conf.h"
#include "tl_count.h"
#include "tl_hash.h"
#include "tl_http.h"
#include "tl_json.h"
#include "tl_logfmt.h"
#include "tl_port.h"
#include "tl_run.h"
#include "tl_time.h"

#define PROGRAM "aggregator"
#define TICK_MS 1000
#define TEND_US INT64_C(1000000)            /* disk space and stale readers are looked at */
#define HOLD_FREE_BYTES (256ll << 20)       /* or a tenth of a small disk. Less is free: collectors are asked to wait; less than twice that: stitching waits */
#define DEGRADED_LAG_MS 60000
#define STITCH_STOP_S 5
#define WATCH_US INT64_C(1000000)           /* while journeys are built anew alerts are looked at so often */
#define WATCH_LAG_MS 5000                   /* what waits in the log may say that a wait is over: nothing is raised before it is stitched */
#define HTTP_BODY_BUDGET (2 * CONTROL_CATALOGUE_MAX + (4u << 20))
#define SAME_LOOK_MAX 200000                /* positions not stitched yet that an activation is compared with */
#define HTTP_CONNECTIONS_MAX 128
#define HTTP_DEADLINE_MS 5000

struct aggregator {
    struct tl_conf conf;
    char token[65];
    struct tl_eventlog *log;
    struct follow *follow;
    struct pace *pace;
    struct tl_alerts *alerts;
    struct watch *watch;                    /* NULL: DATA/alerts cannot be opened, no alerts are raised; alerts_trouble says why */
    struct hooks_run *hooks;                /* NULL as well */
    char alerts_trouble[TL_ERR_TEXT_BYTES]; /* of the last look; over gaps_mu */
    int64_t watched_us;                     /* of the stitching thread */
    struct tl_bus *bus;
    struct callers *callers;            /* NULL: the bus is plain */
    struct intake *intake;
    struct control_queue *controls;
    struct tl_http *http;
    int stop_fd;
    atomic_bool holding, tight;             /* the disk: for intake, for stitching */
    int64_t tended_us;
    pthread_mutex_t gaps_mu;                /* over gap, gaps_n: told by the loop of intake, asked by HTTP */
    struct intake_gap gap[INTAKE_GAPS_MAX];
    size_t gaps_n;
};

/* ---- what the stages are given ---- */

static void
bus_send(void *self, const uint8_t *route, size_t route_n, const struct tl_str *frame, int frames_n)
{
    tl_bus_send(self, route, route_n, frame, frames_n, NULL);
}

static int64_t lag_ms(struct aggregator *a);

static void
tell_alerts_trouble(struct aggregator *a, const char *text)
{
    pthread_mutex_lock(&a->gaps_mu);
    bool same = strcmp(a->alerts_trouble, text) == 0;
    snprintf(a->alerts_trouble, sizeof a->alerts_trouble, "%s", text);
    pthread_mutex_unlock(&a->gaps_mu);
    if (!same && text[0])
        tl_log(TL_ERROR, "alerts_failed", "text=\"%s\"", text);
}

/* watch_now - on the stitching thread, between rounds */
static void
watch_now(struct aggregator *a)
{
    struct tl_err err = { 0 };
    int64_t mono_us = tl_clock_real()->mono_us(tl_clock_real());
    a->watched_us = mono_us;
    if (follow_store(a->follow))
        tl_store_w_tend(follow_store(a->follow), mono_us);
    if (a->alerts)
        tl_alerts_tend(a->alerts, mono_us);
    if (!a->watch || lag_ms(a) > WATCH_LAG_MS)
        return;
    int rc = watch_look(a->watch, follow_store(a->follow), follow_rules_of(a->follow), tl_clock_real()->wall_ms(tl_clock_real()), mono_us, &err);
    tell_alerts_trouble(a, rc < 0 ? err.text : "");
}

static int64_t
stitch_round(void *self, struct tl_err *err)
{
    struct aggregator *a = self;
    if (atomic_load(&a->tight))
        return 0;
    const struct follow_limits limits = { .events_max = (uint32_t)a->conf.stitch_events_max, .round_ms = a->conf.stitch_round_ms };
    int64_t n = follow_round(a->follow, &limits, err);
    if (n >= 0)
        watch_now(a);
    return n;
}

static const char *
stitch_wants_rebuild(void *self)
{
    return follow_wants_rebuild(((struct aggregator *)self)->follow);
}

struct rebuild_told { struct aggregator *a; pace_progress progress; void *arg; };

/* rebuild_tell - the live store goes on meanwhile, and so do its alerts */
static int
rebuild_tell(void *arg, const char *phase, uint64_t done, uint64_t total)
{
    struct rebuild_told *t = arg;
    if (tl_clock_real()->mono_us(tl_clock_real()) - t->a->watched_us > WATCH_US)
        watch_now(t->a);
    return t->progress(t->arg, phase, done, total);
}

static int
stitch_rebuild(void *self, pace_progress progress, void *arg, struct tl_err *err)
{
    struct rebuild_told t = { self, progress, arg };
    return follow_rebuild(t.a->follow, rebuild_tell, &t, err);
}

static uint64_t
stitch_position(void *self)
{
    return follow_position(((struct aggregator *)self)->follow);
}

/* ---- HTTP ---- */

static int
take_first_time(void *arg, const struct tl_logged *rec)
{
    *(int64_t *)arg = rec->logged_at_ms;
    return 1;
}

/* lag_ms - age of the oldest event that is logged and not stitched */
static int64_t
lag_ms(struct aggregator *a)
{
    uint64_t stitched = follow_position(a->follow);
    int64_t logged_at_ms = 0;
    if (stitched < tl_eventlog_end(a->log))
        tl_eventlog_read(a->log, stitched, take_first_time, &logged_at_ms, NULL);
    int64_t lag = logged_at_ms ? tl_clock_real()->wall_ms(tl_clock_real()) - logged_at_ms : 0;
    return lag > 0 ? lag : 0;
}

static void
write_rebuild(struct tl_jw *w, const struct pace_state *st)
{
    if (!st->rebuilding) {
        tl_jw_null(w, "rebuild");
        return;
    }
    tl_jw_open(w, "rebuild");
    tl_jw_cstr(w, "phase", st->phase);
    tl_jw_uint(w, "done", st->done);
    tl_jw_uint(w, "total", st->total);
    tl_jw_close(w);
}

/* write_catalogue - the version that the journeys are made by, and the one that is on its way */
static void
write_catalogue(struct aggregator *a, struct tl_jw *w)
{
    struct follow_catalogue c;
    follow_catalogue(a->follow, &c);
    tl_jw_open(w, "catalogue");
    tl_jw_cstr(w, "hash", c.hash);
    tl_jw_uint(w, "activation", c.at);
    if (c.time_ms == TL_TIME_NONE)
        tl_jw_null(w, "activated");
    else
        tl_jw_int(w, "activated", c.time_ms);
    if (c.due > c.at) {
        tl_jw_open(w, "next");
        tl_jw_cstr(w, "hash", c.due_hash);
        tl_jw_uint(w, "activation", c.due);
        tl_jw_str(w, "trouble", c.trouble[0] ? tl_str_of(c.trouble) : (struct tl_str){ 0 });
        tl_jw_close(w);
    } else
        tl_jw_null(w, "next");
    tl_jw_close(w);
}

/* write_gaps - collectors that are refused until somebody says `touchline gap accept` */
static void
write_gaps(struct aggregator *a, struct tl_jw *w)
{
    char name[33];
    pthread_mutex_lock(&a->gaps_mu);
    size_t n = a->gaps_n;
    if (n)
        tl_jw_array(w, "gaps");
    for (size_t i = 0; i < n; i++) {
        const struct intake_gap *g = &a->gap[i];
        tl_hex(g->collector, sizeof g->collector, name);
        tl_jw_open(w, NULL);
        tl_jw_cstr(w, "collector", name);
        tl_jw_uint(w, "partition", g->partition);
        tl_jw_uint(w, "committed", g->committed);
        tl_jw_uint(w, "first", g->first);
        tl_jw_uint(w, "missing", g->first - g->committed - 1);
        tl_jw_close(w);
    }
    if (n)
        tl_jw_end(w);
    pthread_mutex_unlock(&a->gaps_mu);
}

static bool
has_gaps(struct aggregator *a)
{
    pthread_mutex_lock(&a->gaps_mu);
    bool has = a->gaps_n > 0;
    pthread_mutex_unlock(&a->gaps_mu);
    return has;
}

static void
write_health(struct aggregator *a, struct tl_buf *b)
{
    struct tl_jw w = tl_jw_to(b);
    struct pace_state st;
    int64_t lag = lag_ms(a);
    char alerts_trouble[TL_ERR_TEXT_BYTES], hooks_trouble[TL_ERR_TEXT_BYTES] = "";
    bool holding = atomic_load(&a->holding);
    pace_look(a->pace, &st);
    pthread_mutex_lock(&a->gaps_mu);
    memcpy(alerts_trouble, a->alerts_trouble, sizeof alerts_trouble);
    pthread_mutex_unlock(&a->gaps_mu);
    if (a->hooks)
        hooks_run_trouble(a->hooks, hooks_trouble);
    tl_jw_open(&w, NULL);
    tl_jw_cstr(&w, "status", lag > DEGRADED_LAG_MS || st.trouble[0] || holding || atomic_load(&a->tight) || has_gaps(a) || alerts_trouble[0] || hooks_trouble[0] ? "degraded" : "ok");
    tl_jw_uint(&w, "position", tl_eventlog_end(a->log));
    tl_jw_uint(&w, "stitched", follow_position(a->follow));
    tl_jw_int(&w, "lag_ms", lag);
    write_rebuild(&w, &st);
    write_catalogue(a, &w);
    if (st.trouble[0])
        tl_jw_cstr(&w, "stitching", st.trouble);
    if (holding)
        tl_jw_cstr(&w, "disk", "nearly full: collectors are asked to wait");
    else if (atomic_load(&a->tight))
        tl_jw_cstr(&w, "disk", "nearly full: stitching waits");
    if (alerts_trouble[0])
        tl_jw_cstr(&w, "alerts", alerts_trouble);
    if (hooks_trouble[0])
        tl_jw_cstr(&w, "webhooks", hooks_trouble);
    write_gaps(a, &w);
    tl_jw_close(&w);
}

static void
serve_health(struct aggregator *a, struct tl_http_req *rq)
{
    struct tl_buf b = { 0 };
    write_health(a, &b);
    tl_http_answer_json(rq, 200, &b);
    tl_buf_free(&b);
}

/* set_totals - received = stitched + duplicates + quarantined + suppressed + heartbeats + on the way, each as stored; `unaccounted` says by how much it is not so */
static void
set_totals(struct aggregator *a)
{
    struct follow_totals t;
    follow_totals(a->follow, &t);
    uint64_t end = tl_eventlog_end(a->log), refused = tl_eventlog_refused_total(a->log);
    int64_t on_the_way = (int64_t)(end - t.position);
    int64_t received = (int64_t)(end - 1 - t.controls + refused);
    int64_t known = (int64_t)(t.stitched + t.duplicates + t.refused + refused + t.suppressed + t.heartbeats) + on_the_way;
    tl_count_set(A_TOTAL_RECEIVED, received);
    tl_count_set(A_TOTAL_STITCHED, (int64_t)t.stitched);
    tl_count_set(A_TOTAL_DUPLICATES, (int64_t)t.duplicates);
    tl_count_set(A_TOTAL_QUARANTINED, (int64_t)(t.refused + refused));
    tl_count_set(A_TOTAL_SUPPRESSED, (int64_t)t.suppressed);
    tl_count_set(A_TOTAL_HEARTBEATS, (int64_t)t.heartbeats);
    tl_count_set(A_TOTAL_ON_THE_WAY, on_the_way);
    tl_count_set(A_TOTAL_UNACCOUNTED, received - known);
}

static void
serve_metrics(struct aggregator *a, struct tl_http_req *rq)
{
    struct tl_buf b = { 0 };
    tl_count_set(A_STITCH_LAG_MS, lag_ms(a));
    tl_count_set(A_LOG_POSITION, (int64_t)tl_eventlog_end(a->log));
    set_totals(a);
    tl_count_render(PROGRAM, &b);
    const struct tl_http_reply reply = { .status = 200, .content_type = "text/plain; version=0.0.4", .body = { (char *)b.data, b.len } };
    tl_http_answer(rq, &reply);
    tl_buf_free(&b);
}

static void
serve_rebuild(struct aggregator *a, struct tl_http_req *rq)
{
    struct tl_buf b = { 0 };
    pace_ask_rebuild(a->pace);
    tl_buf_put_str(&b, "{\"rebuild\":\"asked for; /healthz shows how far it is\"}");
    tl_http_answer_json(rq, 202, &b);
    tl_buf_free(&b);
}

static int
queue_record(struct aggregator *a, struct tl_http_req *rq, struct tl_str kind, struct tl_err *err)
{
    const char *word = NULL;
    int rc = control_check(kind, tl_http_body(rq), &word, err);
    if (rc < 0)
        return rc;
    struct tl_str actor = tl_http_header(rq, "X-Touchline-Actor");
    int64_t now_ms = tl_clock_real()->wall_ms(tl_clock_real());
    struct control_item *item = control_item_new(word, actor.n ? actor : TL_STR("operator"), now_ms, tl_http_body(rq), rq);
    if (!item)
        return tl_fail(err, TL_ENOMEM, "out of memory for a control record");
    rc = control_push(a->controls, item, err);
    if (rc < 0)
        control_item_free(&item);
    return rc;
}

/* is_same - does this version hold already, or is it the next one, with nothing else waiting in between? */
static bool
is_same(struct aggregator *a, const char *hash, uint64_t *position)
{
    struct follow_catalogue c;
    uint64_t stitched = follow_position(a->follow);
    follow_catalogue(a->follow, &c);
    *position = c.due > c.at ? c.due : c.at;
    return *position > 0 && strcmp(hash, c.due > c.at ? c.due_hash : c.hash) == 0 && !version_since(a->log, stitched, SAME_LOOK_MAX);
}

/* serve_catalogue - the version that holds already is not written again: the answer says so. The first one is: from then on the log says which holds. */
static int
serve_catalogue(struct aggregator *a, struct tl_http_req *rq, struct tl_err *err)
{
    const char *word = NULL;
    char hash[33];
    uint64_t position = 0;
    int rc = control_check(TL_STR("catalogue"), tl_http_body(rq), &word, err);
    if (rc == 0)
        rc = control_catalogue_hash(tl_http_body(rq), hash, err);
    if (rc < 0)
        return rc;
    if (!is_same(a, hash, &position))
        return queue_record(a, rq, TL_STR("catalogue"), err);
    struct tl_buf b = { 0 };
    tl_buf_printf(&b, "{\"position\":%" PRIu64 ",\"hash\":\"%s\",\"same\":true}", position, hash);
    tl_http_answer_json(rq, 200, &b);
    tl_buf_free(&b);
    return 0;
}

static int
serve_control(struct aggregator *a, struct tl_http_req *rq, struct tl_str kind, struct tl_err *err)
{
    if (!tl_str_is(tl_http_method(rq), "POST"))
        return tl_fail(err, TL_EMETHOD, "control records are sent with POST");
    if (!control_authorized(tl_http_header(rq, "Authorization"), a->token))
        return tl_fail(err, TL_EAUTH, "send Authorization: Bearer and the token that stands in run/token of the data folder");
    if (tl_str_is(kind, "catalogue"))
        return serve_catalogue(a, rq, err);
    if (!tl_str_is(kind, "rebuild"))
        return queue_record(a, rq, kind, err);
    serve_rebuild(a, rq);
    return 0;
}

static void
on_request(void *arg, int loop, struct tl_http_req *rq)
{
    static const char door[] = "/control/";
    struct aggregator *a = arg;
    struct tl_str path = tl_http_path(rq);
    struct tl_err err = { 0 };
    size_t n = sizeof door - 1;
    int rc = 0;
    (void)loop;
    if (tl_str_is(path, "/healthz"))
        serve_health(a, rq);
    else if (tl_str_is(path, "/metrics"))
        serve_metrics(a, rq);
    else if (path.n > n && memcmp(path.p, door, n) == 0)
        rc = serve_control(a, rq, (struct tl_str){ path.p + n, path.n - n }, &err);
    else
        rc = tl_fail(&err, TL_ENOTFOUND, "here are /healthz, /metrics and /control/<kind>");
    if (rc < 0)
        tl_http_answer_error(rq, &err);
}

static void
answer_record(void *self, int rc, uint64_t position, const struct tl_err *err)
{
    struct control_item *item = self;
    struct tl_buf b = { 0 };
    if (rc < 0) {
        tl_http_answer_error(item->rq, err);
    } else {
        tl_buf_printf(&b, "{\"position\":%" PRIu64 "}", position);
        tl_http_answer_json(item->rq, 200, &b);
    }
    tl_buf_free(&b);
    control_item_free(&item);
}

/* ---- the bus and intake loop ---- */

static int
take_messages(struct aggregator *a, bool *more, struct tl_err *err)
{
    struct tl_bus_msg m;
    while (!intake_due(a->intake)) {
        int rc = tl_bus_recv(a->bus, &m, err);
        if (rc == TL_EAGAIN)
            return 0;
        if (rc < 0)
            return rc;
        if (!a->callers || callers_admit(a->callers, a->bus, &m))
            rc = intake_take(a->intake, m.route, m.route_n, m.frame, m.frames_n, err);
        tl_bus_done(&m);
        if (rc < 0)
            return rc;
    }
    *more = true;
    return 0;
}

static int
accept_gaps(struct aggregator *a, struct control_item *item, struct tl_err *err)
{
    char hex[CONTROL_COLLECTOR_MAX + 1];
    struct tl_err why = { 0 };
    int rc = control_collector(item->body, hex, &why);
    if (rc < 0) {
        answer_record(item, rc, 0, &why);
        return 0;
    }
    return intake_accept_gaps(a->intake, item->actor, item->time_ms, tl_str_of(hex), (struct intake_ticket){ item, answer_record }, err);
}

static void
look_at_gaps(struct aggregator *a)
{
    struct intake_gap gap[INTAKE_GAPS_MAX];
    size_t n = intake_gaps(a->intake, gap, INTAKE_GAPS_MAX);
    pthread_mutex_lock(&a->gaps_mu);
    memcpy(a->gap, gap, n * sizeof gap[0]);
    a->gaps_n = n;
    pthread_mutex_unlock(&a->gaps_mu);
}

static int
take_controls(struct aggregator *a, struct tl_err *err)
{
    int rc = 0;
    while (rc == 0 && !intake_due(a->intake)) {
        struct control_item *item = control_take(a->controls);
        if (!item)
            break;
        if (strcmp(item->kind, "gap") == 0)
            rc = accept_gaps(a, item, err);
        else
            rc = intake_control(a->intake, item->kind, item->actor, item->time_ms, item->body, (struct intake_ticket){ item, answer_record }, err);
    }
    return rc;
}

/* take_round - what waits, as one commit. The log having grown is no failure: what was on its way comes again. */
static int
take_round(struct aggregator *a, bool *more, struct tl_err *err)
{
    *more = false;
    int rc = take_controls(a, err);
    if (rc == 0)
        rc = take_messages(a, more, err);
    bool pending = intake_pending(a->intake);
    if (rc == 0)
        rc = intake_commit(a->intake, err);
    if (rc == 0 && pending)
        pace_wake(a->pace);
    if (rc == TL_ENOSPC)
        {
        tl_log(TL_INFO, "log_grown", "text=\"%s\"", err->text);
        a->tended_us = 0;               /* or the disk is full: then ask to wait at once */
    }
    return rc == TL_ENOSPC ? 0 : rc;
}

/* look_at_disk - what is left belongs to the log: stitching stops first and goes on last, then collectors are asked to wait. */
static void
look_at_disk(struct aggregator *a)
{
    struct statvfs v;
    if (statvfs(a->conf.data, &v) < 0)
        return;
    int64_t free_bytes = (int64_t)(v.f_bavail * v.f_frsize), tenth = (int64_t)(v.f_blocks * v.f_frsize / 10);
    int64_t least = tenth < HOLD_FREE_BYTES ? tenth : HOLD_FREE_BYTES;
    bool holding = atomic_load(&a->holding), was_tight = atomic_load(&a->tight);
    atomic_store(&a->tight, free_bytes < 2 * least);
    if (was_tight && free_bytes >= 2 * least)
        pace_wake(a->pace);
    if (holding == (free_bytes < (holding ? 2 : 1) * least))
        return;
    atomic_store(&a->holding, !holding);
    intake_hold(a->intake, !holding);
    tl_log(holding ? TL_INFO : TL_WARN, holding ? "disk_released" : "disk_nearly_full", "free_mb=%" PRId64, free_bytes >> 20);
}

/* tend - now and then: disk space, and readers that died. */
static void
tend(struct aggregator *a)
{
    int64_t now_us = tl_clock_real()->mono_us(tl_clock_real());
    if (now_us - a->tended_us < TEND_US)
        return;
    a->tended_us = now_us;
    tl_eventlog_tend(a->log);
    look_at_disk(a);
}

static int
serve(struct aggregator *a, struct tl_err *err)
{
    struct pollfd p[] = {
        { .fd = a->stop_fd, .events = POLLIN },
        { .fd = tl_bus_fd(a->bus), .events = POLLIN },
        { .fd = control_queue_fd(a->controls), .events = POLLIN },
    };
    int rc = 0;
    bool more = false;
    while (rc == 0 && !tl_run_stopping()) {
        if (poll(p, sizeof p / sizeof p[0], more ? 0 : TICK_MS) < 0 && errno != EINTR)
            return tl_fail(err, TL_EIO, "poll: %s", strerror(errno));
        rc = take_round(a, &more, err);
        look_at_gaps(a);
        tend(a);
    }
    return rc;
}

/* ---- start and stop ---- */

/* open_alerts - events are taken and stitched without alerts, too */
static void
open_alerts(struct aggregator *a)
{
    char path[PATH_MAX];
    struct tl_err err = { 0 };
    if (tl_alerts_open(&a->alerts, a->conf.data, false, &err) < 0)
        tell_alerts_trouble(a, err.text);
    else if (!(a->watch = watch_new(a->alerts, follow_zone(a->follow))))
        tell_alerts_trouble(a, "out of memory at start");
    if (!a->watch)
        return;
    const struct hooks_cfg cfg = { tl_run_path(path, a->conf.data, "webhooks.json"), a->conf.alerts_group_s * 1000, (int)a->conf.alerts_digest_hour, follow_zone(a->follow) };
    if (hooks_run_start(&a->hooks, a->alerts, a->conf.data, &cfg, &err) < 0)
        tell_alerts_trouble(a, err.text);
}

static int
open_store(struct aggregator *a, struct tl_err *err)
{
    char path[PATH_MAX];
    const struct pace_work work = { a, stitch_round, stitch_wants_rebuild, stitch_rebuild, stitch_position };
    int rc = tl_eventlog_open(&a->log, tl_run_path(path, a->conf.data, "log"), false, err);
    if (rc == 0)
        rc = follow_open(&a->follow, a->conf.data, &a->conf, a->log, err);
    if (rc == 0)
        open_alerts(a);
    if (rc == 0)
        rc = pace_start(&a->pace, &work, err);
    return rc;
}

static bool
needs_keys(const struct tl_conf *c)
{
    return c->bus_curve || !tl_conf_bus_loopback(c->aggregator_bus);
}

static int
open_doors(struct aggregator *a, struct tl_err *err)
{
    struct tl_bus_cfg bus = { .endpoint = a->conf.aggregator_bus, .router = true, .hwm = 2 * INTAKE_CREDIT_BATCHES };
    struct tl_http_cfg http = {
        .bind = a->conf.aggregator_bind,
        .port = (int)a->conf.aggregator_port,
        .threads = 1,
        .body_max = CONTROL_CATALOGUE_MAX + 1,     /* control_check knows what each kind may have */
        .body_budget = HTTP_BODY_BUDGET,
        .connections_max = HTTP_CONNECTIONS_MAX,
        .deadline_ms = HTTP_DEADLINE_MS,
        .handler = on_request,
        .arg = a,
    };
    int rc = needs_keys(&a->conf) ? callers_open(&a->callers, a->conf.data, &bus, err) : 0;
    if (rc == 0)
        rc = tl_bus_open(&a->bus, &bus, err);
    if (rc < 0)
        return rc;
    const struct intake_log log = log_port(a->log);
    const struct intake_net net = { a->bus, bus_send };
    a->intake = intake_new(&log, &net, tl_clock_real());
    a->controls = control_queue_new();
    if (!a->intake || !a->controls)
        return tl_fail(err, TL_ENOMEM, "out of memory at start");
    rc = tl_http_inherited(0, false, err);
    if (rc < 0)
        return rc;
    http.listen_fd = rc;
    return tl_http_start(&a->http, &http, err);
}

static int
publish_ports(struct aggregator *a, struct tl_err *err)
{
    struct tl_run_info info = { .pid = (int)getpid() };
    snprintf(info.http, sizeof info.http, "http://%.50s:%d", a->conf.aggregator_bind, tl_http_port(a->http));
    snprintf(info.bus, sizeof info.bus, "%.79s", tl_bus_endpoint(a->bus));
    tl_log(TL_INFO, "started", "http=%s bus=%s data=%s position=%" PRIu64 " stitched=%" PRIu64, info.http, info.bus, a->conf.data, tl_eventlog_end(a->log),
           follow_position(a->follow));
    return tl_run_publish(a->conf.data, PROGRAM, &info, err);
}

static int
start(struct aggregator *a, struct tl_err *err)
{
    int rc = tl_hash_init();
    if (rc < 0)
        return tl_fail(err, rc, "libsodium does not start");
    a->stop_fd = tl_run_signals();
    if ((rc = tl_run_claim(a->conf.data, PROGRAM, err)) < 0 || (rc = tl_run_token(a->conf.data, 1, a->token, err)) < 0)
        return rc;
    if ((rc = open_store(a, err)) < 0 || (rc = open_doors(a, err)) < 0)
        return rc;
    return publish_ports(a, err);
}

static void
refuse_controls(struct aggregator *a)
{
    struct tl_err stopping;
    tl_fail(&stopping, TL_EINTR, "the aggregator is stopping");
    control_close(a->controls);
    for (struct control_item *item = control_take(a->controls); item; item = control_take(a->controls))
        answer_record(item, TL_EINTR, 0, &stopping);
}

/* stop - what was taken is committed and answered; then the process ends as it would in a crash. */
static _Noreturn void
stop(struct aggregator *a, int rc, const struct tl_err *err)
{
    if (rc < 0)
        tl_log(TL_ERROR, "fatal", "code=%s text=\"%s\"", tl_err_name(err->code), err->text);
    tl_run_stop();
    if (a->http) {
        if (rc == 0)
            rc = intake_commit(a->intake, NULL);
        refuse_controls(a);
        intake_free(&a->intake);
        tl_http_stop(&a->http);
        tl_run_withdraw(a->conf.data, PROGRAM);
    }
    if (a->pace && pace_stop(a->pace, STITCH_STOP_S))
        tl_log(TL_INFO, "stopped", "position=%" PRIu64 " stitched=%" PRIu64, tl_eventlog_end(a->log), follow_position(a->follow));
    _exit(rc < 0 ? 1 : 0);
}

static int
check_addresses(const struct tl_conf *c, struct tl_err *err)
{
    const char *at = strncmp(c->aggregator_bus, "tcp://", 6) == 0 ? c->aggregator_bus + 6 : NULL;
    const char *colon = at ? strrchr(at, ':') : NULL;
    if (!colon)
        return tl_fail(err, TL_ECONFIG, "aggregator.bus = %s: it must look like tcp://127.0.0.1:5570", c->aggregator_bus);
    return tl_conf_loopback("aggregator.bind", c->aggregator_bind, err);
}

static _Noreturn void
usage(void)
{
    struct tl_buf b = { 0 };
    tl_buf_put_str(&b, "touchline-aggregator [-n] [--config FILE] [--KEY VALUE ...]\n"
                       "Takes events from collectors into DATA/log and stitches them into DATA/journeys.\n"
                       "  -n      check the settings and exit\n"
                       "  --scratch DIR --until N   journeys of the positions below N by DIR/catalogue, into DIR/journeys, and exit: see touchline check --diff\n"
                       "  --help  this text\n\nSettings:\n");
    tl_conf_help(&b);
    fwrite(b.data, 1, b.len, stdout);
    fflush(stdout);
    _exit(0);
}

static int
read_options(struct tl_conf *c, int argc, char **argv, bool *check_only, struct scratch *s, struct tl_err *err)
{
    int rc = tl_conf_args(c, &argc, argv, err);
    for (int i = 1; rc == 0 && i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            usage();
        else if (strcmp(argv[i], "-n") == 0)
            *check_only = true;
        else if (scratch_option(s, argc, argv, &i))
            continue;
        else
            rc = tl_fail(err, TL_ECONFIG, "%s is not known; --help lists the settings", argv[i]);
    }
    return rc < 0 ? rc : check_addresses(c, err);
}

int
main(int argc, char **argv)
{
    static struct aggregator a = { .gaps_mu = PTHREAD_MUTEX_INITIALIZER };
    struct tl_err err = { 0 };
    bool check_only = false;
    struct scratch scratch = { 0 };
    tl_log_program(PROGRAM);
    tl_conf_defaults(&a.conf);
    int rc = read_options(&a.conf, argc, argv, &check_only, &scratch, &err);
    if (rc < 0) {
        fprintf(stderr, "touchline-aggregator: %s\n", err.text);
        return 2;
    }
    if (check_only)
        return 0;
    if (scratch.dir)
        return scratch_run(&scratch, &a.conf);
    rc = start(&a, &err);
    if (rc == 0)
        rc = serve(&a, &err);
    stop(&a, rc, &err);
}
