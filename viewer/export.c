/* export.c - the file, its buffer, and the formats. */
#include "export_in.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "tl_hash.h"
#include "tl_run.h"

#define EXPORT_BUFFER_BYTES (256u * 1024)
#define ONE_ARENA_BYTES (64u << 20)

static const struct { const char *type, *disposition; int (*make)(struct export *x); } format[] = {
    [ASK_NDJSON] = { "application/x-ndjson", "attachment; filename=\"touchline.ndjson\"", export_ndjson },
    [ASK_CSV] = { "text/csv; charset=utf-8", "attachment; filename=\"touchline.csv\"", export_csv },
    [ASK_XES] = { "application/xml", "attachment; filename=\"touchline.xes\"", export_xes },
    [ASK_ROWS] = { "application/x-ndjson", "attachment; filename=\"touchline-rows.ndjson\"", export_rows },
};

const char *
export_type(enum ask_format f)
{
    return format[f].type;
}

const char *
export_disposition(enum ask_format f)
{
    return format[f].disposition;
}

int
export_flush(struct export *x, bool all)
{
    if (x->out.failed) return tl_fail(x->err, TL_ENOMEM, "out of memory");
    if (!all && x->out.len < EXPORT_BUFFER_BYTES) return 0;
    for (size_t at = 0; at < x->out.len;) {
        ssize_t n = write(x->fd, x->out.data + at, x->out.len - at);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return tl_fail(x->err, errno == ENOSPC ? TL_ENOSPC : TL_EIO, "cannot write the export beside the store: %s", strerror(errno));
        at += (size_t)n;
    }
    tl_buf_reset(&x->out);
    return 0;
}

int
export_customer(struct export *x, uint64_t customer, char hex[33])
{
    struct tl_customer c;
    int rc = tl_store_customer(x->rows.txn, customer, x->one, &c, x->err);
    if (rc == 0) tl_hex(c.hash, sizeof c.hash, hex);
    return rc;
}

/* Rows lie by customer number, which depends on who came first. A file is in the order of starts and event ids instead: the same for the same events. */

struct place { int64_t start_ms; uint32_t tag; uint8_t key[TL_JOURNEY_KEY_BYTES]; };
struct day { struct place *place; size_t n, cap; };

static int
place_add(void *arg, struct tl_str key, const struct tl_journey *j, enum tl_end end)
{
    struct day *d = arg;
    (void)end;
    if (d->n == d->cap) {
        size_t cap = d->cap ? d->cap * 2 : 1024;
        struct place *p = tl_realloc(d->place, cap * sizeof *p);
        if (!p) return TL_ENOMEM;
        d->place = p;
        d->cap = cap;
    }
    struct place *p = &d->place[d->n++];
    p->start_ms = j->start_ms;
    p->tag = j->tag;
    memcpy(p->key, key.p, sizeof p->key);
    return 0;
}

static int
by_start(const void *x, const void *y)
{
    const struct place *a = x, *b = y;
    if (a->start_ms != b->start_ms) return a->start_ms < b->start_ms ? -1 : 1;
    if (a->tag != b->tag) return a->tag < b->tag ? -1 : 1;
    return memcmp(a->key, b->key, sizeof a->key);
}

static int
one(struct export *x, const struct place *p, fold_each each, void *arg)
{
    struct tl_journey j;
    struct tl_str key = { (const char *)p->key, sizeof p->key };
    enum tl_end end = TL_END_OPEN;
    int rc = tl_store_journey(x->rows.txn, key, x->rows.steps, &j, x->err);
    if (rc == TL_ENOTFOUND) return 0;           /* went to another customer or day meanwhile */
    if (rc || !sieve_head(&x->rows.sieve, &j) || !sieve_steps(&x->rows.sieve, &j, true, &end)) return rc;
    tl_arena_reset(x->one);
    rc = each(arg, key, &j, end);
    return rc ? rc : export_flush(x, false);
}

static int
day_export(struct export *x, struct day *d, int32_t day, fold_each each, void *arg)
{
    d->n = 0;
    int rc = fold_rows_day(&x->rows, day, false, place_add, d, NULL, x->err);
    if (rc || !d->n) return rc;
    qsort(d->place, d->n, sizeof *d->place, by_start);
    if ((rc = tl_store_begin(x->look->store, &x->rows.txn, x->err))) return rc;
    for (size_t i = 0; rc == 0 && i < d->n; i++) rc = one(x, &d->place[i], each, arg);
    if (rc == 0) rc = tl_store_trouble(x->rows.txn, x->err);
    tl_store_end(&x->rows.txn);
    return rc;
}

int
export_each(struct export *x, fold_each each, void *arg)
{
    struct day d = { NULL, 0, 0 };
    struct tl_store_day *day = NULL;
    uint32_t n = 0;
    int rc = fold_days(x->look, &day, &n, x->err);
    for (uint32_t i = 0; rc == 0 && i < n; i++) rc = day_export(x, &d, day[i].day, each, arg);
    tl_free(d.place);
    return rc;
}

/* beside the store, where there is room for a store: /tmp may be memory */
static int
temporary(const char *data)
{
    char path[PATH_MAX];
    int fd = open(tl_run_path(path, data, "run"), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    return fd >= 0 ? fd : open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
}

int
export_make(struct look *k, int *fd, struct tl_err *err)
{
    struct export x = { .look = k, .err = err, .fd = temporary(fold_data(k->fold)) };
    int (*make)(struct export *x) = format[k->ask->format].make;
    int rc = x.fd < 0 ? tl_fail(err, TL_EIO, "cannot make a temporary file beside the store: %s", strerror(errno)) : fold_rows_init(&x.rows, k, err);
    if (rc == 0 && !(x.one = tl_arena_new(ONE_ARENA_BYTES))) rc = tl_fail(err, TL_ENOMEM, "out of memory");
    if (rc == 0) rc = make(&x);
    if (rc == 0) rc = export_flush(&x, true);
    if (rc == 0 && lseek(x.fd, 0, SEEK_SET) < 0) rc = tl_fail(err, TL_EIO, "cannot read the export back: %s", strerror(errno));
    fold_rows_done(&x.rows);
    tl_arena_free(&x.one);
    tl_buf_free(&x.out);
    if (rc && x.fd >= 0) close(x.fd);
    else *fd = x.fd;
    return rc;
}
