/* hooks.h - alerts to chat groups and other receivers: grouped, kept on disk until taken, sent again until then. On a thread of its own (hooks_run.h): a
 * receiver that is dead delays nobody but itself.
 *
 * A step over ports: time and network come from the caller. What is on its way stands in the memos of DATA/alerts, so that a restart loses nothing; a message
 * that was taken just before a crash is sent once more under the same id. */
#ifndef HOOKS_H
#define HOOKS_H

#include "hooks_conf.h"
#include "tl_alerts.h"
#include "tl_err.h"
#include "tl_time.h"

#define HOOK_WAITING_MAX 1000                        /* messages on their way to one receiver; the oldest go beyond it, counted */
#define HOOK_AGE_MAX_MS (INT64_C(24) * 3600000)      /* older ones are not sent any more, counted */

struct hooks_port {
    void *self;
    /* post - 0 with *status and reply, or TL_ENET with a reason that names no address */
    int (*post)(void *self, const char *url, const char *const *headers, struct tl_str body, int *status, int *retry_after_s, struct tl_buf *reply, struct tl_err *err);
    /* pages - address of the viewer, "" when it does not run */
    void (*pages)(void *self, char url[200]);
};
struct hooks_cfg {
    const char *path;                                /* of webhooks.json */
    int64_t group_ms;                                /* one message per rule and place in so long */
    int digest_hour;                                 /* of the day in zone; below 0: none */
    const char *zone;
};

struct hooks;
/* hooks_new - store is borrowed; all of cfg is copied. */
int hooks_new(struct hooks **out, struct tl_alerts *store, const struct hooks_cfg *cfg, struct tl_err *err);
void hooks_free(struct hooks **hp);
/* hooks_step - reads the settings when they changed, takes new alerts, sends what is due: at most one message a receiver. Returns in how many ms the next step
 * is wanted (0..1000), or negative: the store failed, try again later. */
int hooks_step(struct hooks *h, const struct hooks_port *port, int64_t now_ms, int64_t mono_us, struct tl_err *err);
const char *hooks_trouble(const struct hooks *h);    /* what is wrong with the settings, "" when nothing; on the thread of the steps */

#endif
