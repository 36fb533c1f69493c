/* port_owner.c - /proc/net/tcp tells a listening socket's inode, /proc/PID/fd who holds it (proc(5)). */
#include "port_owner.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LISTENING 0x0a
#define INODES_MAX 16

bool
port_free(const char *host, int port)
{
    struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };
    bool is6 = strchr(host, ':') != NULL;
    int on = 1;
    if (port == 0)
        return true;
    if (is6 ? inet_pton(AF_INET6, host, &v6.sin6_addr) != 1 : inet_pton(AF_INET, host, &v4.sin_addr) != 1)
        v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(is6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return true;             /* cannot tell: the program that binds will say */
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    int rc = is6 ? bind(fd, (struct sockaddr *)&v6, sizeof v6) : bind(fd, (struct sockaddr *)&v4, sizeof v4);
    bool taken = rc < 0 && errno == EADDRINUSE;
    close(fd);
    return !taken;
}

static int
listening_inodes(const char *table, int port, unsigned long *inode, int n)
{
    char line[512];
    FILE *f = fopen(table, "r");
    while (f != NULL && n < INODES_MAX && fgets(line, sizeof line, f) != NULL) {
        unsigned local_port, state;
        unsigned long node;
        if (sscanf(line, " %*d: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x %*s %*s %*s %*d %*d %lu", &local_port, &state, &node) == 3
            && (int)local_port == port && state == LISTENING && node != 0)
            inode[n++] = node;
    }
    if (f != NULL)
        fclose(f);
    return n;
}

static bool
holds(const char *pid, const unsigned long *inode, int n)
{
    char path[300], link[64], want[64];
    bool found = false;
    snprintf(path, sizeof path, "/proc/%s/fd", pid);
    DIR *d = opendir(path);
    struct dirent *e;
    while (d != NULL && !found && (e = readdir(d)) != NULL) {
        char fd[600];
        snprintf(fd, sizeof fd, "%s/%s", path, e->d_name);
        ssize_t len = readlink(fd, link, sizeof link - 1);
        link[len > 0 ? len : 0] = '\0';
        for (int i = 0; i < n && !found; i++) {
            snprintf(want, sizeof want, "socket:[%lu]", inode[i]);
            found = strcmp(link, want) == 0;
        }
    }
    if (d != NULL)
        closedir(d);
    return found;
}

static void
name_of(const char *pid, char out[128])
{
    char path[300], exe[4096], name[64] = "a program";
    snprintf(path, sizeof path, "/proc/%s/exe", pid);
    ssize_t n = readlink(path, exe, sizeof exe - 1);     /* comm has 15 characters at most */
    exe[n > 0 ? n : 0] = '\0';
    if (strrchr(exe, '/') != NULL) {
        snprintf(out, 128, "%.60s (pid %.20s)", strrchr(exe, '/') + 1, pid);
        return;
    }
    snprintf(path, sizeof path, "/proc/%s/comm", pid);
    FILE *f = fopen(path, "r");
    if (f != NULL && fgets(name, sizeof name, f) != NULL)
        name[strcspn(name, "\n")] = '\0';
    if (f != NULL)
        fclose(f);
    snprintf(out, 128, "%.60s (pid %.20s)", name, pid);
}

char *
port_owner(int port, char out[128])
{
    unsigned long inode[INODES_MAX];
    int n = listening_inodes("/proc/net/tcp", port, inode, 0);
    n = listening_inodes("/proc/net/tcp6", port, inode, n);
    snprintf(out, 128, "another user's program");
    DIR *d = n > 0 ? opendir("/proc") : NULL;
    struct dirent *e;
    while (d != NULL && (e = readdir(d)) != NULL)
        if (isdigit((unsigned char)e->d_name[0]) && holds(e->d_name, inode, n)) {
            name_of(e->d_name, out);
            break;
        }
    if (d != NULL)
        closedir(d);
    return out;
}
