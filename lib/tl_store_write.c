/* tl_store_write.c - journeys/ for its one writer: see tl_store_write.h.
 *
 * Rows and day revisions wait in memory until commit and then go out in key order: a round touches each page once. A day's revision is the wrapping
 * sum of its rows' hashes, so a change needs the hash of the row before (kept in the customer's profile) and no read. */
#include "tl_store_write.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tl_hash.h"
#include "tl_store_in.h"
#include "tl_store_words.h"
#include "tl_time.h"

#define READER_CHECK_BEGINS 64

struct row_op { uint8_t key[TL_JOURNEY_KEY_BYTES]; bool put; uint32_t order; size_t at, n; };
struct day_op { uint16_t type; int32_t day; uint64_t revision; int64_t journeys; };

struct tl_store_w {
    struct tl_db *db;
    char dir[PATH_MAX];
    char name[TL_STORE_NAME_MAX];
    struct tl_store_txn txn;
    struct tl_store_head head, kept;    /* kept: as of the last commit */
    struct words *words;
    bool bulk;
    uint32_t begins;
    struct row_op *row; uint32_t row_n, row_cap;
    struct tl_buf row_bytes;
    struct day_op *day; uint32_t day_n, day_cap;
    uint32_t *day_slot; uint32_t day_mask;
    struct tl_buf scratch;
};

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
    return w;
}

/* Calls each for the number of every journeys.<n> folder. */
static void
each_store(const char *dir, void (*each)(void *arg, unsigned long n, const char *name), void *arg)
{
    DIR *d = opendir(dir);

    for (struct dirent *e = d != NULL ? readdir(d) : NULL; e != NULL; e = readdir(d)) {
        char *end = NULL;
        unsigned long n = strncmp(e->d_name, "journeys.", 9) == 0 ? strtoul(e->d_name + 9, &end, 10) : 0;
        if (end != NULL && end != e->d_name + 9 && *end == 0)
            each(arg, n, e->d_name);
    }
    if (d != NULL)
        closedir(d);
}

static void
remove_store(const char *dir, const char *name)
{
    static const char *const files[] = { "data.mdb", "lock.mdb", "data.mdb.part" };
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
        each_store(journeys_dir, remove_other, &o);     /* what a rebuild that was killed has left */
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
    each_store(journeys_dir, highest, &n);
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

static int
name_current(const struct tl_store_w *w, struct tl_err *err)
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
    ok = ok && rename(part, path) == 0 && sync_dir(w->dir) == 0;
    return ok ? 0 : tl_fail(err, TL_EIO, "%s: %s", path, strerror(errno));
}

