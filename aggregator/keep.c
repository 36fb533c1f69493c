/* keep.c - see keep.h. */
#include "keep.h"

#include <math.h>

#include "tl_hash.h"
#include "tl_time.h"

#define SCORE_MAX 1e6
#define PROPS_ARENA_BYTES (1u << 20)
#define PROMOTED_BYTES_MAX 120
#define ROLES 256u

struct keep {
    const struct tl_catalogue *catalogue;
    struct tl_store_w *words;
    struct tl_arena *arena;             /* props of one event */
    uint32_t promote_key[TL_PROMOTE_MAX];
    bool agents, promises;              /* some standard asks for them */
    struct { uint32_t type, touchpoint; enum tl_role role; } role[ROLES];   /* of what was met lately: a role is of type and touchpoint alone */
};

static void
seed_words(struct keep *k)
{
    static const char *const first[] = { TL_WORD_OTHER, "all", "app", "web", "store", "phone", "chat", "social", "email", "sms", "kiosk", "iot", "mail",
                                         "channel", "tier", "place", "origin", "member", "user", "anonymous", "device" };
    const struct tl_catalogue *c = k->catalogue;

    for (size_t i = 0; i < sizeof first / sizeof *first; i++)
        tl_store_w_word(k->words, tl_str_of(first[i]));
    for (uint32_t i = 0; i < c->type_n; i++)
        tl_store_w_word(k->words, c->type[i].id);
    for (uint32_t i = 0; i < c->promote_n; i++)
        k->promote_key[i] = tl_store_w_word(k->words, c->promote[i]);
    for (uint32_t i = 0; i < c->touchpoint_n; i++)
        tl_store_w_word(k->words, c->touchpoint[i].id);
    for (uint32_t i = 0; i < c->pick_name_n; i++)
        tl_store_w_word(k->words, c->pick[TL_PICKS_BY_MATCH_MAX + i].name);
    for (uint32_t i = 0; i < c->standard_n; i++)
        tl_store_w_word(k->words, c->standard[i].id);
    for (uint32_t i = 0; i < c->outcome_n; i++)
        tl_store_w_word(k->words, c->outcome[i].id);
    for (uint32_t i = 0; i < c->type_n; i++) {
        const struct tl_journey_type *t = &c->type[i];
        for (uint32_t m = 0; m < t->start_n; m++)
            tl_store_w_word(k->words, t->start[m]);
        for (uint32_t m = 0; m < t->good_n; m++)
            tl_store_w_word(k->words, t->good[m]);
        for (uint32_t m = 0; m < t->bad_n; m++)
            tl_store_w_word(k->words, t->bad[m]);
    }
}

struct keep *
keep_new(const struct tl_catalogue *catalogue, struct tl_store_w *words)
{
    struct keep *k = tl_alloc(sizeof *k);

    if (k == NULL || (k->arena = tl_arena_new(PROPS_ARENA_BYTES)) == NULL) {
        tl_free(k);
        return NULL;
    }
    k->catalogue = catalogue;
    k->words = words;
    for (uint32_t i = 0; i < catalogue->standard_n; i++) {
        k->agents |= catalogue->standard[i].kind == TL_STANDARD_CONTEXT;
        k->promises |= catalogue->standard[i].kind == TL_STANDARD_PROMISE;
    }
    seed_words(k);
    return k;
}

void
keep_free(struct keep **kp)
{
    if (*kp == NULL)
        return;
    tl_arena_free(&(*kp)->arena);
    tl_free(*kp);
    *kp = NULL;
}

void
keep_forget(struct keep *k)
{
    memset(k->role, 0, sizeof k->role);
}

static bool
begins(struct tl_str s, const char *with)
{
    size_t n = strlen(with);
    return s.n >= n && memcmp(s.p, with, n) == 0;
}

bool
keep_is_import(const struct tl_event *ev)
{
    return (ev->has & TL_HAS(origin)) && begins(ev->origin_, "import:");
}

static uint8_t
one_of(struct tl_str word, const char *const *words, uint8_t otherwise)
{
    for (uint8_t i = 0; words[i] != NULL; i++)
        if (tl_str_is(word, words[i]))
            return i;
    return otherwise;
}

static bool
same_letters(struct tl_str s, const char *lower)
{
    size_t n = strlen(lower);

    if (s.n != n)
        return false;
    for (size_t i = 0; i < n; i++)
        if ((s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] + 32 : s.p[i]) != lower[i])
            return false;
    return true;
}

