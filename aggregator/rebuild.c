/* rebuild.c - a store made from the whole log beside the live one, in bulk: see follow.h.
 *
 *   read:  the log in order -> numbers for words and customers, ties -> a stream (home identity, kept event)
 *   sort:  who a customer is now being known, the stream is dealt into buckets of neighbouring customers, each small enough for memory
 *   write: bucket by bucket, customer by customer: order, stitch, MDB_APPEND; rows are sorted into key order aside and appended last
 *
 * Memory: the table of identities, one bucket, one run of rows. The same numbers come out as in live rounds, since both are given in log order, and the
 * same bytes, since both end in weave_customer. An `undo` that is met late spoils what was read before it: reading starts again, knowing it. */
#include <stdio.h>
#include <stdlib.h>

#include "follow_in.h"
#include "rowsort.h"
#include "spill.h"
#include "tl_count.h"
#include "tl_json.h"
#include "tl_port.h"

#define STREAM_BYTES (8u << 20)
#define BUCKET_EVENTS 120000u
#define BUCKETS_MAX 256u
#define BUCKET_BUFFER_BYTES (128u << 10)
#define TELL_EVENTS 65536u
#define ROWS_COMMIT 200000u
#define LIVE_ROUND_MS 100
#define LIVE_EVERY_US 500000

struct undo { char *origin; uint64_t position; };
struct rebuild {
    struct follow *f;
    follow_progress progress;
    void *progress_arg;
    bool live_ok;                   /* the live store fits the log: it is kept in step meanwhile */
    int64_t live_us;                /* when it last was */
    struct tl_store_w *store;
    struct weave *weave;
    struct undo *undo;
    uint32_t undo_n;
    bool again;                     /* an undo was met that was not known: read again */
    uint64_t next;                  /* position reached */
    uint64_t events;
    struct spill stream, bucket[BUCKETS_MAX];
    uint32_t *last_person;          /* of each bucket */
    uint32_t bucket_n;
    struct rowsort *rows;
    struct tl_buf bytes;
    uint64_t appended;
    struct tl_err *err;
};

/* A round of the live store now and then: people go on looking at it. One that fails does no harm to the rebuild. */
static void
keep_live_in_step(struct rebuild *b)
{
    const struct follow_limits limits = { .round_ms = LIVE_ROUND_MS };
    int64_t now = tl_clock_real()->mono_us(tl_clock_real());

    if (!b->live_ok || now - b->live_us < LIVE_EVERY_US)
        return;
    int64_t taken = follow_one(b->f, b->f->weave, &limits, NULL);
    b->live_ok = taken >= 0 && !b->f->undone && !b->f->split_lossy;
    if (taken > 0)
        atomic_store(&b->f->position, tl_store_w_head(b->f->store)->position);
    b->live_us = tl_clock_real()->mono_us(tl_clock_real());
}

static int
tell(struct rebuild *b, const char *phase, uint64_t done)
{
    int rc = b->progress != NULL ? b->progress(b->progress_arg, phase, done, b->events) : 0;

    keep_live_in_step(b);
    return rc < 0 ? tl_fail(b->err, rc, "the rebuild was stopped") : 0;
}

/* ---- read ---- */

static int
is_undone(void *arg, const struct tl_event *ev, uint64_t position)
{
    const struct rebuild *b = arg;

    for (uint32_t i = 0; i < b->undo_n; i++)
        if (position < b->undo[i].position && (ev->has & TL_HAS(origin)) && tl_str_is(ev->origin_, b->undo[i].origin))
            return 1;
    return 0;
}

