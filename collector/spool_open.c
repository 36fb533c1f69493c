/* spool_open.c - finding what is on the disk; see spool.h.
 *
 * What a start relies on is synced again, names too: an earlier process may have ended because its sync failed. The last segment: spool_mend.c. Rot in
 * older ones is met when they are read. */
#include "spool_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- listing ---- */

struct listing {
    struct spool *s;
    bool spare, failed;
};

static bool
parse_name(const char *name, uint64_t *first_seq)
{
    char again[SPOOL_NAME_BYTES];
    *first_seq = strtoull(name, NULL, 16);
    return strlen(name) == 20 && *first_seq > 0 && strcmp(spool_segment_name(*first_seq, again), name) == 0;
}

static void
list_one(void *arg, const char *name)
{
    struct listing *l = arg;
    struct spool_segment seg = { 0 };
    if (strcmp(name, SPOOL_SPARE) == 0)
        l->spare = true;
    else if (parse_name(name, &seg.first_seq) && spool_add_segment(l->s, &seg) != 0)
        l->failed = true;
}

static int
by_first(const void *a, const void *b)
{
    const struct spool_segment *x = a, *y = b;
    return (x->first_seq > y->first_seq) - (x->first_seq < y->first_seq);
}

static int
file_size(struct spool *s, const char *name, uint64_t *bytes)
{
    char path[PATH_MAX];
    int fd = s->io->open(s->io, spool_path(s, name, path), O_RDONLY);
    if (fd < 0)
        return fd;
    int64_t size = s->io->size(s->io, fd);
    s->io->close(s->io, fd);
    *bytes = size < 0 ? 0 : (uint64_t)size;
    return size < 0 ? (int)size : 0;
}

static int
list_segments(struct spool *s, struct tl_err *err)
{
    struct listing l = { .s = s };
    int rc = s->io->list(s->io, s->dir, list_one, &l);
    if (rc < 0)
        return marks_errno(err, rc, "list", s->dir, "");
    if (l.failed)
        return tl_fail(err, TL_ENOMEM, "no memory for the list of spool segments");
    if (s->segments_n > 1)
        qsort(s->segment, s->segments_n, sizeof *s->segment, by_first);
    if (l.spare && file_size(s, SPOOL_SPARE, &s->spare_bytes) == 0)
        s->bytes += s->spare_bytes;
    return 0;
}

/* ---- headers and identity ---- */

/* *good: the header is whole and says what the name says. */
static int
read_segment_head(struct spool *s, struct spool_segment *seg, struct segment_head *h, bool *good, struct tl_err *err)
{
    char name[SPOOL_NAME_BYTES], path[PATH_MAX];
    uint8_t bytes[SEGMENT_HEAD_BYTES];
    spool_segment_name(seg->first_seq, name);
    int fd = s->io->open(s->io, spool_path(s, name, path), O_RDONLY);
    if (fd < 0)
        return marks_errno(err, fd, "open", s->dir, name);
    int64_t size = s->io->size(s->io, fd);
    int rc = size < 0 ? (int)size : segment_read_all(s->io, fd, bytes, sizeof bytes, 0);
    s->io->close(s->io, fd);
    if (rc < 0 && rc != -ENODATA)
        return marks_errno(err, rc, "read", s->dir, name);
    int head = rc == 0 ? segment_get_head(bytes, h) : TL_ECORRUPT;
    if (head == TL_EVERSION)
        return tl_fail(err, TL_EVERSION, "%s was written by another version of Touchline: start that one again, it empties the spool", path);
    *good = head == 0 && h->first_seq == seg->first_seq;
    seg->bytes = (uint64_t)size;
    s->bytes += seg->bytes;
    return 0;
}

