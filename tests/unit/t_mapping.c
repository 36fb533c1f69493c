/* t_mapping.c - mapping files: what the reader takes the published schema takes; what rows become; groups, pairs, money, encodings, hostile files. */
#include "taken.h"

#include "cases_mapping.h"
#include "kit_schema.h"
#include "tl_mapping.h"

#define SCHEMA "schemas/mappings/mapping.schema.json"

static struct tl_arena *tree_arena;

static char *
file_text(const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    char *text = calloc(1, 1 << 20);
    if (f == NULL)
        fail_msg("no %s", path);
    *n = fread(text, 1, (1 << 20) - 1, f);
    fclose(f);
    return text;
}

static struct tl_jv *
tree(const char *text)
{
    struct tl_jv *root = NULL;
    return tl_json_tree(tree_arena, tl_str_of(text), 32, &root, NULL, NULL) == 0 ? root : NULL;
}

static void
both_take(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof mapping_accept / sizeof *mapping_accept; i++) {
        struct tl_mapping *m = NULL;
        struct tl_err err = {0};
        if (tl_mapping_parse(&m, tl_str_of(mapping_accept[i]), "x.json", &err) != 0)
            fail_msg("refused: %s: %s", mapping_accept[i], err.text);
        tl_mapping_free(&m);
        if (!schema_takes(schema_root, tree(mapping_accept[i])))
            fail_msg("the schema refuses: %s", mapping_accept[i]);
    }
}

static void
both_refuse(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof mapping_refuse / sizeof *mapping_refuse; i++) {
        struct tl_mapping *m = NULL;
        struct tl_err err = {0};
        if (tl_mapping_parse(&m, tl_str_of(mapping_refuse[i].text), "x.json", &err) != TL_ECONFIG || m != NULL || strstr(err.text, "x.json") == NULL
            || strstr(err.text, mapping_refuse[i].told) == NULL)
            fail_msg("%s: %d %s", mapping_refuse[i].text, err.code, err.text);
        struct tl_jv *v = tree(mapping_refuse[i].text);
        if (v != NULL && schema_takes(schema_root, v) != mapping_refuse[i].beyond)
            fail_msg("the schema %s: %s", mapping_refuse[i].beyond ? "refuses, and needs no leave to" : "takes", mapping_refuse[i].text);
    }
}

static void
mistakes_name_their_line(void **state)
{
    struct tl_mapping *m = NULL;
    struct tl_err err = {0};
    (void)state;
    assert_int_equal(tl_mapping_parse(&m, tl_str_of("{\n\"fields\": {\"type\": \"t\",\n\"time\": \"at\",\n\"colour\": \"c\"}}"), "my.json", &err), TL_ECONFIG);
    assert_non_null(strstr(err.text, "my.json:4: \"colour\""));
}

/* ---- the shipped ones ---- */
static struct taken *
map_file(const char *mapping, const char *path)
{
    struct taken *t = calloc(1, sizeof *t);
    struct tl_import_sink sink = taken_sink(t);
    struct tl_mapping *m = NULL;
    enum tl_import_format format = TL_IMPORT_CSV;
    t->src = (struct tl_import_source){ .path = path, .run = "t" };
    t->rc = tl_mapping_read(&m, mapping, &t->err);
    if (t->rc == 0)
        t->rc = tl_import_mapped(&t->src, m, format, &sink, NULL, &t->err);
    tl_mapping_free(&m);
    return t;
}

