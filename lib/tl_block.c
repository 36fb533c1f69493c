/* tl_block.c - event block: kept events of one customer in log order (tl_rows.h).
 *
 * Block: version u8 = 1, then events to the end of the block, each:
 *   u8: CONTEXT | SEQ | NO_TIME | RECEIVED | BY_BEFORE | SENT | SKEW | MORE
 *   varint number of its what, one more than any so far: a new one follows (type, touchpoint, channel, role + lifecycle + outcome + picks)
 *   CONTEXT: varint number of its where, likewise (home, origin, tier, place, flags + stream, and 8 bytes each of session, case, order, journey;
 *            a bit mask says which differ from the where before), else the where of the event before
 *   varint position - position before | 6 bytes id hash | 2 bytes check
 *   unless NO_TIME: zigzag time - time before
 *   RECEIVED: zigzag received - time, or BY_BEFORE: received - received before (whichever is smaller)
 *   SEQ: zigzag seq - seq before, else one more than before (only when the where has a sequence)
 *   SENT: it was given; SKEW: zigzag skew, else the skew is 0
 *   MORE: u8 WAIT | HANDLE | PROMOTED | SCORES | AGENT | PROMISE; varint wait_ms | varint handle_ms | varint n, (varint key, varint value) each |
 *         the same, zigzag value | varint agent | u8 said, varint what, DUE: zigzag due - time before
 * "Before" starts at zero. A what or where is met again at one byte: a customer's events come from few places. */
#include "tl_rows.h"

#include "tl_hash.h"
#include "tl_time.h"

enum { BIT_CONTEXT = 1, BIT_SEQ = 2, BIT_NO_TIME = 4, BIT_RECEIVED = 8, BIT_BY_BEFORE = 16, BIT_SENT = 32, BIT_SKEW = 64, BIT_MORE = 128 };
enum { MORE_WAIT = 1, MORE_HANDLE = 2, MORE_PROMOTED = 4, MORE_SCORES = 8, MORE_AGENT = 16, MORE_PROMISE = 32 };
enum { BLOCK_VERSION = 1, SEEN_MAX = 192 /* an event takes over 10 bytes: no block holds so many */ };
/* all that an event can take: five fields and a what of ten bytes, a where, promoted attributes; broken bytes are read no further either */
enum { EVENT_BYTES_MAX = 512, BLOCK_COPY_BYTES = TL_BLOCK_BYTES + EVENT_BYTES_MAX };

struct what { uint32_t type, touchpoint, channel, marks; };
struct where { uint64_t hash[4]; uint32_t word[4]; uint32_t marks, zero; /* compared bytewise: no padding */ };
struct pack {
    struct what what[SEEN_MAX];
    struct where where[SEEN_MAX];
    uint32_t what_n, where_n, where_now;
    uint64_t position, seq;
    int64_t time_ms, received_ms;
};

uint64_t
tl_kept_hash(char salt, struct tl_str a, struct tl_str b)
{
    static const uint8_t everyone[TL_KEY_BYTES] = "touchline: the same everywhere";
    uint8_t buf[1024];
    size_t an = a.n < 500 ? a.n : 500, bn = b.n < 500 ? b.n : 500;

    buf[0] = (uint8_t)salt;
    buf[1] = (uint8_t)(an & 255);
    buf[2] = (uint8_t)(an >> 8);
    if (an > 0)
        memcpy(buf + 3, a.p, an);
    if (bn > 0)
        memcpy(buf + 3 + an, b.p, bn);
    uint64_t h = tl_hash64(everyone, buf, 3 + an + bn);
    return h != 0 ? h : 1;
}

bool
tl_kept_differs(const struct tl_kept *a, const struct tl_kept *b)
{
    return a->check != b->check || a->time_ms != b->time_ms || a->type != b->type || a->touchpoint != b->touchpoint ||
           a->channel != b->channel || a->session != b->session || a->seq != b->seq || a->case_hash != b->case_hash || a->order_hash != b->order_hash ||
           a->journey_hash != b->journey_hash || a->lifecycle != b->lifecycle || a->outcome != b->outcome || a->stream != b->stream ||
           a->tier != b->tier || a->place != b->place || a->wait_ms != b->wait_ms || a->handle_ms != b->handle_ms || a->agent != b->agent ||
           a->promise.said != b->promise.said || a->promise.what != b->promise.what || a->promise.due_ms != b->promise.due_ms;
}

