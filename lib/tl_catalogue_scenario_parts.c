/* tl_catalogue_scenario_parts.c - of a scenario its slots, stamps and clocks: when a visit may take place, which moments the shopper stamps, and how long may lie
 * between two of them. See tl_catalogue_scenarios.c. */
#include "tl_catalogue_in.h"

/* Each element of a list of objects that have an id and a title, and members of their own that `rest` reads. */
struct part {
    const char *list, *words;
    uint32_t most;
    void (*rest)(struct reader *r, const struct tl_jv *e, struct tl_scenario *s, struct tl_str id, const struct tl_title *title);
};

static void
each_part(struct reader *r, const struct tl_jv *o, struct tl_scenario *s, const struct part *p)
{
    const struct tl_jv *v = tl_jv_get(o, p->list);

    if (v != NULL && (v->type != TL_JARRAY || v->children_n > p->most)) {
        cat_wrong(r, v, "\"%s\" must be an array of at most %u objects with %s", p->list, p->most, p->words);
        return;
    }
    for (const struct tl_jv *e = v != NULL ? v->child : NULL; e != NULL; e = e->next) {
        struct tl_str id = {0};
        struct tl_title title = {0};
        if (cat_members(r, e, p->words) != 0 && e->type != TL_JOBJECT)
            continue;
        cat_text(r, e, "id", true, &id);
        for (const struct tl_jv *b = v->child; id.p != NULL && b != e; b = b->next)
            if (tl_str_eq(tl_jv_text(b, "id"), id))
                cat_wrong(r, e, "\"%s\" has \"%.*s\" twice in this scenario", p->list, (int)id.n, id.p);
        cat_title(r, e, "title", &title);
        p->rest(r, e, s, id, &title);
    }
}

static uint32_t
count(const struct tl_jv *o, const char *list)
{
    const struct tl_jv *v = tl_jv_get(o, list);
    return v != NULL ? v->children_n : 0;
}

/* ---- slots ---- */

static void
read_slot(struct reader *r, const struct tl_jv *e, struct tl_scenario *s, struct tl_str id, const struct tl_title *title)
{
    struct tl_scenario_slot *t = &s->slot[s->slot_n++];

    *t = (struct tl_scenario_slot){ .id = id, .title = *title };
    if (cat_time(r, e, "from", &t->from_min) == 0 && cat_time(r, e, "to", &t->to_min) == 0 && (t->from_min == t->to_min || t->from_min == TL_DAY_MIN))
        cat_wrong(r, e, "slot \"%.*s\" has no length; \"to\" is the minute after its last one", (int)id.n, id.p);
}

void
cat_scenario_slots(struct reader *r, const struct tl_jv *o, struct tl_scenario *s)
{
    static const struct part slots = { "slots", "id title from to", TL_SCENARIO_SLOTS_MAX, read_slot };

    if ((s->slot = cat_room(r, count(o, "slots"), sizeof *s->slot)) != NULL)
        each_part(r, o, s, &slots);
}

/* ---- stamps ---- */

static void
read_stamp(struct reader *r, const struct tl_jv *e, struct tl_scenario *s, struct tl_str id, const struct tl_title *title)
{
    struct tl_scenario_stamp *t = &s->stamp[s->stamp_n++];

    *t = (struct tl_scenario_stamp){ .id = id, .title = *title };
    cat_text(r, e, "touchpoint", false, &t->touchpoint);
}

void
cat_scenario_stamps(struct reader *r, const struct tl_jv *o, struct tl_scenario *s)
{
    static const struct part stamps = { "stamps", "id title touchpoint", TL_SCENARIO_STAMPS_MAX, read_stamp };
    static const struct tl_scenario_stamp usual[] = {
        { TL_STR("enter"), { NULL, 0 }, { TL_STR("进店"), TL_STR("Came in") } }, { TL_STR("order"), { NULL, 0 }, { TL_STR("下单"), TL_STR("Ordered") } },
        { TL_STR("receive"), { NULL, 0 }, { TL_STR("取到"), TL_STR("Received") } }, { TL_STR("leave"), { NULL, 0 }, { TL_STR("离店"), TL_STR("Left") } },
    };
    enum { USUAL = sizeof usual / sizeof *usual };

    if ((s->stamp = cat_room(r, count(o, "stamps") + USUAL, sizeof *s->stamp)) == NULL)
        return;
    each_part(r, o, s, &stamps);
    for (size_t i = 0; tl_jv_get(o, "stamps") == NULL && i < USUAL; i++)
        s->stamp[s->stamp_n++] = usual[i];
}

/* ---- clocks ---- */

static void
check_stamp(struct reader *r, const struct tl_jv *e, const char *member, const struct tl_scenario *s, struct tl_str id)
{
    char listed[CAT_LIST_BYTES] = "";

    if (id.p == NULL || tl_scenario_stamp(s, id) >= 0)
        return;
    for (uint32_t i = 0; i < s->stamp_n; i++)
        cat_list(listed, s->stamp[i].id);
    cat_wrong(r, tl_jv_get(e, member), "this scenario has no stamp \"%.*s\"; there are%s", (int)id.n, id.p, listed[0] != 0 ? listed : " none");
}

static void
read_clock(struct reader *r, const struct tl_jv *e, struct tl_scenario *s, struct tl_str id, const struct tl_title *title)
{
    struct tl_scenario_clock *t = &s->clock[s->clock_n++];

    *t = (struct tl_scenario_clock){ .id = id, .title = *title };
    cat_text(r, e, "from", true, &t->from);
    cat_text(r, e, "to", true, &t->to);
    check_stamp(r, e, "from", s, t->from);
    check_stamp(r, e, "to", s, t->to);
    cat_seconds(r, e, "limit_s", false, &t->limit_ms);
    cat_text(r, e, "standard", false, &t->standard);
    if ((tl_jv_get(e, "limit_s") == NULL) == (tl_jv_get(e, "standard") == NULL))
        cat_wrong(r, e, "clock \"%.*s\" of a scenario has a \"limit_s\", or a \"standard\" (a clock) whose limit holds", (int)id.n, id.p);
    int standard = t->standard.p != NULL ? tl_catalogue_standard(r->c, t->standard) : -1;
    if (standard >= 0 && r->c->standard[standard].kind != TL_STANDARD_CLOCK)
        cat_wrong(r, tl_jv_get(e, "standard"), "\"%.*s\" is no clock: only a clock has a limit to go by", (int)t->standard.n, t->standard.p);
    else if (standard >= 0)
        t->limit_ms = r->c->standard[standard].limit_ms;
}

void
cat_scenario_clocks(struct reader *r, const struct tl_jv *o, struct tl_scenario *s)
{
    static const struct part clocks = { "clocks", "id title from to limit_s standard", TL_SCENARIO_CLOCKS_MAX, read_clock };

    if ((s->clock = cat_room(r, count(o, "clocks"), sizeof *s->clock)) != NULL)
        each_part(r, o, s, &clocks);
}
