/* tl_store_write.c - the writer's transactions, words and its folder: see tl_store_write.h. Rows: tl_store_write_rows.c, customers:
 * tl_store_write_customers.c. */
#include "tl_store_write.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tl_count.h"
#include "tl_store_write_in.h"

#define READER_CHECK_US INT64_C(5000000)

/* ---- opening and swinging ---- */

static int
store_path(const struct tl_store_w *w, const char *name, char path[PATH_MAX], struct tl_err *err)
{
    return snprintf(path, PATH_MAX, "%s/%s", w->dir, name) < PATH_MAX ? 0 : tl_fail(err, TL_ERANGE, "the path of the store is too long");
}

static int
open_store(struct tl_store_w *w, int flags, struct tl_err *err)
{
    char path[PATH_MAX];
    int rc = store_path(w, w->name, path, err);

    if (rc == 0 && (w->words = words_new()) == NULL)
        rc = tl_fail(err, TL_ENOMEM, "out of memory");
    return rc != 0 ? rc : tl_db_open(&w->db, path, flags, TL_STORE_MAP_BYTES, tl_store_dbs, err);
}

static int
load_memory(struct tl_store_w *w, struct tl_err *err)
{
    struct tl_db_txn *t = NULL;
    int rc = tl_db_begin(w->db, false, &t, err);

    if (rc == 0)
        rc = tl_store_head_get(t, &w->head, err);
    if (rc == 0)
        rc = words_load(w->words, t, err);
    tl_db_abort(&t);
    w->kept = w->head;
    return rc;
}

static struct tl_store_w *
new_handle(const char *journeys_dir, struct tl_err *err)
{
    struct tl_store_w *w = tl_alloc(sizeof *w);

    if (w == NULL)
        tl_fail(err, TL_ENOMEM, "out of memory");
    else
        snprintf(w->dir, sizeof w->dir, "%s", journeys_dir);
    if (w != NULL)
        tl_store_w_due_opened(w);
    return w;
}

/* Calls each for the number of every journeys.<n> folder. TL_EIO: perhaps not for all. */
static int
each_store(const char *dir, void (*each)(void *arg, unsigned long n, const char *name), void *arg, struct tl_err *err)
{
    DIR *d = opendir(dir);

    if (d == NULL)
        return tl_fail(err, TL_EIO, "%s: %s", dir, strerror(errno));
    struct dirent *e = NULL;
    while ((errno = 0, e = readdir(d)) != NULL) {
        char *end = NULL;
        unsigned long n = strncmp(e->d_name, "journeys.", 9) == 0 ? strtoul(e->d_name + 9, &end, 10) : 0;
        if (end != NULL && end != e->d_name + 9 && *end == 0)
            each(arg, n, e->d_name);
    }
    int rc = errno == 0 ? 0 : tl_fail(err, TL_EIO, "%s: %s", dir, strerror(errno));
    closedir(d);
    return rc;
}

static void
remove_store(const char *dir, const char *name)
{
    static const char *const files[] = { "data.mdb", "lock.mdb", "data.mdb.part", TL_DB_NEW, TL_DB_NEW_LOCK };
    char path[PATH_MAX + 128];

    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(path, sizeof path, "%s/%s/%s", dir, name, files[i]);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/%s", dir, name);
    rmdir(path);
}

struct others { const char *dir, *keep; };

static void
remove_other(void *arg, unsigned long n, const char *name)
{
    const struct others *o = arg;

    (void)n;
    if (strcmp(name, o->keep) != 0)
        remove_store(o->dir, name);
}

int
tl_store_w_open(struct tl_store_w **out, const char *journeys_dir, struct tl_err *err)
{
    struct tl_store_w *w = new_handle(journeys_dir, err);
    int rc = w == NULL ? TL_ENOMEM : tl_store_current(journeys_dir, w->name, err);

    *out = NULL;
    struct others o = { journeys_dir, w != NULL ? w->name : "" };
    if (rc == 0)
        rc = open_store(w, TL_DB_NOMETASYNC, err);
    if (rc == 0)
        rc = load_memory(w, err);
    if (rc == 0)
        each_store(journeys_dir, remove_other, &o, NULL);     /* what a rebuild that was killed has left */
    if (rc != 0)
        tl_store_w_close(&w);
    *out = w;
    return rc;
}

static void
highest(void *arg, unsigned long n, const char *name)
{
    unsigned long *most = arg;

    (void)name;
    *most = n > *most ? n : *most;
}

int
tl_store_w_make(struct tl_store_w **out, const char *journeys_dir, const struct tl_store_head *head, struct tl_err *err)
{
    struct tl_store_w *w = new_handle(journeys_dir, err);
    unsigned long n = 0;
    int rc = w == NULL ? TL_ENOMEM : 0;

    *out = NULL;
    if (rc == 0 && mkdir(journeys_dir, 0700) != 0 && errno != EEXIST)
        rc = tl_fail(err, TL_EIO, "%s: %s", journeys_dir, strerror(errno));
    if (rc == 0)        /* a number that is taken would be the live store's */
        rc = each_store(journeys_dir, highest, &n, err);
    if (rc == 0) {
        snprintf(w->name, sizeof w->name, "journeys.%lu", n + 1);
        rc = open_store(w, TL_DB_NOSYNC, err);
    }
    if (rc == 0)
        rc = tl_store_w_begin(w, err);
    if (rc == 0) {
        w->head = *head;
        rc = tl_store_w_commit(w, err);
    }
    if (rc != 0 && w != NULL)
        tl_store_w_discard(&w);
    *out = w;
    return rc;
}