/* Sets sealed_ms of each from the next one's birth; *found is the header of any good one, *last_good whether the last is. */
static int
read_heads(struct spool *s, bool *found, struct segment_head *any, bool *last_good, struct tl_err *err)
{
    struct segment_head h;
    *found = *last_good = false;
    for (size_t i = 0; i < s->segments_n; i++) {
        int rc = read_segment_head(s, &s->segment[i], &h, last_good, err);
        if (rc != 0)
            return rc;
        if (i > 0)
            s->segment[i - 1].sealed_ms = *last_good ? h.created_ms : s->clock->wall_ms(s->clock);
        if (!*last_good) {
            s->segment[i].damaged = i + 1 < s->segments_n;
            continue;
        }
        if (*found && h.epoch != any->epoch)
            return tl_fail(err, TL_ECORRUPT, "spool %s holds segments of two spools: move the strange ones out of it", s->dir);
        *any = h;
        *found = true;
    }
    return 0;
}

/* Of a making that was cut off; none is as good. */
static void
drop_new(struct spool *s)
{
    char path[PATH_MAX];
    s->io->unlink(s->io, spool_path(s, SPOOL_NEW, path));
}

/* A spool without segments holds nothing to be confused with: it gets a new epoch, so that its numbers can begin at 1 again. */
static int
settle_identity(struct spool *s, struct tl_rand *rand, bool found, const struct segment_head *any, struct tl_err *err)
{
    int rc = marks_read_identity(s->io, s->dir, &s->id);
    if (rc == TL_EIO)
        return tl_fail(err, TL_EIO, "cannot read %s/identity", s->dir);
    if (rc == TL_EVERSION)
        return tl_fail(err, TL_EVERSION, "%s/identity was written by another version of Touchline: start that one again, it empties the spool", s->dir);
    if (rc == 0 && found && s->id.epoch != any->epoch)
        return tl_fail(err, TL_ECORRUPT, "spool %s has the identity of another spool than its segments", s->dir);
    drop_new(s);        /* no other version's: from here on the folder may be changed */
    if (rc == 0 && s->segments_n > 0)
        return 0;
    if (s->segments_n > 0 && !found)
        return tl_fail(err, TL_ECORRUPT, "spool %s: the identity and every segment header are damaged; move the folder away and keep it", s->dir);
    if (found) {
        memcpy(s->id.collector, any->collector, sizeof s->id.collector);
        s->id.epoch = any->epoch;
    } else {
        if (rc != 0)
            rand->fill(rand, s->id.collector, sizeof s->id.collector);
        s->id.epoch = tl_rand_u64(rand);
    }
    s->id.created_ms = s->clock->wall_ms(s->clock);
    return marks_write_identity(s->io, s->dir, &s->id, err);
}

/* The checkpoint may know of records that are gone: their numbers were acknowledged once, so they are not given again but reported as damaged. */
static void
apply_checkpoint(struct spool *s)
{
    if (s->mark.epoch != s->id.epoch)
        return;
    if (s->mark.durable > s->durable && s->segments_n > 0) {
        s->durable = s->mark.durable;
        s->segment[s->segments_n - 1].damaged = true;
        s->cap = s->at;
    }
    s->acked = s->mark.acked < s->durable ? s->mark.acked : s->durable;
}

/* ---- open and close ---- */

static int
take_lock(struct spool *s, struct tl_err *err)
{
    char path[PATH_MAX];
    int rc = s->io->mkdir(s->io, s->dir);
    if (rc < 0)
        return marks_errno(err, rc, "make", s->dir, "");
    s->lock_fd = s->io->open(s->io, spool_path(s, "lock", path), O_RDWR | O_CREAT);
    if (s->lock_fd < 0)
        return marks_errno(err, s->lock_fd, "open", s->dir, "lock");
    rc = s->io->lock(s->io, s->lock_fd);
    if (rc == -EWOULDBLOCK)
        return tl_fail(err, TL_EBUSY, "spool %s is in use by another collector", s->dir);
    return rc < 0 ? marks_errno(err, rc, "lock", s->dir, "lock") : 0;
}

