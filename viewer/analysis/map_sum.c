/* map_sum.c - adds maps. Edge by edge through one scratch histogram, so adding costs what the buckets filled cost, not 1,300 a time. */
#include "map.h"
#include "pairs.h"

#include <stdlib.h>
#include "tl_mem.h"

struct piece { const struct map *of; const struct map_edge *edge; };   /* one partial's part of an edge */

static int
by_touchpoint(const void *x, const void *y)
{
    const struct map_node *a = x, *b = y;
    return (a->touchpoint > b->touchpoint) - (a->touchpoint < b->touchpoint);
}

static void
node_join(struct map_node *n, const struct map_node *with)
{
    n->steps += with->steps;
    n->journeys += with->journeys;
    n->starts += with->starts;
    for (int e = 0; e < TL_END_N; e++) n->ends[e] += with->ends[e];
    if (n->channel != with->channel && with->channel) n->channel = n->channel ? MAP_CHANNEL_MIXED : with->channel;
}

/* nodes_join - all nodes of all parts, sorted and joined; returns how many are left */
static uint32_t
nodes_join(struct map_node *all, size_t n)
{
    uint32_t kept = 0;
    qsort(all, n, sizeof *all, by_touchpoint);
    for (size_t i = 0; i < n; i++)
        if (kept && all[kept - 1].touchpoint == all[i].touchpoint) node_join(&all[kept - 1], &all[i]);
        else all[kept++] = all[i];
    return kept;
}

/* edge_join - pieces order[i..n) of one edge into *e, their waits into bucket/count at e->waits_at; returns the piece after them, 0 when a count overflows */
static size_t
edge_join(const struct piece *p, const struct pair *order, size_t i, size_t n, struct waits_pad *pad, struct map_edge *e, uint16_t *bucket, uint32_t *count)
{
    const struct pair key = order[i];
    e->from = p[key.i].edge->from;
    e->to = p[key.i].edge->to;
    for (; i < n && order[i].from == key.from && order[i].to == key.to; i++) {
        const struct map_edge *x = p[order[i].i].edge;
        struct waits w = map_edge_waits(p[order[i].i].of, x);
        e->steps += x->steps;
        e->journeys += x->journeys;
        e->sum_ms += x->sum_ms;
        for (uint32_t k = 0; k < w.n; k++) waits_pad_add(pad, w.bucket[k], w.count[k]);
    }
    e->waits_n = waits_pad_take(pad, bucket + e->waits_at, count + e->waits_at);
    return e->waits_n == UINT32_MAX ? 0 : i;
}

/* nodes_gather, pieces_gather - of all parts */
static uint32_t
nodes_gather(const void *const *part, size_t n, struct map_node *node)
{
    size_t nodes = 0;
    for (size_t i = 0; i < n; i++) {
        const struct map *m = part[i];
        if (m->node_n) memcpy(node + nodes, m->node, m->node_n * sizeof *node);
        nodes += m->node_n;
    }
    return nodes_join(node, nodes);
}

static bool
pieces_gather(const void *const *part, size_t n, const struct map_node *node, uint32_t node_n, struct piece *piece, struct pair *order)
{
    uint32_t k = 0;
    for (size_t i = 0; i < n; i++) {
        const struct map *m = part[i];
        for (uint32_t e = 0; e < m->edge_n; e++, k++) {
            piece[k] = (struct piece){ m, &m->edge[e] };
            order[k] = (struct pair){ map_rank(node, node_n, m->edge[e].from), map_rank(node, node_n, m->edge[e].to), k };
        }
    }
    return pairs_sort(order, k, node_n);
}

/* the worst case of a sum, and scratch for it; tight: only what is used goes into the sum itself */
struct room { struct map_node *node; struct map_edge *edge; uint16_t *bucket; uint32_t *count; struct piece *piece; struct pair *order; struct waits_pad *pad; size_t nodes, edges, waits; };

static struct map *
tight(const struct room *r, uint32_t nodes, uint32_t edges, uint32_t waits)
{
    struct map *m = map_alloc(nodes, edges, waits);
    if (!m) return NULL;
    memcpy(m->node, r->node, nodes * sizeof *m->node);
    memcpy(m->edge, r->edge, edges * sizeof *m->edge);
    memcpy(m->bucket, r->bucket, waits * sizeof *m->bucket);
    memcpy(m->count, r->count, waits * sizeof *m->count);
    return m;
}

static struct map *
fill(const void *const *part, size_t n, struct room *r)
{
    uint32_t edges = 0, waits = 0, nodes = nodes_gather(part, n, r->node);
    if (!pieces_gather(part, n, r->node, nodes, r->piece, r->order)) return NULL;
    for (size_t i = 0; i < r->edges; edges++) {
        struct map_edge *e = &r->edge[edges];
        *e = (struct map_edge){ .waits_at = waits };
        if (!(i = edge_join(r->piece, r->order, i, r->edges, r->pad, e, r->bucket, r->count))) return NULL;
        waits += e->waits_n;
    }
    struct map *m = tight(r, nodes, edges, waits);
    for (size_t i = 0; m && i < n; i++) {
        const struct map *p = part[i];
        m->journeys += p->journeys;
        m->steps += p->steps;
        for (int e = 0; e < TL_END_N; e++) m->ends[e] += p->ends[e];
    }
    return m;
}

static bool
customers_join(const void *const *part, size_t n, struct map *m)
{
    const struct tl_bitmap **set = tl_alloc((n + 1) * sizeof *set);
    if (!set) return false;
    for (size_t i = 0; i < n; i++) set[i] = ((const struct map *)part[i])->customers;
    m->customers = tl_bitmap_union(set, n);
    tl_free(set);
    return m->customers != NULL;
}

static bool
room_make(struct room *r)
{
    r->node = tl_realloc(NULL, (r->nodes + 1) * sizeof *r->node);
    r->edge = tl_realloc(NULL, (r->edges + 1) * sizeof *r->edge);
    r->bucket = tl_realloc(NULL, (r->waits + 1) * sizeof *r->bucket);
    r->count = tl_realloc(NULL, (r->waits + 1) * sizeof *r->count);
    r->piece = tl_realloc(NULL, (r->edges + 1) * sizeof *r->piece);
    r->order = tl_realloc(NULL, (r->edges + 1) * sizeof *r->order);
    r->pad = tl_alloc(sizeof *r->pad);
    return r->node && r->edge && r->bucket && r->count && r->piece && r->order && r->pad;
}

static void
room_free(struct room *r)
{
    tl_free(r->node);
    tl_free(r->edge);
    tl_free(r->bucket);
    tl_free(r->count);
    tl_free(r->piece);
    tl_free(r->order);
    tl_free(r->pad);
}

void *
map_sum(const void *const *part, size_t n)
{
    struct room r = { .nodes = 0 };
    for (size_t i = 0; i < n; i++) {
        const struct map *m = part[i];
        r.nodes += m->node_n;
        r.edges += m->edge_n;
        r.waits += m->waits_n;
    }
    if (r.edges > UINT32_MAX || r.waits > UINT32_MAX) return NULL;
    struct map *m = room_make(&r) ? fill(part, n, &r) : NULL;
    if (m && !customers_join(part, n, m)) map_free(&m);
    room_free(&r);
    return m;
}
