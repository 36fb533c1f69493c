/* tl_event_read.c - a native event from the nodes of the strict walk.
 *
 * The walk has seen every byte; here each member of the top object that event.def knows is read by its kind, unknown ones stay in the slice. null and
 * empty text are as if absent. Members are found by a small perfect hash over their first eight bytes, searched for once when a reader is made. */
#include "tl_event_reader.h"
#include "tl_event_rows.h"
#include "tl_time.h"

struct reading {                /* one event */
    struct tl_arena *arena;
    struct tl_str text;         /* what offsets are counted in */
    struct tl_event *ev;
    struct tl_refusal *why;
    const struct tl_event_row *row;
};

static const struct tl_str none = { NULL, 0 };

/* ---- finding the row of a member ---- */

static inline uint64_t
name_key(const char *name, size_t n)
{
    uint64_t key;               /* a name in a text is followed by padding */
    memcpy(&key, name, 8);
    return n < 8 ? key & ((UINT64_C(1) << (8 * n)) - 1) : key;
}

static bool
place_rows(struct tl_event_reader *r)
{
    memset(r->slot, 0, sizeof r->slot);
    for (size_t i = 0; i < TL_EVENT_FIELDS; i++) {
        char name[16] = "";
        size_t n = tl_event_rows[i].name_n < 8 ? tl_event_rows[i].name_n : 8;
        memcpy(name, tl_event_rows[i].name, n);
        size_t at = name_key(name, n) * r->factor >> 56;
        if (r->slot[at])
            return false;
        r->slot[at] = (uint8_t)(i + 1);
        r->key[at] = name_key(name, n);
    }
    return true;
}

static inline const struct tl_event_row *
find_row(const struct tl_event_reader *r, const char *name, size_t n)
{
    uint64_t key = name_key(name, n);
    size_t at = key * r->factor >> 56;
    const struct tl_event_row *row = &tl_event_rows[r->slot[at] - (r->slot[at] > 0)];
    if (r->key[at] != key || row->name_n != n)
        return NULL;
    return n <= 8 || memcmp(row->name + 8, name + 8, n - 8) == 0 ? row : NULL;
}

struct tl_event_reader *
tl_event_reader_new(void)
{
    struct tl_event_reader *r = tl_alloc(sizeof *r);
    if (!r)
        return NULL;
    r->json = tl_json_new(TL_EVENT_BODY_BYTES_MAX);
    if (!r->json) {
        tl_free(r);
        return NULL;
    }
    r->factor = UINT64_C(0x9E3779B97F4A7C15);
    while (!place_rows(r))
        r->factor = (r->factor + 2) * UINT64_C(0xD6E8FEB86659FD93) | 1;
    return r;
}

void
tl_event_reader_free(struct tl_event_reader **rp)
{
    if (*rp) {
        tl_json_free(&(*rp)->json);
        tl_free(*rp);
    }
    *rp = NULL;
}

/* ---- values by kind: 0, TL_EINVAL, TL_ENOMEM ---- */

static int
refuse_part(const struct reading *g, enum tl_reason reason, const struct tl_jnode *v, struct tl_str part)
{
    return tl_event_refuse(g->why, reason, g->row->name, part, g->text, v->type == TL_JTEXT ? v->p - 1 : v->p);
}

static int
refuse(const struct reading *g, enum tl_reason reason, const struct tl_jnode *v)
{
    return refuse_part(g, reason, v, none);
}

static int
get_text(const struct reading *g, const struct tl_jnode *v, struct tl_str *out)
{
    *out = (struct tl_str){ v->p, v->n };
    if (!v->escaped)
        return 0;
    char *p = tl_arena_alloc(g->arena, v->n);
    if (!p)
        return TL_ENOMEM;
    *out = (struct tl_str){ p, tl_json_unescape(p, v->p, v->n) };
    return 0;
}

/* A member's name; one with escapes lies in the parser, and is copied. */
static int
get_name(const struct reading *g, const struct tl_jnode *v, struct tl_str *out)
{
    *out = (struct tl_str){ v->name, v->name_n };
    if (v->name >= g->text.p && v->name < g->text.p + g->text.n)
        return 0;
    out->p = tl_arena_dup(g->arena, v->name, v->name_n);
    return out->p ? 0 : TL_ENOMEM;
}

