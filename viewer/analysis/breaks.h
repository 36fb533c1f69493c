/* breaks.h - chances that a standard was kept at, judged at as_of and counted in cells: standard x touchpoint (x place). Pure. */
#ifndef BREAKS_H
#define BREAKS_H

#include "cluster.h"
#include "tl_catalogue.h"
#include "told.h"

/* What is counted: a standard of the catalogue, or a kind of break without one. */
struct break_rule {
    uint32_t standard;              /* number of its id's word; 0 for kinds without */
    uint8_t without;                /* then: enum tl_break_kind */
    uint32_t touchpoint;            /* where it is counted; 0: at that of the step hit */
    enum tl_standard_kind kind;
    uint8_t severity_min;           /* 1..3 */
    bool basic, beyond;             /* beyond: not met is no break */
};

enum chance_is { CHANCE_OUT /* not eligible (yet) */, CHANCE_CANCELLED, CHANCE_KEPT, CHANCE_HIT };
enum chance_is chance_judge(enum tl_standard_kind kind, const struct tl_chance *c, int64_t as_of_ms);
/* chance_settled_ms - when it was known that it is kept or hit */
int64_t chance_settled_ms(const struct tl_chance *c, enum chance_is is);
int chance_severity(const struct break_rule *r, const struct tl_chance *c, int64_t as_of_ms);

struct breaks_ask {
    const struct break_rule *rule;
    uint32_t rule_n;
    const uint32_t *required;       /* touchpoints in order: chances for the kinds MISSING and ORDER */
    uint32_t required_n;
    int64_t as_of_ms;
    int32_t from_day, to_day;       /* journeys that start in it */
    bool by_place;                  /* of the chance; those without one are left out */
};
struct tally {
    uint32_t rule, touchpoint, place;
    uint64_t n, k, cancelled;
    double de;                      /* design effect of customers who come again, >= 1 */
    int severity;                   /* of the worst, 0: none hit */
};
/* breaks_count - *out owned (tl_free), by (rule, touchpoint, place). 0, TL_ENOMEM. */
int breaks_count(const struct told *t, const struct breaks_ask *q, struct tally **out, size_t *n);
/* breaks_rule_of - the rule of a standard's number, rule_n when there is none */
uint32_t breaks_rule_of(const struct breaks_ask *q, uint32_t standard);
/* breaks_design - the design effect of hits among rows of (customer, hit), any order; sorts them */
struct hit_row { uint64_t customer; bool hit; };
double breaks_design(struct hit_row *row, size_t n);

#endif