static int
learn_undo(struct rebuild *b, const struct tl_logged *rec)
{
    struct tl_arena *a = tl_arena_new(1u << 20);
    struct tl_jv *root = NULL;
    struct undo *undo = NULL;
    int rc = 0;

    for (uint32_t i = 0; i < b->undo_n; i++)
        if (b->undo[i].position == rec->position)
            goto done;
    if (a == NULL || (undo = tl_realloc(b->undo, (b->undo_n + 1) * sizeof *undo)) == NULL) {
        rc = tl_fail(b->err, TL_ENOMEM, "out of memory for the rebuild");
        goto done;
    }
    b->undo = undo;
    if (tl_json_tree(a, rec->body, 0, &root, NULL, NULL) == 0 && tl_jv_text(root, "origin").n > 0) {
        b->undo[b->undo_n] = (struct undo){ tl_strdup(tl_jv_text(root, "origin")), rec->position };
        if (b->undo[b->undo_n++].origin == NULL)
            rc = tl_fail(b->err, TL_ENOMEM, "out of memory for the rebuild");
        b->again = true;
    }
done:
    tl_arena_free(&a);
    return rc;
}

static int
read_event(void *arg, struct weave *w, const struct tl_event *ev, uint64_t position, int64_t logged_ms, struct tl_err *err)
{
    struct rebuild *b = arg;
    struct tl_kept e;
    uint32_t home = 0;
    int rc = weave_identify(w, ev, position, logged_ms, &e, &home, err);

    b->events++;
    if (rc != 0)
        return rc < 0 ? rc : 0;
    w->who->id[home].events++;
    tl_buf_reset(&b->bytes);
    tl_rows_block_put(&b->bytes, &e, 1);
    rc = b->bytes.failed ? tl_fail(err, TL_ENOMEM, "out of memory for the rebuild") : spill_put(&b->stream, &home, sizeof home, b->bytes.data, b->bytes.len, err);
    return rc == 0 && b->events % TELL_EVENTS == 0 ? tell(b, "read", b->events) : rc;
}

static int
read_record(void *arg, const struct tl_logged *rec)
{
    struct rebuild *b = arg;
    int rc = 0;

    if (rec->control && tl_str_is(rec->kind, "undo"))
        rc = learn_undo(b, rec);
    else
        rc = rec->control ? weave_control(b->weave, rec, b->err) : follow_take(b->weave, rec, b->next, is_undone, b, read_event, b->err);
    b->next = rec->position + rec->n;
    return rc;
}

static void
drop_store(struct rebuild *b)
{
    weave_free(&b->weave);
    tl_store_w_discard(&b->store);
    spill_close(&b->stream);
}

static int
start_store(struct rebuild *b, struct tl_err *err)
{
    struct weave_rules rules = follow_rules(b->f);
    struct tl_store_head head;

    follow_head(b->f, &head);
    int rc = tl_store_w_make(&b->store, b->f->journeys, &head, err);
    if (rc != 0)
        return rc;
    b->weave = weave_new(&rules, b->store, false, err);
    b->next = 1;
    b->events = 0;
    b->again = false;
    spill_open(&b->stream, b->f->journeys, STREAM_BYTES);
    return b->weave != NULL ? tl_store_w_begin(b->store, err) : TL_ENOMEM;
}

/* A log without its first positions (retention) begins where it begins. */
static int
read_log(struct rebuild *b, struct tl_err *err)
{
    int rc = 0;

    do {
        drop_store(b);
        rc = start_store(b, err);
        if (rc == 0)
            rc = tl_eventlog_read(b->f->log, 1, read_record, b, err);
    } while (rc == 0 && b->again);
    return rc == 0 ? tell(b, "read", b->events) : rc;
}

/* ---- sort ---- */

static uint64_t
events_of(const struct identify *who, uint32_t person)
{
    uint64_t n = 0;

    for (uint32_t i = who->person[person].first; i != WHO_NONE; i = who->id[i].next)
        n += who->id[i].events;
    return n;
}

