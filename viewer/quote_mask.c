/* quote_mask.c - see quote_mask.h. */
#include "quote_mask.h"

#include <string.h>

#define COVER "\xe2\x80\xa6"        /* U+2026 */

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* digits - bytes of a run of digits with single separators inside that begins at i; 0: fewer than are covered */
static size_t
digits(struct tl_str s, size_t i)
{
    size_t n = 0, end = i;
    for (size_t at = i; at < s.n; at++) {
        if (is_digit(s.p[at])) {
            n++;
            end = at + 1;
        } else if (at != end || !memchr(" -.()/", s.p[at], 6)) {
            break;
        }
    }
    return n >= QUOTE_DIGITS_MIN ? end - i : 0;
}

static bool
in_word(char c)
{
    unsigned char u = (unsigned char)c;
    return u > 0x20 && u < 0x7f && !strchr(",;:!?\"'()<>[]", c);
}

/* address - bytes of an ASCII word with an @ inside that begins at i; 0: none does */
static size_t
address(struct tl_str s, size_t i)
{
    size_t n = 0, at = 0;
    while (i + n < s.n && in_word(s.p[i + n])) {
        if (s.p[i + n] == '@') at = n;
        n++;
    }
    return at && at + 1 < n ? n : 0;
}

/* turn - bytes of a character that turns the direction of writing (U+200E, U+200F, U+202A-202E, U+2066-2069); 0: it does not */
static size_t
turn(struct tl_str s, size_t i)
{
    if (s.n - i < 3 || (unsigned char)s.p[i] != 0xe2) return 0;
    unsigned a = (unsigned char)s.p[i + 1], b = (unsigned char)s.p[i + 2];
    return (a == 0x80 && (b == 0x8e || b == 0x8f || (b >= 0xaa && b <= 0xae))) || (a == 0x81 && b >= 0xa6 && b <= 0xa9) ? 3 : 0;
}

static size_t
character(struct tl_str s, size_t i)
{
    size_t n = 1;
    while (i + n < s.n && ((unsigned char)s.p[i + n] & 0xc0) == 0x80) n++;
    return n;
}

size_t
quote_mask(struct tl_str text, char *out, size_t max, bool *cut)
{
    size_t n = 0, step = 0;
    bool word = false;                      /* inside an ASCII word: no address begins here */
    *cut = false;
    for (size_t i = 0; i < text.n; i += step) {
        const char *put = text.p + i;
        size_t put_n = step = character(text, i), covered = is_digit(text.p[i]) ? digits(text, i) : 0;
        if (!covered && !word) covered = address(text, i);
        if (covered) {
            step = covered;
            put = COVER;
            put_n = sizeof COVER - 1;
        } else if (turn(text, i)) {
            put_n = 0;
        } else if ((unsigned char)text.p[i] < 0x20 || text.p[i] == 0x7f) {
            put = " ";
        }
        word = in_word(text.p[i]);
        if (n + put_n > max) {
            *cut = true;
            return n;
        }
        memcpy(out + n, put, put_n);
        n += put_n;
    }
    return n;
}
