/* tl_hash.c - see tl_hash.h. The checksum is in tl_crc.c. */
#include "tl_hash.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tl_port.h"

int
tl_hash_init(void)
{
    return sodium_init() < 0 ? TL_EIO : 0;
}

ptrdiff_t
tl_base64(struct tl_str text, void *out, size_t max)
{
    size_t n = 0;
    bool url = text.n > 0 && (memchr(text.p, '-', text.n) || memchr(text.p, '_', text.n));
    while (text.n > 0 && text.p[text.n - 1] == '=')
        text.n--;
    if (text.n == 0) return 0;
    int rc = sodium_base642bin(out, max, text.p, text.n, NULL, &n, NULL, url ? sodium_base64_VARIANT_URLSAFE_NO_PADDING : sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
    return rc == 0 ? (ptrdiff_t)n : -1;
}

uint64_t
tl_hash64(const uint8_t key[TL_KEY_BYTES], const void *p, size_t n)
{
    uint64_t out;
    _Static_assert(crypto_shorthash_KEYBYTES <= TL_KEY_BYTES, "key");
    crypto_shorthash((unsigned char *)&out, p, n, key);
    return out;
}

void
tl_hash128(const uint8_t key[TL_KEY_BYTES], const void *p, size_t n, uint8_t out[16])
{
    crypto_generichash(out, 16, p, n, key, TL_KEY_BYTES);
}

void
tl_hash256(const void *p, size_t n, uint8_t out[32])
{
    crypto_generichash(out, 32, p, n, NULL, 0);
}

uint64_t
tl_mix64(uint64_t x)
{
    x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
    return x ^ x >> 31;
}

void
tl_hex(const void *p, size_t n, char *out)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *b = p;
    for (size_t i = 0; i < n; i++) {
        *out++ = digits[b[i] >> 4];
        *out++ = digits[b[i] & 15];
    }
    *out = '\0';
}

static int
hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int
tl_unhex(const char *hex, size_t n_bytes, void *out)
{
    uint8_t *b = out;
    for (size_t i = 0; i < n_bytes; i++) {
        int hi = hex_digit(hex[2 * i]), lo = hi < 0 ? -1 : hex_digit(hex[2 * i + 1]);
        if (lo < 0)
            return TL_EINVAL;
        b[i] = (uint8_t)(hi << 4 | lo);
    }
    return 0;
}

/* A new key is written under another name first: a power cut leaves no key or a whole one, never half. */
static int
key_make(const char *path, uint8_t key[TL_KEY_BYTES], struct tl_err *err)
{
    char temp[4096];
    if (snprintf(temp, sizeof temp, "%s.new.%d", path, (int)getpid()) >= (int)sizeof temp)
        return tl_fail(err, TL_EINVAL, "path too long: %s", path);
    randombytes_buf(key, TL_KEY_BYTES);
    int fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return tl_fail(err, TL_EIO, "cannot make %s: %s", temp, strerror(errno));
    bool ok = write(fd, key, TL_KEY_BYTES) == TL_KEY_BYTES && fsync(fd) == 0;       /* half of it is an error without a number */
    close(fd);
    int rc = !ok ? EIO : link(temp, path) == 0 ? 0 : errno;   /* link, not rename: a key that is there is never replaced */
    unlink(temp);
    if (ok && rc == EEXIST)
        return tl_key_load(path, 0, key, err);
    return rc ? tl_fail(err, TL_EIO, "cannot write %s: %s", path, strerror(rc)) : 0;
}

/* The key's name in its folder, and the folder's in the one above: without them a power cut takes the key, and what was hashed under it meets nothing again. */
static int
keep_name(const char *path, struct tl_err *err)
{
    char folder[4096];
    const char *slash = strrchr(path, '/');
    int rc = 0;
    for (int up = 0; rc >= 0 && up < 2; up++) {
        int n = snprintf(folder, sizeof folder, "%.*s/%s", slash ? (int)(slash - path) : 1, slash ? path : ".", up ? ".." : ".");
        rc = n < (int)sizeof folder ? tl_io_posix()->sync_dir(tl_io_posix(), folder) : -ENAMETOOLONG;
    }
    return rc < 0 ? tl_fail(err, TL_EIO, "cannot sync %s: %s", folder, strerror(-rc)) : 0;
}

int
tl_key_load(const char *path, int make, uint8_t key[TL_KEY_BYTES], struct tl_err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT && make) {
        int rc = key_make(path, key, err);
        return rc == 0 ? keep_name(path, err) : rc;
    }
    if (fd < 0)
        return tl_fail(err, errno == ENOENT ? TL_ENOTFOUND : TL_EIO, "cannot read %s: %s", path, strerror(errno));
    ssize_t got = read(fd, key, TL_KEY_BYTES);
    int why = errno;
    close(fd);
    if (got < 0)
        return tl_fail(err, TL_EIO, "cannot read %s: %s", path, strerror(why));
    if (got != TL_KEY_BYTES)
        return tl_fail(err, TL_ECORRUPT, "%s holds %zd bytes, a key has %d: restore it from a backup", path, got, TL_KEY_BYTES);
    return make ? keep_name(path, err) : 0;        /* who made it may have ended before that */
}

void
tl_sha256(const void *p, size_t n, uint8_t out[32])
{
    _Static_assert(crypto_hash_sha256_BYTES == 32, "sha256");
    crypto_hash_sha256(out, p, n);
}

void
tl_hmac256(struct tl_str key, const struct tl_str *part, int parts_n, uint8_t out[32])
{
    crypto_auth_hmacsha256_state s;
    _Static_assert(crypto_auth_hmacsha256_BYTES == 32, "hmac");
    crypto_auth_hmacsha256_init(&s, (const unsigned char *)(key.n ? key.p : ""), key.n);
    for (int i = 0; i < parts_n; i++)
        if (part[i].n)
            crypto_auth_hmacsha256_update(&s, (const unsigned char *)part[i].p, part[i].n);
    crypto_auth_hmacsha256_final(&s, out);
}

void
tl_base64_put(const void *p, size_t n, char *out)
{
    sodium_bin2base64(out, TL_BASE64_BYTES(n), p, n, sodium_base64_VARIANT_ORIGINAL);
}
