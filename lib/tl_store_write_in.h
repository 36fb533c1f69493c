/* tl_store_write_in.h - the writer's handle, shared by the files tl_store_write*.c. */
#ifndef TL_STORE_WRITE_IN_H
#define TL_STORE_WRITE_IN_H

#include "tl_store_in.h"
#include "tl_store_words.h"

struct row_op { uint8_t key[TL_JOURNEY_KEY_BYTES]; bool put; uint32_t order; size_t at, n; };
struct day_op { uint16_t type; int32_t day; uint64_t revision; int64_t journeys; };

/* due moments that commits wrote or removed, until the alerter has looked (tl_store_due.c) */
#define TL_DUE_TOUCHED_MAX 100000
struct due_touched {
    uint64_t serial;
    uint64_t *id, *stored;              /* stored: scratch */
    uint32_t n, committed, cap, stored_cap;
    bool all;
};

struct tl_store_w {
    struct tl_db *db;
    char dir[PATH_MAX];
    char name[TL_STORE_NAME_MAX];
    struct tl_store_txn txn;
    struct tl_store_head head, kept;    /* kept: as of the last commit */
    struct words *words;
    bool bulk;
    int64_t tended_us;
    struct row_op *row; uint32_t row_n, row_cap;
    struct tl_buf row_bytes;
    struct day_op *day; uint32_t day_n, day_cap;
    uint32_t *day_slot; uint32_t day_mask;
    struct due_touched due;
    struct tl_buf scratch;
};

/* rows and day revisions that wait for the commit (tl_store_write_rows.c) */
int tl_store_w_flush(struct tl_store_w *w, struct tl_err *err);
void tl_store_w_forget(struct tl_store_w *w);
void tl_store_w_due_opened(struct tl_store_w *w);
void tl_store_w_due_kept(struct tl_store_w *w, bool committed);

#endif
