/* facts.c - see facts.h. Here: the standards in numbers, and what is found out once per customer. A journey's facts: facts_journey.c. */
#include "facts_in.h"

bool
facts_room(struct facts *f, void **list, uint32_t n, uint32_t *cap, size_t item)
{
    if (n < *cap)
        return true;
    uint32_t more = *cap * 2 + 64;
    void *p = tl_realloc(*list, more * item);
    if (p == NULL) {
        f->failed = true;
        return false;
    }
    *list = p;
    *cap = more;
    return true;
}

bool
facts_failed(const struct tl_kept *e)
{
    return e->outcome == TL_KO_FAIL || e->outcome == TL_KO_ABANDONED || e->outcome == TL_KO_TIMEOUT;
}

/* ---- the catalogue in numbers ---- */

static struct word_picks *
word_of(struct facts *f, struct tl_store_w *words, struct tl_str word)
{
    uint32_t number = tl_store_w_word(words, word);

    if (number >= f->word_n) {
        uint32_t n = number + 64;
        struct word_picks *list = tl_realloc(f->word, n * sizeof *list);
        if (list == NULL)
            return NULL;
        memset(list + f->word_n, 0, (n - f->word_n) * sizeof *list);
        f->word = list;
        f->word_n = n;
    }
    return &f->word[number];
}

uint32_t *
facts_numbers(struct tl_store_w *words, const struct tl_str *s, uint32_t n)
{
    uint32_t *list = tl_alloc((n + 1) * sizeof *list);

    for (uint32_t i = 0; list != NULL && i < n; i++)
        list[i] = tl_store_w_word(words, s[i]);
    return list;
}

static bool
read_standard(struct facts *f, const struct tl_standard *of, struct tl_store_w *words)
{
    struct standard *s = &f->standard[f->standard_n++];

    s->of = of;
    s->number = tl_store_w_word(words, of->id);
    s->on = of->on.p != NULL ? tl_store_w_word(words, of->on) : 0;
    s->tier = facts_numbers(words, of->tier, of->tier_n);
    s->except_tier = facts_numbers(words, of->except_tier, of->except_tier_n);
    s->channel = facts_numbers(words, of->channel, of->channel_n);
    s->any = of->start | of->end | of->cancel | of->by | of->confirm | of->word;
    s->score = of->score.p != NULL ? tl_store_w_word(words, of->score) : 0;
    s->restated = of->restated.p != NULL ? tl_store_w_word(words, of->restated) : 0;
    s->what = of->what.p != NULL ? (uint32_t)tl_kept_hash('w', of->what, (struct tl_str){0}) : 0;
    f->contacts |= of->kind == TL_STANDARD_CONTEXT && of->start == 0;
    if (of->kind == TL_STANDARD_FAILED)
        f->watched |= of->start;
    return s->tier != NULL && s->except_tier != NULL && s->channel != NULL;
}

static bool
read_words(struct facts *f, struct tl_store_w *words)
{
    const struct tl_catalogue *c = f->catalogue;

    for (uint32_t i = 0; i < c->pick_name_n; i++) {
        struct word_picks *w = word_of(f, words, c->pick[TL_PICKS_BY_MATCH_MAX + i].name);
        if (w == NULL)
            return false;
        w->picks |= UINT64_C(1) << (TL_PICKS_BY_MATCH_MAX + i);
    }
    for (uint32_t i = 0; i < c->touchpoint_n; i++) {
        struct word_picks *w = word_of(f, words, c->touchpoint[i].id);
        if (w == NULL)
            return false;
        w->key = c->touchpoint[i].key || c->touchpoint[i].moment;
        w->backstage = c->touchpoint[i].backstage;
    }
    return true;
}

static bool
read_plan(struct facts *f, uint32_t type, struct tl_store_w *words)
{
    const struct tl_blueprint *b = tl_catalogue_plan_of(f->catalogue, &f->catalogue->type[type]);
    struct tl_wanted wanted[TL_REQUIRED_MAX];
    struct required *r = &f->required[type];

    r->n = tl_catalogue_wanted(f->catalogue, &f->catalogue->type[type], wanted);
    for (uint32_t i = 0; i < r->n; i++) {
        r->touchpoint[i] = tl_store_w_word(words, wanted[i].touchpoint);
        r->same[i] = wanted[i].same;
    }
    f->plans |= b != NULL ? UINT32_C(1) << type : 0;
    for (uint32_t i = 0; b != NULL && i < b->step_n; i++) {
        struct word_picks *w = word_of(f, words, b->step[i].touchpoint);
        if (w == NULL)
            return false;
        w->planned |= UINT32_C(1) << type;
    }
    return true;
}

