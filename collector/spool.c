/* spool.c - the writer's side: append, sync, new segments; see spool.h. Formats: spool_segment.h and spool_marks.h. */
#include "spool_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "tl_wire.h"

char *
spool_path(const struct spool *s, const char *name, char out[PATH_MAX])
{
    snprintf(out, PATH_MAX, "%s/%s", s->dir, name);
    return out;
}

char *
spool_segment_name(uint64_t first_seq, char out[SPOOL_NAME_BYTES])
{
    snprintf(out, SPOOL_NAME_BYTES, "%016llx.seg", (unsigned long long)first_seq);
    return out;
}

/* After a failed sync the kernel may show bytes that the disk never got, and call them clean: only a recovery from the disk knows. */
int
spool_poison(struct spool *s, struct tl_err *err, int rc, const char *what, const char *name)
{
    atomic_store(&s->poisoned, true);
    marks_errno(err, rc, what, s->dir, name);
    if (err)
        err->code = TL_EIO;
    return TL_EIO;
}

bool
spool_poisoned(const struct spool *s)
{
    return atomic_load(&s->poisoned);
}

static int
reserve_segment(struct spool *s)
{
    if (s->segments_n < s->segments_cap)
        return 0;
    size_t cap = s->segments_cap ? s->segments_cap * 2 : 16;
    struct spool_segment *p = tl_realloc(s->segment, cap * sizeof *p);
    if (!p)
        return TL_ENOMEM;
    s->segment = p;
    s->segments_cap = cap;
    return 0;
}

/* Into room that was reserved */
static void
put_segment(struct spool *s, const struct spool_segment *seg)
{
    s->segment[s->segments_n++] = *seg;
    s->bytes += seg->bytes;
}

int
spool_add_segment(struct spool *s, const struct spool_segment *seg)
{
    if (reserve_segment(s) != 0)
        return TL_ENOMEM;
    put_segment(s, seg);
    return 0;
}

/* ---- room in the active segment ---- */

static void
count_growth(struct spool *s, uint64_t bytes)
{
    pthread_mutex_lock(&s->mutex);
    s->bytes += bytes;
    if (s->segments_n > 0)
        s->segment[s->segments_n - 1].bytes += bytes;
    pthread_mutex_unlock(&s->mutex);
}

/* Zeroed in steps, ahead of the records: a sync of overwritten bytes is cheaper than one of a growing file. */
static int
grow(struct spool *s, int fd, uint64_t need, uint64_t *allocated, struct tl_err *err)
{
    uint64_t to = (need + SPOOL_STEP_BYTES - 1) / SPOOL_STEP_BYTES * SPOOL_STEP_BYTES;
    if (to > s->cap)
        to = s->cap;
    int rc = spool_make_room(s, to - *allocated, err);
    if (rc != 0)
        return rc;
    do
        rc = s->io->allocate(s->io, fd, to);
    while (rc == -ENOSPC && spool_give_way(s));
    if (rc < 0) {
        s->io->truncate(s->io, fd, *allocated);
        return marks_errno(err, rc, "allocate", s->dir, "a segment");
    }
    *allocated = to;
    return 0;
}

static int
write_head(struct spool *s, int fd, uint64_t first_seq)
{
    uint8_t bytes[SEGMENT_HEAD_BYTES];
    struct segment_head h = { .epoch = s->id.epoch, .first_seq = first_seq, .created_ms = s->clock->wall_ms(s->clock) };
    memcpy(h.collector, s->id.collector, sizeof h.collector);
    segment_put_head(bytes, &h);
    return segment_write_all(s->io, fd, bytes, sizeof bytes, 0);
}

/* The spare keeps its old bytes: their numbers are lower than any this segment will hold, so no search can take them for records. */
static int
open_new_file(struct spool *s, const char *path, uint64_t *allocated)
{
    char spare[PATH_MAX];
    pthread_mutex_lock(&s->mutex);
    uint64_t bytes = s->spare_bytes;
    int rc = bytes ? s->io->rename(s->io, spool_path(s, SPOOL_SPARE, spare), path) : 0;
    if (bytes && rc == 0) {
        s->bytes -= bytes;
        s->spare_bytes = 0;
    }
    pthread_mutex_unlock(&s->mutex);
    if (rc < 0)
        return rc;
    *allocated = bytes;
    return s->io->open(s->io, path, bytes ? O_RDWR : O_RDWR | O_CREAT | O_TRUNC);
}

