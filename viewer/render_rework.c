/* render_rework.c - touchpoints that journeys came back to. */
#include "render_in.h"

void
render_rework(struct tl_buf *out, const struct rework_answer *a)
{
    struct tl_jw jw = tl_jw_to(out), *w = &jw;
    tl_jw_open(w, NULL);
    tl_jw_uint(w, "journeys", a->journeys);
    tl_jw_array(w, "touchpoints");
    for (uint32_t i = 0; i < a->item_n; i++) {
        const struct rework_item *x = &a->item[i];
        tl_jw_open(w, NULL);
        tl_jw_str(w, "touchpoint", x->touchpoint);
        render_title(w, "title", x->title);
        tl_jw_uint(w, "n", x->journeys);
        tl_jw_uint(w, "hits", x->again);
        tl_jw_num(w, "rate", x->rate.share);
        tl_jw_num(w, "lo", x->rate.lo);
        tl_jw_num(w, "hi", x->rate.hi);
        tl_jw_uint(w, "repeat", x->again - x->redo);
        tl_jw_uint(w, "redo", x->redo);
        tl_jw_close(w);
    }
    tl_jw_end(w);
    tl_jw_close(w);
}
