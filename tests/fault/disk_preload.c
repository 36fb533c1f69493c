/* disk_preload.c - a bad disk, by LD_PRELOAD: a power cut at the k-th operation, or a k-th operation that fails.
 *
 *   FAULT_DIR=PATH   files below it are watched (but lock files: their content says nothing once every process is gone)
 *   FAULT_AT=K       the K-th watched operation; 0: none, but FAULT_COUNT is written
 *   FAULT_MODE=cut   before operation K, sectors of 512 bytes written and not synced are undone, each with the chance of the run (all, half, few), and so
 *                    are lengths and the newest renames; then the process is killed
 *             =EIO|ENOSPC|EINTR   operation K fails so; with FAULT_STICKY=1 every one after it as well (not for syncs of nothing new: as a disk would)
 *             =short   a write gets half of its bytes (nothing when it is a sector or less: ENOSPC)
 *   FAULT_SEED=N     of the chances
 *   FAULT_NOSYNC=1   syncs say yes and do nothing: what a program without them would lose
 *   FAULT_COUNT=FILE how many operations there were, written at exit
 *
 * Directory entries: a file made and never synced by its folder disappears, a rename not synced by its folder is undone, the newest first. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define SECTOR 512
#define SLOTS (1u << 15)
#define FILES_MAX 256
#define ENTRIES_MAX 256

struct sector { uint32_t file; uint32_t there; uint64_t at; unsigned char was[SECTOR]; };     /* there: bytes of it that existed */
struct file { dev_t dev; ino_t ino; char path[PATH_MAX]; int64_t synced_size; };
struct entry { char to[PATH_MAX], from[PATH_MAX], folder[PATH_MAX]; };                        /* from empty: made */

static pthread_mutex_t mu = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static struct sector *table[SLOTS];
static struct file files[FILES_MAX];
static struct entry entries[ENTRIES_MAX];
static unsigned files_n, entries_n;
static char dir[PATH_MAX];
static const char *mode;
static long at, ops;
static bool sticky, nosync, watching;
static uint64_t seed;

static uint64_t
draw(void)
{
    seed += UINT64_C(0x9E3779B97F4A7C15);
    uint64_t z = seed;
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static void __attribute__((constructor))
start(void)
{
    const char *d = getenv("FAULT_DIR"), *k = getenv("FAULT_AT"), *s = getenv("FAULT_SEED");
    mode = getenv("FAULT_MODE");
    watching = d != NULL && mode != NULL && realpath(d, dir) != NULL;
    at = k != NULL ? atol(k) : 0;
    seed = s != NULL ? strtoull(s, NULL, 10) : 1;
    sticky = getenv("FAULT_STICKY") != NULL;
    nosync = getenv("FAULT_NOSYNC") != NULL;
}

static void __attribute__((destructor))
finish(void)
{
    const char *name = getenv("FAULT_COUNT");
    watching = false;
    FILE *f = name != NULL ? fopen(name, "we") : NULL;
    if (f != NULL) {
        fprintf(f, "%ld\n", ops);
        fclose(f);
    }
}

/* ---- which file ---- */

static bool
is_watched_path(const char *path)
{
    size_t n = strlen(dir), m = strlen(path);
    if (strncmp(path, dir, n) != 0 || path[n] != '/')
        return false;
    return !(m > 8 && strcmp(path + m - 8, "lock.mdb") == 0) && !(m > 5 && strcmp(path + m - 5, "/lock") == 0);
}

static bool
path_of(int fd, char path[PATH_MAX])
{
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, PATH_MAX - 1);
    path[n > 0 ? n : 0] = '\0';
    return n > 0;
}

/* watched - its number in files, or -1 */
static int
watched(int fd)
{
    struct stat st;
    char path[PATH_MAX];
    if (!watching || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || !path_of(fd, path) || !is_watched_path(path))
        return -1;
    for (unsigned i = 0; i < files_n; i++)
        if (files[i].ino == st.st_ino && files[i].dev == st.st_dev) {
            snprintf(files[i].path, PATH_MAX, "%s", path);
            return (int)i;
        }
    if (files_n == FILES_MAX)
        abort();
    files[files_n] = (struct file){ .dev = st.st_dev, .ino = st.st_ino, .synced_size = st.st_size };
    snprintf(files[files_n].path, PATH_MAX, "%s", path);
    return (int)files_n++;
}

/* ---- what was before ---- */

