/* tl_event.c - the rules of an event that hold for every protocol: lengths, words, ranges, identities, time. Rows come from schemas/event.def. */
#include "tl_event_rows.h"

#include <math.h>

#include "tl_time.h"

#define ROW(name, kind, max, words, doc) { #name, sizeof #name - 1, kind, max, words, offsetof(struct tl_event, name##_), doc },
const struct tl_event_row tl_event_rows[TL_EVENT_FIELDS] = {
#define EV_TEXT(name, max, doc) ROW(name, TL_EV_TEXT, max, NULL, doc)
#define EV_WORD(name, words, doc) ROW(name, TL_EV_WORD, 0, words, doc)
#define EV_TIME(name, doc) ROW(name, TL_EV_TIME, 0, NULL, doc)
#define EV_U64(name, doc) ROW(name, TL_EV_U64, 0, NULL, doc)
#define EV_IDS(name, doc) ROW(name, TL_EV_IDS, 0, NULL, doc)
#define EV_SCORES(name, doc) ROW(name, TL_EV_SCORES, 0, NULL, doc)
#define EV_PROMISE(name, doc) ROW(name, TL_EV_PROMISE, 0, NULL, doc)
#define EV_VALUE(name, doc) ROW(name, TL_EV_VALUE, 0, NULL, doc)
#define EV_JSON(name, max, doc) ROW(name, TL_EV_JSON, max, NULL, doc)
#include "event.def"
#undef EV_TEXT
#undef EV_WORD
#undef EV_TIME
#undef EV_U64
#undef EV_IDS
#undef EV_SCORES
#undef EV_PROMISE
#undef EV_VALUE
#undef EV_JSON
};

void
tl_event_init(struct tl_event *ev)
{
    const struct tl_str none = { NULL, 0 };
    ev->has = ev->checked = 0;                /* lists are empty by their count; clearing them whole would cost more than the rest */
#define EV_TEXT(name, ...) ev->name##_ = none;
#define EV_WORD(name, ...) ev->name##_ = none;
#define EV_TIME(name, ...) ev->name##_ = TL_TIME_NONE;
#define EV_U64(name, ...) ev->name##_ = 0;
#define EV_IDS(name, ...) ev->name##_n = 0;
#define EV_SCORES(name, ...) ev->name##_n = 0;
#define EV_PROMISE(name, ...) ev->name##_ = (struct tl_promise){ none, TL_TIME_NONE, -1 };
#define EV_VALUE(name, ...) ev->name##_ = (struct tl_value){ 0, "" };
#define EV_JSON(name, ...) ev->name##_ = none;
#include "event.def"
#undef EV_TEXT
#undef EV_WORD
#undef EV_TIME
#undef EV_U64
#undef EV_IDS
#undef EV_SCORES
#undef EV_PROMISE
#undef EV_VALUE
#undef EV_JSON
    ev->time_offset_min = 0;
    ev->raw = none;
}

/* ---- refusals ---- */

static void
copy_cut(char *out, size_t cap, size_t at, struct tl_str s)
{
    size_t n = s.n < cap - 1 - at ? s.n : cap - 1 - at;
    while (n && n < s.n && ((unsigned char)s.p[n] & 0xC0) == 0x80)      /* cut between characters */
        n--;
    memcpy(out + at, s.p, n);
    out[at + n] = 0;
}

int
tl_event_refuse(struct tl_refusal *why, enum tl_reason reason, const char *row, struct tl_str part, struct tl_str text, const char *at)
{
    why->reason = reason;
    why->offset = text.p && at >= text.p && at < text.p + text.n ? (size_t)(at - text.p) : 0;
    copy_cut(why->field, sizeof why->field, 0, tl_str_of(row));
    if (part.p) {
        size_t n = strlen(why->field);
        why->field[n] = '.';
        copy_cut(why->field, sizeof why->field, n + 1, part);
    }
    return TL_EINVAL;
}

void
tl_event_refuse_id(struct tl_refusal *why, struct tl_str id)
{
    why->id[0] = 0;
    if (id.p)
        copy_cut(why->id, sizeof why->id, 0, id);
}

/* ---- ranges ---- */

static bool
is_word_of(const char *words, struct tl_str s)
{
    for (const char *w = words; *w; w += *w == ' ') {
        size_t i = 0;
        while (i < s.n && w[i] == s.p[i] && w[i] != ' ')
            i++;
        w += i;
        if (i == s.n && (*w == ' ' || !*w))
            return i > 0;
        while (*w && *w != ' ')
            w++;
    }
    return false;
}

