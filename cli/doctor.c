/* doctor.c - `touchline doctor`: looks at a folder without changing it, and says what is wrong and what to do. */
#include "cli.h"
#include "doctor_visits.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include "port_owner.h"
#include "scrub.h"
#include "session.h"
#include "tl_alerts.h"
#include "tl_catalogue.h"
#include "tl_conf.h"
#include "tl_eventlog.h"
#include "tl_fetch.h"
#include "tl_run.h"
#include "tl_store.h"

const char cli_doctor_help[] =
    "touchline doctor [--data DIR] [--quick] [--scrub]\n"
    "\n"
    "Looks at the folder and says what is right and what is not: access, disk, settings, ports, catalogue, running programs and whether they answer, mystery visits\n"
    "(evidence, links that phones cannot reach), and every stored value's checksum in log and journeys (not with --quick). Changes nothing; works while the programs run. Ends with 1 when something is wrong.\n"
    "--scrub reads the quarantine and every record of the folder's spool as well.\n";

#define FREE_LEAST_BYTES (512ull << 20)

struct visit {
    const char *data;
    bool quick, scrub;
    int bad, warned;
    uint64_t log_end;
};

/* ---- telling ---- */
static void
tell(struct visit *v, const char *mark, const char *text)
{
    cli_progress_end();
    printf("%-5s %s\n", mark, text);
    v->bad += strcmp(mark, "BAD") == 0;
    v->warned += strcmp(mark, "warn") == 0;
}

#define TELL(v, mark, ...) do { char text_[400]; snprintf(text_, sizeof text_, __VA_ARGS__); tell(v, mark, text_); } while (0)

/* ---- the folder ---- */
static bool
check_folder(struct visit *v)
{
    struct stat st;
    struct statvfs fs;
    if (stat(v->data, &st) != 0) {
        TELL(v, "BAD", "%s: %s; name the store's folder with --data DIR", v->data, strerror(errno));
        return false;
    }
    if (access(v->data, R_OK | W_OK | X_OK) != 0)
        TELL(v, "BAD", "%s cannot be read and written by this user", v->data);
    else
        TELL(v, "ok", "%s can be read and written", v->data);
    if ((st.st_mode & 0077) != 0)
        TELL(v, "warn", "%s is open to other users of this machine: chmod 700 it", v->data);
    if (statvfs(v->data, &fs) == 0) {
        unsigned long long free_bytes = (unsigned long long)fs.f_bavail * fs.f_frsize;
        TELL(v, free_bytes < FREE_LEAST_BYTES ? "BAD" : "ok", "%llu MB free on its disk%s", free_bytes >> 20,
             free_bytes < FREE_LEAST_BYTES ? "; below 512 MB collectors are asked to wait" : "");
    }
    return true;
}

static void
check_port(struct visit *v, enum session_program p, const char *key, const char *host, int64_t port)
{
    struct tl_run_info info;
    char owner[128];
    if (tl_run_find(v->data, session_program_name(p), &info, NULL) == 0 || port_free(host, (int)port))
        return;
    TELL(v, "warn", "port %lld of the %s is taken by %s; `touchline up` needs another: --%s", (long long)port, session_program_name(p),
         port_owner((int)port, owner), key);
}

/* After a first activation the folder is a working copy: what stands there and what holds may differ. */
static void
check_active(struct visit *v, const struct tl_catalogue *folder)
{
    char path[PATH_MAX];
    struct tl_store *s = NULL;
    struct tl_store_txn *t = NULL;
    struct tl_store_meta m = {0};
    if (tl_store_open_read(&s, tl_run_path(path, v->data, "journeys"), NULL) != 0)
        return;
    if (tl_store_begin(s, &t, NULL) == 0 && tl_store_meta(t, &m, NULL) == 0 && strcmp(m.catalogue, folder->hash) != 0)
        TELL(v, "warn", "the journeys are made by another version (%.12s) than the files of catalogue/ (%.12s): %s", m.catalogue, folder->hash,
             m.catalogue_due > 0 ? "`touchline activate` lets these hold" : "they hold when the aggregator starts again, or with `touchline activate`");
    tl_store_end(&t);
    tl_store_close(&s);
}

