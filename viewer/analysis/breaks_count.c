/* breaks_count.c - cells are found by hashing, so that a journey costs its chances and nothing is sorted. Design effects need the rows of a cell customer by
 * customer: they are gathered in a second pass, of the cells that ask for it. */
#include <stdlib.h>

#include "breaks.h"
#include "tl_mem.h"

struct counting {
    const struct breaks_ask *q;
    struct tallies *out;
    size_t cap;
    uint32_t *slot;                 /* 1 + index of a cell, 0: free */
    uint32_t slot_n;                /* a power of two, more than twice the cells */
    uint32_t day_n;
    size_t day_cap;                 /* cells that out->day has room for */
    const struct told_journey *j;   /* the one being counted */
    bool now, before, failed;
};

/* ---- cells ---- */

static uint32_t
place_of(const struct counting *c, uint32_t rule, uint32_t touchpoint, uint32_t place, uint32_t daypart)
{
    uint64_t h = ((uint64_t)rule << 32 | touchpoint) * UINT64_C(0x9E3779B97F4A7C15) ^ ((uint64_t)daypart << 32 | place) * UINT64_C(0xC2B2AE3D27D4EB4F);
    uint32_t at = (uint32_t)(h >> 32) & (c->slot_n - 1);
    for (; c->slot[at]; at = (at + 1) & (c->slot_n - 1)) {
        const struct tally *t = &c->out->cell[c->slot[at] - 1];
        if (t->rule == rule && t->touchpoint == touchpoint && t->place == place && t->daypart == daypart) break;
    }
    return at;
}

static bool
slots_grow(struct counting *c)
{
    uint32_t n = c->slot_n ? c->slot_n * 2 : 256;
    while (n <= 2 * (c->out->n + 1)) n *= 2;
    uint32_t *p = tl_alloc(n * sizeof *p);
    if (!p) return false;
    tl_free(c->slot);
    c->slot = p;
    c->slot_n = n;
    for (size_t i = 0; i < c->out->n; i++) {
        const struct tally *t = &c->out->cell[i];
        c->slot[place_of(c, t->rule, t->touchpoint, t->place, t->daypart)] = (uint32_t)i + 1;
    }
    return true;
}

static bool
cells_grow(struct counting *c)
{
    size_t cap = c->cap ? c->cap * 2 : 64;
    struct tally *p = tl_realloc(c->out->cell, cap * sizeof *p);
    if (!p) return false;
    c->out->cell = p;
    struct cusum_day *d = c->day_n ? tl_realloc(c->out->day, cap * c->day_n * sizeof *d) : NULL;
    if (c->day_n && !d) return false;
    if (d) memset(d + c->cap * c->day_n, 0, (cap - c->cap) * c->day_n * sizeof *d);
    c->out->day = d;
    c->cap = cap;
    return true;
}

static size_t
cell_of(struct counting *c, const struct break_row *r)
{
    if (2 * (c->out->n + 1) > c->slot_n && !slots_grow(c)) return SIZE_MAX;
    uint32_t at = place_of(c, r->rule, r->touchpoint, r->place, r->daypart);
    if (c->slot[at]) return c->slot[at] - 1;
    if (c->out->n == c->cap && !cells_grow(c)) return SIZE_MAX;
    c->out->cell[c->out->n] = (struct tally){ .rule = r->rule, .touchpoint = r->touchpoint, .place = r->place, .daypart = r->daypart, .de = 1, .before_de = 1 };
    c->slot[at] = (uint32_t)++c->out->n;
    return c->out->n - 1;
}

/* ---- the first pass ---- */

static void
count_row(void *arg, const struct break_row *r)
{
    struct counting *c = arg;
    size_t i = cell_of(c, r);
    if (i == SIZE_MAX) {
        c->failed = true;
        return;
    }
    struct tally *t = &c->out->cell[i];
    bool hit = r->is == CHANCE_HIT;
    if (r->is == CHANCE_CANCELLED) {
        t->cancelled += c->now;
        return;
    }
    if (r->is == CHANCE_UNKNOWN) {
        t->unknown += c->now;
        return;
    }
    t->n += c->now;
    t->k += c->now && hit;
    t->before_n += c->before;
    t->before_k += c->before && hit;
    if (c->now && r->severity > t->severity) t->severity = r->severity;
    if (c->day_n && c->j->day >= c->q->watch_from && c->j->day <= c->q->to_day) {
        struct cusum_day *d = &c->out->day[i * c->day_n + (uint32_t)(c->j->day - c->q->watch_from)];
        d->n++;
        d->k += hit;
    }
}

static bool
within(int32_t day, int32_t from, int32_t to)
{
    return day >= from && day <= to;
}

static void
each_journey(const struct told *t, const struct breaks_ask *q, breaks_row each, struct counting *c)
{
    const struct told_chance *chance = t->chance;
    const struct tl_break *b = t->brk;
    for (size_t i = 0; i < t->journey_n && !c->failed; i++) {
        const struct told_journey *j = c->j = &t->journey[i];
        c->now = within(j->day, q->from_day, q->to_day);
        c->before = within(j->day, q->before_from, q->before_to);
        if (c->now || c->before || (c->day_n && within(j->day, q->watch_from, q->to_day))) breaks_each(q, j, chance, b, each, c);
        chance += j->chance_n;
        b += j->brk_n;
    }
}

