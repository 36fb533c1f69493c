/* tl_db against a plain sorted array, and against damage: every stored byte is proved on its way out. */
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "db_kit.h"

#define MAP_BYTES (64ull << 20)

static struct tl_str
num_key(uint32_t i, char b[12])
{
    snprintf(b, 12, "k%08u", i);
    return tl_str_of(b);
}

/* Example of use. */
static void
t_put_get(void **state)
{
    (void)state;
    struct tl_db *d = open_at(dir, 0, 0);
    struct tl_db_txn *t = begin(d, true);
    struct tl_str v;
    assert_int_equal(tl_db_put(t, ONE, TL_STR("a"), TL_STR("alpha"), 0, NULL), 0);
    assert_int_equal(tl_db_put(t, TWO, TL_STR("a"), TL_STR(""), 0, NULL), 0);
    assert_int_equal(tl_db_put(t, ONE, TL_STR("a"), TL_STR("other"), TL_DB_NOOVERWRITE, NULL), TL_EEXIST);
    assert_int_equal(tl_db_commit(&t, NULL), 0);
    assert_null(t);
    t = begin(d, false);
    assert_int_equal(tl_db_get(t, ONE, TL_STR("a"), &v, NULL), 0);
    assert_true(tl_str_is(v, "alpha"));
    assert_int_equal(tl_db_get(t, TWO, TL_STR("a"), &v, NULL), 0);
    assert_int_equal(v.n, 0);
    assert_int_equal(tl_db_get(t, ONE, TL_STR("b"), &v, NULL), TL_ENOTFOUND);
    tl_db_abort(&t);
    t = begin(d, true);
    assert_int_equal(tl_db_del(t, ONE, TL_STR("a"), NULL), 0);
    assert_int_equal(tl_db_del(t, ONE, TL_STR("a"), NULL), 0);
    tl_db_abort(&t);
    tl_db_abort(&t);
    t = begin(d, false);
    assert_int_equal(tl_db_get(t, ONE, TL_STR("a"), &v, NULL), 0);
    tl_db_abort(&t);
    tl_db_close(&d);
    assert_null(d);
}

static void
t_refuses(void **state)
{
    (void)state;
    struct tl_db *d = NULL, *again = NULL;
    struct tl_err err = { 0 };
    char path[96];
    snprintf(path, sizeof path, "%s/none", dir);
    assert_int_equal(tl_db_open(&d, path, TL_DB_READONLY, 0, names, &err), TL_ENOTFOUND);
    d = open_at(dir, 0, MAP_BYTES);
    assert_int_equal(tl_db_open(&again, dir, 0, MAP_BYTES, names, &err), TL_EBUSY);
    assert_null(again);
    tl_db_close(&d);
    d = open_at(dir, TL_DB_READONLY, MAP_BYTES);
    tl_db_close(&d);
    const char *const more[] = { "one", "absent", NULL };
    assert_int_equal(tl_db_open(&d, dir, TL_DB_READONLY, MAP_BYTES, more, &err), TL_ENOTFOUND);
    assert_null(d);
}

/* One failed write: nothing of the transaction is written. */
static void
t_poison(void **state)
{
    (void)state;
    struct tl_db *d = open_at(dir, 0, MAP_BYTES);
    char big[600];
    memset(big, 'k', sizeof big);
    const struct tl_str bad[] = { { "", 0 }, { big, sizeof big }, { big, 512 } };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct tl_db_txn *t = begin(d, true);
        assert_int_equal(tl_db_put(t, ONE, TL_STR("good"), TL_STR("x"), 0, NULL), 0);
        assert_int_equal(tl_db_put(t, ONE, bad[i], TL_STR("x"), 0, NULL), TL_ERANGE);
        assert_int_equal(tl_db_put(t, ONE, TL_STR("late"), TL_STR("x"), 0, NULL), TL_ERANGE);
        assert_int_equal(tl_db_commit(&t, NULL), TL_ERANGE);
    }
    struct tl_db_txn *t = begin(d, true);
    assert_int_equal(tl_db_put(t, ONE, TL_STR("b"), TL_STR("x"), TL_DB_APPEND, NULL), 0);
    assert_int_equal(tl_db_put(t, ONE, TL_STR("a"), TL_STR("x"), TL_DB_APPEND, NULL), TL_EEXIST);
    assert_int_equal(tl_db_commit(&t, NULL), TL_EEXIST);
    uint64_t n = 7;
    t = begin(d, false);
    assert_int_equal(tl_db_count(t, ONE, &n, NULL), 0);
    assert_int_equal(n, 0);
    tl_db_abort(&t);
    tl_db_close(&d);
}

