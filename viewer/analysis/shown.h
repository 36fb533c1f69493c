/* shown.h - a map as it is shown: the busiest touchpoints and moves, and where the rest went. */
#ifndef SHOWN_H
#define SHOWN_H

#include "map.h"
#include "tl_mem.h"

struct shown_node {
    struct tl_str touchpoint;
    const struct map_node *of;
    uint64_t other_in, other_out;       /* moves in and out that are not among the shown edges */
};
struct shown_edge {
    uint32_t from, to;                  /* indexes of shown nodes */
    const struct map_edge *of;
    double mean_ms, p50_ms, p90_ms, p95_ms;
};
struct shown {
    struct shown_node *node;            /* by steps, most first; ties by name */
    struct shown_edge *edge;
    uint32_t node_n, edge_n;
    uint64_t other_nodes, other_edges, other_steps;     /* hidden touchpoints and moves, and how often the hidden moves were made */
};
/* shown_of - name[i] is the word of m->node[i]; order does not depend on dictionary numbers. max < 0: all. Everything in the arena. 0, TL_ENOMEM. */
int shown_of(struct tl_arena *a, const struct map *m, const struct tl_str *name, int64_t nodes_max, int64_t edges_max, struct shown *out);

#endif
