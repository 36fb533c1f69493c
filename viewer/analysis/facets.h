/* facets.h - which values the attributes of journeys have at their start, and how many journeys have each. Pure. */
#ifndef FACETS_H
#define FACETS_H

#include "analysis.h"

struct facet { uint32_t key, value; uint64_t journeys; };       /* key: index in arg->word, which holds the numbers of the attributes' names */
struct facets { struct facet *row; size_t row_n; };             /* ascending by (key, value) */
extern const struct analysis analysis_facets;

#endif
