/* db_kit.h - a database of two tables in the tests' folder. */
#ifndef DB_KIT_H
#define DB_KIT_H

#include "folder_kit.h"
#include "tl_db.h"

static const char *const names[] = { "one", "two", NULL };
enum { ONE, TWO };

static inline struct tl_db *
open_at(const char *path, int flags, uint64_t map)
{
    struct tl_db *d = NULL;
    struct tl_err err = { 0 };
    if (tl_db_open(&d, path, flags, map, names, &err) != 0)
        fail_msg("%s", err.text);
    return d;
}

static inline struct tl_db_txn *
begin(struct tl_db *d, bool write)
{
    struct tl_db_txn *t = NULL;
    assert_int_equal(tl_db_begin(d, write, &t, NULL), 0);
    return t;
}

#endif
