/* tl_catalogue_standards.c - the sections clocks, checks and outcomes of a catalogue, and the picks they are made of. */
#include "tl_catalogue_in.h"

#define PICK_FIELDS "type touchpoint origin channel place tier outcome lifecycle actor props.PATH scores.KIND"
#define LIMIT_S_MAX (3650.0 * 86400)
#define BOTH "id title key allowed class tiers except_tiers channels on owner critical experience"

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

    if (v->type != TL_JOBJECT || v->children_n == 0)
        return cat_wrong(r, v, "\"%s\" is an event type or touchpoint, an object of conditions, or a list of such", member);
    if (r->c->pick_match_n == TL_PICKS_BY_MATCH_MAX)
        return cat_wrong(r, v, "more than %d conditions in clocks, checks and outcomes", TL_PICKS_BY_MATCH_MAX);
    p->match = tl_arena_alloc(r->c->arena, v->children_n * sizeof *p->match);
    if (p->match == NULL)
        return tl_fail(r->err, TL_ENOMEM, "the catalogue is too large");
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

static int
get_picks(struct reader *r, const struct tl_jv *o, const char *member, bool must, uint64_t *mask)
{
    const struct tl_jv *v = tl_jv_get(o, member);
    int rc = 0;

    if (v == NULL)
        return must ? cat_wrong(r, o, "\"%s\" is missing", member) : 0;
    if (v->type != TL_JARRAY)
        return get_pick(r, v, member, mask);
    for (const struct tl_jv *e = v->child; rc == 0 && e != NULL; e = e->next)
        rc = get_pick(r, e, member, mask);
    return rc == 0 && *mask == 0 ? cat_wrong(r, v, "\"%s\" is an empty list", member) : rc;
}

/* ---- parts ---- */

static int
get_seconds(struct reader *r, const struct tl_jv *o, const char *member, bool must, int64_t *ms)
{
    const struct tl_jv *v = tl_jv_get(o, member);

    if (v == NULL)
        return must ? cat_wrong(r, o, "\"%s\" is missing", member) : 0;
    if (v->type != TL_JNUMBER || !(v->number >= 0.001 && v->number <= LIMIT_S_MAX))
        return cat_wrong(r, v, "\"%s\" is a number of seconds above 0, at most ten years", member);
    *ms = (int64_t)(v->number * 1000 + 0.5);
    return 0;
}

static int
get_allowed(struct reader *r, const struct tl_jv *o, double otherwise, double *out)
{
    const struct tl_jv *v = tl_jv_get(o, "allowed");

    *out = otherwise;
    if (v == NULL)
        return 0;
    if (v->type == TL_JNUMBER && v->number == 0)
        return cat_wrong(r, v, "0 %% cannot be tested, every single case is a break; give the share you tolerate");
    if (v->type != TL_JNUMBER || !(v->number > 0 && v->number < 1))
        return cat_wrong(r, v, "\"allowed\" is a share above 0 and below 1, like 0.05");
    *out = v->number;
    return 0;
}

static int
get_class(struct reader *r, const struct tl_jv *o, enum tl_class *out)
{
    static const char *const words[] = { "basic", "expected", "beyond" };
    const struct tl_jv *v = tl_jv_get(o, "class");

    *out = TL_CLASS_EXPECTED;
    if (v == NULL)
        return 0;
    for (int i = 0; v->type == TL_JTEXT && i < 3; i++)
        if (tl_str_is(v->text, words[i])) {
            *out = (enum tl_class)i;
            return 0;
        }
    return cat_wrong(r, v, "\"class\" is one of basic expected beyond");
}