static void
t_cursor_walks(void **state)
{
    (void)state;
    enum { N = 3000 };
    struct tl_db *d = open_at(dir, 0, MAP_BYTES);
    struct tl_db_txn *t = begin(d, true);
    char b[12];
    for (uint32_t i = 0; i < N; i++) {
        uint32_t at = i * 1009 % N * 2;             /* every even number once, in no order */
        assert_int_equal(tl_db_put(t, ONE, num_key(at, b), (struct tl_str){ (char *)&at, sizeof at }, 0, NULL), 0);
    }
    assert_int_equal(tl_db_commit(&t, NULL), 0);
    t = begin(d, false);
    struct tl_db_cursor *c = NULL;
    struct tl_str k, v;
    assert_int_equal(tl_db_cursor_open(t, ONE, &c, NULL), 0);
    uint32_t want = 0;
    for (int rc = tl_db_seek(c, (struct tl_str){ NULL, 0 }, &k, &v, NULL); rc == 0; rc = tl_db_next(c, &k, &v, NULL), want += 2) {
        assert_true(tl_str_eq(k, num_key(want, b)));
        assert_memory_equal(v.p, &want, sizeof want);
    }
    assert_int_equal(want, 2 * N);
    for (int rc = tl_db_last(c, &k, &v, NULL); rc == 0; rc = tl_db_prev(c, &k, &v, NULL))
        assert_true(tl_str_eq(k, num_key(want -= 2, b)));
    assert_int_equal(want, 0);
    assert_int_equal(tl_db_seek(c, num_key(101, b), &k, &v, NULL), 0);
    assert_true(tl_str_eq(k, num_key(102, b)));
    assert_int_equal(tl_db_seek(c, num_key(2 * N, b), &k, &v, NULL), TL_ENOTFOUND);
    tl_db_abort(&t);                                /* the cursor may be closed after its transaction */
    tl_db_cursor_close(&c);
    assert_null(c);
    tl_db_close(&d);
}

/* Deleting what the cursor stands on does not make it skip. */
static void
t_delete_while_walking(void **state)
{
    (void)state;
    struct tl_db *d = open_at(dir, 0, MAP_BYTES);
    struct tl_db_txn *t = begin(d, true);
    char b[12], copy[12];
    for (uint32_t i = 0; i < 2000; i++)
        assert_int_equal(tl_db_put(t, ONE, num_key(i, b), TL_STR("value"), 0, NULL), 0);
    struct tl_db_cursor *c = NULL;
    struct tl_str k, v;
    uint32_t seen = 0;
    assert_int_equal(tl_db_cursor_open(t, ONE, &c, NULL), 0);
    for (int rc = tl_db_seek(c, (struct tl_str){ NULL, 0 }, &k, &v, NULL); rc == 0; rc = tl_db_next(c, &k, &v, NULL), seen++) {
        assert_true(tl_str_eq(k, num_key(seen, b)));
        memcpy(copy, k.p, k.n);
        if (seen % 3)
            assert_int_equal(tl_db_del(t, ONE, (struct tl_str){ copy, k.n }, NULL), 0);
    }
    assert_int_equal(seen, 2000);
    assert_int_equal(tl_db_commit(&t, NULL), 0);
    tl_db_cursor_close(&c);
    uint64_t n = 0;
    t = begin(d, false);
    assert_int_equal(tl_db_count(t, ONE, &n, NULL), 0);
    assert_int_equal(n, 667);
    tl_db_abort(&t);
    tl_db_close(&d);
}

/* A map that is too small grows: before the transaction when it is nearly full, after it when it did not fit. */
static void
t_map_grows(void **state)
{
    (void)state;
    struct tl_db *d = open_at(dir, 0, 1 << 20);
    static char value[100000];
    uint32_t retries = 0, written = 0;
    while (written < 200) {
        struct tl_db_txn *t = begin(d, true);
        char b[12];
        for (uint32_t i = 0; i < 20; i++)
            tl_db_put(t, ONE, num_key(written + i, b), (struct tl_str){ value, sizeof value }, 0, NULL);
        int rc = tl_db_commit(&t, NULL);
        if (rc == 0)
            written += 20;
        else
            assert_int_equal(rc, TL_ENOSPC);
        retries += rc != 0;
        assert_true(retries < 8);
    }
    assert_true(retries > 0);
    assert_true(tl_db_used_bytes(d) > 200 * sizeof value);
    tl_db_close(&d);
}

