/* tl_facts.h - what a journey row tells besides its steps: chances a standard was kept at, breaks, scores, outcomes. Facts only: whatever time alone can
 * change (a wait still running, an outcome's horizon) is judged by the fold at as_of. Words are numbers of the store's dictionary. No I/O, no clock. */
#ifndef TL_FACTS_H
#define TL_FACTS_H

#include "tl_err.h"
#include "tl_journey.h"
#include "tl_mem.h"
#include "tl_time.h"

#define TL_FACTS_MAX 500          /* of each list: the first ones in time stay, the rest is counted in cut_n */
#define TL_NO_STEP UINT32_MAX     /* the journey has no step yet */

/* One chance that a standard was kept at: what `n` counts. Whose rule: `standard` is the number of its id's word (tl_catalogue_standard finds it).
 *   clock     eligible at as_of iff start <= as_of - limit, where limit = due - start, and not (cancelled_ms < due_ms);
 *             hit iff not (ended_ms <= due_ms). Exactly at due_ms is no hit. A cancel at or after due_ms leaves a hit.
 *   failed    eligible always; hit iff TL_CHANCE_HIT.
 *   required  eligible iff TL_CHANCE_HIT or TL_CHANCE_KEPT (else its `by` event has not come: nothing is known); hit iff TL_CHANCE_HIT. ended_ms: when it was kept.
 *             due_ms, with a hit: when its `by` came. Neither counts before it happened.
 *   repeat    eligible iff due_ms <= as_of or ended_ms <= due_ms; hit iff ended_ms <= due_ms (ended_ms: when the customer came again).
 *   transfers eligible always; hit iff TL_CHANCE_HIT; ended_ms: the transfer that was one too many.
 *   context, score  eligible always; hit iff TL_CHANCE_HIT.
 *   promise   as a clock: due_ms = the time promised + grace; ended_ms: when it was kept.
 *   word      eligible iff the promise is overdue: due_ms <= as_of and not ended_ms <= due_ms, not cancelled before; kept iff TL_CHANCE_KEPT: there was word. */
struct tl_chance {
    uint32_t standard;
    uint32_t step;                /* of this journey: the one the start event is, or attaches to; TL_NO_STEP */
    uint8_t flags;                /* TL_CHANCE_* */
    int64_t start_ms;
    int64_t due_ms;               /* start + limit; TL_TIME_NONE for failed, transfers, context, score, and for required unless hit */
    int64_t ended_ms;             /* of the first end at or after the start; TL_TIME_NONE when none (yet) */
    int64_t cancelled_ms;         /* of the first cancel, when that came first; TL_TIME_NONE */
    uint32_t place, channel, tier;   /* of the start event (place: else of the end; tier: else as the customer told last before); 0 = none */
};
enum { TL_CHANCE_HIT = 1, TL_CHANCE_KEPT = 2 };

/* A break that no time can change. */
enum tl_break_kind {
    TL_BREAK_FAILED,              /* a check's fail conditions held; actual, expected 0 */
    TL_BREAK_REQUIRED,            /* the required event had not come when its `by` came: note not carried out, no ready notice. expected 1, actual 0;
                                   * where the catalogue names a second confirmation (`confirm`): expected 2, actual 1 when there was one, else 0 */
    TL_BREAK_TRANSFERS,           /* expected: the most allowed; actual: how many */
    TL_BREAK_FAILURE,             /* outcome fail, abandoned, timeout at a step that no `failed` check speaks of; standard 0 */
    TL_BREAK_MISSING,             /* a journey closed good without a required step; touchpoint: the one missing; standard 0; step, at_ms: of the close */
    TL_BREAK_ORDER,               /* ... or with its first visit before that of the required step before it (expected: number of that touchpoint; actual: of the one visited,
                                   * which may be an alternative to `touchpoint`); standard 0 */
    TL_BREAK_CONTEXT,             /* the customer had to say it again: expected, actual: number of the channel before and of this one */
    TL_BREAK_SCORE,               /* expected: the highest that is too low; actual: the score, both thousandths */
    TL_BREAK_ADHOC,               /* first visit of a touchpoint that the journey type's blueprint does not have; standard 0 */
    TL_BREAK_KINDS
};
struct tl_break {
    uint32_t standard;            /* 0 for kinds without one: allowed share .02 */
    uint8_t kind, severity;       /* severity 1..3 */
    uint32_t step, touchpoint;    /* touchpoint: the standard's `on`, else the step's */
    int64_t at_ms;
    uint32_t place, channel;      /* of the event hit; 0 = none */
    int64_t expected, actual;
    uint64_t evidence;            /* tl_kept.id_hash of the event */
};

/* milli: thousandths, so -2000..10000 on the known scales. Kind survey.sent, milli 0: a rating was asked for. */
struct tl_scored { uint32_t kind; int32_t milli; uint32_t step; int64_t at_ms; };
struct tl_marked { uint32_t outcome; uint32_t step; int64_t at_ms; };                  /* an event inside the journey met the catalogue's outcome (number of its id's word) */

struct tl_facts {
    uint32_t chance_n, break_n, scored_n, marked_n;
    uint32_t cut_n;
    struct tl_chance chance[TL_FACTS_MAX];      /* each list by (time, ...) as the rule says: equal rows, equal bytes */
    struct tl_break brk[TL_FACTS_MAX];
    struct tl_scored scored[TL_FACTS_MAX];
    struct tl_marked marked[TL_FACTS_MAX];
};

/* tl_facts_put - the bytes for j->facts; nothing when there are no facts. start_ms: of the journey. */
void tl_facts_put(struct tl_buf *out, const struct tl_facts *f, int64_t start_ms);
/* tl_facts_get - j->facts (as tl_rows_journey_head or _get left it: a view into the row) -> f; empty lists when there are none. 0, TL_ETRUNC. */
int tl_facts_get(const struct tl_journey *j, struct tl_facts *f);

#endif
