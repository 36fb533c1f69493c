/* fuzz_xes.c - any bytes as an XES file: no crash, and what comes out is always an event that the strict reader takes or refuses by a rule. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tl_import.h"
#include "tl_event.h"
#include "tl_hash.h"

static struct tl_event_reader *reader;
static struct tl_arena *arena;
static struct tl_buf padded;

static int
take(void *arg, struct tl_str json, uint64_t line, struct tl_err *err)
{
    struct tl_event ev;
    struct tl_refusal why = {0};
    (void)arg;
    (void)line;
    (void)err;
    tl_arena_reset(arena);
    tl_buf_reset(&padded);
    tl_buf_put(&padded, json.p, json.n);
    tl_buf_reserve(&padded, TL_JSON_PADDING);
    int rc = tl_event_read(reader, arena, (struct tl_str){ (const char *)padded.data, json.n }, &ev, &why);
    if (rc != 0 && (why.reason == TL_REASON_BAD_JSON || why.reason == TL_REASON_BAD_UTF8))
        abort();
    return 0;
}

static void
bad(void *arg, uint64_t line, const char *why)
{
    (void)arg;
    (void)line;
    if (why == NULL)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static char path[64];
    static int fd = -1;
    struct tl_err err;
    const struct tl_import_sink sink = { .event = take, .bad = bad };
    if (fd < 0) {
        tl_hash_init();
        reader = tl_event_reader_new();
        arena = tl_arena_new(1 << 22);
        fd = memfd_create("xes", 0);
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    }
    if (ftruncate(fd, 0) != 0 || pwrite(fd, data, n, 0) != (ssize_t)n)
        return 0;
    struct tl_import_source src = { .path = path, .run = "f" };
    tl_import_xes(&src, &sink, &err);
    return 0;
}
