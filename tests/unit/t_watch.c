/* t_watch.c - what a watched folder remembers: contents by hash, beginnings of longer versions, progress, names; and which folders are watched. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../../collector/watch_in.h"
#include "tl_hash.h"

#define BLOCK 65536

static char dir[64];
static atomic_bool stopping;

static void
path_of(char out[PATH_MAX], const char *name)
{
    snprintf(out, PATH_MAX, "%s/%s", dir, name);
}

static void
put_file(const char *name, const void *bytes, size_t n)
{
    char path[PATH_MAX];
    path_of(path, name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    fclose(f);
}

static struct watch_content
content_of(const struct watch_register *r, const void *bytes, size_t n, const struct watch_known *prefix_of, bool *is_prefix)
{
    char path[PATH_MAX];
    struct watch_content c;
    struct tl_err err = {0};
    put_file("content", bytes, n);
    path_of(path, "content");
    int fd = open(path, O_RDONLY);
    assert_int_equal(watch_content_read(r, fd, prefix_of, is_prefix, &c, &stopping, &err), 0);
    close(fd);
    return c;
}

static struct watch_known
known_of(const struct watch_content *c, uint64_t items)
{
    struct watch_known k = { .size = c->size, .items = items };
    memcpy(k.hash, c->hash, 16);
    return k;
}

/* sizes round the edges of blocks; every one is found as itself, and as the beginning of every longer one */
static void
contents_and_beginnings(void **state)
{
    static const size_t sizes[] = { 1, 100, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 2 * BLOCK + 77, 5 * BLOCK };
    enum { N = sizeof sizes / sizeof *sizes };
    struct watch_register r = {0};
    struct tl_err err = {0};
    uint8_t *bytes = malloc(6 * BLOCK);
    char name[256], when[40];
    (void)state;
    for (size_t i = 0; i < 6 * BLOCK; i++)
        bytes[i] = (uint8_t)(tl_mix64(i) >> 7);
    assert_int_equal(watch_register_open(&r, dir, &err), 0);
    for (size_t i = 0; i < N; i++) {
        struct watch_content c = content_of(&r, bytes, sizes[i], NULL, NULL);
        assert_null(c.same);
        assert_int_equal(c.size, sizes[i]);
        if (i > 0)
            assert_int_equal(c.prefix->size, sizes[i - 1]);
        struct watch_known k = known_of(&c, i);
        snprintf(name, sizeof name, "day \"%zu\".csv", i);
        assert_int_equal(watch_register_add(&r, &k, name, &err), 0);
    }
    watch_register_close(&r);
    assert_int_equal(watch_register_open(&r, dir, &err), 0);       /* as after a restart */
    for (size_t i = 0; i < N; i++) {
        struct watch_content c = content_of(&r, bytes, sizes[i], NULL, NULL);
        assert_non_null(c.same);
        assert_int_equal(c.same->items, i);
        watch_register_name(&r, c.same, name, when);
        assert_int_equal(strncmp(name, "day \"", 5), 0);
        assert_int_equal(name[5] - '0', i);
        assert_int_equal(strlen(when), 24);
    }
    struct watch_content longer = content_of(&r, bytes, 6 * BLOCK, NULL, NULL);
    assert_int_equal(longer.prefix->size, 5 * BLOCK);
    bytes[3] ^= 1;
    struct watch_content other = content_of(&r, bytes, 6 * BLOCK, NULL, NULL);
    assert_int_equal(other.prefix->size, 1);
    assert_null(other.same);
    watch_register_close(&r);
    free(bytes);
}

static void
torn_registers_are_read(void **state)
{
    char path[PATH_MAX];
    struct watch_register r = {0};
    struct watch_known k = { .size = 5, .items = 2 };
    struct tl_err err = {0};
    (void)state;
    path_of(path, "taken");
    unlink(path);
    static const char torn[] = "{\"hash\":\"00112233445566778899aabbccddeeff\",\"mapping\":\"00112233445566778899aabbccddeeff\",\"size\":9,\"items\":1}\nrubbish\n{\"hash\":\"0011";
    put_file("taken", torn, sizeof torn - 1);
    assert_int_equal(watch_register_open(&r, dir, &err), 0);
    assert_int_equal(r.known_n, 1);
    assert_int_equal(r.known[0].size, 9);
    assert_int_equal(watch_register_add(&r, &k, "x", &err), 0);    /* behind the torn line, not in it */
    watch_register_close(&r);
    assert_int_equal(watch_register_open(&r, dir, &err), 0);
    assert_int_equal(r.known_n, 2);
    assert_int_equal(r.known[1].size, 5);
    watch_register_close(&r);
    unlink(path);
}

