/* shipped.h - the catalogues that travel inside the program, to begin from. */
#ifndef CLI_SHIPPED_H
#define CLI_SHIPPED_H

#include <stdio.h>
#include "tl_embed.h"
#include "tl_err.h"

/* shipped_write - the files (ended by a row of NULLs) into DATA/catalogue; none of them may be there. 0, TL_EIO. */
int shipped_write(const char *data, const struct tl_embed *file, struct tl_err *err);
/* shipped_init - a catalogue by name into DATA/catalogue, which must not hold one yet. TL_ENOTFOUND: err lists the names; TL_EEXIST: there is a catalogue; TL_EIO. */
int shipped_init(const char *data, const char *name, struct tl_err *err);

#endif
