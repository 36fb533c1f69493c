/* control_catalogue.c - the body of an activation: {"files":[{"name","text"}],"hash"?,"reason"?}. What the files say must be a catalogue without a mistake, and
 * that of the hash, when one is given: then it is what its sender has read. */
#include "control_catalogue.h"

#include <stdio.h>

#include "tl_catalogue_files.h"

int
control_catalogue_check(const struct tl_jv *root, struct tl_err *err)
{
    struct tl_catalogue_files *f = tl_alloc(sizeof *f);
    struct tl_catalogue *c = NULL;
    struct tl_str hash = tl_jv_text(root, "hash");
    int rc = f != NULL ? tl_catalogue_files_of(root, f, err) : tl_fail(err, TL_ENOMEM, "out of memory reading a catalogue");

    if (rc == 0)
        rc = tl_catalogue_parse(f, &c, err);
    if (rc == TL_ECONFIG && err != NULL)
        err->code = rc = TL_EINVAL;             /* the sender's mistake, not this program's setting */
    if (rc == 0 && hash.n > 0 && !tl_str_is(hash, c->hash))
        rc = tl_fail(err, TL_EINVAL, "these files say %s, not what \"hash\" says: they were read by another version of the program, or changed on the way", c->hash);
    tl_catalogue_free(&c);
    tl_free(f);
    return rc;
}

int
control_catalogue_hash(struct tl_str body, char hash[33], struct tl_err *err)
{
    struct tl_catalogue *c = NULL;
    int rc = tl_catalogue_of_body(body, &c, err);

    snprintf(hash, 33, "%s", rc == 0 ? c->hash : "");
    tl_catalogue_free(&c);
    return rc;
}
