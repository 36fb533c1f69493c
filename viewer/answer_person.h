/* answer_person.h - one customer whole: what their events tell beyond the timeline's columns, matters with their state, action items, and who they are.
 *
 * Read from the log, where events stand as they were sent; journeys/ keeps only what journeys need. */
#ifndef ANSWER_PERSON_H
#define ANSWER_PERSON_H

#include "analysis/thread.h"
#include "fold.h"

#define PERSON_EVENTS_MAX 1000          /* of one customer, the newest ones: what is told from them says so */
#define PERSON_THREADS_MAX 200          /* the latest ones; the rest is counted */
#define PERSON_ACTIONS_MAX 200
#define PERSON_CHANNELS_MAX 16
#define PERSON_CONSENTS_MAX 32
#define PERSON_CURRENCIES_MAX 8

/* What one event tells beyond what is kept. Text in the arena; absent where it tells nothing. */
struct person_told {
    struct tl_str kase, order, mode, initiator, direction, actor, agent, place, outcome, tier, text;
    int64_t wait_ms, handle_ms;         /* -1: not told */
    struct tl_score *score;
    uint32_t score_n;
    bool has_promise, has_value, consents;      /* consents: it says something of consent */
    struct tl_promise promise;
    struct tl_value value;
    enum contact_side side;
    enum contact_mode near;
};
struct person_thread {
    bool of_order;                      /* else of a case */
    struct tl_str id;
    enum thread_state state;
    int64_t first_ms, last_ms;
    uint32_t events, channel_n;
    struct tl_str channel[PERSON_CHANNELS_MAX];     /* in the order of their first event */
    uint64_t first_position;
};
struct person_action {
    bool promise;                       /* else a task */
    struct tl_str ref, what, owner, thread;     /* ref: its id, where it has one */
    int64_t made_ms, due_ms, done_ms;   /* due, done: TL_TIME_NONE */
    enum action_state state;
    bool broken;
    uint64_t made_position, done_position;          /* done: 0 */
};
struct person_consent { struct tl_str purpose; bool granted; int64_t at_ms; };
struct person_value { char currency[4]; int64_t amount_minor; uint32_t orders; };
struct person_channel { struct tl_str channel; uint32_t n, by_customer; };
struct person {
    uint32_t of, cut;                   /* told from the newest `of` events; cut: older ones that were not looked at */
    struct tl_str tier;                 /* as last told */
    struct tl_title segment[TL_SEGMENTS_MAX];       /* of the journey that began last */
    struct tl_str segment_id[TL_SEGMENTS_MAX];
    uint32_t segment_n;
    struct person_consent consent[PERSON_CONSENTS_MAX];     /* each as last told */
    uint32_t consent_n;
    struct person_value value[PERSON_CURRENCIES_MAX];       /* of each order what was told last, and what belongs to none */
    uint32_t value_n;
    uint32_t side[SIDES_N], mode[MODES_N], inbound, outbound;       /* contacts: steps in front of the customer */
    struct person_channel channel[PERSON_CHANNELS_MAX];     /* the busiest first */
    uint32_t channel_n, channel_left;
    struct person_thread *thread;       /* what is open first, then the latest */
    uint32_t thread_n, thread_cut;
    struct person_action *action;       /* what is open first, by when it is due */
    uint32_t action_n, action_cut;
    struct { struct tl_str id; struct tl_title title; bool bad, absent; int64_t at_ms; } outcome[64];   /* of the customer, the latest first; absent: what it waits for came, so it was averted */
    uint32_t outcome_n, outcome_cut;
};
/* fold_told - what the log says of e[0..n), in out[0..n), NULL where it cannot be read any more. In the arena. 0, TL_ENOMEM. */
int fold_told(struct look *k, struct tl_store_txn *t, const struct tl_kept *e, uint32_t n, struct person_told **out);
/* fold_person - of a customer whose events are e[0..n); told: of the newest told_n of them */
int fold_person(struct look *k, struct tl_store_txn *t, const struct tl_customer *c, const struct tl_kept *e, uint32_t n, struct person_told *const *told, uint32_t told_n, struct person *out,
                struct tl_err *err);

#endif
