/* tl_mem.c - text views, buffers, readers, arenas; see tl_mem.h. The failing-allocation counter is per thread, so tests stay exact. */
#include "tl_mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static _Thread_local uint64_t alloc_calls, alloc_fail_at;
static _Thread_local bool alloc_fail_sticky;

static bool
alloc_fails(void)
{
    alloc_calls++;
    if (alloc_fail_at == 0)
        return false;
    if (alloc_fail_at > 1) {
        alloc_fail_at--;
        return false;
    }
    if (!alloc_fail_sticky)
        alloc_fail_at = 0;
    return true;
}

void
tl_alloc_fail_at(uint64_t k, bool sticky)
{
    alloc_fail_at = k;
    alloc_fail_sticky = sticky;
}

uint64_t
tl_alloc_calls(void)
{
    return alloc_calls;
}

void *
tl_alloc(size_t n)
{
    return alloc_fails() ? NULL : calloc(1, n ? n : 1);
}

void *
tl_realloc(void *p, size_t n)
{
    return alloc_fails() ? NULL : realloc(p, n ? n : 1);
}

void
tl_free(void *p)
{
    free(p);
}

struct tl_str
tl_str_of(const char *cstr)
{
    return (struct tl_str){ cstr, cstr ? strlen(cstr) : 0 };
}

bool
tl_str_eq(struct tl_str a, struct tl_str b)
{
    if (!a.p || !b.p)
        return !a.p && !b.p;
    return a.n == b.n && memcmp(a.p, b.p, a.n) == 0;
}

bool
tl_str_is(struct tl_str a, const char *cstr)
{
    return tl_str_eq(a, tl_str_of(cstr));
}

int
tl_str_cmp(struct tl_str a, struct tl_str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int c = n ? memcmp(a.p, b.p, n) : 0;
    return c ? c : (a.n > b.n) - (a.n < b.n);
}

char *
tl_strdup(struct tl_str s)
{
    char *p = tl_alloc(s.n + 1);
    if (p && s.n)
        memcpy(p, s.p, s.n);
    return p;
}

/* ---- buffer ---- */

void
tl_buf_free(struct tl_buf *b)
{
    tl_free(b->data);
    *b = (struct tl_buf){ 0 };
}

void
tl_buf_reset(struct tl_buf *b)
{
    b->len = 0;
    b->failed = false;
}

static bool
buf_grow(struct tl_buf *b, size_t more)
{
    size_t cap = b->cap ? b->cap : 256;
    if (b->failed || more > SIZE_MAX / 2 - b->len) {
        b->failed = true;
        return false;
    }
    while (cap < b->len + more)
        cap *= 2;
    uint8_t *p = tl_realloc(b->data, cap);
    if (!p) {
        b->failed = true;
        return false;
    }
    b->data = p;
    b->cap = cap;
    return true;
}

bool
tl_buf_reserve(struct tl_buf *b, size_t more)
{
    if (!b->failed && b->cap - b->len >= more)
        return true;
    return buf_grow(b, more);
}

void
tl_buf_put(struct tl_buf *b, const void *p, size_t n)
{
    if (n && tl_buf_reserve(b, n)) {
        memcpy(b->data + b->len, p, n);
        b->len += n;
    }
}

void
tl_buf_put_str(struct tl_buf *b, const char *cstr)
{
    tl_buf_put(b, cstr, strlen(cstr));
}

void
tl_buf_printf(struct tl_buf *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n < 0 || !tl_buf_reserve(b, (size_t)n + 1))
        return;
    va_start(ap, fmt);
    vsnprintf((char *)b->data + b->len, (size_t)n + 1, fmt, ap);
    va_end(ap);
    b->len += (size_t)n;
}

void
tl_buf_put_u8(struct tl_buf *b, uint8_t v)
{
    tl_buf_put(b, &v, 1);
}

static void
put_number(struct tl_buf *b, uint64_t v, unsigned bytes, bool big)
{
    uint8_t out[8];
    for (unsigned i = 0; i < bytes; i++)
        out[big ? bytes - 1 - i : i] = (uint8_t)(v >> (8 * i));
    tl_buf_put(b, out, bytes);
}

void
tl_buf_put_le32(struct tl_buf *b, uint32_t v)
{
    put_number(b, v, 4, false);
}

void
tl_buf_put_le64(struct tl_buf *b, uint64_t v)
{
    put_number(b, v, 8, false);
}

void
tl_buf_put_be16(struct tl_buf *b, uint16_t v)
{
    put_number(b, v, 2, true);
}

void
tl_buf_put_be32(struct tl_buf *b, uint32_t v)
{
    put_number(b, v, 4, true);
}

void
tl_buf_put_be64(struct tl_buf *b, uint64_t v)
{
    put_number(b, v, 8, true);
}

void
tl_buf_put_varint(struct tl_buf *b, uint64_t v)
{
    uint8_t out[10];
    size_t n = 0;
    while (v >= 0x80) {
        out[n++] = (uint8_t)(v | 0x80);
        v >>= 7;
    }
    out[n++] = (uint8_t)v;
    tl_buf_put(b, out, n);
}

