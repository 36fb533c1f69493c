/* tl_eventlog - the log in LMDB. Byte layout: schemas/store.md section 1.
 *
 * The end of the log is read from its last row, so no counter can disagree with the rows; retention keeps the last one for that. Appending is
 * MDB_APPEND at the right edge: pages fill completely and nothing is moved. Payloads stay as they came: packing them is sealing's work, off the path
 * of the acknowledgement. */
#include "tl_eventlog.h"

#include <inttypes.h>

#include "tl_count.h"
#include "tl_db.h"
#include "tl_port.h"
#include "tl_zstd.h"

#define FORMAT 1
#define ROW_VERSION 1
#define ROW_HEAD_BYTES 20
#define READ_TXN_ROWS 512               /* one read transaction holds at most so many rows ... */
#define READ_TXN_BYTES (8u << 20)       /* ... or payload bytes, so that old pages are soon free again */

enum { BATCH, HWM, DLQ, META };
static const char *const names[] = { "batch", "hwm", "dlq", "meta", NULL };
enum { ROW_EVENTS = 'E', ROW_CONTROL = 'C' };

struct tl_eventlog {
    struct tl_db *db;
    uint8_t id[16];
    struct tl_db_txn *txn;              /* the writer's, between begin and commit */
    uint64_t next;                      /* position and dlq number that the writer gives next */
    uint64_t dlq_next, dlq_bytes;
    bool dlq_touched;
    int64_t dropped_n;
    struct tl_buf row;
};

struct key8 {
    uint8_t b[8];
};

static struct tl_str
number_key(struct key8 *k, uint64_t n)
{
    for (int i = 0; i < 8; i++)
        k->b[i] = (uint8_t)(n >> (56 - 8 * i));
    return (struct tl_str){ (const char *)k->b, sizeof k->b };
}

static uint64_t
key_number(struct tl_str k)
{
    struct tl_cur c = tl_cur_of(k.p, k.n);
    return tl_cur_be64(&c);
}

static struct tl_str
view(const struct tl_buf *b)
{
    return (struct tl_str){ (const char *)b->data, b->len };
}

/* ---- rows ---- */

struct row {
    int kind, codec;
    uint32_t n, raw_len;
    int64_t logged_at_ms;
    struct tl_str payload;
};

static void
put_row_head(struct tl_buf *b, int kind, int codec, uint32_t n, int64_t logged_at_ms, uint32_t raw_len)
{
    tl_buf_reset(b);
    tl_buf_put_u8(b, ROW_VERSION);
    tl_buf_put_u8(b, (uint8_t)kind);
    tl_buf_put_u8(b, (uint8_t)codec);
    tl_buf_put_u8(b, 0);
    tl_buf_put_le32(b, n);
    tl_buf_put_le64(b, (uint64_t)logged_at_ms);
    tl_buf_put_le32(b, raw_len);
}

static int
get_row(struct tl_str v, struct row *r, struct tl_err *err)
{
    struct tl_cur c = tl_cur_of(v.p, v.n);
    int version = tl_cur_u8(&c);
    r->kind = tl_cur_u8(&c);
    r->codec = tl_cur_u8(&c);
    tl_cur_u8(&c);
    r->n = tl_cur_le32(&c);
    r->logged_at_ms = (int64_t)tl_cur_le64(&c);
    r->raw_len = tl_cur_le32(&c);
    r->payload = tl_cur_bytes(&c, tl_cur_left(&c));
    if (version != ROW_VERSION && !c.bad)
        return tl_fail(err, TL_EVERSION, "the log holds a row of version %d; this program knows %d", version, ROW_VERSION);
    if (c.bad || r->n == 0)
        return tl_fail(err, TL_ECORRUPT, "a row of the log is damaged");
    return 0;
}

/* end_in - the position after the last row, as t sees it. */
static int
end_in(struct tl_db_txn *t, uint64_t *end, struct tl_err *err)
{
    struct tl_db_cursor *c = NULL;
    struct tl_str k, v;
    struct row r;
    int rc = tl_db_cursor_open(t, BATCH, &c, err);
    if (rc == 0)
        rc = tl_db_last(c, &k, &v, err);
    if (rc == 0)
        rc = get_row(v, &r, err);
    if (rc == 0)
        *end = key_number(k) + r.n;
    if (rc == TL_ENOTFOUND) {
        *end = 1;
        rc = 0;
    }
    tl_db_cursor_close(&c);
    return rc;
}

