/* visit_replayed.c - see visit_list.h: a replay calls the persons of a visit replay:RUN:c0, c1 .. (cli/replay_event.h). */
#include <stdio.h>

#include "tl_identity.h"
#include "visit_list.h"

#define PERSONS_MAX 64                  /* as many as a recording has (answer_recorded.h) */

int
visit_list_replayed(struct look *k, struct tl_store_txn *t, struct visit_seen *v, struct tl_err *err)
{
    const uint8_t *key = fold_key(k->fold);
    struct tl_str run = k->ask->run;
    v->customer_n = 0;
    v->customer = tl_arena_alloc(k->arena, PERSONS_MAX * sizeof *v->customer);
    if (!v->customer) return tl_fail(err, TL_ENOMEM, "out of memory");
    for (uint32_t i = 0; key && i < PERSONS_MAX; i++) {
        char name[120];
        uint8_t hash[16];
        uint64_t customer = 0;
        int n = snprintf(name, sizeof name, "replay:%.*s:c%u", (int)run.n, run.p, i);
        tl_identity_hash(key, TL_STR("user"), (struct tl_str){ name, (size_t)n }, hash);
        if (tl_store_customer_by_hash(t, hash, &customer, NULL) == 0) v->customer[v->customer_n++] = customer;
    }
    return v->customer_n ? 0 : tl_fail(err, TL_ENOTFOUND, "nothing came of a replay called '%.*s'", (int)run.n, run.p);
}
