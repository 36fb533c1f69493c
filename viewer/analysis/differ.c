/* differ.c - the square-and-add interval keeps its coverage where Wald's does not; ratios and Wald only where the rules ask for them. */
#include "differ.h"

#include <math.h>

#include "prob.h"
#include "rate.h"

static double
effect(struct share s)
{
    return s.de > 1 ? s.de : 1;
}

static double
people(struct share s)
{
    return (double)s.n / effect(s);
}

static double
part(struct share s)
{
    return (double)s.k / (double)s.n;
}

struct interval
differ_newcombe(struct share a, struct share b)
{
    if (a.n == 0 || b.n == 0) return (struct interval){ 0 };
    struct interval x = rate_wilson_de(a.k, a.n, effect(a)), y = rate_wilson_de(b.k, b.n, effect(b));
    double d = x.value - y.value;
    return (struct interval){ d, d - hypot(x.value - x.lo, y.hi - y.value), d + hypot(x.hi - x.value, y.value - y.lo), .known = true };
}

struct interval
differ_katz(struct share a, struct share b)
{
    if (a.k == 0 || b.k == 0 || a.n == 0 || b.n == 0) return (struct interval){ 0 };
    double var = (1 - part(a)) / (part(a) * people(a)) + (1 - part(b)) / (part(b) * people(b));
    double ratio = part(a) / part(b), factor = exp(fmin(PROB_Z * sqrt(var), 600));
    return (struct interval){ ratio, ratio / factor, ratio * factor, .known = true, .flat = var == 0 };
}

double
differ_score_p(struct share a, struct share b, double *z)
{
    if (z) *z = 0;
    if (a.n == 0 || b.n == 0) return 1;
    double pool = (part(a) * people(a) + part(b) * people(b)) / (people(a) + people(b));
    double var = pool * (1 - pool) * (1 / people(a) + 1 / people(b));
    if (!(var > 0)) return 1;
    double at = (part(a) - part(b)) / sqrt(var);
    if (z) *z = at;
    return prob_normal_two_sided(at);
}

struct interval
differ_change(struct change c)
{
    return differ_newcombe(c.after, c.before);
}

struct interval
differ_in_differences(struct change acted, struct change rest)
{
    struct share s[4] = { acted.after, acted.before, rest.after, rest.before };
    const double sign[4] = { 1, -1, -1, 1 };
    double d = 0, var = 0, below = 0, above = 0;
    for (int i = 0; i < 4; i++) {
        if (s[i].n == 0) return (struct interval){ 0 };
        struct interval r = rate_wilson_de(s[i].k, s[i].n, effect(s[i]));
        d += sign[i] * r.value;
        var += r.value * (1 - r.value) / people(s[i]);
        below = hypot(below, sign[i] > 0 ? r.value - r.lo : r.hi - r.value);
        above = hypot(above, sign[i] > 0 ? r.hi - r.value : r.value - r.lo);
    }
    if (var > 0) below = above = PROB_Z * sqrt(var);        /* 0 only where every share is 0 or 1: there Wald has no width, and Wilson's bounds stand in */
    return (struct interval){ d, d - below, d + above, .known = true };
}
