/* queue.h - lines that the collector has not acknowledged yet, oldest first: in memory, or in a file that a killed program leaves to the next one. Bounded
 * either way. Not thread-safe.
 *
 *   touchline queue 1 00000000000000000064 1a2b3c4d\n        where the first line not acknowledged begins, in 20 digits; CRC32C of what stands before
 *   ...NULs up to 64 bytes...
 *   5e6f7a8b {"id":"...","type":"order.placed",...}\n         CRC32C of the line, the line, ...
 *
 * A line is in the file when queue_put returns, so a killed program loses none; a power cut takes what the last fdatasync has not seen (sender.c: each second). The place in the head is a hint:
 * lines sent twice count once by their ids. A torn end is cut off, a damaged line skipped and counted. What is acknowledged is given back to the disk as a
 * hole, and the file begins anew once all is; only then, and synced, for an old head must never point into new lines. */
#ifndef QUEUE_H
#define QUEUE_H

#include <stdbool.h>

#include "tl_mem.h"

#define QUEUE_LINE_BYTES_MAX 65536

struct queue {
    size_t max_bytes, lines_n;      /* lines_n: waiting, damaged ones too */
    struct tl_buf memory;           /* without a file */
    int fd;                         /* -1: in memory */
    uint64_t head, tail, holed;     /* of the file: first line waiting, end, begin of what is still to be given back */
    bool no_holes, unsynced;
};
struct queue_part { size_t lines_n, damaged_n; uint64_t end; };

/* queue_open - path NULL: in memory. 0, or an errno: what the file system said; EWOULDBLOCK: another process has the file; EINVAL: it is no queue, and is left alone. */
int queue_open(struct queue *q, const char *path, size_t max_bytes);
/* queue_put - a line without its end. 0, ENOSPC: no room, ENOMEM, or an errno. */
int queue_put(struct queue *q, const void *line, size_t n);
/* queue_front - append lines from the front to out, each with its end: at most lines_max and bytes_max, but one whatever its size. What was taken: for queue_pop. */
struct queue_part queue_front(const struct queue *q, size_t lines_max, size_t bytes_max, struct tl_buf *out);
void queue_pop(struct queue *q, const struct queue_part *p);
size_t queue_bytes(const struct queue *q);
void queue_close(struct queue *q);
/* queue_forget - in a child after fork, where memory may be in the middle of a change: empty and in memory, the file closed here alone */
void queue_forget(struct queue *q);

#endif
