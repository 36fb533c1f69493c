/* door_who.c - see door_who.h. */
#include "door_who.h"

#include "tl_hash.h"
#include "tl_json.h"

bool
door_who(struct tl_str kind)
{
    return tl_str_is(kind, "link") || tl_str_is(kind, "unlink") || tl_str_is(kind, "note");
}

static int
put_one(struct tl_jw *w, struct tl_str hex, door_names names, void *arg, struct tl_err *err)
{
    struct tl_buf hold = { NULL, 0, 0, false };
    struct tl_str kind = { NULL, 0 }, value = { NULL, 0 };
    uint8_t hash[16];
    if (hex.n != 32 || tl_unhex(hex.p, 16, hash)) return tl_fail(err, TL_EINVAL, "hash must be the 32 hex characters of an identity");
    int rc = names(arg, hash, &hold, &kind, &value, err);
    if (rc == 0) {
        tl_jw_open(w, NULL);
        tl_jw_str(w, "kind", kind);
        tl_jw_str(w, "value", value);
        tl_jw_close(w);
    }
    tl_buf_free(&hold);
    return rc;
}

static int
put_members(struct tl_jw *w, const struct tl_jv *root, door_names names, void *arg, struct tl_err *err)
{
    int rc = 0;
    for (const struct tl_jv *v = root->child; rc == 0 && v; v = v->next) {
        bool who = tl_str_is(v->name, "a") || tl_str_is(v->name, "b") || tl_str_is(v->name, "id");
        struct tl_str hex = who ? tl_jv_text(v, "hash") : (struct tl_str){ NULL, 0 };
        tl_jw_name(w, v->name);
        if (hex.p) rc = put_one(w, hex, names, arg, err);
        else tl_jw_raw(w, NULL, v->raw);
    }
    return rc;
}

int
door_who_put(struct tl_str body, door_names names, void *arg, struct tl_buf *out, struct tl_err *err)
{
    struct tl_arena *a = tl_arena_new(1u << 18);
    struct tl_jv *root = NULL;
    int rc = a ? tl_json_tree(a, body, 0, &root, NULL, err) : tl_fail(err, TL_ENOMEM, "out of memory");
    if (rc == 0 && root->type != TL_JOBJECT) rc = tl_fail(err, TL_EINVAL, "the body must be a JSON object");
    if (rc == 0) {
        struct tl_jw w = tl_jw_to(out);
        tl_jw_open(&w, NULL);
        rc = put_members(&w, root, names, arg, err);
        if (rc == 0) tl_jw_close(&w);
        if (rc == 0 && out->failed) rc = tl_fail(err, TL_ENOMEM, "out of memory");
    }
    tl_arena_free(&a);
    return rc;
}
