/* verdict.c - see the header. */
#include "verdict.h"

#include <math.h>

#include "prob.h"

static double
square(double x)
{
    return x * x;
}

/* How many times n it would take: to leave out 0, or to fit within +-2 points, whichever comes first. */
static double
times_wanted(const struct interval *d)
{
    double off = fabs(d->value), to_zero = d->value < 0 ? d->hi - d->value : d->value - d->lo;
    double widest = fmax(d->hi - d->value, d->value - d->lo), room = VERDICT_SMALL - off, times = INFINITY;
    if (off > 0) times = square(to_zero / off);
    if (room > 0) times = fmin(times, square(widest / room));
    return times;
}

struct verdict
verdict_of(const struct interval *d, uint64_t n, uint64_t n_min)
{
    uint64_t short_of = n < n_min ? n_min - n : 0;
    if (!d->known || d->flat) return (struct verdict){ VERDICT_TOO_LITTLE, short_of ? short_of : 1 };
    if (!short_of && d->lo >= -VERDICT_SMALL && d->hi <= VERDICT_SMALL) return (struct verdict){ VERDICT_IS_SMALL, 0 };
    if (!short_of && (d->lo > 0 || d->hi < 0)) return (struct verdict){ VERDICT_SUPPORTED, 0 };
    double more = ceil((double)n * (times_wanted(d) - 1));
    uint64_t wanted = more < 1 ? 1 : more > 1e15 ? (uint64_t)1e15 : (uint64_t)more;
    return (struct verdict){ VERDICT_TOO_LITTLE, wanted > short_of ? wanted : short_of };
}

double
verdict_times_for_p(double p, double wanted)
{
    double now = -prob_normal_quantile(p), then = -prob_normal_quantile(wanted);
    if (now <= 0 || then <= 0) return then <= 0 ? 1 : 1e12;
    double times = square(then / now);
    return times < 1 ? 1 : times > 1e12 ? 1e12 : times;
}
