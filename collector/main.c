/* main.c - the collector: takes events over HTTP, answers when the disk has them, and passes them on to the aggregator.
 *
 * The include list below is the table of contents, in the order an event passes. Threads: HTTP loops (receive to commit_add), the spool thread
 * (commit.c), the link thread (link.c), one for watched folders (watch.c), and main, which waits for a signal. */
#include "source.h"
#include "receive.h"
#include "gate.h"
#include "admit.h"
#include "policy.h"
#include "body.h"
#include "commit.h"
#include "spool.h"
#include "answer.h"
#include "settings.h"
#include "script.h"
#include "debug.h"
#include "publish.h"
#include "link.h"
#include "watch.h"

#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "tl_conf.h"
#include "tl_count.h"
#include "tl_hash.h"
#include "tl_keys.h"
#include "tl_logfmt.h"
#include "tl_run.h"

#define LOOPS_MAX 16
#define BODY_BUDGET_BYTES (12u * 1024 * 1024)   /* bodies that come in and items that wait for the disk, together */
#define MEMORY_BUDGET_BYTES (16u * 1024 * 1024) /* the same and the connections: 1,000 of them leave 4 MB for bodies */
#define CONNECTIONS_MAX 1024
#define DEADLINE_MS 5000
#define REFRESH_MS 250                          /* write keys are looked at */
#define LOGGED_WAIT_US INT64_C(5000000)
#define DISK_FLOOR_BYTES (UINT64_C(1) << 30)    /* or a twentieth of the disk, when that is less */

struct desk {                                   /* one a loop */
    struct debug *debug;                        /* NULL unless asked for */
    struct gate *gate;
    struct tl_http_req *rq;                     /* under way */
    struct gate_pass pass;
    struct tl_err refused;                      /* why the gate said no in the middle of a body */
    struct receive receive;
    const struct policy *policy;                /* NULL: events are kept as sent */
    struct policy_desk own;                     /* the event under way, as the policy lets it be kept */
    struct admit admit;
    struct body body;
    bool nothing;                               /* the list of events was empty */
};

struct collector {
    struct tl_conf conf;
    struct gate gate;
    struct policy *policy;
    struct spool *spool;
    uint64_t epoch;
    struct commit *commit;
    struct link *link;
    struct tl_http *http;
    struct desk desk[LOOPS_MAX];
    struct debug *debug;
    struct watch_list watched;
    struct watch *watch;                        /* NULL: no folder is watched */
    atomic_bool broken;
};

/* ---- the way of an event ---- */
/* The key may stand in the head, or first in the body: asked once it is known. */
static int
ask(struct desk *d, struct tl_err *err)
{
    if (d->pass.asked) return 0;
    int rc = gate_ask(d->gate, &d->pass, d->rq, d->receive.in.origin, err);
    d->admit.origin = tl_str_of(d->pass.grant.origin);
    d->admit.stream = d->pass.grant.stream[0] ? tl_str_of(d->pass.grant.stream) : (struct tl_str){ NULL, 0 };
    return rc;
}

/* What is kept of bytes that were refused: none while there is a policy, and it cannot be told which of its rules are theirs. */
static void
refuse_event(struct desk *d, size_t index, const struct tl_refusal *why, struct tl_str slice, bool withheld)
{
    debug_take(d->debug, d->receive.source->path, d->admit.origin, NULL, why, withheld ? TL_STR("") : slice);
    body_refuse(&d->body, index, why, slice, withheld, d->admit.origin, d->admit.received_at_ms, d->receive.source->id_name);
}

