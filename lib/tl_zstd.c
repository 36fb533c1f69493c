/* tl_zstd.c - see tl_zstd.h. */
#include "tl_zstd.h"

#include <zstd.h>
#include <zstd_errors.h>

int
tl_zstd_pack(struct tl_str in, int level, struct tl_buf *out, struct tl_err *err)
{
    size_t bound = ZSTD_compressBound(in.n);
    if (!tl_buf_reserve(out, bound))
        return tl_fail(err, TL_ENOMEM, "no memory to compress %zu bytes", in.n);
    size_t n = ZSTD_compress(out->data + out->len, bound, in.p, in.n, level);
    if (ZSTD_isError(n))
        return tl_fail(err, TL_ENOMEM, "zstd: %s", ZSTD_getErrorName(n));
    out->len += n;
    return 0;
}

int
tl_zstd_unpack(struct tl_str in, size_t max_bytes, struct tl_buf *out, struct tl_err *err)
{
    unsigned long long size = ZSTD_getFrameContentSize(in.p, in.n);
    if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN)
        return tl_fail(err, TL_ECORRUPT, "not a zstd frame with its size");
    if (size > max_bytes)
        return tl_fail(err, TL_ETOOBIG, "zstd frame of %llu bytes, at most %zu are taken", size, max_bytes);
    if (!tl_buf_reserve(out, (size_t)size + 1))
        return tl_fail(err, TL_ENOMEM, "no memory for %llu bytes", size);
    size_t n = ZSTD_decompress(out->data + out->len, (size_t)size, in.p, in.n);
    if (ZSTD_getErrorCode(n) == ZSTD_error_memory_allocation)
        return tl_fail(err, TL_ENOMEM, "no memory to undo a zstd frame");
    if (ZSTD_isError(n) || n != size)
        return tl_fail(err, TL_ECORRUPT, "zstd frame is damaged");
    out->len += n;
    return 0;
}
