/* kill_loop - a collector and an aggregator under fire: senders post numbered events while both programs are killed at random and started again.
 *
 *   kill_loop BUILD DATA HISTORY SEED KILLS [SETTING]
 *
 * HISTORY gets a line "send T FIRST N" before a body leaves and "ack T FIRST N" when it was answered 2xx; the same body is sent again until then.
 * At the end both programs drain and stop on SIGTERM. kill_check then holds the history against the log. */
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <pthread.h>

#include "tl_fetch.h"
#include "tl_hash.h"
#include "tl_json.h"
#include "tl_run.h"

#define SENDERS 4
#define BODY_EVENTS_MAX 40
#define START_WAIT_MS 20000
#define DRAIN_WAIT_MS 60000

enum { AGGREGATOR, COLLECTOR, PROGRAMS };
static const char *const program[PROGRAMS] = { "aggregator", "collector" };

static const char *build, *data, *setting;         /* setting: of both programs, like --bus.curve=1 */
static FILE *history;
static pthread_mutex_t history_mu = PTHREAD_MUTEX_INITIALIZER;
static atomic_bool done;
static pid_t pid[PROGRAMS];
static struct tl_run_info info[PROGRAMS];
static char bus_arg[80] = "tcp://127.0.0.1:*", port_arg[PROGRAMS][8] = { "0", "0" };

static void
die(const char *what, const char *why)
{
    fprintf(stderr, "kill_loop: %s: %s\n", what, why);
    for (int i = 0; i < PROGRAMS; i++)
        if (pid[i] > 0)
            kill(pid[i], SIGKILL);
    exit(1);
}

static void
nap_ms(long ms)
{
    const struct timespec t = { ms / 1000, ms % 1000 * 1000000 };
    nanosleep(&t, NULL);
}

static void
note(const char *what, int sender, unsigned long first, unsigned n)
{
    pthread_mutex_lock(&history_mu);
    fprintf(history, "%s %d %lu %u\n", what, sender, first, n);
    pthread_mutex_unlock(&history_mu);
}

/* ---- senders ---- */

static void
make_body(struct tl_buf *b, int sender, unsigned long first, unsigned n)
{
    tl_buf_reset(b);
    for (unsigned i = 0; i < n; i++)
        tl_buf_printf(b, "{\"id\":\"%d-%lu\",\"type\":\"view\",\"session\":\"s%d\",\"seq\":%lu,\"ids\":{\"member\":\"m%lu\"},\"props\":{\"page\":%lu}}\n", sender, first + i,
                      sender, first + i, (first + i) * 7919 % 500, first + i);
}

static bool
post(struct tl_fetch *f, const struct tl_buf *body, struct tl_buf *reply)
{
    static const char *const headers[] = { "Content-Type: application/x-ndjson", "Authorization: Bearer kill", NULL };
    char url[128];
    int status = 0;
    snprintf(url, sizeof url, "%s/v1/events", info[COLLECTOR].http);
    tl_buf_reset(reply);
    int rc = tl_fetch_do(f, "POST", url, headers, (struct tl_str){ (char *)body->data, body->len }, &status, NULL, reply, NULL);
    if (rc == 0 && status / 100 == 4)
        die("a good body was refused", (char *)reply->data);
    return rc == 0 && status / 100 == 2;
}

static void *
send_loop(void *arg)
{
    int sender = (int)(intptr_t)arg;
    struct tl_fetch *f = tl_fetch_new(5000);
    struct tl_buf body = { 0 }, reply = { 0 };
    unsigned long next = 0;
    unsigned random = (unsigned)sender + 1;
    while (!atomic_load(&done)) {
        unsigned n = sender == 0 ? 1 : 1 + (unsigned)rand_r(&random) % BODY_EVENTS_MAX;
        make_body(&body, sender, next, n);
        bool taken = false;
        for (int tries = 0; !taken && (tries < 100 || !atomic_load(&done)); tries++) {
            note("send", sender, next, n);
            taken = post(f, &body, &reply);
            if (!taken)
                nap_ms(20);
        }
        if (taken)
            note("ack", sender, next, n);
        next += n;
        nap_ms(rand_r(&random) % 3);
    }
    tl_buf_free(&body);
    tl_buf_free(&reply);
    tl_fetch_free(&f);
    return NULL;
}

/* ---- programs ---- */

static void
launch(int which)
{
    char path[512];
    snprintf(path, sizeof path, "%s/touchline-%s", build, program[which]);
    pid[which] = fork();
    if (pid[which] < 0)
        die(path, "cannot fork");
    if (pid[which] > 0)
        return;
    if (which == AGGREGATOR)
        execl(path, path, "--data", data, "--aggregator.port", port_arg[which], "--aggregator.bus", bus_arg, setting, (char *)NULL);
    else
        execl(path, path, "--data", data, "--collector.port", port_arg[which], "--spool.segment_mb", "4", setting, (char *)NULL);
    _exit(127);
}