static int
take_event(void *arg, size_t index, struct tl_event *ev, const struct tl_refusal *why, struct tl_str slice)
{
    struct desk *d = arg;
    struct tl_refusal mine = { .reason = TL_REASON_TOO_LARGE };
    int rc = ask(d, &d->refused);
    if (rc != 0) return rc;
    int own = ev ? policy_apply(d->policy, &d->own, ev) : 0;        /* what of it may be kept */
    if (own < 0 || !ev) {
        refuse_event(d, index, ev ? &mine : why, slice, d->policy != NULL);
    } else if (admit_event(&d->admit, ev, &mine) == 0) {            /* the collector's fields; limits and rules */
        body_take(&d->body, ev);
        debug_take(d->debug, d->receive.source->path, d->admit.origin, ev, NULL, own ? ev->raw : slice);
    } else {
        refuse_event(d, index, &mine, own ? ev->raw : slice, false);
    }
    return 0;
}

static int
submit(struct collector *c, struct desk *d, struct tl_http_req *rq, struct tl_err *err)
{
    size_t kept_bytes = body_bytes(&d->body);
    if (body_failed(&d->body)) return tl_fail(err, TL_ENOMEM, "out of memory reading the body; send it again");
    if (d->body.events_n + d->body.refused_n == 0) {
        answer_nothing(rq, d->receive.source);
        return 0;
    }
    struct ticket *t = ticket_new(rq, d->receive.source, &d->body);
    if (!t || !tl_http_body_trade(rq, kept_bytes)) {
        ticket_free(&t);
        return tl_fail(err, TL_ENOMEM, "too much is waiting to be written; send it again");
    }
    t->until_logged = d->receive.until_logged;
    if (d->nothing) t->accepted_n = 0;
    int rc = commit_add(c->commit, &d->body, t, err);
    if (rc != 0) ticket_free(&t);
    return rc;
}

/* An empty list under a key: its source has nothing more to tell. Kept as the heartbeat it is. */
static void
take_nothing(struct desk *d)
{
    struct tl_event ev;
    tl_event_init(&ev);
    ev.has = TL_HAS(type);
    ev.type_ = TL_STR("heartbeat");
    ev.raw = TL_STR("{\"type\":\"heartbeat\"}");
    d->nothing = d->receive.in.origin_given && d->receive.source->call == NULL && d->body.events_n + d->body.refused_n == 0;
    if (d->nothing) take_event(d, 0, &ev, NULL, ev.raw);
}

/* A body that its protocol cannot read, or that is too large, is refused, or, where the client would send it for ever, kept as one refused item. */
static int
read_events(struct desk *d, bool too_large, struct tl_err *err)
{
    const struct tl_refusal why = { .reason = too_large ? TL_REASON_TOO_LARGE : TL_REASON_BAD_JSON };
    int rc = too_large ? TL_EINVAL : d->receive.source->read(&d->receive.in, take_event, d, err);
    if (rc != TL_EINVAL || !d->receive.source->keeps_bad || d->body.events_n + d->body.refused_n > 0) return rc;
    return take_event(d, 0, NULL, &why, d->receive.in.body);
}

static void
collect(struct collector *c, struct desk *d, const struct source *source, struct tl_http_req *rq)
{
    struct tl_err err = { 0 };
    tl_count_add(C_BODIES, 1);
    body_reset(&d->body);
    d->rq = rq;
    d->pass = (struct gate_pass){ 0 };
    d->refused.code = 0;
    d->admit.received_at_ms = tl_clock_real()->wall_ms(tl_clock_real());
    int rc = receive_open(&d->receive, source, rq, (size_t)c->conf.body_max_bytes, &err);    /* request -> body, key */
    bool too_large = rc == TL_ETOOBIG && source->keeps_bad;
    if (too_large) rc = 0;
    if (rc == 0 && d->receive.in.origin_given) rc = ask(d, &err);                            /* may that key send, and so much? */
    if (rc == 0) rc = read_events(d, too_large, &err);                                       /* body -> events, admitted one by one */
    if (rc == 0) rc = ask(d, &err);
    if (rc == 0) take_nothing(d);
    if (rc == 0) gate_charge(d->gate, &d->pass, (uint64_t)d->body.events_n + d->body.refused_n);
    if (rc == 0) rc = submit(c, d, rq, &err);                                                /* on disk before anyone says 2xx */
    receive_close(&d->receive);
    if (rc == 0) return;
    if (d->refused.code != 0) err = d->refused;
    bool later = tl_err_http(rc) == 503 || rc == TL_ELIMIT;
    tl_count_add(later ? C_BODIES_BUSY : C_BODIES_REFUSED, 1);
    answer_limited(rq, &err, rc == TL_ELIMIT ? d->pass.wait_s : 1);
}