/* Why a number is not the integer asked for. */
static enum tl_reason
integer_fault(const struct tl_jnode *v)
{
    for (uint32_t i = 0; i < v->n; i++)
        if (v->p[i] == '.' || v->p[i] == 'e' || v->p[i] == 'E')
            return TL_REASON_FIELD_TYPE;
    return TL_REASON_FIELD_RANGE;
}

static int
get_time(const struct reading *g, const struct tl_jnode *v, struct tl_str part, int64_t *ms, int *offset_min)
{
    struct tl_str s;
    *offset_min = 0;
    if (v->type == TL_JNUMBER)
        return tl_json_integer(v->p, v->n, ms) ? 0 : refuse_part(g, integer_fault(v), v, part);
    if (v->type != TL_JTEXT)
        return refuse_part(g, TL_REASON_FIELD_TYPE, v, part);
    int rc = get_text(g, v, &s);
    if (rc == 0 && tl_time_parse(s, ms, offset_min) != 0)
        return refuse_part(g, TL_REASON_FIELD_RANGE, v, part);
    return rc;
}

static int
read_text(const struct reading *g, const struct tl_jnode *v, bool *present)
{
    if (v->type != TL_JTEXT)
        return refuse(g, TL_REASON_FIELD_TYPE, v);
    *present = v->n > 0;
    return *present ? get_text(g, v, tl_event_text_at(g->ev, g->row)) : 0;
}

static int
read_time(const struct reading *g, const struct tl_jnode *v, bool *present)
{
    int offset_min = 0, rc;
    *present = v->type != TL_JTEXT || v->n > 0;
    if (!*present)
        return 0;
    rc = get_time(g, v, none, tl_event_time_at(g->ev, g->row), &offset_min);
    if (rc == 0 && g->row == &tl_event_rows[TL_BIT_time])
        g->ev->time_offset_min = offset_min;
    return rc;
}

static int
read_u64(const struct reading *g, const struct tl_jnode *v)
{
    int64_t i = 0;
    if (v->type != TL_JNUMBER)
        return refuse(g, TL_REASON_FIELD_TYPE, v);
    if (!tl_json_integer(v->p, v->n, &i))
        return refuse(g, integer_fault(v), v);
    *tl_event_u64_at(g->ev, g->row) = (uint64_t)i;     /* a negative one is over the range */
    return 0;
}

static int
read_ids(const struct reading *g, const struct tl_jnode *object, const struct tl_jnode *all, bool *present)
{
    struct tl_event *ev = g->ev;
    for (const struct tl_jnode *v = object + 1; v < all + object->next; v = all + v->next) {
        if (v->type == TL_JNULL)
            continue;
        if (v->type != TL_JTEXT)
            return refuse_part(g, TL_REASON_FIELD_TYPE, v, (struct tl_str){ v->name, v->name_n });
        if (ev->ids_n == TL_EVENT_IDS_MAX)
            return refuse(g, TL_REASON_FIELD_RANGE, v);
        struct tl_id *id = &ev->ids_[ev->ids_n++];
        int rc = get_name(g, v, &id->kind);
        rc = rc ? rc : get_text(g, v, &id->value);
        if (rc != 0)
            return rc;
    }
    *present = ev->ids_n > 0;
    return 0;
}

static int
read_scores(const struct reading *g, const struct tl_jnode *object, const struct tl_jnode *all, bool *present)
{
    struct tl_event *ev = g->ev;
    for (const struct tl_jnode *v = object + 1; v < all + object->next; v = all + v->next) {
        int64_t i;
        if (v->type == TL_JNULL)
            continue;
        if (v->type != TL_JNUMBER)
            return refuse_part(g, TL_REASON_FIELD_TYPE, v, (struct tl_str){ v->name, v->name_n });
        if (ev->scores_n == TL_EVENT_SCORES_MAX)
            return refuse(g, TL_REASON_FIELD_RANGE, v);
        struct tl_score *s = &ev->scores_[ev->scores_n++];
        s->value = v->n < 16 && tl_json_integer(v->p, v->n, &i) ? (double)i : tl_json_number(v->p, v->n);
        int rc = get_name(g, v, &s->kind);
        if (rc != 0)
            return rc;
    }
    *present = ev->scores_n > 0;
    return 0;
}

