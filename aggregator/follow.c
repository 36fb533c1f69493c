/* follow.c - rounds: see follow.h. */
#include "follow.h"

#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/stat.h>

#include "follow_in.h"
#include "tl_count.h"
#include "tl_hash.h"
#include "tl_logfmt.h"
#include "tl_port.h"
#include "tl_run.h"

#define EVENTS_MAX 50000
#define CUSTOMERS_MAX 5300
#define ROUND_MS 500
#define BULK_EVENTS 100000      /* an empty store so far behind is built in bulk */

/* ---- opening ---- */

/* What the log can mend. */
static bool
is_damage(int rc)
{
    return rc == TL_ECORRUPT || rc == TL_ETRUNC || rc == TL_EVERSION;
}

/* Where no zone and no region of phone numbers is set, a store keeps the ones it was made with: it must not be made anew because a command ran under another TZ.
 * One that cannot be read now, and is not damaged, ends the start for the same reason. */
static int
kept_by_store(const struct follow *f, char zone[64], struct tl_store_meta *m, struct tl_err *err)
{
    struct tl_store *s = NULL;
    struct tl_store_txn *t = NULL;
    int rc = tl_store_open_read(&s, f->journeys, err);

    if (rc == 0)
        rc = tl_store_begin(s, &t, err);
    if (rc == 0)
        rc = tl_store_meta(t, m, err);
    if (rc == 0)
        snprintf(zone, 64, "%.63s", tl_store_timezone(s));
    tl_store_end(&t);
    tl_store_close(&s);
    return rc == TL_ENOTFOUND || is_damage(rc) ? 0 : rc;
}

static int
choose_places(struct follow *f, const struct tl_conf *conf, struct tl_err *err)
{
    struct tl_store_meta m = { .region = "" };
    char zone[64] = "";
    int rc = conf->timezone[0] == 0 || conf->identity_region[0] == 0 ? kept_by_store(f, zone, &m, err) : 0;

    if (rc != 0)
        return rc;
    f->region = tl_region_of(conf->identity_region[0] != 0 ? conf->identity_region : m.region[0] != 0 ? m.region : TL_REGION_DEFAULT);
    if (f->region == NULL)
        return tl_fail(err, TL_ECONFIG, "identity.region: \"%.20s\" is no region known here; allowed: %s", conf->identity_region, tl_region_list());
    return tl_zone_open(&f->zone, conf->timezone[0] != 0 ? conf->timezone : zone[0] != 0 ? zone : tl_zone_local_name(), err);
}

static int
load_rules(struct follow *f, const char *data, const struct tl_conf *conf, struct tl_err *err)
{
    char path[PATH_MAX];

    tl_run_path(f->catalogue_dir, data, "catalogue");
    mkdir(tl_run_path(path, data, "keys"), 0700);
    int rc = tl_key_load(tl_run_path(path, data, "keys/identity.key"), 1, f->key, err);
    return rc == 0 ? choose_places(f, conf, err) : rc;
}

void
follow_head(const struct follow *f, const struct version *v, struct tl_store_head *head)
{
    memset(head, 0, sizeof *head);
    tl_eventlog_id(f->log, head->log);
    snprintf(head->catalogue, sizeof head->catalogue, "%s", v->catalogue->hash);
    snprintf(head->zone, sizeof head->zone, "%s", tl_zone_name(f->zone));
    snprintf(head->region, sizeof head->region, "%s", f->region->id);
    head->position = head->next_customer = 1;
    head->tallied = true;
    head->key_check = tl_hash64(f->key, "identity", 8);
    head->newest_event_ms = head->newest_live_ms = TL_TIME_NONE;
}

struct weave_rules
follow_rules(const struct follow *f, const struct version *v)
{
    return (struct weave_rules){ v->catalogue, f->zone, f->region, f->key, f->log };
}

