/* fold_store.c - a look counts what it holds; the old store is closed by the last look that holds it. */
#include "fold_store.h"

#include <limits.h>
#include "tl_catalogue_files.h"
#include "tl_time.h"
#include "tl_logfmt.h"
#include "tl_run.h"

int
fold_stores_init(struct fold_stores *s, const char *data, struct tl_err *err)
{
    memset(s, 0, sizeof *s);
    s->data = tl_strdup(tl_str_of(data));
    if (!s->data) return tl_fail(err, TL_ENOMEM, "out of memory");
    pthread_mutex_init(&s->lock, NULL);
    s->catalogue_tried_ms = INT64_MIN;
    s->catalogue_of = UINT64_MAX;
    return 0;
}

/* unref - under s->lock */
static void
store_unref(struct fold_store *st)
{
    if (!st || --st->held > 0) return;
    tl_store_close(&st->store);
    pthread_mutex_destroy(&st->lock);
    tl_free(st->both);
    tl_free(st);
}

static void
catalogue_unref(struct fold_catalogue *c)
{
    if (!c || --c->held > 0) return;
    tl_catalogue_free(&c->catalogue);
    tl_free(c);
}

void
fold_stores_done(struct fold_stores *s)
{
    if (!s->data) return;
    store_unref(s->store);
    catalogue_unref(s->catalogue);
    tl_eventlog_close(&s->log);
    tl_alerts_close(&s->alerts);
    pthread_mutex_destroy(&s->lock);
    tl_free(s->data);
    s->data = NULL;
}

static int
store_open(struct fold_stores *s, struct tl_err *err)
{
    char path[PATH_MAX];
    struct fold_store *st = tl_alloc(sizeof *st);
    if (!st) return tl_fail(err, TL_ENOMEM, "out of memory");
    int rc = tl_store_open_read(&st->store, tl_run_path(path, s->data, "journeys"), err);
    if (rc) {
        tl_free(st);
        return rc;
    }
    pthread_mutex_init(&st->lock, NULL);
    st->generation = ++s->generations;
    st->held = 1;
    st->both_position = UINT64_MAX;
    s->store = st;
    tl_log(TL_INFO, "store_opened", "generation=%llu", (unsigned long long)st->generation);
    return 0;
}

int
fold_stores_hold(struct fold_stores *s, struct fold_store **out, struct tl_err *err)
{
    int rc = 0;
    *out = NULL;
    pthread_mutex_lock(&s->lock);
    if (s->store && tl_store_stale(s->store->store)) {
        store_unref(s->store);
        s->store = NULL;
        s->has_key = false;         /* a store is made again under another key, too */
    }
    if (!s->store) rc = store_open(s, err);
    if (rc == TL_ENOTFOUND) rc = 0;
    if (rc == 0 && s->store) {
        s->store->held++;
        *out = s->store;
    }
    pthread_mutex_unlock(&s->lock);
    return rc;
}

void
fold_stores_let_go(struct fold_stores *s, struct fold_store *st)
{
    pthread_mutex_lock(&s->lock);
    store_unref(st);
    pthread_mutex_unlock(&s->lock);
}

/* catalogue_folder - under s->lock. A catalogue that cannot be read leaves the one before in place. */
static int
catalogue_folder(struct fold_stores *s, struct tl_catalogue **out, struct tl_err *err)
{
    char path[PATH_MAX];
    struct tl_err why = { 0, "" };
    int rc = tl_catalogue_load(tl_run_path(path, s->data, "catalogue"), out, &why);
    if (rc == 0 || !s->catalogue) return rc ? tl_fail(err, rc, "%s", why.text) : 0;
    tl_log(TL_WARN, "catalogue_unreadable", "text=\"%s\"", why.text);
    return 0;
}

/* catalogue_kept - what the store keeps. TL_ENOTFOUND, or what makes another program's unreadable to this one. */
static int
catalogue_kept(struct tl_store_txn *t, struct fold_catalogue *c)
{
    struct tl_store_catalogue kept;
    int rc = t ? tl_store_catalogue(t, &kept, NULL) : TL_ENOTFOUND;
    if (rc == 0) rc = tl_catalogue_of_body(kept.body, &c->catalogue, NULL);
    if (rc == 0) {
        c->at = kept.at;
        c->activated_ms = kept.time_ms;
    }
    return rc;
}

/* catalogue_read - under s->lock */
static int
catalogue_read(struct fold_stores *s, struct tl_store_txn *t, struct tl_err *err)
{
    struct fold_catalogue *c = tl_alloc(sizeof *c);
    if (!c) return tl_fail(err, TL_ENOMEM, "out of memory");
    c->activated_ms = TL_TIME_NONE;
    int rc = catalogue_kept(t, c) == 0 ? 0 : catalogue_folder(s, &c->catalogue, err);
    if (rc || !c->catalogue) {
        tl_free(c);
        return rc;
    }
    catalogue_unref(s->catalogue);
    c->held = 1;
    s->catalogue = c;
    return 0;
}

