/* strata.h - does a bad visit go with a bad outcome, among customers who were alike before it? Two by two tables in strata, pooled with the weights of
 * Mantel and Haenszel. What is asked of the data before anything is said, and what is said when they do not give it, is strata_gate.
 *
 * Variances are multiplied by the design effect de >= 1 (cluster.h). Numbers are shares, not points; nothing is ever NaN or infinite. */
#ifndef STRATA_H
#define STRATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "interval.h"

struct stratum { uint64_t a, b, c, d; };        /* exposed: bad, good; others: bad, good */
struct chi2 { double value, df, p; };           /* df 0: there is nothing to test, p = 1 */

/* ---- enough data? judged on margins only, never on the result ---- */
#define STRATA_ARM_MIN 50
#define STRATA_INFORMATIVE_MIN 2
#define STRATA_MANTEL_FLEISS_MIN 5.0            /* must be above it */
enum strata_missing { STRATA_ENOUGH, STRATA_FEW_EXPOSED, STRATA_FEW_OTHERS, STRATA_FEW_STRATA, STRATA_FEW_OUTCOMES };
struct strata_gate {
    uint64_t exposed, others;                   /* rows in all strata: "41 of 50 comparison journeys" */
    uint32_t informative;                       /* strata with both arms and both outcomes */
    double mantel_fleiss;                       /* Mantel and Fleiss 1980: how far the sum of a could lie from its expectation, the nearer way */
    enum strata_missing missing;                /* the first that fails, in this order */
};
struct strata_gate strata_gate(const struct stratum *s, size_t n);

/* ---- the answer ---- */
struct strata {
    struct interval crude_rd;                   /* exposed - others of all rows together, Newcombe */
    struct interval crude_or;                   /* Woolf's interval */
    struct interval rd;                         /* Mantel-Haenszel, variance of Sato 1989 */
    struct interval odds;                       /* Mantel-Haenszel, variance of Robins, Breslow, Greenland 1986 */
    struct interval rr;                         /* Mantel-Haenszel, variance of Greenland and Robins 1985 */
    struct { double value, limit; bool known; } e;      /* E-value of rr, and of its limit nearer 1 (VanderWeele and Ding 2017) */
    struct chi2 cmh;                            /* Cochran-Mantel-Haenszel without correction, as if every row were its own customer */
    struct chi2 cmh_de;                         /* the same with its variance times de */
    struct chi2 vary;                           /* heterogeneity on the scale shown (Cochran's Q): sum w (RD_s - RD)^2, w = 1/var_s, RD their mean by w;
                                                 * strata without variance are left out */
    struct chi2 odds_vary;                      /* Breslow-Day with Tarone's correction */
    struct interval saved;                      /* fewer bad outcomes if the exposed had fared as the others: strata with a comparison only */
    uint32_t compared;                          /* strata behind saved */
};
void strata_judge(const struct stratum *s, size_t n, double de, struct strata *out);
bool stratum_compared(const struct stratum *s);                 /* at least 5 others; else listed as "no comparable customers" */
struct interval stratum_rd(const struct stratum *s, double de); /* one stratum, Newcombe: when strata are opened */
struct stratum strata_sum(const struct stratum *s, size_t n);

struct chi2 strata_vary(const struct stratum *s, size_t n, double de);  /* the parts of strata_judge that stand in strata_vary.c */
struct chi2 strata_odds_vary(const struct stratum *s, size_t n, double odds);

#endif
