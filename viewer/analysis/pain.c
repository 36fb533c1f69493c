/* pain.c - see pain.h. A journey counts once at a touchpoint, hit when any of its chances there was. */
#include "pain.h"

#include <stdlib.h>
#include "tl_mem.h"

struct words { uint32_t word[PAIN_SOURCES_MAX], n; };
struct place {
    struct pain_point p;
    struct words source, channel;
    uint64_t journey;               /* the last one counted here, from 1, and what it met */
    int severity;
    uint64_t *customer;             /* of journeys hit */
    size_t customer_n, customer_cap;
};
struct counting { struct place *place; size_t n, cap; uint64_t journey; bool failed; };

static void
word_add(struct words *w, uint32_t word)
{
    for (uint32_t i = 0; i < w->n; i++)
        if (w->word[i] == word) return;
    if (word && w->n < PAIN_SOURCES_MAX) w->word[w->n++] = word;
}

static struct place *
place_at(struct counting *c, uint32_t touchpoint)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->place[i].p.touchpoint == touchpoint) return &c->place[i];
    if (c->n == c->cap) {
        size_t cap = c->cap ? c->cap * 2 : 32;
        struct place *p = tl_realloc(c->place, cap * sizeof *p);
        if (!p) return NULL;
        c->place = p;
        c->cap = cap;
    }
    memset(&c->place[c->n], 0, sizeof *c->place);
    c->place[c->n].p.touchpoint = touchpoint;
    return &c->place[c->n++];
}

static void
row(void *arg, const struct break_row *r)
{
    struct counting *c = arg;
    if (r->is == CHANCE_CANCELLED || r->is == CHANCE_UNKNOWN || !r->touchpoint) return;
    struct place *x = place_at(c, r->touchpoint);
    if (!x) {
        c->failed = true;
        return;
    }
    if (x->journey != c->journey) {
        x->journey = c->journey;
        x->severity = 0;
        x->p.n++;
    }
    if (r->is != CHANCE_HIT) return;
    if (r->severity > x->severity) x->severity = r->severity;
    if (r->rule < 64) x->p.rules |= UINT64_C(1) << r->rule;
    word_add(&x->channel, r->channel);
}

static bool
customer_add(struct place *x, uint64_t customer)
{
    if (x->customer_n == x->customer_cap) {
        size_t cap = x->customer_cap ? x->customer_cap * 2 : 64;
        uint64_t *p = tl_realloc(x->customer, cap * sizeof *p);
        if (!p) return false;
        x->customer = p;
        x->customer_cap = cap;
    }
    x->customer[x->customer_n++] = customer;
    return true;
}

/* journey_end - what it met at each place, told once */
static void
journey_end(struct counting *c, const struct told_journey *j)
{
    for (size_t i = 0; i < c->n; i++) {
        struct place *x = &c->place[i];
        if (x->journey != c->journey || !x->severity) continue;
        x->p.hits++;
        x->p.severity += (uint64_t)x->severity;
        if (x->severity > x->p.worst) x->p.worst = x->severity;
        word_add(&x->source, j->origin);
        if (!customer_add(x, j->customer)) c->failed = true;
    }
}

static int
by_number(const void *x, const void *y)
{
    uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;
    return (a > b) - (a < b);
}

static uint64_t
distinct(uint64_t *v, size_t n)
{
    uint64_t k = 0;
    if (n) qsort(v, n, sizeof *v, by_number);
    for (size_t i = 0; i < n; i++) k += i == 0 || v[i] != v[i - 1];
    return k;
}

static int
by_touchpoint(const void *x, const void *y)
{
    const struct pain_point *a = x, *b = y;
    return (a->touchpoint > b->touchpoint) - (a->touchpoint < b->touchpoint);
}

static int
points(struct counting *c, struct pains *out)
{
    out->point = c->failed ? NULL : tl_alloc((c->n + 1) * sizeof *out->point);
    out->n = out->point ? c->n : 0;
    for (size_t i = 0; i < c->n; i++) {
        struct place *x = &c->place[i];
        x->p.customers = distinct(x->customer, x->customer_n);
        x->p.source_n = x->source.n;
        x->p.channel_n = x->channel.n;
        if (out->point) out->point[i] = x->p;
        tl_free(x->customer);
    }
    tl_free(c->place);
    if (out->n) qsort(out->point, out->n, sizeof *out->point, by_touchpoint);
    return out->point ? 0 : TL_ENOMEM;
}

int
pains_count(const struct told *t, const struct breaks_ask *q, struct pains *out)
{
    struct counting c = { .place = NULL };
    const struct told_chance *chance = t->chance;
    const struct tl_break *b = t->brk;
    for (size_t i = 0; i < t->journey_n && !c.failed; i++) {
        const struct told_journey *j = &t->journey[i];
        c.journey++;
        if (j->day >= q->from_day && j->day <= q->to_day) {
            breaks_each(q, j, chance, b, row, &c);
            journey_end(&c, j);
        }
        chance += j->chance_n;
        b += j->brk_n;
    }
    return points(&c, out);
}

double
pain_of(const struct pain_point *p)
{
    if (!p->hits) return 0;
    return (double)p->hits / (double)p->n * ((double)p->severity / (double)p->hits) * (double)p->customers;
}
