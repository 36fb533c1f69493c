/* tea_events.c - see tea_events.h. Times are seconds after order.placed, or after what they follow; one line an event, in the order of the journey. */
#include "tea_events.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "tl_json.h"
#include "tl_time.h"

static const char *const tier_name[] = { "gold", "silver", "regular" };

/* One event being told. What is NULL or unset is left out. */
struct telling {
    const char *type, *channel, *page, *lifecycle, *outcome, *actor, *text, *agent, *answer_name, *answer;
    double at_s;
    const char *score_kind;
    int score;
    bool no_order, in_case, complaint_case, placed;
};

static double
order_draw(const struct tea_story *s, const struct tea_order *o, const char *label)
{
    return tea_draw(s->seed, label, o->customer, o->number);
}

static void
put_scores(struct tl_jw *w, const struct telling *t)
{
    if (!t->score_kind)
        return;
    tl_jw_open(w, "scores");
    tl_jw_int(w, t->score_kind, t->score);
    tl_jw_close(w);
}

static void
put_text(struct tl_jw *w, const char *name, const char *v)
{
    if (v)
        tl_jw_cstr(w, name, v);
}

static void
put_props(struct tl_jw *w, const struct telling *t)
{
    if (!t->page && !t->answer)
        return;
    tl_jw_open(w, "props");
    put_text(w, "page", t->page);
    if (t->answer)
        tl_jw_cstr(w, t->answer_name, t->answer);
    tl_jw_close(w);
}

static int
emit(struct tea_story *s, struct tl_jw *w)
{
    tl_jw_close(w);
    s->events_n++;
    return s->emit(s->arg, (struct tl_str){ (const char *)s->json.data, s->json.len });
}

static struct tl_jw
begin(struct tea_story *s, const struct telling *t, const char *id, int64_t at_ms)
{
    char when[32];
    s->at_ms = at_ms;
    tl_buf_reset(&s->json);
    struct tl_jw w = tl_jw_to(&s->json);
    tl_jw_open(&w, NULL);
    tl_jw_cstr(&w, "id", id);
    tl_jw_cstr(&w, "type", t->type);
    tl_jw_cstr(&w, "time", tl_time_format(at_ms, when));
    tl_jw_cstr(&w, "channel", t->channel);
    return w;
}

static int
tell(struct tea_story *s, const struct tea_order *o, const struct telling *t)
{
    char member[16], cart[32], matter[48], place[16], id[100];
    int64_t at_ms = s->day0_ms + o->placed_ms + llround(t->at_s * 1000);
    if (at_ms > s->until_ms)
        return 0;
    snprintf(member, sizeof member, "u%05" PRIu32, o->customer);
    snprintf(cart, sizeof cart, "%s-%" PRIu32, member, o->number);
    snprintf(place, sizeof place, "S%02d", o->store + 1);
    snprintf(id, sizeof id, "%s:%s%s%s%s%s", cart, t->type, t->page ? "." : "", t->page ? t->page : "", t->lifecycle ? "." : "", t->lifecycle ? t->lifecycle : "");
    if (strcmp(t->channel, "phone") == 0 && strcmp(t->type, "service.request") == 0)
        snprintf(id + strlen(id), sizeof id - strlen(id), ".phone");
    struct tl_jw w = begin(s, t, id, at_ms);
    tl_jw_open(&w, "ids");
    tl_jw_cstr(&w, "member", member);
    tl_jw_close(&w);
    tl_jw_cstr(&w, "tier", tier_name[o->tier]);
    if (!t->no_order)
        tl_jw_cstr(&w, "order", cart);
    if (t->placed)
        tl_jw_cstr(&w, "place", place);
    snprintf(matter, sizeof matter, "%s-%s", cart, t->complaint_case ? "complaint" : "chat");
    if (t->in_case || t->complaint_case)
        tl_jw_cstr(&w, "case", matter);
    put_text(&w, "lifecycle", t->lifecycle);
    put_text(&w, "outcome", t->outcome);
    put_text(&w, "actor", t->actor);
    put_text(&w, "agent", t->agent);
    put_text(&w, "text", t->text);
    put_scores(&w, t);
    put_props(&w, t);
    return emit(s, &w);
}

