/* scratch.h - a folder inside DATA for the time of one command: the store as it is at one moment, and one made of the same log by another catalogue.
 *
 *   DATA/scratch.<pid>/before/journeys/   a copy of the live store
 *   DATA/scratch.<pid>/journeys/          the other one, of the same positions (catalogue/, keys/ and aggregator.log are what made it)
 *
 * DATA itself is not touched. The folder goes at the end; one that a killed command has left goes when the next begins. */
#ifndef CLI_SCRATCH_H
#define CLI_SCRATCH_H

#include <limits.h>
#include "tl_catalogue_files.h"
#include "tl_err.h"

struct scratch { char dir[PATH_MAX]; };

/* scratch_make - both stores, telling how far it is on a terminal; the disk for them is asked for first. TL_EINTR: stopped by a signal. scratch_remove in any case. */
int scratch_make(struct scratch *s, const char *data, const struct tl_catalogue_files *files, struct tl_err *err);
void scratch_remove(struct scratch *s);
void scratch_remove_all(const char *path);      /* a folder and all in it; what is not there is as good */

#endif
