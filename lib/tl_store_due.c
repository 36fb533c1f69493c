/* tl_store_due.c - db `due` of journeys/, see tl_due.h. Three kinds of keys, numbers big-endian:
 *
 *   i id u64                   -> what tl_due_put writes
 *   t at u64 (sign flipped), id u64 -> u8 0: by time
 *   c customer u64, id u64     -> u8 0: by customer
 *
 * A moment that goes from one customer to another in one transaction is written by the one who gets it and left alone by the one who had it, in whichever order
 * the two come. Ids that a commit wrote or removed wait in memory until the alerter has looked at them. */
#include <stdatomic.h>
#include <stdlib.h>

#include "tl_due.h"
#include "tl_store_write_in.h"

struct due_key { uint8_t b[17]; };

static void
put_be64(uint8_t *p, uint64_t v)
{
    for (int i = 0; i < 8; i++)
        p[i] = (uint8_t)(v >> (56 - 8 * i));
}

static struct tl_str
id_key(struct due_key *k, uint64_t id)
{
    k->b[0] = 'i';
    put_be64(k->b + 1, id);
    return (struct tl_str){ (const char *)k->b, 9 };
}

static struct tl_str
two_key(struct due_key *k, char kind, uint64_t a, uint64_t id)
{
    k->b[0] = (uint8_t)kind;
    put_be64(k->b + 1, a);
    put_be64(k->b + 9, id);
    return (struct tl_str){ (const char *)k->b, sizeof k->b };
}

static struct tl_str
time_key(struct due_key *k, int64_t at_ms, uint64_t id)
{
    return two_key(k, 't', (uint64_t)at_ms ^ UINT64_C(1) << 63, id);
}

static uint64_t
id_of(struct tl_str key)
{
    struct tl_cur c = tl_cur_of(key.p + 9, key.n - 9);
    return tl_cur_be64(&c);
}

/* ---- what the alerter is told ---- */

static int
touch(struct tl_store_w *w, uint64_t id, struct tl_err *err)
{
    struct due_touched *t = &w->due;

    if (t->all || w->bulk)
        return 0;
    if (t->n == TL_DUE_TOUCHED_MAX) {
        t->all = true;
        return 0;
    }
    if (t->n == t->cap) {
        uint32_t cap = t->cap * 2 + 64;
        uint64_t *list = tl_realloc(t->id, cap * sizeof *list);
        if (list == NULL)
            return tl_fail(err, TL_ENOMEM, "out of memory for due moments");
        t->id = list;
        t->cap = cap;
    }
    t->id[t->n++] = id;
    return 0;
}

uint64_t
tl_store_w_serial(const struct tl_store_w *w)
{
    return w->due.serial;
}

void
tl_store_w_due_opened(struct tl_store_w *w)
{
    static _Atomic uint64_t serials;
    w->due.serial = atomic_fetch_add(&serials, 1) + 1;
}

void
tl_store_w_due_kept(struct tl_store_w *w, bool committed)
{
    struct due_touched *t = &w->due;

    if (committed)
        t->committed = t->n;
    else
        t->n = t->committed;
}

const uint64_t *
tl_store_w_due_touched(const struct tl_store_w *w, uint32_t *n, bool *all)
{
    *n = w->due.committed;
    *all = w->due.all;
    return w->due.id;
}

void
tl_store_w_due_told(struct tl_store_w *w)
{
    w->due.n = w->due.committed = 0;
    w->due.all = false;
}

/* ---- writing ---- */

static int
unreadable(int rc, struct tl_err *err)
{
    return tl_fail(err, rc, "due moments cannot be read: run touchline rebuild");
}

static int
put_small(struct tl_store_w *w, struct tl_str key, struct tl_err *err)
{
    return tl_db_put(w->txn.t, DB_DUE, key, (struct tl_str){ "", 1 }, 0, err);
}

/* stored: its bytes as they stand, or NULL */
static int
put_one(struct tl_store_w *w, const struct tl_due *d, const struct tl_str *stored, struct tl_err *err)
{
    struct due_key k;
    struct tl_due was;
    int rc = 0;

    tl_buf_reset(&w->scratch);
    tl_due_put(&w->scratch, d);
    if (w->scratch.failed)
        return tl_fail(err, TL_ENOMEM, "out of memory for due moments");
    if (stored != NULL && stored->n == w->scratch.len && memcmp(stored->p, w->scratch.data, stored->n) == 0)
        return 0;
    if (stored != NULL && tl_due_get(d->id, *stored, &was) == 0 && was.at_ms != d->at_ms)
        rc = tl_db_del(w->txn.t, DB_DUE, time_key(&k, was.at_ms, d->id), err);
    if (rc == 0)
        rc = touch(w, d->id, err);
    if (rc == 0)
        rc = tl_db_put(w->txn.t, DB_DUE, id_key(&k, d->id), (struct tl_str){ (char *)w->scratch.data, w->scratch.len }, 0, err);
    if (rc == 0)
        rc = put_small(w, time_key(&k, d->at_ms, d->id), err);
    return rc != 0 ? rc : put_small(w, two_key(&k, 'c', d->customer, d->id), err);
}

