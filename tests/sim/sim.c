/* sim.c - spool, publisher and intake in one process, over a disk, a network, a clock and a log that misbehave, all from one seed.
 *
 *   sim [FIRST [LAST]] [--mutant=ack|seq|sync] [--loud]
 *
 * For each seed: some collectors take events, answer for them once they are synced, and publish them; disks fail, fill and lose power, connections
 * break, go deaf and deliver late, processes die, the log refuses commits and is once restored from a backup. Then all heals, and everything must
 * drain. Checked against the log: every acknowledged event is there exactly once, in the order of its collector; no other is there twice.
 * A mutant breaks one promise on purpose, and then some seed must fail. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../collector/publish.h"
#include "../../collector/spool.h"
#include "sim_net.h"
#include "tl_hash.h"
#include "tl_logfmt.h"

#define TROUBLE_US INT64_C(90000000)
#define DRAIN_US INT64_C(240000000)
#define SERIALS_MAX 20000

enum fate { UNKNOWN, ACKED, PENDING };     /* of an event, as its sender sees it; UNKNOWN may be in the log, once */
enum mutant { MUTANT_NONE, MUTANT_ACK, MUTANT_SEQ, MUTANT_SYNC };

struct collector {
    int number;
    struct sim_io *disk;
    struct spool *spool;            /* NULL while the process is down */
    struct publish *publish;
    int64_t up_at_us, wake_us;
    uint64_t serial;                /* of the last event made */
    uint8_t fate[SERIALS_MAX];
};
struct world {
    uint64_t seed;
    enum mutant mutant;
    bool loud, calm, failed;
    struct sim_rand rand;
    struct sim_clock clock;
    struct sim_net net;
    struct sim_log log;
    struct intake *intake;          /* NULL while the process is down */
    int64_t intake_up_us;
    int collectors_n;
    struct collector c[SIM_COLLECTORS_MAX];
    bool backed_up, restored;
    uint64_t crashes_n;
};

static void
failure(struct world *w, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    if (!w->failed && (w->mutant == MUTANT_NONE || w->loud)) {
        fprintf(stderr, "seed %llu, %.3f s: ", (unsigned long long)w->seed, (double)w->clock.now_us / 1e6);
        vfprintf(stderr, fmt, ap);
        fputc('\n', stderr);
    }
    va_end(ap);
    w->failed = true;
}

static bool
chance(struct world *w, unsigned permille)
{
    return !w->calm && sim_rand_chance(&w->rand, permille);
}

/* A log restored from a backup asks for records again that were acknowledged: those seeds keep them, with room on the disk. */
static bool
may_restore(const struct world *w)
{
    return w->seed % 3 == 0;
}

/* ---- the collector's process ---- */

static int
read_batch(void *arg, uint64_t seq, struct tl_buf *out)
{
    return spool_read(((struct collector *)arg)->spool, seq, out, NULL);
}

static void
collector_start(struct world *w, struct collector *c)
{
    char dir[32];
    struct tl_err err = { 0 };
    snprintf(dir, sizeof dir, "/c%d", c->number);
    struct spool_cfg cfg = { .dir = dir, .max_bytes = 64u << 20, .segment_bytes = SPOOL_SEGMENT_BYTES_MIN, .keep_s = may_restore(w) ? 86400 : 0 };
    sim_io_fail_at(c->disk, chance(w, 100) ? 1 + sim_rand_below(&w->rand, 60) : 0, -EIO, false);
    sim_io_lie(c->disk, w->mutant == MUTANT_SYNC);
    if (spool_open(&c->spool, &cfg, sim_io_port(c->disk), &w->clock.port, &w->rand.port, &err) != 0) {
        if (w->calm)
            failure(w, "collector %d does not start: %s", c->number, err.text);
        sim_io_kill(c->disk);
        c->up_at_us = w->clock.now_us + 200000;
        return;
    }
    struct spool_identity id = spool_identity(c->spool);
    struct publish_cfg pc = { .epoch = id.epoch, .recovered_seq = spool_recovered(c->spool), .read = read_batch, .arg = c };
    memcpy(pc.collector, id.collector, sizeof pc.collector);
    c->publish = publish_new(&pc);
    c->wake_us = 0;
    sim_net_break(&w->net, c->number);
}

/* Events from `from` on whose fate is `was` */
static void
set_fate(struct collector *c, uint64_t from, enum fate was, enum fate is)
{
    for (uint64_t s = from; s <= c->serial; s++)
        if (c->fate[s] == was)
            c->fate[s] = (uint8_t)is;
}

