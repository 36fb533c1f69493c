/* oracle_json.h - a second opinion on JSON: plain recursive C, written without a look at lib/. Says the first byte at which no valid text can go on,
 * and the first breach of the project's own rules (depth, a member twice, NUL). Slow, and that is fine. */
#ifndef ORACLE_JSON_H
#define ORACLE_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum verdict { V_GOOD, V_DEEP, V_TWICE, V_NUL, V_BROKEN, V_UTF8 };

struct oracle {
    const unsigned char *t;
    size_t n, at;
    int depth_max;
    enum verdict rule;          /* first breach of a rule */
    bool utf8;
};

struct oracle_name {
    uint32_t *c;
    size_t n;
};

static inline int
oracle_peek(const struct oracle *o)
{
    return o->at < o->n ? o->t[o->at] : -1;
}

static inline void
oracle_space(struct oracle *o)
{
    while (oracle_peek(o) == 0x20 || oracle_peek(o) == 9 || oracle_peek(o) == 10 || oracle_peek(o) == 13)
        o->at++;
}

static inline void
oracle_breach(struct oracle *o, enum verdict v)
{
    if (o->rule == V_GOOD)
        o->rule = v;
}

/* One UTF-8 character by arithmetic: assemble it, then ask whether it had to be written so. */
static inline bool
oracle_char(struct oracle *o, uint32_t *out)
{
    unsigned char lead = o->t[o->at];
    size_t more = lead < 0x80 ? 0 : lead >= 0xC0 && lead < 0xE0 ? 1 : lead >= 0xE0 && lead < 0xF0 ? 2 : lead >= 0xF0 && lead < 0xF8 ? 3 : 9;
    static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
    if (more == 9 || o->at + more >= o->n)
        return false;
    uint32_t c = more == 0 ? lead : lead & (0x3Fu >> more);
    for (size_t i = 1; i <= more; i++) {
        if (o->t[o->at + i] / 64 != 2)
            return false;
        c = c * 64 + o->t[o->at + i] % 64;
    }
    if (c < least[more] || c > 0x10FFFF || c / 0x800 == 0x1B)
        return false;
    o->at += more + 1;
    *out = c;
    return true;
}

static inline int
oracle_hex(struct oracle *o)
{
    int c = oracle_peek(o);
    int v = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
    if (v >= 0)
        o->at++;
    return v;
}

static inline bool
oracle_escape(struct oracle *o, uint32_t *out)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    int c = oracle_peek(o);
    if (c == 'u') {
        o->at++;
        *out = 0;
        for (int i = 0; i < 4; i++) {
            int h = oracle_hex(o);
            if (h < 0)
                return false;
            *out = *out * 16 + (uint32_t)h;
        }
        if (*out == 0)
            oracle_breach(o, V_NUL);
        return true;
    }
    for (int i = 0; from[i]; i++)
        if (from[i] == c) {
            o->at++;
            *out = (unsigned char)to[i];
            return true;
        }
    return false;
}

/* A text; its characters as code points when name is given, pairs of surrogates joined. */
static inline bool
oracle_text(struct oracle *o, struct oracle_name *name)
{
    if (oracle_peek(o) != '"')
        return false;
    o->at++;
    for (;;) {
        int c = oracle_peek(o);
        uint32_t u = 0;
        bool escaped = c == '\\';
        if (c < 0x20)
            return false;
        if (c == '"') {
            o->at++;
            return true;
        }
        if (escaped) {
            o->at++;
            if (!oracle_escape(o, &u))
                return false;
        } else if (!oracle_char(o, &u)) {
            o->utf8 = true;
            return false;
        }
        if (!name)
            continue;
        uint32_t *last = name->n ? &name->c[name->n - 1] : NULL;
        if (escaped && last && *last >= 0x80000000u + 0xD800 && *last < 0x80000000u + 0xDC00 && u >= 0xDC00 && u < 0xE000)
            *last = 0x10000 + (*last - 0x80000000u - 0xD800) * 0x400 + (u - 0xDC00);
        else
            name->c[name->n++] = escaped && u >= 0xD800 && u < 0xE000 ? 0x80000000u + u : u;    /* only escapes may pair up */
    }
}

static inline bool
oracle_digits(struct oracle *o)
{
    size_t from = o->at;
    while (oracle_peek(o) >= '0' && oracle_peek(o) <= '9')
        o->at++;
    return o->at > from;
}

static inline bool
oracle_number(struct oracle *o)
{
    if (oracle_peek(o) == '-')
        o->at++;
    if (oracle_peek(o) == '0')
        o->at++;
    else if (!oracle_digits(o))
        return false;
    if (oracle_peek(o) == '.') {
        o->at++;
        if (!oracle_digits(o))
            return false;
    }
    if (oracle_peek(o) == 'e' || oracle_peek(o) == 'E') {
        o->at++;
        if (oracle_peek(o) == '+' || oracle_peek(o) == '-')
            o->at++;
        if (!oracle_digits(o))
            return false;
    }
    return true;
}

static inline bool
oracle_literal(struct oracle *o, const char *word)
{
    for (; *word; word++) {
        if (oracle_peek(o) != *word)
            return false;
        o->at++;
    }
    return true;
}

