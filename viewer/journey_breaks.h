/* journey_breaks.h - the breaks of one journey as shown: what was expected, what happened, what proves it, who answers for it. */
#ifndef JOURNEY_BREAKS_H
#define JOURNEY_BREAKS_H

#include "fold_findings.h"

#define JOURNEY_BREAKS_MAX 200          /* of one journey, the earliest; `cut` counts the rest */
#define JOURNEY_BREAK_EVIDENCE_MAX 2

enum journey_break_unit { BREAK_MS, BREAK_TIME /* Unix ms */, BREAK_COUNT, BREAK_SCORE, BREAK_WORD /* channels, touchpoints */ };
struct journey_break_evidence { uint64_t position; struct tl_str id, type; int64_t at_ms; };
struct journey_break {
    struct tl_str id, owner;            /* of the standard, else the kind of break; the department: the standard's, else the touchpoint's */
    struct tl_title name, title;
    char rule[33];                      /* hash of what the standard says; "" for kinds without */
    struct tl_str type;                 /* wait, failed, ... as in /api/breaks; failure: a step that failed and no check speaks of */
    struct tl_str touchpoint, channel, place;
    const struct tl_touchpoint *tp;     /* NULL: not in the catalogue */
    uint32_t step;                      /* TL_NO_STEP */
    int64_t at_ms;                      /* of the earliest evidence */
    int64_t broken_ms;                  /* when it was a break */
    enum journey_break_unit unit;
    double expected, actual;            /* as unit says; actual_known false: it has not happened */
    struct tl_str expected_word, actual_word;
    bool actual_known, open;            /* open: it has not ended yet, actual is how long by now */
    int confirmed;                      /* a second confirmation: 0, 1; -1: not asked for */
    int severity;
    double ratio;                       /* actual / limit; 1 where that says nothing */
    bool first, worst;
    struct journey_break_evidence evidence[JOURNEY_BREAK_EVIDENCE_MAX];
    uint32_t evidence_n;
};
struct journey_breaks { struct journey_break *item; uint32_t item_n, cut, unknown; };

struct journey_breaks_teller;           /* in the look's arena */
/* journey_breaks_begin - for journeys of one customer whose events are e[0..n), borrowed, as is t */
int journey_breaks_begin(struct look *k, struct tl_store_txn *t, const struct tl_kept *e, uint32_t n, struct journey_breaks_teller **out, struct tl_err *err);
/* journey_breaks_findings - the rules it tells by; borrowed */
const struct findings *journey_breaks_findings(const struct journey_breaks_teller *b);
/* journey_breaks_tell - judged at as_of; earliest evidence first, then in the order planned. type: index in the catalogue, -1: not described any more */
int journey_breaks_tell(struct journey_breaks_teller *b, const struct tl_journey *j, int type, enum tl_end end, struct journey_breaks *out, struct tl_err *err);
#endif