/* A batch of a watched file waits for its commit like any sender. */
struct waiter {
    pthread_mutex_t lock;
    pthread_cond_t done;
    bool answered;
    int rc;
    struct tl_err err;
};

static void
wake_waiter(struct ticket *t, const struct tl_err *err)
{
    struct waiter *w = t->request;
    pthread_mutex_lock(&w->lock);
    w->answered = true;
    w->rc = err ? err->code : 0;
    if (err) w->err = *err;
    pthread_cond_signal(&w->done);
    pthread_mutex_unlock(&w->lock);
}

static int
submit_file(void *arg, struct body *b, struct tl_err *err)
{
    struct collector *c = arg;
    struct waiter w = { .lock = PTHREAD_MUTEX_INITIALIZER, .done = PTHREAD_COND_INITIALIZER };
    struct ticket *t = ticket_new(&w, NULL, b);
    int rc = t ? commit_add(c->commit, b, t, err) : tl_fail(err, TL_ENOMEM, "out of memory");
    if (rc != 0) {
        if (t) b->list = t->list, t->list = (struct tl_buf){ 0 };
        ticket_free(&t);
        return rc;
    }
    pthread_mutex_lock(&w.lock);
    while (!w.answered)
        pthread_cond_wait(&w.done, &w.lock);
    pthread_mutex_unlock(&w.lock);
    if (w.rc != 0 && err) *err = w.err;
    return w.rc;
}

/* the last quarter of the spool is for those that send */
static bool
room_for_files(void *arg)
{
    struct collector *c = arg;
    struct spool_stats st;
    spool_stats(c->spool, &st);
    return st.bytes < (uint64_t)c->conf.spool_max_mb * (1u << 20) / 4 * 3;
}

static void
answer_one(void *arg, struct ticket *t, const struct tl_err *err)
{
    struct collector *c = arg;
    if (!t->source) {
        wake_waiter(t, err);
        ticket_free(&t);
        return;
    }
    tl_count_add(C_EVENTS_ACCEPTED, err ? 0 : t->accepted_n);
    tl_count_add(C_EVENTS_QUARANTINED, err ? 0 : t->refused_n);
    tl_count_add(C_BODIES_BUSY, err ? 1 : 0);
    answer_ticket(t, c->epoch, err);
    ticket_free(&t);
}

/* ---- between the stages ---- */
static int
append(void *arg, struct tl_str payload, uint64_t *seq, struct tl_err *err)
{
    struct collector *c = arg;
    int rc = spool_append(c->spool, payload, seq, err);
    if (rc != 0) tl_log(TL_ERROR, "spool_append_failed", "error=\"%s\"", err->text);
    return rc;
}

static int
sync_spool(void *arg, uint64_t *durable, struct tl_err *err)
{
    struct collector *c = arg;
    tl_count_add(C_SPOOL_SYNCS, 1);
    return spool_sync(c->spool, durable, err);
}

static void
committed(void *arg, bool broken)
{
    struct collector *c = arg;
    if (broken) {
        atomic_store(&c->broken, true);
        tl_log(TL_ERROR, "spool_broken", "hint=\"the disk refused a sync; ending, so that the next start recovers from what it holds\"");
        tl_run_stop();
    }
    link_wake(c->link);
}

static int
read_record(void *arg, uint64_t seq, struct tl_buf *out)
{
    struct collector *c = arg;
    struct tl_err err;
    int rc = spool_read(c->spool, seq, out, &err);
    if (rc != 0) tl_log(TL_ERROR, "spool_read_failed", "seq=%llu error=\"%s\"", (unsigned long long)seq, err.text);
    return rc;
}

