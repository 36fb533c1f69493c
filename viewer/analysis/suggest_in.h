/* suggest_in.h - what the passes of suggest.c and suggest_clocks.c share. */
#ifndef SUGGEST_IN_H
#define SUGGEST_IN_H

#include "suggest.h"
#include "tl_hist.h"

#define SUGGEST_NONE UINT32_MAX

enum pass { COUNT, THREAD, TIME, OVER };

struct counted {                     /* of one name, while it is counted */
    struct suggest_name of;
    uint64_t channel[SUGGEST_CHANNELS_MAX], scored, tabled, starts, completes, steps_by[SUGGEST_KEYS];
    uint32_t channel_word[SUGGEST_CHANNELS_MAX], channel_n;
    uint64_t place_sum;              /* in 2^-32: sums of whole numbers do not hang on the order of customers */
    uint64_t place_n;
};
struct threaded { uint64_t key; uint32_t at; };
struct timed { struct tl_hist *hist; int64_t open_ms; };

struct suggest {
    enum pass pass;
    enum suggest_key asked;
    uint32_t *name_of;               /* by word: its place, NONE */
    uint32_t words_n;
    struct counted *name; uint32_t name_n, name_cap;
    struct suggest_name *out;        /* the draft's, in its order */
    struct gap_hist gaps, inside[SUGGEST_KEYS], between[SUGGEST_KEYS];
    uint32_t *pairs;                 /* [key][start][end] */
    struct threaded *thread; uint32_t thread_cap;
    struct timed time[SUGGEST_CLOCKS_MAX];
    struct suggest_draft draft;
};

uint64_t suggest_key_of(const struct tl_kept *e, enum suggest_key key);             /* 0 = none */
uint32_t suggest_place_of(const struct suggest *s, const struct tl_kept *e);        /* of its name; SUGGEST_NONE: left out */
/* suggest_threads - s->thread: the steps that the key threads, thread by thread; by gap all of them, one after the other, a run a thread. How many, SUGGEST_NONE: out of memory */
uint32_t suggest_threads(struct suggest *s, const struct tl_kept *e, uint32_t n, enum suggest_key key);
uint32_t suggest_run(const struct suggest *s, uint32_t from, uint32_t k);           /* where the thread that begins at `from` ends */
/* clocks: which neighbours, after the pass over threads; their waits; limits. 0, TL_ENOMEM */
int suggest_clocks_choose(struct suggest *s);
int suggest_clocks_time(struct suggest *s, const struct tl_kept *e, uint32_t n);
void suggest_clocks_settle(struct suggest *s);

#endif
