/* report_make.h - the weekly report from question to bytes: what is kept of the week, else made now, and kept when its time has come. */
#ifndef REPORT_MAKE_H
#define REPORT_MAKE_H

#include "fold.h"

/* report_make - the answer of /api/report, or the page, into out. k: a fresh look, whose ask names the week. A report that cannot be kept is answered all the same (*not_kept says why). */
int report_make(struct look *k, bool page, struct tl_buf *out, struct tl_err *not_kept, struct tl_err *err);

#endif