/* leave_out_empty - cells that only other days have, or none: they are no cells of the period */
static void
leave_out_empty(struct counting *c)
{
    size_t n = 0;
    struct tallies *o = c->out;
    for (size_t i = 0; i < o->n; i++) {
        if (!o->cell[i].n && !o->cell[i].cancelled && !o->cell[i].unknown) continue;
        o->cell[n] = o->cell[i];
        o->cell[n].day = c->day_n ? o->day + i * c->day_n : NULL;
        n++;
    }
    o->n = n;
}

static int
by_cell(const void *x, const void *y)
{
    const struct tally *a = x, *b = y;
    if (a->rule != b->rule) return a->rule < b->rule ? -1 : 1;
    if (a->touchpoint != b->touchpoint) return a->touchpoint < b->touchpoint ? -1 : 1;
    if (a->place != b->place) return a->place < b->place ? -1 : 1;
    return (a->daypart > b->daypart) - (a->daypart < b->daypart);
}

int
breaks_count(const struct told *t, const struct breaks_ask *q, struct tallies *out)
{
    struct counting c = { .q = q, .out = out, .day_n = q->watch_from <= q->to_day ? (uint32_t)(q->to_day - q->watch_from) + 1 : 0 };
    *out = (struct tallies){ .day_n = c.day_n };
    each_journey(t, q, count_row, &c);
    tl_free(c.slot);
    if (c.failed) {
        breaks_free(out);
        return TL_ENOMEM;
    }
    leave_out_empty(&c);
    if (out->n) qsort(out->cell, out->n, sizeof *out->cell, by_cell);
    return 0;
}

void
breaks_free(struct tallies *t)
{
    tl_free(t->cell);
    tl_free(t->day);
    *t = (struct tallies){ .n = 0 };
}

/* ---- the second pass: customers are fed by what they did, so that it does not hang on their numbers ---- */

struct pair { uint32_t rows, hits; };

static int
pair_order(const void *x, const void *y)
{
    const struct pair *a = x, *b = y;
    if (a->rows != b->rows) return a->rows < b->rows ? -1 : 1;
    return (a->hits > b->hits) - (a->hits < b->hits);
}

static int
hit_order(const void *x, const void *y)
{
    const struct hit_row *a = x, *b = y;
    return (a->customer > b->customer) - (a->customer < b->customer);
}

double
breaks_design(struct hit_row *row, size_t n)
{
    struct cluster c = { 0, 0, 0 };
    struct pair *pair = n ? tl_alloc(n * sizeof *pair) : NULL;
    size_t pairs = 0, hits = 0;
    if (!pair) return 1;
    qsort(row, n, sizeof *row, hit_order);
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || row[i].customer != row[i - 1].customer) pairs++;
        pair[pairs - 1].rows++;
        pair[pairs - 1].hits += row[i].hit;
        hits += row[i].hit;
    }
    qsort(pair, pairs, sizeof *pair, pair_order);
    for (size_t i = 0; i < pairs; i++) cluster_add_share(&c, pair[i].hits, pair[i].rows, (double)hits / (double)n);
    tl_free(pair);
    return cluster_effect(&c);
}

struct gathering { struct counting c; struct { struct hit_row *now, *before; size_t now_n, before_n; } *of; };

static void
gather_row(void *arg, const struct break_row *r)
{
    struct gathering *g = (struct gathering *)arg;
    uint32_t at = place_of(&g->c, r->rule, r->touchpoint, r->place, r->daypart);
    uint32_t i = g->c.slot[at];
    if (!i || r->is == CHANCE_CANCELLED || r->is == CHANCE_UNKNOWN || !g->c.out->cell[i - 1].again) return;
    const struct hit_row row = { g->c.j->customer, r->is == CHANCE_HIT };
    if (g->c.now) g->of[i - 1].now[g->of[i - 1].now_n++] = row;
    if (g->c.before) g->of[i - 1].before[g->of[i - 1].before_n++] = row;
}

static bool
gather_room(struct gathering *g)
{
    const struct tallies *o = g->c.out;
    g->of = tl_alloc((o->n + 1) * sizeof *g->of);
    for (size_t i = 0; g->of && i < o->n; i++) {
        if (!o->cell[i].again) continue;
        g->of[i].now = tl_alloc((o->cell[i].n + 1) * sizeof *g->of[i].now);
        g->of[i].before = tl_alloc((o->cell[i].before_n + 1) * sizeof *g->of[i].before);
        if (!g->of[i].now || !g->of[i].before) return false;
    }
    return g->of && slots_grow(&g->c);
}

int
breaks_designs(const struct told *t, const struct breaks_ask *q, struct tallies *of)
{
    struct gathering g = { .c = { .q = q, .out = of } };
    int rc = gather_room(&g) ? 0 : TL_ENOMEM;
    if (rc == 0) each_journey(t, q, gather_row, &g.c);
    for (size_t i = 0; g.of && i < of->n; i++) {
        if (rc == 0 && of->cell[i].again) {
            of->cell[i].de = breaks_design(g.of[i].now, g.of[i].now_n);
            of->cell[i].before_de = breaks_design(g.of[i].before, g.of[i].before_n);
        }
        tl_free(g.of[i].now);
        tl_free(g.of[i].before);
    }
    tl_free(g.of);
    tl_free(g.c.slot);
    return rc;
}
