/* load_http.c - posts event bodies over keep-alive connections as fast as they are answered, and says how fast that was.
 *
 *   load_http PORT [--path /v1/events] [--connections 32] [--events 100] [--form ndjson|array] [--seconds 5] [--bodies N] [--rate BODIES_A_SECOND] [--pid PID]
 *
 * One line: answers/s, events/s, p50, p99 and greatest time to an answer, statuses; with --pid the CPU seconds of that process (the server) and
 * events per CPU second, which is the figure to compare when load and server share the cores. Every event has its own id. One thread. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ANSWER_BYTES 65536
#define CONNECTIONS_MAX 2000
#define US_BUCKETS 200000               /* 10 us each, up to 2 s */

struct options {
    int port, connections, events, seconds, pid, rate;
    long bodies;
    const char *path;
    bool array;
};

struct request {                        /* one template for all: the ids in it are written anew before each sending */
    char *text;
    size_t n, head_n;
    size_t *id_at;
};

struct conn {
    int fd;
    char *out;                          /* own copy of the request: a send may stop half-way */
    size_t sent, got, want;
    char in[1024];
    int status;
    int64_t since_us;
};

static struct options opt = { .connections = 32, .events = 100, .seconds = 5, .path = "/v1/events" };
static struct request rq;
static long answers, good, busy, refused, broken, started;
static uint32_t took[US_BUCKETS];
static int64_t worst_us, first_us;
static uint64_t next_id;

static int64_t
now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void
die(const char *what)
{
    perror(what);
    exit(1);
}

/* About 500 bytes, as a web shop would send it. */
static const char event_form[] =
    "{\"id\":\"ld-000000000000\",\"type\":\"order.step\",\"touchpoint\":\"checkout-%d\",\"channel\":\"app\",\"time\":\"2026-03-%02dT10:%02d:%02d.%03d+08:00\","
    "\"sent_at\":\"2026-03-%02dT10:%02d:%02d.%03d+08:00\",\"session\":\"s-%06d\",\"seq\":%d,\"ids\":{\"member\":\"M%07d\",\"device\":\"dev-%08d\"},"
    "\"order\":\"o-%07d\",\"lifecycle\":\"complete\",\"outcome\":\"ok\",\"wait_ms\":%d,\"value\":{\"amount_minor\":%d,\"currency\":\"CNY\"},"
    "\"props\":{\"screen\":\"cart\",\"items\":[{\"sku\":\"A-%05d\",\"n\":2},{\"sku\":\"B-%05d\",\"n\":1}],\"coupon\":null,\"rate\":0.85,\"app\":\"4.12.%d\"}}";

static void
make_request(void)
{
    size_t cap = (size_t)opt.events * 800 + 1000, n = 0;
    char *body = malloc(cap);
    rq.text = malloc(cap + 1000);
    rq.id_at = calloc((size_t)opt.events, sizeof *rq.id_at);
    if (!body || !rq.text || !rq.id_at) die("memory");
    if (opt.array) body[n++] = '[';
    for (int i = 0; i < opt.events; i++) {
        int k = i * 7919 % 9000;
        if (i) body[n++] = opt.array ? ',' : '\n';
        rq.id_at[i] = n + strlen("{\"id\":\"ld-");
        n += (size_t)snprintf(body + n, cap - n, event_form, i % 20, 1 + i % 28, i % 60, k % 60, k % 1000, 1 + i % 28, i % 60, k % 60, k % 1000, k, i,
                              k, k, k, k, 100 + k, k, k + 1, i % 9);
    }
    if (opt.array) body[n++] = ']';
    rq.head_n = (size_t)sprintf(rq.text, "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nX-Write-Key: load\r\nContent-Length: %zu\r\n\r\n", opt.path, opt.port, n);
    memcpy(rq.text + rq.head_n, body, n);
    rq.n = rq.head_n + n;
    free(body);
}

