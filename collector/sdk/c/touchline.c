/* touchline.c - see touchline.h.
 *
 * The queue is one buffer of NDJSON lines. The sender takes lines from its front, posts them, and removes them after a 2xx alone; 429, 5xx and a dead
 * network mean: the same lines again, after Retry-After or a growing pause. */
#include "touchline.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>

#include "tl_fetch.h"
#include "tl_json.h"
#include "tl_mem.h"
#include "tl_port.h"
#include "tl_time.h"

#define QUEUE_BYTES 1048576
#define BODY_BYTES 256000
#define BODY_EVENTS 1000
#define PROPS_BYTES 16384
#define TEXT_BYTES 120
#define POST_TIMEOUT_MS 10000
#define PAUSE_MAX_MS 60000

struct touchline {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t thread;
    bool stop, urgent;
    char url[512], auth[300], channel[TEXT_BYTES + 1], place[TEXT_BYTES + 1], session[37];
    char id_kind[TEXT_BYTES + 1], id[TEXT_BYTES + 1];
    size_t queue_max;
    int flush_ms;
    unsigned long seq;
    struct tl_buf queue;            /* lines not yet acknowledged */
    struct touchline_stats stats;
};

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

static void
write_line(struct touchline *t, const struct touchline_event *e, struct tl_buf *out)
{
    char id[37], when[32];
    int64_t now_ms = tl_clock_real()->wall_ms(tl_clock_real());
    struct tl_jw w = tl_jw_to(out);
    tl_rand_uuid7(tl_rand_real(), now_ms, id);
    tl_jw_open(&w, NULL);
    tl_jw_cstr(&w, "id", id);
    tl_jw_cstr(&w, "type", e->type);
    tl_jw_cstr(&w, "time", tl_time_format(now_ms, when));
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
    tl_buf_put_u8(out, '\n');
}

/* One line into the queue, whole or not at all; with the lock held. */
static int
enqueue(struct touchline *t, const struct tl_buf *line)
{
    if (line->failed)
        return TOUCHLINE_MEMORY;
    if (t->queue.len + line->len > t->queue_max) {
        t->stats.full++;
        return TOUCHLINE_FULL;
    }
    tl_buf_put(&t->queue, line->data, line->len);
    bool failed = t->queue.failed;
    t->queue.failed = false;
    if (!failed && t->stats.queued++ == 0)
        pthread_cond_broadcast(&t->changed);
    return failed ? TOUCHLINE_MEMORY : TOUCHLINE_OK;
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
    pthread_mutex_lock(&t->lock);
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
    char id[37], when[32];
    if (!t || !fits(place))
        return TOUCHLINE_INVALID;
    pthread_mutex_lock(&t->lock);
    int64_t now_ms = tl_clock_real()->wall_ms(tl_clock_real());
    struct tl_jw w = tl_jw_to(&line);
    tl_rand_uuid7(tl_rand_real(), now_ms, id);
    tl_jw_open(&w, NULL);
    tl_jw_cstr(&w, "id", id);
    tl_jw_cstr(&w, "type", "heartbeat");
    tl_jw_cstr(&w, "time", tl_time_format(now_ms, when));
    put(&w, "place", place);
    tl_jw_close(&w);
    tl_buf_put_u8(&line, '\n');
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
    pthread_mutex_lock(&t->lock);
    snprintf(t->id_kind, sizeof t->id_kind, "%s", id_kind);
    snprintf(t->id, sizeof t->id, "%s", id);
    pthread_mutex_unlock(&t->lock);
    return TOUCHLINE_OK;
}

/* whole lines from the front of the queue, up to one body */
static size_t
front(const struct tl_buf *queue, unsigned long *lines_n)
{
    size_t n = 0;
    *lines_n = 0;
    while (n < queue->len && *lines_n < BODY_EVENTS) {
        const uint8_t *end = memchr(queue->data + n, '\n', queue->len - n);
        size_t next = (size_t)(end - queue->data) + 1;
        if (n > 0 && next > BODY_BYTES)
            break;
        n = next;
        ++*lines_n;
    }
    return n;
}

/* called with the lock held; false: woken to stop */
static bool
wait_ms(struct touchline *t, int ms, bool until_queued)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += (long)(ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    while (!t->stop && !(until_queued && t->stats.queued) && !(!until_queued && t->urgent)) {
        if (until_queued)
            pthread_cond_wait(&t->changed, &t->lock);
        else if (pthread_cond_timedwait(&t->changed, &t->lock, &until) == ETIMEDOUT)
            break;
    }
    return !t->stop;
}

static unsigned long
quarantined_in(const struct tl_buf *answer)
{
    static const char mark[] = "\"reason\":";
    unsigned long n = 0;
    for (size_t i = 0; i + sizeof mark <= answer->len; i++)
        n += memcmp(answer->data + i, mark, sizeof mark - 1) == 0;
    return n;
}

