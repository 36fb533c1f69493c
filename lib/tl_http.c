/* tl_http.c - HTTP server: libmicrohttpd's parser under our own loops.
 *
 *   listening socket, shared
 *     |            one daemon and one thread a loop:
 *   loop: poll({epoll of the daemon, eventfd}, MHD_get_timeout) -> resume what was answered -> MHD_run -> sweep of late senders
 *
 * The library's own epoll thread stalls whenever exactly 128 k sockets are ready, so it is never started: MHD_run is called from here with no
 * waiting inside. A kept request is a suspended connection. Its answer is built by whoever answers, put on the loop's list, and the eventfd
 * written; only the loop's own thread resumes and queues.
 *
 * Version 0.9.75 takes smuggled requests (Content-Length with Transfer-Encoding, two of either, "Content-Length :"), so the first call for a
 * request looks at its headers; and a sender that drips one byte a second outlives its timeout, so the sweep shuts the socket itself.
 * Does not do: compression, ranges, routing. TLS is the library's own, by GnuTLS. */
#include "tl_http_inside.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <poll.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tl_count.h"
#include "tl_http_listen.h"

#define POOL_STEP_BYTES 4096
#define IDLE_S 10                       /* a connection without a request; what any reader of an answer has */
#define STALL_S 60                      /* a socket that takes no bytes: buffers on the way hide for so long what a slow reader reads */
#define TICK_MS 250
#define STOP_MS 1000                    /* answers get this long to leave when stopping */
#define DISCARD_FACTOR 8                /* a body announced larger than this many limits is not even read away */
#define BODY_BYTES_PER_MS 16            /* a sender gains this much time by sending: slow lines finish, drips do not */

static int64_t
mono_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
wake(struct loop *l)
{
    eventfd_write(l->wake_fd, 1);       /* full means that it is awake */
}

/* ---- answers ---- */
static struct MHD_Response *
response_of(const struct tl_http_reply *r, uint64_t *bytes)
{
    struct stat st;
    *bytes = r->body.n;
    if (r->file_fd > 0) {
        if (fstat(r->file_fd, &st) == 0) {
            *bytes = (uint64_t)st.st_size;
            return MHD_create_response_from_fd(*bytes, r->file_fd);
        }
        close(r->file_fd);
        return NULL;
    }
    return MHD_create_response_from_buffer(r->body.n, r->body.p ? (void *)(uintptr_t)r->body.p : (void *)(uintptr_t)"",
                                           r->body_static ? MHD_RESPMEM_PERSISTENT : MHD_RESPMEM_MUST_COPY);
}

static void
build(struct tl_http_req *rq, const struct tl_http_reply *r)
{
    struct MHD_Response *m = response_of(r, &rq->answer_n);
    rq->status = m ? r->status : 503;
    if (!m) m = MHD_create_response_from_buffer(0, (void *)(uintptr_t)"", MHD_RESPMEM_PERSISTENT);
    if (m && r->content_type) MHD_add_response_header(m, "Content-Type", r->content_type);
    bool later = rq->status == 503 || rq->status == 429, when = false;
    for (int i = 0; m && i < r->headers_n; i++) {
        MHD_add_response_header(m, r->header[i].name, r->header[i].value);
        when |= strcasecmp(r->header[i].name, "Retry-After") == 0;
    }
    if (m && later && !when) MHD_add_response_header(m, "Retry-After", "1");
    if (m && atomic_load(&rq->loop->h->quiescing)) MHD_add_response_header(m, "Connection", "close");
    rq->response = m;
}

void
tl_http_answer(struct tl_http_req *rq, const struct tl_http_reply *reply)
{
    struct loop *l = rq->loop;
    build(rq, reply);
    tl_http_body_answered(rq, reply->body_static || reply->file_fd > 0 ? 0 : reply->body.n);
    if (pthread_equal(pthread_self(), l->thread) && l->current == rq) {
        rq->ready = true;
        return;
    }
    pthread_mutex_lock(&l->lock);
    rq->done_next = l->done;
    l->done = rq;
    pthread_mutex_unlock(&l->lock);
    if (atomic_exchange(&l->asleep, false)) wake(l);
}
static void
refuse(struct tl_http_req *rq, int code, const char *text, bool and_close)
{
    struct tl_http *h = rq->loop->h;
    struct tl_err err;
    struct tl_http_reply r;
    char json[TL_HTTP_ERROR_BYTES];
    tl_fail(&err, code, "%s", text);
    rq->handled = true;
    tl_http_body_drop(rq);
    if (h->cfg.refused && !and_close) {
        rq->loop->current = rq;
        h->cfg.refused(h->cfg.arg, rq, &err);
        rq->loop->current = NULL;
        if (rq->ready) return;
    }
    tl_http_error_reply(&r, &err, json);
    if (and_close) r.header[r.headers_n].name = "Connection", r.header[r.headers_n++].value = "close";
    build(rq, &r);
    rq->ready = true;
}