static uint8_t
lifecycle_of(const struct tl_event *ev)
{
    if (!(ev->has & TL_HAS(lifecycle)) || ev->lifecycle_.n == 0)
        return TL_LC_NONE;
    return same_letters(ev->lifecycle_, "complete") ? TL_LC_COMPLETE : same_letters(ev->lifecycle_, "start") ? TL_LC_START :
           same_letters(ev->lifecycle_, "schedule") ? TL_LC_SCHEDULE : TL_LC_OTHER;
}

static void
keep_words(struct keep *k, const struct tl_event *ev, const struct tl_touchpoint *tp, struct tl_kept *e)
{
    struct tl_str type = ev->has & TL_HAS(type) ? ev->type_ : ev->touchpoint_;
    struct tl_str channel = ev->has & TL_HAS(channel) ? ev->channel_ : tp != NULL ? tp->channel : (struct tl_str){0};

    e->type = tl_store_w_word(k->words, type);
    e->touchpoint = tp != NULL ? tl_store_w_word(k->words, tp->id) : ev->has & TL_HAS(touchpoint) ? tl_store_w_word(k->words, ev->touchpoint_) : e->type;
    e->channel = tl_store_w_word(k->words, channel);
    e->origin = ev->has & TL_HAS(origin) ? tl_store_w_word(k->words, ev->origin_) : 0;
    e->tier = ev->has & TL_HAS(tier) ? tl_store_w_word(k->words, ev->tier_) : 0;
    e->place = ev->has & TL_HAS(place) ? tl_store_w_word(k->words, ev->place_) : 0;
}

static enum tl_role
role_of(struct keep *k, const struct tl_event *ev, const struct tl_touchpoint *tp, const struct tl_kept *e)
{
    uint32_t i = (e->type * 31 + e->touchpoint) % ROLES;

    if (k->role[i].type != e->type || k->role[i].touchpoint != e->touchpoint || e->type == 0) {
        k->role[i].type = e->type;
        k->role[i].touchpoint = e->touchpoint;
        k->role[i].role = tl_catalogue_role(k->catalogue, ev, tp);
    }
    return k->role[i].role;
}

static void
keep_marks(struct keep *k, const struct tl_event *ev, const struct tl_touchpoint *tp, struct tl_kept *e)
{
    static const char *const outcomes[] = { "", "ok", "fail", "abandoned", "timeout", "transferred", "escalated", NULL };
    bool xes = (ev->has & TL_HAS(origin)) && begins(ev->origin_, "import:xes:");
    bool table = (ev->has & TL_HAS(origin)) && begins(ev->origin_, "import:csv:");

    e->outcome = ev->has & TL_HAS(outcome) ? one_of(ev->outcome_, outcomes, TL_KO_NONE) : TL_KO_NONE;
    e->lifecycle = lifecycle_of(ev);
    e->role = (uint8_t)(xes ? TL_ROLE_STEP : role_of(k, ev, tp, e));
    e->flags = (uint8_t)((xes || table ? TL_KEPT_NO_MERGE : 0) | (ev->has & TL_HAS(seq) ? TL_KEPT_HAS_SEQ : 0));
}

int64_t
keep_received(const struct tl_event *ev, int64_t logged_ms)
{
    return ev->has & TL_HAS(received_at) ? ev->received_at_ : logged_ms;
}

/* Only what can bear on the corrected time is kept: see tl_rows.h. */
static void
keep_times(const struct tl_event *ev, int64_t received_ms, struct tl_kept *e)
{
    bool timed = ev->has & TL_HAS(time), sent = ev->has & TL_HAS(sent_at);
    int64_t skew = sent ? (int64_t)((uint64_t)received_ms - (uint64_t)ev->sent_at_) : 0;

    e->time_ms = timed ? ev->time_ : TL_TIME_NONE;
    e->skew_ms = !sent ? TL_TIME_NONE : skew > -TL_KEPT_SKEW_MS && skew < TL_KEPT_SKEW_MS ? 0 : skew;
    bool free = timed && ev->time_ <= received_ms && (sent ? ev->time_ <= ev->sent_at_ : e->session == 0);
    e->received_ms = free ? TL_TIME_NONE : received_ms;
}

static void
keep_hashes(const struct tl_event *ev, struct tl_kept *e)
{
    struct tl_str origin = ev->has & TL_HAS(origin) ? ev->origin_ : (struct tl_str){0};
    uint32_t crc = tl_crc32c(0, ev->raw.p, ev->raw.n);

    e->check = (uint16_t)(crc ^ crc >> 16);
    e->id_hash = ev->has & TL_HAS(id) ? tl_kept_hash('i', origin, ev->id_)
                                      : tl_kept_hash('p', (struct tl_str){ (const char *)&e->position, 8 }, (struct tl_str){0});
    e->id_hash &= TL_KEPT_ID_MASK;
    e->session = ev->has & TL_HAS(session) ? tl_kept_hash('s', origin, ev->session_) : 0;
    e->case_hash = ev->has & TL_HAS(case) ? tl_kept_hash('c', ev->case_, (struct tl_str){0}) : 0;
    e->order_hash = ev->has & TL_HAS(order) ? tl_kept_hash('o', ev->order_, (struct tl_str){0}) : 0;
    e->journey_hash = ev->has & TL_HAS(journey) ? tl_kept_hash('j', ev->journey_, (struct tl_str){0}) : 0;
}

