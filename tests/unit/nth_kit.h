/* nth_kit.h - the Nth thing fails: an allocation, an operation of LMDB, a call on a file. For one test program each: what is defined here stands before the
 * libraries' own, so the product is tested as it is linked, and what LMDB itself asks of files is counted too. Only the thread that asked is hit.
 *
 *   for (uint64_t n = 1; nth_more(NTH_PUT, n, ENOSPC); n++) { rc = code_under_test(); bool hit = nth_done(); ... }
 *
 * runs the code with its 1st, 2nd, ... such operation failing, until it has none left: the last turn fails nothing. nth_only hits one function by its name. A
 * test stands before further ones with NTH_MDB (says the code) and NTH_CALL (-1, errno is the code), of kind NTH_OTHER. */
#ifndef NTH_KIT_H
#define NTH_KIT_H

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/types.h>
#include <unistd.h>

#include "tl_mem.h"

enum {
    NTH_ALLOC = 1,                          /* tl_alloc, tl_realloc */
    NTH_BEGIN = 2, NTH_COMMIT = 4,          /* transactions of LMDB */
    NTH_GET = 8, NTH_CURSOR = 16,           /* reads: by key, by cursor */
    NTH_PUT = 32, NTH_DEL = 64,
    NTH_ENV = 128,                          /* opening, syncing, sizing, copying an environment; opening a database in it */
    NTH_OPEN = 256, NTH_READ = 512, NTH_WRITE = 1024, NTH_SYNC = 2048, NTH_NAME = 4096,     /* calls on files; NAME: rename, unlink, mkdir */
    NTH_STAT = 8192, NTH_OTHER = 16384,     /* neither is in NTH_FILE */
    NTH_DB = NTH_BEGIN | NTH_COMMIT | NTH_GET | NTH_CURSOR | NTH_PUT | NTH_DEL | NTH_ENV,
    NTH_FILE = NTH_OPEN | NTH_READ | NTH_WRITE | NTH_SYNC | NTH_NAME,
    NTH_ONWARDS = 1 << 20                   /* that one and all after it */
};

/* only: the one function that counts; name: of the operation that failed */
static _Thread_local struct { unsigned kinds; uint64_t n, seen; int code; bool hit, ended; const char *only, *name; } nth;
static _Thread_local bool nth_disk_full;     /* the disk tells that no block of it is free */

/* nth_more - from here on the n-th operation of these kinds fails: with this errno, or code of LMDB. False when the turn before had no n-1-th. */
static inline bool
nth_more(unsigned kinds, uint64_t n, int code)
{
    if (n > 1 && nth.ended)
        return false;
    nth.kinds = kinds;
    nth.n = n;
    nth.seen = 0;
    nth.code = code;
    nth.hit = nth.ended = false;
    nth.only = nth.name = NULL;
    if (kinds & NTH_ALLOC)
        tl_alloc_fail_at(n, (kinds & NTH_ONWARDS) != 0);
    nth.seen = kinds & NTH_ALLOC ? tl_alloc_calls() : 0;
    return true;
}

/* nth_only - the n-th call of that function fails; onwards: and every one after it. */
static inline void
nth_only(const char *name, uint64_t n, int code, bool onwards)
{
    nth_more((NTH_DB | NTH_FILE | NTH_STAT | NTH_OTHER) | (onwards ? NTH_ONWARDS : 0), 1, code);
    nth.n = n;
    nth.only = name;
}

/* nth_done - nothing fails from here on. Whether something did. */
static inline bool
nth_done(void)
{
    if (nth.kinds & NTH_ALLOC)
        nth.hit = nth.hit || tl_alloc_calls() - nth.seen >= nth.n;
    tl_alloc_fail_at(0, false);
    nth.kinds = 0;
    nth_disk_full = false;
    nth.ended = !nth.hit;
    return nth.hit;
}

static inline bool
nth_call_fails(unsigned kind, const char *name)
{
    if (!(nth.kinds & kind) || (nth.only && strcmp(nth.only, name) != 0))
        return false;
    nth.seen++;
    bool now = nth.seen == nth.n || (nth.seen > nth.n && nth.kinds & NTH_ONWARDS);
    nth.hit = nth.hit || now;
    if (now) {
        errno = nth.code;
        nth.name = name;
    }
    return now;
}
#define nth_fails(kind) nth_call_fails(kind, __func__)

/* the definition that this one stands before */
#define NTH_REAL(name) static __typeof__(&name) real; if (!real) *(void **)&real = dlsym(RTLD_NEXT, #name)
#define NTH_MDB(kind, name, params, args) int name params { NTH_REAL(name); return nth_fails(kind) ? nth.code : real args; }
#define NTH_CALL(kind, type, name, params, args) type name params { NTH_REAL(name); return nth_fails(kind) ? -1 : real args; }

