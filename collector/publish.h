/* publish.h - the collector's end of TLP/1: a pure step, publish_step(state, input) -> actions. The contract is schemas/wire.md sections 1-4.
 *
 *   OFFLINE -> HELLO_SENT -> STREAMING <-> STALLED -> OFFLINE
 *
 * It knows no socket, no file and no clock: time and frames come in, frames and wishes go out, batch bytes come through `read`. One step gives at
 * most one frame, so the caller's loop is:
 *
 *     in = { PUBLISH_TICK, now, first, durable }           (or FRAME for each frame received, LINK_NEW, STOP)
 *     do { publish_step(p, &in, &out);
 *          if (out.relink) close the socket, open a new one;
 *          if (out.acked) spool_acked(spool, out.hwm);
 *          if (out.alarm) log it, once per change;
 *          in.what = out.send && the bus says TL_EAGAIN ? PUBLISH_NOT_SENT : PUBLISH_TICK;
 *     } while (out.more && in.what != PUBLISH_NOT_SENT);    then wait for the bus, the spool, or out.wake_us
 *
 * State is decided by frames alone, never by socket events. Not thread-safe: one thread. */
#ifndef PUBLISH_H
#define PUBLISH_H

#include "tl_err.h"
#include "tl_mem.h"
#include "tl_wire.h"

#define PUBLISH_INFLIGHT_MAX 1024               /* batches sent and not acknowledged, whatever the credit */
#define PUBLISH_HELLO_US INT64_C(1000000)       /* HELLO is said again after this, until WELCOME */
#define PUBLISH_TIMEOUT_US INT64_C(10000000)    /* without WELCOME or without any ACK: make the link anew */
#define PUBLISH_OVERDUE_US INT64_C(2000000)     /* in flight and nothing heard for this long: HELLO, and all of it again after WELCOME */
#define PUBLISH_PROBE_US INT64_C(5000000)       /* nothing heard for this long and nothing in flight: HELLO, to know whether it is there */
#define PUBLISH_REJECT_US INT64_C(30000000)     /* after a refusal, or a gap: HELLO again */
#define PUBLISH_RETRY_US INT64_C(50000)         /* after PUBLISH_NOT_SENT */

enum publish_state { PUBLISH_OFFLINE, PUBLISH_HELLO_SENT, PUBLISH_STREAMING, PUBLISH_STALLED };
enum publish_what {
    PUBLISH_TICK,       /* time went on, or the spool grew */
    PUBLISH_FRAME,      /* type and head received */
    PUBLISH_NOT_SENT,   /* the frame of the last step could not be handed to the bus */
    PUBLISH_LINK_NEW,   /* the socket was made anew by the caller's own wish */
    PUBLISH_STOP        /* say BYE and stay silent */
};
enum publish_alarm {
    PUBLISH_FINE,
    PUBLISH_REJECTED,   /* the aggregator refuses: out.reject says why */
    PUBLISH_GAP,        /* the aggregator needs records that are no longer here (it was restored from an old backup) */
    PUBLISH_BEHIND      /* the aggregator has committed more than this spool ever held (the spool was restored from an old copy) */
};

struct publish_cfg {
    uint8_t collector[16];
    uint64_t epoch;
    uint16_t partition;
    uint64_t recovered_seq;                     /* spool_recovered: a hwm above it and above all that was sent is PUBLISH_BEHIND */
    /* read - the payload of record seq, appended to out. 0, or a negative code: tried again at the next step. */
    int (*read)(void *arg, uint64_t seq, struct tl_buf *out);
    void *arg;
};
struct publish_input {
    enum publish_what what;
    int64_t now_us;                             /* monotonic */
    uint64_t first_seq, durable_seq;            /* the spool's, now */
    enum tl_wire_type type;                     /* FRAME only; */
    struct tl_wire_head head;                   /* as tl_wire_get_* read it */
};
struct publish_actions {
    bool send;                                  /* send F0 of type, F1 of head, and payload as F2 when type is BATCH */
    enum tl_wire_type type;
    struct tl_wire_head head;
    struct tl_str payload;                      /* borrowed until the next step */
    bool relink;                                /* close the socket and open a new one before sending */
    bool acked;                                 /* hwm grew */
    uint64_t hwm;
    enum publish_alarm alarm;                   /* as it stands now */
    enum tl_wire_reject reject;
    bool more;                                  /* step again at once: there may be more to send */
    int64_t wake_us;                            /* step again at this time at the latest */
};

struct publish;
struct publish *publish_new(const struct publish_cfg *cfg);   /* NULL when out of memory */
void publish_free(struct publish **pp);
void publish_step(struct publish *p, const struct publish_input *in, struct publish_actions *out);
enum publish_state publish_state(const struct publish *p);
bool publish_linked(const struct publish *p);                 /* the aggregator answers: STREAMING or STALLED */

struct publish_stats {
    uint64_t sent_n, resent_n, relinks_n, strangers_n;        /* strangers: frames for another collector, epoch or partition */
    uint64_t inflight_n, inflight_bytes, hwm;
};
void publish_stats(const struct publish *p, struct publish_stats *st);

#endif
