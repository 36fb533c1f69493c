/* suggest.c - see suggest.h. Threads of a key are found customer by customer: its events sorted by that key's hash, which keeps their order inside each. */
#include "suggest_in.h"

#include <stdlib.h>
#include "tl_err.h"

#define DAY_MS INT64_C(86400000)
const int64_t suggest_choice_ms[SUGGEST_CHOICES] = { DAY_MS, 7 * DAY_MS, 14 * DAY_MS, 30 * DAY_MS, 60 * DAY_MS };

struct suggest *
suggest_new(uint32_t words_n, enum suggest_key key, int64_t gap_ms)
{
    struct suggest *s = tl_alloc(sizeof *s);
    if (s) s->name_of = tl_alloc((words_n + 1) * sizeof *s->name_of);
    if (!s || !s->name_of) {
        suggest_free(&s);
        return NULL;
    }
    s->words_n = words_n;
    for (uint32_t i = 0; i <= words_n; i++) s->name_of[i] = SUGGEST_NONE;
    s->asked = key;
    s->draft.gap_ms = gap_ms;
    return s;
}

void
suggest_free(struct suggest **sp)
{
    struct suggest *s = *sp;
    if (!s) return;
    for (int i = 0; i < SUGGEST_CLOCKS_MAX; i++) tl_hist_free(&s->time[i].hist);
    tl_free(s->name_of);
    tl_free(s->name);
    tl_free(s->out);
    tl_free(s->pairs);
    tl_free(s->thread);
    tl_free(s);
    *sp = NULL;
}

/* ---- first pass: names ---- */

static struct counted *
counted_of(struct suggest *s, uint32_t word)
{
    if (word > s->words_n) return NULL;
    if (s->name_of[word] != SUGGEST_NONE) return &s->name[s->name_of[word]];
    if (s->name_n == s->name_cap) {
        uint32_t cap = s->name_cap * 2 + 64;
        struct counted *p = tl_realloc(s->name, cap * sizeof *p);
        if (!p) return NULL;
        s->name = p;
        s->name_cap = cap;
    }
    memset(&s->name[s->name_n], 0, sizeof s->name[0]);
    s->name[s->name_n].of.word = word;
    s->name[s->name_n].of.position = UINT64_MAX;
    s->name_of[word] = s->name_n;
    return &s->name[s->name_n++];
}

static void
count_channel(struct counted *c, uint32_t word)
{
    uint32_t i = 0;
    while (i < c->channel_n && c->channel_word[i] != word) i++;
    if (!word || i == SUGGEST_CHANNELS_MAX) return;
    if (i == c->channel_n) c->channel_word[c->channel_n++] = word;
    c->channel[i]++;
}

static void
count_gap(struct suggest *s, const struct tl_kept *a, const struct tl_kept *b)
{
    int64_t gap_ms = b->at_ms - a->at_ms;
    gap_add(&s->gaps, gap_ms);
    for (int k = SUGGEST_BY_JOURNEY; k < SUGGEST_KEYS; k++) {
        uint64_t x = suggest_key_of(a, (enum suggest_key)k), y = suggest_key_of(b, (enum suggest_key)k);
        if (x && y) gap_add(x == y ? &s->inside[k] : &s->between[k], gap_ms);
    }
}

static int
count(struct suggest *s, uint64_t customer, const struct tl_kept *e, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        uint32_t word = e[i].type ? e[i].type : e[i].touchpoint;
        struct counted *c = counted_of(s, word);
        if (!c && word <= s->words_n) return TL_ENOMEM;
        if (!c) continue;                       /* a word given since the pass began */
        c->of.n++;
        if (e[i].position < c->of.position) {
            c->of.position = e[i].position;
            c->of.customer = customer;
        }
        count_channel(c, e[i].channel);
        c->scored += e[i].scores_n > 0;
        c->tabled += (e[i].flags & TL_KEPT_NO_MERGE) != 0;
        c->starts += e[i].lifecycle == TL_LC_START;
        c->completes += e[i].lifecycle == TL_LC_COMPLETE;
        for (int k = SUGGEST_BY_JOURNEY; k < SUGGEST_KEYS; k++) c->steps_by[k] += suggest_key_of(&e[i], (enum suggest_key)k) != 0;
        if (i) count_gap(s, &e[i - 1], &e[i]);
    }
    s->draft.events += n;
    s->draft.customers++;
    return 0;
}