static struct what
what_of(const struct tl_kept *e)
{
    uint32_t marks = e->role | (uint32_t)e->lifecycle << 2 | (uint32_t)e->outcome << 5 | e->picks << 8;
    return (struct what){ e->type, e->touchpoint, e->channel, marks };
}

static struct where
where_of(const struct tl_kept *e)
{
    return (struct where){ { e->session, e->case_hash, e->order_hash, e->journey_hash }, { e->home, e->origin, e->tier, e->place }, e->flags | (uint32_t)e->stream << 2, 0 };
}

static uint64_t
zigzag(uint64_t v)
{
    return v << 1 ^ (uint64_t)((int64_t)v >> 63);
}

/* ---- writing: an event goes into a flat buffer first, then out in one piece ---- */

static inline uint8_t *
flat_varint(uint8_t *p, uint64_t v)
{
    while (v >= 128) {
        *p++ = (uint8_t)(v | 128);
        v >>= 7;
    }
    *p++ = (uint8_t)v;
    return p;
}

static inline uint8_t *
flat_le64(uint8_t *p, uint64_t v)
{
    for (int i = 0; i < 8; i++)
        *p++ = (uint8_t)(v >> 8 * i);
    return p;
}

static uint8_t *
put_what(uint8_t *out, struct pack *p, struct what w)
{
    uint32_t i = 0;

    while (i < p->what_n && memcmp(&p->what[i], &w, sizeof w) != 0)
        i++;
    out = flat_varint(out, i);
    if (i < p->what_n)
        return out;
    p->what[p->what_n++] = w;
    out = flat_varint(out, w.type);
    out = flat_varint(out, w.touchpoint);
    out = flat_varint(out, w.channel);
    return flat_varint(out, w.marks);
}

static uint8_t *
put_where(uint8_t *out, struct pack *p, const struct where *w)
{
    static const struct where none;
    const struct where *before = p->where_n > 0 ? &p->where[p->where_now] : &none;
    uint32_t i = 0;
    unsigned differs = 0;

    while (i < p->where_n && memcmp(&p->where[i], w, sizeof *w) != 0)
        i++;
    out = flat_varint(out, i);
    if (i < p->where_n) {
        p->where_now = i;
        return out;
    }
    for (unsigned k = 0; k < 4; k++)
        differs |= (w->word[k] != before->word[k] ? 1u << k : 0) | (w->hash[k] != before->hash[k] ? 16u << k : 0);
    *out++ = (uint8_t)differs;
    *out++ = (uint8_t)w->marks;
    for (unsigned k = 0; k < 4; k++)
        if (differs & 1u << k)
            out = flat_varint(out, w->word[k]);
    for (unsigned k = 0; k < 4; k++)
        if (differs & 16u << k)
            out = flat_le64(out, w->hash[k]);
    p->where[p->where_n] = *w;
    p->where_now = p->where_n++;
    return out;
}

static unsigned
more_of(const struct tl_kept *e)
{
    unsigned more = 0;

    more |= e->wait_ms >= 0 ? MORE_WAIT : 0u;
    more |= e->handle_ms >= 0 ? MORE_HANDLE : 0u;
    more |= e->promoted_n > 0 ? MORE_PROMOTED : 0u;
    more |= e->scores_n > 0 ? MORE_SCORES : 0u;
    more |= e->agent != 0 ? MORE_AGENT : 0u;
    more |= e->promise.what != 0 || e->promise.said != 0 ? MORE_PROMISE : 0u;
    return more;
}

