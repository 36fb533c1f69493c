/* tl_tally.c - see tl_tally.h. Open addressing, doubled when half full; slots of an older generation count as free. */
#include "tl_tally.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tl_hash.h"
#include "tl_mem.h"

struct slot {
    uint64_t key;
    uint32_t generation, n;
};

struct tl_tally {
    struct slot *slot;
    size_t cap, used;
    uint32_t generation;
    const char *dir;
    bool on_disk;                        /* slot is a mapping of a file */
    int error;
};

static size_t
bytes_of(const struct tl_tally *t)
{
    return t->cap * sizeof *t->slot;
}

/* zeroed slots in a file without a name; its blocks are there before anything is written, for a store into a full disk is a signal */
static struct slot *
slots_on_disk(const char *dir, size_t bytes)
{
    char path[4096];
    snprintf(path, sizeof path, "%.4000s/tally.%ld.%zu.tmp", dir, (long)getpid(), bytes);
    unlink(path);
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return NULL;
    unlink(path);
    void *p = posix_fallocate(fd, 0, (off_t)bytes) == 0 ? mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;
    close(fd);
    return p != MAP_FAILED ? p : NULL;
}

static bool
slots_new(struct tl_tally *t)
{
    t->on_disk = t->dir != NULL && bytes_of(t) > TL_TALLY_MEMORY_BYTES;
    t->slot = t->on_disk ? slots_on_disk(t->dir, bytes_of(t)) : tl_alloc(bytes_of(t));
    t->error = t->slot != NULL ? 0 : t->on_disk ? TL_ENOSPC : TL_ENOMEM;
    return t->slot != NULL;
}

static void
slots_free(struct tl_tally *t)
{
    if (t->on_disk && t->slot != NULL)
        munmap(t->slot, bytes_of(t));
    else
        tl_free(t->slot);
    t->slot = NULL;
}

struct tl_tally *
tl_tally_new(const char *dir)
{
    struct tl_tally *t = tl_alloc(sizeof *t);
    if (t == NULL)
        return NULL;
    t->cap = 1024;
    t->generation = 1;
    t->dir = dir;
    if (!slots_new(t))
        tl_tally_free(&t);
    return t;
}

void
tl_tally_free(struct tl_tally **tp)
{
    if (*tp != NULL)
        slots_free(*tp);
    tl_free(*tp);
    *tp = NULL;
}

void
tl_tally_reset(struct tl_tally *t)
{
    t->used = 0;
    if (++t->generation == 0) {
        memset(t->slot, 0, bytes_of(t));
        t->generation = 1;
    }
}

static size_t
find(const struct tl_tally *t, uint64_t key)
{
    size_t i = tl_mix64(key) & (t->cap - 1);
    while (t->slot[i].generation == t->generation && t->slot[i].key != key)
        i = (i + 1) & (t->cap - 1);
    return i;
}

static bool
grow(struct tl_tally *t)
{
    struct tl_tally bigger = { .cap = t->cap * 2, .generation = 1, .used = t->used, .dir = t->dir };
    if (!slots_new(&bigger)) {
        t->error = bigger.error;
        return false;
    }
    for (size_t i = 0; i < t->cap; i++)
        if (t->slot[i].generation == t->generation) {
            size_t j = find(&bigger, t->slot[i].key);
            bigger.slot[j] = t->slot[i];
            bigger.slot[j].generation = 1;
        }
    slots_free(t);
    *t = bigger;
    return true;
}

uint32_t *
tl_tally_at(struct tl_tally *t, uint64_t key)
{
    size_t i = find(t, key);
    if (t->slot[i].generation == t->generation)
        return &t->slot[i].n;
    if (t->used * 2 >= t->cap) {
        if (!grow(t))
            return NULL;
        i = find(t, key);
    }
    t->slot[i] = (struct slot){ .key = key, .generation = t->generation };
    t->used++;
    return &t->slot[i].n;
}

int
tl_tally_error(const struct tl_tally *t, struct tl_err *err)
{
    if (t->error == TL_ENOSPC)
        return tl_fail(err, TL_ENOSPC, "no room in %s for counting the rows of a long file", t->dir);
    return tl_fail(err, TL_ENOMEM, "out of memory for counting rows");
}
