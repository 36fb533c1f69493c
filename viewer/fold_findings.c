/* fold_findings.c - see fold_findings.h. */
#include "fold_findings.h"

#include <stdlib.h>

int
findings_run(struct look *k, int32_t from_day, int32_t to_day, const struct analysis *an, const struct analysis_arg *arg, struct fold_part **sum, struct tl_err *err)
{
    const struct ask *asked = k->ask;
    struct ask q = *asked;
    q.from_day = from_day;
    q.to_day = to_day;
    k->ask = &q;
    int rc = fold_run(k, an, arg, sum, err);
    k->ask = asked;
    return rc;
}

static uint32_t
number(struct look *k, struct tl_store_txn *t, struct tl_str word)
{
    (void)k;
    return t && word.n ? tl_store_word_number(t, word) : 0;
}

/* findings_plan - what a journey must have, one entry for all alternatives; false without memory */
static bool
findings_plan(struct look *k, struct tl_store_txn *t, struct findings *f)
{
    struct tl_wanted wanted[TL_REQUIRED_MAX];
    uint32_t n = tl_catalogue_wanted(k->catalogue, &k->catalogue->type[k->type], wanted);
    f->required = tl_arena_alloc(k->arena, (n + 1) * sizeof *f->required);
    f->required_n = 0;
    for (uint32_t i = 0; f->required && i < n; i++)
        if (wanted[i].same == i) f->required[f->required_n++] = number(k, t, wanted[i].touchpoint);
    return f->required != NULL;
}

static void
rules_make(struct look *k, struct tl_store_txn *t, struct findings *f)
{
    const struct tl_catalogue *c = k->catalogue;
    for (uint32_t i = 0; i < c->standard_n; i++) {
        const struct tl_standard *s = &c->standard[i];
        const struct tl_touchpoint *tp = tl_catalogue_touchpoint(c, s->on);
        struct break_rule r = { .standard = number(k, t, s->id), .touchpoint = number(k, t, s->on), .kind = s->kind, .basic = s->class_of == TL_CLASS_BASIC,
                                .beyond = s->class_of == TL_CLASS_BEYOND, .severity_min = s->critical || (tp && (tp->key || tp->moment)) ? 3 : 1 };
        if (!r.standard) continue;              /* the store has no chance of it */
        f->standard[f->rule_n] = s;
        f->rule[f->rule_n++] = r;
    }
    if (f->required_n) {
        f->rule[f->rule_n++] = (struct break_rule){ .without = TL_BREAK_MISSING, .severity_min = 1 };
        f->rule[f->rule_n++] = (struct break_rule){ .without = TL_BREAK_ORDER, .severity_min = 1 };
    }
    if (tl_catalogue_plan_of(c, &c->type[k->type])) f->rule[f->rule_n++] = (struct break_rule){ .without = TL_BREAK_ADHOC, .severity_min = 1 };
}

#define RULE_AT_MAX 65536               /* numbers of standards beyond are looked for one by one */

static void
rules_index(struct look *k, struct findings *f)
{
    uint32_t most = 0;
    for (uint32_t i = 0; i < f->rule_n; i++)
        if (f->rule[i].standard > most) most = f->rule[i].standard;
    f->rule_at = most < RULE_AT_MAX ? tl_arena_alloc(k->arena, most + 1) : NULL;
    f->rule_at_n = f->rule_at ? most + 1 : 0;
    for (uint32_t i = f->rule_n; f->rule_at && i-- > 0;)
        if (f->rule[i].standard) f->rule_at[f->rule[i].standard] = (uint8_t)(i + 1);
}

static const struct tl_outcome_def *
outcome_of(const struct look *k, struct tl_str id)
{
    int i = id.n ? tl_catalogue_outcome(k->catalogue, id) : -1;
    return i < 0 ? NULL : &k->catalogue->outcome[i];
}

/* ---- kinds of break without a standard ---- */

static const struct { const char *id; uint8_t kind; } kinds[] = { { "missing", TL_BREAK_MISSING }, { "out_of_order", TL_BREAK_ORDER }, { "ad_hoc", TL_BREAK_ADHOC } };
#define KINDS_N (sizeof kinds / sizeof kinds[0])

bool
findings_kind(struct tl_str id)
{
    for (size_t i = 0; i < KINDS_N; i++)
        if (tl_str_is(id, kinds[i].id)) return true;
    return false;
}

struct tl_str
findings_id(const struct findings *f, uint32_t rule)
{
    if (rule >= f->rule_n) return TL_STR(FINDINGS_DROP_OFF);
    if (f->standard[rule]) return f->standard[rule]->id;
    for (size_t i = 0; i < KINDS_N; i++)
        if (kinds[i].kind == f->rule[rule].without) return tl_str_of(kinds[i].id);
    return TL_STR("");
}

