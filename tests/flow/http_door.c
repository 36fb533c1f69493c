/* http_door.c - http_door PORT PATH: what no HTTP door may let through. Requests with two meanings, behind each of which another one hides: each must be
 * answered with 400 (or 413) alone, and the connection closed; and connections that drip a head or a body for ever: each must be closed. Says how many were. */
#include "dial.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define DRIPS 20
#define PATIENCE_US INT64_C(60000000)

/* ---- smuggling ---- */
#define HIDDEN "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
static const char *const forms[] = {
    "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" HIDDEN,
    "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" HIDDEN,
    "Content-Length: 2\r\nContent-Length: 47\r\n\r\n[]" HIDDEN,
    "Content-Length: 2\r\nContent-Length: 2\r\n\r\n[]" HIDDEN,
    "Content-Length : 45\r\n\r\n" HIDDEN,
    "Content-Length\t: 45\r\n\r\n" HIDDEN,
    "Transfer-Encoding: gzip\r\n\r\n" HIDDEN,
    "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" HIDDEN,
    "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" HIDDEN,
    "Transfer-Encoding: \vchunked\r\n\r\n0\r\n\r\n" HIDDEN,
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" HIDDEN,
    "Content-Length: -1\r\n\r\n" HIDDEN,
    "Content-Length: +2\r\n\r\n[]" HIDDEN,
    "Content-Length: 2, 2\r\n\r\n[]" HIDDEN,
    "Content-Length: 18446744073709551618\r\n\r\n[]" HIDDEN,
    "X-Odd: a\rContent-Length: 45\r\n\r\n" HIDDEN,
    "Transfer-Encoding: chunked\r\n\r\n0x2\r\n[]\r\n0\r\n\r\n" HIDDEN,
    "Transfer-Encoding: chunked\r\n\r\n2\r\n[]XX0\r\n\r\n" HIDDEN,
};
#define FORMS (sizeof forms / sizeof *forms)

/* The library says the head of its own refusals twice: so every status line is looked at, and none may be that of the hidden request. */
static bool
refused(const char *got)
{
    int lines = 0;
    for (; (got = strstr(got, "HTTP/1.1 ")) != NULL; got += 9, lines++)
        if (strncmp(got + 9, "400", 3) != 0 && strncmp(got + 9, "413", 3) != 0) return false;
    return lines > 0;
}

static bool
refused_once(int port, const char *path, const char *form)
{
    char text[1024], got[8192];
    size_t n = 0;
    ssize_t k = 0;
    int fd = dial(port, 0, true), text_n = snprintf(text, sizeof text, "POST %s HTTP/1.1\r\nHost: localhost\r\n%s", path, form);
    struct timeval patience = { .tv_sec = 30 };
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0 || send(fd, text, (size_t)text_n, MSG_NOSIGNAL) != text_n) return false;
    while (n < sizeof got - 1 && (k = recv(fd, got + n, sizeof got - 1 - n, 0)) > 0)
        n += (size_t)k;
    bool closed = k == 0 || errno == ECONNRESET;
    got[n] = 0;
    close(fd);
    if (closed && refused(got)) return true;
    fprintf(stderr, "%s, taken or left open: %.60s\n", path, form);
    return false;
}

/* ---- drips ---- */
static int
drip(int port, const char *path, double *slowest_s)
{
    char head[2][256];
    int fd[DRIPS], left = DRIPS;
    int64_t began_us = dial_now_us();
    snprintf(head[0], sizeof head[0], "POST %s HTTP/1.1\r\nHost: localhost\r\nX-Slow: ", path);
    snprintf(head[1], sizeof head[1], "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n[", path);
    for (int i = 0; i < DRIPS; i++) {
        fd[i] = dial(port, 0, true);
        if (fd[i] < 0 || send(fd[i], head[i % 2], strlen(head[i % 2]), MSG_NOSIGNAL) < 0) return DRIPS;
    }
    while (left > 0 && dial_now_us() - began_us < PATIENCE_US) {
        usleep(200000);
        for (int i = 0; i < DRIPS; i++) {
            if (fd[i] < 0 || (!dial_closed(fd[i]) && send(fd[i], " ", 1, MSG_NOSIGNAL | MSG_DONTWAIT) == 1)) continue;
            close(fd[i]);
            fd[i] = -1;
            left--;
        }
    }
    *slowest_s = (double)(dial_now_us() - began_us) / 1e6;
    return left;
}

int
main(int argc, char **argv)
{
    int port = argc == 3 ? atoi(argv[1]) : 0, n = 0;
    double slowest_s = 0;
    if (port <= 0) return 2;
    for (size_t i = 0; i < FORMS; i++) n += refused_once(port, argv[2], forms[i]);
    int left = drip(port, argv[2], &slowest_s);
    printf("forms=%zu refused=%d drips=%d left=%d all_closed_s=%.1f\n", FORMS, n, DRIPS, left, slowest_s);
    return n == (int)FORMS && left == 0 ? 0 : 1;
}
