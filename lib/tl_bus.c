/* tl_bus - frames over ZeroMQ: a DEALER that connects, a ROUTER that binds.
 *
 * ZMQ_FD tells of changes, not of states: any call on the socket may swallow the signal while messages wait. So what callers poll is an epoll of our
 * own, holding ZMQ_FD and an eventfd that stays readable from the first message received (or seen while sending) until a receive finds none.
 * No ROUTING_ID is set: the identity is in HELLO, so a reconnecting peer never fights its older self for a name. Nothing is retransmitted here and
 * LINGER is 0: what was not acknowledged is sent again by the spool. The context is never terminated (libzmq #4806, #4242). */
#include "tl_bus.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
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
#define ZAP_ENDPOINT "inproc://zeromq.zap.01"
#define ZAP_DOMAIN "touchline"
#define ZAP_FRAMES 7                    /* version, request, domain, address, identity, mechanism, credentials */
#define ZAP_FRAME_BYTES 256

struct tl_bus {
    void *socket;
    void *monitor;                  /* DEALER with curve: tells of refused handshakes */
    bool answers_who;
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

/* ---- CURVE ---- */

/* Who may connect is asked of the ROUTER that has curve. Its handler is there before the socket binds: without one libzmq lets everybody in. */
static struct {
    pthread_once_t once;
    pthread_mutex_t lock;
    void *socket;
    tl_bus_who who;
    void *arg;
} zap = { .once = PTHREAD_ONCE_INIT, .lock = PTHREAD_MUTEX_INITIALIZER };

struct zap_frame {
    char b[ZAP_FRAME_BYTES];
    size_t n;
};

/* All frames of a request. One with a frame that is too long (cut here) counts as one of too many, and is refused like it. */
static int
zap_receive(struct zap_frame f[ZAP_FRAMES])
{
    int more = 1, n = 0;
    size_t more_n = sizeof more;
    bool cut = false;
    for (; more; n++) {
        struct zap_frame spare, *to = n < ZAP_FRAMES ? &f[n] : &spare;
        int got = 0;
        do
            got = zmq_recv(zap.socket, to->b, sizeof to->b, 0);
        while (got < 0 && errno == EINTR);
        if (got < 0 || zmq_getsockopt(zap.socket, ZMQ_RCVMORE, &more, &more_n) < 0)
            return -1;
        cut = cut || got > ZAP_FRAME_BYTES;
        to->n = got > ZAP_FRAME_BYTES ? ZAP_FRAME_BYTES : (size_t)got;
    }
    return cut && n == ZAP_FRAMES ? n + 1 : n;
}

static bool
zap_allows(const struct zap_frame f[ZAP_FRAMES], int n, char user[TL_BUS_USER_BYTES])
{
    bool curve = n == ZAP_FRAMES && f[0].n == 3 && !memcmp(f[0].b, "1.0", 3) && f[5].n == 5 && !memcmp(f[5].b, "CURVE", 5) && f[6].n == TL_BUS_KEY_BYTES;
    pthread_mutex_lock(&zap.lock);
    bool allowed = curve && zap.who && zap.who(zap.arg, (const uint8_t *)f[6].b, user) == 0;
    pthread_mutex_unlock(&zap.lock);
    return allowed;
}

static void *
zap_main(void *arg)
{
    static struct zap_frame f[ZAP_FRAMES];
    for (;;) {
        char user[TL_BUS_USER_BYTES] = "";
        int n = zap_receive(f);
        if (n < 0)
            return arg;
        bool allowed = zap_allows(f, n, user);
        zmq_send(zap.socket, "1.0", 3, ZMQ_SNDMORE);
        zmq_send(zap.socket, f[1].b, n > 1 ? f[1].n : 0, ZMQ_SNDMORE);
        zmq_send(zap.socket, allowed ? "200" : "400", 3, ZMQ_SNDMORE);
        zmq_send(zap.socket, "", 0, ZMQ_SNDMORE);
        zmq_send(zap.socket, user, allowed ? strlen(user) : 0, ZMQ_SNDMORE);
        zmq_send(zap.socket, "", 0, 0);
    }
}

static void
start_zap(void)
{
    pthread_t thread;
    void *s = zmq_socket(context, ZMQ_REP);
    if (s && zmq_bind(s, ZAP_ENDPOINT) == 0) {
        zap.socket = s;
        if (pthread_create(&thread, NULL, zap_main, NULL) == 0)
            pthread_detach(thread);
        else
            zap.socket = NULL;
    }
}

static int
guard_router(struct tl_bus *b, const struct tl_bus_cfg *cfg, struct tl_err *err)
{
    int on = 1;
    tl_assert(cfg->who);
    pthread_once(&zap.once, start_zap);
    if (!zap.socket)
        return tl_fail(err, TL_ENET, "the handler that asks for keys does not start");
    pthread_mutex_lock(&zap.lock);
    zap.who = cfg->who;
    zap.arg = cfg->who_arg;
    pthread_mutex_unlock(&zap.lock);
    b->answers_who = true;
    if (zmq_setsockopt(b->socket, ZMQ_CURVE_SERVER, &on, sizeof on) == 0 && zmq_setsockopt(b->socket, ZMQ_ZAP_DOMAIN, ZAP_DOMAIN, sizeof ZAP_DOMAIN - 1) == 0 &&
        zmq_setsockopt(b->socket, ZMQ_CURVE_SECRETKEY, cfg->curve->secret_key, TL_BUS_KEY_BYTES) == 0)
        return 0;
    return tl_fail(err, TL_ENET, "cannot set the key of %s: %s", cfg->endpoint, zmq_strerror(errno));
}

static int
guard_dealer(struct tl_bus *b, const struct tl_bus_cfg *cfg, struct tl_err *err)
{
    static atomic_uint made;
    char name[64];
    int linger = 0;
    snprintf(name, sizeof name, "inproc://tl-monitor-%u", atomic_fetch_add(&made, 1));
    const struct tl_bus_curve *k = cfg->curve;
    if (zmq_setsockopt(b->socket, ZMQ_CURVE_SERVERKEY, k->server_key, TL_BUS_KEY_BYTES) == 0 &&
        zmq_setsockopt(b->socket, ZMQ_CURVE_PUBLICKEY, k->public_key, TL_BUS_KEY_BYTES) == 0 &&
        zmq_setsockopt(b->socket, ZMQ_CURVE_SECRETKEY, k->secret_key, TL_BUS_KEY_BYTES) == 0 &&
        zmq_socket_monitor(b->socket, name, ZMQ_EVENT_HANDSHAKE_FAILED_AUTH | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL) == 0 &&
        (b->monitor = zmq_socket(context, ZMQ_PAIR)) && zmq_setsockopt(b->monitor, ZMQ_LINGER, &linger, sizeof linger) == 0 &&
        zmq_connect(b->monitor, name) == 0)
        return 0;
    return tl_fail(err, TL_ENET, "cannot set the key for %s: %s", cfg->endpoint, zmq_strerror(errno));
}

bool
tl_bus_refused(struct tl_bus *b)
{
    char frame[ENDPOINT_BYTES];
    bool any = false;
    while (b->monitor && zmq_recv(b->monitor, frame, sizeof frame, ZMQ_DONTWAIT) >= 0)
        any = true;
    return any;
}

int
tl_bus_keypair(uint8_t public_key[TL_BUS_KEY_BYTES], uint8_t secret_key[TL_BUS_KEY_BYTES])
{
    char pub[41], sec[41];
    if (zmq_curve_keypair(pub, sec) != 0 || !zmq_z85_decode(public_key, pub) || !zmq_z85_decode(secret_key, sec))
        return TL_EIO;
    return 0;
}

static int
open_socket(struct tl_bus *b, const struct tl_bus_cfg *cfg, struct tl_err *err)
{
    pthread_once(&context_once, make_context);
    if (context)
        b->socket = zmq_socket(context, cfg->router ? ZMQ_ROUTER : ZMQ_DEALER);
    if (!b->socket || set_options(b->socket, cfg) < 0)
        return tl_fail(err, TL_ENET, "cannot make a socket for %s: %s", cfg->endpoint, zmq_strerror(errno));
    int guarded = !cfg->curve ? 0 : cfg->router ? guard_router(b, cfg, err) : guard_dealer(b, cfg, err);
    if (guarded < 0)
        return guarded;
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
    pthread_mutex_lock(&zap.lock);
    if (b->answers_who)
        zap.who = NULL;
    pthread_mutex_unlock(&zap.lock);
    if (b->monitor) {
        zmq_socket_monitor(b->socket, NULL, 0);
        zmq_close(b->monitor);
    }
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
    const char *user = b->answers_who && h->n == 0 ? zmq_msg_gets(&h->frame[0], "User-Id") : NULL;
    if (user)
        snprintf(m->user, sizeof m->user, "%s", user);
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
