/* lookup.c - see lookup.h. */
#include "lookup.h"

#include "tl_identity.h"
#include "tl_json.h"

int
lookup_read(struct tl_str body, struct tl_arena *a, struct ask *q, struct tl_err *err)
{
    struct tl_jv *root = NULL;
    int rc = tl_json_tree(a, body, 0, &root, NULL, err);
    if (rc) return rc;
    for (const struct tl_jv *v = root->type == TL_JOBJECT ? root->child : NULL; v; v = v->next)
        if (!tl_str_is(v->name, "kind") && !tl_str_is(v->name, "value")) return tl_fail(err, TL_EINVAL, "%.*s is not known here; allowed: kind, value", (int)(v->name.n < 40 ? v->name.n : 40), v->name.p);
    const struct tl_jv *kind = tl_jv_get(root, "kind");
    q->id_kind = tl_jv_text(root, "kind");
    q->id_value = tl_jv_text(root, "value");
    if (kind && (kind->type != TL_JTEXT || kind->text.n == 0 || kind->text.n > 40)) return tl_fail(err, TL_EINVAL, "kind must be text of 1 to 40 bytes, like member");
    if (q->id_value.n == 0 || q->id_value.n > TL_IDENTITY_BYTES_MAX) return tl_fail(err, TL_EINVAL, "value must be text of 1 to %d bytes: the identity", TL_IDENTITY_BYTES_MAX);
    return 0;
}
