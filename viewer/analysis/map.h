/* map.h - the journey map of a set of journeys: touchpoints, the moves between them, their waits, how journeys end.
 *
 * Identities, at any set of journeys: sum of moves = steps - journeys; at every node moves in + starts = moves out + ends = steps.
 * Words are dictionary numbers of the store. All arrays lie in one block. */
#ifndef MAP_H
#define MAP_H

#include "analysis.h"
#include "tl_bitmap.h"
#include "waits.h"

#define MAP_CHANNEL_MIXED UINT16_MAX

struct map_node {
    uint32_t touchpoint;
    uint16_t channel;                   /* of its steps: 0 none, MAP_CHANNEL_MIXED several */
    uint64_t steps, journeys, starts;   /* journeys: with at least one step here */
    uint64_t ends[TL_END_N];
};
struct map_edge {
    uint32_t from, to;
    uint64_t steps, journeys, sum_ms;   /* steps: times this move was made */
    uint32_t waits_at, waits_n;         /* its run in bucket[] and count[] */
};
struct map {
    uint64_t journeys, steps, ends[TL_END_N];
    struct map_node *node;              /* ascending by touchpoint */
    struct map_edge *edge;              /* ascending by (from, to) */
    uint16_t *bucket;
    uint32_t *count;
    uint32_t node_n, edge_n, waits_n;
    struct tl_bitmap *customers;        /* NULL when there are none */
};
struct waits map_edge_waits(const struct map *m, const struct map_edge *e);
/* map_alloc - a map with room for the given numbers, all zero. NULL: out of memory. */
struct map *map_alloc(uint32_t node_n, uint32_t edge_n, uint32_t waits_n);
void map_free(struct map **mp);
/* map_rank - place of a touchpoint in nodes sorted by touchpoint; it must be there */
uint32_t map_rank(const struct map_node *node, uint32_t n, uint32_t touchpoint);
/* map_sum - adds partials (map_sum.c) */
void *map_sum(const void *const *part, size_t n);

#endif
