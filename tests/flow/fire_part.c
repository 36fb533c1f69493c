/* fire_part.c - see fire.h. */
#include "fire.h"

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

static const char *build, *settings[SETTINGS_MAX + 1];
struct fire_program fire_program[FIRE_PROGRAMS_MAX];
int fire_programs_n;
const char *fire_bus;
static FILE *history;
static pthread_mutex_t history_mu = PTHREAD_MUTEX_INITIALIZER;
static atomic_bool done;
static int pause_around_ms;
static pthread_t sending[SENDERS];
static atomic_ullong acked;
static char bus[80] = "tcp://127.0.0.1:*";

void
fire_die(const char *what, const char *why)
{
    fprintf(stderr, "kill_loop: %s: %s\n", what, why);
    for (int i = 0; i < fire_programs_n; i++)
        if (fire_program[i].pid > 0)
            kill(fire_program[i].pid, SIGKILL);
    exit(1);
}

void
fire_nap_ms(long ms)
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
                      sender, first + i, (first + i) / 50, first + i);
}

static bool
post(struct tl_fetch *f, int which, const struct tl_buf *body, struct tl_buf *reply)
{
    static const char *const headers[] = { "Content-Type: application/x-ndjson", "Authorization: Bearer kill", NULL };
    char url[128];
    int status = 0;
    snprintf(url, sizeof url, "%s/v1/events", fire_program[which].info.http);
    tl_buf_reset(reply);
    int rc = tl_fetch_do(f, "POST", url, headers, (struct tl_str){ (char *)body->data, body->len }, &status, NULL, reply, NULL);
    if (rc == 0 && status / 100 == 4)
        fire_die("a good body was refused", (char *)reply->data);
    return rc == 0 && status / 100 == 2;
}

/* One body until it is taken, or until the loop has ended and it still fails; sometimes a second collector is offered it as well. */
static bool
deliver(struct tl_fetch *f, const struct tl_buf *body, struct tl_buf *reply, int sender, unsigned long first, unsigned n, unsigned *random)
{
    int collectors = fire_programs_n - 1, which = 1 + (int)((unsigned)rand_r(random) % (unsigned)collectors);
    bool twice = collectors > 1 && rand_r(random) % 100 < TWICE_PERCENT, taken = false;
    if (twice) {
        note("also", sender, first, n);
        post(f, 1 + which % collectors, body, reply);
    }
    for (int tries = 0; !taken && (tries < 100 || !atomic_load(&done)); tries++) {
        note("send", sender, first, n);
        taken = post(f, which, body, reply);
        if (!taken)
            fire_nap_ms(20);
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
        fire_nap_ms(rand_r(&random) % (2 * pause_around_ms + 1));
    }
    tl_buf_free(&body);
    tl_buf_free(&reply);
    tl_fetch_free(&f);
    return NULL;
}

/* ---- programs ---- */

