/* report_page.h - the weekly report as a page to print and hang on a wall: one A4 sheet, landscape, in one language, without scripts. Pure: the report's JSON in, HTML out. */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include "tl_json.h"

#define REPORT_PAGE_DEPTH 12
#define REPORT_TOOLS "<nav class=\"tools\">"      /* other weeks, the other language: on screen only; a file that stands alone leaves it out */
#define REPORT_TOOLS_END "</nav>"
#define REPORT_NOTE_MARK "<!--note-->"      /* where a note about a kept report goes; nothing else of the page ever changes */

/* Rows that fit on the sheet; a list that is longer says how many more there are. */
#define REPORT_PAGE_BREAKS 5
#define REPORT_PAGE_PLACES 2        /* of a break point: the worst */
#define REPORT_PAGE_OPEN 5
#define REPORT_PAGE_MOMENTS 3
#define REPORT_PAGE_WORK 3

void report_page(struct tl_buf *out, const struct tl_jv *report, bool zh, bool final);

/* ---- pieces (report_words.c), used by report_page.c and report_drawn.c ---- */
struct sheet { struct tl_buf *out; bool zh; };
const char *sheet_say(const struct sheet *s, const char *zh, const char *en);
void sheet_put(struct sheet *s, const char *html);                                  /* as it is */
void sheet_text(struct sheet *s, struct tl_str text);                               /* escaped */
struct tl_str sheet_words(const struct sheet *s, const struct tl_jv *title, struct tl_str otherwise);   /* in the sheet's language, else the other */
void sheet_printf(struct sheet *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));         /* not escaped: numbers and words of ours */
/* sheet_number - "1,234.5", a true minus, signed with a plus when asked; into out[48] */
char *sheet_number(double v, int digits, bool sign, char out[48]);
bool sheet_has(const struct tl_jv *o, const char *name);                            /* it is a number */
/* sheet_range - " (8.8–10.2)" in units of 1 / scale, nothing where the interval is not known */
void sheet_range(struct sheet *s, const struct tl_jv *o, double scale, int digits, bool sign);

/* ---- drawings (report_drawn.c) ---- */
void sheet_curve(struct sheet *s, const struct tl_jv *emotion);                     /* the emotion curve */
/* sheet_whisker - a dot on its interval between lo and hi of the axis, ticks at marks; values in the axis' unit; hollow NAN: none */
struct whisker { double from, to, value, lo, hi, tick, hollow; bool has_tick, has_hollow, has_interval; const char *tone; };
void sheet_whisker(struct sheet *s, const struct whisker *w);

#endif
