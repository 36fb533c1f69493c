/* tl_alerts.c - see tl_alerts.h. Four databases: `alert` id u64 -> record; `change` number of the change u64 -> id, one row an alert; `raised` number u64 -> id;
 * `memo` text -> bytes. The last numbers given stand in memo "last" (varint number, varint change, varint alerts by audience and state). Numbers in keys are big-endian.
 *
 * record: version u8 = 1 | u8 kind, state, severity, stream, priority | varint number, change | zigzag started, due, at, raised, changed, ended, journey start |
 * 16 bytes customer | the texts of struct tl_alert in its order, each varint length and bytes */
#include "tl_alerts.h"

#include <limits.h>
#include <stdio.h>

#include "tl_db.h"
#include "tl_journey.h"
#include "tl_run.h"
#include "tl_time.h"

#define MAP_BYTES (1ull << 30)
#define TEND_US INT64_C(5000000)
#define SETTLED_MS (INT64_C(48) * 3600000)      /* an alert so much older than the newest cannot be due again */
enum { RECORD_VERSION = 1, TEXTS = 16 };
enum { DB_ALERT, DB_CHANGE, DB_RAISED, DB_MEMO };
static const char *const names[] = { "alert", "change", "raised", "memo", NULL };

struct tl_alerts { struct tl_db *db; int64_t tended_us; };
struct tl_alerts_txn {
    struct tl_db_txn *t;
    uint64_t number, change;        /* the last ones given */
    struct tl_alerts_counts counts;
    bool dirty;
    struct tl_buf bytes;
};
struct key { uint8_t b[8]; };

static struct tl_str
key_of(struct key *k, uint64_t v)
{
    for (int i = 0; i < 8; i++)
        k->b[i] = (uint8_t)(v >> (56 - 8 * i));
    return (struct tl_str){ (const char *)k->b, sizeof k->b };
}

static uint64_t
number_of(struct tl_str s)
{
    struct tl_cur c = tl_cur_of(s.p, s.n);
    return tl_cur_be64(&c);
}

/* ---- records ---- */

static struct tl_str *
text_of(struct tl_alert *a, int i)
{
    struct tl_str *const list[TEXTS] = { &a->journey, &a->rule, &a->title_zh, &a->title_en, &a->touchpoint, &a->touchpoint_zh, &a->touchpoint_en, &a->place, &a->channel,
                                         &a->tier, &a->department, &a->what, &a->assignee, &a->note, &a->actor, &a->resolved };
    return list[i];
}

static int64_t *
time_of(struct tl_alert *a, int i)
{
    int64_t *const list[] = { &a->started_ms, &a->due_ms, &a->at_ms, &a->raised_ms, &a->changed_ms, &a->ended_ms, &a->journey_ms };
    return i < (int)(sizeof list / sizeof *list) ? list[i] : NULL;
}

static void
record_put(struct tl_buf *b, struct tl_alert *a)
{
    tl_buf_reset(b);
    tl_buf_put_u8(b, RECORD_VERSION);
    tl_buf_put_u8(b, a->kind);
    tl_buf_put_u8(b, a->state);
    tl_buf_put_u8(b, a->severity);
    tl_buf_put_u8(b, a->stream);
    tl_buf_put_u8(b, a->priority);
    tl_buf_put_varint(b, a->number);
    tl_buf_put_varint(b, a->change);
    for (int i = 0; time_of(a, i) != NULL; i++)
        tl_buf_put_zigzag(b, *time_of(a, i));
    tl_buf_put(b, a->customer, sizeof a->customer);
    for (int i = 0; i < TEXTS; i++)
        tl_buf_put_text(b, *text_of(a, i));
}

