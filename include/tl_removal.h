/* tl_removal.h - share of conversions that would go if nobody could pass a touchpoint: reach, not cause.
 *
 * First-order Markov chain START, touchpoints, CONVERTED, NULL. With h the chance to convert from each state and f the chance to visit it from START,
 * the effect of s is f_s h_s / h_START (Anderl et al. 2016, by the fundamental matrix instead of one chain a touchpoint). */
#ifndef TL_REMOVAL_H
#define TL_REMOVAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tl_err.h"

#define TL_REMOVAL_TOUCHPOINTS_MAX 512     /* m: memory is 16 m^2 bytes, time about m^3 / 1e9 s */

struct tl_removal;                 /* transition counts; one thread at a time */
struct tl_removal *tl_removal_new(uint32_t touchpoints);      /* returns owned; NULL out of memory, or touchpoints 0 or above the maximum */
void tl_removal_free(struct tl_removal **r);
/* tl_removal_add - paths over the touchpoints step[0..n), each < touchpoints: so many ended converted, so many did not. n = 0 goes from START to the end. */
void tl_removal_add(struct tl_removal *r, const uint32_t *step, size_t n, uint64_t converted, uint64_t lost);
/* tl_removal_move - the same, move by move: from a touchpoint, or `touchpoints` for START, to a touchpoint, or `touchpoints` for CONVERTED, one more for lost */
void tl_removal_move(struct tl_removal *r, uint32_t from, uint32_t to, uint64_t times);
/* tl_removal_effects - effect: touchpoints numbers in 0..1, 0 for one that nobody passed. converts: out, share of paths that convert; when that is 0 so are
 * all effects. 0, TL_ENOMEM, or TL_EINVAL when from some touchpoint no path ever ends. */
int tl_removal_effects(const struct tl_removal *r, double *effect, double *converts, struct tl_err *err);

#endif
