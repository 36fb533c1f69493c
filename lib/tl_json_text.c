/* tl_json_text.c - what stands between quotes, and numbers: escapes, UTF-8, values. Texts given here were found by the walk, unless said otherwise. */
#include "tl_json_walk.h"

static int
hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Four hex digits at p, -1 when they are not. */
static int
hex4(const char *p, const char *end)
{
    int v = 0;
    if (end - p < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        int d = hex_digit(p[i]);
        if (d < 0)
            return -1;
        v = v << 4 | d;
    }
    return v;
}

bool
tl_json_escapes(const char *p, size_t n, bool *nul)
{
    const char *end = p + n;
    while ((p = memchr(p, '\\', (size_t)(end - p))) != NULL) {
        if (++p == end)
            return false;
        if (*p == 'u') {
            int v = hex4(p + 1, end);
            if (v < 0)
                return false;
            if (v == 0)
                *nul = true;
            p += 5;
        } else if (*p && strchr("\"\\/bfnrt", *p)) {
            p++;
        } else {
            return false;
        }
    }
    return true;
}

static size_t
put_utf8(char *out, uint32_t c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xC0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xE0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3F));
        out[2] = (char)(0x80 | (c & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3F));
    out[2] = (char)(0x80 | (c >> 6 & 0x3F));
    out[3] = (char)(0x80 | (c & 0x3F));
    return 4;
}

/* The character of the \u at *p (after the u), which moves on; a pair of surrogates is one character. */
static uint32_t
unicode_escape(const char **p, const char *end)
{
    int high = hex4(*p, end);
    *p += 4;
    if (high < 0xD800 || high > 0xDBFF || end - *p < 6 || (*p)[0] != '\\' || (*p)[1] != 'u')
        return (uint32_t)high;
    int low = hex4(*p + 2, end);
    if (low < 0xDC00 || low > 0xDFFF)
        return (uint32_t)high;
    *p += 6;
    return 0x10000 + ((uint32_t)(high - 0xD800) << 10) + (uint32_t)(low - 0xDC00);
}

static char
short_escape(char c)
{
    switch (c) {
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    default: return c;
    }
}

size_t
tl_json_unescape(char *out, const char *p, size_t n)
{
    const char *end = p + n;
    char *to = out;
    while (p < end) {
        const char *stop = memchr(p, '\\', (size_t)(end - p));
        size_t plain_n = (size_t)((stop ? stop : end) - p);
        memcpy(to, p, plain_n);
        to += plain_n;
        p += plain_n;
        if (!stop)
            break;
        char c = p[1];
        p += 2;
        if (c != 'u') {
            *to++ = short_escape(c);
            continue;
        }
        uint32_t u = unicode_escape(&p, end);
        if (u >= 0xD800 && u <= 0xDFFF)
            u = 0xFFFD;
        to += put_utf8(to, u);
    }
    return (size_t)(to - out);
}

bool
tl_json_integer(const char *p, size_t n, int64_t *v)
{
    bool minus = n && *p == '-';
    size_t i = minus;
    uint64_t u = 0;
    if (n - i > 19 || n == i)
        return false;
    for (; i < n; i++) {
        unsigned d = (unsigned char)p[i] - '0';
        if (d > 9)
            return false;
        u = u * 10 + d;             /* 19 digits fit */
    }
    if (u > (uint64_t)INT64_MAX + minus)
        return false;
    *v = minus ? (int64_t)(0 - u) : (int64_t)u;
    return true;
}

double
tl_json_number(const char *p, size_t n)
{
    return tl_json_double(p, n);
}
