/* fuzz_mapping.c - any bytes as a mapping file and a table, cut at the first NUL: a refusal with words, or events that the strict reader takes or refuses by a
 * rule, the same ones when the table is read again. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tl_event.h"
#include "tl_hash.h"
#include "tl_mapping.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define must(x) ((x) ? (void)0 : abort())

static struct tl_event_reader *reader;
static struct tl_arena *arena;
static struct tl_buf padded;

static int
take(void *arg, struct tl_str json, uint64_t line, struct tl_err *err)
{
    uint32_t *sum = arg;
    struct tl_event ev;
    struct tl_refusal why = {0};
    (void)line;
    (void)err;
    tl_arena_reset(arena);
    tl_buf_reset(&padded);
    tl_buf_put(&padded, json.p, json.n);
    tl_buf_reserve(&padded, TL_JSON_PADDING);
    memset(padded.data + padded.len, 0, TL_JSON_PADDING);
    int rc = tl_event_read(reader, arena, (struct tl_str){ (const char *)padded.data, json.n }, &ev, &why);
    must(rc == 0 || (why.reason != TL_REASON_BAD_JSON && why.reason != TL_REASON_BAD_UTF8));
    *sum = tl_crc32c(*sum, json.p, json.n);
    return 0;
}

static void
bad(void *arg, uint64_t line, const char *why)
{
    (void)arg;
    (void)line;
    must(why != NULL);
}

static void
fault(void *arg, uint64_t line, const char *column, const char *why)
{
    (void)arg;
    (void)line;
    must(column != NULL && why != NULL);
}

static int
read_table(const struct tl_mapping *m, const char *path, uint32_t *sum)
{
    struct tl_import_source src = { .path = path, .run = "f" };
    const struct tl_import_sink sink = { .event = take, .bad = bad, .fault = fault, .arg = sum };
    struct tl_mapped counted = {0};
    struct tl_err err = {0};
    enum tl_import_format format = TL_IMPORT_CSV;
    *sum = 0;
    int rc = tl_import_mapped(&src, m, format, &sink, &counted, &err);
    must(rc == 0 || err.text[0]);
    return rc;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static int fd = -1;
    static char path[64];
    struct tl_mapping *m = NULL;
    struct tl_err err = {0};
    uint32_t first, second;
    if (fd < 0) {
        tl_hash_init();
        reader = tl_event_reader_new();
        arena = tl_arena_new(1 << 22);
        fd = memfd_create("table", 0);
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    }
    const uint8_t *cut = memchr(data, 0, n);
    size_t text_n = cut ? (size_t)(cut - data) : n, table_n = cut ? n - text_n - 1 : 0;
    (void)tl_mapping_is((struct tl_str){ (const char *)data, text_n });
    int rc = tl_mapping_parse(&m, (struct tl_str){ (const char *)data, text_n }, "m.json", &err);
    must(rc == 0 ? m != NULL : m == NULL && err.text[0]);
    if (rc != 0 || ftruncate(fd, 0) != 0 || (cut && pwrite(fd, cut + 1, table_n, 0) != (ssize_t)table_n)) {
        tl_mapping_free(&m);
        return 0;
    }
    must(read_table(m, path, &first) == read_table(m, path, &second) && first == second);
    tl_mapping_free(&m);
    return 0;
}
