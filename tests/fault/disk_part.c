/* disk_part.c - see disk.h. */
#include "disk.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "disk_queue.h"

#include "../../aggregator/follow.h"
#include "../../collector/spool.h"
#include "tl_canon.h"
#include "tl_hash.h"
#include "tl_logfmt.h"
#include "tl_run.h"
#include "tl_store.h"
#include "tl_time.h"
#include "tl_wire.h"

#define SEGMENT_BYTES (96u << 10)

static struct tl_event_reader *reader;
static struct tl_arena *arena;

int
disk_die(const char *what, const struct tl_err *err)
{
    fprintf(stderr, "%s: %s\n", what, err ? err->text : "");
    return 1;
}

/* ---- the same batch for the same seed and number ---- */

uint64_t
disk_draw(uint64_t seed, uint64_t a, uint64_t b)
{
    return tl_mix64(seed * UINT64_C(0x9E3779B97F4A7C15) + a * 1000003 + b);
}

uint32_t
disk_batch(uint64_t seed, uint64_t number, struct tl_buf *out)
{
    uint32_t n = 1 + (uint32_t)(disk_draw(seed, number, 0) % 24);
    tl_buf_reset(out);
    tl_arena_reset(arena);
    tl_wire_begin(out, TL_KIND_EVENTS);
    for (uint32_t i = 0; i < n; i++) {
        uint64_t x = disk_draw(seed, number, i + 1);
        struct tl_event ev;
        struct tl_refusal why;
        char *text = tl_arena_alloc(arena, 2400 + TL_JSON_PADDING);
        int len = snprintf(text, 2400, "{\"type\":\"t%d\",\"id\":\"%d-%u\",\"time\":\"2026-01-%02dT%02d:00:00Z\",\"ids\":{\"member\":\"m%d\"},\"text\":\"%0*d\"}", (int)(x % 5), (int)number,
                           i, (int)(x / 5 % 28) + 1, (int)(x / 140 % 24), (int)(x / 4000 % 40), (int)(x / 200000 % 2000) + 1, 7);
        if (tl_event_read(reader, arena, (struct tl_str){ text, (size_t)len }, &ev, &why) != 0)
            abort();
        ev.origin_ = TL_STR("test");
        ev.received_at_ = INT64_C(1800000000000) + (int64_t)number;
        ev.has |= TL_HAS(origin) | TL_HAS(received_at);
        tl_wire_put_event(out, &ev);
    }
    tl_wire_end(out, n);
    return n;
}

void
disk_acknowledge(uint64_t n)
{
    char text[32];
    int len = snprintf(text, sizeof text, "%llu\n", (unsigned long long)n);
    if (write(STDOUT_FILENO, text, (size_t)len) != len)
        abort();
}

/* ---- the log: batch number n is hwm n; now and then a refused item, a control record ---- */

static const uint8_t collector[16] = { 7 };

static int
log_one(struct tl_eventlog *l, uint64_t seed, uint64_t number, struct tl_buf *b, struct tl_err *err)
{
    uint32_t n = disk_batch(seed, number, b);
    const struct tl_wire_head h = { .n_events = n, .raw_len = (uint32_t)b->len, .seq = number };
    const struct tl_refused r = { .reason = TL_STR("bad_json"), .bytes = TL_STR("{"), .bytes_n = 1 };
    uint64_t position = 0;
    int rc = tl_eventlog_begin(l, err);
    if (rc != 0)
        return rc;
    rc = tl_eventlog_append(l, &h, (struct tl_str){ (char *)b->data, b->len }, INT64_C(1800000000000), &position, err);
    if (rc == 0 && number % 7 == 0)
        rc = tl_eventlog_refuse(l, &r, err);
    if (rc == 0 && number % 11 == 0)
        rc = tl_eventlog_append_control(l, "note", "tester", 1, TL_STR("{\"id\":{\"kind\":\"member\",\"value\":\"m1\"},\"text\":\"x\"}"), &position, err);
    if (rc == 0)
        rc = tl_eventlog_set_hwm(l, collector, 1, 0, number, err);
    if (rc == 0)
        return tl_eventlog_commit(l, err);
    tl_eventlog_abort(l);
    return rc;
}

