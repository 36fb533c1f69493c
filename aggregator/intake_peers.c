/* intake_peers - see intake_peers.h. A plain array: installations have a handful of collectors, and a thousand are searched in microseconds. */
#include "intake_peers.h"

#include "tl_count.h"
#include "tl_hash.h"
#include "tl_logfmt.h"

#define TWICE_WINDOW_US INT64_C(60000000)

bool
intake_route_same(const struct intake_route *a, const struct intake_route *b)
{
    return a->n == b->n && memcmp(a->b, b->b, a->n) == 0;
}

struct intake_peer *
intake_peers_find(struct intake_peers *ps, const struct tl_wire_head *h)
{
    for (size_t i = 0; i < ps->n; i++) {
        struct intake_peer *p = &ps->at[i];
        if (p->epoch == h->epoch && p->partition == h->partition && memcmp(p->collector, h->collector, sizeof p->collector) == 0)
            return p;
    }
    return NULL;
}

static bool
grow(struct intake_peers *ps)
{
    size_t cap = ps->cap ? ps->cap * 2 : 16;
    struct intake_peer *grown = ps->cap < INTAKE_PEERS_MAX ? tl_realloc(ps->at, cap * sizeof *grown) : NULL;
    if (!grown)
        return false;
    ps->at = grown;
    ps->cap = cap;
    return true;
}

struct intake_peer *
intake_peers_place(struct intake_peers *ps)
{
    if (ps->n < ps->cap || grow(ps))
        return &ps->at[ps->n++];
    struct intake_peer *oldest = NULL;
    for (size_t i = 0; i < ps->n; i++)
        if (!ps->at[i].in_round && (!oldest || ps->at[i].heard_us < oldest->heard_us))
            oldest = &ps->at[i];
    return oldest;
}

static void
count_change(struct intake_peer *p, int64_t now_us)
{
    char name[33];
    int64_t *at = &p->changed_us[p->changed_n % INTAKE_CHANGES], before_us = *at;
    *at = now_us;
    if (p->changed_n++ < INTAKE_CHANGES || now_us - before_us > TWICE_WINDOW_US)
        return;
    tl_hex(p->collector, sizeof p->collector, name);
    tl_count_add(A_COLLECTOR_TWICE, 1);
    tl_log(TL_WARN, "collector_twice", "collector=%s connections=%u text=\"more than one collector uses this spool, or its link flaps\"", name, p->changed_n);
}

void
intake_peer_supersede(struct intake_peer *p, const struct intake_route *route, int64_t now_us)
{
    if (p->route.n && !intake_route_same(&p->route, route)) {
        p->old[p->old_next++ % INTAKE_OLD_ROUTES] = p->route;
        count_change(p, now_us);
    }
    for (unsigned i = 0; i < INTAKE_OLD_ROUTES; i++)
        if (intake_route_same(&p->old[i], route))
            p->old[i].n = 0;
    p->route = *route;
}

bool
intake_peer_superseded(const struct intake_peer *p, const struct intake_route *route)
{
    for (unsigned i = 0; i < INTAKE_OLD_ROUTES; i++)
        if (intake_route_same(&p->old[i], route))
            return true;
    return false;
}
