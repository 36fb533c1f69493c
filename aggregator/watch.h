/* watch.h - alerts, over the store that stitching writes: what alerts.c is given, and what people entered about alerts. On the stitching thread alone. */
#ifndef WATCH_H
#define WATCH_H

#include "alerts.h"
#include "tl_catalogue.h"
#include "tl_store_write.h"

struct watch;
/* watch_new - alerts of DATA/alerts, borrowed; zone: of the times that titles name. NULL: out of memory, or no such zone */
struct watch *watch_new(struct tl_alerts *alerts, const char *zone);
void watch_free(struct watch **wp);
/* watch_look - after a round, and once a second. store may be NULL: there is none open. Returns alerts raised or changed, or negative. */
int watch_look(struct watch *w, struct tl_store_w *store, const struct tl_catalogue *catalogue, int64_t now_ms, int64_t mono_us, struct tl_err *err);

#endif