/* ---- opening ---- */

static int
get_id(struct tl_eventlog *l, struct tl_db_txn *t, struct tl_err *err)
{
    struct tl_str v;
    int rc = tl_db_get(t, META, TL_STR("log"), &v, err);
    if (rc < 0)
        return rc;
    struct tl_cur c = tl_cur_of(v.p, v.n);
    int format = tl_cur_u8(&c);
    struct tl_str id = tl_cur_bytes(&c, sizeof l->id);
    if (c.bad)
        return tl_fail(err, TL_ECORRUPT, "the log's own name is damaged");
    if (format != FORMAT)
        return tl_fail(err, TL_EVERSION, "the log has format %d; this program knows %d", format, FORMAT);
    memcpy(l->id, id.p, sizeof l->id);
    return 0;
}

static int
make_id(struct tl_eventlog *l, struct tl_err *err)
{
    struct tl_db_txn *t = NULL;
    struct tl_rand *rand = tl_rand_real();
    rand->fill(rand, l->id, sizeof l->id);
    tl_buf_reset(&l->row);
    tl_buf_put_u8(&l->row, FORMAT);
    tl_buf_put(&l->row, l->id, sizeof l->id);
    tl_buf_put_le64(&l->row, (uint64_t)tl_clock_real()->wall_ms(tl_clock_real()));
    if (l->row.failed)
        return tl_fail(err, TL_ENOMEM, "out of memory opening the log");
    int rc = tl_db_begin(l->db, true, &t, err);
    if (rc == 0)
        rc = tl_db_put(t, META, TL_STR("log"), view(&l->row), 0, err);
    if (rc == 0)
        return tl_db_commit(&t, err);
    tl_db_abort(&t);
    return rc;
}

static int
load(struct tl_eventlog *l, bool readonly, struct tl_err *err)
{
    struct tl_db_txn *t = NULL;
    int rc = tl_db_begin(l->db, false, &t, err);
    if (rc < 0)
        return rc;
    rc = get_id(l, t, err);
    tl_db_abort(&t);
    return rc == TL_ENOTFOUND && !readonly ? make_id(l, err) : rc;
}

int
tl_eventlog_open(struct tl_eventlog **out, const char *dir, bool readonly, struct tl_err *err)
{
    *out = NULL;
    struct tl_eventlog *l = tl_alloc(sizeof *l);
    if (!l)
        return tl_fail(err, TL_ENOMEM, "out of memory opening the log");
    int rc = tl_db_open(&l->db, dir, readonly ? TL_DB_READONLY : 0, 0, names, err);
    if (rc == 0)
        rc = load(l, readonly, err);
    if (rc == 0)
        *out = l;
    else
        tl_eventlog_close(&l);
    return rc;
}

void
tl_eventlog_close(struct tl_eventlog **lp)
{
    struct tl_eventlog *l = *lp;
    if (!l)
        return;
    tl_db_abort(&l->txn);
    tl_db_close(&l->db);
    tl_buf_free(&l->row);
    tl_free(l);
    *lp = NULL;
}

void
tl_eventlog_id(const struct tl_eventlog *l, uint8_t id[16])
{
    memcpy(id, l->id, sizeof l->id);
}

void
tl_eventlog_tend(struct tl_eventlog *l)
{
    tl_db_reader_check(l->db);
}

/* ---- writing ---- */

static int
dlq_state(struct tl_eventlog *l, struct tl_err *err)
{
    struct tl_db_cursor *c = NULL;
    struct tl_str k, v;
    l->dlq_next = 1;
    l->dlq_bytes = 0;
    int rc = tl_db_get(l->txn, META, TL_STR("dlq"), &v, err);
    if (rc == 0) {
        struct tl_cur cur = tl_cur_of(v.p, v.n);
        l->dlq_bytes = tl_cur_le64(&cur);
        rc = tl_db_cursor_open(l->txn, DLQ, &c, err);
        if (rc == 0)
            rc = tl_db_last(c, &k, &v, err);
        if (rc == 0)
            l->dlq_next = key_number(k) + 1;
        tl_db_cursor_close(&c);
    }
    return rc == TL_ENOTFOUND ? 0 : rc;
}

