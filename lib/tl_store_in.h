/* tl_store_in.h - what tl_store.c (any reader) and tl_store_write.c (the one writer) share: databases, keys, the head. */
#ifndef TL_STORE_IN_H
#define TL_STORE_IN_H

#include <limits.h>

#include "tl_db.h"
#include "tl_store.h"
#include "tl_store_write.h"

enum { DB_META, DB_IDENT, DB_CUT, DB_CUST, DB_JOURNEY, DB_DAYREV, DB_REFUSED, DB_DICT, DB_NOTE, DB_DUE, DB_SPAN };
extern const char *const tl_store_dbs[];

#define TL_STORE_NAME_MAX 64
#define TL_STORE_MAP_BYTES (64ull << 30)
#define TL_WORD_KEY_MAX 400

struct tl_store_txn {
    struct tl_db_txn *t;
    int failed;                             /* of the first look-up that found neither a value nor its absence */
};
/* tl_store_look - a value, or not (tl_store_trouble says why not) */
bool tl_store_look(struct tl_store_txn *t, int db, struct tl_str key, struct tl_str *v);

struct cust_key { uint8_t b[12]; };      /* customer u64 | block u32, big-endian; block 0 is the profile */
struct tl_str tl_store_cust_key(struct cust_key *k, uint64_t customer, uint32_t block);
struct dict_key { uint8_t b[TL_WORD_KEY_MAX + 40]; };
struct tl_str tl_store_number_key(struct dict_key *k, char kind, uint32_t number);   /* 'w' word, 'l' lifecycles */
struct tl_str tl_store_word_key(struct dict_key *k, struct tl_str word);             /* 'n' number; a long word by head and hash */
struct day_key { uint8_t b[6]; };
struct tl_str tl_store_day_key(struct day_key *k, uint16_t type, int32_t day);

/* The folder that `current` names, into name; TL_ENOTFOUND when there is none. */
int tl_store_current(const char *journeys_dir, char name[TL_STORE_NAME_MAX], struct tl_err *err);
int tl_store_head_get(struct tl_db_txn *t, struct tl_store_head *h, struct tl_err *err);
int tl_store_head_put(struct tl_db_txn *t, const struct tl_store_head *h, struct tl_err *err);
/* tl_store_walk - values from key `from` on while keys begin with prefix, until each returns non-zero; positive is 0 */
int tl_store_walk(struct tl_store_txn *t, int db, struct tl_str from, struct tl_str prefix, int (*each)(void *arg, struct tl_str k, struct tl_str v), void *arg,
                  struct tl_err *err);
int tl_store_day_get(struct tl_str value, uint64_t *revision, uint32_t *journeys);

#endif
