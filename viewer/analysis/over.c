/* over.c - see over.h. */
#include "over.h"

#include <stdlib.h>

#include "hold.h"
#include "tl_mem.h"

#define SPOTS_MAX 64            /* touchpoints with a limit that one journey can be told of: standards are fewer */
#define MOVES_MAX 256           /* different moves to them in one journey; further ones are not counted for it */

struct spot { uint32_t touchpoint; bool over; };
struct acc {
    struct over_ask ask;
    struct over_flow *flow;
    size_t flow_n, flow_cap;
    struct tl_facts facts;
    int64_t lo_ms, hi_ms;
};

bool
over_limits(const struct break_rule *r)
{
    return r->standard && r->touchpoint && !r->beyond && (r->kind == TL_STANDARD_CLOCK || r->kind == TL_STANDARD_PROMISE);
}

static void
acc_empty(struct acc *a)
{
    a->flow = NULL;
    a->flow_n = a->flow_cap = 0;
    a->lo_ms = INT64_MIN;
    a->hi_ms = INT64_MAX;
}

static void *
acc_begin(const struct analysis_arg *arg)
{
    struct acc *a = tl_alloc(sizeof *a);
    if (!a) return NULL;
    acc_empty(a);
    a->ask = *(const struct over_ask *)arg->more;
    return a;
}

static void
acc_abandon(void *acc)
{
    struct acc *a = acc;
    if (a) tl_free(a->flow);
    tl_free(a);
}

static const struct break_rule *
rule_of(const struct over_ask *q, uint32_t standard)
{
    for (uint32_t i = 0; i < q->rule_n; i++)
        if (q->rule[i].standard == standard && over_limits(&q->rule[i])) return &q->rule[i];
    return NULL;
}

/* spots - where the journey had an eligible chance, and whether one of them was missed there */
static uint32_t
spots(struct acc *a, struct spot *spot)
{
    const struct hold h = { a->ask.as_of_ms, &a->lo_ms, &a->hi_ms };
    uint32_t n = 0;
    for (uint32_t i = 0; i < a->facts.chance_n; i++) {
        const struct tl_chance *c = &a->facts.chance[i];
        const struct break_rule *r = rule_of(&a->ask, c->standard);
        if (!r) continue;
        hold_passes(&h, c->start_ms);
        hold_passes(&h, c->due_ms);
        hold_passes(&h, c->ended_ms);
        enum chance_is is = chance_known(r, c, chance_judge(r->kind, c, a->ask.as_of_ms));
        if (is != CHANCE_HIT && is != CHANCE_KEPT) continue;
        uint32_t at = 0;
        while (at < n && spot[at].touchpoint != r->touchpoint) at++;
        if (at == SPOTS_MAX) continue;
        if (at == n) spot[n++] = (struct spot){ r->touchpoint, false };
        spot[at].over |= is == CHANCE_HIT;
    }
    return n;
}

static int
flow_add(struct acc *a, uint32_t from, const struct spot *to)
{
    if (a->flow_n == a->flow_cap) {
        size_t cap = a->flow_cap ? a->flow_cap * 2 : 256;
        struct over_flow *p = tl_realloc(a->flow, cap * sizeof *p);
        if (!p) return TL_ENOMEM;
        a->flow = p;
        a->flow_cap = cap;
    }
    a->flow[a->flow_n++] = (struct over_flow){ from, to->touchpoint, 1, to->over };
    return 0;
}

static bool
made(const struct over_flow *f, size_t n, uint32_t from, uint32_t to)
{
    for (size_t i = 0; i < n; i++)
        if (f[i].from == from && f[i].to == to) return true;
    return false;
}

static int
acc_journey(void *acc, const struct tl_journey *j, enum tl_end end)
{
    struct acc *a = acc;
    struct spot spot[SPOTS_MAX];
    (void)end;
    if (!j->facts.n || tl_facts_get(j, &a->facts)) return 0;
    uint32_t n = spots(a, spot);
    size_t mine = a->flow_n;
    for (uint32_t i = 1; n && i < j->steps_n && a->flow_n - mine < MOVES_MAX; i++)
        for (uint32_t s = 0; s < n; s++) {
            if (spot[s].touchpoint != j->step[i].touchpoint || made(a->flow + mine, a->flow_n - mine, j->step[i - 1].touchpoint, spot[s].touchpoint)) continue;
            if (flow_add(a, j->step[i - 1].touchpoint, &spot[s])) return TL_ENOMEM;
        }
    return 0;
}

static void
acc_holds(const void *acc, int64_t *lo_ms, int64_t *hi_ms)
{
    const struct acc *a = acc;
    if (a->lo_ms > *lo_ms) *lo_ms = a->lo_ms;
    if (a->hi_ms < *hi_ms) *hi_ms = a->hi_ms;
}

static int
by_move(const void *x, const void *y)
{
    const struct over_flow *a = x, *b = y;
    if (a->from != b->from) return a->from < b->from ? -1 : 1;
    return (a->to > b->to) - (a->to < b->to);
}

/* part_of - sorted, one of each move; takes f */
static void *
part_of(struct over_flow *f, size_t n)
{
    struct over *o = tl_alloc(sizeof *o);
    if (!o) {
        tl_free(f);
        return NULL;
    }
    if (n) qsort(f, n, sizeof *f, by_move);
    o->flow = f;
    for (size_t i = 0; i < n; i++)
        if (o->flow_n && by_move(&f[o->flow_n - 1], &f[i]) == 0) {
            f[o->flow_n - 1].n += f[i].n;
            f[o->flow_n - 1].k += f[i].k;
        } else {
            f[o->flow_n++] = f[i];
        }
    return o;
}

static void *
acc_finish(void *acc)
{
    struct acc *a = acc;
    void *p = part_of(a->flow, a->flow_n);
    acc_empty(a);
    return p;
}

static void *
sum(const void *const *part, size_t n)
{
    size_t all = 0;
    for (size_t i = 0; i < n; i++) all += ((const struct over *)part[i])->flow_n;
    struct over_flow *f = tl_alloc((all + 1) * sizeof *f);
    if (!f) return NULL;
    all = 0;
    for (size_t i = 0; i < n; i++) {
        const struct over *o = part[i];
        if (o->flow_n) memcpy(f + all, o->flow, o->flow_n * sizeof *f);
        all += o->flow_n;
    }
    return part_of(f, all);
}

static size_t
part_bytes(const void *part)
{
    const struct over *o = part;
    return sizeof *o + o->flow_n * sizeof *o->flow;
}

static void
part_free(void *part)
{
    struct over *o = part;
    if (o) tl_free(o->flow);
    tl_free(o);
}

const struct analysis analysis_over = {
    .name = "over", .version = 1, .doc = "of the journeys on each flow to a touchpoint with a limit, how many were beyond it", .ends = false,
    .begin = acc_begin, .journey = acc_journey, .holds = acc_holds, .finish = acc_finish, .abandon = acc_abandon, .sum = sum, .bytes = part_bytes, .free = part_free,
};
