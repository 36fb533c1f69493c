/* tl_facts.c - see tl_facts.h.
 *
 * varint chances, breaks, scores, outcomes, cut | each list in turn. Times are zigzag differences to the entry before, to the journey's start for the first;
 * steps are stored plus 1 (0: none).
 *   chance: u8 HIT | KEPT | DUE | ENDED | CANCELLED | PLACE | CHANNEL | TIER; varint standard, step; time; zigzag due, ended, cancelled - start where given;
 *           varint place, channel, tier where they differ from the chance before
 *   break:  u8 kind; u8 severity; varint standard, step, touchpoint; time; varint place, channel; zigzag expected, actual; 6 bytes evidence
 *   score:  varint kind, step; zigzag milli; time       outcome: varint outcome, step; time */
#include "tl_facts.h"

#include "tl_rows.h"

enum { BIT_DUE = 4, BIT_ENDED = 8, BIT_CANCELLED = 16, BIT_PLACE = 32, BIT_CHANNEL = 64, BIT_TIER = 128 };
enum { EVIDENCE_BYTES = 6 };

static void
put_difference(struct tl_buf *out, int64_t ms, int64_t *before)
{
    tl_buf_put_zigzag(out, (int64_t)((uint64_t)ms - (uint64_t)*before));
    *before = ms;
}

static int64_t
get_difference(struct tl_cur *c, int64_t *before)
{
    return *before = (int64_t)((uint64_t)*before + (uint64_t)tl_cur_zigzag(c));
}

static void
put_chance(struct tl_buf *out, const struct tl_chance *x, const struct tl_chance *before, int64_t *ms)
{
    const int64_t start = x->start_ms;
    unsigned bits = x->flags & 3u;

    bits |= x->due_ms != TL_TIME_NONE ? BIT_DUE : 0u;
    bits |= x->ended_ms != TL_TIME_NONE ? BIT_ENDED : 0u;
    bits |= x->cancelled_ms != TL_TIME_NONE ? BIT_CANCELLED : 0u;
    bits |= x->place != before->place ? BIT_PLACE : 0u;
    bits |= x->channel != before->channel ? BIT_CHANNEL : 0u;
    bits |= x->tier != before->tier ? BIT_TIER : 0u;
    tl_buf_put_u8(out, (uint8_t)bits);
    tl_buf_put_varint(out, x->standard);
    tl_buf_put_varint(out, (uint32_t)(x->step + 1));
    put_difference(out, start, ms);
    if (bits & BIT_DUE)
        tl_buf_put_zigzag(out, (int64_t)((uint64_t)x->due_ms - (uint64_t)start));
    if (bits & BIT_ENDED)
        tl_buf_put_zigzag(out, (int64_t)((uint64_t)x->ended_ms - (uint64_t)start));
    if (bits & BIT_CANCELLED)
        tl_buf_put_zigzag(out, (int64_t)((uint64_t)x->cancelled_ms - (uint64_t)start));
    if (bits & BIT_PLACE)
        tl_buf_put_varint(out, x->place);
    if (bits & BIT_CHANNEL)
        tl_buf_put_varint(out, x->channel);
    if (bits & BIT_TIER)
        tl_buf_put_varint(out, x->tier);
}

static int64_t
after(int64_t start, bool given, struct tl_cur *c)
{
    return given ? (int64_t)((uint64_t)start + (uint64_t)tl_cur_zigzag(c)) : TL_TIME_NONE;
}

static void
get_chance(struct tl_cur *c, struct tl_chance *x, const struct tl_chance *before, int64_t *ms)
{
    unsigned bits = tl_cur_u8(c);

    x->flags = bits & 3u;
    x->standard = (uint32_t)tl_cur_varint(c);
    x->step = (uint32_t)tl_cur_varint(c) - 1;
    x->start_ms = get_difference(c, ms);
    x->due_ms = after(x->start_ms, bits & BIT_DUE, c);
    x->ended_ms = after(x->start_ms, bits & BIT_ENDED, c);
    x->cancelled_ms = after(x->start_ms, bits & BIT_CANCELLED, c);
    x->place = bits & BIT_PLACE ? (uint32_t)tl_cur_varint(c) : before->place;
    x->channel = bits & BIT_CHANNEL ? (uint32_t)tl_cur_varint(c) : before->channel;
    x->tier = bits & BIT_TIER ? (uint32_t)tl_cur_varint(c) : before->tier;
}

static void
put_break(struct tl_buf *out, const struct tl_break *b, int64_t *ms)
{
    uint8_t evidence[EVIDENCE_BYTES];

    for (int i = 0; i < EVIDENCE_BYTES; i++)
        evidence[i] = (uint8_t)(b->evidence >> 8 * i);
    tl_buf_put_u8(out, b->kind);
    tl_buf_put_u8(out, b->severity);
    tl_buf_put_varint(out, b->standard);
    tl_buf_put_varint(out, (uint32_t)(b->step + 1));
    tl_buf_put_varint(out, b->touchpoint);
    put_difference(out, b->at_ms, ms);
    tl_buf_put_varint(out, b->place);
    tl_buf_put_varint(out, b->channel);
    tl_buf_put_zigzag(out, b->expected);
    tl_buf_put_zigzag(out, b->actual);
    tl_buf_put(out, evidence, sizeof evidence);
}

