/* strata_vary.c - do the strata agree? Differences by Cochran's Q, odds ratios by Breslow and Day 1980 with Tarone 1985. */
#include "strata.h"

#include <math.h>

#include "prob.h"

static struct chi2
chi2_of(double value, uint32_t terms)
{
    if (terms < 2) return (struct chi2){ .p = 1 };
    return (struct chi2){ fmax(0, value), terms - 1, prob_chi2_upper(value, terms - 1) };
}

struct weighed { double rd, weight; };          /* weight 0: leave out */

static struct weighed
weighed_of(const struct stratum *s)
{
    double a = (double)s->a, c = (double)s->c, n1 = a + (double)s->b, n0 = c + (double)s->d;
    if (!(n1 > 0 && n0 > 0)) return (struct weighed){ 0 };
    double p1 = a / n1, p0 = c / n0, var = p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0;
    return (struct weighed){ p1 - p0, var > 0 ? 1 / var : 0 };
}

struct chi2
strata_vary(const struct stratum *s, size_t n, double de)
{
    double sum = 0, weights = 0, q = 0;
    uint32_t terms = 0;
    for (size_t i = 0; i < n; i++) {
        struct weighed w = weighed_of(&s[i]);
        sum += w.weight * w.rd;
        weights += w.weight;
        terms += w.weight > 0;
    }
    for (size_t i = 0; i < n && weights > 0; i++) {
        struct weighed w = weighed_of(&s[i]);
        q += w.weight * (w.rd - sum / weights) * (w.rd - sum / weights);
    }
    return chi2_of(q / de, terms);
}

/* The a that margins n1, n0, m1 would have under the odds ratio: (1-o) A^2 + (n0 - m1 + o (n1+m1)) A - o n1 m1 = 0, in the form that does not cancel. */
static double
fitted(double n1, double n0, double m1, double o)
{
    double square = 1 - o, line = n0 - m1 + o * (n1 + m1), rest = -o * n1 * m1;
    double root = sqrt(fmax(0, line * line - 4 * square * rest));
    return line > 0 ? -2 * rest / (line + root) : (root - line) / (2 * square);
}

struct chi2
strata_odds_vary(const struct stratum *s, size_t n, double odds)
{
    double value = 0, off = 0, vars = 0;
    uint32_t terms = 0;
    for (size_t i = 0; i < n; i++) {
        double a = (double)s[i].a, n1 = a + (double)s[i].b, n0 = (double)(s[i].c + s[i].d), m1 = (double)(s[i].a + s[i].c), m0 = n1 + n0 - m1;
        if (!(n1 > 0 && n0 > 0 && m1 > 0 && m0 > 0)) continue;
        double fit = fitted(n1, n0, m1, odds);
        if (!(fit > 0 && n1 - fit > 0 && m1 - fit > 0 && n0 - m1 + fit > 0)) continue;
        double var = 1 / (1 / fit + 1 / (n1 - fit) + 1 / (m1 - fit) + 1 / (n0 - m1 + fit));
        value += (a - fit) * (a - fit) / var;
        off += a - fit;
        vars += var;
        terms++;
    }
    return chi2_of(vars > 0 ? value - off * off / vars : 0, terms);
}
