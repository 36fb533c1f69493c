/* confirm.h - do mystery visits see what customers see? Pure.
 *
 * Customers and visits are counted apart, each by its own rule, and never added: a cell is a break point of customers when it passes their gate (cell.h), and of visits when
 * two of them hit it, or a third of three and more. */
#ifndef CONFIRM_H
#define CONFIRM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONFIRM_HITS_MIN 2
#define CONFIRM_VISITS_MIN 3
#define CONFIRM_SHARE 3                 /* one in so many, of CONFIRM_VISITS_MIN and more */

enum confirm_mark {
    CONFIRM_NOTHING,                    /* neither: no break point */
    CONFIRM_BOTH,                       /* 双重确认 */
    CONFIRM_CUSTOMERS,                  /* 仅顾客: visits had the chance to see it, and did not often enough */
    CONFIRM_VISITS,                     /* 仅暗访 */
    CONFIRM_UNTESTED,                   /* 未暗访: customers', and no visit had the chance */
    CONFIRM_MARKS
};
bool confirm_visits(uint64_t visits, uint64_t hits);
enum confirm_mark confirm_mark(bool customers, uint64_t visits, uint64_t hits);

/* Visits that had a chance in a cell, and those that hit it: each visit once, however many journeys and chances it had there. */
struct confirm_row { uint32_t cell, visit; bool hit; };
struct confirm_cell { uint64_t visits, hits; };
/* confirm_count - rows are sorted in place; cells: cell_n of them, numbered from 0, filled */
void confirm_count(struct confirm_row *row, size_t n, struct confirm_cell *cell, size_t cell_n);

#endif
