/* tl_journey.c - see tl_journey.h. */
#include "tl_journey.h"

enum tl_end
tl_journey_end(const struct tl_journey *j, int64_t gap_ms, int64_t as_of_ms)
{
    if (j->outcome == TL_GOOD)
        return TL_END_GOOD;
    if (j->outcome == TL_BAD)
        return TL_END_BAD;
    /* silent for exactly the gap is still open, as a step at that moment would still join the journey */
    return as_of_ms > j->last_ms && (uint64_t)as_of_ms - (uint64_t)j->last_ms > (uint64_t)gap_ms ? TL_END_LAPSED : TL_END_OPEN;
}
