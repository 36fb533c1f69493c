/* tl_note.h - control records that are kept: of each kind and id the latest one, as journeys/ has it (db note, schemas/store.md).
 *
 * What a person enters and may change or withdraw later: a visit, an improvement, the status of a break. The record with the latest position wins. */
#ifndef TL_NOTE_H
#define TL_NOTE_H

#include "tl_err.h"
#include "tl_mem.h"

#define TL_NOTE_ID_MAX 300              /* bytes */

struct tl_note {
    struct tl_str kind, id;             /* the key */
    uint64_t first_position, last_position;     /* log positions of the first and the latest record */
    int64_t first_ms, last_ms;          /* Unix ms, the aggregator's clock */
    bool withdrawn;
    struct tl_str actor;                /* who entered the latest */
    struct tl_str body;                 /* the latest, one JSON object; of a visit without its identities, which stand hashed under "hashes" */
};
/* tl_note_key - the member of the body that names the record ("id"); NULL: records of this kind are not kept */
const char *tl_note_key(struct tl_str kind);

/* ---- bytes ---- */
#define TL_NOTE_KEY_BYTES_MAX (TL_NOTE_ID_MAX + 40)
/* tl_note_db_key - kind NUL id into out; {out, 0} when they are too long */
struct tl_str tl_note_db_key(struct tl_str kind, struct tl_str id, char out[TL_NOTE_KEY_BYTES_MAX]);
void tl_note_put(struct tl_buf *out, const struct tl_note *n);
/* tl_note_get - views into key and value. 0, TL_ETRUNC, TL_EVERSION. */
int tl_note_get(struct tl_str key, struct tl_str value, struct tl_note *n);

#endif
