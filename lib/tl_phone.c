/* tl_phone.c - see tl_phone.h. Lengths and prefixes: ITU-T E.164 and the national numbering plans, as far as they tell numbers apart here. */
#include "tl_phone.h"

static const struct tl_region regions[] = {
    { "AE", "971", "0", "00", 8, 9 }, { "AR", "54", "0", "00", 10, 10 }, { "AT", "43", "0", "00", 7, 13 }, { "AU", "61", "0", "0011", 9, 9 }, { "BE", "32", "0", "00", 8, 9 },
    { "BR", "55", "0", "00", 10, 11 }, { "CA", "1", "1", "011", 10, 10 }, { "CH", "41", "0", "00", 9, 9 }, { "CN", "86", "0", "00", 10, 11 }, { "DE", "49", "0", "00", 7, 13 },
    { "DK", "45", "", "00", 8, 8 }, { "EG", "20", "0", "00", 8, 10 }, { "ES", "34", "", "00", 9, 9 }, { "FI", "358", "0", "00", 6, 12 }, { "FR", "33", "0", "00", 9, 9 },
    { "GB", "44", "0", "00", 9, 10 }, { "HK", "852", "", "001", 8, 8 }, { "ID", "62", "0", "00", 8, 12 }, { "IE", "353", "0", "00", 7, 9 }, { "IN", "91", "0", "00", 10, 10 },
    { "IT", "39", "", "00", 6, 11 }, { "JP", "81", "0", "010", 9, 10 }, { "KR", "82", "0", "00", 8, 10 }, { "MO", "853", "", "00", 8, 8 }, { "MX", "52", "", "00", 10, 10 },
    { "MY", "60", "0", "00", 8, 10 }, { "NG", "234", "0", "00", 8, 10 }, { "NL", "31", "0", "00", 9, 9 }, { "NO", "47", "", "00", 8, 8 }, { "NZ", "64", "0", "00", 8, 10 },
    { "PH", "63", "0", "00", 8, 10 }, { "PL", "48", "", "00", 9, 9 }, { "PT", "351", "", "00", 9, 9 }, { "RU", "7", "8", "810", 10, 10 }, { "SA", "966", "0", "00", 8, 9 },
    { "SE", "46", "0", "00", 7, 10 }, { "SG", "65", "", "000", 8, 8 }, { "TH", "66", "0", "001", 8, 9 }, { "TR", "90", "0", "00", 10, 10 }, { "TW", "886", "0", "002", 8, 9 },
    { "US", "1", "1", "011", 10, 10 }, { "VN", "84", "0", "00", 9, 10 }, { "ZA", "27", "0", "00", 9, 9 },
};
#define REGIONS_N (sizeof regions / sizeof regions[0])
#define DIGITS_MAX 64
#define E164_MAX 15

const struct tl_region *
tl_region_of(const char *id)
{
    for (size_t i = 0; i < REGIONS_N; i++)
        if (strcmp(regions[i].id, id) == 0)
            return &regions[i];
    return NULL;
}

const char *
tl_region_list(void)
{
    static const char list[] = "AE AR AT AU BE BR CA CH CN DE DK EG ES FI FR GB HK ID IE IN IT JP KR MO MX MY NG NL NO NZ PH PL PT RU SA SE SG TH TR TW US VN ZA";
    return list;
}

/* What was written: digits of the number, whether a + stood before them, and of an extension. */
struct written { char digit[DIGITS_MAX], extension[DIGITS_MAX]; size_t n, extension_n; bool plus, too_long; };

/* wide - a full-width form (U+FF0B, U+FF10..U+FF19) as ASCII, 0: none */
static char
wide(const char *p, size_t left)
{
    if (left < 3 || (unsigned char)p[0] != 0xEF || (unsigned char)p[1] != 0xBC)
        return 0;
    unsigned char c = (unsigned char)p[2];
    return c == 0x8B ? '+' : c >= 0x90 && c <= 0x99 ? (char)('0' + c - 0x90) : 0;
}

static bool
begins_extension(const char *p, size_t left)
{
    static const char *const word[] = { "\xE8\xBD\xAC", "ext", "EXT", "Ext", "x", "X", ";", "#", "," };
    for (size_t i = 0; i < sizeof word / sizeof word[0]; i++)
        if (left >= strlen(word[i]) && memcmp(p, word[i], strlen(word[i])) == 0)
            return true;
    return false;
}

