/* catalogue_out.h - the files of an answer's "files" member, written into a folder: all of them or none, and never over somebody's work. */
#ifndef CLI_CATALOGUE_OUT_H
#define CLI_CATALOGUE_OUT_H

#include "tl_err.h"
#include "tl_json.h"

/* catalogue_out - dir is made when it is not there. TL_EEXIST: a file of that name is there; TL_EINVAL: no such member; TL_EIO, TL_ENOMEM. */
int catalogue_out(const struct tl_jv *root, const char *dir, struct tl_err *err);

#endif
