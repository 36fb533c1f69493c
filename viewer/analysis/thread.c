/* thread.c - see thread.h. */
#include "thread.h"

#include "tl_time.h"

struct word { const char *word; uint8_t says; };

static int
says(const struct word *list, struct tl_str w)
{
    for (; list->word; list++)
        if (tl_str_is(w, list->word)) return list->says;
    return -1;
}

static struct tl_str
last_word(struct tl_str type)
{
    size_t at = type.n;
    while (at > 0 && type.p[at - 1] != '.') at--;
    return (struct tl_str){ type.p + at, type.n - at };
}

enum contact_side
contact_side(const struct contact *c)
{
    static const struct word told[] = { { "customer", SIDE_CUSTOMER }, { "company", SIDE_COMPANY }, { "in", SIDE_CUSTOMER }, { "out", SIDE_COMPANY }, { NULL, 0 } };
    static const struct word whole[] = { { "survey.response", SIDE_CUSTOMER }, { "campaign.response", SIDE_CUSTOMER }, { "survey.sent", SIDE_COMPANY }, { "order.note", SIDE_CUSTOMER },
                                         { "feedback.text", SIDE_CUSTOMER }, { "view", SIDE_CUSTOMER }, { "visit", SIDE_CUSTOMER }, { NULL, 0 } };
    static const struct word last[] = {
        { "request", SIDE_CUSTOMER }, { "opened", SIDE_CUSTOMER }, { "reopened", SIDE_CUSTOMER }, { "placed", SIDE_CUSTOMER }, { "mention", SIDE_CUSTOMER }, { "arrive", SIDE_CUSTOMER },
        { "queue", SIDE_CUSTOMER }, { "abandoned", SIDE_CUSTOMER }, { "convert", SIDE_CUSTOMER }, { "renew", SIDE_CUSTOMER },
        { "response", SIDE_COMPANY }, { "reply", SIDE_COMPANY }, { "assigned", SIDE_COMPANY }, { "solution", SIDE_COMPANY }, { "resolved", SIDE_COMPANY }, { "transfer", SIDE_COMPANY },
        { "followup", SIDE_COMPANY }, { "ack", SIDE_COMPANY }, { "apology", SIDE_COMPANY }, { "fix", SIDE_COMPANY }, { "compensation", SIDE_COMPANY }, { "sent", SIDE_COMPANY },
        { "contact", SIDE_COMPANY }, { "ready", SIDE_COMPANY }, { "accepted", SIDE_COMPANY }, { "make", SIDE_COMPANY }, { "fulfilled", SIDE_COMPANY }, { "made", SIDE_COMPANY },
        { "updated", SIDE_COMPANY }, { "kept", SIDE_COMPANY }, { "note_confirmed", SIDE_COMPANY }, { "note_executed", SIDE_COMPANY }, { "invite", SIDE_COMPANY }, { NULL, 0 },
    };
    static const struct word own[] = { { "app", 1 }, { "web", 1 }, { "kiosk", 1 }, { NULL, 0 } };
    int s = says(told, c->initiator);
    if (s < 0) s = says(told, c->direction);
    if (s < 0) s = says(whole, c->type);
    if (s < 0) s = says(last, last_word(c->type));
    if (s < 0 && c->step && says(own, c->channel) > 0) s = SIDE_CUSTOMER;
    return s < 0 ? SIDE_UNKNOWN : (enum contact_side)s;
}

enum contact_mode
contact_mode(const struct contact *c)
{
    static const struct word told[] = { { "face", MODE_FACE }, { "indirect", MODE_INDIRECT }, { "nonpersonal", MODE_NONPERSONAL }, { NULL, 0 } };
    static const struct word machine[] = { { "bot", 1 }, { "self", 1 }, { "system", 1 }, { NULL, 0 } };
    static const struct word by[] = {
        { "store", MODE_FACE }, { "phone", MODE_INDIRECT }, { "chat", MODE_INDIRECT }, { "social", MODE_INDIRECT }, { "mail", MODE_INDIRECT }, { "email", MODE_INDIRECT },
        { "app", MODE_NONPERSONAL }, { "web", MODE_NONPERSONAL }, { "kiosk", MODE_NONPERSONAL }, { "sms", MODE_NONPERSONAL }, { "iot", MODE_NONPERSONAL }, { NULL, 0 },
    };
    int m = says(told, c->mode);
    if (m < 0 && says(machine, c->actor) > 0) m = MODE_NONPERSONAL;
    if (m < 0) m = says(by, c->channel);
    return m < 0 ? MODE_UNKNOWN : (enum contact_mode)m;
}

enum contact_does
contact_does(struct tl_str type)
{
    static const struct word last[] = {
        { "request", CONTACT_OPENS }, { "opened", CONTACT_OPENS }, { "assigned", CONTACT_TAKES }, { "transfer", CONTACT_TAKES }, { "accepted", CONTACT_TAKES }, { "reopened", CONTACT_REOPENS },
        { "resolved", CONTACT_ENDS }, { "closed", CONTACT_ENDS }, { "fulfilled", CONTACT_ENDS }, { "cancelled", CONTACT_ENDS }, { "canceled", CONTACT_ENDS }, { "completed", CONTACT_ENDS },
        { NULL, 0 },
    };
    int d = says(last, last_word(type));
    return d < 0 ? CONTACT_TALKS : (enum contact_does)d;
}

enum thread_state
thread_next(enum thread_state s, enum contact_side side, enum contact_does does, bool ends)
{
    if (ends || does == CONTACT_ENDS) return THREAD_CLOSED;
    if (does == CONTACT_REOPENS || does == CONTACT_TAKES) return s == THREAD_CLOSED && does == CONTACT_TAKES ? s : THREAD_WAITS_COMPANY;
    if (s == THREAD_CLOSED && does != CONTACT_OPENS) return s;
    return side == SIDE_CUSTOMER ? THREAD_WAITS_COMPANY : side == SIDE_COMPANY ? THREAD_WAITS_CUSTOMER : s == THREAD_CLOSED ? THREAD_OPEN : s;
}

const char *
thread_word(enum thread_state s)
{
    static const char *const word[] = { "open", "waiting_customer", "waiting_company", "closed" };
    return word[s];
}

const char *
contact_mode_word(enum contact_mode m)
{
    static const char *const word[] = { NULL, "face", "indirect", "nonpersonal" };
    return word[m];
}

const char *
contact_side_word(enum contact_side s)
{
    static const char *const word[] = { NULL, "customer", "company" };
    return word[s];
}

enum action_state
action_state(int64_t due_ms, int64_t done_ms, bool broken, int64_t as_of_ms)
{
    bool due = due_ms != TL_TIME_NONE;
    if (broken) return ACTION_BROKEN;
    if (done_ms != TL_TIME_NONE) return due && done_ms > due_ms ? ACTION_LATE : ACTION_DONE;
    return due && as_of_ms > due_ms ? ACTION_OVERDUE : ACTION_OPEN;
}

const char *
action_word(enum action_state s)
{
    static const char *const word[] = { "open", "overdue", "done", "late", "broken" };
    return word[s];
}
