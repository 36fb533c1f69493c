/* shrink.c - m = K/N, t2 = (sum n (p-m)^2 - (G-1) m (1-m)) / (N - sum n^2/N), M = m (1-m)/t2 - 1, share = (k + M m)/(n + M). Moments after Kleinman 1973. */
#include "shrink.h"

#include "prob.h"
#include "rate.h"

static void
fit(struct shrink *s, const struct shrink_place *place, size_t g, uint64_t *hits, uint64_t *rows)
{
    double spread = 0, squares = 0;
    size_t used = 0;
    for (size_t i = 0; i < g; i++) {
        *hits += place[i].k;
        *rows += place[i].n;
        used += place[i].n > 0;
    }
    s->known = used >= SHRINK_PLACES_MIN;
    if (!s->known) return;
    double all = (double)*rows;
    s->mean = (double)*hits / all;
    for (size_t i = 0; i < g; i++) {
        double n = (double)place[i].n, off = n > 0 ? (double)place[i].k / n - s->mean : 0;
        spread += n * off * off;
        squares += n * n;
    }
    double within = s->mean * (1 - s->mean);
    s->between = (spread - (double)(used - 1) * within) / (all - squares / all);
    s->pooled = !(s->between > 0);
    if (s->pooled) return;
    s->weight = within / s->between - 1;
    if (s->weight < 0) s->weight = 0;           /* places further apart than 0 and 1 allow: nothing is drawn in */
}

static struct interval
drawn_in(const struct shrink *s, const struct shrink_place *p)
{
    double a = (double)p->k + s->weight * s->mean, b = (double)(p->n - p->k) + s->weight * (1 - s->mean);
    if (!(a + b > 0)) return (struct interval){ s->mean, 0, 1, .known = true };
    return (struct interval){ a / (a + b), prob_beta_quantile(0.025, a, b), prob_beta_quantile(0.975, a, b), .known = true };
}

struct shrink
shrink_places(struct shrink_place *place, size_t g)
{
    struct shrink s = { 0 };
    uint64_t hits = 0, rows = 0;
    fit(&s, place, g, &hits, &rows);
    struct interval all = s.known ? rate_wilson_de(hits, rows, 1) : (struct interval){ 0 };
    for (size_t i = 0; i < g; i++) place[i].share = !s.known || s.pooled ? all : drawn_in(&s, &place[i]);
    return s;
}

bool
shrink_apart(const struct interval *a, const struct interval *b)
{
    return a->known && b->known && (a->hi < b->lo || b->hi < a->lo);
}
