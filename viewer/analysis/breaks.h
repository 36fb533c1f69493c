/* breaks.h - chances that a standard was kept at, judged at as_of and counted in cells: standard x touchpoint (x place (x daypart)). Pure. */
#ifndef BREAKS_H
#define BREAKS_H

#include "cluster.h"
#include "cusum.h"
#include "tl_catalogue.h"
#include "told.h"

/* Everything up to then is told, of that place (0: of all). A place that is not listed never was. */
struct known { uint32_t place; int64_t until_ms; };

/* What is counted: a standard of the catalogue, or a kind of break without one. */
struct break_rule {
    uint32_t standard;              /* number of its id's word; 0 for kinds without */
    uint8_t without;                /* then: enum tl_break_kind */
    uint32_t touchpoint;            /* where it is counted; 0: at that of the step hit */
    enum tl_standard_kind kind;
    uint8_t severity_min;           /* 1..3 */
    bool basic, beyond;             /* beyond: not met is no break */
    const struct known *known;      /* how far who must send its end has told everything, by place; NULL: silence is judged without asking */
    uint32_t known_n;
};

enum chance_is { CHANCE_OUT /* not eligible (yet) */, CHANCE_CANCELLED, CHANCE_KEPT, CHANCE_HIT, CHANCE_UNKNOWN /* silence decides, and its source is silent too */ };
enum chance_is chance_judge(enum tl_standard_kind kind, const struct tl_chance *c, int64_t as_of_ms);
/* chance_known - `is` as judged, or CHANCE_UNKNOWN where it rests on silence up to its due time that the source has not told yet */
enum chance_is chance_known(const struct break_rule *r, const struct tl_chance *c, enum chance_is is);
/* chance_settled_ms - when it was known that it is kept or hit */
int64_t chance_settled_ms(enum tl_standard_kind kind, const struct tl_chance *c, enum chance_is is);
int chance_severity(const struct break_rule *r, const struct tl_chance *c, int64_t as_of_ms);

enum breaks_by { BREAKS_BY_NOTHING, BREAKS_BY_PLACE, BREAKS_BY_DAYPART /* place x daypart */, BREAKS_BY_CHANNEL /* the channel stands as place */ };

struct breaks_ask {
    const struct break_rule *rule;
    uint32_t rule_n;
    const uint32_t *required;       /* touchpoints in order: chances for the kinds MISSING and ORDER */
    uint32_t required_n;
    const uint32_t *unplanned;      /* touchpoints that blueprints do not have: chances for the kind ADHOC */
    uint32_t unplanned_n;
    int64_t as_of_ms;
    int32_t from_day, to_day;       /* journeys that start in it */
    int32_t before_from, before_to; /* the days compared with; from > to: none */
    int32_t watch_from;             /* first of the days told one by one, up to to_day; INT32_MAX: none */
    enum breaks_by by;              /* the place of the chance, the daypart of its start; those without one are left out */
    const uint8_t *rule_at;         /* 1 + rule by a standard's number, below rule_at_n; 0: none. NULL: rules are looked through */
    uint32_t rule_at_n;
    const struct tl_daypart *daypart;
    uint32_t daypart_n;
    const struct tl_zone *zone;     /* of the store; asked only for dayparts */
};

/* One chance as cells see it. */
struct break_row { uint32_t rule, touchpoint, place, daypart /* 1 + index, 0: not asked */, channel; uint8_t is /* enum chance_is, never CHANCE_OUT */, severity; };
typedef void (*breaks_row)(void *arg, const struct break_row *r);
/* breaks_each - the rows of one journey, whatever its day; c and b are its own chances and breaks */
void breaks_each(const struct breaks_ask *q, const struct told_journey *j, const struct told_chance *c, const struct tl_break *b, breaks_row each, void *arg);
/* breaks_unplanned - the touchpoints that journeys met and their blueprint does not have, those of the most journeys first; left_out: how many more */
#define BREAKS_UNPLANNED_MAX 64
struct breaks_unplanned { uint32_t touchpoint; uint64_t journeys; };
uint32_t breaks_unplanned(const struct told *t, struct breaks_unplanned out[BREAKS_UNPLANNED_MAX], uint32_t *left_out);

struct tally {
    uint32_t rule, touchpoint, place, daypart;
    uint64_t n, k, cancelled, unknown;
    uint64_t before_n, before_k;    /* of the days before */
    double de, before_de;           /* design effects of customers who come again, >= 1; 1 until breaks_designs was asked */
    int severity;                   /* of the worst, 0: none hit */
    bool again;                     /* in: breaks_designs is to look at it */
    struct cusum_day *day;          /* day_n of them, from q->watch_from; NULL when day_n is 0 */
};
struct tallies { struct tally *cell; size_t n; struct cusum_day *day; uint32_t day_n; };    /* by (rule, touchpoint, place, daypart); the arrays are owned */
#define BREAKS_DAYS_MAX (4u << 20)      /* days of all cells together; with more cells than that allows, no cell is told day by day */
/* breaks_count - one pass over all journeys: the period, the one before, day by day. 0, TL_ENOMEM. */
int breaks_count(const struct told *t, const struct breaks_ask *q, struct tallies *out);
/* breaks_designs - the second pass: design effects of the cells marked `again`. 0, TL_ENOMEM. */
int breaks_designs(const struct told *t, const struct breaks_ask *q, struct tallies *of);
void breaks_free(struct tallies *t);
/* breaks_daypart - 1 + index of the daypart that a moment lies in, 0: in none */
uint32_t breaks_daypart(const struct breaks_ask *q, int64_t ms);
/* breaks_rule_of - the rule of a standard's number, rule_n when there is none */
uint32_t breaks_rule_of(const struct breaks_ask *q, uint32_t standard);
/* breaks_design - the design effect of hits among rows of (customer, hit), any order */
struct hit_row { uint64_t customer; bool hit; };
double breaks_design(const struct hit_row *row, size_t n);

#endif
