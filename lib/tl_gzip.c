/* tl_gzip.c - see tl_gzip.h. */
#include "tl_gzip.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define WINDOW_GZIP_OR_ZLIB (15 + 32)
#define RATIO_FREE_BYTES 65536
#define STEP_BYTES 32768

bool
tl_gzip_is(const void *p, size_t n)
{
    const uint8_t *b = p;
    return n > 2 && b[0] == 0x1f && b[1] == 0x8b;
}

static int
inflate_step(z_stream *z, size_t max_bytes, struct tl_buf *out, size_t n_in, struct tl_err *err)
{
    if (!tl_buf_reserve(out, STEP_BYTES))
        return tl_fail(err, TL_ENOMEM, "no memory to inflate a body");
    z->next_out = out->data + out->len;
    z->avail_out = STEP_BYTES;
    int zrc = inflate(z, Z_NO_FLUSH);
    out->len += STEP_BYTES - z->avail_out;
    if (zrc != Z_OK && zrc != Z_STREAM_END)
        return tl_fail(err, TL_EINVAL, "compressed body is damaged or cut short: %s", z->msg ? z->msg : "unexpected end");
    if (out->len > max_bytes)
        return tl_fail(err, TL_ETOOBIG, "body inflates to more than %zu bytes", max_bytes);
    if (out->len > RATIO_FREE_BYTES && out->len / TL_GZIP_RATIO_MAX > n_in)
        return tl_fail(err, TL_ETOOBIG, "body inflates to more than %d times its size", TL_GZIP_RATIO_MAX);
    return zrc;
}

int
tl_gzip_inflate(const void *p, size_t n, size_t max_bytes, struct tl_buf *out, struct tl_err *err)
{
    z_stream z = { .next_in = (Bytef *)(uintptr_t)p, .avail_in = (uInt)n };
    if (n > UINT32_MAX / 2)
        return tl_fail(err, TL_ETOOBIG, "compressed body of %zu bytes", n);
    if (inflateInit2(&z, WINDOW_GZIP_OR_ZLIB) != Z_OK)
        return tl_fail(err, TL_ENOMEM, "no memory to inflate a body");
    int rc = Z_OK;
    while (rc == Z_OK) {
        rc = inflate_step(&z, max_bytes, out, n, err);
        if (rc == Z_STREAM_END && z.avail_in > 0 && tl_gzip_is(z.next_in, z.avail_in))
            rc = inflateReset(&z);
    }
    inflateEnd(&z);
    return rc == Z_STREAM_END ? 0 : rc;
}

int
tl_gzip_deflate(const void *p, size_t n, struct tl_buf *out, struct tl_err *err)
{
    z_stream z = { .next_in = (Bytef *)(uintptr_t)p, .avail_in = (uInt)n };
    if (n > UINT32_MAX / 2)
        return tl_fail(err, TL_ETOOBIG, "%zu bytes to compress", n);
    if (deflateInit2(&z, Z_BEST_COMPRESSION, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) != Z_OK)
        return tl_fail(err, TL_ENOMEM, "no memory to compress");
    uLong bound = deflateBound(&z, (uLong)n);
    int zrc = Z_MEM_ERROR;
    if (tl_buf_reserve(out, bound)) {
        z.next_out = out->data + out->len;
        z.avail_out = (uInt)bound;
        zrc = deflate(&z, Z_FINISH);
        out->len += bound - z.avail_out;
    }
    deflateEnd(&z);
    return zrc == Z_STREAM_END ? 0 : tl_fail(err, TL_ENOMEM, "no memory to compress %zu bytes", n);
}

/* ---- files ---- */

#define FILE_BUFFER_BYTES (128 * 1024)

struct tl_gzip_file {
    gzFile gz;
    char path[160];             /* for messages */
};

int
tl_gzip_open(struct tl_gzip_file **out, const char *path, struct tl_err *err)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    *out = NULL;
    if (fd < 0)
        return tl_fail(err, errno == ENOENT ? TL_ENOTFOUND : TL_EIO, "cannot open %s: %s", path, strerror(errno));
    if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
        close(fd);
        return tl_fail(err, TL_EIO, "%s is a folder, not a file", path);
    }
    struct tl_gzip_file *f = tl_alloc(sizeof *f);
    if (!f || !(f->gz = gzdopen(fd, "rb"))) {
        close(fd);
        tl_free(f);
        return tl_fail(err, TL_ENOMEM, "no memory to read %s", path);
    }
    gzbuffer(f->gz, FILE_BUFFER_BYTES);
    size_t n = strlen(path), skip = n >= sizeof f->path ? n - sizeof f->path + 1 : 0;
    memcpy(f->path, path + skip, n - skip + 1);
    *out = f;
    return 0;
}

ssize_t
tl_gzip_read(struct tl_gzip_file *f, void *p, size_t n, struct tl_err *err)
{
    int zrc = Z_OK, got = gzread(f->gz, p, (unsigned)(n < 1u << 30 ? n : 1u << 30));
    const char *why = gzerror(f->gz, &zrc);
    if (why != NULL && strncmp(why, "<fd:", 4) == 0 && strchr(why, ' ') != NULL)      /* zlib's name for a file opened by its descriptor */
        why = strchr(why, ' ') + 1;
    if (got < 0 || zrc == Z_BUF_ERROR)
        return tl_fail(err, zrc == Z_ERRNO ? TL_EIO : TL_EINVAL, "%s is damaged or cut short: %s", f->path, why);
    return got;
}

void
tl_gzip_close(struct tl_gzip_file **fp)
{
    if (!*fp)
        return;
    gzclose_r((*fp)->gz);
    tl_free(*fp);
    *fp = NULL;
}
