/* fold_threads.h - matters and action items of one customer, from what their events tell (fold_told). See answer_person.h. */
#ifndef FOLD_THREADS_H
#define FOLD_THREADS_H

#include "answer_person.h"

/* fold_threads - events that name a case, else an order: what came of each. 0, TL_ENOMEM. */
int fold_threads(struct look *k, struct tl_store_txn *t, const struct tl_kept *e, struct person_told *const *told, uint32_t n, struct person *out);
/* fold_actions - task.created and task.done, promise.made, .updated and .kept: within a matter, by what they name. 0, TL_ENOMEM. */
int fold_actions(struct look *k, struct tl_store_txn *t, const struct tl_kept *e, struct person_told *const *told, uint32_t n, struct person *out);

#endif
