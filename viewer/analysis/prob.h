/* prob.h - distribution functions that the analyses need, in double precision.
 *
 * Our own few, since the well-kept library for them (GSL) is GPL-3 and cannot be linked into a program under the MIT licence. All arguments and results
 * are finite; an argument outside its range gives the limit at the nearer end. Checked in tests/unit/t_stats_prob.c against sums and integrals.
 * Formulas: NIST DLMF 7, 8.7, 8.9, 8.17 (continued fractions by Lentz' method); binomial term: Loader 2000, "Fast and accurate computation of binomial
 * probabilities". */
#ifndef PROB_H
#define PROB_H

#define PROB_Z 1.959963984540054        /* normal quantile .975: 95 %, two-sided */

double prob_normal_two_sided(double z);                 /* P(|Z| >= |z|) */
double prob_normal_quantile(double p);                  /* 0 < p < 1; outside: -38 or 38 */
double prob_chi2_upper(double x, double df);            /* P(X >= x); df <= 0 gives 1 */
double prob_t_two_sided(double t, double df);           /* P(|T| >= |t|); df > 0 */
double prob_t_quantile_upper(double df, double tail);   /* the t with P(T >= t) = tail, 0 < tail <= .5; df > 0 */
double prob_f_upper(double f, double df1, double df2);  /* P(F >= f) */

double prob_binomial_term(double k, double n, double p);        /* P(B = k); k and n may be fractions: gamma functions for factorials */
/* prob_beta_lower - regularised incomplete beta I_x(a, b) = P(Beta(a, b) <= x). a <= 0 puts all mass at 0, b <= 0 all mass at 1. Good to
 * 1e-10 relative for a, b up to 1e6, to 1e-7 at 1e9. */
double prob_beta_lower(double x, double a, double b);
double prob_beta_quantile(double p, double a, double b);        /* the x with I_x(a, b) = p */

#endif
