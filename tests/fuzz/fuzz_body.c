/* fuzz_body - any bytes as a native body: nothing is read outside it, what is taken is JSON to its last byte, every event survives its own encoding,
 * and any bytes as an encoded event are refused or stay inside themselves. First byte of an input: bit 0 = bytes of an event, not a body. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tl_event.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct tl_event_reader *reader;
static struct tl_arena *arena;

#define must(x) must_at(x, __LINE__)

static void
must_at(bool ok, int line)
{
    if (ok)
        return;
    fprintf(stderr, "fuzz_body.c:%d does not hold\n", line);
    abort();
}

static bool
same_text(struct tl_str a, struct tl_str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static void
round_trip(const struct tl_event *ev)
{
    struct tl_buf b = { 0 }, json = { 0 };
    struct tl_event got;
    tl_event_encode(&b, ev);
    struct tl_cur c = tl_cur_of(b.data, b.len);
    must(!b.failed && tl_event_decode(&c, &got) == 0 && tl_cur_left(&c) == 0);
    must(got.has == ev->has && same_text(got.raw, ev->raw) && same_text(got.id_, ev->id_) && same_text(got.type_, ev->type_) && got.time_ == ev->time_);
    must(got.ids_n == ev->ids_n && got.scores_n == ev->scores_n && same_text(got.props_, ev->props_));
    for (uint32_t i = 0; i < ev->ids_n; i++)
        must(same_text(got.ids_[i].kind, ev->ids_[i].kind) && same_text(got.ids_[i].value, ev->ids_[i].value));
    struct tl_jw w = tl_jw_to(&json);
    tl_event_json(&w, &got);
    tl_buf_free(&b);
    tl_buf_free(&json);
}

static int
take(void *arg, size_t index, struct tl_event *ev, const struct tl_refusal *why, struct tl_str slice)
{
    const struct tl_str *body = arg;
    struct tl_jv *root;
    struct tl_refusal own;
    (void)index;
    must(slice.p >= body->p && slice.p + slice.n <= body->p + body->n);
    if (why) {
        must(why->reason > TL_REASON_NONE && why->reason < TL_REASON_N && why->offset <= body->n);
        return 0;
    }
    must(tl_json_tree(arena, slice, 0, &root, NULL, NULL) == 0 && root->type == TL_JOBJECT);
    round_trip(ev);
    tl_event_check(ev, INT64_C(1772330400000), &own);
    return 0;
}

static void
as_event_bytes(const uint8_t *data, size_t size)
{
    struct tl_cur c = tl_cur_of(data, size);
    struct tl_event ev;
    while (tl_cur_left(&c) && tl_event_decode(&c, &ev) == 0)
        round_trip(&ev);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!reader) {
        reader = tl_event_reader_new();
        arena = tl_arena_new(64 << 20);
        must(reader && arena);
    }
    if (size == 0 || size > TL_EVENT_BODY_BYTES_MAX)
        return 0;
    if (data[0] & 1) {
        as_event_bytes(data + 1, size - 1);
        return 0;
    }
    char *copy = malloc(size - 1 + TL_JSON_PADDING);    /* exactly what was promised, so that a sanitizer sees a byte more */
    must(copy != NULL);
    memcpy(copy, data + 1, size - 1);
    memset(copy + size - 1, data[0], TL_JSON_PADDING);
    struct tl_str body = { copy, size - 1 };
    tl_event_body(reader, arena, body, 2500, take, &body, NULL);
    free(copy);
    tl_arena_reset(arena);
    return 0;
}
