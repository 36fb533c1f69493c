/* weave.h - one store being made from the log: events and control records in, profiles, event blocks and journey rows out.
 *
 * Fed in log order (identify, keep), then flushed: what was fed is grouped by customer, joined with what is stored, put in order, stitched and written.
 * A live store is flushed once a round; a rebuild takes the same steps apart (rebuild.c). */
#ifndef WEAVE_H
#define WEAVE_H

#include "gather.h"
#include "identify.h"
#include "keep.h"
#include "stitch.h"
#include "tl_eventlog.h"
#include "tl_hash.h"

/* What a store is made with; all borrowed. */
struct weave_rules {
    const struct tl_catalogue *catalogue;
    const struct tl_zone *zone;
    const struct tl_region *region;  /* of phone numbers without country code */
    const uint8_t *key;              /* TL_KEY_BYTES: of identities */
    struct tl_eventlog *log;         /* asked which of two payloads stays */
};
struct weave_counts { uint64_t events, duplicates, refused, suppressed, controls, heartbeats; };

struct weave_visits;
struct weave_fresh { struct tl_kept kept; uint32_t id; };      /* id: its home identity */
struct weave {
    struct weave_rules rules;
    struct tl_store_w *store;
    struct keep *keep;
    struct stitch *stitch;
    struct identify *who;
    struct tl_arena *arena;          /* profiles loaded in this round */
    struct weave_fresh *fresh; uint32_t fresh_n, fresh_cap;
    struct weave_counts counts;
    struct weave_visits *visits;     /* the register of mystery visits */
    char *hold;                      /* identities of one event */
    struct weave_work *work;         /* scratch of weave_flush and weave_customer */
    /* set by a rebuild: rows go here instead of into the store */
    int (*row_out)(void *arg, const uint8_t key[TL_JOURNEY_KEY_BYTES], struct tl_str row, uint64_t hash, struct tl_err *err);
    void *row_arg;
};

/* weave_new - live: stored customers are read back; else everything comes from what is fed. TL_ENOMEM, TL_ECORRUPT (what is kept of ties and visits), TL_EIO. */
int weave_new(struct weave **out, const struct weave_rules *rules, struct tl_store_w *store, bool live, struct tl_err *err);
void weave_free(struct weave **wp);
/* weave_reset - forget what was fed since; again: after an abort, ties are read again from the store */
int weave_reset(struct weave *w, bool again, struct tl_err *err);

/* weave_tally - what was counted since the last reset goes into the head of the store; once, before its commit */
void weave_tally(struct weave *w);
/* weave_identify - the first half of taking an event: kept, and its home identity. 0; 1 when it has no usable identity; negative. */
int weave_identify(struct weave *w, const struct tl_event *ev, uint64_t position, int64_t logged_ms, struct tl_kept *e, uint32_t *home, struct tl_err *err);
int weave_event(struct weave *w, const struct tl_event *ev, uint64_t position, int64_t logged_ms, struct tl_err *err);
/* weave_control - link and unlink, what is kept (tl_note.h), what an activated catalogue means to the store; other kinds change nothing here */
int weave_control(struct weave *w, const struct tl_logged *rec, struct tl_err *err);
/* weave_mark - a heartbeat: raises the watermark of its origin (and place) */
int weave_mark(struct weave *w, const struct tl_event *ev, int64_t logged_ms, struct tl_err *err);
/* weave_undo - what an `undo` said is remembered: arrivals are read again when the visit register changes */
int weave_undo(struct weave *w, const struct tl_logged *rec, struct tl_str origin, struct tl_err *err);
int weave_flush(struct weave *w, struct tl_err *err);
/* weave_identities - lists a customer's identities and gives them their places; before weave_customer */
int weave_identities(struct weave *w, uint32_t person, struct tl_err *err);
/* weave_customer - join, order, stitch and write one customer. e[0..n): what is fed, in log order, home = place in the identity list. stored: the profile
 * that is stored and whose events are to be read back, or NULL. old_blocks: event blocks stored under the number when stored is NULL. */
int weave_customer(struct weave *w, uint32_t person, const struct tl_kept *const *e, uint32_t n, const struct tl_profile *stored, uint32_t old_blocks, bool lossy,
                   struct tl_err *err);
/* weave_idents - write the index of identities that are new or have moved, by hash */
int weave_idents(struct weave *w, struct tl_err *err);

#endif
