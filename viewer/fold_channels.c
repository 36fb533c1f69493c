/* fold_channels.c - see answer_channels.h. Identities stand with customers, not in journey rows: every customer's events are looked at. */
#include "answer_channels.h"

#include <stdlib.h>

#include "fold_period.h"
#include "tl_identity.h"

#define PERSON_BYTES (256u << 20)
#define STRONG_RANK 4                   /* tl_identity_rank: up to an id of one's own kind; browsers and devices are behind */

struct passing { struct look *k; struct tl_store_txn *t; struct tl_arena *one; struct tl_err *err; struct recognition r; int64_t from_ms, to_ms; };

static bool
names(struct passing *p, uint32_t kind)
{
    return tl_identity_rank(tl_store_word(p->t, kind)) <= STRONG_RANK;
}

static bool
counts(const struct passing *p, const struct tl_kept *e)
{
    int stream = p->k->ask->stream;
    return e->role != TL_ROLE_SILENT && (stream == ASK_STREAM_ALL || e->stream == stream) && e->at_ms >= p->from_ms && e->at_ms < p->to_ms;
}

static int
by_channel(const void *x, const void *y)
{
    const struct tl_kept *a = x, *b = y;
    return (a->channel > b->channel) - (a->channel < b->channel);
}

static int
take(void *arg, uint64_t number)
{
    struct passing *p = arg;
    struct tl_profile profile;
    struct tl_kept *e = NULL;
    uint32_t n = 0, kept = 0;
    bool named = false;
    tl_arena_reset(p->one);
    int rc = tl_store_profile(p->t, number, p->one, &profile, p->err);
    if (rc) return rc;
    if (profile.events == 0 || profile.last_ms < p->from_ms || profile.first_ms >= p->to_ms) return 0;
    if ((rc = tl_store_events(p->t, number, &e, &n, p->err))) return rc;
    for (uint32_t i = 0; i < profile.identity_n; i++) named |= names(p, profile.identity[i].kind);
    for (uint32_t i = 0; i < n; i++)
        if (counts(p, &e[i])) e[kept++] = e[i];
    qsort(e, kept, sizeof *e, by_channel);
    for (uint32_t i = 0; i < kept;) {
        uint64_t rows = 0, at_once = 0;
        uint32_t channel = e[i].channel;
        for (; i < kept && e[i].channel == channel; i++, rows++) at_once += e[i].home < profile.identity_n && names(p, profile.identity[e[i].home].kind);
        recognition_add(&p->r, channel, rows, at_once, named);
    }
    tl_free(e);
    return 0;
}

static int
busiest(const void *x, const void *y)
{
    const struct channel_answer *a = x, *b = y;
    if (a->n != b->n) return a->n > b->n ? -1 : 1;
    return tl_str_cmp(a->channel, b->channel);
}

static int
answer_fill(struct passing *p, struct channels_answer *out)
{
    out->item = tl_arena_alloc(p->k->arena, (p->r.at_n + 1) * sizeof *out->item);
    if (!out->item) return TL_ENOMEM;
    for (uint32_t i = 0; i < p->r.at_n; i++) {
        const struct recognised *c = &p->r.at[i];
        struct channel_answer *o = &out->item[out->item_n++];
        *o = (struct channel_answer){ .channel = fold_word(p->k, p->t, c->channel), .n = c->n, .customers = c->customers, .k = { c->k[0], c->k[1] } };
        for (int w = 0; w < 2; w++) o->rate[w] = recognition_rate(c, w, &o->de[w]);
    }
    out->other = p->r.other;
    qsort(out->item, out->item_n, sizeof *out->item, busiest);
    return 0;
}

int
fold_channels(struct look *k, struct channels_answer *out, struct tl_err *err)
{
    struct passing p = { .k = k, .err = err };
    struct period days;
    memset(out, 0, sizeof *out);
    int rc = fold_period(k, &days, err);
    if (rc == 0) rc = fold_zone(k, err);
    if (rc) return rc;
    out->from_day = days.from_day;
    out->to_day = days.to_day;
    p.from_ms = tl_zone_day_start_ms(k->zone, days.from_day);
    p.to_ms = tl_zone_day_start_ms(k->zone, days.to_day + 1);
    if (p.to_ms > k->as_of_ms + 1) p.to_ms = k->as_of_ms + 1;
    if (!k->store) return 0;
    p.one = tl_arena_new(PERSON_BYTES);
    rc = p.one ? tl_store_begin(k->store, &p.t, err) : tl_fail(err, TL_ENOMEM, "out of memory");
    if (rc == 0) rc = tl_store_customers(p.t, 0, UINT32_MAX, take, &p, err);
    if (rc == 0) rc = answer_fill(&p, out);
    tl_store_end(&p.t);
    tl_arena_free(&p.one);
    return rc;
}