static void
keep_promoted(struct keep *k, const struct tl_event *ev, struct tl_props *props, struct tl_kept *e)
{
    e->promoted_n = 0;
    for (uint32_t i = 0; i < k->catalogue->promote_n; i++) {
        struct tl_str v = tl_props_get(props, ev, k->catalogue->promote[i]);
        if (v.n > 0 && v.n <= PROMOTED_BYTES_MAX)
            e->promoted[e->promoted_n++] = (struct tl_attr){ k->promote_key[i], tl_store_w_word(k->words, v) };
    }
}

/* A number too large for any scale says nothing. */
static void
keep_scores(struct keep *k, const struct tl_event *ev, struct tl_kept *e)
{
    e->scores_n = 0;
    if (!(ev->has & TL_HAS(scores)))
        return;
    for (uint32_t i = 0; i < ev->scores_n && e->scores_n < TL_KEPT_SCORES_MAX; i++) {
        double v = ev->scores_[i].value;
        if (v >= -SCORE_MAX && v <= SCORE_MAX)
            e->score[e->scores_n++] = (struct tl_kept_score){ tl_store_w_word(k->words, ev->scores_[i].kind), (int32_t)lround(v * 1000) };
    }
}

/* A row is the larger for these only where a standard asks for them. */
static void
keep_asked(const struct keep *k, const struct tl_event *ev, struct tl_kept *e)
{
    const struct tl_promise *p = &ev->promise_;

    e->agent = k->agents && (ev->has & TL_HAS(agent)) ? (uint32_t)tl_kept_hash('a', ev->agent_, (struct tl_str){0}) : 0;
    e->promise = (struct tl_kept_promise){0};
    if (!k->promises || !(ev->has & TL_HAS(promise)))
        return;
    e->promise.what = p->what.n > 0 ? (uint32_t)tl_kept_hash('w', p->what, (struct tl_str){0}) : 0;
    e->promise.due_ms = p->due_ms != TL_TIME_NONE ? p->due_ms : 0;
    e->promise.said = (uint8_t)((p->due_ms != TL_TIME_NONE ? TL_PROMISE_DUE : 0) | (p->kept >= 0 ? TL_PROMISE_SAID : 0) | (p->kept > 0 ? TL_PROMISE_KEPT : 0));
}

void
keep_outline(const struct tl_event *ev, uint64_t position, int64_t logged_ms, struct tl_kept *e)
{
    static const char *const streams[] = { "live", "pilot", "test", "replay", NULL };

    e->position = position;
    e->stream = ev->has & TL_HAS(stream) ? one_of(ev->stream_, streams, TL_STREAM_LIVE) : TL_STREAM_LIVE;
    keep_hashes(ev, e);
    keep_times(ev, keep_received(ev, logged_ms), e);
}

void
keep_event(struct keep *k, const struct tl_event *ev, uint64_t position, int64_t logged_ms, struct tl_kept *e)
{
    struct tl_props props = { .arena = k->arena };
    const struct tl_touchpoint *tp = tl_catalogue_match(k->catalogue, ev, &props);

    keep_outline(ev, position, logged_ms, e);
    e->home = 0;
    e->at_ms = TL_TIME_NONE;
    keep_words(k, ev, tp, e);
    keep_marks(k, ev, tp, e);
    e->seq = ev->has & TL_HAS(seq) ? ev->seq_ : 0;
    e->wait_ms = ev->has & TL_HAS(wait_ms) ? (int64_t)ev->wait_ms_ : -1;
    e->handle_ms = ev->has & TL_HAS(handle_ms) ? (int64_t)ev->handle_ms_ : -1;
    keep_promoted(k, ev, &props, e);
    keep_scores(k, ev, e);
    keep_asked(k, ev, e);
    e->picks = k->catalogue->pick_match_n > 0 ? tl_catalogue_picks(k->catalogue, ev, tp, &props) : 0;
    if (props.tried)
        tl_arena_reset(k->arena);
    tl_store_w_lifecycle(k->words, e->touchpoint, e->lifecycle);
}
