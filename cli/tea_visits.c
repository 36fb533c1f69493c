/* tea_visits.c - see tea_visits.h. Nothing here is drawn: the plan of the visits and what they found stands in three tables. */
#include "tea_visits.h"

#include <stdio.h>

#include "tl_json.h"
#include "tl_time.h"

#define DAY_MS INT64_C(86400000)
#define PLACED_MS ((12 * 60 + 10) * INT64_C(60000))     /* 12:10, in the rush */
#define VISIT_MS (20 * INT64_C(60000))                  /* from the order to the cup */

static const int day_of[TEA_ROUNDS] = { 16, 30, 44 };
static const int wait_s[TEA_STORES][TEA_ROUNDS] = {
    { 300, 342, 318 }, { 276, 330, 402 }, { 640, 440, 410 }, { 366, 288, 450 }, { 312, 295, 333 }, { 354, 372, 301 }, { 595, 680, 605 }, { 330, 285, 360 },
};
static const bool note_missed[TEA_STORES][TEA_ROUNDS] = { [0] = { [1] = true }, [3] = { [2] = true }, [5] = { [0] = true, [2] = true } };
static const bool no_surname[TEA_STORES][TEA_ROUNDS] = { [1] = { true, true, true }, [7] = { [0] = true }, [3] = { [1] = true } };

struct tea_order
tea_visit(int v)
{
    int store = v % TEA_STORES, round = v / TEA_STORES;
    return (struct tea_order){ .customer = TEA_SHOPPER + (uint32_t)store, .number = (uint32_t)round, .tier = TEA_GOLD, .store = store, .daypart = TEA_LUNCH, .day = day_of[round],
                               .placed_ms = day_of[round] * DAY_MS + PLACED_MS, .wait_s = wait_s[store][round], .late = wait_s[store][round] > 480, .note = true,
                               .note_missed = note_missed[store][round], .note_rechecked = store == 4 };
}

int64_t
tea_visit_begins_ms(int v)
{
    return tea_visit(v).placed_ms;
}

static void
put_member(struct tl_jw *w, const struct tea_order *o)
{
    char member[16];
    snprintf(member, sizeof member, "u%05u", o->customer);
    tl_jw_cstr(w, "member", member);
}

static int
tell_greeting(struct tea_story *s, int v, const struct tea_order *o)
{
    char id[60], cart[32], place[16], when[32];
    bool missing = no_surname[v % TEA_STORES][v / TEA_STORES];
    int arrive_s = o->wait_s - 120 > 60 ? o->wait_s - 120 : 60;
    s->at_ms = s->day0_ms + o->placed_ms + (arrive_s + 2) * INT64_C(1000);
    if (s->at_ms > s->until_ms)
        return 0;
    snprintf(cart, sizeof cart, "u%05u-%u", o->customer, o->number);
    snprintf(id, sizeof id, "%s:standard.check.greeting", cart);
    snprintf(place, sizeof place, "S%02d", o->store + 1);
    tl_buf_reset(&s->json);
    struct tl_jw w = tl_jw_to(&s->json);
    tl_jw_open(&w, NULL);
    tl_jw_cstr(&w, "id", id);
    tl_jw_cstr(&w, "type", "standard.check");
    tl_jw_cstr(&w, "time", tl_time_format(s->at_ms, when));
    tl_jw_cstr(&w, "channel", "store");
    tl_jw_open(&w, "ids");
    put_member(&w, o);
    tl_jw_close(&w);
    tl_jw_cstr(&w, "tier", "gold");
    tl_jw_cstr(&w, "order", cart);
    tl_jw_cstr(&w, "place", place);
    tl_jw_cstr(&w, "outcome", missing ? "fail" : "ok");
    tl_jw_open(&w, "props");
    tl_jw_cstr(&w, "check", "greeting_surname");
    tl_jw_cstr(&w, "answer", missing ? "no" : "yes");
    tl_jw_close(&w);
    tl_jw_close(&w);
    s->events_n++;
    return s->emit(s->arg, (struct tl_str){ (const char *)s->json.data, s->json.len });
}

int
tea_tell_visit(struct tea_story *s, int v)
{
    struct tea_order o = tea_visit(v);
    int rc = tea_tell_order(s, &o);
    return rc != 0 ? rc : tell_greeting(s, v, &o);
}

/* ---- what people entered ---- */

