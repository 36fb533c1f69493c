/* tl_eventlog_dlq - what was refused: numbered, within a budget of bytes, newest first when read. */
#include "tl_eventlog_inside.h"

int
tl_eventlog_dlq_state(struct tl_eventlog *l, struct tl_err *err)
{
    struct tl_db_cursor *c = NULL;
    struct tl_str k, v;
    l->dlq_next = 1;
    l->dlq_bytes = 0;
    int rc = tl_db_get(l->txn, DB_META, TL_STR("dlq"), &v, err);
    if (rc == 0) {
        struct tl_cur cur = tl_cur_of(v.p, v.n);
        l->dlq_bytes = tl_cur_le64(&cur);
        rc = tl_db_cursor_open(l->txn, DB_DLQ, &c, err);
        if (rc == 0)
            rc = tl_db_last(c, &k, &v, err);
        if (rc == 0)
            l->dlq_next = tl_eventlog_number(k) + 1;
        tl_db_cursor_close(&c);
    }
    return rc == TL_ENOTFOUND ? 0 : rc;
}

int
tl_eventlog_dlq_keep(struct tl_eventlog *l, struct tl_err *err)
{
    uint8_t v[8];
    for (int i = 0; i < 8; i++)
        v[i] = (uint8_t)(l->dlq_bytes >> (8 * i));
    return tl_db_put(l->txn, DB_META, TL_STR("dlq"), (struct tl_str){ (char *)v, sizeof v }, 0, err);
}

/* drop_oldest - keep the dlq within its budget; its newest item always stays. */
static int
drop_oldest(struct tl_eventlog *l, struct tl_err *err)
{
    struct tl_db_cursor *c = NULL;
    struct tl_str k, v;
    int rc = tl_db_cursor_open(l->txn, DB_DLQ, &c, err);
    if (rc == 0)
        rc = tl_db_seek(c, (struct tl_str){ NULL, 0 }, &k, &v, err);
    while (rc == 0 && l->dlq_bytes > TL_DLQ_BUDGET_BYTES && tl_eventlog_number(k) + 1 < l->dlq_next) {
        struct tl_eventlog_key key;
        uint64_t number = tl_eventlog_number(k);
        l->dlq_bytes -= v.n < l->dlq_bytes ? v.n : l->dlq_bytes;
        l->dropped_n++;
        rc = tl_db_del(l->txn, DB_DLQ, tl_eventlog_key(&key, number), err);
        if (rc == 0)
            rc = tl_db_next(c, &k, &v, err);
    }
    tl_db_cursor_close(&c);
    return rc == TL_ENOTFOUND ? 0 : rc;
}

/* Not tl_wire_put_refused: a poison batch is kept whole, and may be larger than one item on the wire. */
static void
put_refused(struct tl_buf *b, const struct tl_refused *r)
{
    tl_pack_map(b, 8);
    tl_pack_int(b, "received_at", r->received_at_ms);
    tl_pack_text(b, "origin", r->origin);
    tl_pack_text(b, "reason", r->reason);
    tl_pack_text(b, "field", r->field);
    tl_pack_text(b, "id", r->id);
    tl_pack_uint(b, "offset", r->offset);
    tl_pack_uint(b, "bytes_n", r->bytes_n);
    tl_pack_bytes(b, "bytes", r->bytes);
}

