/* breaks_count.c - cells are found by hashing, so that a journey costs its chances and nothing is sorted. Design effects need the rows of a cell customer by
 * customer: they are gathered in a second pass, of the cells that ask for it. */
#include <stdlib.h>

#include "breaks.h"
#include "persons.h"
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
    if (cap * c->day_n > BREAKS_DAYS_MAX) {
        tl_free(c->out->day);
        c->out->day = NULL;
        c->day_n = c->out->day_n = 0;
    }
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

/* ---- the second pass ---- */

static double
design_of(const struct persons *p)
{
    struct cluster c = { 0, 0, 0 };
    uint64_t hits = 0, rows = 0;
    double hits2 = 0, rows_hits = 0, rows2 = 0;             /* of whole numbers: exact far beyond any store */
    for (size_t i = 0; i < p->cap; i++) {
        const struct person *x = &p->slot[i];
        rows += (uint64_t)x->a;
        hits += (uint64_t)x->b;
        rows2 += (double)(x->a * x->a);
        rows_hits += (double)(x->a * x->b);
        hits2 += (double)(x->b * x->b);
    }
    if (!rows) return 1;
    cluster_add_sums(&c, p->n, hits2, rows_hits, rows2, (double)rows, (double)hits / (double)rows);
    return cluster_effect(&c);
}

double
breaks_design(const struct hit_row *row, size_t n)
{
    struct persons p = { NULL, 0, 0 };
    bool ok = true;
    for (size_t i = 0; ok && i < n; i++) ok = persons_add(&p, row[i].customer, 1, row[i].hit);
    double de = ok ? design_of(&p) : 1;
    persons_free(&p);
    return de;
}

struct gathering { struct counting c; struct { struct persons now, before; } *of; };

static void
gather_row(void *arg, const struct break_row *r)
{
    struct gathering *g = (struct gathering *)arg;
    uint32_t at = place_of(&g->c, r->rule, r->touchpoint, r->place, r->daypart);
    uint32_t i = g->c.slot[at];
    if (!i || r->is == CHANCE_CANCELLED || r->is == CHANCE_UNKNOWN || !g->c.out->cell[i - 1].again) return;
    bool hit = r->is == CHANCE_HIT;
    if (g->c.now) g->c.failed |= !persons_add(&g->of[i - 1].now, g->c.j->customer, 1, hit);
    if (g->c.before) g->c.failed |= !persons_add(&g->of[i - 1].before, g->c.j->customer, 1, hit);
}

int
breaks_designs(const struct told *t, const struct breaks_ask *q, struct tallies *of)
{
    struct gathering g = { .c = { .q = q, .out = of } };
    g.of = tl_alloc((of->n + 1) * sizeof *g.of);
    if (g.of && slots_grow(&g.c)) each_journey(t, q, gather_row, &g.c);
    else g.c.failed = true;
    for (size_t i = 0; g.of && i < of->n; i++) {
        if (!g.c.failed && of->cell[i].again) {
            of->cell[i].de = design_of(&g.of[i].now);
            of->cell[i].before_de = design_of(&g.of[i].before);
        }
        persons_free(&g.of[i].now);
        persons_free(&g.of[i].before);
    }
    tl_free(g.of);
    tl_free(g.c.slot);
    return g.c.failed ? TL_ENOMEM : 0;
}
