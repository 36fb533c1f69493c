/* tl_json_utf8.c - one UTF-8 character, as RFC 3629 allows it. Apart from the rest, so that a writer needs no reader. */
#include "tl_json_walk.h"

size_t
tl_json_utf8_char(const char *bytes, size_t left)
{
    const unsigned char *p = (const unsigned char *)bytes;
    static const struct { unsigned char first, last, low, high, n; } form[] = {     /* low..high: the second byte */
        { 0x00, 0x7F, 0, 0, 1 }, { 0xC2, 0xDF, 0x80, 0xBF, 2 }, { 0xE0, 0xE0, 0xA0, 0xBF, 3 }, { 0xE1, 0xEC, 0x80, 0xBF, 3 },
        { 0xED, 0xED, 0x80, 0x9F, 3 }, { 0xEE, 0xEF, 0x80, 0xBF, 3 }, { 0xF0, 0xF0, 0x90, 0xBF, 4 }, { 0xF1, 0xF3, 0x80, 0xBF, 4 },
        { 0xF4, 0xF4, 0x80, 0x8F, 4 },
    };
    for (size_t i = 0; i < sizeof form / sizeof *form; i++) {
        if (p[0] < form[i].first || p[0] > form[i].last)
            continue;
        if (form[i].n > left || (form[i].n > 1 && (p[1] < form[i].low || p[1] > form[i].high)))
            return 0;
        for (size_t k = 2; k < form[i].n; k++)
            if ((p[k] & 0xC0) != 0x80)
                return 0;
        return form[i].n;
    }
    return 0;
}
