/* replay_event.c - see replay_event.h. */
#include "replay_event.h"

#include <stdio.h>

#include "tl_event.h"
#include "tl_hash.h"
#include "tl_json.h"
#include "tl_time.h"

#define ARENA_BYTES (4u << 20)
#define THREAD_BYTES_MAX 100             /* of an order, a case, a journey, a session (schemas/event.def) */

struct replay_maker {
    struct tl_event_reader *reader;
    struct tl_arena *arena;
    struct tl_buf padded;
};

static const uint8_t key[TL_KEY_BYTES] = "touchline replay: ids of a run";

struct replay_maker *
replay_maker_new(void)
{
    struct replay_maker *m = tl_alloc(sizeof *m);
    if (m == NULL)
        return NULL;
    m->reader = tl_event_reader_new();
    m->arena = tl_arena_new(ARENA_BYTES);
    if (m->reader == NULL || m->arena == NULL)
        replay_maker_free(&m);
    return m;
}

void
replay_maker_free(struct replay_maker **mp)
{
    if (*mp == NULL)
        return;
    tl_event_reader_free(&(*mp)->reader);
    tl_arena_free(&(*mp)->arena);
    tl_buf_free(&(*mp)->padded);
    tl_free(*mp);
    *mp = NULL;
}

char *
replay_identity(const char *run, const char *who, char out[REPLAY_IDENTITY_MAX + 1])
{
    snprintf(out, REPLAY_IDENTITY_MAX + 1, REPLAY_PREFIX "%s:%s", run, who);
    return out;
}

/* 32 hex characters of (run, kind of text, text), in the maker's arena */
static struct tl_str
hashed(struct replay_maker *m, const char *run, struct tl_str kind, struct tl_str text)
{
    struct tl_buf b = {0};
    uint8_t hash[16];
    char *hex = tl_arena_alloc(m->arena, 33);
    tl_buf_put_text(&b, tl_str_of(run));
    tl_buf_put_text(&b, kind);
    tl_buf_put_text(&b, text);
    bool good = hex != NULL && !b.failed;
    if (good) {
        tl_hash128(key, b.data, b.len, hash);
        tl_hex(hash, sizeof hash, hex);
    }
    tl_buf_free(&b);
    return (struct tl_str){ good ? hex : NULL, good ? 32 : 0 };
}

/* replay:RUN:text, with a hash for a text that would not fit */
static struct tl_str
in_run(struct replay_maker *m, const char *run, struct tl_str kind, struct tl_str text)
{
    size_t n = sizeof REPLAY_PREFIX + strlen(run) + 1;
    if (n + text.n > THREAD_BYTES_MAX)
        text = hashed(m, run, kind, text);
    char *p = text.p != NULL ? tl_arena_alloc(m->arena, n + text.n + 1) : NULL;
    if (p == NULL)
        return (struct tl_str){ NULL, 0 };
    int len = snprintf(p, n + text.n + 1, REPLAY_PREFIX "%s:%.*s", run, (int)text.n, text.p);
    return (struct tl_str){ p, (size_t)len };
}

static bool
change_threads(struct replay_maker *m, const char *run, struct tl_event *ev)
{
    bool good = true;
    if (ev->has & TL_HAS(order))
        good = (ev->order_ = in_run(m, run, TL_STR("order"), ev->order_)).p != NULL;
    if (good && ev->has & TL_HAS(case))
        good = (ev->case_ = in_run(m, run, TL_STR("case"), ev->case_)).p != NULL;
    if (good && ev->has & TL_HAS(journey))
        good = (ev->journey_ = in_run(m, run, TL_STR("journey"), ev->journey_)).p != NULL;
    return good;
}

static bool
change(struct replay_maker *m, const struct recording *r, uint32_t i, int64_t shift_ms, struct tl_event *ev)
{
    char name[16];
    snprintf(name, sizeof name, "c%u", r->event[i].person);
    bool good = change_threads(m, r->run, ev);
    ev->ids_[0] = (struct tl_id){ TL_STR("user"), in_run(m, r->run, TL_STR("person"), tl_str_of(name)) };
    ev->ids_n = 1;
    ev->has &= ~TL_HAS(sent_at);
    ev->has |= TL_HAS(id) | TL_HAS(ids) | TL_HAS(time) | TL_HAS(session) | TL_HAS(seq) | TL_HAS(stream);
    ev->checked = 0;
    ev->id_ = hashed(m, r->run, TL_STR("id"), tl_str_of(r->event[i].id));
    ev->time_ = r->event[i].at_ms + shift_ms;
    ev->session_ = in_run(m, r->run, TL_STR("session"), TL_STR("s"));
    ev->seq_ = i + 1;
    ev->stream_ = TL_STR("replay");
    if (ev->has & TL_HAS(promise) && ev->promise_.due_ms != TL_TIME_NONE)
        ev->promise_.due_ms += shift_ms;
    return good && ev->ids_[0].value.p != NULL && ev->id_.p != NULL && ev->session_.p != NULL;
}

int
replay_event(struct replay_maker *m, const struct recording *r, uint32_t i, int64_t shift_ms, struct tl_buf *out, struct tl_err *err)
{
    struct tl_event ev;
    struct tl_refusal why = {0};
    struct tl_jw w = tl_jw_to(out);
    tl_arena_reset(m->arena);
    tl_buf_reset(&m->padded);
    tl_buf_put_str(&m->padded, r->event[i].json);
    size_t n = m->padded.len;
    if (!tl_buf_reserve(&m->padded, TL_JSON_PADDING))
        return tl_fail(err, TL_ENOMEM, "out of memory");
    memset(m->padded.data + n, 0, TL_JSON_PADDING);
    if (tl_event_read(m->reader, m->arena, (struct tl_str){ (const char *)m->padded.data, n }, &ev, &why) != 0)
        return tl_fail(err, TL_EINVAL, "%.80s: event %u cannot be sent again: %s", r->name, i + 1, tl_reason_text(why.reason));
    if (!change(m, r, i, shift_ms, &ev))
        return tl_fail(err, TL_ENOMEM, "out of memory");
    tl_event_json(&w, &ev);
    return out->failed ? tl_fail(err, TL_ENOMEM, "out of memory") : 0;
}
