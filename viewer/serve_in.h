/* serve_in.h - what the parts of the viewer share: serve.c (HTTP loop, start, stop), serve_ask.c (a question on a worker), serve_does.c (what each address does). */
#ifndef SERVE_IN_H
#define SERVE_IN_H

#include <pthread.h>

#include "answers.h"
#include "fold.h"
#include "live.h"
#include "pages.h"
#include "routes.h"
#include "serve.h"
#include "setup.h"
#include "visit_door.h"

#define WORKERS 2
#define QUEUE_MAX 256           /* questions that wait; more are answered 503 */
#define PARAMS_MAX 96
#define DEGRADED_MS 60000       /* lag from which /healthz says degraded */

struct serve {
    struct tl_conf conf;
    struct fold *fold;
    struct fold *before;        /* DATA/before, a store to compare with; NULL: there is none */
    struct pages *pages;
    struct answers *answers;    /* of findings, kept while nothing new came in */
    struct tl_http *http;
    struct tl_http *phones;     /* viewer.visit_bind: /visit/ alone; NULL: not asked for */
    struct visit_door *visits;
    struct tl_buf tls_cert, tls_key;
    struct live *live;
    struct setup *setup;
    struct tl_arena *live_arena;
    char zone[256];             /* of an empty store: what one made now would have */
    pthread_t worker[WORKERS];
    int worker_n;
    pthread_mutex_t lock;
    pthread_cond_t more;
    struct waiting { struct tl_http_req *rq; bool longs; } queue[QUEUE_MAX];    /* in the order in which they came */
    uint32_t queued;
    int longs;                  /* workers at one that takes long: one is left for what somebody waits for with a hand on the mouse */
    bool stopping;
};

struct job {                    /* one question, on a worker */
    struct serve *s;
    struct tl_http_req *rq;
    const struct route *route;
    struct ask ask;
    struct look look;
    struct tl_arena *arena;
    struct tl_buf body;
    int file_fd;
};

int64_t serve_now_ms(void);
/* serve_does - what the job's address does: fold, then render into its body (an export: into a file) */
int serve_does(struct job *j, struct tl_err *err);
/* serve_who - answers like /api/customers, whatever the job's route */
int serve_who(struct job *j, struct tl_err *err);
/* serve_work - a worker's thread, until the viewer stops: arg is struct serve */
void *serve_work(void *arg);
bool serve_is_lookup(struct tl_http_req *rq);
/* serve_is_long - a question that may take its time: one worker is kept free of them */
bool serve_is_long(enum answer a);

#endif
