/* t_keys.c - files of keys: what is read and what is refused, line by line; every call and allocation of writing and reading fails once, and then the old
 * file holds whole, the failure names it, and the next try succeeds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "folder_kit.h"
#include "nth_kit.h"
#include "tl_bus.h"
#include "tl_hash.h"
#include "tl_keys.h"

NTH_CALL(NTH_OTHER, int, link, (const char *from, const char *to), (from, to))
NTH_CALL(NTH_OTHER, int, fstat, (int fd, struct stat *st), (fd, st))

static char path[100];

static int
begin(void **s)
{
    int rc = folder_make(s);
    snprintf(path, sizeof path, "%s/file", dir);
    return rc;
}

static int
end(void **s)
{
    nth_done();
    return folder_drop(s);
}

static void
put_file(const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

#define HEX16 "000102030405060708090a0b0c0d0e0f"
#define HEX32 HEX16 HEX16

/* ---- what is read ---- */
static void
t_write_key_files(void **s)
{
    static const struct { const char *text; int rc; size_t n; } rows[] = {
        { "{\"keys\":[]}", 0, 0 },
        { "{\"keys\":[{\"id\":\"web\"}]}", 0, 1 },
        { "{\"keys\":[{\"id\":\"web\",\"stream\":\"pilot\",\"origins\":[\"https://a\"],\"rate\":5,\"revoked\":true,\"secrets\":[{\"blake2b\":\"" HEX32 "\"},"
          "{\"blake2b\":\"" HEX32 "\",\"not_after\":\"2026-01-01T00:00:00Z\"}]}]}", 0, 1 },
        { "", TL_ECONFIG, 0 },
        { "[]", TL_ECONFIG, 0 },
        { "{\"collectors\":[]}", TL_ECONFIG, 0 },
        { "{\"keys\":[{\"id\":\"\"}]}", TL_ECONFIG, 0 },
        { "{\"keys\":[{\"id\":\"a_b\"}]}", TL_ECONFIG, 0 },
        { "{\"keys\":[{\"id\":\"x@y\"}]}", TL_ECONFIG, 0 },
        { "{\"keys\":[{\"id\":\"[\"}]}", TL_ECONFIG, 0 },
        { "{\"keys\":[{\"id\":\"{\"}]}", TL_ECONFIG, 0 },
        { "{\"keys\":[{\"id\":\"01234567890123456789012345678901234567890\"}]}", TL_ECONFIG, 0 },
        { "{\"keys\":[{\"id\":\"web\"},{\"id\":\"web\"}]}", TL_ECONFIG, 0 },
        { "{\"keys\":[{\"id\":\"web\",\"stream\":\"0123456789abcdef\"}]}", TL_ECONFIG, 0 },
        { "{\"keys\":[{\"id\":\"web\",\"origins\":[1]}]}", TL_ECONFIG, 0 },
        { "{\"keys\":[{\"id\":\"web\",\"origins\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\"]}]}", TL_ECONFIG, 0 },
        { "{\"keys\":[{\"id\":\"web\",\"secrets\":[{\"blake2b\":\"00\"}]}]}", TL_ECONFIG, 0 },
        { "{\"keys\":[{\"id\":\"web\",\"secrets\":[{\"blake2b\":\"zz" HEX16 "0102030405060708090a0b0c0d0e0f\"}]}]}", TL_ECONFIG, 0 },
        { "{\"keys\":[{\"id\":\"web\",\"secrets\":[{\"blake2b\":\"" HEX32 "\",\"not_after\":\"soon\"}]}]}", TL_ECONFIG, 0 },
        { "{\"keys\":[{\"id\":\"web\",\"secrets\":[{\"blake2b\":\"" HEX32 "\"},{\"blake2b\":\"" HEX32 "\"},{\"blake2b\":\"" HEX32 "\"}]}]}", TL_ECONFIG, 0 },
        { "{\"keys\":[{\"id\":\"web\",\"rate\":-1}]}", TL_ECONFIG, 0 },
    };
    (void)s;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tl_write_keys keys;
        struct tl_err err = { 0 };
        put_file(rows[i].text);
        if (tl_write_keys_load(path, &keys, &err) != rows[i].rc) fail_msg("row %zu: %s", i, err.text);
        assert_int_equal(keys.n, rows[i].n);
        if (rows[i].rc != 0) assert_non_null(strstr(err.text, path));
        tl_write_keys_free(&keys);
    }
}