static struct sector **
slot(uint32_t file, uint64_t sector)
{
    uint64_t h = (sector * UINT64_C(0x9E3779B97F4A7C15)) ^ ((uint64_t)file << 40);
    uint32_t i = (uint32_t)((h ^ (h >> 29)) % SLOTS);
    while (table[i] != NULL && (table[i]->file != file || table[i]->at != sector))
        i = (i + 1) % SLOTS;
    return &table[i];
}

static void
remember(int fd, int file, uint64_t offset, uint64_t n)
{
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    int in = (int)syscall(SYS_openat, AT_FDCWD, link, O_RDONLY | O_CLOEXEC, 0);
    for (uint64_t s = offset / SECTOR; s <= (offset + n - 1) / SECTOR && n > 0; s++) {
        struct sector **p = slot((uint32_t)file, s);
        if (*p != NULL)
            continue;
        struct sector *x = calloc(1, sizeof *x);
        if (x == NULL)
            abort();
        ssize_t got = syscall(SYS_pread64, in, x->was, SECTOR, s * SECTOR);
        x->file = (uint32_t)file;
        x->at = s;
        x->there = got > 0 ? (uint32_t)got : 0;
        *p = x;
    }
    close(in);
}

/* Entries stay in the table, so that it can be probed; file FILES_MAX is nobody's. */
static void
forget(int file, uint64_t offset, uint64_t n)
{
    static struct sector *all[SLOTS];
    unsigned kept = 0;
    for (unsigned i = 0; i < SLOTS; i++) {
        struct sector *x = table[i];
        table[i] = NULL;
        if (x != NULL && x->file == (uint32_t)file && x->at >= offset / SECTOR && (n == UINT64_MAX || x->at <= (offset + n - 1) / SECTOR))
            free(x);
        else if (x != NULL)
            all[kept++] = x;
    }
    for (unsigned i = 0; i < kept; i++)
        *slot(all[i]->file, all[i]->at) = all[i];
}

static void
synced(int file)
{
    struct stat st;
    if (nosync)
        return;
    forget(file, 0, UINT64_MAX);
    if (stat(files[file].path, &st) == 0)
        files[file].synced_size = st.st_size;
}

/* ---- the cut ---- */

static void
undo_sectors(unsigned percent)
{
    for (unsigned i = 0; i < SLOTS; i++) {
        struct sector *x = table[i];
        if (x == NULL || draw() % 100 >= percent)
            continue;
        int fd = (int)syscall(SYS_openat, AT_FDCWD, files[x->file].path, O_WRONLY | O_CLOEXEC, 0);
        struct stat st;
        if (fd >= 0 && fstat(fd, &st) == 0 && (int64_t)(x->at * SECTOR) < st.st_size) {
            uint64_t left = (uint64_t)st.st_size - x->at * SECTOR;
            syscall(SYS_pwrite64, fd, x->was, left < SECTOR ? left : SECTOR, x->at * SECTOR);    /* what did not exist is zeros */
        }
        if (fd >= 0)
            close(fd);
    }
}

static void
undo_sizes(unsigned percent)
{
    for (unsigned i = 0; i < files_n; i++) {
        struct stat st;
        if (draw() % 100 < percent && stat(files[i].path, &st) == 0 && st.st_ino == files[i].ino && st.st_size > files[i].synced_size)
            syscall(SYS_truncate, files[i].path, files[i].synced_size);
    }
}

static void
undo_entries(void)
{
    for (unsigned last = entries_n > 0 ? (unsigned)(draw() % (entries_n + 1)) : 0; entries_n > last; entries_n--) {
        const struct entry *e = &entries[entries_n - 1];
        if (e->from[0] != '\0')
            syscall(SYS_rename, e->to, e->from);
        else
            syscall(SYS_unlink, e->to);
    }
}

