/* voice.h - what customers say of touchpoints: the partial that emotion, NPS, CSAT and CES are counted from.
 *
 * Scores stay one by one, since an interval of a mean needs every customer's own mean, and a customer comes again on other days; they are few beside steps.
 * How often a touchpoint was visited is counted, for the share that answered. Nothing in it hangs on as_of. */
#ifndef VOICE_H
#define VOICE_H

#include "analysis.h"
#include "tl_facts.h"

/* arg->word: [VOICE_ASKED] number of the word survey.sent, the kind under which a row tells that a rating was asked for (0: never);
 * [VOICE_BY] enum voice_by; [VOICE_KEY] for VOICE_BY_ATTR the attribute's number */
enum { VOICE_ASKED, VOICE_BY, VOICE_KEY, VOICE_WORDS };
enum voice_by { VOICE_BY_NONE, VOICE_BY_ATTR, VOICE_BY_CHANNEL, VOICE_BY_WEEK };

enum { VOICE_FIRST = 1 /* of its journey, touchpoint and kind */, VOICE_WAS_ASKED = 2 /* the journey was asked at that touchpoint */ };
struct voice_row {                  /* one score, or one time that one was asked for */
    uint64_t customer;
    int64_t at_ms;
    int32_t milli;                  /* thousandths */
    uint32_t kind, touchpoint;      /* touchpoint 0: of none */
    uint32_t group;                 /* the attribute at the journey's start, the channel of the step scored, or its week's Monday as a day; 0 without */
    uint8_t flags;
};
struct voice_seen {                 /* by (touchpoint, group); its journeys are those with a step there */
    uint32_t touchpoint, group;
    uint64_t journeys, steps, places;       /* places: of the first step there within its journey, 0 the first of all, added up */
};
struct voice {
    struct voice_row *row;          /* in the order of journeys */
    struct voice_seen *seen;        /* ascending */
    size_t row_n, seen_n;
    uint64_t cut;                   /* facts that rows had no room for */
};
extern const struct analysis analysis_voice;

#endif