static int
get_member(void *arg, const struct tl_pack_member *m)
{
    struct tl_refused *r = arg;
    struct { const char *name; struct tl_str *text; } texts[] = {
        { "origin", &r->origin }, { "reason", &r->reason }, { "field", &r->field }, { "id", &r->id }, { "bytes", &r->bytes },
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (tl_str_is(m->name, texts[i].name))
            *texts[i].text = m->text;
    if (tl_str_is(m->name, "received_at"))
        r->received_at_ms = m->integer;
    else if (tl_str_is(m->name, "offset"))
        r->offset = (uint64_t)m->integer;
    else if (tl_str_is(m->name, "bytes_n"))
        r->bytes_n = (uint64_t)m->integer;
    return 0;
}

static int
get_refused(struct tl_str row, struct tl_refused *r)
{
    *r = (struct tl_refused){ 0 };
    if (row.n < 1)
        return TL_ECORRUPT;
    if (row.p[0] != ROW_VERSION)
        return TL_EVERSION;
    int rc = tl_pack_read((struct tl_str){ row.p + 1, row.n - 1 }, get_member, r);
    return rc && rc != TL_ENOMEM ? TL_ECORRUPT : rc;
}

int
tl_eventlog_refuse(struct tl_eventlog *l, const struct tl_refused *r, struct tl_err *err)
{
    tl_assert(l->txn);
    struct tl_eventlog_key k;
    int rc = l->dlq_next ? 0 : tl_eventlog_dlq_state(l, err);
    if (rc < 0)
        return rc;
    tl_buf_reset(&l->row);
    tl_buf_put_u8(&l->row, ROW_VERSION);
    put_refused(&l->row, r);
    if (l->row.failed)
        return tl_fail(err, TL_ENOMEM, "out of memory keeping a refused event");
    rc = tl_db_put(l->txn, DB_DLQ, tl_eventlog_key(&k, l->dlq_next), tl_eventlog_view(&l->row), TL_DB_APPEND, err);
    if (rc < 0)
        return rc;
    l->dlq_next++;
    l->dlq_bytes += l->row.len;
    l->dlq_touched = true;
    return l->dlq_bytes > TL_DLQ_BUDGET_BYTES ? drop_oldest(l, err) : 0;
}

static int
each_refused(struct tl_db_cursor *c, uint64_t before, int (*each)(void *, uint64_t, const struct tl_refused *), void *arg, struct tl_err *err)
{
    struct tl_eventlog_key key;
    struct tl_str k, v;
    int rc = TL_ENOTFOUND;
    if (before) {
        rc = tl_db_seek(c, tl_eventlog_key(&key, before), &k, &v, err);
        if (rc == 0)
            rc = tl_db_prev(c, &k, &v, err);
        else if (rc == TL_ENOTFOUND)
            rc = tl_db_last(c, &k, &v, err);
    } else {
        rc = tl_db_last(c, &k, &v, err);
    }
    while (rc == 0) {
        struct tl_refused r;
        if ((rc = get_refused(v, &r)) < 0)
            return tl_fail(err, rc, "a row of the dlq is damaged");
        int said = each(arg, tl_eventlog_number(k), &r);
        if (said)
            return said < 0 ? said : 0;
        rc = tl_db_prev(c, &k, &v, err);
    }
    return rc == TL_ENOTFOUND ? 0 : rc;
}

int
tl_eventlog_refused(struct tl_eventlog *l, uint64_t before, int (*each)(void *arg, uint64_t number, const struct tl_refused *r), void *arg, struct tl_err *err)
{
    struct tl_db_txn *t = NULL;
    struct tl_db_cursor *c = NULL;
    int rc = tl_db_begin(l->db, false, &t, err);
    if (rc == 0)
        rc = tl_db_cursor_open(t, DB_DLQ, &c, err);
    if (rc == 0)
        rc = each_refused(c, before, each, arg, err);
    tl_db_cursor_close(&c);
    tl_db_abort(&t);
    return rc;
}

uint64_t
tl_eventlog_refused_n(struct tl_eventlog *l)
{
    struct tl_db_txn *t = NULL;
    uint64_t n = 0;
    if (tl_db_begin(l->db, false, &t, NULL) == 0)
        tl_db_count(t, DB_DLQ, &n, NULL);
    tl_db_abort(&t);
    return n;
}

uint64_t
tl_eventlog_refused_total(struct tl_eventlog *l)
{
    struct tl_db_txn *t = NULL;
    struct tl_db_cursor *c = NULL;
    struct tl_str k, v;
    uint64_t n = 0;
    if (tl_db_begin(l->db, false, &t, NULL) == 0 && tl_db_cursor_open(t, DB_DLQ, &c, NULL) == 0 && tl_db_last(c, &k, &v, NULL) == 0)
        n = tl_eventlog_number(k);
    tl_db_cursor_close(&c);
    tl_db_abort(&t);
    return n;
}
