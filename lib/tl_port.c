/* tl_port.c - the real files, clock and random of tl_port.h. */
#include "tl_port.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#define OR_ERRNO(call) ((call) < 0 ? -errno : 0)

static int
io_open(struct tl_io *io, const char *path, int flags)
{
    (void)io;
    int fd = open(path, flags | O_CLOEXEC, 0600);
    return fd < 0 ? -errno : fd;
}

static int
io_close(struct tl_io *io, int fd)
{
    (void)io;
    return OR_ERRNO(close(fd));
}

static ssize_t
io_pread(struct tl_io *io, int fd, void *p, size_t n, uint64_t offset)
{
    (void)io;
    ssize_t got;
    do
        got = pread(fd, p, n, (off_t)offset);
    while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : got;
}

static ssize_t
io_pwrite(struct tl_io *io, int fd, const void *p, size_t n, uint64_t offset)
{
    (void)io;
    ssize_t put;
    do
        put = pwrite(fd, p, n, (off_t)offset);
    while (put < 0 && errno == EINTR);
    return put < 0 ? -errno : put;
}

static int
io_datasync(struct tl_io *io, int fd)
{
    (void)io;
    return OR_ERRNO(fdatasync(fd));
}

static int
io_truncate(struct tl_io *io, int fd, uint64_t len)
{
    (void)io;
    return OR_ERRNO(ftruncate(fd, (off_t)len));
}

static int64_t
io_size(struct tl_io *io, int fd)
{
    struct stat st;
    (void)io;
    return fstat(fd, &st) < 0 ? -errno : (int64_t)st.st_size;
}

/* Blocks that are only reserved must still be marked written at their first use, which makes each sync dearer: so zeroes are written once. */
static int
io_allocate(struct tl_io *io, int fd, uint64_t len)
{
    static const char zeroes[65536];
    int64_t size = io_size(io, fd);
    if (size < 0)
        return (int)size;
    int rc = posix_fallocate(fd, 0, (off_t)len);
    if (rc != 0)
        return -rc;
    for (uint64_t at = (uint64_t)size; at < len;) {
        size_t n = len - at < sizeof zeroes ? (size_t)(len - at) : sizeof zeroes;
        ssize_t put = io_pwrite(io, fd, zeroes, n, at);
        if (put <= 0)
            return put < 0 ? (int)put : -ENOSPC;
        at += (uint64_t)put;
    }
    return 0;
}

static int
io_rename(struct tl_io *io, const char *from, const char *to)
{
    (void)io;
    return OR_ERRNO(rename(from, to));
}

static int
io_unlink(struct tl_io *io, const char *path)
{
    (void)io;
    return OR_ERRNO(unlink(path));
}

static int
io_mkdir(struct tl_io *io, const char *path)
{
    (void)io;
    return mkdir(path, 0700) < 0 && errno != EEXIST ? -errno : 0;
}

static int
io_sync_dir(struct tl_io *io, const char *path)
{
    int fd = io_open(io, path, O_RDONLY | O_DIRECTORY);
    if (fd < 0)
        return fd;
    int rc = OR_ERRNO(fsync(fd));
    close(fd);
    return rc;
}

static int
io_list(struct tl_io *io, const char *dir, void (*each)(void *arg, const char *name), void *arg)
{
    (void)io;
    DIR *d = opendir(dir);
    if (!d)
        return -errno;
    for (struct dirent *e; (e = readdir(d));)
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            each(arg, e->d_name);
    closedir(d);
    return 0;
}

static int64_t
io_free_bytes(struct tl_io *io, const char *path)
{
    struct statvfs v;
    (void)io;
    return statvfs(path, &v) < 0 ? -errno : (int64_t)(v.f_bavail * v.f_frsize);
}

static int
io_lock(struct tl_io *io, int fd)
{
    (void)io;
    return OR_ERRNO(flock(fd, LOCK_EX | LOCK_NB));
}

struct tl_io *
tl_io_posix(void)
{
    static struct tl_io io = {
        io_open, io_close, io_pread, io_pwrite, io_datasync, io_truncate, io_allocate, io_size,
        io_rename, io_unlink, io_mkdir, io_sync_dir, io_list, io_free_bytes, io_lock,
    };
    return &io;
}

static int64_t
clock_wall_ms(struct tl_clock *c)
{
    struct timespec t;
    (void)c;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int64_t
clock_mono_us(struct tl_clock *c)
{
    struct timespec t;
    (void)c;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

struct tl_clock *
tl_clock_real(void)
{
    static struct tl_clock c = { clock_wall_ms, clock_mono_us };
    return &c;
}

#define RAND_DRAW 256   /* getrandom never returns fewer than asked up to this */

/* Drawn in pieces: a system call for each id would be most of an id's cost. */
static void
rand_fill(struct tl_rand *r, void *p, size_t n)
{
    static _Thread_local uint8_t pool[RAND_DRAW];
    static _Thread_local size_t left;
    uint8_t *out = p;
    (void)r;
    while (n > 0) {
        while (left == 0)
            left = getrandom(pool, sizeof pool, 0) == RAND_DRAW ? RAND_DRAW : 0;
        size_t take = n < left ? n : left;
        memcpy(out, pool + sizeof pool - left, take);
        memset(pool + sizeof pool - left, 0, take);
        left -= take;
        out += take;
        n -= take;
    }
}

struct tl_rand *
tl_rand_real(void)
{
    static struct tl_rand r = { rand_fill };
    return &r;
}

uint64_t
tl_rand_u64(struct tl_rand *r)
{
    uint64_t v;
    r->fill(r, &v, sizeof v);
    return v;
}

void
tl_rand_uuid7(struct tl_rand *r, int64_t wall_ms, char out[37])
{
    static const char digits[] = "0123456789abcdef";
    uint8_t b[16];
    r->fill(r, b, sizeof b);
    for (int i = 0; i < 6; i++)
        b[i] = (uint8_t)(wall_ms >> (8 * (5 - i)));
    b[6] = (uint8_t)(0x70 | (b[6] & 0x0f));
    b[8] = (uint8_t)(0x80 | (b[8] & 0x3f));
    char *o = out;
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *o++ = '-';
        *o++ = digits[b[i] >> 4];
        *o++ = digits[b[i] & 15];
    }
    *o = '\0';
}
