/* tl_eventlog_read - the log read back by position, in short transactions. */
#include "tl_eventlog_inside.h"

#include <inttypes.h>

#include "tl_zstd.h"

#define READ_TXN_ROWS 512               /* one read transaction holds at most so many rows ... */
#define READ_TXN_BYTES (8u << 20)       /* ... or payload bytes, so that old pages are soon free again */

/* seek_holding - the row that holds position, or the first one after it. */
static int
seek_holding(struct tl_db_cursor *c, uint64_t position, struct tl_str *k, struct tl_str *v, struct tl_eventlog_row *r, struct tl_err *err)
{
    struct tl_eventlog_key key;
    int rc = tl_db_seek(c, tl_eventlog_key(&key, position), k, v, err);
    if (rc < 0 && rc != TL_ENOTFOUND)
        return rc;
    if (rc < 0 || tl_eventlog_number(*k) > position) {
        rc = rc < 0 ? tl_db_last(c, k, v, err) : tl_db_prev(c, k, v, err);
        if (rc == TL_ENOTFOUND)
            rc = tl_db_seek(c, (struct tl_str){ NULL, 0 }, k, v, err);
    }
    if (rc == 0)
        rc = tl_eventlog_get_row(*v, r, err);
    if (rc == 0 && tl_eventlog_number(*k) + r->n <= position) {
        rc = tl_db_next(c, k, v, err);
        if (rc == 0)
            rc = tl_eventlog_get_row(*v, r, err);
    }
    return rc;
}

/* plain - the payload with its codec undone, in the row itself or in `unpacked`. */
static int
plain(const struct tl_eventlog_row *r, struct tl_buf *unpacked, struct tl_str *payload, struct tl_err *err)
{
    *payload = r->payload;
    if (r->codec == TL_CODEC_RAW)
        return 0;
    if (r->codec != TL_CODEC_ZSTD)
        return tl_fail(err, TL_EVERSION, "the log holds a batch of codec %d, unknown to this program", r->codec);
    tl_buf_reset(unpacked);
    int rc = tl_zstd_unpack(r->payload, TL_WIRE_RAW_MAX, unpacked, err);
    *payload = tl_eventlog_view(unpacked);
    return rc;
}

static int
get_control(void *arg, const struct tl_pack_member *m)
{
    struct tl_logged *rec = arg;
    if (tl_str_is(m->name, "kind"))
        rec->kind = m->text;
    else if (tl_str_is(m->name, "actor"))
        rec->actor = m->text;
    else if (tl_str_is(m->name, "time"))
        rec->time_ms = m->integer;
    else if (tl_str_is(m->name, "body"))
        rec->body = m->text;
    return 0;
}

static int
get_logged(uint64_t position, const struct tl_eventlog_row *r, struct tl_buf *unpacked, struct tl_logged *rec, struct tl_err *err)
{
    *rec = (struct tl_logged){ .position = position, .n = r->n, .logged_at_ms = r->logged_at_ms, .control = r->kind == ROW_CONTROL };
    if (!rec->control)
        return plain(r, unpacked, &rec->payload, err);
    int rc = tl_pack_read(r->payload, get_control, rec);
    if (rc == TL_ENOMEM)
        return tl_fail(err, rc, "out of memory reading the log");
    return rc ? tl_fail(err, TL_ECORRUPT, "the control record at %" PRIu64 " is damaged", position) : 0;
}

