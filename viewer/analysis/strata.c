/* strata.c - the pooled estimates. n1, n0: rows exposed and not; m1, m0: rows bad and good; per stratum as in statistics texts.
 *
 * A variance of 0 (complete separation in every stratum) would give an interval without width; there the bounds are those of Wilson, squared and added
 * with the same weights, as Newcombe does for one table. */
#include "strata.h"

#include <math.h>

#include "differ.h"
#include "prob.h"
#include "rate.h"

#define COMPARED_MIN 5
#define LN_WIDEST 600.0            /* a ratio's bound stays finite, however large the design effect */

struct cells { double a, b, c, d, n1, n0, m1, m0, n; };

static struct cells
cells_of(const struct stratum *s)
{
    struct cells x = { .a = (double)s->a, .b = (double)s->b, .c = (double)s->c, .d = (double)s->d };
    x.n1 = x.a + x.b, x.n0 = x.c + x.d, x.m1 = x.a + x.c, x.m0 = x.b + x.d, x.n = x.n1 + x.n0;
    return x;
}

static bool
two_arms(const struct cells *x)
{
    return x->n1 > 0 && x->n0 > 0;
}

struct stratum
strata_sum(const struct stratum *s, size_t n)
{
    struct stratum t = { 0 };
    for (size_t i = 0; i < n; i++) t.a += s[i].a, t.b += s[i].b, t.c += s[i].c, t.d += s[i].d;
    return t;
}

struct interval
stratum_rd(const struct stratum *s, double de)
{
    return differ_newcombe((struct share){ s->a, s->a + s->b, de }, (struct share){ s->c, s->c + s->d, de });
}

bool
stratum_compared(const struct stratum *s)
{
    return s->c + s->d >= COMPARED_MIN;
}

/* sum weight_s (p1 - p0) with the variance given; sides: what Wilson's bounds of the parts come to when that variance is 0. */
struct weighted { double sum, var, below, above; };

static void
weigh(struct weighted *w, const struct stratum *s, double weight, double de)
{
    struct interval rd = stratum_rd(s, de);
    w->sum += weight * rd.value;
    w->below += weight * weight * (rd.value - rd.lo) * (rd.value - rd.lo);
    w->above += weight * weight * (rd.hi - rd.value) * (rd.hi - rd.value);
}

static struct interval
weighted_interval(const struct weighted *w, double over)
{
    double below = w->var > 0 ? PROB_Z * sqrt(w->var) : sqrt(w->below) / over, above = w->var > 0 ? below : sqrt(w->above) / over;
    double value = w->sum / over;
    return (struct interval){ value, value - below, value + above, .known = true };
}

static struct interval
risk_difference(const struct stratum *s, size_t n, double de)
{
    struct weighted w = { 0 };
    double weights = 0, p = 0, q = 0;
    for (size_t i = 0; i < n; i++) {
        struct cells x = cells_of(&s[i]);
        if (!two_arms(&x)) continue;
        double weight = x.n1 * x.n0 / x.n;
        weights += weight;
        weigh(&w, &s[i], weight, de);
        p += (x.n1 * x.n1 * x.c - x.n0 * x.n0 * x.a + x.n1 * x.n0 * (x.n0 - x.n1) / 2) / (x.n * x.n);
        q += (x.a * (x.n0 - x.c) + x.c * (x.n1 - x.a)) / (2 * x.n);
    }
    if (!(weights > 0)) return (struct interval){ 0 };
    double var = (w.sum / weights * p + q) / (weights * weights);
    w.var = var > 1e-18 ? var * de : 0;         /* rounding of a sum that is 0 */
    return weighted_interval(&w, weights);
}

static struct interval
log_interval(double value, double var_ln)
{
    double factor = exp(fmin(PROB_Z * sqrt(var_ln), LN_WIDEST));
    return (struct interval){ value, value / factor, value * factor, .known = true, .flat = !(var_ln > 0) };
}