static void
check_settings(struct visit *v)
{
    struct tl_conf c;
    struct tl_err err;
    char path[PATH_MAX];
    struct tl_catalogue *catalogue = NULL;
    tl_conf_defaults(&c);
    if (access(tl_run_path(path, v->data, "touchline.conf"), R_OK) == 0) {
        if (tl_conf_file(&c, path, &err) != 0)
            TELL(v, "BAD", "%s", err.text);
        else
            TELL(v, "ok", "touchline.conf can be read");
    }
    check_port(v, SESSION_COLLECTOR, "collector.port", c.collector_bind, c.collector_port);
    check_port(v, SESSION_AGGREGATOR, "aggregator.port", c.aggregator_bind, c.aggregator_port);
    check_port(v, SESSION_VIEWER, "viewer.port", c.viewer_bind, c.viewer_port);
    if (tl_catalogue_load(tl_run_path(path, v->data, "catalogue"), &catalogue, &err) != 0) {
        TELL(v, "BAD", "%s", err.text);
        return;
    }
    TELL(v, "ok", "catalogue: %u touchpoints, %u stage models, %u journey types", catalogue->touchpoint_n, catalogue->model_n, catalogue->type_n);
    check_active(v, catalogue);
    tl_catalogue_free(&catalogue);
}

/* ---- programs ---- */
static void
check_program(struct visit *v, enum session_program p)
{
    struct tl_run_info info;
    char url[160];
    const char *name = session_program_name(p);
    struct tl_buf body = {0};
    struct tl_err err;
    int status = 0;
    if (tl_run_find(v->data, name, &info, NULL) != 0) {
        TELL(v, "ok", "no %s is running", name);
        return;
    }
    struct tl_fetch *f = tl_fetch_new(5000);
    snprintf(url, sizeof url, "%s/healthz", info.http);
    int rc = f == NULL ? tl_fail(&err, TL_ENOMEM, "out of memory") : tl_fetch_do(f, "GET", url, NULL, (struct tl_str){0}, &status, NULL, &body, &err);
    if (rc != 0)
        TELL(v, "BAD", "the %s (pid %d) does not answer at %s: %.120s", name, info.pid, info.http, err.text);
    else
        TELL(v, status == 200 ? "ok" : "BAD", "the %s (pid %d) answers at %s: %.*s", name, info.pid, info.http, (int)(body.len < 200 ? body.len : 200),
             body.len > 0 ? (const char *)body.data : "");
    tl_fetch_free(&f);
    tl_buf_free(&body);
}

/* ---- the log ---- */
struct scan { uint64_t records, events, controls; };

static int
scan_record(void *arg, const struct tl_logged *rec)
{
    struct scan *s = arg;
    struct tl_cur c = tl_cur_of(rec->payload.p, rec->payload.n);
    struct tl_event ev;
    int kind, rc = 0;
    uint32_t n = 0;
    s->records++;
    s->controls += rec->control;
    if (rec->control)
        return 0;
    rc = tl_wire_open(&c, &kind, &n);
    for (uint32_t i = 0; i < n && rc == 0; i++)
        rc = tl_wire_next_event(&c, &ev);
    s->events += n;
    if (s->records % 64 == 0)
        cli_progress("log: %llu events read", (unsigned long long)s->events);
    return rc;
}

static void
check_log(struct visit *v)
{
    struct tl_eventlog *log = NULL;
    struct tl_err err = {0};
    char path[PATH_MAX];
    struct scan s = {0};
    if (tl_eventlog_open(&log, tl_run_path(path, v->data, "log"), true, &err) != 0) {
        TELL(v, err.code == TL_ENOTFOUND ? "ok" : "BAD", "log: %s", err.code == TL_ENOTFOUND ? "none yet" : err.text);
        return;
    }
    v->log_end = tl_eventlog_end(log);
    int rc = v->quick ? 0 : tl_eventlog_read(log, 1, scan_record, &s, &err);
    if (rc == 0 && !v->quick)
        rc = tl_eventlog_prove(log, &err);
    if (rc != 0)
        TELL(v, "BAD", "log: after %llu good records: %s (%s); restore it from a backup, or from the collectors' spools", (unsigned long long)s.records,
             err.text, tl_err_name(rc));
    else if (v->quick)
        TELL(v, "ok", "log: %llu positions (not read: --quick)", (unsigned long long)v->log_end - 1);
    else
        TELL(v, "ok", "log: %llu events and %llu control records, every checksum right; %llu quarantined", (unsigned long long)s.events,
             (unsigned long long)s.controls, (unsigned long long)tl_eventlog_refused_n(log));
    tl_eventlog_close(&log);
}

