/* suggest.h - a draft of a catalogue from the events seen: the analysis's draft in words, and the files of a catalogue that says it. */
#ifndef VIEWER_SUGGEST_H
#define VIEWER_SUGGEST_H

#include "analysis/suggest.h"
#include "fold.h"
#include "tl_catalogue_files.h"

#define SUGGEST_EVENTS_MAX 5000000u     /* of the customers first seen; what is left out is told */

enum suggest_end { SUGGEST_END_NONE, SUGGEST_END_GOOD, SUGGEST_END_BAD, SUGGEST_END_UNKNOWN };
struct suggest_word {                   /* a name of the draft, in words */
    struct tl_str name, channel;        /* channel absent when none */
    uint8_t customer[16];               /* of the example */
    enum suggest_end end;               /* could it end a journey, and how? */
    bool stray;                         /* seen without the field that threads journeys, or too seldom to have a place */
};
struct suggest_answer {
    struct tl_str journey;              /* id of the journey type drafted */
    const struct suggest_draft *draft;
    const struct suggest_word *word;    /* by name of the draft */
    uint64_t events, customers;         /* of the store */
    bool cut;                           /* more than SUGGEST_EVENTS_MAX events */
    struct tl_catalogue_files files;
    struct suggest *owner;
};
int fold_suggest(struct look *k, struct suggest_answer *out, struct tl_err *err);
void fold_suggest_free(struct suggest_answer *a);
/* suggest_end_of - good or bad by its name's words, unknown when it stands late all the same */
enum suggest_end suggest_end_of(const struct suggest_name *n, struct tl_str name);
const char *suggest_stage(const char *model, double place);     /* of model A or E */
/* suggest_files - touchpoints.json, journeys.json, standards.json into out->files; in the arena. Marked as suggestions. */
int suggest_files(struct suggest_answer *out, struct tl_arena *a, struct tl_err *err);
void render_suggest(struct tl_buf *out, const struct suggest_answer *a);

#endif