static void
adopt_segment(struct spool *s, int fd, uint64_t allocated)
{
    struct spool_segment seg = { .first_seq = s->next_seq, .bytes = allocated };
    pthread_mutex_lock(&s->mutex);
    if (s->segments_n > 0)
        s->segment[s->segments_n - 1].sealed_ms = s->clock->wall_ms(s->clock);
    put_segment(s, &seg);
    pthread_mutex_unlock(&s->mutex);
    if (s->fd >= 0)
        s->io->close(s->io, s->fd);
    s->fd = fd;
    s->at = SEGMENT_HEAD_BYTES;
    s->allocated = allocated;
}

/* Room in the file and its header, both synced */
static int
prepare_new_file(struct spool *s, int fd, uint64_t need, uint64_t *allocated, struct tl_err *err)
{
    int rc = *allocated < need ? grow(s, fd, need, allocated, err) : 0;
    if (rc != 0)
        return rc;
    rc = write_head(s, fd, s->next_seq);
    if (rc < 0)
        return marks_errno(err, rc, "write", s->dir, SPOOL_NEW);
    rc = s->cfg.no_sync ? 0 : s->io->datasync(s->io, fd);
    return rc < 0 ? spool_poison(s, err, rc, "sync", SPOOL_NEW) : 0;
}

static int
name_new_file(struct spool *s, const char *new_path, struct tl_err *err)
{
    char name[SPOOL_NAME_BYTES], path[PATH_MAX];
    int rc = s->io->rename(s->io, new_path, spool_path(s, spool_segment_name(s->next_seq, name), path));
    if (rc < 0)
        return marks_errno(err, rc, "name", s->dir, name);
    rc = s->cfg.no_sync ? 0 : s->io->sync_dir(s->io, s->dir);
    return rc < 0 ? spool_poison(s, err, rc, "sync", name) : 0;
}

/* A segment gets its name when it is whole: what a failure leaves behind must never be taken for a segment by the next start. */
static int
create_segment(struct spool *s, uint64_t record_bytes, struct tl_err *err)
{
    char path[PATH_MAX];
    uint64_t allocated = 0, need = SEGMENT_HEAD_BYTES + record_bytes, old_cap = s->cap;
    pthread_mutex_lock(&s->mutex);
    int rc = reserve_segment(s);
    pthread_mutex_unlock(&s->mutex);
    if (rc != 0)
        return tl_fail(err, rc, "no memory for the list of spool segments");
    int fd = open_new_file(s, spool_path(s, SPOOL_NEW, path), &allocated);
    if (fd < 0)
        return marks_errno(err, fd, "make", s->dir, SPOOL_NEW);
    s->cap = need > s->cfg.segment_bytes ? need : s->cfg.segment_bytes;
    rc = prepare_new_file(s, fd, need, &allocated, err);
    if (rc == 0)
        rc = name_new_file(s, path, err);
    if (rc == 0) {
        adopt_segment(s, fd, allocated);
        return 0;
    }
    s->io->close(s->io, fd);
    s->io->unlink(s->io, path);
    s->cap = old_cap;
    return rc;
}

static void
close_active(struct spool *s)
{
    if (s->fd >= 0)
        s->io->close(s->io, s->fd);
    s->fd = -1;
}

/* All of the old segment is durable before the new one is there: so a recovery need only look into the last. */
static int
rotate(struct spool *s, uint64_t record_bytes, struct tl_err *err)
{
    int rc = spool_sync(s, NULL, err);
    if (rc == 0)
        rc = create_segment(s, record_bytes, err);
    if (rc == TL_ENOSPC && spool_recycle_active(s)) {
        close_active(s);
        rc = create_segment(s, record_bytes, err);
    }
    return rc;
}

static int
make_place(struct spool *s, uint64_t record_bytes, struct tl_err *err)
{
    if (s->fd < 0 || s->at + record_bytes > s->cap)
        return rotate(s, record_bytes, err);
    uint64_t before = s->allocated;
    if (s->at + record_bytes <= before)
        return 0;
    int rc = grow(s, s->fd, s->at + record_bytes, &s->allocated, err);
    count_growth(s, s->allocated - before);
    return rc;
}

/* ---- append and sync ---- */

