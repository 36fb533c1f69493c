/* failing.h - the k-th call that a test makes of the store (LMDB) or of the disk fails. A test that includes this stands between the code and both: its own
 * definitions come before those of the libraries. Memory: tl_alloc_fail_at does the same for tl_alloc.
 *
 *     for (uint64_t k = 1; k == 1 || failing_met(); k++) {
 *         failing_at(FAILING_STORE, k, EIO);
 *         rc = act();
 *         failing_off();
 *         ... what must hold when failing_met(), and when not
 *     }
 *
 * Counted for the calling thread alone. A failed commit has ended its transaction, as LMDB's own has. Syncs say yes and are not done: these tests ask what is
 * said, not what survives a power cut (tests/fault), and a disk is slow. */
#ifndef FAILING_H
#define FAILING_H

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { FAILING_STORE = 1, FAILING_DISK = 2 };

static _Thread_local struct failing {
    unsigned what;                  /* of FAILING_*; 0: off */
    uint64_t calls, at;
    int code;                       /* what the call says: LMDB's or errno's */
    bool sticky, met;
    const char *only;               /* the name of the one function that counts; NULL: every one of its kind */
    const char *name;               /* of the call that failed */
} failing;

/* failing_at - the k-th call of `what` from now on says `code`. */
static inline void
failing_at(unsigned what, uint64_t k, int code)
{
    failing = (struct failing){ .what = what, .at = k, .code = code };
}

/* failing_only - the k-th call of that function, and with sticky every one after it. */
static inline void
failing_only(const char *name, uint64_t k, int code, bool sticky)
{
    failing = (struct failing){ .what = FAILING_STORE | FAILING_DISK, .at = k, .code = code, .only = name, .sticky = sticky };
}

static _Thread_local bool failing_full;        /* the disk says that no block of it is free */

static inline void
failing_off(void)
{
    failing.what = 0;
    failing_full = false;
}

/* failing_met - has the call failed since failing_at? */
static inline bool
failing_met(void)
{
    return failing.met;
}

static inline bool
failing_now(unsigned what, const char *name)
{
    if (!(failing.what & what) || (failing.only && strcmp(failing.only, name) != 0))
        return false;
    failing.calls++;
    if (failing.calls != failing.at && !(failing.sticky && failing.calls > failing.at))
        return false;
    failing.met = true;
    failing.name = name;
    errno = failing.code;
    return true;
}

/* ---- what is stood between ---- */

#define FAILING_REAL(name) \
    if (!real) \
        *(void **)&real = dlsym(RTLD_NEXT, #name)
#define FAILING(what, bad, result, name, params, args) \
    result name params; \
    result name params \
    { \
        static result (*real) params; \
        FAILING_REAL(name); \
        return failing_now(what, #name) ? (bad) : real args; \
    }
#define FAILING_LMDB(name, params, args) FAILING(FAILING_STORE, failing.code, int, name, params, args)
#define FAILING_LIBC(name, params, args) FAILING(FAILING_DISK, -1, int, name, params, args)

FAILING_LMDB(mdb_env_create, (void **env), (env))
FAILING_LMDB(mdb_env_set_maxreaders, (void *env, unsigned n), (env, n))
FAILING_LMDB(mdb_env_set_maxdbs, (void *env, unsigned n), (env, n))
FAILING_LMDB(mdb_env_set_mapsize, (void *env, size_t n), (env, n))
FAILING_LMDB(mdb_env_open, (void *env, const char *path, unsigned flags, mode_t mode), (env, path, flags, mode))
FAILING_LMDB(mdb_env_sync, (void *env, int force), (env, force))
FAILING_LMDB(mdb_env_copyfd2, (void *env, int fd, unsigned flags), (env, fd, flags))
FAILING_LMDB(mdb_reader_check, (void *env, int *dead), (env, dead))
FAILING_LMDB(mdb_txn_begin, (void *env, void *parent, unsigned flags, void **txn), (env, parent, flags, txn))
FAILING_LMDB(mdb_dbi_open, (void *txn, const char *name, unsigned flags, unsigned *dbi), (txn, name, flags, dbi))
FAILING_LMDB(mdb_get, (void *txn, unsigned dbi, void *key, void *data), (txn, dbi, key, data))
FAILING_LMDB(mdb_put, (void *txn, unsigned dbi, void *key, void *data, unsigned flags), (txn, dbi, key, data, flags))
FAILING_LMDB(mdb_del, (void *txn, unsigned dbi, void *key, void *data), (txn, dbi, key, data))
FAILING_LMDB(mdb_stat, (void *txn, unsigned dbi, void *st), (txn, dbi, st))
FAILING_LMDB(mdb_cursor_open, (void *txn, unsigned dbi, void **cursor), (txn, dbi, cursor))
FAILING_LMDB(mdb_cursor_get, (void *cursor, void *key, void *data, int op), (cursor, key, data, op))

void mdb_txn_abort(void *txn);
int mdb_txn_commit(void *txn);
int
mdb_txn_commit(void *txn)
{
    static int (*real)(void *txn);
    FAILING_REAL(mdb_txn_commit);
    if (!failing_now(FAILING_STORE, "mdb_txn_commit"))
        return real(txn);
    mdb_txn_abort(txn);
    return failing.code;
}

FAILING_LIBC(mkdir, (const char *path, mode_t mode), (path, mode))
FAILING_LIBC(rename, (const char *from, const char *to), (from, to))
FAILING_LIBC(renameat, (int from_fd, const char *from, int to_fd, const char *to), (from_fd, from, to_fd, to))

#define FAILING_SYNC(name) \
    int name(int fd); \
    int name(int fd) { (void)fd; return failing_now(FAILING_DISK, #name) ? -1 : 0; }
FAILING_SYNC(fsync)
FAILING_SYNC(fdatasync)

FAILING_LIBC(stat, (const char *restrict path, struct stat *restrict st), (path, st))

int fstatvfs(int fd, struct statvfs *v);
int
fstatvfs(int fd, struct statvfs *v)
{
    static int (*real)(int fd, struct statvfs *v);
    FAILING_REAL(fstatvfs);
    int rc = failing_now(FAILING_DISK, "fstatvfs") ? -1 : real(fd, v);
    if (failing_full)
        v->f_bavail = 0;
    return rc;
}

#define FAILING_OPEN(name, at_params, at_args) \
    int name at_params; \
    int name at_params \
    { \
        static int (*real) at_params; \
        va_list ap; \
        va_start(ap, flags); \
        mode_t mode = flags & O_CREAT ? va_arg(ap, mode_t) : 0; \
        va_end(ap); \
        flags &= ~O_DSYNC; \
        FAILING_REAL(name); \
        return failing_now(FAILING_DISK, #name) ? -1 : real at_args; \
    }
FAILING_OPEN(open, (const char *path, int flags, ...), (path, flags, mode))
FAILING_OPEN(openat, (int fd, const char *path, int flags, ...), (fd, path, flags, mode))

#endif
