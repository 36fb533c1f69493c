/* render_blueprint.h - a blueprint planned and actual, and coverage, as JSON. */
#ifndef RENDER_BLUEPRINT_H
#define RENDER_BLUEPRINT_H

#include "answer_blueprint.h"

void render_blueprint(struct tl_buf *out, const struct look *k, const struct blueprint_answer *a);
void render_coverage(struct tl_buf *out, const struct look *k, const struct coverage_answer *a);

#endif
