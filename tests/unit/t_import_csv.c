/* t_import_csv.c - reading tables: RFC 4180 and what people's files make of it, guessing, mapping files, times, order. */
#include "taken.h"

#include "tl_mapping.h"

static struct taken *
read_mapped(const void *bytes, size_t n, const char *mapping)
{
    struct taken *t = calloc(1, sizeof *t);
    char *path = taken_file(bytes, n), *map_path = mapping != NULL ? taken_file(mapping, strlen(mapping)) : NULL;
    struct tl_import_sink sink = taken_sink(t);
    struct tl_mapping *map = NULL;
    t->src = (struct tl_import_source){ .path = path, .run = "tab" };
    t->rc = map_path != NULL ? tl_mapping_read(&map, map_path, &t->err) : 0;
    if (t->rc == 0)
        t->rc = tl_import_file(&t->src, map, TL_IMPORT_CSV, &sink, NULL, &t->err);
    tl_mapping_free(&map);
    unlink(path);
    free(path);
    if (map_path != NULL)
        unlink(map_path);
    free(map_path);
    return t;
}

static struct taken *
read_text(const char *text)
{
    return read_mapped(text, strlen(text), NULL);
}

#define HEAD "case,activity,timestamp,note\n"
#define NOW "2026-03-01T10:00:00Z"

static void
records(void **state)
{
    (void)state;
    static const struct { const char *text; size_t rows, bad; const char *note; } tables[] = {
        { HEAD "1,a," NOW ",plain\n", 1, 0, "\"plain\"" },
        { HEAD "1,a," NOW ",no newline at the end", 1, 0, "\"no newline at the end\"" },
        { "case,activity,timestamp,note\r\n1,a," NOW ",crlf\r\n", 1, 0, "\"crlf\"" },
        { "\xef\xbb\xbf" HEAD "1,a," NOW ",bom\n", 1, 0, "\"bom\"" },
        { "case;activity;timestamp;note\n1;a;" NOW ";semi, colon\n", 1, 0, "\"semi, colon\"" },
        { "case\tactivity\ttimestamp\tnote\n1\ta\t" NOW "\ttab\n", 1, 0, "\"tab\"" },
        { "case|activity|timestamp|note\n1|a|" NOW "|pipe\n", 1, 0, "\"pipe\"" },
        { HEAD "1,a," NOW ",\"two\nlines\"\n", 1, 0, "\"two\\nlines\"" },
        { HEAD "1,a," NOW ",\"say \"\"hi\"\", friend\"\n", 1, 0, "\"say \\\"hi\\\", friend\"" },
        { HEAD "1,a," NOW ",5 \"inch\" nail\n", 1, 0, "\"5 \\\"inch\\\" nail\"" },
        { HEAD "\n\n1,a," NOW ",blank lines are no rows\n\n", 1, 0, "\"blank lines are no rows\"" },
        { HEAD "1,a," NOW ",\"\"\n", 1, 0, NULL },
        { HEAD "1,a," NOW ",\n", 1, 0, NULL },
        { HEAD "1,a," NOW "\n1,a," NOW ",x\n", 1, 1, "\"x\"" },
        { HEAD "1,a," NOW ",x,,\n", 1, 0, "\"x\"" },
        { HEAD "1,a," NOW ",x,more\n", 0, 1, NULL },
        { HEAD "1,a," NOW ",\"x\"y\n2,b," NOW ",after\n", 1, 1, "\"after\"" },
        { HEAD "1,a," NOW ",\"open\n2,b," NOW ",after\n", 1, 1, "\"after\"" },
        { HEAD "1,a,,no time\n", 0, 1, NULL },
        { HEAD ",a," NOW ",no case\n", 0, 1, NULL },
        { HEAD "1,a,sometime,x\n", 0, 1, NULL },
        { HEAD "1,a," NOW ",\xc3\x28\n1,b," NOW ",ok\n", 1, 1, "\"ok\"" },
        { HEAD "1,a," NOW ",\xc9\xcc\xc6\xb7\n", 0, 1, NULL },
    };
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        struct taken *t = read_text(tables[i].text);
        if (t->rc != 0 || t->n != tables[i].rows || t->bad_n != tables[i].bad)
            fail_msg("table %zu: rc %d, %zu rows, %zu bad (%s %s)", i, t->rc, t->n, t->bad_n, t->bad_n ? t->bad[0] : "", t->err.text);
        if (t->n > 0)
            taken_is(t, 0, "props/note", tables[i].note);
        taken_all_valid(t);
        taken_free(t);
    }
}

