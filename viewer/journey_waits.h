/* journey_waits.h - the clocks that ran in one journey: each wait against its limit, kept or not, ended or still running. */
#ifndef JOURNEY_WAITS_H
#define JOURNEY_WAITS_H

#include "fold_findings.h"

#define JOURNEY_WAITS_MAX 100           /* of one journey, the earliest; `cut` counts the rest */

/* running: within its limit still; over: beyond it and not ended; unknown: silence decides, and who must tell is silent too */
enum journey_wait_is { WAIT_RUNNING, WAIT_KEPT, WAIT_LATE, WAIT_OVER, WAIT_CANCELLED, WAIT_UNKNOWN };
struct journey_wait {
    struct tl_str id, touchpoint, channel;
    struct tl_title name, title;        /* of the standard, of the touchpoint */
    int64_t start_ms, due_ms, ended_ms; /* ended: TL_TIME_NONE while it runs */
    enum journey_wait_is is;
    uint32_t step;                      /* TL_NO_STEP */
};
struct journey_waits { struct journey_wait *item; uint32_t item_n, cut; };
/* journey_waits_tell - judged at as_of, in the order of their start. f: findings_resolve'd. 0, TL_ENOMEM, TL_ETRUNC. */
int journey_waits_tell(struct look *k, struct tl_store_txn *t, const struct findings *f, const struct tl_journey *j, struct journey_waits *out, struct tl_err *err);
#endif
