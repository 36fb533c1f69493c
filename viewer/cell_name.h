/* cell_name.h - the text that names a cell of break points: TYPE:WHAT/TOUCHPOINT[/PLACE[/DAYPART]], like order:handover_wait/handover/S07/lunch.
 *
 * WHAT is the id of a standard, or a kind of break without one (drop_off, missing, out_of_order, ...). In every part % is written %25, / %2F and : %3A.
 * The same text filters journeys (break=) and names the cell in control records. */
#ifndef CELL_NAME_H
#define CELL_NAME_H

#include "tl_mem.h"

struct cell_name { struct tl_str type, what, touchpoint, place, daypart; };    /* type, place, daypart may be absent */
void cell_name_put(struct tl_buf *out, const struct cell_name *c);
/* cell_name_read - parts unescaped into the arena. 0, -1: it is no such text, -2: out of memory. */
int cell_name_read(struct tl_str text, struct tl_arena *a, struct cell_name *out);

#endif