int
tl_eventlog_begin(struct tl_eventlog *l, struct tl_err *err)
{
    tl_assert(!l->txn);
    int rc = tl_db_begin(l->db, true, &l->txn, err);
    if (rc < 0)
        return rc;
    l->dlq_touched = false;
    l->dlq_next = 0;
    l->dropped_n = 0;
    rc = end_in(l->txn, &l->next, err);
    if (rc < 0)
        tl_eventlog_abort(l);
    return rc;
}

struct hwm_key {
    uint8_t b[26];
};

static struct tl_str
hwm_key(struct hwm_key *k, const uint8_t collector[16], uint64_t epoch, uint16_t partition)
{
    memcpy(k->b, collector, 16);
    for (int i = 0; i < 8; i++)
        k->b[16 + i] = (uint8_t)(epoch >> (56 - 8 * i));
    k->b[24] = (uint8_t)(partition >> 8);
    k->b[25] = (uint8_t)partition;
    return (struct tl_str){ (const char *)k->b, sizeof k->b };
}

static int
hwm_in(struct tl_db_txn *t, struct tl_str key, uint64_t *seq, struct tl_err *err)
{
    struct tl_str v;
    *seq = 0;
    int rc = tl_db_get(t, HWM, key, &v, err);
    if (rc == 0) {
        struct tl_cur c = tl_cur_of(v.p, v.n);
        *seq = tl_cur_le64(&c);
    }
    return rc == TL_ENOTFOUND ? 0 : rc;
}

int
tl_eventlog_hwm(struct tl_eventlog *l, const uint8_t collector[16], uint64_t epoch, uint16_t partition, uint64_t *seq, struct tl_err *err)
{
    struct hwm_key k;
    struct tl_str key = hwm_key(&k, collector, epoch, partition);
    if (l->txn)
        return hwm_in(l->txn, key, seq, err);
    struct tl_db_txn *t = NULL;
    int rc = tl_db_begin(l->db, false, &t, err);
    if (rc == 0)
        rc = hwm_in(t, key, seq, err);
    tl_db_abort(&t);
    return rc;
}

int
tl_eventlog_set_hwm(struct tl_eventlog *l, const uint8_t collector[16], uint64_t epoch, uint16_t partition, uint64_t seq, struct tl_err *err)
{
    tl_assert(l->txn);
    struct hwm_key k;
    uint8_t v[8];
    for (int i = 0; i < 8; i++)
        v[i] = (uint8_t)(seq >> (8 * i));
    return tl_db_put(l->txn, HWM, hwm_key(&k, collector, epoch, partition), (struct tl_str){ (char *)v, sizeof v }, 0, err);
}

/* put_row - the row built in l->row, at the end of the log. */
static int
put_row(struct tl_eventlog *l, uint32_t n, uint64_t *position, struct tl_err *err)
{
    struct key8 k;
    if (l->row.failed)
        return tl_fail(err, TL_ENOMEM, "out of memory appending to the log");
    int rc = tl_db_put(l->txn, BATCH, number_key(&k, l->next), view(&l->row), TL_DB_APPEND, err);
    if (rc < 0)
        return rc;
    *position = l->next;
    l->next += n;
    return 0;
}

int
tl_eventlog_append(struct tl_eventlog *l, const struct tl_wire_head *h, struct tl_str payload, int64_t received_ms, uint64_t *position, struct tl_err *err)
{
    tl_assert(l->txn);
    if (h->n_events == 0 || payload.n == 0)
        return tl_fail(err, TL_ERANGE, "a batch without events has no place in the log");
    put_row_head(&l->row, ROW_EVENTS, h->codec, h->n_events, received_ms, h->raw_len);
    tl_buf_put(&l->row, payload.p, payload.n);
    return put_row(l, h->n_events, position, err);
}

int
tl_eventlog_append_control(struct tl_eventlog *l, const char *kind, const char *actor, int64_t time_ms, struct tl_str body, uint64_t *position, struct tl_err *err)
{
    tl_assert(l->txn);
    put_row_head(&l->row, ROW_CONTROL, TL_CODEC_RAW, 1, tl_clock_real()->wall_ms(tl_clock_real()), 0);
    tl_buf_put_text(&l->row, tl_str_of(kind));
    tl_buf_put_text(&l->row, tl_str_of(actor));
    tl_buf_put_zigzag(&l->row, time_ms);
    tl_buf_put_text(&l->row, body);
    return put_row(l, 1, position, err);
}