static bool
is_named(const struct tl_jnode *v, const char *name)
{
    return tl_str_is((struct tl_str){ v->name, v->name_n }, name);
}

static int
read_promise(const struct reading *g, const struct tl_jnode *object, const struct tl_jnode *all, bool *present)
{
    struct tl_promise *p = &g->ev->promise_;
    int rc = 0, offset_min;
    for (const struct tl_jnode *v = object + 1; rc == 0 && v < all + object->next; v = all + v->next) {
        if (v->type == TL_JNULL)
            continue;
        if (is_named(v, "what"))
            rc = v->type == TL_JTEXT ? get_text(g, v, &p->what) : refuse_part(g, TL_REASON_FIELD_TYPE, v, TL_STR("what"));
        else if (is_named(v, "due"))
            rc = get_time(g, v, TL_STR("due"), &p->due_ms, &offset_min);
        else if (is_named(v, "kept") && v->type != TL_JBOOL)
            rc = refuse_part(g, TL_REASON_FIELD_TYPE, v, TL_STR("kept"));
        else if (is_named(v, "kept"))
            p->kept = *v->p == 't';
        else
            continue;
        *present = true;
    }
    return rc;
}

static int
read_amount(const struct reading *g, const struct tl_jnode *v)
{
    if (v->type != TL_JNUMBER)
        return refuse_part(g, TL_REASON_FIELD_TYPE, v, TL_STR("amount_minor"));
    if (!tl_json_integer(v->p, v->n, &g->ev->value_.amount_minor))
        return refuse_part(g, integer_fault(v), v, TL_STR("amount_minor"));
    return 0;
}

static int
read_currency(const struct reading *g, const struct tl_jnode *v)
{
    if (v->type != TL_JTEXT)
        return refuse_part(g, TL_REASON_FIELD_TYPE, v, TL_STR("currency"));
    if (v->n != 3 || v->escaped)
        return refuse_part(g, TL_REASON_FIELD_RANGE, v, TL_STR("currency"));
    memcpy(g->ev->value_.currency, v->p, 3);
    return 0;
}

static int
read_value(const struct reading *g, const struct tl_jnode *object, const struct tl_jnode *all, bool *present)
{
    bool amount = false, currency = false;
    int rc = 0;
    for (const struct tl_jnode *v = object + 1; rc == 0 && v < all + object->next; v = all + v->next) {
        if (is_named(v, "amount_minor")) {
            rc = read_amount(g, v);
            amount = true;
        } else if (is_named(v, "currency")) {
            rc = read_currency(g, v);
            currency = true;
        }
    }
    if (rc != 0)
        return rc;
    *present = true;
    if (!amount || !currency)
        return refuse_part(g, TL_REASON_FIELD_RANGE, object, amount ? TL_STR("currency") : TL_STR("amount_minor"));
    return 0;
}

static int
read_object(const struct reading *g, const struct tl_jnode *v, const struct tl_jnode *all, bool *present)
{
    if (v->type != TL_JOBJECT)
        return refuse(g, TL_REASON_FIELD_TYPE, v);
    *present = false;
    switch (g->row->kind) {
    case TL_EV_IDS: return read_ids(g, v, all, present);
    case TL_EV_SCORES: return read_scores(g, v, all, present);
    case TL_EV_PROMISE: return read_promise(g, v, all, present);
    case TL_EV_VALUE: return read_value(g, v, all, present);
    default:
        *tl_event_text_at(g->ev, g->row) = (struct tl_str){ v->p, v->n };
        *present = true;
        return 0;
    }
}

/* Short of maximum and no list: most members need no further look. */
static inline bool
is_plainly_good(const struct reading *g)
{
    const struct tl_event_row *row = g->row;
    return row->kind == TL_EV_TEXT ? tl_event_text_at(g->ev, row)->n <= row->max_bytes : row->kind == TL_EV_U64 && *tl_event_u64_at(g->ev, row) <= INT64_MAX;
}

