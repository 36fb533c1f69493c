/* sieve.h - which journeys a question is about, and which of their steps. Pure: rows in, journeys out; also says for which as_of its verdicts hold. */
#ifndef SIEVE_H
#define SIEVE_H

#include "analysis/behind.h"
#include "ask.h"
#include "tl_err.h"

#define SIEVE_TESTS_MAX (ASK_FILTERS_MAX + 1)      /* and a segment that an answer tells apart */

enum sieve_kind { SIEVE_ATTR, SIEVE_SEGMENT, SIEVE_ANY_CHANNEL, SIEVE_ANY_TOUCHPOINT };   /* segment: value is its place in the catalogue + 1 */
struct sieve_test { enum sieve_kind kind; uint32_t key, value; };   /* dictionary numbers; 0 = a word the store does not have: never true */

struct sieve {
    struct sieve_test test[SIEVE_TESTS_MAX];    /* sorted; those of one attribute are alternatives, all else must hold together */
    uint32_t test_n;
    int stream;
    enum ask_lifecycle lifecycle;
    int64_t gap_ms, as_of_ms;
    bool signals;                               /* journeys of signals alone are asked about too: they have no step */
    int64_t lo_ms, hi_ms;                       /* out: the verdicts given so far hold for every as_of within */
    /* has a touchpoint both start and complete? asked only under ASK_LC_DEFAULT */
    bool (*both)(void *arg, uint32_t touchpoint);
    void *both_arg;
    bool (*segment)(void *arg, uint32_t index, const struct tl_journey *j);     /* is the journey of the catalogue's segment? */
    void *segment_arg;
    const uint32_t *way;                        /* NULL: not asked; the touchpoints of the steps that are left must be exactly these */
    uint32_t way_n;
    const struct behind *behind;                /* NULL: not asked */
    struct behind_pad *pad;                     /* of this thread, when it is */
};
void sieve_begin(struct sieve *s);              /* opens the interval; call before each partial */
/* sieve_head - could j be asked about? Looks at all but its steps, so that those of other journeys need not be read. */
bool sieve_head(struct sieve *s, const struct tl_journey *j);
/* sieve_steps - is it? Steps that are not asked about are taken out of j (j->step is written to). end: how it ended at as_of. */
bool sieve_steps(struct sieve *s, struct tl_journey *j, bool ends, enum tl_end *end);

#endif
