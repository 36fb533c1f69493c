/* spill.c - see spill.h. Record: u32 LE length, bytes. */
#include "spill.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CHUNK_BYTES (256u << 10)
#define LENGTH_BYTES 4u

void
spill_open(struct spill *s, const char *dir, size_t buffer_bytes)
{
    *s = (struct spill){ .dir = dir, .buffer_bytes = buffer_bytes, .fd = -1 };
}

void
spill_close(struct spill *s)
{
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
    tl_buf_free(&s->buf);
}

static int
failed(struct tl_err *err, const char *doing)
{
    return tl_fail(err, errno == ENOSPC ? TL_ENOSPC : TL_EIO, "%s a temporary file of the rebuild: %s", doing, strerror(errno));
}

static int
flush(struct spill *s, struct tl_err *err)
{
    if (s->fd < 0) {
        s->fd = open(s->dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
        if (s->fd < 0)
            return failed(err, "making");
    }
    for (size_t done = 0; done < s->buf.len;) {
        ssize_t n = write(s->fd, s->buf.data + done, s->buf.len - done);
        if (n < 0 && errno != EINTR)
            return failed(err, "writing");
        done += n > 0 ? (size_t)n : 0;
    }
    s->written += s->buf.len;
    tl_buf_reset(&s->buf);
    return 0;
}

int
spill_put(struct spill *s, const void *a, size_t a_n, const void *b, size_t b_n, struct tl_err *err)
{
    int rc = s->buf.len + a_n + b_n + LENGTH_BYTES > s->buffer_bytes && s->buf.len > 0 ? flush(s, err) : 0;

    tl_buf_put_le32(&s->buf, (uint32_t)(a_n + b_n));
    if (a_n > 0)
        tl_buf_put(&s->buf, a, a_n);
    if (b_n > 0)
        tl_buf_put(&s->buf, b, b_n);
    return rc == 0 && s->buf.failed ? tl_fail(err, TL_ENOMEM, "out of memory for the rebuild") : rc;
}

int
spill_read(struct spill_cur *c, struct spill *s, struct tl_err *err)
{
    *c = (struct spill_cur){ .s = s };
    if (s->fd < 0)
        return 0;
    int rc = flush(s, err);
    tl_buf_free(&s->buf);
    return rc;
}

/* At least n bytes from pos on in the chunk, or the end of the file. */
static int
fill(struct spill_cur *c, size_t n, struct tl_err *err)
{
    size_t left = c->chunk.len - c->pos;

    if (left >= n || c->at == c->s->written)
        return 0;
    if (left > 0)
        memmove(c->chunk.data, c->chunk.data + c->pos, left);
    c->chunk.len = left;
    c->pos = 0;
    size_t want = n - left > CHUNK_BYTES ? n - left : CHUNK_BYTES;
    if (!tl_buf_reserve(&c->chunk, want))
        return tl_fail(err, TL_ENOMEM, "out of memory for the rebuild");
    while (c->chunk.len < n && c->at < c->s->written) {
        ssize_t got = pread(c->s->fd, c->chunk.data + c->chunk.len, want, (off_t)c->at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return failed(err, "reading");
        c->chunk.len += (size_t)got;
        c->at += (uint64_t)got;
        want -= (size_t)got;
    }
    return 0;
}

int
spill_next(struct spill_cur *c, struct tl_str *rec, struct tl_err *err)
{
    bool file = c->s->fd >= 0;
    struct tl_buf *b = file ? &c->chunk : &c->s->buf;
    int rc = file ? fill(c, LENGTH_BYTES, err) : 0;

    if (rc != 0 || b->len - c->pos < LENGTH_BYTES)
        return rc;
    struct tl_cur head = tl_cur_of(b->data + c->pos, LENGTH_BYTES);
    size_t n = tl_cur_le32(&head);
    rc = file ? fill(c, LENGTH_BYTES + n, err) : 0;
    if (rc != 0)
        return rc;
    if (b->len - c->pos < LENGTH_BYTES + n)
        return tl_fail(err, TL_ETRUNC, "a temporary file of the rebuild ends too early");
    *rec = (struct tl_str){ (const char *)b->data + c->pos + LENGTH_BYTES, n };
    c->pos += LENGTH_BYTES + n;
    return 1;
}

void
spill_done(struct spill_cur *c)
{
    tl_buf_free(&c->chunk);
}