static enum MHD_Result
queue(struct tl_http_req *rq)
{
    rq->conn->state = SENDING;
    rq->conn->since_ms = rq->loop->now_ms;
    if (!rq->response) return MHD_NO;
    enum MHD_Result sent = MHD_queue_response(rq->mhd, (unsigned)rq->status, rq->response);
    MHD_destroy_response(rq->response);
    rq->response = NULL;
    return sent;
}

/* ---- one request: begin (headers), take (body, in pieces), finish (whole) ---- */
struct guard {
    int lengths, encodings;
    bool bad;
};

/* A carriage return alone ends a line for some and for others not. */
static bool
has_control(const char *text)
{
    for (; *text; text++)
        if (((unsigned char)*text < ' ' && *text != '\t') || *text == 127) return true;
    return false;
}

static enum MHD_Result
guard_header(void *arg, enum MHD_ValueKind kind, const char *name, const char *value)
{
    struct guard *g = arg;
    size_t n = strlen(name);
    (void)kind;
    if (n == 0 || strpbrk(name, " \t") || has_control(name) || (value && has_control(value))) g->bad = true;
    if (!strcasecmp(name, "Content-Length")) g->lengths++;
    if (!strcasecmp(name, "Transfer-Encoding")) {
        g->encodings++;
        if (!value || strcasecmp(value, "chunked") != 0) g->bad = true;
    }
    return MHD_YES;
}

static bool
smuggles(struct MHD_Connection *c)
{
    struct guard g = { 0 };
    MHD_get_connection_values(c, MHD_HEADER_KIND, guard_header, &g);
    return g.bad || g.lengths > 1 || g.encodings > 1 || (g.lengths && g.encodings);
}

static bool
cuts(struct tl_http_req *rq)
{
    const struct tl_http_cfg *cfg = &rq->loop->h->cfg;
    return cfg->cuts && cfg->cuts(cfg->arg, rq);
}

static enum MHD_Result
begin(struct tl_http_req *rq, struct MHD_Connection *c, const char *method)
{
    rq->begun = true;
    rq->mhd = c;
    rq->method = method;
    if (smuggles(c)) {
        refuse(rq, TL_EINVAL, "a header is malformed, or Content-Length and Transfer-Encoding are given twice, or both", true);
        return queue(rq);
    }
    size_t max = rq->loop->h->cfg.body_max;
    struct tl_str length = tl_http_header(rq, "Content-Length");
    unsigned long long announced = length.p ? strtoull(length.p, NULL, 10) : 0;
    rq->body_most = length.p && announced < max ? (size_t)announced : max;
    bool too_much_to_discard = announced / DISCARD_FACTOR > max;
    if (announced <= max || (!too_much_to_discard && cuts(rq))) return MHD_YES;
    refuse(rq, TL_ETOOBIG, "the body is larger than its limit", too_much_to_discard);
    return too_much_to_discard ? queue(rq) : MHD_YES;
}

static void
take(struct tl_http_req *rq, const char *p, size_t n)
{
    if (rq->handled || rq->cut) return; /* refused already, or full: the rest is read away */
    int rc = tl_http_body_take(rq, p, n);
    if (rc == TL_ETOOBIG && cuts(rq)) rq->cut = true;
    else if (rc == TL_ETOOBIG) refuse(rq, rc, "the body is larger than its limit", false);
    else if (rc != 0) refuse(rq, rc, "all memory for request bodies is in use; send it again", false);
}

static void
keep(struct loop *l, struct tl_http_req *rq)
{
    rq->kept_next = l->kept;
    if (l->kept) l->kept->kept_prev = rq;
    l->kept = rq;
    MHD_suspend_connection(rq->mhd);
}

static enum MHD_Result
finish(struct loop *l, struct tl_http_req *rq)
{
    if (!rq->handled) {
        rq->handled = true;
        rq->conn->state = BUSY;
        l->current = rq;
        l->h->cfg.handler(l->h->cfg.arg, l->index, rq);
        l->current = NULL;
        if (!rq->ready) {
            keep(l, rq);
            return MHD_YES;
        }
    }
    return rq->ready ? queue(rq) : MHD_NO;
}

