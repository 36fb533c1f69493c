/* routes.h - addresses and their parameters: one table, which also is the OpenAPI document. Pure: text in, struct ask out. */
#ifndef ROUTES_H
#define ROUTES_H

#include "ask.h"
#include "tl_err.h"

enum answer {
    ANSWER_ABOUT, ANSWER_MAP, ANSWER_JOURNEYS, ANSWER_VARIANTS, ANSWER_FUNNEL, ANSWER_REWORK, ANSWER_METRICS, ANSWER_CUSTOMERS, ANSWER_CUSTOMER, ANSWER_QUARANTINE,
    ANSWER_EXPORT, ANSWER_OPENAPI, ANSWER_BREAKS, ANSWER_DIFF, ANSWER_SUGGEST, ANSWER_SETUP, ANSWER_CATALOGUE, ANSWER_MOMENTS,
    ANSWER_ALERTS,
    ANSWER_EMOTION, ANSWER_REPORT, ANSWER_REPORT_PAGE,
    ANSWER_COVERAGE, ANSWER_BLUEPRINT,
    ANSWER_HEATMAP, ANSWER_IMPACT, ANSWER_CONSISTENCY,
    ANSWER_IMPROVEMENTS, ANSWER_VISITS,
    ANSWER_RECORDED,
    ANSWER_FLOWS, ANSWER_QUOTES, ANSWER_OPPORTUNITIES, ANSWER_FACETS,
    ANSWER_CONFIRMED, ANSWER_VISIT, ANSWER_BACKTRACK,
    ANSWER_SCENARIOS, ANSWER_VISIT_PLAN,
    ANSWER_SHARED, ANSWER_CHANNELS,
};
struct route {
    const char *path;               /* "/api/customers/{id}": the last part is a parameter */
    enum answer answer;
    const char *summary;
    uint64_t takes;                 /* bit per row of the parameter table */
    uint32_t limit, limit_max;      /* default and most of limit=; 0 when it is not taken */
    const char *shape;              /* the members of the answer */
};
struct route_param { struct tl_str name, value; };

extern const struct route routes[]; /* ends with path NULL */
/* routes_find - the route of a path; rest: the value of its {parameter}. NULL: none. */
const struct route *routes_find(struct tl_str path, struct tl_str *rest);
/* routes_read - parameters of the address -> q, whose text points into them. TL_EINVAL: err names the parameter and what it may be. */
int routes_read(const struct route *r, struct tl_str rest, const struct route_param *p, size_t n, struct ask *q, struct tl_err *err);
void routes_openapi(struct tl_buf *out, const char *version);

#endif