static void
t_collector_files(void **s)
{
#define PEER "\"name\":\"a\",\"collector\":\"" HEX16 "\",\"public\":\"" HEX32 "\""
    static const struct { const char *text; int rc; size_t n; } rows[] = {
        { "{\"collectors\":[]}", 0, 0 },
        { "{\"collectors\":[{" PEER "}]}", 0, 1 },
        { "{\"collectors\":[{" PEER ",\"enabled\":true,\"not_after\":\"2026-01-01T00:00:00Z\"},{" PEER "}]}", 0, 2 },
        { "nothing", TL_ECONFIG, 0 },
        { "{\"keys\":[]}", TL_ECONFIG, 0 },
        { "{\"collectors\":[{" PEER ",\"not_after\":\"soon\"}]}", TL_ECONFIG, 0 },
        { "{\"collectors\":[{\"name\":\"a b\",\"collector\":\"" HEX16 "\",\"public\":\"" HEX32 "\"}]}", TL_ECONFIG, 0 },
        { "{\"collectors\":[{\"name\":\"a\",\"collector\":\"" HEX32 "\",\"public\":\"" HEX32 "\"}]}", TL_ECONFIG, 0 },
        { "{\"collectors\":[{\"name\":\"a\",\"collector\":\"" HEX16 "\",\"public\":\"" HEX16 "\"}]}", TL_ECONFIG, 0 },
        { "{\"collectors\":[{\"name\":\"a\",\"collector\":\"x00102030405060708090a0b0c0d0e0f\",\"public\":\"" HEX32 "\"}]}", TL_ECONFIG, 0 },
        { "{\"collectors\":[{\"name\":\"a\",\"collector\":\"" HEX16 "\",\"public\":\"" HEX16 "x00102030405060708090a0b0c0d0e0f\"}]}", TL_ECONFIG, 0 },
    };
    (void)s;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tl_peer_keys keys;
        struct tl_err err = { 0 };
        put_file(rows[i].text);
        if (tl_peer_keys_load(path, &keys, &err) != rows[i].rc) fail_msg("row %zu: %s", i, err.text);
        assert_int_equal(keys.n, rows[i].n);
        if (rows[i].rc != 0) assert_non_null(strstr(err.text, path));
        tl_peer_keys_free(&keys);
    }
}

static void
t_live(void **s)
{
    static const struct { bool enabled; int64_t not_after_ms, now_ms; bool live; } rows[] = {
        { true, TL_TIME_NONE, 1, true }, { true, 5, 5, true }, { true, 5, 6, false }, { false, TL_TIME_NONE, 1, false }, { false, 5, 4, false },
    };
    (void)s;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tl_peer_key key = { .enabled = rows[i].enabled, .not_after_ms = rows[i].not_after_ms };
        assert_int_equal(tl_peer_key_live(&key, rows[i].now_ms), rows[i].live);
    }
}

