/* tl_order.h - when a kept event happened, and in which order: made from the set of a customer's events, never from their arrival.
 *
 * Offset of a session = the least (received_at - sent_at) over its events; 0 without sent_at, or when under TL_KEPT_SKEW_MS either way.
 * Along seq, time = running maximum of min(time + offset, received_at): the sequence decides, clocks only place the session.
 * An event without session is a session of its own; one without time has happened when it was received.
 * Total order: (corrected time, session, seq, id hash). */
#ifndef TL_ORDER_H
#define TL_ORDER_H

#include "tl_rows.h"

/* tl_order_events - fill at_ms of events[0..n) and sort them by the total order. Pure; 0 or TL_ENOMEM. */
int tl_order_events(struct tl_kept *events, uint32_t n);
/* tl_order_own_ms - where this event would be placed if it were alone in its session; needs no neighbours */
int64_t tl_order_own_ms(const struct tl_kept *e);
/* tl_order_bound_ms - no smaller than the corrected time of this event whatever its neighbours; needs no neighbours. */
int64_t tl_order_bound_ms(const struct tl_kept *e);

#endif
