/* render_voice.h - what customers say, as JSON; and the pieces that those answers share. */
#ifndef RENDER_VOICE_H
#define RENDER_VOICE_H

#include "answer_metrics.h"
#include "render_in.h"

void render_emotion(struct tl_buf *out, const struct look *k, const struct emotion_answer *a);

void render_metrics(struct tl_buf *out, const struct look *k, const struct metrics_answer *a);

void render_values(struct tl_jw *w, const struct voice_value *v, size_t n);     /* "values": [{value, n}] */
void render_response(struct tl_jw *w, const struct voice_response *r);
void render_period(struct tl_jw *w, const struct period *p);                    /* from, to, previous_from, previous_to */

#endif