static void
extent(void *arg, uint64_t *first, uint64_t *durable)
{
    struct collector *c = arg;
    *first = spool_first(c->spool);
    *durable = spool_durable(c->spool);
}

static void
acked(void *arg, uint64_t hwm)
{
    struct collector *c = arg;
    spool_acked(c->spool, hwm);
    commit_logged(c->commit, hwm);
}

static void
tick(void *arg)
{
    struct collector *c = arg;
    commit_tick(c->commit);
    spool_tend(c->spool);
}

static int
resolve(void *arg, char endpoint[80])
{
    struct collector *c = arg;
    struct tl_run_info info;
    const char *given = c->conf.collector_aggregator;
    if (!*given && (tl_run_find(c->conf.data, "aggregator", &info, NULL) != 0 || !info.bus[0])) return TL_ENOTFOUND;
    snprintf(endpoint, 80, "%.79s", *given ? given : info.bus);
    return 0;
}

/* Beyond loopback nothing is said plainly; keys that come later are found. */
static int
curve(void *arg, const char *endpoint, struct tl_bus_curve *out, struct tl_err *err)
{
    struct collector *c = arg;
    struct tl_curve_file f;
    char path[PATH_MAX];
    if (!c->conf.bus_curve && tl_conf_bus_loopback(endpoint)) return 0;
    int rc = tl_curve_file_load(tl_run_path(path, c->conf.data, "keys/collector.key"), &f, true, err);
    if (rc != 0) return rc;
    memcpy(out->public_key, f.public_key, sizeof out->public_key);
    memcpy(out->secret_key, f.secret_key, sizeof out->secret_key);
    memcpy(out->server_key, f.server_key, sizeof out->server_key);
    return 1;
}

static int64_t
mono_us(void *arg)
{
    (void)arg;
    return tl_clock_real()->mono_us(tl_clock_real());
}

/* ---- addresses ---- */
static void
get_health(struct collector *c, struct tl_http_req *rq)
{
    struct tl_buf b = { 0 };
    struct tl_jw w = tl_jw_to(&b);
    struct spool_stats st;
    int error = commit_last_error(c->commit);
    bool writable = error == 0 && !spool_poisoned(c->spool), reached = link_up(c->link);
    spool_stats(c->spool, &st);
    tl_jw_open(&w, NULL);
    tl_jw_cstr(&w, "status", !writable ? "failing" : reached && !(c->watch && watch_failing(c->watch)) ? "ok" : "degraded");
    tl_jw_open(&w, "spool");
    tl_jw_bool(&w, "writable", writable);
    if (error) tl_jw_cstr(&w, "error", tl_err_name(error));
    tl_jw_uint(&w, "bytes", st.bytes);
    tl_jw_uint(&w, "backlog", st.backlog_n);
    tl_jw_close(&w);
    tl_jw_open(&w, "aggregator");
    tl_jw_bool(&w, "reached", reached);
    tl_jw_close(&w);
    if (c->watch) watch_health(c->watch, &w);
    tl_jw_close(&w);
    answer_text(rq, writable ? 200 : 503, "application/json; charset=utf-8", &b);
    tl_buf_free(&b);
}

static void
get_metrics(struct collector *c, struct tl_http_req *rq)
{
    struct tl_buf b = { 0 };
    struct spool_stats st;
    spool_stats(c->spool, &st);
    tl_count_set(C_SPOOL_BYTES, (int64_t)st.bytes);
    tl_count_set(C_SPOOL_BACKLOG, (int64_t)st.backlog_n);
    tl_count_set(C_SPOOL_BAD_RECORDS, (int64_t)st.bad_records_n);
    tl_count_render("collector", &b);
    answer_text(rq, 200, "text/plain; version=0.0.4; charset=utf-8", &b);
    tl_buf_free(&b);
}

