/* render_visits.h - pieces that the list of visits and the scorecard share. */
#ifndef RENDER_VISITS_H
#define RENDER_VISITS_H

#include "answer_visits.h"
#include "tl_json.h"

void render_score(struct tl_jw *w, const struct scorecard *s);         /* member score */
void render_visit_head(struct tl_jw *w, const struct visit_seen *v, const struct tl_scenario *s, bool for_outlet);     /* members of its record */

#endif
