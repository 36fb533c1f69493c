/* spool_space.c - how much disk the spool takes: its limits, and which acknowledged segments go. Never deletes what is not acknowledged. */
#include "spool_inside.h"

#include <stdio.h>

static bool
oldest_acked(const struct spool *s)
{
    return s->segments_n > 1 && s->segment[1].first_seq - 1 <= s->acked;
}

static int
rename_segment(struct spool *s, const struct spool_segment *seg, const char *to)
{
    char name[SPOOL_NAME_BYTES], from_path[PATH_MAX], to_path[PATH_MAX];
    return s->io->rename(s->io, spool_path(s, spool_segment_name(seg->first_seq, name), from_path), spool_path(s, to, to_path));
}

static int
unlink_name(struct spool *s, const char *name)
{
    char path[PATH_MAX];
    return s->io->unlink(s->io, spool_path(s, name, path));
}

/* Rotten segments are evidence: renamed, no longer counted, for an operator to look at. */
static int
put_aside(struct spool *s, const struct spool_segment *seg)
{
    char name[SPOOL_NAME_BYTES], aside[SPOOL_NAME_BYTES + 16];
    snprintf(aside, sizeof aside, "%s.damaged", spool_segment_name(seg->first_seq, name));
    return rename_segment(s, seg, aside);
}

/* false when nothing can go, or the disk does not let it go: the next call tries again. */
static bool
drop_oldest(struct spool *s, bool keep_spare)
{
    char name[SPOOL_NAME_BYTES];
    if (!oldest_acked(s))
        return false;
    struct spool_segment seg = s->segment[0];
    bool spare = keep_spare && !seg.damaged && s->spare_bytes == 0 && seg.bytes == s->cfg.segment_bytes;
    int rc = seg.damaged ? put_aside(s, &seg) : spare ? rename_segment(s, &seg, SPOOL_SPARE) : unlink_name(s, spool_segment_name(seg.first_seq, name));
    if (rc < 0)
        return false;
    if (spare)
        s->spare_bytes = seg.bytes;
    else
        s->bytes -= seg.bytes;
    s->segments_n--;
    memmove(s->segment, s->segment + 1, s->segments_n * sizeof *s->segment);
    return true;
}

static uint64_t
acked_bytes(const struct spool *s, size_t *n)
{
    uint64_t bytes = 0;
    *n = 0;
    while (*n + 1 < s->segments_n && s->segment[*n + 1].first_seq - 1 <= s->acked)
        bytes += s->segment[(*n)++].bytes;
    return bytes;
}

void
spool_expire(struct spool *s)
{
    int64_t now_ms = s->clock->wall_ms(s->clock);
    size_t n = 0;
    for (;;) {
        uint64_t bytes = acked_bytes(s, &n);
        bool old = n > 0 && now_ms - s->segment[0].sealed_ms >= (int64_t)s->cfg.keep_s * 1000;
        bool share = n > 1 && bytes > s->cfg.max_bytes / 10;
        if ((!old && !share) || !drop_oldest(s, true))
            return;
    }
}

static bool
drop_spare(struct spool *s)
{
    if (s->spare_bytes == 0 || unlink_name(s, SPOOL_SPARE) < 0)
        return false;
    s->bytes -= s->spare_bytes;
    s->spare_bytes = 0;
    return true;
}

static bool
fits(struct spool *s, uint64_t more)
{
    if (s->bytes + more > s->cfg.max_bytes)
        return false;
    if (s->cfg.free_floor_bytes == 0)
        return true;
    int64_t free_bytes = s->io->free_bytes(s->io, s->dir);
    return free_bytes >= 0 && (uint64_t)free_bytes >= s->cfg.free_floor_bytes + more;
}

int
spool_make_room(struct spool *s, uint64_t more, struct tl_err *err)
{
    pthread_mutex_lock(&s->mutex);
    spool_expire(s);
    bool ok = fits(s, more);
    while (!ok && (drop_spare(s) || drop_oldest(s, false)))
        ok = fits(s, more);
    uint64_t bytes = s->bytes;
    pthread_mutex_unlock(&s->mutex);
    return ok ? 0
              : tl_fail(err, TL_ENOSPC, "spool %s is full: %llu bytes held, at most %llu, and %llu must stay free on the disk; it empties when the aggregator answers",
                        s->dir, (unsigned long long)bytes, (unsigned long long)s->cfg.max_bytes, (unsigned long long)s->cfg.free_floor_bytes);
}

bool
spool_give_way(struct spool *s)
{
    pthread_mutex_lock(&s->mutex);
    bool gone = drop_spare(s) || drop_oldest(s, false);
    pthread_mutex_unlock(&s->mutex);
    return gone;
}

bool
spool_recycle_active(struct spool *s)
{
    pthread_mutex_lock(&s->mutex);
    bool can = s->segments_n == 1 && s->spare_bytes == 0 && !s->segment[0].damaged && s->durable <= s->acked && s->next_seq == s->durable + 1
               && rename_segment(s, &s->segment[0], SPOOL_SPARE) == 0;
    if (can) {
        s->spare_bytes = s->segment[0].bytes;
        s->segments_n = 0;
    }
    pthread_mutex_unlock(&s->mutex);
    return can;
}
