/* render_in.h - pieces that the render files share. */
#ifndef RENDER_IN_H
#define RENDER_IN_H

#include "render.h"
#include "tl_json.h"

void render_title(struct tl_jw *w, const char *name, struct tl_title t);
void render_hash(struct tl_jw *w, const char *name, const uint8_t hash[16]);
void render_ms(struct tl_jw *w, const char *name, int64_t ms);                  /* TL_TIME_NONE is null */
void render_waits(struct tl_jw *w, double mean, double p50, double p90, double p95);
/* in render_findings.c: */
void render_figure(struct tl_jw *w, const char *name, double v, bool known);    /* null where the data define none */
void render_range(struct tl_jw *w, const char *name, const struct interval *i); /* {value, lo, hi} */
void render_verdict(struct tl_jw *w, const struct verdict *v);                  /* in both languages */
void render_missing(struct tl_jw *w, const struct strata_gate *g);               /* what a comparison lacks, or null */
void render_asked(struct tl_jw *w, const struct look *k);                       /* the question, as_of and the catalogue */
/* render_journey_breaks - members breaks, breaks_cut, unknown (render_journey_breaks.c) */
struct journey_breaks;
void render_journey_breaks(struct tl_jw *w, const struct tl_catalogue *c, const struct journey_breaks *b);
/* render_identity - members links, links_cut, history, history_cut (render_identity.c) */
struct identity_answer_all;
void render_identity(struct tl_jw *w, const struct identity_answer_all *a);
/* of one customer (render_person.c): member told of an event; waits, waits_cut of a journey; profile, outcomes, threads, actions. NULL: null */
struct person;
struct person_told;
struct journey_waits;
void render_told(struct tl_jw *w, const struct person_told *o);
void render_journey_waits(struct tl_jw *w, const struct journey_waits *a);
void render_person(struct tl_jw *w, const struct look *k, const struct person *p);

#endif
