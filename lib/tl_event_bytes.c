/* tl_event_bytes.c - an event's bytes inside a batch; the layout is drawn in tl_event.h.
 *
 * Kinds: TEXT WORD JSON: text reference (varint offset, varint length) into slice ++ extra. TIME: zigzag ms; `time` is followed by its zigzag offset
 * in minutes. U64: varint. IDS: varint n, then kind and value references. SCORES: varint n, then kind reference and 8 bytes of an IEEE double, LE.
 * PROMISE: flags (1 what, 2 due, 4 kept said, 8 kept), what reference, zigzag due. VALUE: zigzag amount, 3 bytes currency.
 * Rows that a newer sender knows and we do not stand at the end of the typed fields and are stepped over by the lengths. */
#include "tl_event_rows.h"

#include "tl_time.h"

#define TEXTS_MAX (TL_EVENT_FIELDS + 2 * TL_EVENT_IDS_MAX + TL_EVENT_SCORES_MAX)
#define TYPED_BYTES_MAX (TEXTS_MAX * 20 + TL_EVENT_FIELDS * 12 + TL_EVENT_SCORES_MAX * 8 + 64)
#define KNOWN_BITS ((UINT64_C(1) << TL_EVENT_FIELDS) - 1)

enum { PROMISE_WHAT = 1, PROMISE_DUE = 2, PROMISE_SAID = 4, PROMISE_KEPT = 8 };

struct encoding {
    const struct tl_event *ev;
    uint8_t *p;                 /* next typed byte */
    size_t extra_n;
    uint32_t extras_n;
    struct tl_str extras[TEXTS_MAX];
    uint8_t typed[TYPED_BYTES_MAX];
};

static inline void
put_varint(struct encoding *e, uint64_t v)
{
    while (v >= 0x80) {
        *e->p++ = (uint8_t)(v | 0x80);
        v >>= 7;
    }
    *e->p++ = (uint8_t)v;
}

static inline void
put_zigzag(struct encoding *e, int64_t v)
{
    put_varint(e, (uint64_t)v << 1 ^ (uint64_t)(v >> 63));
}

static inline void
put_text(struct encoding *e, struct tl_str s)
{
    struct tl_str raw = e->ev->raw;
    if (raw.p && s.p >= raw.p && s.p + s.n <= raw.p + raw.n) {
        put_varint(e, (uint64_t)(s.p - raw.p));
    } else {
        put_varint(e, raw.n + e->extra_n);
        e->extras[e->extras_n++] = s;
        e->extra_n += s.n;
    }
    put_varint(e, s.n);
}

static void
put_promise(struct encoding *e, const struct tl_promise *p)
{
    uint8_t flags = 0;
    flags = (uint8_t)(flags | (p->what.p ? PROMISE_WHAT : 0) | (p->due_ms != TL_TIME_NONE ? PROMISE_DUE : 0));
    flags = (uint8_t)(flags | (p->kept >= 0 ? PROMISE_SAID : 0) | (p->kept > 0 ? PROMISE_KEPT : 0));
    *e->p++ = flags;
    if (flags & PROMISE_WHAT)
        put_text(e, p->what);
    if (flags & PROMISE_DUE)
        put_zigzag(e, p->due_ms);
}

static void
put_scores(struct encoding *e, const struct tl_event *ev)
{
    put_varint(e, ev->scores_n);
    for (uint32_t i = 0; i < ev->scores_n; i++) {
        uint64_t bits;
        put_text(e, ev->scores_[i].kind);
        memcpy(&bits, &ev->scores_[i].value, 8);
        for (int k = 0; k < 8; k++)
            *e->p++ = (uint8_t)(bits >> (8 * k));
    }
}

static void
put_field(struct encoding *e, uint32_t bit)
{
    const struct tl_event *ev = e->ev;
    const struct tl_event_row *row = &tl_event_rows[bit];
    switch (row->kind) {
    case TL_EV_TEXT:
    case TL_EV_WORD:
    case TL_EV_JSON:
        put_text(e, *tl_event_text_at(ev, row));
        break;
    case TL_EV_TIME:
        put_zigzag(e, *tl_event_time_at(ev, row));
        if (bit == TL_BIT_time)
            put_zigzag(e, ev->time_offset_min);
        break;
    case TL_EV_U64:
        put_varint(e, *tl_event_u64_at(ev, row));
        break;
    case TL_EV_IDS:
        put_varint(e, ev->ids_n);
        for (uint32_t i = 0; i < ev->ids_n; i++) {
            put_text(e, ev->ids_[i].kind);
            put_text(e, ev->ids_[i].value);
        }
        break;
    case TL_EV_SCORES:
        put_scores(e, ev);
        break;
    case TL_EV_PROMISE:
        put_promise(e, &ev->promise_);
        break;
    case TL_EV_VALUE:
        put_zigzag(e, ev->value_.amount_minor);
        memcpy(e->p, ev->value_.currency, 3);
        e->p += 3;
        break;
    }
}

static size_t
varint_bytes(uint64_t v)
{
    size_t n = 1;
    while (v >>= 7)
        n++;
    return n;
}