/* Customers were given their numbers as they came: index order is number order. */
static int
plan_buckets(struct rebuild *b, struct tl_err *err)
{
    const struct identify *who = b->weave->who;
    uint64_t most = b->events / (BUCKETS_MAX - 1) > BUCKET_EVENTS ? b->events / (BUCKETS_MAX - 1) : BUCKET_EVENTS, in_bucket = 0;

    b->last_person = tl_alloc(BUCKETS_MAX * sizeof *b->last_person);
    if (b->last_person == NULL)
        return tl_fail(err, TL_ENOMEM, "out of memory for the rebuild");
    b->bucket_n = 1;
    for (uint32_t p = 0; p < who->person_n; p++) {
        uint64_t n = events_of(who, p);
        if (in_bucket > 0 && in_bucket + n > most && b->bucket_n < BUCKETS_MAX) {
            b->bucket_n++;
            in_bucket = 0;
        }
        in_bucket += n;
        b->last_person[b->bucket_n - 1] = p;
    }
    return 0;
}

static uint32_t
bucket_of(const struct rebuild *b, uint32_t person)
{
    uint32_t low = 0, high = b->bucket_n - 1;

    while (low < high) {
        uint32_t mid = (low + high) / 2;
        if (b->last_person[mid] < person)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static int
deal_stream(struct rebuild *b, struct tl_err *err)
{
    struct spill_cur c;
    struct tl_str rec;
    int rc = plan_buckets(b, err);

    for (uint32_t i = 0; i < BUCKETS_MAX; i++)
        spill_open(&b->bucket[i], b->f->journeys, BUCKET_BUFFER_BYTES);
    if (rc == 0 && b->bucket_n == 1) {
        b->bucket[0] = b->stream;
        spill_open(&b->stream, b->f->journeys, STREAM_BYTES);
        return 0;
    }
    if (rc == 0)
        rc = spill_read(&c, &b->stream, err);
    while (rc == 0 && (rc = spill_next(&c, &rec, err)) > 0) {
        uint32_t home = 0;
        memcpy(&home, rec.p, sizeof home);
        rc = spill_put(&b->bucket[bucket_of(b, b->weave->who->id[home].person)], rec.p, rec.n, NULL, 0, err);
    }
    spill_done(&c);
    spill_close(&b->stream);
    return rc;
}

/* ---- write ---- */

struct bucket {
    struct tl_kept *event; uint32_t n, cap;
    uint32_t *home, home_cap;
    uint32_t *start;                /* by person of the bucket: into one */
    const struct tl_kept **one;
};

static int
load_bucket(struct rebuild *b, struct spill *s, struct bucket *k, struct tl_err *err)
{
    struct spill_cur c;
    struct tl_str rec;
    int rc = spill_read(&c, s, err);

    k->n = 0;
    while (rc == 0 && (rc = spill_next(&c, &rec, err)) > 0) {
        if (k->n == k->home_cap) {
            uint32_t cap = k->home_cap * 2 + 4096;
            uint32_t *home = tl_realloc(k->home, cap * sizeof *home);
            if (home == NULL) {
                rc = tl_fail(err, TL_ENOMEM, "out of memory for the rebuild");
                break;
            }
            k->home = home;
            k->home_cap = cap;
        }
        memcpy(&k->home[k->n], rec.p, sizeof k->home[0]);
        rc = tl_rows_block_get((struct tl_str){ rec.p + 4, rec.n - 4 }, &k->event, &k->n, &k->cap);
    }
    spill_done(&c);
    spill_close(s);
    (void)b;
    return rc;
}

/* Counting sort by customer; the stream is in log order and stays so. */
static int
sort_bucket(const struct identify *who, struct bucket *k, uint32_t from, uint32_t persons, struct tl_err *err)
{
    k->start = tl_alloc((persons + 2) * sizeof *k->start);
    k->one = tl_alloc((k->n + 1) * sizeof *k->one);
    if (k->start == NULL || k->one == NULL)
        return tl_fail(err, TL_ENOMEM, "out of memory for the rebuild");
    for (uint32_t i = 0; i < k->n; i++)
        k->start[who->id[k->home[i]].person - from + 2]++;
    for (uint32_t p = 0; p < persons; p++)
        k->start[p + 2] += k->start[p + 1];
    for (uint32_t i = 0; i < k->n; i++)
        k->one[k->start[who->id[k->home[i]].person - from + 1]++] = &k->event[i];
    return 0;
}

static int
write_persons(struct rebuild *b, struct bucket *k, uint32_t from, uint32_t persons, uint64_t *done, struct tl_err *err)
{
    struct weave *w = b->weave;
    int rc = 0;

    for (uint32_t p = 0; rc == 0 && p < persons; p++) {
        if (w->who->person[from + p].gone)
            continue;
        rc = weave_identities(w, from + p, err);
        for (uint32_t i = k->start[p]; i < k->start[p + 1]; i++)
            k->event[k->one[i] - k->event].home = w->who->id[k->home[k->one[i] - k->event]].place;
        if (rc == 0)
            rc = weave_customer(w, from + p, k->one + k->start[p], k->start[p + 1] - k->start[p], NULL, 0, false, err);
        tl_store_w_head(b->store)->customers++;
        *done += k->start[p + 1] - k->start[p];
        if (rc == 0 && (p & 8191) == 8191)
            rc = tell(b, "write", *done);
    }
    return rc;
}

static int
write_bucket(struct rebuild *b, uint32_t i, uint64_t *done, struct tl_err *err)
{
    struct bucket k = {0};
    uint32_t from = i == 0 ? 0 : b->last_person[i - 1] + 1;
    uint32_t persons = b->weave->who->person_n == 0 ? 0 : b->last_person[i] + 1 - from;
    int rc = load_bucket(b, &b->bucket[i], &k, err);

    if (rc == 0)
        rc = sort_bucket(b->weave->who, &k, from, persons, err);
    if (rc == 0)
        rc = write_persons(b, &k, from, persons, done, err);
    tl_free(k.event);
    tl_free(k.home);
    tl_free(k.start);
    tl_free(k.one);
    if (rc == 0)
        rc = tl_store_w_commit(b->store, err);
    if (rc == 0)
        rc = tl_store_w_begin(b->store, err);
    return rc == 0 ? tell(b, "write", *done) : rc;
}

static int
sort_row(void *arg, const uint8_t key[TL_JOURNEY_KEY_BYTES], struct tl_str row, uint64_t hash, struct tl_err *err)
{
    struct rebuild *b = arg;
    struct tl_journey j;

    tl_rows_journey_key_read((struct tl_str){ (const char *)key, TL_JOURNEY_KEY_BYTES }, &j);
    int rc = tl_store_w_day(b->store, j.type, j.day, hash, 1, err);
    return rc == 0 ? rowsort_put(b->rows, key, row, err) : rc;
}

static int
append_row(void *arg, const uint8_t *key, struct tl_str row, struct tl_err *err)
{
    struct rebuild *b = arg;
    int rc = tl_store_w_row_append(b->store, key, row, err);

    if (rc != 0 || ++b->appended % ROWS_COMMIT != 0)
        return rc;
    rc = tl_store_w_commit(b->store, err);
    return rc == 0 ? tl_store_w_begin(b->store, err) : rc;
}

static int
write_store(struct rebuild *b, struct tl_err *err)
{
    uint64_t done = 0;
    int rc = 0;

    b->rows = rowsort_new(b->f->journeys);
    if (b->rows == NULL)
        return tl_fail(err, TL_ENOMEM, "out of memory for the rebuild");
    b->weave->row_out = sort_row;
    b->weave->row_arg = b;
    tl_store_w_bulk(b->store, true);
    for (uint32_t i = 0; rc == 0 && i < b->bucket_n; i++)
        rc = write_bucket(b, i, &done, err);
    if (rc == 0)
        rc = rowsort_each(b->rows, append_row, b, err);
    if (rc == 0)
        rc = weave_idents(b->weave, err);
    if (rc != 0)
        return rc;
    tl_store_w_bulk(b->store, false);
    tl_store_w_head(b->store)->position = b->next;
    return tl_store_w_commit(b->store, err);
}

/* ---- the whole ---- */

static int
check_disk(struct follow *f, struct tl_err *err)
{
    uint64_t live = f->store != NULL ? tl_store_w_bytes(f->store) : 0, events = tl_eventlog_end(f->log);
    uint64_t want = live > events * 60 ? live * 2 : events * 120;
    int64_t have = tl_io_posix()->free_bytes(tl_io_posix(), f->journeys);

    if (have >= 0 && (uint64_t)have < want)
        return tl_fail(err, TL_ENOSPC, "a rebuild needs about %llu MB of disk, %llu MB are free", (unsigned long long)(want >> 20), (unsigned long long)(have >> 20));
    return 0;
}

/* What came in meanwhile, in ordinary rounds, until the store is as good as level. */
static int
catch_up(struct rebuild *b, struct tl_err *err)
{
    const struct follow_limits limits = {0};
    struct weave_rules rules = follow_rules(b->f);
    int64_t taken = 0;

    weave_free(&b->weave);
    b->weave = weave_new(&rules, b->store, true, err);
    if (b->weave == NULL)
        return TL_ENOMEM;
    do
        taken = follow_one(b->f, b->weave, &limits, err);
    while (taken > 1000);
    weave_free(&b->weave);
    return taken < 0 ? (int)taken : 0;
}

static void
free_rebuild(struct rebuild *b)
{
    weave_free(&b->weave);
    tl_store_w_discard(&b->store);
    spill_close(&b->stream);
    for (uint32_t i = 0; b->last_person != NULL && i < BUCKETS_MAX; i++)
        spill_close(&b->bucket[i]);
    for (uint32_t i = 0; i < b->undo_n; i++)
        tl_free(b->undo[i].origin);
    tl_free(b->undo);
    tl_free(b->last_person);
    rowsort_free(&b->rows);
    tl_buf_free(&b->bytes);
    tl_free(b);
}

static int
build(struct rebuild *b, struct tl_err *err)
{
    struct follow *f = b->f;
    int rc = read_log(b, err);

    if (rc == 0)
        rc = deal_stream(b, err);
    if (rc == 0)
        rc = write_store(b, err);
    if (rc != 0)
        return rc;
    tl_count_add(A_EVENTS_SUPPRESSED, (int64_t)b->weave->counts.suppressed);
    f->undone = f->split_lossy = f->damaged = false;    /* what was met is in; what is met from here on is not */
    return catch_up(b, err);
}

static int
swing(struct rebuild *b, struct tl_err *err)
{
    follow_close_live(b->f);
    int rc = tl_store_w_swing(&b->store, err);
    int opened = follow_open_live(b->f, rc == 0 ? err : NULL);
    return rc != 0 ? rc : opened;
}

/* Today's catalogue is read again: the live store goes on by the old one until the swing. */
int
follow_rebuild(struct follow *f, follow_progress progress, void *arg, struct tl_err *err)
{
    struct rebuild *b = tl_alloc(sizeof *b);
    struct tl_catalogue *before = f->catalogue, *now = NULL;
    int rc = b != NULL ? check_disk(f, err) : tl_fail(err, TL_ENOMEM, "out of memory for the rebuild");

    if (rc == 0)
        rc = tl_catalogue_load(f->catalogue_dir, &now, err);
    if (rc != 0) {
        tl_free(b);
        return rc;
    }
    *b = (struct rebuild){ .f = f, .progress = progress, .progress_arg = arg, .err = err, .stream = { .fd = -1 }, .live_ok = follow_wants_rebuild(f) == NULL };
    f->catalogue = now;
    atomic_store(&f->rebuilding, true);
    rc = build(b, err);
    if (rc == 0)
        rc = swing(b, err);
    else
        f->catalogue = before;
    free_rebuild(b);
    tl_catalogue_free(f->catalogue == now ? &before : &now);
    atomic_store(&f->rebuilding, false);
    return rc;
}
