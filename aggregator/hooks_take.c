/* hooks_take.c - what there is to tell: new alerts, and the digest of a day. */
#include "hooks_in.h"

#define NEW_HOOK_MS (INT64_C(15) * 60000)        /* what was raised so shortly before a receiver was entered is told */

/* ---- new alerts ---- */

struct taking { struct hooks *h; uint64_t last; bool more; };

static int
take_id(void *arg, const struct tl_alert *a)
{
    struct taking *t = arg;

    if (t->h->fresh_n == HOOK_TAKE_MAX) {
        t->more = true;
        return 1;
    }
    t->h->fresh[t->h->fresh_n++] = a->id;
    t->last = a->number;
    return 0;
}

static int
deal_with(struct hooks *h, const struct hook *k, uint64_t id, bool new_hook)
{
    struct tl_alert a;
    int rc = tl_alerts_get(h->t, id, &a, h->err);

    if (rc != 0)
        return rc == TL_ENOTFOUND ? 0 : rc;
    bool late = a.raised_ms < h->now_ms - (new_hook ? NEW_HOOK_MS : HOOK_AGE_MAX_MS);
    return late || !hook_wants(k, &a) ? 0 : hooks_group(h, k, &a);
}

int
hooks_take(struct hooks *h, const struct hook *k, bool *more)
{
    char name[NAME_BYTES];
    struct tl_str v, memo = hooks_name(name, "hook", k, 0, false);
    struct taking t = { .h = h };
    bool known = tl_alerts_memo_get(h->t, memo, &v) == 0;

    if (known) {
        struct tl_cur c = tl_cur_of(v.p, v.n);
        t.last = tl_cur_varint(&c);
    }
    if (known && t.last >= tl_alerts_last_number(h->t))
        return 0;
    h->fresh_n = 0;
    int rc = tl_alerts_raised(h->t, t.last, take_id, &t, h->err);
    for (uint32_t i = 0; rc == 0 && i < h->fresh_n; i++)
        rc = deal_with(h, k, h->fresh[i], !known);
    tl_buf_reset(&h->value);
    tl_buf_put_varint(&h->value, t.more ? t.last : tl_alerts_last_number(h->t));
    *more = *more || t.more;
    return rc != 0 ? rc : hooks_put(h, memo);
}

/* ---- the daily digest ---- */

struct counting { const struct hooks *h; const struct hook *k; struct digest d; };

static int
count_alert(void *arg, const struct tl_alert *a)
{
    struct counting *c = arg;
    const int64_t age_ms = c->h->now_ms - a->raised_ms;

    if (!hook_wants(c->k, a))
        return 0;
    if (age_ms >= 0 && age_ms < TL_DAY_MS)
        c->d.raised[a->kind]++;
    c->d.open += a->state == TL_ALERT_OPEN;
    c->d.acknowledged += a->state == TL_ALERT_ACKNOWLEDGED;
    if (a->state == TL_ALERT_OPEN && (c->d.oldest_open_ms == TL_TIME_NONE || a->raised_ms < c->d.oldest_open_ms))
        c->d.oldest_open_ms = a->raised_ms;
    return 0;
}

static int
emit_digest(struct hooks *h, const struct hook *k, int32_t day)
{
    struct counting c = { h, k, { .oldest_open_ms = TL_TIME_NONE } };
    char id[MESSAGE_ID_BYTES], link[400], text[16];
    int rc = tl_alerts_newest(h->t, count_alert, &c, h->err);

    if (rc != 0)
        return rc;
    hooks_next_id(h, k, id);
    tl_buf_reset(&h->body);
    message_digest(&h->body, k, &c.d, tl_day_format(day, text), h->now_ms, id, hooks_link(h, link, 0));
    return hooks_queue(h, k, id);
}

int
hooks_digest(struct hooks *h, const struct hook *k)
{
    char name[NAME_BYTES];
    struct tl_str v, memo = hooks_name(name, "digest", k, 0, false);
    int32_t day = tl_zone_day(h->zone, h->now_ms);
    bool reached = h->now_ms - tl_zone_day_start_ms(h->zone, day) >= INT64_C(3600000) * h->digest_hour;
    bool known = tl_alerts_memo_get(h->t, memo, &v) == 0;
    int64_t last = reached ? day : day - 1;          /* a new receiver: the next one is its first */
    int rc = 0;

    if (known) {
        struct tl_cur c = tl_cur_of(v.p, v.n);
        last = tl_cur_zigzag(&c);
    }
    bool ahead = last > day + 1;                     /* told by a clock that was ahead: today counts as told */
    if (ahead)
        last = day;
    bool due = reached && last < day;
    if (due)
        rc = emit_digest(h, k, day);
    if (rc != 0 || (known && !due && !ahead))
        return rc;
    tl_buf_reset(&h->value);
    tl_buf_put_zigzag(&h->value, due ? day : last);
    return hooks_put(h, memo);
}
