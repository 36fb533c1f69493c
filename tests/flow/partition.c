/* partition - a line between collector and aggregator that breaks in every way a line can, while events come in; then it heals, and what waited drains.
 *
 *   partition BUILD DATA HISTORY SECONDS [--SETTING=VALUE]...
 *
 * The collector speaks through a proxy of this program. Each trouble lasts SECONDS: drop (bytes are swallowed, both ways), half (only towards the
 * collector), reset (every connection ends with RST at once), down (nobody listens). For each, one JSON line: what waited when the line healed, how fast it
 * drained, as a multiple of the rate at which events arrived meanwhile. Exit 1 when a drain is slower than three times the arrivals. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <pthread.h>

#include "fire.h"

#define LINES_MAX 64
#define DRAIN_RATIO 3.0

enum trouble { PASS, DROP, HALF, RESET, DOWN };
static const char *const trouble_name[] = { "pass", "drop", "half", "reset", "down" };

static _Atomic enum trouble trouble;
static struct sockaddr_in behind = { .sin_family = AF_INET };
static uint16_t front_port;

struct line { int fd[2]; };             /* [0] the collector's end, [1] the aggregator's */

static int
listen_at(uint16_t port)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t n = sizeof at;
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (fd < 0 || bind(fd, (struct sockaddr *)&at, n) < 0 || listen(fd, 16) < 0 || getsockname(fd, (struct sockaddr *)&at, &n) < 0)
        fire_die("proxy", "cannot listen");
    front_port = ntohs(at.sin_port);
    return fd;
}

static void
hang_up(struct line *l, bool reset)
{
    struct linger at_once = { 1, 0 };
    for (int i = 0; i < 2; i++) {
        if (reset)
            setsockopt(l->fd[i], SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        close(l->fd[i]);
    }
    *l = (struct line){ { -1, -1 } };
}

static void
take_line(int front, struct line *lines)
{
    int near = accept4(front, NULL, NULL, SOCK_CLOEXEC), far = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    for (int i = 0; i < LINES_MAX && near >= 0; i++)
        if (lines[i].fd[0] < 0) {
            lines[i] = (struct line){ { near, far } };
            if (connect(far, (struct sockaddr *)&behind, sizeof behind) < 0)
                hang_up(&lines[i], false);
            return;
        }
    close(far);
    if (near >= 0)
        close(near);
}

/* One read from one end, and on to the other, unless the trouble keeps it. */
static void
carry(struct line *l, int from, enum trouble now)
{
    char b[65536];
    ssize_t n = read(l->fd[from], b, sizeof b);
    bool kept = now == DROP || (now == HALF && from == 0);
    for (ssize_t done = 0, put; n > 0 && !kept && done < n; done += put)
        if ((put = write(l->fd[!from], b + done, (size_t)(n - done))) <= 0)
            n = -1;
    if (n <= 0)
        hang_up(l, false);
}

static void *
proxy_main(void *arg)
{
    struct line lines[LINES_MAX];
    int front = *(int *)arg;
    memset(lines, 0xff, sizeof lines);
    for (;;) {
        struct pollfd p[1 + 2 * LINES_MAX];
        enum trouble now = atomic_load(&trouble);
        if ((now == DOWN) != (front < 0)) {
            if (front >= 0)
                close(front);
            front = now == DOWN ? -1 : listen_at(front_port);
        }
        p[0] = (struct pollfd){ .fd = front, .events = POLLIN };
        for (int i = 0; i < LINES_MAX; i++) {
            if (lines[i].fd[0] >= 0 && (now == RESET || now == DOWN))
                hang_up(&lines[i], now == RESET);
            for (int e = 0; e < 2; e++)
                p[1 + 2 * i + e] = (struct pollfd){ .fd = lines[i].fd[e], .events = POLLIN };
        }
        poll(p, 1 + 2 * LINES_MAX, 20);
        if (p[0].revents)
            take_line(front, lines);
        for (int i = 0; i < 2 * LINES_MAX; i++)
            if (p[1 + i].revents && lines[i / 2].fd[0] >= 0 && lines[i / 2].fd[i % 2] == p[1 + i].fd)
                carry(&lines[i / 2], i % 2, now);
    }
    return NULL;
}

static double
now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Spooled records are rounds, not events: the drain is counted in records, arrivals in the records they became during the trouble. */
static bool
one_trouble(struct tl_fetch *f, enum trouble what, int seconds)
{
    struct fire_program *c = &fire_program[1];
    atomic_store(&trouble, what);
    unsigned long long before = fire_acked();
    for (int i = 0; i < seconds * 10; i++)
        fire_nap_ms(100);
    long long waited = fire_backlog(f, c);
    unsigned long long came = fire_acked() - before;
    atomic_store(&trouble, PASS);
    /* the pause until the next try of a connection is not the drain: it begins with the first record that gets through */
    double healed = now_s(), began = healed;
    long long left = waited;
    for (long long n; (n = fire_backlog(f, c)) >= left && now_s() - healed < 60;) {
        left = n;
        fire_nap_ms(10);
    }
    began = now_s();
    while (fire_backlog(f, c) > 2 && now_s() - began < 120)
        fire_nap_ms(10);
    double took = now_s() - began, rate = (double)waited / seconds;
    double ratio = (double)waited / (took > 0.01 ? took : 0.01) / (rate > 0 ? rate : 1) + 1;       /* + 1: what came meanwhile went through as well */
    printf("{\"trouble\":\"%s\",\"seconds\":%d,\"arrived\":%llu,\"waited_records\":%lld,\"again_after_s\":%.2f,\"drained_in_s\":%.2f,\"times_the_arrivals\":%.1f}\n",
           trouble_name[what], seconds, came, waited, began - healed, took, ratio);
    fflush(stdout);
    if (waited <= 0 || came == 0)
        fprintf(stderr, "partition: %s: the line was not cut\n", trouble_name[what]);
    return waited > 0 && came > 0 && ratio >= DRAIN_RATIO;
}

int
main(int argc, char **argv)
{
    static char endpoint[64];
    if (argc < 5) {
        fprintf(stderr, "usage: partition BUILD DATA HISTORY SECONDS [--SETTING=VALUE]...\n");
        return 2;
    }
    struct tl_fetch *f = tl_fetch_new(5000);
    int front = listen_at(0), good = true;
    pthread_t proxy;
    snprintf(endpoint, sizeof endpoint, "tcp://127.0.0.1:%u", front_port);
    fire_bus = endpoint;
    fire_open(argv[1], argv[2], argv[3], argv + 5);
    fire_launch(&fire_program[0]);
    fire_await(f, &fire_program[0]);
    behind.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    behind.sin_port = htons((uint16_t)atoi(strrchr(fire_program[0].info.bus, ':') + 1));
    pthread_create(&proxy, NULL, proxy_main, &front);
    fire_launch(&fire_program[1]);
    fire_await(f, &fire_program[1]);
    fire_send(20);
    fire_nap_ms(1000);
    for (enum trouble t = DROP; t <= DOWN; t++)
        good &= one_trouble(f, t, atoi(argv[4]));
    fire_sent();
    fire_await_drained(f);
    fire_stop(&fire_program[1]);
    fire_stop(&fire_program[0]);
    tl_fetch_free(&f);
    fire_close();
    return good ? 0 : 1;
}
