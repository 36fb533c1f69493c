/* version.c - see version.h. */
#include "version.h"

#include "tl_catalogue_files.h"
#include "tl_logfmt.h"
#include "tl_time.h"

#define FILES_ARENA_BYTES (4 * TL_CATALOGUE_BYTES_MAX)

static int
take(struct version *v, struct tl_str body, struct tl_str actor, uint64_t at, int64_t time_ms, struct tl_err *err)
{
    tl_buf_put(&v->body, body.p, body.n);
    tl_buf_put(&v->actor, actor.p, actor.n);
    v->at = at;
    v->time_ms = time_ms;
    int rc = v->body.failed || v->actor.failed ? tl_fail(err, TL_ENOMEM, "out of memory for the catalogue") : tl_catalogue_of_body(body, &v->catalogue, err);
    if (rc != 0)
        version_free(v);
    return rc;
}

int
version_of_folder(struct version *v, const char *dir, struct tl_err *err)
{
    struct tl_arena *a = tl_arena_new(FILES_ARENA_BYTES);
    struct tl_catalogue_files *f = a != NULL ? tl_arena_alloc(a, sizeof *f) : NULL;
    int rc = f != NULL ? tl_catalogue_files_read(dir, a, f, err) : tl_fail(err, TL_ENOMEM, "out of memory for the catalogue");

    memset(v, 0, sizeof *v);
    v->time_ms = TL_TIME_NONE;
    if (rc == 0)
        rc = tl_catalogue_parse(f, &v->catalogue, err);
    if (rc == 0) {
        struct tl_jw w = tl_jw_to(&v->body);
        tl_jw_open(&w, NULL);
        tl_catalogue_files_json(&w, f);
        tl_jw_close(&w);
        rc = v->body.failed ? tl_fail(err, TL_ENOMEM, "out of memory for the catalogue") : 0;
    }
    tl_arena_free(&a);
    if (rc != 0)
        version_free(v);
    return rc;
}

int
version_of_store(struct version *v, struct tl_store_w *store, struct tl_err *err)
{
    struct tl_store_catalogue c;
    int rc = tl_store_w_begin(store, err);

    memset(v, 0, sizeof *v);
    if (rc != 0)
        return rc;
    rc = tl_store_catalogue(tl_store_w_txn(store), &c, err);
    if (rc == 0)
        rc = take(v, c.body, c.actor, c.at, c.time_ms, err);
    tl_store_w_abort(store);
    return rc;
}

int
version_of_record(struct version *v, const struct tl_logged *rec, struct tl_err *err)
{
    memset(v, 0, sizeof *v);
    return take(v, rec->body, rec->actor, rec->position, rec->time_ms, err);
}

struct search { struct version *v; int rc; struct tl_err *err; };

static int
take_first(void *arg, const struct tl_logged *rec)
{
    struct search *s = arg;

    if (rec->control && tl_str_is(rec->kind, "catalogue"))
        s->rc = version_of_record(s->v, rec, s->err);
    return 1;
}

int
version_at(struct version *v, struct tl_eventlog *log, uint64_t position, struct tl_err *err)
{
    struct search s = { v, TL_ENOTFOUND, err };
    int rc = tl_eventlog_read(log, position, take_first, &s, err);

    return rc != 0 ? rc : s.rc == TL_ENOTFOUND ? tl_fail(err, TL_ENOTFOUND, "the log has no catalogue at position %llu", (unsigned long long)position) : s.rc;
}

static int
take_later(void *arg, const struct tl_logged *rec)
{
    struct search *s = arg;
    struct version later;
    struct tl_err why = {0};

    if (!rec->control || !tl_str_is(rec->kind, "catalogue"))
        return 0;
    int rc = version_of_record(&later, rec, &why);
    if (rc == TL_ENOMEM)        /* it may well be readable */
        return tl_fail(s->err, rc, "%s", why.text);
    if (rc != 0) {
        tl_log(TL_WARN, "catalogue_passed_over", "position=%llu text=\"%s\"", (unsigned long long)rec->position, why.text);
        return 0;
    }
    version_free(s->v);
    *s->v = later;
    s->rc = 0;
    return 0;
}

int
version_last(struct version *v, struct tl_eventlog *log, struct tl_err *err)
{
    struct search s = { v, TL_ENOTFOUND, err };

    memset(v, 0, sizeof *v);
    int rc = tl_eventlog_read(log, 1, take_later, &s, err);
    if (rc != 0)
        version_free(v);
    return rc != 0 ? rc : s.rc;
}

static int
find_one(void *arg, const struct tl_logged *rec)
{
    bool *any = arg;

    *any = rec->control && tl_str_is(rec->kind, "catalogue");
    return *any;
}

bool
version_since(struct tl_eventlog *log, uint64_t from, uint64_t most)
{
    uint64_t end = tl_eventlog_end(log);
    bool any = false;

    if (from >= end)
        return false;
    return end - from > most || tl_eventlog_read(log, from, find_one, &any, NULL) != 0 || any;
}

struct tl_store_catalogue
version_kept(const struct version *v)
{
    return (struct tl_store_catalogue){ v->at, v->time_ms, { (const char *)v->actor.data, v->actor.len }, { (const char *)v->body.data, v->body.len } };
}

void
version_free(struct version *v)
{
    tl_catalogue_free(&v->catalogue);
    tl_buf_free(&v->body);
    tl_buf_free(&v->actor);
}