/* ⌊base + shift + noise + .5⌋ within -2..2; noise -1, 0, +1 a quarter, half, quarter of the time */
static int
emotion(const struct tea_story *s, const struct tea_order *o, const char *label, double base)
{
    double u = order_draw(s, o, label), e = floor(base + (u < .25 ? -1 : u < .75 ? 0 : 1) + .5);
    return e < -2 ? -2 : e > 2 ? 2 : (int)e;
}

static bool
chance(const struct tea_story *s, const struct tea_order *o, const char *label, double p)
{
    return order_draw(s, o, label) < p;
}

#define SAY(...)                                   \
    do {                                           \
        struct telling t_ = { __VA_ARGS__ };         \
        int rc_ = tell(s, o, &t_);                 \
        if (rc_ != 0)                              \
            return rc_;                            \
    } while (0)

static int
tell_choosing(struct tea_story *s, const struct tea_order *o)
{
    if (chance(s, o, "splash", .5))
        SAY(.type = "view", .page = "splash", .channel = "app", .at_s = -360, .no_order = true);
    SAY(.type = "view", .page = "menu", .channel = "app", .at_s = -240);
    if (chance(s, o, "detail", .8))
        SAY(.type = "view", .page = "detail", .channel = "app", .at_s = -180);
    if (chance(s, o, "reviews", .25))
        SAY(.type = "view", .page = "reviews", .channel = "app", .at_s = -150);
    SAY(.type = "order.customise", .channel = "app", .at_s = -100);
    if (o->note)
        SAY(.type = "order.note", .channel = "app", .at_s = -100, .text = "少冰/less ice");
    if (chance(s, o, "storepick", .6))
        SAY(.type = "store.pick", .channel = "app", .at_s = -80, .placed = true);
    if (o->coupon)
        SAY(.type = "coupon.use", .channel = "app", .at_s = -50, .placed = true);
    SAY(.type = "order.checkout", .channel = "app", .at_s = -15, .placed = true);
    const char *asked = chance(s, o, "askpay", .08) ? "emotion" : NULL;
    int feeling = emotion(s, o, "emopay", .4);
    SAY(.type = "order.placed", .channel = "app", .at_s = 0, .placed = true, .outcome = "ok", .score_kind = asked, .score = feeling);
    return 0;
}

static int
tell_store(struct tea_story *s, const struct tea_order *o)
{
    double w = o->wait_s, arrive = w - 120 > 60 ? w - 120 : 60;
    SAY(.type = "order.accepted", .channel = "store", .at_s = 20, .placed = true, .actor = "system");
    SAY(.type = "order.make", .channel = "store", .at_s = 60, .placed = true, .actor = "human", .lifecycle = "start");
    if (o->note_rechecked)
        SAY(.type = "order.note_confirmed", .channel = "store", .at_s = 60, .placed = true, .actor = "human");
    if (o->note && !o->note_missed)
        SAY(.type = "order.note_executed", .channel = "store", .at_s = w - 30, .placed = true, .actor = "human");
    SAY(.type = "order.make", .channel = "store", .at_s = w - 20, .placed = true, .actor = "human", .lifecycle = "complete");
    if (!o->no_notice)
        SAY(.type = "order.ready", .channel = "sms", .at_s = w - 15, .placed = true, .actor = "system");
    SAY(.type = "store.arrive", .channel = "store", .at_s = arrive, .placed = true);
    SAY(.type = "store.queue", .channel = "store", .at_s = arrive + 5, .placed = true);
    SAY(.type = "order.fulfilled", .channel = "store", .at_s = w, .placed = true, .actor = "human", .outcome = "ok");
    return 0;
}

