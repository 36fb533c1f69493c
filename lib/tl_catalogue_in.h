/* tl_catalogue_in.h - what the files that read a catalogue share.
 *
 * A mistake is noted and reading goes on, so that all of them are told at once: whoever reads a field may go by the code that its reader returns, or not. */
#ifndef TL_CATALOGUE_IN_H
#define TL_CATALOGUE_IN_H

#include "tl_catalogue_files.h"

#define CAT_CHANNELS "app web store phone chat social email sms kiosk iot mail"

struct file { char name[256]; struct tl_jv *root; };
struct place_of { const struct file *file; const struct tl_jv *v; };
struct reader {
    struct tl_catalogue *c;
    struct file *file;
    uint32_t file_n;
    const struct file *now;     /* the one being read */
    struct tl_catalogue_notes *notes;
    struct place_of *rule_at;   /* by rule */
    bool all_given;             /* journey type `all` was described */
    bool no_memory;             /* the catalogue is too large: nothing more is read */
};

/* cat_wrong - note a mistake, with where it stands and what is allowed; v may be NULL: line 1. TL_ECONFIG */
int __attribute__((format(printf, 3, 4))) cat_wrong(struct reader *r, const struct tl_jv *v, const char *fmt, ...);
/* cat_doubt - note what is legal but may not be meant */
void __attribute__((format(printf, 3, 4))) cat_doubt(struct reader *r, const struct tl_jv *v, const char *fmt, ...);
/* cat_room - n zeroed rows in the catalogue's arena, or NULL: noted in the reader */
void *cat_room(struct reader *r, size_t n, size_t bytes);
/* cat_among - is name one of the blank-separated words? */
bool cat_among(struct tl_str name, const char *words);
/* cat_list - one more name for a list of what is allowed: " a b c ..." into out, which begins empty */
#define CAT_LIST_BYTES 240
void cat_list(char out[CAT_LIST_BYTES], struct tl_str name);
int cat_members(struct reader *r, const struct tl_jv *o, const char *words);
int cat_text(struct reader *r, const struct tl_jv *o, const char *name, bool must, struct tl_str *out);
int cat_title(struct reader *r, const struct tl_jv *o, const char *name, struct tl_title *out);
int cat_bool(struct reader *r, const struct tl_jv *o, const char *name, bool *out);
int cat_texts(struct reader *r, const struct tl_jv *o, const char *name, struct tl_str **out, uint32_t *n);
int cat_channels(struct reader *r, const struct tl_jv *o, struct tl_str **out, uint32_t *n);
int cat_key(struct reader *r, const struct tl_jv *o, enum tl_key *out);
int cat_role(struct reader *r, const struct tl_jv *v, enum tl_role *out);
/* cat_number - a number of `unit` with least <= it <= most */
int cat_number(struct reader *r, const struct tl_jv *o, const char *name, const char *unit, double least, double most, double *out);
int cat_seconds(struct reader *r, const struct tl_jv *o, const char *member, bool must, int64_t *ms);
/* cat_allowed - the share that may fail: 0 is refused */
int cat_allowed(struct reader *r, const struct tl_jv *o, const char *member, double otherwise, double *out);
int cat_class(struct reader *r, const struct tl_jv *o, enum tl_class *out);
/* cat_stage - "stage": {model: stage} into ids by index of the model */
int cat_stage(struct reader *r, const struct tl_jv *o, struct tl_str *stage);
/* parts of tl_catalogue_standards.c */
#define CAT_STANDARD "id title key allowed class tiers except_tiers channels on owner critical experience suggestion"
/* cat_picks - the mask of an event type, a touchpoint, conditions, or a list of such */
int cat_picks(struct reader *r, const struct tl_jv *o, const char *member, bool must, uint64_t *mask);
/* cat_pick - the same of the value itself */
int cat_pick(struct reader *r, const struct tl_jv *v, const char *member, uint64_t *mask);
/* cat_standard - a new standard with the members of CAT_STANDARD read, or NULL; words: all that o may have */
struct tl_standard *cat_standard(struct reader *r, const struct tl_jv *o, const char *words, double allowed);
/* cat_ends_from - the origin that must tell of an end */
int cat_ends_from(struct reader *r, const struct tl_jv *o, struct tl_str *out);
/* cat_condition - v is a member of a condition object; words: the fields it may name */
int cat_condition(struct reader *r, const struct tl_jv *v, const char *words, struct tl_match *m);

/* The sections: one element each. What is wrong with one stops no other. tl_catalogue_touchpoints.c */
int cat_model(struct reader *r, const struct tl_jv *o);
int cat_touchpoint(struct reader *r, const struct tl_jv *o);
/* cat_built_in - the built-in stage models that touchpoints name and the catalogue does not describe. tl_catalogue_models.c */
void cat_built_in(struct reader *r);
/* tl_catalogue_journeys.c */
int cat_type(struct reader *r, const struct tl_jv *o);
int cat_role_of(struct reader *r, const struct tl_jv *m);
int cat_promote(struct reader *r, const struct tl_jv *v);
/* tl_catalogue_standards.c */
int cat_clock(struct reader *r, const struct tl_jv *o);
int cat_check(struct reader *r, const struct tl_jv *o);
int cat_outcome(struct reader *r, const struct tl_jv *o);
/* tl_catalogue_groups.c */
int cat_tier(struct reader *r, const struct tl_jv *o);
int cat_segment(struct reader *r, const struct tl_jv *o);
int cat_daypart(struct reader *r, const struct tl_jv *o);
/* tl_catalogue_promises.c */
int cat_promise(struct reader *r, const struct tl_jv *o);
/* tl_catalogue_blueprints.c */
int cat_blueprint(struct reader *r, const struct tl_jv *o);
/* tl_catalogue_alerts.c */
int cat_alert(struct reader *r, const struct tl_jv *o);
int cat_priority(struct reader *r, const struct tl_jv *o, struct tl_standard *s);

/* cat_time - a member that is a time of day, "11:30", in minutes. tl_catalogue_groups.c */
int cat_time(struct reader *r, const struct tl_jv *o, const char *name, int32_t *out);
/* tl_catalogue_scenarios.c, tl_catalogue_scenario_parts.c */
int cat_scenario(struct reader *r, const struct tl_jv *o);
void cat_scenario_stamps(struct reader *r, const struct tl_jv *o, struct tl_scenario *s);
void cat_scenario_clocks(struct reader *r, const struct tl_jv *o, struct tl_scenario *s);
void cat_scenario_slots(struct reader *r, const struct tl_jv *o, struct tl_scenario *s);
void cat_scenario_refs(struct reader *r, const struct tl_jv *o);     /* what it names that is none */

/* cat_doubt_title, cat_unknown_standard - parts of tl_catalogue_refs.c: an entry without a title; v names no standard */
void cat_doubt_title(struct reader *r, const struct tl_jv *o, const char *what, struct tl_str id);
void cat_unknown_standard(struct reader *r, const struct tl_jv *v);
/* cat_refs - names that name nothing, and doubts; after all sections are read and the index is made. tl_catalogue_refs.c */
void cat_refs(struct reader *r);

#endif