/* the hash of what is due: read once, when it is met */
static void
tell_due(struct follow *f, const struct tl_store_head *h)
{
    struct version v;

    if (f->told.due == h->catalogue_due && f->told.due_hash[0] != 0)
        return;
    bool read = version_at(&v, f->log, h->catalogue_due, NULL) == 0;
    pthread_mutex_lock(&f->totals_mu);
    snprintf(f->told.due_hash, sizeof f->told.due_hash, "%s", read ? v.catalogue->hash : "");
    pthread_mutex_unlock(&f->totals_mu);
    if (read)
        version_free(&v);
}

void
follow_tell(struct follow *f)
{
    const struct tl_store_head *h = tl_store_w_head(f->store);
    bool due = h->catalogue_due > h->catalogue_at;

    if (due)
        tell_due(f, h);
    pthread_mutex_lock(&f->totals_mu);
    f->totals = (struct follow_totals){ h->position, h->events, h->duplicates, h->refused, h->suppressed, h->controls, h->heartbeats };
    snprintf(f->told.hash, sizeof f->told.hash, "%s", h->catalogue);
    f->told.at = h->catalogue_at;
    f->told.due = h->catalogue_due;
    f->told.time_ms = f->version.time_ms;
    if (!due)
        f->told.due_hash[0] = f->told.trouble[0] = 0;
    pthread_mutex_unlock(&f->totals_mu);
    atomic_store(&f->position, h->position);
}

void
follow_catalogue(struct follow *f, struct follow_catalogue *out)
{
    pthread_mutex_lock(&f->totals_mu);
    *out = f->told;
    pthread_mutex_unlock(&f->totals_mu);
}

/* ---- versions ---- */

static bool
fits_log(const struct follow *f)
{
    const struct tl_store_head *head = f->store != NULL ? tl_store_w_head(f->store) : NULL;
    uint8_t id[16];

    tl_eventlog_id(f->log, id);
    return head != NULL && !f->damaged && memcmp(head->log, id, sizeof id) == 0 && head->position <= tl_eventlog_end(f->log);
}

int
follow_version(struct follow *f, struct version *v, struct tl_err *err)
{
    bool fits = fits_log(f);
    uint64_t at = fits ? tl_store_w_head(f->store)->catalogue_due : 0;
    int rc = at > 0 ? version_at(v, f->log, at, NULL) : TL_ENOTFOUND;

    if (rc != 0 && (at > 0 || !fits))       /* not known, or written by another program and no longer readable */
        rc = version_last(v, f->log, err);
    return rc == TL_ENOTFOUND ? version_of_folder(v, f->catalogue_dir, err) : rc;
}

/* An empty store by the version that holds. */
static int
make_live(struct follow *f, struct tl_err *err)
{
    struct version v;
    struct tl_store_head head;
    int rc = follow_version(f, &v, err);

    if (rc != 0)
        return rc;
    follow_head(f, &v, &head);
    rc = tl_store_w_make(&f->store, f->journeys, &head, err);
    if (rc == 0)
        rc = follow_keep_version(f->store, &v, err);
    if (rc == 0)
        rc = tl_store_w_swing(&f->store, err);
    version_free(&v);
    return rc;
}

int
follow_keep_version(struct tl_store_w *store, const struct version *v, struct tl_err *err)
{
    struct tl_store_catalogue kept = version_kept(v);
    int rc = tl_store_w_begin(store, err);

    if (rc == 0)
        rc = tl_store_w_catalogue_put(store, &kept, err);
    if (rc == 0)
        return tl_store_w_commit(store, err);
    tl_store_w_abort(store);
    return rc;
}

/* A store of an older program keeps none; one whose version can no longer be read is made anew (its hash differs). */
static int
load_version(struct follow *f, struct tl_err *err)
{
    int rc = version_of_store(&f->version, f->store, err);

    f->damaged = f->damaged || is_damage(rc);
    return rc == 0 || rc == TL_ENOMEM || rc == TL_EIO ? rc : follow_version(f, &f->version, err);
}

