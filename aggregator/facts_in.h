/* facts_in.h - what the files that make facts share. */
#ifndef FACTS_IN_H
#define FACTS_IN_H

#include "facts.h"

#define NO_EVENT UINT32_MAX
#define STREAMS 8

struct standard {                /* of the catalogue, in the store's numbers */
    const struct tl_standard *of;
    uint32_t number, on;         /* on: 0 = the touchpoint of the event hit */
    uint32_t *tier, *except_tier, *channel;
    uint64_t any;                /* all picks that bear on it */
    uint32_t score, restated, what;      /* numbers of a score and of a promoted property; a promise's `what` as events keep it; 0 = none */
};
struct word_picks { uint64_t picks; uint32_t planned; bool key, backstage; };      /* planned: bit by journey type whose blueprint has it */
struct required { uint32_t touchpoint[TL_REQUIRED_MAX]; uint8_t same[TL_REQUIRED_MAX]; uint32_t n; };     /* as tl_catalogue_wanted */
struct made {                    /* a chance, and where it came from */
    struct tl_chance chance;
    uint32_t standard;           /* index */
    uint32_t start, hit;         /* events; hit: that of the break, or NO_EVENT */
    int64_t expected, actual;    /* of the break */
    uint32_t next;               /* the next with the same start event, plus 1 */
};
struct keyed { uint64_t key; uint32_t event; uint8_t stream; };
struct broken { struct tl_break b; uint32_t event, rank; };   /* sorted by these two */
struct facts {
    const struct tl_catalogue *catalogue;
    struct standard standard[TL_STANDARDS_MAX];
    uint32_t standard_n;
    uint32_t outcome[TL_OUTCOMES_MAX];
    uint32_t asked;              /* number of survey.sent: it is told among the scores, as one that was asked for */
    struct required required[TL_TYPES_MAX];
    struct word_picks *word; uint32_t word_n;
    uint64_t watched;            /* picks of `failed` checks: their failures are not told twice */
    uint64_t told;               /* picks of outcomes in journeys */
    bool contacts;               /* some standard is about any contact */
    uint32_t plans;              /* bit by journey type that is held against a blueprint */
    /* one customer */
    const struct tl_kept *event; uint32_t n;
    uint64_t *picks;             /* by event */
    uint32_t *tier, *first;      /* by event: the tier as last told; the first chance it starts, plus 1 */
    struct keyed *keyed;
    uint32_t *list;
    uint32_t cap;
    struct made *made; uint32_t made_n, made_cap;
    struct tl_profile_outcome *found; uint32_t found_n, found_cap;
    struct dues *dues;
    bool failed;                 /* out of memory */
    /* one journey */
    struct broken *broken; uint32_t broken_n, broken_cap;
    uint32_t *chosen; uint32_t chosen_n, chosen_cap;
    struct tl_facts facts;
    struct tl_buf bytes;
};

/* facts_room - room for one more in a list; false and f->failed without memory */
bool facts_room(struct facts *f, void **list, uint32_t n, uint32_t *cap, size_t item);
#define ROOM_FOR_ONE(f, list) facts_room(f, (void **)&(f)->list, (f)->list##_n, &(f)->list##_cap, sizeof *(f)->list)
/* chance_in_scope - channel and tier of the event are those the standard is for */
bool chance_in_scope(const struct facts *f, const struct standard *s, uint32_t event);
bool chance_starts(const struct facts *f, const struct standard *s, uint32_t event);
/* chance_add - a chance that this event starts; NULL and f->failed without memory */
struct made *chance_add(struct facts *f, uint32_t standard, uint32_t start);
/* of one kind each, from the events that share the key, in order */
void chances_switches(struct facts *f, uint32_t standard, const uint32_t *list, uint32_t n);
void chances_scores(struct facts *f, uint32_t standard, const uint32_t *list, uint32_t n);
void chances_promises(struct facts *f, uint32_t standard, const uint32_t *list, uint32_t n);
bool chances_contact(const struct facts *f, const struct standard *s, uint32_t event);
/* chances_keyed - the chances of one standard whose key is order or case, over all events of the customer */
void chances_keyed(struct facts *f, uint32_t standard);
/* chances_journey - the chances of one standard whose key is the journey, over its events */
void chances_journey(struct facts *f, uint32_t standard, const uint32_t *order, uint32_t n);
bool facts_failed(const struct tl_kept *e);
uint32_t *facts_numbers(struct tl_store_w *words, const struct tl_str *s, uint32_t n);     /* owned; NULL without memory */
/* facts_dues.c: dues_customer before a customer, dues_journey after a journey's chances and breaks are found */
struct dues *dues_new(const struct tl_catalogue *c, struct tl_store_w *words);
void dues_free(struct dues **dp);
void dues_customer(struct dues *d);
void dues_journey(struct facts *f, const struct facts_run *run, const struct tl_journey *j);

#endif
