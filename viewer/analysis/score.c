/* score.c - customers, not answers, are what vary: t on the means of customers; running squares by Welford 1962. */
#include "score.h"

#include <math.h>

#include "prob.h"
#include "rate.h"

struct score_nps
score_nps(uint64_t promoters, uint64_t detractors, uint64_t n)
{
    if (n == 0) return (struct score_nps){ 0 };
    double m = (double)n, p = (double)promoters / m, d = (double)detractors / m, net = p - d;
    double var = (p + d - net * net) / m, below = PROB_Z * sqrt(fmax(0, var)), above = below;
    if (!(var > 0)) {                           /* all said the same: no width by the formula, so Wilson's */
        struct interval up = rate_wilson_de(promoters, n, 1), down = rate_wilson_de(detractors, n, 1);
        below = hypot(p - up.lo, down.hi - d);
        above = hypot(up.hi - p, d - down.lo);
    }
    return (struct score_nps){ { net, fmax(-1, net - below), fmin(1, net + above), .known = true }, n >= SCORE_NPS_MIN };
}

void
score_mean_add(struct score_mean *m, double of_customer)
{
    double off = of_customer - m->mean;
    m->mean += off / (double)++m->customers;
    m->squares += off * (of_customer - m->mean);
}

struct interval
score_mean(const struct score_mean *m)
{
    if (m->customers < 2) return (struct interval){ 0 };
    double df = (double)m->customers - 1, var = m->squares / df / (double)m->customers;
    double half = var > 0 ? prob_t_quantile_upper(df, 0.025) * sqrt(var) : 0;
    return (struct interval){ m->mean, m->mean - half, m->mean + half, .known = true, .flat = !(var > 0) };
}