static enum MHD_Result
on_request(void *arg, struct MHD_Connection *c, const char *url, const char *method, const char *version, const char *data, size_t *data_n,
           void **req)
{
    struct tl_http_req *rq = *req;
    (void)url;
    (void)version;
    if (!rq) return MHD_NO;
    if (!rq->begun) return begin(rq, c, method);
    if (*data_n) {
        take(rq, data, *data_n);
        *data_n = 0;
        return MHD_YES;
    }
    return finish(arg, rq);
}

/* The first sign of a request: its target has been read. What is returned comes back as *req. */
static void *
on_target(void *arg, const char *uri, struct MHD_Connection *c)
{
    struct loop *l = arg;
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct conn *conn = info ? info->socket_context : NULL;
    size_t uri_n = strlen(uri), params = tl_http_uri_params_n(uri);
    if (!conn) return NULL;
    conn->state = RECEIVING;
    conn->since_ms = l->now_ms;
    struct tl_http_req *rq = tl_alloc(sizeof *rq + params * sizeof *rq->param + uri_n + 1);
    if (!rq) return NULL;
    rq->loop = l;
    rq->conn = conn;
    rq->param = (struct tl_http_param *)(rq + 1);
    char *copy = (char *)(rq->param + params);
    memcpy(copy, uri, uri_n + 1);
    rq->params_n = tl_http_uri_split(copy, &rq->path, rq->param);
    conn->rq = rq;
    return rq;
}

static void
on_completed(void *arg, struct MHD_Connection *c, void **req, enum MHD_RequestTerminationCode why)
{
    struct loop *l = arg;
    struct tl_http_req *rq = *req;
    (void)c;
    (void)why;
    if (!rq) return;
    tl_http_body_drop(rq);
    if (rq->response) MHD_destroy_response(rq->response);
    rq->conn->rq = NULL;
    rq->conn->state = IDLE;
    rq->conn->since_ms = l->now_ms;
    tl_free(rq);
    *req = NULL;
}

static void
on_connection(void *arg, struct MHD_Connection *c, void **slot, enum MHD_ConnectionNotificationCode what)
{
    struct loop *l = arg;
    struct conn *conn = *slot;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        const union MHD_ConnectionInfo *fd = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
        const union MHD_ConnectionInfo *from = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
        conn = tl_alloc(sizeof *conn);
        if (!conn) return;
        conn->fd = fd->connect_fd;
        conn->since_ms = l->now_ms;
        if (from && from->client_addr->sa_family == AF_INET)
            inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)from->client_addr)->sin_addr, conn->peer, sizeof conn->peer);
        else if (from && from->client_addr->sa_family == AF_INET6)
            inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)from->client_addr)->sin6_addr, conn->peer, sizeof conn->peer);
        conn->next = l->conns;
        if (l->conns) l->conns->prev = conn;
        l->conns = conn;
        *slot = conn;
        atomic_fetch_add(&l->h->pool_bytes, POOL_BYTES);
        tl_count_add(HTTP_CONNECTIONS, 1);
    } else if (conn) {
        if (conn->prev) conn->prev->next = conn->next;
        else l->conns = conn->next;
        if (conn->next) conn->next->prev = conn->prev;
        tl_free(conn);
        *slot = NULL;
        atomic_fetch_sub(&l->h->pool_bytes, POOL_BYTES);
        tl_count_add(HTTP_CONNECTIONS, -1);
    }
}

/* ---- the loop ---- */
static void
resume(struct loop *l, struct tl_http_req *rq)
{
    if (rq->kept_prev) rq->kept_prev->kept_next = rq->kept_next;
    else l->kept = rq->kept_next;
    if (rq->kept_next) rq->kept_next->kept_prev = rq->kept_prev;
    rq->ready = true;
    MHD_resume_connection(rq->mhd);
}

static bool
anything_done(struct loop *l)
{
    pthread_mutex_lock(&l->lock);
    bool any = l->done != NULL;
    pthread_mutex_unlock(&l->lock);
    return any;
}

static void
resume_done(struct loop *l)
{
    pthread_mutex_lock(&l->lock);
    struct tl_http_req *rq = l->done, *next;
    l->done = NULL;
    pthread_mutex_unlock(&l->lock);
    for (; rq; rq = next) {
        next = rq->done_next;
        resume(l, rq);
    }
}

