/* rebuild.h - how far the aggregator is with making journeys anew: for a rebuild that was asked for, and for an activated catalogue. */
#ifndef CLI_REBUILD_H
#define CLI_REBUILD_H

#include "session.h"

struct rebuild_progress {
    bool running;
    char phase[24];
    uint64_t done, total;
    char hash[33], next_hash[33];           /* of the catalogue that holds, and of the one that is due, or "" */
    uint64_t catalogue_at, catalogue_next;  /* log positions of their activations, 0 */
};
/* rebuild_look - asks /healthz. TL_EIO: it does not get on; err says why. */
int rebuild_look(struct session *s, struct rebuild_progress *p, struct tl_err *err);
void rebuild_tell(const struct rebuild_progress *p);     /* one line on a terminal */

#endif