static uint8_t *
put_more(uint8_t *out, const struct tl_kept *e, unsigned more, int64_t time_ms)
{
    *out++ = (uint8_t)more;
    if (more & MORE_WAIT)
        out = flat_varint(out, (uint64_t)e->wait_ms);
    if (more & MORE_HANDLE)
        out = flat_varint(out, (uint64_t)e->handle_ms);
    if (more & MORE_PROMOTED)
        out = flat_varint(out, e->promoted_n);
    for (unsigned i = 0; i < e->promoted_n; i++) {
        out = flat_varint(out, e->promoted[i].key);
        out = flat_varint(out, e->promoted[i].value);
    }
    if (more & MORE_SCORES)
        out = flat_varint(out, e->scores_n);
    for (unsigned i = 0; i < e->scores_n; i++) {
        out = flat_varint(out, e->score[i].kind);
        out = flat_varint(out, zigzag((uint64_t)(int64_t)e->score[i].milli));
    }
    if (more & MORE_AGENT)
        out = flat_varint(out, e->agent);
    if (more & MORE_PROMISE) {
        *out++ = e->promise.said;
        out = flat_varint(out, e->promise.what);
    }
    if (e->promise.said & TL_PROMISE_DUE)
        out = flat_varint(out, zigzag((uint64_t)e->promise.due_ms - (uint64_t)time_ms));
    return out;
}

static unsigned
bits_of(const struct pack *p, const struct tl_kept *e, const struct where *where, unsigned more)
{
    unsigned bits = 0;
    bool timed = e->time_ms != TL_TIME_NONE, received = e->received_ms != TL_TIME_NONE;
    uint64_t by_time = (uint64_t)e->received_ms - (uint64_t)e->time_ms, by_before = (uint64_t)e->received_ms - (uint64_t)p->received_ms;

    bits |= p->where_n == 0 || memcmp(&p->where[p->where_now], where, sizeof *where) != 0 ? BIT_CONTEXT : 0u;
    bits |= (e->flags & TL_KEPT_HAS_SEQ) && e->seq != p->seq + 1 ? BIT_SEQ : 0u;
    bits |= !timed ? BIT_NO_TIME : 0u;
    bits |= received ? BIT_RECEIVED : 0u;
    bits |= received && (!timed || zigzag(by_before) < zigzag(by_time)) ? BIT_BY_BEFORE : 0u;
    bits |= e->skew_ms != TL_TIME_NONE ? BIT_SENT : 0u;
    bits |= e->skew_ms != TL_TIME_NONE && e->skew_ms != 0 ? BIT_SKEW : 0u;
    bits |= more != 0 ? BIT_MORE : 0u;
    return bits;
}

static void
put_event(struct tl_buf *b, struct pack *p, const struct tl_kept *e)
{
    uint8_t flat[EVENT_BYTES_MAX], *out = flat;
    struct where where = where_of(e);
    unsigned more = more_of(e), bits = bits_of(p, e, &where, more);

    *out++ = (uint8_t)bits;
    out = put_what(out, p, what_of(e));
    if (bits & BIT_CONTEXT)
        out = put_where(out, p, &where);
    out = flat_varint(out, e->position - p->position);
    out = flat_le64(out, (e->id_hash & TL_KEPT_ID_MASK) | (uint64_t)e->check << 48);
    if (!(bits & BIT_NO_TIME))
        out = flat_varint(out, zigzag((uint64_t)e->time_ms - (uint64_t)p->time_ms));
    if (bits & BIT_RECEIVED)
        out = flat_varint(out, zigzag((uint64_t)e->received_ms - (uint64_t)(bits & BIT_BY_BEFORE ? p->received_ms : e->time_ms)));
    if (bits & BIT_SEQ)
        out = flat_varint(out, zigzag(e->seq - p->seq));
    if (bits & BIT_SKEW)
        out = flat_varint(out, zigzag((uint64_t)e->skew_ms));
    if (bits & BIT_MORE)
        out = put_more(out, e, more, bits & BIT_NO_TIME ? p->time_ms : e->time_ms);
    tl_buf_put(b, flat, (size_t)(out - flat));
    p->position = e->position;
    p->received_ms = bits & BIT_RECEIVED ? e->received_ms : p->received_ms;
    p->time_ms = bits & BIT_NO_TIME ? p->time_ms : e->time_ms;
    p->seq = e->flags & TL_KEPT_HAS_SEQ ? e->seq : p->seq;
}

