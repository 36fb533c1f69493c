/* http_deaf.c - http_deaf PORT CONNECTIONS: each posts 2,500 events without a type, whose refusals make an answer of 400 KB, and never reads it.
 * Their segments are small, so that the kernel does not take the answer whole. */
#include "dial.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENTS 2500
#define PAUSE_US 3000
#define STAY_S 3

static char body[EVENTS * 120], text[sizeof body + 200];

int
main(int argc, char **argv)
{
    int port = argc == 3 ? atoi(argv[1]) : 0, n = argc == 3 ? atoi(argv[2]) : 0, small = 1024, made = 0;
    size_t body_n = 0;
    if (port <= 0 || n <= 0) return 2;
    dial_files();
    for (int i = 0; i < EVENTS; i++) body_n += (size_t)sprintf(body + body_n, "{\"id\":\"%0100d\"}\n", i);
    size_t text_n = (size_t)sprintf(text, "POST /v1/events?key=deaf HTTP/1.1\r\nHost: localhost\r\nContent-Length: %zu\r\n\r\n%s", body_n, body);
    for (int i = 0; i < n; i++, usleep(PAUSE_US)) {
        int fd = dial_small(port, 536);
        if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small) != 0) continue;
        made += send(fd, text, text_n, MSG_NOSIGNAL) == (ssize_t)text_n;
    }
    sleep(STAY_S);
    return made > n / 2 ? 0 : 1;
}
