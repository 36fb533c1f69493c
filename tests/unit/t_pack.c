/* t_pack.c - msgpack maps: bytes as the specification writes them, what must be refused, and that no byte string makes the reader ask for memory or overrun. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdlib.h>
#include <cmocka.h>

#include "tl_hash.h"
#include "tl_pack.h"

struct found {
    int n;
    struct tl_str text[8];
    int64_t integer[8];
};

static int
take(void *arg, const struct tl_pack_member *m)
{
    struct found *f = arg;
    if (f->n < 8) {
        f->text[f->n] = m->text;
        f->integer[f->n] = m->integer;
    }
    f->n++;
    return 0;
}

static void
test_bytes_of_the_specification(void **state)
{
    static const uint8_t want[] = { 0x84, 0xa1, 'a', 0xa2, 'h', 'i', 0xa1, 'b', 0xd1, 0xff, 0x00, 0xa1, 'c', 0xc4, 2, 0, 1, 0xa1, 'd', 0xc0 };
    struct tl_buf b = { 0 };
    struct found f = { 0 };
    (void)state;
    tl_pack_map(&b, 4);
    tl_pack_text(&b, "a", TL_STR("hi"));
    tl_pack_int(&b, "b", -256);
    tl_pack_bytes(&b, "c", (struct tl_str){ "\0\1", 2 });
    tl_pack_text(&b, "d", (struct tl_str){ NULL, 0 });
    assert_int_equal(b.len, sizeof want);
    assert_memory_equal(b.data, want, sizeof want);
    assert_int_equal(tl_pack_read((struct tl_str){ (char *)b.data, b.len }, take, &f), 0);
    assert_int_equal(f.n, 4);
    assert_true(tl_str_is(f.text[0], "hi"));
    assert_int_equal(f.integer[1], -256);
    assert_int_equal(f.text[2].n, 2);
    assert_null(f.text[3].p);
    for (size_t n = 0; n < b.len; n++)
        assert_int_equal(tl_pack_read((struct tl_str){ (char *)b.data, n }, take, &f), TL_ETRUNC);
    tl_buf_free(&b);
}

static void
test_must_reject(void **state)
{
    static const struct {
        const char *bytes;
        size_t n;
        int code;
    } cases[] = {
        { "\x93\x01\x02\x03", 4, TL_ERANGE },                          /* an array */
        { "\x81\x01\x02", 3, TL_ERANGE },                              /* a name that is no text */
        { "\x80\xc0", 2, TL_ETRUNC },                                  /* bytes behind the map */
        { "\xdf\xff\xff\xff\xff", 5, TL_ETRUNC },                      /* 4 billion members in 5 bytes */
        { "\x81\xa1" "a" "\xc6\xff\xff\xff\xff", 8, TL_ETRUNC },       /* 4 GB of bytes */
        { "\x81\xa1" "a" "\xdd\x0f\xff\xff\xff", 8, TL_ETRUNC },
        { "\x81\xa1" "a" "\x91\x91\x91\x91\x91\x91\x91\x91\x91\xc0", 13, TL_ERANGE },
        { "\x81\xa1" "a" "\xc1", 4, TL_ETRUNC },                       /* the byte that is never used */
    };
    struct found f = { 0 };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(tl_pack_read((struct tl_str){ cases[i].bytes, cases[i].n }, take, &f), cases[i].code);
}

static void
test_any_bytes(void **state)
{
    uint64_t seed = 1;
    char bytes[24];
    struct found f = { 0 };
    (void)state;
    for (int i = 0; i < 300000; i++) {
        for (size_t k = 0; k < sizeof bytes; k++) {
            seed = tl_mix64(seed + UINT64_C(0x9E3779B97F4A7C15));
            bytes[k] = (char)seed;
        }
        bytes[0] = (char)(0x80 | (bytes[0] & 3));
        tl_pack_read((struct tl_str){ bytes, 1 + seed % 23 }, take, &f);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_bytes_of_the_specification), cmocka_unit_test(test_must_reject), cmocka_unit_test(test_any_bytes) };
    return cmocka_run_group_tests_name("pack", tests, NULL, NULL);
}
