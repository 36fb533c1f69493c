/* tl_profile.c - see tl_profile.h.
 *
 * version u8 = 2 | u8 lossy | varint events | zigzag first_ms, last_ms | varint identities: 16 bytes hash, varint kind, varint first position -
 * that before, varint events | varint links: varint a, b, u8 manual, varint first position, varint arrivals | varint journeys: varint type,
 * zigzag start - that before, zigzag day - UTC day of start, u32 tag, u64 row hash | varint outcomes: varint outcome, zigzag time - that before */
#include "tl_profile.h"

#include "tl_time.h"

enum { PROFILE_VERSION = 2 };

static int64_t
utc_day(int64_t ms)
{
    return ms / TL_DAY_MS - (ms % TL_DAY_MS < 0);
}

void
tl_profile_put(struct tl_buf *out, const struct tl_profile *p)
{
    uint64_t position = 0, start = 0, at = 0;

    tl_buf_put_u8(out, PROFILE_VERSION);
    tl_buf_put_u8(out, p->lossy);
    tl_buf_put_varint(out, p->events);
    tl_buf_put_zigzag(out, p->first_ms);
    tl_buf_put_zigzag(out, p->last_ms);
    tl_buf_put_varint(out, p->identity_n);
    for (uint32_t i = 0; i < p->identity_n; i++) {
        const struct tl_store_identity *id = &p->identity[i];
        tl_buf_put(out, id->hash, sizeof id->hash);
        tl_buf_put_varint(out, id->kind);
        tl_buf_put_varint(out, id->first_position - position);
        tl_buf_put_varint(out, id->events);
        position = id->first_position;
    }
    tl_buf_put_varint(out, p->link_n);
    for (uint32_t i = 0; i < p->link_n; i++) {
        tl_buf_put_varint(out, p->link[i].a);
        tl_buf_put_varint(out, p->link[i].b);
        tl_buf_put_u8(out, (uint8_t)(p->link[i].manual | p->link[i].back << 1));
        tl_buf_put_varint(out, p->link[i].first_position);
        tl_buf_put_varint(out, p->link[i].told_n);
    }
    tl_buf_put_varint(out, p->journey_n);
    for (uint32_t i = 0; i < p->journey_n; i++) {
        const struct tl_profile_journey *j = &p->journey[i];
        tl_buf_put_varint(out, j->type);
        tl_buf_put_zigzag(out, (int64_t)((uint64_t)j->start_ms - start));
        tl_buf_put_zigzag(out, j->day - utc_day(j->start_ms));
        tl_buf_put_le32(out, j->tag);
        tl_buf_put_le64(out, j->row_hash);
        start = (uint64_t)j->start_ms;
    }
    tl_buf_put_varint(out, p->outcome_n);
    for (uint32_t i = 0; i < p->outcome_n; i++) {
        tl_buf_put_varint(out, p->outcome[i].outcome);
        tl_buf_put_zigzag(out, (int64_t)((uint64_t)p->outcome[i].at_ms - at));
        at = (uint64_t)p->outcome[i].at_ms;
    }
}

/* A list of as many as the bytes can hold at the least; NULL and c->bad when n is more. */
static void *
list_of(struct tl_cur *c, struct tl_arena *a, uint32_t *n, size_t least_bytes, size_t item_bytes)
{
    uint64_t count = tl_cur_varint(c);

    if (count > tl_cur_left(c) / least_bytes) {
        c->bad = true;
        return NULL;
    }
    *n = (uint32_t)count;
    return tl_arena_alloc(a, (count + 1) * item_bytes);
}

static int
get_identities(struct tl_cur *c, struct tl_arena *a, struct tl_profile *p)
{
    uint64_t position = 0;

    p->identity = list_of(c, a, &p->identity_n, 19, sizeof *p->identity);
    if (p->identity == NULL)
        return c->bad ? TL_ETRUNC : TL_ENOMEM;
    for (uint32_t i = 0; i < p->identity_n; i++) {
        struct tl_str h = tl_cur_bytes(c, 16);
        if (h.p == NULL)
            return TL_ETRUNC;
        memcpy(p->identity[i].hash, h.p, 16);
        p->identity[i].kind = (uint32_t)tl_cur_varint(c);
        p->identity[i].first_position = position += tl_cur_varint(c);
        p->identity[i].events = tl_cur_varint(c);
    }
    return 0;
}

