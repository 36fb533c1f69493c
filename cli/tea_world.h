/* tea_world.h - the demo's world: a fictional tea chain, Yunjian Tea 云间茶铺, with 8 stores, customers who order, and visitors who do not.
 *
 * Every fact is drawn from a hash of (seed, label, numbers), so adding a draw changes no other, and two machines get the same world. The facts
 * hold planted truths: waits at lunch in two stores, one of which is rebuilt half way; notes that are not carried out; slow evening chats; callers
 * who are asked again; a payment step that fails after an app release; and which of these make customers unhappy or stay away. See cli/README.md. */
#ifndef TEA_WORLD_H
#define TEA_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#define TEA_STORES 8
#define TEA_VISITORS_A_DAY 80
#define TEA_LIVE_CUSTOMER 91000     /* live customers are u91000 and up: nobody of the eight weeks */

enum tea_tier { TEA_GOLD, TEA_SILVER, TEA_REGULAR };
enum tea_daypart { TEA_MORNING, TEA_LUNCH, TEA_AFTERNOON, TEA_EVENING };

struct tea_order {
    uint32_t customer, number;      /* number-th order of that customer, from 0 */
    enum tea_tier tier;
    int store;                      /* 0..7 = S01..S08 */
    enum tea_daypart daypart;
    int day;                        /* from day 0, a Monday */
    int64_t placed_ms;              /* since day 0, 00:00 local */
    int wait_s;                     /* placed -> handed over */
    bool late, note, note_missed, note_rechecked, no_notice, chat, chat_slow, call, asked_again, coupon, unhappy, complaint, good_remedy, not_back;
};
struct tea_visitor {
    uint32_t number;                /* 80 a day */
    int day;
    bool pays;                      /* reaches payment, and fails there */
};

uint64_t tea_mix(uint64_t x);                      /* splitmix64 */
uint64_t tea_fnv(const char *label);               /* FNV-1a, 64 bits */
/* tea_draw - uniform in [0, 1): seed and label choose the decision, a and b whose it is */
double tea_draw(uint64_t seed, const char *label, uint64_t a, uint64_t b);

/* tea_orders - call each(arg, order) for every order of customers 0..customers-1 on days 0..days-1, customer by customer, in order. each returns non-zero to stop. */
int tea_orders(uint64_t seed, uint32_t customers, int days, int (*each)(void *arg, const struct tea_order *o), void *arg);
int tea_visitors(uint64_t seed, int days, int (*each)(void *arg, const struct tea_visitor *v), void *arg);
/* tea_live_order - the n-th order of somebody who walks in now: service and feelings drawn as for all others */
struct tea_order tea_live_order(uint64_t seed, uint32_t n, int64_t placed_ms);

#endif
