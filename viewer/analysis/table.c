/* table.c - the analyses. Break points and moments of truth become rows here. */
#include "analysis.h"

const struct analysis *const analysis_table[] = { &analysis_map, &analysis_variants, &analysis_funnel, &analysis_matches, NULL };
