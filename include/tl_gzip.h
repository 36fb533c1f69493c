/* tl_gzip.h - inflate and deflate whole bodies; read files inflated. Only lib/tl_gzip.c includes zlib.h. */
#ifndef TL_GZIP_H
#define TL_GZIP_H

#include <sys/types.h>
#include "tl_err.h"
#include "tl_mem.h"

#define TL_GZIP_RATIO_MAX 200   /* decompressed : compressed; beyond 64 KB of output a larger one is a bomb */

bool tl_gzip_is(const void *p, size_t n);  /* 1f 8b */
/* tl_gzip_inflate - gzip (all members) or zlib bytes into out, at most max_bytes. 0, TL_EINVAL (damaged), TL_ETOOBIG (over max or ratio), TL_ENOMEM. */
int tl_gzip_inflate(const void *p, size_t n, size_t max_bytes, struct tl_buf *out, struct tl_err *err);
int tl_gzip_deflate(const void *p, size_t n, struct tl_buf *out, struct tl_err *err);

/* ---- a file, inflated while it is read (all members); one that is not gzip is read as it is ---- */
struct tl_gzip_file;
int tl_gzip_open(struct tl_gzip_file **out, const char *path, struct tl_err *err);              /* TL_ENOTFOUND, TL_EIO, TL_ENOMEM */
/* tl_gzip_read - up to n bytes into p: how many, 0 at the end; TL_EINVAL (damaged, or cut short), TL_EIO */
ssize_t tl_gzip_read(struct tl_gzip_file *f, void *p, size_t n, struct tl_err *err);
void tl_gzip_close(struct tl_gzip_file **fp);

#endif
