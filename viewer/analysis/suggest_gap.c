/* suggest_gap.c - see suggest_gap.h. Smoothed with weights 1 2 3 2 1, so that one bin more or less makes no valley; a valley is one when it lies at half of the
 * lower of its two peaks at most, and that peak holds GAP_PEAK_SHARE of all gaps within its five bins. */
#include "suggest_gap.h"

#include <math.h>

#define GAP_PEAK_SHARE .02
#define GAP_DEPTH .5

int
gap_bin(int64_t gap_ms)
{
    int bin = gap_ms >= 1000 ? (int)floor(GAP_BINS_A_DECADE * log10((double)gap_ms / 1000) + 1e-9) : 0;
    return bin < GAP_BINS ? bin : GAP_BINS - 1;
}

void
gap_add(struct gap_hist *h, int64_t gap_ms)
{
    h->n[gap_bin(gap_ms)]++;
}

uint64_t
gap_count(const struct gap_hist *h)
{
    uint64_t n = 0;
    for (int i = 0; i < GAP_BINS; i++) n += h->n[i];
    return n;
}

int
gap_median(const struct gap_hist *h)
{
    uint64_t half = (gap_count(h) + 1) / 2, n = 0;
    for (int i = 0; half && i < GAP_BINS; i++)
        if ((n += h->n[i]) >= half) return i;
    return -1;
}

int64_t
gap_bin_ms(int bin)
{
    return (int64_t)ceil(1000 * pow(10, (double)bin / GAP_BINS_A_DECADE) - 1e-6);
}

static void
smooth(const struct gap_hist *h, double s[GAP_BINS])
{
    static const double weight[] = { 1, 2, 3, 2, 1 };
    for (int i = 0; i < GAP_BINS; i++) {
        s[i] = 0;
        for (int k = -2; k <= 2; k++)
            if (i + k >= 0 && i + k < GAP_BINS) s[i] += weight[k + 2] / 9 * (double)h->n[i + k];
    }
}

static double
highest(const double *s, int from, int to)
{
    double most = 0;
    for (int i = from; i < to; i++) most = s[i] > most ? s[i] : most;
    return most;
}

/* the middle of a flat valley */
static int
middle(const double *s, int i)
{
    int last = i;
    while (last + 1 < GAP_BINS && s[last + 1] <= s[i]) last++;
    return (i + last + 1) / 2;
}

bool
gap_valley(const struct gap_hist *h, int from, int to, int64_t *gap_ms)
{
    double s[GAP_BINS], best = 0;
    uint64_t n = gap_count(h);
    int at = -1;
    smooth(h, s);
    if (n < GAP_LEAST) return false;
    for (int i = from > 1 ? from : 1; i < to && i < GAP_BINS - 1; i++) {
        double left = highest(s, 0, i), right = highest(s, i + 1, GAP_BINS), lower = left < right ? left : right;
        if (5 * lower < GAP_PEAK_SHARE * (double)n || s[i] > GAP_DEPTH * lower) continue;
        if (lower - s[i] <= best) continue;
        best = lower - s[i];
        at = i;
    }
    if (at >= 0) *gap_ms = gap_bin_ms(middle(s, at));
    return at >= 0;
}

bool
gap_valley_keyed(const struct gap_hist *inside, const struct gap_hist *between, int64_t *gap_ms)
{
    struct gap_hist all = *inside;
    if (gap_count(between) < GAP_LEAST || gap_count(inside) < GAP_LEAST) return false;
    /* each side counts alike: else the many short gaps inside would hide the few long ones */
    double scale = (double)gap_count(inside) / (double)gap_count(between);
    for (int i = 0; i < GAP_BINS; i++) all.n[i] += (uint64_t)(scale * (double)between->n[i]);
    return gap_valley(&all, gap_median(inside) + 1, gap_median(between), gap_ms);
}
