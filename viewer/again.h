/* again.h - a page sends a quarantined event again, as it came or corrected: POST /api/quarantine/again, body {"number", "event"?}.
 *
 * It goes to the folder's collector, by the origin it came with, like `touchline quarantine replay`. From the viewer's own pages only. */
#ifndef AGAIN_H
#define AGAIN_H

#include "tl_eventlog.h"
#include "tl_http.h"

#define AGAIN_PATH "/api/quarantine/again"
#define AGAIN_BODY_MAX 131072           /* an event has 32 KB; as a JSON text it may be longer */
#define AGAIN_WAIT_MS 10000

/* again_answer - checks, sends and answers rq: {accepted, quarantined: [{reason, field}]} as the collector says. log: may be NULL (there is none yet). Blocks for AGAIN_WAIT_MS. */
void again_answer(const char *data, struct tl_eventlog *log, struct tl_http_req *rq);

#endif
