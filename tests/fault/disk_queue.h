/* disk_queue.h - the queue file of the C SDK as a target of disk_drive: see disk.h. What is acknowledged: the first lines removed << 32, and up to which line all
 * others must be there. */
#ifndef FAULT_DISK_QUEUE_H
#define FAULT_DISK_QUEUE_H

#include <stdint.h>

int disk_write_queue(const char *dir, uint64_t seed);
int disk_check_queue(const char *dir, uint64_t seed, uint64_t acked);

#endif
