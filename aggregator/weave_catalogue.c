/* weave_catalogue.c - a store passes the record of an activation. The one it was made with (or another that says the same) is noted as such; any other one
 * is noted as due: the store goes on by its own rules until one that is made by the new ones takes its place (rebuild.c). */
#include "tl_logfmt.h"
#include "version.h"
#include "weave_work.h"

int
weave_catalogue(struct weave *w, const struct tl_logged *rec, struct tl_err *err)
{
    struct tl_store_head *head = tl_store_w_head(w->store);
    struct version v;
    struct tl_err why = {0};
    int rc = 0;

    if (rec->position <= head->catalogue_at)        /* a rebuild begins at the log's begin, with the version that holds */
        return 0;
    rc = version_of_record(&v, rec, &why);
    if (rc == TL_ENOMEM)
        return tl_fail(err, rc, "%s", why.text);
    if (rc != 0) {      /* the door has read it: another program did, by other rules */
        tl_log(TL_WARN, "catalogue_passed_over", "position=%llu text=\"%s\"", (unsigned long long)rec->position, why.text);
        return 0;
    }
    if (strcmp(v.catalogue->hash, head->catalogue) == 0) {
        struct tl_store_catalogue kept = version_kept(&v);
        rc = tl_store_w_catalogue_put(w->store, &kept, err);
    } else
        head->catalogue_due = rec->position;
    version_free(&v);
    return rc;
}
