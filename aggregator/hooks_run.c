/* hooks_run.c - see hooks_run.h. */
#include "hooks_run.h"

#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <time.h>

#include "tl_fetch.h"
#include "tl_logfmt.h"
#include "tl_port.h"
#include "tl_run.h"

#define POST_MS 5000
#define RETRY_MS 1000
#define REPLY_BYTES_MAX 65536

struct hooks_run {
    struct hooks *hooks;
    struct tl_fetch *fetch;
    char data[PATH_MAX];
    pthread_mutex_t mu;
    char trouble[TL_ERR_TEXT_BYTES];        /* under mu */
};

/* The reason alone: the address carries a token. */
static int
post(void *self, const char *url, const char *const *headers, struct tl_str body, int *status, int *retry_after_s, struct tl_buf *reply, struct tl_err *err)
{
    struct hooks_run *r = self;
    struct tl_err all = {0};
    int rc = tl_fetch_do(r->fetch, "POST", url, headers, body, status, retry_after_s, reply, &all);
    const char *why = rc != 0 ? strstr(all.text, ": ") : NULL;

    return rc == 0 ? 0 : tl_fail(err, rc, "%s", why != NULL ? why + 2 : "no answer");
}

static void
pages(void *self, char url[200])
{
    struct hooks_run *r = self;
    struct tl_run_info viewer = {0};

    url[0] = '\0';
    if (tl_run_find(r->data, "viewer", &viewer, NULL) == 0)
        snprintf(url, 200, "%s", viewer.http);
}

static void
set_trouble(struct hooks_run *r, const char *text)
{
    pthread_mutex_lock(&r->mu);
    snprintf(r->trouble, sizeof r->trouble, "%s", text);
    pthread_mutex_unlock(&r->mu);
}

void
hooks_run_trouble(struct hooks_run *r, char text[TL_ERR_TEXT_BYTES])
{
    pthread_mutex_lock(&r->mu);
    snprintf(text, TL_ERR_TEXT_BYTES, "%s", r->trouble);
    pthread_mutex_unlock(&r->mu);
}

static void *
run(void *arg)
{
    struct hooks_run *r = arg;
    const struct hooks_port port = { r, post, pages };

    while (!tl_run_stopping()) {
        struct tl_err err = {0};
        int wait_ms = hooks_step(r->hooks, &port, tl_clock_real()->wall_ms(tl_clock_real()), tl_clock_real()->mono_us(tl_clock_real()), &err);
        if (wait_ms < 0)
            tl_log(TL_ERROR, "webhooks_failed", "text=\"%s\"", err.text);
        set_trouble(r, wait_ms < 0 ? err.text : hooks_trouble(r->hooks));
        wait_ms = wait_ms < 0 ? RETRY_MS : wait_ms;
        const struct timespec t = { wait_ms / 1000, wait_ms % 1000 * 1000000 };
        nanosleep(&t, NULL);
    }
    return NULL;
}

int
hooks_run_start(struct hooks_run **out, struct tl_alerts *store, const char *data, const struct hooks_cfg *cfg, struct tl_err *err)
{
    struct hooks_run *r = tl_alloc(sizeof *r);
    pthread_t thread;
    int rc = r != NULL ? hooks_new(&r->hooks, store, cfg, err) : tl_fail(err, TL_ENOMEM, "out of memory");

    *out = NULL;
    if (rc == 0 && (r->fetch = tl_fetch_new(POST_MS)) == NULL)
        rc = tl_fail(err, TL_ENOMEM, "out of memory");
    if (rc == 0) {
        tl_fetch_reply_max(r->fetch, REPLY_BYTES_MAX);
        snprintf(r->data, sizeof r->data, "%s", data);
        pthread_mutex_init(&r->mu, NULL);
        if (pthread_create(&thread, NULL, run, r) != 0)
            rc = tl_fail(err, TL_ENOMEM, "cannot start a thread");
    }
    if (rc != 0) {
        if (r != NULL)
            hooks_free(&r->hooks);
        tl_free(r);
        return rc;
    }
    pthread_detach(thread);
    *out = r;
    return 0;
}
