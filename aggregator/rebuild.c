/* rebuild.c - a store made from the whole log beside the live one, in bulk: see follow.h.
 *
 *   read:  the log in order -> numbers for words and customers, ties -> a stream (home identity, kept event)
 *   sort:  who a customer is now being known, the stream is dealt into buckets of neighbouring customers, each small enough for memory
 *   write: bucket by bucket, customer by customer: order, stitch, MDB_APPEND; rows are sorted into key order aside and appended last
 *
 * Memory: the table of identities, one bucket, one run of rows. The same numbers come out as in live rounds, since both are given in log order, and the
 * same bytes, since both end in weave_customer. An `undo` that is met late spoils what was read before it: reading starts again, knowing it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "rebuild_in.h"
#include "tl_count.h"
#include "tl_json.h"
#include "tl_port.h"
#include "tl_run.h"
#include "weave_visits.h"

#define TELL_EVENTS 65536u
#define LIVE_ROUND_MS 100
#define RETRY_US INT64_C(30000000)
#define OVERTAKEN_MAX 3         /* so often a rebuild makes way for a later activation before it is done */
#define LIVE_EVERY_US 500000

const struct rebuild_sizes rebuild_sizes = { .stream_bytes = 8u << 20, .run_bytes = 32u << 20, .bucket_events = 120000, .rows_commit = 200000 };

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
        follow_tell(b->f);
    b->live_us = tl_clock_real()->mono_us(tl_clock_real());
}

static bool
is_overtaken(const struct rebuild *b)
{
    return b->yields && b->live_ok && tl_store_w_head(b->f->store)->catalogue_due > b->version.at;
}

int
rebuild_tell(struct rebuild *b, const char *phase, uint64_t done)
{
    uint64_t total = strcmp(phase, "read") == 0 && b->end - 1 > b->events ? b->end - 1 : b->events;
    int rc = b->progress != NULL ? b->progress(b->progress_arg, phase, done, total) : 0;

    tl_count_set(A_REBUILD_DONE, (int64_t)done);
    tl_count_set(A_REBUILD_TOTAL, (int64_t)total);
    keep_live_in_step(b);
    if (rc == 0 && is_overtaken(b))
        return tl_fail(b->err, TL_EAGAIN, "a later activation takes its place");
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
    rc = tl_json_tree(a, rec->body, 0, &root, NULL, NULL);
    if (rc == TL_ENOMEM) {
        tl_fail(b->err, rc, "out of memory for the rebuild");
        goto done;
    }
    rc = 0;
    if (tl_jv_text(root, "origin").n > 0) {
        b->undo[b->undo_n] = (struct undo){ tl_strdup(tl_jv_text(root, "origin")), rec->position };
        if (b->undo[b->undo_n++].origin == NULL)
            rc = tl_fail(b->err, TL_ENOMEM, "out of memory for the rebuild");
        b->again = true;
    }
done:
    tl_arena_free(&a);
    return rc;
}

/* The store remembers what counts for nothing. */
static int
keep_undo(struct rebuild *b, const struct tl_logged *rec)
{
    int rc = 0;

    for (uint32_t i = 0; rc == 0 && i < b->undo_n; i++)
        if (b->undo[i].position == rec->position)
            rc = weave_undo(b->weave, rec, tl_str_of(b->undo[i].origin), b->err);
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
    w->counts.refused += rc > 0;
    if (rc != 0)
        return rc < 0 ? rc : 0;
    w->who->id[home].events++;
    tl_buf_reset(&b->bytes);
    tl_rows_block_put(&b->bytes, &e, 1);
    rc = b->bytes.failed ? tl_fail(err, TL_ENOMEM, "out of memory for the rebuild") : spill_put(&b->stream, &home, sizeof home, b->bytes.data, b->bytes.len, err);
    return rc == 0 && b->events % TELL_EVENTS == 0 ? rebuild_tell(b, "read", b->events) : rc;
}

static int
read_record(void *arg, const struct tl_logged *rec)
{
    struct rebuild *b = arg;
    int rc = 0;

    if (b->until > 0 && rec->position >= b->until)
        return 1;
    if (rec->control && tl_str_is(rec->kind, "undo")) {
        b->weave->counts.controls++;
        rc = learn_undo(b, rec);
        rc = rc == 0 ? keep_undo(b, rec) : rc;
    } else
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
    struct weave_rules rules = follow_rules(b->f, &b->version);
    struct tl_store_catalogue kept = version_kept(&b->version);
    struct tl_store_head head;

    follow_head(b->f, &b->version, &head);
    int rc = tl_store_w_make(&b->store, b->f->journeys, &head, err);
    if (rc != 0)
        return rc;
    rc = weave_new(&b->weave, &rules, b->store, false, err);
    b->next = 1;
    b->events = 0;
    b->again = false;
    spill_open(&b->stream, b->f->journeys, b->f->sizes.stream_bytes);
    for (uint32_t i = 0; rc == 0 && i < b->undo_n; i++)
        rc = weave_visits_undone(b->weave, tl_str_of(b->undo[i].origin), b->undo[i].position, err);
    rc = rc == 0 ? tl_store_w_begin(b->store, err) : rc;
    return rc == 0 ? tl_store_w_catalogue_put(b->store, &kept, err) : rc;
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
    return rc == 0 ? rebuild_tell(b, "read", b->events) : rc;
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
    struct weave_rules rules = follow_rules(b->f, &b->version);
    int64_t taken = 0;

    weave_free(&b->weave);
    int rc = weave_new(&b->weave, &rules, b->store, true, err);
    if (rc != 0)
        return rc;
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
    version_free(&b->version);
    tl_free(b);
}

