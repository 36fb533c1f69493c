/* dial_part.c - see dial.h. */
#include "dial.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

int64_t
dial_now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int
dial_with(int port, uint32_t from, bool wait, int mss)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) }, me = { .sin_family = AF_INET };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | (wait ? 0 : SOCK_NONBLOCK), 0);
    if (fd >= 0 && mss > 0) (void)!setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &mss, sizeof mss);
    me.sin_addr.s_addr = htonl(127u << 24 | from);
    if (fd < 0 || (from && bind(fd, (struct sockaddr *)&me, sizeof me) != 0) || (connect(fd, (struct sockaddr *)&to, sizeof to) != 0 && errno != EINPROGRESS)) {
        if (fd >= 0) close(fd);
        return -1;
    }
    return fd;
}

int
dial(int port, uint32_t from, bool wait)
{
    return dial_with(port, from, wait, 0);
}

int
dial_small(int port, int mss)
{
    return dial_with(port, 0, true, mss);
}

bool
dial_closed(int fd)
{
    char c[256];
    ssize_t k;
    while ((k = recv(fd, c, sizeof c, MSG_DONTWAIT)) > 0)
        ;
    return k == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
}

void
dial_files(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
}
