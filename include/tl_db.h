/* tl_db.h - LMDB environments, transactions, cursors. Only lib/tl_db.c includes lmdb.h. Knows bytes, no data type.
 *
 * Every value is stored with its CRC32C behind it (4 bytes LE over key and value), checked on every read: TL_ECORRUPT. Views live until the txn ends
 * and never leave the function that opened it. A failed write poisons its transaction: commit then fails and nothing is written. */
#ifndef TL_DB_H
#define TL_DB_H

#include "tl_err.h"
#include "tl_mem.h"

struct tl_db;                       /* an environment */
struct tl_db_txn;
struct tl_db_cursor;

enum { TL_DB_READONLY = 1, TL_DB_NOMETASYNC = 2, TL_DB_NOSYNC = 4 };
enum { TL_DB_APPEND = 1, TL_DB_NOOVERWRITE = 2 };

#define TL_DB_NEW "data.mdb.new"               /* a store that is being made: may be left by a killed process, and is begun anew */
#define TL_DB_NEW_LOCK "data.mdb.new-lock"

/* tl_db_open - dir is made (0700) unless READONLY. names: NULL-ended list of the databases in it, made when absent; a database is then its index.
 * map_bytes: address space (sparse); grown by itself when used > 80 % at a begin. Stale readers are cleared. TL_EIO, TL_ENOTFOUND, TL_EBUSY. */
int tl_db_open(struct tl_db **out, const char *dir, int flags, uint64_t map_bytes, const char *const *names, struct tl_err *err);
void tl_db_close(struct tl_db **dp);
int tl_db_sync(struct tl_db *d, struct tl_err *err);
int tl_db_reader_check(struct tl_db *d);
/* tl_db_oldest_reader_ms - asked now and then by one thread: for how long the oldest open read transaction, of any process, has been seen to be behind the
 * last commit, and so keeps freed pages from being used again. 0: none is. */
int64_t tl_db_oldest_reader_ms(struct tl_db *d, int64_t now_us);
uint64_t tl_db_used_bytes(struct tl_db *d);
int tl_db_copy(struct tl_db *d, const char *to_dir, struct tl_err *err);       /* compacting copy, fsynced */

/* tl_db_begin - read txns: one per thread at a time is not required (NOTLS). Handles MAP_RESIZED. */
int tl_db_begin(struct tl_db *d, bool write, struct tl_db_txn **out, struct tl_err *err);
int tl_db_commit(struct tl_db_txn **tp, struct tl_err *err);                   /* frees it, on failure too; MAP_FULL is TL_ENOSPC after growing: run the txn again */
void tl_db_abort(struct tl_db_txn **tp);                                       /* accepts NULL */
uint64_t tl_db_txn_id(const struct tl_db_txn *t);

int tl_db_get(struct tl_db_txn *t, int db, struct tl_str key, struct tl_str *value, struct tl_err *err);         /* TL_ENOTFOUND, TL_ECORRUPT */
int tl_db_put(struct tl_db_txn *t, int db, struct tl_str key, struct tl_str value, int flags, struct tl_err *err);
int tl_db_del(struct tl_db_txn *t, int db, struct tl_str key, struct tl_err *err);                               /* absent is 0 */
int tl_db_count(struct tl_db_txn *t, int db, uint64_t *n, struct tl_err *err);

int tl_db_cursor_open(struct tl_db_txn *t, int db, struct tl_db_cursor **out, struct tl_err *err);
void tl_db_cursor_close(struct tl_db_cursor **cp);
/* seek: first key >= key (key.n == 0: first of all). next / prev / last. TL_ENOTFOUND at the end. */
int tl_db_seek(struct tl_db_cursor *c, struct tl_str key, struct tl_str *k, struct tl_str *v, struct tl_err *err);
int tl_db_next(struct tl_db_cursor *c, struct tl_str *k, struct tl_str *v, struct tl_err *err);
int tl_db_prev(struct tl_db_cursor *c, struct tl_str *k, struct tl_str *v, struct tl_err *err);
int tl_db_last(struct tl_db_cursor *c, struct tl_str *k, struct tl_str *v, struct tl_err *err);

#endif