/* Another process grows the map; this one follows at its next begin. */
static void
t_map_resized_by_another(void **state)
{
    (void)state;
    static char value[100000];
    struct tl_db *d = open_at(dir, 0, 1 << 20);
    tl_db_close(&d);
    int go[2];
    assert_int_equal(pipe(go), 0);
    pid_t pid = fork();                             /* before any environment is open here */
    if (pid == 0) {
        char c;
        if (read(go[0], &c, 1) != 1 || tl_db_open(&d, dir, 0, MAP_BYTES, names, NULL) != 0)
            _exit(1);
        struct tl_db_txn *t = NULL;
        if (tl_db_begin(d, true, &t, NULL) != 0)
            _exit(2);
        for (uint32_t i = 0; i < 100; i++) {
            char b[12];
            tl_db_put(t, ONE, num_key(i, b), (struct tl_str){ value, sizeof value }, 0, NULL);
        }
        _exit(tl_db_commit(&t, NULL) == 0 ? 0 : 3);
    }
    d = open_at(dir, TL_DB_READONLY, 1 << 20);
    assert_int_equal(write(go[1], "x", 1), 1);
    int status = -1;
    waitpid(pid, &status, 0);
    assert_int_equal(status, 0);
    struct tl_db_txn *t = begin(d, false);
    struct tl_str v;
    char b[12];
    for (uint32_t i = 0; i < 100; i++) {
        assert_int_equal(tl_db_get(t, ONE, num_key(i, b), &v, NULL), 0);
        assert_int_equal(v.n, sizeof value);
    }
    tl_db_abort(&t);
    tl_db_close(&d);
    close(go[0]);
    close(go[1]);
}

/* A reader that stays open while commits go on is told with its age, its own process's and another's alike; one that died is forgotten. */
static void
t_oldest_reader(void **state)
{
    (void)state;
    int ready[2], end[2];
    assert_true(pipe(ready) == 0 && pipe(end) == 0);
    struct tl_db *d = open_at(dir, 0, MAP_BYTES);
    tl_db_close(&d);
    pid_t pid = fork();                             /* before any environment is open here */
    if (pid == 0) {
        struct tl_db_txn *t = NULL;
        char c;
        bool good = read(end[0], &c, 1) == 1 && tl_db_open(&d, dir, TL_DB_READONLY, MAP_BYTES, names, NULL) == 0 && tl_db_begin(d, false, &t, NULL) == 0;
        if (write(ready[1], good ? "y" : "n", 1) != 1 || read(end[0], &c, 1) != 1)
            _exit(1);
        _exit(0);                                   /* with its transaction open */
    }
    d = open_at(dir, 0, MAP_BYTES);
    assert_int_equal(tl_db_oldest_reader_ms(d, 1000), 0);
    struct tl_db_txn *mine = begin(d, false);
    assert_int_equal(tl_db_oldest_reader_ms(d, 2000), 0);       /* it sees the newest there is: nothing is kept for it */
    for (int i = 0; i < 2; i++) {
        struct tl_db_txn *t = begin(d, true);
        tl_db_put(t, ONE, TL_STR("a"), TL_STR("1"), 0, NULL);
        assert_int_equal(tl_db_commit(&t, NULL), 0);
    }
    assert_int_equal(tl_db_oldest_reader_ms(d, 5000000), 0);    /* seen for the first time */
    assert_int_equal(tl_db_oldest_reader_ms(d, 9000000), 4000);
    tl_db_abort(&mine);
    assert_int_equal(tl_db_oldest_reader_ms(d, 9500000), 0);
    char c = 0;
    assert_true(write(end[1], "x", 1) == 1 && read(ready[0], &c, 1) == 1 && c == 'y');
    for (int i = 0; i < 2; i++) {
        struct tl_db_txn *t = begin(d, true);
        tl_db_put(t, ONE, TL_STR("a"), TL_STR("2"), 0, NULL);
        assert_int_equal(tl_db_commit(&t, NULL), 0);
    }
    assert_int_equal(tl_db_oldest_reader_ms(d, 10000000), 0);
    assert_int_equal(tl_db_oldest_reader_ms(d, 10500000), 500);
    assert_int_equal(write(end[1], "x", 1), 1);
    waitpid(pid, NULL, 0);
    assert_true(tl_db_oldest_reader_ms(d, 11000000) > 0);       /* dead, and still in the way */
    assert_int_equal(tl_db_reader_check(d), 1);
    assert_int_equal(tl_db_oldest_reader_ms(d, 12000000), 0);
    tl_db_close(&d);
    for (int i = 0; i < 2; i++) {
        close(ready[i]);
        close(end[i]);
    }
}

static void
key_is_refused(void)
{
    struct tl_db *d = open_at(dir, TL_DB_READONLY, MAP_BYTES);
    struct tl_db_txn *t = begin(d, false);
    struct tl_str v;
    assert_int_equal(tl_db_get(t, ONE, TL_STR("key"), &v, NULL), TL_ECORRUPT);
    tl_db_abort(&t);
    tl_db_close(&d);
}

