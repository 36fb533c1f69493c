/* tl_catalogue_standards.c - the sections clocks, checks and outcomes of a catalogue, and the picks they are made of. Promises: tl_catalogue_promises.c. */
#include <math.h>

#include "tl_catalogue_in.h"

#define PICK_FIELDS "type touchpoint origin channel place tier outcome lifecycle actor props.PATH scores.KIND"

/* ---- picks ---- */

static int
pick_name(struct reader *r, const struct tl_jv *v, uint64_t *mask)
{
    struct tl_pick *names = r->c->pick + TL_PICKS_BY_MATCH_MAX;
    uint32_t i = 0;

    while (i < r->c->pick_name_n && !tl_str_eq(names[i].name, v->text))
        i++;
    if (i == TL_PICKS_MAX - TL_PICKS_BY_MATCH_MAX)
        return cat_wrong(r, v, "more than %d event types and touchpoints are named by clocks, checks and outcomes", TL_PICKS_MAX - TL_PICKS_BY_MATCH_MAX);
    if (i == r->c->pick_name_n)
        names[r->c->pick_name_n++].name = v->text;
    *mask |= UINT64_C(1) << (TL_PICKS_BY_MATCH_MAX + i);
    return 0;
}

static int
pick_match(struct reader *r, const struct tl_jv *v, const char *member, uint64_t *mask)
{
    struct tl_pick *p = &r->c->pick[r->c->pick_match_n];
    int rc = 0;

    if (v->type != TL_JOBJECT || v->children_n == 0 || v->children_n > TL_CONDITIONS_MAX)
        return cat_wrong(r, v, "\"%s\" is an event type or touchpoint, an object of 1 to %d conditions, or a list of such", member, TL_CONDITIONS_MAX);
    if (r->c->pick_match_n == TL_PICKS_BY_MATCH_MAX)
        return cat_wrong(r, v, "more than %d conditions in clocks, checks and outcomes", TL_PICKS_BY_MATCH_MAX);
    if ((p->match = cat_room(r, v->children_n, sizeof *p->match)) == NULL)
        return TL_ENOMEM;
    *mask |= UINT64_C(1) << r->c->pick_match_n++;
    for (const struct tl_jv *m = v->child; rc == 0 && m != NULL; m = m->next) {
        struct tl_match *match = &p->match[p->match_n++];
        rc = cat_condition(r, m, PICK_FIELDS, match);
        if (tl_str_is(match->field, "type") && !match->prefix)
            p->type = match->value;
    }
    return rc;
}

static int
get_pick(struct reader *r, const struct tl_jv *v, const char *member, uint64_t *mask)
{
    return v->type == TL_JTEXT && v->text.n > 0 ? pick_name(r, v, mask) : pick_match(r, v, member, mask);
}

int
cat_pick(struct reader *r, const struct tl_jv *v, const char *member, uint64_t *mask)
{
    int rc = 0;

    if (v->type != TL_JARRAY)
        return get_pick(r, v, member, mask);
    for (const struct tl_jv *e = v->child; rc == 0 && e != NULL; e = e->next)
        rc = get_pick(r, e, member, mask);
    return rc == 0 && *mask == 0 ? cat_wrong(r, v, "\"%s\" is an empty list", member) : rc;
}

int
cat_picks(struct reader *r, const struct tl_jv *o, const char *member, bool must, uint64_t *mask)
{
    const struct tl_jv *v = tl_jv_get(o, member);

    if (v == NULL)
        return must ? cat_wrong(r, o, "\"%s\" is missing", member) : 0;
    return cat_pick(r, v, member, mask);
}

/* ---- parts ---- */

static void
get_scope(struct reader *r, const struct tl_jv *o, struct tl_standard *s)
{
    cat_texts(r, o, "tiers", &s->tier, &s->tier_n);
    cat_texts(r, o, "except_tiers", &s->except_tier, &s->except_tier_n);
    cat_channels(r, o, &s->channel, &s->channel_n);
    if (s->tier_n > 0 && s->except_tier_n > 0)
        cat_wrong(r, o, "give \"tiers\" or \"except_tiers\", not both");
}

