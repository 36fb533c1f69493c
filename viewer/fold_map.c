/* fold_map.c - the map. */
#include "answer.h"

static struct tl_str
stage_of(const struct look *k, struct tl_str touchpoint)
{
    const struct tl_touchpoint *tp = k->model < 0 ? NULL : tl_catalogue_touchpoint(k->catalogue, touchpoint);
    return tp ? tp->stage[k->model] : (struct tl_str){ NULL, 0 };
}

static struct tl_str
channel_of(struct look *k, struct tl_store_txn *t, struct tl_str touchpoint, uint16_t seen)
{
    const struct tl_touchpoint *tp = tl_catalogue_touchpoint(k->catalogue, touchpoint);
    if (tp && tp->channel.p) return tp->channel;
    return seen && seen != MAP_CHANNEL_MIXED ? fold_word(k, t, seen) : (struct tl_str){ NULL, 0 };
}

static int
names_of(struct look *k, struct tl_store_txn *t, const struct map *m, struct map_answer *out)
{
    struct tl_str *name = tl_arena_alloc(k->arena, (m->node_n + 1) * sizeof *name);
    if (!name) return TL_ENOMEM;
    for (uint32_t i = 0; i < m->node_n; i++) name[i] = fold_word(k, t, m->node[i].touchpoint);
    for (uint32_t i = 0; i < m->node_n && k->catalogue->touchpoint_n; i++)
        if (!tl_catalogue_touchpoint(k->catalogue, name[i])) {
            out->unassigned++;
            out->unassigned_steps += m->node[i].steps;
        }
    int rc = shown_of(k->arena, m, name, k->ask->nodes_max, k->ask->edges_max, &out->shown);
    out->place = tl_arena_alloc(k->arena, (out->shown.node_n + 1) * sizeof *out->place);
    if (rc || !out->place) return TL_ENOMEM;
    for (uint32_t i = 0; i < out->shown.node_n; i++) {
        struct tl_str tp = out->shown.node[i].touchpoint;
        out->place[i] = (struct place){ fold_title(k, tp), stage_of(k, tp), channel_of(k, t, tp, out->shown.node[i].of->channel),
                                        k->catalogue->touchpoint_n && !tl_catalogue_touchpoint(k->catalogue, tp) };
    }
    return 0;
}

/* keep - the map's nodes and edges outlive the partial: shown ones point into copies in the arena */
static int
keep(struct look *k, struct map_answer *out)
{
    struct map_node *n = tl_arena_alloc(k->arena, (out->shown.node_n + 1) * sizeof *n);
    struct map_edge *e = tl_arena_alloc(k->arena, (out->shown.edge_n + 1) * sizeof *e);
    if (!n || !e) return TL_ENOMEM;
    for (uint32_t i = 0; i < out->shown.node_n; i++) {
        n[i] = *out->shown.node[i].of;
        out->shown.node[i].of = &n[i];
    }
    for (uint32_t i = 0; i < out->shown.edge_n; i++) {
        e[i] = *out->shown.edge[i].of;
        out->shown.edge[i].of = &e[i];
    }
    return 0;
}

int
fold_map(struct look *k, struct map_answer *out, struct tl_err *err)
{
    struct fold_part *sum = NULL;
    struct tl_store_txn *t = NULL;
    memset(out, 0, sizeof *out);
    int rc = fold_run(k, &analysis_map, NULL, &sum, err);
    if (rc) return rc;
    const struct map *m = sum->part;
    out->journeys = m->journeys;
    out->steps = m->steps;
    out->customers = tl_bitmap_count(m->customers);
    if (k->store) rc = tl_store_begin(k->store, &t, err);
    if (rc == 0 && (names_of(k, t, m, out) || keep(k, out))) rc = tl_fail(err, TL_ENOMEM, "the answer needs more than %u MB: ask for a shorter period, or fewer nodes", FOLD_ARENA_BYTES >> 20);
    if (t) tl_store_end(&t);
    fold_run_done(k, sum);
    return rc;
}
