/* tl_tally.h - counting what was seen: 64-bit keys, each with a number; 16 bytes a slot, at load 1/2.
 *
 * Beyond TL_TALLY_MEMORY_BYTES a tally with a folder goes on in a file there that has no name and ends with it: a program of small memory can count
 * the rows of a file of any length. Its room on the disk is reserved before it is used. */
#ifndef TL_TALLY_H
#define TL_TALLY_H

#include <stdint.h>
#include "tl_err.h"

#define TL_TALLY_MEMORY_BYTES (1024u * 1024)

struct tl_tally;
/* tl_tally_new - dir (borrowed while the tally lives, may be NULL): where it may grow beyond memory. NULL: out of memory. */
struct tl_tally *tl_tally_new(const char *dir);
void tl_tally_free(struct tl_tally **tp);
void tl_tally_reset(struct tl_tally *t);                       /* forget all, in O(1) */
/* tl_tally_at - the key's number, 0 at first; void after the next call. NULL: out of memory, or of disk: tl_tally_error */
uint32_t *tl_tally_at(struct tl_tally *t, uint64_t key);
/* tl_tally_error - what the last NULL meant: TL_ENOMEM, or TL_ENOSPC with the folder named; returns the code */
int tl_tally_error(const struct tl_tally *t, struct tl_err *err);

#endif
