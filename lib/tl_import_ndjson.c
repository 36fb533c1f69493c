/* tl_import_ndjson.c - native events, one JSON object a line (schemas/event.def). Lines go on as they are; one without an id gets one made of its
 * bytes, and for the k-th equal line also of k. A line is read by the same strict reader that the collector has: what it would refuse is
 * reported here with its line, and not sent. */
#include "tl_import.h"

#include <stdio.h>
#include "tl_draft.h"
#include "tl_event.h"
#include "tl_hash.h"
#include "tl_import_rows.h"
#include "tl_port.h"

#define LINE_BYTES_MAX (64 * 1024)
#define ARENA_BYTES (4 * 1024 * 1024)

struct lines {
    struct tl_import_source *src;
    const struct tl_import_sink *sink;
    struct tl_err *err;
    uint64_t line;
    struct tl_event_reader *reader;
    struct tl_arena *arena;
    struct tl_tally *seen;
    struct tl_buf padded, made;
};

/* {"id":"...", and the line without its brace */
static int
with_id(struct lines *l, struct tl_str text, struct tl_str *out)
{
    static const uint8_t key[TL_KEY_BYTES] = "touchline import: ids by content";
    uint8_t hash[16];
    char hex[33];
    uint64_t number;
    tl_hash128(key, text.p, text.n, hash);
    memcpy(&number, hash, sizeof number);
    uint32_t *n = tl_tally_at(l->seen, number);
    if (n == NULL)
        return tl_tally_error(l->seen, l->err);
    tl_hex(hash, sizeof hash, hex);
    tl_buf_reset(&l->made);
    if (++*n > 1)
        tl_buf_printf(&l->made, "{\"id\":\"%s-%u\",", hex, *n);
    else
        tl_buf_printf(&l->made, "{\"id\":\"%s\",", hex);
    tl_buf_put(&l->made, text.p + 1, text.n - 1);
    *out = (struct tl_str){ (const char *)l->made.data, l->made.len };
    return l->made.failed ? tl_fail(l->err, TL_ENOMEM, "out of memory") : 0;
}

static void
refuse(struct lines *l, const struct tl_refusal *why)
{
    char text[256];
    snprintf(text, sizeof text, "%s%s%s", tl_reason_text(why->reason), why->field[0] != '\0' ? ": " : "", why->field);
    l->sink->bad(l->sink->arg, l->line, text);
}

static int
settled(const struct lines *l)
{
    return l->src->settled != NULL ? l->src->settled(l->src->settled_arg) : 0;
}

static int
take_line(void *arg, struct tl_str text, uint64_t line, bool cut)
{
    struct lines *l = arg;
    struct tl_event ev;
    struct tl_refusal why = {0};
    int rc = cut ? settled(l) : 0;
    if (rc != 0)
        return rc;
    l->line = line;
    l->src->rows++;
    if (text.n > LINE_BYTES_MAX) {
        why.reason = TL_REASON_TOO_LARGE;
        refuse(l, &why);
        return 0;
    }
    tl_arena_reset(l->arena);
    tl_buf_reset(&l->padded);
    tl_buf_put(&l->padded, text.p, text.n);
    if (!tl_buf_reserve(&l->padded, TL_JSON_PADDING))
        return tl_fail(l->err, TL_ENOMEM, "out of memory");
    memset(l->padded.data + l->padded.len, 0, TL_JSON_PADDING);
    rc = tl_event_read(l->reader, l->arena, (struct tl_str){ (const char *)l->padded.data, text.n }, &ev, &why);
    if (rc == 0)
        rc = tl_event_check(&ev, tl_clock_real()->wall_ms(tl_clock_real()), &why);
    if (rc == TL_EINVAL) {
        refuse(l, &why);
        return 0;
    }
    if (rc == 0 && !(ev.has & TL_HAS(id)))
        rc = with_id(l, text, &text);
    return rc == 0 ? l->sink->event(l->sink->arg, text, l->line, l->err) : rc;
}

int
tl_import_ndjson(struct tl_import_source *src, const struct tl_import_sink *sink, struct tl_err *err)
{
    struct lines l = { .src = src, .sink = sink, .err = err };
    l.reader = tl_event_reader_new();
    l.arena = tl_arena_new(ARENA_BYTES);
    l.seen = tl_tally_new(src->scratch);
    int rc = l.reader == NULL || l.arena == NULL || l.seen == NULL ? tl_fail(err, TL_ENOMEM, "out of memory for reading %s", src->path) : 0;
    if (rc == 0)
        rc = tl_import_lines(src, NULL, take_line, &l, err);
    if (rc == 0)
        rc = settled(&l);
    tl_event_reader_free(&l.reader);
    tl_arena_free(&l.arena);
    tl_tally_free(&l.seen);
    tl_buf_free(&l.padded);
    tl_buf_free(&l.made);
    return rc;
}
