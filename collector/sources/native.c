/* native.c - POST /v1/events: one event, an array of events, or one event a line, as schemas/event.def has them.
 *
 *   {"id":"a-1","type":"order.placed","time":"2026-03-01T10:00:00+08:00","ids":{"member":"4711"},"props":{"items":3}}
 *
 * CloudEvents may come here, too: their headers tell them apart.
 *
 * When the body was sent, by the sender's clock, may stand in its head: ?sent_at=2026-03-01T02:00:00Z, or a header sentAt.
 *
 * In an array one byte that is not JSON fails the whole body; a broken line fails alone. */
#include "../source.h"

#include "tl_time.h"

struct passing {
    int64_t sent_at_ms;
    tl_event_each each;
    void *arg;
};

/* The head's sent_at holds for all that have none of their own: so an event sent again is the same bytes again. */
static int
pass(void *arg, size_t index, struct tl_event *ev, const struct tl_refusal *why, struct tl_str slice)
{
    const struct passing *p = arg;
    if (ev && !(ev->has & TL_HAS(sent_at))) {
        ev->sent_at_ = p->sent_at_ms;
        ev->has |= TL_HAS(sent_at);
    }
    return p->each(p->arg, index, ev, why, slice);
}

int
native_read(struct source_input *in, tl_event_each each, void *arg, struct tl_err *err)
{
    struct passing p = { in->sent_at_ms, each, arg };
    if (cloudevents_is(in)) return cloudevents_read(in, each, arg, err);
    if (in->sent_at_ms == TL_TIME_NONE) return tl_event_body(in->reader, in->arena, in->body, in->events_max, each, arg, err);
    return tl_event_body(in->reader, in->arena, in->body, in->events_max, pass, &p, err);
}
