/* touchline.c - see touchline.h: the calls. queue.c keeps what they say, sender.c sends it.
 *
 * Fork: every call first looks whether the handle is at home in this process. In a child it is not: the thread is not there, a lock may be held by one that is
 * not there either, and the queue is the parent's. So the child makes lock, session and queue anew, and starts a thread with its first event. No list of handles,
 * no atfork: the handle knows by itself. */
#include "inside.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "tl_json.h"
#include "tl_time.h"

#define QUEUE_BYTES 1048576u
#define FILE_BYTES 16777216u
#define PROPS_BYTES 16384

static bool
fits(const char *s)
{
    return !s || strlen(s) <= TEXT_BYTES;
}

static void
put(struct tl_jw *w, const char *name, const char *v)
{
    if (v && *v)
        tl_jw_cstr(w, name, v);
}

/* Balanced braces outside text, nothing behind the last: enough to keep one line one event; the collector judges the rest. */
static bool
is_object(const char *s)
{
    int depth = 0;
    bool text = false;
    if (*s != '{')
        return false;
    for (; *s; s++) {
        if ((unsigned char)*s < 0x20)
            return false;
        if (text) {
            if (*s == '\\' && s[1])
                s++;
            else if (*s == '"')
                text = false;
        } else if (*s == '"') {
            text = true;
        } else if (*s == '{' || *s == '[') {
            depth++;
        } else if ((*s == '}' || *s == ']') && --depth == 0) {
            return s[1] == '\0';
        }
    }
    return false;
}

/* the members that every line begins with */
static void
open_line(struct touchline *t, struct tl_jw *w, const char *type)
{
    char id[37], when[32];
    int64_t now_ms = tl_clock_real()->wall_ms(tl_clock_real());
    tl_rand_uuid7(&t->rand, now_ms, id);
    tl_jw_open(w, NULL);
    tl_jw_cstr(w, "id", id);
    tl_jw_cstr(w, "type", type);
    tl_jw_cstr(w, "time", tl_time_format(now_ms, when));
}

static void
write_line(struct touchline *t, const struct touchline_event *e, struct tl_buf *out)
{
    struct tl_jw w = tl_jw_to(out);
    open_line(t, &w, e->type);
    tl_jw_cstr(&w, "session", t->session);
    tl_jw_uint(&w, "seq", ++t->seq);
    tl_jw_open(&w, "ids");
    tl_jw_cstr(&w, e->id ? (e->id_kind ? e->id_kind : "user") : t->id_kind, e->id ? e->id : t->id);
    tl_jw_close(&w);
    put(&w, "touchpoint", e->touchpoint);
    put(&w, "channel", e->channel ? e->channel : t->channel);
    put(&w, "place", e->place ? e->place : t->place);
    put(&w, "agent", e->agent);
    put(&w, "order", e->order);
    put(&w, "case", e->case_id);
    put(&w, "outcome", e->outcome);
    if (e->props)
        tl_jw_raw(&w, "props", tl_str_of(e->props));
    tl_jw_close(&w);
}

/* One line into the queue, whole or not at all; with the lock held. */
static int
enqueue(struct touchline *t, const struct tl_buf *line)
{
    if (line->failed || (!t->running && sender_start(t) != 0))
        return TOUCHLINE_MEMORY;
    int rc = queue_put(&t->queue, line->data, line->len);
    t->stats.full += rc != 0 && rc != ENOMEM;
    if (rc == 0 && t->queue.lines_n == 1)
        pthread_cond_broadcast(&t->changed);
    return rc == 0 ? TOUCHLINE_OK : rc == ENOMEM ? TOUCHLINE_MEMORY : TOUCHLINE_FULL;
}

/* ---- fork ---- */
static void
fill(struct tl_rand *r, void *p, size_t n)
{
    (void)r;
    for (uint8_t *to = p; n > 0;) {
        ssize_t k = getrandom(to, n, 0);
        to += k > 0 ? k : 0;
        n -= k > 0 ? (size_t)k : 0;
    }
}

