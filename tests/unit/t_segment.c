/* t_segment.c - Segment's calls as native events: one line of expectation for each body, written by hand from Segment's specification.
 *
 * Shown as: type touchpoint | ids | id | times | order session channel | props, or !reason field id. */
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

static void
put(struct tl_buf *b, const char *before, struct tl_str s)
{
    if (s.p) tl_buf_printf(b, "%s%.*s", before, (int)s.n, s.p);
}

static int
on_event(void *arg, size_t index, struct tl_event *ev, const struct tl_refusal *why, struct tl_str slice)
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
    put(b, "", ev->type_);
    put(b, " @", ev->touchpoint_);
    for (uint32_t i = 0; i < ev->ids_n; i++) {
        put(b, " ", ev->ids_[i].kind);
        put(b, "=", ev->ids_[i].value);
    }
    put(b, " id=", ev->id_);
    if (ev->has & TL_HAS(time)) tl_buf_printf(b, " time=%s%+d", tl_time_format(ev->time_, t), ev->time_offset_min);
    if (ev->has & TL_HAS(sent_at)) tl_buf_printf(b, " sent=%s", tl_time_format(ev->sent_at_, t));
    put(b, " order=", ev->order_);
    put(b, " session=", ev->session_);
    put(b, " channel=", ev->channel_);
    put(b, " props=", ev->props_);
    tl_buf_reset(&seen->raw);
    put(&seen->raw, "", ev->raw);
    tl_buf_put_u8(&seen->raw, 0);
    return 0;
}

/* What segment_read hands over for body, as text; "rc N" when the body as a whole cannot be read. Caller frees. */
static char *
read_all(const char *call, const char *body, struct tl_buf *raw, char origin[128])
{
    struct seen seen = { 0 };
    struct tl_err err = { 0 };
    size_t n = strlen(body);
    char *padded = calloc(1, n + TL_JSON_PADDING);
    memcpy(padded, body, n);
    struct source_input in = { .body = { padded, n }, .events_max = 5, .call = call, .origin = TL_STR("public"), .sent_at_ms = TL_TIME_NONE,
                               .json = tl_json_new(512000), .arena = tl_arena_new(1 << 22), .scratch = tl_arena_new(1 << 22) };
    int rc = segment_read(&in, on_event, &seen, &err);
    if (rc != 0) tl_buf_reset(&seen.text), tl_buf_printf(&seen.text, "rc %d", rc);
    if (rc != 0) assert_true(err.text[0] != 0);
    if (origin) snprintf(origin, 128, "%.*s", (int)in.origin.n, in.origin.p);
    if (raw) *raw = seen.raw;
    else tl_buf_free(&seen.raw);
    tl_buf_put_u8(&seen.text, 0);
    tl_json_free(&in.json);
    tl_arena_free(&in.arena);
    tl_arena_free(&in.scratch);
    free(padded);
    return (char *)seen.text.data;
}

static void
t_mapping(void **s)
{
    static const struct { const char *call, *body, *want; } rows[] = {
        { "track", "{\"event\":\"Order Placed\",\"userId\":4711,\"messageId\":\"m-1\",\"timestamp\":\"2026-03-01T10:00:00+08:00\",\"properties\":{\"order_id\":\"o1\"}}",
          "Order Placed user=4711 id=m-1 time=2026-03-01T02:00:00.000Z+480 order=o1 props={\"order_id\":\"o1\"}" },
        { "track", "{\"event\":\"x\",\"anonymousId\":\"a\",\"timestamp\":\"2026-03-01T00:00:02Z\",\"originalTimestamp\":\"2026-03-01T00:00:01Z\",\"sentAt\":\"2026-03-01T00:00:03Z\"}",
          "x anonymous=a time=2026-03-01T00:00:01.000Z+0 sent=2026-03-01T00:00:03.000Z" },
        { "page", "{\"name\":\"Home\",\"anonymousId\":\"a\",\"properties\":{\"path\":\"/h\"}}", "view @Home anonymous=a channel=web props={\"path\":\"/h\"}" },
        { "page", "{\"anonymousId\":\"a\",\"context\":{\"page\":{\"path\":\"/cart\"},\"sessionId\":171}}", "view @/cart anonymous=a session=171 channel=web" },
        { "page", "{\"anonymousId\":\"a\"}", "view anonymous=a channel=web" },
        { "screen", "{\"name\":\"Cart\",\"userId\":\"u\"}", "view @Cart user=u channel=app" },
        { "identify", "{\"userId\":\"u\",\"anonymousId\":\"a\",\"traits\":{\"email\":\"x@y.z\",\"phone\":\"138\",\"plan\":\"p\"}}",
          "identity.link user=u anonymous=a email=x@y.z phone=138 props={\"email\":\"x@y.z\",\"phone\":\"138\",\"plan\":\"p\"}" },
        { "track", "{\"event\":\"x\",\"userId\":\"u\",\"context\":{\"traits\":{\"email\":\"x@y.z\"}}}", "x user=u email=x@y.z" },
        { "alias", "{\"previousId\":\"old\",\"userId\":\"new\"}", "identity.link user=new anonymous=old user=old" },
        { "group", "{\"groupId\":\"g\",\"userId\":\"u\",\"traits\":{\"name\":\"acme\"}}", "group user=u props={\"name\":\"acme\"}" },
        { "track", " {\"event\":\"\\u4e0b\\u5355\",\"userId\":\"u\"} \n", "\xe4\xb8\x8b\xe5\x8d\x95 user=u" },
        { "track", "{\"event\":[1],\"userId\":\"u\",\"messageId\":\"m\"}", "!field_type event m" },
        { "track", "{\"event\":\"x\",\"userId\":{},\"messageId\":\"m\"}", "!field_type userId m" },
        { "track", "{\"event\":\"x\",\"userId\":\"u\",\"timestamp\":\"yesterday\"}", "!field_type timestamp " },
        { "track", "{\"event\":\"x\",\"userId\":\"u\",\"properties\":[]}", "!field_type properties " },
        { "track", "{\"event\":\"x\",\"userId\":null,\"properties\":null}", "x" },
        { "track", "{\"event\":\"x\",\"userId\":\"a\",\"userId\":\"b\"}", "!duplicate_member userId " },
        { "track", "{\"event\":\"x\",\"userId\":\"u\",\"p\":[[[[[[[[1]]]]]]]]}", "!too_deep p " },
        { "track", "{\"event\":\"x\"", "rc -1" },
        { "track", "[{\"event\":\"x\"}]", "rc -1" },
        { "track", "", "rc -1" },
    };
    (void)s;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *got = read_all(rows[i].call, rows[i].body, NULL, NULL);
        if (strcmp(got, rows[i].want) != 0) fail_msg("row %zu %s\n got  %s\n want %s", i, rows[i].body, got, rows[i].want);
        tl_free(got);
    }
}

