/* backup.h - the part of a backup that others need: journeys as they are at one moment. */
#ifndef CLI_BACKUP_H
#define CLI_BACKUP_H

#include "tl_err.h"

/* backup_journeys - the current store of DATA, while it is written, into the folder to/journeys, which is made. Without journeys: 0. */
int backup_journeys(const char *data, const char *to, struct tl_err *err);

#endif
