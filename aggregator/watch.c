/* watch.c - see watch.h. */
#include "watch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "tl_facts.h"
#include "tl_hash.h"
#include "tl_json.h"
#include "tl_store.h"
#include "tl_time.h"

#define CUSTOMER_BYTES (64u << 20)
#define NOTE_BYTES (1u << 20)

struct watch {
    struct alerts *alerts;
    struct tl_store_w *store;           /* during a look */
    const struct tl_catalogue *catalogue;
    struct tl_store_txn *txn;           /* while a moment is described */
    struct tl_arena *arena;
    struct tl_zone *zone;
    char what[120], title_zh[240], title_en[240];
    uint64_t notes;                     /* position of the latest control record that was looked at */
    uint64_t notes_serial;              /* ... in this opening of the store */
};

struct watch *
watch_new(struct tl_alerts *alerts, const char *zone)
{
    struct watch *w = tl_alloc(sizeof *w);

    if (w == NULL)
        return NULL;
    w->alerts = alerts_new(alerts);
    w->arena = tl_arena_new(CUSTOMER_BYTES);
    if (w->alerts == NULL || w->arena == NULL || tl_zone_open(&w->zone, zone, NULL) != 0)
        watch_free(&w);
    return w;
}

void
watch_free(struct watch **wp)
{
    if (wp == NULL || *wp == NULL)
        return;
    alerts_free(&(*wp)->alerts);
    tl_arena_free(&(*wp)->arena);
    tl_zone_free(&(*wp)->zone);
    tl_free(*wp);
    *wp = NULL;
}

/* ---- the words of a moment ---- */

static const struct { struct tl_title title; const char *word; } broken[TL_BREAK_KINDS] = {
    [TL_BREAK_FAILED] = { { TL_STR("未达标"), TL_STR("Not up to standard") }, "failed" },
    [TL_BREAK_REQUIRED] = { { TL_STR("该做的没做"), TL_STR("Left out") }, "required" },
    [TL_BREAK_TRANSFERS] = { { TL_STR("多次转接"), TL_STR("Passed on too often") }, "transfers" },
    [TL_BREAK_FAILURE] = { { TL_STR("失败"), TL_STR("Failure") }, "failure" },
    [TL_BREAK_MISSING] = { { TL_STR("缺少步骤"), TL_STR("Missing step") }, "missing" },
    [TL_BREAK_ORDER] = { { TL_STR("顺序不对"), TL_STR("Out of order") }, "out_of_order" },
    [TL_BREAK_CONTEXT] = { { TL_STR("信息丢失"), TL_STR("Had to say it again") }, "context" },
    [TL_BREAK_SCORE] = { { TL_STR("低分"), TL_STR("Low score") }, "score" },
    [TL_BREAK_ADHOC] = { { TL_STR("计划外步骤"), TL_STR("Unplanned step") }, "adhoc" },
};

static void
set_title(struct tl_alert *a, struct tl_title t)
{
    a->title_zh = t.zh.n > 0 ? t.zh : t.en;
    a->title_en = t.en.n > 0 ? t.en : t.zh;
}

/* title and department of the standard or rule; false when the catalogue has none of that id */
static bool
name_rule(const struct watch *w, const struct tl_due *d, struct tl_alert *a)
{
    const struct tl_catalogue *c = w->catalogue;
    int s = d->kind == TL_ALERT_COMPLAINT || d->kind == TL_ALERT_EVENT ? -1 : tl_catalogue_standard(c, a->rule);

    if (s >= 0) {
        set_title(a, c->standard[s].title);
        a->department = c->standard[s].owner;
        return true;
    }
    for (uint32_t i = 0; i < c->alert_n; i++)
        if (tl_str_eq(c->alert[i].id, a->rule)) {
            set_title(a, c->alert[i].title);
            a->department = c->alert[i].owner;
            return true;
        }
    return false;
}

static void
name_touchpoint(const struct watch *w, struct tl_alert *a)
{
    const struct tl_touchpoint *t = tl_catalogue_touchpoint(w->catalogue, a->touchpoint);

    if (t == NULL)
        return;
    a->touchpoint_zh = t->title.zh;
    a->touchpoint_en = t->title.en;
    if (a->department.n == 0)
        a->department = t->owner;
}

static void
name_what(struct watch *w, const struct tl_due *d, struct tl_alert *a)
{
    struct tl_str kind = d->score != 0 ? tl_store_word(w->txn, d->score) : (struct tl_str){0};

    if (kind.n == 0)
        return;
    bool whole = d->milli % 1000 == 0;
    snprintf(w->what, sizeof w->what, whole ? "%.*s = %.0f" : "%.*s = %.1f", (int)(kind.n < 60 ? kind.n : 60), kind.p, (double)d->milli / 1000);
    a->what = tl_str_of(w->what);
}