static int
get_links(struct tl_cur *c, struct tl_arena *a, struct tl_profile *p)
{
    p->link = list_of(c, a, &p->link_n, 5, sizeof *p->link);
    if (p->link == NULL)
        return c->bad ? TL_ETRUNC : TL_ENOMEM;
    for (uint32_t i = 0; i < p->link_n; i++) {
        p->link[i].a = (uint32_t)tl_cur_varint(c);
        p->link[i].b = (uint32_t)tl_cur_varint(c);
        uint8_t how = tl_cur_u8(c);
        p->link[i].manual = how & 1;
        p->link[i].back = how >> 1 & 1;
        p->link[i].first_position = tl_cur_varint(c);
        p->link[i].told_n = (uint32_t)tl_cur_varint(c);
        if (p->link[i].a >= p->identity_n || p->link[i].b >= p->identity_n)
            return TL_ETRUNC;
    }
    return 0;
}

static int
get_journeys(struct tl_cur *c, struct tl_arena *a, struct tl_profile *p)
{
    uint64_t start = 0;

    p->journey = list_of(c, a, &p->journey_n, 15, sizeof *p->journey);
    if (p->journey == NULL)
        return c->bad ? TL_ETRUNC : TL_ENOMEM;
    for (uint32_t i = 0; i < p->journey_n; i++) {
        struct tl_profile_journey *j = &p->journey[i];
        j->type = (uint16_t)tl_cur_varint(c);
        start += (uint64_t)tl_cur_zigzag(c);
        j->start_ms = (int64_t)start;
        j->day = (int32_t)((uint64_t)utc_day(j->start_ms) + (uint64_t)tl_cur_zigzag(c));
        j->tag = tl_cur_le32(c);
        j->row_hash = tl_cur_le64(c);
    }
    return 0;
}

static int
get_outcomes(struct tl_cur *c, struct tl_arena *a, struct tl_profile *p)
{
    uint64_t at = 0;
    struct tl_profile_outcome *list = list_of(c, a, &p->outcome_n, 2, sizeof *list);

    if (list == NULL)
        return c->bad ? TL_ETRUNC : TL_ENOMEM;
    for (uint32_t i = 0; i < p->outcome_n; i++) {
        list[i].outcome = (uint32_t)tl_cur_varint(c);
        at += (uint64_t)tl_cur_zigzag(c);
        list[i].at_ms = (int64_t)at;
    }
    p->outcome = list;
    return 0;
}

int
tl_profile_get(struct tl_str bytes, struct tl_arena *a, struct tl_profile *p)
{
    struct tl_cur c = tl_cur_of(bytes.p, bytes.n);

    memset(p, 0, sizeof *p);
    if (tl_cur_u8(&c) != PROFILE_VERSION)
        return c.bad ? TL_ETRUNC : TL_EVERSION;
    p->lossy = tl_cur_u8(&c) != 0;
    p->events = tl_cur_varint(&c);
    p->first_ms = tl_cur_zigzag(&c);
    p->last_ms = tl_cur_zigzag(&c);
    int rc = get_identities(&c, a, p);
    if (rc == 0)
        rc = get_links(&c, a, p);
    if (rc == 0)
        rc = get_journeys(&c, a, p);
    if (rc == 0)
        rc = get_outcomes(&c, a, p);
    return rc != 0 ? rc : c.bad ? TL_ETRUNC : 0;
}

void
tl_profile_journey_key(uint64_t customer, const struct tl_profile_journey *j, uint8_t key[TL_JOURNEY_KEY_BYTES])
{
    struct tl_journey k = { .type = j->type, .day = j->day, .customer = customer, .start_ms = j->start_ms, .tag = j->tag };
    tl_rows_journey_key(&k, key);
}
