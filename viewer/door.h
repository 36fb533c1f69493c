/* door.h - what a page enters: POST /api/control/<kind>, passed on to the aggregator's control door with the folder's token.
 *
 * Taken from the viewer's own pages only: a page elsewhere may send a form to a loopback address, but it cannot name our origin as its own. */
#ifndef DOOR_H
#define DOOR_H

#include "door_who.h"
#include "tl_catalogue_files.h"
#include "tl_http.h"

#define DOOR_PATH "/api/control/"
#define DOOR_BODY_MAX 16384
#define DOOR_CATALOGUE_MAX TL_CATALOGUE_BODY_MAX        /* of kind catalogue: all of its files */
#define DOOR_WAIT_MS 10000              /* for the aggregator's commit */
#define DOOR_SEEN_MS 2000               /* and then for the journeys to hold it, so that the page's next question is answered with it */

/* door_kind - the kind that a path names; {NULL,0} when it is no address of the door */
struct tl_str door_kind(struct tl_str path);
struct door_asks { struct tl_str host, origin, site, type; };        /* headers Host, Origin, Sec-Fetch-Site, Content-Type; absent {NULL,0} */
/* door_own - is it asked by one of our own pages, and (json) as JSON? 0, TL_EDENIED, TL_EINVAL. */
int door_own(const struct door_asks *a, bool json, struct tl_err *err);
/* door_allows - may this page enter such a record? 0; TL_ENOTFOUND (no such kind here), TL_EDENIED (not our page), TL_EINVAL (not JSON). */
int door_allows(struct tl_str kind, const struct door_asks *a, struct tl_err *err);
/* door_enter - one record to the aggregator: its HTTP status and what it says. A body that came through no page: the caller vouches for it. actor: percent-encoded, or absent. 0,
 * TL_ENET, TL_ENOTFOUND (no token), TL_ENOMEM. Blocks for DOOR_WAIT_MS at most. */
int door_enter(const char *data, struct tl_str kind, struct tl_str body, struct tl_str actor, int *status, struct tl_buf *answer, struct tl_err *err);
/* door_answer - checks, passes on and answers rq: as the aggregator says (`same` too: nothing was written), and `seen`: the journeys hold the record already. data: the folder. reached(arg, position):
 * do they hold what stands there in the log? names: the identity behind a hash. Blocks for DOOR_WAIT_MS + DOOR_SEEN_MS at most. */
void door_answer(const char *data, struct tl_http_req *rq, bool (*reached)(void *arg, uint64_t position), door_names names, void *arg);

#endif