static void
shipped_examples_become_their_events(void **state)
{
    static const struct { const char *name, *ending; size_t events, bad; } all[] = {
        { "pos-receipts", "csv", 4, 1 }, { "asterisk-cdr", "csv", 4, 1 }, { "asterisk-queue-log", "log", 6, 0 }, { "amazon-connect", "ndjson", 6, 1 }, { "zendesk-tickets", "ndjson", 11, 1 },
        { "survey-export", "csv", 6, 1 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        char mapping[120], example[120], events[120];
        size_t n;
        snprintf(mapping, sizeof mapping, "schemas/mappings/%s.json", all[i].name);
        snprintf(example, sizeof example, "schemas/mappings/examples/%s.%s", all[i].name, all[i].ending);
        snprintf(events, sizeof events, "schemas/mappings/examples/%s.events.ndjson", all[i].name);
        char *text = file_text(mapping, &n), *save = NULL;
        if (!schema_takes(schema_root, tree(text)))
            fail_msg("the schema refuses %s", mapping);
        free(text);
        struct taken *t = map_file(mapping, example);
        if (t->rc != 0 || t->n != all[i].events || t->bad_n != all[i].bad)
            fail_msg("%s: %d %s, %zu events, %zu bad: %s", all[i].name, t->rc, t->err.text, t->n, t->bad_n, t->bad_n > 0 ? t->bad[0] : "");
        text = file_text(events, &n);
        size_t k = 0;
        for (char *line = strtok_r(text, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save), k++)
            if (k >= t->n || strcmp(line, t->json[k]) != 0)
                fail_msg("%s, event %zu:\n  got  %s\n  want %s", all[i].name, k, k < t->n ? t->json[k] : "none", line);
        assert_int_equal(k, t->n);
        free(text);
        taken_free(t);
    }
}

/* ---- rows ---- */
static struct taken *
map_text(const char *mapping, const void *bytes, size_t n)
{
    char *path = taken_file(bytes, n), *map_path = taken_file(mapping, strlen(mapping));
    struct taken *t = map_file(map_path, path);
    unlink(path);
    unlink(map_path);
    free(path);
    free(map_path);
    return t;
}

static struct taken *
map_rows(const char *mapping, const char *text)
{
    return map_text(mapping, text, strlen(text));
}

#define NOW "2026-03-01T10:00:00Z"
#define WHO "\"ids\":{\"member\":\"m\"}"

/* one cell, one value: what it becomes, or what is said of it */
static void
cells(void **state)
{
    static const struct { const char *value, *cell, *path, *json, *told; } rows[] = {
        { "\"value\":{\"amount\":\"x\",\"currency\":{\"const\":\"CNY\"}}", "12.50", "value/amount_minor", "1250", NULL },
        { "\"value\":{\"amount\":\"x\",\"currency\":{\"const\":\"CNY\"}}", "¥ 1,234.5", "value/amount_minor", "123450", NULL },
        { "\"value\":{\"amount\":\"x\",\"currency\":{\"const\":\"CNY\"}}", "1234567 元", "value/amount_minor", "123456700", NULL },
        { "\"value\":{\"amount\":\"x\",\"currency\":{\"const\":\"CNY\"}}", "-3", "value/amount_minor", "-300", NULL },
        { "\"value\":{\"amount\":\"x\",\"currency\":{\"const\":\"USD\"}}", "(3.10)", "value/amount_minor", "-310", NULL },
        { "\"value\":{\"amount\":\"x\",\"currency\":{\"const\":\"USD\"}}", "3.10-", "value/amount_minor", "-310", NULL },
        { "\"value\":{\"amount\":\"x\",\"currency\":{\"const\":\"JPY\"}}", "1,000", "value/amount_minor", "1000", NULL },
        { "\"value\":{\"amount\":\"x\",\"currency\":{\"const\":\"KWD\"}}", "1.234", "value/amount_minor", "1234", NULL },
        { "\"value\":{\"amount\":\"x\",\"currency\":{\"const\":\"CNY\"}}", "1.2340", "value/amount_minor", NULL, "more digits" },
        { "\"value\":{\"amount\":\"x\",\"currency\":{\"const\":\"CNY\"}}", "1.2300", "value/amount_minor", "123", NULL },
        { "\"value\":{\"amount\":\"x\",\"currency\":{\"const\":\"CNY\"}}", "12,50", "value/amount_minor", NULL, "decimal" },
        { "\"value\":{\"amount\":\"x\",\"currency\":{\"const\":\"CNY\"}}", "1,23,4", "value/amount_minor", NULL, "no number" },
        { "\"value\":{\"amount\":\"x\",\"currency\":{\"const\":\"CNY\"}}", "99999999999999999999", "value/amount_minor", NULL, "too large" },
        { "\"value\":{\"amount\":\"x\",\"currency\":{\"const\":\"yuan\"}}", "1", "value/amount_minor", NULL, "three letters" },
        { "\"decimal\":\",\",\"value\":{\"amount\":\"x\",\"currency\":{\"const\":\"EUR\"}}", "1.234,50 €", "value/amount_minor", "123450", NULL },
        { "\"decimal\":\",\",\"value\":{\"amount\":\"x\",\"currency\":{\"const\":\"EUR\"}}", "EUR 1 234,5", "value/amount_minor", "123450", NULL },
        { "\"fields\":{\"wait_ms\":{\"column\":\"x\",\"unit\":\"s\"}," , "12.5", "wait_ms", "12500", NULL },
        { "\"fields\":{\"wait_ms\":{\"column\":\"x\",\"unit\":\"min\"},", "1.5", "wait_ms", "90000", NULL },
        { "\"fields\":{\"wait_ms\":{\"column\":\"x\",\"unit\":\"clock\"},", "01:02:03", "wait_ms", "3723000", NULL },
        { "\"fields\":{\"wait_ms\":{\"column\":\"x\",\"unit\":\"clock\"},", "2:03.25", "wait_ms", "123250", NULL },
        { "\"fields\":{\"wait_ms\":{\"column\":\"x\",\"unit\":\"clock\"},", "1:99", "wait_ms", NULL, "clock" },
        { "\"fields\":{\"wait_ms\":{\"column\":\"x\",\"unit\":\"s\"},", "-1", "wait_ms", NULL, "below 0" },
        { "\"fields\":{\"wait_ms\":{\"from\":\"at\",\"to\":\"x\"},", "2026-03-01T10:01:00Z", "wait_ms", "60000", NULL },
        { "\"fields\":{\"wait_ms\":{\"from\":\"at\",\"to\":\"x\"},", "2026-03-01T09:59:00Z", "wait_ms", NULL, "before" },
        { "\"fields\":{\"wait_ms\":{\"from\":\"at\",\"to\":\"x\"},", "", "wait_ms", NULL, NULL },
        { "\"fields\":{\"wait_ms\":{\"column\":\"x\",\"minus\":{\"const\":\"10\"}},", "25", "wait_ms", "15", NULL },
        { "\"fields\":{\"outcome\":{\"column\":\"x\",\"dictionary\":{\"yes\":\"ok\"},\"default\":\"fail\"},", "yes", "outcome", "\"ok\"", NULL },
        { "\"fields\":{\"outcome\":{\"column\":\"x\",\"dictionary\":{\"yes\":\"ok\"},\"default\":\"fail\"},", "what", "outcome", "\"fail\"", NULL },
        { "\"fields\":{\"outcome\":{\"column\":\"x\",\"dictionary\":{\"yes\":\"ok\"}},", "what", "outcome", NULL, "none of the words" },
        { "\"fields\":{\"outcome\":{\"column\":\"x\",\"filled\":\"ok\",\"or\":{\"const\":\"abandoned\"}},", "", "outcome", "\"abandoned\"", NULL },
        { "\"fields\":{\"scores.nps\":\"x\",", "9", "scores/nps", "9", NULL },
        { "\"decimal\":\",\",\"fields\":{\"scores.csat5\":\"x\",", "4,5", "scores/csat5", "4.5", NULL },
        { "\"fields\":{\"case\":{\"columns\":[\"x\",\"m\"],\"join\":\"/\"},", "17", "case", "\"17/M1\"", NULL },
        { "\"fields\":{\"case\":{\"column\":\"x\",\"prefix\":\"zd-\"},", "17", "case", "\"zd-17\"", NULL },
        { "\"promise\":{\"what\":{\"const\":\"p\"},\"due\":\"x\"}", "2026-03-02", "promise/due", "\"2026-03-02T00:00:00.000+00:00\"", NULL },
        { "\"promise\":{\"what\":{\"const\":\"p\"},\"kept\":\"x\"}", "true", "promise/kept", "true", NULL },
        { "\"promise\":{\"what\":{\"const\":\"p\"},\"kept\":\"x\"}", "maybe", "promise/kept", NULL, "true or false" },
        { "\"props\":{\"a\":\"x\"}", "007", "props/a", "\"007\"", NULL },
        { "\"props\":{\"a\":\"x\"}", "7", "props/a", "7", NULL },
        { "\"text\":[\"x\"],\"props\":[\"x\"]", "7", "props/x", "\"7\"", NULL },
        { "\"props\":[]", "7", "props", NULL, NULL },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char mapping[800], table[300];
        bool in_fields = strstr(rows[i].value, "\"fields\":{") != NULL;
        snprintf(mapping, sizeof mapping, in_fields ? "{%s\"type\":\"t\",\"time\":\"at\"}," WHO "}" : "{%s,\"fields\":{\"type\":\"t\",\"time\":\"at\"}," WHO "}", rows[i].value);
        snprintf(table, sizeof table, "t,at,m,x\nseen," NOW ",M1,\"%s\"\n", rows[i].cell);
        struct taken *t = map_rows(mapping, table);
        if (t->rc != 0 || t->n != (rows[i].told == NULL) || (rows[i].told != NULL && (t->bad_n != 1 || strstr(t->bad[0], rows[i].told) == NULL)))
            fail_msg("%s of \"%s\": %d %s, %zu events, %s", rows[i].value, rows[i].cell, t->rc, t->err.text, t->n, t->bad_n > 0 ? t->bad[0] : "nothing told");
        if (rows[i].told == NULL)
            taken_is(t, 0, rows[i].path, rows[i].json);
        taken_all_valid(t);
        taken_free(t);
    }
}

#define CALLS "{\"columns\":[\"at\",\"call\",\"who\",\"e\"],\"delimiter\":\"|\",\"quotes\":false,\"group\":{\"by\":[\"call\"],\"apart\":3,\"rows\":{\"in\":{\"column\":\"e\",\"in\":[\"IN\"]},\"up\":{\"column\":\"e\",\"in\":[\"UP\"]}," \
              "\"out\":{\"column\":\"e\",\"in\":[\"OUT\"]}},\"end\":{\"column\":\"e\",\"in\":[\"OUT\"]}},\"set\":{\"type\":\"call\"},\"fields\":{\"time\":{\"column\":\"at\",\"row\":\"in\",\"or\":\"at\"}," \
              "\"wait_ms\":{\"from\":{\"column\":\"at\",\"row\":\"in\"},\"to\":{\"column\":\"at\",\"row\":\"up\"}},\"handle_ms\":{\"from\":{\"column\":\"at\",\"row\":\"up\"},\"to\":{\"column\":\"at\",\"row\":\"out\"}}}," \
              "\"ids\":{\"phone\":\"who\",\"call\":\"call\"}}"

static void
starts_and_ends_pair(void **state)
{
    (void)state;
    struct taken *t = map_rows(CALLS, "1772359200|a|+1|IN\n1772359201|b|+2|IN\n1772359203|a||UP\n1772359209|b||OUT\n1772359213|a||OUT\n1772359300|a|+9|IN\n");
    assert_int_equal(t->rc, 0);
    assert_int_equal(t->n, 3);
    taken_is(t, 0, "ids/phone", "\"+2\"");
    taken_is(t, 0, "wait_ms", NULL);
    taken_is(t, 1, "wait_ms", "3000");
    taken_is(t, 1, "handle_ms", "10000");
    assert_int_equal(t->line[1], 1);
    taken_is(t, 2, "ids/phone", "\"+9\"");      /* an ended name may be used again */
    taken_all_valid(t);
    taken_free(t);
}

/* rows of a group that was closed for their being far apart are told, not made a second event */
static void
rows_too_far_apart_are_told(void **state)
{
    (void)state;
    struct taken *t = map_rows(CALLS, "1772359200|a|+1|IN\n1772359201|b|+2|IN\n1772359202|c|+3|IN\n1772359203|d|+4|IN\n1772359204|e|+5|IN\n1772359205|a||UP\n");
    assert_int_equal(t->rc, 0);
    assert_int_equal(t->n, 5);
    assert_int_equal(t->bad_n, 1);
    assert_int_equal(t->bad_line[0], 6);
    assert_non_null(strstr(t->bad[0], "apart"));
    taken_free(t);
}

static void
a_longer_file_begins_with_the_same_events(void **state)
{
    char rows[40][64], text[2][4096] = { "", "" };
    (void)state;
    for (int i = 0; i < 40; i++) {
        snprintf(rows[i], sizeof rows[i], "%d|c%d|+%d|%s\n", 1772359200 + i / 2, i % 7 + i / 20 * 7, i % 7, i % 5 == 4 ? "OUT" : i % 3 ? "UP" : "IN");
        strcat(text[1], rows[i]);
        if (i < 25)
            strcat(text[0], rows[i]);
    }
    struct taken *a = map_rows(CALLS, text[0]), *b = map_rows(CALLS, text[1]);
    assert_true(a->n > 3 && b->n > a->n);
    for (size_t i = 0; i + 8 < a->n; i++)       /* what only the end of the shorter one closed comes elsewhere */
        assert_string_equal(a->json[i], b->json[i]);
    for (size_t i = 0; i < b->n; i++)
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(b->json[i], b->json[k]);
    taken_free(a);
    taken_free(b);
}

static void
order_within_a_second_is_kept(void **state)
{
    (void)state;
    struct taken *t = map_rows("{\"fields\":{\"type\":\"t\",\"time\":\"at\"}," WHO "}", "t,at,m\na," NOW ",M1\nb," NOW ",M1\nc," NOW ",M2\nd," NOW ",M1\n");
    assert_int_equal(t->n, 4);
    taken_is(t, 0, "seq", "0");
    taken_is(t, 1, "seq", "1");
    taken_is(t, 2, "seq", NULL);
    taken_is(t, 3, "seq", NULL);
    taken_all_valid(t);
    taken_free(t);
}

/* ids: by key alone, or by content and how often; never by the file */
static void
ids_come_from_rows(void **state)
{
    static const char by_key[] = "{\"key\":[\"k\"],\"fields\":{\"type\":\"t\",\"time\":\"at\"}," WHO "}", by_content[] = "{\"fields\":{\"type\":\"t\",\"time\":\"at\"}," WHO "}";
    static const char table[] = "t,at,m,k\na," NOW ",M1,1\na," NOW ",M1,1\na," NOW ",M1,2\n";
    char id[6][64];
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct taken *t = map_rows(i == 0 ? by_key : by_content, table);
        assert_int_equal(t->n, 3);
        for (size_t k = 0; k < 3; k++) {
            const struct tl_jv *v = taken_at(t, k, "id");
            snprintf(id[i * 3 + (int)k], 64, "%.*s", (int)v->text.n, v->text.p);
        }
        taken_free(t);
    }
    assert_string_equal(id[0], id[1]);
    assert_string_not_equal(id[0], id[2]);
    assert_string_not_equal(id[3], id[4]);
}

