/* kill_loop - collectors and an aggregator under fire: senders post numbered events while the programs are killed and paused at random and started again.
 *
 *   kill_loop BUILD DATA HISTORY SEED KILLS [ACKED [COLLECTOR_DATA]... [--SETTING=VALUE]...]
 *
 * The first collector lives in DATA, each further one in its COLLECTOR_DATA. Some bodies go to two collectors. The loop ends after KILLS kills and ACKED
 * acknowledged events; settings are of all programs. HISTORY gets a line "send T FIRST N" before a body leaves, "also T FIRST N" before it leaves for a
 * second collector, and "ack T FIRST N" when it was answered 2xx; the same body is sent again until then. At the end all drain and stop on SIGTERM; one
 * JSON line tells what was done. kill_check then holds the history against the log. */
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
#define TWICE_PERCENT 5                 /* bodies that go to two collectors */
#define START_WAIT_MS 60000
#define DRAIN_WAIT_MS 600000
#define SETTINGS_MAX 8
#define PROGRAMS_MAX 5                  /* [0] is the aggregator */

struct program {
    const char *name, *data;
    pid_t pid;
    struct tl_run_info info;            /* http: written once, before any sender starts; later starts keep the port */
    char port[8];
};

static const char *build, *settings[SETTINGS_MAX + 1];
static struct program program[PROGRAMS_MAX];
static int programs_n;
static FILE *history;
static pthread_mutex_t history_mu = PTHREAD_MUTEX_INITIALIZER;
static atomic_bool done;
static atomic_ullong acked;
static char bus[80] = "tcp://127.0.0.1:*";

static void
die(const char *what, const char *why)
{
    fprintf(stderr, "kill_loop: %s: %s\n", what, why);
    for (int i = 0; i < programs_n; i++)
        if (program[i].pid > 0)
            kill(program[i].pid, SIGKILL);
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
                      sender, first + i, (first + i) * 7919 % 50000, first + i);
}

static bool
post(struct tl_fetch *f, int which, const struct tl_buf *body, struct tl_buf *reply)
{
    static const char *const headers[] = { "Content-Type: application/x-ndjson", "Authorization: Bearer kill", NULL };
    char url[128];
    int status = 0;
    snprintf(url, sizeof url, "%s/v1/events", program[which].info.http);
    tl_buf_reset(reply);
    int rc = tl_fetch_do(f, "POST", url, headers, (struct tl_str){ (char *)body->data, body->len }, &status, NULL, reply, NULL);
    if (rc == 0 && status / 100 == 4)
        die("a good body was refused", (char *)reply->data);
    return rc == 0 && status / 100 == 2;
}

