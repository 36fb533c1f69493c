/* spool_mend.c - the last segment after a start: where its records end, and making sure that they are on the disk; see spool.h.
 *
 * Only this segment can have a torn end, because a new one begins after the old one is synced. Its good records are written back before they count:
 * after a failed sync the page cache may show bytes that the disk never got. */
#include "spool_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "tl_logfmt.h"

#define MEND_BYTES (1u << 20)

struct scan {
    uint64_t last, at;          /* last record kept, and where the next one goes */
    uint64_t synced;            /* the highest number that a record, or the checkpoint, says was durable */
    uint64_t missing_n;
};

/* Stops at the first missing number above `synced`: from there on nothing was acknowledged. */
static int
scan_upto(struct spool *s, const struct segment_file *f, uint64_t first_seq, uint64_t synced, struct scan *sc)
{
    struct segment_found found;
    *sc = (struct scan){ .last = first_seq - 1, .at = SEGMENT_HEAD_BYTES };
    for (;;) {
        tl_buf_reset(&s->record);
        int rc = segment_next(f, sc->at, sc->last + 1, sc->last + SEGMENT_AHEAD_MAX, &s->record, &found);
        if (rc != 0)
            return rc == TL_ENOTFOUND ? 0 : rc;
        bool torn = found.seq - 1 > synced && found.seq != sc->last + 1;
        if (torn && sc->last >= synced)
            return 0;
        sc->missing_n += (torn ? synced + 1 : found.seq) - sc->last - 1;
        sc->last = torn ? synced : found.seq;
        sc->at = torn ? found.offset : found.end;
        if (torn)
            return 0;
        sc->synced = found.synced > sc->synced ? found.synced : sc->synced;
    }
}

/* First to the end, to learn what was durable; again, if something is missing, to know where the torn part begins. */
static int
scan(struct spool *s, const struct segment_file *f, struct spool_segment *seg, uint64_t *last)
{
    struct scan sc;
    int rc = scan_upto(s, f, seg->first_seq, UINT64_MAX, &sc);
    if (rc == 0 && sc.missing_n > 0) {
        uint64_t hint = s->mark.epoch == s->id.epoch ? s->mark.durable : 0;
        rc = scan_upto(s, f, seg->first_seq, sc.synced > hint ? sc.synced : hint, &sc);
    }
    s->bad_records_n += sc.missing_n;
    if (rc == 0 && sc.missing_n > 0)
        tl_log(TL_ERROR, "spool_damaged", "segment=%016llx records=%llu", (unsigned long long)seg->first_seq, (unsigned long long)sc.missing_n);
    seg->damaged |= sc.missing_n > 0;
    *last = sc.last;
    s->at = sc.at;
    return rc;
}

/* Bytes from..to of the segment again, to the disk this time; beyond the records zeros, where they are not yet. */
static int
rewrite(struct spool *s, const struct segment_file *f, uint64_t from, uint64_t to, bool zero)
{
    uint8_t *b = tl_alloc(MEND_BYTES);
    int rc = b ? 0 : -ENOMEM;
    for (; rc == 0 && from < to; from += MEND_BYTES) {
        size_t n = to - from < MEND_BYTES ? (size_t)(to - from) : MEND_BYTES;
        rc = segment_read_all(s->io, f->fd, b, n, from);
        bool dirty = !zero;
        for (size_t i = 0; rc == 0 && zero && i < n; i++)
            dirty |= b[i] != 0;
        if (rc != 0 || !dirty)
            continue;
        if (zero)
            memset(b, 0, n);
        rc = segment_write_all(s->io, f->fd, b, n, from);
    }
    tl_free(b);
    return rc;
}

static int
mend(struct spool *s, const struct segment_file *f, const struct spool_segment *seg, bool head_good, bool synced)
{
    uint8_t bytes[SEGMENT_HEAD_BYTES];
    struct segment_head h = { .epoch = s->id.epoch, .first_seq = seg->first_seq, .created_ms = s->clock->wall_ms(s->clock) };
    uint64_t there = s->at < f->size ? s->at : f->size;     /* a file cut short may lack the last record's padding */
    int rc = 0;
    if (!head_good) {
        memcpy(h.collector, s->id.collector, sizeof h.collector);
        segment_put_head(bytes, &h);
        rc = segment_write_all(s->io, f->fd, bytes, sizeof bytes, 0);
    }
    if (rc == 0 && !synced)
        rc = rewrite(s, f, 0, there, false);
    if (rc == 0)
        rc = rewrite(s, f, s->at, f->size, true);
    return rc == 0 && !s->cfg.no_sync ? s->io->datasync(s->io, f->fd) : rc;
}

/* Its making was cut off before any record: as if it had never been. Its name still says which number comes next. */
static int
remove_unborn(struct spool *s, const char *path, const char *name, struct tl_err *err)
{
    s->segments_n--;
    s->bytes -= s->segment[s->segments_n].bytes;
    s->io->close(s->io, s->fd);
    s->fd = -1;
    int rc = s->io->unlink(s->io, path);
    return rc < 0 ? marks_errno(err, rc, "remove", s->dir, name) : 0;
}

int
spool_mend_last(struct spool *s, bool head_good, struct tl_err *err)
{
    char name[SPOOL_NAME_BYTES], path[PATH_MAX];
    struct spool_segment *seg = &s->segment[s->segments_n - 1];
    uint64_t last = 0;
    spool_path(s, spool_segment_name(seg->first_seq, name), path);
    s->fd = s->io->open(s->io, path, O_RDWR);
    if (s->fd < 0)
        return marks_errno(err, s->fd, "open", s->dir, name);
    struct segment_file f = { s->io, s->fd, s->id.epoch, seg->bytes };
    int rc = scan(s, &f, seg, &last);
    if (rc != 0)
        return tl_fail(err, rc, "cannot read spool segment %s", path);
    s->durable = last;
    if (last < seg->first_seq && !head_good)
        return remove_unborn(s, path, name, err);
    seg->damaged |= !head_good;
    s->allocated = seg->bytes;
    s->cap = seg->bytes > s->cfg.segment_bytes ? seg->bytes : s->cfg.segment_bytes;
    rc = mend(s, &f, seg, head_good, s->mark.clean && s->mark.durable == last);
    return rc < 0 ? marks_errno(err, rc, "mend", s->dir, name) : 0;
}
