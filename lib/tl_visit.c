/* tl_visit.c - see tl_visit.h. */
#include "tl_visit.h"

#include "tl_hash.h"
#include "tl_time.h"

#define TIME_MAX_MS (INT64_MAX / 4)        /* either way; what is added to it stays a number */

static const char *const states[] = { "planned", "started", "finished", "withdrawn" };
static const char *const values[] = { "no", "yes", "na" };

static int
word_of(struct tl_str s, const char *const *words, int n)
{
    for (int i = 0; i < n; i++)
        if (tl_str_is(s, words[i]))
            return i;
    return -1;
}

const char *
tl_visit_state_word(enum tl_visit_state s)
{
    return states[s];
}

const char *
tl_visit_value_word(enum tl_visit_value v)
{
    return values[v];
}

bool
tl_visit_value_of(struct tl_str word, enum tl_visit_value *out)
{
    int i = word_of(word, values, 3);
    if (i >= 0)
        *out = (enum tl_visit_value)i;
    return i >= 0;
}

/* ---- parts ---- */

static int64_t
time_of(const struct tl_jv *v)
{
    int64_t ms = TL_TIME_NONE;

    if (v == NULL || (!v->is_int && (v->type != TL_JTEXT || tl_time_parse(v->text, &ms, NULL) != 0)))
        return TL_TIME_NONE;
    ms = v->is_int ? v->integer : ms;
    return ms < -TIME_MAX_MS ? -TIME_MAX_MS : ms > TIME_MAX_MS ? TIME_MAX_MS : ms;
}

/* room - a list of the record with room for at most so many; further ones are left out */
struct room { const struct tl_jv *first; void *rows; uint32_t most; };
static struct room
room_for(struct tl_arena *a, const struct tl_jv *root, const char *name, uint32_t most, size_t bytes)
{
    const struct tl_jv *v = tl_jv_get(root, name);
    bool list = v != NULL && v->type == TL_JARRAY;
    return (struct room){ list ? v->child : NULL, tl_arena_alloc(a, ((list && v->children_n < most ? v->children_n : list ? most : 0) + 1) * bytes), most };
}

static void
read_hashes(struct room room, struct tl_visit *v)
{
    v->hash = room.rows;
    for (const struct tl_jv *h = room.first; h != NULL && v->hash_n < room.most; h = h->next) {
        char hex[33] = "";
        if (h->text.n != 32)
            continue;
        memcpy(hex, h->text.p, 32);
        v->hash_n += tl_unhex(hex, 16, v->hash[v->hash_n]) == 0;
    }
}

static void
read_orders(struct room room, struct tl_visit *v)
{
    v->order = room.rows;
    for (const struct tl_jv *o = room.first; o != NULL && v->order_n < room.most; o = o->next)
        if (o->text.n > 0)
            v->order[v->order_n++] = o->text;
}

static void
read_stamps(struct room room, struct tl_visit *v)
{
    v->stamp = room.rows;
    for (const struct tl_jv *s = room.first; s != NULL && v->stamp_n < room.most; s = s->next) {
        struct tl_visit_stamp t = { .what = tl_jv_text(s, "what"), .touchpoint = tl_jv_text(s, "touchpoint"), .ms = time_of(tl_jv_get(s, "time")) };
        if (t.what.n > 0 && t.ms != TL_TIME_NONE)
            v->stamp[v->stamp_n++] = t;
    }
}

static void
read_answers(struct room room, struct tl_visit *v)
{
    v->answer = room.rows;
    for (const struct tl_jv *s = room.first; s != NULL && v->answer_n < room.most; s = s->next) {
        struct tl_visit_answer t = { .item = tl_jv_text(s, "item"), .note = tl_jv_text(s, "note"), .ms = time_of(tl_jv_get(s, "time")) };
        if (t.item.n > 0 && tl_visit_value_of(tl_jv_text(s, "value"), &t.value))
            v->answer[v->answer_n++] = t;
    }
}

static void
read_evidence(struct room room, struct tl_visit *v)
{
    v->evidence = room.rows;
    for (const struct tl_jv *s = room.first; s != NULL && v->evidence_n < room.most; s = s->next) {
        int64_t bytes = tl_jv_int(s, "bytes", 0);
        struct tl_visit_evidence t = { .name = tl_jv_text(s, "name"), .hash = tl_jv_text(s, "hash"), .type = tl_jv_text(s, "type"), .item = tl_jv_text(s, "item"),
                                       .bytes = bytes > 0 ? (uint64_t)bytes : 0 };
        if (t.name.n > 0)
            v->evidence[v->evidence_n++] = t;
    }
}

/* ---- the record ---- */

