/* fold.c - looks: what is asked, resolved against the store as it is now. */
#include "fold.h"

#include <stdlib.h>
#include "fold_cell.h"
#include "fold_variant.h"
#include "fold_days.h"
#include "fold_store.h"

struct fold {
    struct fold_stores stores;
    struct fold_cache *cache;
};

int
fold_new(struct fold **out, const char *data, size_t cache_bytes, struct tl_err *err)
{
    struct fold *f = tl_alloc(sizeof *f);
    if (f) f->cache = fold_cache_new(cache_bytes);
    int rc = f && f->cache ? fold_stores_init(&f->stores, data, err) : tl_fail(err, TL_ENOMEM, "out of memory");
    if (rc) fold_free(&f);
    *out = f;
    return rc;
}

void
fold_free(struct fold **fp)
{
    if (!*fp) return;
    fold_cache_free(&(*fp)->cache);
    fold_stores_done(&(*fp)->stores);
    tl_free(*fp);
    *fp = NULL;
}

struct tl_eventlog *
fold_log(struct fold *f)
{
    return fold_stores_log(&f->stores);
}

struct tl_alerts *
fold_alerts_open(struct fold *f)
{
    return fold_stores_alerts(&f->stores);
}

const uint8_t *
fold_key(struct fold *f)
{
    return fold_stores_key(&f->stores);
}

const char *
fold_data(const struct fold *f)
{
    return f->stores.data;
}

/* ---- resolving a question ---- */

static int
first_logged(void *arg, const struct tl_logged *rec)
{
    *(int64_t *)arg = rec->logged_at_ms;
    return 1;
}

/* lag - age of the oldest event in the log that is not stitched yet */
static int64_t
lag_ms(struct look *k)
{
    struct tl_eventlog *log = fold_log(k->fold);
    int64_t at = TL_TIME_NONE;
    uint64_t next = k->meta.position ? k->meta.position : 1;
    if (!log || tl_eventlog_end(log) <= next) return 0;
    if (tl_eventlog_read(log, next, first_logged, &at, NULL) || at == TL_TIME_NONE) return 0;
    return k->now_ms > at ? k->now_ms - at : 0;
}

static int64_t
as_of_default(const struct look *k)
{
    const struct tl_store_meta *m = &k->meta;
    bool live = m->newest_live_ms != TL_TIME_NONE && k->now_ms - m->newest_live_ms < TL_DAY_MS;
    return live || m->newest_event_ms == TL_TIME_NONE ? k->now_ms : m->newest_event_ms;
}

static int
type_resolve(struct look *k, struct tl_err *err)
{
    const struct tl_catalogue *c = k->catalogue;
    char known[160] = "";
    size_t n = 0;
    k->type = tl_catalogue_type(c, k->ask->journey);
    if (k->type >= 0) return 0;
    for (uint32_t i = 0; i < c->type_n && n + c->type[i].id.n + 3 < sizeof known; i++) {
        memcpy(known + n, i ? ", " : "", i ? 2 : 0);
        n += i ? 2 : 0;
        memcpy(known + n, c->type[i].id.p, c->type[i].id.n);
        n += c->type[i].id.n;
    }
    return tl_fail(err, TL_ENOTFOUND, "no journey type '%.*s'; known: %.*s", (int)(k->ask->journey.n < 60 ? k->ask->journey.n : 60), k->ask->journey.p, (int)n, known);
}

static int
model_resolve(struct look *k, struct tl_err *err)
{
    const struct tl_catalogue *c = k->catalogue;
    struct tl_str asked = k->ask->model;
    k->model = asked.p ? tl_catalogue_model(c, asked) : c->model_n ? 0 : -1;
    if (!asked.p || k->model >= 0) return 0;
    return tl_fail(err, TL_EINVAL, "parameter model: no stage model '%.*s'; /api/about lists the %u there are", (int)(asked.n < 60 ? asked.n : 60), asked.p, c->model_n);
}

/* the keys a filter may name: what stitching writes into a journey's attributes */
static bool
key_known(const struct tl_catalogue *c, struct tl_str key)
{
    static const char *const fixed[] = { "place", "channel", "tier", "origin" };
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
        if (tl_str_is(key, fixed[i])) return true;
    for (uint32_t i = 0; i < c->promote_n; i++)
        if (tl_str_eq(key, c->promote[i])) return true;
    return false;
}

static int
test_order(const void *x, const void *y)
{
    const struct sieve_test *a = x, *b = y;
    if (a->kind != b->kind) return a->kind < b->kind ? -1 : 1;
    if (a->key != b->key) return a->key < b->key ? -1 : 1;
    return (a->value > b->value) - (a->value < b->value);
}

static int
filters_resolve(struct look *k, struct tl_store_txn *t, struct tl_err *err)
{
    for (uint32_t i = 0; i < k->ask->filter_n; i++) {
        const struct ask_filter *f = &k->ask->filter[i];
        struct sieve_test *x = &k->sieve.test[i];
        if (tl_str_is(f->key, "any.channel")) x->kind = SIEVE_ANY_CHANNEL;
        else if (tl_str_is(f->key, "any.touchpoint")) x->kind = SIEVE_ANY_TOUCHPOINT;
        else if (tl_str_is(f->key, "segment")) {
            int at = tl_catalogue_segment(k->catalogue, f->value);
            *x = (struct sieve_test){ SIEVE_SEGMENT, 0, (uint32_t)(at + 1) };
            if (at >= 0) continue;
            return tl_fail(err, TL_EINVAL, "parameter filter: the catalogue has no segment '%.*s'", (int)(f->value.n < 60 ? f->value.n : 60), f->value.p);
        } else if (key_known(k->catalogue, f->key)) x->kind = SIEVE_ATTR;
        else
            return tl_fail(err, TL_EINVAL, "parameter filter: unknown key '%.*s'; allowed: place, channel, tier, origin, segment, any.channel, any.touchpoint%s",
                           (int)(f->key.n < 60 ? f->key.n : 60), f->key.p, k->catalogue->promote_n ? ", and the catalogue's promoted properties" : "");
        if (!t) continue;
        x->key = x->kind == SIEVE_ATTR ? tl_store_word_number(t, f->key) : 0;
        x->value = tl_store_word_number(t, f->value);
    }
    k->sieve.test_n = k->ask->filter_n;
    qsort(k->sieve.test, k->sieve.test_n, sizeof k->sieve.test[0], test_order);
    return 0;
}

