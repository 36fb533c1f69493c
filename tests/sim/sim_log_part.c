/* sim_log_part.c - the log in memory; see sim_log.h. */
#include "sim_log.h"

#include <stdio.h>
#include <stdlib.h>

struct tl_str
sim_token(uint32_t collector, uint64_t serial, char out[32])
{
    int n = snprintf(out, 32, "%u:%llu", collector, (unsigned long long)serial);
    return (struct tl_str){ out, (size_t)n };
}

static void
add_entry(struct sim_log *l, struct tl_str token)
{
    char text[32] = { 0 };
    unsigned collector = 0;
    unsigned long long serial = 0;
    if (token.n >= sizeof text)
        abort();
    memcpy(text, token.p, token.n);
    if (sscanf(text, "%u:%llu", &collector, &serial) != 2)
        abort();
    if (l->now.n == l->cap) {
        l->cap = l->cap ? l->cap * 2 : 1024;
        l->entry = realloc(l->entry, l->cap * sizeof *l->entry);
    }
    l->entry[l->now.n++] = (struct sim_entry){ collector, serial };
}

static int
log_begin(void *self, struct tl_err *err)
{
    (void)self;
    (void)err;
    return 0;
}

static struct sim_hwm *
find_hwm(struct sim_log_state *s, const uint8_t collector[16], uint64_t epoch)
{
    for (int i = 0; i < s->hwms_n; i++)
        if (s->hwm[i].epoch == epoch && memcmp(s->hwm[i].collector, collector, 16) == 0)
            return &s->hwm[i];
    return NULL;
}

uint64_t
sim_log_hwm(const struct sim_log *l, const uint8_t collector[16], uint64_t epoch)
{
    struct sim_log_state s = l->now;
    const struct sim_hwm *h = find_hwm(&s, collector, epoch);
    return h ? h->seq : 0;
}

static int
log_hwm(void *self, const uint8_t collector[16], uint64_t epoch, uint16_t partition, uint64_t *seq, struct tl_err *err)
{
    (void)partition;
    (void)err;
    *seq = sim_log_hwm(self, collector, epoch);
    return 0;
}

static int
log_set_hwm(void *self, const uint8_t collector[16], uint64_t epoch, uint16_t partition, uint64_t seq, struct tl_err *err)
{
    struct sim_log *l = self;
    struct sim_hwm *h = find_hwm(&l->now, collector, epoch);
    (void)partition;
    (void)err;
    if (!h) {
        if (l->now.hwms_n == SIM_COLLECTORS_MAX * 4)
            abort();
        h = &l->now.hwm[l->now.hwms_n++];
        memcpy(h->collector, collector, 16);
        h->epoch = epoch;
    }
    h->seq = seq;
    return 0;
}

static int
log_append(void *self, const struct tl_wire_head *h, struct tl_str payload, int64_t received_ms, uint64_t *position, struct tl_err *err)
{
    struct sim_log *l = self;
    struct tl_cur c = tl_cur_of(payload.p, payload.n);
    struct tl_event ev;
    int kind = 0;
    uint32_t n = 0;
    (void)h;
    (void)received_ms;
    (void)err;
    *position = l->now.n + 1;
    if (tl_wire_open(&c, &kind, &n) != 0)
        abort();
    for (uint32_t i = 0; i < n; i++) {
        if (tl_wire_next_event(&c, &ev) != 0)
            abort();
        add_entry(l, ev.id_);
    }
    return 0;
}

static int
log_refuse(void *self, const struct tl_refused *r, struct tl_err *err)
{
    struct sim_log *l = self;
    (void)err;
    if (tl_str_is(r->reason, "spool_damaged"))
        l->damaged_n++;
    else if (tl_str_is(r->reason, "poison_batch"))
        l->poison_n++;
    else
        add_entry(l, r->id);
    return 0;
}

static void
log_abort(void *self)
{
    struct sim_log *l = self;
    l->now = l->committed;
}

static int
log_commit(void *self, struct tl_err *err)
{
    struct sim_log *l = self;
    if (l->fail_commits > 0) {
        l->fail_commits--;
        log_abort(l);
        return tl_fail(err, TL_ENOSPC, "the simulated disk is full");
    }
    l->before = l->committed;
    l->committed = l->now;
    l->commits_n++;
    return 0;
}

void
sim_log_init(struct sim_log *l)
{
    *l = (struct sim_log){ 0 };
    l->port = (struct intake_log){ l, log_begin, log_hwm, log_set_hwm, log_append, NULL, log_refuse, log_commit, log_abort };
}

void
sim_log_crash(struct sim_log *l)
{
    if (l->lies)
        l->committed = l->before;
    log_abort(l);
}

void
sim_log_restore(struct sim_log *l)
{
    l->committed = l->before = l->backup;
    log_abort(l);
}

void
sim_log_free(struct sim_log *l)
{
    free(l->entry);
}
