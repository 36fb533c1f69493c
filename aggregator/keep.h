/* keep.h - from an event of the log to what is kept of it for stitching: words become numbers, the catalogue says touchpoint, channel and role. */
#ifndef KEEP_H
#define KEEP_H

#include "tl_catalogue.h"
#include "tl_event.h"
#include "tl_rows.h"
#include "tl_store_write.h"

struct keep;
/* keep_new - words, catalogue are borrowed. Gives numbers to the words of rules first (channels before all), so that they are small and always known. */
struct keep *keep_new(const struct tl_catalogue *catalogue, struct tl_store_w *words);
void keep_free(struct keep **kp);
void keep_forget(struct keep *k);        /* numbers given since the last commit are void */
/* keep_event - e out, but for home and at_ms. logged_ms stands for a received_at that is absent. Gives numbers to new words, in field order. */
void keep_event(struct keep *k, const struct tl_event *ev, uint64_t position, int64_t logged_ms, struct tl_kept *e);
/* keep_outline - of e: position, stream as sent, hashes and times alone; gives no numbers */
void keep_outline(const struct tl_event *ev, uint64_t position, int64_t logged_ms, struct tl_kept *e);
int64_t keep_received(const struct tl_event *ev, int64_t logged_ms);
/* keep_is_import - did an import run bring it (then it says nothing about live collectors)? */
bool keep_is_import(const struct tl_event *ev);

#endif
