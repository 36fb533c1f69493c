/* drops.h - where journeys that came to nothing stopped.
 *
 * Drop-off at a: the journey's last step is a, it lapsed, its goal was not reached. Out of: journeys with a step at a, the last of them at or before as_of - gap,
 * each once, counted on the day they start. For touchpoints in arg->word it is told customer by customer too, for the design effect.
 * By place: that of the journey, as its attribute says (of its first step that has one); journeys of none are left out. Only where journeys are of one place is that the place where they stopped. */
#ifndef DROPS_H
#define DROPS_H

#include "analysis.h"

struct drop { uint32_t touchpoint, place; int32_t day; uint64_t reached, dropped; };
struct drop_row { uint32_t touchpoint, place; int32_t day; bool dropped; uint64_t customer; };
struct drops { struct drop *drop; struct drop_row *row; size_t drop_n, row_n; };     /* drop: by touchpoint, place and day */
struct drops_ask { uint32_t place_key; };     /* arg->more, when asked by place: number of the attribute's name */
struct drop drops_between(const struct drops *d, uint32_t touchpoint, int32_t from_day, int32_t to_day);     /* their sum; its day is from_day */
struct drop drops_at(const struct drops *d, uint32_t touchpoint, uint32_t place, int32_t from_day, int32_t to_day);       /* the same of one place */
extern const struct analysis analysis_drops;

#endif
