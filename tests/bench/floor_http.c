/* floor_http.c - the floor under the collector's figures: libmicrohttpd, driven by the same loops with the same options as lib/tl_http.c, reads every
 * body, throws it away and answers 202.
 *
 *   floor_http [THREADS]      prints its port, runs until stdin ends */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int listen_fd;

static enum MHD_Result
on_request(void *arg, struct MHD_Connection *c, const char *url, const char *method, const char *version, const char *data, size_t *data_n, void **req)
{
    static char body[] = "{\"accepted\":100,\"quarantined\":[],\"cursor\":\"0000000000000000-1\"}";
    static int seen;
    (void)arg, (void)url, (void)method, (void)version, (void)data;
    if (!*req) {
        *req = &seen;
        return MHD_YES;
    }
    if (*data_n) {
        *data_n = 0;
        return MHD_YES;
    }
    struct MHD_Response *r = MHD_create_response_from_buffer(strlen(body), body, MHD_RESPMEM_PERSISTENT);
    MHD_add_response_header(r, "Content-Type", "application/json; charset=utf-8");
    enum MHD_Result rc = MHD_queue_response(c, 202, r);
    MHD_destroy_response(r);
    return rc;
}

static void *
loop(void *arg)
{
    struct MHD_Daemon *d = MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_request, NULL,
        MHD_OPTION_LISTEN_SOCKET, listen_fd, MHD_OPTION_CONNECTION_LIMIT, 1024u, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)12288,
        MHD_OPTION_CONNECTION_MEMORY_INCREMENT, (size_t)4096, MHD_OPTION_CONNECTION_TIMEOUT, 10u, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
    if (!d) exit(1);
    struct pollfd p = { .fd = MHD_get_daemon_info(d, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd, .events = POLLIN };
    for (;;) {
        unsigned long long ms = 250;
        if (MHD_get_timeout(d, &ms) != MHD_YES || ms > 250) ms = 250;
        poll(&p, 1, (int)ms);
        MHD_run(d);
    }
    return arg;
}

int
main(int argc, char **argv)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t n = sizeof at;
    char end[64];
    listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (listen_fd < 0 || bind(listen_fd, (struct sockaddr *)&at, sizeof at) != 0 || listen(listen_fd, 1024) != 0) return 1;
    getsockname(listen_fd, (struct sockaddr *)&at, &n);
    for (int i = argc > 1 ? atoi(argv[1]) : 2; i > 0; i--) {
        pthread_t t;
        if (pthread_create(&t, NULL, loop, NULL) != 0) return 1;
    }
    printf("%d\n", ntohs(at.sin_port));
    fflush(stdout);
    while (read(0, end, sizeof end) > 0)
        ;
    return 0;
}
