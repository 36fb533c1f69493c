/* table.c - the analyses whose partials are kept; findings are judged from what told and drops tell. */
#include "analysis.h"
#include "facets.h"
#include "over.h"

const struct analysis *const analysis_table[] = { &analysis_map, &analysis_variants, &analysis_funnel, &analysis_matches, &analysis_told, &analysis_drops, &analysis_voice, &analysis_plan, &analysis_rework, &analysis_over, &analysis_facets, NULL };