static void
settle(struct touchline *t)
{
    pthread_condattr_t monotonic;
    pthread_mutex_init(&t->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&t->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    t->rand.fill = fill;
    t->seq = 0;
    t->stats = (struct touchline_stats){ 0 };
    t->running = t->stop = t->urgent = false;
    tl_rand_uuid7(&t->rand, tl_clock_real()->wall_ms(tl_clock_real()), t->session);
}

/* The handle with its lock held, at home in this process. */
static void
enter(struct touchline *t)
{
    int me = (int)getpid(), was = atomic_load(&t->owner);
    while (was != me) {
        if (was == -me) {
            sched_yield();
            was = atomic_load(&t->owner);
        } else if (atomic_compare_exchange_strong(&t->owner, &was, -me)) {
            queue_forget(&t->queue);
            settle(t);
            atomic_store(&t->owner, me);
            was = me;
        }
    }
    pthread_mutex_lock(&t->lock);
}

int
touchline_send(struct touchline *t, const struct touchline_event *e)
{
    struct tl_buf line = { 0 };
    int rc = TOUCHLINE_INVALID;
    if (!t || !e || !e->type || !*e->type || !fits(e->type) || !fits(e->id_kind) || !fits(e->id) || !fits(e->touchpoint) || !fits(e->channel) ||
        !fits(e->place) || !fits(e->agent) || !fits(e->order) || !fits(e->case_id) || !fits(e->outcome))
        return TOUCHLINE_INVALID;
    if (e->props && (strlen(e->props) > PROPS_BYTES || !is_object(e->props)))
        return TOUCHLINE_INVALID;
    enter(t);
    if (e->id || t->id[0]) {
        write_line(t, e, &line);
        rc = enqueue(t, &line);
    }
    pthread_mutex_unlock(&t->lock);
    tl_buf_free(&line);
    return rc;
}

int
touchline_heartbeat(struct touchline *t, const char *place)
{
    struct tl_buf line = { 0 };
    if (!t || !fits(place))
        return TOUCHLINE_INVALID;
    enter(t);
    struct tl_jw w = tl_jw_to(&line);
    open_line(t, &w, "heartbeat");
    put(&w, "place", place);
    tl_jw_close(&w);
    int rc = enqueue(t, &line);
    pthread_mutex_unlock(&t->lock);
    tl_buf_free(&line);
    return rc;
}

int
touchline_track(struct touchline *t, const char *type, const char *props)
{
    return touchline_send(t, &(struct touchline_event){ .type = type, .props = props });
}

int
touchline_identify(struct touchline *t, const char *id_kind, const char *id)
{
    if (!t || !id_kind || !*id_kind || !id || !*id || !fits(id_kind) || !fits(id))
        return TOUCHLINE_INVALID;
    enter(t);
    snprintf(t->id_kind, sizeof t->id_kind, "%s", id_kind);
    snprintf(t->id, sizeof t->id, "%s", id);
    pthread_mutex_unlock(&t->lock);
    return TOUCHLINE_OK;
}

static int
options_wrong(const struct touchline_options *o)
{
    return !o || !o->url || !*o->url || !o->key || strlen(o->url) > 400 || strlen(o->key) > 200 || !fits(o->channel) || !fits(o->place) || o->flush_ms < 0;
}

struct touchline *
touchline_new(const struct touchline_options *o)
{
    int rc = options_wrong(o) ? EINVAL : 0;
    struct touchline *t = rc == 0 ? tl_alloc(sizeof *t) : NULL;
    if (!t) {
        errno = rc ? rc : ENOMEM;
        return NULL;
    }
    snprintf(t->url, sizeof t->url, "%s%sv1/events", o->url, o->url[strlen(o->url) - 1] == '/' ? "" : "/");
    snprintf(t->auth, sizeof t->auth, "Authorization: Bearer %s", o->key);
    snprintf(t->channel, sizeof t->channel, "%s", o->channel ? o->channel : "");
    snprintf(t->place, sizeof t->place, "%s", o->place ? o->place : "");
    t->flush_ms = o->flush_ms ? o->flush_ms : 500;
    settle(t);
    atomic_store(&t->owner, (int)getpid());
    rc = queue_open(&t->queue, o->queue_file, o->queue_bytes_max ? o->queue_bytes_max : o->queue_file ? FILE_BYTES : QUEUE_BYTES);
    if (rc == 0)
        rc = sender_start(t);
    if (rc != 0) {
        touchline_free(&t);
        errno = rc;
    }
    return t;
}

int
touchline_flush(struct touchline *t, int timeout_ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t ns = until.tv_nsec + (int64_t)(timeout_ms > 0 ? timeout_ms : 0) * 1000000;
    until.tv_sec += (time_t)(ns / 1000000000);
    until.tv_nsec = (long)(ns % 1000000000);
    enter(t);
    t->urgent = t->queue.lines_n > 0;
    pthread_cond_broadcast(&t->changed);
    while (t->queue.lines_n && pthread_cond_timedwait(&t->changed, &t->lock, &until) == 0)
        ;
    int rc = t->queue.lines_n ? TOUCHLINE_TIMEOUT : TOUCHLINE_OK;
    t->urgent = false;
    pthread_mutex_unlock(&t->lock);
    return rc;
}

void
touchline_stats(struct touchline *t, struct touchline_stats *out)
{
    enter(t);
    *out = t->stats;
    out->queued = t->queue.lines_n;
    pthread_mutex_unlock(&t->lock);
}

void
touchline_free(struct touchline **tp)
{
    struct touchline *t = *tp;
    if (!t)
        return;
    enter(t);
    pthread_mutex_unlock(&t->lock);
    sender_stop(t);
    pthread_cond_destroy(&t->changed);
    pthread_mutex_destroy(&t->lock);
    queue_close(&t->queue);
    tl_free(t);
    *tp = NULL;
}
