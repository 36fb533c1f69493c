/* admit.h - what holds for an event of any protocol: the collector's own fields, the rules of tl_event_check, and what its write key may send. */
#ifndef ADMIT_H
#define ADMIT_H

#include "tl_event.h"
#include "tl_port.h"

struct admit {
    struct tl_str origin;               /* of the write key */
    struct tl_str stream;               /* the one that the key may send; absent: live, and any for an import */
    int64_t received_at_ms;
    struct tl_rand *rand;
    char made_id[37];                   /* of the last event that came without one; it points here */
};
/* admit_event - fill origin, received_at and a missing id; check. 0, or TL_EINVAL with why filled. */
int admit_event(struct admit *a, struct tl_event *ev, struct tl_refusal *why);

#endif