static int
write_log(const char *dir, uint64_t seed)
{
    struct tl_eventlog *l = NULL;
    struct tl_err err = { 0 };
    struct tl_buf b = { 0 };
    char path[PATH_MAX];
    uint64_t hwm = 0;
    int rc = tl_eventlog_open(&l, tl_run_path(path, dir, "log"), false, &err);
    if (rc == 0)
        rc = tl_eventlog_hwm(l, collector, 1, 0, &hwm, &err);
    for (uint64_t i = hwm + 1; rc == 0 && i <= BATCHES; i++) {
        rc = log_one(l, seed, i, &b, &err);
        if (rc == 0)
            disk_acknowledge(i);
    }
    return rc == 0 ? 0 : disk_die("log", &err);
}

struct seen { uint64_t seed, number, refused; bool wrong; struct tl_buf b; };

static int
see_record(void *arg, const struct tl_logged *rec)
{
    struct seen *s = arg;
    if (rec->control)
        return 0;
    uint32_t n = disk_batch(s->seed, ++s->number, &s->b);
    s->wrong |= n != rec->n || s->b.len != rec->payload.n || memcmp(s->b.data, rec->payload.p, s->b.len) != 0;
    return 0;
}

static int
check_log(const char *dir, uint64_t seed, uint64_t acked)
{
    struct tl_eventlog *l = NULL;
    struct tl_err err = { 0 };
    struct seen s = { .seed = seed };
    char path[PATH_MAX];
    uint64_t hwm = 0;
    if (tl_eventlog_open(&l, tl_run_path(path, dir, "log"), false, &err) != 0)
        return disk_die("log opens", &err);
    if (tl_eventlog_hwm(l, collector, 1, 0, &hwm, &err) != 0 || tl_eventlog_read(l, 1, see_record, &s, &err) != 0)
        return disk_die("log reads", &err);
    if (s.wrong || s.number != hwm || hwm < acked || tl_eventlog_refused_n(l) != hwm / 7) {
        fprintf(stderr, "log: %llu acknowledged, hwm %llu, %llu batches, %s\n", (unsigned long long)acked, (unsigned long long)hwm, (unsigned long long)s.number,
                s.wrong ? "some wrong" : "all right");
        return 1;
    }
    return log_one(l, seed, hwm + 1, &s.b, &err) == 0 ? 0 : disk_die("log goes on", &err);
}

/* ---- the spool ---- */

int
disk_spool(struct spool **s, const char *dir, struct tl_err *err)
{
    static char path[PATH_MAX];
    const struct spool_cfg cfg = { .dir = tl_run_path(path, dir, "spool"), .max_bytes = 64 << 20, .segment_bytes = SEGMENT_BYTES, .keep_s = 86400 };
    return spool_open(s, &cfg, tl_io_posix(), tl_clock_real(), tl_rand_real(), err);
}

bool
disk_syncs(uint64_t seed, uint64_t number)
{
    return disk_draw(seed, number, 77) % 3 == 0;
}

static int
write_spool(const char *dir, uint64_t seed)
{
    struct spool *s = NULL;
    struct tl_err err = { 0 };
    struct tl_buf b = { 0 };
    uint64_t seq = 0, durable = 0;
    int rc = disk_spool(&s, dir, &err);
    for (uint64_t i = rc == 0 ? spool_durable(s) + 1 : 0; rc == 0 && i <= BATCHES; i++) {
        disk_batch(seed, i, &b);
        rc = spool_append(s, (struct tl_str){ (char *)b.data, b.len }, &seq, &err);
        if (rc == 0 && disk_syncs(seed, i) && (rc = spool_sync(s, &durable, &err)) == 0)
            disk_acknowledge(durable);
        if (rc == 0 && i % 20 == 0)
            spool_acked(s, i / 2);
    }
    return rc == 0 ? 0 : disk_die("spool", &err);
}

static int
check_spool(const char *dir, uint64_t seed, uint64_t acked)
{
    struct spool *s = NULL;
    struct tl_err err = { 0 };
    struct tl_buf want = { 0 }, got = { 0 };
    uint64_t seq = 0;
    if (disk_spool(&s, dir, &err) != 0)
        return disk_die("spool opens", &err);
    uint64_t first = spool_first(s), last = spool_durable(s);
    /* a full disk takes acknowledged segments first: those up to BATCHES / 2 */
    if (last < acked || first > BATCHES / 2 + 1) {
        fprintf(stderr, "spool: %llu acknowledged, holds %llu to %llu\n", (unsigned long long)acked, (unsigned long long)first, (unsigned long long)last);
        return 1;
    }
    for (uint64_t i = first; i <= last; i++) {
        disk_batch(seed, i, &want);
        tl_buf_reset(&got);
        if (spool_read(s, i, &got, &err) != 0 || got.len != want.len || memcmp(got.data, want.data, want.len) != 0)
            return disk_die("spool: a record is another", &err);
    }
    disk_batch(seed, last + 1, &want);
    if (spool_append(s, (struct tl_str){ (char *)want.data, want.len }, &seq, &err) != 0 || seq != last + 1 || spool_sync(s, NULL, &err) != 0)
        return disk_die("spool goes on", &err);
    spool_close(&s);
    return 0;
}

