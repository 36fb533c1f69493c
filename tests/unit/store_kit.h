/* store_kit.h - a DATA folder for tests: events as JSON go into a real log, stitching runs over it, rows come out. */
#ifndef STORE_KIT_H
#define STORE_KIT_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../aggregator/follow.h"
#include "folder_kit.h"
#include "nth_kit.h"                /* its syncs wait for no disk */
#include "tl_canon.h"
#include "tl_hash.h"
#include "tl_run.h"
#include "tl_store.h"
#include "tl_store_write.h"
#include "tl_time.h"
#include "tl_wire.h"

struct kit {
    char data[128];
    struct tl_eventlog *log;
    struct follow *follow;
    struct tl_conf conf;
    struct tl_event_reader *reader;
    struct tl_arena *arena;
};

static inline void
kit_open_follow(struct kit *k)
{
    struct tl_err err = {0};
    int rc = follow_open(&k->follow, k->data, &k->conf, k->log, &err);

    if (rc != 0)
        fprintf(stderr, "follow_open: %s\n", err.text);
    assert_int_equal(rc, 0);
}

/* kit_store_path - the folder of the live store in k->data */
static inline const char *
kit_store_path(const struct kit *k, char path[PATH_MAX])
{
    char name[64] = "";
    FILE *f = fopen(tl_run_path(path, k->data, "journeys/current"), "r");

    assert_non_null(f);
    assert_int_equal(fscanf(f, "%63s", name), 1);
    fclose(f);
    return strcat(strcat(tl_run_path(path, k->data, "journeys"), "/"), name);
}

/* kit_writer - the writer of a store in `dir`, which is made when it is not there yet */
static inline struct tl_store_w *
kit_writer(void)
{
    const struct tl_store_head head = { .position = 1, .next_customer = 1, .tallied = true, .zone = "UTC" };
    struct tl_store_w *w = NULL;

    if (tl_store_w_open(&w, dir, NULL) == 0)
        return w;
    assert_int_equal(tl_store_w_make(&w, dir, &head, NULL), 0);
    assert_int_equal(tl_store_w_swing(&w, NULL), 0);
    assert_int_equal(tl_store_w_open(&w, dir, NULL), 0);
    return w;
}

/* catalogue: the text of DATA/catalogue/test.json, or NULL */
static inline void
kit_open(struct kit *k, const char *catalogue)
{
    char path[PATH_MAX];
    struct tl_err err = {0};

    memset(k, 0, sizeof *k);
    snprintf(k->data, sizeof k->data, "/tmp/touchline-test-XXXXXX");
    assert_non_null(mkdtemp(k->data));
    if (catalogue != NULL) {
        mkdir(tl_run_path(path, k->data, "catalogue"), 0700);
        FILE *f = fopen(tl_run_path(path, k->data, "catalogue/test.json"), "w");
        assert_non_null(f);
        fputs(catalogue, f);
        fclose(f);
    }
    tl_conf_defaults(&k->conf);
    snprintf(k->conf.data, sizeof k->conf.data, "%s", k->data);
    snprintf(k->conf.timezone, sizeof k->conf.timezone, "Asia/Shanghai");
    k->reader = tl_event_reader_new();
    k->arena = tl_arena_new(1u << 26);
    assert_non_null(k->reader);
    assert_int_equal(tl_eventlog_open(&k->log, tl_run_path(path, k->data, "log"), false, &err), 0);
    kit_open_follow(k);
}

static inline void
kit_close(struct kit *k)
{
    follow_close(&k->follow);
    tl_eventlog_close(&k->log);
    tl_event_reader_free(&k->reader);
    tl_arena_free(&k->arena);
    kit_remove(k->data);
}

/* One event as a collector would pass it on: origin and received_at set. */
struct kit_event { const char *json; const char *origin; int64_t received_ms; };