/* ---- encodings ---- */
static void
encodings(void **state)
{
    static const char gb[] = "t,at,m,\xce\xcf\xb5\xea\n\xcf\xc2\xb5\xa5," NOW ",M1,\xc9\xcf\xba\xa3\n";      /* GBK: 蜗店? 下单, 上海 */
    static const char map[] = "{\"encoding\":\"GBK\",\"fields\":{\"type\":\"t\",\"time\":\"at\"}," WHO "}", plain[] = "{\"fields\":{\"type\":\"t\",\"time\":\"at\"}," WHO "}";
    (void)state;
    struct taken *t = map_text(map, gb, sizeof gb - 1);
    assert_int_equal(t->n, 1);
    taken_is(t, 0, "type", "\"下单\"");
    taken_free(t);
    t = map_text(plain, gb, sizeof gb - 1);
    assert_int_equal(t->rc, TL_EINVAL);
    assert_non_null(strstr(t->err.text, "GB18030"));
    taken_free(t);
    static const char broken[] = "t,at,m\n\xcf\xc2\xb5," NOW ",M1\nok," NOW ",M1\n";
    t = map_text(map, broken, sizeof broken - 1);
    assert_int_equal(t->rc, 0);
    assert_int_equal(t->n + t->bad_n, 2);
    taken_is(t, t->n - 1, "type", "\"ok\"");
    taken_free(t);
    static const char utf16[] = "\xff\xfet\0,\0a\0t\0,\0m\0\n\0x\0,\0001\0007\0007\0002\0003\0005\0009\0002\0000\0000\0,\0M\0\n\0";
    t = map_text("{\"encoding\":\"UTF-16\",\"fields\":{\"type\":\"t\",\"time\":\"at\"}," WHO "}", utf16, sizeof utf16 - 1);
    assert_int_equal(t->rc, 0);
    assert_int_equal(t->n, 1);
    taken_is(t, 0, "time", "1772359200000");
    taken_free(t);
}