void
tl_event_encode(struct tl_buf *out, const struct tl_event *ev)
{
    struct encoding e;          /* not cleared: typed and extras are counted */
    tl_assert(ev->ids_n <= TL_EVENT_IDS_MAX && ev->scores_n <= TL_EVENT_SCORES_MAX && (ev->has & ~KNOWN_BITS) == 0);
    e.ev = ev;
    e.p = e.typed;
    e.extra_n = 0;
    e.extras_n = 0;
    for (uint64_t has = ev->has; has; has &= has - 1)
        put_field(&e, (uint32_t)__builtin_ctzll(has));

    size_t typed_n = (size_t)(e.p - e.typed);
    size_t record_n = 8 + varint_bytes(ev->raw.n) + varint_bytes(e.extra_n) + typed_n + ev->raw.n + e.extra_n;
    if (!tl_buf_reserve(out, record_n + 10))
        return;
    tl_buf_put_varint(out, record_n);
    tl_buf_put_le64(out, ev->has);
    tl_buf_put_varint(out, ev->raw.n);
    tl_buf_put_varint(out, e.extra_n);
    tl_buf_put(out, e.typed, typed_n);
    tl_buf_put(out, ev->raw.p, ev->raw.n);
    for (uint32_t i = 0; i < e.extras_n; i++)
        tl_buf_put(out, e.extras[i].p, e.extras[i].n);
}

/* ---- decoding ---- */

struct decoding {
    struct tl_cur c;            /* typed fields */
    struct tl_str pool;         /* slice ++ extra */
    bool range;                 /* a reference or a count is out of its range */
};

static struct tl_str
get_text(struct decoding *d)
{
    uint64_t offset = tl_cur_varint(&d->c), n = tl_cur_varint(&d->c);
    if (offset > d->pool.n || n > d->pool.n - offset) {
        d->range = true;
        return (struct tl_str){ NULL, 0 };
    }
    return (struct tl_str){ d->pool.p + offset, (size_t)n };
}

static uint32_t
get_count(struct decoding *d, uint32_t max)
{
    uint64_t n = tl_cur_varint(&d->c);
    d->range = d->range || n > max;
    return d->range ? 0 : (uint32_t)n;
}

static void
get_promise(struct decoding *d, struct tl_promise *p)
{
    uint8_t flags = tl_cur_u8(&d->c);
    d->range = d->range || flags > 15;
    if (flags & PROMISE_WHAT)
        p->what = get_text(d);
    if (flags & PROMISE_DUE)
        p->due_ms = tl_cur_zigzag(&d->c);
    if (flags & PROMISE_SAID)
        p->kept = (flags & PROMISE_KEPT) != 0;
}

static void
get_scores(struct decoding *d, struct tl_event *ev)
{
    ev->scores_n = get_count(d, TL_EVENT_SCORES_MAX);
    for (uint32_t i = 0; i < ev->scores_n; i++) {
        ev->scores_[i].kind = get_text(d);
        uint64_t bits = tl_cur_le64(&d->c);
        memcpy(&ev->scores_[i].value, &bits, 8);
    }
}

static void
get_value(struct decoding *d, struct tl_value *v)
{
    v->amount_minor = tl_cur_zigzag(&d->c);
    struct tl_str s = tl_cur_bytes(&d->c, 3);
    if (s.p)
        memcpy(v->currency, s.p, 3);
    v->currency[3] = 0;
}

static void
get_time(struct decoding *d, uint32_t bit, struct tl_event *ev)
{
    *tl_event_time_at(ev, &tl_event_rows[bit]) = tl_cur_zigzag(&d->c);
    if (bit != TL_BIT_time)
        return;
    int64_t offset_min = tl_cur_zigzag(&d->c);
    d->range = d->range || offset_min < -1440 || offset_min > 1440;
    ev->time_offset_min = d->range ? 0 : (int32_t)offset_min;
}

static void
get_field(struct decoding *d, uint32_t bit, struct tl_event *ev)
{
    const struct tl_event_row *row = &tl_event_rows[bit];
    switch (row->kind) {
    case TL_EV_TEXT:
    case TL_EV_WORD:
    case TL_EV_JSON:
        *tl_event_text_at(ev, row) = get_text(d);
        break;
    case TL_EV_TIME:
        get_time(d, bit, ev);
        break;
    case TL_EV_U64:
        *tl_event_u64_at(ev, row) = tl_cur_varint(&d->c);
        break;
    case TL_EV_IDS:
        ev->ids_n = get_count(d, TL_EVENT_IDS_MAX);
        for (uint32_t i = 0; i < ev->ids_n; i++) {
            ev->ids_[i].kind = get_text(d);
            ev->ids_[i].value = get_text(d);
        }
        break;
    case TL_EV_SCORES: get_scores(d, ev); break;
    case TL_EV_PROMISE: get_promise(d, &ev->promise_); break;
    case TL_EV_VALUE: get_value(d, &ev->value_); break;
    }
}

int
tl_event_decode(struct tl_cur *c, struct tl_event *ev)
{
    struct decoding d = { .range = false };
    tl_event_init(ev);
    struct tl_str record = tl_cur_text(c);
    d.c = tl_cur_of(record.p, record.n);
    uint64_t has = tl_cur_le64(&d.c);
    uint64_t slice_n = tl_cur_varint(&d.c), extra_n = tl_cur_varint(&d.c);
    size_t left = tl_cur_left(&d.c);
    if (c->bad || d.c.bad || slice_n > left || extra_n > left - slice_n)
        return TL_ETRUNC;
    d.pool = (struct tl_str){ (const char *)d.c.end - slice_n - extra_n, (size_t)(slice_n + extra_n) };
    d.c.end = (const uint8_t *)d.pool.p;
    ev->has = has & KNOWN_BITS;
    ev->raw = (struct tl_str){ d.pool.p, (size_t)slice_n };
    for (uint64_t bits = ev->has; bits; bits &= bits - 1)
        get_field(&d, (uint32_t)__builtin_ctzll(bits), ev);
    if (d.c.bad)
        return TL_ETRUNC;
    if (d.range || (has == ev->has && d.c.p != d.c.end))
        return TL_ERANGE;
    return 0;
}
