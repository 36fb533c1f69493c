/* cell.c - the excess counts from the lower bound, so that the number printed is one that can be defended. */
#include "cell.h"

#include "binomial.h"
#include "rate.h"

static double
excess(struct share s, double lower)
{
    return lower > 0 ? (double)s.n * lower : 0;
}

struct cell
cell_against_allowed(struct share s, double allowed)
{
    double de = s.de > 1 ? s.de : 1;
    struct cell c = { .rate = rate_wilson_de(s.k, s.n, de), .p = binomial_upper_de(s.k, s.n, allowed, de) };
    if (!c.rate.known) return c;
    c.over = (struct interval){ c.rate.value - allowed, c.rate.lo - allowed, c.rate.hi - allowed, .known = true };
    c.excess = excess(s, c.over.lo);
    return c;
}

struct cell
cell_against_before(struct share s, struct share before)
{
    struct cell c = { .rate = rate_wilson_de(s.k, s.n, s.de > 1 ? s.de : 1), .over = differ_newcombe(s, before) };
    c.p = differ_score_p(s, before, 0);
    c.excess = excess(s, c.over.lo);
    return c;
}

bool
cell_shown(const struct cell *c, struct share s, double q)
{
    return q <= CELL_Q_MAX && s.n >= CELL_ROWS_MIN && s.k >= CELL_HITS_MIN && c->over.known && c->over.value >= CELL_OVER_MIN;
}
