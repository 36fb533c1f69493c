/* live.c - see live.h. One thread looks while somebody waits, and sleeps while nobody does. */
#include "live.h"

#include <pthread.h>
#include <stdio.h>
#include <time.h>

#include "pages.h"
#include "tl_port.h"

struct waiting { struct tl_http_req *rq; uint64_t known; int64_t until_ms; };

struct live {
    live_look look;
    void *arg;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t more;
    struct waiting list[LIVE_MAX];
    size_t n;
    bool stopping;
};

static int64_t
mono_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
say(struct tl_http_req *rq, uint64_t position, int64_t lag_ms)
{
    char text[200];
    int n = snprintf(text, sizeof text, "retry: %d\nid: %llu\ndata: {\"position\":%llu,\"lag_ms\":%lld}\n\n", LIVE_RETRY_MS, (unsigned long long)position,
                     (unsigned long long)position, (long long)lag_ms);
    struct tl_http_reply r = { .status = 200, .content_type = "text/event-stream", .body = { text, (size_t)n } };
    pages_guard(&r);
    pages_header(&r, "Cache-Control", "no-store");
    tl_http_answer(rq, &r);
}

/* due - takes those out of the list that are to be told now; returns how many */
static size_t
due(struct live *l, uint64_t position, struct waiting out[LIVE_MAX])
{
    int64_t now = mono_ms();
    size_t kept = 0, n = 0;
    for (size_t i = 0; i < l->n; i++) {
        struct waiting *w = &l->list[i];
        if (l->stopping || w->known != position || now >= w->until_ms) out[n++] = *w;
        else l->list[kept++] = *w;
    }
    l->n = kept;
    return n;
}

static void *
watch(void *arg)
{
    struct live *l = arg;
    struct waiting tell[LIVE_MAX];
    uint64_t position = 0;
    int64_t lag_ms = 0;
    for (;;) {
        pthread_mutex_lock(&l->lock);
        while (!l->n && !l->stopping) pthread_cond_wait(&l->more, &l->lock);
        bool stopping = l->stopping;
        pthread_mutex_unlock(&l->lock);
        if (!stopping && !l->look(l->arg, &position, &lag_ms)) lag_ms = 0;
        pthread_mutex_lock(&l->lock);
        size_t n = due(l, position, tell);
        pthread_mutex_unlock(&l->lock);
        for (size_t i = 0; i < n; i++) say(tell[i].rq, position, lag_ms);
        if (stopping) return NULL;
        struct timespec pause = { 0, LIVE_LOOK_MS * 1000000L };
        nanosleep(&pause, NULL);
    }
}

/* known_of - the position that the page has: of the event it got last, else of since=; a page that knows none is told at once */
static uint64_t
known_of(struct tl_http_req *rq)
{
    struct tl_str id = tl_http_header(rq, "Last-Event-ID");
    uint64_t n = 0;
    if (!id.n) id = tl_http_query(rq, "since", 0);
    if (!id.n || id.n > 18) return UINT64_MAX;
    for (size_t i = 0; i < id.n; i++) {
        if (id.p[i] < '0' || id.p[i] > '9') return UINT64_MAX;
        n = n * 10 + (uint64_t)(id.p[i] - '0');
    }
    return n;
}

int
live_start(struct live **out, live_look look, void *arg, struct tl_err *err)
{
    struct live *l = tl_alloc(sizeof *l);
    if (!l) return tl_fail(err, TL_ENOMEM, "out of memory");
    l->look = look;
    l->arg = arg;
    pthread_mutex_init(&l->lock, NULL);
    pthread_cond_init(&l->more, NULL);
    if (pthread_create(&l->thread, NULL, watch, l)) {
        tl_free(l);
        return tl_fail(err, TL_ENOMEM, "cannot start a thread");
    }
    *out = l;
    return 0;
}

void
live_take(struct live *l, struct tl_http_req *rq)
{
    struct tl_err err = { 0, "" };
    struct waiting w = { rq, known_of(rq), mono_ms() + LIVE_HOLD_MS };
    pthread_mutex_lock(&l->lock);
    bool full = l->stopping || l->n == LIVE_MAX;
    if (!full) {
        l->list[l->n++] = w;
        pthread_cond_signal(&l->more);
    }
    pthread_mutex_unlock(&l->lock);
    if (!full) return;
    tl_fail(&err, TL_EBUSY, "%d pages wait for news already: ask again later", LIVE_MAX);
    tl_http_answer_error(rq, &err);
}

void
live_stop(struct live **lp)
{
    struct live *l = *lp;
    if (!l) return;
    pthread_mutex_lock(&l->lock);
    l->stopping = true;
    pthread_cond_signal(&l->more);
    pthread_mutex_unlock(&l->lock);
    pthread_join(l->thread, NULL);
    pthread_cond_destroy(&l->more);
    pthread_mutex_destroy(&l->lock);
    tl_free(l);
    *lp = NULL;
}
