/* recorded_who.h - whose events a recording is made of: the customers of a visit, or the one whose journey it is. */
#ifndef RECORDED_WHO_H
#define RECORDED_WHO_H

#include "answer_recorded.h"

struct recorded_who {
    uint64_t person[RECORDED_PERSONS_MAX];
    uint32_t person_n;
    int64_t from_ms, to_ms;             /* of a visit: the time that is its own, both included */
    uint8_t stream;                     /* of the events */
};
/* recorded_who_visit - the customers who have events of the visit. TL_ENOTFOUND: there is no such visit, or it was withdrawn. */
int recorded_who_visit(struct look *k, struct tl_store_txn *t, struct tl_str visit, struct recorded_who *out, struct tl_err *err);

#endif