static void
name_settle(struct counted *c, enum tl_role (*role_of)(void *arg, uint32_t word), void *arg)
{
    uint64_t all = 0, most = 0;
    c->of.role = role_of(arg, c->of.word);
    c->of.place = -1;
    if (c->of.role == TL_ROLE_STEP && !c->tabled && (double)c->scored >= SUGGEST_SCORE_SHARE * (double)c->of.n) {
        c->of.role = TL_ROLE_SIGNAL;
        c->of.by_shape = true;
    }
    if (c->of.role != TL_ROLE_SILENT && c->tabled == c->of.n) c->of.role = TL_ROLE_STEP;       /* all of a log's events are steps */
    c->of.complete_only = c->starts > 0 && c->completes > 0;
    for (uint32_t i = 0; i < c->channel_n; i++) all += c->channel[i];
    for (uint32_t i = 0; i < c->channel_n; i++)
        if (2 * c->channel[i] >= all && c->channel[i] > most) {
            most = c->channel[i];
            c->of.channel = c->channel_word[i];
        }
}

static int
name_order(const void *x, const void *y)
{
    const struct counted *a = x, *b = y;
    if (a->of.n != b->of.n) return a->of.n > b->of.n ? -1 : 1;
    return (a->of.position > b->of.position) - (a->of.position < b->of.position);
}

/* the field that most steps carry, when it is half of them */
static enum suggest_key
key_settle(const struct suggest *s)
{
    uint64_t steps = 0, by[SUGGEST_KEYS] = { 0 };
    enum suggest_key best = SUGGEST_BY_GAP;
    if (s->asked != SUGGEST_KEYS) return s->asked;
    for (uint32_t i = 0; i < s->name_n; i++) {
        if (s->name[i].of.role != TL_ROLE_STEP) continue;
        steps += s->name[i].of.n;
        for (int k = SUGGEST_BY_JOURNEY; k < SUGGEST_KEYS; k++) by[k] += s->name[i].steps_by[k];
    }
    for (int k = SUGGEST_BY_JOURNEY; k < SUGGEST_KEYS; k++)
        if ((double)by[k] >= SUGGEST_THREAD_SHARE * (double)steps && by[k] > by[best]) best = (enum suggest_key)k;
    return best;
}

static int
names_settle(struct suggest *s, enum tl_role (*role_of)(void *arg, uint32_t word), void *arg)
{
    struct suggest_draft *d = &s->draft;
    if (s->name_n) qsort(s->name, s->name_n, sizeof *s->name, name_order);
    for (uint32_t i = 0; i <= s->words_n; i++) s->name_of[i] = SUGGEST_NONE;
    d->name_n = s->name_n < SUGGEST_NAMES_MAX ? s->name_n : SUGGEST_NAMES_MAX;
    d->names_left_out = s->name_n - d->name_n;
    s->out = tl_alloc((d->name_n + 1) * sizeof *s->out);
    s->pairs = tl_alloc((size_t)SUGGEST_KEYS * (d->name_n + 1) * (d->name_n + 1) * sizeof *s->pairs);
    if (!s->out || !s->pairs) return TL_ENOMEM;
    for (uint32_t i = 0; i < s->name_n; i++) {
        name_settle(&s->name[i], role_of, arg);
        if (i >= d->name_n) {
            d->events_left_out += s->name[i].of.n;
            continue;
        }
        s->name_of[s->name[i].of.word] = i;
        s->out[i] = s->name[i].of;
    }
    s->name_n = d->name_n;
    d->name = s->out;
    d->key = key_settle(s);
    if (d->gap_ms == 0 && d->key == SUGGEST_BY_GAP) d->valley = gap_valley(&s->gaps, gap_bin(SUGGEST_GAP_LEAST_MS), GAP_BINS, &d->gap_ms);
    else if (d->gap_ms == 0) d->valley = gap_valley_keyed(&s->inside[d->key], &s->between[d->key], &d->gap_ms);
    if (d->gap_ms == 0) d->gap_ms = TL_GAP_DEFAULT_MS;
    return 0;
}

