/* tl_due.c - see tl_due.h.
 *
 * version u8 = 1 | u8 kind, severity, stream, priority, break kind | varint customer | u64 pair | zigzag at | zigzag started, due, ended, journey start: each the
 * difference to at, after u8 bits 1 due, 2 ended given | varint type, rule, touchpoint, place, channel, tier, score | zigzag milli */
#include "tl_due.h"

#include "tl_hash.h"
#include "tl_time.h"

enum { VERSION = 1, HAS_DUE = 1, HAS_ENDED = 2 };

static void
put_time(struct tl_buf *out, int64_t ms, int64_t at_ms)
{
    tl_buf_put_zigzag(out, (int64_t)((uint64_t)ms - (uint64_t)at_ms));
}

static int64_t
get_time(struct tl_cur *c, int64_t at_ms)
{
    return (int64_t)((uint64_t)tl_cur_zigzag(c) + (uint64_t)at_ms);
}

void
tl_due_put(struct tl_buf *out, const struct tl_due *d)
{
    const uint32_t words[] = { d->type, d->rule, d->touchpoint, d->place, d->channel, d->tier, d->score };
    const uint8_t small[] = { VERSION, d->kind, d->severity, d->stream, d->priority, d->break_kind };

    tl_buf_put(out, small, sizeof small);
    tl_buf_put_varint(out, d->customer);
    tl_buf_put_le64(out, d->pair);
    tl_buf_put_zigzag(out, d->at_ms);
    tl_buf_put_u8(out, (uint8_t)((d->due_ms != TL_TIME_NONE ? HAS_DUE : 0) | (d->ended_ms != TL_TIME_NONE ? HAS_ENDED : 0)));
    put_time(out, d->started_ms, d->at_ms);
    if (d->due_ms != TL_TIME_NONE)
        put_time(out, d->due_ms, d->at_ms);
    if (d->ended_ms != TL_TIME_NONE)
        put_time(out, d->ended_ms, d->at_ms);
    put_time(out, d->journey_ms, d->at_ms);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        tl_buf_put_varint(out, words[i]);
    tl_buf_put_zigzag(out, d->milli);
}

int
tl_due_get(uint64_t id, struct tl_str bytes, struct tl_due *d)
{
    struct tl_cur c = tl_cur_of(bytes.p, bytes.n);
    uint32_t *const words[] = { &d->type, &d->rule, &d->touchpoint, &d->place, &d->channel, &d->tier, &d->score };
    int version = tl_cur_u8(&c);

    *d = (struct tl_due){ .id = id, .kind = tl_cur_u8(&c), .due_ms = TL_TIME_NONE, .ended_ms = TL_TIME_NONE };
    d->severity = tl_cur_u8(&c);
    d->stream = tl_cur_u8(&c);
    d->priority = tl_cur_u8(&c);
    d->break_kind = tl_cur_u8(&c);
    d->customer = tl_cur_varint(&c);
    d->pair = tl_cur_le64(&c);
    d->at_ms = tl_cur_zigzag(&c);
    unsigned has = tl_cur_u8(&c);
    d->started_ms = get_time(&c, d->at_ms);
    if (has & HAS_DUE)
        d->due_ms = get_time(&c, d->at_ms);
    if (has & HAS_ENDED)
        d->ended_ms = get_time(&c, d->at_ms);
    d->journey_ms = get_time(&c, d->at_ms);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        *words[i] = (uint32_t)tl_cur_varint(&c);
    d->milli = (int32_t)tl_cur_zigzag(&c);
    if (version != VERSION)
        return TL_EVERSION;
    return c.bad || d->kind >= TL_ALERT_KINDS ? TL_ETRUNC : 0;
}

static const uint8_t everyone[TL_KEY_BYTES] = "touchline: due";

uint64_t
tl_due_rule(uint8_t kind, struct tl_str rule)
{
    return tl_mix64(tl_hash64(everyone, rule.n > 0 ? rule.p : "", rule.n) + UINT64_C(0x9E3779B97F4A7C15) * (kind + 1u));
}

uint64_t
tl_due_id(uint64_t rule, uint64_t event, const uint8_t identity[16])
{
    uint8_t all[32];

    for (int i = 0; i < 8; i++) {
        all[i] = (uint8_t)(rule >> 8 * i);
        all[8 + i] = (uint8_t)(event >> 8 * i);
    }
    memcpy(all + 16, identity, 16);
    return tl_hash64(everyone, all, sizeof all);
}