static int
record_get(uint64_t id, struct tl_str v, struct tl_alert *a)
{
    struct tl_cur c = tl_cur_of(v.p, v.n);
    int version = tl_cur_u8(&c);

    *a = (struct tl_alert){ .id = id };
    uint8_t *const small[] = { &a->kind, &a->state, &a->severity, &a->stream, &a->priority };
    for (size_t i = 0; i < sizeof small / sizeof *small; i++)
        *small[i] = tl_cur_u8(&c);
    a->number = tl_cur_varint(&c);
    a->change = tl_cur_varint(&c);
    for (int i = 0; time_of(a, i) != NULL; i++)
        *time_of(a, i) = tl_cur_zigzag(&c);
    struct tl_str customer = tl_cur_bytes(&c, sizeof a->customer);
    if (customer.p != NULL)
        memcpy(a->customer, customer.p, sizeof a->customer);
    for (int i = 0; i < TEXTS; i++) {
        struct tl_str s = tl_cur_text(&c);
        *text_of(a, i) = s.n > 0 ? s : (struct tl_str){0};
    }
    if (version != RECORD_VERSION)
        return TL_EVERSION;
    return c.bad || a->kind >= TL_ALERT_KINDS || a->state >= TL_ALERT_STATES ? TL_ETRUNC : 0;
}

/* ---- opening, transactions ---- */

int
tl_alerts_open(struct tl_alerts **out, const char *data, bool readonly, struct tl_err *err)
{
    char path[PATH_MAX];
    struct tl_alerts *a = tl_alloc(sizeof *a);

    *out = NULL;
    if (a == NULL)
        return tl_fail(err, TL_ENOMEM, "out of memory");
    int rc = tl_db_open(&a->db, tl_run_path(path, data, "alerts"), readonly ? TL_DB_READONLY : 0, MAP_BYTES, names, err);
    if (rc != 0)
        tl_alerts_close(&a);
    *out = a;
    return rc;
}

void
tl_alerts_close(struct tl_alerts **ap)
{
    if (ap == NULL || *ap == NULL)
        return;
    tl_db_close(&(*ap)->db);
    tl_free(*ap);
    *ap = NULL;
}

int
tl_alerts_tend(struct tl_alerts *a, int64_t now_us)
{
    if (now_us - a->tended_us < TEND_US)
        return 0;
    a->tended_us = now_us;
    return tl_db_reader_check(a->db);
}

int
tl_alerts_begin(struct tl_alerts *a, bool write, struct tl_alerts_txn **out, struct tl_err *err)
{
    struct tl_alerts_txn *t = tl_alloc(sizeof *t);
    struct tl_str v;

    *out = NULL;
    if (t == NULL)
        return tl_fail(err, TL_ENOMEM, "out of memory");
    int rc = tl_db_begin(a->db, write, &t->t, err);
    if (rc == 0)
        rc = tl_db_get(t->t, DB_MEMO, TL_STR("last"), &v, err);
    if (rc == 0) {
        struct tl_cur c = tl_cur_of(v.p, v.n);
        t->number = tl_cur_varint(&c);
        t->change = tl_cur_varint(&c);
        for (int i = 0; i < 2 * TL_ALERT_STATES; i++)
            t->counts.n[i / TL_ALERT_STATES][i % TL_ALERT_STATES] = tl_cur_varint(&c);
    }
    if (rc == TL_ENOTFOUND)
        rc = 0;
    if (rc != 0)
        tl_alerts_abort(&t);
    *out = t;
    return rc;
}

static void
txn_free(struct tl_alerts_txn **tp)
{
    tl_buf_free(&(*tp)->bytes);
    tl_free(*tp);
    *tp = NULL;
}

int
tl_alerts_commit(struct tl_alerts_txn **tp, struct tl_err *err)
{
    struct tl_alerts_txn *t = *tp;

    if (!t->dirty) {
        tl_alerts_abort(tp);
        return 0;
    }
    tl_buf_reset(&t->bytes);
    tl_buf_put_varint(&t->bytes, t->number);
    tl_buf_put_varint(&t->bytes, t->change);
    for (int i = 0; i < 2 * TL_ALERT_STATES; i++)
        tl_buf_put_varint(&t->bytes, t->counts.n[i / TL_ALERT_STATES][i % TL_ALERT_STATES]);
    int rc = t->bytes.failed ? tl_fail(err, TL_ENOMEM, "out of memory") : tl_db_put(t->t, DB_MEMO, TL_STR("last"), (struct tl_str){ (char *)t->bytes.data, t->bytes.len }, 0, err);
    if (rc == 0)
        rc = tl_db_commit(&t->t, err);
    else
        tl_db_abort(&t->t);
    txn_free(tp);
    return rc;
}

