/* body.h - one request body on its way through the collector: what was taken from it and what was refused, already as items of a batch
 * (tl_wire.h), and the list of refusals that its sender gets. Reused from body to body; one a loop. */
#ifndef BODY_H
#define BODY_H

#include "tl_event.h"
#include "tl_mem.h"

struct body {
    struct tl_buf events, refused;      /* items, one after another */
    uint32_t events_n, refused_n;
    struct tl_buf list;                 /* {"index","id","reason","field"}, comma separated */
};
void body_reset(struct body *b);        /* keeps the memory up to BODY_KEEP_BYTES a buffer */
void body_free(struct body *b);
void body_take(struct body *b, const struct tl_event *ev);
/* body_refuse - keep slice (of one withheld its length alone) as a quarantined item and list it. id_name: what this protocol calls an event's id ("id", "messageId"). */
void body_refuse(struct body *b, size_t index, const struct tl_refusal *why, struct tl_str slice, bool withheld, struct tl_str origin, int64_t received_at_ms,
                 const char *id_name);
bool body_failed(const struct body *b); /* out of memory somewhere above */
size_t body_bytes(const struct body *b);

#define BODY_KEEP_BYTES (256u * 1024)

#endif
