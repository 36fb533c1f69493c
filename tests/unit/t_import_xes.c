/* t_import_xes.c - reading XES: what becomes of traces, events and attributes; what is refused; ids by content. */
#include "taken.h"

#include "tl_gzip.h"

static struct taken *
read_bytes(const void *bytes, size_t n)
{
    struct taken *t = calloc(1, sizeof *t);
    char *path = taken_file(bytes, n);
    struct tl_import_sink sink = taken_sink(t);
    t->src = (struct tl_import_source){ .path = path, .run = "log" };
    t->rc = tl_import_xes(&t->src, &sink, &t->err);
    unlink(path);
    free(path);
    return t;
}

static struct taken *
read_text(const char *text)
{
    return read_bytes(text, strlen(text));
}

#define EVENT(name, time, more) "<event><string key=\"concept:name\" value=\"" name "\"/><date key=\"time:timestamp\" value=\"" time "\"/>" more "</event>\n"
#define TRACE(name, events) "<trace><string key=\"concept:name\" value=\"" name "\"/>" events "</trace>\n"
#define LOG(traces) "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<log xes.version=\"1.0\">\n<string key=\"source\" value=\"s\"/>\n" traces "</log>\n"

static void
one_trace(void **state)
{
    (void)state;
    struct taken *t = read_text(LOG("<trace><string key=\"concept:name\" value=\"173\"/><int key=\"AMOUNT\" value=\"20000\"/>"
        EVENT("Check &amp; pay", "2011-10-01T00:38:44.546+02:00", "<string key=\"org:resource\" value=\"112\"/><string key=\"lifecycle:transition\" value=\"COMPLETE\"/>"
              "<float key=\"cost\" value=\"1.5\"/><boolean key=\"ok\" value=\"true\"/><date key=\"due\" value=\"2012-01-01T00:00:00Z\"/>")
        EVENT("Close", "2011-10-01T00:39:00+02:00", "") "</trace>"));
    assert_int_equal(t->rc, 0);
    assert_int_equal(t->n, 2);
    assert_int_equal(t->bad_n, 0);
    assert_int_equal(t->src.rows, 2);
    taken_is(t, 0, "type", "\"Check & pay\"");
    taken_is(t, 0, "time", "\"2011-10-01T00:38:44.546+02:00\"");
    taken_is(t, 0, "agent", "\"112\"");
    taken_is(t, 0, "lifecycle", "\"complete\"");
    taken_is(t, 0, "session", "\"log/173\"");
    taken_is(t, 0, "journey", "\"log/173\"");
    taken_is(t, 0, "ids/trace", "\"log/173\"");
    taken_is(t, 0, "seq", "0");
    taken_is(t, 1, "seq", "1");
    taken_is(t, 0, "props/cost", "1.5");
    taken_is(t, 0, "props/ok", "true");
    taken_is(t, 0, "props/due", "\"2012-01-01T00:00:00Z\"");
    taken_is(t, 0, "props/trace/AMOUNT", "20000");
    taken_is(t, 0, "props/trace/concept:name", NULL);
    taken_is(t, 1, "props/trace", NULL);
    taken_is(t, 1, "agent", NULL);
    taken_all_valid(t);
    taken_free(t);
}

static void
nested_attributes_keep_their_shape(void **state)
{
    (void)state;
    struct taken *t = read_text(LOG(TRACE("1", EVENT("a", "2020-01-01T00:00:00Z",
        "<string key=\"b\" value=\"x\"><int key=\"c\" value=\"1\"/><string key=\"d\" value=\"y\"><id key=\"e\" value=\"z\"/></string></string>"
        "<list key=\"l\"><values><int key=\"k\" value=\"1\"/><int key=\"k\" value=\"2\"/></values></list>"
        "<container key=\"g\"><string key=\"h\" value=\"\"/></container>"
        "<string key=\"two\" value=\"1\"/><string key=\"two\" value=\"2\"/><string key=\"trace\" value=\"mine\"/>"
        "<float key=\"nan\" value=\"NaN\"/><float key=\"sci\" value=\"2.3832541524E7\"/><int key=\"zero\" value=\"007\"/>"
        "<date key=\"time:timestamp\" value=\"again\"/>"))));
    assert_int_equal(t->n, 1);
    taken_is(t, 0, "props/b", "{\"value\":\"x\",\"c\":1,\"d\":{\"value\":\"y\",\"e\":\"z\"}}");
    taken_is(t, 0, "props/l", "[{\"k\":1},{\"k\":2}]");
    taken_is(t, 0, "props/g", "{\"h\":\"\"}");
    taken_is(t, 0, "props/two", "\"1\"");
    taken_is(t, 0, "props/two#2", "\"2\"");
    taken_is(t, 0, "props/trace#2", "\"mine\"");
    taken_is(t, 0, "props/nan", "\"NaN\"");
    taken_is(t, 0, "props/sci", "2.3832541524E7");
    taken_is(t, 0, "props/zero", "\"007\"");
    taken_is(t, 0, "props/time:timestamp", "\"again\"");
    taken_all_valid(t);
    taken_free(t);
}

