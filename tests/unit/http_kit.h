/* http_kit.h - an HTTP server on a free port, and a plain socket client of a few lines. For the tests of the server. */
#ifndef HTTP_KIT_H
#define HTTP_KIT_H

#include "tl_http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tl_count.h"

static struct tl_http *
start(tl_http_handler f, void *arg, struct tl_http_cfg with)
{
    struct tl_http *h = NULL;
    struct tl_err err = { 0 };
    with.bind = "127.0.0.1";
    with.handler = f;
    with.arg = arg;
    if (!with.threads) with.threads = 2;
    if (!with.body_max) with.body_max = 100000;
    if (!with.body_budget) with.body_budget = 1 << 20;
    if (tl_http_start(&h, &with, &err) != 0) fail_msg("start: %s", err.text);
    return h;
}

/* ---- a client of a few lines ---- */
static int
dial(const struct tl_http *h)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)tl_http_port(h)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

static void
say(int fd, const char *text)
{
    size_t n = strlen(text);
    if (send(fd, text, n, MSG_NOSIGNAL) != (ssize_t)n) print_message("peer closed early\n");
}

/* One answer into out, up to its Content-Length; its status, or 0 when the connection closed or 20 s passed without one. */
static int
hear(int fd, char *out, size_t out_n)
{
    size_t got = 0, want = SIZE_MAX;
    out[0] = 0;
    while (got < want && got < out_n - 1) {
        struct pollfd p = { .fd = fd, .events = POLLIN };
        if (poll(&p, 1, 20000) <= 0) return 0;
        ssize_t n = recv(fd, out + got, out_n - 1 - got, 0);
        if (n <= 0) break;
        got += (size_t)n;
        out[got] = 0;
        char *end = strstr(out, "\r\n\r\n"), *len = strcasestr(out, "content-length:");
        if (end) want = (size_t)(end + 4 - out) + (len && len < end ? strtoul(len + 15, NULL, 10) : 0);
    }
    return got > 12 ? atoi(out + 9) : 0;
}

static inline int
ask(const struct tl_http *h, const char *text, char *out, size_t out_n)
{
    int fd = dial(h);
    say(fd, text);
    int status = hear(fd, out, out_n);
    close(fd);
    return status;
}

/* ---- handlers ---- */

#endif
