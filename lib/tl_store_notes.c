/* tl_store_notes.c - kept control records in journeys/: db note. See tl_store.h, tl_store_write.h. */
#include "tl_store_write_in.h"

struct notes_walk {
    int (*each)(void *arg, const struct tl_note *n);
    void *arg;
};

static int
one_note(void *arg, struct tl_str k, struct tl_str v)
{
    struct notes_walk *w = arg;
    struct tl_note n;
    int rc = tl_note_get(k, v, &n);

    return rc != 0 || n.withdrawn ? rc : w->each(w->arg, &n);
}

int
tl_store_notes(struct tl_store_txn *t, const char *kind, int (*each)(void *arg, const struct tl_note *n), void *arg, struct tl_err *err)
{
    struct notes_walk w = { each, arg };
    char key[TL_NOTE_KEY_BYTES_MAX];
    struct tl_str from = tl_note_db_key(tl_str_of(kind), (struct tl_str){ "", 0 }, key);

    return tl_store_walk(t, DB_NOTE, from, from, one_note, &w, err);
}

int
tl_store_note(struct tl_store_txn *t, const char *kind, struct tl_str id, struct tl_note *n, struct tl_err *err)
{
    char key[TL_NOTE_KEY_BYTES_MAX];
    struct tl_str k = tl_note_db_key(tl_str_of(kind), id, key), v;
    int rc = k.n > 0 ? tl_db_get(t->t, DB_NOTE, k, &v, err) : TL_ENOTFOUND;

    if (rc == 0 && (rc = tl_note_get(k, v, n)) != 0)
        return tl_fail(err, rc, "a kept control record cannot be read: run touchline rebuild");
    if (rc != 0)
        return rc;
    n->kind = tl_str_of(kind);      /* what lives as long as the caller's */
    n->id = id;
    return 0;
}

int
tl_store_w_note_put(struct tl_store_w *w, struct tl_note *n, struct tl_err *err)
{
    char key[TL_NOTE_KEY_BYTES_MAX];
    struct tl_str k = tl_note_db_key(n->kind, n->id, key), v;
    struct tl_buf b = {0};
    struct tl_note before;
    int rc = k.n > 0 ? tl_db_get(w->txn.t, DB_NOTE, k, &v, NULL) : TL_ERANGE;

    if (rc != 0 && rc != TL_ENOTFOUND)
        return tl_fail(err, rc, "a kept control record cannot be read: run touchline rebuild");
    n->first_position = n->last_position;
    n->first_ms = n->last_ms;
    if (rc == 0 && tl_note_get(k, v, &before) == 0) {
        n->first_position = before.first_position;
        n->first_ms = before.first_ms;
    }
    tl_note_put(&b, n);
    rc = b.failed ? tl_fail(err, TL_ENOMEM, "out of memory") : tl_db_put(w->txn.t, DB_NOTE, k, (struct tl_str){ (char *)b.data, b.len }, 0, err);
    tl_buf_free(&b);
    if (rc == 0)
        w->head.notes = n->last_position;
    return rc;
}

int
tl_store_w_note(struct tl_store_w *w, struct tl_str kind, struct tl_str id, struct tl_arena *a, struct tl_note *n, struct tl_err *err)
{
    char key[TL_NOTE_KEY_BYTES_MAX];
    struct tl_str k = tl_note_db_key(kind, id, key), v;
    int rc = k.n > 0 ? tl_db_get(w->txn.t, DB_NOTE, k, &v, NULL) : TL_ENOTFOUND;

    *n = (struct tl_note){0};
    if (rc == 0)
        rc = tl_note_get(k, v, n);
    if (rc != 0)
        return rc == TL_ENOTFOUND ? 0 : tl_fail(err, rc, "a kept control record cannot be read: run touchline rebuild");
    const char *actor = tl_arena_dup(a, n->actor.p, n->actor.n), *body = tl_arena_dup(a, n->body.p, n->body.n);
    n->kind = kind;
    n->id = id;
    n->actor.p = actor;
    n->body.p = body;
    return actor != NULL && body != NULL ? 0 : tl_fail(err, TL_ENOMEM, "out of memory");
}

int
tl_store_w_notes(struct tl_store_w *w, const char *kind, int (*each)(void *arg, const struct tl_note *n), void *arg, struct tl_err *err)
{
    struct tl_store_txn t = {0};
    int rc = tl_db_begin(w->db, false, &t.t, err);

    if (rc == 0)
        rc = tl_store_notes(&t, kind, each, arg, err);
    tl_db_abort(&t.t);
    return rc;
}
