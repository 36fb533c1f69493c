/* routes_in.h - what the tables of addresses (routes.c) and of parameters (params.c) and the OpenAPI document (openapi.c) share. */
#ifndef ROUTES_IN_H
#define ROUTES_IN_H

#include "routes.h"

enum {
    P_JOURNEY, P_FROM, P_TO, P_FILTER, P_LIFECYCLE, P_STREAM, P_MODEL, P_AS_OF, P_NODES, P_EDGES, P_NODE, P_EDGE, P_END, P_START, P_STEPS, P_LIMIT,
    P_CURSOR, P_ID, P_AFTER, P_RAW, P_FORMAT, P_BY, P_SINCE, P_STATE, P_BREAK, P_HIT, P_LANDMARK, P_OUTCOME, P_WEEK, P_LANG, P_FREEZE,
    P_VISIT, P_CUSTOMER, P_BEGAN, P_VARIANT, P_SCENARIO, P_PLACE, P_EACH, P_READER, P_RUN, P_N
};
#define B(p) (UINT64_C(1) << P_##p)

struct param {
    const char *name;
    int (*read)(struct ask *q, struct tl_str v, const struct route *r);         /* 0, or -1: not allowed */
    bool repeats;
    const char *type, *allowed;
};
extern const struct param params[P_N];
/* routes_cut - a and b: what stands before and after the first `at`; false when there is none */
bool routes_cut(struct tl_str v, char at, struct tl_str *a, struct tl_str *b);

#endif