/* Every bit of a stored value, flipped in the file, is noticed. */
static void
t_flips(void **state)
{
    (void)state;
    static const char text[] = "THE-STORED-VALUE-THAT-GETS-ITS-BITS-FLIPPED";
    char path[96];
    struct tl_db *d = open_at(dir, 0, MAP_BYTES);
    struct tl_db_txn *t = begin(d, true);
    assert_int_equal(tl_db_put(t, ONE, TL_STR("key"), TL_STR(text), 0, NULL), 0);
    assert_int_equal(tl_db_commit(&t, NULL), 0);
    tl_db_close(&d);
    snprintf(path, sizeof path, "%s/data.mdb", dir);
    int fd = open(path, O_RDWR);
    static char file[1 << 20];
    ssize_t n = pread(fd, file, sizeof file, 0);
    char *at = memmem(file, (size_t)n, text, sizeof text - 1);
    assert_non_null(at);
    for (size_t bit = 0; bit < 8 * (sizeof text - 1 + 4); bit += 5) {
        off_t where = (at - file) + (off_t)(bit / 8);
        char flipped = (char)(at[bit / 8] ^ (1 << bit % 8));
        assert_int_equal(pwrite(fd, &flipped, 1, where), 1);
        key_is_refused();
        assert_int_equal(pwrite(fd, &at[bit / 8], 1, where), 1);
    }
    /* LMDB keeps a value's size in the 8 bytes before its key: 4 GB are told of a file of some pages */
    assert_int_equal(pwrite(fd, "\377\377", 2, at - file - 3 - 6), 2);
    key_is_refused();
    close(fd);
}

static void
t_copy(void **state)
{
    (void)state;
    struct tl_db *d = open_at(dir, 0, MAP_BYTES);
    struct tl_db_txn *t = begin(d, true);
    char b[12], to[96];
    for (uint32_t i = 0; i < 500; i++)
        assert_int_equal(tl_db_put(t, TWO, num_key(i, b), TL_STR("copied"), 0, NULL), 0);
    assert_int_equal(tl_db_commit(&t, NULL), 0);
    snprintf(to, sizeof to, "%s/copy", dir);
    assert_int_equal(tl_db_copy(d, to, NULL), 0);
    struct tl_db *e = open_at(to, TL_DB_READONLY, MAP_BYTES);
    uint64_t n = 0;
    t = begin(e, false);
    assert_int_equal(tl_db_count(t, TWO, &n, NULL), 0);
    assert_int_equal(n, 500);
    tl_db_abort(&t);
    tl_db_close(&e);
    tl_db_close(&d);
}

struct walker {
    struct tl_db *d;
    int bad;
};

static void *
walk(void *arg)
{
    struct walker *w = arg;
    for (int i = 0; i < 2000; i++) {
        struct tl_db_txn *t = NULL;
        struct tl_str a, b;
        if (tl_db_begin(w->d, false, &t, NULL) != 0) {
            w->bad++;
            continue;
        }
        if (tl_db_get(t, ONE, TL_STR("a"), &a, NULL) == 0)
            w->bad += tl_db_get(t, TWO, TL_STR("b"), &b, NULL) != 0 || !tl_str_eq(a, b);
        tl_db_abort(&t);
    }
    return NULL;
}

/* Readers beside a writer whose map grows under them see whole transactions only. */
static void
t_readers_beside_writer(void **state)
{
    (void)state;
    struct tl_db *d = open_at(dir, 0, 1 << 20);
    struct walker w[3] = { { d, 0 }, { d, 0 }, { d, 0 } };
    pthread_t th[3];
    static char value[30000];
    for (int i = 0; i < 3; i++)
        pthread_create(&th[i], NULL, walk, &w[i]);
    for (uint32_t i = 0; i < 300; i++) {
        struct tl_db_txn *t = begin(d, true);
        char b[12];
        struct tl_str v = num_key(i, b);
        tl_db_put(t, ONE, TL_STR("a"), v, 0, NULL);
        tl_db_put(t, TWO, TL_STR("b"), v, 0, NULL);
        tl_db_put(t, TWO, v, (struct tl_str){ value, sizeof value }, 0, NULL);
        int rc = tl_db_commit(&t, NULL);
        assert_true(rc == 0 || rc == TL_ENOSPC);
    }
    for (int i = 0; i < 3; i++) {
        pthread_join(th[i], NULL);
        assert_int_equal(w[i].bad, 0);
    }
    tl_db_close(&d);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, folder_make, folder_drop)
        T(t_put_get), T(t_refuses), T(t_poison), T(t_cursor_walks), T(t_delete_while_walking), T(t_map_grows),
        T(t_map_resized_by_another), T(t_oldest_reader), T(t_flips), T(t_copy), T(t_readers_beside_writer),
    };
    return cmocka_run_group_tests_name("tl_db", tests, NULL, NULL);
}