struct tl_standard *
cat_standard(struct reader *r, const struct tl_jv *o, const char *words, double allowed)
{
    struct tl_standard *s = &r->c->standard[r->c->standard_n];

    if (r->c->standard_n == TL_STANDARDS_MAX) {
        cat_wrong(r, o, "more than %d clocks, checks and promises", TL_STANDARDS_MAX);
        return NULL;
    }
    if (cat_members(r, o, words) != 0 && o->type != TL_JOBJECT)
        return NULL;
    cat_text(r, o, "id", true, &s->id);
    if (s->id.p != NULL && tl_catalogue_standard(r->c, s->id) >= 0)
        cat_wrong(r, o, "clock, check or promise \"%.*s\" is described twice", (int)s->id.n, s->id.p);
    cat_title(r, o, "title", &s->title);
    s->key = TL_KEY_JOURNEY;
    cat_key(r, o, &s->key);
    cat_allowed(r, o, "allowed", allowed, &s->allowed);
    cat_class(r, o, &s->class_of);
    get_scope(r, o, s);
    cat_text(r, o, "on", false, &s->on);
    cat_ends_from(r, o, &s->ends_from);
    cat_text(r, o, "owner", false, &s->owner);
    cat_bool(r, o, "critical", &s->critical);
    s->experience = true;
    cat_bool(r, o, "experience", &s->experience);
    r->c->standard_n++;
    return s;
}

/* ---- sections ---- */

int
cat_clock(struct reader *r, const struct tl_jv *o)
{
    struct tl_standard *s = cat_standard(r, o, CAT_STANDARD " ends_from start end cancel limit_s warn priority", 0.05);
    const struct tl_jv *warn = tl_jv_get(o, "warn");

    if (s == NULL)
        return TL_ECONFIG;
    s->kind = TL_STANDARD_CLOCK;
    cat_picks(r, o, "start", true, &s->start);
    cat_picks(r, o, "end", true, &s->end);
    cat_picks(r, o, "cancel", false, &s->cancel);
    cat_seconds(r, o, "limit_s", true, &s->limit_ms);
    cat_priority(r, o, s);
    s->warn = 0.8;
    if (warn != NULL && (warn->type != TL_JNUMBER || !(warn->number > 0 && warn->number < 1)))
        return cat_wrong(r, warn, "\"warn\" is a share of the limit, above 0 and below 1");
    s->warn = warn != NULL ? warn->number : s->warn;
    return 0;
}

/* What says, without a `fail`, that the customer had to say it again. */
static void
lost_by_default(struct reader *r, struct tl_standard *s)
{
    static const char text[] = "[{\"props.context\":\"no\"},{\"props.asked_again\":true}]";
    struct tl_jv *list = NULL;

    if (tl_json_tree(r->c->arena, tl_str_of(text), 0, &list, NULL, NULL) != 0)
        r->no_memory = true;
    else
        cat_pick(r, list, "fail", &s->fail);
}

static void
context_parts(struct reader *r, const struct tl_jv *o, struct tl_standard *s)
{
    uint32_t i = 0;

    if (tl_jv_get(o, "key") == NULL)
        s->key = TL_KEY_CASE;
    if (tl_jv_get(o, "fail") == NULL)
        lost_by_default(r, s);
    cat_text(r, o, "restated", false, &s->restated);
    while (i < r->c->promote_n && !tl_str_eq(r->c->promote[i], s->restated))
        i++;
    if (s->restated.p != NULL && i == r->c->promote_n)
        cat_wrong(r, tl_jv_get(o, "restated"), "\"restated\" names a property that \"promote\" lists, as \"props.PATH\"");
}

static void
score_parts(struct reader *r, const struct tl_jv *o, struct tl_standard *s)
{
    const struct tl_jv *lowest = tl_jv_get(o, "lowest");

    cat_text(r, o, "score", true, &s->score);
    if (lowest == NULL || lowest->type != TL_JNUMBER || !(lowest->number >= -1000 && lowest->number <= 1000))
        cat_wrong(r, lowest != NULL ? lowest : o, "\"lowest\" is the score, from -1000 to 1000, that is too low, as all below it are");
    else
        s->lowest_milli = (int32_t)lround(lowest->number * 1000);
}

static void
check_parts(struct reader *r, const struct tl_jv *o, struct tl_standard *s)
{
    double most = 1;

    cat_picks(r, o, "at", s->kind != TL_STANDARD_TRANSFERS && s->kind != TL_STANDARD_CONTEXT && s->kind != TL_STANDARD_SCORE, &s->start);
    cat_picks(r, o, "fail", false, &s->fail);
    cat_picks(r, o, "need", s->kind == TL_STANDARD_REQUIRED, &s->end);
    cat_picks(r, o, "again", s->kind == TL_STANDARD_REPEAT, &s->end);
    cat_picks(r, o, "by", s->kind == TL_STANDARD_REQUIRED, &s->by);
    cat_picks(r, o, "confirm", false, &s->confirm);
    cat_seconds(r, o, "within_s", false, &s->limit_ms);
    if (s->kind == TL_STANDARD_REPEAT && s->limit_ms == 0)
        s->limit_ms = INT64_C(7) * 86400000;
    if (s->kind == TL_STANDARD_CONTEXT)
        context_parts(r, o, s);
    if (s->kind == TL_STANDARD_SCORE)
        score_parts(r, o, s);
    const struct tl_jv *v = tl_jv_get(o, "most");
    if (v != NULL && (v->type != TL_JNUMBER || !(v->number >= 0 && v->number <= 100)))
        cat_wrong(r, v, "\"most\" is a number from 0 to 100");
    else if (v != NULL)
        most = v->number;
    s->most = (uint32_t)most;
}

