/* stitch_log - G5, G6, G10: live stitching, a rebuild, and the bytes that stay, over a log of sessions.
 *
 *   stitch_log FOLDER EVENTS CUSTOMERS ACTIVE [keep]   prints JSON lines; FOLDER must not exist, and is removed unless `keep`
 *   stitch_log FOLDER                                  an existing DATA folder: rebuild only
 *
 * ACTIVE customers are in a session at a time, about 12 events each; whoever is done makes room for another of CUSTOMERS. The log is made in pieces
 * of one round; only stitching is timed. CPU seconds are given beside the wall. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../../aggregator/follow.h"
#include "tl_db.h"
#include "tl_hash.h"
#include "tl_rows.h"
#include "tl_run.h"
#include "tl_time.h"

#define ROUND_EVENTS 50000u
#define BATCH_EVENTS 2500u

struct active { uint64_t customer, session; uint32_t left, seq, step; };
struct world {
    struct active *active;
    uint64_t active_n, customers, next_session, next_id, seed;
    int64_t now_ms;
};

static double
now_s(clockid_t which)
{
    struct timespec t;
    clock_gettime(which, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint64_t
below(struct world *w, uint64_t n)
{
    w->seed += UINT64_C(0x9E3779B97F4A7C15);
    return tl_mix64(w->seed) % n;
}

static void
put_event(struct world *w, struct tl_buf *b)
{
    static const char *const steps[] = { "view", "search", "product", "cart", "checkout", "order.placed", "ready", "order.fulfilled", "rate", "chat" };
    struct active *a = &w->active[below(w, w->active_n)];
    char id[40], session[24], member[24], raw[512];

    if (a->left == 0)
        *a = (struct active){ below(w, w->customers), w->next_session++, 6 + (uint32_t)below(w, 13), 0, 0 };
    a->left--;
    w->now_ms += (int64_t)below(w, 3);
    a->step = below(w, 4) == 0 ? (uint32_t)below(w, 10) : (a->step + 1) % 10;
    int64_t time = w->now_ms - (int64_t)below(w, 2000);
    const char *type = steps[a->step];
    snprintf(id, sizeof id, "01930000-%012llx", (unsigned long long)w->next_id++);
    snprintf(session, sizeof session, "s%llu", (unsigned long long)a->session);
    snprintf(member, sizeof member, "m%llu", (unsigned long long)a->customer);
    int n = snprintf(raw, sizeof raw, "{\"id\":\"%s\",\"type\":\"%s\",\"time\":%lld,\"sent_at\":%lld,\"session\":\"%s\",\"seq\":%u,\"ids\":{\"member\":\"%s\"},"
                     "\"channel\":\"app\",\"place\":\"S0%u\",\"props\":{\"sku\":\"A-1042\",\"price\":1800,\"screen\":\"main\",\"build\":\"3.2.1\",\"os\":\"android 15\"}}",
                     id, type, (long long)time, (long long)w->now_ms, session, a->seq, member, (unsigned)(a->customer % 8));
    struct tl_event ev = { .has = TL_HAS(id) | TL_HAS(type) | TL_HAS(time) | TL_HAS(sent_at) | TL_HAS(received_at) | TL_HAS(ids) | TL_HAS(session) | TL_HAS(seq) |
                                  TL_HAS(channel) | TL_HAS(place) | TL_HAS(origin) };
    ev.raw = (struct tl_str){ raw, (size_t)n };
    ev.id_ = tl_str_of(id);
    ev.type_ = tl_str_of(type);
    ev.time_ = time;
    ev.sent_at_ = w->now_ms;
    ev.received_at_ = w->now_ms + (int64_t)below(w, 200);
    ev.session_ = tl_str_of(session);
    ev.seq_ = a->seq++;
    ev.ids_n = 1;
    ev.ids_[0] = (struct tl_id){ TL_STR("member"), tl_str_of(member) };
    ev.channel_ = TL_STR("app");
    ev.place_ = (struct tl_str){ "S00S01S02S03S04S05S06S07" + 3 * (a->customer % 8), 3 };
    ev.origin_ = TL_STR("app-key");
    tl_wire_put_event(b, &ev);
}

static int
log_piece(struct world *w, struct tl_eventlog *log, uint32_t events, struct tl_err *err)
{
    struct tl_buf b = {0};
    struct tl_wire_head h = {0};
    uint64_t position = 0;
    int rc = tl_eventlog_begin(log, err);

    for (uint32_t done = 0; rc == 0 && done < events; done += BATCH_EVENTS) {
        tl_buf_reset(&b);
        tl_wire_begin(&b, TL_KIND_EVENTS);
        for (uint32_t i = 0; i < BATCH_EVENTS; i++)
            put_event(w, &b);
        tl_wire_end(&b, BATCH_EVENTS);
        h.n_events = BATCH_EVENTS;
        h.raw_len = (uint32_t)b.len;
        rc = tl_eventlog_append(log, &h, (struct tl_str){ (char *)b.data, b.len }, w->now_ms, &position, err);
    }
    if (rc == 0)
        rc = tl_eventlog_commit(log, err);
    tl_buf_free(&b);
    return rc;
}

static int
live(struct world *w, struct tl_eventlog *log, struct follow *f, uint64_t events, struct tl_err *err)
{
    const struct follow_limits limits = { .events_max = ROUND_EVENTS, .customers_max = 16000, .round_ms = 10000 };
    double wall = 0, cpu = 0, last_wall = 0;
    uint64_t last = 0;

    for (uint64_t done = 0; done < events; done += ROUND_EVENTS) {
        int rc = log_piece(w, log, ROUND_EVENTS, err);
        if (rc != 0)
            return rc;
        double t = now_s(CLOCK_MONOTONIC), c = now_s(CLOCK_PROCESS_CPUTIME_ID);
        int64_t n = 0;
        while ((n = follow_round(f, &limits, err)) > 0)
            ;
        if (n < 0)
            return (int)n;
        t = now_s(CLOCK_MONOTONIC) - t;
        wall += t;
        cpu += now_s(CLOCK_PROCESS_CPUTIME_ID) - c;
        if (done >= events - events / 10) {
            last_wall += t;
            last += ROUND_EVENTS;
        }
    }
    printf("{\"live_events\":%llu,\"wall_s\":%.2f,\"events_s\":%.0f,\"cpu_us_event\":%.2f,\"last_tenth_events_s\":%.0f}\n", (unsigned long long)events, wall,
           (double)events / wall, cpu * 1e6 / (double)events, last_wall > 0 ? (double)last / last_wall : 0.0);
    return 0;
}

static int
rebuild(struct follow *f, struct tl_eventlog *log, struct tl_err *err)
{
    double t = now_s(CLOCK_MONOTONIC), c = now_s(CLOCK_PROCESS_CPUTIME_ID);
    int rc = follow_rebuild(f, NULL, NULL, err);
    double n = (double)(tl_eventlog_end(log) - 1);

    t = now_s(CLOCK_MONOTONIC) - t;
    c = now_s(CLOCK_PROCESS_CPUTIME_ID) - c;
    if (rc == 0)
        printf("{\"rebuild_events\":%.0f,\"wall_s\":%.2f,\"events_s\":%.0f,\"cpu_us_event\":%.2f}\n", n, t, n / t, c * 1e6 / n);
    return rc;
}

/* Value bytes, without keys and checksums. */
static int
weigh(const char *data, struct tl_err *err)
{
    static const char *const dbs[] = { "meta", "ident", "cut", "cust", "journey", "dayrev", "refused", "dict", NULL };
    char path[PATH_MAX], name[64] = "";
    struct tl_db *db = NULL;
    struct tl_db_txn *t = NULL;
    struct tl_db_cursor *c = NULL;
    struct tl_str k, v;
    struct tl_kept *e = NULL;
    uint32_t cap = 0;
    double events = 0, blocks = 0, profiles = 0, rows = 0, customers = 0, row_n = 0;

    FILE *f = fopen(tl_run_path(path, data, "journeys/current"), "r");
    if (f == NULL || fscanf(f, "%63s", name) != 1)
        return TL_EIO;
    fclose(f);
    tl_run_path(path, data, "journeys");
    strcat(strcat(path, "/"), name);
    int rc = tl_db_open(&db, path, TL_DB_READONLY, 0, dbs, err);
    if (rc == 0)
        rc = tl_db_begin(db, false, &t, err);
    if (rc == 0)
        rc = tl_db_cursor_open(t, 3, &c, err);
    for (int r = rc == 0 ? tl_db_seek(c, (struct tl_str){0}, &k, &v, NULL) : -1; r == 0; r = tl_db_next(c, &k, &v, NULL)) {
        uint32_t n = 0;
        if (k.p[8] == 0 && k.p[9] == 0 && k.p[10] == 0 && k.p[11] == 0) {
            profiles += (double)v.n;
            customers++;
        } else if (tl_rows_block_get(v, &e, &n, &cap) == 0) {
            blocks += (double)v.n;
            events += n;
        }
    }
    tl_db_cursor_close(&c);
    if (rc == 0)
        rc = tl_db_cursor_open(t, 4, &c, err);
    for (int r = rc == 0 ? tl_db_seek(c, (struct tl_str){0}, &k, &v, NULL) : -1; r == 0; r = tl_db_next(c, &k, &v, NULL)) {
        rows += (double)v.n;
        row_n++;
    }
    tl_db_cursor_close(&c);
    tl_db_abort(&t);
    printf("{\"events\":%.0f,\"customers\":%.0f,\"rows\":%.0f,\"block_bytes_event\":%.2f,\"row_bytes_event\":%.2f,\"sum\":%.2f,\"profile_bytes_customer\":%.1f,\"file_bytes_event\":%.1f}\n", events,
           customers, row_n, blocks / events, rows / events, (blocks + rows) / events, profiles / customers, (double)tl_db_used_bytes(db) / events);
    tl_db_close(&db);
    tl_free(e);
    return rc;
}

