/* tl_catalogue_plan.c - what a journey of a type must have, and in which order: its `required`, else what its blueprint requires. */
#include "tl_catalogue.h"

const struct tl_blueprint *
tl_catalogue_plan_of(const struct tl_catalogue *c, const struct tl_journey_type *t)
{
    int i = t->blueprint.p != NULL ? tl_catalogue_blueprint(c, t->blueprint) : -1;
    return i >= 0 ? &c->blueprint[i] : NULL;
}

static bool
is_wanted(const struct tl_blueprint *b, uint32_t at)
{
    for (uint32_t i = 0; i < b->step_n && b->step[at].group.p != NULL; i++)
        if (b->step[i].required && tl_str_eq(b->step[i].group, b->step[at].group))
            return true;
    return b->step[at].group.p == NULL && b->step[at].required;
}

/* the first of `out` that is an alternative to it, or its own place */
static uint8_t
same_as(const struct tl_blueprint *b, uint32_t at, const struct tl_wanted *out, uint32_t n)
{
    for (uint32_t i = 0; b->step[at].group.p != NULL && i < n; i++)
        for (uint32_t s = 0; s < at; s++)
            if (tl_str_eq(b->step[s].touchpoint, out[i].touchpoint) && tl_str_eq(b->step[s].group, b->step[at].group))
                return out[i].same;
    return (uint8_t)n;
}

uint32_t
tl_catalogue_wanted(const struct tl_catalogue *c, const struct tl_journey_type *t, struct tl_wanted out[TL_REQUIRED_MAX])
{
    const struct tl_blueprint *b = tl_catalogue_plan_of(c, t);
    uint32_t n = 0;

    for (; n < t->required_n && n < TL_REQUIRED_MAX; n++)
        out[n] = (struct tl_wanted){ t->required[n], (uint8_t)n };
    for (uint32_t i = 0; b != NULL && t->required_n == 0 && i < b->step_n && n < TL_REQUIRED_MAX; i++)
        if (is_wanted(b, i)) {
            out[n] = (struct tl_wanted){ b->step[i].touchpoint, same_as(b, i, out, n) };
            n++;
        }
    return n;
}
