/* tl_bus - frames over ZeroMQ: a DEALER that connects, a ROUTER that binds.
 *
 * ZMQ_FD tells of changes, not of states: any call on the socket may swallow the signal while messages wait. So what callers poll is an epoll of our
 * own, holding ZMQ_FD and an eventfd that stays readable from the first message received (or seen while sending) until a receive finds none.
 * No ROUTING_ID is set: the identity is in HELLO, so a reconnecting peer never fights its older self for a name. Nothing is retransmitted here and
 * LINGER is 0: what was not acknowledged is sent again by the spool. The context is never terminated (libzmq #4806, #4242). */
#include "tl_bus.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <zmq.h>

#include "tl_hash.h"

#define HWM_DEFAULT 1000
#define MESSAGE_MAX_BYTES (8ll << 20)
#define SOCKETS_MAX 64
#define ENDPOINT_BYTES 256

struct tl_bus {
    void *socket;
    int poll_fd, more_fd;
    bool more;                      /* more_fd is readable */
    bool router;
    char endpoint[ENDPOINT_BYTES];
};

struct held {
    zmq_msg_t frame[TL_BUS_FRAMES_MAX];
    int n;
};

static void *context;
static pthread_once_t context_once = PTHREAD_ONCE_INIT;

static void
make_context(void)
{
    tl_hash_init();                 /* libsodium must be ready before libzmq uses it */
    context = zmq_ctx_new();
    if (context)
        zmq_ctx_set(context, ZMQ_MAX_SOCKETS, SOCKETS_MAX);
}

static int
set_options(void *socket, const struct tl_bus_cfg *cfg)
{
    int hwm = cfg->hwm > 0 ? cfg->hwm : HWM_DEFAULT;
    const struct { int option, value; } row[] = {
        { ZMQ_LINGER, 0 },
        { ZMQ_IMMEDIATE, 1 },
        { ZMQ_SNDHWM, hwm },
        { ZMQ_RCVHWM, hwm },
        { ZMQ_HEARTBEAT_IVL, 1000 },
        { ZMQ_HEARTBEAT_TIMEOUT, 3000 },
        { ZMQ_HEARTBEAT_TTL, 5000 },
        { ZMQ_RECONNECT_IVL, 100 },
        { ZMQ_RECONNECT_IVL_MAX, 5000 },
        { ZMQ_HANDSHAKE_IVL, 5000 },
        { ZMQ_TCP_MAXRT, 10000 },
        { ZMQ_BACKLOG, 256 },
        { cfg->router ? ZMQ_ROUTER_MANDATORY : ZMQ_LINGER, cfg->router },
    };
    int64_t message_max = MESSAGE_MAX_BYTES;
    int rc = zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &message_max, sizeof message_max);
    for (size_t i = 0; rc == 0 && i < sizeof row / sizeof row[0]; i++)
        rc = zmq_setsockopt(socket, row[i].option, &row[i].value, sizeof row[i].value);
    return rc;
}

static int
open_socket(struct tl_bus *b, const struct tl_bus_cfg *cfg, struct tl_err *err)
{
    pthread_once(&context_once, make_context);
    if (context)
        b->socket = zmq_socket(context, cfg->router ? ZMQ_ROUTER : ZMQ_DEALER);
    if (!b->socket || set_options(b->socket, cfg) < 0)
        return tl_fail(err, TL_ENET, "cannot make a socket for %s: %s", cfg->endpoint, zmq_strerror(errno));
    int rc = cfg->router ? zmq_bind(b->socket, cfg->endpoint) : zmq_connect(b->socket, cfg->endpoint);
    if (rc < 0 && errno == EADDRINUSE)
        return tl_fail(err, TL_EBUSY, "%s is taken by another program", cfg->endpoint);
    if (rc < 0 && (errno == EINVAL || errno == EPROTONOSUPPORT))
        return tl_fail(err, TL_ECONFIG, "%s is no address like tcp://127.0.0.1:5570", cfg->endpoint);
    if (rc < 0)
        return tl_fail(err, TL_ENET, "%s: %s", cfg->endpoint, zmq_strerror(errno));
    size_t n = sizeof b->endpoint;
    if (cfg->router && zmq_getsockopt(b->socket, ZMQ_LAST_ENDPOINT, b->endpoint, &n) < 0)
        return tl_fail(err, TL_ENET, "%s: %s", cfg->endpoint, zmq_strerror(errno));
    if (!cfg->router)
        snprintf(b->endpoint, sizeof b->endpoint, "%s", cfg->endpoint);
    return 0;
}

static int
open_poll(struct tl_bus *b, struct tl_err *err)
{
    int fd = -1;
    size_t n = sizeof fd;
    b->poll_fd = epoll_create1(EPOLL_CLOEXEC);
    b->more_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct epoll_event ev = { .events = EPOLLIN };
    if (b->poll_fd < 0 || b->more_fd < 0 || zmq_getsockopt(b->socket, ZMQ_FD, &fd, &n) < 0 ||
        epoll_ctl(b->poll_fd, EPOLL_CTL_ADD, fd, &ev) < 0 || epoll_ctl(b->poll_fd, EPOLL_CTL_ADD, b->more_fd, &ev) < 0)
        return tl_fail(err, TL_ENET, "cannot poll the socket: %s", strerror(errno));
    return 0;
}

/* Says in more_fd whether messages may wait. */
static void
show_more(struct tl_bus *b, bool more)
{
    uint64_t v = 1;
    if (more == b->more)
        return;
    ssize_t done = more ? write(b->more_fd, &v, sizeof v) : read(b->more_fd, &v, sizeof v);
    tl_assert(done == (ssize_t)sizeof v);
    b->more = more;
}

