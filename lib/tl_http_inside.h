/* tl_http_inside.h - what the files of tl_http share: connection, loop, request. Private to lib/tl_http*.c; microhttpd's types stay unknown here. */
#ifndef TL_HTTP_INSIDE_H
#define TL_HTTP_INSIDE_H

#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>

#include "tl_http.h"
#include "tl_http_uri.h"

#define LOOPS_MAX 16
#define POOL_BYTES (12 * 1024)          /* of one connection: request line and headers over about 8 KB are 431 */

struct MHD_Connection;
struct MHD_Daemon;
struct MHD_Response;

enum conn_state { IDLE, RECEIVING, BUSY, SENDING };

struct conn {
    struct conn *prev, *next;
    struct tl_http_req *rq;
    int fd;
    enum conn_state state;
    int64_t since_ms;                   /* when state began */
    char peer[INET6_ADDRSTRLEN];
};

struct loop {
    struct tl_http *h;
    int index;
    pthread_t thread;
    struct MHD_Daemon *mhd;
    int wake_fd;
    int64_t now_ms;
    struct conn *conns;
    struct tl_http_req *kept;           /* suspended; loop thread only */
    struct tl_http_req *current;        /* inside the handler right now */
    bool quiesced;
    atomic_bool asleep;                 /* in poll: whoever answers must wake it */
    pthread_mutex_t lock;               /* guards done */
    struct tl_http_req *done;           /* answered by another thread, to be resumed */
};

struct tl_http {
    struct tl_http_cfg cfg;
    int listen_fd;
    atomic_bool quiescing, stopping;
    atomic_size_t body_bytes, pool_bytes;
    int loops_n;
    struct loop loop[LOOPS_MAX];
};

struct tl_http_req {
    struct loop *loop;
    struct conn *conn;
    struct MHD_Connection *mhd;
    struct tl_http_req *kept_prev, *kept_next, *done_next;
    const char *method;
    struct tl_str path;
    struct tl_http_param *param;
    size_t params_n;
    char *body;
    size_t body_n, body_cap;            /* body_cap is charged to the budget */
    size_t body_most;                   /* as announced, or the limit */
    struct MHD_Response *response;
    int status;
    uint64_t answer_n;                  /* bytes of its answer's body */
    bool cut;                           /* the body goes on behind its limit: that is read away */
    bool begun;                         /* headers were looked at */
    bool handled;                       /* the handler was called, or the request refused before it */
    bool ready;                         /* response may be queued; loop thread only */
};

/* ---- tl_http_body.c: bodies, charged to the budget of the process ---- */
void tl_http_body_drop(struct tl_http_req *rq);
/* tl_http_body_answered - the body goes; `bytes` of an answer are charged in its place until the request is over, where there is a memory_budget */
void tl_http_body_answered(struct tl_http_req *rq, size_t bytes);
/* tl_http_body_take - append a piece that came in. 0, TL_ETOOBIG, TL_ENOMEM (the budget too). */
int tl_http_body_take(struct tl_http_req *rq, const char *p, size_t n);

/* ---- tl_http_reply.c ---- */
#define TL_HTTP_ERROR_BYTES (TL_ERR_TEXT_BYTES + 128)
/* tl_http_error_reply - {"error":{"code","text"}} in text[TL_HTTP_ERROR_BYTES], and the reply that sends it */
void tl_http_error_reply(struct tl_http_reply *r, const struct tl_err *err, char *text);

#endif
