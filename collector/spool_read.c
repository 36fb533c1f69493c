/* spool_read.c - the reader's side: records by number, acknowledgements, the checkpoint; see spool.h.
 *
 * Reads follow one another, so a cursor (offset, next number) is all the index there is; going back scans a segment from its start. */
#include "spool_inside.h"

#include <fcntl.h>
#include <stdio.h>

#include "tl_logfmt.h"
#include "tl_wire.h"

#define CHECKPOINT_US INT64_C(1000000)

struct span {
    uint64_t first_seq, last_seq;
    bool active;
};

static size_t
find_segment(const struct spool *s, uint64_t seq)
{
    size_t i = s->segments_n;
    while (i > 0 && s->segment[i - 1].first_seq > seq)
        i--;
    return i;       /* 1-based; 0 = none */
}

static bool
find_span(struct spool *s, uint64_t seq, struct span *span)
{
    pthread_mutex_lock(&s->mutex);
    size_t i = find_segment(s, seq);
    bool found = i > 0 && seq <= s->durable;
    if (found) {
        span->first_seq = s->segment[i - 1].first_seq;
        span->active = i == s->segments_n;
        span->last_seq = span->active ? s->durable : s->segment[i].first_seq - 1;
    }
    pthread_mutex_unlock(&s->mutex);
    return found;
}

static int
open_for_reading(struct spool *s, const struct span *span, struct tl_err *err)
{
    char name[SPOOL_NAME_BYTES], path[PATH_MAX];
    if (s->read_fd >= 0 && s->read_first == span->first_seq)
        return 0;
    if (s->read_fd >= 0)
        s->io->close(s->io, s->read_fd);
    spool_segment_name(span->first_seq, name);
    s->read_fd = s->io->open(s->io, spool_path(s, name, path), O_RDONLY);
    if (s->read_fd < 0)
        return marks_errno(err, s->read_fd, "open", s->dir, name);
    s->read_first = s->read_seq = span->first_seq;
    s->read_at = SEGMENT_HEAD_BYTES;
    return 0;
}

/* Record seq appended to out; or TL_ENOTFOUND, and lost_n bytes from *lost_at on are what stands in its place. */
static int
find_record(struct spool *s, const struct segment_file *f, const struct span *span, uint64_t seq, struct tl_buf *out, uint64_t *lost_at, uint64_t *lost_n)
{
    struct segment_found found;
    size_t before = out->len;
    if (s->read_seq > seq) {
        s->read_seq = span->first_seq;
        s->read_at = SEGMENT_HEAD_BYTES;
    }
    for (;;) {
        out->len = before;
        int rc = segment_next(f, s->read_at, s->read_seq, span->last_seq, out, &found);
        if (rc != 0 && rc != TL_ENOTFOUND)
            return rc;
        uint64_t next_at = rc == 0 ? found.offset : f->size;
        if (rc != 0 || found.seq > seq) {
            *lost_at = s->read_at;
            *lost_n = s->read_seq == seq ? next_at - s->read_at : 0;
            out->len = before;
            if (rc == 0 || !span->active)
                s->read_at = next_at;
            s->read_seq = seq + 1;
            return TL_ENOTFOUND;
        }
        s->read_at = found.end;
        s->read_seq = found.seq + 1;
        if (found.seq == seq)
            return 0;
    }
}

/* false when the segment went while it was read: then its bytes are another's. */
static bool
note_damage(struct spool *s, const struct span *span, uint64_t seq)
{
    pthread_mutex_lock(&s->mutex);
    size_t i = find_segment(s, seq);
    bool there = i > 0 && s->segment[i - 1].first_seq == span->first_seq;
    if (there) {
        s->segment[i - 1].damaged = true;
        s->bad_records_n++;
    }
    pthread_mutex_unlock(&s->mutex);
    if (there)
        tl_log(TL_ERROR, "spool_damaged", "segment=%016llx record=%llu", (unsigned long long)span->first_seq, (unsigned long long)seq);
    return there;
}

