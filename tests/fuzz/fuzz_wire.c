/* fuzz_wire.c - any bytes as a message: F0 4 | F1 64 | F2 the rest. Nothing may be read beyond them, and what decodes must encode to the same again. */
#include <stdlib.h>

#include "tl_hash.h"
#include "tl_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
must(bool ok)
{
    if (!ok)
        abort();
}

static void
again_refused(const struct tl_refused *r)
{
    struct tl_buf b = { 0 };
    struct tl_refused got;
    tl_wire_put_refused(&b, r);
    struct tl_cur c = tl_cur_of(b.data, b.len);
    must(tl_wire_next_refused(&c, &got) == 0 && tl_cur_left(&c) == 0);
    must(tl_str_cmp(got.bytes, r->bytes) == 0 && tl_str_cmp(got.id, r->id) == 0 && tl_str_cmp(got.reason, r->reason) == 0 && got.offset == r->offset);
    tl_buf_free(&b);
}

static void
again_event(const struct tl_event *ev)
{
    struct tl_buf b = { 0 };
    struct tl_event got;
    tl_wire_put_event(&b, ev);
    struct tl_cur c = tl_cur_of(b.data, b.len);
    must(tl_wire_next_event(&c, &got) == 0 && tl_cur_left(&c) == 0);
    must(got.has == ev->has && tl_str_cmp(got.raw, ev->raw) == 0);
    tl_buf_free(&b);
}

static void
payload(const uint8_t *data, size_t n)
{
    struct tl_cur c = tl_cur_of(data, n);
    struct tl_event ev;
    struct tl_refused r;
    int kind = 0;
    uint32_t items = 0;
    int rc = tl_wire_open(&c, &kind, &items);
    must(rc != 0 || items <= n);
    for (uint32_t i = 0; rc == 0 && i < items; i++) {
        rc = kind == TL_KIND_EVENTS ? tl_wire_next_event(&c, &ev) : tl_wire_next_refused(&c, &r);
        if (rc == 0 && kind == TL_KIND_EVENTS)
            again_event(&ev);
        else if (rc == 0)
            again_refused(&r);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    enum tl_wire_type type;
    struct tl_wire_head h;
    uint8_t again[TL_WIRE_HEAD_BYTES];
    if (n < 4 + TL_WIRE_HEAD_BYTES) {
        payload(data, n);
        return 0;
    }
    tl_wire_get_type(data, 4, &type);
    must(tl_wire_get_head(data + 4, TL_WIRE_HEAD_BYTES, &h) == 0);
    tl_wire_put_head(again, &h);
    must(memcmp(again, data + 4, 58) == 0);
    tl_wire_check_batch(&h, data + 4 + TL_WIRE_HEAD_BYTES, n - 4 - TL_WIRE_HEAD_BYTES);
    payload(data + 4 + TL_WIRE_HEAD_BYTES, n - 4 - TL_WIRE_HEAD_BYTES);
    return 0;
}