static void
bad_rows_are_told_with_their_line(void **state)
{
    (void)state;
    struct taken *t = read_text(
        "<log>\n"                                                                                            /* 1 */
        "<event><string key=\"concept:name\" value=\"lost\"/></event>\n"                                     /* 2 */
        "<trace><string key=\"concept:name\" value=\"1\"/>\n"                                                /* 3 */
        "<event><string key=\"concept:name\" value=\"no time\"/></event>\n"                                  /* 4 */
        "<event>\n<date key=\"time:timestamp\" value=\"2020-01-01T00:00:00Z\"/></event>\n"                   /* 5-6 */
        "<event><string key=\"concept:name\" value=\"x\"/><date key=\"time:timestamp\" value=\"yesterday\"/></event>\n" /* 7 */
        EVENT("good", "2020-01-01T00:00:00Z", "")                                                            /* 8 */
        "</trace></log>");
    static const uint64_t lines[] = { 2, 4, 5, 7 };
    assert_int_equal(t->rc, 0);
    assert_int_equal(t->n, 1);
    assert_int_equal(t->bad_n, 4);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(t->bad_line[i], lines[i]);
    assert_int_equal(t->line[0], 8);
    assert_int_equal(t->src.rows, 5);
    taken_is(t, 0, "seq", "3");      /* its index in the trace, as it stands in the file */
    taken_free(t);
}

static void
cut_file_keeps_what_stood_before(void **state)
{
    (void)state;
    struct taken *t = read_text("<log>\n<trace>\n" EVENT("a", "2020-01-01T00:00:00Z", "") "<event><string key=\"con");
    assert_int_equal(t->rc, TL_EINVAL);
    assert_non_null(strstr(t->err.text, ":4:"));
    assert_int_equal(t->n, 1);
    taken_is(t, 0, "journey", "\"log/#1\"");
    taken_free(t);
}

static void
no_xml_at_all(void **state)
{
    (void)state;
    static const char *const texts[] = { "", "hello", "<log>", "<log></trace>", "\x1f\x8b\x08\x00garbage" };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct taken *t = read_text(texts[i]);
        assert_true(t->rc < 0);
        assert_true(t->err.text[0] != '\0');
        taken_free(t);
    }
}

static void
traces_of_one_name_stay_apart(void **state)
{
    (void)state;
    struct taken *t = read_text(LOG(TRACE("7", EVENT("a", "2020-01-01T00:00:00Z", "")) TRACE("7", EVENT("a", "2020-01-01T00:00:00Z", ""))));
    taken_is(t, 0, "journey", "\"log/7\"");
    taken_is(t, 1, "journey", "\"log/7#2\"");
    assert_false(strncmp(t->json[0], t->json[1], 40) == 0);
    taken_free(t);
}

static void
long_names_become_hashes(void **state)
{
    (void)state;
    struct taken *t = read_text(LOG(TRACE("0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789",
                                          EVENT("a", "2020-01-01T00:00:00Z", ""))));
    assert_int_equal(taken_at(t, 0, "journey")->text.n, 4 + 32);
    taken_all_valid(t);
    taken_free(t);
}

/* a longer version of a file: every earlier id is there again, the new ones are new */
static void
ids_come_from_content(void **state)
{
    (void)state;
    const char *same = EVENT("a", "2020-01-01T00:00:00Z", "<string key=\"x\" value=\"1\"/><string key=\"y\" value=\"2\"/>");
    char shorter[4096], longer[4096];
    snprintf(shorter, sizeof shorter, LOG("%s%s%s</trace>"), "<trace><string key=\"concept:name\" value=\"1\"/>", same, same);
    snprintf(longer, sizeof longer, LOG("%s%s%s%s</trace>%s"), "<trace><string key=\"concept:name\" value=\"1\"/><string key=\"state\" value=\"closed\"/>", same, same,
             EVENT("a", "2020-01-01T00:00:00Z", "<string key=\"y\" value=\"2\"/><string key=\"x\" value=\"1\"/>"), TRACE("2", EVENT("a", "2020-01-01T00:00:00Z", "")));
    struct taken *a = read_text(shorter), *b = read_text(longer), *c = read_text(shorter);
    assert_int_equal(a->n, 2);
    assert_int_equal(b->n, 4);
    for (size_t i = 0; i < a->n; i++) {
        assert_string_equal(a->json[i], c->json[i]);
        assert_memory_equal(a->json[i], b->json[i], 40);
    }
    for (size_t i = 0; i < b->n; i++)
        for (size_t k = 0; k < i; k++)
            assert_memory_not_equal(b->json[i], b->json[k], 40);
    taken_free(a);
    taken_free(b);
    taken_free(c);
}

