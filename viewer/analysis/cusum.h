/* cusum.h - the day on which a share began to rise: a sum of log likelihood ratios of twice the odds against the usual ones, kept at 0 or above. */
#ifndef CUSUM_H
#define CUSUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CUSUM_BASE_DAYS 28      /* the usual share is that of so many days ... */
#define CUSUM_GAP_DAYS 7        /* ... ending so many days before the day judged ... */
#define CUSUM_BASE_MIN_DAYS 14  /* ... of which so many must have rows */

struct cusum_day { uint64_t k, n; };    /* one mature day; consecutive days, n = 0 where nothing happened */
struct cusum {
    double level;               /* S */
    double bar;                 /* h = ln(365 cells): about one false alarm a year on the whole map */
    size_t day, since;          /* days fed; the day on which S last left 0 */
    size_t alarm, alarm_since;  /* first day over the bar, and the day on which that rise began */
    bool alarmed;
};

void cusum_begin(struct cusum *c, uint64_t cells);
void cusum_add(struct cusum *c, struct cusum_day d, double p0);         /* the next day; p0 outside (0, 1) leaves S as it is */
/* cusum_usual - (K + .5) / (N + 1) over the days that count for day `at`; 0 when fewer than 14 of them have rows. */
double cusum_usual(const struct cusum_day *day, size_t at);
/* cusum_watch - every day of the run against its own usual share; days without one leave S as it is. */
struct cusum cusum_watch(const struct cusum_day *day, size_t days, uint64_t cells);

#endif
