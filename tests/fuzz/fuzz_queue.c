/* fuzz_queue.c - any bytes as the queue file of the C SDK: left alone or opened; every line that comes out is one that went in with its checksum, the end is
 * reached, and what is put behind comes out last. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "../../collector/sdk/c/queue.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define must(x) ((x) ? (void)0 : abort())

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static char path[64];
    static int fd = -1;
    struct queue q;
    struct tl_buf out = {0};
    if (fd < 0) {
        fd = memfd_create("queue", 0);
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    }
    if (ftruncate(fd, 0) != 0 || pwrite(fd, data, n, 0) != (ssize_t)n)
        return 0;
    if (queue_open(&q, path, 1 << 20) != 0)
        return 0;
    bool put = queue_put(&q, "{\"last\":1}", 10) == 0;
    must(put || queue_bytes(&q) > 1000000);
    for (size_t turns = 0; q.head < q.tail; turns++) {
        tl_buf_reset(&out);
        struct queue_part p = queue_front(&q, 3, 500, &out);
        must(p.lines_n + p.damaged_n > 0 && p.end > q.head && p.end <= q.tail && turns <= n);
        size_t lines = 0;
        for (size_t i = 0; i < out.len; i++)
            lines += out.data[i] == '\n';
        must(lines == p.lines_n && (out.len == 0 || out.data[out.len - 1] == '\n'));
        if (p.end == q.tail && put)
            must(out.len >= 11 && memcmp(out.data + out.len - 11, "{\"last\":1}\n", 11) == 0);
        queue_pop(&q, &p);
    }
    must(q.lines_n == 0);
    queue_close(&q);
    tl_buf_free(&out);
    return 0;
}