static void
columns_are_guessed(void **state)
{
    (void)state;
    struct taken *t = read_text("Case ID;Activity;concept:name;Time Stamp;org:resource;lifecycle:transition;customer_id;E-Mail;channel;nps;case:creator;\n"
                                "7;other;pay;2026-03-01 10:00:00+08:00;Ann;START;C1;a@b.c;store;9;Ng;1\n"
                                "7;other;pay;2026-03-01 10:00:00+08:00;Ann;START;C1;a@b.c;carrier pigeon;;Ng;2\n");
    assert_int_equal(t->rc, 0);
    assert_int_equal(t->n, 2);
    taken_is(t, 0, "journey", "\"tab/7\"");
    taken_is(t, 0, "type", "\"pay\"");
    taken_is(t, 0, "props/Activity", "\"other\"");
    taken_is(t, 0, "time", "\"2026-03-01T10:00:00.000+08:00\"");
    taken_is(t, 0, "agent", "\"Ann\"");
    taken_is(t, 0, "lifecycle", "\"start\"");
    taken_is(t, 0, "ids/user", "\"C1\"");
    taken_is(t, 0, "ids/email", "\"a@b.c\"");
    taken_is(t, 0, "ids/trace", NULL);
    taken_is(t, 0, "channel", "\"store\"");
    taken_is(t, 1, "channel", NULL);
    taken_is(t, 1, "props/channel", "\"carrier pigeon\"");
    taken_is(t, 0, "scores/nps", "9");
    taken_is(t, 0, "props/trace/creator", "\"Ng\"");
    taken_is(t, 1, "props/trace", NULL);
    taken_is(t, 0, "props/column_12", "1");
    assert_non_null(strstr(t->mapping, "12 columns"));
    taken_all_valid(t);
    taken_free(t);
}

static void
chinese_columns_are_guessed(void **state)
{
    (void)state;
    struct taken *t = read_text("会员号,事件,时间,门店\nM1,下单,2026/03/01 10:00,上海 03\n");
    assert_int_equal(t->rc, 0);
    taken_is(t, 0, "ids/member", "\"M1\"");
    taken_is(t, 0, "type", "\"下单\"");
    taken_is(t, 0, "place", "\"上海 03\"");
    taken_is(t, 0, "time", "\"2026-03-01T10:00:00.000+00:00\"");
    taken_is(t, 0, "journey", NULL);
    taken_is(t, 0, "session", "\"tab/M1\"");
    taken_free(t);
}

static void
typed_values(void **state)
{
    (void)state;
    static const struct { const char *text; const char *json; } values[] = {
        { "0", "0" }, { "12", "12" }, { "-3", "-3" }, { "1.50", "1.50" }, { "true", "true" }, { "false", "false" }, { "007", "\"007\"" }, { "1e5", "\"1e5\"" },
        { "+1", "\"+1\"" }, { "1.", "\"1.\"" }, { ".5", "\".5\"" }, { "-", "\"-\"" }, { "1,5", "\"1,5\"" }, { "12345678901234567890", "\"12345678901234567890\"" },
        { "TRUE", "\"TRUE\"" }, { "NaN", "\"NaN\"" }, { "null", "\"null\"" },
    };
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        char text[256];
        snprintf(text, sizeof text, "case;activity;timestamp;v\n1;a;" NOW ";%s\n", values[i].text);
        struct taken *t = read_text(text);
        taken_is(t, 0, "props/v", values[i].json);
        taken_free(t);
    }
}

static void
times(void **state)
{
    (void)state;
    static const struct { const char *text, *json; } forms[] = {
        { "2026-03-01T10:00:00.123+02:00", "\"2026-03-01T10:00:00.123+02:00\"" }, { "2026-03-01 10:00", "\"2026-03-01T10:00:00.000+00:00\"" },
        { "2026-03-01", "\"2026-03-01T00:00:00.000+00:00\"" }, { "1772359200", "1772359200000" }, { "1772359200123", "1772359200123" },
        { "01.03.2026 10:00:30", "\"2026-03-01T10:00:30.000+00:00\"" }, { "25/12/2026 10:00", "\"2026-12-25T10:00:00.000+00:00\"" },
        { "12/25/2026 10:00:01", "\"2026-12-25T10:00:01.000+00:00\"" }, { "2026年3月1日", "\"2026-03-01T00:00:00.000+00:00\"" },
    };
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        char text[256];
        snprintf(text, sizeof text, "case,activity,timestamp\n1,a,%s\n", forms[i].text);
        struct taken *t = read_text(text);
        if (t->n != 1)
            fail_msg("%s: %s", forms[i].text, t->bad_n ? t->bad[0] : t->err.text);
        taken_is(t, 0, "time", forms[i].json);
        taken_free(t);
    }
    struct taken *t = read_text("case,activity,timestamp\n1,a,03/04/2026\n");
    assert_int_equal(t->rc, TL_ECONFIG);
    assert_non_null(strstr(t->err.text, "time_format"));
    taken_free(t);
}