uint32_t
tl_rows_block_put(struct tl_buf *out, const struct tl_kept *events, uint32_t n)
{
    struct pack p;
    size_t start = out->len;
    uint32_t i = 0;

    p.what_n = p.where_n = p.where_now = 0;
    p.position = p.seq = 0;
    p.time_ms = p.received_ms = 0;
    tl_buf_put_u8(out, BLOCK_VERSION);
    for (; i < n; i++) {
        size_t before = out->len;
        put_event(out, &p, &events[i]);
        if (out->failed)
            return n;
        if (i > 0 && out->len - start > TL_BLOCK_BYTES) {
            out->len = before;
            break;
        }
    }
    return i;
}

/* ---- reading: from a copy with zeros behind it, in which every varint ends, so that only whole events need a check ---- */

struct flat { const uint8_t *p, *end; };

static inline uint64_t
next_varint(struct flat *c)
{
    uint64_t v = *c->p & 127u;
    unsigned shift = 7;

    while (*c->p++ >= 128 && shift < 70) {
        v |= shift < 64 ? (uint64_t)(*c->p & 127u) << shift : 0;
        shift += 7;
    }
    return v;
}

static inline int64_t
next_zigzag(struct flat *c)
{
    uint64_t v = next_varint(c);
    return (int64_t)(v >> 1 ^ (0 - (v & 1)));
}

static inline uint64_t
next_le64(struct flat *c)
{
    uint64_t v = 0;

    for (int i = 0; i < 8; i++)
        v |= (uint64_t)c->p[i] << 8 * i;
    c->p += 8;
    return v;
}

static int
get_what(struct flat *c, struct pack *p, struct tl_kept *e)
{
    uint64_t i = next_varint(c);

    if (i == p->what_n && i < SEEN_MAX) {
        struct what *w = &p->what[p->what_n++];
        w->type = (uint32_t)next_varint(c);
        w->touchpoint = (uint32_t)next_varint(c);
        w->channel = (uint32_t)next_varint(c);
        w->marks = (uint32_t)next_varint(c);
    } else if (i >= p->what_n) {
        return TL_ETRUNC;
    }
    const struct what *w = &p->what[i];
    e->type = w->type;
    e->touchpoint = w->touchpoint;
    e->channel = w->channel;
    e->role = w->marks & 3u;
    e->lifecycle = w->marks >> 2 & 7u;
    e->outcome = (uint8_t)(w->marks >> 5 & 7u);
    e->picks = w->marks >> 8;
    return 0;
}

static void
get_new_where(struct flat *c, struct pack *p)
{
    struct where *w = &p->where[p->where_n];
    unsigned differs = *c->p++;

    if (p->where_n > 0)
        *w = p->where[p->where_now];
    else
        memset(w, 0, sizeof *w);
    w->marks = *c->p++;
    for (unsigned k = 0; k < 4; k++)
        if (differs & 1u << k)
            w->word[k] = (uint32_t)next_varint(c);
    for (unsigned k = 0; k < 4; k++)
        if (differs & 16u << k)
            w->hash[k] = next_le64(c);
    p->where_now = p->where_n++;
}

static int
get_where(struct flat *c, struct pack *p, bool changes, struct tl_kept *e)
{
    if (changes) {
        uint64_t i = next_varint(c);
        if (i == p->where_n && i < SEEN_MAX)
            get_new_where(c, p);
        else if (i < p->where_n)
            p->where_now = (uint32_t)i;
        else
            return TL_ETRUNC;
    }
    if (p->where_n == 0)
        return TL_ETRUNC;
    const struct where *w = &p->where[p->where_now];
    e->session = w->hash[0];
    e->case_hash = w->hash[1];
    e->order_hash = w->hash[2];
    e->journey_hash = w->hash[3];
    e->home = w->word[0];
    e->origin = w->word[1];
    e->tier = w->word[2];
    e->place = w->word[3];
    e->flags = w->marks & 3u;
    e->stream = (uint8_t)(w->marks >> 2 & 7u);
    return 0;
}