void
tl_alerts_abort(struct tl_alerts_txn **tp)
{
    if (tp == NULL || *tp == NULL)
        return;
    tl_db_abort(&(*tp)->t);
    txn_free(tp);
}

uint64_t
tl_alerts_last_number(struct tl_alerts_txn *t)
{
    return t->number;
}

uint64_t
tl_alerts_last_change(struct tl_alerts_txn *t)
{
    return t->change;
}

void
tl_alerts_count(const struct tl_alerts_txn *t, struct tl_alerts_counts *out)
{
    *out = t->counts;
}

/* ---- alerts ---- */

static int
damaged(int rc, struct tl_err *err)
{
    return rc == TL_ETRUNC || rc == TL_EVERSION ? tl_fail(err, rc, "an alert in DATA/alerts cannot be read") : rc;
}

int
tl_alerts_get(struct tl_alerts_txn *t, uint64_t id, struct tl_alert *out, struct tl_err *err)
{
    struct key k;
    struct tl_str v;
    int rc = tl_db_get(t->t, DB_ALERT, key_of(&k, id), &v, err);

    return rc != 0 ? rc : damaged(record_get(id, v, out), err);
}

/* The first or last entry of `change` or `raised`: its number and the id. */
static int
end_of(struct tl_alerts_txn *t, int db, bool last, uint64_t *number, uint64_t *id)
{
    struct tl_db_cursor *c = NULL;
    struct tl_str k, v;
    int rc = tl_db_cursor_open(t->t, db, &c, NULL);

    if (rc == 0)
        rc = last ? tl_db_last(c, &k, &v, NULL) : tl_db_seek(c, (struct tl_str){0}, &k, &v, NULL);
    if (rc == 0) {
        *number = number_of(k);
        *id = number_of(v);
    }
    tl_db_cursor_close(&c);
    return rc;
}

static uint64_t *
counted(struct tl_alerts_txn *t, const struct tl_alert *a)
{
    return &t->counts.n[a->stream != TL_STREAM_LIVE][a->state];
}

static int
drop(struct tl_alerts_txn *t, const struct tl_alert *a, struct tl_err *err)
{
    struct key k;
    int rc = tl_db_del(t->t, DB_ALERT, key_of(&k, a->id), err);

    --*counted(t, a);
    if (rc == 0)
        rc = tl_db_del(t->t, DB_CHANGE, key_of(&k, a->change), err);
    return rc != 0 ? rc : tl_db_del(t->t, DB_RAISED, key_of(&k, a->number), err);
}

/* One more than there may be: the oldest makes room, unless its moment is so near that it could be met again and raised twice. */
static int
make_room(struct tl_alerts_txn *t, const struct tl_alert *in, uint64_t *gone, struct tl_err *err)
{
    struct tl_alert old;
    uint64_t n = 0, number = 0, id = 0;
    int rc = tl_db_count(t->t, DB_ALERT, &n, err);

    if (rc != 0 || n < TL_ALERTS_KEEP)
        return rc;
    rc = end_of(t, DB_RAISED, false, &number, &id);
    if (rc == 0)
        rc = tl_alerts_get(t, id, &old, err);
    if (rc != 0)
        return rc;
    if (old.at_ms > in->at_ms - SETTLED_MS)
        return tl_fail(err, TL_EBUSY, "more than %d alerts in two days: a further one is not raised", TL_ALERTS_KEEP);
    *gone = id;
    return drop(t, &old, err);
}

