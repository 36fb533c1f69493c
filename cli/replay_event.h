/* replay_event.h - an event of a recording as it is sent again under a run.
 *
 *   id       hash of (run, id): the same replay twice adds nothing
 *   ids      user replay:RUN:cN alone, one each person: nobody that a customer or another run could be, and no identity is left to link them by
 *   order, case, journey   replay:RUN:.. , so that no register knows them
 *   session, seq           one session each person, in the order of the recording: equal times keep their order
 *   time, promise.due      moved by the shift;  sent_at goes, for the times are corrected ones
 *   stream   replay */
#ifndef CLI_REPLAY_EVENT_H
#define CLI_REPLAY_EVENT_H

#include "recording.h"

#define REPLAY_PREFIX "replay:"
#define REPLAY_IDENTITY_MAX 100          /* bytes of replay:RUN:WHO */

struct replay_maker;
struct replay_maker *replay_maker_new(void);             /* returns owned; NULL: out of memory */
void replay_maker_free(struct replay_maker **mp);
/* replay_event - event i of r under its run, appended to out as one JSON object. TL_EINVAL, TL_ENOMEM. */
int replay_event(struct replay_maker *m, const struct recording *r, uint32_t i, int64_t shift_ms, struct tl_buf *out, struct tl_err *err);
/* replay_identity - of who (c0, c1 ..) in a run: the value of kind user */
char *replay_identity(const char *run, const char *who, char out[REPLAY_IDENTITY_MAX + 1]);

#endif