static int
open_live(struct follow *f, struct tl_err *err)
{
    int rc = tl_store_w_open(&f->store, f->journeys, err);

    if (rc == 0)
        rc = load_version(f, err);
    if (rc != 0)
        return rc;
    struct weave_rules rules = follow_rules(f, &f->version);
    return weave_new(&f->weave, &rules, f->store, true, err);
}

int
follow_open_live(struct follow *f, struct tl_err *err)
{
    int rc = open_live(f, err);

    if (is_damage(rc))
        tl_log(TL_WARN, "journeys_unreadable", "why=\"%s\" next=\"made anew from the log\"", err != NULL ? err->text : "");
    if (rc == TL_ENOTFOUND || is_damage(rc)) {
        follow_close_live(f);
        rc = make_live(f, err);
        rc = rc == 0 ? open_live(f, err) : rc;
    }
    if (rc == 0)
        follow_tell(f);
    else
        follow_close_live(f);
    return rc;
}

/* Until something is activated, what stands in the folder holds: then it must be readable, and may have been edited while nothing ran. */
static int
look_at_folder(struct follow *f, struct tl_err *err)
{
    const struct tl_store_head *head = tl_store_w_head(f->store);
    struct version v;
    int rc = head->catalogue_due > 0 ? 0 : version_of_folder(&v, f->catalogue_dir, err);

    if (rc != 0 || head->catalogue_due > 0)
        return rc;
    f->folder_changed = strcmp(v.catalogue->hash, head->catalogue) != 0;
    version_free(&v);
    return 0;
}

int
follow_open(struct follow **out, const char *data, const struct tl_conf *conf, struct tl_eventlog *log, struct tl_err *err)
{
    struct follow *f = tl_alloc(sizeof *f);
    int rc = f != NULL ? 0 : tl_fail(err, TL_ENOMEM, "out of memory");

    *out = NULL;
    if (rc != 0)
        return rc;
    f->log = log;
    f->sizes = rebuild_sizes;
    pthread_mutex_init(&f->totals_mu, NULL);
    tl_run_path(f->journeys, data, "journeys");
    mkdir(data, 0700);
    rc = load_rules(f, data, conf, err);
    if (rc == 0)
        rc = follow_open_live(f, err);
    if (rc == 0)
        rc = look_at_folder(f, err);
    if (rc != 0)
        follow_close(&f);
    *out = f;
    return rc;
}

void
follow_close_live(struct follow *f)
{
    weave_free(&f->weave);
    tl_store_w_close(&f->store);
    version_free(&f->version);
}

void
follow_close(struct follow **fp)
{
    struct follow *f = fp != NULL ? *fp : NULL;

    if (f == NULL)
        return;
    follow_close_live(f);
    tl_zone_free(&f->zone);
    pthread_mutex_destroy(&f->totals_mu);
    tl_free(f);
    *fp = NULL;
}

uint64_t
follow_position(const struct follow *f)
{
    return atomic_load(&f->position);
}

void
follow_totals(struct follow *f, struct follow_totals *out)
{
    pthread_mutex_lock(&f->totals_mu);
    *out = f->totals;
    pthread_mutex_unlock(&f->totals_mu);
}

bool
follow_rebuilding(const struct follow *f)
{
    return atomic_load(&f->rebuilding);
}

struct tl_store_w *
follow_store(struct follow *f)
{
    return f->store;
}

const struct tl_catalogue *
follow_rules_of(const struct follow *f)
{
    return f->version.catalogue;
}

const char *
follow_zone(const struct follow *f)
{
    return tl_zone_name(f->zone);
}

