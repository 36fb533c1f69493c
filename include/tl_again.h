/* tl_again.h - a quarantined event as it can be sent again: after a fix of the program, of a limit, or of the event itself. */
#ifndef TL_AGAIN_H
#define TL_AGAIN_H

#include "tl_eventlog.h"
#include "tl_json.h"

/* tl_again_whole - are an item's bytes those of one event, all of them? Not batches that nobody could read, nor what was too long to be kept. */
bool tl_again_whole(const struct tl_refused *r);
/* tl_again_event - bytes as one line of JSON with an id; an event without one gets one made of the log and the item's number, so that sending it twice gives
 * one event and a duplicate. out is replaced; arena is reset. false: no JSON object, or out of memory. */
bool tl_again_event(struct tl_eventlog *log, uint64_t number, struct tl_str bytes, struct tl_arena *arena, struct tl_buf *out);

#endif