int
tl_alerts_put(struct tl_alerts_txn *t, struct tl_alert *in, uint64_t *gone, struct tl_err *err)
{
    struct tl_alert was;
    struct key k, k2;
    int rc = tl_alerts_get(t, in->id, &was, NULL);

    *gone = 0;
    bool is_new = rc == TL_ENOTFOUND;
    if (is_new)
        rc = make_room(t, in, gone, err);
    if (rc != 0)
        return rc;
    in->number = is_new ? ++t->number : was.number;
    in->change = ++t->change;
    t->dirty = true;
    record_put(&t->bytes, in);              /* first: texts of in may be views into what is written next */
    if (t->bytes.failed)
        return tl_fail(err, TL_ENOMEM, "out of memory for an alert");
    if (!is_new)
        --*counted(t, &was);
    ++*counted(t, in);
    rc = is_new ? tl_db_put(t->t, DB_RAISED, key_of(&k, in->number), key_of(&k2, in->id), 0, err) : tl_db_del(t->t, DB_CHANGE, key_of(&k, was.change), err);
    if (rc == 0)
        rc = tl_db_put(t->t, DB_CHANGE, key_of(&k, in->change), key_of(&k2, in->id), 0, err);
    return rc != 0 ? rc : tl_db_put(t->t, DB_ALERT, key_of(&k, in->id), (struct tl_str){ (char *)t->bytes.data, t->bytes.len }, 0, err);
}

static int
walk(struct tl_alerts_txn *t, int db, uint64_t since, bool back, int (*each)(void *arg, const struct tl_alert *a), void *arg, struct tl_err *err)
{
    struct tl_db_cursor *c = NULL;
    struct tl_alert a;
    struct tl_str k, v;
    struct key key;
    int rc = since == UINT64_MAX ? TL_ENOTFOUND : tl_db_cursor_open(t->t, db, &c, err);

    if (rc == 0)
        rc = back ? tl_db_last(c, &k, &v, err) : tl_db_seek(c, key_of(&key, since + 1), &k, &v, err);
    while (rc == 0) {
        rc = tl_alerts_get(t, number_of(v), &a, err);
        if (rc == 0)
            rc = each(arg, &a);
        if (rc == 0)
            rc = back ? tl_db_prev(c, &k, &v, err) : tl_db_next(c, &k, &v, err);
    }
    tl_db_cursor_close(&c);
    return rc == TL_ENOTFOUND || rc > 0 ? 0 : rc;
}

int
tl_alerts_since(struct tl_alerts_txn *t, uint64_t since, int (*each)(void *arg, const struct tl_alert *a), void *arg, struct tl_err *err)
{
    return walk(t, DB_CHANGE, since, false, each, arg, err);
}

int
tl_alerts_raised(struct tl_alerts_txn *t, uint64_t number, int (*each)(void *arg, const struct tl_alert *a), void *arg, struct tl_err *err)
{
    return walk(t, DB_RAISED, number, false, each, arg, err);
}

int
tl_alerts_newest(struct tl_alerts_txn *t, int (*each)(void *arg, const struct tl_alert *a), void *arg, struct tl_err *err)
{
    return walk(t, DB_CHANGE, 0, true, each, arg, err);
}

/* ---- memos ---- */

int
tl_alerts_memo_get(struct tl_alerts_txn *t, struct tl_str name, struct tl_str *value)
{
    return tl_db_get(t->t, DB_MEMO, name, value, NULL);
}

int
tl_alerts_memo_put(struct tl_alerts_txn *t, struct tl_str name, struct tl_str value, struct tl_err *err)
{
    t->dirty = true;
    return value.n == 0 ? tl_db_del(t->t, DB_MEMO, name, err) : tl_db_put(t->t, DB_MEMO, name, value, 0, err);
}

int
tl_alerts_memo_each(struct tl_alerts_txn *t, struct tl_str prefix, int (*each)(void *arg, struct tl_str name, struct tl_str value), void *arg, struct tl_err *err)
{
    struct tl_db_cursor *c = NULL;
    struct tl_str k, v;
    int rc = tl_db_cursor_open(t->t, DB_MEMO, &c, err);

    if (rc == 0)
        rc = tl_db_seek(c, prefix, &k, &v, err);
    while (rc == 0 && k.n >= prefix.n && memcmp(k.p, prefix.p, prefix.n) == 0) {
        rc = each(arg, k, v);
        if (rc == 0)
            rc = tl_db_next(c, &k, &v, err);
    }
    tl_db_cursor_close(&c);
    return rc == TL_ENOTFOUND || rc > 0 ? 0 : rc;
}