const char *
follow_unfit(struct follow *f)
{
    struct tl_store_head want;
    uint64_t end = tl_eventlog_end(f->log);

    if (f->weave == NULL)
        return "the store cannot be opened";
    const struct tl_store_head *head = tl_store_w_head(f->store);
    follow_head(f, &f->version, &want);
    if (f->undone)
        return "an import run was taken back";
    if (f->damaged)
        return "the store is damaged";
    if (f->split_lossy)
        return "a customer was split whose events were partly refused";
    if (memcmp(head->log, want.log, sizeof want.log) != 0)
        return "the store was made from another log";
    if (head->position > end)
        return "the store is ahead of the log";
    if (!head->tallied)
        return "the store was made by an older program, which did not count everything";
    if (strcmp(head->catalogue, want.catalogue) != 0)
        return "the catalogue has changed";
    if (head->key_check != want.key_check)
        return "the identity key is another one";
    if (strcmp(head->zone, want.zone) != 0)
        return "the time zone has changed";
    if (strcmp(head->region, want.region) != 0)
        return "the region of phone numbers has changed";
    if (head->position == 1 && end - head->position > BULK_EVENTS)
        return "the store is empty and the log long";
    return NULL;
}

const char *
follow_wants_rebuild(struct follow *f)
{
    const char *why = follow_unfit(f);

    if (why != NULL || tl_clock_real()->mono_us(tl_clock_real()) < f->retry_us)     /* the live store goes on meanwhile */
        return why;
    const struct tl_store_head *head = tl_store_w_head(f->store);
    if (head->catalogue_due > head->catalogue_at)
        return "another catalogue was activated";
    return f->folder_changed ? "the catalogue has changed" : NULL;
}

/* ---- one round ---- */

struct round {
    struct follow *f;
    struct weave *weave;
    struct follow_limits limits;
    int64_t until_us;
    uint64_t next;              /* position after what was taken */
    uint64_t before;            /* not 0: a record that only a rebuild can take; the round ends before it, so that the next start meets it again */
    int taking;                 /* what taking a record came to: else a failed read is the log's */
    bool log_failed;
    struct tl_err *err;
};

int
follow_take(struct weave *w, const struct tl_logged *rec, uint64_t from, int (*suppress)(void *arg, const struct tl_event *ev, uint64_t position), void *arg,
            int (*event)(void *arg, struct weave *w, const struct tl_event *ev, uint64_t position, int64_t logged_ms, struct tl_err *err), struct tl_err *err)
{
    struct tl_cur c = tl_cur_of(rec->payload.p, rec->payload.n);
    struct tl_event ev;
    uint32_t n = 0, done = 0;
    int kind = 0, rc = tl_wire_open(&c, &kind, &n);

    for (uint32_t i = 0; rc == 0 && i < n; i++) {
        if (tl_wire_next_event(&c, &ev) != 0) {
            rc = TL_ETRUNC;
            break;
        }
        done = i + 1;
        if (rec->position + i < from)
            continue;
        if (tl_event_is_heartbeat(&ev)) {
            int marked = weave_mark(w, &ev, rec->logged_at_ms, err);
            if (marked != 0)
                return marked;
            continue;
        }
        if (suppress != NULL && suppress(arg, &ev, rec->position + i)) {
            w->counts.suppressed++;
            continue;
        }
        int taken = event != NULL ? event(arg, w, &ev, rec->position + i, rec->logged_at_ms, err) : weave_event(w, &ev, rec->position + i, rec->logged_at_ms, err);
        if (taken != 0)
            return taken;
    }
    if (rc != 0) {  /* intake has decoded it before: the log is damaged there, and goes on behind */
        w->counts.refused += rec->n - done;
        tl_log(TL_ERROR, "batch_unreadable", "position=%llu", (unsigned long long)rec->position);
    }
    return 0;
}

static int
take_one(struct round *r, const struct tl_logged *rec)
{
    int rc = 0;

    if (rec->control && tl_str_is(rec->kind, "undo") && rec->position >= r->next) {
        r->f->undone = true;
        return 1;
    }
    if (rec->position == r->before)
        return 1;
    rc = rec->control ? (rec->position >= r->next ? weave_control(r->weave, rec, r->err) : 0) : follow_take(r->weave, rec, r->next, NULL, NULL, NULL, r->err);
    if (rc != 0)
        return rc;
    if (r->weave->who->must_rebuild) {
        r->f->split_lossy = true;
        r->before = rec->position;
        return tl_fail(r->err, TL_EAGAIN, "a customer is split whose events were partly refused");
    }
    r->next = rec->position + rec->n;
    return r->weave->fresh_n >= r->limits.events_max || r->weave->who->person_n >= r->limits.customers_max || tl_clock_real()->mono_us(tl_clock_real()) > r->until_us;
}

