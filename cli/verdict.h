/* verdict.h - what came out of journeys, as lines that people and `diff` can read: how each ended, its steps, its breaks, what is not known.
 *
 *   order: ended good
 *   order: steps menu, customise, checkout, payment, accept, make, handover
 *   order: break handover_wait at handover, step 7: took 10:40, limit 8:00
 *
 * Moments are told from the journey's start, so that the same journey at another time says the same. Breaks stand in the order in which they happened. */
#ifndef CLI_VERDICT_H
#define CLI_VERDICT_H

#include "recording.h"
#include "tl_json.h"

struct verdict { char **line; uint32_t n; };             /* owned */
void verdict_free(struct verdict *v);
int verdict_add(struct verdict *v, struct tl_str line, struct tl_err *err);

/* verdict_of_parts - the parts of a recording, each of its customer, as the viewer has them. as_of: when they are judged. TL_ENOTFOUND: one is gone. */
int verdict_of_parts(struct session *viewer, const struct recording *r, int64_t as_of_ms, struct verdict *out, struct tl_err *err);
/* verdict_of_run - the same journeys as they came out of its run, moved by shift_ms: for each part the one of that person, type and start; of a file all journeys of
 * the run, in order of time. A part that did not come out is a line of its own. */
/* verdict_of_visit - the scorecard of a visit as lines: score, items, clocks, how far it fits its plan. run: judged by what came out of that replay; NULL: by its own events */
int verdict_of_visit(struct session *viewer, const char *visit, const char *run, int64_t as_of_ms, struct verdict *out, struct tl_err *err);
int verdict_of_run(struct session *viewer, const struct recording *r, int64_t shift_ms, int64_t as_of_ms, struct verdict *out, struct tl_err *err);

/* verdict_read, verdict_write - a text file, one line a line; # begins a remark. TL_ENOTFOUND, TL_EIO. */
int verdict_read(const char *path, struct verdict *out, struct tl_err *err);
int verdict_write(const char *path, const char *remark, const struct verdict *v, struct tl_err *err);

/* verdict_diff - lines of a that b does not have, in gone; lines of b that a does not have, in new: as often as they stand there. Lines are borrowed; lists owned (tl_free). */
struct verdict_diff { const char **gone, **come; uint32_t gone_n, come_n; };
int verdict_compare(const struct verdict *a, const struct verdict *b, struct verdict_diff *out, struct tl_err *err);
void verdict_diff_free(struct verdict_diff *d);

#endif
