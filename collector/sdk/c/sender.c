/* sender.c - the thread of a handle: takes lines from the front of the queue, posts them, and removes them after a 2xx alone.
 *
 *   2xx            done          400, 413       done: refused for good (413: tried again with half as many first)
 *   401, 403       later: 5 min, for somebody must mend the key
 *   all else       later: what Retry-After says, and not less than a growing pause; with jitter */
#include "inside.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "tl_time.h"

#define BODY_BYTES 256000u
#define BODY_EVENTS 1000u
#define ANSWER_BYTES 1048576u
#define POST_TIMEOUT_MS 10000
#define PAUSE_FIRST_MS 250
#define PAUSE_MAX_MS 60000
#define PAUSE_KEY_MS 300000
#define PAUSE_TOLD_MAX_MS 86400000
#define SYNC_MS 1000

struct sender {
    struct touchline *t;
    struct tl_buf body, answer;
    size_t lines_max;
    int pause_ms, status;           /* pause_ms 0: go on */
    bool told;                      /* the collector asked for the pause: nobody's flush cuts it short */
};

static struct timespec
after_ms(int ms)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    int64_t ns = at.tv_nsec + (int64_t)ms * 1000000;
    at.tv_sec += (time_t)(ns / 1000000000);
    at.tv_nsec = (long)(ns % 1000000000);
    return at;
}

/* A file's lines reach the disk while nobody waits for it; the lock is not held meanwhile. */
static void
sync_file(struct touchline *t)
{
    if (!t->queue.unsynced) return;
    int fd = t->queue.fd;
    t->queue.unsynced = false;
    pthread_mutex_unlock(&t->lock);
    fdatasync(fd);
    pthread_mutex_lock(&t->lock);
}

/* The three waits are called with the lock held; false: the handle is to end. */
static bool
wait_for_lines(struct touchline *t)
{
    while (!t->stop && t->queue.lines_n == 0)
        pthread_cond_wait(&t->changed, &t->lock);
    return !t->stop;
}

static bool
wait_ms(struct sender *s, int ms)
{
    struct touchline *t = s->t;
    const struct timespec until = after_ms(ms);
    for (;;) {
        struct timespec soon = after_ms(SYNC_MS), now = after_ms(0);
        bool over = now.tv_sec > until.tv_sec || (now.tv_sec == until.tv_sec && now.tv_nsec >= until.tv_nsec);
        if (over || t->stop || (t->urgent && !s->told)) return !t->stop;
        bool last = soon.tv_sec > until.tv_sec || (soon.tv_sec == until.tv_sec && soon.tv_nsec >= until.tv_nsec);
        if (pthread_cond_timedwait(&t->changed, &t->lock, last ? &until : &soon) == ETIMEDOUT) sync_file(t);
    }
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

static int
with_jitter(struct touchline *t, int ms)
{
    return ms + (int)(tl_rand_u64(&t->rand) % (uint64_t)(ms / 4 + 1));
}

/* the pause before the next try */
static void
later(struct sender *s, int pause_before_ms, int told_ms)
{
    int ms = pause_before_ms ? pause_before_ms * 2 : PAUSE_FIRST_MS;
    ms = ms > PAUSE_MAX_MS ? PAUSE_MAX_MS : ms;
    s->told = told_ms > 0;
    s->pause_ms = with_jitter(s->t, told_ms > ms ? told_ms : ms);
}

static int
told_ms(int status, int retry_s)
{
    if (status == 401 || status == 403) return PAUSE_KEY_MS;
    return retry_s <= 0 ? 0 : retry_s > PAUSE_TOLD_MAX_MS / 1000 ? PAUSE_TOLD_MAX_MS : retry_s * 1000;
}

/* Posts the body of lines_n lines; s->pause_ms is 0 when they are done with. Without the lock. */
static void
post(struct sender *s, size_t lines_n)
{
    char when[32], sent_at[48];
    int64_t now_ms = tl_clock_real()->wall_ms(tl_clock_real());
    snprintf(sent_at, sizeof sent_at, "sentAt: %s", tl_time_format(now_ms, when));
    const char *const headers[] = { s->t->auth, "Content-Type: application/x-ndjson", sent_at, NULL };
    int retry_s = -1, before_ms = s->pause_ms;
    s->status = s->pause_ms = 0;
    s->told = false;
    tl_buf_reset(&s->answer);
    int rc = tl_fetch_do(s->t->fetch, "POST", s->t->url, headers, (struct tl_str){ (const char *)s->body.data, s->body.len }, &s->status, &retry_s, &s->answer, NULL);
    if (rc == 0 && s->status == 413 && lines_n > 1) {
        s->lines_max = lines_n / 2;
        s->pause_ms = 1;
    } else if (rc != 0 || (s->status / 100 != 2 && s->status != 400 && s->status != 413)) {
        later(s, before_ms, rc == 0 ? told_ms(s->status, retry_s) : 0);
    }
}

static void
done_with(struct sender *s, const struct queue_part *p)
{
    struct touchline *t = s->t;
    queue_pop(&t->queue, p);
    t->stats.sent += p->lines_n;
    t->stats.damaged += p->damaged_n;
    t->stats.refused += p->lines_n == 0 ? 0 : s->status >= 400 ? p->lines_n : quarantined_in(&s->answer);
    s->lines_max = s->lines_max * 2 > BODY_EVENTS ? BODY_EVENTS : s->lines_max * 2;
    t->urgent = t->urgent && t->queue.lines_n > 0;
    pthread_cond_broadcast(&t->changed);
}

static void
turn(struct sender *s)
{
    struct touchline *t = s->t;
    tl_buf_reset(&s->body);
    struct queue_part p = queue_front(&t->queue, s->lines_max, BODY_BYTES, &s->body);
    if (s->body.failed || (p.lines_n == 0 && p.damaged_n == 0)) {       /* no memory, or the file cannot be read */
        later(s, s->pause_ms, 0);
        t->urgent = false;
        return;
    }
    if (p.lines_n > 0) {
        sync_file(t);
        pthread_mutex_unlock(&t->lock);
        post(s, p.lines_n);
        pthread_mutex_lock(&t->lock);
        t->stats.last_status = s->status;
    } else {
        s->pause_ms = 0;
    }
    if (s->pause_ms == 0) done_with(s, &p);
    else if (s->pause_ms > 1) t->urgent = false;
}

static void *
run(void *arg)
{
    struct sender s = { .t = arg, .lines_max = BODY_EVENTS };
    struct touchline *t = s.t;
    pthread_mutex_lock(&t->lock);
    while (wait_for_lines(t) && wait_ms(&s, s.pause_ms ? s.pause_ms : t->flush_ms))
        turn(&s);
    pthread_mutex_unlock(&t->lock);
    tl_buf_free(&s.body);
    tl_buf_free(&s.answer);
    return NULL;
}

int
sender_start(struct touchline *t)
{
    t->fetch = tl_fetch_new(POST_TIMEOUT_MS);
    if (!t->fetch) return ENOMEM;
    tl_fetch_reply_max(t->fetch, ANSWER_BYTES);
    int rc = pthread_create(&t->thread, NULL, run, t);
    t->running = rc == 0;
    if (rc != 0) tl_fetch_free(&t->fetch);
    return rc;
}

void
sender_stop(struct touchline *t)
{
    if (!t->running) return;
    pthread_mutex_lock(&t->lock);
    t->stop = true;
    pthread_cond_broadcast(&t->changed);
    pthread_mutex_unlock(&t->lock);
    pthread_join(t->thread, NULL);
    tl_fetch_free(&t->fetch);
    t->running = false;
}
