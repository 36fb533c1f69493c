/* alignment.c - see alignment.h. best[planned][actual][groups met] holds the cheapest rest of the way; the way itself is then walked from the front. */
#include "alignment.h"

#include "tl_err.h"
#include "tl_mem.h"

#define ELSEWHERE (ALIGN_UNIT / 2)
#define EXTRA (ALIGN_UNIT / 2)

struct rest { int64_t cost; uint32_t edits; };
struct work {
    const struct align_planned *planned;
    const struct align_actual *actual;
    uint32_t n, m, masks;
    uint32_t bit[ALIGN_PLANNED_MAX];        /* of the step's group; 0: none */
    bool last[ALIGN_PLANNED_MAX];           /* the last of its group */
    bool wanted[ALIGN_PLANNED_MAX];         /* skipping costs weight[]: of a group at its last step, while none was met */
    int64_t weight[ALIGN_PLANNED_MAX];
    int64_t *wait;                          /* [planned][actual], -1 none */
    struct rest *best;
};

/* ---- groups ---- */

static uint32_t
group_edge(const struct work *w, uint32_t i, bool first)
{
    uint32_t at = i;
    for (uint32_t k = 0; k < w->n; k++)
        if (w->planned[k].group == w->planned[i].group && (first ? k < at : k > at)) at = k;
    return at;
}

static void
group_end(struct work *w, uint32_t i)
{
    for (uint32_t k = 0; k < w->n; k++) {
        if (w->planned[k].group != w->planned[i].group) continue;
        w->wanted[i] |= w->planned[k].required;
        if (w->planned[k].weight > w->weight[i]) w->weight[i] = w->planned[k].weight;
    }
    w->last[i] = true;
}

/* open_groups - a bit for each group from its first to its last step, given again once that is passed */
static uint32_t
open_groups(struct work *w)
{
    uint32_t used = 0, cut = 0, most = 0;
    for (uint32_t i = 0; i < w->n; i++) {
        w->weight[i] = w->planned[i].weight;
        if (!w->planned[i].group) {
            w->wanted[i] = w->planned[i].required;
            continue;
        }
        uint32_t first = group_edge(w, i, true), bit = w->bit[first];
        if (first == i) {
            for (bit = 1; used & bit; bit <<= 1) continue;
            cut += bit >> ALIGN_GROUPS_OPEN_MAX != 0;
            bit = bit >> ALIGN_GROUPS_OPEN_MAX ? 0 : bit;
        }
        w->bit[i] = bit;
        used |= bit;
        most = used > most ? used : most;
        if (!bit || group_edge(w, i, false) != i) continue;
        group_end(w, i);
        used &= ~bit;
    }
    for (w->masks = 1; w->masks <= most; w->masks <<= 1) continue;
    return cut;
}

/* ---- waits ---- */

static int64_t
first_end(const struct work *w, uint32_t touchpoint, uint32_t before)
{
    for (uint32_t a = 0; a < before; a++)
        if (w->actual[a].touchpoint == touchpoint) return w->actual[a].end_ms;
    return INT64_MIN;
}

static int64_t
wait_of(const struct work *w, uint32_t i, uint32_t a)
{
    const struct align_planned *p = &w->planned[i];
    for (uint32_t k = i; k-- > 0;) {
        if (w->planned[k].touchpoint == p->touchpoint || (p->group && w->planned[k].group == p->group)) continue;
        int64_t end_ms = first_end(w, w->planned[k].touchpoint, a);
        if (end_ms != INT64_MIN) return w->actual[a].start_ms > end_ms ? w->actual[a].start_ms - end_ms : 0;
    }
    return -1;
}

static int64_t
excess_of(const struct work *w, uint32_t i, uint32_t a)
{
    int64_t wait_ms = w->wait[i * w->m + a], limit_ms = w->planned[i].max_wait_ms;
    return limit_ms > 0 && wait_ms > limit_ms ? wait_ms - limit_ms : 0;
}

/* ---- costs ---- */

static bool
elsewhere(const struct work *w, uint32_t i, uint32_t a)
{
    uint64_t channels = w->planned[i].channels;
    uint32_t channel = w->actual[a].channel;
    return channels && (channel == 0 || channel > 63 || !(channels >> channel & 1));
}

static int64_t
sync_cost(const struct work *w, uint32_t i, uint32_t a)
{
    int64_t weight = w->planned[i].weight, excess_ms = excess_of(w, i, a), limit_ms = w->planned[i].max_wait_ms, late = 0;
    if (excess_ms >= limit_ms) late = excess_ms ? weight : 0;
    else if (excess_ms) late = (int64_t)((__int128)excess_ms * weight / limit_ms);
    int64_t cost = (elsewhere(w, i, a) ? ELSEWHERE : 0) + late;
    return cost < weight ? cost : weight;
}

static int64_t
skip_cost(const struct work *w, uint32_t i, uint32_t mask)
{
    return w->wanted[i] && !(mask & w->bit[i]) ? w->weight[i] : 0;
}

static int64_t
extra_cost(const struct work *w, uint32_t a)
{
    return w->actual[a].accepted ? 0 : EXTRA;
}

static uint32_t
mask_after(const struct work *w, uint32_t i, uint32_t mask, bool met)
{
    return w->last[i] ? mask & ~w->bit[i] : met ? mask | w->bit[i] : mask;
}

/* ---- the cheapest rest ---- */

static struct rest *
rest_at(const struct work *w, uint32_t i, uint32_t a, uint32_t mask)
{
    return &w->best[((size_t)i * (w->m + 1) + a) * w->masks + mask];
}

