/* tl_http_listen.c - open the listening socket; when the port is taken, say by whom: the socket's inode in /proc/net/tcp, then the process that
 * holds it in /proc/PID/fd. Without the right to look into that process only the port is named. */
#include "tl_http_listen.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define LISTEN_BACKLOG 1024
#define TCP_STATE_LISTEN 0x0A

static unsigned long
listener_inode(const char *table, int port)
{
    char line[512];
    unsigned long inode = 0;
    FILE *f = fopen(table, "re");
    while (f && !inode && fgets(line, sizeof line, f)) {
        unsigned p = 0, state = 0;
        unsigned long n = 0;
        /* sl local_address:PORT rem_address:PORT st tx:rx tr:when retrnsmt uid timeout inode */
        if (sscanf(line, " %*d: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x %*s %*s %*s %*s %*s %lu", &p, &state, &n) == 3
            && state == TCP_STATE_LISTEN && (int)p == port)
            inode = n;
    }
    if (f) fclose(f);
    return inode;
}

static bool
holds_inode(const char *pid, unsigned long inode)
{
    char path[300], want[64], link[64];
    bool found = false;
    snprintf(path, sizeof path, "/proc/%.20s/fd", pid);
    snprintf(want, sizeof want, "socket:[%lu]", inode);
    DIR *d = opendir(path);
    for (struct dirent *e; d && !found && (e = readdir(d)); ) {
        char fd[600];
        snprintf(fd, sizeof fd, "%s/%s", path, e->d_name);
        ssize_t n = readlink(fd, link, sizeof link - 1);
        if (n > 0) {
            link[n] = 0;
            found = !strcmp(link, want);
        }
    }
    if (d) closedir(d);
    return found;
}

/* "touchline-collec (pid 4711)" into out; false when nobody is seen */
static bool
port_holder(int port, char *out, size_t out_n)
{
    unsigned long inode = listener_inode("/proc/net/tcp", port);
    if (!inode) inode = listener_inode("/proc/net/tcp6", port);
    bool found = false;
    DIR *d = inode ? opendir("/proc") : NULL;
    for (struct dirent *e; d && !found && (e = readdir(d)); ) {
        char path[300], name[64] = "";
        if (!isdigit((unsigned char)e->d_name[0]) || !holds_inode(e->d_name, inode)) continue;
        snprintf(path, sizeof path, "/proc/%.20s/comm", e->d_name);
        FILE *f = fopen(path, "re");
        if (f && fgets(name, sizeof name, f)) name[strcspn(name, "\n")] = 0;
        if (f) fclose(f);
        snprintf(out, out_n, "%s (pid %.20s)", name, e->d_name);
        found = true;
    }
    if (d) closedir(d);
    return found;
}

static int
fail_bind(const char *bind_to, int port, int e, struct tl_err *err)
{
    char who[128];
    if (e != EADDRINUSE) return tl_fail(err, TL_EIO, "cannot listen on %s port %d: %s", bind_to, port, strerror(e));
    if (!port_holder(port, who, sizeof who)) return tl_fail(err, TL_EBUSY, "port %d on %s is taken by another program", port, bind_to);
    return tl_fail(err, TL_EBUSY, "port %d on %s is taken by %s", port, bind_to, who);
}

int
tl_http_listen(const char *bind_to, int port, struct tl_err *err)
{
    struct addrinfo hints = { .ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM }, *found = NULL;
    char service[16];
    int one = 1, fd = -1, e = 0;
    snprintf(service, sizeof service, "%d", port);
    int rc = getaddrinfo(bind_to, service, &hints, &found);
    if (rc != 0) return tl_fail(err, TL_ECONFIG, "%s is not an address to listen on: %s", bind_to, gai_strerror(rc));
    for (struct addrinfo *a = found; a && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0
            && bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, LISTEN_BACKLOG) == 0)
            break;
        e = errno;
        if (fd >= 0) close(fd);
        fd = -1;
    }
    freeaddrinfo(found);
    return fd >= 0 ? fd : fail_bind(bind_to, port, e, err);
}

int
tl_http_socket_port(int fd)
{
    union { struct sockaddr sa; struct sockaddr_in v4; struct sockaddr_in6 v6; struct sockaddr_storage s; } u;
    socklen_t n = sizeof u;
    if (getsockname(fd, &u.sa, &n) != 0) return 0;
    return u.sa.sa_family == AF_INET6 ? ntohs(u.v6.sin6_port) : ntohs(u.v4.sin_port);
}

#define INHERITED_FIRST_FD 3

static bool
on_loopback(int fd)
{
    union { struct sockaddr sa; struct sockaddr_in v4; struct sockaddr_in6 v6; struct sockaddr_storage s; } u;
    socklen_t n = sizeof u;
    if (getsockname(fd, &u.sa, &n) != 0) return false;
    if (u.sa.sa_family == AF_INET) return ntohl(u.v4.sin_addr.s_addr) >> 24 == 127;
    return u.sa.sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&u.v6.sin6_addr);
}

int
tl_http_inherited(int n, bool anywhere, struct tl_err *err)
{
    const char *many = getenv("LISTEN_FDS"), *pid = getenv("LISTEN_PID");
    int listens = 0, fd = INHERITED_FIRST_FD + n;
    socklen_t listens_n = sizeof listens;
    if (!many || atoi(many) <= n || !pid || atol(pid) != (long)getpid()) return 0;
    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &listens_n) != 0 || !listens)
        return tl_fail(err, TL_ECONFIG, "LISTEN_FDS is set, but file descriptor %d is no listening socket", fd);
    if (!anywhere && !on_loopback(fd))
        return tl_fail(err, TL_ECONFIG, "the socket handed over by LISTEN_FDS is not on a loopback address: a collector takes such ones once a write key is listed, a viewer for the HTTPS of shoppers' phones alone");
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    return fd;
}