static const struct {
    const char *path;
    void (*get)(struct collector *c, struct tl_http_req *rq);
} pages[] = {
    { "/healthz", get_health },
    { "/metrics", get_metrics },
};

static void
on_request(void *arg, int loop, struct tl_http_req *rq)
{
    struct collector *c = arg;
    struct tl_err err;
    struct tl_str method = tl_http_method(rq), path = tl_http_path(rq);
    const struct source *source = receive_source(script_events_path(&c->conf, path));
    bool is_get = tl_str_is(method, "GET") || tl_str_is(method, "HEAD"), known = source != NULL;
    if (tl_str_is(method, "OPTIONS")) {
        answer_preflight(rq);
        return;
    }
    if (source && (tl_str_is(method, "POST") || (is_get && source->by_get))) {
        collect(c, &c->desk[loop], source, rq);
        return;
    }
    if (!source && (settings_answer(rq, path) || script_answer(&c->conf, rq, path) || debug_answer(c->debug, rq, path))) return;
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        if (!tl_str_is(path, pages[i].path)) continue;
        known = true;
        if (!is_get) break;
        pages[i].get(c, rq);
        return;
    }
    if (known) tl_fail(&err, TL_EMETHOD, "this address takes %s", source ? "POST" : "GET");
    else tl_fail(&err, TL_ENOTFOUND, "there is nothing at this address; events go to /v1/events");
    answer_error(rq, &err);
}

/* Whose clients would send a body over the limit for ever: it is quarantined as far as it is kept at all. */
static bool
cuts(void *arg, struct tl_http_req *rq)
{
    const struct source *source = receive_source(tl_http_path(rq));
    (void)arg;
    return source && source->keeps_bad && tl_str_is(tl_http_method(rq), "POST");
}

/* Refused before it reached on_request: a page's script must be able to read why, and when to try again. */
static void
on_refused(void *arg, struct tl_http_req *rq, const struct tl_err *err)
{
    (void)arg;
    tl_count_add(tl_err_http(err->code) == 503 ? C_BODIES_BUSY : C_BODIES_REFUSED, 1);
    answer_error(rq, err);
}

/* ---- start and stop ---- */
static uint64_t
disk_floor(const char *data)
{
    struct statvfs v;
    if (statvfs(data, &v) != 0) return 0;
    uint64_t part = (uint64_t)v.f_blocks * v.f_frsize / 20;
    return part < DISK_FLOOR_BYTES ? part : DISK_FLOOR_BYTES;
}

static int
open_spool(struct collector *c, struct tl_err *err)
{
    char path[PATH_MAX];
    const struct tl_conf *k = &c->conf;
    struct spool_cfg cfg = {
        .dir = *k->collector_spool ? k->collector_spool : tl_run_path(path, k->data, "spool"),
        .max_bytes = (uint64_t)k->spool_max_mb << 20, .segment_bytes = (uint64_t)k->spool_segment_mb << 20, .keep_s = (uint64_t)k->spool_keep_s,
        .free_floor_bytes = disk_floor(k->data), .no_sync = !k->spool_sync,
    };
    int rc = spool_open(&c->spool, &cfg, tl_io_posix(), tl_clock_real(), tl_rand_real(), err);
    if (rc == 0) c->epoch = spool_identity(c->spool).epoch;
    return rc;
}

static int
start_link(struct collector *c, struct tl_err *err)
{
    struct spool_identity me = spool_identity(c->spool);
    struct link_cfg cfg = {
        .publish = { .epoch = me.epoch, .recovered_seq = spool_recovered(c->spool), .read = read_record, .arg = c },
        .extent = extent, .acked = acked, .tick = tick, .resolve = resolve, .curve = curve, .mono_us = mono_us,
    };
    memcpy(cfg.publish.collector, me.collector, sizeof me.collector);
    return link_start(&c->link, &cfg, err);
}

