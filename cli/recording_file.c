/* recording_file.c - see recording.h: recordings as files of NDJSON. Lines are read by import's reader, which is as strict as the collector's. */
#include "recording.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tl_event.h"
#include "recording_persons.h"
#include "tl_hash.h"
#include "tl_import.h"
#include "tl_json.h"
#include "tl_order.h"
#include "tl_rows.h"
#include "tl_time.h"

#define ARENA_BYTES (1u << 20)

struct reading {
    struct recording *r;
    const char *path;
    struct tl_event_reader *reader;
    struct tl_arena *arena;
    struct tl_buf padded, all;               /* all: ids and bytes, what the run is called after */
    struct tl_kept *kept;                    /* of each event what decides its order */
    struct persons *persons;
    struct tl_err *err;
    int rc;
};

static void
bad(void *arg, uint64_t line, const char *why)
{
    struct reading *g = arg;
    if (g->rc == 0)
        g->rc = tl_fail(g->err, TL_EINVAL, "%.120s:%llu: %s", g->path, (unsigned long long)line, why);
}

/* order_of - what tl_order_events asks. Nothing is known of receipts, so clocks are taken at their word; the line stands in for the id. */
static struct tl_kept
order_of(const struct tl_event *ev, uint32_t line)
{
    struct tl_str none = { NULL, 0 };
    struct tl_kept k = { .id_hash = line, .time_ms = ev->has & TL_HAS(time) ? ev->time_ : TL_TIME_NONE, .skew_ms = TL_TIME_NONE, .received_ms = TL_TIME_NONE };
    if (ev->has & TL_HAS(session))
        k.session = tl_kept_hash('s', none, ev->session_);
    if (ev->has & TL_HAS(seq)) {
        k.seq = ev->seq_;
        k.flags = TL_KEPT_HAS_SEQ;
    }
    return k;
}

static int
take(struct reading *g, struct tl_str json, uint64_t line)
{
    struct tl_event ev;
    struct tl_refusal why = {0};
    struct recording *r = g->r;
    tl_arena_reset(g->arena);
    tl_buf_reset(&g->padded);
    tl_buf_put(&g->padded, json.p, json.n);
    if (!tl_buf_reserve(&g->padded, TL_JSON_PADDING))
        return tl_fail(g->err, TL_ENOMEM, "out of memory");
    memset(g->padded.data + g->padded.len, 0, TL_JSON_PADDING);
    if (tl_event_read(g->reader, g->arena, (struct tl_str){ (const char *)g->padded.data, json.n }, &ev, &why) != 0)
        return tl_fail(g->err, TL_EINVAL, "%.120s:%llu: %s", g->path, (unsigned long long)line, tl_reason_text(why.reason));
    if (!(ev.has & TL_HAS(time)))
        return tl_fail(g->err, TL_EINVAL, "%.120s:%llu: a recorded event needs its time", g->path, (unsigned long long)line);
    if (tl_event_is_heartbeat(&ev)) {        /* of a source, not of a journey */
        r->left_out++;
        return 0;
    }
    int person = persons_of(g->persons, &ev);
    if (person < 0)
        return tl_fail(g->err, person, "%.120s:%llu: %s", g->path, (unsigned long long)line, person == TL_ENOMEM ? "out of memory" : tl_reason_text(TL_REASON_IDENTITY_MISSING));
    if (r->event_n == RECORDING_EVENTS_MAX)
        return tl_fail(g->err, TL_ETOOBIG, "%.120s:%llu: a recording has %d events at most", g->path, (unsigned long long)line, RECORDING_EVENTS_MAX);
    struct tl_kept *more = tl_realloc(g->kept, (r->event_n + 1) * sizeof *more);
    if (more == NULL)
        return tl_fail(g->err, TL_ENOMEM, "out of memory");
    g->kept = more;
    g->kept[r->event_n] = order_of(&ev, r->event_n);
    tl_buf_put(&g->all, json.p, json.n);
    return recording_add(r, ev.id_, json, ev.time_, (uint32_t)person, g->err);
}

static int
event(void *arg, struct tl_str json, uint64_t line, struct tl_err *err)
{
    struct reading *g = arg;
    (void)err;
    if (g->rc == 0)
        g->rc = take(g, json, line);
    return g->rc;
}

/* ---- order, and one event an id ---- */

static int
in_order(struct reading *g)
{
    struct recording *r = g->r;
    struct recorded *list = tl_alloc((r->event_n + 1) * sizeof *list);
    int rc = list != NULL ? tl_order_events(g->kept, r->event_n) : TL_ENOMEM;
    for (uint32_t i = 0; rc == 0 && i < r->event_n; i++) {
        list[i] = r->event[g->kept[i].id_hash];
        list[i].at_ms = g->kept[i].at_ms;
    }
    if (rc == 0)
        memcpy(r->event, list, r->event_n * sizeof *list);
    tl_free(list);
    return rc == 0 ? 0 : tl_fail(g->err, rc, "out of memory");
}

static int
by_id(const void *x, const void *y, void *arg)
{
    const struct recording *r = arg;
    uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
    int d = strcmp(r->event[a].id, r->event[b].id);
    return d != 0 ? d : (a > b) - (a < b);
}

