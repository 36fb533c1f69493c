/* tl_rows.c - journey key and journey row.
 *
 * Row: version u8 = 1 | head u8: outcome 2 bits, stream 3 bits, cut 1 bit, facts 1 bit | varint attributes, then (varint key, varint value) each |
 * varint last_ms - start_ms | varint cut_n when cut | varint bytes of facts, facts (tl_facts.c) when there are | varint steps, then each step:
 *   u8: lifecycle 3 bits | CHANNEL | END | WAIT | FAIL | MORE
 *   varint touchpoint | varint start - start of the step before (of the journey for the first)
 *   CHANNEL: varint channel, else as the step before | END: varint end - start, else 0 | WAIT: varint wait_ms, else not sent | MORE: u8 other flags
 * TL_STEP_TIE is not stored: it is a zero difference after the first step. Reading steps is the hot loop of every fold: the varints are read
 * without bounds checks while STEP_BYTES_MAX are left. */
#include "tl_rows.h"

enum { BIT_CHANNEL = 8, BIT_END = 16, BIT_WAIT = 32, BIT_FAIL = 64, BIT_MORE = 128 };
enum { ROW_VERSION = 1, STEP_BYTES_MAX = 2 + 5 * 10 };

static void
put_be(uint8_t *p, uint64_t v, int bytes)
{
    for (int i = 0; i < bytes; i++)
        p[i] = (uint8_t)(v >> (8 * (bytes - 1 - i)));
}

void
tl_rows_journey_key(const struct tl_journey *j, uint8_t key[TL_JOURNEY_KEY_BYTES])
{
    put_be(key, j->type, 2);
    put_be(key + 2, (uint32_t)j->day ^ UINT32_C(0x80000000), 4);
    put_be(key + 6, j->customer, 8);
    put_be(key + 14, (uint64_t)j->start_ms ^ (UINT64_C(1) << 63), 8);
    put_be(key + 22, j->tag, 4);
}

/* written out, so that the compiler sees one load and one swap */
static inline uint32_t
get_be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline uint64_t
get_be64(const uint8_t *p)
{
    return (uint64_t)get_be32(p) << 32 | get_be32(p + 4);
}

int
tl_rows_journey_key_read(struct tl_str key, struct tl_journey *j)
{
    const uint8_t *p = (const uint8_t *)key.p;

    if (key.n != TL_JOURNEY_KEY_BYTES)
        return TL_ETRUNC;
    j->type = (uint16_t)(p[0] << 8 | p[1]);
    j->day = (int32_t)(get_be32(p + 2) ^ UINT32_C(0x80000000));
    j->customer = get_be64(p + 6);
    j->start_ms = (int64_t)(get_be64(p + 14) ^ (UINT64_C(1) << 63));
    j->tag = get_be32(p + 22);
    return 0;
}

static void
put_step(struct tl_buf *out, const struct tl_step *s, int64_t before_ms, uint16_t channel)
{
    uint8_t more = s->flags & (uint8_t)(TL_STEP_TIME_MISSING | TL_STEP_BACKSTAGE);
    unsigned bits = s->lifecycle & 7u;

    bits |= s->channel != channel ? BIT_CHANNEL : 0u;
    bits |= s->end_ms != s->start_ms ? BIT_END : 0u;
    bits |= s->wait_ms >= 0 ? BIT_WAIT : 0u;
    bits |= s->flags & TL_STEP_FAIL ? BIT_FAIL : 0u;
    bits |= more != 0 ? BIT_MORE : 0u;
    tl_buf_put_u8(out, (uint8_t)bits);
    tl_buf_put_varint(out, s->touchpoint);
    tl_buf_put_varint(out, (uint64_t)s->start_ms - (uint64_t)before_ms);
    if (bits & BIT_CHANNEL)
        tl_buf_put_varint(out, s->channel);
    if (bits & BIT_END)
        tl_buf_put_varint(out, (uint64_t)s->end_ms - (uint64_t)s->start_ms);
    if (bits & BIT_WAIT)
        tl_buf_put_varint(out, (uint64_t)s->wait_ms);
    if (bits & BIT_MORE)
        tl_buf_put_u8(out, more);
}

void
tl_rows_journey_put(struct tl_buf *out, const struct tl_journey *j)
{
    int64_t before_ms = j->start_ms;
    uint16_t channel = 0;

    tl_buf_put_u8(out, ROW_VERSION);
    tl_buf_put_u8(out, (uint8_t)((j->outcome & 3u) | (j->stream & 7u) << 2 | (j->cut ? 32u : 0u) | (j->facts.n > 0 ? 64u : 0u)));
    tl_buf_put_varint(out, j->attrs_n);
    for (uint32_t i = 0; i < j->attrs_n; i++) {
        tl_buf_put_varint(out, j->attr[i].key);
        tl_buf_put_varint(out, j->attr[i].value);
    }
    tl_buf_put_varint(out, (uint64_t)j->last_ms - (uint64_t)j->start_ms);
    if (j->cut)
        tl_buf_put_varint(out, j->cut_n);
    if (j->facts.n > 0)
        tl_buf_put_text(out, j->facts);
    tl_buf_put_varint(out, j->steps_n);
    for (uint32_t i = 0; i < j->steps_n; i++) {
        put_step(out, &j->step[i], before_ms, channel);
        before_ms = j->step[i].start_ms;
        channel = j->step[i].channel;
    }
}

/* The caller has seen to it that STEP_BYTES_MAX bytes can be read. */
static inline uint64_t
fast_varint(const uint8_t **pp)
{
    const uint8_t *p = *pp;
    uint64_t v = *p & 127u;
    unsigned shift = 7;

    while (*p++ >= 128 && shift < 70) {
        v |= shift < 64 ? (uint64_t)(*p & 127u) << shift : 0;
        shift += 7;
    }
    *pp = p;
    return v;
}