static void
collector_die(struct world *w, struct collector *c, bool power)
{
    sim_io_fail_at(c->disk, 1, -EIO, true);     /* a dying process writes no checkpoint */
    spool_close(&c->spool);
    sim_io_fail_at(c->disk, 0, 0, false);
    publish_free(&c->publish);
    if (power)
        sim_io_power_cut(c->disk);
    else
        sim_io_kill(c->disk);
    sim_net_break(&w->net, c->number);
    set_fate(c, 1, PENDING, UNKNOWN);
    c->up_at_us = w->clock.now_us + (int64_t)sim_rand_below(&w->rand, 4000000);
    w->crashes_n++;
}

/* ---- senders ---- */

static void
make_payload(struct world *w, struct collector *c, struct tl_buf *b)
{
    static const char padding[4000];
    char text[32];
    bool quarantine = sim_rand_chance(&w->rand, 100);
    uint32_t n = quarantine ? 1 : (uint32_t)(1 + sim_rand_below(&w->rand, 3));
    tl_wire_begin(b, quarantine ? TL_KIND_QUARANTINE : TL_KIND_EVENTS);
    for (uint32_t i = 0; i < n; i++) {
        struct tl_str token = sim_token((uint32_t)c->number, ++c->serial, text);
        struct tl_str raw = { padding, sim_rand_below(&w->rand, sizeof padding) };
        struct tl_event ev = { .has = TL_HAS(id) | TL_HAS(type), .id_ = token, .type_ = TL_STR("made"), .raw = raw };
        struct tl_refused r = { .id = token, .reason = TL_STR("bad_json"), .bytes = raw, .bytes_n = raw.n };
        struct tl_buf item = { 0 };
        if (quarantine)
            tl_wire_put_refused(&item, &r);
        else
            tl_wire_put_event(&item, &ev);
        tl_buf_put(b, item.data, item.len);
        tl_buf_free(&item);
    }
    tl_wire_end(b, n);
}

/* Some appends, one sync, then the answer: what is answered is what must be in the log at the end. */
static void
take_events(struct world *w, struct collector *c)
{
    struct tl_buf b = { 0 };
    uint64_t seq = 0, n = 1 + sim_rand_below(&w->rand, 4);
    int rc = 0;
    if (c->serial + 16 > SERIALS_MAX)
        return;
    for (uint64_t i = 0; i < n && rc == 0; i++) {
        uint64_t first = c->serial + 1;
        make_payload(w, c, &b);
        rc = spool_append(c->spool, (struct tl_str){ (char *)b.data, b.len }, &seq, NULL);
        if (rc == 0)
            set_fate(c, first, UNKNOWN, PENDING);
    }
    if (!chance(w, 20) && spool_sync(c->spool, NULL, NULL) == 0)
        set_fate(c, 1, PENDING, ACKED);
    tl_buf_free(&b);
}

/* ---- the collector's link ---- */

static bool
send_actions(struct world *w, struct collector *c, const struct publish_actions *out)
{
    uint8_t f0[4], f1[TL_WIRE_HEAD_BYTES];
    struct tl_str frame[] = { { (char *)f0, sizeof f0 }, { (char *)f1, sizeof f1 }, out->payload };
    tl_wire_put_type(f0, out->type);
    tl_wire_put_head(f1, &out->head);
    return sim_net_send(&w->net, c->number, frame, out->type == TL_BATCH ? 3 : 2);
}

static void
publish_all(struct world *w, struct collector *c, struct publish_input in)
{
    struct publish_actions out;
    do {
        in.now_us = w->clock.now_us;
        in.first_seq = spool_first(c->spool);
        in.durable_seq = spool_durable(c->spool);
        publish_step(c->publish, &in, &out);
        if (out.relink)
            sim_net_break(&w->net, c->number);
        if (out.acked)
            spool_acked(c->spool, out.hwm);
        if (out.alarm == PUBLISH_GAP || out.alarm == PUBLISH_BEHIND)
            failure(w, "collector %d: alarm %d", c->number, (int)out.alarm);
        in.what = out.send && !send_actions(w, c, &out) ? PUBLISH_NOT_SENT : PUBLISH_TICK;
    } while ((out.more || in.what == PUBLISH_NOT_SENT) && !w->failed);
    c->wake_us = out.wake_us;
}

