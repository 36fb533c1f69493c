/* tl_store_spans.c - from when to when the events of each stretch of the log happened: db span. Lets a change of the visit register read little of the log. */
#include "tl_store_write_in.h"

static struct tl_str
span_key(struct dict_key *k, uint32_t stretch)
{
    for (int i = 0; i < 4; i++)
        k->b[i] = (uint8_t)(stretch >> (8 * (3 - i)));
    return (struct tl_str){ (const char *)k->b, 4 };
}

int
tl_store_w_span(struct tl_store_w *w, uint32_t stretch, struct tl_span *s, struct tl_err *err)
{
    struct dict_key k;
    struct tl_str v;
    int rc = tl_db_get(w->txn.t, DB_SPAN, span_key(&k, stretch), &v, NULL);

    if (rc == TL_ENOTFOUND)
        return rc;
    struct tl_cur c = tl_cur_of(v.p, rc == 0 ? v.n : 0);
    s->from_ms = tl_cur_zigzag(&c);
    s->to_ms = tl_cur_zigzag(&c);
    return rc == 0 && !c.bad ? 0 : tl_fail(err, rc != 0 ? rc : TL_ECORRUPT, "a value of the journeys store cannot be read: run touchline rebuild");
}

int
tl_store_w_span_put(struct tl_store_w *w, uint32_t stretch, struct tl_span add, struct tl_err *err)
{
    struct tl_span was = add;
    struct tl_buf b = {0};
    struct dict_key k;
    int rc = tl_store_w_span(w, stretch, &was, err);

    if (rc != 0 && rc != TL_ENOTFOUND)
        return rc;
    tl_buf_put_zigzag(&b, was.from_ms < add.from_ms ? was.from_ms : add.from_ms);
    tl_buf_put_zigzag(&b, was.to_ms > add.to_ms ? was.to_ms : add.to_ms);
    rc = b.failed ? tl_fail(err, TL_ENOMEM, "out of memory") : tl_db_put(w->txn.t, DB_SPAN, span_key(&k, stretch), (struct tl_str){ (char *)b.data, b.len }, 0, err);
    tl_buf_free(&b);
    return rc;
}
