/* t_spill.c - what a rebuild sorts with: records come back in order and rows in key order, from memory or from temporary files, and whatever fails is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "../../aggregator/rowsort.h"
#include "../../aggregator/spill.h"
#include "nth_kit.h"
#include "tl_hash.h"

enum { RECORDS = 120 };
static uint64_t seed = 9;

static uint64_t
below(uint64_t n)
{
    seed += UINT64_C(0x9E3779B97F4A7C15);
    return tl_mix64(seed) % n;
}

static const struct { unsigned kinds; int code, want; } faults[] = {
    { NTH_ALLOC, 0, TL_ENOMEM }, { NTH_OPEN, EACCES, TL_EIO }, { NTH_OPEN, ENOSPC, TL_ENOSPC }, { NTH_WRITE, EIO, TL_EIO }, { NTH_WRITE, ENOSPC, TL_ENOSPC },
    { NTH_READ, EIO, TL_EIO }, { NTH_READ | NTH_WRITE, EINTR, 0 },
};
enum { FAULTS = sizeof faults / sizeof faults[0] };

/* ---- records ---- */

static int
record_round(size_t buffer_bytes, struct tl_err *err)
{
    static char want[RECORDS][600];
    struct spill s;
    struct spill_cur c = {0};
    struct tl_str rec;
    int rc = 0, n = 0;

    seed = 9;
    spill_open(&s, "/tmp", buffer_bytes);
    for (int i = 0; rc == 0 && i < RECORDS; i++) {
        size_t a = below(20), b = i == RECORDS / 2 ? 500 : below(20);
        snprintf(want[i], sizeof want[i], "%0*d", (int)(a + b), i);
        rc = spill_put(&s, want[i], strlen(want[i]) - (b < strlen(want[i]) ? b : 0), want[i] + strlen(want[i]) - (b < strlen(want[i]) ? b : 0), b < strlen(want[i]) ? b : 0, err);
    }
    if (rc == 0)
        rc = spill_read(&c, &s, err);
    while (rc == 0 && (rc = spill_next(&c, &rec, err)) > 0) {
        assert_true(n < RECORDS);
        assert_int_equal(rec.n, strlen(want[n]));
        assert_memory_equal(rec.p, want[n], rec.n);
        n++;
        rc = 0;
    }
    if (rc == 0) {
        assert_int_equal(n, RECORDS);
        assert_int_equal(s.fd >= 0, s.written > 0);
    }
    spill_done(&c);
    spill_close(&s);
    return rc;
}

static void
records_come_back(void **state)
{
    static const size_t sizes[] = { 1, 16, 100, 1000, 1 << 20 };
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        assert_int_equal(record_round(sizes[i], NULL), 0);
}

static void
a_record_cut_off_is_told(void **state)
{
    struct tl_err err = {0};
    struct spill s;
    struct spill_cur c;
    struct tl_str rec;
    (void)state;
    spill_open(&s, "/tmp", 1 << 20);
    assert_int_equal(spill_put(&s, "abc", 3, NULL, 0, &err), 0);
    s.buf.len--;
    assert_int_equal(spill_read(&c, &s, &err), 0);
    assert_int_equal(spill_next(&c, &rec, &err), TL_ETRUNC);
    assert_non_null(strstr(err.text, "too early"));
    spill_close(&s);
}

/* ---- rows ---- */

struct row { uint8_t key[TL_JOURNEY_KEY_BYTES]; uint32_t order; };
struct sorted { const struct row *want; int n; };

static int
by_key(const void *pa, const void *pb)
{
    const struct row *a = pa, *b = pb;
    int d = memcmp(a->key, b->key, sizeof a->key);
    return d != 0 ? d : a->order < b->order ? -1 : 1;
}

static int
see_row(void *arg, const uint8_t *key, struct tl_str row, struct tl_err *err)
{
    struct sorted *s = arg;
    const struct row *w = &s->want[s->n++];
    (void)err;
    assert_memory_equal(key, w->key, sizeof w->key);
    assert_int_equal(row.n, sizeof w->order);
    assert_memory_equal(row.p, &w->order, sizeof w->order);
    return 0;
}

/* Rows of many days, those of one day in key order, as customers by number give them. */
static int
sort_round(size_t run_bytes, struct tl_err *err)
{
    static struct row rows[RECORDS];
    struct rowsort *r = rowsort_new("/tmp", run_bytes);
    int rc = r != NULL ? 0 : tl_fail(err, TL_ENOMEM, "rowsort_new");

    seed = 5;
    for (uint32_t i = 0; rc == 0 && i < RECORDS; i++) {
        memset(&rows[i], 0, sizeof rows[i]);
        rows[i].key[1] = (uint8_t)below(2);
        rows[i].key[5] = (uint8_t)below(5);
        rows[i].key[12] = (uint8_t)i;
        rows[i].order = i;
        rc = rowsort_put(r, rows[i].key, (struct tl_str){ (const char *)&rows[i].order, sizeof rows[i].order }, err);
    }
    if (rc == 0) {
        qsort(rows, RECORDS, sizeof rows[0], by_key);
        struct sorted s = { rows, 0 };
        rc = rowsort_each(r, see_row, &s, err);
        assert_true(rc != 0 || s.n == RECORDS);
    }
    rowsort_free(&r);
    assert_null(r);
    return rc;
}

static void
rows_come_in_key_order(void **state)
{
    static const size_t sizes[] = { 1, 200, 1000, 3000, 32 << 20 };
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        assert_int_equal(sort_round(sizes[i], NULL), 0);
    rowsort_free(NULL);
}

static void
too_many_runs_are_told(void **state)
{
    struct rowsort *r = rowsort_new("/tmp", 1);
    struct tl_err err = {0};
    uint8_t key[TL_JOURNEY_KEY_BYTES] = {0};
    int rc = 0, n = 0;
    (void)state;
    for (; rc == 0 && n < 10000; n++)
        rc = rowsort_put(r, key, TL_STR("r"), &err);
    assert_int_equal(rc, TL_ENOSPC);
    assert_int_equal(n, 4098);              /* the last of the runs that fit was ended by this one */
    assert_non_null(strstr(err.text, "4096"));
    rowsort_free(&r);
}

/* ---- whatever fails ---- */

static void
fail_everywhere(int (*round)(size_t bytes, struct tl_err *err), size_t bytes)
{
    for (int f = 0; f < FAULTS; f++) {
        int failed = 0;
        for (uint64_t n = 1; nth_more(faults[f].kinds, n, faults[f].code); n++) {
            struct tl_err err = {0};
            int rc = round(bytes, &err);
            bool hit = nth_done();
            failed += rc != 0;
            assert_true(hit || rc == 0);
            if (rc != 0 && (rc != faults[f].want || err.text[0] == 0))
                fail_msg("fault %d, the %lluth: %s \"%s\"", f, (unsigned long long)n, tl_err_name(rc), err.text);
        }
        assert_int_equal(failed > 0, faults[f].want != 0);
    }
}

static void
whatever_fails_is_told(void **state)
{
    (void)state;
    fail_everywhere(record_round, 100);
    fail_everywhere(sort_round, 600);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_come_back), cmocka_unit_test(a_record_cut_off_is_told), cmocka_unit_test(rows_come_in_key_order),
        cmocka_unit_test(too_many_runs_are_told), cmocka_unit_test(whatever_fails_is_told),
    };
    return tl_hash_init() == 0 ? cmocka_run_group_tests_name("spill", tests, NULL, NULL) : 1;
}
