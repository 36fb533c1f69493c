/* accounted.c - accounted DIR: in each store beneath DIR (a folder with log/ and journeys/), is everything received in one of its places?
 *
 *   received = stitched + duplicates + quarantined + suppressed + heartbeats + on the way
 *
 * The left side is counted from the rows of the log, stitched from the customers' profiles, the rest is what the store says. A running aggregator is asked for
 * the same in /metrics. Says a line a store; exit 1 when one does not add up. A store that cannot be read (damaged on purpose, half a copy) is named and left. */
#include <ftw.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../lib/tl_store_in.h"
#include "tl_eventlog.h"
#include "tl_fetch.h"
#include "tl_profile.h"
#include "tl_run.h"

#define ARENA_BYTES (256u << 20)
#define PAGE 1000

static int wrong;

/* ---- the log ---- */
struct counted { uint64_t below, events, controls, all; };      /* below: the position that the store has reached */

static int
count_record(void *arg, const struct tl_logged *rec)
{
    struct counted *c = arg;
    uint64_t reached = c->below > rec->position ? c->below - rec->position : 0;
    uint64_t n = rec->n < reached ? rec->n : reached;
    *(rec->control ? &c->controls : &c->events) += n;
    c->all += rec->n;
    return 0;
}

/* ---- the store ---- */
struct customers { struct tl_store_txn *t; struct tl_arena *a; uint64_t events, last; uint32_t page; int rc; };

static int
add_customer(void *arg, uint64_t number)
{
    struct customers *c = arg;
    struct tl_profile p;
    tl_arena_reset(c->a);
    c->rc = tl_store_profile(c->t, number, c->a, &p, NULL);
    c->last = number;
    c->page++;
    c->events += c->rc == 0 ? p.events : 0;
    return c->rc;
}

static int
count_customers(struct tl_store_txn *t, uint64_t *events, struct tl_err *err)
{
    struct customers c = { .t = t, .a = tl_arena_new(ARENA_BYTES), .page = PAGE };
    int rc = c.a ? 0 : tl_fail(err, TL_ENOMEM, "out of memory");
    while (rc == 0 && c.page == PAGE) {
        c.page = 0;
        rc = tl_store_customers(t, c.last, PAGE, add_customer, &c, err);
    }
    tl_arena_free(&c.a);
    *events = c.events;
    return rc != 0 ? rc : c.rc;
}

/* ---- both ---- */
static void
expect(const char *dir, const char *what, uint64_t have, uint64_t want)
{
    if (have == want) return;
    wrong++;
    printf("%s: %s: %" PRIu64 ", not %" PRIu64 "\n", dir, what, have, want);
}

static int
weigh(const char *dir, struct tl_eventlog *log, struct tl_store *store, struct tl_err *err)
{
    struct tl_store_txn *t = NULL;
    struct tl_store_head h;
    uint64_t stitched = 0;
    int rc = tl_store_begin(store, &t, err);
    if (rc == 0) rc = tl_store_head_get(t->t, &h, err);
    if (rc == 0) rc = count_customers(t, &stitched, err);
    tl_store_end(&t);
    struct counted c = { .below = rc == 0 ? h.position : 0 };
    if (rc == 0) rc = tl_eventlog_read(log, 1, count_record, &c, err);
    if (rc != 0) return rc;
    uint64_t refused = tl_eventlog_refused_total(log), way = c.all - c.events - c.controls;
    uint64_t known = h.events + h.duplicates + h.refused + h.suppressed + h.heartbeats;
    printf("%s: %" PRIu64 " received = %" PRIu64 " stitched + %" PRIu64 " duplicates + %" PRIu64 " quarantined + %" PRIu64 " suppressed + %" PRIu64 " heartbeats + %" PRIu64 " on the way\n", dir,
           c.events + way + refused, h.events, h.duplicates, h.refused + refused, h.suppressed, h.heartbeats, way);
    expect(dir, "control records", h.controls, c.controls);
    expect(dir, "events that went somewhere", known, c.events);
    expect(dir, "events of all customers", stitched, h.events);
    return 0;
}

static void
ask_metrics(const char *dir)
{
    struct tl_run_info info;
    struct tl_buf b = { 0 };
    char url[160];
    int status = 0;
    if (tl_run_find(dir, "aggregator", &info, NULL) != 0 || !info.http[0]) return;
    struct tl_fetch *f = tl_fetch_new(20000);
    snprintf(url, sizeof url, "%s/metrics", info.http);
    int rc = f ? tl_fetch_do(f, "GET", url, NULL, (struct tl_str){ NULL, 0 }, &status, NULL, &b, NULL) : TL_ENOMEM;
    tl_buf_put_u8(&b, 0);
    if (rc == 0 && status == 200 && !strstr((char *)b.data, "\ntouchline_a_total_unaccounted 0\n")) {
        wrong++;
        printf("%s: /metrics does not add up\n", dir);
    }
    tl_buf_free(&b);
    tl_fetch_free(&f);
}

static int
look(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    char dir[PATH_MAX], part[PATH_MAX];
    struct tl_eventlog *log = NULL;
    struct tl_store *store = NULL;
    struct tl_err err = { 0 };
    (void)st;
    if (kind != FTW_F || strcmp(path + at->base, "current") != 0 || at->base < 10 || strncmp(path + at->base - 9, "journeys/", 9) != 0) return 0;
    snprintf(dir, sizeof dir, "%.*s", at->base - 10, path);
    int rc = tl_eventlog_open(&log, tl_run_path(part, dir, "log"), true, &err);
    if (rc == 0) rc = tl_store_open_read(&store, tl_run_path(part, dir, "journeys"), &err);
    if (rc == 0) rc = weigh(dir, log, store, &err);
    if (rc != 0) printf("%s: not read: %s\n", dir, err.text);
    tl_store_close(&store);
    tl_eventlog_close(&log);
    if (rc == 0) ask_metrics(dir);
    return 0;
}

int
main(int argc, char **argv)
{
    if (argc != 2) return 2;
    if (nftw(argv[1], look, 16, FTW_PHYS) != 0) return 0;       /* gone already */
    return wrong != 0;
}
