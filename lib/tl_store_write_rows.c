/* tl_store_write_rows.c - journey rows and day revisions: they wait in memory until commit and then go out in key order, so that a round touches each
 * page once. A day's revision is the wrapping sum of its rows' hashes: a change needs the hash of the row before (kept in the customer's profile), no read. */
#include <stdlib.h>

#include "tl_hash.h"
#include "tl_store_write_in.h"

uint64_t
tl_store_row_hash(const uint8_t key[TL_JOURNEY_KEY_BYTES], struct tl_str row)
{
    static const uint8_t everyone[TL_KEY_BYTES] = "touchline: rows";
    uint64_t k = tl_hash64(everyone, key, TL_JOURNEY_KEY_BYTES), r = tl_hash64(everyone, row.p, row.n);
    return tl_mix64(k + UINT64_C(0x9E3779B97F4A7C15) * r);
}

static struct row_op *
new_row_op(struct tl_store_w *w, const uint8_t key[TL_JOURNEY_KEY_BYTES])
{
    if (w->row_n == w->row_cap) {
        uint32_t cap = w->row_cap * 2 + 256;
        struct row_op *row = tl_realloc(w->row, cap * sizeof *row);
        if (row == NULL)
            return NULL;
        w->row = row;
        w->row_cap = cap;
    }
    struct row_op *op = &w->row[w->row_n];
    memset(op, 0, sizeof *op);
    memcpy(op->key, key, sizeof op->key);
    op->order = w->row_n++;
    return op;
}

static int
row_op(struct tl_store_w *w, const uint8_t key[TL_JOURNEY_KEY_BYTES], const struct tl_str *row, uint64_t revision, int64_t journeys, struct tl_err *err)
{
    struct tl_journey j;
    struct row_op *op = new_row_op(w, key);

    if (op == NULL)
        return tl_fail(err, TL_ENOMEM, "out of memory for journey rows");
    if (row != NULL) {
        op->put = true;
        op->at = w->row_bytes.len;
        op->n = row->n;
        tl_buf_put(&w->row_bytes, row->p, row->n);
    }
    tl_rows_journey_key_read((struct tl_str){ (const char *)key, TL_JOURNEY_KEY_BYTES }, &j);
    return tl_store_w_day(w, j.type, j.day, revision, journeys, err);
}

int
tl_store_w_row_put(struct tl_store_w *w, const uint8_t key[TL_JOURNEY_KEY_BYTES], struct tl_str row, uint64_t hash, struct tl_err *err)
{
    return row_op(w, key, &row, hash, 1, err);
}

int
tl_store_w_row_del(struct tl_store_w *w, const uint8_t key[TL_JOURNEY_KEY_BYTES], uint64_t hash, struct tl_err *err)
{
    return row_op(w, key, NULL, 0 - hash, -1, err);
}

int
tl_store_w_row_replace(struct tl_store_w *w, const uint8_t key[TL_JOURNEY_KEY_BYTES], struct tl_str row, uint64_t was, uint64_t hash, struct tl_err *err)
{
    return row_op(w, key, &row, hash - was, 0, err);
}

int
tl_store_w_row_append(struct tl_store_w *w, const uint8_t key[TL_JOURNEY_KEY_BYTES], struct tl_str row, struct tl_err *err)
{
    return tl_db_put(w->txn.t, DB_JOURNEY, (struct tl_str){ (const char *)key, TL_JOURNEY_KEY_BYTES }, row, TL_DB_APPEND, err);
}

static uint32_t
day_slot(const struct tl_store_w *w, uint16_t type, int32_t day)
{
    uint32_t i = (uint32_t)tl_mix64((uint64_t)type << 32 | (uint32_t)day) & w->day_mask;

    while (w->day_slot[i] != 0 && (w->day[w->day_slot[i] - 1].type != type || w->day[w->day_slot[i] - 1].day != day))
        i = (i + 1) & w->day_mask;
    return i;
}

static bool
more_days(struct tl_store_w *w)
{
    uint32_t cap = w->day_cap * 2 + 512;
    uint32_t slots = 1024;
    while (slots < 2 * cap)
        slots *= 2;
    struct day_op *day = tl_realloc(w->day, cap * sizeof *day);
    w->day = day != NULL ? day : w->day;
    uint32_t *slot = day != NULL ? tl_alloc(slots * sizeof *slot) : NULL;
    if (slot == NULL)                   /* as it was: the next one that needs room tries again */
        return false;
    w->day_cap = cap;
    tl_free(w->day_slot);
    w->day_slot = slot;
    w->day_mask = slots - 1;
    for (uint32_t i = 0; i < w->day_n; i++)
        w->day_slot[day_slot(w, w->day[i].type, w->day[i].day)] = i + 1;
    return true;
}

