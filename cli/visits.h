/* visits.h - what the verbs of `touchline visits` share: one session, the visit and its scenario as the viewer tells them, and a record on its way. */
#ifndef CLI_VISITS_H
#define CLI_VISITS_H

#include "cli.h"
#include "session.h"
#include "tl_json.h"

struct visiting_desk {
    struct session *session;
    struct tl_arena *arena;
    const char *data;                    /* the folder */
    int64_t now_ms;
};
/* visits_open - aggregator and viewer run then. Returns 0 or a negative TL_E*. */
int visits_open(struct visiting_desk *d, const char *data, struct tl_err *err);
void visits_close(struct visiting_desk *d);
/* visits_get - an answer of the viewer as a tree in the arena */
int visits_get(struct visiting_desk *d, const char *path, const struct tl_jv **root, struct tl_err *err);
/* visits_find - a visit of the register. TL_ENOTFOUND: there is none of that id, or it was withdrawn */
int visits_find(struct visiting_desk *d, const char *id, const struct tl_jv **visit, struct tl_err *err);
/* visits_scenario - of a visit; NULL: it names none, or one that the catalogue does not have (*told then says so) */
const struct tl_jv *visits_scenario(struct visiting_desk *d, const struct tl_jv *visit, const char **told);
/* visits_enter - one record of kind visit; waits until the viewer has it. position may be NULL */
int visits_enter(struct visiting_desk *d, struct tl_str body, bool wait, struct tl_err *err);
/* visits_time - "12:10" of today in the store's zone is not told here: RFC 3339 or Unix ms; NULL: now. TL_EINVAL */
int visits_time(const struct visiting_desk *d, const char *text, int64_t *ms, struct tl_err *err);
/* visits_warn_at_once - say that this visit and another have one shopper at one time */
void visits_warn_at_once(struct visiting_desk *d, const char *id);

int visits_plan(int argc, char **argv);
int visits_start(int argc, char **argv);
int visits_record(int argc, char **argv);
int visits_finish(int argc, char **argv);
int visits_link(int argc, char **argv);
int visits_show(int argc, char **argv);
int visits_score(int argc, char **argv);

#endif