void
tl_store_w_close(struct tl_store_w **wp)
{
    struct tl_store_w *w = wp != NULL ? *wp : NULL;

    if (w == NULL)
        return;
    tl_db_abort(&w->txn.t);
    tl_db_close(&w->db);
    words_free(&w->words);
    tl_free(w->row);
    tl_buf_free(&w->row_bytes);
    tl_free(w->day);
    tl_free(w->day_slot);
    tl_free(w->due.id);
    tl_free(w->due.stored);
    tl_buf_free(&w->scratch);
    tl_free(w);
    *wp = NULL;
}

static int
sync_dir(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int rc = fd >= 0 ? fsync(fd) : -1;

    if (fd >= 0)
        close(fd);
    return rc;
}

/* named: `current` names this store; when that fails to be synced, perhaps not after a power cut */
static int
name_current(const struct tl_store_w *w, bool *named, struct tl_err *err)
{
    char part[PATH_MAX], path[PATH_MAX];
    int rc = store_path(w, "current.part", part, err);

    if (rc == 0)
        rc = store_path(w, "current", path, err);
    if (rc != 0)
        return rc;
    FILE *f = fopen(part, "wb");
    bool ok = f != NULL && fprintf(f, "%s\n", w->name) > 0 && fflush(f) == 0 && fsync(fileno(f)) == 0;
    if (f != NULL)
        ok = fclose(f) == 0 && ok;
    *named = ok && rename(part, path) == 0;
    return *named && sync_dir(w->dir) == 0 ? 0 : tl_fail(err, TL_EIO, "%s: %s", path, strerror(errno));
}

int
tl_store_w_swing(struct tl_store_w **wp, struct tl_err *err)
{
    struct tl_store_w *w = *wp;
    struct others o = { w->dir, w->name };
    bool named = false;
    int rc = tl_db_sync(w->db, err);

    if (rc == 0)
        rc = name_current(w, &named, err);
    if (rc == 0)
        each_store(w->dir, remove_other, &o, NULL);
    if (named)
        tl_store_w_close(wp);
    else
        tl_store_w_discard(wp);
    return rc;
}

void
tl_store_w_discard(struct tl_store_w **wp)
{
    struct tl_store_w *w = wp != NULL ? *wp : NULL;
    char dir[PATH_MAX], name[TL_STORE_NAME_MAX];

    if (w == NULL)
        return;
    snprintf(dir, sizeof dir, "%s", w->dir);
    snprintf(name, sizeof name, "%s", w->name);
    tl_store_w_close(wp);
    if (name[0] != 0)
        remove_store(dir, name);
}

uint64_t
tl_store_w_bytes(struct tl_store_w *w)
{
    return tl_db_used_bytes(w->db);
}

void
tl_store_w_tend(struct tl_store_w *w, int64_t now_us)
{
    if (now_us - w->tended_us >= READER_CHECK_US) {
        w->tended_us = now_us;
        tl_db_reader_check(w->db);      /* a reader that was killed would keep every page from being used again */
    }
    tl_count_set(A_JOURNEYS_READER_MS, tl_db_oldest_reader_ms(w->db, now_us));
}

struct tl_store_head *
tl_store_w_head(struct tl_store_w *w)
{
    return &w->head;
}

/* ---- transactions ---- */

int
tl_store_w_begin(struct tl_store_w *w, struct tl_err *err)
{
    tl_assert(w->txn.t == NULL);
    return tl_db_begin(w->db, true, &w->txn.t, err);
}

void
tl_store_w_abort(struct tl_store_w *w)
{
    tl_db_abort(&w->txn.t);
    tl_store_w_forget(w);
    tl_store_w_due_kept(w, false);
    words_forget(w->words);
    w->head = w->kept;
}

struct tl_store_txn *
tl_store_w_txn(struct tl_store_w *w)
{
    return &w->txn;
}

int
tl_store_w_commit(struct tl_store_w *w, struct tl_err *err)
{
    int rc = tl_store_w_flush(w, err);

    if (rc == 0)
        rc = words_save(w->words, w->txn.t, err);
    if (rc == 0)
        rc = tl_store_head_put(w->txn.t, &w->head, err);
    if (rc == 0)
        rc = tl_db_commit(&w->txn.t, err);
    if (rc != 0) {
        tl_store_w_abort(w);
        return rc;
    }
    words_kept(w->words);
    tl_store_w_due_kept(w, true);
    w->kept = w->head;
    tl_store_w_forget(w);
    return 0;
}

/* ---- words ---- */

uint32_t
tl_store_w_word(struct tl_store_w *w, struct tl_str word)
{
    return words_number(w->words, word);
}

void
tl_store_w_lifecycle(struct tl_store_w *w, uint32_t touchpoint, unsigned lifecycle)
{
    words_lifecycle(w->words, touchpoint, lifecycle);
}

void
tl_store_w_bulk(struct tl_store_w *w, bool on)
{
    w->bulk = on;
}
