/* render.h - answers as JSON. Times are Unix ms, customers hex, absent values null. */
#ifndef RENDER_H
#define RENDER_H

#include "answer.h"

struct about { const char *version, *data, *timezone, *collector, *other, *other_data; int32_t first_day, last_day; bool has_days; };
void render_about(struct tl_buf *out, const struct look *k, const struct about *a);
void render_map(struct tl_buf *out, const struct look *k, const char *timezone, const struct map_answer *a);
void render_journeys(struct tl_buf *out, const struct look *k, const struct journeys_answer *a);
void render_variants(struct tl_buf *out, const struct variants_answer *a);
void render_funnel(struct tl_buf *out, const struct look *k, const struct funnel_answer *a);
void render_rework(struct tl_buf *out, const struct rework_answer *a);
void render_customers(struct tl_buf *out, const struct customers_answer *a);
void render_customer(struct tl_buf *out, const struct look *k, const struct customer_answer *a);
void render_raw(struct tl_buf *out, uint64_t position, struct tl_str raw);
void render_quarantine(struct tl_buf *out, const struct quarantine_answer *a);
void render_refused(struct tl_buf *out, const struct refused_item *r);
void render_alerts(struct tl_buf *out, const struct look *k, const struct alerts_answer *a);
void render_breaks(struct tl_buf *out, const struct look *k, const struct breaks_answer *a);
void render_moments(struct tl_buf *out, const struct look *k, const struct moments_answer *a);
const char *render_end(enum tl_end e);      /* "good" "bad" "lapsed" "open" */
const char *render_stream(uint8_t s);

#endif
