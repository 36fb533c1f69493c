/* pace - see pace.h. The thread is never joined and its memory never freed: the process ends by _exit. */
#include "pace.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "tl_count.h"
#include "tl_logfmt.h"
#include "tl_run.h"

#define IDLE_MS 1000
#define RETRY_MS 1000

struct pace {
    struct pace_work work;
    pthread_mutex_t mu;                 /* guards the rest */
    pthread_cond_t changed;
    bool news, rebuild_asked, ended;
    struct pace_state state;
};

static struct timespec
after_ms(int ms)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    t.tv_sec += ms / 1000;
    t.tv_nsec += ms % 1000 * 1000000;
    if (t.tv_nsec >= 1000000000) {
        t.tv_sec++;
        t.tv_nsec -= 1000000000;
    }
    return t;
}

/* rest - until there is news, or wait_ms have passed */
static void
rest(struct pace *p, int wait_ms)
{
    struct timespec until = after_ms(wait_ms);
    pthread_mutex_lock(&p->mu);
    int rc = 0;
    while (!p->news && !p->rebuild_asked && rc == 0 && !tl_run_stopping())
        rc = pthread_cond_timedwait(&p->changed, &p->mu, &until);
    p->news = false;
    pthread_mutex_unlock(&p->mu);
}

static int
on_progress(void *arg, const char *phase, uint64_t done, uint64_t total)
{
    struct pace *p = arg;
    pthread_mutex_lock(&p->mu);
    snprintf(p->state.phase, sizeof p->state.phase, "%s", phase);
    p->state.done = done;
    p->state.total = total;
    pthread_mutex_unlock(&p->mu);
    return tl_run_stopping() ? TL_EINTR : 0;
}

static void
set_rebuilding(struct pace *p, bool on)
{
    pthread_mutex_lock(&p->mu);
    p->state.rebuilding = on;
    p->state.done = p->state.total = 0;
    snprintf(p->state.phase, sizeof p->state.phase, "%s", on ? "read" : "");
    pthread_mutex_unlock(&p->mu);
}

static int
rebuild(struct pace *p, const char *why, struct tl_err *err)
{
    tl_log(TL_INFO, "rebuild_begins", "reason=\"%s\"", why);
    set_rebuilding(p, true);
    int rc = p->work.rebuild(p->work.self, on_progress, p, err);
    set_rebuilding(p, false);
    if (rc == 0)
        tl_log(TL_INFO, "rebuild_ended", "position=%" PRIu64, p->work.position(p->work.self));
    return rc;
}

static int64_t
run_once(struct pace *p, struct tl_err *err)
{
    pthread_mutex_lock(&p->mu);
    bool asked = p->rebuild_asked;
    p->rebuild_asked = false;
    pthread_mutex_unlock(&p->mu);
    const char *why = asked ? "asked for" : p->work.wants_rebuild(p->work.self);
    if (why)
        return rebuild(p, why, err) < 0 ? -1 : 1;
    return p->work.round(p->work.self, err);
}

static void
note_outcome(struct pace *p, int64_t n, const struct tl_err *err)
{
    if (n < 0 && !tl_run_stopping())
        tl_log(TL_ERROR, "stitch_failed", "code=%s text=\"%s\"", tl_err_name(err->code), err->text);
    tl_count_set(A_STITCH_POSITION, (int64_t)p->work.position(p->work.self));
    pthread_mutex_lock(&p->mu);
    snprintf(p->state.trouble, sizeof p->state.trouble, "%s", n < 0 ? err->text : "");
    pthread_mutex_unlock(&p->mu);
}

static void *
run(void *arg)
{
    struct pace *p = arg;
    while (!tl_run_stopping()) {
        struct tl_err err = { 0 };
        int64_t n = run_once(p, &err);
        note_outcome(p, n, &err);
        if (n <= 0)
            rest(p, n < 0 ? RETRY_MS : IDLE_MS);
    }
    pthread_mutex_lock(&p->mu);
    p->ended = true;
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->mu);
    return NULL;
}

int
pace_start(struct pace **out, const struct pace_work *work, struct tl_err *err)
{
    struct pace *p = tl_alloc(sizeof *p);
    *out = NULL;
    if (!p)
        return tl_fail(err, TL_ENOMEM, "out of memory at start");
    p->work = *work;
    pthread_mutex_init(&p->mu, NULL);
    pthread_cond_init(&p->changed, NULL);
    pthread_t thread;
    int rc = pthread_create(&thread, NULL, run, p);
    if (rc) {
        tl_free(p);
        return tl_fail(err, TL_ENOMEM, "cannot start the stitching thread: %s", strerror(rc));
    }
    pthread_detach(thread);
    *out = p;
    return 0;
}

void
pace_wake(struct pace *p)
{
    pthread_mutex_lock(&p->mu);
    p->news = true;
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->mu);
}

void
pace_ask_rebuild(struct pace *p)
{
    pthread_mutex_lock(&p->mu);
    p->rebuild_asked = true;
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->mu);
}

void
pace_look(struct pace *p, struct pace_state *st)
{
    pthread_mutex_lock(&p->mu);
    *st = p->state;
    if (p->rebuild_asked && !st->rebuilding) {
        st->rebuilding = true;
        snprintf(st->phase, sizeof st->phase, "waiting");
    }
    pthread_mutex_unlock(&p->mu);
}

bool
pace_stop(struct pace *p, int wait_s)
{
    struct timespec until = after_ms(wait_s * 1000);
    pthread_mutex_lock(&p->mu);
    pthread_cond_broadcast(&p->changed);
    int rc = 0;
    while (!p->ended && rc == 0)
        rc = pthread_cond_timedwait(&p->changed, &p->mu, &until);
    bool ended = p->ended;
    pthread_mutex_unlock(&p->mu);
    return ended;
}