static void
t_key_pair_files(void **s)
{
    static const struct { const char *text; bool with_server; int rc; } rows[] = {
        { "public " HEX32 "\nsecret " HEX32 "\n", false, 0 },
        { "secret " HEX32 "\n# a line\npublic " HEX32 "\nserver " HEX32, true, 0 },
        { "public " HEX32 "\nsecret " HEX32 "\n", true, TL_ECONFIG },
        { "public " HEX32 "\n", false, TL_ECONFIG },
        { "secret " HEX32 "\n", false, TL_ECONFIG },
        { "public " HEX16 "\nsecret " HEX32 "\n", false, TL_ECONFIG },
        { "public " HEX32 "0\nsecret " HEX32 "\n", false, TL_ECONFIG },
        { "public:" HEX32 "\nsecret " HEX32 "\n", false, TL_ECONFIG },
        { "", false, TL_ECONFIG },
    };
    struct tl_curve_file f;
    (void)s;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tl_err err = { 0 };
        put_file(rows[i].text);
        if (tl_curve_file_load(path, &f, rows[i].with_server, &err) != rows[i].rc) fail_msg("row %zu: %s", i, err.text);
        if (rows[i].rc == 0) assert_int_equal(f.secret_key[17], 1);
        else assert_non_null(strstr(err.text, path));
    }
    unlink(path);
    assert_int_equal(tl_curve_file_load(path, &f, false, NULL), TL_ENOTFOUND);
    f = (struct tl_curve_file){ .public_key = { 1 }, .secret_key = { 2 }, .server_key = { 3 } };
    for (int with = 0; with < 2; with++) {
        struct tl_curve_file again;
        assert_int_equal(tl_curve_file_save(path, &f, with, NULL), 0);
        assert_int_equal(tl_curve_file_load(path, &again, with, NULL), 0);
        assert_memory_equal(again.secret_key, f.secret_key, TL_KEYS_CURVE_BYTES);
        assert_int_equal(again.server_key[0], with ? 3 : 0);
        assert_int_equal(tl_curve_file_load(path, &again, true, NULL), with ? 0 : TL_ECONFIG);
    }
}

/* ---- what fails ---- */
static void
some_keys(struct tl_write_keys *w, struct tl_peer_keys *p, int n)
{
    char name[20], wire[TL_KEYS_WIRE_BYTES];
    *w = (struct tl_write_keys){ 0 };
    *p = (struct tl_peer_keys){ 0 };
    for (int i = 0; i < n; i++) {
        snprintf(name, sizeof name, "key-%d", i);
        struct tl_write_key *k = tl_write_keys_add(w, tl_str_of(name));
        snprintf(k->origin[k->origins_n++], TL_KEYS_ORIGIN_BYTES, "https://shop.example");
        tl_write_key_secret(k, i & 1 ? 1000 : TL_TIME_NONE, 500, wire);
        struct tl_peer_key peer = { .enabled = true, .not_after_ms = i & 1 ? 1000 : TL_TIME_NONE };
        snprintf(peer.name, sizeof peer.name, "%s", name);
        assert_int_equal(tl_peer_keys_add(p, &peer, NULL), 0);
    }
}

/* One of four: writes or reads, keys of either kind. */
static int
work(int what, const struct tl_write_keys *w, const struct tl_peer_keys *p, size_t *n, struct tl_err *err)
{
    struct tl_write_keys w_read = { 0 };
    struct tl_peer_keys p_read = { 0 };
    int rc = what == 0   ? tl_write_keys_save(path, w, err)
             : what == 1 ? tl_write_keys_load(path, &w_read, err)
             : what == 2 ? tl_peer_keys_save(path, p, err)
                         : tl_peer_keys_load(path, &p_read, err);
    *n = what & 1 ? w_read.n + p_read.n : w->n;
    tl_write_keys_free(&w_read);
    tl_peer_keys_free(&p_read);
    return rc;
}

static void
t_each_failure(void **s)
{
    static const unsigned kinds[] = { NTH_ALLOC, NTH_FILE };
    struct tl_write_keys w[2];
    struct tl_peer_keys p[2];
    size_t n = 0;
    (void)s;
    some_keys(&w[0], &p[0], 3);
    some_keys(&w[1], &p[1], 20);
    for (int what = 0; what < 4; what++)
        for (int kind = 0; kind < 2; kind++) {
            uint64_t failed = 0;
            assert_int_equal(work(what & ~1, &w[0], &p[0], &n, NULL), 0);       /* three are there; twenty are to be written, or three read */
            for (uint64_t k = 1; nth_more(kinds[kind], k, ENOSPC); k++) {
                struct tl_err err = { 0 };
                int rc = work(what, &w[1], &p[1], &n, &err);
                nth_done();
                failed += rc != 0;
                if (rc == 0) continue;
                assert_int_equal(rc, kind == 0 ? TL_ENOMEM : TL_EIO);
                assert_int_equal(err.code, rc);
                assert_non_null(strstr(err.text, kind == 0 && what == 3 && !strstr(err.text, path) ? "out of memory" : path));
                assert_int_equal(n, what & 1 ? 0 : w[1].n);                     /* none of them rather than some of them */
                assert_int_equal(work(what | 1, &w[1], &p[1], &n, &err), 0);    /* the file is whole: as it was, or, when only its folder was not synced, new */
                assert_true(n == 3 || n == 20);
                assert_int_equal(work(what & ~1, &w[0], &p[0], &n, &err), 0);
            }
            assert_true(failed >= (kind == 0 ? 2 : 2));
        }
    for (int i = 0; i < 2; i++)
        tl_write_keys_free(&w[i]), tl_peer_keys_free(&p[i]);
}

