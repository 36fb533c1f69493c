/* t_segment.c - Segment's calls as native events: one line of expectation for each body, written by hand from Segment's specification. */
#include "source_kit.h"

static char *
read_all(const char *call, const char *body, struct tl_buf *raw, char origin[128])
{
    return source_seen(segment_read, NULL, call, body, raw, origin);
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
