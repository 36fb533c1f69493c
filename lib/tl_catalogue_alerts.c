/* tl_catalogue_alerts.c - the section `alerts` of a catalogue: events that somebody should hear of at once; and the order in which a clock's waits are worked. */
#include "tl_catalogue_in.h"

int
cat_alert(struct reader *r, const struct tl_jv *o)
{
    static const char *const words[] = { "score", "complaint", "event" };
    struct tl_alert_rule *a = &r->c->alert[r->c->alert_n];
    const struct tl_jv *kind = tl_jv_get(o, "kind"), *severity = tl_jv_get(o, "severity");
    int k = 2;

    if (r->c->alert_n == TL_ALERT_RULES_MAX)
        return cat_wrong(r, o, "more than %d alerts", TL_ALERT_RULES_MAX);
    if (cat_members(r, o, "id title kind at tiers except_tiers channels on owner severity") != 0 && o->type != TL_JOBJECT)
        return TL_ECONFIG;
    cat_text(r, o, "id", true, &a->id);
    for (uint32_t i = 0; a->id.p != NULL && i < r->c->alert_n; i++)
        if (tl_str_eq(r->c->alert[i].id, a->id))
            cat_wrong(r, o, "alert \"%.*s\" is described twice", (int)a->id.n, a->id.p);
    cat_title(r, o, "title", &a->title);
    for (k = kind == NULL ? 2 : 0; k < 3 && kind != NULL && !(kind->type == TL_JTEXT && tl_str_is(kind->text, words[k])); k++) {}
    if (k == 3)
        cat_wrong(r, kind, "\"kind\" is one of score complaint event");
    a->kind = (enum tl_alert_rule_kind)(k < 3 ? k : 2);
    cat_picks(r, o, "at", true, &a->at);
    cat_texts(r, o, "tiers", &a->tier, &a->tier_n);
    cat_texts(r, o, "except_tiers", &a->except_tier, &a->except_tier_n);
    cat_channels(r, o, &a->channel, &a->channel_n);
    cat_text(r, o, "on", false, &a->on);
    cat_text(r, o, "owner", false, &a->owner);
    a->severity = 2;
    if (severity != NULL && !(severity->is_int && severity->integer >= 1 && severity->integer <= 3))
        cat_wrong(r, severity, "\"severity\" is 1, 2 or 3");
    else if (severity != NULL)
        a->severity = (uint8_t)severity->integer;
    r->c->alert_n++;
    return 0;
}

int
cat_priority(struct reader *r, const struct tl_jv *o, struct tl_standard *s)
{
    const struct tl_jv *v = tl_jv_get(o, "priority");
    int rc = 0;

    if (v == NULL)
        return 0;
    if (v->type != TL_JARRAY || v->children_n > TL_PRIORITIES_MAX)
        return cat_wrong(r, v, "\"priority\" is a list of at most %d event types, touchpoints or conditions of the start, the most urgent first", TL_PRIORITIES_MAX);
    for (const struct tl_jv *e = v->child; rc == 0 && e != NULL; e = e->next)
        rc = cat_pick(r, e, "priority", &s->priority[s->priority_n++]);
    return rc;
}
