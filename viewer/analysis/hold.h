/* hold.h - the span of as_of over which what was judged stays as it is. */
#ifndef HOLD_H
#define HOLD_H

#include "tl_time.h"

struct hold { int64_t as_of_ms, *lo_ms, *hi_ms; };

/* hold_passes - what is judged changes when as_of reaches at_ms; TL_TIME_NONE: it never does */
static inline void
hold_passes(const struct hold *s, int64_t at_ms)
{
    if (at_ms == TL_TIME_NONE) return;
    if (at_ms <= s->as_of_ms && at_ms > *s->lo_ms) *s->lo_ms = at_ms;
    if (at_ms > s->as_of_ms && at_ms - 1 < *s->hi_ms) *s->hi_ms = at_ms - 1;
}

#endif
