/* t_gzip.c - bodies and files inflated: whole ones come back, damaged, cut and swollen ones are told apart, nothing is read beyond what is allowed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include <zlib.h>

#include "nth_kit.h"
#include "tl_decode.h"
#include "tl_gzip.h"
#include "tl_hash.h"

static bool zlib_fails;

/* zlib's own memory */
int
inflateInit2_(z_streamp z, int bits, const char *version, int bytes)
{
    NTH_REAL(inflateInit2_);
    return zlib_fails ? Z_MEM_ERROR : real(z, bits, version, bytes);
}

int
deflateInit2_(z_streamp z, int level, int method, int bits, int mem, int strategy, const char *version, int bytes)
{
    NTH_REAL(deflateInit2_);
    return zlib_fails ? Z_MEM_ERROR : real(z, level, method, bits, mem, strategy, version, bytes);
}

gzFile
gzdopen(int fd, const char *mode)
{
    NTH_REAL(gzdopen);
    return zlib_fails ? NULL : real(fd, mode);
}

/* text of n bytes: random letters, or all the same */
static void
make_text(struct tl_buf *b, size_t n, bool same)
{
    uint64_t seed = n;
    for (size_t i = 0; i < n; i++) {
        seed = tl_mix64(seed + 1);
        tl_buf_put_u8(b, same ? 'x' : (uint8_t)('a' + seed % 26));
    }
}

static void
bodies(void **state)
{
    static const size_t sizes[] = { 0, 1, 1000, 32768, 32769, 200000 };
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct tl_buf text = {0}, packed = {0}, back = {0};
        make_text(&text, sizes[i], false);
        assert_int_equal(tl_gzip_deflate(text.data, text.len, &packed, NULL), 0);
        assert_true(tl_gzip_is(packed.data, packed.len));
        assert_int_equal(tl_gzip_inflate(packed.data, packed.len, 1 << 20, &back, NULL), 0);
        assert_int_equal(back.len, text.len);
        if (text.len > 0)
            assert_memory_equal(back.data, text.data, text.len);
        tl_buf_reset(&back);                /* two members are one text */
        tl_buf_put(&packed, packed.data, 0);
        size_t one = packed.len;
        uint8_t *copy = malloc(one);
        memcpy(copy, packed.data, one);
        tl_buf_put(&packed, copy, one);
        free(copy);
        assert_int_equal(tl_gzip_inflate(packed.data, packed.len, 1 << 20, &back, NULL), 0);
        assert_int_equal(back.len, 2 * text.len);
        tl_buf_reset(&back);                /* what stands behind is not looked at */
        assert_int_equal(tl_gzip_inflate(packed.data, one + 1, 1 << 20, &back, NULL), 0);
        assert_int_equal(back.len, text.len);
        for (size_t cut = 0; cut < one && cut < 40; cut++) {
            tl_buf_reset(&back);
            assert_int_equal(tl_gzip_inflate(packed.data, cut, 1 << 20, &back, NULL), TL_EINVAL);
        }
        if (sizes[i] > 0) {
            struct tl_err err = {0};
            tl_buf_reset(&back);
            assert_int_equal(tl_gzip_inflate(packed.data, one, sizes[i] - 1, &back, &err), TL_ETOOBIG);
            assert_non_null(strstr(err.text, "more than"));
        }
        tl_buf_free(&text);
        tl_buf_free(&packed);
        tl_buf_free(&back);
    }
    assert_false(tl_gzip_is("\x1f\x8b", 2));
    assert_false(tl_gzip_is("\x1f\x8c\x08", 3));
    assert_false(tl_gzip_is("x\x8b\x08", 3));
}

