/* body.c - one request body on its way: items taken and refused, the list that its sender gets, the memory that is kept from body to body. */
#include "../../collector/body.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "tl_wire.h"

static struct tl_event
event(struct tl_str raw)
{
    struct tl_event ev;
    tl_event_init(&ev);
    ev.has |= TL_HAS(type);
    ev.type_ = TL_STR("view");
    ev.raw = raw;
    return ev;
}

static void
refuse(struct body *b, size_t index, const char *id, bool withheld)
{
    struct tl_refusal why = { .reason = TL_REASON_BAD_JSON, .offset = 3 };
    snprintf(why.id, sizeof why.id, "%s", id);
    snprintf(why.field, sizeof why.field, "props");
    body_refuse(b, index, &why, TL_STR("{secret"), withheld, TL_STR("shop"), 77, "messageId");
}

static void
t_items(void **state)
{
    (void)state;
    struct body b = { 0 };
    const struct tl_event ev = event(TL_STR("{}"));
    body_take(&b, &ev);
    refuse(&b, 1, "e\"1", false);
    refuse(&b, 2, "", true);
    assert_true(b.events_n == 1 && b.refused_n == 2 && !body_failed(&b) && body_bytes(&b) == b.events.len + b.refused.len + b.list.len);
    tl_buf_put_u8(&b.list, 0);
    assert_string_equal((char *)b.list.data, "{\"index\":1,\"messageId\":\"e\\\"1\",\"reason\":\"bad_json\",\"field\":\"props\"},"
                                             "{\"index\":2,\"messageId\":null,\"reason\":\"bad_json\",\"field\":\"props\"}");
    struct tl_cur c = tl_cur_of(b.refused.data, b.refused.len);
    for (int i = 0; i < 2; i++) {
        struct tl_refused r;
        assert_int_equal(tl_wire_next_refused(&c, &r), 0);
        assert_true(tl_str_is(r.origin, "shop") && r.received_at_ms == 77 && r.offset == 3 && r.bytes_n == 7);
        assert_true(tl_str_is(r.bytes, i ? "" : "{secret"));       /* of one withheld its length alone */
    }
    assert_int_equal(tl_cur_left(&c), 0);
    body_reset(&b);
    assert_true(b.events_n == 0 && b.refused_n == 0 && body_bytes(&b) == 0 && b.events.cap > 0);
    body_free(&b);
}

/* A large body's memory is given back, a usual one's is kept; what could not be written is told of each buffer. */
static void
t_memory(void **state)
{
    (void)state;
    static char large[2 * BODY_KEEP_BYTES];
    struct body b = { 0 };
    const struct tl_event ev = event((struct tl_str){ large, sizeof large }), small = event(TL_STR("{}"));
    body_take(&b, &ev);
    assert_true(b.events.cap > BODY_KEEP_BYTES);
    body_reset(&b);
    assert_int_equal(b.events.cap, 0);
    for (uint64_t k = 1; k <= 3; k++) {
        tl_alloc_fail_at(k, false);
        body_take(&b, &small);
        refuse(&b, 0, "x", false);
        tl_alloc_fail_at(0, false);
        assert_true(body_failed(&b) && b.events.failed == (k == 1) && b.refused.failed == (k == 2) && b.list.failed == (k == 3));
        body_free(&b);
        body_reset(&b);
        assert_false(body_failed(&b));
    }
    body_free(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(t_items), cmocka_unit_test(t_memory) };
    return cmocka_run_group_tests_name("body", tests, NULL, NULL);
}