int
cat_check(struct reader *r, const struct tl_jv *o)
{
    static const struct { const char *word, *members; enum tl_standard_kind kind; } kinds[] = {
        { "failed", CAT_STANDARD " kind at fail", TL_STANDARD_FAILED },
        { "required", CAT_STANDARD " ends_from kind at need by confirm", TL_STANDARD_REQUIRED },
        { "repeat", CAT_STANDARD " ends_from kind at again within_s", TL_STANDARD_REPEAT },
        { "transfers", CAT_STANDARD " kind at most", TL_STANDARD_TRANSFERS },
        { "context", CAT_STANDARD " kind at fail restated within_s", TL_STANDARD_CONTEXT },
        { "score", CAT_STANDARD " kind at score lowest", TL_STANDARD_SCORE },
    };
    enum { KINDS = sizeof kinds / sizeof *kinds };
    const struct tl_jv *kind = tl_jv_get(o, "kind");
    size_t k = 0;

    while (k < KINDS && !(kind != NULL && kind->type == TL_JTEXT && tl_str_is(kind->text, kinds[k].word)))
        k++;
    if (k == KINDS)
        return cat_wrong(r, kind != NULL ? kind : o, "\"kind\" is one of failed required repeat transfers context score");
    struct tl_standard *s = cat_standard(r, o, kinds[k].members, 0.02);
    if (s == NULL)
        return TL_ECONFIG;
    s->kind = kinds[k].kind;
    check_parts(r, o, s);
    return 0;
}

int
cat_outcome(struct reader *r, const struct tl_jv *o)
{
    struct tl_outcome_def *d = &r->c->outcome[r->c->outcome_n];
    const struct tl_jv *of = tl_jv_get(o, "of"), *horizon = tl_jv_get(o, "horizon_d");
    double horizon_d = 0;

    if (r->c->outcome_n == TL_OUTCOMES_MAX)
        return cat_wrong(r, o, "more than %d outcomes", TL_OUTCOMES_MAX);
    if (cat_members(r, o, "id title when of against after within_s absent bad horizon_d ends_from suggestion") != 0 && o->type != TL_JOBJECT)
        return TL_ECONFIG;
    cat_text(r, o, "id", true, &d->id);
    if (d->id.p != NULL && tl_catalogue_outcome(r->c, d->id) >= 0)
        cat_wrong(r, o, "outcome \"%.*s\" is described twice", (int)d->id.n, d->id.p);
    cat_title(r, o, "title", &d->title);
    cat_picks(r, o, "when", true, &d->when);
    if (of != NULL && !(of->type == TL_JTEXT && cat_among(of->text, "journey customer")))
        cat_wrong(r, of, "\"of\" is one of journey customer");
    cat_text(r, o, "against", false, &d->against);
    if (d->against.p != NULL && of != NULL && tl_str_is(of->text, "customer"))
        cat_wrong(r, tl_jv_get(o, "against"), "\"against\" is for outcomes of the journey");
    cat_text(r, o, "after", false, &d->after);
    cat_seconds(r, o, "within_s", false, &d->within_ms);
    cat_bool(r, o, "absent", &d->absent);
    cat_ends_from(r, o, &d->ends_from);
    if (d->ends_from.p != NULL && !d->absent)
        cat_wrong(r, tl_jv_get(o, "ends_from"), "\"ends_from\" is for outcomes that are \"absent\": it names who would have told of them");
    if (d->ends_from.p != NULL && memchr(d->ends_from.p, '{', d->ends_from.n) != NULL)
        cat_wrong(r, tl_jv_get(o, "ends_from"), "an outcome \"ends_from\" one origin: it is of no place");
    d->bad = true;
    cat_bool(r, o, "bad", &d->bad);
    if (horizon != NULL && (horizon->type != TL_JNUMBER || !(horizon->number > 0 && horizon->number <= 3650)))
        cat_wrong(r, horizon, "\"horizon_d\" is a number of days above 0, at most 3650");
    else if (horizon != NULL)
        horizon_d = horizon->number;
    d->customer = of != NULL && tl_str_is(of->text, "customer");
    d->horizon_ms = horizon_d > 0 ? (int64_t)(horizon_d * 86400000.0) : d->within_ms > 0 ? d->within_ms : INT64_C(14) * 86400000;
    d->within_ms = d->within_ms > 0 ? d->within_ms : d->horizon_ms;
    r->c->outcome_n++;
    return 0;
}