/* The same for numbers whose length cannot be guessed: no branch but for more than 8 bytes. */
static inline uint64_t
even_varint(const uint8_t **pp)
{
    uint64_t x;
    memcpy(&x, *pp, 8);
    uint64_t stop = ~x & UINT64_C(0x8080808080808080);
    if (stop == 0 || __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
        return fast_varint(pp);
    *pp += (unsigned)__builtin_ctzll(stop) / 8 + 1;
    x &= (stop ^ (stop - 1)) & UINT64_C(0x7F7F7F7F7F7F7F7F);        /* up to the byte that ends it */
    x = (x & UINT64_C(0x007F007F007F007F)) | (x & UINT64_C(0x7F007F007F007F00)) >> 1;
    x = (x & UINT64_C(0x00003FFF00003FFF)) | (x & UINT64_C(0x3FFF00003FFF0000)) >> 2;
    return (x & UINT64_C(0x000000000FFFFFFF)) | (x & UINT64_C(0x0FFFFFFF00000000)) >> 4;
}

static inline const uint8_t *
get_step(const uint8_t *p, struct tl_step *s, int64_t before_ms, uint16_t channel, bool first)
{
    unsigned bits = *p++;

    s->lifecycle = bits & 7u;
    s->touchpoint = (uint32_t)fast_varint(&p);
    uint64_t dt = even_varint(&p);
    s->start_ms = (int64_t)((uint64_t)before_ms + dt);
    s->flags = (uint8_t)((bits & BIT_FAIL ? TL_STEP_FAIL : 0) | (dt == 0 && !first ? TL_STEP_TIE : 0));
    s->channel = bits & BIT_CHANNEL ? (uint16_t)fast_varint(&p) : channel;
    s->end_ms = bits & BIT_END ? (int64_t)((uint64_t)s->start_ms + fast_varint(&p)) : s->start_ms;
    s->wait_ms = bits & BIT_WAIT ? (int64_t)(fast_varint(&p) & INT64_MAX) : -1;
    if (bits & BIT_MORE)
        s->flags |= *p++ & (uint8_t)(TL_STEP_TIME_MISSING | TL_STEP_BACKSTAGE);
    return p;
}

/* The last steps of a row are read from a copy with zeros behind it, so that the fast reader never leaves it. */
static int
get_steps(struct tl_cur *c, struct tl_journey *j)
{
    const uint8_t *p = c->p, *end = c->end;
    uint8_t tail[3 * STEP_BYTES_MAX] = {0};
    int64_t before_ms = j->start_ms;
    uint16_t channel = 0;
    bool in_tail = false;

    for (uint32_t i = 0; i < j->steps_n; i++) {
        if (!in_tail && end - p < STEP_BYTES_MAX) {
            size_t left = (size_t)(end - p);
            if (left > 0)
                memcpy(tail, p, left);
            p = tail;
            end = tail + left;
            in_tail = true;
        }
        if (p >= end)
            return TL_ETRUNC;
        p = get_step(p, &j->step[i], before_ms, channel, i == 0);
        before_ms = j->step[i].start_ms;
        channel = j->step[i].channel;
    }
    return p > end ? TL_ETRUNC : 0;
}

/* One byte is the rule. */
static inline uint64_t
head_varint(struct tl_cur *c)
{
    if (c->p < c->end && *c->p < 128)
        return *c->p++;
    return tl_cur_varint(c);
}

int
tl_rows_journey_head(struct tl_str key, struct tl_str row, struct tl_journey *j, struct tl_cur *at)
{
    struct tl_cur c = tl_cur_of(row.p, row.n);
    int rc = tl_rows_journey_key_read(key, j);

    if (rc != 0)
        return rc;
    if (row.n < 2)
        return TL_ETRUNC;
    if (*c.p++ != ROW_VERSION)
        return TL_EVERSION;
    unsigned head = *c.p++;
    j->outcome = head & 3u;
    j->stream = head >> 2 & 7u;
    j->cut = (head & 32u) != 0;
    uint64_t attrs = head_varint(&c);
    if (attrs > TL_JOURNEY_ATTRS_MAX)
        return TL_ETRUNC;
    j->attrs_n = (uint32_t)attrs;
    for (uint32_t i = 0; i < j->attrs_n; i++) {
        j->attr[i].key = (uint32_t)head_varint(&c);
        j->attr[i].value = (uint32_t)head_varint(&c);
    }
    j->last_ms = (int64_t)((uint64_t)j->start_ms + head_varint(&c));
    j->cut_n = j->cut ? (uint32_t)head_varint(&c) : 0;
    j->facts = head & 64u ? tl_cur_text(&c) : (struct tl_str){0};
    uint64_t n = head_varint(&c);
    if (c.bad || n > TL_JOURNEY_STEPS_MAX)
        return TL_ETRUNC;
    j->steps_n = (uint32_t)n;
    j->step = NULL;
    *at = c;
    return 0;
}

int
tl_rows_journey_steps(struct tl_cur *at, struct tl_step *steps, struct tl_journey *j)
{
    j->step = steps;
    return get_steps(at, j);
}

int
tl_rows_journey_get(struct tl_str key, struct tl_str row, struct tl_step *steps, struct tl_journey *j)
{
    struct tl_cur at;
    int rc = tl_rows_journey_head(key, row, j, &at);

    return rc != 0 ? rc : tl_rows_journey_steps(&at, steps, j);
}
