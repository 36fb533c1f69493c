/* tl_store_ties.c - what people said of pairs of identities, for writer and readers: see tl_store.h. Value: schemas/store.md, db cut.
 *   u8 tie | varint position | varint n, the records before | the latest n of them, at most TL_TIE_TRAIL_MAX - 1: u8 tie | varint position */
#include "tl_store_write_in.h"

static void
put_trail(struct tl_buf *b, struct tl_str was)
{
    struct tl_cur c = tl_cur_of(was.p, was.n);
    uint8_t tie = tl_cur_u8(&c);
    uint64_t position = tl_cur_varint(&c), n = tl_cur_left(&c) > 0 ? tl_cur_varint(&c) : 0;

    if (c.bad || was.n == 0) {
        tl_buf_put_varint(b, 0);
        return;
    }
    tl_buf_put_varint(b, n + 1);
    tl_buf_put_u8(b, tie);
    tl_buf_put_varint(b, position);
    for (uint32_t i = 0; i < n && i < TL_TIE_TRAIL_MAX - 2; i++) {
        tie = tl_cur_u8(&c);
        tl_buf_put_u8(b, tie);
        tl_buf_put_varint(b, tl_cur_varint(&c));
    }
}

int
tl_store_w_tie_put(struct tl_store_w *w, const uint8_t a[16], const uint8_t b[16], enum tl_tie tie, uint64_t position, struct tl_err *err)
{
    uint8_t key[2][32];
    struct tl_str was = {0};

    for (int i = 0; i < 2; i++) {
        memcpy(key[i], i == 0 ? a : b, 16);
        memcpy(key[i] + 16, i == 0 ? b : a, 16);
    }
    int rc = tl_db_get(w->txn.t, DB_CUT, (struct tl_str){ (char *)key[0], 32 }, &was, NULL);
    if (rc != 0 && rc != TL_ENOTFOUND)
        return tl_fail(err, rc, "links of the journeys store cannot be read: run touchline rebuild");
    tl_buf_reset(&w->scratch);
    tl_buf_put_u8(&w->scratch, (uint8_t)tie);
    tl_buf_put_varint(&w->scratch, position);
    put_trail(&w->scratch, rc == 0 ? was : (struct tl_str){0});
    if (w->scratch.failed)
        return tl_fail(err, TL_ENOMEM, "out of memory for the journeys store");
    rc = 0;
    for (int i = 0; rc == 0 && i < 2; i++)
        rc = tl_db_put(w->txn.t, DB_CUT, (struct tl_str){ (char *)key[i], 32 }, (struct tl_str){ (const char *)w->scratch.data, w->scratch.len }, 0, err);
    return rc;
}

int
tl_store_w_ties(struct tl_store_w *w, int (*each)(void *arg, const uint8_t a[16], const uint8_t b[16], enum tl_tie tie, uint64_t position), void *arg, struct tl_err *err)
{
    struct tl_db_txn *t = NULL;
    struct tl_db_cursor *c = NULL;
    struct tl_str k, v;
    int rc = tl_db_begin(w->db, false, &t, err);

    if (rc == 0)
        rc = tl_db_cursor_open(t, DB_CUT, &c, err);
    if (rc == 0)
        rc = tl_db_seek(c, (struct tl_str){0}, &k, &v, NULL);
    while (rc == 0) {
        struct tl_cur vc = tl_cur_of(v.p, v.n);
        enum tl_tie tie = (enum tl_tie)tl_cur_u8(&vc);
        rc = k.n == 32 ? each(arg, (const uint8_t *)k.p, (const uint8_t *)k.p + 16, tie, tl_cur_varint(&vc)) : TL_ECORRUPT;
        if (rc == 0)
            rc = tl_db_next(c, &k, &v, NULL);
    }
    tl_db_cursor_close(&c);
    tl_db_abort(&t);
    return rc == TL_ENOTFOUND ? 0 : tl_fail(err, rc, "links of the journeys store cannot be read: run touchline rebuild");
}

/* ---- readers ---- */

struct said_walk {
    int (*each)(void *arg, const struct tl_store_said *s);
    void *arg;
};

static void
read_word(struct tl_cur *c, struct tl_store_said *s)
{
    s->tie = (enum tl_tie)tl_cur_u8(c);
    s->position = tl_cur_varint(c);
}

static int
one_pair(void *arg, struct tl_str k, struct tl_str v)
{
    struct said_walk *w = arg;
    struct tl_cur c = tl_cur_of(v.p, v.n);
    struct tl_store_said s = { .holds = true };

    if (k.n != 32)
        return TL_ECORRUPT;
    memcpy(s.other, k.p + 16, 16);
    read_word(&c, &s);
    uint64_t n = tl_cur_varint(&c), kept = n < TL_TIE_TRAIL_MAX - 1 ? n : TL_TIE_TRAIL_MAX - 1;
    if (c.bad)
        return TL_ECORRUPT;
    for (uint64_t i = 0;; i++) {
        s.earlier = i == kept ? n - kept : 0;
        int rc = w->each(w->arg, &s);
        if (rc != 0 || i == kept)
            return rc;
        read_word(&c, &s);
        s.holds = false;
        if (c.bad)
            return TL_ECORRUPT;
    }
}

int
tl_store_said(struct tl_store_txn *t, const uint8_t hash[16], int (*each)(void *arg, const struct tl_store_said *s), void *arg, struct tl_err *err)
{
    struct said_walk w = { each, arg };
    struct tl_str prefix = { (const char *)hash, 16 };

    return tl_store_walk(t, DB_CUT, prefix, prefix, one_pair, &w, err);
}

/* ---- identities that are everybody's ---- */

struct shared_walk {
    int (*each)(void *arg, const struct tl_store_shared *s);
    void *arg;
};

static int
one_shared(void *arg, struct tl_str k, struct tl_str v)
{
    struct shared_walk *w = arg;
    struct tl_cur c = tl_cur_of(v.p, v.n);
    struct tl_store_shared s;

    if (k.n != 32 || memcmp(k.p, k.p + 16, 16) != 0 || tl_cur_u8(&c) != TL_TIE_SHARED)
        return 0;
    memcpy(s.hash, k.p, 16);
    s.position = tl_cur_varint(&c);
    return c.bad ? TL_ECORRUPT : w->each(w->arg, &s);
}

int
tl_store_shared(struct tl_store_txn *t, int (*each)(void *arg, const struct tl_store_shared *s), void *arg, struct tl_err *err)
{
    struct shared_walk w = { each, arg };
    return tl_store_walk(t, DB_CUT, (struct tl_str){0}, (struct tl_str){ "", 0 }, one_shared, &w, err);
}

bool
tl_store_is_shared(struct tl_store_txn *t, const uint8_t hash[16])
{
    char key[32];
    struct tl_str v;

    memcpy(key, hash, 16);
    memcpy(key + 16, hash, 16);
    return tl_store_look(t, DB_CUT, (struct tl_str){ key, sizeof key }, &v) && v.n > 0 && v.p[0] == TL_TIE_SHARED;
}
