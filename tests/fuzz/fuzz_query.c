/* fuzz_query.c - any bytes as a request target, a form, base64: nothing is read or written outside them, and nothing grows by being decoded. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../lib/tl_http_uri.h"
#include "tl_hash.h"
#include "tl_http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define must(x) ((x) ? (void)0 : abort())

struct within { const char *p; size_t n; };

static void
lies_within(const struct within *w, struct tl_str s)
{
    must(s.p == NULL || (s.p >= w->p && s.p + s.n <= w->p + w->n));
}

static void
take_pair(void *arg, struct tl_str name, struct tl_str value)
{
    lies_within(arg, name);
    lies_within(arg, value);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    char *text = malloc(n + 1), *out = malloc(n + 1);
    struct within w = { text, n + 1 };
    struct tl_str path;
    must(text && out);
    memcpy(text, data, n);
    text[n] = 0;
    size_t most = tl_http_uri_params_n(text);
    struct tl_http_param *param = calloc(most + 1, sizeof *param);
    size_t got = tl_http_uri_split(text, &path, param);
    must(param && got <= most);
    lies_within(&w, path);
    for (size_t i = 0; i < got; i++)
        take_pair(&w, param[i].name, param[i].value);
    memcpy(text, data, n);
    text[n] = 0;
    tl_http_form_each(text, take_pair, &w);
    ptrdiff_t bytes = tl_base64((struct tl_str){ (const char *)data, n }, out, n);
    must(bytes >= -1 && bytes <= (ptrdiff_t)n);
    free(param);
    free(text);
    free(out);
    return 0;
}