static void
swollen_and_damaged(void **state)
{
    struct tl_buf text = {0}, packed = {0}, back = {0};
    struct tl_err err = {0};
    (void)state;
    make_text(&text, 4 << 20, true);
    assert_int_equal(tl_gzip_deflate(text.data, text.len, &packed, NULL), 0);
    assert_int_equal(tl_gzip_inflate(packed.data, packed.len, 64 << 20, &back, &err), TL_ETOOBIG);
    assert_non_null(strstr(err.text, "times its size"));
    assert_true(back.len < 1 << 20);            /* it stopped early */
    packed.data[12] ^= 255;
    tl_buf_reset(&back);
    assert_int_equal(tl_gzip_inflate(packed.data, packed.len, 64 << 20, &back, &err), TL_EINVAL);
    assert_int_equal(tl_gzip_inflate("no gzip at all", 14, 64 << 20, &back, &err), TL_EINVAL);
    assert_non_null(strstr(err.text, "damaged"));
    assert_int_equal(tl_gzip_inflate("x", (size_t)1 << 40, 64 << 20, &back, &err), TL_ETOOBIG);
    assert_int_equal(tl_gzip_deflate("x", (size_t)1 << 40, &packed, &err), TL_ETOOBIG);
    zlib_fails = true;
    assert_int_equal(tl_gzip_inflate("x", 1, 100, &back, &err), TL_ENOMEM);
    assert_int_equal(tl_gzip_deflate("x", 1, &packed, &err), TL_ENOMEM);
    zlib_fails = false;
    for (uint64_t n = 1; nth_more(NTH_ALLOC, n, 0); n++) {
        struct tl_buf a = {0}, b = {0};
        int rc = tl_gzip_deflate(text.data, 100000, &a, &err);
        if (rc == 0)
            rc = tl_gzip_inflate(a.data, a.len, 1 << 20, &b, &err);
        assert_int_equal(rc, nth_done() ? TL_ENOMEM : TL_ETOOBIG);
        tl_buf_free(&a);
        tl_buf_free(&b);
    }
    tl_buf_free(&text);
    tl_buf_free(&packed);
    tl_buf_free(&back);
}

/* ---- files ---- */

static char path[] = "/tmp/touchline-gzip-XXXXXX";

static void
write_file(const void *p, size_t n)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, p, n), n);
    close(fd);
}

static int
read_file(struct tl_buf *out, struct tl_err *err)
{
    struct tl_gzip_file *f = NULL;
    char some[700];
    ssize_t n = 0;
    int rc = tl_gzip_open(&f, path, err);

    tl_buf_reset(out);
    assert_int_equal(rc == 0, f != NULL);
    while (rc == 0 && (n = tl_gzip_read(f, some, sizeof some, err)) > 0)
        tl_buf_put(out, some, (size_t)n);
    tl_gzip_close(&f);
    tl_gzip_close(&f);
    return rc != 0 ? rc : (int)n;
}

static void
files(void **state)
{
    struct tl_buf text = {0}, packed = {0}, out = {0};
    struct tl_err err = {0};
    struct tl_gzip_file *f = NULL;
    (void)state;
    make_text(&text, 300000, false);
    tl_gzip_deflate(text.data, text.len, &packed, NULL);
    assert_int_equal(tl_gzip_open(&f, "/tmp/touchline-none/x", &err), TL_ENOTFOUND);
    assert_int_equal(tl_gzip_open(&f, "/tmp", &err), TL_EIO);
    assert_non_null(strstr(err.text, "folder"));
    write_file(text.data, text.len);
    assert_int_equal(read_file(&out, &err), 0);
    assert_int_equal(out.len, text.len);
    write_file(packed.data, packed.len);
    assert_int_equal(read_file(&out, &err), 0);
    assert_int_equal(out.len, text.len);
    assert_memory_equal(out.data, text.data, text.len);
    zlib_fails = true;
    assert_int_equal(read_file(&out, &err), TL_ENOMEM);
    zlib_fails = false;
    for (uint64_t n = 1; nth_more(NTH_OPEN, n, EACCES); n++) {
        int rc = read_file(&out, &err);
        assert_int_equal(rc, nth_done() ? TL_EIO : 0);
    }
    for (uint64_t n = 1; nth_more(NTH_ALLOC, n, 0); n++) {
        tl_buf_free(&out);
        tl_buf_reserve(&out, 400000);
        int rc = read_file(&out, &err);
        assert_int_equal(rc, nth_done() && rc != 0 ? TL_ENOMEM : 0);
    }
    for (size_t cut = 20; cut < packed.len; cut += 40000) {
        write_file(packed.data, cut);
        assert_int_equal(read_file(&out, &err), TL_EINVAL);
        assert_non_null(strstr(err.text, path));
    }
    packed.data[100] ^= 255;
    write_file(packed.data, packed.len);
    assert_int_equal(read_file(&out, &err), TL_EINVAL);
    tl_buf_free(&text);
    tl_buf_free(&packed);
    tl_buf_free(&out);
}

