/* tl_port.h - the doors to the world: files, clock, random. Real ones here; the simulator brings its own.
 *
 * Code that must run in the simulator (spool, publish, intake) reaches the world through these alone. */
#ifndef TL_PORT_H
#define TL_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Files. Every call returns >= 0, or -errno. A pwrite may be short: that is a failure of the disk (ENOSPC shows so first). */
struct tl_io {
    int (*open)(struct tl_io *io, const char *path, int flags);           /* flags of open(2); mode 0600 */
    int (*close)(struct tl_io *io, int fd);
    ssize_t (*pread)(struct tl_io *io, int fd, void *p, size_t n, uint64_t offset);
    ssize_t (*pwrite)(struct tl_io *io, int fd, const void *p, size_t n, uint64_t offset);
    int (*datasync)(struct tl_io *io, int fd);
    int (*truncate)(struct tl_io *io, int fd, uint64_t len);
    int (*allocate)(struct tl_io *io, int fd, uint64_t len);              /* reserve, and zero-fill from the present size up to len */
    int64_t (*size)(struct tl_io *io, int fd);
    int (*rename)(struct tl_io *io, const char *from, const char *to);
    int (*unlink)(struct tl_io *io, const char *path);
    int (*mkdir)(struct tl_io *io, const char *path);                     /* existing is 0 */
    int (*sync_dir)(struct tl_io *io, const char *path);
    /* list - call each(arg, name) for every entry of dir but . and .., in any order */
    int (*list)(struct tl_io *io, const char *dir, void (*each)(void *arg, const char *name), void *arg);
    int64_t (*free_bytes)(struct tl_io *io, const char *path);
    int (*lock)(struct tl_io *io, int fd);                                /* exclusive, not waiting: -EWOULDBLOCK when held */
};
struct tl_io *tl_io_posix(void);

struct tl_clock {
    int64_t (*wall_ms)(struct tl_clock *c);   /* Unix UTC */
    int64_t (*mono_us)(struct tl_clock *c);   /* for durations */
};
struct tl_clock *tl_clock_real(void);

struct tl_rand {
    void (*fill)(struct tl_rand *r, void *p, size_t n);
};
struct tl_rand *tl_rand_real(void);           /* getrandom(2), drawn 4 KB at a time */
uint64_t tl_rand_u64(struct tl_rand *r);
/* tl_rand_uuid7 - a UUIDv7 from wall_ms as 36 characters and NUL into out[37]. RFC 9562 section 5.7. */
void tl_rand_uuid7(struct tl_rand *r, int64_t wall_ms, char out[37]);

#endif