int
main(int argc, char **argv)
{
    struct tl_conf conf;
    struct tl_eventlog *log = NULL;
    struct follow *f = NULL;
    struct tl_err err = {0};
    char path[PATH_MAX];

    if (argc != 2 && argc < 5) {
        fprintf(stderr, "usage: stitch_log FOLDER [EVENTS CUSTOMERS ACTIVE [keep]]\n");
        return 2;
    }
    tl_hash_init();
    tl_conf_defaults(&conf);
    snprintf(conf.timezone, sizeof conf.timezone, "Asia/Shanghai");
    mkdir(argv[1], 0700);
    int rc = tl_eventlog_open(&log, tl_run_path(path, argv[1], "log"), false, &err);
    if (rc == 0)
        rc = follow_open(&f, argv[1], &conf, log, &err);
    if (rc == 0 && argc >= 5) {
        struct world w = { .customers = strtoull(argv[3], NULL, 10), .active_n = strtoull(argv[4], NULL, 10), .seed = 155, .now_ms = 1764000000000 };
        w.active = calloc(w.active_n, sizeof *w.active);
        rc = w.active != NULL ? live(&w, log, f, strtoull(argv[2], NULL, 10), &err) : TL_ENOMEM;
        free(w.active);
        fflush(stdout);
    }
    if (rc == 0)
        rc = rebuild(f, log, &err);
    follow_close(&f);
    if (rc == 0)
        rc = weigh(argv[1], &err);
    tl_eventlog_close(&log);
    if (rc != 0)
        fprintf(stderr, "stitch_log: %s\n", err.text);
    if (argc == 5 && snprintf(path, sizeof path, "rm -rf '%s'", argv[1]) < (int)sizeof path && system(path) != 0)
        rc = 1;
    return rc != 0;
}