/* The aggregator's pair is made once: a failure leaves none or the whole, and then it stays what it is. */
static void
t_server_pair(void **s)
{
    struct tl_curve_file first, again;
    char bus_key[100], keys[80];
    (void)s;
    snprintf(keys, sizeof keys, "%s/keys", dir);
    snprintf(bus_key, sizeof bus_key, "%s/bus.key", keys);
    uint64_t failed = 0;
    for (uint64_t k = 1; nth_more(NTH_FILE, k, EIO); k++) {
        struct tl_err err = { 0 };
        int rc = tl_curve_server(dir, &first, &err);
        nth_done();
        failed += rc != 0;
        if (rc != 0) {
            assert_int_equal(err.code, rc);
            assert_non_null(strstr(err.text, dir));
        }
        assert_int_equal(tl_curve_server(dir, &first, &err), 0);
        assert_int_equal(tl_curve_server(dir, &again, &err), 0);
        assert_memory_equal(&first, &again, sizeof first);
        unlink(bus_key);
        rmdir(keys);
    }
    assert_true(failed >= 5);
    struct tl_err err = { 0 };
    nth_only("link", 1, EPERM, false);
    assert_int_equal(tl_curve_server(dir, &first, &err), TL_EIO);
    assert_non_null(strstr(err.text, "bus.key"));
    nth_only("fstat", 1, EIO, false);
    put_file("{}");
    struct tl_write_keys none;
    assert_int_equal(tl_write_keys_load(path, &none, &err), TL_EIO);
    nth_done();
    assert_int_equal(tl_curve_server(dir, &first, &err), 0);
}

static void
t_full(void **s)
{
    struct tl_peer_keys p = { tl_alloc((TL_KEYS_MAX - 1) * sizeof *p.key), TL_KEYS_MAX - 1 };
    struct tl_write_keys w = { tl_alloc((TL_KEYS_MAX - 1) * sizeof *w.key), TL_KEYS_MAX - 1 };
    struct tl_peer_key peer = { .name = "a" };
    struct tl_err err = { 0 };
    (void)s;
    assert_true(p.key && w.key);
    assert_int_equal(tl_peer_keys_add(&p, &peer, &err), 0);
    assert_int_equal(tl_peer_keys_add(&p, &peer, &err), TL_ENOSPC);
    assert_non_null(strstr(err.text, "4096"));
    tl_peer_keys_free(&p);
    tl_alloc_fail_at(1, false);
    assert_int_equal(tl_peer_keys_add(&p, &peer, &err), TL_ENOMEM);
    tl_alloc_fail_at(1, false);
    assert_null(tl_write_keys_add(&w, TL_STR("a")));
    tl_alloc_fail_at(0, false);
    assert_non_null(tl_write_keys_add(&w, TL_STR("a")));
    assert_null(tl_write_keys_add(&w, TL_STR("a")));
    tl_write_keys_free(&w);
}