static void
collector_turn(struct world *w, struct collector *c)
{
    struct sim_message m;
    if (!c->spool) {
        if (w->clock.now_us >= c->up_at_us)
            collector_start(w, c);
        return;
    }
    if (chance(w, 3))
        sim_io_fail_at(c->disk, 1 + sim_rand_below(&w->rand, 40), may_restore(w) || chance(w, 500) ? -EIO : -ENOSPC, chance(w, 200));
    if (chance(w, 4))
        sim_io_fail_at(c->disk, 0, 0, false);
    if (chance(w, 200))
        take_events(w, c);
    while (sim_net_take(&w->net, false, c->number, &m)) {
        struct publish_input in = { .what = PUBLISH_FRAME };
        if (tl_wire_get_type(m.frame[0].p, m.frame[0].n, &in.type) == 0 && tl_wire_get_head(m.frame[1].p, m.frame[1].n, &in.head) == 0)
            publish_all(w, c, in);
        sim_message_free(&m);
    }
    publish_all(w, c, (struct publish_input){ .what = PUBLISH_TICK });
    if (spool_poisoned(c->spool) || chance(w, 2))
        collector_die(w, c, chance(w, 500));
}

/* ---- the aggregator's process ---- */

static void
intake_die(struct world *w)
{
    w->net.mute = true;
    intake_free(&w->intake);
    w->net.mute = false;
    sim_log_crash(&w->log);
    for (int i = 0; i < w->collectors_n; i++)
        sim_net_break(&w->net, i);
    w->intake_up_us = w->clock.now_us + (int64_t)sim_rand_below(&w->rand, 3000000);
    w->crashes_n++;
}

/* Its frames out are real; what a mutant changes is the number that intake believes a batch to have. */
static void
deliver(struct world *w, struct sim_message *m, struct tl_err *err, int *rc)
{
    struct tl_wire_head h;
    uint8_t f1[TL_WIRE_HEAD_BYTES];
    if (w->mutant == MUTANT_SEQ && m->frames_n == 3 && tl_wire_get_head(m->frame[1].p, m->frame[1].n, &h) == 0) {
        h.seq = sim_log_hwm(&w->log, h.collector, h.epoch) + 1;
        tl_wire_put_head(f1, &h);
        memcpy((void *)(uintptr_t)m->frame[1].p, f1, sizeof f1);
    }
    *rc = intake_take(w->intake, (const uint8_t *)&m->route, sizeof m->route, m->frame, m->frames_n, err);
}

static void
intake_turn(struct world *w)
{
    struct sim_message m;
    struct tl_err err = { 0 };
    int rc = 0;
    if (!w->intake) {
        if (w->clock.now_us >= w->intake_up_us)
            w->intake = intake_new(&w->log.port, &w->net.port, &w->clock.port);
        return;
    }
    if (chance(w, 2))
        w->log.fail_commits = 1;
    if (chance(w, 3))
        intake_hold(w->intake, true);
    if (!sim_rand_chance(&w->rand, 950))
        intake_hold(w->intake, false);
    while (!intake_due(w->intake) && sim_net_take(&w->net, true, 0, &m)) {
        deliver(w, &m, &err, &rc);
        sim_message_free(&m);
    }
    if (chance(w, 1)) {
        intake_die(w);
        return;
    }
    if (w->calm || !sim_rand_chance(&w->rand, 300))
        rc = intake_commit(w->intake, &err);
    if (!w->backed_up && chance(w, 2)) {
        w->log.backup = w->log.committed;
        w->backed_up = true;
    } else if (w->backed_up && !w->restored && may_restore(w) && chance(w, 1)) {
        intake_die(w);
        sim_log_restore(&w->log);
        w->restored = true;
    }
}

/* ---- the whole ---- */

/* By the log itself: a publisher does not know yet that the log went back to a backup. */
static bool
drained(const struct world *w)
{
    for (int i = 0; i < w->collectors_n; i++) {
        const struct collector *c = &w->c[i];
        struct publish_stats st;
        if (!c->spool)
            return false;
        publish_stats(c->publish, &st);
        struct spool_identity id = spool_identity(c->spool);
        if (sim_log_hwm(&w->log, id.collector, id.epoch) != spool_durable(c->spool) || st.hwm != spool_durable(c->spool) || st.inflight_n > 0)
            return false;
    }
    return true;
}

