/* check_mapping.h - mappings among what `touchline check` reads. */
#ifndef CLI_CHECK_MAPPING_H
#define CLI_CHECK_MAPPING_H

#include "tl_err.h"
#include "tl_mem.h"

bool check_is_mapping(const char *path);
/* check_mapping - 0; TL_ECONFIG with err naming file, line and key; with json both are said on stdout, and err is left alone */
int check_mapping(const char *path, bool json, struct tl_err *err);

#endif