struct facts *
facts_new(const struct tl_catalogue *catalogue, struct tl_store_w *words)
{
    struct facts *f = tl_alloc(sizeof *f);
    bool ok = f != NULL;

    if (ok) {
        f->catalogue = catalogue;
        f->dues = dues_new(catalogue, words);
        f->asked = tl_store_w_word(words, TL_STR("survey.sent"));
        ok = f->dues != NULL && read_words(f, words);
    }
    for (uint32_t i = 0; ok && i < catalogue->standard_n; i++)
        ok = read_standard(f, &catalogue->standard[i], words);
    for (uint32_t i = 0; ok && i < catalogue->outcome_n; i++) {
        f->outcome[i] = tl_store_w_word(words, catalogue->outcome[i].id);
        f->told |= catalogue->outcome[i].customer ? 0 : catalogue->outcome[i].when;
    }
    for (uint32_t i = 0; ok && i < catalogue->type_n; i++)
        ok = read_plan(f, i, words);
    if (!ok)
        facts_free(&f);
    return f;
}

void
facts_free(struct facts **fp)
{
    struct facts *f = fp != NULL ? *fp : NULL;

    if (f == NULL)
        return;
    for (uint32_t i = 0; i < f->standard_n; i++) {
        tl_free(f->standard[i].tier);
        tl_free(f->standard[i].except_tier);
        tl_free(f->standard[i].channel);
    }
    tl_free(f->word);
    tl_free(f->picks);
    tl_free(f->tier);
    tl_free(f->first);
    tl_free(f->keyed);
    tl_free(f->list);
    tl_free(f->made);
    tl_free(f->found);
    tl_free(f->broken);
    tl_free(f->chosen);
    dues_free(&f->dues);
    tl_buf_free(&f->bytes);
    tl_free(f);
    *fp = NULL;
}

/* ---- one customer ---- */

static bool
scratch(struct facts *f, uint32_t n)
{
    if (n <= f->cap)
        return true;
    uint32_t cap = n + n / 2 + 64;
    tl_free(f->picks);
    tl_free(f->tier);
    tl_free(f->first);
    tl_free(f->keyed);
    tl_free(f->list);
    f->picks = tl_alloc(cap * sizeof *f->picks);
    f->tier = tl_alloc(cap * sizeof *f->tier);
    f->first = tl_alloc(cap * sizeof *f->first);
    f->keyed = tl_alloc(cap * sizeof *f->keyed);
    f->list = tl_alloc(cap * sizeof *f->list);
    f->cap = f->picks != NULL && f->tier != NULL && f->first != NULL && f->keyed != NULL && f->list != NULL ? cap : 0;
    return f->cap > 0;
}

static uint64_t
picks_of(const struct facts *f, const struct tl_kept *e)
{
    uint64_t picks = e->picks;

    picks |= e->type < f->word_n ? f->word[e->type].picks : 0;
    return picks | (e->touchpoint < f->word_n ? f->word[e->touchpoint].picks : 0);
}

static void
find_outcomes(struct facts *f)
{
    for (uint32_t i = 0; i < f->n; i++)
        for (uint32_t o = 0; o < f->catalogue->outcome_n && f->event[i].stream == TL_STREAM_LIVE; o++) {
            const struct tl_outcome_def *def = &f->catalogue->outcome[o];
            if (!def->customer || (def->when & f->picks[i]) == 0 || !ROOM_FOR_ONE(f, found))
                continue;
            f->found[f->found_n++] = (struct tl_profile_outcome){ f->outcome[o], f->event[i].at_ms };
        }
}

int
facts_customer(struct facts *f, const struct tl_kept *events, uint32_t n, struct tl_err *err)
{
    uint32_t tier[STREAMS] = {0};

    f->made_n = f->found_n = 0;
    dues_customer(f->dues);
    f->failed = false;
    f->event = events;
    f->n = n;
    if (!scratch(f, n))
        return tl_fail(err, TL_ENOMEM, "out of memory for what a customer's journeys tell");
    for (uint32_t i = 0; i < n; i++) {
        uint32_t *last = &tier[events[i].stream & (STREAMS - 1)];
        f->picks[i] = picks_of(f, &events[i]);
        f->tier[i] = *last = events[i].tier != 0 ? events[i].tier : *last;
        f->first[i] = 0;
    }
    for (uint32_t s = 0; s < f->standard_n; s++)
        if (f->standard[s].of->key != TL_KEY_JOURNEY)
            chances_keyed(f, s);
    for (uint32_t i = 0; i < f->made_n; i++) {
        f->made[i].next = f->first[f->made[i].start];
        f->first[f->made[i].start] = i + 1;
    }
    find_outcomes(f);
    return f->failed ? tl_fail(err, TL_ENOMEM, "out of memory for what a customer's journeys tell") : 0;
}

const struct tl_profile_outcome *
facts_outcomes(const struct facts *f, uint32_t *n)
{
    *n = f->found_n;
    return f->found;
}