/* The number must not stay open, or nothing after it could ever be committed: what is left of the record goes to quarantine in its place. */
static int
put_substitute(struct spool *s, uint64_t seq, uint64_t lost_at, uint64_t lost_n, struct tl_buf *out)
{
    char id[32], *bytes = NULL;
    struct tl_buf payload = { 0 };
    size_t n = lost_n < TL_WIRE_REFUSED_BYTES_MAX ? (size_t)lost_n : TL_WIRE_REFUSED_BYTES_MAX;
    snprintf(id, sizeof id, "%llu", (unsigned long long)seq);
    bytes = tl_alloc(n);
    if (!bytes)
        return TL_ENOMEM;
    if (segment_read_all(s->io, s->read_fd, bytes, n, lost_at) < 0)
        n = 0;
    struct tl_refused r = { .received_at_ms = s->clock->wall_ms(s->clock), .origin = TL_STR("collector"), .field = TL_STR("spool"), .offset = lost_at,
                            .reason = tl_str_of(tl_reason_word(TL_REASON_SPOOL_DAMAGED)), .id = tl_str_of(id), .bytes = { bytes, n }, .bytes_n = lost_n };
    tl_wire_begin(&payload, TL_KIND_QUARANTINE);
    tl_wire_put_refused(&payload, &r);
    tl_wire_end(&payload, 1);
    if (payload.failed)
        out->failed = true;
    tl_buf_put(out, payload.data, payload.len);
    tl_buf_free(&payload);
    tl_free(bytes);
    return out->failed ? TL_ENOMEM : 0;
}

int
spool_read(struct spool *s, uint64_t seq, struct tl_buf *out, struct tl_err *err)
{
    struct span span;
    uint64_t lost_at = 0, lost_n = 0;
    if (seq == 0 || !find_span(s, seq, &span))
        return tl_fail(err, TL_ENOTFOUND, "record %llu is not in the spool", (unsigned long long)seq);
    int rc = open_for_reading(s, &span, err);
    if (rc != 0)
        return rc;
    int64_t size = s->io->size(s->io, s->read_fd);
    if (size < 0)
        return marks_errno(err, (int)size, "size", s->dir, "a segment");
    struct segment_file f = { s->io, s->read_fd, s->id.epoch, (uint64_t)size };
    rc = find_record(s, &f, &span, seq, out, &lost_at, &lost_n);
    if (rc == TL_ENOTFOUND) {
        if (!note_damage(s, &span, seq))
            return tl_fail(err, TL_ENOTFOUND, "record %llu has left the spool", (unsigned long long)seq);
        rc = put_substitute(s, seq, lost_at, lost_n, out);
    }
    return rc == 0 ? 0 : tl_fail(err, rc, "cannot read record %llu of spool %s", (unsigned long long)seq, s->dir);
}

void
spool_checkpoint(struct spool *s, bool clean)
{
    pthread_mutex_lock(&s->mutex);
    s->mark.durable = s->durable;
    s->mark.acked = s->acked;
    pthread_mutex_unlock(&s->mutex);
    s->mark.epoch = s->id.epoch;
    s->mark.clean = clean;
    s->mark.generation++;
    marks_write_checkpoint(s->io, s->dir, &s->mark);
}

void
spool_tend(struct spool *s)
{
    pthread_mutex_lock(&s->mutex);
    spool_expire(s);
    pthread_mutex_unlock(&s->mutex);
}

void
spool_acked(struct spool *s, uint64_t hwm)
{
    pthread_mutex_lock(&s->mutex);
    if (hwm > s->durable)
        hwm = s->durable;
    if (hwm > s->acked)
        s->acked = hwm;
    spool_expire(s);
    pthread_mutex_unlock(&s->mutex);
    int64_t now_us = s->clock->mono_us(s->clock);
    if (now_us - s->marked_us >= CHECKPOINT_US) {
        s->marked_us = now_us;
        spool_checkpoint(s, false);
    }
}