/* ---- journeys ---- */
struct walk { struct tl_store_txn *txn; struct tl_err *err; uint64_t last, n, events; };

static int
walk_customer(void *arg, uint64_t number)
{
    struct walk *w = arg;
    struct tl_kept *events = NULL;
    uint32_t n = 0;
    int rc = tl_store_events(w->txn, number, &events, &n, w->err);
    tl_free(events);
    w->last = number;
    w->n++;
    w->events += n;
    return rc;
}

static int
tell_values(void *arg, uint64_t values)
{
    (void)arg;
    cli_progress("journeys: %llu values read", (unsigned long long)values);
    return 0;
}

#define WALK_AT_ONCE 1000                /* customers in one read transaction */

static int
walk_all(struct tl_store *store, struct walk *w)
{
    for (uint64_t before;;) {
        int rc = tl_store_begin(store, &w->txn, w->err);
        before = w->n;
        if (rc == 0)
            rc = tl_store_customers(w->txn, w->last, WALK_AT_ONCE, walk_customer, w, w->err);
        tl_store_end(&w->txn);
        if (rc != 0 || w->n == before)
            return rc;
        cli_progress("journeys: %llu customers read", (unsigned long long)w->n);
    }
}

static int
count_shared(void *arg, const struct tl_store_shared *s)
{
    (void)s;
    ++*(uint64_t *)arg;
    return 0;
}

static void
check_journeys(struct visit *v)
{
    uint64_t shared = 0;
    struct tl_store *store = NULL;
    struct tl_err err = {0};
    struct tl_store_meta meta = {0};
    struct walk w = { .err = &err };
    char path[PATH_MAX];
    if (tl_store_open_read(&store, tl_run_path(path, v->data, "journeys"), &err) != 0) {
        TELL(v, err.code == TL_ENOTFOUND ? "ok" : "BAD", "journeys: %s", err.code == TL_ENOTFOUND ? "none yet" : err.text);
        return;
    }
    int rc = tl_store_begin(store, &w.txn, &err);
    if (rc == 0)
        rc = tl_store_meta(w.txn, &meta, &err);
    if (rc == 0)
        rc = tl_store_shared(w.txn, count_shared, &shared, &err);
    tl_store_end(&w.txn);
    if (rc == 0 && !v->quick)
        rc = walk_all(store, &w);
    if (rc == 0 && !v->quick)
        rc = tl_store_prove(store, tell_values, NULL, &err);
    if (rc != 0)
        TELL(v, "BAD", "journeys: %s (%s); they can be made again: touchline rebuild", err.text, tl_err_name(rc));
    else
        TELL(v, "ok", "journeys: %llu customers, %llu journeys, %llu events%s; time zone %s", (unsigned long long)meta.customers,
             (unsigned long long)meta.journeys, (unsigned long long)meta.events, v->quick ? "" : ", every checksum right", tl_store_timezone(store));
    if (rc == 0 && shared > 0)
        TELL(v, "warn", "%llu identities are told with more people than one person can be (over %d): they link nobody; /api/shared lists them", (unsigned long long)shared, TL_SHARED_HOMES_MAX);
    if (rc == 0 && meta.position < v->log_end)
        TELL(v, "warn", "journeys lack the last %llu positions of the log; the aggregator makes them when it runs", (unsigned long long)(v->log_end - meta.position));
    if (rc == 0 && v->log_end != 0 && meta.position > v->log_end)
        TELL(v, "BAD", "journeys are ahead of the log (position %llu of %llu): they belong to another log; touchline rebuild", (unsigned long long)meta.position,
             (unsigned long long)v->log_end);
    tl_store_close(&store);
}

/* ---- alerts ---- */
static int
read_alert(void *arg, const struct tl_alert *a)
{
    (void)a;
    ++*(uint64_t *)arg;
    return 0;
}