/* places in the journey, each name at its first occurrence */
static void
place_names(struct suggest *s, const struct tl_kept *e, uint32_t from, uint32_t to)
{
    s->draft.journeys++;
    for (uint32_t i = from; i < to; i++) {
        uint32_t a = suggest_place_of(s, &e[s->thread[i].at]);
        bool before = false;
        for (uint32_t k = from; k < i && !before && i - k < 64; k++) before = suggest_place_of(s, &e[s->thread[k].at]) == a;
        s->out[a].first += i == from;
        s->out[a].last += i + 1 == to;
        if (before) continue;
        s->out[a].journeys++;
        s->name[a].place_sum += to - from > 1 ? ((uint64_t)(i - from) << 32) / (to - from - 1) : 0;
        s->name[a].place_n += to - from > 1;
    }
}

static void
pair_names(struct suggest *s, const struct tl_kept *e, enum suggest_key key, uint32_t from, uint32_t to)
{
    size_t w = s->draft.name_n;
    for (uint32_t i = from; i + 1 < to; i++) {
        uint32_t a = suggest_place_of(s, &e[s->thread[i].at]), b = suggest_place_of(s, &e[s->thread[i + 1].at]);
        if (a != b) s->pairs[((size_t)key * w + a) * w + b]++;
    }
}

static void
count_cuts(struct suggest *s, const struct tl_kept *e, uint32_t n)
{
    struct suggest_draft *d = &s->draft;
    bool any = false;
    for (uint32_t i = 0; i < n; i++) {
        int64_t gap = any ? e[i].at_ms - e[i - 1].at_ms : INT64_MAX;
        any = true;
        d->at_half += gap > d->gap_ms / 2;
        d->at_gap += gap > d->gap_ms;
        for (int c = 0; c < SUGGEST_CHOICES; c++) d->at_choice[c] += gap > suggest_choice_ms[c];
        d->at_double += gap / 2 >= d->gap_ms && gap > 2 * d->gap_ms;
    }
}

static int
thread(struct suggest *s, const struct tl_kept *e, uint32_t n)
{
    count_cuts(s, e, n);
    for (int key = SUGGEST_BY_GAP; key < SUGGEST_KEYS; key++) {
        uint32_t k = suggest_threads(s, e, n, (enum suggest_key)key);
        if (k == SUGGEST_NONE) return TL_ENOMEM;
        for (uint32_t from = 0, to; from < k; from = to) {
            to = suggest_run(s, from, k);
            if (key == (int)s->draft.key) place_names(s, e, from, to);
            if (key != SUGGEST_BY_GAP) pair_names(s, e, (enum suggest_key)key, from, to);
        }
    }
    return 0;
}

/* ---- passes ---- */

int
suggest_feed(struct suggest *s, uint64_t customer, const struct tl_kept *e, uint32_t n)
{
    if (!n || s->pass == OVER) return 0;
    return s->pass == COUNT ? count(s, customer, e, n) : s->pass == THREAD ? thread(s, e, n) : suggest_clocks_time(s, e, n);
}

int
suggest_next(struct suggest *s, enum tl_role (*role_of)(void *arg, uint32_t word), void *arg)
{
    int rc = 0;
    if (s->pass == COUNT) rc = names_settle(s, role_of, arg);
    else if (s->pass == THREAD) {
        for (uint32_t i = 0; i < s->draft.name_n; i++)
            if (s->name[i].place_n) s->out[i].place = (double)s->name[i].place_sum / 4294967296.0 / (double)s->name[i].place_n;
        rc = suggest_clocks_choose(s);
    } else if (s->pass == TIME) suggest_clocks_settle(s);
    s->pass = s->pass < OVER ? s->pass + 1 : OVER;
    return rc;
}

const struct suggest_draft *
suggest_end(const struct suggest *s)
{
    return &s->draft;
}
