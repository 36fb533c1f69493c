/* tl_store_write_customers.c - identities, ties, profiles and event blocks, and what was refused: see tl_store_write.h. */
#include "tl_store_write_in.h"

static struct tl_str
view(const struct tl_buf *b)
{
    return (struct tl_str){ (const char *)b->data, b->len };
}

/* What stands in scratch, whole: half of it would be a value that nobody can read. */
static int
put_scratch(struct tl_store_w *w, int db, struct tl_str key, int flags, struct tl_err *err)
{
    if (w->scratch.failed)
        return tl_fail(err, TL_ENOMEM, "out of memory for the journeys store");
    return tl_db_put(w->txn.t, db, key, view(&w->scratch), flags, err);
}

int
tl_store_w_ident(struct tl_store_w *w, const uint8_t hash[16], uint64_t *number, struct tl_err *err)
{
    struct tl_str v;
    int rc = tl_db_get(w->txn.t, DB_IDENT, (struct tl_str){ (const char *)hash, 16 }, &v, NULL);

    if (rc == TL_ENOTFOUND)
        return rc;
    struct tl_cur c = tl_cur_of(v.p, rc == 0 ? v.n : 0);
    *number = tl_cur_varint(&c);
    return rc == 0 && !c.bad ? 0 : tl_fail(err, rc != 0 ? rc : TL_ECORRUPT, "the index of identities cannot be read: run touchline rebuild");
}

int
tl_store_w_ident_put(struct tl_store_w *w, const uint8_t hash[16], uint64_t number, struct tl_err *err)
{
    tl_buf_reset(&w->scratch);
    tl_buf_put_varint(&w->scratch, number);
    return put_scratch(w, DB_IDENT, (struct tl_str){ (const char *)hash, 16 }, w->bulk ? TL_DB_APPEND : 0, err);
}

/* ---- customers ---- */

int
tl_store_w_profile(struct tl_store_w *w, uint64_t customer, struct tl_arena *a, struct tl_profile *p, struct tl_err *err)
{
    struct cust_key k;
    struct tl_str v;
    int rc = tl_db_get(w->txn.t, DB_CUST, tl_store_cust_key(&k, customer, 0), &v, NULL);

    if (rc == TL_ENOTFOUND)
        return rc;
    if (rc == 0)
        rc = tl_profile_get(v, a, p);
    return rc != 0 ? tl_fail(err, rc, "a customer's profile cannot be read: run touchline rebuild") : 0;
}

int
tl_store_w_profile_put(struct tl_store_w *w, uint64_t customer, const struct tl_profile *p, struct tl_err *err)
{
    struct cust_key k;

    tl_buf_reset(&w->scratch);
    tl_profile_put(&w->scratch, p);
    return put_scratch(w, DB_CUST, tl_store_cust_key(&k, customer, 0), w->bulk ? TL_DB_APPEND : 0, err);
}

void
tl_store_kept_free(struct tl_store_kept *k)
{
    tl_free(k->event);
    tl_free(k->block);
    memset(k, 0, sizeof *k);
}

static bool
note_block(struct tl_store_kept *k)
{
    if (k->block_n == k->block_cap) {
        uint32_t cap = k->block_cap * 2 + 16;
        uint32_t *block = tl_realloc(k->block, cap * sizeof *block);
        if (block == NULL)
            return false;
        k->block = block;
        k->block_cap = cap;
    }
    k->block[k->block_n++] = k->n;
    return true;
}

int
tl_store_w_events(struct tl_store_w *w, uint64_t customer, struct tl_store_kept *k, struct tl_err *err)
{
    struct tl_db_cursor *c = NULL;
    struct cust_key key;
    struct tl_str at = tl_store_cust_key(&key, customer, 1), kk, v;
    int rc = tl_db_cursor_open(w->txn.t, DB_CUST, &c, err);

    if (rc != 0)
        return rc;
    rc = tl_db_seek(c, at, &kk, &v, NULL);
    while (rc == 0 && kk.n == sizeof key.b && memcmp(kk.p, key.b, 8) == 0) {
        rc = note_block(k) ? tl_rows_block_get(v, &k->event, &k->n, &k->cap) : TL_ENOMEM;
        if (rc == 0)
            rc = tl_db_next(c, &kk, &v, NULL);
    }
    tl_db_cursor_close(&c);
    return rc == 0 || rc == TL_ENOTFOUND ? 0 : tl_fail(err, rc, "a customer's events cannot be read: run touchline rebuild");
}

int
tl_store_w_events_put(struct tl_store_w *w, uint64_t customer, const struct tl_kept *event, uint32_t n, uint32_t same, const uint32_t *old_block, uint32_t old_block_n,
                      struct tl_err *err)
{
    struct cust_key k;
    uint32_t block = 0, i = 0;
    int rc = 0;

    /* a block is as before when all it holds and the event that did not fit are as before */
    while (block + 1 < old_block_n && old_block[block + 1] < same)
        i = old_block[++block];
    for (; rc == 0 && i < n; block++) {
        tl_buf_reset(&w->scratch);
        i += tl_rows_block_put(&w->scratch, event + i, n - i);
        rc = put_scratch(w, DB_CUST, tl_store_cust_key(&k, customer, block + 1), w->bulk ? TL_DB_APPEND : 0, err);
    }
    for (; rc == 0 && block < old_block_n; block++)
        rc = tl_db_del(w->txn.t, DB_CUST, tl_store_cust_key(&k, customer, block + 1), err);
    return rc;
}

int
tl_store_w_customer_del(struct tl_store_w *w, uint64_t customer, struct tl_err *err)
{
    struct cust_key k;
    struct tl_str v;
    int rc = tl_db_del(w->txn.t, DB_CUST, tl_store_cust_key(&k, customer, 0), err);

    for (uint32_t block = 1; rc == 0; block++) {
        int there = tl_db_get(w->txn.t, DB_CUST, tl_store_cust_key(&k, customer, block), &v, NULL);
        if (there == TL_ENOTFOUND)
            return 0;
        if (there != 0 && there != TL_ECORRUPT)
            return tl_fail(err, there, "a customer's events cannot be read: run touchline rebuild");
        rc = tl_db_del(w->txn.t, DB_CUST, tl_store_cust_key(&k, customer, block), err);
    }
    return rc;
}

/* ---- refused ---- */

int
tl_store_w_refuse(struct tl_store_w *w, uint64_t id_hash, uint64_t slice_hash, enum tl_reason reason, uint64_t position, struct tl_err *err)
{
    uint8_t key[16];
    struct tl_str k = { (char *)key, sizeof key }, v;

    for (int i = 0; i < 8; i++) {
        key[i] = (uint8_t)(id_hash >> (56 - 8 * i));
        key[8 + i] = (uint8_t)(slice_hash >> (56 - 8 * i));
    }
    int before_rc = tl_db_get(w->txn.t, DB_REFUSED, k, &v, NULL);
    if (before_rc != 0 && before_rc != TL_ENOTFOUND)
        return tl_fail(err, before_rc, "what was refused cannot be read: run touchline rebuild");
    bool known = before_rc == 0;
    if (known) {
        struct tl_cur c = tl_cur_of(v.p, v.n);
        tl_cur_u8(&c);
        uint64_t before = tl_cur_varint(&c);
        position = before < position ? before : position;   /* the earliest copy stands for all */
    }
    tl_buf_reset(&w->scratch);
    tl_buf_put_u8(&w->scratch, (uint8_t)reason);
    tl_buf_put_varint(&w->scratch, position);
    int rc = put_scratch(w, DB_REFUSED, k, 0, err);
    return rc != 0 ? rc : known;
}
