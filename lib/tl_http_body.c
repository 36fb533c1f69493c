/* tl_http_body.c - request bodies in memory, and the one budget they share.
 *
 * Memory follows what has come, not what was announced: announcing a large body costs its sender everything and the server nothing. A body may begin
 * only while half of the budget is free: else, under load, all that are under way would starve each other and none would be whole. */
#include "tl_http_inside.h"

#include "tl_count.h"
#include "tl_json.h"

#define BODY_FIRST_BYTES 4096
#define BODY_GROWTH 4

/* parts: 1/parts of the budget may be in use afterwards */
static bool
charge(struct tl_http *h, size_t bytes, size_t parts)
{
    size_t most = h->cfg.body_budget, all = h->cfg.memory_budget, pools = atomic_load(&h->pool_bytes);
    if (all) all = all > pools ? all - pools : 0;
    if (h->cfg.memory_budget && all < most) most = all;
    most /= parts;
    if (atomic_fetch_add(&h->body_bytes, bytes) + bytes > most) {
        atomic_fetch_sub(&h->body_bytes, bytes);
        return false;
    }
    tl_count_add(HTTP_BODY_BYTES, (int64_t)bytes);
    return true;
}

static void
uncharge(struct tl_http *h, size_t bytes)
{
    if (!bytes) return;
    atomic_fetch_sub(&h->body_bytes, bytes);
    tl_count_add(HTTP_BODY_BYTES, -(int64_t)bytes);
}

void
tl_http_body_drop(struct tl_http_req *rq)
{
    uncharge(rq->loop->h, rq->body_cap);
    tl_free(rq->body);
    rq->body = NULL;
    rq->body_n = rq->body_cap = 0;
}

void
tl_http_body_answered(struct tl_http_req *rq, size_t bytes)
{
    struct tl_http *h = rq->loop->h;
    tl_http_body_drop(rq);
    if (!h->cfg.memory_budget) return;
    atomic_fetch_add(&h->body_bytes, bytes);    /* over the budget, too: what was promised is said. Then new bodies wait */
    tl_count_add(HTTP_BODY_BYTES, (int64_t)bytes);
    rq->body_cap = bytes;
}

static int
body_grow(struct tl_http_req *rq, size_t need)
{
    struct tl_http *h = rq->loop->h;
    size_t cap = rq->body_cap ? rq->body_cap : BODY_FIRST_BYTES / BODY_GROWTH;
    while (cap < need)
        cap *= BODY_GROWTH;
    if (cap > rq->body_most + TL_JSON_PADDING) cap = rq->body_most + TL_JSON_PADDING;
    size_t more = cap - rq->body_cap;
    if (!charge(h, more, rq->body_cap ? 1 : 2)) return TL_ENOMEM;
    char *p = tl_realloc(rq->body, cap);
    if (!p) {
        uncharge(h, more);
        return TL_ENOMEM;
    }
    rq->body = p;
    rq->body_cap = cap;
    return 0;
}

int
tl_http_body_take(struct tl_http_req *rq, const char *p, size_t n)
{
    if (rq->body_n + n > rq->body_most) return TL_ETOOBIG;
    size_t need = rq->body_n + n + TL_JSON_PADDING;
    if (need > rq->body_cap && body_grow(rq, need) != 0) return TL_ENOMEM;
    memcpy(rq->body + rq->body_n, p, n);
    rq->body_n += n;
    memset(rq->body + rq->body_n, 0, TL_JSON_PADDING);
    return 0;
}

struct tl_str
tl_http_body(const struct tl_http_req *rq)
{
    static const char none[TL_JSON_PADDING];
    return rq->body ? (struct tl_str){ rq->body, rq->body_n } : (struct tl_str){ none, 0 };
}

bool
tl_http_body_cut(const struct tl_http_req *rq)
{
    return rq->cut;
}

bool
tl_http_body_trade(struct tl_http_req *rq, size_t bytes)
{
    tl_http_body_drop(rq);
    if (!charge(rq->loop->h, bytes, 1)) return false;
    rq->body_cap = bytes;
    return true;
}