static void
get_break(struct tl_cur *c, struct tl_break *b, int64_t *ms)
{
    b->kind = tl_cur_u8(c);
    b->severity = tl_cur_u8(c);
    b->standard = (uint32_t)tl_cur_varint(c);
    b->step = (uint32_t)tl_cur_varint(c) - 1;
    b->touchpoint = (uint32_t)tl_cur_varint(c);
    b->at_ms = get_difference(c, ms);
    b->place = (uint32_t)tl_cur_varint(c);
    b->channel = (uint32_t)tl_cur_varint(c);
    b->expected = tl_cur_zigzag(c);
    b->actual = tl_cur_zigzag(c);
    b->evidence = 0;
    for (int i = 0; i < EVIDENCE_BYTES; i++)
        b->evidence |= (uint64_t)tl_cur_u8(c) << 8 * i;
}

void
tl_facts_put(struct tl_buf *out, const struct tl_facts *f, int64_t start_ms)
{
    static const struct tl_chance none;
    int64_t ms = start_ms;

    if (f->chance_n + f->break_n + f->scored_n + f->marked_n == 0)
        return;
    tl_buf_put_varint(out, f->chance_n);
    tl_buf_put_varint(out, f->break_n);
    tl_buf_put_varint(out, f->scored_n);
    tl_buf_put_varint(out, f->marked_n);
    tl_buf_put_varint(out, f->cut_n);
    for (uint32_t i = 0; i < f->chance_n; i++)
        put_chance(out, &f->chance[i], i > 0 ? &f->chance[i - 1] : &none, &ms);
    ms = start_ms;
    for (uint32_t i = 0; i < f->break_n; i++)
        put_break(out, &f->brk[i], &ms);
    ms = start_ms;
    for (uint32_t i = 0; i < f->scored_n; i++) {
        tl_buf_put_varint(out, f->scored[i].kind);
        tl_buf_put_varint(out, (uint32_t)(f->scored[i].step + 1));
        tl_buf_put_zigzag(out, f->scored[i].milli);
        put_difference(out, f->scored[i].at_ms, &ms);
    }
    ms = start_ms;
    for (uint32_t i = 0; i < f->marked_n; i++) {
        tl_buf_put_varint(out, f->marked[i].outcome);
        tl_buf_put_varint(out, (uint32_t)(f->marked[i].step + 1));
        put_difference(out, f->marked[i].at_ms, &ms);
    }
}

static bool
get_counts(struct tl_cur *c, struct tl_facts *f)
{
    uint64_t n[4];

    for (int i = 0; i < 4; i++)
        n[i] = tl_cur_varint(c);
    f->cut_n = (uint32_t)tl_cur_varint(c);
    for (int i = 0; i < 4; i++)
        if (n[i] > TL_FACTS_MAX)
            return false;
    f->chance_n = (uint32_t)n[0];
    f->break_n = (uint32_t)n[1];
    f->scored_n = (uint32_t)n[2];
    f->marked_n = (uint32_t)n[3];
    return !c->bad;
}

int
tl_facts_get(const struct tl_journey *j, struct tl_facts *f)
{
    static const struct tl_chance none;
    struct tl_cur c = tl_cur_of(j->facts.p, j->facts.n);
    int64_t ms = j->start_ms;

    f->chance_n = f->break_n = f->scored_n = f->marked_n = f->cut_n = 0;
    if (j->facts.n == 0)
        return 0;
    if (!get_counts(&c, f))
        return TL_ETRUNC;
    for (uint32_t i = 0; i < f->chance_n; i++)
        get_chance(&c, &f->chance[i], i > 0 ? &f->chance[i - 1] : &none, &ms);
    ms = j->start_ms;
    for (uint32_t i = 0; i < f->break_n; i++)
        get_break(&c, &f->brk[i], &ms);
    ms = j->start_ms;
    for (uint32_t i = 0; i < f->scored_n; i++) {
        f->scored[i].kind = (uint32_t)tl_cur_varint(&c);
        f->scored[i].step = (uint32_t)tl_cur_varint(&c) - 1;
        f->scored[i].milli = (int32_t)tl_cur_zigzag(&c);
        f->scored[i].at_ms = get_difference(&c, &ms);
    }
    ms = j->start_ms;
    for (uint32_t i = 0; i < f->marked_n; i++) {
        f->marked[i].outcome = (uint32_t)tl_cur_varint(&c);
        f->marked[i].step = (uint32_t)tl_cur_varint(&c) - 1;
        f->marked[i].at_ms = get_difference(&c, &ms);
    }
    return c.bad ? TL_ETRUNC : 0;
}
