/* proxies.c - see proxies.h. */
#include "proxies.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#define APART ", \t"

/* the next entry of a list, *list moves on; absent at its end */
static struct tl_str
next_entry(struct tl_str *list)
{
    while (list->n > 0 && strchr(APART, *list->p)) list->p++, list->n--;
    struct tl_str e = { list->n > 0 ? list->p : NULL, 0 };
    while (list->n > 0 && !strchr(APART, *list->p)) list->p++, list->n--, e.n++;
    return e;
}

/* IPv4 as the IPv6 addresses that stand for it; the bits of its text's kind, 32 or 128; 0: no address */
static int
address_of(struct tl_str text, uint8_t out[16])
{
    static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
    char s[INET6_ADDRSTRLEN];
    if (text.n >= sizeof s) return 0;
    snprintf(s, sizeof s, "%.*s", (int)text.n, text.n ? text.p : "");
    memcpy(out, mapped, sizeof mapped);
    if (inet_pton(AF_INET, s, out + sizeof mapped) == 1) return 32;
    return inet_pton(AF_INET6, s, out) == 1 ? 128 : 0;
}

static bool
read_one(struct tl_str e, uint8_t address[16], int *bits)
{
    const char *slash = memchr(e.p, '/', e.n);
    struct tl_str host = { e.p, slash ? (size_t)(slash - e.p) : e.n };
    int wide = address_of(host, address);
    char *end = NULL;
    long said = slash ? strtol(slash + 1, &end, 10) : wide;
    if (wide == 0 || said < 0 || said > wide || (slash && (slash[1] < '0' || slash[1] > '9' || end != e.p + e.n))) return false;
    *bits = 128 - wide + (int)said;
    return true;
}

int
proxies_read(struct proxies *p, const char *text, struct tl_err *err)
{
    struct tl_str list = tl_str_of(text);
    p->n = 0;
    for (struct tl_str e = next_entry(&list); e.n > 0; e = next_entry(&list)) {
        if (p->n == PROXIES_MAX) return tl_fail(err, TL_ECONFIG, "collector.proxy lists more than %d proxies", PROXIES_MAX);
        if (!read_one(e, p->of[p->n].address, &p->of[p->n].bits))
            return tl_fail(err, TL_ECONFIG, "collector.proxy: %.*s is neither an address nor a network like 10.0.0.0/8", (int)(e.n < 60 ? e.n : 60), e.p);
        p->n++;
    }
    return 0;
}

static bool
same_bits(const uint8_t *a, const uint8_t *b, int bits)
{
    int whole = bits / 8, rest = bits % 8;
    return memcmp(a, b, (size_t)whole) == 0 && (rest == 0 || (a[whole] ^ b[whole]) >> (8 - rest) == 0);
}

bool
proxies_trust(const struct proxies *p, struct tl_str address)
{
    uint8_t a[16];
    if (p->n == 0 || address_of(address, a) == 0) return false;
    for (int i = 0; i < p->n; i++)
        if (same_bits(a, p->of[i].address, p->of[i].bits)) return true;
    return false;
}

/* Some proxies write the port as well: 203.0.113.7:4711, [2001:db8::7]:4711. */
static struct tl_str
without_port(struct tl_str e)
{
    const char *end = *e.p == '[' ? memchr(e.p, ']', e.n) : NULL, *colon = memchr(e.p, ':', e.n);
    if (end) return (struct tl_str){ e.p + 1, (size_t)(end - e.p) - 1 };
    if (colon && !memchr(colon + 1, ':', e.n - (size_t)(colon + 1 - e.p))) e.n = (size_t)(colon - e.p);
    return e;
}

void
proxies_step(const struct proxies *p, struct tl_str line, struct tl_str *sender)
{
    for (struct tl_str e = next_entry(&line); e.n > 0; e = next_entry(&line)) {
        struct tl_str address = without_port(e);
        if (!sender->p || !proxies_trust(p, address)) *sender = address;
    }
}
