/* session_settle.c - waiting until what was sent can be seen: spool empty, log taken in, journeys made. */
#include "session.h"

#include <unistd.h>
#include "cli.h"
#include "tl_json.h"
#include "tl_port.h"
#include "tl_run.h"

#define LOOK_MS 5
#define PATIENCE_US INT64_C(60000000)

struct reach { int64_t backlog, position, stitched; bool rebuilding; };

static int
read_health(struct session *s, enum session_program p, struct tl_arena *a, struct tl_jv **root, struct tl_err *err)
{
    struct tl_buf b = {0};
    int rc = session_get(s, p, "/healthz", &b, err);
    char *copy = rc == 0 ? tl_arena_dup(a, b.data, b.len) : NULL;
    if (rc == 0)
        rc = copy == NULL ? tl_fail(err, TL_ENOMEM, "out of memory") : tl_json_tree(a, (struct tl_str){ copy, b.len }, 0, root, NULL, err);
    tl_buf_free(&b);
    return rc;
}

static int
look(struct session *s, struct reach *r, struct tl_err *err)
{
    struct tl_arena *a = tl_arena_new(1024 * 1024);
    struct tl_jv *root = NULL;
    char url[80];
    r->backlog = 0;
    int rc = a == NULL ? tl_fail(err, TL_ENOMEM, "out of memory") : 0;
    /* a collector that is needed and down right now holds what it acknowledged: it is waited for */
    bool asked = session_needs(s, SESSION_COLLECTOR) || session_url(s, SESSION_COLLECTOR, url)[0] != '\0';
    if (rc == 0 && asked && (rc = read_health(s, SESSION_COLLECTOR, a, &root, err)) == 0)
        r->backlog = tl_jv_int(tl_jv_get(root, "spool"), "backlog", 0);
    if (rc == 0 && (rc = read_health(s, SESSION_AGGREGATOR, a, &root, err)) == 0) {
        r->position = tl_jv_int(root, "position", 0);
        r->stitched = tl_jv_int(root, "stitched", 0);
        r->rebuilding = tl_jv_get(root, "rebuild") != NULL && tl_jv_get(root, "rebuild")->type == TL_JOBJECT;
    }
    tl_arena_free(&a);
    return rc;
}

static void
tell(const struct reach *r)
{
    if (r->backlog > 0)
        cli_progress("waiting for the aggregator: %lld records in the spool", (long long)r->backlog);
    else
        cli_progress("making journeys: %lld of %lld events", (long long)r->stitched - 1, (long long)r->position - 1);
}

int
session_settle(struct session *s, struct tl_err *err)
{
    struct reach r = {0}, best = {0};
    int64_t target = -1;         /* the log's end when the spool was empty: what comes later is not waited for */
    int64_t moved_us = tl_clock_real()->mono_us(tl_clock_real());
    for (;;) {
        struct tl_err why = {0};
        int rc = look(s, &r, &why);
        if (rc == 0 && r.backlog == 0 && target < 0)
            target = r.position;
        if (rc == 0 && target >= 0 && r.stitched >= target && !r.rebuilding)
            break;
        int64_t now = tl_clock_real()->mono_us(tl_clock_real());
        if (rc == 0 && (r.backlog != best.backlog || r.stitched != best.stitched || r.position != best.position)) {
            best = r;
            moved_us = now;
        }
        if (tl_run_stopping())
            return tl_fail(err, TL_EINTR, "stopped; everything sent is safe, the journeys are made when the aggregator runs again");
        if (now - moved_us > PATIENCE_US)
            return rc != 0 ? tl_fail(err, TL_EBUSY, "everything sent is safe, but the programs do not answer: %.120s", why.text)
                           : tl_fail(err, TL_EBUSY, "everything sent is safe, but the journeys have not moved for a minute; see /healthz of the aggregator");
        if (rc == 0)
            tell(&r);
        usleep(LOOK_MS * 1000);
    }
    cli_progress_end();
    return 0;
}