/* characters that end in the bytes of delimiters and quotes, across the edges of every buffer */
static void
large_gb18030_file(void **state)
{
    static const char map[] = "{\"encoding\":\"GB18030\",\"delimiter\":\"|\",\"fields\":{\"type\":\"t\",\"time\":\"at\"}," WHO "}";
    struct tl_buf b = {0};
    (void)state;
    tl_buf_put_str(&b, "t|at|m|note\n");
    for (int i = 0; i < 3000; i++) {
        tl_buf_printf(&b, "e%d|" NOW "|M1|", i);
        for (int k = 0; k < i % 97 + 100; k++)
            tl_buf_put_str(&b, k % 2 ? "\x81\x7c" : "\x81\x30\x81\x30");     /* 亅... whose second byte is a |, and a four-byte one */
        tl_buf_put_str(&b, "\n");
    }
    struct taken *t = map_text(map, b.data, b.len);
    assert_int_equal(t->rc, 0);
    assert_int_equal(t->n, 3000);
    assert_int_equal(t->bad_n, 0);
    taken_free(t);
    tl_buf_free(&b);
}

/* ---- hostile files ---- */
static void
hostile_tables(void **state)
{
    static const char map[] = "{\"fields\":{\"type\":\"t\",\"time\":\"at\"}," WHO ",\"props\":[\"x\"],\"optional\":[\"x\"]}";
    static const struct { const char *text; size_t n, events, bad; } files[] = {
#define TEXT(s) s, sizeof s - 1
        { TEXT("t,at,m,x\na," NOW ",M1,\"open\nb," NOW ",M1,y\n"), 1, 1 },
        { TEXT("t,at,m,x\na," NOW ",M1,\"x\"y\nb," NOW ",M1,y\n"), 1, 1 },
        { TEXT("\xef\xbb\xbft,at,m\r\n\"a \"\"q\"\"\"," NOW ",M1\r\n"), 1, 0 },
        { TEXT("t,at,m,x\na," NOW ",M1\nb," NOW ",M1,y,,\nc," NOW ",M1,y,z\n"), 1, 2 },
        { TEXT("t,at,m,x\na," NOW ",M1,\0\nb," NOW ",M1,y\n"), 1, 1 },
        { TEXT("t,at,m,x\n\xff," NOW ",M1,z\nb," NOW ",M1,y\n"), 1, 1 },
        { TEXT("t,at,m,x\n," NOW ",M1,z\nb,,M1,y\nc," NOW ",,y\n"), 0, 3 },
#undef TEXT
    };
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct taken *t = map_text(map, files[i].text, files[i].n);
        if (t->rc != 0 || t->n != files[i].events || t->bad_n != files[i].bad)
            fail_msg("file %zu: %d %s, %zu events, %zu bad %s", i, t->rc, t->err.text, t->n, t->bad_n, t->bad_n ? t->bad[0] : "");
        taken_all_valid(t);
        taken_free(t);
    }
}

