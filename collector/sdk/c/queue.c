/* queue.c - see queue.h. */
#include "queue.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tl_hash.h"

#define MARK "touchline queue 1 "
#define HEAD_BYTES 64
#define SUM_BYTES 9                     /* eight digits and a blank */
#define ANEW_BYTES (256u * 1024)        /* an empty file of more begins anew */
#define HOLE_BYTES (64u * 1024)         /* given back in pieces of so many */
#define KEEP_BYTES (64u * 1024)         /* memory that an empty queue keeps */

static uint32_t
sum(const void *p, size_t n)
{
    return tl_crc32c(0, p, n);
}

static int
write_at(int fd, const void *p, size_t n, uint64_t at)
{
    ssize_t k = pwrite(fd, p, n, (off_t)at);
    return k == (ssize_t)n ? 0 : k < 0 ? errno : ENOSPC;
}

static int
write_head(const struct queue *q)
{
    char head[HEAD_BYTES] = { 0 };
    int n = snprintf(head, sizeof head, MARK "%020" PRIu64 " ", q->head);
    snprintf(head + n, sizeof head - (size_t)n, "%08" PRIx32 "\n", sum(head, (size_t)n));
    return write_at(q->fd, head, sizeof head, 0);
}

/* where lines begin to wait; 0: this is no queue of ours. A head that a power cut has emptied or garbled means: all of them. */
static uint64_t
read_head(int fd)
{
    static const char nothing[HEAD_BYTES];
    char head[HEAD_BYTES + 1] = { 0 };
    size_t n = sizeof MARK - 1 + 21;
    if (pread(fd, head, HEAD_BYTES, 0) != HEAD_BYTES || (memcmp(head, nothing, HEAD_BYTES) != 0 && memcmp(head, MARK, sizeof MARK - 1) != 0)) return 0;
    bool good = strtoul(head + n, NULL, 16) == sum(head, n) && head[n + 8] == '\n';
    uint64_t at = good ? strtoull(head + sizeof MARK - 1, NULL, 10) : HEAD_BYTES;
    return at < HEAD_BYTES ? HEAD_BYTES : at;
}

static ssize_t
read_some(int fd, void *p, size_t n, uint64_t at)
{
    ssize_t k;
    do
        k = pread(fd, p, n, (off_t)at);
    while (k < 0 && errno == EINTR);
    return k;
}

/* lines that wait, and the end of the last whole one: what is behind it was torn */
static int
scan(struct queue *q)
{
    char part[8192];
    uint64_t at = q->head;
    ssize_t n;
    for (q->tail = q->head; (n = read_some(q->fd, part, sizeof part, at)) > 0; at += (uint64_t)n)
        for (ssize_t i = 0; i < n; i++)
            if (part[i] == '\n') {
                q->tail = at + (uint64_t)i + 1;
                q->lines_n++;
            }
    return n < 0 ? errno : 0;
}

static int
open_file(struct queue *q)
{
    struct stat st;
    if (flock(q->fd, LOCK_EX | LOCK_NB) != 0 || fstat(q->fd, &st) != 0) return errno;
    if (!S_ISREG(st.st_mode)) return EINVAL;
    if (st.st_size == 0) q->head = HEAD_BYTES;
    else if ((q->head = read_head(q->fd)) == 0) return EINVAL;
    if (q->head > (uint64_t)st.st_size) q->head = q->tail = HEAD_BYTES;       /* ended between emptying the file and its head */
    off_t data = lseek(q->fd, (off_t)q->head, SEEK_DATA);                     /* past what was given back */
    if (data > (off_t)q->head) q->head = (uint64_t)data;
    int rc = scan(q);
    q->holed = q->head;
    if (rc == 0 && ftruncate(q->fd, (off_t)q->tail) != 0) rc = errno;
    if (rc == 0) rc = write_head(q);
    return rc == 0 && fdatasync(q->fd) != 0 ? errno : rc;
}

/* A file that was just made has its name in the folder after a power cut as well. */
static int
keep_name(const char *path)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    int n = snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
    if (n >= (int)sizeof folder) return ENAMETOOLONG;
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int rc = fd < 0 || (fsync(fd) != 0 && errno != EINVAL) ? errno : 0;      /* EINVAL: its file system has no such thing */
    if (fd >= 0) close(fd);
    return rc;
}

int
queue_open(struct queue *q, const char *path, size_t max_bytes)
{
    *q = (struct queue){ .max_bytes = max_bytes, .fd = -1 };
    if (!path) return 0;
    q->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (q->fd < 0) return errno;
    int rc = open_file(q);
    if (rc == 0) rc = keep_name(path);
    if (rc != 0) queue_forget(q);
    return rc;
}

size_t
queue_bytes(const struct queue *q)
{
    return q->fd < 0 ? q->memory.len : q->no_holes ? (size_t)q->tail : (size_t)(q->tail - q->head);
}

static int
put_in_file(struct queue *q, const void *line, size_t n)
{
    char begin[SUM_BYTES + 1];
    snprintf(begin, sizeof begin, "%08" PRIx32 " ", sum(line, n));
    const struct iovec part[] = { { begin, SUM_BYTES }, { (void *)(uintptr_t)line, n }, { (void *)(uintptr_t)"\n", 1 } };
    ssize_t k = pwritev(q->fd, part, 3, (off_t)q->tail);
    if (k != (ssize_t)(SUM_BYTES + n + 1)) {
        int rc = k < 0 ? errno : ENOSPC, cut = ftruncate(q->fd, (off_t)q->tail);
        (void)cut;                      /* fails: the next line lies over it, or the next start skips it */
        return rc;
    }
    q->tail += SUM_BYTES + n + 1;
    q->unsynced = true;
    return 0;
}