static int
build(struct rebuild *b, struct tl_err *err)
{
    struct follow *f = b->f;
    int rc = read_log(b, err);

    if (rc == 0)
        rc = rebuild_sort(b, err);
    if (rc == 0)
        rc = rebuild_write(b, err);
    if (rc != 0)
        return rc;
    tl_count_add(A_EVENTS_SUPPRESSED, (int64_t)b->weave->counts.suppressed);
    f->undone = f->split_lossy = f->damaged = f->folder_changed = false;    /* what was met is in; what is met from here on is not */
    return b->until > 0 ? 0 : catch_up(b, err);
}

static int
swing(struct rebuild *b, struct tl_err *err)
{
    follow_close_live(b->f);
    int rc = tl_store_w_swing(&b->store, err);
    int opened = follow_open_live(b->f, rc == 0 ? err : NULL);
    return rc != 0 ? rc : opened;
}

static int
rebuild_once(struct follow *f, bool yields, follow_progress progress, void *arg, struct tl_err *err)
{
    struct rebuild *b = tl_alloc(sizeof *b);
    int rc = b != NULL ? check_disk(f, err) : tl_fail(err, TL_ENOMEM, "out of memory for the rebuild");

    if (rc == 0)
        rc = follow_version(f, &b->version, err);
    if (rc != 0) {
        tl_free(b);
        return rc;
    }
    struct version version = b->version;
    *b = (struct rebuild){ .f = f, .version = version, .yields = yields, .end = tl_eventlog_end(f->log), .progress = progress, .progress_arg = arg, .err = err,
                           .stream = { .fd = -1 }, .live_ok = follow_unfit(f) == NULL };
    const bool undone = f->undone, lossy = f->split_lossy, damaged = f->damaged, folder = f->folder_changed;
    rc = build(b, err);
    if (rc == 0)
        rc = swing(b, err);
    if (rc != 0) {      /* the live store is what it was */
        f->undone |= undone;
        f->split_lossy |= lossy;
        f->damaged |= damaged;
        f->folder_changed |= folder;
    }
    free_rebuild(b);
    return rc;
}

static void
note_trouble(struct follow *f, int rc, const struct tl_err *err)
{
    f->retry_us = tl_clock_real()->mono_us(tl_clock_real()) + RETRY_US;
    pthread_mutex_lock(&f->totals_mu);
    snprintf(f->told.trouble, sizeof f->told.trouble, "%s", err != NULL ? err->text : tl_err_name(rc));
    pthread_mutex_unlock(&f->totals_mu);
}

/* The live store goes on by its own catalogue until the swing. */
int
follow_rebuild(struct follow *f, follow_progress progress, void *arg, struct tl_err *err)
{
    int rc = TL_EAGAIN;

    atomic_store(&f->rebuilding, true);
    for (int tries = 0; rc == TL_EAGAIN; tries++)
        rc = rebuild_once(f, tries < OVERTAKEN_MAX, progress, arg, err);
    tl_count_set(A_REBUILD_DONE, 0);
    tl_count_set(A_REBUILD_TOTAL, 0);
    if (rc != 0 && rc != TL_EINTR)
        note_trouble(f, rc, err);
    atomic_store(&f->rebuilding, false);
    return rc;
}

/* ---- a store to look at ---- */

static int
scratch_begin(struct follow *f, const struct follow_scratch *s, struct version *v, struct tl_err *err)
{
    char path[PATH_MAX];
    int rc = tl_key_load(tl_run_path(path, s->dir, "keys/identity.key"), 0, f->key, err);

    if (rc == 0)
        rc = tl_zone_open(&f->zone, s->zone, err);
    f->region = tl_region_of(s->region);
    if (rc == 0 && f->region == NULL)
        rc = tl_fail(err, TL_ECONFIG, "identity.region: \"%.20s\" is no region known here; allowed: %s", s->region, tl_region_list());
    tl_run_path(f->journeys, s->dir, "journeys");
    if (rc == 0 && mkdir(f->journeys, 0700) != 0 && errno != EEXIST)
        rc = tl_fail(err, TL_EIO, "cannot make %s: %s", f->journeys, strerror(errno));
    if (rc == 0)
        rc = check_disk(f, err);
    return rc == 0 ? version_of_folder(v, tl_run_path(path, s->dir, "catalogue"), err) : rc;
}

int
follow_scratch(const struct follow_scratch *s, struct tl_eventlog *log, follow_progress progress, void *arg, struct tl_err *err)
{
    struct follow *f = tl_alloc(sizeof *f);
    struct rebuild *b = f != NULL ? tl_alloc(sizeof *b) : NULL;

    if (b == NULL) {
        tl_free(f);
        return tl_fail(err, TL_ENOMEM, "out of memory for the rebuild");
    }
    f->log = log;
    f->sizes = rebuild_sizes;
    *b = (struct rebuild){ .f = f, .until = s->until, .end = s->until, .progress = progress, .progress_arg = arg, .err = err, .stream = { .fd = -1 } };
    int rc = scratch_begin(f, s, &b->version, err);
    if (rc == 0)
        rc = build(b, err);
    if (rc == 0)
        rc = tl_store_w_swing(&b->store, err);
    free_rebuild(b);
    tl_zone_free(&f->zone);
    tl_free(f);
    return rc;
}
