/* tl_store_prove.c - every value of the journeys store read once against its checksum: see tl_store.h. */
#include "tl_store_in.h"

#define PROVE_AT_ONCE 20000              /* values in one read transaction: a long one keeps the writer from using freed pages again */

struct place {
    int db;
    size_t n;                            /* of after; 0 before the first */
    uint8_t after[TL_WORD_KEY_MAX + 40]; /* the last key read */
};

/* Walking finds what searching may not: the way down to a page is proven by going it. */
static int
found(struct tl_store_txn *t, int db, struct tl_str k, struct tl_str v)
{
    struct tl_str same;
    int rc = tl_db_get(t->t, db, k, &same, NULL);
    return rc == TL_ENOTFOUND || (rc == 0 && same.p != v.p) ? TL_ECORRUPT : rc;
}

/* Values of one database behind p, up to at most *left; TL_ENOTFOUND at its end. */
static int
prove_some(struct tl_store_txn *t, struct place *p, uint64_t *left, struct tl_err *err)
{
    struct tl_db_cursor *c = NULL;
    struct tl_str last = { (const char *)p->after, p->n }, k, v;
    int rc = tl_db_cursor_open(t->t, p->db, &c, err);

    if (rc != 0)
        return rc;
    rc = tl_db_seek(c, last, &k, &v, err);
    if (rc == 0 && p->n > 0 && tl_str_cmp(k, last) == 0)
        rc = tl_db_next(c, &k, &v, err);
    for (; rc == 0; rc = tl_db_next(c, &k, &v, err)) {
        p->n = k.n < sizeof p->after ? k.n : sizeof p->after;
        memcpy(p->after, k.p, p->n);
        if ((rc = found(t, p->db, k, v)) != 0 || --*left == 0)
            break;
    }
    tl_db_cursor_close(&c);
    return rc;
}

int
tl_store_prove(struct tl_store *s, int (*each)(void *arg, uint64_t values), void *arg, struct tl_err *err)
{
    struct place p = {0};
    uint64_t values = 0;
    int rc = 0;

    while (rc == 0 && tl_store_dbs[p.db] != NULL) {
        struct tl_store_txn *t = NULL;
        uint64_t left = PROVE_AT_ONCE;
        rc = tl_store_begin(s, &t, err);
        if (rc != 0)
            return rc;
        rc = prove_some(t, &p, &left, err);
        tl_store_end(&t);
        values += PROVE_AT_ONCE - left;
        if (rc == TL_ENOTFOUND) {
            p = (struct place){ .db = p.db + 1 };
            rc = 0;
        } else if (rc != 0) {
            return tl_fail(err, rc, "a value of `%s` cannot be read", tl_store_dbs[p.db]);
        }
        if (rc == 0 && each != NULL)
            rc = each(arg, values);
    }
    return rc;
}
