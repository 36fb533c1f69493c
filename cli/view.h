/* view.h - answers of the viewer as tables for people; titles in the reader's language. */
#ifndef CLI_VIEW_H
#define CLI_VIEW_H

#include "cli.h"
#include "tl_json.h"

#define VIEW_DEPTH 12

void view_print_map(const struct tl_jv *root, FILE *out);
void view_print_variants(const struct tl_jv *root, FILE *out);
void view_print_funnel(const struct tl_jv *root, FILE *out);
void view_print_rework(const struct tl_jv *root, FILE *out);
void view_print_journeys(const struct tl_jv *root, FILE *out);
void view_print_customers(const struct tl_jv *root, FILE *out);
void view_print_customer(const struct tl_jv *root, FILE *out);
void view_print_history(const struct tl_jv *root, FILE *out);          /* of one customer: links, and what people said */
void view_print_quarantine(const struct tl_jv *root, FILE *out);
void view_print_breaks(const struct tl_jv *root, FILE *out);
void view_print_moments(const struct tl_jv *root, FILE *out);
void view_print_heatmap(const struct tl_jv *root, FILE *out);
void view_print_consistency(const struct tl_jv *root, FILE *out);
void view_print_impact(const struct tl_jv *root, FILE *out);
void view_print_emotion(const struct tl_jv *root, FILE *out);
void view_print_metrics(const struct tl_jv *root, FILE *out);
void view_print_coverage(const struct tl_jv *root, FILE *out);
void view_print_blueprint(const struct tl_jv *root, FILE *out);
void view_print_improvements(const struct tl_jv *root, FILE *out);
void view_print_work(const struct tl_jv *root, FILE *out);             /* break points by owner: status, age */
void view_print_visits(const struct tl_jv *root, FILE *out);
void view_print_visit_sums(const struct tl_jv *root, FILE *out);       /* what visits say together */
void view_print_scorecard(const struct tl_jv *root, FILE *out);
void view_print_confirmed(const struct tl_jv *root, FILE *out);
void view_print_backtrack(const struct tl_jv *root, FILE *out);
void view_print_figures(const struct tl_jv *list, FILE *out);          /* headline figures of a report */
void view_print_found(const struct tl_jv *breaks, FILE *out);           /* its break points */

#endif
