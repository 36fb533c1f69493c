/* confirm.c - see confirm.h. */
#include "confirm.h"

#include <stdlib.h>
#include <string.h>

bool
confirm_visits(uint64_t visits, uint64_t hits)
{
    return hits >= CONFIRM_HITS_MIN || (visits >= CONFIRM_VISITS_MIN && hits * CONFIRM_SHARE >= visits);
}

enum confirm_mark
confirm_mark(bool customers, uint64_t visits, uint64_t hits)
{
    bool seen = confirm_visits(visits, hits);
    if (!customers) return seen ? CONFIRM_VISITS : CONFIRM_NOTHING;
    return seen ? CONFIRM_BOTH : visits ? CONFIRM_CUSTOMERS : CONFIRM_UNTESTED;
}

static int
by_cell(const void *x, const void *y)
{
    const struct confirm_row *a = x, *b = y;
    if (a->cell != b->cell) return a->cell < b->cell ? -1 : 1;
    if (a->visit != b->visit) return a->visit < b->visit ? -1 : 1;
    return (int)b->hit - (int)a->hit;
}

void
confirm_count(struct confirm_row *row, size_t n, struct confirm_cell *cell, size_t cell_n)
{
    if (cell_n) memset(cell, 0, cell_n * sizeof *cell);
    if (n) qsort(row, n, sizeof *row, by_cell);
    for (size_t i = 0; i < n; i++) {
        if (i && row[i - 1].cell == row[i].cell && row[i - 1].visit == row[i].visit) continue;     /* hits stand first */
        cell[row[i].cell].visits++;
        cell[row[i].cell].hits += row[i].hit;
    }
}
