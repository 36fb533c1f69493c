/* sim_io_part.c - a disk in memory; see sim_io.h. */
#include "sim_io.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIM_FDS_MAX 256
#define SIM_NAMES_MAX 512

struct face {
    uint8_t *data;
    uint64_t size, cap;
};
struct node {                   /* a file, whatever it is called */
    struct face seen, held;
    uint8_t *dirty;             /* of each sector of seen */
    uint64_t dirty_cap;
    bool size_dirty;
    int locked_by;              /* descriptor + 1 */
    int refs;                   /* names in either folder */
};
struct name {
    char path[160];
    struct node *node;
};
struct folder {
    struct name name[SIM_NAMES_MAX];
    int n;
};
struct change {                 /* of the folder, not yet synced: node NULL = removed; from: the name it had */
    char path[160], from[160];
    struct node *node;
};
struct sim_io {
    struct tl_io port;
    struct sim_rand rand;
    struct folder seen, held;
    struct change change[SIM_NAMES_MAX * 4];
    int changes_n;
    struct {
        struct node *node;
        bool used;
    } fd[SIM_FDS_MAX];
    uint64_t calls, fail_at, limit;
    int fail_rc;
    bool fail_sticky, lie;
};

/* ---- random and clock ---- */

static void
rand_fill(struct tl_rand *port, void *p, size_t n)
{
    struct sim_rand *r = (struct sim_rand *)port;
    for (size_t i = 0; i < n; i++)
        ((uint8_t *)p)[i] = (uint8_t)sim_rand_next(r);
}

void
sim_rand_init(struct sim_rand *r, uint64_t seed)
{
    r->port.fill = rand_fill;
    r->state = seed;
}

