/* tl_canon.h - canonical rows: what a store says, written so that any two stores made from the same set of events say it in the same bytes.
 *
 * NDJSON sorted bytewise: words for numbers, event ids for positions, the smallest "kind:value" for the customer; nothing that depends on arrival.
 * One line per journey, per kept event and per refused event. Needs about 500 bytes of memory an event, and one pass over the log. */
#ifndef TL_CANON_H
#define TL_CANON_H

#include "tl_err.h"
#include "tl_eventlog.h"
#include "tl_hash.h"
#include "tl_store.h"

/* tl_canon_rows - call line with every line, without its newline, in order. key: the store's identity key. 0, TL_ENOMEM, TL_ECORRUPT, what line returned. */
int tl_canon_rows(struct tl_store_txn *t, struct tl_eventlog *log, const uint8_t key[TL_KEY_BYTES], int (*line)(void *arg, struct tl_str text), void *arg,
                  struct tl_err *err);

#endif
