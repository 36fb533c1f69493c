/* nth_kit.h - the Nth operation of LMDB or on a file fails, by nth_call.h. What LMDB itself asks of files is counted too. A test stands before further functions
 * with NTH_CALL and NTH_CODE, of kind NTH_OTHER. */
#ifndef NTH_KIT_H
#define NTH_KIT_H

#include <dirent.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/types.h>
#include <unistd.h>

#include "nth_call.h"

NTH_CODE(NTH_BEGIN, mdb_txn_begin, (MDB_env *e, MDB_txn *parent, unsigned flags, MDB_txn **out), (e, parent, flags, out))
NTH_CODE(NTH_GET, mdb_get, (MDB_txn *t, MDB_dbi d, MDB_val *k, MDB_val *v), (t, d, k, v))
NTH_CODE(NTH_GET, mdb_stat, (MDB_txn *t, MDB_dbi d, MDB_stat *st), (t, d, st))
NTH_CODE(NTH_CURSOR, mdb_cursor_open, (MDB_txn *t, MDB_dbi d, MDB_cursor **out), (t, d, out))
NTH_CODE(NTH_CURSOR, mdb_cursor_get, (MDB_cursor *c, MDB_val *k, MDB_val *v, MDB_cursor_op op), (c, k, v, op))
NTH_CODE(NTH_PUT, mdb_put, (MDB_txn *t, MDB_dbi d, MDB_val *k, MDB_val *v, unsigned flags), (t, d, k, v, flags))
NTH_CODE(NTH_DEL, mdb_del, (MDB_txn *t, MDB_dbi d, MDB_val *k, MDB_val *v), (t, d, k, v))
NTH_CODE(NTH_ENV, mdb_env_create, (MDB_env **out), (out))
NTH_CODE(NTH_ENV, mdb_env_open, (MDB_env *e, const char *path, unsigned flags, mdb_mode_t mode), (e, path, flags, mode))
NTH_CODE(NTH_ENV, mdb_env_set_maxreaders, (MDB_env *e, unsigned n), (e, n))
NTH_CODE(NTH_ENV, mdb_env_set_maxdbs, (MDB_env *e, MDB_dbi n), (e, n))
NTH_CODE(NTH_ENV, mdb_env_set_mapsize, (MDB_env *e, size_t n), (e, n))
NTH_CODE(NTH_ENV, mdb_env_sync, (MDB_env *e, int force), (e, force))
NTH_CODE(NTH_ENV, mdb_env_copyfd2, (MDB_env *e, mdb_filehandle_t fd, unsigned flags), (e, fd, flags))
NTH_CODE(NTH_ENV, mdb_reader_check, (MDB_env *e, int *dead), (e, dead))
NTH_CODE(NTH_ENV, mdb_dbi_open, (MDB_txn *t, const char *name, unsigned flags, MDB_dbi *out), (t, name, flags, out))

int
mdb_txn_commit(MDB_txn *t)
{
    NTH_REAL(mdb_txn_commit);
    if (!nth_fails(NTH_COMMIT))
        return real(t);
    mdb_txn_abort(t);                       /* as LMDB does when it cannot write */
    return errno;
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

NTH_BEFORE(NTH_OPEN, DIR *, opendir, (const char *path), (path), NULL)
NTH_BEFORE(NTH_OTHER, struct dirent *, readdir, (DIR *d), (d), NULL)
NTH_BEFORE(NTH_OPEN, FILE *, fopen, (const char *restrict path, const char *restrict mode), (path, mode), NULL)

#endif