void
fire_launch(struct fire_program *p)
{
    char path[512];
    const char *argv[16 + SETTINGS_MAX] = { path, "--data", p->data };
    int n = 3;
    bool far = p != &fire_program[0] && strcmp(p->data, fire_program[0].data) != 0;
    snprintf(path, sizeof path, "%s/touchline-%s", build, p->name);
    argv[n++] = p == &fire_program[0] ? "--aggregator.port" : "--collector.port";
    argv[n++] = p->port;
    if (p == &fire_program[0] || far || fire_bus) {
        argv[n++] = p != &fire_program[0] ? "--collector.aggregator" : "--aggregator.bus";
        argv[n++] = p != &fire_program[0] && fire_bus ? fire_bus : bus;
    }
    if (p != &fire_program[0]) {
        argv[n++] = "--spool.segment_mb";
        argv[n++] = "4";
    }
    for (int i = 0; settings[i]; i++)
        argv[n++] = settings[i];
    p->pid = fork();
    if (p->pid < 0)
        fire_die(path, "cannot fork");
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
void
fire_await(struct tl_fetch *f, struct fire_program *p)
{
    struct tl_arena *a = tl_arena_new(1 << 20);
    struct tl_run_info info = { 0 };
    for (int waited = 0;; waited += 10) {
        int status = 0;
        if (tl_run_find(p->data, p->name, &info, NULL) == 0 && info.pid == p->pid && health(f, info.http, a))
            break;
        if (waited > START_WAIT_MS || waitpid(p->pid, &status, WNOHANG) == p->pid)
            fire_die(p->name, "does not start");
        fire_nap_ms(10);
    }
    tl_arena_free(&a);
    if (p->info.pid == 0)
        p->info = info;
    snprintf(p->port, sizeof p->port, "%s", strrchr(info.http, ':') + 1);
    if (p == &fire_program[0])
        snprintf(bus, sizeof bus, "%.79s", info.bus);
}

long long
fire_backlog(struct tl_fetch *f, const struct fire_program *p)
{
    struct tl_arena *a = tl_arena_new(1 << 20);
    const struct tl_jv *c = health(f, p->info.http, a);
    long long n = c ? tl_jv_int(tl_jv_get(c, "spool"), "backlog", -1) : -1;
    tl_arena_free(&a);
    return n;
}

/* The spools first: once they are empty nothing more reaches the log, and then the journeys either hold it all or do not. */
static bool
drained(struct tl_fetch *f)
{
    struct tl_arena *a = tl_arena_new(1 << 20);
    bool yes = true;
    for (int i = 1; i < fire_programs_n && yes; i++)
        yes = fire_backlog(f, &fire_program[i]) == 0;
    const struct tl_jv *g = yes ? health(f, fire_program[0].info.http, a) : NULL;
    yes = g && tl_jv_int(g, "position", -1) == tl_jv_int(g, "stitched", -2);
    tl_arena_free(&a);
    return yes;
}

void
fire_await_drained(struct tl_fetch *f)
{
    for (int waited = 0; !drained(f); waited += 50) {
        if (waited > DRAIN_WAIT_MS)
            fire_die("a collector's backlog", "does not reach the journeys");
        fire_nap_ms(50);
    }
}

void
fire_stop(struct fire_program *p)
{
    int status = 0;
    kill(p->pid, SIGTERM);
    waitpid(p->pid, &status, 0);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fire_die(p->name, "did not stop cleanly on SIGTERM");
}

void
fire_open(const char *build_dir, const char *data, const char *history_path, char **word)
{
    int settings_n = 0;
    build = build_dir;
    history = fopen(history_path, "w");
    if (!history || tl_hash_init() < 0)
        fire_die(history_path, "cannot start");
    fire_program[fire_programs_n++] = (struct fire_program){ .name = "aggregator", .data = data, .port = "0" };
    fire_program[fire_programs_n++] = (struct fire_program){ .name = "collector", .data = data, .port = "0" };
    for (; *word; word++)
        if (strncmp(*word, "--", 2) == 0 && settings_n < SETTINGS_MAX)
            settings[settings_n++] = *word;
        else if (fire_programs_n < FIRE_PROGRAMS_MAX)
            fire_program[fire_programs_n++] = (struct fire_program){ .name = "collector", .data = *word, .port = "0" };
}

void
fire_close(void)
{
    if (fclose(history) != 0)
        fire_die("history", "cannot be written");
}

void
fire_send(int pause_ms)
{
    pause_around_ms = pause_ms;
    for (intptr_t i = 0; i < SENDERS; i++)
        pthread_create(&sending[i], NULL, send_loop, (void *)i);
}

unsigned long long
fire_acked(void)
{
    return atomic_load(&acked);
}

unsigned long long
fire_sent(void)
{
    atomic_store(&done, true);
    for (int i = 0; i < SENDERS; i++)
        pthread_join(sending[i], NULL);
    return fire_acked();
}