int
tl_store_w_day(struct tl_store_w *w, uint16_t type, int32_t day, uint64_t revision, int64_t journeys, struct tl_err *err)
{
    if (w->day_n == w->day_cap && !more_days(w))
        return tl_fail(err, TL_ENOMEM, "out of memory for day revisions");
    uint32_t i = day_slot(w, type, day);
    if (w->day_slot[i] == 0) {
        w->day[w->day_n] = (struct day_op){ type, day, 0, 0 };
        w->day_slot[i] = ++w->day_n;
    }
    struct day_op *op = &w->day[w->day_slot[i] - 1];
    op->revision += revision;
    op->journeys += journeys;
    if (type == words_number(w->words, TL_STR("all")))
        w->head.journeys += (uint64_t)journeys;
    return 0;
}

/* ---- at commit ---- */

static int
by_key(const void *pa, const void *pb)
{
    const struct row_op *a = pa, *b = pb;
    int d = memcmp(a->key, b->key, sizeof a->key);
    return d != 0 ? d : a->order < b->order ? -1 : a->order > b->order;
}

static int
flush_rows(struct tl_store_w *w, struct tl_err *err)
{
    int rc = w->row_bytes.failed ? tl_fail(err, TL_ENOMEM, "out of memory for journey rows") : 0;

    if (w->row_n > 1)
        qsort(w->row, w->row_n, sizeof *w->row, by_key);
    for (uint32_t i = 0; rc == 0 && i < w->row_n; i++) {
        const struct row_op *op = &w->row[i];
        struct tl_str key = { (const char *)op->key, sizeof op->key };
        if (i + 1 < w->row_n && memcmp(op->key, w->row[i + 1].key, sizeof op->key) == 0)
            continue;
        rc = op->put ? tl_db_put(w->txn.t, DB_JOURNEY, key, (struct tl_str){ (char *)w->row_bytes.data + op->at, op->n }, 0, err)
                     : tl_db_del(w->txn.t, DB_JOURNEY, key, err);
    }
    return rc;
}

static int
by_day(const void *pa, const void *pb)
{
    const struct day_op *a = pa, *b = pb;
    return a->type != b->type ? (a->type < b->type ? -1 : 1) : a->day < b->day ? -1 : a->day > b->day;
}

static int
flush_day(struct tl_store_w *w, const struct day_op *op, struct tl_err *err)
{
    struct day_key k;
    struct tl_str key = tl_store_day_key(&k, op->type, op->day), v;
    uint64_t revision = 0;
    uint32_t journeys = 0;
    int rc = tl_db_get(w->txn.t, DB_DAYREV, key, &v, NULL);

    if (rc == 0)
        rc = tl_store_day_get(v, &revision, &journeys);
    if (rc != 0 && rc != TL_ENOTFOUND)
        return tl_fail(err, rc, "a day's revision cannot be read: run touchline rebuild");
    revision += op->revision;
    journeys = (uint32_t)(journeys + op->journeys);
    if (journeys == 0)
        return tl_db_del(w->txn.t, DB_DAYREV, key, err);
    struct tl_buf b = {0};
    tl_buf_put_le64(&b, revision);
    tl_buf_put_le32(&b, journeys);
    rc = b.failed ? tl_fail(err, TL_ENOMEM, "out of memory") : tl_db_put(w->txn.t, DB_DAYREV, key, (struct tl_str){ (char *)b.data, b.len }, 0, err);
    tl_buf_free(&b);
    return rc;
}

int
tl_store_w_flush(struct tl_store_w *w, struct tl_err *err)
{
    int rc = flush_rows(w, err);

    if (w->day_n > 1)
        qsort(w->day, w->day_n, sizeof *w->day, by_day);
    for (uint32_t i = 0; rc == 0 && i < w->day_n; i++)
        if (w->day[i].revision != 0 || w->day[i].journeys != 0)
            rc = flush_day(w, &w->day[i], err);
    return rc;
}

void
tl_store_w_forget(struct tl_store_w *w)
{
    w->row_n = 0;
    tl_buf_reset(&w->row_bytes);
    w->day_n = 0;
    if (w->day_slot != NULL)
        memset(w->day_slot, 0, (w->day_mask + 1) * sizeof *w->day_slot);
}
