/* tl_zstd.h - zstd frames. Only lib/tl_zstd.c includes zstd.h. */
#ifndef TL_ZSTD_H
#define TL_ZSTD_H

#include "tl_err.h"
#include "tl_mem.h"

int tl_zstd_pack(struct tl_str in, int level, struct tl_buf *out, struct tl_err *err);
int tl_zstd_unpack(struct tl_str in, size_t max_bytes, struct tl_buf *out, struct tl_err *err);   /* TL_ECORRUPT, TL_ETOOBIG */

#endif