/* ---- other encodings ---- */

static void
encodings(void **state)
{
    static const struct { const char *encoding, *bytes; size_t n; const char *want; } rows[] = {
        { "GB18030", "\xc4\xe3\xba\xc3, a", 7, "\xe4\xbd\xa0\xe5\xa5\xbd, a" },
        { "GBK", "\xc4\xe3\xff" "b", 4, "\xe4\xbd\xa0\xff" "b" },           /* a byte that is no text */
        { "GBK", "ab\xc4", 3, "ab\xff" },                                   /* half a character at the end */
        { "UTF-16LE", "a\0b\0c", 5, "ab\xff" },
        { "WINDOWS-1252", "caf\xe9", 4, "caf\xc3\xa9" },
        { "utf8", "caf\xc3\xa9", 5, "caf\xc3\xa9" }, { NULL, "x", 1, "x" }, { "GBK", "", 0, "" },
    };
    struct tl_err err = {0};
    struct tl_decode *d = NULL;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (size_t room = TL_DECODE_ROOM_BYTES; room < 40; room += 5) {
            char out[200];
            size_t at = 0;
            ssize_t n = 0;
            write_file(rows[i].bytes, rows[i].n);
            assert_int_equal(tl_decode_open(&d, path, rows[i].encoding, &err), 0);
            while ((n = tl_decode_read(d, out + at, room, &err)) > 0)
                at += (size_t)n;
            assert_int_equal(n, 0);
            tl_decode_close(&d);
            assert_int_equal(at, strlen(rows[i].want));
            assert_memory_equal(out, rows[i].want, at);
        }
    assert_int_equal(tl_decode_open(&d, path, "no-such", &err), TL_ECONFIG);
    assert_int_equal(tl_decode_open(&d, path, "GBK//IGNORE", &err), TL_ECONFIG);
    assert_int_equal(tl_decode_open(&d, "/tmp/touchline-none/x", "GBK", &err), TL_ENOTFOUND);
    nth_more(NTH_ALLOC, 1, 0);
    assert_int_equal(tl_decode_open(&d, path, "GBK", &err), TL_ENOMEM);
    nth_done();
    tl_decode_close(&d);
    struct tl_buf packed = {0};
    tl_gzip_deflate("text that is cut", 16, &packed, NULL);
    write_file(packed.data, packed.len - 6);
    char out[100];
    assert_int_equal(tl_decode_open(&d, path, "GBK", &err), 0);
    ssize_t n = 1;
    while (n > 0)
        n = tl_decode_read(d, out, sizeof out, &err);
    assert_int_equal(n, TL_EINVAL);
    tl_decode_close(&d);
    tl_buf_free(&packed);
    assert_true(tl_decode_known("GBK") && tl_decode_known("UTF-8") && tl_decode_known(NULL));
    assert_false(tl_decode_known("") || tl_decode_known("GBK//IGNORE") || tl_decode_known("no-such"));
    assert_true(tl_decode_would_read("GBK", tl_str_of("\xc4\xe3\xba\xc3")));
    assert_false(tl_decode_would_read("GBK", tl_str_of("plain")) || tl_decode_would_read("GBK", tl_str_of("\xff\xff")) || tl_decode_would_read("no-such", tl_str_of("\xc4\xe3")));
    char longer[2000];
    for (size_t i = 0; i < sizeof longer; i++)
        longer[i] = "\xc4\xe3"[i % 2];
    assert_true(tl_decode_would_read("GBK", (struct tl_str){ longer, sizeof longer }));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies), cmocka_unit_test(swollen_and_damaged), cmocka_unit_test(files), cmocka_unit_test(encodings),
    };
    close(mkstemp(path));
    int rc = tl_hash_init() == 0 ? cmocka_run_group_tests_name("gzip", tests, NULL, NULL) : 1;
    unlink(path);
    return rc;
}