static void
progress_is_of_one_content(void **state)
{
    struct watch_register r = {0};
    struct watch_progress p = { .before = 7 }, q;
    struct tl_err err = {0};
    bool is_prefix;
    (void)state;
    assert_int_equal(watch_register_open(&r, dir, &err), 0);
    assert_false(watch_progress_load(dir, &q));
    struct watch_content c = content_of(&r, "abcdef", 6, NULL, NULL);
    p.content = known_of(&c, 1234);
    assert_int_equal(watch_progress_save(dir, &p), 0);
    assert_true(watch_progress_load(dir, &q));
    assert_int_equal(q.content.items, 1234);
    assert_int_equal(q.before, 7);
    content_of(&r, "abcdef", 6, &q.content, &is_prefix);
    assert_true(is_prefix);
    content_of(&r, "abcdefgh", 8, &q.content, &is_prefix);
    assert_true(is_prefix);
    content_of(&r, "abcdeX", 6, &q.content, &is_prefix);
    assert_false(is_prefix);
    content_of(&r, "abc", 3, &q.content, &is_prefix);
    assert_false(is_prefix);
    watch_progress_clear(dir);
    assert_false(watch_progress_load(dir, &q));
    watch_register_close(&r);
}

static void
names_are_free(void **state)
{
    char out[300], path[PATH_MAX];
    (void)state;
    path_of(path, "done");
    assert_int_equal(mkdir(path, 0700), 0);
    watch_free_name(dir, "done", "x.csv", out);
    assert_string_equal(out, "done/x.csv");
    put_file("done/x.csv", "1", 1);
    put_file("done/x.csv.2.report.json", "{}", 2);       /* a report without its file is somebody's, too */
    watch_free_name(dir, "done", "x.csv", out);
    assert_string_equal(out, "done/x.csv.3");
}

/* ---- which folders ---- */
static int
args(struct watch_list *l, struct tl_err *err, int n, const char *const *word)
{
    char *argv[16] = { (char *)(uintptr_t)"touchline-collector" };
    int argc = 1;
    for (int i = 0; i < n; i++)
        argv[argc++] = (char *)(uintptr_t)word[i];
    *l = (struct watch_list){0};
    int rc = watch_list_args(l, &argc, argv, err);
    return rc != 0 ? rc : argc;
}

static void
folders_by_arguments(void **state)
{
    struct watch_list l;
    struct tl_err err = {0};
    char map[PATH_MAX];
    static const char *const one[] = { "--data", "d", "--watch", "in/", "--map=x.json", "-n" }, *const lonely[] = { "--map", "x.json" }, *const twice[] = { "--watch", "a", "--map", "m", "--map", "n" };
    (void)state;
    assert_int_equal(args(&l, &err, 6, one), 4);
    assert_int_equal(l.n, 1);
    assert_string_equal(l.at[0].map, "x.json");
    assert_int_equal(args(&l, &err, 2, lonely), TL_ECONFIG);
    assert_int_equal(args(&l, &err, 6, twice), TL_ECONFIG);
    static const char mapping[] = "{\"fields\":{\"type\":\"t\",\"time\":\"at\"},\"ids\":{\"member\":\"m\"}}";
    put_file("x.json", mapping, sizeof mapping - 1);
    path_of(map, "x.json");
    const char *const good[] = { "--watch", "in/", "--map", map, "--watch", "calls" };
    assert_int_equal(args(&l, &err, 6, good), 1);
    assert_int_equal(watch_list_check(&l, 3, &err), 0);
    assert_string_equal(l.at[0].dir, "in");
    assert_string_equal(l.at[0].name, "x");
    assert_string_equal(l.at[1].name, "calls");
    assert_int_equal(l.at[0].settle_s, 3);
    const char *const same[] = { "--watch", "a", "--map", map, "--watch", "b", "--map", map };
    args(&l, &err, 8, same);
    assert_int_equal(watch_list_check(&l, 3, &err), TL_ECONFIG);
    assert_non_null(strstr(err.text, "name"));
}

