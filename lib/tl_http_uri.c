/* tl_http_uri.c - "/a%20b?x=1&y" in place to path "/a b" and parameters x = "1", y = "". Decoded text is never longer than its source. */
#include "tl_http_uri.h"

#include "tl_http.h"

static int
hex(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

struct tl_str
tl_http_percent(char *p, size_t n, bool in_query)
{
    size_t out = 0;
    for (size_t i = 0; i < n; i++) {
        int hi = p[i] == '%' && i + 2 < n ? hex(p[i + 1]) : -1;
        int lo = hi >= 0 ? hex(p[i + 2]) : -1;
        if (lo >= 0) {
            p[out++] = (char)(hi << 4 | lo);
            i += 2;
        } else {
            p[out++] = in_query && p[i] == '+' ? ' ' : p[i];
        }
    }
    return (struct tl_str){ p, out };
}

size_t
tl_http_uri_params_n(const char *uri)
{
    const char *q = strchr(uri, '?');
    size_t n = q ? 1 : 0;
    for (; q && *q; q++)
        n += *q == '&';
    return n;
}

/* The next parameter of "a=1&b=2", decoded in place; false: there is none. *q moves on, NULL at the end. */
static bool
next_param(char **q, struct tl_http_param *out)
{
    while (*q) {
        char *at = *q;
        size_t part_n = strcspn(at, "&"), name_n = strcspn(at, "=&");
        *q = at[part_n] ? at + part_n + 1 : NULL;
        if (part_n == 0) continue;
        out->value = tl_http_percent(at + name_n + (name_n < part_n), name_n < part_n ? part_n - name_n - 1 : 0, true);
        out->name = tl_http_percent(at, name_n, true);
        return true;
    }
    return false;
}

size_t
tl_http_uri_split(char *uri, struct tl_str *path, struct tl_http_param *params)
{
    size_t n = 0, path_n = strcspn(uri, "?");
    char *q = uri[path_n] ? uri + path_n + 1 : NULL;
    *path = tl_http_percent(uri, path_n, false);
    while (next_param(&q, &params[n]))
        n++;
    return n;
}

void
tl_http_form_each(char *form, void (*f)(void *arg, struct tl_str name, struct tl_str value), void *arg)
{
    struct tl_http_param p;
    while (next_param(&form, &p))
        f(arg, p.name, p.value);
}
