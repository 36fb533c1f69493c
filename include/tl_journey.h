/* tl_journey.h - the journey as folds see it: one row, decoded. No I/O, no clock. Words are numbers of the store's dictionary. */
#ifndef TL_JOURNEY_H
#define TL_JOURNEY_H

#include <stdbool.h>
#include <stdint.h>

#include "tl_mem.h"

#define TL_JOURNEY_STEPS_MAX 10000
#define TL_JOURNEY_ATTRS_MAX 16

enum tl_stream { TL_STREAM_LIVE, TL_STREAM_PILOT, TL_STREAM_TEST, TL_STREAM_REPLAY, TL_STREAM_MYSTERY };
enum tl_lifecycle { TL_LC_NONE, TL_LC_SCHEDULE, TL_LC_START, TL_LC_COMPLETE, TL_LC_OTHER, TL_LC_SPAN /* merged: began and completed */ };
enum tl_outcome { TL_UNDECIDED, TL_GOOD, TL_BAD };            /* in the row; lapsed and open are judged at as_of */
enum tl_end { TL_END_GOOD, TL_END_BAD, TL_END_LAPSED, TL_END_OPEN, TL_END_N };

struct tl_step {
    uint32_t touchpoint;        /* dictionary number */
    uint16_t channel;           /* dictionary number, 0 = none: channels are numbered first, so 16 bits do */
    uint8_t lifecycle;          /* enum tl_lifecycle */
    uint8_t flags;              /* TL_STEP_* */
    int64_t start_ms, end_ms;   /* end >= start; equal unless merged or timed */
    int64_t wait_ms;            /* as sent, -1 = not sent */
};
enum { TL_STEP_TIME_MISSING = 1, TL_STEP_FAIL = 2, TL_STEP_BACKSTAGE = 4, TL_STEP_TIE = 8 /* same time as the step before */ };

struct tl_attr { uint32_t key, value; };                      /* dictionary numbers: tier, place, channel, origin, promoted props, as at journey start */

struct tl_journey {
    uint16_t type;              /* dictionary number of the journey type's id */
    int32_t day;                /* local start day (tl_zone_day of start_ms) */
    uint64_t customer;
    int64_t start_ms;
    uint32_t tag;               /* 32 bits of the first event's id hash */
    int64_t last_ms;            /* of the last event, signals too */
    uint8_t outcome;            /* enum tl_outcome */
    uint8_t stream;             /* enum tl_stream */
    bool cut;                   /* more than TL_JOURNEY_STEPS_MAX steps: the rest is counted in cut_n */
    uint32_t cut_n;
    uint32_t attrs_n, steps_n;
    struct tl_attr attr[TL_JOURNEY_ATTRS_MAX];
    struct tl_str facts;        /* what it tells besides its steps, packed: tl_facts.h; {NULL, 0} when nothing */
    struct tl_step *step;       /* steps_n, in order; memory of the reader */
};

/* tl_journey_end - outcome, or lapsed / open at as_of: lapsed when silent for longer than gap_ms. */
enum tl_end tl_journey_end(const struct tl_journey *j, int64_t gap_ms, int64_t as_of_ms);

#endif
