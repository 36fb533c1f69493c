/* t_wire.c - frames and payloads of TLP/1 against the offsets written in schemas/wire.md. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tl_hash.h"
#include "tl_wire.h"

static void
t_types(void **state)
{
    (void)state;
    static const struct {
        const char *f0;
        size_t n;
        int rc;
    } frames[] = {
        { "TL1H", 4, 0 }, { "TL1W", 4, 0 }, { "TL1B", 4, 0 }, { "TL1A", 4, 0 }, { "TL1R", 4, 0 }, { "TL1J", 4, 0 }, { "TL1Y", 4, 0 },
        { "TL1", 3, TL_ETRUNC }, { "", 0, TL_ETRUNC }, { "TL1HH", 5, TL_ETRUNC }, { "TL2H", 4, TL_EVERSION }, { "TL1X", 4, TL_EVERSION },
        { "TL1\0", 4, TL_EVERSION }, { "tl1H", 4, TL_EVERSION },
    };
    for (size_t i = 0; i < sizeof frames / sizeof *frames; i++) {
        enum tl_wire_type type = TL_BYE;
        uint8_t again[4];
        assert_int_equal(tl_wire_get_type(frames[i].f0, frames[i].n, &type), frames[i].rc);
        if (frames[i].rc != 0)
            continue;
        assert_int_equal(type, frames[i].f0[3]);
        tl_wire_put_type(again, type);
        assert_memory_equal(again, frames[i].f0, 4);
    }
}

static uint64_t
big_endian(const uint8_t *b, size_t n)
{
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++)
        v = v << 8 | b[i];
    return v;
}

static void
t_head(void **state)
{
    (void)state;
    const struct tl_wire_head h = { .collector = { 0xc0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0xcf }, .epoch = 0x1122334455667788, .partition = 0x0102,
                                    .codec = 1, .flags = 1, .seq = 0xa1a2a3a4a5a6a7a8, .n_events = 0xb1b2b3b4, .raw_len = 0xc1c2c3c4, .crc = 0xd1d2d3d4,
                                    .aux = 0xe1e2e3e4e5e6e7e8, .version_min = 1, .version_max = 2 };
    const struct {
        size_t at, n;
        uint64_t value;
    } fields[] = { { 16, 8, h.epoch }, { 24, 2, h.partition }, { 26, 1, h.codec }, { 27, 1, h.flags }, { 28, 8, h.seq }, { 36, 4, h.n_events }, { 40, 4, h.raw_len },
                   { 44, 4, h.crc }, { 48, 8, h.aux }, { 56, 1, 1 }, { 57, 1, 2 }, { 58, 6, 0 } };
    uint8_t f1[TL_WIRE_HEAD_BYTES];
    struct tl_wire_head got;
    tl_wire_put_head(f1, &h);
    assert_memory_equal(f1, h.collector, 16);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        assert_int_equal(big_endian(f1 + fields[i].at, fields[i].n), fields[i].value);
    memset(&got, 0, sizeof got);
    assert_int_equal(tl_wire_get_head(f1, sizeof f1, &got), 0);
    uint8_t again[TL_WIRE_HEAD_BYTES];
    tl_wire_put_head(again, &got);
    assert_memory_equal(again, f1, sizeof f1);
    assert_int_equal(tl_wire_get_head(f1, 63, &got), TL_ETRUNC);
    assert_int_equal(tl_wire_get_head(f1, 65, &got), TL_ETRUNC);
}

/* ---- payloads ---- */