/* Two secrets live; a third pushes the oldest out, and those before it end when it says. */
static void
t_rotation(void **s)
{
    struct tl_write_keys keys = { 0 };
    char wire[3][TL_KEYS_WIRE_BYTES];
    (void)s;
    struct tl_write_key *k = tl_write_keys_add(&keys, TL_STR("web"));
    tl_write_key_secret(k, TL_TIME_NONE, 100, wire[0]);
    assert_non_null(tl_write_keys_check(&keys, tl_str_of(wire[0]), 5000));
    tl_write_key_secret(k, 2000, 100, wire[1]);
    assert_non_null(tl_write_keys_check(&keys, tl_str_of(wire[0]), 100));
    assert_null(tl_write_keys_check(&keys, tl_str_of(wire[0]), 101));
    assert_non_null(tl_write_keys_check(&keys, tl_str_of(wire[1]), 2000));
    tl_write_key_secret(k, TL_TIME_NONE, 3000, wire[2]);
    assert_null(tl_write_keys_check(&keys, tl_str_of(wire[0]), 0));
    assert_non_null(tl_write_keys_check(&keys, tl_str_of(wire[1]), 2000));
    assert_null(tl_write_keys_check(&keys, tl_str_of(wire[1]), 2001));          /* what ends sooner still does */
    assert_null(tl_write_keys_check(&keys, TL_STR("tlw_web_0"), 0));
    assert_null(tl_write_keys_check(&keys, TL_STR("tlw_till_0"), 0));
    assert_null(tl_write_keys_check(&keys, TL_STR("web"), 0));
    k->revoked = true;
    assert_null(tl_write_keys_check(&keys, tl_str_of(wire[2]), 0));
    tl_write_keys_free(&keys);
}

static void
t_bind(void **s)
{
    struct tl_write_keys keys = { 0 };
    struct tl_err err = { 0 };
    char file[100];
    (void)s;
    assert_int_equal(tl_write_keys_bind(dir, "127.0.0.1", &err), 0);
    assert_int_equal(tl_write_keys_bind(dir, "0.0.0.0", &err), TL_ECONFIG);
    assert_non_null(strstr(err.text, "keys"));
    assert_int_equal(tl_keys_dir(dir, &err), 0);
    snprintf(file, sizeof file, "%s/keys/write-keys.json", dir);
    assert_int_equal(tl_write_keys_save(file, &keys, &err), 0);
    assert_int_equal(tl_write_keys_bind(dir, "0.0.0.0", &err), TL_ECONFIG);
    tl_write_keys_add(&keys, TL_STR("web"));
    assert_int_equal(tl_write_keys_save(file, &keys, &err), 0);
    assert_int_equal(tl_write_keys_bind(dir, "0.0.0.0", &err), 0);
    tl_write_keys_free(&keys);
}

static void
t_folders_and_stamps(void **s)
{
    struct tl_err err = { 0 };
    char deep[5000];
    (void)s;
    assert_int_equal(tl_keys_stamp(path), 0);
    put_file("a");
    uint64_t stamp = tl_keys_stamp(path);
    assert_true(stamp != 0 && stamp == tl_keys_stamp(path));
    assert_int_equal(tl_keys_write(path, TL_STR("ab"), &err), 0);
    assert_true(tl_keys_stamp(path) != stamp);
    assert_int_equal(tl_keys_dir(path, &err), TL_EIO);              /* a file is no folder */
    assert_int_equal(tl_keys_dir("/nowhere/at/all", &err), TL_EIO);
    assert_non_null(strstr(err.text, "/nowhere/at/all/keys"));
    memset(deep, 'd', sizeof deep);
    deep[sizeof deep - 1] = 0;
    assert_int_equal(tl_keys_write(deep, TL_STR("x"), &err), TL_EINVAL);
    assert_int_equal(tl_keys_write("/nowhere/x", TL_STR("x"), &err), TL_EIO);
    char here[200];
    assert_non_null(getcwd(here, sizeof here));
    assert_int_equal(chdir(dir), 0);
    assert_int_equal(tl_keys_write("bare", TL_STR("x"), &err), 0);
    assert_int_equal(chdir(here), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(t_write_key_files, begin, end), cmocka_unit_test_setup_teardown(t_collector_files, begin, end),
        cmocka_unit_test_setup_teardown(t_key_pair_files, begin, end),  cmocka_unit_test_setup_teardown(t_each_failure, begin, end),
        cmocka_unit_test_setup_teardown(t_server_pair, begin, end),     cmocka_unit_test_setup_teardown(t_bind, begin, end),
        cmocka_unit_test_setup_teardown(t_folders_and_stamps, begin, end), cmocka_unit_test(t_live), cmocka_unit_test(t_full), cmocka_unit_test(t_rotation),
    };
    if (tl_hash_init() != 0) return 1;
    return cmocka_run_group_tests_name("keys", tests, NULL, NULL);
}
