/* fold_status.c - see answer_status.h. "verified" is a word that people enter; whether the rate fell is counted, and stands beside it. */
#include "answer_status.h"

#include "tl_json.h"
#include "tl_note.h"
#include "tl_time.h"

#define NOTE_DEPTH 8

struct joining { struct look *k; struct breaks_answer *a; struct tl_zone *zone; };

static struct tl_str
copy(struct look *k, struct tl_str s)
{
    char *p = s.n ? tl_arena_dup(k->arena, s.p, s.n) : NULL;
    return (struct tl_str){ p, p ? s.n : 0 };
}

static struct break_status *
status_of(struct joining *j, const struct tl_note *n)
{
    struct tl_jv *body = NULL;
    struct break_status *s = tl_arena_alloc(j->k->arena, sizeof *s);
    if (!s || tl_json_tree(j->k->arena, copy(j->k, n->body), NOTE_DEPTH, &body, NULL, NULL)) return NULL;
    *s = (struct break_status){ .status = tl_jv_text(body, "status"), .owner = tl_jv_text(body, "owner"), .note = tl_jv_text(body, "note"), .actor = copy(j->k, n->actor),
                                .since_ms = n->first_ms, .changed_ms = n->last_ms, .fixed_on = INT32_MIN };
    if (!tl_str_is(s->status, "fixed") && !tl_str_is(s->status, "verified")) return s;
    if (tl_day_parse(tl_jv_text(body, "fixed_on"), &s->fixed_on)) s->fixed_on = tl_zone_day(j->zone, tl_str_is(s->status, "fixed") ? n->last_ms : n->first_ms);
    return s;
}

static int
join(void *arg, const struct tl_note *n)
{
    struct joining *j = arg;
    struct break_status *s = NULL;
    for (uint32_t i = 0; i < j->a->item_n; i++) {
        struct break_answer *b = &j->a->item[i];
        if (!tl_str_eq(b->called, n->id)) continue;
        if (!s && !(s = status_of(j, n))) return 0;
        b->work = s;
        if (s->owner.n) b->owner = s->owner;
    }
    return 0;
}

/* measure - the cell before and after the day it was fixed, there alone */
static int
measure(struct look *k, const struct break_answer *b, struct break_status *s, struct tl_err *err)
{
    struct improvement m = { .cell = b->called, .start = s->fixed_on, .found_from = INT32_MIN, .found_to = INT32_MIN };
    int rc = s->fixed_on == INT32_MIN || s->measured ? 0 : improvement_measure(k, &m, err);
    if (rc || s->fixed_on == INT32_MIN || s->measured) return rc;
    s->measured = true;
    s->fell = m.now;
    s->trouble = m.trouble;
    return 0;
}

int
fold_status(struct look *k, struct breaks_answer *a, struct tl_err *err)
{
    struct joining j = { .k = k, .a = a };
    struct tl_store_txn *t = NULL;
    if (!k->store || !a->item_n) return 0;
    int rc = tl_zone_open(&j.zone, tl_store_timezone(k->store), err);
    if (rc == 0) rc = tl_store_begin(k->store, &t, err);
    if (rc == 0) rc = tl_store_notes(t, "break", join, &j, err);
    if (t) tl_store_end(&t);
    for (uint32_t i = 0; rc == 0 && i < a->item_n; i++)
        if (a->item[i].work) rc = measure(k, &a->item[i], a->item[i].work, err);
    tl_zone_free(&j.zone);
    return rc;
}
