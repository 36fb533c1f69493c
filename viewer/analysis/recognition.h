/* recognition.h - how many contacts of a channel are of a customer who is known by more than a browser or a device. Pure.
 *
 * at_once: the event itself named somebody (member, user, phone, e-mail or an id of one's own); by_now: the customer it belongs to has such a name today, told
 * before, after or by hand. Events of one customer are not independent: intervals go by customers (cluster.h). */
#ifndef RECOGNITION_H
#define RECOGNITION_H

#include "cluster.h"
#include "rate.h"

#define RECOGNITION_CHANNELS_MAX 64     /* the rest is counted in `other` */

struct recognised { uint32_t channel; uint64_t n, customers, k[2]; double rows2, hits2[2], rows_hits[2]; };      /* k[0] at once, k[1] by now */
struct recognition { struct recognised at[RECOGNITION_CHANNELS_MAX]; uint32_t at_n; uint64_t other; };
/* recognition_add - one customer's contacts of one channel: rows, of them at_once; named: the customer has a name by now */
void recognition_add(struct recognition *r, uint32_t channel, uint64_t rows, uint64_t at_once, bool named);
/* recognition_rate - which: 0 at once, 1 by now */
struct interval recognition_rate(const struct recognised *c, int which, double *de);

#endif
