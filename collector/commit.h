/* commit.h - group commit: many bodies, one sync, then all their answers.
 *
 *   loop threads --commit_add--> the open round --(spool thread takes it)--> append records, one sync, answer every ticket
 *
 * While one round is being synced the next one fills: batches grow with the load by themselves, nobody waits for a timer. It knows no file and no
 * HTTP: the spool and the answers are functions given at start. */
#ifndef COMMIT_H
#define COMMIT_H

#include "body.h"
#include "tl_err.h"

#define COMMIT_RECORD_BYTES (256u * 1024)   /* a record is closed before it grows beyond this */
#define COMMIT_ERROR_US INT64_C(5000000)

/* One waiting request. Made by the caller, owned by commit from commit_add to answer. */
struct ticket {
    struct ticket *next;
    void *request;
    const void *source;
    uint32_t accepted_n, refused_n;
    struct tl_buf list;         /* refusals as the sender gets them; owned */
    bool until_logged;          /* answer when the aggregator has it, or when the wait is over */
    int64_t give_up_us;
    size_t last_record;         /* of its round */
    uint64_t seq;               /* spool record that its last item lies in */
};
struct ticket *ticket_new(void *request, const void *source, struct body *b);  /* takes b's list; NULL: out of memory */
void ticket_free(struct ticket **tp);

struct commit_cfg {
    /* append, sync: spool_append and spool_sync */
    int (*append)(void *arg, struct tl_str payload, uint64_t *seq, struct tl_err *err);
    int (*sync)(void *arg, uint64_t *durable, struct tl_err *err);
    /* answer - takes t. err NULL: durable, and logged when it waited for that in time */
    void (*answer)(void *arg, struct ticket *t, const struct tl_err *err);
    /* committed - after a sync, before the answers; broken: a sync failed, nothing more will be taken and the process should end */
    void (*committed)(void *arg, bool broken);
    int64_t (*mono_us)(void *arg);
    void *arg;
    int64_t logged_wait_us;     /* most that ?ack=logged waits */
};
struct commit;
int commit_start(struct commit **out, const struct commit_cfg *cfg, struct tl_err *err);
/* commit_add - any thread. b's items join the open round; t is answered later. 0, or TL_ENOMEM / TL_EBUSY (stopping): t stays the caller's. */
int commit_add(struct commit *c, const struct body *b, struct ticket *t, struct tl_err *err);
void commit_logged(struct commit *c, uint64_t hwm);     /* the aggregator has committed all up to hwm */
void commit_tick(struct commit *c);                     /* answers those that waited too long for the log */
/* commit_last_error - TL_ENOSPC or TL_EIO of the last round, 0 when it was good or COMMIT_ERROR_US ago: then nobody knows, and someone has to try */
int commit_last_error(struct commit *c);
/* commit_stop - commits and answers what was added, those that wait for the log too, and ends the thread; commit_add then answers TL_EBUSY */
void commit_stop(struct commit *c);
void commit_free(struct commit **cp);                   /* after commit_stop; nobody may use it any more */

#endif