static inline void
kit_log(struct kit *k, const struct kit_event *e, size_t n)
{
    struct tl_buf payload = {0};
    struct tl_err err = {0};
    struct tl_wire_head head = {0};
    uint64_t position = 0;

    tl_wire_begin(&payload, TL_KIND_EVENTS);
    tl_arena_reset(k->arena);
    for (size_t i = 0; i < n; i++) {
        struct tl_event ev;
        struct tl_refusal why = {0};
        size_t len = strlen(e[i].json);
        char *text = tl_arena_alloc(k->arena, len + TL_JSON_PADDING + 1);
        assert_non_null(text);
        memcpy(text, e[i].json, len);
        int rc = tl_event_read(k->reader, k->arena, (struct tl_str){ text, len }, &ev, &why);
        if (rc != 0)
            fprintf(stderr, "%s: %s %s\n", e[i].json, tl_reason_word(why.reason), why.field);
        assert_int_equal(rc, 0);
        ev.origin_ = tl_str_of(e[i].origin);
        ev.received_at_ = e[i].received_ms;
        ev.has |= TL_HAS(origin) | TL_HAS(received_at);
        tl_wire_put_event(&payload, &ev);
    }
    tl_wire_end(&payload, (uint32_t)n);
    head.n_events = (uint32_t)n;
    head.raw_len = (uint32_t)payload.len;
    assert_int_equal(tl_eventlog_begin(k->log, &err), 0);
    int rc = tl_eventlog_append(k->log, &head, (struct tl_str){ (char *)payload.data, payload.len }, 1800000000000, &position, &err);
    if (rc != 0)
        fprintf(stderr, "append: %s\n", err.text);
    assert_int_equal(rc, 0);
    assert_int_equal(tl_eventlog_commit(k->log, &err), 0);
    tl_buf_free(&payload);
}

static inline void
kit_control(struct kit *k, const char *kind, const char *body)
{
    struct tl_err err = {0};
    uint64_t position = 0;

    assert_int_equal(tl_eventlog_begin(k->log, &err), 0);
    assert_int_equal(tl_eventlog_append_control(k->log, kind, "tester", 1, tl_str_of(body), &position, &err), 0);
    assert_int_equal(tl_eventlog_commit(k->log, &err), 0);
}

/* Rounds until the log is taken in. */
static inline void
kit_follow(struct kit *k)
{
    const struct follow_limits limits = {0};
    struct tl_err err = {0};
    int64_t n = 0;

    do {
        n = follow_round(k->follow, &limits, &err);
        if (n < 0)
            fprintf(stderr, "follow_round: %s\n", err.text);
        assert_true(n >= 0);
    } while (n > 0);
    assert_int_equal(follow_position(k->follow), tl_eventlog_end(k->log));
}

static inline void
kit_rebuild(struct kit *k)
{
    struct tl_err err = {0};
    int rc = follow_rebuild(k->follow, NULL, NULL, &err);

    if (rc != 0)
        fprintf(stderr, "rebuild: %s\n", err.text);
    assert_int_equal(rc, 0);
}

static inline int
kit_line(void *arg, struct tl_str text)
{
    tl_buf_put(arg, text.p, text.n);
    tl_buf_put(arg, "\n", 1);
    return ((struct tl_buf *)arg)->failed ? TL_ENOMEM : 0;
}

/* The store is one environment of this process: the writer steps aside while it is read. */
static inline struct tl_store *
kit_read(struct kit *k)
{
    char path[PATH_MAX];
    struct tl_store *s = NULL;
    struct tl_err err = {0};

    follow_close(&k->follow);
    int rc = tl_store_open_read(&s, tl_run_path(path, k->data, "journeys"), &err);
    if (rc != 0)
        fprintf(stderr, "open_read: %s\n", err.text);
    assert_int_equal(rc, 0);
    return s;
}

static inline void
kit_read_done(struct kit *k, struct tl_store **s)
{
    tl_store_close(s);
    kit_open_follow(k);
}

static inline char *
kit_rows(struct kit *k)
{
    char path[PATH_MAX];
    uint8_t key[TL_KEY_BYTES];
    struct tl_err err = {0};
    struct tl_buf out = {0};
    struct tl_store_txn *t = NULL;
    struct tl_store *s = kit_read(k);

    assert_int_equal(tl_key_load(tl_run_path(path, k->data, "keys/identity.key"), 0, key, &err), 0);
    assert_int_equal(tl_store_begin(s, &t, &err), 0);
    int rc = tl_canon_rows(t, k->log, key, kit_line, &out, &err);
    if (rc != 0)
        fprintf(stderr, "canon: %s\n", err.text);
    assert_int_equal(rc, 0);
    tl_store_end(&t);
    kit_read_done(k, &s);
    tl_buf_put_u8(&out, 0);
    assert_false(out.failed);
    return (char *)out.data;
}

#endif
