/* render_report.h - the weekly report as JSON: the question, "findings" (what the data say), "work" (what people entered). */
#ifndef RENDER_REPORT_H
#define RENDER_REPORT_H

#include "answer_report.h"
#include "render_in.h"

void render_report(struct tl_buf *out, const struct look *k, const struct report_answer *a);

#endif
