/* debug.h - what came in last, for tests of those who send: only in a collector started with --debug-api. Kept in memory, nowhere else.
 *
 *   GET  /debug/good    {"count":n,"dropped":n,"items":[{"origin","path","event":{...as mapped...},"slice"}]}
 *   GET  /debug/bad     {"count":n,"dropped":n,"items":[{"origin","path","reason","field","id","slice"}]}
 *   POST /debug/reset   both are empty again */
#ifndef DEBUG_H
#define DEBUG_H

#include "tl_event.h"
#include "tl_http.h"

#define DEBUG_ITEMS_MAX 1000            /* of each list: the first ones since the reset; more are counted */
#define DEBUG_BYTES_MAX (2u * 1024 * 1024)  /* of both lists together */

struct debug;
struct debug *debug_new(void);
void debug_free(struct debug **dp);
/* debug_take - an event admitted (why NULL), or one refused. d NULL: nothing. Any thread. */
void debug_take(struct debug *d, const char *path, struct tl_str origin, const struct tl_event *ev, const struct tl_refusal *why, struct tl_str slice);
/* debug_answer - true when the path is one of them and d is not NULL: it has been answered */
bool debug_answer(struct debug *d, struct tl_http_req *rq, struct tl_str path);

#endif