static void
put_sample(struct tl_buf *b, int kind, uint32_t n)
{
    char id[32];
    tl_wire_begin(b, kind);
    for (uint32_t i = 0; i < n; i++) {
        struct tl_str token = { id, (size_t)snprintf(id, sizeof id, "id-%u", i) };
        struct tl_event ev = { .has = TL_HAS(id) | TL_HAS(type), .id_ = token, .type_ = TL_STR("order.placed"), .raw = TL_STR("{\"type\":1}") };
        struct tl_refused r = { .received_at_ms = (int64_t)i - 5, .origin = TL_STR("till"), .reason = TL_STR("bad_json"), .field = TL_STR("ids.email"), .id = token,
                                .bytes = TL_STR("{\"a\":nul}"), .offset = 5, .bytes_n = 9 };
        if (kind == TL_KIND_EVENTS)
            tl_wire_put_event(b, &ev);
        else
            tl_wire_put_refused(b, &r);
    }
    tl_wire_end(b, n);
    assert_false(b->failed);
}

static void
t_payloads(void **state)
{
    (void)state;
    static const uint32_t counts[] = { 0, 1, 127, 128, 2500, 20000 };
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
            struct tl_buf b = { 0 };
            struct tl_event ev;
            struct tl_refused r = { 0 };
            int kind = 0, want = k ? TL_KIND_EVENTS : TL_KIND_QUARANTINE;
            uint32_t n = 0;
            char id[32];
            put_sample(&b, want, counts[i]);
            struct tl_cur c = tl_cur_of(b.data, b.len);
            assert_int_equal(tl_wire_open(&c, &kind, &n), 0);
            assert_int_equal(kind, want);
            assert_int_equal(n, counts[i]);
            for (uint32_t j = 0; j < n; j++) {
                snprintf(id, sizeof id, "id-%u", j);
                assert_int_equal(k ? tl_wire_next_event(&c, &ev) : tl_wire_next_refused(&c, &r), 0);
                assert_true(tl_str_is(k ? ev.id_ : r.id, id));
                if (!k)
                    assert_int_equal(r.received_at_ms, -5 + (int64_t)j);
            }
            assert_int_equal(tl_cur_left(&c), 0);
            struct tl_wire_head h = { .seq = 1 };
            assert_int_equal(tl_wire_describe(&h, (struct tl_str){ (char *)b.data, b.len }), 0);
            assert_int_equal(h.n_events, counts[i]);
            assert_int_equal(h.flags, k ? 0 : TL_WIRE_FLAG_QUARANTINE);
            assert_int_equal(h.raw_len, b.len);
            if (b.len <= TL_WIRE_BATCH_MAX)
                assert_int_equal(tl_wire_check_batch(&h, b.data, b.len), 0);
            tl_buf_free(&b);
        }
}

static void
t_open_rejects(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t n;
        int rc;
    } must_reject[] = {
        { "", 0, TL_ETRUNC },
        { "\x01", 1, TL_ETRUNC },
        { "\x01" "E", 2, TL_ETRUNC },
        { "\x01" "E\x80\x80", 4, TL_ETRUNC },
        { "\x02" "E\x00", 3, TL_EVERSION },
        { "\x00" "E\x00", 3, TL_EVERSION },
        { "\x01" "e\x00", 3, TL_ERANGE },
        { "\x01" "E\x02x", 4, TL_ERANGE },
        { "\x01" "E\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01xx", 14, TL_ERANGE },
        { "\x01" "E\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 13, TL_ETRUNC },
    };
    for (size_t i = 0; i < sizeof must_reject / sizeof *must_reject; i++) {
        struct tl_cur c = tl_cur_of(must_reject[i].bytes, must_reject[i].n);
        int kind;
        uint32_t n;
        assert_int_equal(tl_wire_open(&c, &kind, &n), must_reject[i].rc);
    }
}