/* what a case as a whole is said to be may change from one export to the next: its events keep their ids */
static void
ids_do_not_hang_on_the_trace(void **state)
{
    (void)state;
    struct taken *a = read_text(LOG(TRACE("1", EVENT("a", "2020-01-01T00:00:00Z", ""))));
    struct taken *b = read_text(LOG("<trace><string key=\"concept:name\" value=\"1\"/><int key=\"n\" value=\"2\"/>" EVENT("a", "2020-01-01T00:00:00Z", "") "</trace>"));
    taken_is(a, 0, "props", NULL);
    taken_is(b, 0, "props", "{\"trace\":{\"n\":2}}");
    assert_memory_equal(a->json[0], b->json[0], 40);
    taken_free(a);
    taken_free(b);
}

static void
gzip_reads_alike(void **state)
{
    (void)state;
    const char *text = LOG(TRACE("1", EVENT("a", "2020-01-01T00:00:00Z", "")));
    struct tl_buf packed = {0};
    assert_int_equal(tl_gzip_deflate(text, strlen(text), &packed, NULL), 0);
    struct taken *a = read_text(text), *b = read_bytes(packed.data, packed.len), *cut = read_bytes(packed.data, packed.len - 12);
    assert_int_equal(b->rc, 0);
    assert_int_equal(b->n, 1);
    assert_string_equal(a->json[0], b->json[0]);
    assert_true(cut->rc < 0);
    taken_free(a);
    taken_free(b);
    taken_free(cut);
    tl_buf_free(&packed);
}

/* events longer than the chunk that is parsed at once, and lines counted through many chunks */
static void
large_files_count_lines(void **state)
{
    (void)state;
    struct tl_buf b = {0};
    tl_buf_put_str(&b, "<log>\n");
    for (int i = 0; i < 3000; i++) {
        tl_buf_printf(&b, "<trace>\n<string key=\"concept:name\" value=\"%d\"/>\n<event>\n<string key=\"concept:name\" value=\"a\"/>\n", i);
        for (int k = 0; k < 10; k++)
            tl_buf_printf(&b, "<string key=\"k%d\" value=\"%0100d\"/>\n", k, i);
        tl_buf_printf(&b, "<date key=\"time:timestamp\" value=\"2020-01-01T00:00:00Z\"/>\n</event>\n</trace>\n");
    }
    tl_buf_put_str(&b, "</log>\n");
    struct taken *t = read_bytes(b.data, b.len);
    assert_int_equal(t->rc, 0);
    assert_int_equal(t->n, 3000);
    for (uint64_t i = 0; i < t->n; i++)
        assert_in_range(t->line[i], 4 + i * 17 - 1, 4 + i * 17 + 1);
    assert_int_equal(t->src.bytes_read, b.len);
    taken_free(t);
    tl_buf_free(&b);
}

static void
memory_failing_anywhere_is_an_error(void **state)
{
    (void)state;
    const char *text = LOG(TRACE("1", EVENT("a", "2020-01-01T00:00:00Z", "<string key=\"x\" value=\"1\"/>")));
    for (uint64_t k = 1; k < 60; k++) {
        struct taken *t = calloc(1, sizeof *t);
        char *path = taken_file(text, strlen(text));
        struct tl_import_sink sink = taken_sink(t);
        t->src = (struct tl_import_source){ .path = path, .run = "log" };
        tl_alloc_fail_at(k, true);
        t->rc = tl_import_xes(&t->src, &sink, &t->err);
        tl_alloc_fail_at(0, false);
        assert_true(t->rc == 0 || t->rc == TL_ENOMEM);
        unlink(path);
        free(path);
        taken_free(t);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_trace), cmocka_unit_test(nested_attributes_keep_their_shape), cmocka_unit_test(bad_rows_are_told_with_their_line),
        cmocka_unit_test(cut_file_keeps_what_stood_before), cmocka_unit_test(no_xml_at_all), cmocka_unit_test(traces_of_one_name_stay_apart),
        cmocka_unit_test(long_names_become_hashes), cmocka_unit_test(ids_come_from_content), cmocka_unit_test(ids_do_not_hang_on_the_trace), cmocka_unit_test(gzip_reads_alike),
        cmocka_unit_test(large_files_count_lines), cmocka_unit_test(memory_failing_anywhere_is_an_error),
    };
    tl_hash_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
