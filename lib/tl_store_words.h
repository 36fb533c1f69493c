/* tl_store_words.h - the writer's dictionary in memory: words to numbers, and the lifecycles seen at each. Inside tl_store_write.c only. */
#ifndef TL_STORE_WORDS_H
#define TL_STORE_WORDS_H

#include "tl_db.h"
#include "tl_err.h"
#include "tl_mem.h"

struct words;
struct words *words_new(void);
void words_free(struct words **wp);
int words_load(struct words *w, struct tl_db_txn *t, struct tl_err *err);       /* what is stored, in place of what is in memory */
uint32_t words_number(struct words *w, struct tl_str word);                      /* given now when new; 0 when out of memory: then words_save fails */
void words_lifecycle(struct words *w, uint32_t number, unsigned lifecycle);
int words_save(struct words *w, struct tl_db_txn *t, struct tl_err *err);       /* what is new since words_kept */
void words_kept(struct words *w);                                                /* the save was committed */
void words_forget(struct words *w);                                              /* drop what is new since words_kept */

#endif