static void
check_alerts(struct visit *v)
{
    struct tl_alerts *alerts = NULL;
    struct tl_alerts_txn *t = NULL;
    struct tl_err err = {0};
    uint64_t n = 0;
    int rc = tl_alerts_open(&alerts, v->data, true, &err);
    if (rc == TL_ENOTFOUND)
        return;
    if (rc == 0)
        rc = tl_alerts_begin(alerts, false, &t, &err);
    if (rc == 0)
        rc = tl_alerts_newest(t, read_alert, &n, &err);
    tl_alerts_abort(&t);
    tl_alerts_close(&alerts);
    if (rc != 0)
        TELL(v, "BAD", "alerts: %s; without the folder they begin anew, those of the last 24 hours are told again", err.text);
    else
        TELL(v, "ok", "alerts: %llu kept", (unsigned long long)n);
}

/* ---- visits ---- */
static void
tell_visit(void *arg, const char *mark, const char *text)
{
    tell(arg, mark, text);
}

static void
check_visits(struct visit *v)
{
    struct tl_conf c;
    char path[PATH_MAX];
    tl_conf_defaults(&c);
    if (access(tl_run_path(path, v->data, "touchline.conf"), R_OK) == 0 && tl_conf_file(&c, path, NULL) != 0)
        tl_conf_defaults(&c);
    doctor_visits(v->data, &c, v->quick, tell_visit, v);
}

/* ---- the rest, with --scrub ---- */
static int
scrub_item(void *arg, uint64_t number, const struct tl_refused *r)
{
    (void)r;
    *(uint64_t *)arg = number;
    return 0;
}

static void
scrub_quarantine(struct visit *v)
{
    struct tl_eventlog *log = NULL;
    struct tl_err err = {0};
    char path[PATH_MAX];
    uint64_t least = 0;
    int rc = tl_eventlog_open(&log, tl_run_path(path, v->data, "log"), true, &err);
    uint64_t n = rc == 0 ? tl_eventlog_refused_n(log) : 0;
    if (rc == 0)
        rc = tl_eventlog_refused(log, 0, scrub_item, &least, &err);
    if (rc != 0 && rc != TL_ENOTFOUND)
        TELL(v, "BAD", "quarantine: below item %llu: %s", (unsigned long long)least, err.text);
    else
        TELL(v, "ok", "quarantine: %llu items, every checksum right", (unsigned long long)n);
    tl_eventlog_close(&log);
}

static void
scrub_spools(struct visit *v)
{
    struct scrub s;
    struct tl_err err = {0};
    char path[PATH_MAX];
    int rc = scrub_spool(tl_run_path(path, v->data, "spool"), &s, &err);
    if (rc == TL_ENOTFOUND)
        TELL(v, "ok", "spool: none here");
    else if (rc != 0)
        TELL(v, "BAD", "spool: %.300s; %llu numbers from there to the end of their segments were not judged, %llu records are right", err.text, (unsigned long long)s.damaged, (unsigned long long)s.records);
    else
        TELL(v, "ok", "spool: %llu records in %llu segments, %llu to %llu, every checksum right", (unsigned long long)s.records, (unsigned long long)s.segments,
             (unsigned long long)s.first, (unsigned long long)s.last);
}

int
cli_doctor(int argc, char **argv)
{
    const char *data = NULL;
    struct visit v = {0};
    int n;
    const struct cli_option options[] = { { "--data", CLI_TEXT, &data }, { "--quick", CLI_FLAG, &v.quick }, { "--scrub", CLI_FLAG, &v.scrub }, { NULL, CLI_FLAG, NULL } };
    if (cli_parse(argc, argv, options, &n) != 0)
        return CLI_USAGE;
    if (n > 0)
        return cli_usage("doctor", "what is \"%s\"?", argv[1]);
    v.data = session_data(data);
    if (!check_folder(&v))
        return CLI_FAILED;
    check_settings(&v);
    for (enum session_program p = 0; p < SESSION_PROGRAMS; p++)
        check_program(&v, p);
    check_log(&v);
    check_journeys(&v);
    check_alerts(&v);
    check_visits(&v);
    if (v.scrub) {
        scrub_quarantine(&v);
        scrub_spools(&v);
    }
    printf("%s\n", v.bad > 0 ? "Something is wrong: see BAD above." : v.warned > 0 ? "Nothing is wrong; see the warnings above." : "All is well.");
    return v.bad > 0 ? CLI_FAILED : CLI_OK;
}