/* A name that an earlier process could not sync may be there now and gone after a power cut; the folder's own, too. Above it may be a folder that we may
 * not read: then it was made by whoever may. */
static int
sync_names(struct spool *s, struct tl_err *err)
{
    char above[PATH_MAX];
    int rc = s->cfg.no_sync ? 0 : s->io->sync_dir(s->io, s->dir);
    int up = rc < 0 || s->cfg.no_sync ? 0 : s->io->sync_dir(s->io, spool_path(s, "..", above));
    if (up < 0 && up != -EACCES)
        rc = up;
    return rc < 0 ? marks_errno(err, rc, "sync", s->dir, "") : 0;
}

static int
recover(struct spool *s, struct tl_rand *rand, struct tl_err *err)
{
    struct segment_head any = { 0 };
    bool found, last_good;
    int rc = list_segments(s, err);
    if (rc == 0)
        rc = read_heads(s, &found, &any, &last_good, err);
    if (rc == 0)
        rc = settle_identity(s, rand, found, &any, err);
    if (rc != 0)
        return rc;
    marks_read_checkpoint(s->io, s->dir, &s->mark);
    if (s->segments_n > 0)
        rc = spool_mend_last(s, last_good, err);
    if (rc == 0)
        rc = sync_names(s, err);
    apply_checkpoint(s);
    s->recovered = s->durable;
    s->next_seq = s->durable + 1;
    return rc;
}

static int
take_config(struct spool *s, const struct spool_cfg *cfg, struct tl_err *err)
{
    s->cfg = *cfg;
    if (strlen(cfg->dir) >= sizeof s->dir)
        return tl_fail(err, TL_EINVAL, "the spool's folder name has more than %zu bytes", sizeof s->dir - 1);
    strcpy(s->dir, cfg->dir);
    s->cfg.dir = s->dir;
    if (s->cfg.segment_bytes > s->cfg.max_bytes / 4)
        s->cfg.segment_bytes = s->cfg.max_bytes / 4;
    s->cfg.segment_bytes &= ~UINT64_C(7);
    if (s->cfg.segment_bytes < SPOOL_SEGMENT_BYTES_MIN)
        return tl_fail(err, TL_EINVAL, "spool: segments need %u bytes, and the limit four of them", SPOOL_SEGMENT_BYTES_MIN);
    return 0;
}

static void
dispose(struct spool *s)
{
    int *fds[] = { &s->fd, &s->read_fd, &s->lock_fd };
    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
        if (*fds[i] >= 0)
            s->io->close(s->io, *fds[i]);
    tl_buf_free(&s->record);
    tl_free(s->segment);
    pthread_mutex_destroy(&s->mutex);
    tl_free(s);
}

int
spool_open(struct spool **out, const struct spool_cfg *cfg, struct tl_io *io, struct tl_clock *clock, struct tl_rand *rand, struct tl_err *err)
{
    struct spool *s = tl_alloc(sizeof *s);
    *out = NULL;
    if (!s)
        return tl_fail(err, TL_ENOMEM, "no memory for the spool");
    s->io = io;
    s->clock = clock;
    s->fd = s->read_fd = s->lock_fd = -1;
    pthread_mutex_init(&s->mutex, NULL);
    int rc = take_config(s, cfg, err);
    if (rc == 0)
        rc = take_lock(s, err);
    if (rc == 0)
        rc = recover(s, rand, err);
    if (rc != 0) {
        dispose(s);
        return rc;
    }
    s->marked_us = clock->mono_us(clock);
    *out = s;
    return 0;
}

void
spool_close(struct spool **sp)
{
    struct spool *s = *sp;
    if (!s)
        return;
    *sp = NULL;
    bool clean = !spool_poisoned(s) && !s->cfg.no_sync && s->next_seq == s->durable + 1;
    spool_checkpoint(s, clean);
    dispose(s);
}