static void
take(struct rest *best, const struct rest *rest, int64_t cost, uint32_t edits)
{
    struct rest r = { rest->cost + cost, rest->edits + edits };
    if (r.cost < best->cost || (r.cost == best->cost && r.edits < best->edits)) *best = r;
}

static void
fill_one(struct work *w, uint32_t i, uint32_t a, uint32_t mask)
{
    struct rest best = { INT64_MAX, UINT32_MAX };
    if (i == w->n && a == w->m) best = (struct rest){ 0, 0 };
    if (i < w->n && a < w->m && w->planned[i].touchpoint == w->actual[a].touchpoint)
        take(&best, rest_at(w, i + 1, a + 1, mask_after(w, i, mask, true)), sync_cost(w, i, a), 0);
    if (i < w->n) take(&best, rest_at(w, i + 1, a, mask_after(w, i, mask, false)), skip_cost(w, i, mask), 1);
    if (a < w->m) take(&best, rest_at(w, i, a + 1, mask), extra_cost(w, a), 1);
    *rest_at(w, i, a, mask) = best;
}

static void
fill(struct work *w)
{
    for (uint32_t i = 0; i < w->n; i++)
        for (uint32_t a = 0; a < w->m; a++)
            if (w->planned[i].touchpoint == w->actual[a].touchpoint) w->wait[i * w->m + a] = wait_of(w, i, a);
    for (uint32_t i = w->n + 1; i-- > 0;)
        for (uint32_t a = w->m + 1; a-- > 0;)
            for (uint32_t mask = 0; mask < w->masks; mask++) fill_one(w, i, a, mask);
}

/* ---- the way ---- */

/* next_sync - from (i, a): the earliest planned step, then actual one, that some cheapest way goes through together first; false: no more */
static bool
next_sync(const struct work *w, uint32_t i, uint32_t a, uint32_t mask, uint32_t *to_i, uint32_t *to_a)
{
    const struct rest *goal = rest_at(w, i, a, mask);
    struct rest skipped = { 0, 0 };
    for (uint32_t p = i; p < w->n; p++) {
        struct rest so_far = skipped;
        for (uint32_t b = a; b < w->m; b++) {
            if (w->planned[p].touchpoint == w->actual[b].touchpoint) {
                const struct rest *rest = rest_at(w, p + 1, b + 1, mask_after(w, p, mask, true));
                if (so_far.cost + sync_cost(w, p, b) + rest->cost == goal->cost && so_far.edits + rest->edits == goal->edits) return *to_i = p, *to_a = b, true;
            }
            so_far.cost += extra_cost(w, b);
            so_far.edits++;
        }
        skipped.cost += skip_cost(w, p, mask);
        skipped.edits++;
        mask = mask_after(w, p, mask, false);
    }
    return false;
}

static void
walk(const struct work *w, struct alignment *out)
{
    uint32_t i = 0, a = 0, mask = 0, to_i, to_a;
    for (;;) {
        bool more = next_sync(w, i, a, mask, &to_i, &to_a);
        if (!more) to_i = w->n, to_a = w->m;
        for (; i < to_i; i++) {
            out->move[out->move_n++] = (struct align_move){ .kind = ALIGN_SKIP, .planned = i, .cost = skip_cost(w, i, mask), .wait_ms = -1 };
            mask = mask_after(w, i, mask, false);
        }
        for (; a < to_a; a++) out->move[out->move_n++] = (struct align_move){ .kind = ALIGN_EXTRA, .actual = a, .cost = extra_cost(w, a), .wait_ms = -1 };
        if (!more) return;
        out->move[out->move_n++] = (struct align_move){ .kind = ALIGN_SYNC, .planned = i, .actual = a, .cost = sync_cost(w, i, a), .elsewhere = elsewhere(w, i, a),
                                                        .wait_ms = w->wait[i * w->m + a], .excess_ms = excess_of(w, i, a) };
        mask = mask_after(w, i, mask, true);
        i++;
        a++;
    }
}

static int64_t
worst_of(const struct work *w)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < w->n; i++) sum += skip_cost(w, i, 0);
    for (uint32_t a = 0; a < w->m; a++) sum += extra_cost(w, a);
    return sum;
}

int
alignment_make(const struct align_planned *planned, uint32_t n, const struct align_actual *actual, uint32_t m, struct alignment *out)
{
    struct work w = { .planned = planned, .actual = actual, .n = n, .m = m < ALIGN_ACTUAL_MAX ? m : ALIGN_ACTUAL_MAX };
    tl_assert(n <= ALIGN_PLANNED_MAX);
    *out = (struct alignment){ .cut = m - w.m, .groups_cut = open_groups(&w) };
    w.best = tl_alloc((size_t)(n + 1) * (w.m + 1) * w.masks * sizeof *w.best);
    w.wait = tl_alloc(((size_t)n * w.m + 1) * sizeof *w.wait);
    out->move = tl_alloc((n + w.m + 1) * sizeof *out->move);
    bool ok = w.best && w.wait && out->move;
    if (ok) {
        fill(&w);
        walk(&w, out);
        out->cost = rest_at(&w, 0, 0, 0)->cost;
        out->edits = rest_at(&w, 0, 0, 0)->edits;
        out->worst = worst_of(&w);
    } else {
        alignment_free(out);
    }
    tl_free(w.best);
    tl_free(w.wait);
    return ok ? 0 : TL_ENOMEM;
}

void
alignment_free(struct alignment *a)
{
    tl_free(a->move);
    a->move = NULL;
    a->move_n = 0;
}

double
alignment_fitness(const struct alignment *a)
{
    return a->worst > 0 ? 1 - (double)a->cost / (double)a->worst : 1;
}