static bool
waiting(struct tl_bus *b)
{
    int events = 0;
    size_t n = sizeof events;
    return zmq_getsockopt(b->socket, ZMQ_EVENTS, &events, &n) == 0 && (events & ZMQ_POLLIN);
}

int
tl_bus_open(struct tl_bus **out, const struct tl_bus_cfg *cfg, struct tl_err *err)
{
    *out = NULL;
    struct tl_bus *b = tl_alloc(sizeof *b);
    if (!b)
        return tl_fail(err, TL_ENOMEM, "out of memory for a socket");
    b->poll_fd = b->more_fd = -1;
    b->router = cfg->router;
    int rc = open_socket(b, cfg, err);
    if (rc == 0)
        rc = open_poll(b, err);
    if (rc < 0) {
        tl_bus_close(&b);
        return rc;
    }
    show_more(b, waiting(b));
    *out = b;
    return 0;
}

void
tl_bus_close(struct tl_bus **bp)
{
    struct tl_bus *b = *bp;
    if (!b)
        return;
    if (b->poll_fd >= 0)
        close(b->poll_fd);
    if (b->more_fd >= 0)
        close(b->more_fd);
    if (b->socket)
        zmq_close(b->socket);
    tl_free(b);
    *bp = NULL;
}

const char *
tl_bus_endpoint(const struct tl_bus *b)
{
    return b->endpoint;
}

int
tl_bus_fd(const struct tl_bus *b)
{
    return b->poll_fd;
}

/* ---- receiving ---- */

static int
receive_frame(struct tl_bus *b, zmq_msg_t *frame)
{
    int rc = 0;
    zmq_msg_init(frame);
    do
        rc = zmq_msg_recv(frame, b->socket, ZMQ_DONTWAIT);
    while (rc < 0 && errno == EINTR);
    if (rc < 0)
        zmq_msg_close(frame);
    return rc;
}

/* take_frame - keep the index-th frame of the message; false when it does not fit: the message is then dropped as a whole. */
static bool
take_frame(const struct tl_bus *b, struct tl_bus_msg *m, struct held *h, int index, zmq_msg_t *frame)
{
    size_t n = zmq_msg_size(frame);
    if (b->router && index == 0) {
        bool fits = n <= sizeof m->route;
        if (fits)
            memcpy(m->route, zmq_msg_data(frame), n);
        m->route_n = fits ? n : 0;
        zmq_msg_close(frame);
        return fits;
    }
    if (h->n == TL_BUS_FRAMES_MAX) {
        zmq_msg_close(frame);
        return false;
    }
    zmq_msg_init(&h->frame[h->n]);
    zmq_msg_move(&h->frame[h->n], frame);
    zmq_msg_close(frame);
    m->frame[h->n] = (struct tl_str){ zmq_msg_data(&h->frame[h->n]), n };
    m->frames_n = ++h->n;
    return true;
}

/* receive_message - 1 a message is in m, 0 one was dropped, or a negative code. */
static int
receive_message(struct tl_bus *b, struct tl_bus_msg *m, struct tl_err *err)
{
    struct held *h = m->hold;
    bool fits = true;
    zmq_msg_t frame;
    int more = 1;
    for (int index = 0; more; index++) {
        if (receive_frame(b, &frame) < 0)
            return errno == EAGAIN ? TL_EAGAIN : tl_fail(err, TL_ENET, "receiving: %s", zmq_strerror(errno));
        more = zmq_msg_more(&frame);
        fits = take_frame(b, m, h, index, &frame) && fits;
    }
    return fits;
}

int
tl_bus_recv(struct tl_bus *b, struct tl_bus_msg *m, struct tl_err *err)
{
    int rc = 0;
    while (rc == 0) {
        *m = (struct tl_bus_msg){ .hold = tl_alloc(sizeof(struct held)) };
        if (!m->hold)
            return tl_fail(err, TL_ENOMEM, "out of memory receiving a message");
        rc = receive_message(b, m, err);
        if (rc != 1)
            tl_bus_done(m);
    }
    show_more(b, rc == 1);
    return rc == 1 ? 0 : rc;
}

void
tl_bus_done(struct tl_bus_msg *m)
{
    struct held *h = m->hold;
    for (int i = 0; h && i < h->n; i++)
        zmq_msg_close(&h->frame[i]);
    tl_free(h);
    *m = (struct tl_bus_msg){ 0 };
}

/* ---- sending ---- */

static int
send_frame(struct tl_bus *b, const void *p, size_t n, int more, struct tl_err *err)
{
    int rc = 0;
    do
        rc = zmq_send(b->socket, p, n, ZMQ_DONTWAIT | (more ? ZMQ_SNDMORE : 0));
    while (rc < 0 && errno == EINTR);
    if (rc >= 0)
        return 0;
    if (errno == EAGAIN || errno == EHOSTUNREACH)
        return TL_EAGAIN;
    return tl_fail(err, TL_ENET, "sending: %s", zmq_strerror(errno));
}

int
tl_bus_send(struct tl_bus *b, const uint8_t *route, size_t route_n, const struct tl_str *frames, int frames_n, struct tl_err *err)
{
    tl_assert(frames_n > 0 && b->router == (route != NULL));
    int rc = route ? send_frame(b, route, route_n, 1, err) : 0;
    for (int i = 0; i < frames_n && rc == 0; i++)
        rc = send_frame(b, frames[i].p, frames[i].n, i + 1 < frames_n, err);
    if (!b->more)
        show_more(b, waiting(b));
    return rc;
}
