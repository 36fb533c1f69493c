/* visit_list.h - the register of mystery visits with the customers that its identities and orders are, and whose journeys are which visit's. */
#ifndef VISIT_LIST_H
#define VISIT_LIST_H

#include "fold.h"
#include "tl_visit.h"

#define VISIT_LIST_MAX 5000             /* further ones, by id, are counted in more */
#define VISIT_CUSTOMERS_MAX (TL_VISIT_IDENTITIES_MAX + TL_VISIT_ORDERS_MAX)
#define VISIT_NONE UINT32_MAX

struct visit_seen {
    struct tl_visit of;
    struct tl_str actor;                /* who entered the latest record */
    int64_t entered_ms, changed_ms;
    uint64_t *customer;                 /* numbers, each once: of its identities; of a visit that has orders alone, who made them in its time */
    uint32_t customer_n;
    struct tl_str *at_once; uint32_t at_once_n;     /* ids of other visits with its shopper or order at its time; of a list */
    const char *late;                   /* "not_started", "not_finished": its time is over as of the look; NULL */
};
struct visit_list { struct visit_seen *item; uint32_t n, more; };
/* visit_list_read - those not withdrawn, by from, then id; in the look's arena. */
int visit_list_read(struct look *k, struct visit_list *out, struct tl_err *err);

/* visit_list_replayed - v with the customers that a replay of it (ask->run) made in the place of its own. TL_ENOTFOUND: no such replay. */
int visit_list_replayed(struct look *k, struct tl_store_txn *t, struct visit_seen *v, struct tl_err *err);

bool visit_seen_is_of(const struct visit_seen *v, uint64_t customer);
/* visit_list_of - whose a mystery journey is: the visit with that customer whose time it starts in; of several the one that began nearest to it, then the first.
 * VISIT_NONE: no visit's. */
uint32_t visit_list_of(const struct visit_list *l, uint64_t customer, int64_t start_ms);

#endif
