/* source_kit.h - what a protocol's reader makes of a body, as one line of text an event, written by hand in the tables of the tests.
 *
 * Shown as: type touchpoint | ids | id | times | order session channel | props, or !reason field id. */
#ifndef TESTS_SOURCE_KIT_H
#define TESTS_SOURCE_KIT_H

#include "../../collector/source.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tl_time.h"

struct seen {
    struct tl_buf text, raw;
    size_t fail_at;
};

static inline void
put_seen(struct tl_buf *b, const char *before, struct tl_str s)
{
    if (s.p) tl_buf_printf(b, "%s%.*s", before, (int)s.n, s.p);
}

static inline int
seen_event(void *arg, size_t index, struct tl_event *ev, const struct tl_refusal *why, struct tl_str slice)
{
    struct seen *seen = arg;
    struct tl_buf *b = &seen->text;
    char t[32];
    (void)index;
    assert_non_null(slice.p);
    if (b->len) tl_buf_put_str(b, "\n");
    if (!ev) {
        tl_buf_printf(b, "!%s %s %s", tl_reason_word(why->reason), why->field, why->id);
        return 0;
    }
    put_seen(b, "", ev->type_);
    put_seen(b, " @", ev->touchpoint_);
    for (uint32_t i = 0; i < ev->ids_n; i++) {
        put_seen(b, " ", ev->ids_[i].kind);
        put_seen(b, "=", ev->ids_[i].value);
    }
    put_seen(b, " id=", ev->id_);
    if (ev->has & TL_HAS(time)) tl_buf_printf(b, " time=%s%+d", tl_time_format(ev->time_, t), ev->time_offset_min);
    if (ev->has & TL_HAS(sent_at)) tl_buf_printf(b, " sent=%s", tl_time_format(ev->sent_at_, t));
    put_seen(b, " order=", ev->order_);
    put_seen(b, " session=", ev->session_);
    put_seen(b, " channel=", ev->channel_);
    put_seen(b, " props=", ev->props_);
    tl_buf_reset(&seen->raw);
    put_seen(&seen->raw, "", ev->raw);
    tl_buf_put_u8(&seen->raw, 0);
    return 0;
}

/* What a protocol's reader hands over for body, as text; "rc N" when the body as a whole cannot be read. extra: query, headers, content type. Caller frees. */
static inline char *
source_seen(source_read read, const struct source_input *extra, const char *call, const char *body, struct tl_buf *raw, char origin[128])
{
    struct seen seen = { 0 };
    struct tl_err err = { 0 };
    size_t n = strlen(body);
    char *padded = calloc(1, n + TL_JSON_PADDING);
    memcpy(padded, body, n);
    struct source_input in = extra ? *extra : (struct source_input){ 0 };
    in.body = (struct tl_str){ padded, n };
    in.events_max = 5;
    in.call = call;
    in.origin = TL_STR("public");
    in.sent_at_ms = TL_TIME_NONE;
    in.reader = tl_event_reader_new();
    in.json = tl_json_new(512000);
    in.arena = tl_arena_new(1 << 22);
    in.scratch = tl_arena_new(1 << 22);
    int rc = read(&in, seen_event, &seen, &err);
    if (rc != 0) tl_buf_reset(&seen.text), tl_buf_printf(&seen.text, "rc %d", rc);
    if (rc != 0) assert_true(err.text[0] != 0);
    if (origin) snprintf(origin, 128, "%.*s", (int)in.origin.n, in.origin.p);
    if (raw) *raw = seen.raw;
    else tl_buf_free(&seen.raw);
    tl_buf_put_u8(&seen.text, 0);
    tl_event_reader_free(&in.reader);
    tl_json_free(&in.json);
    tl_arena_free(&in.arena);
    tl_arena_free(&in.scratch);
    free(padded);
    return (char *)seen.text.data;
}

#endif
