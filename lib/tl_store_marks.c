/* tl_store_marks.c - watermarks in journeys/: db meta, key "mark NAME". See tl_store.h, tl_store_write.h.
 * Value: zigzag Unix ms up to which the source has told everything; zigzag newest receipt of a heartbeat. Both only grow, so no order bears on them. */
#include "tl_store_write_in.h"
#include "tl_time.h"

static const char prefix[] = "mark ";
enum { PREFIX_BYTES = sizeof prefix - 1, KEY_BYTES_MAX = PREFIX_BYTES + TL_WATERMARK_NAME_MAX };

static struct tl_str
key_of(struct tl_str name, char key[KEY_BYTES_MAX])
{
    size_t n = name.n < TL_WATERMARK_NAME_MAX ? name.n : TL_WATERMARK_NAME_MAX;

    memcpy(key, prefix, PREFIX_BYTES);
    if (n > 0)
        memcpy(key + PREFIX_BYTES, name.p, n);
    return (struct tl_str){ key, PREFIX_BYTES + n };
}

static int
get(struct tl_str k, struct tl_str v, struct tl_watermark *m)
{
    struct tl_cur c = tl_cur_of(v.p, v.n);

    m->name = (struct tl_str){ k.p + PREFIX_BYTES, k.n - PREFIX_BYTES };
    m->until_ms = tl_cur_zigzag(&c);
    m->heard_ms = tl_cur_zigzag(&c);
    return c.bad ? TL_ETRUNC : 0;
}

struct marks_walk {
    int (*each)(void *arg, const struct tl_watermark *m);
    void *arg;
};

static int
one_mark(void *arg, struct tl_str k, struct tl_str v)
{
    struct marks_walk *w = arg;
    struct tl_watermark m;
    int rc = get(k, v, &m);

    return rc != 0 ? rc : w->each(w->arg, &m);
}

int
tl_store_watermarks(struct tl_store_txn *t, int (*each)(void *arg, const struct tl_watermark *m), void *arg, struct tl_err *err)
{
    struct marks_walk w = { each, arg };
    struct tl_str from = { prefix, PREFIX_BYTES };
    return tl_store_walk(t, DB_META, from, from, one_mark, &w, err);
}

int
tl_store_watermark(struct tl_store_txn *t, struct tl_str name, struct tl_watermark *m)
{
    char key[KEY_BYTES_MAX];
    struct tl_str k = key_of(name, key), v;
    int rc = tl_db_get(t->t, DB_META, k, &v, NULL);

    *m = (struct tl_watermark){ name, TL_TIME_NONE, TL_TIME_NONE };
    if (rc != 0)
        return rc;
    rc = get(k, v, m);
    m->name = name;
    return rc;
}

int
tl_store_w_watermark_put(struct tl_store_w *w, const struct tl_watermark *told, struct tl_err *err)
{
    char key[KEY_BYTES_MAX];
    struct tl_watermark m;
    struct tl_buf b = {0};
    int rc = tl_store_watermark(&w->txn, told->name, &m);

    if (rc != 0 && rc != TL_ENOTFOUND)
        return tl_fail(err, rc, "a source's watermark cannot be read: run touchline rebuild");
    if (rc == 0 && told->until_ms <= m.until_ms && told->heard_ms <= m.heard_ms)
        return 0;
    if (rc == TL_ENOTFOUND && w->head.sources >= TL_WATERMARKS_MAX)
        return 1;
    w->head.sources += rc == TL_ENOTFOUND;
    tl_buf_put_zigzag(&b, told->until_ms > m.until_ms ? told->until_ms : m.until_ms);
    tl_buf_put_zigzag(&b, told->heard_ms > m.heard_ms ? told->heard_ms : m.heard_ms);
    rc = b.failed ? tl_fail(err, TL_ENOMEM, "out of memory") : tl_db_put(w->txn.t, DB_META, key_of(told->name, key), (struct tl_str){ (char *)b.data, b.len }, 0, err);
    tl_buf_free(&b);
    return rc;
}
