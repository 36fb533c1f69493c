/* visit_door.h - the shopper's page: what is served under /visit/, and alone may be served beyond this machine.
 *
 *   GET  /visit/TOKEN          the page, whole in one answer
 *   POST /visit/TOKEN/start    {"now","time"}: the visit has begun
 *   POST /visit/TOKEN/photo    ?item=ITEM, the picture's bytes -> {"name"}; the same picture again is the same
 *   POST /visit/TOKEN/send     {"now","stamps":[{"what","time"}],"answers":[{"item","value","time","note"}],"order","note"} -> {"received":true}; again: the same, nothing is written
 * TOKEN is the key: nothing else is asked of the caller, and an unknown one, one that is over and that of a withdrawn visit are answered alike. `now` is the phone's clock:
 * one that is wrong by a minute or more is set right. Unknown tokens are answered so often a minute and no more (the true one always). */
#ifndef VISIT_DOOR_H
#define VISIT_DOOR_H

#include "fold.h"
#include "tl_conf.h"
#include "tl_http.h"

#define VISIT_DOOR_BODY_MAX (2u << 20)          /* of a picture: TL_EVIDENCE_FILE_MAX */
#define VISIT_DOOR_PART_MAX (96u << 10)         /* of start and send */
#define VISIT_DOOR_MISSES_MIN 60                /* unknown tokens answered a minute; beyond it 429 */
#define VISIT_DOOR_CLOCK_MS 60000               /* a phone's clock wrong by so much is set right */

struct visit_door;
int visit_door_new(struct visit_door **out, const struct tl_conf *conf, struct tl_err *err);
void visit_door_free(struct visit_door **dp);
bool visit_door_is(struct tl_str path);
/* visit_door_answer - answers rq; k: a look at the store as it is now. On a worker: waits for the aggregator's commit. */
void visit_door_answer(struct visit_door *d, struct look *k, struct tl_http_req *rq);
/* visit_door_refuse - of the address for phones: there is nothing else there */
void visit_door_refuse(struct tl_http_req *rq);
/* visit_door_check - may viewer.visit_bind stand as it does? TL_ECONFIG: beyond loopback without TLS, or half a pair of files */
int visit_door_check(const struct tl_conf *conf, struct tl_err *err);

#endif
