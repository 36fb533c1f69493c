/* sim_io.h - a disk in memory that can fail, fill up and lose power; a clock and a random source to go with it. For tests only.
 *
 * Each file has two faces: what reads see, and what the disk holds. A sync copies one to the other; a failed sync copies nothing and still calls the
 * bytes clean, as Linux does. A power cut keeps a random part of what was not synced, sector by sector, and a random prefix of folder changes. */
#ifndef SIM_IO_H
#define SIM_IO_H

#include "tl_port.h"

#define SIM_SECTOR_BYTES 512

struct sim_rand {
    struct tl_rand port;
    uint64_t state;
};
void sim_rand_init(struct sim_rand *r, uint64_t seed);
uint64_t sim_rand_next(struct sim_rand *r);
uint64_t sim_rand_below(struct sim_rand *r, uint64_t n);        /* 0..n-1 */
bool sim_rand_chance(struct sim_rand *r, unsigned permille);

struct sim_clock {
    struct tl_clock port;
    int64_t now_us;
};
void sim_clock_init(struct sim_clock *c);

struct sim_io;
struct sim_io *sim_io_new(uint64_t seed);
void sim_io_free(struct sim_io **p);
struct tl_io *sim_io_port(struct sim_io *s);

void sim_io_kill(struct sim_io *s);             /* the process ends: descriptors and locks go, what reads see stays */
void sim_io_power_cut(struct sim_io *s);        /* and what was not synced goes, in part */
uint64_t sim_io_calls(const struct sim_io *s);  /* calls that can fail, so far */
/* sim_io_fail_at - let the k-th call from now on (1-based) fail with rc (a write may be short first); all after it too when sticky. 0 = none. */
void sim_io_fail_at(struct sim_io *s, uint64_t k, int rc, bool sticky);
void sim_io_limit(struct sim_io *s, uint64_t bytes);            /* size of the disk; 0 = endless */
void sim_io_lie(struct sim_io *s, bool lie);    /* syncs say 0 and do nothing */
void sim_io_flip(struct sim_io *s, const char *path, uint64_t bit);
int64_t sim_io_file_bytes(struct sim_io *s, const char *path);  /* -1 when absent */
uint64_t sim_io_used(const struct sim_io *s);
/* sim_io_each - call each(arg, path) for every file */
void sim_io_each(struct sim_io *s, void (*each)(void *arg, const char *path), void *arg);

#endif
