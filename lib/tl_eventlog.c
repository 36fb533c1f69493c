/* tl_eventlog - the log in LMDB. Byte layout: schemas/store.md section 1.
 *
 * The end of the log is read from its last row, so no counter can disagree with the rows; retention keeps the last one for that. Appending is
 * MDB_APPEND at the right edge: pages fill completely and nothing is moved. Payloads stay as they came: packing them is sealing's work, off the path
 * of the acknowledgement. */
#include "tl_eventlog_inside.h"

#include "tl_count.h"
#include "tl_port.h"

#define FORMAT 1

static const char *const names[] = { "batch", "hwm", "dlq", "meta", NULL };

/* ---- rows ---- */

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

int
tl_eventlog_get_row(struct tl_str v, struct tl_eventlog_row *r, struct tl_err *err)
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
    struct tl_eventlog_row r;
    int rc = tl_db_cursor_open(t, DB_BATCH, &c, err);
    if (rc == 0)
        rc = tl_db_last(c, &k, &v, err);
    if (rc == 0)
        rc = tl_eventlog_get_row(v, &r, err);
    if (rc == 0)
        *end = tl_eventlog_number(k) + r.n;
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
    int rc = tl_db_get(t, DB_META, TL_STR("log"), &v, err);
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
        rc = tl_db_put(t, DB_META, TL_STR("log"), tl_eventlog_view(&l->row), 0, err);
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
    l->readonly = readonly;
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
    tl_count_set(A_LOG_READER_MS, tl_db_oldest_reader_ms(l->db, tl_clock_real()->mono_us(tl_clock_real())));
}

/* ---- writing ---- */

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
    if (l->next == 0)
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
    int rc = tl_db_get(t, DB_HWM, key, &v, err);
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
    return tl_db_put(l->txn, DB_HWM, hwm_key(&k, collector, epoch, partition), (struct tl_str){ (char *)v, sizeof v }, 0, err);
}

/* put_row - the row built in l->row, at the end of the log. */
static int
put_row(struct tl_eventlog *l, uint32_t n, uint64_t *position, struct tl_err *err)
{
    struct tl_eventlog_key k;
    if (l->row.failed)
        return tl_fail(err, TL_ENOMEM, "out of memory appending to the log");
    int rc = tl_db_put(l->txn, DB_BATCH, tl_eventlog_key(&k, l->next), tl_eventlog_view(&l->row), TL_DB_APPEND, err);
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
    tl_pack_map(&l->row, 4);
    tl_pack_text(&l->row, "kind", tl_str_of(kind));
    tl_pack_text(&l->row, "actor", tl_str_of(actor));
    tl_pack_int(&l->row, "time", time_ms);
    tl_pack_text(&l->row, "body", body);
    return put_row(l, 1, position, err);
}

int
tl_eventlog_commit(struct tl_eventlog *l, struct tl_err *err)
{
    tl_assert(l->txn);
    int rc = l->dlq_touched ? tl_eventlog_dlq_keep(l, err) : 0;
    if (rc < 0) {
        tl_eventlog_abort(l);
        return rc;
    }
    rc = tl_db_commit(&l->txn, err);
    if (rc < 0)
        l->next = 0;
    else
        atomic_store(&l->end, l->next);
    if (rc == 0 && l->dropped_n)
        tl_count_add(A_DLQ_DROPPED, l->dropped_n);
    return rc;
}

void
tl_eventlog_abort(struct tl_eventlog *l)
{
    tl_db_abort(&l->txn);
    l->next = 0;
}

uint64_t
tl_eventlog_end(struct tl_eventlog *l)
{
    struct tl_db_txn *t = NULL;
    uint64_t end = l->readonly ? 0 : atomic_load(&l->end);
    if (end == 0 && tl_db_begin(l->db, false, &t, NULL) == 0 && end_in(t, &end, NULL) < 0)
        end = 0;
    uint64_t unknown = 0;
    if (!l->readonly)
        atomic_compare_exchange_strong(&l->end, &unknown, end);
    tl_db_abort(&t);
    return end;
}