/* No cut, wherever, reads as a whole payload. */
static void
t_every_cut(void **state)
{
    (void)state;
    for (int k = 0; k < 2; k++) {
        struct tl_buf b = { 0 };
        put_sample(&b, k ? TL_KIND_EVENTS : TL_KIND_QUARANTINE, 3);
        for (size_t cut = 0; cut < b.len; cut++) {
            uint8_t *copy = malloc(cut ? cut : 1);      /* of its own, so that a sanitizer sees a read beyond */
            memcpy(copy, b.data, cut);
            struct tl_cur c = tl_cur_of(copy, cut);
            struct tl_event ev;
            struct tl_refused r;
            int kind = 0;
            uint32_t n = 0;
            int rc = tl_wire_open(&c, &kind, &n);
            for (uint32_t i = 0; rc == 0 && i < n; i++)
                rc = k ? tl_wire_next_event(&c, &ev) : tl_wire_next_refused(&c, &r);
            assert_true(rc < 0);
            free(copy);
        }
        tl_buf_free(&b);
    }
}

static void
t_check_batch(void **state)
{
    (void)state;
    static uint8_t f2[TL_WIRE_BATCH_MAX + 1];
    const uint32_t crc = tl_crc32c(0, f2, 100);
    const struct {
        struct tl_wire_head h;
        size_t n;
        int rc;
    } rows[] = {
        { { .seq = 1, .raw_len = 100, .crc = crc }, 100, 0 },
        { { .seq = 1, .raw_len = 500, .crc = crc, .codec = TL_CODEC_ZSTD }, 100, 0 },
        { { .seq = 1, .raw_len = 100, .crc = crc + 1 }, 100, TL_ECORRUPT },
        { { .seq = 0, .raw_len = 100, .crc = crc }, 100, TL_ERANGE },
        { { .seq = 1, .raw_len = 99, .crc = crc }, 100, TL_ERANGE },
        { { .seq = 1, .raw_len = 100, .crc = crc, .codec = 2 }, 100, TL_ERANGE },
        { { .seq = 1, .raw_len = TL_WIRE_RAW_MAX + 1, .crc = crc, .codec = TL_CODEC_ZSTD }, 100, TL_ERANGE },
        { { .seq = 1, .raw_len = 0 }, 0, TL_ERANGE },
        { { .seq = 1, .raw_len = TL_WIRE_BATCH_MAX + 1 }, TL_WIRE_BATCH_MAX + 1, TL_ERANGE },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(tl_wire_check_batch(&rows[i].h, f2, rows[i].n), rows[i].rc);
}

/* What cannot be: a payload of more items than its count can hold, one that is no payload, an item cut inside. */
static void
t_impossible(void **state)
{
    (void)state;
    struct tl_buf b = { 0 };
    struct tl_wire_head h = { 0 };
    struct tl_refused r;
    tl_wire_begin(&b, TL_KIND_EVENTS);
    tl_wire_end(&b, 1u << 21);
    assert_true(b.failed);
    tl_wire_begin(&b, TL_KIND_EVENTS);
    tl_wire_end(&b, (1u << 21) - 1);
    assert_false(b.failed);
    tl_alloc_fail_at(1, false);
    struct tl_buf none = { 0 };
    tl_wire_begin(&none, TL_KIND_EVENTS);
    tl_alloc_fail_at(0, false);
    tl_wire_end(&none, 1);
    assert_true(none.failed);
    assert_int_equal(tl_wire_describe(&h, TL_STR("\x02" "E\x00")), TL_EVERSION);
    static const char cut[] = "\x03" "\x00" "\x00" "\x05";              /* whole outside, cut inside */
    struct tl_cur c = tl_cur_of(cut, sizeof cut - 1);
    assert_int_equal(tl_wire_next_refused(&c, &r), TL_ETRUNC);
    tl_buf_free(&b);
}

static void
t_refused_limits(void **state)
{
    (void)state;
    static char big[TL_WIRE_REFUSED_BYTES_MAX + 100];
    struct tl_buf b = { 0 };
    struct tl_refused r = { .reason = TL_STR("too_large"), .bytes = { big, sizeof big }, .bytes_n = sizeof big }, got;
    tl_wire_put_refused(&b, &r);
    struct tl_cur c = tl_cur_of(b.data, b.len);
    assert_int_equal(tl_wire_next_refused(&c, &got), 0);
    assert_int_equal(got.bytes.n, TL_WIRE_REFUSED_BYTES_MAX);
    assert_int_equal(got.bytes_n, sizeof big);
    tl_buf_reset(&b);
    static const char newer[] = "\x0c" "\x00" "\x00" "\x01r" "\x00" "\x00" "\x00" "\x01" "\x01x" "??" "next";     /* two bytes of a later version */
    c = tl_cur_of(newer, sizeof newer - 1);
    assert_int_equal(tl_wire_next_refused(&c, &got), 0);
    assert_true(tl_str_is(got.reason, "r") && tl_str_is(got.bytes, "x"));
    assert_int_equal(tl_cur_left(&c), 4);
    static const char liar[] = "\x0a" "\x00" "\x00" "\x01r" "\x00" "\x00" "\x00" "\x00" "\x01x";                  /* true length below the bytes kept */
    c = tl_cur_of(liar, sizeof liar - 1);
    assert_int_equal(tl_wire_next_refused(&c, &got), TL_ERANGE);
    tl_buf_free(&b);
}

/* What cannot be written is not: no memory, or a count that no varint of three bytes holds. */
static void
t_not_written(void **state)
{
    (void)state;
    struct tl_buf b = { 0 };
    struct tl_wire_head h = { 0 };
    for (int i = 0; i < 2; i++) {
        if (i == 0)
            tl_alloc_fail_at(1, false);
        tl_wire_begin(&b, TL_KIND_EVENTS);
        tl_alloc_fail_at(0, false);
        assert_int_equal(b.failed, i == 0);
        tl_wire_end(&b, i == 0 ? 0 : 1u << 21);
        assert_true(b.failed);
    }
    tl_wire_begin(&b, TL_KIND_EVENTS);
    tl_wire_end(&b, (1u << 21) - 1);
    assert_false(b.failed);
    assert_int_equal(tl_wire_describe(&h, (struct tl_str){ (char *)b.data, b.len }), TL_ERANGE);       /* so many are not in it */
    assert_int_equal(tl_wire_describe(&h, TL_STR("\x01")), TL_ETRUNC);
    tl_buf_free(&b);
}

/* A refused item whose own length is right, and what is in it is not. */
static void
t_refused_inside(void **state)
{
    (void)state;
    static const char cut[] = "\x05" "\x00" "\x00" "\x09r" "\x00";
    struct tl_refused got;
    struct tl_cur c = tl_cur_of(cut, sizeof cut - 1);
    assert_int_equal(tl_wire_next_refused(&c, &got), TL_ETRUNC);
    static char bytes[TL_WIRE_REFUSED_BYTES_MAX + 1];
    struct tl_buf record = { 0 }, b = { 0 };
    for (int i = 0; i < 5; i++)
        tl_buf_put_varint(&record, 0);
    tl_buf_put_varint(&record, 0);
    tl_buf_put_varint(&record, sizeof bytes);
    tl_buf_put_text(&record, (struct tl_str){ bytes, sizeof bytes });
    tl_buf_put_text(&b, (struct tl_str){ (char *)record.data, record.len });
    c = tl_cur_of(b.data, b.len);
    assert_int_equal(tl_wire_next_refused(&c, &got), TL_ERANGE);        /* more bytes than any program of ours keeps */
    tl_buf_free(&record);
    tl_buf_free(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(t_types),       cmocka_unit_test(t_head),        cmocka_unit_test(t_payloads),       cmocka_unit_test(t_open_rejects),
        cmocka_unit_test(t_every_cut),   cmocka_unit_test(t_check_batch), cmocka_unit_test(t_refused_limits),
        cmocka_unit_test(t_impossible), cmocka_unit_test(t_not_written), cmocka_unit_test(t_refused_inside),
    };
    if (tl_hash_init() != 0)
        return 1;
    return cmocka_run_group_tests_name("wire", tests, NULL, NULL);
}