static void
read_times(const struct tl_jv *root, struct tl_visit *v)
{
    int state = word_of(tl_jv_text(root, "state"), states, 4);

    v->state = tl_jv_bool(root, "withdrawn", false) ? TL_VISIT_WITHDRAWN : state < 0 ? TL_VISIT_FINISHED : (enum tl_visit_state)state;
    v->from_ms = time_of(tl_jv_get(root, "from"));
    v->to_ms = time_of(tl_jv_get(root, "to"));
    if (v->from_ms == TL_TIME_NONE || v->to_ms == TL_TIME_NONE)
        v->from_ms = v->to_ms = v->from_ms == TL_TIME_NONE ? v->to_ms : v->from_ms;
    if (v->to_ms < v->from_ms)
        v->to_ms = v->from_ms;
    if (v->from_ms != TL_TIME_NONE && v->to_ms - TL_VISIT_MS_MAX > v->from_ms)
        v->to_ms = v->from_ms + TL_VISIT_MS_MAX;
}

int
tl_visit_read(struct tl_arena *a, struct tl_str body, struct tl_visit *out)
{
    struct tl_jv *root = NULL;
    char *copy = tl_arena_dup(a, body.p != NULL ? body.p : "", body.n);
    int rc = copy != NULL ? tl_json_tree(a, (struct tl_str){ copy, body.n }, 0, &root, NULL, NULL) : TL_ENOMEM;

    *out = (struct tl_visit){ .from_ms = TL_TIME_NONE, .to_ms = TL_TIME_NONE };
    if (rc != 0 || (out->id = tl_jv_text(root, "id")).n == 0)
        return rc != 0 ? rc : TL_EINVAL;
    out->place = tl_jv_text(root, "place");
    out->scenario = tl_jv_text(root, "scenario");
    out->slot = tl_jv_text(root, "slot");
    out->note = tl_jv_text(root, "note");
    out->left_out = (uint32_t)tl_jv_int(root, "left_out", 0);
    read_times(root, out);
    const struct tl_jv *link = tl_jv_get(root, "link");
    out->link_hash = tl_jv_text(link, "hash");
    out->link_expires_ms = time_of(tl_jv_get(link, "expires"));
    const struct { const char *name; uint32_t most; size_t bytes; void (*read)(struct room room, struct tl_visit *v); } list[] = {
        { "hashes", TL_VISIT_IDENTITIES_MAX, sizeof *out->hash, read_hashes },     { "orders", TL_VISIT_ORDERS_MAX, sizeof *out->order, read_orders },
        { "stamps", TL_VISIT_STAMPS_MAX, sizeof *out->stamp, read_stamps },        { "answers", TL_VISIT_ANSWERS_MAX, sizeof *out->answer, read_answers },
        { "evidence", TL_VISIT_EVIDENCE_MAX, sizeof *out->evidence, read_evidence },
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        struct room room = room_for(a, root, list[i].name, list[i].most, list[i].bytes);
        if (room.rows == NULL)
            return TL_ENOMEM;
        list[i].read(room, out);
    }
    return 0;
}

int
tl_visit_of_note(struct tl_arena *a, const struct tl_note *n, struct tl_visit *out)
{
    int rc = tl_visit_read(a, n->body, out);

    if (rc == 0 && n->withdrawn)
        out->state = TL_VISIT_WITHDRAWN;
    return rc;
}

/* ---- what is asked of one ---- */

const struct tl_visit_answer *
tl_visit_answer(const struct tl_visit *v, struct tl_str item)
{
    for (uint32_t i = 0; i < v->answer_n; i++)
        if (tl_str_eq(v->answer[i].item, item))
            return &v->answer[i];
    return NULL;
}

const struct tl_visit_stamp *
tl_visit_stamp(const struct tl_visit *v, struct tl_str what)
{
    for (uint32_t i = 0; i < v->stamp_n; i++)
        if (tl_str_eq(v->stamp[i].what, what))
            return &v->stamp[i];
    return NULL;
}

bool
tl_visit_has(const struct tl_visit *v, int64_t at_ms)
{
    return v->from_ms != TL_TIME_NONE && v->state != TL_VISIT_WITHDRAWN && at_ms >= v->from_ms - TL_VISIT_BEFORE_MS && at_ms <= v->to_ms + TL_VISIT_AFTER_MS;
}

static bool
share_shopper(const struct tl_visit *a, const struct tl_visit *b)
{
    for (uint32_t i = 0; i < a->hash_n; i++)
        for (uint32_t k = 0; k < b->hash_n; k++)
            if (memcmp(a->hash[i], b->hash[k], sizeof a->hash[i]) == 0)
                return true;
    for (uint32_t i = 0; i < a->order_n; i++)
        for (uint32_t k = 0; k < b->order_n; k++)
            if (tl_str_eq(a->order[i], b->order[k]))
                return true;
    return false;
}

bool
tl_visit_at_once(const struct tl_visit *a, const struct tl_visit *b)
{
    if (a->from_ms == TL_TIME_NONE || b->from_ms == TL_TIME_NONE || a->state == TL_VISIT_WITHDRAWN || b->state == TL_VISIT_WITHDRAWN)
        return false;
    return a->from_ms <= b->to_ms && b->from_ms <= a->to_ms && share_shopper(a, b);
}
