/* chore.h - one command of `touchline` at a time, run for a page: an import, a comparison. What it prints is kept in files and shown when asked for.
 *
 * The viewer stays a reader of the stores: whatever writes is the same command that a person types, in a process of its own, which ends with the viewer. */
#ifndef CHORE_H
#define CHORE_H

#include "tl_err.h"
#include "tl_mem.h"

#define CHORE_ARGS_MAX 16
#define CHORE_ANSWER_MAX (8u << 20)     /* bytes of what it prints; more is a failure that says so */
#define CHORE_SAID_MAX 8192             /* bytes shown of its messages: the last */

enum chore_state { CHORE_NONE, CHORE_RUNS, CHORE_DONE, CHORE_FAILED };
struct chore_look {
    enum chore_state state;
    char what[16], about[256];          /* as chore_start was told */
    int64_t began_ms, took_ms;          /* took: so far while it runs */
    bool stopped;                       /* by chore_stop */
};

struct chore;
/* chore_new - folder: where its output is kept; it exists. returns owned. TL_ENOMEM. */
int chore_new(struct chore **out, const char *folder, struct tl_err *err);
/* chore_start - runs `touchline args...` (the program beside this one; args ended by NULL, CHORE_ARGS_MAX at most). what: one word; about: for people. TL_EBUSY: one
 * runs already; TL_ENOTFOUND: there is no such program; TL_EIO. */
int chore_start(struct chore *c, const char *what, const char *about, const char *const *args, struct tl_err *err);
/* chore_see - how it stands, and what it has printed so far: on stdout (whole, only once it is done) and on stderr. Both may be NULL. Any thread. */
void chore_see(struct chore *c, struct chore_look *look, struct tl_buf *answer, struct tl_buf *said);
void chore_stop(struct chore *c);       /* asks it to end; it does so soon after */
void chore_forget(struct chore *c);     /* one that has ended: as if there had been none */
void chore_free(struct chore **cp);     /* ends what runs and waits for it, 10 s at most */

#endif
