/* shown.c - at every shown node, shown moves in + other_in + starts = shown moves out + other_out + ends = steps. */
#include "shown.h"

#include <stdlib.h>

struct rank { uint64_t steps; struct tl_str a, b; uint32_t i; };

static int
by_rank(const void *x, const void *y)
{
    const struct rank *p = x, *q = y;
    if (p->steps != q->steps) return p->steps < q->steps ? 1 : -1;
    int c = tl_str_cmp(p->a, q->a);
    return c ? c : tl_str_cmp(p->b, q->b);
}

static uint32_t
at_most(uint32_t n, int64_t max)
{
    return max >= 0 && max < n ? (uint32_t)max : n;
}

static bool
nodes_choose(struct tl_arena *a, const struct map *m, const struct tl_str *name, int64_t max, struct shown *out, uint32_t *place)
{
    struct rank *r = tl_arena_alloc(a, (m->node_n + 1) * sizeof *r);
    if (!r) return false;
    for (uint32_t i = 0; i < m->node_n; i++) r[i] = (struct rank){ m->node[i].steps, name[i], { NULL, 0 }, i };
    qsort(r, m->node_n, sizeof *r, by_rank);
    out->node_n = at_most(m->node_n, max);
    out->other_nodes = m->node_n - out->node_n;
    out->node = tl_arena_alloc(a, (out->node_n + 1) * sizeof *out->node);
    if (!out->node) return false;
    for (uint32_t i = 0; i < m->node_n; i++) {
        place[r[i].i] = i < out->node_n ? i : UINT32_MAX;
        if (i < out->node_n) out->node[i] = (struct shown_node){ .touchpoint = r[i].a, .of = &m->node[r[i].i] };
    }
    return true;
}

static void
edge_fill(const struct map *m, const struct map_edge *e, struct shown_edge *s)
{
    struct waits w = map_edge_waits(m, e);
    s->of = e;
    s->mean_ms = (double)e->sum_ms / (double)e->steps;
    s->p50_ms = waits_quantile(&w, 500);
    s->p90_ms = waits_quantile(&w, 900);
    s->p95_ms = waits_quantile(&w, 950);
}

int
shown_of(struct tl_arena *a, const struct map *m, const struct tl_str *name, int64_t nodes_max, int64_t edges_max, struct shown *out)
{
    *out = (struct shown){ .node = NULL };
    uint32_t *place = tl_arena_alloc(a, (m->node_n + 1) * sizeof *place), seen = 0;
    struct rank *r = tl_arena_alloc(a, (m->edge_n + 1) * sizeof *r);
    if (!place || !r || !nodes_choose(a, m, name, nodes_max, out, place)) return TL_ENOMEM;
    for (uint32_t i = 0; i < m->edge_n; i++) {
        uint32_t from = map_rank(m->node, m->node_n, m->edge[i].from), to = map_rank(m->node, m->node_n, m->edge[i].to);
        if (place[from] != UINT32_MAX && place[to] != UINT32_MAX) r[seen++] = (struct rank){ m->edge[i].steps, name[from], name[to], i };
        else {
            out->other_edges++;
            out->other_steps += m->edge[i].steps;
            if (place[from] != UINT32_MAX) out->node[place[from]].other_out += m->edge[i].steps;
            if (place[to] != UINT32_MAX) out->node[place[to]].other_in += m->edge[i].steps;
        }
    }
    qsort(r, seen, sizeof *r, by_rank);
    out->edge_n = at_most(seen, edges_max);
    out->other_edges += seen - out->edge_n;
    out->edge = tl_arena_alloc(a, (out->edge_n + 1) * sizeof *out->edge);
    if (!out->edge) return TL_ENOMEM;
    for (uint32_t i = 0; i < seen; i++) {
        const struct map_edge *e = &m->edge[r[i].i];
        uint32_t from = place[map_rank(m->node, m->node_n, e->from)], to = place[map_rank(m->node, m->node_n, e->to)];
        if (i < out->edge_n) {
            out->edge[i] = (struct shown_edge){ .from = from, .to = to };
            edge_fill(m, e, &out->edge[i]);
            continue;
        }
        out->other_steps += e->steps;
        out->node[from].other_out += e->steps;
        out->node[to].other_in += e->steps;
    }
    return 0;
}