static void
begin(struct conn *c)
{
    for (int i = 0; i < opt.events; i++) {
        uint64_t id = ++next_id;
        char *p = c->out + rq.head_n + rq.id_at[i] + 11;
        for (int d = 0; d < 12; d++, id /= 10)
            *p-- = (char)('0' + id % 10);
    }
    if (opt.rate) {                      /* bodies a second in all: wait for one's turn */
        int64_t turn_us = first_us + started * INT64_C(1000000) / opt.rate - now_us();
        if (turn_us > 0) usleep((useconds_t)turn_us);
    }
    c->sent = c->got = 0;
    c->want = SIZE_MAX;
    c->since_us = now_us();
    started++;
}

/* Tries again for a while: the server may be starting anew. false: it is gone, for all. */
static bool
dial(struct conn *c, int ep)
{
    static bool gone;
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)opt.port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int one = 1;
    for (int tries = 0; !gone; tries++) {
        c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (c->fd < 0) die("socket");
        if (connect(c->fd, (struct sockaddr *)&to, sizeof to) == 0) break;
        close(c->fd);
        gone = tries == 150;
        usleep(20000);
    }
    if (gone) return false;
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    fcntl(c->fd, F_SETFL, O_NONBLOCK);
    struct epoll_event ev = { .events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = c };
    epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &ev);
    return true;
}

/* Sends what the socket takes; false when the connection broke. */
static bool
push(struct conn *c)
{
    while (c->sent < rq.n) {
        ssize_t n = send(c->fd, c->out + c->sent, rq.n - c->sent, MSG_NOSIGNAL);
        if (n < 0) return errno == EAGAIN || errno == EINTR;
        c->sent += (size_t)n;
    }
    return true;
}

static void
count(struct conn *c)
{
    int64_t us = now_us() - c->since_us;
    size_t bucket = (size_t)us / 10;
    answers++;
    good += c->status / 100 == 2;
    busy += c->status == 503 || c->status == 429;
    refused += c->status / 100 == 4 && c->status != 429;
    took[bucket < US_BUCKETS ? bucket : US_BUCKETS - 1]++;
    if (us > worst_us) worst_us = us;
}

/* Reads; 1 an answer is whole, 0 not yet, -1 the connection broke. Only the head and the length of the body are looked at. */
static int
pull(struct conn *c)
{
    static char rest[ANSWER_BYTES];
    for (;;) {
        bool head = c->want == SIZE_MAX;
        ssize_t n = head ? recv(c->fd, c->in + c->got, sizeof c->in - 1 - c->got, 0) : recv(c->fd, rest, sizeof rest, 0);
        if (n == 0) return -1;
        if (n < 0) return errno == EAGAIN || errno == EINTR ? 0 : -1;
        c->got += (size_t)n;
        if (head) {
            c->in[c->got < sizeof c->in ? c->got : sizeof c->in - 1] = 0;
            char *end = strstr(c->in, "\r\n\r\n"), *len = strcasestr(c->in, "\r\nContent-Length:");
            if (!end) continue;
            c->status = atoi(c->in + 9);
            c->want = (size_t)(end + 4 - c->in) + (len ? strtoul(len + 17, NULL, 10) : 0);
        }
        if (c->got >= c->want) return 1;
    }
}

static double
quantile_ms(double q)
{
    long rank = (long)(q * (double)answers), seen = 0;
    for (size_t i = 0; i < US_BUCKETS; i++)
        if ((seen += took[i]) > rank) return (double)i / 100;
    return 2000;
}