static void
read_written(struct tl_str v, struct written *w)
{
    bool extension = false;

    memset(w, 0, sizeof *w);
    for (size_t i = 0; i < v.n; i++) {
        char c = wide(v.p + i, v.n - i);
        if (c != 0)
            i += 2;
        else
            c = v.p[i];
        bool digit = c >= '0' && c <= '9';
        char *to = extension ? w->extension : w->digit;
        size_t *n = extension ? &w->extension_n : &w->n;
        if (c == '+' && w->n == 0)
            w->plus = true;
        else if (!digit)
            extension = extension || (w->n > 0 && begins_extension(v.p + i, v.n - i));
        else if (w->plus && w->n > 0 && c == '0' && i > 0 && v.p[i - 1] == '(' && i + 1 < v.n && v.p[i + 1] == ')')
            continue;                   /* +44 (0)20: the trunk prefix, for those at home */
        else if (*n < DIGITS_MAX)
            to[(*n)++] = c;
        else
            w->too_long = true;
    }
}

static bool
is_junk(const struct written *w)
{
    bool same = w->n >= 7, up = w->n >= 7 && w->digit[0] <= '1';      /* 2345 6789 is somebody's */

    for (size_t i = 1; i < w->n; i++) {
        same = same && w->digit[i] == w->digit[0];
        up = up && w->digit[i] == (w->digit[i - 1] == '9' ? '0' : w->digit[i - 1] + 1);
    }
    return same || up;
}

static bool
begins(const char *p, size_t n, const char *with)
{
    size_t m = strlen(with);
    return m > 0 && n > m && memcmp(p, with, m) == 0;
}

static bool
fits(const struct tl_region *r, size_t n)
{
    return n >= r->min && n <= r->max;
}

static size_t
put(char *out, const char *code, const char *p, size_t n)
{
    size_t m = strlen(code);

    out[0] = '+';
    memcpy(out + 1, code, m);
    memcpy(out + 1 + m, p, n);
    return 1 + m + n;
}

/* With its country code. A trunk prefix left behind it goes, where the rest is a number of that region. */
static size_t
put_abroad(const char *p, size_t n, char *out)
{
    for (size_t i = 0; i < REGIONS_N; i++) {
        const struct tl_region *r = &regions[i];
        size_t code = strlen(r->code), trunk = strlen(r->trunk);
        if (begins(p, n, r->code) && begins(p + code, n - code, r->trunk) && r->trunk[0] == '0' && !fits(r, n - code) && fits(r, n - code - trunk))
            return put(out, r->code, p + code + trunk, n - code - trunk);
    }
    return put(out, "", p, n);
}

static size_t
put_home(const struct tl_region *r, const char *p, size_t n, char *out)
{
    size_t trunk = r != NULL ? strlen(r->trunk) : 0, code = r != NULL ? strlen(r->code) : 0;

    if (r != NULL && begins(p, n, r->trunk) && fits(r, n - trunk))
        return put(out, r->code, p + trunk, n - trunk);
    if (r != NULL && fits(r, n))
        return put(out, r->code, p, n);
    if (r != NULL && begins(p, n, r->code) && fits(r, n - code))
        return put(out, "", p, n);
    memcpy(out, p, n);
    return n;
}

size_t
tl_phone_normal(const struct tl_region *region, struct tl_str value, char *out, size_t cap)
{
    struct written w;
    char text[2 * DIGITS_MAX + 16];
    size_t n = 0, abroad = 0;

    read_written(value, &w);
    if (w.n == 0 || w.too_long || is_junk(&w))
        return 0;
    if (!w.plus && region != NULL && begins(w.digit, w.n, region->abroad))
        abroad = strlen(region->abroad);
    else if (!w.plus && begins(w.digit, w.n, "00"))
        abroad = 2;
    if (w.plus || (abroad > 0 && w.n - abroad <= E164_MAX))
        n = put_abroad(w.digit + abroad, w.n - abroad, text);
    else
        n = put_home(region, w.digit, w.n, text);
    if (w.extension_n > 0) {
        memcpy(text + n, ";ext=", 5);
        memcpy(text + n + 5, w.extension, w.extension_n);
        n += 5 + w.extension_n;
    }
    if (n > cap)
        return 0;
    memcpy(out, text, n);
    return n;
}