static int
start_http(struct collector *c, struct tl_err *err)
{
    struct tl_http_cfg cfg = {
        .bind = c->conf.collector_bind, .port = (int)c->conf.collector_port, .threads = (int)c->conf.collector_threads,
        .body_max = (size_t)c->conf.body_max_bytes, .body_budget = BODY_BUDGET_BYTES, .memory_budget = MEMORY_BUDGET_BYTES,
        .connections_max = CONNECTIONS_MAX,
        .deadline_ms = DEADLINE_MS, .handler = on_request, .refused = on_refused, .cuts = cuts, .arg = c,
    };
    int rc = tl_http_inherited(0, c->debug == NULL && tl_write_keys_bind(c->conf.data, "", NULL) == 0, err);
    if (rc > 0) cfg.listen_fd = rc, rc = 0;
    for (int i = 0; rc == 0 && i < cfg.threads; i++) {
        c->desk[i].admit.rand = tl_rand_real();
        c->desk[i].gate = &c->gate;
        c->desk[i].debug = c->debug;
        c->desk[i].policy = c->policy;
        rc = receive_init(&c->desk[i].receive, cfg.body_max, (size_t)c->conf.body_events_max, err);
    }
    return rc == 0 ? tl_http_start(&c->http, &cfg, err) : rc;
}

static int
start_watch(struct collector *c, struct tl_err *err)
{
    const struct watch_cfg cfg = { .list = &c->watched, .data = c->conf.data, .submit = submit_file, .room = room_for_files, .policy = c->policy, .arg = c };
    return c->watched.n > 0 ? watch_start(&c->watch, &cfg, err) : 0;
}

static int
start(struct collector *c, struct tl_err *err)
{
    struct commit_cfg commit = { .append = append, .sync = sync_spool, .answer = answer_one, .committed = committed, .mono_us = mono_us, .arg = c,
                                 .logged_wait_us = LOGGED_WAIT_US };
    struct tl_run_info me = { .pid = (int)getpid() };
    int rc = tl_run_claim(c->conf.data, "collector", err);
    if (rc >= 0) rc = gate_open(&c->gate, &c->conf, err);
    if (rc == 0) rc = policy_open(&c->policy, c->conf.data, c->conf.collector_policy, err);
    if (rc == 0) rc = policy_key(c->policy, c->conf.data, err);
    if (rc == 0) rc = open_spool(c, err);
    if (rc == 0) rc = commit_start(&c->commit, &commit, err);
    if (rc == 0) rc = start_link(c, err);
    if (rc == 0) rc = start_http(c, err);
    if (rc == 0) rc = start_watch(c, err);
    if (rc != 0) return rc;
    bool v6 = strchr(c->conf.collector_bind, ':') != NULL;
    snprintf(me.http, sizeof me.http, v6 ? "http://[%.60s]:%d" : "http://%.60s:%d", c->conf.collector_bind, tl_http_port(c->http));
    char id[33];
    tl_hex(spool_identity(c->spool).collector, 16, id);
    tl_log(TL_INFO, "started", "http=%s data=\"%s\" collector=%s first=%llu durable=%llu policy_rules=%zu", me.http, c->conf.data, id, (unsigned long long)spool_first(c->spool),
           (unsigned long long)spool_durable(c->spool), policy_rules(c->policy));
    return tl_run_publish(c->conf.data, "collector", &me, err);
}

/* Every request taken is answered before anything it needs goes away. */
static void
stop(struct collector *c)
{
    if (c->http) tl_http_quiesce(c->http);
    watch_end(c->watch);
    if (c->commit) commit_stop(c->commit);
    tl_http_stop(&c->http);
    watch_stop(&c->watch);
    link_stop(&c->link);
    commit_free(&c->commit);
    if (c->spool && !atomic_load(&c->broken)) spool_close(&c->spool);
    for (int i = 0; i < LOOPS_MAX; i++) {
        receive_free(&c->desk[i].receive);
        policy_desk_free(&c->desk[i].own);
        body_free(&c->desk[i].body);
    }
    debug_free(&c->debug);
    policy_free(&c->policy);
    gate_close(&c->gate);
    tl_run_withdraw(c->conf.data, "collector");
    tl_log(TL_INFO, "stopped", "data=\"%s\"", c->conf.data);
}