/* ---- journeys: the log stands in DIR/../base and is whole ---- */

struct stand { struct tl_eventlog *log; struct follow *follow; struct tl_conf conf; };

static int
open_stand(struct stand *t, const char *dir, struct tl_err *err)
{
    char path[PATH_MAX];
    tl_conf_defaults(&t->conf);
    snprintf(t->conf.data, sizeof t->conf.data, "%s", dir);
    snprintf(t->conf.timezone, sizeof t->conf.timezone, "Asia/Shanghai");
    int rc = tl_eventlog_open(&t->log, tl_run_path(path, dir, "../base/log"), true, err);
    return rc == 0 ? follow_open(&t->follow, dir, &t->conf, t->log, err) : rc;
}

/* As the stitching thread does: a failed round is tried again. */
static int
follow_all(struct stand *t, struct tl_err *err)
{
    const struct follow_limits limits = { .events_max = 40 };
    int failures = 0;
    for (int64_t n = 1; n != 0 && failures < 4;) {
        n = follow_round(t->follow, &limits, err);
        failures += n < 0;
        if (n > 0)
            disk_acknowledge(follow_position(t->follow));
    }
    return failures < 4 && follow_position(t->follow) == tl_eventlog_end(t->log) ? 0 : disk_die("journeys do not reach the end", err);
}

static int
write_journeys(const char *dir, uint64_t seed)
{
    struct stand t = { 0 };
    struct tl_err err = { 0 };
    (void)seed;
    if (open_stand(&t, dir, &err) != 0)
        return disk_die("journeys", &err);
    int rc = follow_all(&t, &err);
    if (rc == 0 && follow_rebuild(t.follow, NULL, NULL, &err) != 0)
        rc = disk_die("rebuild", &err);
    follow_close(&t.follow);
    return rc;
}

static int
hash_line(void *arg, struct tl_str text)
{
    uint64_t *h = arg;
    *h = tl_mix64(*h ^ tl_crc32c(0, text.p, text.n));
    *h = tl_mix64(*h + text.n);
    return 0;
}

int
disk_rows(const char *dir, struct tl_eventlog *log, uint64_t *hash, struct tl_err *err)
{
    struct tl_store *s = NULL;
    struct tl_store_txn *t = NULL;
    uint8_t key[TL_KEY_BYTES];
    char path[PATH_MAX];
    *hash = 1;
    int rc = tl_key_load(tl_run_path(path, dir, "keys/identity.key"), 0, key, err);
    if (rc == 0)
        rc = tl_store_open_read(&s, tl_run_path(path, dir, "journeys"), err);
    if (rc == 0)
        rc = tl_store_begin(s, &t, err);
    if (rc == 0)
        rc = tl_canon_rows(t, log, key, hash_line, hash, err);
    tl_store_end(&t);
    tl_store_close(&s);
    return rc;
}

static int
check_journeys(const char *dir, uint64_t seed, uint64_t acked)
{
    struct stand t = { 0 };
    struct tl_err err = { 0 };
    char base[PATH_MAX];
    uint64_t got = 0, want = 0;
    (void)seed, (void)acked;
    if (open_stand(&t, dir, &err) != 0)
        return disk_die("journeys open", &err);
    if (follow_all(&t, &err) != 0)
        return 1;
    follow_close(&t.follow);
    if (disk_rows(tl_run_path(base, dir, "../base"), t.log, &want, &err) != 0 || disk_rows(dir, t.log, &got, &err) != 0)
        return disk_die("rows", &err);
    return got == want ? 0 : disk_die("journeys are other ones", NULL);
}

const struct disk_target disk_targets[] = {
    { "log", write_log, check_log }, { "spool", write_spool, check_spool }, { "journeys", write_journeys, check_journeys },
    { "queue", disk_write_queue, disk_check_queue }, { NULL, NULL, NULL },
};

int
disk_init(void)
{
    reader = tl_event_reader_new();
    arena = tl_arena_new(1u << 22);
    return reader && arena && tl_hash_init() == 0 ? 0 : -1;
}
