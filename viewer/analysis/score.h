/* score.h - what customers say: NPS, and means of scores. */
#ifndef SCORE_H
#define SCORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "interval.h"

#define SCORE_NPS_MIN 30

struct score_nps { struct interval nps; bool enough; };         /* -1..1; enough: n >= 30, otherwise shown with its n and without verdict */
/* score_nps - promoters and detractors among n answers: (P-D) +- z sqrt((P+D-(P-D)^2)/n), shares. Unknown when n = 0. */
struct score_nps score_nps(uint64_t promoters, uint64_t detractors, uint64_t n);

/* Means of customers (one number a customer, the mean of that customer's answers), fed one at a time. Starts as {0}. */
struct score_mean { uint64_t customers; double mean, squares; };
void score_mean_add(struct score_mean *m, double of_customer);
struct interval score_mean(const struct score_mean *m);         /* t interval; unknown with fewer than 2 customers */

#endif
