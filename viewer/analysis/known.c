/* known.c - silence of a source is not behaviour of a customer: see chance_known in breaks.h. */
#include "breaks.h"

#include "tl_time.h"

static int64_t
known_until(const struct break_rule *r, uint32_t place)
{
    for (uint32_t i = 0; i < r->known_n; i++)
        if (r->known[i].place == 0 || r->known[i].place == place) return r->known[i].until_ms;
    return TL_TIME_NONE;
}

/* rests_on_silence - would an event by the due time, told late, say otherwise? */
static bool
rests_on_silence(enum tl_standard_kind kind, const struct tl_chance *c, enum chance_is is)
{
    switch (kind) {
    case TL_STANDARD_CLOCK:
    case TL_STANDARD_PROMISE:
        return is == CHANCE_HIT && c->ended_ms == TL_TIME_NONE;         /* one that ended late is known to be late */
    case TL_STANDARD_REQUIRED:
    case TL_STANDARD_WORD:
        return is == CHANCE_HIT;
    case TL_STANDARD_REPEAT:
        return is == CHANCE_KEPT;
    case TL_STANDARD_FAILED:
    case TL_STANDARD_TRANSFERS:
    case TL_STANDARD_CONTEXT:
    case TL_STANDARD_SCORE:
        break;
    }
    return false;
}

enum chance_is
chance_known(const struct break_rule *r, const struct tl_chance *c, enum chance_is is)
{
    if (!r->known || c->due_ms == TL_TIME_NONE || !rests_on_silence(r->kind, c, is)) return is;
    return known_until(r, c->place) < c->due_ms ? CHANCE_UNKNOWN : is;
}