static void
check_log(struct world *w)
{
    static uint8_t seen[SIM_COLLECTORS_MAX][SERIALS_MAX];
    uint64_t last[SIM_COLLECTORS_MAX] = { 0 }, acked = 0;
    memset(seen, 0, sizeof seen);
    for (size_t i = 0; i < w->log.committed.n; i++) {
        struct sim_entry e = w->log.entry[i];
        if (seen[e.collector][e.serial]++)
            failure(w, "event %u:%llu is in the log twice", e.collector, (unsigned long long)e.serial);
        else if (e.serial < last[e.collector])
            failure(w, "event %u:%llu is out of order", e.collector, (unsigned long long)e.serial);
        last[e.collector] = e.serial;
    }
    for (int i = 0; i < w->collectors_n; i++)
        for (uint64_t s = 1; s <= w->c[i].serial; s++) {
            acked += w->c[i].fate[s] == ACKED;
            if (w->c[i].fate[s] == ACKED && !seen[i][s])
                failure(w, "event %d:%llu was acknowledged and is lost", i, (unsigned long long)s);
        }
    if (w->log.damaged_n || w->log.poison_n)
        failure(w, "%llu records damaged, %llu poisoned", (unsigned long long)w->log.damaged_n, (unsigned long long)w->log.poison_n);
    if (acked == 0)
        failure(w, "nothing was acknowledged: the seed tests nothing");
    if (w->loud)
        printf("seed %llu: %llu acknowledged, %zu logged, %llu commits, %llu crashes, %llu broken connections, drained after %.1f s\n", (unsigned long long)w->seed,
               (unsigned long long)acked, w->log.committed.n, (unsigned long long)w->log.commits_n, (unsigned long long)w->crashes_n,
               (unsigned long long)w->net.broken_n, (double)(w->clock.now_us - TROUBLE_US) / 1e6);
}

static void
calm_down(struct world *w)
{
    w->calm = w->net.calm = true;
    w->log.fail_commits = 0;
    for (int i = 0; i < w->collectors_n; i++)
        sim_io_fail_at(w->c[i].disk, 0, 0, false);
}

static void
turn(struct world *w)
{
    w->clock.now_us += (int64_t)(100 + sim_rand_below(&w->rand, 60000));
    int i = (int)sim_rand_below(&w->rand, (uint64_t)w->collectors_n);
    if (chance(w, 4))
        sim_net_break(&w->net, i);
    if (chance(w, 2))
        sim_net_deafen(&w->net, i, (int64_t)sim_rand_below(&w->rand, 20000000));
    collector_turn(w, &w->c[i]);
    intake_turn(w);
    if (!w->calm && w->clock.now_us > TROUBLE_US)
        calm_down(w);
}

static bool
run(uint64_t seed, enum mutant mutant, bool loud)
{
    struct world *w = calloc(1, sizeof *w);
    w->seed = seed;
    w->mutant = mutant;
    w->loud = loud;
    sim_rand_init(&w->rand, seed * UINT64_C(0x9e3779b97f4a7c15));
    sim_clock_init(&w->clock);
    sim_net_init(&w->net, &w->rand, &w->clock.now_us);
    sim_log_init(&w->log);
    w->net.flip_permille = seed % 2 ? 5 : 0;
    w->log.lies = mutant == MUTANT_ACK;
    w->collectors_n = 1 + (int)sim_rand_below(&w->rand, 4);
    for (int i = 0; i < w->collectors_n; i++) {
        w->c[i].number = i;
        w->c[i].disk = sim_io_new(sim_rand_next(&w->rand));
    }
    while (!w->failed && !(w->calm && drained(w))) {
        turn(w);
        if (w->clock.now_us > TROUBLE_US + DRAIN_US)
            failure(w, "not drained after %lld s of calm", (long long)(DRAIN_US / 1000000));
    }
    if (!w->failed)
        check_log(w);
    bool ok = !w->failed;
    intake_free(&w->intake);
    for (int i = 0; i < w->collectors_n; i++) {
        spool_close(&w->c[i].spool);
        publish_free(&w->c[i].publish);
        sim_io_free(&w->c[i].disk);
    }
    sim_net_free(&w->net);
    sim_log_free(&w->log);
    free(w);
    return ok;
}

int
main(int argc, char **argv)
{
    static const char *const mutants[] = { "none", "ack", "seq", "sync" };
    uint64_t range[2] = { 1, 100 }, failed_n = 0;
    int n = 0, mutant = MUTANT_NONE;
    bool loud = false;
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--mutant=", 9) == 0)
            while (mutant < 3 && strcmp(mutants[mutant], argv[i] + 9) != 0)
                mutant++;
        else if (strcmp(argv[i], "--loud") == 0)
            loud = true;
        else if (n < 2)
            range[n++] = strtoull(argv[i], NULL, 10);
    }
    if (n == 1)
        range[1] = range[0];
    if (tl_hash_init() != 0)
        return 1;
    tl_log_level(TL_ERROR + 1);
    for (uint64_t seed = range[0]; seed <= range[1]; seed++)
        failed_n += !run(seed, (enum mutant)mutant, loud);
    printf("%llu seeds, mutant %s: %llu failed\n", (unsigned long long)(range[1] - range[0] + 1), mutants[mutant], (unsigned long long)failed_n);
    return failed_n > 0;
}
