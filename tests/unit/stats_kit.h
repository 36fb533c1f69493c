/* stats_kit.h - what the tests of the statistics share: closeness that says by how much it missed, a fixed random source, "a finite number". */
#ifndef STATS_KIT_H
#define STATS_KIT_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../viewer/analysis/interval.h"
#include "tl_hash.h"

#define near(got, want, within) near_at((got), (want), (within), #got, __LINE__)
static inline void
near_at(double got, double want, double within, const char *what, int line)
{
    if (fabs(got - want) <= within) return;
    print_error("line %d: %s is %.12g, not %.12g +- %g\n", line, what, got, want, within);
    fail();
}
/* to 6 digits of what was printed */
#define close6(got, want) near((got), (want), 6e-7 * fmax(1, fabs(want)))
#define interval_is(r, v, l, h, within) (assert_true((r).known), near((r).value, (v), (within)), near((r).lo, (l), (within)), near((r).hi, (h), (within)))

static inline double
stats_random(uint64_t *seed)
{
    *seed += UINT64_C(0x9E3779B97F4A7C15);
    return (double)(tl_mix64(*seed) >> 11) / 9007199254740992.0;
}

static inline void
finite_all(const double *x, size_t n, int line)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(x[i])) fail_msg("line %d: number %zu is not finite", line, i);
}
static inline void
finite_interval(struct interval r, int line)
{
    double x[3] = { r.value, r.lo, r.hi };
    finite_all(x, 3, line);
    if (r.known) assert_true(r.lo <= r.value && r.value <= r.hi);
    else assert_true(r.value == 0);
}

#endif
