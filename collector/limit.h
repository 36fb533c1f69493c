/* limit.h - token buckets for keys, addresses and failed logins, in one hash table of a fixed size.
 *
 * A bucket fills at `rate` a second up to rate * burst_s. A taker may go when it is above zero, whatever it takes: a large body leaves a debt, which the
 * next ones wait for. A key that is not in the table starts full, so a crowded table (the longest unused of eight places gives way) errs towards
 * letting through. Any thread. */
#ifndef LIMIT_H
#define LIMIT_H

#include "tl_mem.h"

enum limit_kind { LIMIT_KEY, LIMIT_ADDRESS, LIMIT_FAILURE };

#define LIMIT_PLACES 8192               /* 256 KB */

struct limit;
struct limit *limit_new(void);                                  /* NULL: out of memory */
void limit_free(struct limit **lp);
struct limit_rate {
    int64_t rate;                       /* tokens a second; 0: no limit */
    int64_t burst_s;
};
/* limit_take - 0: taken; else the seconds after which there is something again (1..3600), and nothing was taken. cost 0 only asks. */
int limit_take(struct limit *l, enum limit_kind kind, struct tl_str name, struct limit_rate rate, int64_t cost, int64_t now_us);
/* limit_charge - take whatever is there: what was let in turned out to be so much */
void limit_charge(struct limit *l, enum limit_kind kind, struct tl_str name, struct limit_rate rate, int64_t cost, int64_t now_us);
/* limit_network - the network of an address, /24 or /64, into out[16]; a text that is no address is one network with all such */
struct tl_str limit_network(struct tl_str address, uint8_t out[16]);

#endif
