/* tl_json_write.c - JSON out, into a growing buffer. A bit per level says whether a comma is due. */
#include "tl_json_walk.h"

#define LEVELS_MAX 62
#define NAMED (UINT64_C(1) << 63)       /* in has_item: tl_jw_name went before */

struct tl_jw
tl_jw_to(struct tl_buf *out)
{
    return (struct tl_jw){ out, 0, 0 };
}

/* Text between quotes: the bytes that need no care are copied in runs. */
static void
put_text(struct tl_buf *out, struct tl_str s)
{
    static const char hex[] = "0123456789abcdef";
    size_t run = 0, i = 0;
    tl_buf_put_u8(out, '"');
    while (i < s.n) {
        unsigned char c = (unsigned char)s.p[i];
        size_t n = c < 0x80 ? 1 : tl_json_utf8_char(s.p + i, s.n - i);
        if (n && c >= 0x20 && c != '"' && c != '\\') {
            i += n;
            continue;
        }
        tl_buf_put(out, s.p + run, i - run);
        if (n == 0)
            tl_buf_put_str(out, "\xEF\xBF\xBD");
        else if (c == '"' || c == '\\')
            tl_buf_put(out, (char[]){ '\\', (char)c }, 2);
        else if (c == '\n')
            tl_buf_put(out, "\\n", 2);
        else
            tl_buf_put(out, (char[]){ '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] }, 6);
        run = ++i;
    }
    tl_buf_put(out, s.p + run, i - run);
    tl_buf_put_u8(out, '"');
}

/* Comma and name, before any value. */
static void
begin_value(struct tl_jw *w, const char *name)
{
    uint64_t bit = UINT64_C(1) << w->level;
    if (w->has_item & NAMED) {
        tl_assert(!name);
        w->has_item &= ~NAMED;
        return;
    }
    if (w->has_item & bit)
        tl_buf_put_u8(w->out, ',');
    w->has_item |= bit;
    if (name) {
        put_text(w->out, tl_str_of(name));
        tl_buf_put_u8(w->out, ':');
    }
}

static void
begin_level(struct tl_jw *w, const char *name, char bracket)
{
    begin_value(w, name);
    tl_buf_put_u8(w->out, (uint8_t)bracket);
    tl_assert(w->level < LEVELS_MAX);
    w->level++;
    w->has_item &= ~(UINT64_C(1) << w->level);
}

static void
end_level(struct tl_jw *w, char bracket)
{
    tl_assert(w->level > 0);
    w->level--;
    tl_buf_put_u8(w->out, (uint8_t)bracket);
}

void
tl_jw_open(struct tl_jw *w, const char *name)
{
    begin_level(w, name, '{');
}

void
tl_jw_close(struct tl_jw *w)
{
    end_level(w, '}');
}

void
tl_jw_array(struct tl_jw *w, const char *name)
{
    begin_level(w, name, '[');
}

void
tl_jw_end(struct tl_jw *w)
{
    end_level(w, ']');
}

void
tl_jw_name(struct tl_jw *w, struct tl_str name)
{
    begin_value(w, NULL);
    put_text(w->out, name);
    tl_buf_put_u8(w->out, ':');
    w->has_item |= NAMED;
}

void
tl_jw_str(struct tl_jw *w, const char *name, struct tl_str v)
{
    if (!v.p) {
        tl_jw_null(w, name);
        return;
    }
    begin_value(w, name);
    put_text(w->out, v);
}

void
tl_jw_cstr(struct tl_jw *w, const char *name, const char *v)
{
    tl_jw_str(w, name, tl_str_of(v));
}

void
tl_jw_int(struct tl_jw *w, const char *name, int64_t v)
{
    if (v >= 0) {
        tl_jw_uint(w, name, (uint64_t)v);
        return;
    }
    begin_value(w, name);
    tl_buf_printf(w->out, "%lld", (long long)v);
}

void
tl_jw_uint(struct tl_jw *w, const char *name, uint64_t v)
{
    char text[20], *p = text + sizeof text;
    begin_value(w, name);
    do
        *--p = (char)('0' + v % 10);
    while ((v /= 10) != 0);
    tl_buf_put(w->out, p, (size_t)(text + sizeof text - p));
}

void
tl_jw_bool(struct tl_jw *w, const char *name, bool v)
{
    begin_value(w, name);
    tl_buf_put_str(w->out, v ? "true" : "false");
}

void
tl_jw_null(struct tl_jw *w, const char *name)
{
    begin_value(w, name);
    tl_buf_put_str(w->out, "null");
}

void
tl_jw_raw(struct tl_jw *w, const char *name, struct tl_str json)
{
    begin_value(w, name);
    tl_buf_put(w->out, json.p, json.n);
}