static void
folders_by_file(void **state)
{
    static const struct { const char *text, *told; } files[] = {
        { "{\"watch\":[{\"dir\":\"/in\",\"map\":\"x.json\",\"name\":\"tills\",\"settle_s\":0}]}", NULL },
        { "{\"watch\":[]}", NULL },
        { "{\"watch\":[{\"map\":\"x.json\"}]}", "names no \"dir\"" },
        { "{\"watch\":[{\"dir\":\"/in\",\n\"maps\":\"x.json\"}]}", ":2: \"maps\" is not allowed here; allowed: dir" },
        { "{\"watch\":[{\"dir\":\"/in\",\"settle_s\":-1}]}", "0 to 3600" },
        { "{\"watch\":[{\"dir\":5}]}", "no text" },
        { "{\"watch\":[5]}", "list of objects" },
        { "{\"folders\":[]}", "must be" },
        { "[", "list.json" },
    };
    char path[PATH_MAX], map[PATH_MAX];
    (void)state;
    path_of(path, "list.json");
    path_of(map, "x.json");
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct watch_list l = {0};
        struct tl_err err = {0};
        put_file("list.json", files[i].text, strlen(files[i].text));
        int rc = watch_list_file(&l, path, &err);
        if ((rc == 0) != (files[i].told == NULL) || (rc != 0 && (rc != TL_ECONFIG || strstr(err.text, files[i].told) == NULL)))
            fail_msg("%s: %d %s", files[i].text, rc, err.text);
        if (i == 0) {
            assert_string_equal(l.at[0].map, map);           /* beside the list */
            assert_string_equal(l.at[0].name, "tills");
        }
    }
    struct watch_list l = {0};
    struct tl_err err = {0};
    assert_int_equal(watch_list_file(&l, "/nowhere/list.json", &err), TL_ENOTFOUND);
}

/* a report says what happened in both languages, and lists no more rows than it may */
static void
reports(void **state)
{
    struct watch_dir d = { .name = "tills", .map = "pos.json" };
    struct watch_report r = { .result = "done", .file = "a \"b\".csv", .moved_to = "done/a \"b\".csv", .rows = 1500, .events = 300, .not_understood = 1200, .faults_n = 2 };
    struct watch_fault fault[2] = { { .row = 7, .column = "at", .why = "\"x\" is no time" }, { .row = 8, .quarantined = true, .why = "time_range" } };
    struct tl_arena *a = tl_arena_new(1 << 20);
    struct tl_jv *root = NULL;
    struct tl_json_fault jf;
    struct tl_buf b = {0};
    (void)state;
    r.fault = fault;
    watch_report_json(&r, &d, &b);
    assert_int_equal(tl_json_tree(a, (struct tl_str){ (const char *)b.data, b.len }, 0, &root, &jf, NULL), 0);
    assert_true(tl_str_is(tl_jv_text(root, "moved_to"), "done/a \"b\".csv"));
    assert_true(tl_str_is(tl_jv_text(root, "origin"), "import:watch:tills"));
    assert_int_equal(tl_jv_int(root, "faults_not_listed", -1), 1198);
    assert_int_equal(tl_jv_int(tl_jv_get(root, "faults")->child, "row", -1), 7);
    assert_non_null(strstr((const char *)b.data, "1500 行"));
    assert_non_null(strstr((const char *)b.data, "1500 rows, 300 events, 1200 quarantined"));
    tl_buf_free(&b);
    tl_arena_free(&a);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(contents_and_beginnings), cmocka_unit_test(torn_registers_are_read), cmocka_unit_test(progress_is_of_one_content), cmocka_unit_test(names_are_free),
        cmocka_unit_test(folders_by_arguments), cmocka_unit_test(folders_by_file), cmocka_unit_test(reports),
    };
    char clean[100];
    tl_hash_init();
    snprintf(dir, sizeof dir, "/tmp/t_watch.%d", (int)getpid());
    mkdir(dir, 0700);
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    snprintf(clean, sizeof clean, "rm -rf %s", dir);
    return system(clean) != 0 || rc;
}