static void
cut(void)
{
    static const unsigned chances[] = { 100, 50, 10 };
    unsigned percent = chances[draw() % 3];
    watching = false;
    undo_sizes(percent);
    undo_sectors(percent);
    undo_entries();
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

/* due - is this the operation? Counts it. 0: go on; else the errno to fail with, or -1 for half of a write */
static int
due(void)
{
    ops++;
    if (at == 0 || ops < at || (ops > at && !sticky))
        return 0;
    if (strcmp(mode, "cut") == 0)
        cut();
    return strcmp(mode, "EIO") == 0 ? EIO : strcmp(mode, "ENOSPC") == 0 ? ENOSPC : strcmp(mode, "EINTR") == 0 ? EINTR : -1;
}

/* ---- the calls ---- */

static ssize_t
wrote(int fd, int file, uint64_t offset, ssize_t n)
{
    if (n > 0 && (fcntl(fd, F_GETFL) & O_DSYNC) && !nosync) {
        forget(file, offset, (uint64_t)n);
        if (files[file].synced_size < (int64_t)offset + n)
            files[file].synced_size = (int64_t)offset + n;
    }
    return n;
}

static ssize_t
write_at(int fd, const void *p, size_t n, uint64_t offset, bool moves)
{
    pthread_mutex_lock(&mu);
    int file = watched(fd), fails = file >= 0 ? due() : 0;
    ssize_t rc = -1;
    if (fails == -1) {
        if (n <= SECTOR)
            fails = ENOSPC;
        else
            n /= 2;
    }
    if (fails <= 0) {
        if (file >= 0)
            remember(fd, file, offset, n);
        rc = moves ? syscall(SYS_write, fd, p, n) : syscall(SYS_pwrite64, fd, p, n, offset);
        if (file >= 0)
            wrote(fd, file, offset, rc);
    } else {
        errno = fails;
    }
    int e = errno;
    pthread_mutex_unlock(&mu);
    errno = e;
    return rc;
}

static ssize_t
writev_at(int fd, const struct iovec *v, int n, uint64_t offset, bool moves)
{
    size_t all = 0;
    for (int i = 0; i < n; i++)
        all += v[i].iov_len;
    char *one = malloc(all + 1);
    if (one == NULL)
        abort();
    all = 0;
    for (int i = 0; i < n; i++) {
        memcpy(one + all, v[i].iov_base, v[i].iov_len);
        all += v[i].iov_len;
    }
    ssize_t rc = write_at(fd, one, all, offset, moves);
    int e = errno;
    free(one);
    errno = e;
    return rc;
}

static uint64_t
place(int fd)
{
    off_t o = lseek(fd, 0, SEEK_CUR);
    return o > 0 ? (uint64_t)o : 0;
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t offset) { return write_at(fd, p, n, (uint64_t)offset, false); }
ssize_t pwrite64(int fd, const void *p, size_t n, off64_t offset) { return write_at(fd, p, n, (uint64_t)offset, false); }
ssize_t pwritev(int fd, const struct iovec *v, int n, off_t offset) { return writev_at(fd, v, n, (uint64_t)offset, false); }
ssize_t pwritev64(int fd, const struct iovec *v, int n, off64_t offset) { return writev_at(fd, v, n, (uint64_t)offset, false); }
ssize_t write(int fd, const void *p, size_t n) { return watching ? write_at(fd, p, n, place(fd), true) : syscall(SYS_write, fd, p, n); }
ssize_t writev(int fd, const struct iovec *v, int n) { return watching ? writev_at(fd, v, n, place(fd), true) : syscall(SYS_writev, fd, v, n); }

/* A folder that is synced keeps its entries. */
static void
folder_synced(int fd)
{
    char path[PATH_MAX];
    unsigned kept = 0;
    if (nosync || !path_of(fd, path))
        return;
    for (unsigned i = 0; i < entries_n; i++)
        if (strcmp(entries[i].folder, path) != 0)
            entries[kept++] = entries[i];
    entries_n = kept;
}

static int
sync_by(int fd, long number)
{
    struct stat st;
    pthread_mutex_lock(&mu);
    int file = watched(fd), rc = 0, fails = file >= 0 ? due() : 0;
    if (file < 0 && watching && fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
        char path[PATH_MAX];
        if (path_of(fd, path) && (strcmp(path, dir) == 0 || is_watched_path(path)) && (fails = due()) <= 0)
            folder_synced(fd);
    }
    if (fails > 0) {
        errno = fails == ENOSPC ? EIO : fails;
        rc = -1;
    } else if (file >= 0) {
        synced(file);       /* the real disk need not be bothered: this process is all that fails here */
    } else {
        rc = (int)syscall(number, fd);
    }
    int e = errno;
    pthread_mutex_unlock(&mu);
    errno = e;
    return rc;
}

int fdatasync(int fd) { return sync_by(fd, SYS_fdatasync); }
int fsync(int fd) { return sync_by(fd, SYS_fsync); }

static int
resize(int fd, uint64_t n, bool shrinks)
{
    struct stat st;
    pthread_mutex_lock(&mu);
    int file = watched(fd), fails = file >= 0 ? due() : 0, rc = -1;
    if (fails != 0) {
        errno = fails > 0 ? fails : ENOSPC;
    } else {
        if (file >= 0 && shrinks && fstat(fd, &st) == 0 && (int64_t)n < st.st_size) {
            remember(fd, file, n, (uint64_t)st.st_size - n);
            if (files[file].synced_size > (int64_t)n)
                files[file].synced_size = (int64_t)n;
        }
        rc = shrinks ? (int)syscall(SYS_ftruncate, fd, n) : (int)syscall(SYS_fallocate, fd, 0, 0, n);
    }
    int e = errno;
    pthread_mutex_unlock(&mu);
    errno = e;
    return rc;
}

int ftruncate(int fd, off_t n) { return resize(fd, (uint64_t)n, true); }
int ftruncate64(int fd, off64_t n) { return resize(fd, (uint64_t)n, true); }
int posix_fallocate(int fd, off_t o, off_t n) { return resize(fd, (uint64_t)(o + n), false) == 0 ? 0 : errno; }
int posix_fallocate64(int fd, off64_t o, off64_t n) { return resize(fd, (uint64_t)(o + n), false) == 0 ? 0 : errno; }

int
msync(void *p, size_t n, int flags)
{
    return (int)syscall(SYS_msync, p, n, flags);    /* nothing watched is written through a map */
}

/* ---- entries of folders ---- */

static void
new_entry(const char *to, const char *from)
{
    if (entries_n == ENTRIES_MAX)
        memmove(entries, entries + 1, --entries_n * sizeof entries[0]);
    struct entry *e = &entries[entries_n++];
    snprintf(e->to, PATH_MAX, "%s", to);
    snprintf(e->from, PATH_MAX, "%s", from);
    snprintf(e->folder, PATH_MAX, "%s", to);
    *strrchr(e->folder, '/') = '\0';
}

/* whole - path below a known folder as realpath would say it; false when it is none of ours */
static bool
whole(int at_fd, const char *path, char out[PATH_MAX])
{
    char folder[PATH_MAX], real[PATH_MAX];
    const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
    if (slash == NULL && at_fd != AT_FDCWD) {
        if (!path_of(at_fd, real))
            return false;
    } else {
        snprintf(folder, sizeof folder, "%.*s", slash != NULL ? (int)(slash - path) : 1, slash != NULL ? path : ".");
        if (realpath(folder[0] != '\0' ? folder : "/", real) == NULL)
            return false;
    }
    return snprintf(out, PATH_MAX, "%s/%s", real, name) < PATH_MAX && is_watched_path(out);
}

static int
rename_by(int from_fd, const char *from, int to_fd, const char *to)
{
    char a[PATH_MAX], b[PATH_MAX];
    pthread_mutex_lock(&mu);
    bool ours = watching && whole(from_fd, from, a) && whole(to_fd, to, b);
    int fails = ours ? due() : 0;
    bool replaces = ours && access(b, F_OK) == 0;     /* what it replaced is gone: such a rename is whole or was not begun */
    int rc = fails != 0 ? -1 : (int)syscall(SYS_renameat, from_fd, from, to_fd, to);
    if (fails != 0)
        errno = fails > 0 ? fails : EIO;
    if (rc == 0 && ours && !replaces)
        new_entry(b, a);
    int e = errno;
    pthread_mutex_unlock(&mu);
    errno = e;
    return rc;
}

int rename(const char *from, const char *to) { return rename_by(AT_FDCWD, from, AT_FDCWD, to); }
int renameat(int a, const char *from, int b, const char *to) { return rename_by(a, from, b, to); }

static int
open_by(int at_fd, const char *path, int flags, mode_t m)
{
    char real[PATH_MAX];
    pthread_mutex_lock(&mu);
    bool makes = watching && (flags & O_CREAT) && whole(at_fd, path, real) && access(real, F_OK) != 0;
    int fails = makes ? due() : 0;
    int fd = fails > 0 ? -1 : (int)syscall(SYS_openat, at_fd, path, flags, m);
    if (fails > 0)
        errno = fails;
    if (fd >= 0 && makes)
        new_entry(real, "");
    int e = errno;
    pthread_mutex_unlock(&mu);
    errno = e;
    return fd;
}

#define MODE_OF(flags, m) \
    mode_t m = 0; \
    if ((flags) & O_CREAT) { \
        va_list ap; \
        va_start(ap, flags); \
        m = va_arg(ap, mode_t); \
        va_end(ap); \
    }
int open(const char *path, int flags, ...) { MODE_OF(flags, m) return open_by(AT_FDCWD, path, flags, m); }
int open64(const char *path, int flags, ...) { MODE_OF(flags, m) return open_by(AT_FDCWD, path, flags, m); }
int openat(int d, const char *path, int flags, ...) { MODE_OF(flags, m) return open_by(d, path, flags, m); }
int openat64(int d, const char *path, int flags, ...) { MODE_OF(flags, m) return open_by(d, path, flags, m); }