static void
mapping_file(void **state)
{
    (void)state;
    const char *map = "{\"fields\":{\"journey\":\"ticket\",\"type\":\"what\",\"time\":\"when\",\"scores.csat5\":\"stars\",\"wait_ms\":\"w\"},\"ids\":{\"member\":\"no\"},"
                      "\"set\":{\"channel\":\"phone\"},\"props\":[\"zip\"],\"text\":[\"zip\"],\"time_format\":\"%d.%m.%y %H:%M\",\"timezone\":\"Europe/Berlin\",\"delimiter\":\"/\"}";
    const char *table = "ticket/what/when/no/zip/left out/stars/w\n9/call/01.07.26 12:30/17/80331/x/4/1500\n9/call/01.01.26 12:30:59.5 +0530/17/80331/x//\n";
    struct taken *t = read_mapped(table, strlen(table), map);
    assert_int_equal(t->rc, 0);
    assert_int_equal(t->n, 1);
    assert_int_equal(t->bad_n, 1);       /* seconds are not in the format */
    taken_is(t, 0, "time", "\"2026-07-01T12:30:00.000+02:00\"");
    taken_is(t, 0, "channel", "\"phone\"");
    taken_is(t, 0, "props/zip", "\"80331\"");
    taken_is(t, 0, "props/left out", NULL);
    taken_is(t, 0, "scores/csat5", "4");
    taken_is(t, 0, "wait_ms", "1500");
    taken_is(t, 0, "ids/member", "\"17\"");
    taken_is(t, 0, "journey", "\"9\"");
    taken_all_valid(t);
    taken_free(t);
}

static void
wrong_mappings_say_what_is_wrong(void **state)
{
    (void)state;
    static const struct { const char *map, *says; } wrong[] = {
        { "{\"fields\":{\"type\":\"activity\",\"time\":\"timestamp\",\"colour\":\"note\"}}", "colour" },
        { "{\"fields\":{\"type\":\"activity\",\"time\":\"timestamp\",\"origin\":\"note\"}}", "origin" },
        { "{\"fields\":{\"type\":\"activity\",\"time\":\"timestamp\"}}", "who" },
        { "{\"fields\":{\"journey\":\"case\",\"type\":\"nothing\",\"time\":\"timestamp\"}}", "nothing" },
        { "{\"fields\":{\"type\":5}}", ":1:" },
        { "{\n\"set\":{\"channel\":\"pigeon\"}}", ":2:" },
        { "{\"delimiter\":\"ab\"}", "delimiter" },
        { "{\"timezone\":\"Mars/Olympus\"}", "Mars" },
        { "[]", "mapping" },
        { "{", "" },
        { "{\"feilds\":{}}", "feilds" },
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct taken *t = read_mapped(HEAD "1,a," NOW ",x\n", strlen(HEAD "1,a," NOW ",x\n"), wrong[i].map);
        if (t->rc == 0 || strstr(t->err.text, wrong[i].says) == NULL)
            fail_msg("%s: rc %d, says: %s", wrong[i].map, t->rc, t->err.text);
        taken_free(t);
    }
}

static void
whole_files_that_cannot_be_read(void **state)
{
    (void)state;
    static const struct { const char *bytes; size_t n; const char *says; } files[] = {
        { "", 0, "empty" }, { "\xff\xfe" "c\0a\0", 6, "UTF-16" }, { "a,b,c\n1,2,3\n", 12, "columns: a, b, c" },
        { "\xb0\xb8\xc0\xfd,\xca\xb1\xbc\xe4\n1,2\n", 14, "UTF-8" },
    };
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        struct taken *t = read_mapped(files[i].bytes, files[i].n, NULL);
        if (t->rc == 0 || strstr(t->err.text, files[i].says) == NULL)
            fail_msg("file %zu: rc %d, says: %s", i, t->rc, t->err.text);
        taken_free(t);
    }
}