NTH_MDB(NTH_BEGIN, mdb_txn_begin, (MDB_env *e, MDB_txn *parent, unsigned flags, MDB_txn **out), (e, parent, flags, out))
NTH_MDB(NTH_GET, mdb_get, (MDB_txn *t, MDB_dbi d, MDB_val *k, MDB_val *v), (t, d, k, v))
NTH_MDB(NTH_GET, mdb_stat, (MDB_txn *t, MDB_dbi d, MDB_stat *st), (t, d, st))
NTH_MDB(NTH_CURSOR, mdb_cursor_open, (MDB_txn *t, MDB_dbi d, MDB_cursor **out), (t, d, out))
NTH_MDB(NTH_CURSOR, mdb_cursor_get, (MDB_cursor *c, MDB_val *k, MDB_val *v, MDB_cursor_op op), (c, k, v, op))
NTH_MDB(NTH_PUT, mdb_put, (MDB_txn *t, MDB_dbi d, MDB_val *k, MDB_val *v, unsigned flags), (t, d, k, v, flags))
NTH_MDB(NTH_DEL, mdb_del, (MDB_txn *t, MDB_dbi d, MDB_val *k, MDB_val *v), (t, d, k, v))
NTH_MDB(NTH_ENV, mdb_env_create, (MDB_env **out), (out))
NTH_MDB(NTH_ENV, mdb_env_open, (MDB_env *e, const char *path, unsigned flags, mdb_mode_t mode), (e, path, flags, mode))
NTH_MDB(NTH_ENV, mdb_env_set_maxreaders, (MDB_env *e, unsigned n), (e, n))
NTH_MDB(NTH_ENV, mdb_env_set_maxdbs, (MDB_env *e, MDB_dbi n), (e, n))
NTH_MDB(NTH_ENV, mdb_env_set_mapsize, (MDB_env *e, size_t n), (e, n))
NTH_MDB(NTH_ENV, mdb_env_sync, (MDB_env *e, int force), (e, force))
NTH_MDB(NTH_ENV, mdb_env_copyfd2, (MDB_env *e, mdb_filehandle_t fd, unsigned flags), (e, fd, flags))
NTH_MDB(NTH_ENV, mdb_reader_check, (MDB_env *e, int *dead), (e, dead))
NTH_MDB(NTH_ENV, mdb_dbi_open, (MDB_txn *t, const char *name, unsigned flags, MDB_dbi *out), (t, name, flags, out))

int
mdb_txn_commit(MDB_txn *t)
{
    NTH_REAL(mdb_txn_commit);
    if (!nth_fails(NTH_COMMIT))
        return real(t);
    mdb_txn_abort(t);                       /* as LMDB does when it cannot write */
    return nth.code;
}

NTH_CALL(NTH_READ, ssize_t, read, (int fd, void *p, size_t n), (fd, p, n))
NTH_CALL(NTH_READ, ssize_t, pread, (int fd, void *p, size_t n, off_t at), (fd, p, n, at))
NTH_CALL(NTH_WRITE, ssize_t, write, (int fd, const void *p, size_t n), (fd, p, n))
NTH_CALL(NTH_WRITE, ssize_t, pwrite, (int fd, const void *p, size_t n, off_t at), (fd, p, n, at))
NTH_CALL(NTH_WRITE, int, ftruncate, (int fd, off_t n), (fd, n))
/* no power is cut in a unit test: syncs are counted and may fail, and wait for no disk */
int fsync(int fd) { (void)fd; return nth_fails(NTH_SYNC) ? -1 : 0; }
int fdatasync(int fd) { (void)fd; return nth_fails(NTH_SYNC) ? -1 : 0; }
NTH_CALL(NTH_NAME, int, rename, (const char *from, const char *to), (from, to))
NTH_CALL(NTH_NAME, int, renameat, (int from_at, const char *from, int to_at, const char *to), (from_at, from, to_at, to))
NTH_CALL(NTH_NAME, int, unlink, (const char *path), (path))
NTH_CALL(NTH_NAME, int, mkdir, (const char *path, mode_t mode), (path, mode))

NTH_CALL(NTH_STAT, int, stat, (const char *restrict path, struct stat *restrict st), (path, st))

int
fstatvfs(int fd, struct statvfs *v)
{
    NTH_REAL(fstatvfs);
    int rc = nth_fails(NTH_STAT) ? -1 : real(fd, v);
    if (nth_disk_full)
        v->f_bavail = 0;
    return rc;
}

static inline mode_t
nth_mode(int flags, va_list ap)
{
    return flags & (O_CREAT | O_TMPFILE) ? va_arg(ap, mode_t) : 0;
}

int
open(const char *path, int flags, ...)
{
    NTH_REAL(open);
    va_list ap;
    va_start(ap, flags);
    mode_t mode = nth_mode(flags, ap);
    va_end(ap);
    return nth_fails(NTH_OPEN) ? -1 : real(path, flags & ~(O_DSYNC | O_SYNC), mode);
}

int
openat(int at, const char *path, int flags, ...)
{
    NTH_REAL(openat);
    va_list ap;
    va_start(ap, flags);
    mode_t mode = nth_mode(flags, ap);
    va_end(ap);
    return nth_fails(NTH_OPEN) ? -1 : real(at, path, flags & ~(O_DSYNC | O_SYNC), mode);
}

DIR *
opendir(const char *path)
{
    NTH_REAL(opendir);
    return nth_fails(NTH_OPEN) ? NULL : real(path);
}

struct dirent *
readdir(DIR *d)
{
    NTH_REAL(readdir);
    return nth_fails(NTH_OTHER) ? NULL : real(d);
}

FILE *
fopen(const char *restrict path, const char *restrict mode)
{
    NTH_REAL(fopen);
    return nth_fails(NTH_OPEN) ? NULL : real(path, mode);
}

#endif
