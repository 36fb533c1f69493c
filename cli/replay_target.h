/* replay_target.h - where a replay goes: a collector, and the viewer that shows what came of it. */
#ifndef CLI_REPLAY_TARGET_H
#define CLI_REPLAY_TARGET_H

#include "scratch.h"
#include "session.h"

struct replay_target {
    struct session *session;             /* of the folder it goes to; NULL with a collector elsewhere. Borrowed when it is the source's, else owned */
    struct session *viewer;              /* asked what came out; NULL: nobody can be asked */
    bool owned, elsewhere;
    char url[80], token[65];             /* of the collector */
    struct scratch folder;               /* one for this command alone; "" : none */
};
struct replay_where {
    const char *into, *to, *viewer;      /* as given; NULL */
    const char *catalogue;               /* folder or file whose catalogue a new folder gets; NULL: that of `data` */
    const char *data;                    /* the source's folder; may not exist */
    bool scratch;                        /* a folder for this command alone */
};
/* replay_target_open - same: the source's session, which is the target when nothing else is asked for; may be NULL. */
int replay_target_open(struct replay_target *t, const struct replay_where *w, struct session *same, struct tl_err *err);
/* replay_target_close - stops what it started, removes its own folder */
void replay_target_close(struct replay_target *t);

#endif
