/* tl_err.c - see tl_err.h. */
#include "tl_err.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct code_row {
    int code;
    const char *name;
    int http;
};

static const struct code_row codes[] = {
#define TL_ERR(name, code, http, text) { code, #name, http },
#include "errors.def"
#undef TL_ERR
};

static const struct {
    const char *word, *text;
} reasons[TL_REASON_N] = {
    { "", "" },
#define TL_REASON(name, word, text) { word, text },
#include "errors.def"
#undef TL_REASON
};

static const struct code_row *
find(int code)
{
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (codes[i].code == code)
            return &codes[i];
    return NULL;
}

/* What could not be done for want of memory is often said as it is for another cause: "... cannot be read: run touchline rebuild". */
static void
say_memory(struct tl_err *err)
{
    static const char said[] = "out of memory: ";
    char was[sizeof err->text];
    if (strstr(err->text, "memory"))
        return;
    memcpy(was, err->text, sizeof was);
    snprintf(err->text, sizeof err->text, "%s%.*s", said, (int)(sizeof err->text - sizeof said), was);
}

int
tl_fail(struct tl_err *err, int code, const char *fmt, ...)
{
    if (err) {
        va_list ap;
        va_start(ap, fmt);
        err->code = code;
        vsnprintf(err->text, sizeof err->text, fmt, ap);
        if (code == TL_ENOMEM)
            say_memory(err);
        va_end(ap);
    }
    return code;
}

const char *
tl_err_name(int code)
{
    const struct code_row *row = find(code);
    return row ? row->name : "TL_EUNKNOWN";
}

int
tl_err_http(int code)
{
    const struct code_row *row = find(code);
    return row ? row->http : 500;
}

const char *
tl_reason_word(enum tl_reason r)
{
    return (unsigned)r < TL_REASON_N ? reasons[r].word : "";
}

const char *
tl_reason_text(enum tl_reason r)
{
    return (unsigned)r < TL_REASON_N ? reasons[r].text : "";
}

void
tl_assert_fail(const char *expr, const char *file, int line)
{
    fprintf(stderr, "event=assert_failed level=error at=%s:%d expr=\"%s\"\n", file, line, expr);
    abort();
}