static int
read_member(struct reading *g, const struct tl_jnode *v, const struct tl_jnode *all)
{
    uint64_t bit = UINT64_C(1) << (g->row - tl_event_rows);
    bool present = true;
    int rc;
    if (bit & (TL_HAS(received_at) | TL_HAS(origin)))
        return refuse(g, TL_REASON_FIELD_RANGE, v);
    switch (g->row->kind) {
    case TL_EV_TEXT:
    case TL_EV_WORD: rc = read_text(g, v, &present); break;
    case TL_EV_TIME: rc = read_time(g, v, &present); break;
    case TL_EV_U64: rc = read_u64(g, v); break;
    default: rc = read_object(g, v, all, &present); break;
    }
    if (rc != 0 || !present)
        return rc;
    g->ev->has |= bit;
    g->ev->checked |= bit;
    if (is_plainly_good(g))
        return 0;
    rc = tl_event_row_check(g->ev, g->row, g->text, g->why);
    if (rc != 0 && g->why->offset == 0)
        g->why->offset = (size_t)(v->p - g->text.p) - (v->type == TL_JTEXT);
    return rc;
}

/* ---- one event ---- */

/* Whose event was refused, as far as it was read: its member id. */
static void
note_id(const struct tl_json_part *part, struct tl_refusal *why)
{
    const struct tl_jnode *n = part->node;
    why->id[0] = 0;
    if (part->node_n == 0 || n->type != TL_JOBJECT)
        return;
    for (uint32_t i = 1; i < part->node_n && i != 0; i = n[i].next) {
        char text[6 * sizeof why->id];
        if (!is_named(&n[i], "id"))
            continue;
        if (n[i].type == TL_JTEXT && n[i].n <= sizeof text)
            tl_event_refuse_id(why, (struct tl_str){ text, tl_json_unescape(text, n[i].p, n[i].n) });
        return;
    }
}

static int
refuse_part_whole(const struct tl_json_part *part, enum tl_reason reason, struct tl_refusal *why)
{
    tl_event_refuse(why, reason, part->end == TL_JSON_FAULTY ? part->fault.member : "", none, none, NULL);
    why->offset = part->end == TL_JSON_WHOLE ? part->offset : part->fault.offset;
    note_id(part, why);
    return TL_EINVAL;
}

int
tl_event_read_part(const struct tl_event_reader *r, struct tl_arena *a, struct tl_str text, const struct tl_json_part *part, struct tl_event *ev, struct tl_refusal *why)
{
    struct reading g = { a, text, ev, why, NULL };
    const struct tl_jnode *n = part->node;
    int rc = 0;
    if (part->slice.n > TL_EVENT_BYTES_MAX)
        return refuse_part_whole(part, TL_REASON_TOO_LARGE, why);
    if (part->end != TL_JSON_WHOLE)
        return refuse_part_whole(part, part->fault.reason, why);
    if (n->type != TL_JOBJECT)
        return refuse_part_whole(part, TL_REASON_BAD_JSON, why);
    tl_event_init(ev);
    ev->raw = part->slice;
    for (const struct tl_jnode *v = n + 1; rc == 0 && v < n + n->next; v = n + v->next)
        if (v->type != TL_JNULL && (g.row = find_row(r, v->name, v->name_n)) != NULL)
            rc = read_member(&g, v, n);
    if (rc == TL_EINVAL)
        note_id(part, why);
    return rc;
}

int
tl_event_read(struct tl_event_reader *r, struct tl_arena *a, struct tl_str text, struct tl_event *ev, struct tl_refusal *why)
{
    struct tl_json_part part = { .slice = text, .end = TL_JSON_BROKEN };
    int rc = 0;
    if (text.n <= TL_EVENT_BODY_BYTES_MAX && tl_json_load(r->json, text, &part.fault) == 0 && (rc = tl_json_one(r->json, &part)) == TL_EINVAL) {
        part.end = TL_JSON_BROKEN;
        tl_json_explain(text, &part.fault);
    }
    return rc == TL_ENOMEM ? rc : tl_event_read_part(r, a, text, &part, ev, why);
}
