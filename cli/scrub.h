/* scrub.h - every checksum of a spool, read beside a running collector (schemas/wire.md section 5). */
#ifndef CLI_SCRUB_H
#define CLI_SCRUB_H

#include <stdint.h>

#include "tl_err.h"

struct scrub { uint64_t segments, records, first, last, damaged; };    /* damaged: numbers from the first bad record of a sealed segment to its end */
/* scrub_spool - 0; TL_ENOTFOUND: no spool; TL_ECORRUPT: err names the first segment that is damaged, and the rest was read all the same; TL_EIO. */
int scrub_spool(const char *dir, struct scrub *s, struct tl_err *err);

#endif