static int
resolve(struct look *k, struct tl_store_txn *t, struct tl_err *err)
{
    int rc = t ? tl_store_meta(t, &k->meta, err) : 0;
    if (rc == 0) rc = fold_stores_catalogue(&k->fold->stores, t, &k->meta, k->now_ms, &k->held_catalogue, err);
    if (rc) return rc;
    k->catalogue = k->held_catalogue->catalogue;
    k->activated_ms = k->held_catalogue->activated_ms;
    if ((rc = type_resolve(k, err)) || (rc = model_resolve(k, err)) || (rc = filters_resolve(k, t, err))) return rc;
    const struct tl_journey_type *type = &k->catalogue->type[k->type];
    k->type_word = t ? (uint16_t)tl_store_word_number(t, type->id) : 0;
    k->as_of_ms = k->ask->as_of_ms != TL_TIME_NONE ? k->ask->as_of_ms : as_of_default(k);
    k->sieve.stream = k->ask->stream;
    k->sieve.lifecycle = k->ask->lifecycle;
    k->sieve.gap_ms = type->gap_ms;
    k->sieve.as_of_ms = k->as_of_ms;
    k->lag_ms = lag_ms(k);
    return k->ask->brk.p ? fold_cell(k, t, err) : 0;
}

int
fold_look(struct fold *f, const struct ask *ask, int64_t now_ms, struct tl_arena *a, struct look *k, struct tl_err *err)
{
    struct tl_store_txn *t = NULL;
    memset(k, 0, sizeof *k);
    k->fold = f;
    k->ask = ask;
    k->arena = a;
    k->now_ms = now_ms;
    k->meta.newest_event_ms = k->meta.newest_live_ms = TL_TIME_NONE;
    k->activated_ms = TL_TIME_NONE;
    int rc = fold_stores_hold(&f->stores, &k->held, err);
    if (rc == 0 && k->held) {
        k->store = k->held->store;
        rc = tl_store_begin(k->store, &t, err);
    }
    if (rc == 0) rc = resolve(k, t, err);
    if (rc == 0 && t) rc = tl_store_trouble(t, err);
    if (t) tl_store_end(&t);
    if (rc == 0 && ask->variant.p) rc = fold_variant(k, err);
    if (rc) fold_look_end(k);
    return rc;
}

void
fold_look_end(struct look *k)
{
    if (k->held) fold_stores_let_go(&k->fold->stores, k->held);
    if (k->held_catalogue) fold_stores_catalogue_let_go(&k->fold->stores, k->held_catalogue);
    tl_zone_free(&k->zone);
    k->held = NULL;
    k->held_catalogue = NULL;
    k->store = NULL;
}

int
fold_run(struct look *k, const struct analysis *an, const struct analysis_arg *arg, struct fold_part **sum, struct tl_err *err)
{
    return fold_days_sum(k, k->fold->cache, an, arg, sum, err);
}

void
fold_run_done(struct look *k, struct fold_part *sum)
{
    fold_cache_let_go(k->fold->cache, sum);
}

void
fold_stamp(const struct look *k, struct tl_buf *out)
{
    tl_buf_printf(out, "%llu %llu %s %lld ", (unsigned long long)(k->held ? k->held->generation : 0), (unsigned long long)k->meta.position, k->catalogue->hash, (long long)k->as_of_ms);
}

int
fold_zone(struct look *k, struct tl_err *err)
{
    return k->zone ? 0 : tl_zone_open(&k->zone, k->store ? tl_store_timezone(k->store) : "UTC", err);
}

/* ---- words ---- */

struct tl_str
fold_word(struct look *k, struct tl_store_txn *t, uint32_t number)
{
    struct tl_str w = number ? tl_store_word(t, number) : TL_STR("");
    char *copy = tl_arena_dup(k->arena, w.p ? w.p : "", w.n);
    return copy ? (struct tl_str){ copy, w.n } : TL_STR("");
}

uint32_t
fold_number(struct look *k, struct tl_str word)
{
    struct tl_store_txn *t = NULL;
    if (!k->store || tl_store_begin(k->store, &t, NULL)) return 0;
    uint32_t n = tl_store_word_number(t, word);
    tl_store_end(&t);
    return n;
}

struct tl_title
fold_title(const struct look *k, struct tl_str touchpoint)
{
    const struct tl_touchpoint *tp = tl_catalogue_touchpoint(k->catalogue, touchpoint);
    struct tl_title t = tp ? tp->title : (struct tl_title){ { NULL, 0 }, { NULL, 0 } };
    if (!t.zh.p) t.zh = t.en.p ? t.en : touchpoint;
    if (!t.en.p) t.en = t.zh;
    return t;
}
