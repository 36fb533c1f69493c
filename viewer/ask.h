/* ask.h - one question as parsed from an address: what every answer is made from. Text is borrowed from the request. */
#ifndef ASK_H
#define ASK_H

#include "tl_journey.h"
#include "tl_mem.h"
#include "tl_time.h"

#define ASK_FILTERS_MAX 16
#define ASK_STEPS_MAX 32
#define ASK_PLACES_MAX 64
#define ASK_LIMIT_DEFAULT 50
#define ASK_LIMIT_MAX 1000

enum ask_lifecycle { ASK_LC_DEFAULT, ASK_LC_ALL, ASK_LC_COMPLETE };   /* default: complete where a touchpoint has both start and complete */
enum ask_format { ASK_NDJSON, ASK_CSV, ASK_XES, ASK_ROWS };
enum ask_by { ASK_BY_TOUCHPOINT, ASK_BY_TIER, ASK_BY_CHANNEL, ASK_BY_PLACE, ASK_BY_WEEK, ASK_BY_SEGMENT, ASK_BY_NONE };   /* what metrics are told apart by */
#define ASK_STREAM_ALL (-1)

struct ask_filter { struct tl_str key, value; };    /* key as given: "place", "any.channel" */

struct ask {
    struct tl_str journey;                  /* type id; "all" when not given */
    bool has_journey;
    bool has_from, has_to;
    int32_t from_day, to_day;               /* INT32_MIN, INT32_MAX when not given */
    struct ask_filter filter[ASK_FILTERS_MAX];
    uint32_t filter_n;
    enum ask_lifecycle lifecycle;
    int stream;                             /* enum tl_stream, or ASK_STREAM_ALL */
    struct tl_str model;                    /* absent: the first */
    int64_t as_of_ms;                       /* TL_TIME_NONE: the default of this moment */
    int64_t nodes_max, edges_max;           /* -1: all */
    struct tl_str node, edge_from, edge_to; /* absent when not asked */
    int end;                                /* enum tl_end, -1 = any */
    bool start;
    uint32_t limit;
    struct tl_str cursor, after;
    struct tl_str step[ASK_STEPS_MAX];
    uint32_t step_n;
    struct tl_str id_kind, id_value;        /* customers?id=kind:value */
    uint8_t customer[16];                   /* of /api/customers/{hash} */
    bool has_raw;
    uint64_t raw_position;
    bool has_since;
    uint64_t since;                         /* alerts: only those changed after this change */
    int state;                              /* alerts: enum tl_alert_state, -1 = any */
    enum ask_by by;                         /* metrics */
    bool has_week, freeze;                  /* report: week is its Monday; freeze: keep it as it is now */
    int32_t week;
    bool has_lang, zh;                      /* report: the language of the page */
    bool by_place, by_daypart;              /* breaks: cells by the place of the step hit; and by the daypart */
    int64_t landmark_ms;                    /* moments: the experience is frozen so long after it began; 0: not asked */
    struct tl_str outcome;                  /* impact: an outcome of the catalogue; absent: what the journey type holds breaks against */
    struct tl_str brk;                      /* journeys behind this cell of break points (cell_name.h); absent: any */
    bool brk_kept;                          /* its other eligible journeys, instead of those hit */
    struct tl_str variant;                  /* journeys that went exactly this way (fold_variant.h); absent: any */
    enum ask_format format;
    struct tl_str run;                      /* visit: judged by what came out of this replay of it; absent: by its own journeys */
    bool has_customer;                      /* recorded: customer was given as a parameter */
    struct tl_str scenario;                 /* plan of visits: id of a scenario, places, how many at each (0: what the scenario says) */
    struct tl_str place[ASK_PLACES_MAX];
    uint32_t place_n, each;
    struct tl_str visit;                    /* recorded: the id of a visit, absent: a customer's journey; visit: its id */
    bool for_outlet;                        /* visit: nothing that tells who the shopper is */
    int64_t began_ms;                       /* recorded: start of the customer's journey; TL_TIME_NONE: the latest */
};

#endif
