/* tl_db - LMDB environments, transactions and cursors as bytes with checksums.
 *
 *   stored value = value bytes | CRC32C over key then value, u32 LE
 *
 * LMDB keeps no checksums, so every read proves its bytes here. Databases are opened with the environment and are known by index; DUPSORT and nested
 * transactions are not used. MDB_NOTLS ties readers to the transaction, not to the thread. The map is address space, not disk: it grows when none of
 * this process's transactions is open, and a process that meets a map grown by another one takes over its size.
 * LMDB's lock file uses fcntl locks, which a second open of the same folder in one process would drop: a table of open folders refuses that. */
#include "tl_db.h"

#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "tl_hash.h"

#define MAP_DEFAULT_BYTES (64ull << 30)
#define MAP_USED_SHARE 0.8
#define READERS_MAX 512
#define RESIZE_WAIT_MS 2000         /* for the other transactions of this process to end */
#define DBS_MAX 32
#define KEY_MAX_BYTES 511
#define FULL_FREE_BYTES (1u << 20)  /* a write that failed with less than this free failed for want of room */
#define CRC_BYTES 4u
#define PATH_BYTES 4096

struct tl_db {
    MDB_env *env;
    MDB_dbi dbi[DBS_MAX];
    int dbi_n;
    bool readonly;
    size_t page_bytes;
    uint64_t map_bytes;
    pthread_mutex_t mu;             /* guards txn_n and resizing */
    pthread_cond_t changed;
    int txn_n;
    bool resizing;
    uint64_t oldest_reader;         /* of tl_db_oldest_reader_ms */
    int64_t oldest_seen_us;
    dev_t dev;
    ino_t ino;
    struct tl_db *next_open;
};

struct tl_db_txn {
    struct tl_db *db;
    MDB_txn *txn;
    bool write;
    uint64_t file_bytes;            /* of a reader: no value can be larger */
    int failed;                     /* LMDB code of the first write that failed */
    struct tl_db_cursor *cursors;
};

struct tl_db_cursor {
    MDB_cursor *cur;                /* NULL once the transaction has ended */
    struct tl_db_txn *t;
    struct tl_db_cursor *next, **at;
};

static pthread_mutex_t open_mu = PTHREAD_MUTEX_INITIALIZER;
static struct tl_db *open_list;

static int
fail_as(struct tl_err *err, int rc, const char *doing)
{
    int code = TL_EIO;
    switch (rc) {
    case MDB_NOTFOUND: case ENOENT: code = TL_ENOTFOUND; break;
    case MDB_KEYEXIST: code = TL_EEXIST; break;
    case MDB_MAP_FULL: case ENOSPC: code = TL_ENOSPC; break;
    case MDB_READERS_FULL: case MDB_MAP_RESIZED: case EAGAIN: case EBUSY: code = TL_EBUSY; break;
    case MDB_CORRUPTED: case MDB_PAGE_NOTFOUND: case MDB_INVALID: case MDB_PANIC: code = TL_ECORRUPT; break;
    case MDB_VERSION_MISMATCH: code = TL_EVERSION; break;
    case MDB_BAD_VALSIZE: code = TL_ERANGE; break;
    case ENOMEM: code = TL_ENOMEM; break;
    default: break;
    }
    return tl_fail(err, code, "%s: %s", doing, rc == ENOSPC ? "the disk is full" : mdb_strerror(rc));
}

/* ---- environments ---- */

/* note_open - enter d into the table of open folders; TL_EBUSY when its folder is there already. */
static int
note_open(struct tl_db *d, const char *dir, struct tl_err *err)
{
    struct stat st;
    if (stat(dir, &st) < 0)
        return tl_fail(err, errno == ENOENT ? TL_ENOTFOUND : TL_EIO, "%s: %s", dir, strerror(errno));
    d->dev = st.st_dev;
    d->ino = st.st_ino;
    pthread_mutex_lock(&open_mu);
    const struct tl_db *o = open_list;
    while (o && (o->dev != d->dev || o->ino != d->ino))
        o = o->next_open;
    if (!o) {
        d->next_open = open_list;
        open_list = d;
    }
    pthread_mutex_unlock(&open_mu);
    return o ? tl_fail(err, TL_EBUSY, "%s is open in this process already", dir) : 0;
}