static int
describe(void *self, const struct tl_due *d, struct tl_alert *a, struct tl_err *err)
{
    struct watch *w = self;
    struct tl_customer c;
    int rc = tl_store_w_read(w->store, &w->txn, err);

    if (rc != 0)
        return rc;
    a->journey = tl_store_word(w->txn, d->type);
    a->rule = tl_store_word(w->txn, d->rule);
    a->touchpoint = tl_store_word(w->txn, d->touchpoint);
    a->place = tl_store_word(w->txn, d->place);
    a->channel = tl_store_word(w->txn, d->channel);
    a->tier = tl_store_word(w->txn, d->tier);
    bool named = a->rule.n > 0 && name_rule(w, d, a);
    name_touchpoint(w, a);
    name_what(w, d, a);
    if (!named && d->break_kind > 0 && d->break_kind <= TL_BREAK_KINDS)
        set_title(a, broken[d->break_kind - 1].title);
    if (!named && d->break_kind == 0)
        set_title(a, broken[TL_BREAK_SCORE].title);
    if (a->rule.n == 0)
        a->rule = d->break_kind > 0 && d->break_kind <= TL_BREAK_KINDS ? tl_str_of(broken[d->break_kind - 1].word) : TL_STR("score");
    rc = tl_store_customer(w->txn, d->customer, w->arena, &c, err);
    if (rc == 0)
        memcpy(a->customer, c.hash, sizeof a->customer);
    return rc;
}

/* "till-{place}" -> the name of the source that must tell of this wait's end; false when its rule asks nobody */
static bool
source_of(struct watch *w, const struct tl_due *d, char name[ALERTS_SOURCE_BYTES])
{
    static const char word[] = "{place}";
    int s = tl_catalogue_standard(w->catalogue, tl_store_word(w->txn, d->rule));
    struct tl_str from = s >= 0 ? w->catalogue->standard[s].ends_from : (struct tl_str){0}, place = tl_store_word(w->txn, d->place);
    const char *at = from.n > 0 ? memmem(from.p, from.n, word, sizeof word - 1) : NULL;
    size_t before = at != NULL ? (size_t)(at - from.p) : from.n, after = at != NULL ? from.n - before - (sizeof word - 1) : 0;

    if (from.n == 0)
        return false;
    snprintf(name, ALERTS_SOURCE_BYTES, "%.*s%.*s%.*s", (int)before, from.p, at != NULL ? (int)place.n : 0, place.n ? place.p : "", (int)after, at != NULL ? at + sizeof word - 1 : "");
    return true;
}

static int
until_of(struct watch *w, struct tl_str name, int64_t *until_ms)
{
    struct tl_watermark m = { .until_ms = TL_TIME_NONE };
    int rc = tl_store_watermark(w->txn, name, &m);

    *until_ms = rc == 0 ? m.until_ms : TL_TIME_NONE;
    return rc == TL_ENOTFOUND ? 0 : rc;
}

static int
heard(void *self, const struct tl_due *d, int64_t *until_ms, char name[ALERTS_SOURCE_BYTES], struct tl_err *err)
{
    struct watch *w = self;
    int rc = tl_store_w_read(w->store, &w->txn, err);

    *until_ms = ALERTS_EVER;
    if (rc == 0 && source_of(w, d, name))
        rc = until_of(w, tl_str_of(name), until_ms);
    tl_store_end(&w->txn);
    return rc;
}

static int
source(void *self, struct tl_str name, int64_t *until_ms, struct tl_err *err)
{
    struct watch *w = self;
    int rc = tl_store_w_read(w->store, &w->txn, err);

    if (rc == 0)
        rc = until_of(w, name, until_ms);
    tl_store_end(&w->txn);
    return rc;
}

/* 12:04 today, else with its day */
static const char *
clock_text(const struct watch *w, int64_t ms, int64_t now_ms, char out[40])
{
    int64_t s = (ms + INT64_C(1000) * tl_zone_offset_s(w->zone, ms)) / 1000 % 86400;
    int32_t day = tl_zone_day(w->zone, ms);
    char text[16];

    s = s < 0 ? s + 86400 : s;
    snprintf(out, 40, "%s%s%02d:%02d", day == tl_zone_day(w->zone, now_ms) ? "" : tl_day_format(day, text), day == tl_zone_day(w->zone, now_ms) ? "" : " ", (int)(s / 3600), (int)(s / 60 % 60));
    return out;
}

/* What one wait says of the source it waits for: whose it is, and where. */
static int
describe_source(void *self, const struct tl_due *d, const char *name, int64_t until_ms, struct tl_alert *a, struct tl_err *err)
{
    struct watch *w = self;
    char at[40];
    int rc = describe(self, d, a, err);

    if (until_ms == TL_TIME_NONE) {
        snprintf(w->title_zh, sizeof w->title_zh, "%s 从未报过到", name);
        snprintf(w->title_en, sizeof w->title_en, "%s has never been heard of", name);
    } else {
        snprintf(w->title_zh, sizeof w->title_zh, "%s 自 %s 起没有消息", name, clock_text(w, until_ms, a->at_ms, at));
        snprintf(w->title_en, sizeof w->title_en, "%s silent since %s", name, clock_text(w, until_ms, a->at_ms, at));
    }
    set_title(a, (struct tl_title){ tl_str_of(w->title_zh), tl_str_of(w->title_en) });
    a->rule = tl_str_of(name);
    a->journey = a->tier = a->what = (struct tl_str){0};
    memset(a->customer, 0, sizeof a->customer);
    return rc;
}