/* A short write is how a full disk first shows. What was written of the record goes, so that nothing half stands before the next one. */
static int
cut_back(struct spool *s, int rc, struct tl_err *err)
{
    int cut = s->io->truncate(s->io, s->fd, s->at);
    if (cut < 0)
        return spool_poison(s, err, cut, "cut back", "the active segment");
    pthread_mutex_lock(&s->mutex);
    s->bytes -= s->allocated - s->at;
    s->segment[s->segments_n - 1].bytes -= s->allocated - s->at;
    pthread_mutex_unlock(&s->mutex);
    s->allocated = s->at;
    return marks_errno(err, rc, "append to", s->dir, "the active segment");
}

static int
check_payload(struct tl_str payload, struct tl_err *err)
{
    struct tl_cur c = tl_cur_of(payload.p, payload.n);
    int kind;
    uint32_t n;
    if (payload.n > TL_WIRE_BATCH_MAX)
        return tl_fail(err, TL_ETOOBIG, "a spool record has %zu bytes, at most %d are allowed", payload.n, TL_WIRE_BATCH_MAX);
    if (payload.n == 0 || tl_wire_open(&c, &kind, &n) != 0)
        return tl_fail(err, TL_EINVAL, "not a batch payload");
    return 0;
}

int
spool_append(struct spool *s, struct tl_str payload, uint64_t *seq, struct tl_err *err)
{
    int rc = check_payload(payload, err);
    if (rc != 0)
        return rc;
    if (spool_poisoned(s))
        return tl_fail(err, TL_EIO, "spool %s failed before: start again to recover from the disk", s->dir);
    size_t bytes = segment_record_bytes(payload.n);
    rc = make_place(s, bytes, err);
    if (rc != 0)
        return rc;
    segment_put_record(&s->record, s->id.epoch, s->next_seq, s->durable, payload);
    if (s->record.failed)
        return tl_fail(err, TL_ENOMEM, "no memory for a spool record of %zu bytes", bytes);
    rc = segment_write_all(s->io, s->fd, s->record.data, s->record.len, s->at);
    if (rc < 0)
        return cut_back(s, rc, err);
    s->at += bytes;
    *seq = s->next_seq++;
    return 0;
}

int
spool_sync(struct spool *s, uint64_t *durable, struct tl_err *err)
{
    if (spool_poisoned(s))
        return tl_fail(err, TL_EIO, "spool %s failed before: start again to recover from the disk", s->dir);
    uint64_t last = s->next_seq - 1;
    bool pending = last != spool_durable(s);
    int rc = pending && !s->cfg.no_sync ? s->io->datasync(s->io, s->fd) : 0;
    if (rc < 0)
        return spool_poison(s, err, rc, "sync", "the active segment");
    if (pending) {
        pthread_mutex_lock(&s->mutex);
        s->durable = last;
        s->syncs_n++;
        pthread_mutex_unlock(&s->mutex);
    }
    if (durable)
        *durable = last;
    return 0;
}

/* ---- what any thread may ask ---- */

static uint64_t
locked(const struct spool *cs, const uint64_t *number)
{
    struct spool *s = (struct spool *)(uintptr_t)cs;
    pthread_mutex_lock(&s->mutex);
    uint64_t v = *number;
    pthread_mutex_unlock(&s->mutex);
    return v;
}

uint64_t
spool_durable(const struct spool *s)
{
    return locked(s, &s->durable);
}

uint64_t
spool_hint(const struct spool *s)
{
    return locked(s, &s->acked);
}

uint64_t
spool_recovered(const struct spool *s)
{
    return s->recovered;
}

uint64_t
spool_first(const struct spool *cs)
{
    struct spool *s = (struct spool *)(uintptr_t)cs;
    pthread_mutex_lock(&s->mutex);
    uint64_t first = s->segments_n > 0 ? s->segment[0].first_seq : s->durable + 1;
    pthread_mutex_unlock(&s->mutex);
    return first;
}

struct spool_identity
spool_identity(const struct spool *s)
{
    struct spool_identity id = { .epoch = s->id.epoch };
    memcpy(id.collector, s->id.collector, sizeof id.collector);
    return id;
}

void
spool_stats(const struct spool *cs, struct spool_stats *st)
{
    struct spool *s = (struct spool *)(uintptr_t)cs;
    pthread_mutex_lock(&s->mutex);
    *st = (struct spool_stats){ .bytes = s->bytes, .backlog_n = s->durable - s->acked, .segments_n = s->segments_n,
                                .bad_records_n = s->bad_records_n, .syncs_n = s->syncs_n };
    pthread_mutex_unlock(&s->mutex);
}