static int
get_scope(struct reader *r, const struct tl_jv *o, struct tl_standard *s)
{
    int rc = cat_texts(r, o, "tiers", &s->tier, &s->tier_n);

    if (rc == 0)
        rc = cat_texts(r, o, "except_tiers", &s->except_tier, &s->except_tier_n);
    if (rc == 0)
        rc = cat_texts(r, o, "channels", &s->channel, &s->channel_n);
    for (uint32_t i = 0; rc == 0 && i < s->channel_n; i++)
        if (!cat_among(s->channel[i], "app web store phone chat social email sms kiosk iot mail"))
            rc = cat_wrong(r, tl_jv_get(o, "channels"), "a channel is one of app web store phone chat social email sms kiosk iot mail");
    if (rc == 0 && s->tier_n > 0 && s->except_tier_n > 0)
        rc = cat_wrong(r, o, "give \"tiers\" or \"except_tiers\", not both");
    return rc;
}

/* What clocks and checks share. */
static int
begin_standard(struct reader *r, const struct tl_jv *o, const char *words, double allowed, struct tl_standard **out)
{
    struct tl_standard *s = &r->c->standard[r->c->standard_n];
    int rc = cat_members(r, o, words);

    if (rc == 0 && r->c->standard_n == TL_STANDARDS_MAX)
        return cat_wrong(r, o, "more than %d clocks and checks", TL_STANDARDS_MAX);
    if (rc == 0)
        rc = cat_text(r, o, "id", true, &s->id);
    if (rc == 0 && tl_catalogue_standard(r->c, s->id) >= 0)
        rc = cat_wrong(r, o, "clock or check \"%.*s\" is described twice", (int)s->id.n, s->id.p);
    if (rc == 0)
        rc = cat_title(r, o, "title", &s->title);
    s->key = TL_KEY_JOURNEY;
    if (rc == 0)
        rc = cat_key(r, o, &s->key);
    if (rc == 0)
        rc = get_allowed(r, o, allowed, &s->allowed);
    if (rc == 0)
        rc = get_class(r, o, &s->class_of);
    if (rc == 0)
        rc = get_scope(r, o, s);
    if (rc == 0)
        rc = cat_text(r, o, "on", false, &s->on);
    if (rc == 0)
        rc = cat_text(r, o, "owner", false, &s->owner);
    if (rc == 0)
        rc = cat_bool(r, o, "critical", &s->critical);
    s->experience = true;
    if (rc == 0)
        rc = cat_bool(r, o, "experience", &s->experience);
    if (rc == 0)
        r->c->standard_n++;
    *out = s;
    return rc;
}

/* ---- sections ---- */

int
cat_clock(struct reader *r, const struct tl_jv *o)
{
    struct tl_standard *s = NULL;
    const struct tl_jv *warn = NULL;
    int rc = begin_standard(r, o, BOTH " start end cancel limit_s warn", 0.05, &s);

    if (rc == 0)
        rc = get_picks(r, o, "start", true, &s->start);
    if (rc == 0)
        rc = get_picks(r, o, "end", true, &s->end);
    if (rc == 0)
        rc = get_picks(r, o, "cancel", false, &s->cancel);
    if (rc == 0)
        rc = get_seconds(r, o, "limit_s", true, &s->limit_ms);
    if (rc != 0)
        return rc;
    s->kind = TL_STANDARD_CLOCK;
    s->warn = 0.8;
    if ((warn = tl_jv_get(o, "warn")) != NULL) {
        if (warn->type != TL_JNUMBER || !(warn->number > 0 && warn->number < 1))
            return cat_wrong(r, warn, "\"warn\" is a share of the limit, above 0 and below 1");
        s->warn = warn->number;
    }
    return 0;
}

static int
check_parts(struct reader *r, const struct tl_jv *o, struct tl_standard *s)
{
    const struct tl_jv *most = tl_jv_get(o, "most");
    int rc = get_picks(r, o, "at", s->kind != TL_STANDARD_TRANSFERS, &s->start);

    if (rc == 0)
        rc = get_picks(r, o, "fail", false, &s->fail);
    if (rc == 0)
        rc = get_picks(r, o, "need", s->kind == TL_STANDARD_REQUIRED, &s->end);
    if (rc == 0)
        rc = get_picks(r, o, "again", s->kind == TL_STANDARD_REPEAT, &s->end);
    if (rc == 0)
        rc = get_picks(r, o, "by", s->kind == TL_STANDARD_REQUIRED, &s->by);
    if (rc == 0)
        rc = get_seconds(r, o, "within_s", false, &s->limit_ms);
    if (rc == 0 && s->kind == TL_STANDARD_REPEAT && s->limit_ms == 0)
        s->limit_ms = INT64_C(7) * 86400000;
    s->most = 1;
    if (rc == 0 && most != NULL) {
        if (most->type != TL_JNUMBER || !(most->number >= 0 && most->number <= 100))
            return cat_wrong(r, most, "\"most\" is a number from 0 to 100");
        s->most = (uint32_t)most->number;
    }
    return rc;
}

