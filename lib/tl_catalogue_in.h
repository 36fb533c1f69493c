/* tl_catalogue_in.h - what the files that read a catalogue share. */
#ifndef TL_CATALOGUE_IN_H
#define TL_CATALOGUE_IN_H

#include "tl_catalogue.h"
#include "tl_json.h"

#define CAT_FILES_MAX 64

struct file { char name[256]; struct tl_jv *root; };
struct reader {
    struct tl_catalogue *c;
    struct file *file;
    uint32_t file_n;
    const struct file *now;     /* the one being read */
    struct tl_err *err;
};

/* cat_wrong - TL_ECONFIG with file, line and what is allowed */
int __attribute__((format(printf, 3, 4))) cat_wrong(struct reader *r, const struct tl_jv *v, const char *fmt, ...);
/* cat_among - is name one of the blank-separated words? */
bool cat_among(struct tl_str name, const char *words);
int cat_members(struct reader *r, const struct tl_jv *o, const char *words);
int cat_text(struct reader *r, const struct tl_jv *o, const char *name, bool must, struct tl_str *out);
int cat_title(struct reader *r, const struct tl_jv *o, const char *name, struct tl_title *out);
int cat_bool(struct reader *r, const struct tl_jv *o, const char *name, bool *out);
int cat_texts(struct reader *r, const struct tl_jv *o, const char *name, struct tl_str **out, uint32_t *n);
int cat_key(struct reader *r, const struct tl_jv *o, enum tl_key *out);
int cat_role(struct reader *r, const struct tl_jv *v, enum tl_role *out);
/* cat_condition - v is a member of a condition object; words: the fields it may name */
int cat_condition(struct reader *r, const struct tl_jv *v, const char *words, struct tl_match *m);

/* cat_files - the files of a folder into r->file, which has room for CAT_FILES_MAX; none where there is no folder */
int cat_files(struct reader *r, const char *dir);

/* the sections: one element each. tl_catalogue_touchpoints.c */
int cat_model(struct reader *r, const struct tl_jv *o);
int cat_touchpoint(struct reader *r, const struct tl_jv *o);
/* tl_catalogue_journeys.c */
int cat_type(struct reader *r, const struct tl_jv *o);
int cat_role_of(struct reader *r, const struct tl_jv *m);
int cat_promote(struct reader *r, const struct tl_jv *v);
/* tl_catalogue_standards.c */
int cat_clock(struct reader *r, const struct tl_jv *o);
int cat_check(struct reader *r, const struct tl_jv *o);
int cat_outcome(struct reader *r, const struct tl_jv *o);

#endif
