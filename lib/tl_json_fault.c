/* tl_json_fault.c - the slow second reading of a text that the walk refused: which byte is the first at fault, and why.
 *
 * Plain and byte by byte, by no index, so that its verdict is independent of the fast one. It knows the grammar only: depth and doubled names are
 * found by the walk itself. More than LEVELS_MAX levels are a fault. */
#include "tl_json_walk.h"

#define LEVELS_MAX (1 << 20)

struct scan {
    const char *start, *p, *end;
    bool bad_utf8;
};

static bool
is_digit(const struct scan *s)
{
    return s->p < s->end && *s->p >= '0' && *s->p <= '9';
}

static void
skip_space(struct scan *s)
{
    while (s->p < s->end && (*s->p == ' ' || *s->p == '\t' || *s->p == '\n' || *s->p == '\r'))
        s->p++;
}

static bool
scan_digits(struct scan *s)
{
    if (!is_digit(s))
        return false;
    while (is_digit(s))
        s->p++;
    return true;
}

static bool
scan_number(struct scan *s)
{
    if (*s->p == '-')
        s->p++;
    if (s->p < s->end && *s->p == '0')
        s->p++;
    else if (!scan_digits(s))
        return false;
    if (s->p < s->end && *s->p == '.') {
        s->p++;
        if (!scan_digits(s))
            return false;
    }
    if (s->p < s->end && (*s->p == 'e' || *s->p == 'E')) {
        s->p++;
        if (s->p < s->end && (*s->p == '+' || *s->p == '-'))
            s->p++;
        return scan_digits(s);
    }
    return true;
}

static bool
scan_word(struct scan *s, const char *word)
{
    for (; *word; word++, s->p++)
        if (s->p == s->end || *s->p != *word)
            return false;
    return true;
}

static bool
scan_escape(struct scan *s)
{
    static const char hex[] = "0123456789abcdefABCDEF";
    s->p++;
    if (s->p == s->end || !*s->p || !strchr("\"\\/bfnrtu", *s->p))
        return false;
    if (*s->p++ != 'u')
        return true;
    for (int i = 0; i < 4; i++, s->p++)
        if (s->p == s->end || !*s->p || !strchr(hex, *s->p))
            return false;
    return true;
}

static bool
scan_text(struct scan *s)
{
    if (s->p == s->end || *s->p != '"')
        return false;
    s->p++;
    while (s->p < s->end && *s->p != '"') {
        unsigned char c = (unsigned char)*s->p;
        if (c < 0x20)
            return false;
        if (c == '\\') {
            if (!scan_escape(s))
                return false;
        } else if (c < 0x80) {
            s->p++;
        } else {
            size_t n = tl_json_utf8_char(s->p, (size_t)(s->end - s->p));
            if (n == 0) {
                s->bad_utf8 = true;
                return false;
            }
            s->p += n;
        }
    }
    if (s->p == s->end)
        return false;
    s->p++;
    return true;
}

static bool
scan_scalar(struct scan *s)
{
    switch (*s->p) {
    case '"': return scan_text(s);
    case 't': return scan_word(s, "true");
    case 'f': return scan_word(s, "false");
    case 'n': return scan_word(s, "null");
    default: return scan_number(s);
    }
}

/* "name" : with the white space after it */
static bool
scan_name(struct scan *s)
{
    skip_space(s);
    if (!scan_text(s))
        return false;
    skip_space(s);
    if (s->p == s->end || *s->p != ':')
        return false;
    s->p++;
    skip_space(s);
    return true;
}

static bool
scan_value(struct scan *s, uint8_t *is_object)
{
    size_t depth = 0;
    bool fresh;                 /* just behind an opening bracket */
value:
    skip_space(s);
    fresh = false;
    if (s->p == s->end)
        return false;
    if (*s->p == '{' || *s->p == '[') {
        if (depth == LEVELS_MAX)
            return false;
        uint8_t bit = (uint8_t)(1u << (depth & 7));
        is_object[depth / 8] = (uint8_t)(*s->p == '{' ? is_object[depth / 8] | bit : is_object[depth / 8] & ~bit);
        depth++;
        s->p++;
        fresh = true;
    } else if (!scan_scalar(s)) {
        return false;
    }
    for (;;) {
        skip_space(s);
        if (depth == 0)
            return s->p == s->end;
        bool object = is_object[(depth - 1) / 8] >> ((depth - 1) & 7) & 1;
        if (s->p == s->end)
            return false;
        if (*s->p == (object ? '}' : ']')) {
            s->p++;
            depth--;
            fresh = false;
            continue;
        }
        if (!fresh) {
            if (*s->p != ',')
                return false;
            s->p++;
        }
        if (object && !scan_name(s))
            return false;
        goto value;
    }
}

int
tl_json_find_fault(struct tl_str text, struct tl_json_fault *fault)
{
    struct scan s = { text.p, text.p, text.p + text.n, false };
    uint8_t *is_object = tl_alloc(text.n / 8 + 1 < LEVELS_MAX / 8 ? text.n / 8 + 1 : LEVELS_MAX / 8);
    bool ok = is_object && scan_value(&s, is_object);
    tl_free(is_object);
    fault->reason = ok ? TL_REASON_NONE : s.bad_utf8 ? TL_REASON_BAD_UTF8 : TL_REASON_BAD_JSON;
    fault->offset = (size_t)(s.p - s.start);
    fault->member[0] = 0;
    return ok ? 0 : TL_EINVAL;
}
