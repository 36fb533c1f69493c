/* fold_findings.h - what breaks and moments share: the catalogue's standards as rules with the store's numbers, and what all journeys tell. */
#ifndef FOLD_FINDINGS_H
#define FOLD_FINDINGS_H

#include "answer.h"

#define FINDINGS_DROP_OFF "drop_off"                /* the id of cells that are of no rule: where journeys stopped */
#define FINDINGS_PRIOR_BAD "prior_bad"             /* strata that are no attributes: breaks met before, how long known, when in the day */
#define FINDINGS_TENURE "tenure"
#define FINDINGS_DAYPART "daypart"
#define FINDINGS_RULES_MAX (TL_STANDARDS_MAX + 3)   /* and the kinds that go without: missing, out of order, ad hoc */

struct findings {
    struct break_rule rule[FINDINGS_RULES_MAX];
    const struct tl_standard *standard[FINDINGS_RULES_MAX];     /* NULL: a kind without */
    uint32_t rule_n;
    uint8_t *rule_at;                               /* of breaks_ask; NULL: looked through */
    uint32_t rule_at_n;
    uint32_t *required;
    uint32_t required_n;
    uint32_t unplanned[BREAKS_UNPLANNED_MAX], unplanned_n, unplanned_left_out;      /* what journeys met and the blueprint does not have; findings_begin fills it */
    const struct tl_outcome_def *damage, *moments;  /* NULL: the journey type names none */
    const struct tl_str *strata;
    uint32_t strata_n;
    struct fold_part *part;                         /* held */
    const struct told *told;                        /* of every day of the store */
    struct customer_mark *mark;                     /* of the outcome last asked for, owned */
    size_t mark_n;
    struct past_first *first;                       /* when customers were first seen, owned; only where tenure is a stratum */
    size_t first_n;
    struct breaks_ask past_ask;
    struct past past;                               /* of the strata; bad owned */
};
/* findings_resolve - the first half of findings_begin: rules and words, no rows; t may be NULL. The rest of f is as the caller left it. */
int findings_resolve(struct look *k, struct tl_store_txn *t, struct findings *f, struct tl_err *err);
/* findings_ask - every day, no cells by place */
struct breaks_ask findings_ask(const struct look *k, const struct findings *f);
struct tl_str findings_id(const struct findings *f, uint32_t rule);     /* of the standard, else the kind of break */
struct tl_str findings_type(const struct findings *f, uint32_t rule);   /* wait, failed, required ..., else as findings_id */
bool findings_kind(struct tl_str id);                                   /* is it the id of a kind of break without a standard? */
/* findings_cell - the name of a cell (cell_name.h); findings_link - the address that lists the journeys it counts as hit, by this question's filters and as_of. In
 * the arena; {NULL, 0}: out of memory. */
struct tl_str findings_cell(struct look *k, struct tl_str what, struct tl_str touchpoint, struct tl_str place, struct tl_str daypart);
struct tl_str findings_link(struct look *k, struct tl_str cell, int32_t from_day, int32_t to_day);
/* findings_cut - strata that are numbers become quintiles of the rows (fold_strata.c); findings_stratum - the name of a stratum's value */
#define FINDINGS_CUTS 4
struct findings_cuts { bool is[TOLD_STRATA_MAX]; double at[TOLD_STRATA_MAX][FINDINGS_CUTS]; };
int findings_cut(struct look *k, const struct findings *f, struct moment_rows *rows, struct findings_cuts *out, struct tl_err *err);
struct tl_str findings_stratum(struct look *k, struct tl_store_txn *t, const struct findings *f, const struct findings_cuts *c, uint32_t slot, uint32_t value);
int findings_begin(struct look *k, struct findings *f, struct tl_err *err);
void findings_end(struct look *k, struct findings *f);
/* findings_known - how far the source (or sources, of places) that a standard `ends_from` has told everything (fold_watermarks.c) */
int findings_known(struct look *k, struct tl_store_txn *t, struct tl_str ends_from, struct break_rule *r, struct tl_err *err);
/* findings_told - how far the source of an outcome that is absent has told everything */
int findings_told(struct look *k, const struct tl_outcome_def *o, struct outcome_ask *q, struct tl_err *err);
/* findings_experience - the rules that make experiences: standards, but for those that say they do not; bit by rule */
uint64_t findings_experience(const struct findings *f);
/* findings_of - the moment question over all journeys about an outcome (f->damage or f->moments); reads what customers did when it is of customers */
int findings_of(struct look *k, struct findings *f, const struct tl_outcome_def *o, struct moment_ask *q, struct tl_err *err);
/* findings_run - fold_run over other days than the ones asked */
int findings_run(struct look *k, int32_t from_day, int32_t to_day, const struct analysis *an, const struct analysis_arg *arg, struct fold_part **sum, struct tl_err *err);

#endif
