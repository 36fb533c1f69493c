/* weave_notes.c - control records that are kept become rows of db note. Those of visits lose their raw identities on the way: the log alone has those. */
#include "tl_json.h"
#include "tl_visit.h"
#include "weave_visits.h"
#include "weave_work.h"

#define VISIT_ARENA_BYTES (4u << 20)

/* The body as it came, but with the hashes of its identities in their place. */
static int
hash_identities(struct weave *w, const struct tl_jv *root, struct tl_buf *out)
{
    struct tl_jw j = tl_jw_to(out);
    uint8_t hash[16];
    char hex[33];

    tl_jw_open(&j, NULL);
    for (const struct tl_jv *v = root->child; v != NULL; v = v->next) {
        bool hashed = tl_str_is(v->name, "identities");
        tl_jw_name(&j, hashed ? TL_STR("hashes") : v->name);
        if (!hashed) {
            tl_jw_raw(&j, NULL, v->raw);
            continue;
        }
        tl_jw_array(&j, NULL);
        for (const struct tl_jv *i = v->child; i != NULL; i = i->next)
            if (weave_hash(w, i, hash) == 0) {
                tl_hex(hash, sizeof hash, hex);
                tl_jw_cstr(&j, NULL, hex);
            }
        tl_jw_end(&j);
    }
    tl_jw_close(&j);
    return out->failed ? TL_ENOMEM : 0;
}

/* What a visit's record says as it is kept: hashed, and added to the one before when it is a part, or else with what a shopper told before. */
static int
kept_visit(struct weave *w, struct tl_arena *a, struct tl_note *n, const struct tl_jv *root, struct tl_buf *body, struct tl_err *err)
{
    struct tl_note before = {0};
    struct tl_buf said = {0};
    bool merge = tl_jv_bool(root, "merge", false);
    int rc = hash_identities(w, root, &said);
    struct tl_str part = { (char *)said.data, said.len };

    if (rc == 0)
        rc = tl_store_w_note(w->store, n->kind, n->id, a, &before, err);
    if (rc == 0)
        rc = merge ? tl_visit_merge(a, before.body, part, body) : n->withdrawn ? TL_EINVAL : tl_visit_renew(a, before.body, part, body);
    if (rc == TL_EINVAL) {              /* nothing to add to: it stands as it came */
        tl_buf_reset(body);
        tl_buf_put(body, said.data, said.len);
        rc = body->failed ? TL_ENOMEM : 0;
    }
    if (rc == 0 && merge && tl_jv_get(root, "withdrawn") == NULL)
        n->withdrawn = before.withdrawn;
    tl_buf_free(&said);
    n->body = (struct tl_str){ (const char *)body->data, body->len };
    return rc;
}

int
weave_note(struct weave *w, const struct tl_logged *rec, const struct tl_jv *root, struct tl_err *err)
{
    struct tl_buf body = {0};
    struct tl_note n = { .kind = rec->kind, .id = tl_jv_text(root, tl_note_key(rec->kind)), .last_position = rec->position, .last_ms = rec->time_ms,
                         .withdrawn = tl_jv_bool(root, "withdrawn", false), .actor = rec->actor, .body = rec->body };
    int rc = 0;

    if (n.id.n == 0 || n.id.n > TL_NOTE_ID_MAX)
        return 0;
    struct tl_arena *a = tl_str_is(rec->kind, "visit") ? tl_arena_new(VISIT_ARENA_BYTES) : NULL;
    if (tl_str_is(rec->kind, "visit"))
        rc = a != NULL ? kept_visit(w, a, &n, root, &body, err) : TL_ENOMEM;
    if (rc == TL_ENOMEM)
        tl_fail(err, rc, "out of memory");
    if (rc == 0)
        rc = tl_store_w_note_put(w->store, &n, err);
    if (rc == 0 && tl_str_is(rec->kind, "visit"))
        rc = weave_visits_change(w, rec->position, n.body, err);
    tl_buf_free(&body);
    tl_arena_free(&a);
    return rc;
}

int
weave_undo(struct weave *w, const struct tl_logged *rec, struct tl_str origin, struct tl_err *err)
{
    struct tl_note n = { .kind = rec->kind, .id = origin, .last_position = rec->position, .last_ms = rec->time_ms, .actor = rec->actor, .body = rec->body };

    return tl_store_w_note_put(w->store, &n, err);
}
