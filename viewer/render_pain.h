/* render_pain.h - the heat map and the impact table as JSON. */
#ifndef RENDER_PAIN_H
#define RENDER_PAIN_H

#include "answer_pain.h"

void render_heatmap(struct tl_buf *out, const struct look *k, const struct heatmap_answer *a);
void render_consistency(struct tl_buf *out, const struct look *k, const struct consistencies_answer *a);
void render_impact(struct tl_buf *out, const struct look *k, const struct impacts_answer *a);

#endif