static int
tell_afterwards(struct tea_story *s, const struct tea_order *o)
{
    static const double shares[] = { .20, .10, .06 };
    double w = o->wait_s, stars = order_draw(s, o, "stars");
    if (chance(s, o, "taste", .30))
        SAY(.type = "taste", .channel = "app", .at_s = w + 240, .placed = true, .score_kind = "emotion", .score = emotion(s, o, "emotaste", 1.2 - 1.2 * o->late - 1.8 * o->note_missed));
    if (o->unhappy && !o->complaint)
        SAY(.type = "feedback.text", .channel = "app", .at_s = w + 5400, .placed = true, .score_kind = "csat5", .score = 1 + (int)(2 * stars),
            .text = o->note_missed ? "备注的少冰没有做到" : o->asked_again ? "同一件事讲了两遍" : o->late ? "等太久了" : "味道一般");
    else if (!o->unhappy && chance(s, o, "rate", .15))
        SAY(.type = "feedback.text", .channel = "app", .at_s = w + 5400, .placed = true, .score_kind = "csat5", .score = stars < .3 ? 4 : 5, .text = "好喝");
    if (chance(s, o, "grpjoin", .05))
        SAY(.type = "group.join", .channel = "social", .at_s = w + 86400, .placed = true);
    if (chance(s, o, "share", shares[o->tier])) {
        double reply_s = chance(s, o, "grpreply", .97) ? 300 + floor(3000 * order_draw(s, o, "grpwhen")) : 3601 + floor(3600 * order_draw(s, o, "grpwhen"));
        SAY(.type = "social.share", .channel = "social", .at_s = w + 7200, .placed = true);
        SAY(.type = "social.reply", .channel = "social", .at_s = w + 7200 + reply_s, .placed = true, .actor = "human");
    }
    return 0;
}

static int
tell_help(struct tea_story *s, const struct tea_order *o)
{
    double help_s = o->wait_s + 600 + floor(1800 * order_draw(s, o, "help")), reply = order_draw(s, o, "reply");
    double reply_s = o->chat_slow ? 16 + floor(45 * reply) : 3 + floor(12 * reply);
    if (!o->chat)
        return 0;
    const char *asked = chance(s, o, "askchat", .35) ? "emotion" : NULL;
    int feeling = emotion(s, o, "emochat", .4 - .6 * o->chat_slow);
    SAY(.type = "view", .page = "help", .channel = "app", .at_s = help_s, .placed = true);
    SAY(.type = "service.request", .channel = "chat", .at_s = help_s + 30, .placed = true, .in_case = true);
    SAY(.type = "service.response", .channel = "chat", .at_s = help_s + 30 + reply_s, .placed = true, .in_case = true, .actor = "human",
        .outcome = o->call ? "transferred" : "ok", .score_kind = asked, .score = feeling);
    if (!o->call)
        return 0;
    asked = chance(s, o, "askcall", .35) ? "emotion" : NULL;
    feeling = emotion(s, o, "emocall", -1.4 * o->asked_again);
    SAY(.type = "service.request", .channel = "phone", .at_s = help_s + 30 + reply_s + 180, .placed = true, .in_case = true, .actor = "human",
        .answer_name = "context", .answer = o->asked_again ? "no" : "yes", .score_kind = asked, .score = feeling);
    return 0;
}

