/* cell.h - one kind of break at one touchpoint: how often, against what, and how many journeys too many. */
#ifndef CELL_H
#define CELL_H

#include <stdbool.h>

#include "differ.h"

#define CELL_ROWS_MIN 30        /* below: not a hypothesis at all */
#define CELL_HITS_MIN 5         /* these hide rows after the tests are counted; they never change how many there were */
#define CELL_OVER_MIN 0.02
#define CELL_Q_MAX 0.05

struct cell {
    struct interval rate;       /* Wilson */
    struct interval over;       /* rate - allowed, or rate - before (Newcombe) */
    double p;                   /* one-sided exact against a fixed share; two-sided score against a period or group */
    double excess;              /* n max(0, lower bound of over): journeys, ">=" */
};
struct cell cell_against_allowed(struct share s, double allowed);       /* 0 < allowed < 1 */
struct cell cell_against_before(struct share s, struct share before);
/* cell_shown - a break point: q at most .05 among all cells tested, at least 5 hits, at least 2 points over. */
bool cell_shown(const struct cell *c, struct share s, double q);

#endif