int
fold_stores_catalogue(struct fold_stores *s, struct tl_store_txn *t, const struct tl_store_meta *m, int64_t now_ms, struct fold_catalogue **out, struct tl_err *err)
{
    int rc = 0;
    pthread_mutex_lock(&s->lock);
    bool differs = !s->catalogue || strcmp(s->catalogue->catalogue->hash, m->catalogue) != 0 || s->catalogue->at != m->catalogue_at;
    if (!s->catalogue || (differs && (s->catalogue_of != m->catalogue_at || now_ms - s->catalogue_tried_ms > 1000))) {
        s->catalogue_tried_ms = now_ms;
        s->catalogue_of = m->catalogue_at;
        rc = catalogue_read(s, t, err);
    }
    *out = s->catalogue;
    if (*out) (*out)->held++;
    pthread_mutex_unlock(&s->lock);
    return rc;
}

void
fold_stores_catalogue_let_go(struct fold_stores *s, struct fold_catalogue *c)
{
    pthread_mutex_lock(&s->lock);
    catalogue_unref(c);
    pthread_mutex_unlock(&s->lock);
}

struct tl_eventlog *
fold_stores_log(struct fold_stores *s)
{
    char path[PATH_MAX];
    struct tl_err err = { 0, "" };
    pthread_mutex_lock(&s->lock);
    int rc = s->log ? 0 : tl_eventlog_open(&s->log, tl_run_path(path, s->data, "log"), true, &err);
    if (rc) s->log = NULL;
    if (rc && rc != TL_ENOTFOUND) tl_log(TL_WARN, "log_unreadable", "text=\"%s\"", err.text);
    struct tl_eventlog *l = s->log;
    pthread_mutex_unlock(&s->lock);
    return l;
}

struct tl_alerts *
fold_stores_alerts(struct fold_stores *s)
{
    struct tl_err err = { 0, "" };
    pthread_mutex_lock(&s->lock);
    int rc = s->alerts ? 0 : tl_alerts_open(&s->alerts, s->data, true, &err);
    if (rc && rc != TL_ENOTFOUND) tl_log(TL_WARN, "alerts_unreadable", "text=\"%s\"", err.text);
    struct tl_alerts *a = s->alerts;
    pthread_mutex_unlock(&s->lock);
    return a;
}

const uint8_t *
fold_stores_key(struct fold_stores *s)
{
    char path[PATH_MAX];
    pthread_mutex_lock(&s->lock);
    if (!s->has_key) s->has_key = tl_key_load(tl_run_path(path, s->data, "keys/identity.key"), 0, s->key, NULL) == 0;
    pthread_mutex_unlock(&s->lock);
    return s->has_key ? s->key : NULL;
}

/* ---- the default lifecycle ---- */

static bool
both_read(struct tl_store_txn *t, uint32_t touchpoint)
{
    uint32_t has = tl_store_lifecycles(t, touchpoint);
    return has & 1u << TL_LC_START && has & (1u << TL_LC_COMPLETE | 1u << TL_LC_SPAN);
}

/* both_room - under st->lock */
static bool
both_room(struct fold_store *st, uint32_t n)
{
    if (n <= st->both_n) return true;
    uint8_t *p = tl_realloc(st->both, n);
    if (!p) return false;
    memset(p + st->both_n, 0, n - st->both_n);
    st->both = p;
    st->both_n = n;
    return true;
}

uint64_t
fold_store_both_mark(struct fold_store *st, struct tl_store_txn *t, uint64_t position)
{
    pthread_mutex_lock(&st->lock);
    if (st->both_position != position) {
        uint32_t n = tl_store_words_n(t) + 1;
        bool all = st->both_position == UINT64_MAX && both_room(st, n);     /* first time: every word, later those met */
        st->both_position = position;
        st->both_mark = 0;
        for (uint32_t w = 1; w < st->both_n; w++) {
            if (st->both[w] != 2 && (all || st->both[w])) {
                bool yes = both_read(t, w);
                st->both[w] = yes ? 2 : st->both[w];
            }
            if (st->both[w] == 2) st->both_mark += tl_mix64(w);
        }
    }
    uint64_t mark = st->both_mark;
    pthread_mutex_unlock(&st->lock);
    return mark;
}

bool
fold_store_both(struct fold_store *st, struct tl_store_txn *t, uint32_t touchpoint)
{
    pthread_mutex_lock(&st->lock);
    bool yes = false;
    if (both_room(st, touchpoint + 1)) {
        if (!st->both[touchpoint]) st->both[touchpoint] = both_read(t, touchpoint) ? 2 : 1;
        yes = st->both[touchpoint] == 2;
    } else {
        yes = both_read(t, touchpoint);
    }
    pthread_mutex_unlock(&st->lock);
    return yes;
}