void
tl_buf_put_zigzag(struct tl_buf *b, int64_t v)
{
    tl_buf_put_varint(b, ((uint64_t)v << 1) ^ (uint64_t)(v >> 63));
}

void
tl_buf_put_text(struct tl_buf *b, struct tl_str s)
{
    tl_buf_put_varint(b, s.n);
    tl_buf_put(b, s.p, s.n);
}

/* ---- reader ---- */

struct tl_cur
tl_cur_of(const void *p, size_t n)
{
    const uint8_t *b = p;
    return (struct tl_cur){ b, n ? b + n : b, false };
}

size_t
tl_cur_left(const struct tl_cur *c)
{
    return (size_t)(c->end - c->p);
}

struct tl_str
tl_cur_bytes(struct tl_cur *c, size_t n)
{
    if (c->bad || tl_cur_left(c) < n) {
        c->bad = true;
        return (struct tl_str){ NULL, 0 };
    }
    struct tl_str s = { (const char *)c->p, n };
    c->p += n;
    return s;
}

static uint64_t
cur_number(struct tl_cur *c, unsigned bytes, bool big)
{
    struct tl_str s = tl_cur_bytes(c, bytes);
    uint64_t v = 0;
    if (s.p)
        for (unsigned i = 0; i < bytes; i++)
            v |= (uint64_t)(uint8_t)s.p[big ? bytes - 1 - i : i] << (8 * i);
    return v;
}

uint8_t
tl_cur_u8(struct tl_cur *c)
{
    return (uint8_t)cur_number(c, 1, false);
}

uint32_t
tl_cur_le32(struct tl_cur *c)
{
    return (uint32_t)cur_number(c, 4, false);
}

uint64_t
tl_cur_le64(struct tl_cur *c)
{
    return cur_number(c, 8, false);
}

uint16_t
tl_cur_be16(struct tl_cur *c)
{
    return (uint16_t)cur_number(c, 2, true);
}

uint32_t
tl_cur_be32(struct tl_cur *c)
{
    return (uint32_t)cur_number(c, 4, true);
}

uint64_t
tl_cur_be64(struct tl_cur *c)
{
    return cur_number(c, 8, true);
}

uint64_t
tl_cur_varint(struct tl_cur *c)
{
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
        if (c->bad || c->p == c->end)
            break;
        uint8_t byte = *c->p++;
        if (shift == 63 && byte > 1)
            break;
        v |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return v;
    }
    c->bad = true;
    return 0;
}

int64_t
tl_cur_zigzag(struct tl_cur *c)
{
    uint64_t v = tl_cur_varint(c);
    return (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
}

struct tl_str
tl_cur_text(struct tl_cur *c)
{
    uint64_t n = tl_cur_varint(c);
    if (n > SIZE_MAX / 2)
        c->bad = true;
    return tl_cur_bytes(c, (size_t)n);
}

/* ---- arena: a list of blocks, newest first; the oldest survives a reset ---- */

#define ARENA_BLOCK_BYTES 65536

struct block {
    struct block *older;
    size_t cap, used;
    _Alignas(16) uint8_t data[];
};

struct tl_arena {
    struct block *newest;
    size_t cap_bytes, held_bytes, used_bytes;
};

struct tl_arena *
tl_arena_new(size_t cap_bytes)
{
    struct tl_arena *a = tl_alloc(sizeof *a);
    if (a)
        a->cap_bytes = cap_bytes;
    return a;
}

static struct block *
arena_block(struct tl_arena *a, size_t n)
{
    size_t cap = n > ARENA_BLOCK_BYTES ? n : ARENA_BLOCK_BYTES;
    if (cap > a->cap_bytes - a->held_bytes)
        cap = a->cap_bytes - a->held_bytes;
    if (cap < n)
        return NULL;
    struct block *b = tl_alloc(sizeof *b + cap);
    if (!b)
        return NULL;
    b->cap = cap;
    b->older = a->newest;
    a->newest = b;
    a->held_bytes += cap;
    return b;
}

void *
tl_arena_alloc(struct tl_arena *a, size_t n)
{
    struct block *b = a->newest;
    if (n > SIZE_MAX / 2)
        return NULL;
    n = (n + 15) & ~(size_t)15;
    if (!b || b->cap - b->used < n)
        b = arena_block(a, n);
    if (!b)
        return NULL;
    void *p = b->data + b->used;
    b->used += n;
    a->used_bytes += n;
    return memset(p, 0, n);
}

char *
tl_arena_dup(struct tl_arena *a, const void *p, size_t n)
{
    char *out = tl_arena_alloc(a, n + 1);
    if (out && n)
        memcpy(out, p, n);
    return out;
}

void
tl_arena_reset(struct tl_arena *a)
{
    while (a->newest && a->newest->older) {
        struct block *b = a->newest;
        a->newest = b->older;
        a->held_bytes -= b->cap;
        tl_free(b);
    }
    if (a->newest)
        a->newest->used = 0;
    a->used_bytes = 0;
}

size_t
tl_arena_used(const struct tl_arena *a)
{
    return a->used_bytes;
}

void
tl_arena_free(struct tl_arena **ap)
{
    if (!*ap)
        return;
    tl_arena_reset(*ap);
    tl_free((*ap)->newest);
    tl_free(*ap);
    *ap = NULL;
}
