/* render_person.c - a customer whole: members of an event, waits of a journey, and the members profile, outcomes, threads, actions. */
#include "answer_person.h"
#include "journey_waits.h"
#include "render_in.h"

static void
text(struct tl_jw *w, const char *name, struct tl_str s)
{
    if (s.n) tl_jw_str(w, name, s);
    else tl_jw_null(w, name);
}

static void
if_told(struct tl_jw *w, const char *name, struct tl_str s)
{
    if (s.n) tl_jw_str(w, name, s);
}

static void
amounts(struct tl_jw *w, const struct person_told *o)
{
    if (o->wait_ms >= 0) tl_jw_int(w, "wait_ms", o->wait_ms);
    if (o->handle_ms >= 0) tl_jw_int(w, "handle_ms", o->handle_ms);
    if (o->has_value) {
        tl_jw_open(w, "value");
        tl_jw_int(w, "amount_minor", o->value.amount_minor);
        tl_jw_cstr(w, "currency", o->value.currency);
        tl_jw_close(w);
    }
    if (o->has_promise) {
        tl_jw_open(w, "promise");
        text(w, "what", o->promise.what);
        render_ms(w, "due", o->promise.due_ms);
        if (o->promise.kept < 0) tl_jw_null(w, "kept");
        else tl_jw_bool(w, "kept", o->promise.kept > 0);
        tl_jw_close(w);
    }
    if (!o->score_n) return;
    tl_jw_open(w, "scores");
    for (uint32_t i = 0; i < o->score_n; i++) {
        tl_jw_name(w, o->score[i].kind);
        tl_jw_num(w, NULL, o->score[i].value);
    }
    tl_jw_close(w);
}

void
render_told(struct tl_jw *w, const struct person_told *o)
{
    if (!o) {
        tl_jw_null(w, "told");
        return;
    }
    tl_jw_open(w, "told");
    if_told(w, "case", o->kase);
    if_told(w, "order", o->order);
    if_told(w, "place", o->place);
    if_told(w, "agent", o->agent);
    if_told(w, "actor", o->actor);
    if_told(w, "outcome", o->outcome);
    if_told(w, "initiator", o->initiator);
    if_told(w, "direction", o->direction);
    if_told(w, "tier", o->tier);
    if_told(w, "text", o->text);
    if (o->side) tl_jw_cstr(w, "side", contact_side_word(o->side));
    if (o->near) tl_jw_cstr(w, "mode", contact_mode_word(o->near));
    amounts(w, o);
    tl_jw_close(w);
}

void
render_journey_waits(struct tl_jw *w, const struct journey_waits *a)
{
    static const char *const is[] = { "running", "kept", "late", "over", "cancelled", "unknown" };
    tl_jw_array(w, "waits");
    for (uint32_t i = 0; i < a->item_n; i++) {
        const struct journey_wait *x = &a->item[i];
        tl_jw_open(w, NULL);
        tl_jw_str(w, "id", x->id);
        if (x->name.zh.p || x->name.en.p) render_title(w, "name", x->name);
        else tl_jw_null(w, "name");
        tl_jw_str(w, "touchpoint", x->touchpoint);
        render_title(w, "title", x->title);
        text(w, "channel", x->channel);
        render_ms(w, "start", x->start_ms);
        render_ms(w, "due", x->due_ms);
        render_ms(w, "ended", x->ended_ms);
        tl_jw_cstr(w, "is", is[x->is]);
        tl_jw_close(w);
    }
    tl_jw_end(w);
    tl_jw_uint(w, "waits_cut", a->cut);
}

/* ---- profile ---- */

static void
consents(struct tl_jw *w, const struct person *p)
{
    tl_jw_array(w, "consent");
    for (uint32_t i = 0; i < p->consent_n; i++) {
        tl_jw_open(w, NULL);
        tl_jw_str(w, "purpose", p->consent[i].purpose);
        tl_jw_bool(w, "granted", p->consent[i].granted);
        render_ms(w, "at", p->consent[i].at_ms);
        tl_jw_close(w);
    }
    tl_jw_end(w);
}

static void
values(struct tl_jw *w, const struct person *p)
{
    tl_jw_array(w, "value");
    for (uint32_t i = 0; i < p->value_n; i++) {
        tl_jw_open(w, NULL);
        tl_jw_cstr(w, "currency", p->value[i].currency);
        tl_jw_int(w, "amount_minor", p->value[i].amount_minor);
        tl_jw_uint(w, "orders", p->value[i].orders);
        tl_jw_close(w);
    }
    tl_jw_end(w);
}