static int
drop_one(struct tl_store_w *w, uint64_t customer, uint64_t id, struct tl_err *err)
{
    struct due_key k;
    struct tl_due was;
    struct tl_str v;
    int rc = tl_db_del(w->txn.t, DB_DUE, two_key(&k, 'c', customer, id), err);

    if (rc != 0)
        return rc;
    rc = tl_db_get(w->txn.t, DB_DUE, id_key(&k, id), &v, NULL);
    if (rc == TL_ENOTFOUND)
        return 0;
    if (rc == 0)
        rc = tl_due_get(id, v, &was);
    if (rc != 0)
        return unreadable(rc, err);
    if (was.customer != customer)
        return 0;
    rc = touch(w, id, err);
    if (rc == 0)
        rc = tl_db_del(w->txn.t, DB_DUE, time_key(&k, was.at_ms, id), err);
    return rc != 0 ? rc : tl_db_del(w->txn.t, DB_DUE, id_key(&k, id), err);
}

static int
list_stored(struct tl_store_w *w, uint64_t customer, uint32_t *n, struct tl_err *err)
{
    struct tl_db_cursor *c = NULL;
    struct due_key key;
    struct tl_str at = two_key(&key, 'c', customer, 0), k, v;
    int rc = tl_db_cursor_open(w->txn.t, DB_DUE, &c, err);

    *n = 0;
    if (rc != 0)
        return rc;
    for (rc = tl_db_seek(c, at, &k, &v, NULL); rc == 0 && k.n == at.n && memcmp(k.p, at.p, 9) == 0; rc = tl_db_next(c, &k, &v, NULL)) {
        if (*n == w->due.stored_cap) {
            uint32_t cap = *n * 2 + 64;
            uint64_t *list = tl_realloc(w->due.stored, cap * sizeof *list);
            if (list == NULL) {
                rc = TL_ENOMEM;
                break;
            }
            w->due.stored = list;
            w->due.stored_cap = cap;
        }
        w->due.stored[(*n)++] = id_of(k);
    }
    tl_db_cursor_close(&c);
    return rc == 0 || rc == TL_ENOTFOUND ? 0 : unreadable(rc, err);
}

int
tl_store_w_dues(struct tl_store_w *w, uint64_t customer, const struct tl_due *d, uint32_t n, struct tl_err *err)
{
    struct due_key k;
    struct tl_str v;
    uint32_t stored_n = 0, s = 0;
    int rc = w->bulk ? 0 : list_stored(w, customer, &stored_n, err);

    for (uint32_t i = 0; rc == 0 && i < n; i++) {
        for (; rc == 0 && s < stored_n && w->due.stored[s] < d[i].id; s++)
            rc = drop_one(w, customer, w->due.stored[s], err);
        s += s < stored_n && w->due.stored[s] == d[i].id;
        int known = rc != 0 || w->bulk ? TL_ENOTFOUND : tl_db_get(w->txn.t, DB_DUE, id_key(&k, d[i].id), &v, NULL);
        if (known != 0 && known != TL_ENOTFOUND)
            return unreadable(known, err);
        if (rc == 0)
            rc = put_one(w, &d[i], known == 0 ? &v : NULL, err);
    }
    for (; rc == 0 && s < stored_n; s++)
        rc = drop_one(w, customer, w->due.stored[s], err);
    return rc;
}

/* ---- reading what is committed ---- */

static int
get_one(struct tl_db_txn *t, uint64_t id, struct tl_due *out, struct tl_err *err)
{
    struct due_key k;
    struct tl_str v;
    int rc = tl_db_get(t, DB_DUE, id_key(&k, id), &v, NULL);

    if (rc == 0)
        rc = tl_due_get(id, v, out);
    return rc == 0 || rc == TL_ENOTFOUND ? rc : unreadable(rc, err);
}

int
tl_store_w_due(struct tl_store_w *w, uint64_t id, struct tl_due *out, struct tl_err *err)
{
    struct tl_db_txn *t = NULL;
    int rc = tl_db_begin(w->db, false, &t, err);

    if (rc == 0)
        rc = get_one(t, id, out, err);
    tl_db_abort(&t);
    return rc;
}

int
tl_store_w_due_window(struct tl_store_w *w, int64_t from_ms, int64_t to_ms, int (*each)(void *arg, const struct tl_due *d), void *arg, struct tl_err *err)
{
    struct tl_db_txn *t = NULL;
    struct tl_db_cursor *c = NULL;
    struct due_key from, to;
    struct tl_due d;
    struct tl_str k, v, last = time_key(&to, to_ms, UINT64_MAX);
    int rc = from_ms < to_ms ? tl_db_begin(w->db, false, &t, err) : TL_ENOTFOUND;

    if (rc == 0)
        rc = tl_db_cursor_open(t, DB_DUE, &c, err);
    if (rc == 0)
        rc = tl_db_seek(c, time_key(&from, from_ms + 1, 0), &k, &v, err);
    while (rc == 0 && k.n == last.n && memcmp(k.p, last.p, k.n) <= 0) {
        rc = get_one(t, id_of(k), &d, err);
        if (rc == 0)
            rc = each(arg, &d);
        if (rc == 0)
            rc = tl_db_next(c, &k, &v, err);
    }
    tl_db_cursor_close(&c);
    tl_db_abort(&t);
    return rc == TL_ENOTFOUND || rc > 0 ? 0 : rc;
}

int
tl_store_w_read(struct tl_store_w *w, struct tl_store_txn **out, struct tl_err *err)
{
    struct tl_store_txn *t = tl_alloc(sizeof *t);
    int rc = t != NULL ? tl_db_begin(w->db, false, &t->t, err) : tl_fail(err, TL_ENOMEM, "out of memory");

    *out = rc == 0 ? t : NULL;
    if (rc != 0)
        tl_free(t);
    return rc;
}
