/* tl_count.h - counters and gauges: one table, schemas/counters.def, gives names, help and /metrics. Lock-free, any thread. */
#ifndef TL_COUNT_H
#define TL_COUNT_H

#include <stdint.h>
#include "tl_mem.h"

enum tl_counter {
#define TL_COUNTER(name, program, kind, text) name,
#include "counters.def"
#undef TL_COUNTER
    TL_COUNTER_N
};
void tl_count_add(enum tl_counter c, int64_t n);
void tl_count_set(enum tl_counter c, int64_t v);   /* gauges */
int64_t tl_count_get(enum tl_counter c);
/* tl_count_render - Prometheus text of all rows of `program` ("collector", "aggregator", "viewer"; rows of "all" always), appended to b. */
void tl_count_render(const char *program, struct tl_buf *b);

#endif