/* rows in order of time share a session; a row that is earlier begins another, so that times decide */
static void
order_of_the_file(void **state)
{
    (void)state;
    struct taken *t = read_text("case,activity,timestamp\n1,a,2026-03-01T10:00:00Z\n2,a,2026-03-01T09:00:00Z\n1,b,2026-03-01T10:00:00Z\n1,c,2026-03-01T09:59:59Z\n1,d,2026-03-01T11:00:00Z\n");
    static const char *const sessions[] = { "\"tab/1\"", "\"tab/2\"", "\"tab/1\"", "\"tab/1~2\"", "\"tab/1~2\"" }, *const seqs[] = { "0", "0", "1", "2", "3" };
    assert_int_equal(t->n, 5);
    for (size_t i = 0; i < 5; i++) {
        taken_is(t, i, "session", sessions[i]);
        taken_is(t, i, "seq", seqs[i]);
        assert_int_equal(t->line[i], i + 2);
    }
    taken_is(t, 3, "journey", "\"tab/1\"");
    taken_free(t);
}

static void
longer_files_bring_only_what_is_new(void **state)
{
    (void)state;
    struct taken *a = read_text(HEAD "1,a," NOW ",x\n1,a," NOW ",x\n2,a," NOW ",x\n");
    struct taken *b = read_text(HEAD "1,a," NOW ",x\n1,a," NOW ",x\n2,a," NOW ",x\n1,a," NOW ",x\n");
    assert_int_equal(b->n, 4);
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(a->json[i], b->json[i]);
    for (size_t i = 0; i < 4; i++)
        for (size_t k = 0; k < i; k++)
            assert_memory_not_equal(b->json[i], b->json[k], 40);
    taken_free(a);
    taken_free(b);
}

/* windows, records and fields across their edges: what a naive reader of the same bytes gives */
static void
large_tables(void **state)
{
    (void)state;
    struct tl_buf b = {0};
    char filler[3001];
    memset(filler, 'x', 3000);
    filler[3000] = '\0';
    tl_buf_put_str(&b, HEAD);
    for (int i = 0; i < 1500; i++)
        tl_buf_printf(&b, "%d,a," NOW ",\"%.*s\n\"\"%d\"\r\n", i, i * 2, filler, i);
    struct taken *t = read_mapped(b.data, b.len, NULL);
    assert_int_equal(t->rc, 0);
    assert_int_equal(t->n, 1500);
    for (size_t i = 0; i < 1500; i++) {
        char tail[32];
        struct tl_str note = taken_at(t, i, "props/note")->text;
        snprintf(tail, sizeof tail, "\n\"%zu", i);
        assert_int_equal(note.n, i * 2 + strlen(tail));
        assert_memory_equal(note.p + i * 2, tail, strlen(tail));
        assert_int_equal(t->line[i], 2 + 2 * i);
        tl_arena_reset(t->arena);
    }
    taken_free(t);
    tl_buf_free(&b);
}

static void
run_names(void **state)
{
    (void)state;
    static const struct { const char *path, *run; } names[] = {
        { "/a/b/bpic2012.xes.gz", "bpic2012" }, { "x.CSV", "x" }, { "orders-2026.03.csv.gz", "orders-2026.03" }, { "log", "log" },
    };
    char run[TL_IMPORT_RUN_BYTES_MAX + 1], other[TL_IMPORT_RUN_BYTES_MAX + 1];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        tl_import_run_name(names[i].path, run);
        assert_string_equal(run, names[i].run);
    }
    tl_import_run_name("订单.csv", run);
    tl_import_run_name("工单.csv", other);
    assert_string_not_equal(run, other);
    for (const char *p = run; *p != '\0'; p++)
        assert_in_range(*p, 0x21, 0x7e);
    char longer[300];
    memset(longer, 'n', 299);
    longer[299] = '\0';
    tl_import_run_name(longer, run);
    assert_in_range(strlen(run), 20, TL_IMPORT_RUN_BYTES_MAX);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records), cmocka_unit_test(columns_are_guessed), cmocka_unit_test(chinese_columns_are_guessed), cmocka_unit_test(typed_values),
        cmocka_unit_test(times), cmocka_unit_test(mapping_file), cmocka_unit_test(wrong_mappings_say_what_is_wrong),
        cmocka_unit_test(whole_files_that_cannot_be_read), cmocka_unit_test(order_of_the_file), cmocka_unit_test(longer_files_bring_only_what_is_new),
        cmocka_unit_test(large_tables), cmocka_unit_test(run_names),
    };
    tl_hash_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