bool
tl_event_score_range(struct tl_str kind, double *low, double *high)
{
    static const struct { const char *kind; double low, high; } scale[] = {
        { "nps", 0, 10 }, { "csat5", 1, 5 }, { "csat7", 1, 7 }, { "ces7", 1, 7 }, { "emotion", -2, 2 },
    };
    for (size_t i = 0; i < sizeof scale / sizeof *scale; i++)
        if (tl_str_is(kind, scale[i].kind)) {
            *low = scale[i].low;
            *high = scale[i].high;
            return true;
        }
    *low = 1;
    *high = 7;
    return kind.n > 8 && memcmp(kind.p, "servqual.", 9) == 0;
}

static int
check_ids(const struct tl_event *ev, const char *row, struct tl_str text, struct tl_refusal *why)
{
    if (ev->ids_n > TL_EVENT_IDS_MAX)
        return tl_event_refuse(why, TL_REASON_FIELD_RANGE, row, (struct tl_str){ NULL, 0 }, text, NULL);
    for (uint32_t i = 0; i < ev->ids_n; i++) {
        const struct tl_id *id = &ev->ids_[i];
        if (id->kind.n == 0 || id->kind.n > TL_EVENT_ID_KIND_BYTES_MAX || id->value.n > TL_EVENT_ID_BYTES_MAX)
            return tl_event_refuse(why, TL_REASON_FIELD_RANGE, row, id->kind, text, id->value.p);
    }
    return 0;
}

static int
check_scores(const struct tl_event *ev, const char *row, struct tl_str text, struct tl_refusal *why)
{
    double low, high;
    if (ev->scores_n > TL_EVENT_SCORES_MAX)
        return tl_event_refuse(why, TL_REASON_FIELD_RANGE, row, (struct tl_str){ NULL, 0 }, text, NULL);
    for (uint32_t i = 0; i < ev->scores_n; i++) {
        const struct tl_score *s = &ev->scores_[i];
        bool scaled = tl_event_score_range(s->kind, &low, &high);
        if (!isfinite(s->value) || s->kind.n == 0 || s->kind.n > TL_EVENT_ID_KIND_BYTES_MAX || (scaled && (s->value < low || s->value > high)))
            return tl_event_refuse(why, TL_REASON_FIELD_RANGE, row, s->kind, text, s->kind.p);
    }
    return 0;
}

static bool
time_is_good(int64_t ms)
{
    return ms >= TL_EVENT_TIME_MIN_MS && ms <= TL_EVENT_TIME_MAX_MS;
}

static int
check_promise(const struct tl_event *ev, const char *row, struct tl_str text, struct tl_refusal *why)
{
    const struct tl_promise *p = &ev->promise_;
    if (p->what.n > TL_EVENT_PROMISE_BYTES_MAX)
        return tl_event_refuse(why, TL_REASON_FIELD_RANGE, row, TL_STR("what"), text, p->what.p);
    if (p->due_ms != TL_TIME_NONE && !time_is_good(p->due_ms))
        return tl_event_refuse(why, TL_REASON_FIELD_RANGE, row, TL_STR("due"), text, NULL);
    return 0;
}

static int
check_value(const struct tl_event *ev, const char *row, struct tl_str text, struct tl_refusal *why)
{
    const char *c = ev->value_.currency;
    for (int i = 0; i < 3; i++)
        if (c[i] < 'A' || c[i] > 'Z')
            return tl_event_refuse(why, TL_REASON_FIELD_RANGE, row, TL_STR("currency"), text, NULL);
    return 0;
}

int
tl_event_row_check(const struct tl_event *ev, const struct tl_event_row *row, struct tl_str text, struct tl_refusal *why)
{
    const struct tl_str *s = tl_event_text_at(ev, row), none = { NULL, 0 };
    switch (row->kind) {
    case TL_EV_TEXT:
    case TL_EV_JSON:
        return s->n <= row->max_bytes ? 0 : tl_event_refuse(why, TL_REASON_FIELD_RANGE, row->name, none, text, s->p);
    case TL_EV_WORD:
        return is_word_of(row->words, *s) ? 0 : tl_event_refuse(why, TL_REASON_FIELD_RANGE, row->name, none, text, s->p);
    case TL_EV_TIME:
        return time_is_good(*tl_event_time_at(ev, row)) ? 0 : tl_event_refuse(why, TL_REASON_FIELD_RANGE, row->name, none, text, NULL);
    case TL_EV_U64:
        return *tl_event_u64_at(ev, row) <= INT64_MAX ? 0 : tl_event_refuse(why, TL_REASON_FIELD_RANGE, row->name, none, text, NULL);
    case TL_EV_IDS: return check_ids(ev, row->name, text, why);
    case TL_EV_SCORES: return check_scores(ev, row->name, text, why);
    case TL_EV_PROMISE: return check_promise(ev, row->name, text, why);
    case TL_EV_VALUE: return check_value(ev, row->name, text, why);
    }
    return 0;
}