static bool oracle_value(struct oracle *o, int depth);

static inline bool
oracle_array(struct oracle *o, int depth)
{
    o->at++;
    oracle_space(o);
    if (oracle_peek(o) == ']') {
        o->at++;
        return true;
    }
    for (;;) {
        if (!oracle_value(o, depth))
            return false;
        oracle_space(o);
        int c = oracle_peek(o);
        if (c != ',' && c != ']')
            return false;
        o->at++;
        if (c == ']')
            return true;
    }
}

static inline bool
oracle_members(struct oracle *o, int depth, struct oracle_name *names)
{
    size_t n = 0;
    for (;;) {
        oracle_space(o);
        names[n].c = calloc(o->n + 1, sizeof *names[n].c);
        names[n].n = 0;
        size_t me = n++;
        if (!oracle_text(o, &names[me]))
            return false;
        for (size_t i = 0; i < names[me].n; i++)        /* what did not pair up is the replacement character */
            if (names[me].c[i] >= 0x80000000u)
                names[me].c[i] = 0xFFFD;
        for (size_t i = 0; i < me; i++)
            if (names[i].n == names[me].n && memcmp(names[i].c, names[me].c, 4 * names[i].n) == 0)
                oracle_breach(o, V_TWICE);
        oracle_space(o);
        if (oracle_peek(o) != ':')
            return false;
        o->at++;
        if (!oracle_value(o, depth))
            return false;
        oracle_space(o);
        int c = oracle_peek(o);
        if (c != ',' && c != '}')
            return false;
        o->at++;
        if (c == '}')
            return true;
    }
}

static inline bool
oracle_object(struct oracle *o, int depth)
{
    o->at++;
    oracle_space(o);
    if (oracle_peek(o) == '}') {
        o->at++;
        return true;
    }
    size_t cap = 2;
    for (size_t i = o->at; i < o->n; i++)
        cap += o->t[i] == ',';
    struct oracle_name *names = calloc(cap, sizeof *names);
    bool ok = oracle_members(o, depth, names);
    for (size_t i = 0; i < cap; i++)
        free(names[i].c);
    free(names);
    return ok;
}

static bool
oracle_value(struct oracle *o, int depth)
{
    oracle_space(o);
    int c = oracle_peek(o);
    if (c == '{' || c == '[') {
        if (depth + 1 > o->depth_max)
            oracle_breach(o, V_DEEP);
        return c == '{' ? oracle_object(o, depth + 1) : oracle_array(o, depth + 1);
    }
    if (c == '"')
        return oracle_text(o, NULL);
    if (c == 't' || c == 'f' || c == 'n')
        return oracle_literal(o, c == 't' ? "true" : c == 'f' ? "false" : "null");
    return oracle_number(o);
}

/* The verdict on one text; *at is where it stopped. */
static inline enum verdict
oracle_judge(const char *t, size_t n, int depth_max, size_t *at)
{
    struct oracle o = { .t = (const unsigned char *)t, .n = n, .depth_max = depth_max };
    bool ok = oracle_value(&o, 0);
    if (ok)
        oracle_space(&o);
    *at = o.at;
    if (!ok || o.at != n)
        return o.utf8 ? V_UTF8 : V_BROKEN;
    return o.rule;
}

/* ---- texts to try ---- */

static inline uint64_t
oracle_random(uint64_t *s)
{
    *s ^= *s << 13;
    *s ^= *s >> 7;
    *s ^= *s << 17;
    return *s;
}

/* One to four random changes to t, which has room for cap bytes; returns the new length. */
static inline size_t
oracle_mutate(char *t, size_t n, size_t cap, uint64_t *s)
{
    static const char spice[] = "{}[]:,\"\\\"\\ \n\t\r0123456789-+.eEtrufalsn\x01\x1f\x7f\x80\xbf\xc3\xa9\xe2\x82\xac\xed\xa0\xf0\x9f\xff";
    for (uint64_t k = oracle_random(s) % 4 + 1; k > 0; k--) {
        size_t at = n ? oracle_random(s) % n : 0, len = oracle_random(s) % 8 + 1, from = n ? oracle_random(s) % n : 0;
        char c = spice[oracle_random(s) % (sizeof spice - 1)];
        switch (oracle_random(s) % 6) {
        case 0:
            if (n)
                t[at] = c;
            break;
        case 1:
            if (n < cap) {
                memmove(t + at + 1, t + at, n - at);
                t[at] = c;
                n++;
            }
            break;
        case 2:
            len = len < n - at ? len : n - at;
            memmove(t + at, t + at + len, n - at - len);
            n -= len;
            break;
        case 3:                 /* a piece of it once more, elsewhere */
            len = len < n - from ? len : n - from;
            if (n + len <= cap && len) {
                char piece[8];
                memcpy(piece, t + from, len);
                memmove(t + at + len, t + at, n - at);
                memcpy(t + at, piece, len);
                n += len;
            }
            break;
        case 4:
            if (n) {
                char swap = t[at];
                t[at] = t[from];
                t[from] = swap;
            }
            break;
        default:
            if (n && oracle_random(s) % 16 == 0)
                n = at;
            break;
        }
    }
    return n;
}

#endif