/* One arena for all threads: what one frees the next one uses, and the peak stays what the budgets allow. */
static void
bound_memory(void)
{
    struct rlimit files;
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_MMAP_THRESHOLD, 128 * 1024);
    mallopt(M_TRIM_THRESHOLD, 2 * 1024 * 1024);
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
}

static int
usage(int argc, char **argv)
{
    struct tl_buf b = { 0 };
    bool asked = argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"));
    if (!asked && argc > 1) fprintf(stderr, "touchline-collector: what is \"%s\"?\n", argv[1]);
    tl_buf_put_str(&b, "usage: touchline-collector [-n] [--debug-api] [--watch DIR --map FILE]... [--config FILE] [--data DIR] [--KEY VALUE]...\n"
                       "Takes events over HTTP and from files, keeps them on disk, passes them to the aggregator.\n  --watch DIR  files dropped there (CSV, NDJSON, XES, also .gz) are taken once and moved to DIR/done or DIR/bad; may stand several times\n  --map FILE   what their rows mean (schemas/mappings.md); ready ones lie in schemas/mappings\n  -n           check the settings and end\n  --debug-api  what came in last stands at /debug/good and /debug/bad, for tests of senders\n\n");
    tl_conf_help(&b);
    fwrite(b.data, 1, b.len, asked ? stdout : stderr);
    tl_buf_free(&b);
    (void)argv;
    return asked ? 0 : 2;
}

int
main(int argc, char **argv)
{
    static struct collector c;
    struct tl_err err = { 0 };
    tl_log_program("collector");
    tl_conf_defaults(&c.conf);
    int rc = watch_list_args(&c.watched, &argc, argv, &err);
    if (rc == 0) rc = tl_conf_args(&c.conf, &argc, argv, &err);
    if (rc == 0 && *c.conf.collector_watch) rc = watch_list_file(&c.watched, c.conf.collector_watch, &err);
    if (rc == 0) rc = watch_list_check(&c.watched, c.conf.watch_settle_s, &err);
    c.watched.poll_ms = c.conf.watch_poll_ms;
    if (rc == 0) rc = tl_write_keys_bind(c.conf.data, c.conf.collector_bind, &err);
    if (rc == 0) rc = script_check(&c.conf, &err);
    if (rc == 0) rc = proxies_read(&c.gate.proxies, c.conf.collector_proxy, &err);
    if (argc == 2 && !strcmp(argv[1], "--debug-api")) {
        argc = 1;
        if (rc == 0) rc = tl_conf_loopback("with --debug-api collector.bind", c.conf.collector_bind, &err);
        if (!(c.debug = debug_new())) rc = tl_fail(&err, TL_ENOMEM, "out of memory");
    }
    bool check_only = argc == 2 && !strcmp(argv[1], "-n");
    if (rc == 0 && argc > 1 && !check_only) return usage(argc, argv);
    if (rc == 0 && check_only) rc = policy_open(&c.policy, c.conf.data, c.conf.collector_policy, &err);
    if (rc == 0 && check_only) return 0;
    if (rc == 0) rc = tl_hash_init();
    struct pollfd stopped = { .fd = tl_run_signals(), .events = POLLIN };
    bound_memory();
    if (rc == 0) rc = start(&c, &err);
    while (rc == 0 && !tl_run_stopping()) {
        poll(&stopped, 1, REFRESH_MS);
        access_refresh(c.gate.access);
    }
    if (rc != 0) tl_log(TL_ERROR, "not_started", "error=\"%s\"", err.text);
    if (rc == 0 || c.spool) stop(&c);
    return rc != 0 || atomic_load(&c.broken);
}