int
cat_check(struct reader *r, const struct tl_jv *o)
{
    static const struct { const char *word, *members; enum tl_standard_kind kind; } kinds[] = {
        { "failed", BOTH " kind at fail", TL_STANDARD_FAILED },
        { "required", BOTH " kind at need by", TL_STANDARD_REQUIRED },
        { "repeat", BOTH " kind at again within_s", TL_STANDARD_REPEAT },
        { "transfers", BOTH " kind at most", TL_STANDARD_TRANSFERS },
    };
    const struct tl_jv *kind = tl_jv_get(o, "kind");
    struct tl_standard *s = NULL;
    size_t k = 0;

    while (k < 4 && !(kind != NULL && kind->type == TL_JTEXT && tl_str_is(kind->text, kinds[k].word)))
        k++;
    if (k == 4)
        return cat_wrong(r, kind != NULL ? kind : o, "\"kind\" is one of failed required repeat transfers");
    int rc = begin_standard(r, o, kinds[k].members, 0.02, &s);
    if (rc != 0)
        return rc;
    s->kind = kinds[k].kind;
    return check_parts(r, o, s);
}

int
cat_outcome(struct reader *r, const struct tl_jv *o)
{
    struct tl_outcome_def *d = &r->c->outcome[r->c->outcome_n];
    const struct tl_jv *of = tl_jv_get(o, "of"), *horizon = tl_jv_get(o, "horizon_d");
    int rc = cat_members(r, o, "id title when of after within_s absent bad horizon_d");

    if (rc == 0 && r->c->outcome_n == TL_OUTCOMES_MAX)
        return cat_wrong(r, o, "more than %d outcomes", TL_OUTCOMES_MAX);
    if (rc == 0)
        rc = cat_text(r, o, "id", true, &d->id);
    if (rc == 0 && tl_catalogue_outcome(r->c, d->id) >= 0)
        rc = cat_wrong(r, o, "outcome \"%.*s\" is described twice", (int)d->id.n, d->id.p);
    if (rc == 0)
        rc = cat_title(r, o, "title", &d->title);
    if (rc == 0)
        rc = get_picks(r, o, "when", true, &d->when);
    if (rc == 0 && of != NULL && !(of->type == TL_JTEXT && cat_among(of->text, "journey customer")))
        rc = cat_wrong(r, of, "\"of\" is one of journey customer");
    if (rc == 0)
        rc = cat_text(r, o, "after", false, &d->after);
    if (rc == 0)
        rc = get_seconds(r, o, "within_s", false, &d->within_ms);
    if (rc == 0)
        rc = cat_bool(r, o, "absent", &d->absent);
    d->bad = true;
    if (rc == 0)
        rc = cat_bool(r, o, "bad", &d->bad);
    if (rc == 0 && horizon != NULL && (horizon->type != TL_JNUMBER || !(horizon->number > 0 && horizon->number <= 3650)))
        rc = cat_wrong(r, horizon, "\"horizon_d\" is a number of days above 0, at most 3650");
    if (rc != 0)
        return rc;
    d->customer = of != NULL && tl_str_is(of->text, "customer");
    d->horizon_ms = horizon != NULL ? (int64_t)(horizon->number * 86400000.0) : d->within_ms > 0 ? d->within_ms : INT64_C(14) * 86400000;
    d->within_ms = d->within_ms > 0 ? d->within_ms : d->horizon_ms;
    r->c->outcome_n++;
    return 0;
}
