/* rebuild_write.c - sorting and writing of a rebuild: see rebuild.c. */
#include <stdlib.h>

#include "rebuild_in.h"
#include "weave_visits.h"

#define BUCKET_BUFFERS 64            /* as much memory as the stream that they are dealt from */

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
    uint64_t most = b->events / (BUCKETS_MAX - 1) > b->f->sizes.bucket_events ? b->events / (BUCKETS_MAX - 1) : b->f->sizes.bucket_events, in_bucket = 0;

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

int
rebuild_sort(struct rebuild *b, struct tl_err *err)
{
    struct spill_cur c = {0};
    struct tl_str rec;
    int rc = plan_buckets(b, err);

    for (uint32_t i = 0; i < BUCKETS_MAX; i++)
        spill_open(&b->bucket[i], b->f->journeys, b->f->sizes.stream_bytes / BUCKET_BUFFERS);
    if (rc == 0 && b->bucket_n == 1) {
        b->bucket[0] = b->stream;
        spill_open(&b->stream, b->f->journeys, b->f->sizes.stream_bytes);
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
        if ((rc = tl_rows_block_get((struct tl_str){ rec.p + 4, rec.n - 4 }, &k->event, &k->n, &k->cap)) != 0)
            tl_fail(err, rc, "reading events of the rebuild: %s", tl_err_name(rc));
    }
    spill_done(&c);
    spill_close(s);
    for (uint32_t i = 0; rc == 0 && i < k->n; i++)
        rc = weave_visits_mend(b->weave, &k->event[i], err);
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
            rc = rebuild_tell(b, "write", *done);
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
    return rc == 0 ? rebuild_tell(b, "write", *done) : rc;
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

    if (rc != 0 || ++b->appended % b->f->sizes.rows_commit != 0)
        return rc;
    rc = tl_store_w_commit(b->store, err);
    return rc == 0 ? tl_store_w_begin(b->store, err) : rc;
}

int
rebuild_write(struct rebuild *b, struct tl_err *err)
{
    uint64_t done = 0;
    int rc = 0;

    b->rows = rowsort_new(b->f->journeys, b->f->sizes.run_bytes);
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
    rc = weave_visits_flush(b->weave, err);
    if (rc != 0)
        return rc;
    tl_store_w_head(b->store)->position = b->next;
    weave_tally(b->weave);
    return tl_store_w_commit(b->store, err);
}
