/* fuzz_zap.c - any frames as a request to the handler that libzmq asks for keys (ZAP, RFC 27), beside any bytes as the registry of collectors: each request gets
 * one answer of six frames with the request's own id, and it is 200 exactly when the request is whole, speaks CURVE, and its key is listed and live.
 *
 * An input is the registry up to its first NUL, then frames: a byte of length (255: 300 bytes) and the bytes. A credential of one byte k stands for the key
 * of the k-th collector, so that inputs that fit can be met. */
#include <stdlib.h>
#include <sys/mman.h>

#include "../../lib/tl_bus.c"

#include "../../aggregator/callers.c"

#define FRAMES_MAX 12
#define LONG_FRAME 300

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(x) must_at(x, __LINE__)

static void
must_at(bool ok, int line)
{
    if (ok) return;
    fprintf(stderr, "fuzz_zap.c:%d does not hold\n", line);
    abort();
}

static struct callers registry;
static void *client;
static int registry_fd;

struct request { char b[FRAMES_MAX][LONG_FRAME]; size_t len[FRAMES_MAX]; int n; };

static void
set_up(void)
{
    struct tl_bus_cfg cfg = { .endpoint = "tcp://127.0.0.1:*", .router = true, .who = who, .who_arg = &registry };
    static struct tl_bus_curve curve;
    static struct tl_bus *bus;
    struct tl_err err;
    int patience_ms = 60000;
    tl_log_level(TL_ERROR);
    registry_fd = memfd_create("registry", 0);
    snprintf(registry.path, sizeof registry.path, "/proc/self/fd/%d", registry_fd);
    registry.looked_us = INT64_MAX;     /* who() leaves the registry as it is read here */
    pthread_mutex_init(&registry.lock, NULL);
    must(tl_bus_keypair(curve.public_key, curve.secret_key) == 0);
    cfg.curve = &curve;
    must(tl_bus_open(&bus, &cfg, &err) == 0);
    client = zmq_socket(context, ZMQ_DEALER);
    must(client && zmq_setsockopt(client, ZMQ_RCVTIMEO, &patience_ms, sizeof patience_ms) == 0 && zmq_connect(client, ZAP_ENDPOINT) == 0);
}

static bool
read_registry(const uint8_t *data, size_t n)
{
    struct tl_err err;
    tl_peer_keys_free(&registry.keys);
    must(ftruncate(registry_fd, 0) == 0 && pwrite(registry_fd, data, n, 0) == (ssize_t)n);
    int rc = tl_peer_keys_load(registry.path, &registry.keys, &err);
    must(rc == 0 || ((rc == TL_ECONFIG || rc == TL_ENOSPC || rc == TL_ENOMEM) && err.text[0] && registry.keys.n == 0));
    return rc == 0;
}

static void
read_request(struct request *r, const uint8_t *p, size_t n)
{
    for (r->n = 0; n > 0 && r->n < FRAMES_MAX; r->n++) {
        size_t len = p[0] == 255 ? LONG_FRAME : p[0], has = len < n - 1 ? len : n - 1;
        memset(r->b[r->n], 'x', LONG_FRAME);
        memcpy(r->b[r->n], p + 1, has);
        r->len[r->n] = len;
        p += 1 + has;
        n -= 1 + has;
    }
    uint8_t k = (uint8_t)r->b[6][0];
    if (r->n > 6 && r->len[6] == 1 && k < registry.keys.n) {
        memcpy(r->b[6], registry.keys.key[k].public_key, TL_BUS_KEY_BYTES);
        r->len[6] = TL_BUS_KEY_BYTES;
    }
}

static bool
frame_is(const struct request *r, int i, const char *text)
{
    return i < r->n && r->len[i] == strlen(text) && memcmp(r->b[i], text, r->len[i]) == 0;
}

/* fits - what the answer must be, by the rules and not by the handler's code; named: it is for a collector and the key that it came with */
static bool
fits(const struct request *r, int64_t now_ms, const char *user, bool *named)
{
    bool live = false;
    bool whole = r->n == 7 && frame_is(r, 0, "1.0") && frame_is(r, 5, "CURVE") && r->len[6] == TL_BUS_KEY_BYTES;
    for (int i = 0; i < r->n; i++)
        whole = whole && r->len[i] <= ZAP_FRAME_BYTES;
    for (size_t i = 0; whole && i < registry.keys.n; i++) {
        const struct tl_peer_key *k = &registry.keys.key[i];
        char id[2 * TL_KEYS_COLLECTOR_BYTES + 1], public[2 * TL_BUS_KEY_BYTES + 1], both[sizeof id + sizeof public];
        if (memcmp(k->public_key, r->b[6], TL_BUS_KEY_BYTES) != 0 || !k->enabled || (k->not_after_ms != TL_TIME_NONE && k->not_after_ms < now_ms))
            continue;
        tl_hex(k->collector, TL_KEYS_COLLECTOR_BYTES, id);
        tl_hex(k->public_key, TL_BUS_KEY_BYTES, public);
        snprintf(both, sizeof both, "%s/%s", id, public);
        *named = *named || strcmp(both, user) == 0;
        live = true;
    }
    return live;
}

static void
ask(const struct request *r)
{
    struct request a = { .n = 0 };
    char user[LONG_FRAME + 1] = "";
    bool named = false;
    int more = 1;
    size_t more_n = sizeof more;
    int64_t before_ms = tl_clock_real()->wall_ms(tl_clock_real());
    must(zmq_send(client, "", 0, ZMQ_SNDMORE) == 0);
    for (int i = 0; i < r->n; i++)
        must(zmq_send(client, r->b[i], r->len[i], i + 1 < r->n ? ZMQ_SNDMORE : 0) == (int)r->len[i]);
    int got = 0;
    do
        got = zmq_recv(client, user, LONG_FRAME, 0);
    while (got < 0 && errno == EINTR);          /* the fuzzer's own alarm */
    must(got == 0);
    for (; more; a.n++) {
        int n = a.n < FRAMES_MAX && !zmq_getsockopt(client, ZMQ_RCVMORE, &more, &more_n) && more ? zmq_recv(client, a.b[a.n], LONG_FRAME, 0) : -1;
        must(n >= 0 && n <= LONG_FRAME);
        a.len[a.n] = (size_t)n;
        must(zmq_getsockopt(client, ZMQ_RCVMORE, &more, &more_n) == 0);
    }
    int64_t after_ms = tl_clock_real()->wall_ms(tl_clock_real());
    bool yes = frame_is(&a, 2, "200");
    must(a.n == 6 && frame_is(&a, 0, "1.0") && (yes || frame_is(&a, 2, "400")) && a.len[3] == 0 && a.len[5] == 0);
    must(r->n < 2 || r->len[1] > ZAP_FRAME_BYTES || (a.len[1] == r->len[1] && memcmp(a.b[1], r->b[1], a.len[1]) == 0));
    memcpy(user, a.b[4], a.len[4]);
    user[a.len[4]] = '\0';
    must(yes == fits(r, before_ms, user, &named) || yes == fits(r, after_ms, user, &named));
    must(yes ? named : a.len[4] == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct request r;
    if (!client)
        set_up();
    const uint8_t *nul = size ? memchr(data, 0, size) : NULL;
    size_t n = nul ? (size_t)(nul - data) : size;
    read_registry(data, n);
    if (!nul)
        return 0;
    read_request(&r, nul + 1, size - n - 1);
    if (r.n > 0)
        ask(&r);
    return 0;
}
