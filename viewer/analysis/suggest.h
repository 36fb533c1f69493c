/* suggest.h - what a catalogue could say, from the events seen: names, where in a journey they stand, waits between neighbours, the silence that ends a journey.
 *
 * All events are fed three times, customer by customer, each customer's in their order: count, thread, time. Between the passes suggest_next draws the conclusions
 * that the following one needs. The same events give the same draft. Pure: words are numbers of the store's dictionary. */
#ifndef SUGGEST_H
#define SUGGEST_H

#include "suggest_gap.h"
#include "tl_catalogue.h"
#include "tl_rows.h"

#define SUGGEST_NAMES_MAX 400        /* event names: the busiest stay, the rest is counted */
#define SUGGEST_CLOCKS_MAX 20
#define SUGGEST_CHANNELS_MAX 16
#define SUGGEST_PAIR_LEAST 30        /* neighbours seen less often make no clock */
#define SUGGEST_NEXT_SHARE .3        /* and so do those that are the next step more rarely */
#define SUGGEST_FOLLOW_SHARE .5      /* or come less often anywhere later in the thread */
#define SUGGEST_QUANTILE .9
#define SUGGEST_LIMIT_LEAST_MS 1000  /* shorter ones are a machine's steps */
#define SUGGEST_GAP_LEAST_MS (INT64_C(30) * 60000)      /* no shorter silence is proposed where no field tells journeys apart */
#define SUGGEST_THREAD_SHARE .5      /* of all steps carry the field: then it threads the journeys */
#define SUGGEST_CHOICES 5             /* silences that people choose among: 1, 7, 14, 30, 60 days */
#define SUGGEST_SCORE_SHARE .8       /* of a name's events carry scores: then it is a signal */

enum suggest_key { SUGGEST_BY_GAP, SUGGEST_BY_JOURNEY, SUGGEST_BY_ORDER, SUGGEST_BY_CASE, SUGGEST_KEYS };

struct suggest_name {
    uint32_t word;                   /* the event type, or the touchpoint of events without one */
    uint64_t n;
    uint32_t channel;                /* of at least half of those that have one; 0 = none */
    uint64_t customer, position;     /* an example: the first in the log */
    enum tl_role role;
    bool by_shape;                   /* the role is not the vocabulary's */
    bool complete_only;              /* begins and completes: only what is complete counts as a step */
    double place;                    /* mean place of its first occurrence in journeys, 0 first .. 1 last; < 0: not known */
    uint64_t journeys, first, last;  /* journeys that have it, begin with it, end with it */
};
struct suggest_clock {
    uint32_t start, end;             /* places in the list of names */
    enum suggest_key key;
    uint64_t starts, ended;
    int64_t p50_ms, limit_ms;        /* of those that ended; limit: the quantile, rounded up by 2 % at most */
    double over;                     /* share of the starts that took longer, or did not end */
};
struct suggest_draft {
    struct suggest_name *name; uint32_t name_n;      /* the commonest first */
    uint64_t events, customers, names_left_out, events_left_out;
    enum suggest_key key;
    uint64_t journeys;               /* threads of that key */
    bool valley;                     /* else the gap is the default */
    int64_t gap_ms;
    uint64_t at_choice[SUGGEST_CHOICES];     /* journeys that each of suggest_choice_ms would cut */
    uint64_t at_half, at_gap, at_double;     /* journeys that silences of half, once and twice the gap would cut */
    struct suggest_clock clock[SUGGEST_CLOCKS_MAX]; uint32_t clock_n;
};

extern const int64_t suggest_choice_ms[SUGGEST_CHOICES];

struct suggest;
/* suggest_new - key: SUGGEST_KEYS when it is to be found out; gap_ms: 0 likewise. NULL: out of memory. */
struct suggest *suggest_new(uint32_t words_n, enum suggest_key key, int64_t gap_ms);
void suggest_free(struct suggest **sp);
/* suggest_feed - one customer's events in order, at_ms filled. 0, TL_ENOMEM. */
int suggest_feed(struct suggest *s, uint64_t customer, const struct tl_kept *e, uint32_t n);
/* suggest_next - ends a pass; role_of says what the vocabulary knows of a name. 0, TL_ENOMEM. */
int suggest_next(struct suggest *s, enum tl_role (*role_of)(void *arg, uint32_t word), void *arg);
/* suggest_end - after the third suggest_next; s owns what it points to */
const struct suggest_draft *suggest_end(const struct suggest *s);

#endif
