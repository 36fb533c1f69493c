/* tea_events.h - the demo's facts told as touchpoint events, the way an app, a store, a chat and a call centre would send them. */
#ifndef TEA_EVENTS_H
#define TEA_EVENTS_H

#include "tea_world.h"
#include "tl_mem.h"

struct tea_story {
    uint64_t seed;
    int64_t day0_ms;            /* UTC ms of day 0, 00:00 in Shanghai */
    int64_t until_ms;           /* events later than this have not happened yet and are left out */
    /* emit - one event: its JSON (borrowed). non-zero stops. */
    int (*emit)(void *arg, struct tl_str json);
    void *arg;
    int64_t at_ms;              /* of the event being told */
    struct tl_buf json;         /* scratch, freed by the caller */
    uint64_t events_n;
};
int tea_tell_order(struct tea_story *s, const struct tea_order *o);
int tea_tell_visitor(struct tea_story *s, const struct tea_visitor *v);

#endif
