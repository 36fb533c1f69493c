/* suggest_threads.c - a customer's steps, thread by thread. See suggest.h. */
#include "suggest_in.h"

#include <stdlib.h>
#include "tl_time.h"

uint64_t
suggest_key_of(const struct tl_kept *e, enum suggest_key key)
{
    return key == SUGGEST_BY_JOURNEY ? e->journey_hash : key == SUGGEST_BY_ORDER ? e->order_hash : key == SUGGEST_BY_CASE ? e->case_hash : 0;
}

uint32_t
suggest_place_of(const struct suggest *s, const struct tl_kept *e)
{
    uint32_t word = e->type ? e->type : e->touchpoint;
    return word <= s->words_n ? s->name_of[word] : SUGGEST_NONE;
}

static bool
is_step(const struct suggest *s, const struct tl_kept *e)
{
    uint32_t i = suggest_place_of(s, e);
    if (i == SUGGEST_NONE || s->out[i].role != TL_ROLE_STEP) return false;
    return !s->out[i].complete_only || e->lifecycle == TL_LC_COMPLETE || e->lifecycle == TL_LC_SPAN;
}

static int
thread_order(const void *x, const void *y)
{
    const struct threaded *a = x, *b = y;
    if (a->key != b->key) return a->key < b->key ? -1 : 1;
    return (a->at > b->at) - (a->at < b->at);
}

uint32_t
suggest_threads(struct suggest *s, const struct tl_kept *e, uint32_t n, enum suggest_key key)
{
    uint32_t k = 0;
    int64_t last = TL_TIME_NONE;
    uint64_t run = 0;
    if (n > s->thread_cap) {
        struct threaded *p = tl_realloc(s->thread, n * sizeof *p);
        if (!p) return SUGGEST_NONE;
        s->thread = p;
        s->thread_cap = n;
    }
    for (uint32_t i = 0; i < n; i++) {
        if (!is_step(s, &e[i]) || (key != SUGGEST_BY_GAP && !suggest_key_of(&e[i], key))) continue;
        run += last != TL_TIME_NONE && e[i].at_ms - last > s->draft.gap_ms;
        last = e[i].at_ms;
        s->thread[k++] = (struct threaded){ key == SUGGEST_BY_GAP ? run : suggest_key_of(&e[i], key), i };
    }
    if (k > 1 && key != SUGGEST_BY_GAP) qsort(s->thread, k, sizeof *s->thread, thread_order);
    return k;
}

uint32_t
suggest_run(const struct suggest *s, uint32_t from, uint32_t k)
{
    uint32_t to = from;
    while (to < k && s->thread[to].key == s->thread[from].key) to++;
    return to;
}
