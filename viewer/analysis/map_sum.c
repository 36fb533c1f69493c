/* map_sum.c - adds maps. Edge by edge through one scratch histogram, so adding costs what the buckets filled cost, not 1,300 a time. */
#include "map.h"

#include <stdlib.h>
#include "tl_mem.h"

struct piece { uint64_t key; const struct map *of; const struct map_edge *edge; };   /* one partial's part of an edge */

static int
by_key(const void *x, const void *y)
{
    const struct piece *a = x, *b = y;
    return (a->key > b->key) - (a->key < b->key);
}

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

/* edge_join - pieces [i, n) of one key into *e, their waits into bucket/count at e->waits_at; returns the piece after them, 0 when a count overflows */
static size_t
edge_join(const struct piece *p, size_t i, size_t n, struct waits_pad *pad, struct map_edge *e, uint16_t *bucket, uint32_t *count)
{
    uint64_t key = p[i].key;
    e->from = p[i].edge->from;
    e->to = p[i].edge->to;
    for (; i < n && p[i].key == key; i++) {
        const struct map_edge *x = p[i].edge;
        struct waits w = map_edge_waits(p[i].of, x);
        e->steps += x->steps;
        e->journeys += x->journeys;
        e->sum_ms += x->sum_ms;
        for (uint32_t k = 0; k < w.n; k++) waits_pad_add(pad, w.bucket[k], w.count[k]);
    }
    e->waits_n = waits_pad_n(pad);
    return waits_pad_take(pad, bucket + e->waits_at, count + e->waits_at) ? i : 0;
}

struct sizes { size_t nodes, edges, waits; };

static struct map *
fill(const void *const *part, size_t n, struct map_node *node, struct piece *piece, struct waits_pad *pad, struct map *room)
{
    size_t nodes = 0, pieces = 0;
    uint32_t edges = 0, waits = 0;
    for (size_t i = 0; i < n; i++) {
        const struct map *m = part[i];
        room->journeys += m->journeys;
        room->steps += m->steps;
        for (int e = 0; e < TL_END_N; e++) room->ends[e] += m->ends[e];
        if (m->node_n) memcpy(node + nodes, m->node, m->node_n * sizeof *node);
        nodes += m->node_n;
        for (uint32_t k = 0; k < m->edge_n; k++)
            piece[pieces++] = (struct piece){ (uint64_t)m->edge[k].from << 32 | m->edge[k].to, m, &m->edge[k] };
    }
    qsort(piece, pieces, sizeof *piece, by_key);
    for (size_t i = 0; i < pieces; edges++) {
        struct map_edge *e = &room->edge[edges];
        e->waits_at = waits;
        if (!(i = edge_join(piece, i, pieces, pad, e, room->bucket, room->count))) return NULL;
        waits += e->waits_n;
    }
    uint32_t kept = nodes_join(node, nodes);
    struct map *m = map_alloc(kept, edges, waits);    /* room was for the worst case: keep only what is used */
    if (!m) return NULL;
    m->journeys = room->journeys;
    m->steps = room->steps;
    memcpy(m->ends, room->ends, sizeof m->ends);
    memcpy(m->node, node, kept * sizeof *node);
    memcpy(m->edge, room->edge, edges * sizeof *m->edge);
    memcpy(m->bucket, room->bucket, waits * sizeof *m->bucket);
    memcpy(m->count, room->count, waits * sizeof *m->count);
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

void *
map_sum(const void *const *part, size_t n)
{
    struct sizes z = { 0, 0, 0 };
    for (size_t i = 0; i < n; i++) {
        const struct map *m = part[i];
        z.nodes += m->node_n;
        z.edges += m->edge_n;
        z.waits += m->waits_n;
    }
    if (z.edges > UINT32_MAX || z.waits > UINT32_MAX) return NULL;
    struct map *m = NULL;
    struct map *room = map_alloc(0, (uint32_t)z.edges, (uint32_t)z.waits);
    struct map_node *node = tl_alloc((z.nodes + 1) * sizeof *node);
    struct piece *piece = tl_alloc((z.edges + 1) * sizeof *piece);
    struct waits_pad *pad = tl_alloc(sizeof *pad);
    if (room && node && piece && pad) m = fill(part, n, node, piece, pad, room);
    if (m && !customers_join(part, n, m)) map_free(&m);
    map_free(&room);
    tl_free(node);
    tl_free(piece);
    tl_free(pad);
    return m;
}
