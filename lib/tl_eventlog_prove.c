/* tl_eventlog_prove - what tl_eventlog_read does not pass: how far each collector is, and the log's own name, each read once against its checksum. */
#include "tl_eventlog_inside.h"

static int
prove_db(struct tl_db_txn *t, int db, const char *what, struct tl_err *err)
{
    struct tl_db_cursor *c = NULL;
    struct tl_str k, v;
    int rc = tl_db_cursor_open(t, db, &c, err);
    if (rc == 0)
        rc = tl_db_seek(c, (struct tl_str){ NULL, 0 }, &k, &v, err);
    while (rc == 0)
        rc = tl_db_next(c, &k, &v, err);
    tl_db_cursor_close(&c);
    return rc == TL_ENOTFOUND ? 0 : tl_fail(err, rc, "%s cannot be read", what);
}

int
tl_eventlog_prove(struct tl_eventlog *l, struct tl_err *err)
{
    struct tl_db_txn *t = NULL;
    int rc = tl_db_begin(l->db, false, &t, err);
    if (rc == 0)
        rc = prove_db(t, DB_HWM, "how far a collector has come (hwm)", err);
    if (rc == 0)
        rc = prove_db(t, DB_META, "the log's own name (meta)", err);
    tl_db_abort(&t);
    return rc;
}
