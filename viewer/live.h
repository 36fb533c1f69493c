/* live.h - GET /api/live: server-sent events that say how far the store has come, so that a page asks again when there is something to ask for.
 *
 * A question is kept until the store stands elsewhere than the page knows (Last-Event-ID, or since=), or for LIVE_HOLD_MS; it is answered with one
 * event and closed, and the browser's EventSource comes back by itself after LIVE_RETRY_MS. So nothing is streamed, a burst is one event, and a page
 * that went away costs nothing. Event: id and data {"position": n, "lag_ms": n}. */
#ifndef LIVE_H
#define LIVE_H

#include "tl_http.h"

#define LIVE_PATH "/api/live"
#define LIVE_LOOK_MS 100        /* how often the store is looked at while somebody waits */
#define LIVE_HOLD_MS 20000      /* then the position is said again */
#define LIVE_RETRY_MS 150
#define LIVE_MAX 128            /* pages that wait; more are answered 503 and come back later */

/* live_look - how far the store has come: called by the live thread alone; false: it cannot be read now */
typedef bool (*live_look)(void *arg, uint64_t *position, int64_t *lag_ms);

struct live;
int live_start(struct live **out, live_look look, void *arg, struct tl_err *err);
/* live_take - keeps rq, or answers it; since: the position that the page knows */
void live_take(struct live *l, struct tl_http_req *rq);
void live_stop(struct live **lp);       /* answers those that wait, joins the thread; before tl_http_stop */

#endif
