/* export.h - everything asked for, as a file: made whole first, so that no read transaction waits for a slow reader. */
#ifndef EXPORT_H
#define EXPORT_H

#include "fold.h"

/* export_make - *fd out: an unlinked temporary file, positioned at its start; the caller owns it. TL_EIO, TL_ENOSPC.
 *   ndjson  events of the journeys asked about, one native event a line, in log order; importing them gives the same journeys
 *   csv     steps, one a line; text that a spreadsheet would take for a formula has a ' before it
 *   xes     journeys as traces: importing them gives the same counts and, but for steps with a length, the same waits
 *   rows    canonical rows, for comparing stores */
int export_make(struct look *k, int *fd, struct tl_err *err);
const char *export_type(enum ask_format f);
const char *export_disposition(enum ask_format f);

#endif
