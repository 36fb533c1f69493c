/* tl_mem.h - text views, byte buffers, arenas, and the one door to malloc.
 *
 * Everything allocates through tl_alloc, so that a test can fail the Nth call. */
#ifndef TL_MEM_H
#define TL_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* ---- text view: borrowed bytes, not NUL-terminated; p == NULL means absent ---- */
struct tl_str {
    const char *p;
    size_t n;
};
#define TL_STR(lit) ((struct tl_str){ (lit), sizeof(lit) - 1 })
struct tl_str tl_str_of(const char *cstr);               /* NULL gives {NULL, 0} */
bool tl_str_eq(struct tl_str a, struct tl_str b);        /* absent equals absent only */
bool tl_str_is(struct tl_str a, const char *cstr);
int tl_str_cmp(struct tl_str a, struct tl_str b);        /* bytewise, shorter first; absent sorts as empty */

/* ---- allocation: NULL when out of memory ---- */
void *tl_alloc(size_t n);                                /* zero-filled */
void *tl_realloc(void *p, size_t n);
void tl_free(void *p);
char *tl_strdup(struct tl_str s);                        /* returns owned, NUL-terminated */
/* tl_alloc_fail_at - let the k-th allocation from now on (1-based) fail, and all after it when sticky; 0 switches off. Tests only. */
void tl_alloc_fail_at(uint64_t k, bool sticky);
uint64_t tl_alloc_calls(void);                           /* allocations so far in this thread */

/* ---- growing byte buffer; zero-initialise. After a failed put, failed is set and stays; check once at the end. ---- */
struct tl_buf {
    uint8_t *data;
    size_t len, cap;
    bool failed;
};
void tl_buf_free(struct tl_buf *b);                      /* frees and zeroes; accepts a zeroed one */
void tl_buf_reset(struct tl_buf *b);                     /* len = 0, failed = false; keeps the memory */
bool tl_buf_reserve(struct tl_buf *b, size_t more);      /* room for `more` bytes after len */
void tl_buf_put(struct tl_buf *b, const void *p, size_t n);
void tl_buf_put_str(struct tl_buf *b, const char *cstr);
void tl_buf_printf(struct tl_buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void tl_buf_put_u8(struct tl_buf *b, uint8_t v);
void tl_buf_put_le32(struct tl_buf *b, uint32_t v);
void tl_buf_put_le64(struct tl_buf *b, uint64_t v);
void tl_buf_put_be16(struct tl_buf *b, uint16_t v);
void tl_buf_put_be32(struct tl_buf *b, uint32_t v);
void tl_buf_put_be64(struct tl_buf *b, uint64_t v);
void tl_buf_put_varint(struct tl_buf *b, uint64_t v);    /* LEB128, 1..10 bytes */
void tl_buf_put_zigzag(struct tl_buf *b, int64_t v);
void tl_buf_put_text(struct tl_buf *b, struct tl_str s); /* varint length, bytes; absent is length 0 */

/* ---- bounded reader over borrowed bytes; after an overrun, bad is set, all reads give 0 or {NULL,0}; check once at the end ---- */
struct tl_cur {
    const uint8_t *p, *end;
    bool bad;
};
struct tl_cur tl_cur_of(const void *p, size_t n);
size_t tl_cur_left(const struct tl_cur *c);
uint8_t tl_cur_u8(struct tl_cur *c);
uint32_t tl_cur_le32(struct tl_cur *c);
uint64_t tl_cur_le64(struct tl_cur *c);
uint16_t tl_cur_be16(struct tl_cur *c);
uint32_t tl_cur_be32(struct tl_cur *c);
uint64_t tl_cur_be64(struct tl_cur *c);
uint64_t tl_cur_varint(struct tl_cur *c);                /* more than 10 bytes, or over 64 bits: bad */
int64_t tl_cur_zigzag(struct tl_cur *c);
struct tl_str tl_cur_bytes(struct tl_cur *c, size_t n);  /* a view */
struct tl_str tl_cur_text(struct tl_cur *c);             /* varint length, bytes */

/* ---- arena: allocate much, free once. cap_bytes bounds the whole; NULL beyond it. ---- */
struct tl_arena;
struct tl_arena *tl_arena_new(size_t cap_bytes);
void *tl_arena_alloc(struct tl_arena *a, size_t n);      /* 16-byte aligned, zero-filled */
char *tl_arena_dup(struct tl_arena *a, const void *p, size_t n); /* a copy, with a NUL after it */
void tl_arena_reset(struct tl_arena *a);                 /* all memory handed out is void; keeps the first block */
size_t tl_arena_used(const struct tl_arena *a);
void tl_arena_free(struct tl_arena **ap);

#endif