static void
shut(struct conn *c)
{
    static const char late[] = "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    if (c->state == RECEIVING && send(c->fd, late, sizeof late - 1, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) c->state = IDLE;
    shutdown(c->fd, SHUT_RDWR);         /* the library sees the end and frees the connection */
}

static void
sweep(struct loop *l)
{
    for (struct conn *c = l->conns; c; c = c->next) {
        int64_t age_ms = l->now_ms - c->since_ms;
        int64_t grace_ms = c->state == RECEIVING && c->rq ? (int64_t)(c->rq->body_n / BODY_BYTES_PER_MS) : 0;
        if (c->state == RECEIVING && age_ms > l->h->cfg.deadline_ms + grace_ms) shut(c);
        else if (c->state == IDLE && age_ms > IDLE_S * 1000) shut(c);
        else if (c->state == SENDING && c->rq && age_ms > IDLE_S * 1000 + (int64_t)(c->rq->answer_n / BODY_BYTES_PER_MS)) shut(c);
    }
}

static bool
anything_under_way(const struct loop *l)
{
    for (const struct conn *c = l->conns; c; c = c->next)
        if (c->state != IDLE) return true;
    return false;
}

static void
rest(struct loop *l, int most_ms)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(l->mhd, MHD_DAEMON_INFO_EPOLL_FD);
    struct pollfd p[2] = { { .fd = info->epoll_fd, .events = POLLIN }, { .fd = l->wake_fd, .events = POLLIN } };
    unsigned long long wait_ms = 0;
    int timeout_ms = most_ms;
    uint64_t n;
    if (MHD_get_timeout(l->mhd, &wait_ms) == MHD_YES && wait_ms < (unsigned)most_ms) timeout_ms = (int)wait_ms;
    atomic_store(&l->asleep, timeout_ms > 0);
    if (timeout_ms > 0 && anything_done(l)) timeout_ms = 0;     /* answered before it could see that we sleep */
    if (timeout_ms > 0 && poll(p, 2, timeout_ms) > 0 && p[1].revents) eventfd_read(l->wake_fd, &n);
    atomic_store(&l->asleep, false);
}

static void
round_of(struct loop *l, int most_ms)
{
    rest(l, most_ms);
    l->now_ms = mono_ms();
    resume_done(l);
    MHD_run(l->mhd);
}

static void
drain(struct loop *l)
{
    static const struct tl_http_reply stopping = { .status = 503 };
    resume_done(l);
    while (l->kept) {
        build(l->kept, &stopping);
        tl_http_body_drop(l->kept);
        resume(l, l->kept);
    }
    for (int64_t until_ms = mono_ms() + STOP_MS; anything_under_way(l) && mono_ms() < until_ms; )
        round_of(l, 10);
}

static void *
loop_main(void *arg)
{
    struct loop *l = arg;
    int64_t swept_ms = 0;
    while (!atomic_load(&l->h->stopping)) {
        round_of(l, TICK_MS);
        if (l->now_ms - swept_ms >= TICK_MS) {
            sweep(l);
            swept_ms = l->now_ms;
        }
        if (atomic_load(&l->h->quiescing) && !l->quiesced) {
            MHD_quiesce_daemon(l->mhd);
            l->quiesced = true;
        }
    }
    if (!l->quiesced) MHD_quiesce_daemon(l->mhd);
    drain(l);
    MHD_stop_daemon(l->mhd);
    return NULL;
}

