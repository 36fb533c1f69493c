/* weave_marks.c - heartbeats: how far a source says that it has told everything. */
#include <stdio.h>

#include "keep.h"
#include "tl_count.h"
#include "tl_time.h"
#include "weave.h"

/* Its own clock, set right by what the collector's said when it sent, and never ahead of that. */
static int64_t
told_until(const struct tl_event *ev, int64_t received_ms)
{
    if (!(ev->has & TL_HAS(time)))
        return received_ms;
    int64_t skew = ev->has & TL_HAS(sent_at) ? received_ms - ev->sent_at_ : 0;
    int64_t until = skew > -TL_KEPT_SKEW_MS && skew < TL_KEPT_SKEW_MS ? ev->time_ : ev->time_ + skew;
    return until < received_ms ? until : received_ms;
}

int
weave_mark(struct weave *w, const struct tl_event *ev, int64_t logged_ms, struct tl_err *err)
{
    char name[TL_WATERMARK_NAME_MAX + 1] = "";
    struct tl_str origin = ev->has & TL_HAS(origin) ? ev->origin_ : (struct tl_str){0}, place = ev->has & TL_HAS(place) ? ev->place_ : (struct tl_str){0};
    struct tl_store_head *head = tl_store_w_head(w->store);
    int64_t received_ms = keep_received(ev, logged_ms);

    w->counts.heartbeats++;
    if (origin.n == 0 || keep_is_import(ev))     /* a file is no source that goes on */
        return 0;
    int n = snprintf(name, sizeof name, "%.*s%s%.*s", (int)origin.n, origin.p, place.n > 0 ? "@" : "", (int)place.n, place.n > 0 ? place.p : "");
    if (n <= 0 || n > TL_WATERMARK_NAME_MAX)
        return 0;
    if (received_ms > head->newest_live_ms)
        head->newest_live_ms = received_ms;
    int rc = tl_store_w_watermark_put(w->store, &(struct tl_watermark){ { name, (size_t)n }, told_until(ev, received_ms), received_ms }, err);
    if (rc > 0)
        tl_count_add(A_SOURCES_LEFT_OUT, 1);
    return rc < 0 ? rc : 0;
}
