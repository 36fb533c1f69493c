/* t_hash.c - keys on disk, base64 in both alphabets, HMAC and SHA-256 by published vectors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "nth_kit.h"
#include "tl_hash.h"

static void
base64(void **state)
{
    static const struct { const char *text, *bytes; int n; size_t max; } rows[] = {
        { "", "", 0, 9 }, { "=", "", 0, 9 }, { "Zg==", "f", 1, 9 }, { "Zg", "f", 1, 9 }, { "Zm8=", "fo", 2, 9 }, { "Zm9v", "foo", 3, 9 }, { "Zm9vYmFy", "foobar", 6, 9 },
        { "+/+/", "\xfb\xff\xbf", 3, 9 }, { "-_-_", "\xfb\xff\xbf", 3, 9 }, { "-w", "\xfb", 1, 9 }, { "--", "", -1, 9 }, { "__", "\xff", -1, 9 },
        { "-/-/", "", -1, 9 }, { "Zm9v!", "", -1, 9 }, { "Z", "", -1, 9 }, { "Zm9vYmFy", "", -1, 5 }, { "Zm 9v", "", -1, 9 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char out[16];
        ptrdiff_t n = tl_base64(tl_str_of(rows[i].text), out, rows[i].max);
        if (n != rows[i].n || (n > 0 && memcmp(out, rows[i].bytes, (size_t)n) != 0))
            fail_msg("%s: %d", rows[i].text, (int)n);
    }
    for (size_t n = 0; n < 40; n++) {
        uint8_t bytes[40], back[40];
        char text[TL_BASE64_BYTES(40)];
        for (size_t i = 0; i < n; i++)
            bytes[i] = (uint8_t)tl_mix64(n * 100 + i);
        tl_base64_put(bytes, n, text);
        assert_int_equal(tl_base64(tl_str_of(text), back, sizeof back), n);
        if (n > 0)
            assert_memory_equal(back, bytes, n);
    }
}

static void
expect_hex(const uint8_t hash[32], const char *want)
{
    char hex[65];
    tl_hex(hash, 32, hex);
    assert_string_equal(hex, want);
}

static void
vectors(void **state)
{
    uint8_t h[32], bytes[3];
    (void)state;
    tl_sha256("abc", 3, h);
    expect_hex(h, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    const struct tl_str parts[] = { TL_STR("what do ya want "), { "", 0 }, TL_STR("for nothing?") };
    tl_hmac256(TL_STR("Jefe"), parts, 3, h);        /* RFC 4231, case 2 */
    expect_hex(h, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    tl_hmac256((struct tl_str){0}, NULL, 0, h);     /* of nothing under no key */
    expect_hex(h, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
    assert_int_equal(tl_unhex("00fFa9", 3, bytes), 0);
    assert_memory_equal(bytes, "\x00\xff\xa9", 3);
    for (const char *bad = "gG/:@` "; *bad != 0; bad++) {
        char hex[] = { '0', *bad, 0 }, other[] = { *bad, '0', 0 };
        assert_int_equal(tl_unhex(hex, 1, bytes), TL_EINVAL);
        assert_int_equal(tl_unhex(other, 1, bytes), TL_EINVAL);
    }
}

/* What tl_key_load gives is on disk, or it gives none. */
static void
keys(void **state)
{
    static const struct { unsigned kind; int code; } faults[] = { { NTH_OPEN, EACCES }, { NTH_WRITE, ENOSPC }, { NTH_SYNC, EIO }, { NTH_READ, EIO } };
    char dir[] = "/tmp/touchline-keys-XXXXXX", path[100], longer[5000];
    uint8_t key[TL_KEY_BYTES], again[TL_KEY_BYTES];
    struct tl_err err = {0};
    int names_n = 0;

    (void)state;
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/a.key", dir);
    assert_int_equal(tl_key_load(path, 0, key, &err), TL_ENOTFOUND);
    for (size_t f = 0; f < sizeof faults / sizeof faults[0]; f++)
        for (uint64_t n = 1; nth_more(faults[f].kind, n, faults[f].code); n++) {
            unlink(path);
            err = (struct tl_err){0};
            int rc = tl_key_load(path, 1, key, &err);
            bool hit = nth_done();
            assert_int_equal(rc, hit ? TL_EIO : 0);
            assert_int_equal(err.text[0] != 0, hit);
            rc = tl_key_load(path, 0, again, &err);
            assert_true(rc == 0 || (hit && rc == TL_ENOTFOUND));   /* one that is there although its name was not synced is the one that goes on */
            if (rc == 0)
                assert_memory_equal(key, again, sizeof key);
        }
    for (uint64_t n = 1; nth_more(NTH_SYNC, n, EIO); n++, names_n++) {       /* found: its folder and the one above are synced again */
        int rc = tl_key_load(path, 1, key, &err);
        assert_int_equal(rc, nth_done() ? TL_EIO : 0);
    }
    assert_int_equal(names_n, 3);
    nth_only("fsync", 1, EIO, true);
    assert_int_equal(tl_key_load(path, 0, key, &err), 0);           /* who only reads syncs nothing */
    nth_done();
    nth_more(NTH_READ, 1, EIO);
    assert_int_equal(tl_key_load(path, 1, key, &err), TL_EIO);      /* one that is there is never made anew */
    nth_done();
    assert_int_equal(tl_key_load(path, 1, key, &err), 0);
    assert_memory_equal(key, again, sizeof key);
    assert_int_equal(truncate(path, 31), 0);
    assert_int_equal(tl_key_load(path, 1, key, &err), TL_ECORRUPT);
    assert_non_null(strstr(err.text, "31 bytes"));
    memset(longer, 'x', sizeof longer);
    longer[sizeof longer - 1] = 0;
    assert_true(tl_key_load(longer, 1, key, &err) != 0);
    assert_int_equal(tl_key_load("/tmp/touchline-none/x.key", 1, key, &err), TL_EIO);
    unlink(path);
    assert_int_equal(rmdir(dir), 0);        /* nothing half is left beside it */
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(base64), cmocka_unit_test(vectors), cmocka_unit_test(keys) };
    return tl_hash_init() == 0 ? cmocka_run_group_tests_name("hash", tests, NULL, NULL) : 1;
}
