/* cusum.c - S = max(0, S + k ln(p1/p0) + (n-k) ln((1-p1)/(1-p0))), p1 = 2 p0/(1+p0). Source: Page 1954; statistics of the odds ratio 2 after Steiner 2000. */
#include "cusum.h"

#include <math.h>

void
cusum_begin(struct cusum *c, uint64_t cells)
{
    *c = (struct cusum){ .bar = log(365.0 * (double)(cells ? cells : 1)) };
}

void
cusum_add(struct cusum *c, struct cusum_day d, double p0)
{
    size_t today = c->day++;
    if (!(p0 > 0 && p0 < 1)) return;
    double p1 = 2 * p0 / (1 + p0);
    bool at_rest = c->level <= 0;
    double s = c->level + (double)d.k * log(p1 / p0) + (double)(d.n - d.k) * log((1 - p1) / (1 - p0));
    c->level = s > 0 ? s : 0;
    if (at_rest && c->level > 0) c->since = today;
    if (c->level > c->bar && !c->alarmed) {
        c->alarmed = true;
        c->alarm = today;
        c->alarm_since = c->since;
    }
}

double
cusum_usual(const struct cusum_day *day, size_t at)
{
    if (at < CUSUM_GAP_DAYS) return 0;
    size_t end = at - CUSUM_GAP_DAYS + 1, from = end > CUSUM_BASE_DAYS ? end - CUSUM_BASE_DAYS : 0;
    uint64_t k = 0, n = 0;
    int days = 0;
    for (size_t i = from; i < end; i++) {
        k += day[i].k;
        n += day[i].n;
        days += day[i].n > 0;
    }
    return days < CUSUM_BASE_MIN_DAYS ? 0 : ((double)k + 0.5) / ((double)n + 1);
}

struct cusum
cusum_watch(const struct cusum_day *day, size_t days, uint64_t cells)
{
    struct cusum c;
    cusum_begin(&c, cells);
    for (size_t i = 0; i < days; i++) cusum_add(&c, day[i], cusum_usual(day, i));
    return c;
}
