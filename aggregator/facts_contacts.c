/* facts_contacts.c - chances that one contact is enough to tell: going on with another channel or agent inside a case, and scores given. */
#include "facts_in.h"

/* Whom the customer dealt with: an event that `at` picks, else a step in front of the customer, when its channel is known. */
bool
chances_contact(const struct facts *f, const struct standard *s, uint32_t event)
{
    const struct tl_kept *e = &f->event[event];
    bool backstage = e->touchpoint < f->word_n && f->word[e->touchpoint].backstage;

    if (e->channel == 0)
        return false;
    return s->of->start != 0 ? (f->picks[event] & s->of->start) != 0 : e->role == TL_ROLE_STEP && !backstage;
}

static bool
switched(const struct tl_kept *before, const struct tl_kept *e)
{
    return before->channel != e->channel || (before->agent != 0 && e->agent != 0 && before->agent != e->agent);
}

static uint32_t
told(const struct tl_kept *e, uint32_t property)
{
    for (uint32_t i = 0; property != 0 && i < e->promoted_n; i++)
        if (e->promoted[i].key == property)
            return e->promoted[i].value;
    return 0;
}

struct heard { uint32_t value[16], n; };      /* the first so many values of the property that the case has told */

/* Has the case told this before? Notes it. */
static bool
again(struct heard *h, uint32_t value)
{
    uint32_t i = 0;

    while (i < h->n && h->value[i] != value)
        i++;
    if (value == 0 || i < h->n)
        return value != 0;
    if (h->n < sizeof h->value / sizeof *h->value)
        h->value[h->n++] = value;
    return false;
}

void
chances_switches(struct facts *f, uint32_t standard, const uint32_t *list, uint32_t n)
{
    const struct standard *s = &f->standard[standard];
    const int64_t within_ms = s->of->limit_ms > 0 ? s->of->limit_ms : INT64_MAX;
    const struct tl_kept *before = NULL;
    struct heard heard = {0};

    for (uint32_t i = 0; i < n; i++) {
        const struct tl_kept *e = &f->event[list[i]];
        if (!chances_contact(f, s, list[i]))
            continue;
        bool restated = again(&heard, told(e, s->restated));
        bool counts = before != NULL && switched(before, e) && e->at_ms - before->at_ms <= within_ms && chance_in_scope(f, s, list[i]);
        struct made *m = counts ? chance_add(f, standard, list[i]) : NULL;
        if (m != NULL && ((f->picks[list[i]] & s->of->fail) != 0 || restated)) {
            m->chance.flags = TL_CHANCE_HIT;
            m->hit = list[i];
            m->expected = before->channel;
            m->actual = e->channel;
        }
        before = e;
    }
}

void
chances_scores(struct facts *f, uint32_t standard, const uint32_t *list, uint32_t n)
{
    const struct standard *s = &f->standard[standard];

    for (uint32_t i = 0; i < n; i++) {
        const struct tl_kept *e = &f->event[list[i]];
        uint32_t k = 0;
        while (k < e->scores_n && e->score[k].kind != s->score)
            k++;
        bool counts = k < e->scores_n && (s->of->start == 0 || (f->picks[list[i]] & s->of->start) != 0) && chance_in_scope(f, s, list[i]);
        struct made *m = counts ? chance_add(f, standard, list[i]) : NULL;
        if (m == NULL || e->score[k].milli > s->of->lowest_milli)
            continue;
        m->chance.flags = TL_CHANCE_HIT;
        m->hit = list[i];
        m->expected = s->of->lowest_milli;
        m->actual = e->score[k].milli;
    }
}
