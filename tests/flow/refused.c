/* refused - one request a connection, as fast as they are answered, while somebody kills the program behind the port: what do senders see?
 *
 *   refused PORT PATH UNTIL     until the file UNTIL is there. PATH /v1/events gets a POST with one event, other paths a GET.
 *
 * Prints ok, reset (a request under way ended without an answer), refused (nobody listened), other, and the longest time from connect to answer. */
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SENDERS 16

static int port;
static const char *path, *until;
static atomic_long ok, reset, refused, other, longest_ms, numbers;

static long
now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int
request_text(char out[512])
{
    char body[200];
    if (strcmp(path, "/v1/events") != 0)
        return snprintf(out, 512, "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", path);
    long number = atomic_fetch_add(&numbers, 1);
    int n = snprintf(body, sizeof body, "{\"type\":\"t\",\"id\":\"k%ld\",\"ids\":{\"user\":\"u%ld\"}}", number, number % 100);
    return snprintf(out, 512, "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s", path, n, body);
}

static void
one(void)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((unsigned short)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    char text[512], answer[1024];
    long began_ms = now_ms();
    int n = request_text(text), fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) < 0) {
        atomic_fetch_add(errno == ECONNREFUSED ? &refused : &other, 1);
        usleep(1000);
    } else if (send(fd, text, (size_t)n, MSG_NOSIGNAL) != n || recv(fd, answer, sizeof answer, 0) < 12) {
        atomic_fetch_add(&reset, 1);
    } else {
        atomic_fetch_add(answer[9] == '2' || (answer[9] == '4' && strncmp(path, "/visit/", 7) == 0) ? &ok : &other, 1);        /* links that nobody has */
        long took_ms = now_ms() - began_ms, most = atomic_load(&longest_ms);
        while (took_ms > most && !atomic_compare_exchange_weak(&longest_ms, &most, took_ms))
            ;
    }
    if (fd >= 0)
        close(fd);
}

static void *
work(void *arg)
{
    while (access(until, F_OK) != 0) {
        one();
        usleep(2000);
    }
    return arg;
}

int
main(int argc, char **argv)
{
    pthread_t thread[SENDERS];
    if (argc != 4)
        return 2;
    port = atoi(argv[1]);
    path = argv[2];
    until = argv[3];
    for (int i = 0; i < SENDERS; i++)
        pthread_create(&thread[i], NULL, work, NULL);
    for (int i = 0; i < SENDERS; i++)
        pthread_join(thread[i], NULL);
    printf("ok=%ld reset=%ld refused=%ld other=%ld longest_ms=%ld\n", ok, reset, refused, other, longest_ms);
    return 0;
}