/* drop_oldest - keep the dlq within its budget; its newest item always stays. */
static int
drop_oldest(struct tl_eventlog *l, struct tl_err *err)
{
    struct tl_db_cursor *c = NULL;
    struct tl_str k, v;
    int rc = tl_db_cursor_open(l->txn, DLQ, &c, err);
    if (rc == 0)
        rc = tl_db_seek(c, (struct tl_str){ NULL, 0 }, &k, &v, err);
    while (rc == 0 && l->dlq_bytes > TL_DLQ_BUDGET_BYTES && key_number(k) + 1 < l->dlq_next) {
        struct key8 key;
        uint64_t number = key_number(k);
        l->dlq_bytes -= v.n < l->dlq_bytes ? v.n : l->dlq_bytes;
        l->dropped_n++;
        rc = tl_db_del(l->txn, DLQ, number_key(&key, number), err);
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
    tl_buf_put_zigzag(b, r->received_at_ms);
    tl_buf_put_text(b, r->origin);
    tl_buf_put_text(b, r->reason);
    tl_buf_put_text(b, r->field);
    tl_buf_put_text(b, r->id);
    tl_buf_put_varint(b, r->offset);
    tl_buf_put_varint(b, r->bytes_n);
    tl_buf_put_text(b, r->bytes);
}

static int
get_refused(struct tl_str row, struct tl_refused *r)
{
    struct tl_cur c = tl_cur_of(row.p, row.n);
    int version = tl_cur_u8(&c);
    r->received_at_ms = tl_cur_zigzag(&c);
    r->origin = tl_cur_text(&c);
    r->reason = tl_cur_text(&c);
    r->field = tl_cur_text(&c);
    r->id = tl_cur_text(&c);
    r->offset = tl_cur_varint(&c);
    r->bytes_n = tl_cur_varint(&c);
    r->bytes = tl_cur_text(&c);
    return c.bad ? TL_ECORRUPT : version == ROW_VERSION ? 0 : TL_EVERSION;
}

int
tl_eventlog_refuse(struct tl_eventlog *l, const struct tl_refused *r, struct tl_err *err)
{
    tl_assert(l->txn);
    struct key8 k;
    int rc = l->dlq_next ? 0 : dlq_state(l, err);
    if (rc < 0)
        return rc;
    tl_buf_reset(&l->row);
    tl_buf_put_u8(&l->row, ROW_VERSION);
    put_refused(&l->row, r);
    if (l->row.failed)
        return tl_fail(err, TL_ENOMEM, "out of memory keeping a refused event");
    rc = tl_db_put(l->txn, DLQ, number_key(&k, l->dlq_next), view(&l->row), TL_DB_APPEND, err);
    if (rc < 0)
        return rc;
    l->dlq_next++;
    l->dlq_bytes += l->row.len;
    l->dlq_touched = true;
    return l->dlq_bytes > TL_DLQ_BUDGET_BYTES ? drop_oldest(l, err) : 0;
}

static int
put_dlq_bytes(struct tl_eventlog *l, struct tl_err *err)
{
    uint8_t v[8];
    for (int i = 0; i < 8; i++)
        v[i] = (uint8_t)(l->dlq_bytes >> (8 * i));
    return tl_db_put(l->txn, META, TL_STR("dlq"), (struct tl_str){ (char *)v, sizeof v }, 0, err);
}

int
tl_eventlog_commit(struct tl_eventlog *l, struct tl_err *err)
{
    tl_assert(l->txn);
    int rc = l->dlq_touched ? put_dlq_bytes(l, err) : 0;
    if (rc < 0) {
        tl_eventlog_abort(l);
        return rc;
    }
    rc = tl_db_commit(&l->txn, err);
    if (rc == 0 && l->dropped_n)
        tl_count_add(A_DLQ_DROPPED, l->dropped_n);
    return rc;
}

void
tl_eventlog_abort(struct tl_eventlog *l)
{
    tl_db_abort(&l->txn);
}

/* ---- reading ---- */

uint64_t
tl_eventlog_end(struct tl_eventlog *l)
{
    struct tl_db_txn *t = NULL;
    uint64_t end = 0;
    if (tl_db_begin(l->db, false, &t, NULL) == 0 && end_in(t, &end, NULL) < 0)
        end = 0;
    tl_db_abort(&t);
    return end;
}

/* seek_holding - the row that holds position, or the first one after it. */
static int
seek_holding(struct tl_db_cursor *c, uint64_t position, struct tl_str *k, struct tl_str *v, struct row *r, struct tl_err *err)
{
    struct key8 key;
    int rc = tl_db_seek(c, number_key(&key, position), k, v, err);
    if (rc < 0 && rc != TL_ENOTFOUND)
        return rc;
    if (rc < 0 || key_number(*k) > position) {
        rc = rc < 0 ? tl_db_last(c, k, v, err) : tl_db_prev(c, k, v, err);
        if (rc == TL_ENOTFOUND)
            rc = tl_db_seek(c, (struct tl_str){ NULL, 0 }, k, v, err);
    }
    if (rc == 0)
        rc = get_row(*v, r, err);
    if (rc == 0 && key_number(*k) + r->n <= position) {
        rc = tl_db_next(c, k, v, err);
        if (rc == 0)
            rc = get_row(*v, r, err);
    }
    return rc;
}

/* plain - the payload with its codec undone, in the row itself or in `unpacked`. */
static int
plain(const struct row *r, struct tl_buf *unpacked, struct tl_str *payload, struct tl_err *err)
{
    *payload = r->payload;
    if (r->codec == TL_CODEC_RAW)
        return 0;
    if (r->codec != TL_CODEC_ZSTD)
        return tl_fail(err, TL_EVERSION, "the log holds a batch of codec %d, unknown to this program", r->codec);
    tl_buf_reset(unpacked);
    int rc = tl_zstd_unpack(r->payload, TL_WIRE_RAW_MAX, unpacked, err);
    *payload = view(unpacked);
    return rc;
}

static int
get_logged(uint64_t position, const struct row *r, struct tl_buf *unpacked, struct tl_logged *rec, struct tl_err *err)
{
    *rec = (struct tl_logged){ .position = position, .n = r->n, .logged_at_ms = r->logged_at_ms, .control = r->kind == ROW_CONTROL };
    if (!rec->control)
        return plain(r, unpacked, &rec->payload, err);
    struct tl_cur c = tl_cur_of(r->payload.p, r->payload.n);
    rec->kind = tl_cur_text(&c);
    rec->actor = tl_cur_text(&c);
    rec->time_ms = tl_cur_zigzag(&c);
    rec->body = tl_cur_text(&c);
    return c.bad ? tl_fail(err, TL_ECORRUPT, "the control record at %" PRIu64 " is damaged", position) : 0;
}

/* read_some - rows of one short transaction; *from moves on, *done is set when the caller or the log has ended. */
static int
read_some(struct tl_eventlog *l, uint64_t *from, struct tl_buf *unpacked, int (*each)(void *, const struct tl_logged *), void *arg, bool *done,
                     struct tl_err *err)
{
    struct tl_db_txn *t = NULL;
    struct tl_db_cursor *c = NULL;
    struct tl_str k, v;
    struct row r;
    struct tl_logged rec;
    size_t bytes = 0;
    int rc = tl_db_begin(l->db, false, &t, err);
    if (rc == 0)
        rc = tl_db_cursor_open(t, BATCH, &c, err);
    if (rc == 0)
        rc = seek_holding(c, *from, &k, &v, &r, err);
    for (int i = 0; rc == 0 && !*done && i < READ_TXN_ROWS && bytes < READ_TXN_BYTES; i++) {
        rc = get_logged(key_number(k), &r, unpacked, &rec, err);
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
            rc = get_row(v, &r, err);
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
    return rc == TL_ENOTFOUND ? 0 : rc;
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
    struct row r;
    int rc = tl_db_cursor_open(t, BATCH, &c, err);
    if (rc == 0)
        rc = seek_holding(c, position, &k, &v, &r, err);
    if (rc == 0 && (key_number(k) > position || r.kind != ROW_EVENTS))
        rc = TL_ENOTFOUND;
    if (rc == 0)
        rc = plain(&r, &unpacked, &payload, err);
    if (rc == 0)
        rc = nth_bytes(payload, position - key_number(k), &bytes);
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

static int
each_refused(struct tl_db_cursor *c, uint64_t before, int (*each)(void *, uint64_t, const struct tl_refused *), void *arg, struct tl_err *err)
{
    struct key8 key;
    struct tl_str k, v;
    int rc = TL_ENOTFOUND;
    if (before) {
        rc = tl_db_seek(c, number_key(&key, before), &k, &v, err);
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
        int said = each(arg, key_number(k), &r);
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
        rc = tl_db_cursor_open(t, DLQ, &c, err);
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
        tl_db_count(t, DLQ, &n, NULL);
    tl_db_abort(&t);
    return n;
}