static void
contacts(struct tl_jw *w, const struct person *p)
{
    tl_jw_open(w, "contacts");
    tl_jw_array(w, "channels");
    for (uint32_t i = 0; i < p->channel_n; i++) {
        tl_jw_open(w, NULL);
        tl_jw_str(w, "channel", p->channel[i].channel);
        tl_jw_uint(w, "n", p->channel[i].n);
        tl_jw_uint(w, "by_customer", p->channel[i].by_customer);
        tl_jw_close(w);
    }
    tl_jw_end(w);
    tl_jw_uint(w, "by_customer", p->side[SIDE_CUSTOMER]);
    tl_jw_uint(w, "by_company", p->side[SIDE_COMPANY]);
    tl_jw_uint(w, "by_unknown", p->side[SIDE_UNKNOWN]);
    tl_jw_uint(w, "inbound", p->inbound);
    tl_jw_uint(w, "outbound", p->outbound);
    tl_jw_uint(w, "face", p->mode[MODE_FACE]);
    tl_jw_uint(w, "indirect", p->mode[MODE_INDIRECT]);
    tl_jw_uint(w, "nonpersonal", p->mode[MODE_NONPERSONAL]);
    tl_jw_close(w);
}

static void
profile(struct tl_jw *w, const struct look *k, const struct person *p)
{
    int tier = tl_catalogue_tier(k->catalogue, p->tier);
    tl_jw_open(w, "profile");
    tl_jw_uint(w, "of", p->of);
    tl_jw_uint(w, "cut", p->cut);
    text(w, "tier", p->tier);
    if (tier >= 0) render_title(w, "tier_title", k->catalogue->tier[tier].title);
    else tl_jw_null(w, "tier_title");
    tl_jw_bool(w, "vip", tier >= 0 && k->catalogue->tier[tier].vip);
    tl_jw_array(w, "segments");
    for (uint32_t i = 0; i < p->segment_n; i++) {
        tl_jw_open(w, NULL);
        tl_jw_str(w, "id", p->segment_id[i]);
        render_title(w, "title", p->segment[i]);
        tl_jw_close(w);
    }
    tl_jw_end(w);
    consents(w, p);
    values(w, p);
    contacts(w, p);
    tl_jw_close(w);
}

static void
outcomes(struct tl_jw *w, const struct person *p)
{
    tl_jw_array(w, "outcomes");
    for (uint32_t i = 0; i < p->outcome_n; i++) {
        tl_jw_open(w, NULL);
        tl_jw_str(w, "id", p->outcome[i].id);
        if (p->outcome[i].title.zh.p || p->outcome[i].title.en.p) render_title(w, "title", p->outcome[i].title);
        else tl_jw_null(w, "title");
        tl_jw_bool(w, "bad", p->outcome[i].bad);
        tl_jw_bool(w, "absent", p->outcome[i].absent);
        render_ms(w, "at", p->outcome[i].at_ms);
        tl_jw_close(w);
    }
    tl_jw_end(w);
    tl_jw_uint(w, "outcomes_cut", p->outcome_cut);
}

/* ---- matters and action items ---- */

static void
threads(struct tl_jw *w, const struct person *p)
{
    tl_jw_array(w, "threads");
    for (uint32_t i = 0; i < p->thread_n; i++) {
        const struct person_thread *x = &p->thread[i];
        tl_jw_open(w, NULL);
        tl_jw_cstr(w, "kind", x->of_order ? "order" : "case");
        tl_jw_str(w, "id", x->id);
        tl_jw_cstr(w, "state", thread_word(x->state));
        render_ms(w, "first", x->first_ms);
        render_ms(w, "last", x->last_ms);
        tl_jw_uint(w, "events", x->events);
        tl_jw_array(w, "channels");
        for (uint32_t c = 0; c < x->channel_n; c++) tl_jw_str(w, NULL, x->channel[c]);
        tl_jw_end(w);
        tl_jw_close(w);
    }
    tl_jw_end(w);
    tl_jw_uint(w, "threads_cut", p->thread_cut);
}

static void
actions(struct tl_jw *w, const struct person *p)
{
    tl_jw_array(w, "actions");
    for (uint32_t i = 0; i < p->action_n; i++) {
        const struct person_action *x = &p->action[i];
        tl_jw_open(w, NULL);
        tl_jw_cstr(w, "kind", x->promise ? "promise" : "task");
        text(w, "ref", x->ref);
        text(w, "what", x->what);
        text(w, "owner", x->owner);
        text(w, "thread", x->thread);
        render_ms(w, "made", x->made_ms);
        render_ms(w, "due", x->due_ms);
        render_ms(w, "done", x->done_ms);
        tl_jw_cstr(w, "state", action_word(x->state));
        tl_jw_uint(w, "position", x->made_position);
        tl_jw_close(w);
    }
    tl_jw_end(w);
    tl_jw_uint(w, "actions_cut", p->action_cut);
}

void
render_person(struct tl_jw *w, const struct look *k, const struct person *p)
{
    if (!p) {           /* further pages bring events only */
        tl_jw_null(w, "profile");
        return;
    }
    profile(w, k, p);
    outcomes(w, p);
    threads(w, p);
    actions(w, p);
}
