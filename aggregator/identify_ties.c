/* identify_ties.c - what the last control record said of a pair of identities: few, and always in memory. */
#include "identify_in.h"
#include "tl_hash.h"

static uint32_t
tie_slot(const struct identify *w, const uint8_t *a, const uint8_t *b)
{
    uint64_t x, y;

    memcpy(&x, a, 8);
    memcpy(&y, b, 8);
    uint32_t i = (uint32_t)tl_mix64(x == y ? x : x ^ y) & w->tie_mask;
    for (; w->tie_slot[i] != 0; i = (i + 1) & w->tie_mask) {
        const struct who_tie *t = &w->tie[w->tie_slot[i] - 1];
        if ((memcmp(t->a, a, 16) == 0 && memcmp(t->b, b, 16) == 0) || (memcmp(t->a, b, 16) == 0 && memcmp(t->b, a, 16) == 0))
            break;
    }
    return i;
}

int
identify_tie(struct identify *w, const uint8_t a[16], const uint8_t b[16], enum tl_tie tie)
{
    if (!GROW(w, tie))
        return TL_ENOMEM;
    if (w->tie_slot == NULL || w->tie_n >= w->tie_mask / 3 * 2) {
        uint32_t slots = w->tie_slot == NULL ? 256 : (w->tie_mask + 1) * 2;
        uint32_t *slot = tl_alloc(slots * sizeof *slot);
        if (slot == NULL)
            return TL_ENOMEM;
        tl_free(w->tie_slot);
        w->tie_slot = slot;
        w->tie_mask = slots - 1;
        for (uint32_t i = 0; i < w->tie_n; i++)
            w->tie_slot[tie_slot(w, w->tie[i].a, w->tie[i].b)] = i + 1;
    }
    uint32_t i = tie_slot(w, a, b);
    if (w->tie_slot[i] == 0) {
        memcpy(w->tie[w->tie_n].a, a, 16);
        memcpy(w->tie[w->tie_n].b, b, 16);
        w->tie_slot[i] = ++w->tie_n;
    }
    w->tie[w->tie_slot[i] - 1].tie = tie;
    return 0;
}

enum tl_tie
identify_said(const struct identify *w, const uint8_t *a, const uint8_t *b)
{
    if (w->tie_n == 0)
        return TL_TIE_NONE;
    uint32_t i = w->tie_slot[tie_slot(w, a, b)];
    return i != 0 ? w->tie[i - 1].tie : TL_TIE_NONE;
}

bool
identify_is_cut(const struct identify *w, const uint8_t *a, const uint8_t *b)
{
    return identify_said(w, a, b) == TL_TIE_CUT;
}
