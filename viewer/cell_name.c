/* cell_name.c - see cell_name.h. */
#include "cell_name.h"

static void
part_put(struct tl_buf *out, struct tl_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '%' || c == '/' || c == ':') tl_buf_printf(out, "%%%02X", (unsigned)c);
        else tl_buf_put_u8(out, (uint8_t)c);
    }
}

void
cell_name_put(struct tl_buf *out, const struct cell_name *c)
{
    if (c->type.p) {
        part_put(out, c->type);
        tl_buf_put_u8(out, ':');
    }
    part_put(out, c->what);
    const struct tl_str rest[] = { c->touchpoint, c->place, c->daypart };
    for (size_t i = 0; i < sizeof rest / sizeof rest[0] && rest[i].p; i++) {
        tl_buf_put_u8(out, '/');
        part_put(out, rest[i]);
    }
}

static int
hex(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int
part_read(struct tl_str s, struct tl_arena *a, struct tl_str *out)
{
    char *to = tl_arena_dup(a, s.p, s.n);
    size_t n = 0;
    if (!to) return -2;
    for (size_t i = 0; i < s.n; i++, n++) {
        to[n] = s.p[i];
        if (s.p[i] != '%') continue;
        int hi = i + 2 < s.n ? hex(s.p[i + 1]) : -1, lo = hi < 0 ? -1 : hex(s.p[i + 2]);
        if (lo < 0) return -1;
        to[n] = (char)(hi * 16 + lo);
        i += 2;
    }
    *out = (struct tl_str){ to, n };
    return n ? 0 : -1;
}

int
cell_name_read(struct tl_str text, struct tl_arena *a, struct cell_name *out)
{
    struct tl_str *const part[] = { &out->what, &out->touchpoint, &out->place, &out->daypart };
    const char *colon = text.n ? memchr(text.p, ':', text.n) : NULL;
    size_t k = 0;
    int rc = 0;
    *out = (struct cell_name){ .what = { NULL, 0 } };
    if (colon) {
        size_t n = (size_t)(colon - text.p);
        if ((rc = part_read((struct tl_str){ text.p, n }, a, &out->type)) != 0) return rc;
        text = (struct tl_str){ colon + 1, text.n - n - 1 };
    }
    for (bool more = text.n > 0; more;) {
        const char *slash = memchr(text.p, '/', text.n);
        size_t n = slash ? (size_t)(slash - text.p) : text.n;
        if (k == sizeof part / sizeof part[0]) return -1;
        if ((rc = part_read((struct tl_str){ text.p, n }, a, part[k++])) != 0) return rc;
        more = slash != NULL;
        if (more) text = (struct tl_str){ slash + 1, text.n - n - 1 };
    }
    return k >= 2 ? 0 : -1;
}
