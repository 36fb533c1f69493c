/* tl_err.h - errors are values: a code, and one sentence a user can act on.
 *
 * Codes, their HTTP status and their short text come from schemas/errors.def; reasons for refusing one event too. */
#ifndef TL_ERR_H
#define TL_ERR_H

enum {
    TL_OK = 0,
#define TL_ERR(name, code, http, text) name = (code),
#include "errors.def"
#undef TL_ERR
};

/* Why one event (never a whole body) was refused: what `quarantined[].reason` says. */
enum tl_reason {
    TL_REASON_NONE = 0,
#define TL_REASON(name, word, text) name,
#include "errors.def"
#undef TL_REASON
    TL_REASON_N
};

#define TL_ERR_TEXT_BYTES 256

struct tl_err {
    int code;
    char text[TL_ERR_TEXT_BYTES];
};

/* tl_fail - fill err (may be NULL) and return code, so that a function can end with `return tl_fail(err, TL_EIO, "...", ...)`. */
int tl_fail(struct tl_err *err, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

const char *tl_err_name(int code);            /* "TL_EIO"; "TL_EUNKNOWN" for a code that is not in errors.def */
int tl_err_http(int code);                    /* the HTTP status that goes with code; 500 when unknown */
const char *tl_reason_word(enum tl_reason r); /* "time_range" */
const char *tl_reason_text(enum tl_reason r); /* one sentence */

/* tl_assert - for our own mistakes only; stays on in release builds. */
#define tl_assert(x) ((x) ? (void)0 : tl_assert_fail(#x, __FILE__, __LINE__))
_Noreturn void tl_assert_fail(const char *expr, const char *file, int line);

#endif
