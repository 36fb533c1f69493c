/* native.c - POST /v1/events: one event, an array of events, or one event a line, as schemas/event.def has them.
 *
 *   {"id":"a-1","type":"order.placed","time":"2026-03-01T10:00:00+08:00","ids":{"member":"4711"},"props":{"items":3}}
 *
 * CloudEvents may come here, too: their headers tell them apart.
 *
 * In an array one byte that is not JSON fails the whole body; a broken line fails alone. */
#include "../source.h"

int
native_read(struct source_input *in, tl_event_each each, void *arg, struct tl_err *err)
{
    if (cloudevents_is(in)) return cloudevents_read(in, each, arg, err);
    return tl_event_body(in->reader, in->arena, in->body, in->events_max, each, arg, err);
}