/* ---- start and stop ---- */
static int
loop_start(struct tl_http *h, int i, struct tl_err *err)
{
    struct loop *l = &h->loop[i];
    unsigned share = (unsigned)(h->cfg.connections_max + h->loops_n - 1) / (unsigned)h->loops_n;
    l->h = h;
    l->index = i;
    l->now_ms = mono_ms();
    l->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (l->wake_fd < 0) return tl_fail(err, TL_EIO, "eventfd: no file descriptors left");
    pthread_mutex_init(&l->lock, NULL);
    bool tls = h->cfg.tls_cert && h->cfg.tls_key;
    struct MHD_OptionItem secure[] = { { MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)(uintptr_t)h->cfg.tls_cert }, { MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)h->cfg.tls_key }, { MHD_OPTION_END, 0, NULL } };
    struct MHD_OptionItem open_[] = { { MHD_OPTION_END, 0, NULL } };
    l->mhd = MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | (tls ? MHD_USE_TLS : 0), 0, NULL, NULL, on_request, l,
        MHD_OPTION_LISTEN_SOCKET, h->listen_fd,
        MHD_OPTION_CONNECTION_LIMIT, share,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)POOL_BYTES,
        MHD_OPTION_CONNECTION_MEMORY_INCREMENT, (size_t)POOL_STEP_BYTES,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)STALL_S,
        MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_URI_LOG_CALLBACK, on_target, l,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, l,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, l,
        MHD_OPTION_ARRAY, tls ? secure : open_,
        MHD_OPTION_END);
    if (!l->mhd) {
        close(l->wake_fd);
        return tls ? tl_fail(err, TL_ECONFIG, "HTTPS did not start: viewer.tls_cert and viewer.tls_key are not a certificate and its key in PEM")
                   : tl_fail(err, TL_EIO, "the HTTP server did not start; are there file descriptors left?");
    }
    if (pthread_create(&l->thread, NULL, loop_main, l) == 0) return 0;
    MHD_quiesce_daemon(l->mhd);
    MHD_stop_daemon(l->mhd);
    close(l->wake_fd);
    return tl_fail(err, TL_ENOMEM, "no thread for the HTTP server");
}

static void
loop_end(struct loop *l)
{
    pthread_join(l->thread, NULL);
    pthread_mutex_destroy(&l->lock);
    close(l->wake_fd);
}

int
tl_http_start(struct tl_http **out, const struct tl_http_cfg *cfg, struct tl_err *err)
{
    int rc = 0, started = 0;
    tl_assert(cfg->handler && cfg->threads >= 1 && cfg->threads <= LOOPS_MAX && cfg->body_max > 0);
    struct tl_http *h = tl_alloc(sizeof *h);
    if (!h) return tl_fail(err, TL_ENOMEM, "out of memory");
    h->cfg = *cfg;
    h->cfg.bind = NULL;
    if (h->cfg.connections_max <= 0) h->cfg.connections_max = 1024;
    if (h->cfg.deadline_ms <= 0) h->cfg.deadline_ms = 5000;
    h->loops_n = cfg->threads;
    h->listen_fd = cfg->listen_fd > 0 ? cfg->listen_fd : tl_http_listen(cfg->bind, cfg->port, err);
    if (h->listen_fd < 0) rc = h->listen_fd;
    while (rc == 0 && started < h->loops_n) {
        rc = loop_start(h, started, err);
        started += rc == 0;
    }
    if (rc == 0) {
        *out = h;
        return 0;
    }
    h->loops_n = started;
    if (h->listen_fd >= 0) tl_http_stop(&h);
    tl_free(h);
    return rc;
}

int
tl_http_port(const struct tl_http *h)
{
    return tl_http_socket_port(h->listen_fd);
}

void
tl_http_quiesce(struct tl_http *h)
{
    atomic_store(&h->quiescing, true);
    for (int i = 0; i < h->loops_n; i++)
        wake(&h->loop[i]);
}

void
tl_http_stop(struct tl_http **hp)
{
    struct tl_http *h = *hp;
    *hp = NULL;
    if (!h) return;
    tl_http_quiesce(h);
    atomic_store(&h->stopping, true);
    for (int i = 0; i < h->loops_n; i++)
        wake(&h->loop[i]);
    for (int i = 0; i < h->loops_n; i++)
        loop_end(&h->loop[i]);
    close(h->listen_fd);
    tl_free(h);
}

struct tl_str
tl_http_header(const struct tl_http_req *rq, const char *name)
{
    struct tl_str v = { NULL, 0 };
    if (MHD_lookup_connection_value_n(rq->mhd, MHD_HEADER_KIND, name, strlen(name), &v.p, &v.n) != MHD_YES) v.p = NULL, v.n = 0;
    return v;
}

struct headers { void (*f)(void *arg, struct tl_str name, struct tl_str value); void *arg; };

static enum MHD_Result
one_header(void *arg, enum MHD_ValueKind kind, const char *name, const char *value)
{
    struct headers *h = arg;
    (void)kind;
    h->f(h->arg, tl_str_of(name), tl_str_of(value ? value : ""));
    return MHD_YES;
}

void
tl_http_header_each(const struct tl_http_req *rq, void (*f)(void *arg, struct tl_str name, struct tl_str value), void *arg)
{
    struct headers h = { f, arg };
    MHD_get_connection_values(rq->mhd, MHD_HEADER_KIND, one_header, &h);
}