static void
forget_open(struct tl_db *d)
{
    pthread_mutex_lock(&open_mu);
    for (struct tl_db **p = &open_list; *p; p = &(*p)->next_open)
        if (*p == d) {
            *p = d->next_open;
            break;
        }
    pthread_mutex_unlock(&open_mu);
}

static int
open_env(struct tl_db *d, const char *dir, int flags, unsigned more, struct tl_err *err)
{
    unsigned mdb_flags = MDB_NORDAHEAD | MDB_NOTLS | more;
    if (flags & TL_DB_READONLY)
        mdb_flags |= MDB_RDONLY;
    if (flags & TL_DB_NOMETASYNC)
        mdb_flags |= MDB_NOMETASYNC;
    if (flags & TL_DB_NOSYNC)
        mdb_flags |= MDB_NOSYNC;
    int rc = mdb_env_create(&d->env);
    if (rc == 0)
        rc = mdb_env_set_maxreaders(d->env, READERS_MAX);
    if (rc == 0)
        rc = mdb_env_set_maxdbs(d->env, DBS_MAX);
    if (rc == 0)
        rc = mdb_env_set_mapsize(d->env, d->map_bytes);
    if (rc == 0)
        rc = mdb_env_open(d->env, dir, mdb_flags, 0600);
    return rc ? fail_as(err, rc, dir) : 0;
}

static int
open_dbs(struct tl_db *d, const char *dir, const char *const *names, struct tl_err *err)
{
    MDB_txn *txn = NULL;
    int rc = mdb_txn_begin(d->env, NULL, d->readonly ? MDB_RDONLY : 0, &txn);
    for (; rc == 0 && names[d->dbi_n]; d->dbi_n++) {
        tl_assert(d->dbi_n < DBS_MAX);
        rc = mdb_dbi_open(txn, names[d->dbi_n], d->readonly ? 0 : MDB_CREATE, &d->dbi[d->dbi_n]);
    }
    if (rc == 0)
        rc = mdb_txn_commit(txn);
    else if (txn)
        mdb_txn_abort(txn);
    return rc ? fail_as(err, rc, dir) : 0;
}

