/* thread.h - whose turn it is in a matter: who began a contact, how near the two came, and what that leaves open. Pure.
 *
 * Senders may say initiator, direction and mode; where they do not, the vocabulary's event types and the channel say what can be said, and the rest stays unknown. */
#ifndef THREAD_H
#define THREAD_H

#include <stdbool.h>

#include "tl_mem.h"

enum contact_side { SIDE_UNKNOWN, SIDE_CUSTOMER, SIDE_COMPANY, SIDES_N };
enum contact_mode { MODE_UNKNOWN, MODE_FACE, MODE_INDIRECT, MODE_NONPERSONAL, MODES_N };
enum contact_does { CONTACT_TALKS, CONTACT_OPENS, CONTACT_TAKES /* somebody took it on */, CONTACT_ENDS, CONTACT_REOPENS };

/* What a contact says of itself; absent where it says nothing. */
struct contact { struct tl_str type, channel, initiator, direction, mode, actor; bool step; };
/* contact_side - who began it: as told, else inbound is the customer's, else by the type; a step in an app, on a site or at a kiosk is the customer's doing */
enum contact_side contact_side(const struct contact *c);
/* contact_mode - as told, else by the channel: a store is face to face; phone, chat, social and mail are people at a distance, unless a machine served */
enum contact_mode contact_mode(const struct contact *c);
/* contact_does - by the last word of the type: service.request opens, complaint.assigned takes, service.resolved ends, service.reopened reopens */
enum contact_does contact_does(struct tl_str type);

enum thread_state { THREAD_OPEN, THREAD_WAITS_CUSTOMER, THREAD_WAITS_COMPANY, THREAD_CLOSED };
/* thread_next - the state after one more contact. ends: the catalogue says so of it. What is closed opens again only by a contact that opens or reopens. */
enum thread_state thread_next(enum thread_state s, enum contact_side side, enum contact_does does, bool ends);
const char *thread_word(enum thread_state s);       /* "open", "waiting_customer", "waiting_company", "closed" */
const char *contact_mode_word(enum contact_mode m); /* as events say it; NULL: unknown */
const char *contact_side_word(enum contact_side s);

/* An action item: a task or a promise, made and (not) done. */
enum action_state { ACTION_OPEN, ACTION_OVERDUE, ACTION_DONE, ACTION_LATE, ACTION_BROKEN };
/* action_state - judged at as_of. due_ms, done_ms: TL_TIME_NONE when not said, not done. Done at the time it was due is in time. broken: said not to be kept. */
enum action_state action_state(int64_t due_ms, int64_t done_ms, bool broken, int64_t as_of_ms);
const char *action_word(enum action_state s);       /* "open", "overdue", "done", "late", "broken" */

#endif