static void
describe_done(void *self)
{
    struct watch *w = self;

    tl_store_end(&w->txn);
    tl_arena_reset(w->arena);
}

/* ---- the store as alerts.c wants it ---- */

static int
window(void *self, int64_t from_ms, int64_t to_ms, int (*each)(void *arg, const struct tl_due *d), void *arg, struct tl_err *err)
{
    return tl_store_w_due_window(((struct watch *)self)->store, from_ms, to_ms, each, arg, err);
}

static int
get(void *self, uint64_t id, struct tl_due *out, struct tl_err *err)
{
    return tl_store_w_due(((struct watch *)self)->store, id, out, err);
}

static const uint64_t *
touched(void *self, uint32_t *n, bool *all)
{
    return tl_store_w_due_touched(((struct watch *)self)->store, n, all);
}

static void
told(void *self)
{
    tl_store_w_due_told(((struct watch *)self)->store);
}

/* ---- what people entered ---- */

struct hearing { struct watch *w; uint64_t from; int changed; struct tl_err *err; };

static int
hear(void *arg, const struct tl_note *n)
{
    struct hearing *h = arg;
    struct tl_jv *root = NULL;
    char hex[17] = "";
    uint8_t b[8];
    uint64_t id = 0;

    if (n->last_position <= h->from || n->id.n != 16)
        return 0;
    memcpy(hex, n->id.p, 16);
    if (tl_unhex(hex, sizeof b, b) != 0 || tl_json_tree(h->w->arena, n->body, 0, &root, NULL, NULL) != 0)
        return 0;
    for (int i = 0; i < 8; i++)
        id = id << 8 | b[i];
    const struct alerts_said said = { tl_jv_text(root, "status"), tl_jv_text(root, "owner"), tl_jv_text(root, "note"), n->actor, n->last_ms };
    int rc = alerts_say(h->w->alerts, id, &said, h->err);
    h->changed += rc > 0;
    return rc == TL_ENOTFOUND || rc > 0 ? 0 : rc;
}

/* What was said and is taken back: nobody has said it. */
static int
unhear(struct watch *w, struct tl_store_txn *t, struct hearing *h)
{
    static const struct alerts_said nothing = { .status = { "open", 4 } };
    const uint64_t *id = NULL;
    struct tl_note note;
    uint32_t n = 0;
    char hex[17];
    int rc = alerts_spoken_of(w->alerts, &id, &n, h->err);

    for (uint32_t i = 0; rc >= 0 && i < n; i++) {
        snprintf(hex, sizeof hex, "%016" PRIx64, id[i]);
        rc = tl_store_note(t, "alert", tl_str_of(hex), &note, NULL);
        struct alerts_said said = nothing;
        said.at_ms = rc == 0 ? note.last_ms : 0;
        rc = rc == 0 && note.withdrawn ? alerts_say(w->alerts, id[i], &said, h->err) : rc == TL_ENOTFOUND ? 0 : rc;
        h->changed += rc > 0;
    }
    return rc < 0 ? rc : 0;
}

/* The latest record on each alert, when one has come since the last look. */
static int
listen(struct watch *w, struct tl_err *err)
{
    struct hearing h = { w, w->notes_serial == tl_store_w_serial(w->store) ? w->notes : 0, 0, err };
    struct tl_store_txn *t = NULL;
    struct tl_store_meta m;
    int rc = tl_store_w_read(w->store, &t, err);

    if (rc == 0)
        rc = tl_store_meta(t, &m, err);
    if (rc == 0 && m.notes > h.from)
        rc = tl_store_notes(t, "alert", hear, &h, err);
    if (rc == 0 && m.notes > h.from)
        rc = unhear(w, t, &h);
    if (rc == 0) {
        w->notes = m.notes;
        w->notes_serial = tl_store_w_serial(w->store);
    }
    tl_store_end(&t);
    tl_arena_reset(w->arena);
    return rc < 0 ? rc : h.changed;
}

int
watch_look(struct watch *w, struct tl_store_w *store, const struct tl_catalogue *catalogue, int64_t now_ms, int64_t mono_us, struct tl_err *err)
{
    if (store == NULL || catalogue == NULL)
        return 0;
    w->store = store;
    w->catalogue = catalogue;
    const struct alerts_source src = { .self = w, .serial = tl_store_w_serial(store), .window = window, .get = get, .touched = touched, .told = told,
                                       .describe = describe, .describe_done = describe_done, .heard = heard, .source = source, .describe_source = describe_source };
    int raised = alerts_look(w->alerts, &src, now_ms, mono_us, err);
    int heard = raised < 0 ? 0 : listen(w, err);
    w->store = NULL;
    return raised < 0 ? raised : heard < 0 ? heard : raised + heard;
}
