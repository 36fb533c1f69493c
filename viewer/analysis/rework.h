/* rework.h - touchpoints that journeys came back to: out of the journeys with a step there, those with another. No standard is asked. */
#ifndef REWORK_H
#define REWORK_H

#include "analysis.h"

struct rework_row {
    uint32_t touchpoint;
    uint64_t journeys, again, redo;     /* redo: of `again`, those whose second visit was over another channel than the first */
};
struct rework { uint64_t journeys; struct rework_row *row; size_t row_n; };      /* by touchpoint */
extern const struct analysis analysis_rework;

#endif
