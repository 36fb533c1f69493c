/* tl_visit.h - one mystery visit as its record says: whose events it is told by, what was planned, and what the shopper stamped, answered and photographed.
 *
 * A visit is a kept control record (tl_note.h, kind `visit`): the body of db note is read here by everybody. Records with "merge" add to what is there
 * (tl_visit_merge), so that whoever enters the next part need not know the others, and sending a part twice changes nothing.
 * {"id","state":"planned|started|finished","from","to","place","scenario","slot","note","hashes":[hex],"orders":[..],
 *  "stamps":[{"what","touchpoint","time"}],"answers":[{"item","value":"yes|no|na","time","note"}],"evidence":[{"name","hash","bytes","type","item"}],
 *  "link":{"hash","expires"},"withdrawn":true}
 * A record without `state` is one of the register: it says whose events were a visit's, and counts as finished. Times are RFC 3339 or Unix ms. */
#ifndef TL_VISIT_H
#define TL_VISIT_H

#include "tl_err.h"
#include "tl_json.h"
#include "tl_mem.h"
#include "tl_note.h"

/* An event belongs to a visit when one of its identities or its order is registered, and its time lies in [from - BEFORE, to + AFTER]. */
#define TL_VISIT_BEFORE_MS (INT64_C(15) * 60000)
#define TL_VISIT_AFTER_MS (INT64_C(72) * 3600000)
#define TL_VISIT_MS_MAX (INT64_C(31) * 86400000)        /* from `from` to `to` */
#define TL_VISIT_IDENTITIES_MAX 20
#define TL_VISIT_ORDERS_MAX 100
#define TL_VISIT_STAMPS_MAX 64
#define TL_VISIT_ANSWERS_MAX 256
#define TL_VISIT_EVIDENCE_MAX 40
#define TL_VISIT_NOTE_MAX 300                           /* bytes of a remark on one answer */

enum tl_visit_state { TL_VISIT_PLANNED, TL_VISIT_STARTED, TL_VISIT_FINISHED, TL_VISIT_WITHDRAWN };
enum tl_visit_value { TL_VISIT_NO, TL_VISIT_YES, TL_VISIT_NA };

struct tl_visit_stamp { struct tl_str what, touchpoint; int64_t ms; };          /* what: id of a stamp of the scenario; touchpoint: or absent */
struct tl_visit_answer { struct tl_str item, note; enum tl_visit_value value; int64_t ms; };     /* item: of the scenario; ms: or TL_TIME_NONE */
struct tl_visit_evidence { struct tl_str name, hash, type, item; uint64_t bytes; };              /* hash: hex BLAKE2b-256 of the file; item: or absent */
struct tl_visit {
    struct tl_str id, place, scenario, slot, note;      /* all but id may be absent */
    enum tl_visit_state state;
    int64_t from_ms, to_ms;                             /* planned or registered, then as it was; TL_TIME_NONE: the record does not say. to >= from */
    uint8_t (*hash)[16]; uint32_t hash_n;               /* of identities, as in db ident */
    struct tl_str *order; uint32_t order_n;
    struct tl_visit_stamp *stamp; uint32_t stamp_n;     /* as entered */
    struct tl_visit_answer *answer; uint32_t answer_n;  /* one an item */
    struct tl_visit_evidence *evidence; uint32_t evidence_n;
    uint32_t left_out;                                  /* parts that came beyond the most a visit may have (above) */
    struct tl_str link_hash;                            /* hex BLAKE2b-256 of the token of the shopper's page; absent: no link was made */
    int64_t link_expires_ms;
};
/* tl_visit_read - a kept body; what it does not know is skipped, and so is a part that cannot be read. out points into the arena. 0, TL_EINVAL (no JSON object
 * with an id), TL_ENOMEM. */
int tl_visit_read(struct tl_arena *a, struct tl_str body, struct tl_visit *out);
/* tl_visit_of_note - the same of a note, withdrawn ones too */
int tl_visit_of_note(struct tl_arena *a, const struct tl_note *n, struct tl_visit *out);
const char *tl_visit_state_word(enum tl_visit_state s);                 /* "planned" */
const char *tl_visit_value_word(enum tl_visit_value v);                 /* "yes" */
/* tl_visit_value_of - "yes", "no" or "na"; false: none of them */
bool tl_visit_value_of(struct tl_str word, enum tl_visit_value *out);
const struct tl_visit_answer *tl_visit_answer(const struct tl_visit *v, struct tl_str item);    /* NULL: not answered */
const struct tl_visit_stamp *tl_visit_stamp(const struct tl_visit *v, struct tl_str what);      /* the first of that name; NULL: none */
/* tl_visit_has - does an event of this time belong to it, if one of its identities or its order does? */
bool tl_visit_has(const struct tl_visit *v, int64_t at_ms);
/* tl_visit_at_once - do both lie at one time (their own, without what is before and after), and share an identity or order? */
bool tl_visit_at_once(const struct tl_visit *a, const struct tl_visit *b);

/* tl_visit_merge - the body of db note after a record with "merge" was entered upon `before` (a kept body, or absent): members take the place of those of that
 * name, but orders and hashes are added, stamps (by what and touchpoint), answers (by item) and evidence (by name) are added or replaced, and the
 * state never goes back. What goes beyond the most a visit may have is told in "left_out" (the most that one record brought). 0, TL_ENOMEM, TL_EINVAL (added is no object). */
int tl_visit_merge(struct tl_arena *a, struct tl_str before, struct tl_str added, struct tl_buf *out);
/* tl_visit_renew - the body after a record without "merge" was entered upon `before`: the new one, with what the shopper stamped, answered and photographed, and the link, where it
 * does not say them itself. Whoever registers a visit anew means its times and identities, not to throw away what came of it. Codes as above. */
int tl_visit_renew(struct tl_arena *a, struct tl_str before, struct tl_str renewed, struct tl_buf *out);

#endif