static int64_t
plus(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

static void
get_promise(struct flat *c, const struct pack *p, unsigned more, struct tl_kept *e)
{
    if (more & MORE_AGENT)
        e->agent = (uint32_t)next_varint(c);
    if (more & MORE_PROMISE) {
        e->promise.said = *c->p++ & 7;
        e->promise.what = (uint32_t)next_varint(c);
    }
    if (e->promise.said & TL_PROMISE_DUE)
        e->promise.due_ms = plus(p->time_ms, next_zigzag(c));
}

static int
get_more(struct flat *c, struct pack *p, struct tl_kept *e)
{
    unsigned more = *c->p++;

    if (more & MORE_WAIT)
        e->wait_ms = (int64_t)(next_varint(c) & INT64_MAX);
    if (more & MORE_HANDLE)
        e->handle_ms = (int64_t)(next_varint(c) & INT64_MAX);
    uint64_t n = more & MORE_PROMOTED ? next_varint(c) : 0;
    if (n > TL_KEPT_PROMOTED_MAX)
        return TL_ETRUNC;
    e->promoted_n = (uint8_t)n;
    for (unsigned i = 0; i < e->promoted_n; i++) {
        e->promoted[i].key = (uint32_t)next_varint(c);
        e->promoted[i].value = (uint32_t)next_varint(c);
    }
    n = more & MORE_SCORES ? next_varint(c) : 0;
    if (n > TL_KEPT_SCORES_MAX)
        return TL_ETRUNC;
    e->scores_n = (uint8_t)n;
    for (unsigned i = 0; i < e->scores_n; i++) {
        e->score[i].kind = (uint32_t)next_varint(c);
        e->score[i].milli = (int32_t)next_zigzag(c);
    }
    get_promise(c, p, more, e);
    return 0;
}

static int
get_event(struct flat *c, struct pack *p, struct tl_kept *e)
{
    unsigned bits = *c->p++;
    int rc = get_what(c, p, e);

    if (rc == 0)
        rc = get_where(c, p, (bits & BIT_CONTEXT) != 0, e);
    if (rc != 0)
        return rc;
    e->position = p->position += next_varint(c);
    uint64_t id = next_le64(c);
    e->id_hash = id & TL_KEPT_ID_MASK;
    e->check = (uint16_t)(id >> 48);
    e->time_ms = e->received_ms = e->skew_ms = e->at_ms = TL_TIME_NONE;
    if (!(bits & BIT_NO_TIME))
        e->time_ms = p->time_ms = plus(p->time_ms, next_zigzag(c));
    if (bits & BIT_RECEIVED)
        e->received_ms = p->received_ms = plus(bits & BIT_BY_BEFORE ? p->received_ms : p->time_ms, next_zigzag(c));
    if (e->flags & TL_KEPT_HAS_SEQ)
        p->seq += bits & BIT_SEQ ? (uint64_t)next_zigzag(c) : 1;
    e->seq = e->flags & TL_KEPT_HAS_SEQ ? p->seq : 0;
    if (bits & BIT_SENT)
        e->skew_ms = bits & BIT_SKEW ? next_zigzag(c) : 0;
    e->wait_ms = e->handle_ms = -1;
    e->promoted_n = e->scores_n = 0;
    e->agent = 0;
    e->promise = (struct tl_kept_promise){0};
    return bits & BIT_MORE ? get_more(c, p, e) : 0;
}

static int
get_events(struct flat c, struct tl_kept **events, uint32_t *n, uint32_t *cap)
{
    struct pack p;

    p.what_n = p.where_n = p.where_now = 0;
    p.position = p.seq = 0;
    p.time_ms = p.received_ms = 0;
    while (c.p < c.end) {
        if (*n == *cap) {
            uint32_t more = *cap < 32 ? 64 : *cap * 2;
            struct tl_kept *grown = tl_realloc(*events, more * sizeof *grown);
            if (grown == NULL)
                return TL_ENOMEM;
            *events = grown;
            *cap = more;
        }
        if (get_event(&c, &p, &(*events)[*n]) != 0 || c.p > c.end)
            return TL_ETRUNC;
        ++*n;
    }
    return 0;
}

int
tl_rows_block_get(struct tl_str block, struct tl_kept **events, uint32_t *n, uint32_t *cap)
{
    uint8_t copy[BLOCK_COPY_BYTES];

    if (block.n == 0 || block.n > TL_BLOCK_BYTES)
        return TL_ETRUNC;
    memcpy(copy, block.p, block.n);
    memset(copy + block.n, 0, EVENT_BYTES_MAX);
    if (copy[0] != BLOCK_VERSION)
        return TL_EVERSION;
    return get_events((struct flat){ copy + 1, copy + block.n }, events, n, cap);
}