/* Exactly the valid ones are taken; a bad one never takes a neighbour with it. */
static void
t_batch(void **s)
{
    static const struct { const char *body, *want; } rows[] = {
        { "{\"batch\":[{\"type\":\"track\",\"event\":\"a\",\"userId\":\"u\"},{\"type\":\"bogus\",\"messageId\":\"m\"},{\"messageId\":\"n\"},17,"
          "{\"type\":\"page\",\"userId\":\"u\"}],\"sentAt\":\"2026-03-01T00:00:03Z\"}",
          "a user=u sent=2026-03-01T00:00:03.000Z\n!field_range type m\n!type_missing type n\n!bad_json  \nview user=u sent=2026-03-01T00:00:03.000Z channel=web" },
        { "{\"sentAt\":1772323203000,\"batch\":[{\"type\":\"track\",\"event\":\"a\",\"event\":\"b\"},{\"type\":\"group\",\"userId\":\"u\"}]}",
          "!duplicate_member event \ngroup user=u sent=2026-03-01T00:00:03.000Z" },
        { "{\"batch\":[]}", "" },
        { "{\"batch\":[{\"type\":\"track\",\"event\":\"a\",\"userId\":\"u\"},{\"type\":\"track\",\"event\":nul}]}", "rc -1" },
        { "{\"batch\":[{\"type\":\"track\",\"event\":\"a\",\"userId\":\"u\"},{\"n\":1.2.3}]}", "rc -1" },
        { "{\"batch\":[{\"type\":\"track\",\"event\":\"a\",\"userId\":\"u\"},{\"n\":[1,2}]}", "rc -1" },
        { "{\"batch\":[{\"type\":\"track\",\"event\":\"a\",\"userId\":\"u\"}", "rc -1" },
        { "{\"batch\":[{\"type\":\"track\",\"event\":\"a\",\"userId\":\"u\"}],\"context\":{]}}", "rc -1" },
        { "{\"batch\":[{\"type\":\"track\",\"event\":\"\xff\",\"userId\":\"u\"}]}", "rc -1" },
        { "{\"batch\":[],\"batch\":[]}", "rc -1" },
        { "{\"batch\":[]} x", "rc -1" },
        { "{\"batch\":[],}", "rc -1" },
        { "{\"batch\" []}", "rc -1" },
        { "{\"events\":[]}", "rc -1" },
        { "{\"batch\":{}}", "rc -1" },
        { "{\"batch\":[1,2,3,4,5,6]}", "rc -14" },
    };
    (void)s;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *got = read_all("batch", rows[i].body, NULL, NULL);
        if (strcmp(got, rows[i].want) != 0) fail_msg("row %zu %s\n got  %s\n want %s", i, rows[i].body, got, rows[i].want);
        tl_free(got);
    }
}

static void
t_context_is_merged(void **s)
{
    struct tl_buf raw;
    (void)s;
    char *got = read_all("batch",
                         "{\"context\":{\"library\":{\"name\":\"l\"},\"ip\":\"1\"},\"integrations\":{\"All\":true},\"batch\":"
                         "[{\"type\":\"track\",\"event\":\"a\",\"context\":{\"ip\":\"2\",\"traits\":{\"email\":\"e@f\"}},\"userId\":\"u\"}]}",
                         &raw, NULL);
    assert_string_equal(got, "a user=u email=e@f");
    assert_string_equal((char *)raw.data, "{\"type\":\"track\",\"event\":\"a\",\"userId\":\"u\",\"context\":{\"ip\":\"2\",\"traits\":{\"email\":\"e@f\"},"
                                          "\"library\":{\"name\":\"l\"}},\"integrations\":{\"All\":true}}");
    tl_buf_free(&raw);
    tl_free(got);
}

static void
t_write_key(void **s)
{
    char origin[128];
    (void)s;
    tl_free(read_all("batch", "{\"batch\":[],\"writeKey\":\"wk\"}", NULL, origin));
    assert_string_equal(origin, "wk");
    tl_free(read_all("batch", "{\"batch\":[],\"writeKey\":\"w\\u0000k\"}", NULL, origin));
    assert_string_equal(origin, "public");
    tl_free(read_all("track", "{\"event\":\"x\",\"writeKey\":\"wk\"}", NULL, origin));
    assert_string_equal(origin, "wk");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(t_mapping), cmocka_unit_test(t_batch), cmocka_unit_test(t_context_is_merged), cmocka_unit_test(t_write_key),
    };
    return cmocka_run_group_tests_name("segment", tests, NULL, NULL);
}
