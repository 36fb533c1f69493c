/* control_catalogue.h - the body of the control record `catalogue`: a version of the catalogue that shall hold from now on. */
#ifndef CONTROL_CATALOGUE_H
#define CONTROL_CATALOGUE_H

#include "tl_err.h"
#include "tl_json.h"

/* control_catalogue_check - 0; TL_EINVAL (err names file, line and what is allowed), TL_ETOOBIG, TL_ENOMEM */
int control_catalogue_check(const struct tl_jv *root, struct tl_err *err);
/* control_catalogue_hash - of a body that was checked */
int control_catalogue_hash(struct tl_str body, char hash[33], struct tl_err *err);

#endif
