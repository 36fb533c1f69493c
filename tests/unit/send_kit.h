/* send_kit.h - a collector's door that is slow, busy or says no, and counts what it took. For the tests of the sender. */
#ifndef SEND_KIT_H
#define SEND_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "../../cli/send.h"
#include "tl_hash.h"
#include "tl_http.h"

struct door {
    struct tl_http *http;
    pthread_mutex_t lock;
    char url[80];
    int busy_first;                  /* answers 503 so often first */
    int status;                      /* otherwise */
    bool refuse_first_event;
    const char *body, *retry_after;  /* of every answer; NULL: as usual, 0 */
    bool unwilling_later;            /* the first request gets `status`, those after it 401 */
    uint64_t requests;
    uint64_t bodies, events, bytes_max, events_max;
    uint64_t seen[20000];            /* how often each number came in a body that was accepted */
    char authorization[128], token[128];
};

static uint64_t
count_events(struct door *d, struct tl_str body, bool note)
{
    uint64_t n = 0;
    for (const char *p = body.p, *end = body.p + body.n; p < end; n++) {
        const char *nl = memchr(p, '\n', (size_t)(end - p));
        assert_non_null(nl);
        if (note)
            d->seen[strtoul(p + 5, NULL, 10)]++;
        p = nl + 1;
    }
    return n;
}

static void
on_request(void *arg, int loop, struct tl_http_req *rq)
{
    struct door *d = arg;
    struct tl_buf b = {0};
    struct tl_str body = tl_http_body(rq), auth = tl_http_header(rq, "Authorization"), token = tl_http_header(rq, "X-Touchline-Token");
    (void)loop;
    pthread_mutex_lock(&d->lock);
    int status = d->busy_first > 0 ? 503 : d->unwilling_later && d->requests > 0 ? 401 : d->status;
    d->requests++;
    d->busy_first -= d->busy_first > 0;
    bool good = status / 100 == 2;
    uint64_t n = count_events(d, body, good);
    snprintf(d->authorization, sizeof d->authorization, "%.*s", (int)auth.n, auth.p);
    snprintf(d->token, sizeof d->token, "%.*s", (int)token.n, token.n ? token.p : "");
    if (good) {
        d->bodies++;
        d->events += n;
        d->bytes_max = body.n > d->bytes_max ? body.n : d->bytes_max;
        d->events_max = n > d->events_max ? n : d->events_max;
    }
    if (d->body)
        tl_buf_put_str(&b, d->body);
    else if (!good)
        tl_buf_put_str(&b, "{\"error\":{\"code\":\"TL_EBUSY\",\"text\":\"not now\"}}");
    else if (d->refuse_first_event)
        tl_buf_printf(&b, "{\"accepted\":%llu,\"quarantined\":[{\"index\":0,\"id\":\"i\",\"reason\":\"field_range\",\"field\":\"time\"}]}", (unsigned long long)n - 1);
    else
        tl_buf_printf(&b, "{\"accepted\":%llu,\"quarantined\":[]}", (unsigned long long)n);
    pthread_mutex_unlock(&d->lock);
    struct tl_http_reply reply = { .status = status, .content_type = "application/json", .body = { (char *)b.data, b.len } };
    reply.header[reply.headers_n].name = "Retry-After";        /* 0: as soon as the sender likes, a test does not wait */
    reply.header[reply.headers_n++].value = d->retry_after ? d->retry_after : "0";
    tl_http_answer(rq, &reply);
    tl_buf_free(&b);
}

static void
door_open(struct door *d, int port)
{
    struct tl_err err;
    const struct tl_http_cfg cfg = { .bind = "127.0.0.1", .port = port, .threads = 1, .body_max = 512000, .body_budget = 1 << 24, .connections_max = 64,
                                     .deadline_ms = 5000, .handler = on_request, .arg = d };
    if (tl_http_start(&d->http, &cfg, &err) != 0)
        fail_msg("%s", err.text);
    snprintf(d->url, sizeof d->url, "http://127.0.0.1:%d", tl_http_port(d->http));
}

static struct door *
door_new(void)
{
    struct door *d = calloc(1, sizeof *d);
    pthread_mutex_init(&d->lock, NULL);
    d->status = 202;
    door_open(d, 0);
    return d;
}

static void
door_free(struct door *d)
{
    tl_http_stop(&d->http);
    free(d);
}

/* door_settle - what was set is seen by the door, whose thread runs already, and what it has noted can be read */
static inline void
door_settle(struct door *d)
{
    pthread_mutex_lock(&d->lock);
    pthread_mutex_unlock(&d->lock);
}

static int
put(struct sender *s, unsigned i, size_t bytes, struct tl_err *err)
{
    char json[4096];
    int n = snprintf(json, sizeof json, "{\"n\":%u,\"x\":\"%0*d\"}", i, (int)bytes, 0);
    return sender_put(s, (struct tl_str){ json, (size_t)n }, i + 1000, err);
}

#endif
