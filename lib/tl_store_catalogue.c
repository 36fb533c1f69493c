/* tl_store_catalogue.c - the catalogue that a store was made with, kept in it: meta `catalogue`. See tl_store.h, tl_store_write.h, schemas/store.md. */
#include "tl_store_write_in.h"

static const char catalogue_name[] = "catalogue";
enum { CATALOGUE_VERSION = 1 };

int
tl_store_catalogue(struct tl_store_txn *t, struct tl_store_catalogue *c, struct tl_err *err)
{
    struct tl_str v = {0};
    int rc = tl_db_get(t->t, DB_META, TL_STR(catalogue_name), &v, NULL);

    if (rc != 0)
        return tl_fail(err, rc, rc == TL_ENOTFOUND ? "the store keeps no catalogue" : "the store's catalogue cannot be read: run touchline rebuild");
    struct tl_cur cur = tl_cur_of(v.p, v.n);
    if (tl_cur_u8(&cur) != CATALOGUE_VERSION)
        return tl_fail(err, TL_EVERSION, "the store's catalogue has another format: run touchline rebuild");
    c->at = tl_cur_varint(&cur);
    c->time_ms = tl_cur_zigzag(&cur);
    c->actor = tl_cur_text(&cur);
    c->body = tl_cur_text(&cur);
    return cur.bad ? tl_fail(err, TL_ECORRUPT, "the store's catalogue cannot be read: run touchline rebuild") : 0;
}

int
tl_store_w_catalogue_put(struct tl_store_w *w, const struct tl_store_catalogue *c, struct tl_err *err)
{
    struct tl_buf b = {0};

    tl_buf_put_u8(&b, CATALOGUE_VERSION);
    tl_buf_put_varint(&b, c->at);
    tl_buf_put_zigzag(&b, c->time_ms);
    tl_buf_put_text(&b, c->actor);
    tl_buf_put_text(&b, c->body);
    int rc = b.failed ? tl_fail(err, TL_ENOMEM, "out of memory")
                      : tl_db_put(w->txn.t, DB_META, TL_STR(catalogue_name), (struct tl_str){ (char *)b.data, b.len }, 0, err);
    tl_buf_free(&b);
    if (rc == 0)
        w->head.catalogue_at = w->head.catalogue_due = c->at;
    return rc;
}
