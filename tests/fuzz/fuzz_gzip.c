/* fuzz_gzip.c - any bytes as a compressed body: never more than was allowed comes out, damage is told, and what came out goes in and comes out again. The first
 * byte says how much is allowed: 2^n bytes. */
#include <stdint.h>
#include <stdlib.h>

#include "tl_gzip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define must(x) ((x) ? (void)0 : abort())

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct tl_buf out = {0}, packed = {0}, again = {0};
    struct tl_err err = {0};
    if (n == 0)
        return 0;
    size_t most = (size_t)1 << data[0] % 22;
    int rc = tl_gzip_inflate(data + 1, n - 1, most, &out, &err);
    must(rc == 0 || rc == TL_EINVAL || rc == TL_ETOOBIG || rc == TL_ENOMEM);
    must((rc != 0 || out.len <= most) && (rc == 0) == (err.code == 0));
    if (rc == 0 && out.len > 0) {
        must(tl_gzip_deflate(out.data, out.len, &packed, &err) == 0 && tl_gzip_is(packed.data, packed.len));
        rc = tl_gzip_inflate(packed.data, packed.len, most, &again, &err);
        must(rc == TL_ETOOBIG || (rc == 0 && again.len == out.len && memcmp(again.data, out.data, out.len) == 0));
    }
    tl_buf_free(&out);
    tl_buf_free(&packed);
    tl_buf_free(&again);
    return 0;
}
