/* strata_gate.c - whether there is enough to pool. Margins only: a gate that looked at the result would choose what it lets through. */
#include "strata.h"

#include <math.h>

struct strata_gate
strata_gate(const struct stratum *s, size_t n)
{
    struct strata_gate g = { 0 };
    double down = 0, up = 0;
    for (size_t i = 0; i < n; i++) {
        double n1 = (double)(s[i].a + s[i].b), n0 = (double)(s[i].c + s[i].d), m1 = (double)(s[i].a + s[i].c), m0 = n1 + n0 - m1;
        g.exposed += s[i].a + s[i].b;
        g.others += s[i].c + s[i].d;
        if (!(n1 > 0 && n0 > 0 && m1 > 0 && m0 > 0)) continue;
        g.informative++;
        double expected = n1 * m1 / (n1 + n0);
        down += expected - fmax(0, m1 - n0);
        up += fmin(n1, m1) - expected;
    }
    g.mantel_fleiss = fmin(down, up);
    g.missing = g.exposed < STRATA_ARM_MIN ? STRATA_FEW_EXPOSED
        : g.others < STRATA_ARM_MIN ? STRATA_FEW_OTHERS
        : g.informative < STRATA_INFORMATIVE_MIN ? STRATA_FEW_STRATA
        : g.mantel_fleiss > STRATA_MANTEL_FLEISS_MIN ? STRATA_ENOUGH : STRATA_FEW_OUTCOMES;
    return g;
}
