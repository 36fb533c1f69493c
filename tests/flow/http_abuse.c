/* http_abuse.c - http_abuse PORT: 1,000 connections that drip a request for ever, 10,000 attempts to connect from all over 127.0.0.0/8,
 * all while one well-behaved client goes on. Says what came of each, and how long the well-behaved one waited. */
#include "dial.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define DRIPS 1000
#define ATTEMPTS 10000
#define AT_ONCE 100
#define SAMPLES_MAX 200000
#define PATIENCE_US INT64_C(60000000)

static int port;
static atomic_bool over;

/* ---- the well-behaved client: one event after the other on one connection ---- */
struct good { int64_t took_us[SAMPLES_MAX]; size_t n; unsigned answered, reconnected, other; };

/* 202 and the end of its body, or 0 */
static int
ask(int fd, unsigned n)
{
    char text[512], body[100];
    int body_n = snprintf(body, sizeof body, "{\"id\":\"good-%u\",\"type\":\"a\",\"ids\":{\"user\":\"good\"}}", n), status = 0;
    int text_n = snprintf(text, sizeof text, "POST /v1/events?key=k HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", body_n, body);
    if (send(fd, text, (size_t)text_n, MSG_NOSIGNAL) != text_n) return 0;
    for (size_t got = 0; got < sizeof text - 1;) {
        ssize_t k = recv(fd, text + got, sizeof text - 1 - got, 0);
        if (k <= 0) return 0;
        got += (size_t)k;
        text[got] = 0;
        if (sscanf(text, "HTTP/1.1 %d", &status) == 1 && strstr(text, "\r\n\r\n") && (text[got - 1] == '}')) return status;
    }
    return status;
}

static void *
behave(void *arg)
{
    struct good *g = arg;
    int fd = -1;
    for (unsigned n = 0; !atomic_load(&over); usleep(2000)) {
        int64_t began = dial_now_us();
        if (fd < 0 && (fd = dial(port, 0, true)) < 0) continue;
        int status = ask(fd, n);
        if (status == 202) {
            n++;
            g->answered++;
            if (g->n < SAMPLES_MAX) g->took_us[g->n++] = dial_now_us() - began;
        } else {
            g->other += status != 0;
            g->reconnected++;
            close(fd);
            fd = -1;
        }
    }
    if (fd >= 0) close(fd);
    return NULL;
}

/* ---- drips ---- */
/* a byte to each that is still open; how many are */
static int
drip(int fd[DRIPS], int turn)
{
    static const char head[] = "POST /v1/events HTTP/1.1\r\nHost: x\r\nX-Slow: ", whole[] = "POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n[";
    int open_n = 0;
    for (int i = 0; i < DRIPS; i++) {
        if (fd[i] < 0) continue;
        const char *text = turn > 0 ? " " : i % 2 ? head : whole;
        if (dial_closed(fd[i]) || (send(fd[i], text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT) < 0 && errno != EAGAIN)) {
            close(fd[i]);
            fd[i] = -1;
        }
        open_n += fd[i] >= 0;
    }
    return open_n;
}

static int
attempts(void)
{
    int fd[AT_ONCE], made = 0;
    for (uint32_t i = 0; i < ATTEMPTS; i += AT_ONCE) {
        for (uint32_t k = 0; k < AT_ONCE; k++) {
            uint32_t at = (i + k + 1) * 1663u % 0xFFFFFEu + 1;
            fd[k] = dial(port, at, false);
            made += fd[k] >= 0;
        }
        for (uint32_t k = 0; k < AT_ONCE; k++) {
            if (fd[k] < 0) continue;
            if (k % 3 == 0) (void)!send(fd[k], "GET / HT", 8, MSG_NOSIGNAL | MSG_DONTWAIT);
            close(fd[k]);
        }
        usleep(1000);
    }
    return made;
}

static int
by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

int
main(int argc, char **argv)
{
    static struct good good;
    static int fd[DRIPS];
    pthread_t thread;
    port = argc == 2 ? atoi(argv[1]) : 0;
    if (port <= 0) return 2;
    dial_files();
    pthread_create(&thread, NULL, behave, &good);
    usleep(500000);
    int dripping = 0, left = 0;
    for (int i = 0; i < DRIPS; i++)
        dripping += (fd[i] = dial(port, (uint32_t)(i % 200 + 2), false)) >= 0;
    int64_t began = dial_now_us();
    left = drip(fd, 0);
    int made = attempts();
    for (int turn = 1; left > 0 && dial_now_us() - began < PATIENCE_US; turn++, usleep(200000))
        left = drip(fd, turn);
    int64_t dripped_us = dial_now_us() - began;
    atomic_store(&over, true);
    pthread_join(thread, NULL);
    qsort(good.took_us, good.n, sizeof *good.took_us, by_size);
    printf("dripping=%d left=%d attempts=%d answered=%u other=%u reconnected=%u\n", dripping, left, made, good.answered, good.other, good.reconnected);
    printf("all drips closed after %.1f s; well-behaved: %zu answers, p50 %.2f ms, p99 %.2f ms, longest %.1f ms\n", (double)dripped_us / 1e6, good.n,
           good.n ? (double)good.took_us[good.n / 2] / 1e3 : 0.0, good.n ? (double)good.took_us[good.n * 99 / 100] / 1e3 : 0.0, good.n ? (double)good.took_us[good.n - 1] / 1e3 : 0.0);
    return 0;
}
