/* tl_hash.h - checksums and hashes. Only lib/tl_hash.c includes sodium.h.
 * CRC32C (Castagnoli, as iSCSI) guards every stored value; SipHash-2-4 keyed gives 64 bits; BLAKE2b keyed gives 128 or 256. */
#ifndef TL_HASH_H
#define TL_HASH_H

#include <stddef.h>
#include <stdint.h>
#include "tl_err.h"
#include "tl_mem.h"

#define TL_KEY_BYTES 32

int tl_hash_init(void);                                                     /* once, before threads; 0 or TL_EIO */
uint32_t tl_crc32c(uint32_t crc, const void *p, size_t n);                  /* start with 0; chains */
uint32_t tl_crc32c_by_table(uint32_t crc, const void *p, size_t n);     /* the same, as on a machine without the instruction */
uint64_t tl_hash64(const uint8_t key[TL_KEY_BYTES], const void *p, size_t n);   /* keyed SipHash-2-4 with the key's first 16 bytes */
void tl_hash128(const uint8_t key[TL_KEY_BYTES], const void *p, size_t n, uint8_t out[16]); /* keyed BLAKE2b-128 */
void tl_hash256(const void *p, size_t n, uint8_t out[32]);                  /* BLAKE2b-256, no key */
uint64_t tl_mix64(uint64_t x);                                              /* splitmix64 finaliser, for hash tables */
void tl_hex(const void *p, size_t n, char *out);                            /* 2n characters and NUL */
/* tl_base64 - decode either alphabet, with or without padding, into out: how many bytes; -1: not base64, or more than max */
ptrdiff_t tl_base64(struct tl_str text, void *out, size_t max);
int tl_unhex(const char *hex, size_t n_bytes, void *out);                   /* 0, or TL_EINVAL */
void tl_sha256(const void *p, size_t n, uint8_t out[32]);                     /* FIPS 180-4; where others ask for it */
/* tl_hmac256 - HMAC-SHA256 (RFC 2104) of the parts one after the other, under a key of any length */
void tl_hmac256(struct tl_str key, const struct tl_str *part, int parts_n, uint8_t out[32]);
#define TL_BASE64_BYTES(n) ((((n) + 2) / 3) * 4 + 1)
void tl_base64_put(const void *p, size_t n, char *out);                       /* RFC 4648 section 4, padded, and NUL: TL_BASE64_BYTES(n) */
/* tl_key_load - the store's secret: TL_KEY_BYTES from path (0600), made at random when absent and `make` is set: then its name is synced as
 * well before it is given. 0, TL_EIO, TL_ENOTFOUND, TL_ECORRUPT (not TL_KEY_BYTES long). */
int tl_key_load(const char *path, int make, uint8_t key[TL_KEY_BYTES], struct tl_err *err);

#endif
