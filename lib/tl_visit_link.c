/* tl_visit_link.c - see tl_visit_link.h. */
#include "tl_visit_link.h"

#include "tl_hash.h"
#include "tl_port.h"

void
tl_visit_link_make(char token[TL_VISIT_TOKEN_CHARS + 1], char hash[65])
{
    uint8_t bytes[32];
    char text[TL_BASE64_BYTES(sizeof bytes)];

    tl_rand_real()->fill(tl_rand_real(), bytes, sizeof bytes);
    tl_base64_put(bytes, sizeof bytes, text);
    for (size_t i = 0; i < TL_VISIT_TOKEN_CHARS; i++)
        token[i] = text[i] == '+' ? '-' : text[i] == '/' ? '_' : text[i];
    token[TL_VISIT_TOKEN_CHARS] = '\0';
    tl_visit_link_hash(tl_str_of(token), hash);
}

bool
tl_visit_link_hash(struct tl_str token, char hash[65])
{
    uint8_t h[32];

    if (token.n != TL_VISIT_TOKEN_CHARS)
        return false;
    for (size_t i = 0; i < token.n; i++) {
        char c = token.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_'))
            return false;
    }
    tl_hash256(token.p, token.n, h);
    tl_hex(h, sizeof h, hash);
    return true;
}

bool
tl_visit_link_nowhere(const char *base)
{
    const char *at = strstr(base, "://");

    at = at != NULL ? at + 3 : base;
    return strncmp(at, "0.0.0.0", 7) == 0 || strncmp(at, "[::]", 4) == 0 || strcmp(at, "::") == 0;
}