static struct interval
odds_ratio(const struct stratum *s, size_t n, double de)
{
    double r = 0, t = 0, pr = 0, mixed = 0, qt = 0;
    for (size_t i = 0; i < n; i++) {
        struct cells x = cells_of(&s[i]);
        if (!two_arms(&x)) continue;
        double p = (x.a + x.d) / x.n, q = (x.b + x.c) / x.n, ri = x.a * x.d / x.n, ti = x.b * x.c / x.n;
        r += ri, t += ti;
        pr += p * ri, mixed += p * ti + q * ri, qt += q * ti;
    }
    if (!(r > 0 && t > 0)) return (struct interval){ 0 };
    return log_interval(r / t, de * (pr / (2 * r * r) + mixed / (2 * r * t) + qt / (2 * t * t)));
}

static struct interval
risk_ratio(const struct stratum *s, size_t n, double de)
{
    double r = 0, t = 0, top = 0;
    for (size_t i = 0; i < n; i++) {
        struct cells x = cells_of(&s[i]);
        if (!two_arms(&x)) continue;
        r += x.a * x.n0 / x.n, t += x.c * x.n1 / x.n;
        top += x.m1 * x.n1 * x.n0 / (x.n * x.n) - x.a * x.c / x.n;
    }
    if (!(r > 0 && t > 0)) return (struct interval){ 0 };
    return log_interval(r / t, de * fmax(0, top / (r * t)));
}

static struct interval
crude_odds(const struct stratum *all, double de)
{
    struct cells x = cells_of(all);
    if (!(x.a * x.b * x.c * x.d > 0)) return (struct interval){ 0 };
    return log_interval(x.a * x.d / (x.b * x.c), de * (1 / x.a + 1 / x.b + 1 / x.c + 1 / x.d));
}

static struct chi2
mantel_haenszel(const struct stratum *s, size_t n, double de)
{
    double off = 0, var = 0;
    for (size_t i = 0; i < n; i++) {
        struct cells x = cells_of(&s[i]);
        if (!two_arms(&x)) continue;
        off += x.a - x.n1 * x.m1 / x.n;
        var += x.n1 * x.n0 * x.m1 * x.m0 / (x.n * x.n * (x.n - 1));
    }
    if (!(var > 0)) return (struct chi2){ .p = 1 };
    double value = off * off / (var * de);
    return (struct chi2){ value, 1, prob_normal_two_sided(sqrt(value)) };
}

/* How strongly something unseen must go with both, exposure and outcome, to explain all of it away. */
static double
e_value(double rr)
{
    if (rr < 1) rr = 1 / rr;
    return rr + sqrt(rr * (rr - 1));
}

static struct interval
saved(const struct stratum *s, size_t n, double de, uint32_t *compared)
{
    struct weighted w = { 0 };
    *compared = 0;
    for (size_t i = 0; i < n; i++) {
        struct cells x = cells_of(&s[i]);
        if (!two_arms(&x) || !stratum_compared(&s[i])) continue;
        ++*compared;
        weigh(&w, &s[i], x.n1, de);
        w.var += de * x.n1 * x.n1 * (x.a * x.b / (x.n1 * x.n1 * x.n1) + x.c * x.d / (x.n0 * x.n0 * x.n0));
    }
    return *compared ? weighted_interval(&w, 1) : (struct interval){ 0 };
}

void
strata_judge(const struct stratum *s, size_t n, double de, struct strata *out)
{
    if (!(de > 1)) de = 1;
    struct stratum all = strata_sum(s, n);
    *out = (struct strata){ .crude_rd = stratum_rd(&all, de), .crude_or = crude_odds(&all, de) };
    out->rd = risk_difference(s, n, de);
    out->odds = odds_ratio(s, n, de);
    out->rr = risk_ratio(s, n, de);
    out->cmh = mantel_haenszel(s, n, 1);
    out->cmh_de = mantel_haenszel(s, n, de);
    out->vary = strata_vary(s, n, de);
    out->odds_vary = out->odds.known ? strata_odds_vary(s, n, out->odds.value) : (struct chi2){ .p = 1 };
    out->saved = saved(s, n, de, &out->compared);
    out->e.known = out->rr.known;
    if (!out->rr.known) return;
    out->e.value = e_value(out->rr.value);
    bool crosses = out->rr.lo <= 1 && out->rr.hi >= 1;
    out->e.limit = crosses ? 1 : e_value(out->rr.value < 1 ? out->rr.hi : out->rr.lo);
}
