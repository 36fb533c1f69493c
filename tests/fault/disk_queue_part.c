/* disk_queue_part.c - the queue file of the C SDK as a target of disk_drive: see disk.h.
 *
 * Lines go in, batches are taken from the front and removed as after a 2xx, and now and then the file is synced as the sender's thread does it. Held to: a power cut
 * takes no line that was synced and not removed; an operation that fails takes no line that was put and not removed, not even when the program is killed
 * right after it (a copy of the file is opened at every third step). Lines keep their order and their bytes; those removed may come back. */
#include "disk_queue.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "disk.h"
#include "tl_run.h"

#include "../../collector/sdk/c/queue.c"

#define LINES 120
#define DRAIN_AT 60                     /* the queue is emptied, and begins anew: then it grows past where it was */
#define MAX_BYTES (2u << 20)

struct writer { struct queue q; uint64_t seed, taken, synced, removed; bool power; };

static void
make_line(uint64_t seed, uint64_t number, struct tl_buf *b)
{
    tl_buf_reset(b);
    tl_buf_printf(b, "{\"n\":%06llu,\"x\":\"%0*d\"}", (unsigned long long)number, 1 + (int)(disk_draw(seed, number, 1) % 9600), 7);
}

/* ---- what a start would find ---- */

struct found { uint64_t after, until, last; size_t lines_n, damaged_n; bool wrong; };

static void
look_at(struct found *f, uint64_t seed, const struct tl_buf *lines)
{
    struct tl_buf want = { 0 };
    const char *end = (const char *)lines->data + lines->len;
    for (const char *at = (const char *)lines->data, *nl; at && at < end && (nl = memchr(at, '\n', (size_t)(end - at))); at = nl + 1) {
        uint64_t number = strtoull(at + sizeof "{\"n\":" - 1, NULL, 10);
        make_line(seed, number, &want);
        f->wrong |= want.len != (size_t)(nl - at) || memcmp(want.data, at, want.len) != 0 || number <= f->last;
        uint64_t next = f->last > f->after ? f->last + 1 : f->after + 1;
        f->wrong |= number > next && next <= f->until;           /* one that must be there is left out */
        f->last = number;
        f->lines_n++;
    }
    tl_buf_free(&want);
}

/* every line after `after` and up to `until` is in the file; 0, or 1 */
static int
find_lines(struct queue *q, uint64_t seed, uint64_t after, uint64_t until, const char *when)
{
    struct found f = { .after = after, .until = until };
    struct tl_buf lines = { 0 };
    while (q->head < q->tail && !f.wrong) {
        tl_buf_reset(&lines);
        struct queue_part p = queue_front(q, 50, 60000, &lines);
        f.wrong |= p.lines_n + p.damaged_n == 0;
        f.damaged_n += p.damaged_n;
        look_at(&f, seed, &lines);
        queue_pop(q, &p);
    }
    tl_buf_free(&lines);
    if (!f.wrong && (f.last >= until || until <= after))
        return 0;
    fprintf(stderr, "queue %s: %llu removed, up to %llu must be there, %zu lines up to %llu are, %zu damaged%s\n", when, (unsigned long long)after, (unsigned long long)until, f.lines_n,
            (unsigned long long)f.last, f.damaged_n, f.wrong ? ", some wrong" : "");
    return 1;
}

/* as if the program had been killed now: a start on a copy of the file */
static int
look_at_copy(const struct writer *w)
{
    static int copy = -1;
    char path[64], part[65536];
    struct queue q;
    off_t at = 0;
    copy = copy < 0 ? memfd_create("queue", MFD_CLOEXEC) : copy;
    snprintf(path, sizeof path, "/proc/self/fd/%d", copy);
    if (copy < 0 || ftruncate(copy, 0) != 0)
        return disk_die("copy", NULL);
    for (ssize_t n; (n = pread(w->q.fd, part, sizeof part, at)) > 0; at += n)
        if (pwrite(copy, part, (size_t)n, at) != n)
            return disk_die("copy", NULL);
    if (queue_open(&q, path, MAX_BYTES) != 0)
        return disk_die("queue: a killed program's file does not open", NULL);
    int rc = find_lines(&q, w->seed, w->removed, w->taken, "after a kill");
    queue_close(&q);
    return rc;
}

/* ---- the writer ---- */

static void
tell(const struct writer *w)
{
    disk_acknowledge(w->removed << 32 | (w->power ? w->synced : w->taken));
}

/* One batch is sent: what it held may go. Told before it goes, as the collector has it then. */
static void
remove_some(struct writer *w, size_t lines_max)
{
    struct tl_buf lines = { 0 };
    struct queue_part p = queue_front(&w->q, lines_max, 50000, &lines);
    w->removed += p.lines_n;
    tell(w);
    queue_pop(&w->q, &p);
    tl_buf_free(&lines);
}

static int
step(struct writer *w, uint64_t number)
{
    struct tl_buf line = { 0 };
    int rc = -1;
    make_line(w->seed, number, &line);
    for (int tries = 0; rc != 0 && tries < 3; tries++)          /* not taken is what the caller is told, and may try again */
        rc = queue_put(&w->q, line.data, line.len);
    tl_buf_free(&line);
    if (rc != 0)
        return disk_die("queue takes no line", NULL);
    w->taken = number;
    if (disk_draw(w->seed, number, 2) % 3 == 0 && fdatasync(w->q.fd) == 0)
        w->synced = number;
    tell(w);
    if (number < DRAIN_AT && number % 7 == 0)
        remove_some(w, 4);
    while (number == DRAIN_AT && w->q.head < w->q.tail)
        remove_some(w, 50);
    return w->power || number % 3 != 0 ? 0 : look_at_copy(w);
}

int
disk_write_queue(const char *dir, uint64_t seed)
{
    const char *mode = getenv("FAULT_MODE");
    struct writer w = { .seed = seed, .power = mode && strcmp(mode, "cut") == 0 };
    char path[PATH_MAX];
    int rc = queue_open(&w.q, tl_run_path(path, dir, "till.queue"), MAX_BYTES) == 0 ? 0 : disk_die("queue", NULL);
    for (uint64_t i = 1; rc == 0 && i <= LINES; i++)
        rc = step(&w, i);
    queue_close(&w.q);
    return rc;
}

int
disk_check_queue(const char *dir, uint64_t seed, uint64_t acked)
{
    struct queue q;
    struct tl_buf line = { 0 };
    char path[PATH_MAX];
    uint64_t removed = acked >> 32, there = acked & UINT32_MAX;
    if (queue_open(&q, tl_run_path(path, dir, "till.queue"), MAX_BYTES) != 0)
        return disk_die("queue opens", NULL);
    int rc = find_lines(&q, seed, removed, there, "at the next start");
    make_line(seed, 1, &line);
    if (rc == 0 && (queue_put(&q, line.data, line.len) != 0 || q.lines_n != 1 || find_lines(&q, seed, 0, 1, "that goes on") != 0))
        rc = disk_die("queue goes on", NULL);
    tl_buf_free(&line);
    queue_close(&q);
    return rc;
}
