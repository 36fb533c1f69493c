/* render_channels.c - how well customers are recognised, channel by channel. */
#include "answer_channels.h"
#include "render_in.h"

static void
rate(struct tl_jw *w, const char *name, const struct channel_answer *c, int which)
{
    tl_jw_open(w, name);
    tl_jw_uint(w, "k", c->k[which]);
    render_figure(w, "rate", c->rate[which].value, c->rate[which].known);
    render_figure(w, "lo", c->rate[which].lo, c->rate[which].known);
    render_figure(w, "hi", c->rate[which].hi, c->rate[which].known);
    tl_jw_num(w, "de", c->de[which]);
    tl_jw_close(w);
}

void
render_channels(struct tl_buf *out, const struct look *k, const struct channels_answer *a)
{
    struct tl_jw jw = tl_jw_to(out), *w = &jw;
    char day[16];
    tl_jw_open(w, NULL);
    tl_jw_int(w, "as_of", k->as_of_ms);
    tl_jw_cstr(w, "from", tl_day_format(a->from_day, day));
    tl_jw_cstr(w, "to", tl_day_format(a->to_day, day));
    tl_jw_array(w, "channels");
    for (uint32_t i = 0; i < a->item_n; i++) {
        const struct channel_answer *c = &a->item[i];
        tl_jw_open(w, NULL);
        tl_jw_str(w, "channel", c->channel.n ? c->channel : (struct tl_str){ NULL, 0 });
        tl_jw_uint(w, "n", c->n);
        tl_jw_uint(w, "customers", c->customers);
        rate(w, "at_once", c, 0);
        rate(w, "by_now", c, 1);
        tl_jw_close(w);
    }
    tl_jw_end(w);
    tl_jw_uint(w, "other", a->other);
    tl_jw_close(w);
}
