/* body.c - see body.h. */
#include "body.h"

#include "tl_json.h"
#include "tl_wire.h"

static void
reuse(struct tl_buf *b)
{
    if (b->cap > BODY_KEEP_BYTES) tl_buf_free(b);
    tl_buf_reset(b);
}

void
body_reset(struct body *b)
{
    reuse(&b->events);
    reuse(&b->refused);
    reuse(&b->list);
    b->events_n = b->refused_n = 0;
}

void
body_free(struct body *b)
{
    tl_buf_free(&b->events);
    tl_buf_free(&b->refused);
    tl_buf_free(&b->list);
}

void
body_take(struct body *b, const struct tl_event *ev)
{
    tl_wire_put_event(&b->events, ev);
    b->events_n++;
}

void
body_refuse(struct body *b, size_t index, const struct tl_refusal *why, struct tl_str slice, bool withheld, struct tl_str origin, int64_t received_at_ms,
            const char *id_name)
{
    struct tl_refused item = {
        .received_at_ms = received_at_ms, .origin = origin, .reason = tl_str_of(tl_reason_word(why->reason)), .field = tl_str_of(why->field),
        .id = tl_str_of(why->id), .bytes = withheld ? TL_STR("") : slice, .bytes_n = slice.n, .offset = why->offset,
    };
    tl_wire_put_refused(&b->refused, &item);
    if (b->refused_n++) tl_buf_put_u8(&b->list, ',');
    struct tl_jw w = tl_jw_to(&b->list);
    tl_jw_open(&w, NULL);
    tl_jw_uint(&w, "index", index);
    if (why->id[0]) tl_jw_cstr(&w, id_name, why->id);
    else tl_jw_null(&w, id_name);
    tl_jw_cstr(&w, "reason", tl_reason_word(why->reason));
    tl_jw_cstr(&w, "field", why->field);
    tl_jw_close(&w);
}

bool
body_failed(const struct body *b)
{
    return b->events.failed || b->refused.failed || b->list.failed;
}

size_t
body_bytes(const struct body *b)
{
    return b->events.len + b->refused.len + b->list.len;
}
