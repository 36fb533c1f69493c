/* replay_judge.h - what came out of each recording, held against what came out before, and told. */
#ifndef CLI_REPLAY_JUDGE_H
#define CLI_REPLAY_JUDGE_H

#include "recording.h"
#include "replay_send.h"
#include "verdict.h"

struct replay_result {
    struct verdict was, now;
    struct verdict_diff diff;
    bool judged;                         /* now is known */
    bool compared;                       /* was is known too */
    bool missing;                        /* a file was to hold what is expected, and is not there */
    bool same;
};
struct replay_rules {
    struct session *source, *viewer;     /* where the recordings come from and went to; NULL: not there */
    const char *expect;                  /* folder, or a file of its own for one recording; NULL: what the source says */
    bool bless;                          /* what came out is written there */
    bool wait;                           /* the viewer is elsewhere: it may need a moment */
    int64_t as_of_ms;                    /* of visits and journeys; of files REPLAY_SETTLED_MS after their last event, unless it was asked for */
    bool as_of_asked;
};
#define REPLAY_SETTLED_MS (INT64_C(90) * 86400000)       /* silence has had its time by then */

int replay_judge(const struct replay_rules *rules, const struct recording *list, uint32_t n, const struct replay_sent *sent, struct replay_result *out, struct tl_err *err);
void replay_result_free(struct replay_result *r);
/* replay_tell - for people; replay_tell_json - for programs. Both on stdout. */
void replay_tell(const struct recording *list, const struct replay_result *r, uint32_t n, const struct replay_sent *sent);
void replay_tell_json(const struct recording *list, const struct replay_result *r, uint32_t n, const struct replay_sent *sent);
/* replay_differ - how many came out otherwise, or not at all as expected */
uint32_t replay_differ(const struct replay_result *r, uint32_t n);

#endif