static double
cpu_s(int pid)
{
    char path[64], line[1024], *p;
    unsigned long user = 0, system = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *f = fopen(path, "re");
    if (f && fgets(line, sizeof line, f) && (p = strrchr(line, ')')))
        sscanf(p + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
    if (f) fclose(f);
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

static bool
more(int64_t end_us)
{
    return opt.bodies ? started < opt.bodies : now_us() < end_us;
}

static void
serve(struct conn *c, int ep, int64_t end_us, int *live)
{
    for (;;) {
        int r = push(c) ? pull(c) : -1;
        if (r == 0) return;
        if (r > 0) count(c);
        else broken++;
        if (r < 0) close(c->fd);
        if (!more(end_us) || (r < 0 && !dial(c, ep))) {
            if (r > 0) close(c->fd);
            (*live)--;
            return;
        }
        begin(c);
    }
}

static void
read_options(int argc, char **argv)
{
    if (argc < 2 || (opt.port = atoi(argv[1])) <= 0) {
        fprintf(stderr, "usage: load_http PORT [--path P] [--connections N] [--events N] [--form ndjson|array] [--seconds S] [--bodies N] [--rate BODIES_A_SECOND] [--pid PID]\n");
        exit(2);
    }
    for (int i = 2; i + 1 < argc; i += 2) {
        const char *v = argv[i + 1];
        if (!strcmp(argv[i], "--path")) opt.path = v;
        else if (!strcmp(argv[i], "--connections")) opt.connections = atoi(v);
        else if (!strcmp(argv[i], "--events")) opt.events = atoi(v);
        else if (!strcmp(argv[i], "--form")) opt.array = !strcmp(v, "array");
        else if (!strcmp(argv[i], "--seconds")) opt.seconds = atoi(v);
        else if (!strcmp(argv[i], "--bodies")) opt.bodies = atol(v);
        else if (!strcmp(argv[i], "--pid")) opt.pid = atoi(v);
        else if (!strcmp(argv[i], "--rate")) opt.rate = atoi(v);
    }
    if (opt.connections < 1 || opt.connections > CONNECTIONS_MAX || opt.events < 1) exit(2);
}

int
main(int argc, char **argv)
{
    read_options(argc, argv);
    make_request();
    next_id = (uint64_t)now_us() % 1000000 * 100000;
    struct conn *conns = calloc((size_t)opt.connections, sizeof *conns);
    int ep = epoll_create1(EPOLL_CLOEXEC), live = opt.connections;
    double cpu0 = cpu_s(opt.pid);
    int64_t start_us = now_us(), end_us = start_us + (int64_t)opt.seconds * 1000000;
    first_us = start_us;
    if (!conns || ep < 0) die("start");
    for (int i = 0; i < opt.connections; i++) {
        if (!(conns[i].out = malloc(rq.n))) die("memory");
        memcpy(conns[i].out, rq.text, rq.n);
        begin(&conns[i]);
        if (!dial(&conns[i], ep)) die("connect");
    }
    while (live > 0) {
        struct epoll_event ev[256];
        int n = epoll_wait(ep, ev, 256, 10000);
        if (n == 0) break;              /* silent for 10 s: what did not come is missing in the figures */
        for (int i = 0; i < n; i++)
            serve(ev[i].data.ptr, ep, end_us, &live);
    }
    double s = (double)(now_us() - start_us) / 1e6, events = (double)good * opt.events, cpu = cpu_s(opt.pid) - cpu0;
    printf("form=%s connections=%d events_a_body=%d body_bytes=%zu seconds=%.2f answers_s=%.0f events_s=%.0f p50_ms=%.2f p99_ms=%.2f max_ms=%.2f "
           "ok=%ld busy=%ld refused=%ld broken=%ld unanswered=%d",
           opt.events == 1 ? "single" : opt.array ? "array" : "ndjson", opt.connections, opt.events, rq.n - rq.head_n, s, (double)answers / s, events / s,
           quantile_ms(0.5), quantile_ms(0.99), (double)worst_us / 1000, good, busy, refused, broken, live);
    if (opt.pid) printf(" server_cpu_s=%.2f events_a_cpu_s=%.0f answers_a_cpu_s=%.0f", cpu, cpu > 0 ? events / cpu : 0, cpu > 0 ? (double)good / cpu : 0);
    printf("\n");
    for (int i = 0; i < opt.connections; i++)
        free(conns[i].out);
    free(conns);
    free(rq.text);
    free(rq.id_at);
    return live > 0 || good == 0;
}
