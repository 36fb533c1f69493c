/* t_import_ndjson.c - native events in a file: taken as they are, given ids when they have none, refused with their line. */
#include "taken.h"

static struct taken *
read_text(const char *text)
{
    struct taken *t = calloc(1, sizeof *t);
    char *path = taken_file(text, strlen(text));
    struct tl_import_sink sink = taken_sink(t);
    t->src = (struct tl_import_source){ .path = path, .run = "nd" };
    t->rc = tl_import_ndjson(&t->src, &sink, &t->err);
    unlink(path);
    free(path);
    return t;
}

#define GOOD "{\"type\":\"a\",\"ids\":{\"member\":\"M1\"}}"

static void
lines_go_on_as_they_are(void **state)
{
    (void)state;
    const char *with_id = "{\"id\":\"x1\", \"type\":\"a\",  \"ids\":{\"member\":\"M1\"}, \"more\":[1e400]}";
    char text[512];
    snprintf(text, sizeof text, "\n  %s \r\n\n%s", with_id, GOOD);
    struct taken *t = read_text(text);
    assert_int_equal(t->rc, 0);
    assert_int_equal(t->n, 2);
    assert_string_equal(t->json[0], with_id);
    assert_int_equal(t->line[0], 2);
    assert_int_equal(t->line[1], 4);
    assert_string_equal(t->json[1] + 6 + 32 + 2, ",\"type\":\"a\",\"ids\":{\"member\":\"M1\"}}");
    taken_all_valid(t);
    taken_free(t);
}

static void
bad_lines_do_not_take_neighbours(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "{\"type\":\"a\",\"ids\":{\"member\":\"M1\"}", "{\"type\":\"a\"}", "{\"ids\":{\"member\":\"M1\"}}", "nul", "[]", "{\"type\":\"a\",\"ids\":{\"member\":\"M1\"},\"seq\":1.2.3}",
        "{\"type\":\"a\",\"type\":\"b\",\"ids\":{\"member\":\"M1\"}}", "{\"type\":\"\xc3\x28\",\"ids\":{\"member\":\"M1\"}}", "{\"type\":\"a\",\"ids\":{\"member\":\"null\"}}",
        "{\"type\":\"a\",\"ids\":{\"member\":\"M1\"},\"channel\":\"pigeon\"}", "{\"type\":\"a\",\"ids\":{\"member\":\"M1\"},\"origin\":\"me\"}", "{}",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char text[512];
        snprintf(text, sizeof text, "%s\n%s\n%s\n", GOOD, bad[i], GOOD);
        struct taken *t = read_text(text);
        if (t->rc != 0 || t->n != 2 || t->bad_n != 1 || t->bad_line[0] != 2)
            fail_msg("%s: rc %d, %zu taken, %zu bad", bad[i], t->rc, t->n, t->bad_n);
        taken_free(t);
    }
}

static void
equal_lines_get_ids_of_their_own(void **state)
{
    (void)state;
    struct taken *a = read_text(GOOD "\n" GOOD "\n"), *b = read_text(GOOD "\n" GOOD "\n" GOOD "\n");
    assert_int_equal(b->n, 3);
    assert_string_equal(a->json[0], b->json[0]);
    assert_string_equal(a->json[1], b->json[1]);
    assert_string_not_equal(b->json[0], b->json[1]);
    assert_string_not_equal(b->json[1], b->json[2]);
    taken_all_valid(b);
    taken_free(a);
    taken_free(b);
}

static void
long_lines_are_told(void **state)
{
    (void)state;
    size_t n = 3 * 1024 * 1024;
    char *text = malloc(n + 200);
    memset(text, 'x', n);
    snprintf(text + n, 200, "\n%s\n", GOOD);
    struct taken *t = read_text(text);
    assert_int_equal(t->rc, 0);
    assert_int_equal(t->n, 1);
    assert_true(t->bad_n >= 1);
    taken_free(t);
    free(text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_go_on_as_they_are), cmocka_unit_test(bad_lines_do_not_take_neighbours), cmocka_unit_test(equal_lines_get_ids_of_their_own),
        cmocka_unit_test(long_lines_are_told),
    };
    tl_hash_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