/* Posts `body`; returns the pause in ms before the next try, 0 when the lines are done with. */
static int
post(struct touchline *t, struct tl_fetch *f, struct tl_str body, int pause_ms, struct tl_buf *answer, int *status)
{
    const char *const headers[] = { t->auth, "Content-Type: application/x-ndjson", NULL };
    int retry_s = -1;
    *status = 0;
    tl_buf_reset(answer);
    int rc = tl_fetch_do(f, "POST", t->url, headers, body, status, &retry_s, answer, NULL);
    if (rc == 0 && *status != 429 && *status < 500)
        return 0;
    pause_ms = pause_ms ? pause_ms * 2 : 250;
    if (retry_s > 0 && retry_s * 1000 > pause_ms)
        pause_ms = retry_s * 1000;
    return pause_ms > PAUSE_MAX_MS ? PAUSE_MAX_MS : pause_ms;
}

static void *
sender(void *arg)
{
    struct touchline *t = arg;
    struct tl_fetch *f = tl_fetch_new(POST_TIMEOUT_MS);
    struct tl_buf body = { 0 }, answer = { 0 };
    int pause_ms = 0, status;
    pthread_mutex_lock(&t->lock);
    while (f && wait_ms(t, 0, true)) {
        unsigned long lines_n;
        if (!wait_ms(t, pause_ms ? pause_ms : t->flush_ms, false))
            break;
        size_t n = front(&t->queue, &lines_n);
        tl_buf_reset(&body);
        tl_buf_put(&body, t->queue.data, n);
        pthread_mutex_unlock(&t->lock);
        pause_ms = body.failed ? PAUSE_MAX_MS : post(t, f, (struct tl_str){ (const char *)body.data, body.len }, pause_ms, &answer, &status);
        pthread_mutex_lock(&t->lock);
        t->stats.last_status = body.failed ? 0 : status;
        t->urgent = pause_ms == 0 && t->urgent && t->queue.len > n;
        if (pause_ms)
            continue;
        memmove(t->queue.data, t->queue.data + n, t->queue.len - n);
        t->queue.len -= n;
        t->stats.queued -= lines_n;
        t->stats.sent += lines_n;
        t->stats.refused += status >= 400 ? lines_n : quarantined_in(&answer);
        pthread_cond_broadcast(&t->changed);
    }
    pthread_mutex_unlock(&t->lock);
    tl_fetch_free(&f);
    tl_buf_free(&body);
    tl_buf_free(&answer);
    return NULL;
}

struct touchline *
touchline_new(const struct touchline_options *o)
{
    pthread_condattr_t monotonic;
    if (!o || !o->url || !o->key || strlen(o->url) > 400 || strlen(o->key) > 200 || !fits(o->channel) || !fits(o->place))
        return NULL;
    struct touchline *t = tl_alloc(sizeof *t);
    if (!t)
        return NULL;
    snprintf(t->url, sizeof t->url, "%s%sv1/events", o->url, o->url[strlen(o->url) ? strlen(o->url) - 1 : 0] == '/' ? "" : "/");
    snprintf(t->auth, sizeof t->auth, "Authorization: Bearer %s", o->key);
    snprintf(t->channel, sizeof t->channel, "%s", o->channel ? o->channel : "");
    snprintf(t->place, sizeof t->place, "%s", o->place ? o->place : "");
    tl_rand_uuid7(tl_rand_real(), tl_clock_real()->wall_ms(tl_clock_real()), t->session);
    t->queue_max = o->queue_bytes_max ? o->queue_bytes_max : QUEUE_BYTES;
    t->flush_ms = o->flush_ms ? o->flush_ms : 500;
    pthread_mutex_init(&t->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&t->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (pthread_create(&t->thread, NULL, sender, t) != 0) {
        tl_free(t);
        return NULL;
    }
    return t;
}

int
touchline_flush(struct touchline *t, int timeout_ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t ns = until.tv_nsec + (int64_t)timeout_ms * 1000000;
    until.tv_sec += ns / 1000000000;
    until.tv_nsec = ns % 1000000000;
    pthread_mutex_lock(&t->lock);
    t->urgent = t->stats.queued > 0;
    pthread_cond_broadcast(&t->changed);
    while (t->stats.queued && pthread_cond_timedwait(&t->changed, &t->lock, &until) == 0)
        ;
    int rc = t->stats.queued ? TOUCHLINE_TIMEOUT : TOUCHLINE_OK;
    t->urgent = false;
    pthread_mutex_unlock(&t->lock);
    return rc;
}

void
touchline_stats(struct touchline *t, struct touchline_stats *out)
{
    pthread_mutex_lock(&t->lock);
    *out = t->stats;
    pthread_mutex_unlock(&t->lock);
}

void
touchline_free(struct touchline **tp)
{
    struct touchline *t = *tp;
    if (!t)
        return;
    pthread_mutex_lock(&t->lock);
    t->stop = true;
    pthread_cond_broadcast(&t->changed);
    pthread_mutex_unlock(&t->lock);
    pthread_join(t->thread, NULL);
    pthread_cond_destroy(&t->changed);
    pthread_mutex_destroy(&t->lock);
    tl_buf_free(&t->queue);
    tl_free(t);
    *tp = NULL;
}