int
queue_put(struct queue *q, const void *line, size_t n)
{
    int rc = 0;
    if (n > QUEUE_LINE_BYTES_MAX || queue_bytes(q) + n + SUM_BYTES + 1 > q->max_bytes) return ENOSPC;
    if (q->fd >= 0) {
        rc = put_in_file(q, line, n);
    } else if (tl_buf_reserve(&q->memory, n + 1)) {
        tl_buf_put(&q->memory, line, n);
        tl_buf_put_u8(&q->memory, '\n');
    } else {
        q->memory.failed = false;
        rc = ENOMEM;
    }
    q->lines_n += rc == 0;
    return rc;
}

static struct queue_part
front_of_memory(const struct queue *q, size_t lines_max, size_t bytes_max, struct tl_buf *out)
{
    struct queue_part p = { 0 };
    while (p.end < q->memory.len && p.lines_n < lines_max) {
        const uint8_t *end = memchr(q->memory.data + p.end, '\n', q->memory.len - p.end);
        size_t next = (size_t)(end - q->memory.data) + 1;
        if (p.lines_n > 0 && next > bytes_max) break;
        p.end = next;
        p.lines_n++;
    }
    tl_buf_put(out, q->memory.data, p.end);
    return p;
}

/* The lines are read into out and moved together there. */
static struct queue_part
front_of_file(const struct queue *q, size_t lines_max, size_t bytes_max, struct tl_buf *out)
{
    struct queue_part p = { .end = q->head };
    uint64_t left = q->tail - q->head;
    size_t want = bytes_max + QUEUE_LINE_BYTES_MAX + SUM_BYTES + 1;
    if (want > left) want = (size_t)left;
    if (!tl_buf_reserve(out, want)) return p;
    char *to = (char *)out->data + out->len, *from = to;
    ssize_t got = read_some(q->fd, from, want, q->head);
    const char *end = from + (got > 0 ? got : 0);
    for (char *nl; p.lines_n + p.damaged_n < lines_max && (nl = memchr(from, '\n', (size_t)(end - from))); from = nl + 1) {
        const char *begin = from;
        while (*from == 0)              /* what a power cut has left of blocks */
            from++;
        size_t n = (size_t)(nl - from);
        bool good = n > SUM_BYTES && strtoul(from, NULL, 16) == sum(from + SUM_BYTES, n - SUM_BYTES);
        if (good && p.lines_n > 0 && (size_t)(to - (char *)out->data) - out->len + n > bytes_max) break;
        p.end += (uint64_t)(nl - begin) + 1;
        p.damaged_n += !good;
        if (!good) continue;
        memmove(to, from + SUM_BYTES, n - SUM_BYTES + 1);
        to += n - SUM_BYTES + 1;
        p.lines_n++;
    }
    if (p.end == q->head && got >= (ssize_t)want && got > 0) {          /* longer than any line: bytes that are none */
        p.end += got > (ssize_t)bytes_max ? bytes_max : (uint64_t)got;
        p.damaged_n = 1;
    }
    out->len = (size_t)(to - (char *)out->data);
    return p;
}

struct queue_part
queue_front(const struct queue *q, size_t lines_max, size_t bytes_max, struct tl_buf *out)
{
    return q->fd < 0 ? front_of_memory(q, lines_max, bytes_max, out) : front_of_file(q, lines_max, bytes_max, out);
}

static void
pop_from_memory(struct queue *q, size_t n)
{
    memmove(q->memory.data, q->memory.data + n, q->memory.len - n);
    q->memory.len -= n;
    if (q->memory.len == 0 && q->memory.cap > KEEP_BYTES) tl_buf_free(&q->memory);
}

static void
give_back(struct queue *q)
{
    uint64_t end = q->head / 4096 * 4096, begin = (q->holed + 4095) / 4096 * 4096;
    if (q->no_holes || q->head - q->holed < HOLE_BYTES || end <= begin) return;
    q->no_holes = fallocate(q->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)begin, (off_t)(end - begin)) != 0 && errno == EOPNOTSUPP;
    q->holed = end;
}

/* The file becomes empty; new lines go to its begin only when no older head can be found there any more: it would point behind them, or between. */
static bool
begin_anew(struct queue *q)
{
    uint64_t end = q->tail;
    q->head = HEAD_BYTES;
    bool done = write_head(q) == 0 && ftruncate(q->fd, HEAD_BYTES) == 0 && fdatasync(q->fd) == 0;
    if (done) q->tail = q->holed = HEAD_BYTES;
    else q->head = end;
    return done;
}

static void
pop_from_file(struct queue *q, uint64_t end)
{
    q->head = end;
    if (q->head == q->tail && q->tail > ANEW_BYTES && begin_anew(q)) return;
    write_head(q);                      /* fails: an older place stands there, and lines are sent again */
    give_back(q);
}

void
queue_pop(struct queue *q, const struct queue_part *p)
{
    size_t n = p->lines_n + p->damaged_n;
    if (q->fd < 0) pop_from_memory(q, (size_t)p->end);
    else pop_from_file(q, p->end);
    q->lines_n -= n < q->lines_n ? n : q->lines_n;
    if (q->fd >= 0 && q->head == q->tail) q->lines_n = 0;
}

void
queue_close(struct queue *q)
{
    if (q->fd >= 0) {
        fdatasync(q->fd);
        close(q->fd);
    }
    q->fd = -1;
    tl_buf_free(&q->memory);
}

void
queue_forget(struct queue *q)
{
    if (q->fd >= 0) close(q->fd);
    *q = (struct queue){ .max_bytes = q->max_bytes, .fd = -1 };
}