static int
tell_complaint(struct tea_story *s, const struct tea_order *o)
{
    double at = o->wait_s + 7200 + floor(3600 * order_draw(s, o, "cwhen"));
    double assigned_s = o->tier == TEA_GOLD && chance(s, o, "vipassign", .03) ? 720 : 120;
    double solution_s = chance(s, o, "solve", .03) ? 2400 : 1200;
    if (!o->complaint)
        return 0;
    const char *asked = chance(s, o, "askremedy", .5) ? "emotion" : NULL;
    int feeling = emotion(s, o, "emoremedy", -.2 + 1.2 * o->good_remedy);
    SAY(.type = "complaint.opened", .channel = "phone", .at_s = at, .placed = true, .complaint_case = true);
    SAY(.type = "complaint.assigned", .channel = "phone", .at_s = at + assigned_s, .placed = true, .complaint_case = true, .actor = "human");
    if (o->good_remedy) {
        SAY(.type = "recovery.apology", .channel = "phone", .at_s = at + assigned_s + 60, .placed = true, .complaint_case = true, .actor = "human");
        SAY(.type = "recovery.fix", .channel = "phone", .at_s = at + 1500, .placed = true, .complaint_case = true, .actor = "human", .answer_name = "kind", .answer = "redo");
    }
    SAY(.type = "complaint.solution", .channel = "phone", .at_s = at + solution_s, .placed = true, .complaint_case = true, .actor = "human", .score_kind = asked, .score = feeling);
    if (!o->good_remedy)
        SAY(.type = "recovery.compensation", .channel = "phone", .at_s = at + 86400, .placed = true, .complaint_case = true, .actor = "human", .answer_name = "kind", .answer = "refund");
    if (chance(s, o, "follow", .5)) {
        double u = order_draw(s, o, "nps");
        SAY(.type = "complaint.followup", .channel = "phone", .at_s = at + 86400 + 3600, .placed = true, .complaint_case = true, .actor = "human",
            .score_kind = "nps", .score = o->good_remedy ? 8 + (int)(3 * u) : (int)(7 * u));
    }
    return 0;
}

int
tea_tell_order(struct tea_story *s, const struct tea_order *o)
{
    static int (*const part[])(struct tea_story *, const struct tea_order *) = { tell_choosing, tell_store, tell_afterwards, tell_help, tell_complaint };
    for (size_t i = 0; i < sizeof part / sizeof part[0]; i++) {
        int rc = part[i](s, o);
        if (rc != 0)
            return rc;
    }
    return 0;
}

static int
tell_visit(struct tea_story *s, const struct tea_visitor *v, const char *type, const char *page, double at_s, const char *outcome)
{
    char who[16], cart[24], id[64];
    double minute = 480 + tea_draw(s->seed, "vtime", v->number, 0) * 780;
    int64_t at_ms = s->day0_ms + (int64_t)v->day * 86400000 + (int64_t)(minute * 60000) + llround(at_s * 1000);
    if (at_ms > s->until_ms)
        return 0;
    snprintf(who, sizeof who, "v%06" PRIu32, v->number);
    snprintf(cart, sizeof cart, "%s-0", who);
    snprintf(id, sizeof id, "%s:%s%s%s", cart, type, page ? "." : "", page ? page : "");
    struct telling t = { .type = type, .channel = "app", .page = page };
    struct tl_jw w = begin(s, &t, id, at_ms);
    tl_jw_open(&w, "ids");
    tl_jw_cstr(&w, "anonymous", who);
    tl_jw_close(&w);
    tl_jw_cstr(&w, "order", cart);
    put_text(&w, "outcome", outcome);
    put_props(&w, &t);
    return emit(s, &w);
}

int
tea_tell_visitor(struct tea_story *s, const struct tea_visitor *v)
{
    int rc = tell_visit(s, v, "view", "menu", 0, NULL);
    bool leaves = !v->pays && tea_draw(s->seed, "vend", v->number, 0) < .5;
    if (rc == 0 && !leaves)
        rc = tell_visit(s, v, "view", "detail", 60, NULL);
    if (rc != 0 || !v->pays)
        return rc;
    rc = tell_visit(s, v, "order.customise", NULL, 140, NULL);
    if (rc == 0)
        rc = tell_visit(s, v, "order.checkout", NULL, 225, NULL);
    return rc ? rc : tell_visit(s, v, "payment.failed", NULL, 240, "fail");
}
