/* import_preview.h - `touchline import --preview`: what a file would become, before anything is sent. */
#ifndef CLI_IMPORT_PREVIEW_H
#define CLI_IMPORT_PREVIEW_H

#include "tl_mapping.h"

/* import_preview - the first ten events of a file on stdout, as a table or as JSON, with what of the rows up to there is not understood. mapping may be
 * NULL; format: what the person said, or NULL. What tl_import_file returns. */
int import_preview(const char *path, const struct tl_mapping *mapping, const char *format, bool json, struct tl_err *err);

#endif