static void
one_line_of_many_megabytes(void **state)
{
    static const char map[] = "{\"fields\":{\"type\":\"t\",\"time\":\"at\"}," WHO "}";
    struct tl_buf b = {0};
    (void)state;
    tl_buf_put_str(&b, "t,at,m\n");
    for (int i = 0; i < 5 * 1024 * 1024 / 16; i++)
        tl_buf_put_str(&b, "0123456789abcdef");
    tl_buf_put_str(&b, "\nok," NOW ",M1\n");
    struct taken *t = map_text(map, b.data, b.len);
    assert_int_equal(t->rc, 0);
    assert_int_equal(t->n, 1);
    assert_int_equal(t->bad_n, 1);              /* once, however many windows it fills */
    assert_int_equal(t->line[0], 3);
    taken_free(t);
    tl_buf_free(&b);
}

static void
whole_files_that_cannot_be_read(void **state)
{
    static const struct { const char *map, *text, *told; } files[] = {
        { "{\"fields\":{\"type\":\"t\",\"time\":\"at\"}," WHO "}", "t,when,m\n", "no column \"at\"" },
        { "{\"fields\":{\"type\":\"t\",\"time\":\"at\"}," WHO "}", "", "empty" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct taken *t = map_rows(files[i].map, files[i].text);
        if (t->rc == 0 || strstr(t->err.text, files[i].told) == NULL)
            fail_msg("%d %s", t->rc, t->err.text);
        taken_free(t);
    }
}

static void
xes_by_mapping(void **state)
{
    static const char map[] = "{\"format\":\"xes\",\"set\":{\"channel\":\"phone\"},\"fields\":{\"type\":\"concept:name\",\"time\":\"time:timestamp\",\"agent\":\"org:resource\",\"case\":\"case:concept:name\"},"
                              "\"ids\":{\"member\":\"case:customer\"},\"props\":{\"cost\":\"cost\"}}";
    (void)state;
    struct taken *t = map_rows(map, "<log><trace><string key=\"concept:name\" value=\"17\"/><string key=\"customer\" value=\"M9\"/><event><string key=\"concept:name\" value=\"ask\"/>"
                                    "<date key=\"time:timestamp\" value=\"2026-03-01T10:00:00Z\"/><string key=\"org:resource\" value=\"Ann\"/><float key=\"cost\" value=\"1.5\"/></event></trace></log>");
    assert_int_equal(t->rc, 0);
    assert_int_equal(t->n, 1);
    taken_is(t, 0, "ids/member", "\"M9\"");
    taken_is(t, 0, "case", "\"17\"");
    taken_is(t, 0, "channel", "\"phone\"");
    taken_is(t, 0, "props/cost", "1.5");
    taken_free(t);
}

static void
memory_failing_anywhere_is_an_error(void **state)
{
    (void)state;
    char *map_path = taken_file(CALLS, sizeof CALLS - 1), *path = taken_file("1772359200|a|+1|IN\n1772359203|a||OUT\n", 38);
    for (uint64_t k = 1; k < 400; k++) {
        tl_alloc_fail_at(k, true);
        struct taken *t = map_file(map_path, path);
        tl_alloc_fail_at(0, false);
        bool good = t->rc == 0 && t->n == 1;
        if (t->rc == 0 && t->n != 1 && t->bad_n == 0)
            fail_msg("allocation %llu: nothing said, %zu events", (unsigned long long)k, t->n);
        taken_free(t);
        if (good)
            break;
    }
    unlink(map_path);
    unlink(path);
    free(map_path);
    free(path);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_take), cmocka_unit_test(both_refuse), cmocka_unit_test(mistakes_name_their_line), cmocka_unit_test(shipped_examples_become_their_events), cmocka_unit_test(cells),
        cmocka_unit_test(starts_and_ends_pair), cmocka_unit_test(rows_too_far_apart_are_told), cmocka_unit_test(a_longer_file_begins_with_the_same_events),
        cmocka_unit_test(order_within_a_second_is_kept), cmocka_unit_test(ids_come_from_rows), cmocka_unit_test(encodings), cmocka_unit_test(large_gb18030_file), cmocka_unit_test(hostile_tables),
        cmocka_unit_test(one_line_of_many_megabytes), cmocka_unit_test(whole_files_that_cannot_be_read), cmocka_unit_test(xes_by_mapping), cmocka_unit_test(memory_failing_anywhere_is_an_error),
    };
    size_t n;
    tl_hash_init();
    tree_arena = tl_arena_new(64u << 20);
    char *schema = file_text(SCHEMA, &n);
    schema_root = tree(schema);
    if (schema_root == NULL)
        return 1;
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    tl_arena_free(&tree_arena);
    free(schema);
    return rc;
}
