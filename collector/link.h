/* link.h - the thread that drives publish_step: sockets, clock and the spool's records on one side, its wishes on the other.
 *
 * Where the aggregator is, is asked again twice a second: it may have come back on another port. So are the keys: a new
 * pair makes the connection anew. A socket whose key was refused is dead (libzmq never connects it again), so it is made again too, at growing intervals. */
#ifndef LINK_H
#define LINK_H

#include "publish.h"
#include "tl_bus.h"

struct link_cfg {
    struct publish_cfg publish;                                     /* its read and arg serve the calls below too */
    void (*extent)(void *arg, uint64_t *first, uint64_t *durable);  /* of the spool, now */
    void (*acked)(void *arg, uint64_t hwm);
    void (*tick)(void *arg);                                        /* a few times a second */
    int (*resolve)(void *arg, char endpoint[80]);                   /* 0, or TL_ENOTFOUND: no aggregator known now */
    /* curve - the keys for this endpoint: 1 and out, 0 it is spoken to plainly, negative: there are none, so it is not spoken to. NULL: always plain. */
    int (*curve)(void *arg, const char *endpoint, struct tl_bus_curve *out, struct tl_err *err);
    int64_t (*mono_us)(void *arg);
};
struct link;
int link_start(struct link **out, const struct link_cfg *cfg, struct tl_err *err);
void link_wake(struct link *l);             /* any thread: the spool grew */
bool link_up(const struct link *l);         /* any thread: the aggregator answers */
void link_stop(struct link **lp);           /* says BYE, ends the thread */

#endif