/* health - GET /healthz, parsed; {NULL} when there is no answer. The arena is the caller's. */
static struct tl_jv *
health(struct tl_fetch *f, int which, struct tl_arena *a)
{
    char url[128];
    int status = 0;
    struct tl_buf reply = { 0 };
    struct tl_jv *root = NULL;
    snprintf(url, sizeof url, "%s/healthz", info[which].http);
    if (tl_fetch_do(f, "GET", url, NULL, (struct tl_str){ NULL, 0 }, &status, NULL, &reply, NULL) == 0) {
        const char *copy = tl_arena_dup(a, reply.data, reply.len);
        if (!copy || tl_json_tree(a, (struct tl_str){ copy, reply.len }, 0, &root, NULL, NULL) < 0)
            root = NULL;
    }
    tl_buf_free(&reply);
    return root;
}

/* await_start - until the program has published where it is and answers there */
static void
await_start(struct tl_fetch *f, int which)
{
    struct tl_arena *a = tl_arena_new(1 << 20);
    for (int waited = 0;; waited += 10) {
        int status = 0;
        if (tl_run_find(data, program[which], &info[which], NULL) == 0 && info[which].pid == pid[which] && health(f, which, a))
            break;
        if (waited > START_WAIT_MS || waitpid(pid[which], &status, WNOHANG) == pid[which])
            die(program[which], "does not start");
        nap_ms(10);
    }
    tl_arena_free(&a);
    snprintf(port_arg[which], sizeof port_arg[which], "%s", strrchr(info[which].http, ':') + 1);
    if (which == AGGREGATOR)
        snprintf(bus_arg, sizeof bus_arg, "%.79s", info[which].bus);
}

static void
kill_hard(int which)
{
    kill(pid[which], SIGKILL);
    waitpid(pid[which], NULL, 0);
}

static void
run_kills(struct tl_fetch *f, unsigned seed, int kills)
{
    for (int killed = 0; killed < kills;) {
        nap_ms(rand_r(&seed) % 1800);
        bool hit[PROGRAMS] = { rand_r(&seed) % 10 < 6, rand_r(&seed) % 10 < 6 };
        for (int i = 0; i < PROGRAMS; i++)
            if (hit[i]) {
                kill_hard(i);
                killed++;
            }
        nap_ms(rand_r(&seed) % 200);
        for (int i = 0; i < PROGRAMS; i++)
            if (hit[i]) {
                launch(i);
                await_start(f, i);
            }
    }
}

static void
await_drained(struct tl_fetch *f)
{
    bool drained = false;
    for (int waited = 0; !drained; waited += 50) {
        struct tl_arena *a = tl_arena_new(1 << 20);
        const struct tl_jv *c = health(f, COLLECTOR, a), *g = health(f, AGGREGATOR, a);
        drained = c && g && tl_jv_int(tl_jv_get(c, "spool"), "backlog", -1) == 0 && tl_jv_int(g, "position", -1) == tl_jv_int(g, "stitched", -2);
        tl_arena_free(&a);
        if (waited > DRAIN_WAIT_MS)
            die("the collector's backlog", "does not reach the journeys");
        nap_ms(50);
    }
}

static void
stop(int which)
{
    int status = 0;
    kill(pid[which], SIGTERM);
    waitpid(pid[which], &status, 0);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        die(program[which], "did not stop cleanly on SIGTERM");
}

int
main(int argc, char **argv)
{
    if (argc < 6) {
        fprintf(stderr, "usage: kill_loop BUILD DATA HISTORY SEED KILLS [SETTING]\n");
        return 2;
    }
    build = argv[1];
    data = argv[2];
    setting = argc > 6 ? argv[6] : NULL;
    history = fopen(argv[3], "w");
    struct tl_fetch *f = tl_fetch_new(5000);
    if (!history || !f || tl_hash_init() < 0)
        die(argv[3], "cannot start");
    for (int i = 0; i < PROGRAMS; i++) {
        launch(i);
        await_start(f, i);
    }
    pthread_t th[SENDERS];
    for (intptr_t i = 0; i < SENDERS; i++)
        pthread_create(&th[i], NULL, send_loop, (void *)i);
    run_kills(f, (unsigned)atoi(argv[4]), atoi(argv[5]));
    atomic_store(&done, true);
    for (int i = 0; i < SENDERS; i++)
        pthread_join(th[i], NULL);
    await_drained(f);
    stop(COLLECTOR);
    stop(AGGREGATOR);
    tl_fetch_free(&f);
    return fclose(history) == 0 ? 0 : 1;
}
