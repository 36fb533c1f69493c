/* tl_note.c - see tl_note.h. A kind that is kept is a row here, and a row of the aggregator's table of control records. */
#include "tl_note.h"

enum { NOTE_VERSION = 1 };

static const struct { const char *kind, *key; } kept[] = {
    { "visit", "id" }, { "improvement", "id" }, { "break", "cell" }, { "alert", "id" }, { "opportunity", "id" },
};

const char *
tl_note_key(struct tl_str kind)
{
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
        if (tl_str_is(kind, kept[i].kind))
            return kept[i].key;
    return NULL;
}

struct tl_str
tl_note_db_key(struct tl_str kind, struct tl_str id, char out[TL_NOTE_KEY_BYTES_MAX])
{
    if (kind.n + 1 + id.n > TL_NOTE_KEY_BYTES_MAX)
        return (struct tl_str){ out, 0 };
    memcpy(out, kind.p, kind.n);
    out[kind.n] = '\0';
    if (id.n > 0)
        memcpy(out + kind.n + 1, id.p, id.n);
    return (struct tl_str){ out, kind.n + 1 + id.n };
}

void
tl_note_put(struct tl_buf *out, const struct tl_note *n)
{
    tl_buf_put_u8(out, NOTE_VERSION);
    tl_buf_put_u8(out, n->withdrawn);
    tl_buf_put_varint(out, n->first_position);
    tl_buf_put_varint(out, n->last_position);
    tl_buf_put_zigzag(out, n->first_ms);
    tl_buf_put_zigzag(out, n->last_ms);
    tl_buf_put_text(out, n->actor);
    tl_buf_put_text(out, n->body);
}

int
tl_note_get(struct tl_str key, struct tl_str value, struct tl_note *n)
{
    struct tl_cur c = tl_cur_of(value.p, value.n);
    const char *nul = key.n > 0 ? memchr(key.p, 0, key.n) : NULL;

    if (nul == NULL)
        return TL_ETRUNC;
    if (tl_cur_u8(&c) != NOTE_VERSION)
        return c.bad ? TL_ETRUNC : TL_EVERSION;
    n->kind = (struct tl_str){ key.p, (size_t)(nul - key.p) };
    n->id = (struct tl_str){ nul + 1, key.n - n->kind.n - 1 };
    n->withdrawn = tl_cur_u8(&c) != 0;
    n->first_position = tl_cur_varint(&c);
    n->last_position = tl_cur_varint(&c);
    n->first_ms = tl_cur_zigzag(&c);
    n->last_ms = tl_cur_zigzag(&c);
    n->actor = tl_cur_text(&c);
    n->body = tl_cur_text(&c);
    return c.bad ? TL_ETRUNC : 0;
}