static int
take_record(void *arg, const struct tl_logged *rec)
{
    struct round *r = arg;
    return r->taking = take_one(r, rec);
}

static int
write_round(struct round *r, struct tl_err *err)
{
    struct tl_store_w *store = r->weave->store;
    int rc = tl_store_w_begin(store, err);

    if (rc == 0)
        rc = tl_eventlog_read(r->f->log, r->next, take_record, r, err);
    r->log_failed = rc < 0 && r->taking >= 0;
    if (rc == 0)
        rc = weave_flush(r->weave, err);
    if (rc == 0) {
        tl_store_w_head(store)->position = r->next;
        weave_tally(r->weave);
        rc = tl_store_w_commit(store, err);
    } else {
        tl_store_w_abort(store);
    }
    return rc;
}

int64_t
follow_one(struct follow *f, struct weave *w, const struct follow_limits *limits, struct tl_err *err)
{
    struct round r = { .f = f, .weave = w, .limits = *limits, .err = err, .next = tl_store_w_head(w->store)->position };
    uint64_t from = r.next;
    int rc = TL_ENOSPC;

    r.limits.events_max = limits->events_max > 0 ? limits->events_max : EVENTS_MAX;
    r.limits.customers_max = limits->customers_max > 0 ? limits->customers_max : CUSTOMERS_MAX;
    r.limits.round_ms = limits->round_ms > 0 ? limits->round_ms : ROUND_MS;
    if (from >= tl_eventlog_end(f->log))
        return 0;
    for (int tries = 0; (rc == TL_ENOSPC || rc == TL_EAGAIN) && tries < 4; tries++) {
        r.next = from;
        r.until_us = tl_clock_real()->mono_us(tl_clock_real()) + r.limits.round_ms * 1000;
        rc = write_round(&r, err);
        if (rc != 0 && weave_reset(w, true, NULL) != 0)
            return rc;
    }
    if (rc != 0) {
        f->damaged = f->damaged || (w == f->weave && is_damage(rc) && !r.log_failed);
        return rc;
    }
    tl_count_add(A_EVENTS_STITCHED, (int64_t)w->counts.events);
    tl_count_add(A_EVENTS_DUPLICATE, (int64_t)w->counts.duplicates);
    tl_count_add(A_EVENTS_REFUSED, (int64_t)w->counts.refused);
    tl_count_add(A_STITCH_ROUNDS, 1);
    weave_reset(w, false, NULL);
    return (int64_t)(r.next - from);
}

/* moved - how far the position has come; a store that was made anew meanwhile may stand before it */
static int64_t
moved(const struct follow *f, uint64_t before)
{
    uint64_t now = follow_position(f);

    return now > before ? (int64_t)(now - before) : 0;
}

int64_t
follow_round(struct follow *f, const struct follow_limits *limits, struct tl_err *err)
{
    uint64_t before = follow_position(f);
    int opened = f->weave == NULL ? follow_open_live(f, err) : 0;      /* a swing may have failed half-way */
    const char *why = opened == 0 ? follow_wants_rebuild(f) : NULL;

    if (opened != 0)
        return opened;
    if (why != NULL) {
        tl_log(TL_INFO, "rebuild", "why=\"%s\"", why);
        int rc = follow_rebuild(f, NULL, NULL, err);
        return rc != 0 ? rc : moved(f, before);
    }
    int64_t taken = follow_one(f, f->weave, limits, err);
    if (taken < 0)
        return taken;
    follow_tell(f);
    if (f->undone || f->split_lossy) {
        int rc = follow_rebuild(f, NULL, NULL, err);
        return rc != 0 ? rc : moved(f, before);
    }
    return taken;
}
