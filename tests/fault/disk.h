/* disk.h - a log, a spool and journeys that are the same for the same seed: written, and held to what they must be. */
#ifndef FAULT_DISK_H
#define FAULT_DISK_H

#include "../../collector/spool.h"
#include "tl_eventlog.h"

#define BATCHES 60

struct disk_target {
    const char *name;
    int (*write)(const char *dir, uint64_t seed);                    /* tells on stdout what is acknowledged */
    int (*check)(const char *dir, uint64_t seed, uint64_t acked);    /* opens, compares, goes on; journeys: the log stands in DIR/../base */
};
extern const struct disk_target disk_targets[];          /* ends with a NULL name */

int disk_init(void);
int disk_die(const char *what, const struct tl_err *err);            /* says it; 1 */
void disk_acknowledge(uint64_t n);                                     /* on stdout: what is told there is held to */
uint64_t disk_draw(uint64_t seed, uint64_t a, uint64_t b);
uint32_t disk_batch(uint64_t seed, uint64_t number, struct tl_buf *out);         /* batch `number` of the seed; its events */
bool disk_syncs(uint64_t seed, uint64_t number);          /* does the writer sync the spool after this record? */
int disk_spool(struct spool **s, const char *dir, struct tl_err *err);
int disk_rows(const char *dir, struct tl_eventlog *log, uint64_t *hash, struct tl_err *err);         /* of the canonical rows */

#endif
