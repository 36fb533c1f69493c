/* kit_event.h - a reader, an arena and a body with padding, for the tests of events. Include after cmocka.h. */
#ifndef KIT_EVENT_H
#define KIT_EVENT_H

#include "tl_event.h"

struct fixture {
    struct tl_event_reader *reader;
    struct tl_arena *arena;
    char *body;                 /* TL_EVENT_BODY_BYTES_MAX, then padding */
};
static struct fixture fx;

static inline int
set_up(void **state)
{
    (void)state;
    fx.reader = tl_event_reader_new();
    fx.arena = tl_arena_new(4 << 20);
    fx.body = malloc(TL_EVENT_BODY_BYTES_MAX + 1 + TL_JSON_PADDING);
    return fx.reader && fx.arena && fx.body ? 0 : -1;
}

static inline int
tear_down(void **state)
{
    (void)state;
    tl_event_reader_free(&fx.reader);
    tl_arena_free(&fx.arena);
    free(fx.body);
    return 0;
}

static inline struct tl_str
put_body(const char *t, size_t n)
{
    memcpy(fx.body, t, n);
    memset(fx.body + n, '1', TL_JSON_PADDING);
    return (struct tl_str){ fx.body, n };
}

static inline int
read_one(const char *t, struct tl_event *ev, struct tl_refusal *why)
{
    memset(why, 0, sizeof *why);
    tl_arena_reset(fx.arena);
    return tl_event_read(fx.reader, fx.arena, put_body(t, strlen(t)), ev, why);
}

#endif