static int
leave_out_copies(struct reading *g)
{
    struct recording *r = g->r;
    uint32_t *at = tl_alloc((r->event_n + 1) * sizeof *at), n = 0;
    bool *copy = tl_alloc(r->event_n + 1);
    for (uint32_t i = 0; at != NULL && i < r->event_n; i++)
        at[i] = i;
    if (at != NULL && copy != NULL && r->event_n > 1)
        qsort_r(at, r->event_n, sizeof *at, by_id, r);
    for (uint32_t i = 1; at != NULL && copy != NULL && i < r->event_n; i++)
        copy[at[i]] = strcmp(r->event[at[i]].id, r->event[at[i - 1]].id) == 0;
    for (uint32_t i = 0; at != NULL && copy != NULL && i < r->event_n; i++)
        if (copy[i]) {
            tl_free(r->event[i].id);
            tl_free(r->event[i].json);
            r->left_out++;
        } else {
            r->event[n++] = r->event[i];
        }
    bool good = at != NULL && copy != NULL;
    if (good)
        r->event_n = n;
    tl_free(at);
    tl_free(copy);
    return good ? 0 : tl_fail(g->err, TL_ENOMEM, "out of memory");
}

/* whoever turned out to be one person gets one number, in the order in which they come */
static int
number_persons(struct reading *g)
{
    struct recording *r = g->r;
    uint32_t n = 0, *number = tl_alloc((persons_n(g->persons) + 1) * sizeof *number);
    if (number == NULL)
        return tl_fail(g->err, TL_ENOMEM, "out of memory");
    for (uint32_t i = 0; i < r->event_n; i++) {
        uint32_t group = persons_group(g->persons, r->event[i].person);
        if (number[group] == 0)
            number[group] = ++n;
        r->event[i].person = number[group] - 1;
    }
    r->person_n = n;
    tl_free(number);
    return n <= RECORDING_PERSONS_MAX ? 0 : tl_fail(g->err, TL_ETOOBIG, "%.120s: %u persons; a recording has %d at most", g->path, n, RECORDING_PERSONS_MAX);
}

/* x/visit-02.ndjson.gz -> visit-02 */
static char *
name_of(const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
    size_t n = strlen(name);
    static const char *const ends[] = { ".gz", ".ndjson", ".jsonl" };
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        if (n > strlen(ends[i]) && memcmp(name + n - strlen(ends[i]), ends[i], strlen(ends[i])) == 0)
            n -= strlen(ends[i]);
    return tl_strdup((struct tl_str){ name, n });
}

int
recording_read(const char *path, struct recording *out, struct tl_err *err)
{
    struct reading g = { .r = out, .path = path, .err = err, .reader = tl_event_reader_new(), .arena = tl_arena_new(ARENA_BYTES) };
    struct tl_import_source src = { .path = path, .run = "replay" };
    const struct tl_import_sink sink = { .event = event, .bad = bad, .arg = &g };
    *out = (struct recording){ .kind = RECORDING_FILE, .name = name_of(path) };
    g.persons = persons_new();
    int rc = g.reader != NULL && g.arena != NULL && out->name != NULL && g.persons != NULL ? tl_import_ndjson(&src, &sink, err) : tl_fail(err, TL_ENOMEM, "out of memory");
    if (g.rc != 0)
        rc = g.rc;
    if (rc == 0 && out->event_n == 0)
        rc = tl_fail(err, TL_EINVAL, "%.150s has no event", path);
    if (rc == 0)
        rc = in_order(&g);
    if (rc == 0)
        rc = leave_out_copies(&g);
    if (rc == 0)
        rc = number_persons(&g);
    tl_buf_put_u8(&g.all, 0);
    if (rc == 0 && g.all.failed)
        rc = tl_fail(err, TL_ENOMEM, "out of memory");
    if (rc == 0)
        recording_call(out, out->name, (const char *)g.all.data);
    tl_event_reader_free(&g.reader);
    tl_arena_free(&g.arena);
    persons_free(&g.persons);
    tl_buf_free(&g.padded);
    tl_buf_free(&g.all);
    tl_free(g.kept);
    if (rc != 0)
        recording_free(out);
    return rc;
}

/* ---- writing ---- */

int
recording_write(const struct recording *r, const char *folder, struct tl_err *err)
{
    char path[PATH_MAX], part[PATH_MAX + 8];
    int n = snprintf(path, sizeof path, "%s/%s.ndjson", folder, r->run);
    snprintf(part, sizeof part, "%s.part", path);
    FILE *f = n < (int)sizeof path ? fopen(part, "we") : NULL;
    if (f == NULL)
        return tl_fail(err, TL_EIO, "cannot write %.150s: %s", path, strerror(errno));
    for (uint32_t i = 0; i < r->event_n; i++) {
        struct tl_buf b = {0};
        struct tl_jw w = tl_jw_to(&b);
        tl_jw_cstr(&w, NULL, r->event[i].id);
        fprintf(f, "{\"id\":%.*s,%s\n", (int)b.len, (const char *)b.data, r->event[i].json + 1);     /* what a viewer gave has no id of its own */
        tl_buf_free(&b);
    }
    bool good = !ferror(f);
    good = fclose(f) == 0 && good && rename(part, path) == 0;
    if (!good)
        unlink(part);
    return good ? 0 : tl_fail(err, TL_EIO, "cannot write %.150s: %s", path, strerror(errno));
}
