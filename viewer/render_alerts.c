/* render_alerts.c - alerts as JSON. */
#include "render_in.h"

#include "tl_alerts.h"

void
render_alerts(struct tl_buf *out, const struct look *k, const struct alerts_answer *a)
{
    struct tl_jw jw = tl_jw_to(out), *w = &jw;
    int qa = k->ask->stream == TL_STREAM_MYSTERY;
    tl_jw_open(w, NULL);
    tl_jw_open(w, "counts");
    for (unsigned s = 0; s < TL_ALERT_STATES; s++)
        tl_jw_uint(w, tl_alert_state_word(s), k->ask->stream == ASK_STREAM_ALL ? a->counts.n[0][s] + a->counts.n[1][s] : a->counts.n[qa][s]);
    tl_jw_close(w);
    tl_jw_array(w, "alerts");
    for (uint32_t i = 0; i < a->alert_n; i++) tl_alert_json(w, NULL, a->alert[i]);
    tl_jw_end(w);
    tl_jw_uint(w, "next", a->next);
    tl_jw_bool(w, "more", a->more);
    tl_jw_close(w);
}