/* One body until it is taken, or until the loop has ended and it still fails; sometimes a second collector is offered it as well. */
static bool
deliver(struct tl_fetch *f, const struct tl_buf *body, struct tl_buf *reply, int sender, unsigned long first, unsigned n, unsigned *random)
{
    int collectors = programs_n - 1, which = 1 + (int)((unsigned)rand_r(random) % (unsigned)collectors);
    bool twice = collectors > 1 && rand_r(random) % 100 < TWICE_PERCENT, taken = false;
    if (twice) {
        note("also", sender, first, n);
        post(f, 1 + which % collectors, body, reply);
    }
    for (int tries = 0; !taken && (tries < 100 || !atomic_load(&done)); tries++) {
        note("send", sender, first, n);
        taken = post(f, which, body, reply);
        if (!taken)
            nap_ms(20);
    }
    return taken;
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
        if (deliver(f, &body, &reply, sender, next, n, &random)) {
            note("ack", sender, next, n);
            atomic_fetch_add(&acked, n);
        }
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
launch(struct program *p)
{
    char path[512];
    const char *argv[16 + SETTINGS_MAX] = { path, "--data", p->data };
    int n = 3;
    bool far = p != &program[0] && strcmp(p->data, program[0].data) != 0;
    snprintf(path, sizeof path, "%s/touchline-%s", build, p->name);
    argv[n++] = p == &program[0] ? "--aggregator.port" : "--collector.port";
    argv[n++] = p->port;
    if (p == &program[0] || far) {
        argv[n++] = far ? "--collector.aggregator" : "--aggregator.bus";
        argv[n++] = bus;
    }
    if (p != &program[0]) {
        argv[n++] = "--spool.segment_mb";
        argv[n++] = "4";
    }
    for (int i = 0; settings[i]; i++)
        argv[n++] = settings[i];
    p->pid = fork();
    if (p->pid < 0)
        die(path, "cannot fork");
    if (p->pid > 0)
        return;
    execv(path, (char *const *)(void *)argv);
    _exit(127);
}

/* health - GET /healthz, parsed; {NULL} when there is no answer. The arena is the caller's. */
static struct tl_jv *
health(struct tl_fetch *f, const char *http, struct tl_arena *a)
{
    char url[128];
    int status = 0;
    struct tl_buf reply = { 0 };
    struct tl_jv *root = NULL;
    snprintf(url, sizeof url, "%s/healthz", http);
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
await_start(struct tl_fetch *f, struct program *p)
{
    struct tl_arena *a = tl_arena_new(1 << 20);
    struct tl_run_info info = { 0 };
    for (int waited = 0;; waited += 10) {
        int status = 0;
        if (tl_run_find(p->data, p->name, &info, NULL) == 0 && info.pid == p->pid && health(f, info.http, a))
            break;
        if (waited > START_WAIT_MS || waitpid(p->pid, &status, WNOHANG) == p->pid)
            die(p->name, "does not start");
        nap_ms(10);
    }
    tl_arena_free(&a);
    if (p->info.pid == 0)
        p->info = info;
    snprintf(p->port, sizeof p->port, "%s", strrchr(info.http, ':') + 1);
    if (p == &program[0])
        snprintf(bus, sizeof bus, "%.79s", info.bus);
}

static int
hit(bool chosen[PROGRAMS_MAX], unsigned *random)
{
    int n = 0;
    for (int i = 0; i < programs_n; i++) {
        chosen[i] = rand_r(random) % 10 < (i == 0 ? 6 : 5);
        n += chosen[i];
    }
    return n;
}

static void
pause_one(unsigned *random, int *paused)
{
    pid_t pid = program[(unsigned)rand_r(random) % (unsigned)programs_n].pid;
    kill(pid, SIGSTOP);
    nap_ms(rand_r(random) % 800);
    kill(pid, SIGCONT);
    (*paused)++;
}

static int
run_kills(struct tl_fetch *f, unsigned seed, int kills, unsigned long long want, int *paused)
{
    int killed = 0;
    while (killed < kills || atomic_load(&acked) < want) {
        bool chosen[PROGRAMS_MAX];
        nap_ms(rand_r(&seed) % 1800);
        if (rand_r(&seed) % 5 == 0)
            pause_one(&seed, paused);
        killed += hit(chosen, &seed);
        for (int i = 0; i < programs_n; i++)
            if (chosen[i]) {
                kill(program[i].pid, SIGKILL);
                waitpid(program[i].pid, NULL, 0);
            }
        nap_ms(rand_r(&seed) % 200);
        for (int i = 0; i < programs_n; i++)
            if (chosen[i]) {
                launch(&program[i]);
                await_start(f, &program[i]);
            }
        if (isatty(STDERR_FILENO))
            fprintf(stderr, "\r%d kills, %llu acknowledged ", killed, (unsigned long long)atomic_load(&acked));
    }
    return killed;
}

static bool
drained(struct tl_fetch *f)
{
    struct tl_arena *a = tl_arena_new(1 << 20);
    const struct tl_jv *g = health(f, program[0].info.http, a);
    bool yes = g && tl_jv_int(g, "position", -1) == tl_jv_int(g, "stitched", -2);
    for (int i = 1; i < programs_n && yes; i++) {
        const struct tl_jv *c = health(f, program[i].info.http, a);
        yes = c && tl_jv_int(tl_jv_get(c, "spool"), "backlog", -1) == 0;
    }
    tl_arena_free(&a);
    return yes;
}

static void
await_drained(struct tl_fetch *f)
{
    for (int waited = 0; !drained(f); waited += 50) {
        if (waited > DRAIN_WAIT_MS)
            die("a collector's backlog", "does not reach the journeys");
        nap_ms(50);
    }
}

static void
stop(struct program *p)
{
    int status = 0;
    kill(p->pid, SIGTERM);
    waitpid(p->pid, &status, 0);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        die(p->name, "did not stop cleanly on SIGTERM");
}

/* The programs, in the order in which they start, from the command's words after ACKED */
static void
name_programs(const char *data, char **word)
{
    int settings_n = 0;
    program[programs_n++] = (struct program){ .name = "aggregator", .data = data, .port = "0" };
    program[programs_n++] = (struct program){ .name = "collector", .data = data, .port = "0" };
    for (; *word; word++)
        if (strncmp(*word, "--", 2) == 0 && settings_n < SETTINGS_MAX)
            settings[settings_n++] = *word;
        else if (programs_n < PROGRAMS_MAX)
            program[programs_n++] = (struct program){ .name = "collector", .data = *word, .port = "0" };
}

int
main(int argc, char **argv)
{
    if (argc < 6) {
        fprintf(stderr, "usage: kill_loop BUILD DATA HISTORY SEED KILLS [ACKED [COLLECTOR_DATA]... [--SETTING=VALUE]...]\n");
        return 2;
    }
    build = argv[1];
    history = fopen(argv[3], "w");
    struct tl_fetch *f = tl_fetch_new(5000);
    if (!history || !f || tl_hash_init() < 0)
        die(argv[3], "cannot start");
    name_programs(argv[2], argv + (argc > 6 ? 7 : 6));
    for (int i = 0; i < programs_n; i++) {
        launch(&program[i]);
        await_start(f, &program[i]);
    }
    pthread_t th[SENDERS];
    for (intptr_t i = 0; i < SENDERS; i++)
        pthread_create(&th[i], NULL, send_loop, (void *)i);
    int paused = 0, killed = run_kills(f, (unsigned)atoi(argv[4]), atoi(argv[5]), argc > 6 ? strtoull(argv[6], NULL, 10) : 0, &paused);
    atomic_store(&done, true);
    for (int i = 0; i < SENDERS; i++)
        pthread_join(th[i], NULL);
    await_drained(f);
    for (int i = programs_n - 1; i >= 0; i--)
        stop(&program[i]);
    tl_fetch_free(&f);
    printf("{\"kills\":%d,\"pauses\":%d,\"collectors\":%d,\"acked\":%llu}\n", killed, paused, programs_n - 1, (unsigned long long)atomic_load(&acked));
    return fclose(history) == 0 ? 0 : 1;
}