int
tl_store_w_swing(struct tl_store_w **wp, struct tl_err *err)
{
    struct tl_store_w *w = *wp;
    int rc = tl_db_sync(w->db, err);

    if (rc == 0)
        rc = name_current(w, err);
    if (rc != 0) {
        tl_store_w_discard(wp);
        return rc;
    }
    struct others o = { w->dir, w->name };
    each_store(w->dir, remove_other, &o);
    tl_store_w_close(wp);
    return 0;
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

struct tl_store_head *
tl_store_w_head(struct tl_store_w *w)
{
    return &w->head;
}

/* ---- transactions ---- */

static void
forget_pending(struct tl_store_w *w)
{
    w->row_n = 0;
    tl_buf_reset(&w->row_bytes);
    w->day_n = 0;
    if (w->day_slot != NULL)
        memset(w->day_slot, 0, (w->day_mask + 1) * sizeof *w->day_slot);
}

int
tl_store_w_begin(struct tl_store_w *w, struct tl_err *err)
{
    tl_assert(w->txn.t == NULL);
    if (w->begins++ % READER_CHECK_BEGINS == 0)
        tl_db_reader_check(w->db);      /* a reader that was killed would keep every page from being used again */
    return tl_db_begin(w->db, true, &w->txn.t, err);
}

void
tl_store_w_abort(struct tl_store_w *w)
{
    tl_db_abort(&w->txn.t);
    forget_pending(w);
    words_forget(w->words);
    w->head = w->kept;
}

struct tl_store_txn *
tl_store_w_txn(struct tl_store_w *w)
{
    return &w->txn;
}

static int
by_key(const void *pa, const void *pb)
{
    const struct row_op *a = pa, *b = pb;
    int d = memcmp(a->key, b->key, sizeof a->key);
    return d != 0 ? d : a->order < b->order ? -1 : a->order > b->order;
}

static int
flush_rows(struct tl_store_w *w, struct tl_err *err)
{
    int rc = w->row_bytes.failed ? tl_fail(err, TL_ENOMEM, "out of memory for journey rows") : 0;

    if (w->row_n > 1)
        qsort(w->row, w->row_n, sizeof *w->row, by_key);
    for (uint32_t i = 0; rc == 0 && i < w->row_n; i++) {
        const struct row_op *op = &w->row[i];
        struct tl_str key = { (const char *)op->key, sizeof op->key };
        if (i + 1 < w->row_n && memcmp(op->key, w->row[i + 1].key, sizeof op->key) == 0)
            continue;
        rc = op->put ? tl_db_put(w->txn.t, DB_JOURNEY, key, (struct tl_str){ (char *)w->row_bytes.data + op->at, op->n }, 0, err)
                     : tl_db_del(w->txn.t, DB_JOURNEY, key, err);
    }
    return rc;
}

static int
by_day(const void *pa, const void *pb)
{
    const struct day_op *a = pa, *b = pb;
    return a->type != b->type ? (a->type < b->type ? -1 : 1) : a->day < b->day ? -1 : a->day > b->day;
}

static int
flush_day(struct tl_store_w *w, const struct day_op *op, struct tl_err *err)
{
    struct day_key k;
    struct tl_str key = tl_store_day_key(&k, op->type, op->day), v;
    uint64_t revision = 0;
    uint32_t journeys = 0;
    int rc = tl_db_get(w->txn.t, DB_DAYREV, key, &v, NULL);

    if (rc == 0)
        rc = tl_store_day_get(v, &revision, &journeys);
    if (rc != 0 && rc != TL_ENOTFOUND)
        return tl_fail(err, rc, "a day's revision cannot be read: run touchline rebuild");
    revision += op->revision;
    journeys = (uint32_t)(journeys + op->journeys);
    if (journeys == 0)
        return tl_db_del(w->txn.t, DB_DAYREV, key, err);
    struct tl_buf b = {0};
    tl_buf_put_le64(&b, revision);
    tl_buf_put_le32(&b, journeys);
    rc = b.failed ? tl_fail(err, TL_ENOMEM, "out of memory") : tl_db_put(w->txn.t, DB_DAYREV, key, (struct tl_str){ (char *)b.data, b.len }, 0, err);
    tl_buf_free(&b);
    return rc;
}

int
tl_store_w_commit(struct tl_store_w *w, struct tl_err *err)
{
    int rc = flush_rows(w, err);

    if (w->day_n > 1)
        qsort(w->day, w->day_n, sizeof *w->day, by_day);
    for (uint32_t i = 0; rc == 0 && i < w->day_n; i++)
        if (w->day[i].revision != 0 || w->day[i].journeys != 0)
            rc = flush_day(w, &w->day[i], err);
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
    w->kept = w->head;
    forget_pending(w);
    return 0;
}

/* ---- words, identities ---- */

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

static struct tl_str
view(const struct tl_buf *b)
{
    return (struct tl_str){ (const char *)b->data, b->len };
}

int
tl_store_w_ident(struct tl_store_w *w, const uint8_t hash[16], uint64_t *number, struct tl_err *err)
{
    struct tl_str v;
    int rc = tl_db_get(w->txn.t, DB_IDENT, (struct tl_str){ (const char *)hash, 16 }, &v, NULL);

    if (rc == TL_ENOTFOUND)
        return rc;
    struct tl_cur c = tl_cur_of(v.p, rc == 0 ? v.n : 0);
    *number = tl_cur_varint(&c);
    return rc == 0 && !c.bad ? 0 : tl_fail(err, rc != 0 ? rc : TL_ECORRUPT, "the index of identities cannot be read: run touchline rebuild");
}

int
tl_store_w_ident_put(struct tl_store_w *w, const uint8_t hash[16], uint64_t number, struct tl_err *err)
{
    tl_buf_reset(&w->scratch);
    tl_buf_put_varint(&w->scratch, number);
    return tl_db_put(w->txn.t, DB_IDENT, (struct tl_str){ (const char *)hash, 16 }, view(&w->scratch), w->bulk ? TL_DB_APPEND : 0, err);
}

int
tl_store_w_tie_put(struct tl_store_w *w, const uint8_t a[16], const uint8_t b[16], enum tl_tie tie, uint64_t position, struct tl_err *err)
{
    uint8_t key[32], back[32];

    memcpy(key, a, 16);
    memcpy(key + 16, b, 16);
    memcpy(back, b, 16);
    memcpy(back + 16, a, 16);
    tl_buf_reset(&w->scratch);
    tl_buf_put_u8(&w->scratch, (uint8_t)tie);
    tl_buf_put_varint(&w->scratch, position);
    int rc = tl_db_put(w->txn.t, DB_CUT, (struct tl_str){ (char *)key, 32 }, view(&w->scratch), 0, err);
    return rc != 0 ? rc : tl_db_put(w->txn.t, DB_CUT, (struct tl_str){ (char *)back, 32 }, view(&w->scratch), 0, err);
}

int
tl_store_w_ties(struct tl_store_w *w, int (*each)(void *arg, const uint8_t a[16], const uint8_t b[16], enum tl_tie tie, uint64_t position), void *arg, struct tl_err *err)
{
    struct tl_db_txn *t = NULL;
    struct tl_db_cursor *c = NULL;
    struct tl_str k, v;
    int rc = tl_db_begin(w->db, false, &t, err);

    if (rc == 0)
        rc = tl_db_cursor_open(t, DB_CUT, &c, err);
    if (rc == 0)
        rc = tl_db_seek(c, (struct tl_str){0}, &k, &v, NULL);
    while (rc == 0) {
        struct tl_cur vc = tl_cur_of(v.p, v.n);
        enum tl_tie tie = (enum tl_tie)tl_cur_u8(&vc);
        rc = k.n == 32 ? each(arg, (const uint8_t *)k.p, (const uint8_t *)k.p + 16, tie, tl_cur_varint(&vc)) : TL_ECORRUPT;
        if (rc == 0)
            rc = tl_db_next(c, &k, &v, NULL);
    }
    tl_db_cursor_close(&c);
    tl_db_abort(&t);
    return rc == TL_ENOTFOUND ? 0 : tl_fail(err, rc, "links of the journeys store cannot be read: run touchline rebuild");
}

/* ---- customers ---- */

int
tl_store_w_profile(struct tl_store_w *w, uint64_t customer, struct tl_arena *a, struct tl_profile *p, struct tl_err *err)
{
    struct cust_key k;
    struct tl_str v;
    int rc = tl_db_get(w->txn.t, DB_CUST, tl_store_cust_key(&k, customer, 0), &v, NULL);

    if (rc == TL_ENOTFOUND)
        return rc;
    if (rc == 0)
        rc = tl_profile_get(v, a, p);
    return rc != 0 ? tl_fail(err, rc, "a customer's profile cannot be read: run touchline rebuild") : 0;
}

int
tl_store_w_profile_put(struct tl_store_w *w, uint64_t customer, const struct tl_profile *p, struct tl_err *err)
{
    struct cust_key k;

    tl_buf_reset(&w->scratch);
    tl_profile_put(&w->scratch, p);
    if (w->scratch.failed)
        return tl_fail(err, TL_ENOMEM, "out of memory for a customer's profile");
    return tl_db_put(w->txn.t, DB_CUST, tl_store_cust_key(&k, customer, 0), view(&w->scratch), w->bulk ? TL_DB_APPEND : 0, err);
}

void
tl_store_kept_free(struct tl_store_kept *k)
{
    tl_free(k->event);
    tl_free(k->block);
    memset(k, 0, sizeof *k);
}

static bool
note_block(struct tl_store_kept *k)
{
    if (k->block_n == k->block_cap) {
        uint32_t cap = k->block_cap * 2 + 16;
        uint32_t *block = tl_realloc(k->block, cap * sizeof *block);
        if (block == NULL)
            return false;
        k->block = block;
        k->block_cap = cap;
    }
    k->block[k->block_n++] = k->n;
    return true;
}

int
tl_store_w_events(struct tl_store_w *w, uint64_t customer, struct tl_store_kept *k, struct tl_err *err)
{
    struct tl_db_cursor *c = NULL;
    struct cust_key key;
    struct tl_str at = tl_store_cust_key(&key, customer, 1), kk, v;
    int rc = tl_db_cursor_open(w->txn.t, DB_CUST, &c, err);

    if (rc != 0)
        return rc;
    rc = tl_db_seek(c, at, &kk, &v, NULL);
    while (rc == 0 && kk.n == sizeof key.b && memcmp(kk.p, key.b, 8) == 0) {
        rc = note_block(k) ? tl_rows_block_get(v, &k->event, &k->n, &k->cap) : TL_ENOMEM;
        if (rc == 0)
            rc = tl_db_next(c, &kk, &v, NULL);
    }
    tl_db_cursor_close(&c);
    return rc == 0 || rc == TL_ENOTFOUND ? 0 : tl_fail(err, rc, "a customer's events cannot be read: run touchline rebuild");
}

int
tl_store_w_events_put(struct tl_store_w *w, uint64_t customer, const struct tl_kept *event, uint32_t n, uint32_t same, const uint32_t *old_block, uint32_t old_block_n,
                      struct tl_err *err)
{
    struct cust_key k;
    uint32_t block = 0, i = 0;
    int rc = 0;

    /* a block is as before when all it holds and the event that did not fit are as before */
    while (block + 1 < old_block_n && old_block[block + 1] < same)
        i = old_block[++block];
    for (; rc == 0 && i < n; block++) {
        tl_buf_reset(&w->scratch);
        i += tl_rows_block_put(&w->scratch, event + i, n - i);
        rc = w->scratch.failed ? tl_fail(err, TL_ENOMEM, "out of memory for an event block")
                               : tl_db_put(w->txn.t, DB_CUST, tl_store_cust_key(&k, customer, block + 1), view(&w->scratch), w->bulk ? TL_DB_APPEND : 0, err);
    }
    for (; rc == 0 && block < old_block_n; block++)
        rc = tl_db_del(w->txn.t, DB_CUST, tl_store_cust_key(&k, customer, block + 1), err);
    return rc;
}

int
tl_store_w_customer_del(struct tl_store_w *w, uint64_t customer, struct tl_err *err)
{
    struct cust_key k;
    struct tl_str v;
    int rc = tl_db_del(w->txn.t, DB_CUST, tl_store_cust_key(&k, customer, 0), err);

    for (uint32_t block = 1; rc == 0; block++) {
        rc = tl_db_get(w->txn.t, DB_CUST, tl_store_cust_key(&k, customer, block), &v, NULL);
        if (rc == 0 || rc == TL_ECORRUPT)
            rc = tl_db_del(w->txn.t, DB_CUST, tl_store_cust_key(&k, customer, block), err);
    }
    return rc == TL_ENOTFOUND ? 0 : rc;
}

/* ---- journeys ---- */

uint64_t
tl_store_row_hash(const uint8_t key[TL_JOURNEY_KEY_BYTES], struct tl_str row)
{
    static const uint8_t everyone[TL_KEY_BYTES] = "touchline: rows";
    uint64_t k = tl_hash64(everyone, key, TL_JOURNEY_KEY_BYTES), r = tl_hash64(everyone, row.p, row.n);
    return tl_mix64(k + UINT64_C(0x9E3779B97F4A7C15) * r);
}

static struct row_op *
new_row_op(struct tl_store_w *w, const uint8_t key[TL_JOURNEY_KEY_BYTES])
{
    if (w->row_n == w->row_cap) {
        uint32_t cap = w->row_cap * 2 + 256;
        struct row_op *row = tl_realloc(w->row, cap * sizeof *row);
        if (row == NULL)
            return NULL;
        w->row = row;
        w->row_cap = cap;
    }
    struct row_op *op = &w->row[w->row_n];
    memset(op, 0, sizeof *op);
    memcpy(op->key, key, sizeof op->key);
    op->order = w->row_n++;
    return op;
}

static int
row_op(struct tl_store_w *w, const uint8_t key[TL_JOURNEY_KEY_BYTES], const struct tl_str *row, uint64_t revision, int64_t journeys, struct tl_err *err)
{
    struct tl_journey j;
    struct row_op *op = new_row_op(w, key);

    if (op == NULL)
        return tl_fail(err, TL_ENOMEM, "out of memory for journey rows");
    if (row != NULL) {
        op->put = true;
        op->at = w->row_bytes.len;
        op->n = row->n;
        tl_buf_put(&w->row_bytes, row->p, row->n);
    }
    tl_rows_journey_key_read((struct tl_str){ (const char *)key, TL_JOURNEY_KEY_BYTES }, &j);
    return tl_store_w_day(w, j.type, j.day, revision, journeys, err);
}

int
tl_store_w_row_put(struct tl_store_w *w, const uint8_t key[TL_JOURNEY_KEY_BYTES], struct tl_str row, uint64_t hash, struct tl_err *err)
{
    return row_op(w, key, &row, hash, 1, err);
}

int
tl_store_w_row_del(struct tl_store_w *w, const uint8_t key[TL_JOURNEY_KEY_BYTES], uint64_t hash, struct tl_err *err)
{
    return row_op(w, key, NULL, 0 - hash, -1, err);
}

int
tl_store_w_row_replace(struct tl_store_w *w, const uint8_t key[TL_JOURNEY_KEY_BYTES], struct tl_str row, uint64_t was, uint64_t hash, struct tl_err *err)
{
    return row_op(w, key, &row, hash - was, 0, err);
}

int
tl_store_w_row_append(struct tl_store_w *w, const uint8_t key[TL_JOURNEY_KEY_BYTES], struct tl_str row, struct tl_err *err)
{
    return tl_db_put(w->txn.t, DB_JOURNEY, (struct tl_str){ (const char *)key, TL_JOURNEY_KEY_BYTES }, row, TL_DB_APPEND, err);
}

static uint32_t
day_slot(const struct tl_store_w *w, uint16_t type, int32_t day)
{
    uint32_t i = (uint32_t)tl_mix64((uint64_t)type << 32 | (uint32_t)day) & w->day_mask;

    while (w->day_slot[i] != 0 && (w->day[w->day_slot[i] - 1].type != type || w->day[w->day_slot[i] - 1].day != day))
        i = (i + 1) & w->day_mask;
    return i;
}

static bool
more_days(struct tl_store_w *w)
{
    uint32_t cap = w->day_cap * 2 + 512;
    struct day_op *day = tl_realloc(w->day, cap * sizeof *day);

    if (day == NULL)
        return false;
    w->day = day;
    w->day_cap = cap;
    uint32_t slots = 1024;
    while (slots < 2 * cap)
        slots *= 2;
    tl_free(w->day_slot);
    w->day_slot = tl_alloc(slots * sizeof *w->day_slot);
    if (w->day_slot == NULL)
        return false;
    w->day_mask = slots - 1;
    for (uint32_t i = 0; i < w->day_n; i++)
        w->day_slot[day_slot(w, w->day[i].type, w->day[i].day)] = i + 1;
    return true;
}

int
tl_store_w_day(struct tl_store_w *w, uint16_t type, int32_t day, uint64_t revision, int64_t journeys, struct tl_err *err)
{
    if (w->day_n == w->day_cap && !more_days(w))
        return tl_fail(err, TL_ENOMEM, "out of memory for day revisions");
    uint32_t i = day_slot(w, type, day);
    if (w->day_slot[i] == 0) {
        w->day[w->day_n] = (struct day_op){ type, day, 0, 0 };
        w->day_slot[i] = ++w->day_n;
    }
    struct day_op *op = &w->day[w->day_slot[i] - 1];
    op->revision += revision;
    op->journeys += journeys;
    if (type == words_number(w->words, TL_STR("all")))
        w->head.journeys += (uint64_t)journeys;
    return 0;
}

/* ---- refused ---- */

int
tl_store_w_refuse(struct tl_store_w *w, uint64_t id_hash, uint64_t slice_hash, enum tl_reason reason, uint64_t position, struct tl_err *err)
{
    uint8_t key[16];
    struct tl_str k = { (char *)key, sizeof key }, v;

    for (int i = 0; i < 8; i++) {
        key[i] = (uint8_t)(id_hash >> (56 - 8 * i));
        key[8 + i] = (uint8_t)(slice_hash >> (56 - 8 * i));
    }
    if (tl_db_get(w->txn.t, DB_REFUSED, k, &v, NULL) == 0) {
        struct tl_cur c = tl_cur_of(v.p, v.n);
        tl_cur_u8(&c);
        uint64_t before = tl_cur_varint(&c);
        position = before < position ? before : position;   /* the earliest copy stands for all */
    }
    tl_buf_reset(&w->scratch);
    tl_buf_put_u8(&w->scratch, (uint8_t)reason);
    tl_buf_put_varint(&w->scratch, position);
    return tl_db_put(w->txn.t, DB_REFUSED, k, view(&w->scratch), 0, err);
}

void
tl_store_w_bulk(struct tl_store_w *w, bool on)
{
    w->bulk = on;
}
