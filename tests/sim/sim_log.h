/* sim_log.h - the log as intake sees it, in memory: what is committed stays, what is not goes with the process. Holds serial numbers instead of events. */
#ifndef SIM_LOG_H
#define SIM_LOG_H

#include "../../aggregator/intake.h"

#define SIM_COLLECTORS_MAX 8

struct sim_entry {
    uint32_t collector;         /* who made it, from its id */
    uint64_t serial;
};
struct sim_hwm {
    uint8_t collector[16];
    uint64_t epoch, seq;
};
struct sim_log_state {
    size_t n;
    struct sim_hwm hwm[SIM_COLLECTORS_MAX * 4];
    int hwms_n;
};
struct sim_log {
    struct intake_log port;
    struct sim_entry *entry;
    size_t cap;
    struct sim_log_state now, committed, backup, before;   /* before: the commit before the last, for a log that lies */
    uint64_t damaged_n, poison_n, commits_n;
    int fail_commits;           /* so many of the next commits fail */
    bool lies;                  /* a commit says yes and is lost when the process ends soon after */
};
void sim_log_init(struct sim_log *l);
void sim_log_crash(struct sim_log *l);
void sim_log_restore(struct sim_log *l);        /* back to `backup` */
void sim_log_free(struct sim_log *l);
uint64_t sim_log_hwm(const struct sim_log *l, const uint8_t collector[16], uint64_t epoch);    /* as the open transaction sees it */
struct tl_str sim_token(uint32_t collector, uint64_t serial, char out[32]);

#endif
