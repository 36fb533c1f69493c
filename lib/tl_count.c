/* tl_count.c - see tl_count.h. */
#include "tl_count.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdatomic.h>

static _Atomic int64_t value[TL_COUNTER_N];

static const struct {
    const char *name, *program, *kind, *text;
} rows[TL_COUNTER_N] = {
#define TL_COUNTER(name, program, kind, text) { #name, program, #kind, text },
#include "counters.def"
#undef TL_COUNTER
};

void
tl_count_add(enum tl_counter c, int64_t n)
{
    atomic_fetch_add_explicit(&value[c], n, memory_order_relaxed);
}

void
tl_count_set(enum tl_counter c, int64_t v)
{
    atomic_store_explicit(&value[c], v, memory_order_relaxed);
}

int64_t
tl_count_get(enum tl_counter c)
{
    return atomic_load_explicit(&value[c], memory_order_relaxed);
}

void
tl_count_render(const char *program, struct tl_buf *b)
{
    char name[64];
    for (int i = 0; i < TL_COUNTER_N; i++) {
        if (strcmp(rows[i].program, program) != 0 && strcmp(rows[i].program, "all") != 0)
            continue;
        size_t n = 0;
        for (; rows[i].name[n] && n + 1 < sizeof name; n++)
            name[n] = (char)tolower((unsigned char)rows[i].name[n]);
        name[n] = '\0';
        tl_buf_printf(b, "# HELP touchline_%s %s\n# TYPE touchline_%s %s\ntouchline_%s %" PRId64 "\n", name, rows[i].text, name, rows[i].kind, name,
                      tl_count_get((enum tl_counter)i));
    }
}