struct tl_str
findings_type(const struct findings *f, uint32_t rule)
{
    static const char *const word[] = { [TL_STANDARD_CLOCK] = "wait", [TL_STANDARD_FAILED] = "failed", [TL_STANDARD_REQUIRED] = "required", [TL_STANDARD_REPEAT] = "repeat",
                                        [TL_STANDARD_TRANSFERS] = "transfers", [TL_STANDARD_CONTEXT] = "context", [TL_STANDARD_SCORE] = "low_score", [TL_STANDARD_PROMISE] = "promise",
                                        [TL_STANDARD_WORD] = "no_word" };
    return rule < f->rule_n && f->rule[rule].standard ? tl_str_of(word[f->rule[rule].kind]) : findings_id(f, rule);
}

/* ---- a question ---- */

int
findings_resolve(struct look *k, struct tl_store_txn *t, struct findings *f, struct tl_err *err)
{
    static const struct tl_str likes[] = { { "tier", 4 }, { FINDINGS_PRIOR_BAD, 9 }, { FINDINGS_TENURE, 6 }, { FINDINGS_DAYPART, 7 } };
    const struct tl_journey_type *type = &k->catalogue->type[k->type];
    f->damage = outcome_of(k, k->ask->outcome.p ? k->ask->outcome : type->damage);
    if (k->ask->outcome.p && !f->damage)
        return tl_fail(err, TL_EINVAL, "parameter outcome: no outcome '%.*s' in the catalogue", (int)(k->ask->outcome.n < 60 ? k->ask->outcome.n : 60), k->ask->outcome.p);
    f->moments = outcome_of(k, type->moments);
    f->strata = type->strata_n ? type->strata : likes;
    f->strata_n = type->strata_n ? type->strata_n : sizeof likes / sizeof likes[0];
    if (f->strata_n > TOLD_STRATA_MAX) return tl_fail(err, TL_ECONFIG, "journey type %.*s: strata names %u attributes; at most %d", (int)type->id.n, type->id.p, f->strata_n, TOLD_STRATA_MAX);
    if (!findings_plan(k, t, f)) return tl_fail(err, TL_ENOMEM, "out of memory");
    rules_make(k, t, f);
    rules_index(k, f);
    int rc = fold_zone(k, err);
    for (uint32_t i = 0; rc == 0 && i < f->rule_n; i++)
        if (f->standard[i]) rc = findings_known(k, t, f->standard[i]->ends_from, &f->rule[i], err);
    return rc;
}

struct breaks_ask
findings_ask(const struct look *k, const struct findings *f)
{
    return (struct breaks_ask){ .rule = f->rule, .rule_n = f->rule_n, .rule_at = f->rule_at, .rule_at_n = f->rule_at_n, .required = f->required, .required_n = f->required_n,
                                .unplanned = f->unplanned, .unplanned_n = f->unplanned_n, .as_of_ms = k->as_of_ms,
                                .from_day = INT32_MIN, .to_day = INT32_MAX, .before_from = INT32_MAX, .before_to = INT32_MIN, .watch_from = INT32_MAX,
                                .daypart = k->catalogue->daypart, .daypart_n = k->catalogue->daypart_n, .zone = k->zone };
}

static void
told_ask(struct look *k, struct tl_store_txn *t, const struct findings *f, struct analysis_arg *arg)
{
    arg->word_n = TOLD_AFTER_MAX + TOLD_STRATA_MAX + 1;
    arg->word[TOLD_AFTER_MAX + TOLD_STRATA_MAX] = number(k, t, TL_STR("origin"));
    arg->word[0] = f->damage ? number(k, t, f->damage->after) : 0;
    arg->word[1] = f->moments ? number(k, t, f->moments->after) : 0;
    for (uint32_t i = 0; i < f->strata_n; i++) arg->word[TOLD_AFTER_MAX + i] = number(k, t, f->strata[i]);
}

static void
unplanned_find(struct findings *f)
{
    struct breaks_unplanned list[BREAKS_UNPLANNED_MAX];
    f->unplanned_n = breaks_unplanned(f->told, list, &f->unplanned_left_out);
    for (uint32_t i = 0; i < f->unplanned_n; i++) f->unplanned[i] = list[i].touchpoint;
}

int
findings_begin(struct look *k, struct findings *f, struct tl_err *err)
{
    struct tl_store_txn *t = NULL;
    struct analysis_arg arg = { .end = -1 };
    memset(f, 0, sizeof *f);
    k->sieve.lifecycle = ASK_LC_ALL;            /* facts name steps by their place among all */
    int rc = k->store ? tl_store_begin(k->store, &t, err) : 0;
    if (rc == 0) rc = findings_resolve(k, t, f, err);
    if (rc == 0) told_ask(k, t, f, &arg);
    if (t) tl_store_end(&t);
    if (rc == 0) rc = findings_run(k, INT32_MIN, INT32_MAX, &analysis_told, &arg, &f->part, err);
    if (rc == 0) f->told = f->part->part;
    if (rc == 0 && tl_catalogue_plan_of(k->catalogue, &k->catalogue->type[k->type])) unplanned_find(f);
    return rc;
}

void
findings_end(struct look *k, struct findings *f)
{
    fold_run_done(k, f->part);
    tl_free(f->mark);
    tl_free(f->first);
    tl_free(f->past.bad);
    f->part = NULL;
    f->mark = NULL;
    f->first = NULL;
    f->past.bad = NULL;
}
