/* answer_channels.h - how well customers are recognised, channel by channel. */
#ifndef ANSWER_CHANNELS_H
#define ANSWER_CHANNELS_H

#include "analysis/recognition.h"
#include "fold.h"

struct channel_answer { struct tl_str channel; uint64_t n, customers, k[2]; struct interval rate[2]; double de[2]; };      /* [0] at once, [1] by now */
struct channels_answer { int32_t from_day, to_day; struct channel_answer *item; uint32_t item_n; uint64_t other; };      /* the busiest first; channel "": none told */
/* fold_channels - contacts (steps and signals) in the days asked, default the last four whole weeks */
int fold_channels(struct look *k, struct channels_answer *out, struct tl_err *err);
void render_channels(struct tl_buf *out, const struct look *k, const struct channels_answer *a);

#endif
