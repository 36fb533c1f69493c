/* fuzz_policy.c - any bytes as a field policy and an event, cut at the first NUL: no start with words, or an event whose slice reads as its typed fields do. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../collector/policy.h"
#include "tl_hash.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define must(x) ((x) ? (void)0 : abort())

static struct tl_event_reader *reader;
static struct tl_arena *arena;
static struct policy_desk desk;

static int
read_padded(struct tl_buf *b, const void *p, size_t n, struct tl_event *ev, struct tl_refusal *why)
{
    tl_buf_reset(b);
    tl_buf_put(b, p, n);
    must(tl_buf_reserve(b, TL_JSON_PADDING));
    memset(b->data + b->len, 0, TL_JSON_PADDING);
    return tl_event_read(reader, arena, (struct tl_str){ (const char *)b->data, n }, ev, why);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static int fd = -1;
    static char path[64];
    static struct tl_buf sent, kept;
    struct policy *p = NULL;
    struct tl_event ev, again;
    struct tl_refusal why;
    struct tl_err err = {0};
    if (fd < 0) {
        tl_hash_init();
        reader = tl_event_reader_new();
        arena = tl_arena_new(1 << 24);
        fd = memfd_create("policy", 0);
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    }
    const uint8_t *cut = memchr(data, 0, n);
    size_t text_n = cut ? (size_t)(cut - data) : n;
    if (ftruncate(fd, 0) != 0 || pwrite(fd, data, text_n, 0) != (ssize_t)text_n)
        return 0;
    int rc = policy_open(&p, "/nonexistent", path, &err);
    must(rc == 0 ? p != NULL : p == NULL && err.text[0]);
    tl_arena_reset(arena);
    if (rc == 0 && cut && n - text_n - 1 <= TL_EVENT_BYTES_MAX && read_padded(&sent, cut + 1, n - text_n - 1, &ev, &why) == 0 && policy_apply(p, &desk, &ev) == 1) {
        struct tl_event check = ev;
        if (tl_event_check(&check, INT64_C(1770000000000), &why) == 0 && read_padded(&kept, ev.raw.p, ev.raw.n, &again, &why) == 0)
            must((again.has | TL_HAS(sent_at)) == (ev.has | TL_HAS(sent_at)) && again.ids_n == ev.ids_n);
    }
    policy_free(&p);
    return 0;
}