uint64_t
sim_rand_next(struct sim_rand *r)
{
    uint64_t z = (r->state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

uint64_t
sim_rand_below(struct sim_rand *r, uint64_t n)
{
    return n ? sim_rand_next(r) % n : 0;
}

bool
sim_rand_chance(struct sim_rand *r, unsigned permille)
{
    return sim_rand_below(r, 1000) < permille;
}

static int64_t
clock_wall(struct tl_clock *c)
{
    return INT64_C(1700000000000) + ((struct sim_clock *)c)->now_us / 1000;
}

static int64_t
clock_mono(struct tl_clock *c)
{
    return ((struct sim_clock *)c)->now_us;
}

void
sim_clock_init(struct sim_clock *c)
{
    *c = (struct sim_clock){ { clock_wall, clock_mono }, 1000000 };
}

/* ---- memory behind the files ---- */

static void
resize(struct face *f, uint64_t size)
{
    if (size > f->cap) {
        f->cap = size * 2;
        f->data = realloc(f->data, f->cap);
    }
    if (size > f->size)
        memset(f->data + f->size, 0, size - f->size);
    f->size = size;
}

static void
mark_dirty(struct node *n, uint64_t from, uint64_t to)
{
    uint64_t last = (to + SIM_SECTOR_BYTES - 1) / SIM_SECTOR_BYTES;
    if (last > n->dirty_cap) {
        n->dirty = realloc(n->dirty, last * 2);
        memset(n->dirty + n->dirty_cap, 0, last * 2 - n->dirty_cap);
        n->dirty_cap = last * 2;
    }
    for (uint64_t i = from / SIM_SECTOR_BYTES; i < last; i++)
        n->dirty[i] = 1;
}

static void
drop(struct node *n)
{
    if (!n || --n->refs > 0)
        return;
    free(n->seen.data);
    free(n->held.data);
    free(n->dirty);
    free(n);
}

static void
hold_sector(struct node *n, uint64_t i)
{
    uint64_t from = i * SIM_SECTOR_BYTES, to = from + SIM_SECTOR_BYTES;
    if (to > n->seen.size)
        to = n->seen.size;
    if (from >= to)
        return;
    if (n->held.size < to)
        resize(&n->held, to);
    memcpy(n->held.data + from, n->seen.data + from, to - from);
}

uint64_t
sim_io_used(const struct sim_io *s)
{
    uint64_t bytes = 0;
    for (int i = 0; i < s->seen.n; i++)
        bytes += s->seen.name[i].node->seen.size;
    return bytes;
}

/* ---- names ---- */

static int
find(const struct folder *f, const char *path)
{
    for (int i = 0; i < f->n; i++)
        if (strcmp(f->name[i].path, path) == 0)
            return i;
    return -1;
}

static void
set_name(struct folder *f, const char *path, struct node *node)
{
    int i = find(f, path);
    if (node)
        node->refs++;
    if (i >= 0) {
        drop(f->name[i].node);
        f->name[i] = f->name[--f->n];
    }
    if (node) {
        if (f->n == SIM_NAMES_MAX)
            abort();
        snprintf(f->name[f->n].path, sizeof f->name[f->n].path, "%s", path);
        f->name[f->n++].node = node;
    }
}

static void
change(struct sim_io *s, const char *path, const char *from, struct node *node)
{
    if (s->changes_n == (int)(sizeof s->change / sizeof *s->change))
        abort();
    struct change *c = &s->change[s->changes_n++];
    snprintf(c->path, sizeof c->path, "%s", path);
    snprintf(c->from, sizeof c->from, "%s", from);
    c->node = node;
    if (node)
        node->refs++;
    set_name(&s->seen, path, node);
    if (*from)
        set_name(&s->seen, from, NULL);
}

static void
hold_changes(struct sim_io *s, int n)
{
    for (int i = 0; i < s->changes_n; i++) {
        if (i < n) {
            set_name(&s->held, s->change[i].path, s->change[i].node);
            if (*s->change[i].from)
                set_name(&s->held, s->change[i].from, NULL);
        }
        drop(s->change[i].node);
    }
    s->changes_n = 0;
}

/* ---- the port ---- */

static int
fault(struct sim_io *s)
{
    s->calls++;
    if (s->fail_at == 0 || --s->fail_at > 0)
        return 0;
    s->fail_at = s->fail_sticky;
    return s->fail_rc;
}

static int
io_open(struct tl_io *io, const char *path, int flags)
{
    struct sim_io *s = (struct sim_io *)io;
    int rc = fault(s), i = find(&s->seen, path), fd = 0;
    if (rc < 0)
        return rc;
    if (i < 0 && !(flags & O_CREAT))
        return -ENOENT;
    if (i < 0) {
        change(s, path, "", calloc(1, sizeof(struct node)));
        i = find(&s->seen, path);
    }
    while (fd < SIM_FDS_MAX && s->fd[fd].used)
        fd++;
    if (fd == SIM_FDS_MAX)
        return -EMFILE;
    struct node *n = s->seen.name[i].node;
    n->refs++;
    s->fd[fd].node = n;
    s->fd[fd].used = true;
    if ((flags & O_TRUNC) && n->seen.size) {
        n->seen.size = 0;
        n->size_dirty = true;
    }
    return fd;
}

static int
io_close(struct tl_io *io, int fd)
{
    struct sim_io *s = (struct sim_io *)io;
    s->fd[fd].used = false;
    if (s->fd[fd].node->locked_by == fd + 1)
        s->fd[fd].node->locked_by = 0;
    drop(s->fd[fd].node);
    return 0;
}

static ssize_t
io_pread(struct tl_io *io, int fd, void *p, size_t n, uint64_t offset)
{
    struct sim_io *s = (struct sim_io *)io;
    int rc = fault(s);
    const struct face *f = &s->fd[fd].node->seen;
    if (rc < 0)
        return rc;
    if (offset >= f->size)
        return 0;
    if (n > f->size - offset)
        n = (size_t)(f->size - offset);
    memcpy(p, f->data + offset, n);
    return (ssize_t)n;
}

static uint64_t
room(struct sim_io *s, const struct node *n, uint64_t end)
{
    uint64_t more = end > n->seen.size ? end - n->seen.size : 0, used = sim_io_used(s);
    if (s->limit == 0 || used + more <= s->limit)
        return more;
    return used < s->limit ? s->limit - used : 0;
}

static ssize_t
io_pwrite(struct tl_io *io, int fd, const void *p, size_t n, uint64_t offset)
{
    struct sim_io *s = (struct sim_io *)io;
    struct node *node = s->fd[fd].node;
    int rc = fault(s);
    uint64_t end = offset + n, more = end > node->seen.size ? end - node->seen.size : 0, allowed = room(s, node, end);
    if (rc < 0)
        n = sim_rand_chance(&s->rand, 500) ? 0 : (size_t)sim_rand_below(&s->rand, n);     /* part of it may have got there */
    else if (allowed < more)
        n = more - allowed < n ? n - (size_t)(more - allowed) : 0;
    if (n > 0) {
        if (offset + n > node->seen.size) {
            resize(&node->seen, offset + n);
            node->size_dirty = true;
        }
        memcpy(node->seen.data + offset, p, n);
        mark_dirty(node, offset, offset + n);
    }
    if (rc < 0 && (n == 0 || rc != -ENOSPC))
        return rc;
    return n == 0 ? -ENOSPC : (ssize_t)n;
}

static int
io_datasync(struct tl_io *io, int fd)
{
    struct sim_io *s = (struct sim_io *)io;
    struct node *n = s->fd[fd].node;
    int rc = fault(s);
    if (s->lie)
        return 0;
    for (uint64_t i = 0; i < n->dirty_cap; i++) {
        if (n->dirty[i] && rc == 0)
            hold_sector(n, i);
        n->dirty[i] = 0;
    }
    if (rc == 0) {
        resize(&n->held, n->seen.size);
        n->size_dirty = false;
    }
    return rc;
}

static int
io_truncate(struct tl_io *io, int fd, uint64_t len)
{
    struct sim_io *s = (struct sim_io *)io;
    struct node *n = s->fd[fd].node;
    int rc = fault(s);
    if (rc < 0)
        return rc;
    resize(&n->seen, len);
    n->size_dirty = true;
    return 0;
}

static int
io_allocate(struct tl_io *io, int fd, uint64_t len)
{
    struct sim_io *s = (struct sim_io *)io;
    struct node *n = s->fd[fd].node;
    int rc = fault(s);
    uint64_t from = n->seen.size;
    if (rc < 0)
        return rc;
    if (len <= from)
        return 0;
    if (room(s, n, len) < len - from)
        return -ENOSPC;
    resize(&n->seen, len);
    mark_dirty(n, from, len);
    n->size_dirty = true;
    return 0;
}

static int64_t
io_size(struct tl_io *io, int fd)
{
    struct sim_io *s = (struct sim_io *)io;
    int rc = fault(s);
    return rc < 0 ? rc : (int64_t)s->fd[fd].node->seen.size;
}

static int
io_rename(struct tl_io *io, const char *from, const char *to)
{
    struct sim_io *s = (struct sim_io *)io;
    int rc = fault(s), i = find(&s->seen, from);
    if (rc < 0 || i < 0)
        return rc < 0 ? rc : -ENOENT;
    struct node *n = s->seen.name[i].node;
    n->refs++;
    change(s, to, from, n);
    drop(n);
    return 0;
}

static int
io_unlink(struct tl_io *io, const char *path)
{
    struct sim_io *s = (struct sim_io *)io;
    int rc = fault(s);
    if (rc < 0 || find(&s->seen, path) < 0)
        return rc < 0 ? rc : -ENOENT;
    change(s, path, "", NULL);
    return 0;
}

static int
io_mkdir(struct tl_io *io, const char *path)
{
    (void)path;
    return fault((struct sim_io *)io);
}

static int
io_sync_dir(struct tl_io *io, const char *path)
{
    struct sim_io *s = (struct sim_io *)io;
    int rc = fault(s);
    (void)path;
    if (rc == 0 && !s->lie)
        hold_changes(s, s->changes_n);
    return rc;
}

static int
io_list(struct tl_io *io, const char *dir, void (*each)(void *arg, const char *name), void *arg)
{
    struct sim_io *s = (struct sim_io *)io;
    int rc = fault(s);
    size_t n = strlen(dir);
    for (int i = 0; rc == 0 && i < s->seen.n; i++)
        if (strncmp(s->seen.name[i].path, dir, n) == 0 && s->seen.name[i].path[n] == '/')
            each(arg, s->seen.name[i].path + n + 1);
    return rc;
}

static int64_t
io_free_bytes(struct tl_io *io, const char *path)
{
    struct sim_io *s = (struct sim_io *)io;
    uint64_t used = sim_io_used(s);
    (void)path;
    if (s->limit == 0)
        return INT64_MAX;
    return used < s->limit ? (int64_t)(s->limit - used) : 0;
}

static int
io_lock(struct tl_io *io, int fd)
{
    struct sim_io *s = (struct sim_io *)io;
    int rc = fault(s);
    if (rc < 0)
        return rc;
    if (s->fd[fd].node->locked_by)
        return -EWOULDBLOCK;
    s->fd[fd].node->locked_by = fd + 1;
    return 0;
}

/* ---- for the test ---- */

struct sim_io *
sim_io_new(uint64_t seed)
{
    struct sim_io *s = calloc(1, sizeof *s);
    s->port = (struct tl_io){ io_open, io_close, io_pread, io_pwrite, io_datasync, io_truncate, io_allocate, io_size,
                              io_rename, io_unlink, io_mkdir, io_sync_dir, io_list, io_free_bytes, io_lock };
    sim_rand_init(&s->rand, seed);
    return s;
}

struct tl_io *
sim_io_port(struct sim_io *s)
{
    return &s->port;
}

void
sim_io_kill(struct sim_io *s)
{
    for (int i = 0; i < SIM_FDS_MAX; i++)
        if (s->fd[i].used)
            io_close(&s->port, i);
}

static void
lose_power(struct sim_io *s, struct node *n)
{
    if (n->size_dirty && sim_rand_chance(&s->rand, 500))
        resize(&n->held, n->seen.size);
    for (uint64_t i = 0; i < n->dirty_cap; i++)
        if (n->dirty[i] && i * SIM_SECTOR_BYTES < n->held.size && sim_rand_chance(&s->rand, 500)) {
            uint64_t size = n->held.size;
            hold_sector(n, i);
            n->held.size = size;
        }
    if (n->dirty_cap)
        memset(n->dirty, 0, n->dirty_cap);
    n->size_dirty = false;
    n->seen.size = 0;
    resize(&n->seen, n->held.size);
    if (n->held.size)
        memcpy(n->seen.data, n->held.data, n->held.size);
}

void
sim_io_power_cut(struct sim_io *s)
{
    sim_io_kill(s);
    hold_changes(s, (int)sim_rand_below(&s->rand, (uint64_t)s->changes_n + 1));
    while (s->seen.n > 0)
        set_name(&s->seen, s->seen.name[0].path, NULL);
    for (int i = 0; i < s->held.n; i++) {
        set_name(&s->seen, s->held.name[i].path, s->held.name[i].node);
        lose_power(s, s->held.name[i].node);
    }
}

void
sim_io_free(struct sim_io **p)
{
    struct sim_io *s = *p;
    if (!s)
        return;
    sim_io_kill(s);
    hold_changes(s, 0);
    while (s->seen.n > 0)
        set_name(&s->seen, s->seen.name[0].path, NULL);
    while (s->held.n > 0)
        set_name(&s->held, s->held.name[0].path, NULL);
    free(s);
    *p = NULL;
}

uint64_t
sim_io_calls(const struct sim_io *s)
{
    return s->calls;
}

void
sim_io_fail_at(struct sim_io *s, uint64_t k, int rc, bool sticky)
{
    s->fail_at = k;
    s->fail_rc = rc;
    s->fail_sticky = sticky;
}

void
sim_io_limit(struct sim_io *s, uint64_t bytes)
{
    s->limit = bytes;
}

void
sim_io_lie(struct sim_io *s, bool lie)
{
    s->lie = lie;
}

void
sim_io_flip(struct sim_io *s, const char *path, uint64_t bit)
{
    int i = find(&s->seen, path);
    if (i < 0)
        return;
    struct face *face[] = { &s->seen.name[i].node->seen, &s->seen.name[i].node->held };
    for (int k = 0; k < 2; k++)
        if (bit / 8 < face[k]->size)
            face[k]->data[bit / 8] ^= (uint8_t)(1u << (bit % 8));
}

int64_t
sim_io_file_bytes(struct sim_io *s, const char *path)
{
    int i = find(&s->seen, path);
    return i < 0 ? -1 : (int64_t)s->seen.name[i].node->seen.size;
}

void
sim_io_each(struct sim_io *s, void (*each)(void *arg, const char *path), void *arg)
{
    for (int i = 0; i < s->seen.n; i++)
        each(arg, s->seen.name[i].path);
}
