/* control.c - the door's token and its queue: see control.h. Kinds and their bodies: control_kinds.c. */
#include "control.h"

#include <pthread.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

bool
control_authorized(struct tl_str authorization, const char *token)
{
    static const char scheme[] = "Bearer ";
    size_t scheme_n = sizeof scheme - 1, token_n = strlen(token);
    if (authorization.n != scheme_n + token_n || token_n == 0 || memcmp(authorization.p, scheme, scheme_n) != 0)
        return false;
    unsigned char differ = 0;
    for (size_t i = 0; i < token_n; i++)
        differ |= (unsigned char)(authorization.p[scheme_n + i] ^ token[i]);
    return differ == 0;
}

/* ---- queue ---- */

struct control_item *
control_item_new(const char *kind, struct tl_str actor, int64_t time_ms, struct tl_str body, void *rq)
{
    struct control_item *item = tl_alloc(sizeof *item + body.n);
    if (!item)
        return NULL;
    *item = (struct control_item){ .kind = kind, .time_ms = time_ms, .body = { (char *)(item + 1), body.n }, .rq = rq };
    memcpy(item + 1, body.p, body.n);
    snprintf(item->actor, sizeof item->actor, "%.*s", (int)(actor.n < CONTROL_ACTOR_MAX ? actor.n : CONTROL_ACTOR_MAX), actor.p ? actor.p : "");
    return item;
}

void
control_item_free(struct control_item **ip)
{
    tl_free(*ip);
    *ip = NULL;
}

struct control_queue {
    pthread_mutex_t mu;
    struct control_item *first, **last;
    size_t n;
    bool closed;
    int fd;
};

struct control_queue *
control_queue_new(void)
{
    struct control_queue *q = tl_alloc(sizeof *q);
    if (!q)
        return NULL;
    q->last = &q->first;
    q->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    pthread_mutex_init(&q->mu, NULL);
    if (q->fd < 0)
        control_queue_free(&q);
    return q;
}

void
control_queue_free(struct control_queue **qp)
{
    struct control_queue *q = *qp;
    if (!q)
        return;
    tl_assert(q->n == 0);
    if (q->fd >= 0)
        close(q->fd);
    pthread_mutex_destroy(&q->mu);
    tl_free(q);
    *qp = NULL;
}

int
control_queue_fd(const struct control_queue *q)
{
    return q->fd;
}

/* The eventfd is readable exactly while the queue is not empty. */
static void
signal_fd(struct control_queue *q, bool on)
{
    uint64_t v = 1;
    ssize_t done = on ? write(q->fd, &v, sizeof v) : read(q->fd, &v, sizeof v);
    tl_assert(done == (ssize_t)sizeof v);
}

int
control_push(struct control_queue *q, struct control_item *item, struct tl_err *err)
{
    pthread_mutex_lock(&q->mu);
    bool takes = !q->closed && q->n < CONTROL_QUEUE_MAX;
    if (takes) {
        item->next = NULL;
        *q->last = item;
        q->last = &item->next;
        if (q->n++ == 0)
            signal_fd(q, true);
    }
    pthread_mutex_unlock(&q->mu);
    return takes ? 0 : tl_fail(err, TL_EBUSY, "the aggregator is stopping, or %d control records wait already", CONTROL_QUEUE_MAX);
}

struct control_item *
control_take(struct control_queue *q)
{
    pthread_mutex_lock(&q->mu);
    struct control_item *item = q->first;
    if (item) {
        q->first = item->next;
        if (!q->first)
            q->last = &q->first;
        if (--q->n == 0)
            signal_fd(q, false);
    }
    pthread_mutex_unlock(&q->mu);
    return item;
}

void
control_close(struct control_queue *q)
{
    pthread_mutex_lock(&q->mu);
    q->closed = true;
    pthread_mutex_unlock(&q->mu);
}