static struct tl_str
end(struct tea_story *s, struct tl_jw *w)
{
    tl_jw_close(w);
    return (struct tl_str){ (const char *)s->json.data, s->json.len };
}

struct tl_str
tea_visit_record(struct tea_story *s, int v)
{
    struct tea_order o = tea_visit(v);
    char text[40];
    int64_t from_ms = s->day0_ms + o.placed_ms;
    tl_buf_reset(&s->json);
    struct tl_jw w = tl_jw_to(&s->json);
    tl_jw_open(&w, NULL);
    snprintf(text, sizeof text, "visit-%02d", v);
    tl_jw_cstr(&w, "id", text);
    tl_jw_array(&w, "identities");
    tl_jw_open(&w, NULL);
    tl_jw_cstr(&w, "kind", "member");
    snprintf(text, sizeof text, "u%05u", o.customer);
    tl_jw_cstr(&w, "value", text);
    tl_jw_close(&w);
    tl_jw_end(&w);
    tl_jw_cstr(&w, "from", tl_time_format(from_ms, text));
    tl_jw_cstr(&w, "to", tl_time_format(from_ms + VISIT_MS, text));
    snprintf(text, sizeof text, "S%02d", o.store + 1);
    tl_jw_cstr(&w, "place", text);
    tl_jw_cstr(&w, "scenario", "lunch_pickup");
    snprintf(text, sizeof text, "round-%d", v / TEA_STORES);
    tl_jw_cstr(&w, "slot", text);
    return end(s, &w);
}

struct tl_str
tea_visit_answers(struct tea_story *s, int v)
{
    static const char *const item[] = { "tidy", "goodbye" };
    char id[16];
    snprintf(id, sizeof id, "visit-%02d", v);
    tl_buf_reset(&s->json);
    struct tl_jw w = tl_jw_to(&s->json);
    tl_jw_open(&w, NULL);
    tl_jw_cstr(&w, "id", id);
    tl_jw_bool(&w, "merge", true);
    tl_jw_array(&w, "answers");
    for (size_t i = 0; i < sizeof item / sizeof item[0]; i++) {
        tl_jw_open(&w, NULL);
        tl_jw_cstr(&w, "item", item[i]);
        tl_jw_cstr(&w, "value", "yes");
        tl_jw_close(&w);
    }
    tl_jw_end(&w);
    return end(s, &w);
}

static const struct {
    const char *id, *title, *cell, *cause, *action, *owner, *places, *comparison;
    int day, expected;
} improvements[] = {
    { "I1", "新动线 New counter layout", "order:handover_wait/handover/S03/lunch", "午间取餐与点单在同一柜台 One counter for orders and pick-up at lunch",
      "取餐台与点单台分开 Separate pick-up counter", "门店运营 Store operations", "[\"S03\"]", "[\"S07\"]", 28, -25 },
    { "I2", "微笑培训 Smile training", "order:unhappy", "店员态度 How staff greet", "全员微笑服务培训 Training for all staff", "人力资源 People", "[\"S01\"]",
      "[\"S02\",\"S04\",\"S05\",\"S06\"]", 28, -5 },
};

struct tl_str
tea_improvement_record(struct tea_story *s, int n, int days)
{
    char day[16];
    if (n < 0 || (size_t)n >= sizeof improvements / sizeof improvements[0] || improvements[n].day >= days)
        return (struct tl_str){ NULL, 0 };
    tl_day_format((int32_t)((s->day0_ms + 8 * 3600000) / DAY_MS) + improvements[n].day, day);
    tl_buf_reset(&s->json);
    struct tl_jw w = tl_jw_to(&s->json);
    tl_jw_open(&w, NULL);
    tl_jw_cstr(&w, "id", improvements[n].id);
    tl_jw_cstr(&w, "title", improvements[n].title);
    tl_jw_cstr(&w, "cell", improvements[n].cell);
    tl_jw_cstr(&w, "cause", improvements[n].cause);
    tl_jw_cstr(&w, "action", improvements[n].action);
    tl_jw_cstr(&w, "owner", improvements[n].owner);
    tl_jw_cstr(&w, "start", day);
    tl_jw_raw(&w, "places", tl_str_of(improvements[n].places));
    tl_jw_raw(&w, "comparison", tl_str_of(improvements[n].comparison));
    tl_jw_int(&w, "expected_points", improvements[n].expected);
    return end(s, &w);
}