/* keep_entries - LMDB syncs its file and never the folder that names it: without this a new store may be gone after a power cut, commits and all. */
static int
keep_entries(const char *dir, struct tl_err *err)
{
    static const char *const names[] = { ".", ".." };
    int in = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int rc = in < 0 ? errno : 0;
    for (int i = 0; i < 2 && rc == 0; i++) {
        int fd = openat(in, names[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        rc = fd < 0 || fsync(fd) < 0 ? errno : 0;
        if (fd >= 0)
            close(fd);
    }
    if (in >= 0)
        close(in);
    return rc ? tl_fail(err, TL_EIO, "cannot sync %s: %s", dir, strerror(rc)) : 0;
}

/* make_new - a store that is not there yet is made under another name, synced, and only then named: LMDB writes the first pages of a file without syncing
 * them, and a power cut before the first commit would leave a file that it cannot open, and that nobody may take for a damaged one and throw away. */
static int
make_new(const struct tl_db *as, const char *dir, const char *const *names, struct tl_err *err)
{
    char part[PATH_BYTES], lock[PATH_BYTES], whole[PATH_BYTES];
    struct tl_db d = { .map_bytes = as->map_bytes };
    snprintf(part, sizeof part, "%s/" TL_DB_NEW, dir);
    snprintf(lock, sizeof lock, "%s/" TL_DB_NEW_LOCK, dir);
    snprintf(whole, sizeof whole, "%s/data.mdb", dir);
    unlink(part);
    int rc = open_env(&d, part, 0, MDB_NOSUBDIR, err);
    if (rc == 0)
        rc = open_dbs(&d, part, names, err);
    if (d.env)
        mdb_env_close(d.env);
    unlink(lock);
    return rc == 0 && rename(part, whole) < 0 ? tl_fail(err, TL_EIO, "cannot name %s: %s", whole, strerror(errno)) : rc;
}

static int
open_all(struct tl_db *d, const char *dir, int flags, const char *const *names, struct tl_err *err)
{
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/data.mdb", dir);
    int rc = !d->readonly && access(path, F_OK) != 0 ? make_new(d, dir, names, err) : 0;
    if (rc == 0)
        rc = open_env(d, dir, flags, 0, err);
    if (rc < 0)
        return rc;
    MDB_stat st;
    MDB_envinfo info;
    mdb_env_stat(d->env, &st);
    mdb_env_info(d->env, &info);
    d->page_bytes = st.ms_psize;
    d->map_bytes = info.me_mapsize;
    tl_db_reader_check(d);
    return open_dbs(d, dir, names, err);
}

int
tl_db_open(struct tl_db **out, const char *dir, int flags, uint64_t map_bytes, const char *const *names, struct tl_err *err)
{
    *out = NULL;
    if (!(flags & TL_DB_READONLY) && mkdir(dir, 0700) < 0 && errno != EEXIST)
        return tl_fail(err, TL_EIO, "cannot make %s: %s", dir, strerror(errno));
    struct tl_db *d = tl_alloc(sizeof *d);
    if (!d)
        return tl_fail(err, TL_ENOMEM, "out of memory opening %s", dir);
    d->readonly = flags & TL_DB_READONLY;
    d->map_bytes = map_bytes ? map_bytes : MAP_DEFAULT_BYTES;
    pthread_mutex_init(&d->mu, NULL);
    pthread_cond_init(&d->changed, NULL);
    int rc = note_open(d, dir, err);
    if (rc == 0)
        rc = open_all(d, dir, flags, names, err);
    if (rc == 0 && !d->readonly)
        rc = keep_entries(dir, err);
    if (rc == 0)
        *out = d;
    else
        tl_db_close(&d);
    return rc;
}

void
tl_db_close(struct tl_db **dp)
{
    struct tl_db *d = *dp;
    if (!d)
        return;
    tl_assert(d->txn_n == 0);
    if (d->env)
        mdb_env_close(d->env);
    forget_open(d);
    pthread_cond_destroy(&d->changed);
    pthread_mutex_destroy(&d->mu);
    tl_free(d);
    *dp = NULL;
}

int
tl_db_sync(struct tl_db *d, struct tl_err *err)
{
    int rc = mdb_env_sync(d->env, 1);
    return rc ? fail_as(err, rc, "writing the store to disk") : 0;
}

int
tl_db_reader_check(struct tl_db *d)
{
    int dead = 0;
    return mdb_reader_check(d->env, &dead) == 0 ? dead : 0;
}

struct reader_look { uint64_t last, oldest; };

/* A line of mdb_reader_list is "pid thread txnid", with - for a reader between two transactions. */
static int
look_at_reader(const char *line, void *arg)
{
    struct reader_look *l = arg;
    unsigned long long id = 0;
    if (sscanf(line, "%*d %*x %llu", &id) == 1 && id < l->last && (l->oldest == 0 || id < l->oldest))
        l->oldest = id;
    return 0;
}

int64_t
tl_db_oldest_reader_ms(struct tl_db *d, int64_t now_us)
{
    MDB_envinfo info;
    mdb_env_info(d->env, &info);
    struct reader_look l = { .last = info.me_last_txnid };
    mdb_reader_list(d->env, look_at_reader, &l);
    if (l.oldest != d->oldest_reader) {
        d->oldest_reader = l.oldest;
        d->oldest_seen_us = now_us;
    }
    return l.oldest ? (now_us - d->oldest_seen_us) / 1000 : 0;
}

uint64_t
tl_db_used_bytes(struct tl_db *d)
{
    MDB_envinfo info;
    mdb_env_info(d->env, &info);
    return ((uint64_t)info.me_last_pgno + 1) * d->page_bytes;
}

/* LMDB's copy neither syncs nor renames: a copy that exists under its name is whole and on disk. */
static int
copy_to(struct tl_db *d, const char *dir, int dir_fd, struct tl_err *err)
{
    static const char part[] = "data.mdb.part";
    int fd = openat(dir_fd, part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return tl_fail(err, TL_EIO, "cannot write %s/%s: %s", dir, part, strerror(errno));
    int rc = mdb_env_copyfd2(d->env, fd, MDB_CP_COMPACT);
    if (rc == 0 && fsync(fd) < 0)
        rc = errno;
    close(fd);
    if (rc == 0 && (renameat(dir_fd, part, dir_fd, "data.mdb") < 0 || fsync(dir_fd) < 0))
        rc = errno;
    if (rc)
        unlinkat(dir_fd, part, 0);
    return rc ? fail_as(err, rc, dir) : 0;
}

int
tl_db_copy(struct tl_db *d, const char *to_dir, struct tl_err *err)
{
    if (mkdir(to_dir, 0700) < 0 && errno != EEXIST)
        return tl_fail(err, TL_EIO, "cannot make %s: %s", to_dir, strerror(errno));
    int dir_fd = open(to_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir_fd < 0)
        return tl_fail(err, TL_EIO, "cannot open %s: %s", to_dir, strerror(errno));
    int rc = copy_to(d, to_dir, dir_fd, err);
    close(dir_fd);
    return rc;
}

/* ---- transactions ---- */

static void
enter(struct tl_db *d)
{
    pthread_mutex_lock(&d->mu);
    while (d->resizing)
        pthread_cond_wait(&d->changed, &d->mu);
    d->txn_n++;
    pthread_mutex_unlock(&d->mu);
}

static void
leave(struct tl_db *d)
{
    pthread_mutex_lock(&d->mu);
    d->txn_n--;
    pthread_cond_broadcast(&d->changed);
    pthread_mutex_unlock(&d->mu);
}

/* resize - set the map once no transaction of this process is open; bytes 0 takes over the size that another process gave it. */
static int
resize(struct tl_db *d, uint64_t bytes, struct tl_err *err)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += RESIZE_WAIT_MS / 1000;
    pthread_mutex_lock(&d->mu);
    while (d->resizing)
        pthread_cond_wait(&d->changed, &d->mu);
    d->resizing = true;
    int rc = 0;
    while (d->txn_n > 0 && rc == 0)
        rc = pthread_cond_timedwait(&d->changed, &d->mu, &until);
    if (d->txn_n == 0) {
        rc = mdb_env_set_mapsize(d->env, bytes);
        MDB_envinfo info;
        mdb_env_info(d->env, &info);
        d->map_bytes = info.me_mapsize;
    }
    d->resizing = false;
    pthread_cond_broadcast(&d->changed);
    pthread_mutex_unlock(&d->mu);
    if (rc == ETIMEDOUT)
        return tl_fail(err, TL_EBUSY, "the store's map must change, but a transaction stays open");
    return rc ? fail_as(err, rc, "changing the size of the store's map") : 0;
}

/* Failing to grow here is no error: the transaction may well fit, and MAP_FULL tries again. */
static void
grow_when_filling(struct tl_db *d)
{
    if ((double)tl_db_used_bytes(d) > MAP_USED_SHARE * (double)d->map_bytes)
        resize(d, d->map_bytes * 2, NULL);
}

int
tl_db_begin(struct tl_db *d, bool write, struct tl_db_txn **out, struct tl_err *err)
{
    *out = NULL;
    tl_assert(!write || !d->readonly);
    struct tl_db_txn *t = tl_alloc(sizeof *t);
    if (!t)
        return tl_fail(err, TL_ENOMEM, "out of memory for a transaction");
    if (write)
        grow_when_filling(d);
    t->db = d;
    t->write = write;
    int rc = MDB_MAP_RESIZED, resized = 0;
    for (int tries = 0; rc == MDB_MAP_RESIZED && resized == 0 && tries < 3; tries++) {
        enter(d);
        rc = mdb_txn_begin(d->env, NULL, write ? 0 : MDB_RDONLY, &t->txn);
        if (rc)
            leave(d);
        if (rc == MDB_MAP_RESIZED)
            resized = resize(d, 0, err);
    }
    if (rc) {
        tl_free(t);
        return resized < 0 ? resized : fail_as(err, rc, "beginning a transaction");
    }
    t->file_bytes = write ? UINT64_MAX : tl_db_used_bytes(d);
    *out = t;
    return 0;
}

/* A write transaction's cursors are freed by LMDB with it, a reader's are not. */
static void
drop_cursors(struct tl_db_txn *t)
{
    while (t->cursors) {
        struct tl_db_cursor *c = t->cursors;
        mdb_cursor_close(c->cur);
        c->cur = NULL;
        t->cursors = c->next;
        c->next = NULL;
        c->at = NULL;
        c->t = NULL;
    }
}

/* is_full - LMDB says EIO where a disk ran full in the middle of a write: the transaction is undone, and the next one may fit again. */
static bool
is_full(struct tl_db *d)
{
    int fd = -1;
    struct statvfs v;
    return mdb_env_get_fd(d->env, &fd) == 0 && fstatvfs(fd, &v) == 0 && (uint64_t)v.f_bavail * v.f_frsize < FULL_FREE_BYTES;
}

int
tl_db_commit(struct tl_db_txn **tp, struct tl_err *err)
{
    struct tl_db_txn *t = *tp;
    struct tl_db *d = t->db;
    *tp = NULL;
    drop_cursors(t);
    int rc = t->failed;
    if (rc)
        mdb_txn_abort(t->txn);
    else
        rc = mdb_txn_commit(t->txn);
    if (rc == EIO && is_full(d))
        rc = ENOSPC;
    leave(d);
    tl_free(t);
    if (rc == MDB_MAP_FULL) {
        int grown = resize(d, d->map_bytes * 2, err);
        if (grown < 0)
            return grown;
    }
    return rc ? fail_as(err, rc, "committing to the store") : 0;
}

void
tl_db_abort(struct tl_db_txn **tp)
{
    struct tl_db_txn *t = *tp;
    if (!t)
        return;
    struct tl_db *d = t->db;
    drop_cursors(t);
    mdb_txn_abort(t->txn);
    leave(d);
    if (t->failed == MDB_MAP_FULL)
        resize(d, d->map_bytes * 2, NULL);
    tl_free(t);
    *tp = NULL;
}

uint64_t
tl_db_txn_id(const struct tl_db_txn *t)
{
    return mdb_txn_id(t->txn);
}

/* ---- values ---- */

static MDB_val
val_of(struct tl_str s)
{
    return (MDB_val){ .mv_size = s.n, .mv_data = (void *)(uintptr_t)s.p };
}

static uint32_t
crc_of(const void *key, size_t key_n, const void *value, size_t value_n)
{
    return tl_crc32c(tl_crc32c(0, key, key_n), value, value_n);
}

/* opened - prove a stored value against its checksum and show it without. */
static int
opened(const struct tl_db_txn *t, const MDB_val *k, const MDB_val *v, struct tl_str *value, struct tl_err *err)
{
    if (v->mv_size > t->file_bytes)         /* LMDB believes the sizes that its pages tell */
        return tl_fail(err, TL_ECORRUPT, "a page of the store is damaged: it tells of a value of %zu bytes", v->mv_size);
    if (v->mv_size < CRC_BYTES)
        return tl_fail(err, TL_ECORRUPT, "a stored value of %zu bytes is too short for its checksum", v->mv_size);
    const uint8_t *p = v->mv_data;
    size_t n = v->mv_size - CRC_BYTES;
    uint32_t stored = (uint32_t)p[n] | (uint32_t)p[n + 1] << 8 | (uint32_t)p[n + 2] << 16 | (uint32_t)p[n + 3] << 24;
    if (crc_of(k->mv_data, k->mv_size, p, n) != stored)
        return tl_fail(err, TL_ECORRUPT, "a stored value of %zu bytes does not match its checksum", n);
    *value = (struct tl_str){ (const char *)p, n };
    return 0;
}

int
tl_db_get(struct tl_db_txn *t, int db, struct tl_str key, struct tl_str *value, struct tl_err *err)
{
    MDB_val k = val_of(key), v;
    int rc = mdb_get(t->txn, t->db->dbi[db], &k, &v);
    if (rc == MDB_NOTFOUND)
        return tl_fail(err, TL_ENOTFOUND, "no such key in the store");
    return rc ? fail_as(err, rc, "reading the store") : opened(t, &k, &v, value, err);
}

static int
poison(struct tl_db_txn *t, int rc, struct tl_err *err)
{
    t->failed = rc;
    return fail_as(err, rc, "writing to the store");
}

int
tl_db_put(struct tl_db_txn *t, int db, struct tl_str key, struct tl_str value, int flags, struct tl_err *err)
{
    tl_assert(t->write);
    if (t->failed)
        return fail_as(err, t->failed, "an earlier write of this transaction");
    if (key.n == 0 || key.n > KEY_MAX_BYTES)
        return poison(t, MDB_BAD_VALSIZE, err);
    unsigned mdb_flags = MDB_RESERVE;
    if (flags & TL_DB_APPEND)
        mdb_flags |= MDB_APPEND;
    if (flags & TL_DB_NOOVERWRITE)
        mdb_flags |= MDB_NOOVERWRITE;
    MDB_val k = val_of(key), v = { .mv_size = value.n + CRC_BYTES };
    int rc = mdb_put(t->txn, t->db->dbi[db], &k, &v, mdb_flags);
    if (rc == MDB_KEYEXIST && (flags & TL_DB_NOOVERWRITE))
        return tl_fail(err, TL_EEXIST, "the key is in the store already");
    if (rc)
        return poison(t, rc, err);
    uint32_t crc = crc_of(key.p, key.n, value.p, value.n);
    uint8_t *p = v.mv_data;
    if (value.n)
        memcpy(p, value.p, value.n);
    for (unsigned i = 0; i < CRC_BYTES; i++)
        p[value.n + i] = (uint8_t)(crc >> (8 * i));
    return 0;
}

int
tl_db_del(struct tl_db_txn *t, int db, struct tl_str key, struct tl_err *err)
{
    tl_assert(t->write);
    if (t->failed)
        return fail_as(err, t->failed, "an earlier write of this transaction");
    MDB_val k = val_of(key);
    int rc = mdb_del(t->txn, t->db->dbi[db], &k, NULL);
    return rc == 0 || rc == MDB_NOTFOUND ? 0 : poison(t, rc, err);
}

int
tl_db_count(struct tl_db_txn *t, int db, uint64_t *n, struct tl_err *err)
{
    MDB_stat st;
    int rc = mdb_stat(t->txn, t->db->dbi[db], &st);
    *n = rc ? 0 : st.ms_entries;
    return rc ? fail_as(err, rc, "reading the store") : 0;
}

/* ---- cursors ---- */

int
tl_db_cursor_open(struct tl_db_txn *t, int db, struct tl_db_cursor **out, struct tl_err *err)
{
    *out = NULL;
    struct tl_db_cursor *c = tl_alloc(sizeof *c);
    if (!c)
        return tl_fail(err, TL_ENOMEM, "out of memory for a cursor");
    int rc = mdb_cursor_open(t->txn, t->db->dbi[db], &c->cur);
    if (rc) {
        tl_free(c);
        return fail_as(err, rc, "reading the store");
    }
    c->t = t;
    c->next = t->cursors;
    c->at = &t->cursors;
    if (c->next)
        c->next->at = &c->next;
    t->cursors = c;
    *out = c;
    return 0;
}

void
tl_db_cursor_close(struct tl_db_cursor **cp)
{
    struct tl_db_cursor *c = *cp;
    if (!c)
        return;
    if (c->cur) {
        mdb_cursor_close(c->cur);
        *c->at = c->next;
        if (c->next)
            c->next->at = c->at;
    }
    tl_free(c);
    *cp = NULL;
}

static int
move(struct tl_db_cursor *c, MDB_val from, MDB_cursor_op op, struct tl_str *k, struct tl_str *v, struct tl_err *err)
{
    tl_assert(c->cur);
    MDB_val key = from, val;
    int rc = mdb_cursor_get(c->cur, &key, &val, op);
    if (rc == MDB_NOTFOUND)
        return tl_fail(err, TL_ENOTFOUND, "no further key in the store");
    if (rc)
        return fail_as(err, rc, "reading the store");
    *k = (struct tl_str){ key.mv_data, key.mv_size };
    return opened(c->t, &key, &val, v, err);
}

int
tl_db_seek(struct tl_db_cursor *c, struct tl_str key, struct tl_str *k, struct tl_str *v, struct tl_err *err)
{
    return move(c, val_of(key), key.n ? MDB_SET_RANGE : MDB_FIRST, k, v, err);
}

int
tl_db_next(struct tl_db_cursor *c, struct tl_str *k, struct tl_str *v, struct tl_err *err)
{
    return move(c, (MDB_val){ 0 }, MDB_NEXT, k, v, err);
}

int
tl_db_prev(struct tl_db_cursor *c, struct tl_str *k, struct tl_str *v, struct tl_err *err)
{
    return move(c, (MDB_val){ 0 }, MDB_PREV, k, v, err);
}

int
tl_db_last(struct tl_db_cursor *c, struct tl_str *k, struct tl_str *v, struct tl_err *err)
{
    return move(c, (MDB_val){ 0 }, MDB_LAST, k, v, err);
}