/* read_some - rows of one short transaction; *from moves on, *done is set when the caller or the log has ended. */
static int
read_some(struct tl_eventlog *l, uint64_t *from, struct tl_buf *unpacked, int (*each)(void *, const struct tl_logged *), void *arg, bool *done,
                     struct tl_err *err)
{
    struct tl_db_txn *t = NULL;
    struct tl_db_cursor *c = NULL;
    struct tl_str k, v;
    struct tl_eventlog_row r;
    struct tl_logged rec;
    size_t bytes = 0;
    int rc = tl_db_begin(l->db, false, &t, err);
    if (rc == 0)
        rc = tl_db_cursor_open(t, DB_BATCH, &c, err);
    if (rc == 0)
        rc = seek_holding(c, *from, &k, &v, &r, err);
    for (int i = 0; rc == 0 && !*done && i < READ_TXN_ROWS && bytes < READ_TXN_BYTES; i++) {
        rc = get_logged(tl_eventlog_number(k), &r, unpacked, &rec, err);
        if (rc < 0)
            break;
        *from = rec.position + rec.n;
        bytes += v.n;
        int said = each(arg, &rec);
        *done = said != 0;
        if (said) {
            rc = said < 0 ? said : 0;
            break;
        }
        rc = tl_db_next(c, &k, &v, err);
        if (rc == 0)
            rc = tl_eventlog_get_row(v, &r, err);
    }
    tl_db_cursor_close(&c);
    tl_db_abort(&t);
    return rc;
}

int
tl_eventlog_read(struct tl_eventlog *l, uint64_t from, int (*each)(void *arg, const struct tl_logged *rec), void *arg, struct tl_err *err)
{
    struct tl_buf unpacked = { 0 };
    bool done = false;
    int rc = 0;
    while (rc == 0 && !done)
        rc = read_some(l, &from, &unpacked, each, arg, &done, err);
    tl_buf_free(&unpacked);
    return rc == TL_ENOTFOUND && !done ? 0 : rc;       /* the end of the log; what the caller said is his */
}

/* nth_bytes - where the index-th event of a payload lies, without decoding those before it (tl_event.h: each begins with its length). */
static int
nth_bytes(struct tl_str payload, uint64_t index, struct tl_str *bytes)
{
    struct tl_cur c = tl_cur_of(payload.p, payload.n);
    int kind = 0;
    uint32_t n = 0;
    int rc = tl_wire_open(&c, &kind, &n);
    if (rc < 0 || kind != TL_KIND_EVENTS || index >= n)
        return TL_ENOTFOUND;
    const char *at = NULL;
    for (uint64_t i = 0; i <= index; i++) {
        at = (const char *)c.p;
        tl_cur_bytes(&c, tl_cur_varint(&c));
    }
    *bytes = (struct tl_str){ at, (size_t)((const char *)c.p - at) };
    return c.bad ? TL_ETRUNC : 0;
}

static int
event_in(struct tl_db_txn *t, uint64_t position, struct tl_buf *hold, struct tl_err *err)
{
    struct tl_db_cursor *c = NULL;
    struct tl_str k, v, payload, bytes;
    struct tl_buf unpacked = { 0 };
    struct tl_eventlog_row r;
    int rc = tl_db_cursor_open(t, DB_BATCH, &c, err);
    if (rc == 0)
        rc = seek_holding(c, position, &k, &v, &r, err);
    if (rc == 0 && (tl_eventlog_number(k) > position || r.kind != ROW_EVENTS))
        rc = TL_ENOTFOUND;
    if (rc == 0)
        rc = plain(&r, &unpacked, &payload, err);
    if (rc == 0)
        rc = nth_bytes(payload, position - tl_eventlog_number(k), &bytes);
    if (rc == 0) {
        tl_buf_reset(hold);
        tl_buf_put(hold, bytes.p, bytes.n);
        rc = hold->failed ? TL_ENOMEM : 0;
    }
    tl_buf_free(&unpacked);
    tl_db_cursor_close(&c);
    return rc;
}

int
tl_eventlog_event(struct tl_eventlog *l, uint64_t position, struct tl_buf *hold, struct tl_event *ev, struct tl_err *err)
{
    struct tl_db_txn *t = NULL;
    int rc = tl_db_begin(l->db, false, &t, err);
    if (rc == 0)
        rc = event_in(t, position, hold, err);
    tl_db_abort(&t);
    if (rc == 0) {
        struct tl_cur c = tl_cur_of(hold->data, hold->len);
        rc = tl_event_decode(&c, ev);
    }
    return rc ? tl_fail(err, rc, "no event can be read at position %" PRIu64, position) : 0;
}
