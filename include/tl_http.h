/* tl_http.h - HTTP/1.1 server over libmicrohttpd, driven by our own epoll loops. Only lib/tl_http.c includes microhttpd.h.
 *
 * threads loops share one listening socket. A handler answers at once, or keeps the request and lets any thread answer it later: that is how many
 * bodies wait for one group commit. Guards before a handler is called: header guard (two Content-Lengths, CL with TE, ...: 400 and close), body
 * limit, body budget of the process (503), slow senders (408 and close after deadline_ms). An answer must be read within 10 s
 * and a second more for each 16 KB of it, and some of it every 60 s: who reads slower is cut off. */
#ifndef TL_HTTP_H
#define TL_HTTP_H

#include "tl_err.h"
#include "tl_mem.h"

#define TL_HTTP_HEADERS_MAX 12

struct tl_http;
struct tl_http_req;                 /* one request; lives until it is answered */

struct tl_http_reply {
    int status;
    const char *content_type;       /* static or living until the call returns */
    struct { const char *name, *value; } header[TL_HTTP_HEADERS_MAX];   /* copied */
    int headers_n;
    struct tl_str body;             /* copied, unless body_static */
    bool body_static;               /* body lives for ever (embedded files) */
    int file_fd;                    /* > 0: the body is this file, owned and closed by tl_http; body is then ignored */
};

/* handler - called on a loop thread with the whole body read. Either tl_http_answer(rq, ...) before returning, or return having kept rq for a later answer
 * from any thread (the connection is suspended meanwhile). Must not block. */
typedef void (*tl_http_handler)(void *arg, int loop, struct tl_http_req *rq);

struct tl_http_cfg {
    const char *bind;               /* "127.0.0.1" */
    int port;                       /* 0 = any free one */
    int listen_fd;                  /* > 0: an inherited listening socket is used instead */
    int threads;                    /* loops, 1..16 */
    size_t body_max;                /* bytes, 413 beyond */
    size_t body_budget;             /* bytes of all bodies together, 503 + Retry-After beyond */
    size_t memory_budget;           /* bytes of bodies, answers that are not read yet, and the connections' own memory (12 KB each) together; 0: no such bound */
    int connections_max;            /* 1024 */
    int deadline_ms;                /* a request must be complete within: 5000 */
    const char *tls_cert, *tls_key; /* PEM text: HTTPS alone is spoken then (GnuTLS); NULL: HTTP. Borrowed while it runs */
    tl_http_handler handler;
    void *arg;
    /* answers a request that was refused before the handler was called (413, 503), on its loop thread; NULL: tl_http_answer_error */
    void (*refused)(void *arg, struct tl_http_req *rq, const struct tl_err *err);
    /* is a body over body_max not refused but cut there, and handed over? The rest is read away. NULL: all are refused */
    bool (*cuts)(void *arg, struct tl_http_req *rq);
};
/* tl_http_listen - a non-blocking listening TCP socket on bind:port (0 = any free port), or a negative TL_E*. TL_EBUSY names the program that
 * holds the port when /proc shows it. */
int tl_http_listen(const char *bind, int port, struct tl_err *err);
/* tl_http_inherited - the n-th (from 0) listening socket that who started this process handed over (LISTEN_FDS and LISTEN_PID, as sd_listen_fds(3) has them).
 * Whoever holds it keeps the port open while this process is down. 0: none; TL_ECONFIG: it is no listening TCP socket, or, unless anywhere, not on loopback. */
int tl_http_inherited(int n, bool anywhere, struct tl_err *err);
int tl_http_start(struct tl_http **out, const struct tl_http_cfg *cfg, struct tl_err *err);   /* TL_EBUSY: port taken, err names it */
int tl_http_port(const struct tl_http *h);
void tl_http_quiesce(struct tl_http *h);        /* take no new connections; what runs is finished */
void tl_http_stop(struct tl_http **hp);         /* answers kept requests with 503, joins the loops */

struct tl_str tl_http_method(const struct tl_http_req *rq);
struct tl_str tl_http_path(const struct tl_http_req *rq);                      /* percent-decoded, without the query */
struct tl_str tl_http_header(const struct tl_http_req *rq, const char *name);  /* any case; absent {NULL,0} */
/* tl_http_header_each - all headers, names as sent */
void tl_http_header_each(const struct tl_http_req *rq, void (*f)(void *arg, struct tl_str name, struct tl_str value), void *arg);
/* tl_http_query - value of the n-th (0-based) query parameter `name`, decoded; absent {NULL,0}; "?a" gives "" */
struct tl_str tl_http_query(const struct tl_http_req *rq, const char *name, int n);
/* tl_http_query_each - all parameters in order */
void tl_http_query_each(const struct tl_http_req *rq, void (*f)(void *arg, struct tl_str name, struct tl_str value), void *arg);
/* tl_http_percent - n bytes decoded in place: %41 is A, a % without two hex digits stays; in_query: + is a blank */
struct tl_str tl_http_percent(char *p, size_t n, bool in_query);
/* tl_http_form_each - the same of a form body, "a=1&b=2" and a NUL, decoded in place */
void tl_http_form_each(char *form, void (*f)(void *arg, struct tl_str name, struct tl_str value), void *arg);
struct tl_str tl_http_body(const struct tl_http_req *rq);                      /* followed by TL_JSON_PADDING zero bytes */
bool tl_http_body_cut(const struct tl_http_req *rq);                           /* the body was larger than its limit: tl_http_body is how it begins */
/* tl_http_body_trade - give the body's memory back before the answer (what was read from it is void), and charge `bytes` in its place to the budget until
 * the answer, for what the caller keeps instead. false: over the budget; nothing is charged then. */
bool tl_http_body_trade(struct tl_http_req *rq, size_t bytes);
struct tl_str tl_http_peer(const struct tl_http_req *rq);                      /* address text without port */
/* tl_http_answer - once per request, from any thread; rq is void afterwards. 429 and 503 carry Retry-After: 1 unless reply says another. */
void tl_http_answer(struct tl_http_req *rq, const struct tl_http_reply *reply);
/* helpers: a JSON (or text) body with a status; the error's status and {"error":{"code","text"}} */
void tl_http_answer_json(struct tl_http_req *rq, int status, const struct tl_buf *json);
void tl_http_answer_error(struct tl_http_req *rq, const struct tl_err *err);

#endif