static int
check_fields(const struct tl_event *ev, struct tl_str text, struct tl_refusal *why)
{
    for (uint64_t has = ev->has & ~ev->checked; has; has &= has - 1) {
        int rc = tl_event_row_check(ev, &tl_event_rows[__builtin_ctzll(has)], text, why);
        if (rc != 0)
            return rc;
    }
    return 0;
}

/* ---- identities ---- */

static bool
equal_fold(struct tl_str s, const char *lower)
{
    size_t i = 0;
    for (; i < s.n && lower[i]; i++) {
        char c = s.p[i];
        if ((c >= 'A' && c <= 'Z' ? c | 0x20 : c) != lower[i])
            return false;
    }
    return i == s.n && !lower[i];
}

bool
tl_event_junk_id(struct tl_str value)
{
    /* what programs and forms send when they know nobody; 9774... is one factory's Android id, on millions of phones */
    static const char *const junk[] = { "null", "undefined", "anonymous", "[object object]", "none", "nil", "nan", "n/a", "(null)", "unknown", "true", "false", "\xE6\x97\xA0", "\xE6\x9C\xAA\xE7\x9F\xA5",
                                        "\xE5\x8C\xBF\xE5\x90\x8D", "9774d56d682e549c", "ffffffff-ffff-ffff-ffff-ffffffffffff" };
    const uint64_t lengths = 1u << 3 | 1u << 4 | 1u << 5 | 1u << 6 | 1u << 7 | 1u << 9 | 1u << 15 | 1u << 16 | UINT64_C(1) << 36;
    size_t zeros = 0;
    while (zeros < value.n && (value.p[zeros] == '0' || value.p[zeros] == '-' || value.p[zeros] == ' '))
        zeros++;
    if (zeros == value.n)       /* nothing, blanks, "0", the uuid of zeros */
        return true;
    if (value.n > 36 || (lengths >> value.n & 1) == 0)      /* the lengths of those words */
        return false;
    for (size_t i = 0; i < sizeof junk / sizeof *junk; i++)
        if (equal_fold(value, junk[i]))
            return true;
    return false;
}

static void
drop_junk_ids(struct tl_event *ev)
{
    uint32_t kept_n = 0;
    if (!(ev->has & TL_HAS(ids)))
        return;
    for (uint32_t i = 0; i < ev->ids_n; i++)
        if (!tl_event_junk_id(ev->ids_[i].value))
            ev->ids_[kept_n++] = ev->ids_[i];
    ev->ids_n = kept_n;
    if (kept_n == 0)
        ev->has &= ~TL_HAS(ids);
}

bool
tl_event_is_heartbeat(const struct tl_event *ev)
{
    return (ev->has & TL_HAS(type)) && tl_str_is(ev->type_, "heartbeat") && !(ev->has & TL_HAS(ids));
}

int
tl_event_check(struct tl_event *ev, int64_t received_at_ms, struct tl_refusal *why)
{
    const struct tl_str none = { NULL, 0 };
    int rc = check_fields(ev, ev->raw, why);
    if (rc == 0 && !((ev->has & TL_HAS(type)) && ev->type_.n) && !((ev->has & TL_HAS(touchpoint)) && ev->touchpoint_.n))
        rc = tl_event_refuse(why, TL_REASON_TYPE_MISSING, "type", none, none, NULL);
    if (rc == 0 && !tl_event_is_heartbeat(ev)) {
        drop_junk_ids(ev);
        if (!(ev->has & TL_HAS(ids)))
            rc = tl_event_refuse(why, TL_REASON_IDENTITY_MISSING, "ids", none, none, NULL);
    }
    if (rc == 0 && (ev->has & TL_HAS(time)) && ev->time_ > received_at_ms + TL_EVENT_AHEAD_MS)
        rc = tl_event_refuse(why, TL_REASON_TIME_RANGE, "time", none, none, NULL);
    if (rc != 0)
        tl_event_refuse_id(why, ev->has & TL_HAS(id) ? ev->id_ : none);
    return rc;
}
