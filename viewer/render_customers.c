/* render_customers.c - about, customers, quarantine. */
#include <stdio.h>

#include "render_in.h"

static void
stages(struct tl_jw *w, const struct tl_catalogue *c)
{
    tl_jw_array(w, "models");
    for (uint32_t m = 0; m < c->model_n; m++) {
        tl_jw_open(w, NULL);
        tl_jw_str(w, "id", c->model[m].id);
        render_title(w, "title", c->model[m].title);
        tl_jw_array(w, "stages");
        for (uint32_t s = 0; s < c->model[m].stage_n; s++) {
            tl_jw_open(w, NULL);
            tl_jw_str(w, "id", c->model[m].stage[s].id);
            render_title(w, "title", c->model[m].stage[s].title);
            if (c->model[m].stage[s].goal.zh.p || c->model[m].stage[s].goal.en.p) render_title(w, "goal", c->model[m].stage[s].goal);
            else tl_jw_null(w, "goal");
            tl_jw_close(w);
        }
        tl_jw_end(w);
        tl_jw_close(w);
    }
    tl_jw_end(w);
}

static void
types(struct tl_jw *w, const struct tl_catalogue *c)
{
    tl_jw_array(w, "journeys");
    for (uint32_t i = 0; i < c->type_n; i++) {
        struct tl_title t = c->type[i].title;
        if (!t.zh.p && !t.en.p) t.zh = t.en = c->type[i].id;
        tl_jw_open(w, NULL);
        tl_jw_str(w, "id", c->type[i].id);
        render_title(w, "title", t);
        tl_jw_int(w, "gap_ms", c->type[i].gap_ms);
        tl_jw_close(w);
    }
    tl_jw_end(w);
}

static void
days(struct tl_jw *w, const struct about *a)
{
    char text[16];
    if (!a->has_days) {
        tl_jw_null(w, "days");
        return;
    }
    tl_jw_open(w, "days");
    tl_jw_cstr(w, "first", tl_day_format(a->first_day, text));
    tl_jw_cstr(w, "last", tl_day_format(a->last_day, text));
    tl_jw_close(w);
}

static void
about_catalogue(struct tl_jw *w, const struct look *k)
{
    tl_jw_open(w, "catalogue");
    tl_jw_cstr(w, "hash", k->catalogue->hash);
    tl_jw_uint(w, "position", k->meta.catalogue_at);
    render_ms(w, "activated", k->activated_ms);
    tl_jw_bool(w, "next", k->meta.catalogue_due > k->meta.catalogue_at);
    tl_jw_close(w);
}

/* what kind of contact a channel is */
static void
channel_classes(struct tl_jw *w)
{
    static const struct { const char *id, *zh, *en, *channel[6]; } classes[] = {
        { "physical", "实体渠道", "Physical", { "store", "mail" } },     { "voice", "语音渠道", "Voice", { "phone" } },
        { "digital", "数字渠道", "Digital", { "app", "web", "chat", "email", "sms" } }, { "social", "社交渠道", "Social", { "social" } },
        { "self_service", "自助终端", "Self-service terminal", { "kiosk" } }, { "iot", "物联网设备", "IoT device", { "iot" } },
    };
    tl_jw_array(w, "channel_classes");
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++) {
        tl_jw_open(w, NULL);
        tl_jw_cstr(w, "id", classes[i].id);
        render_title(w, "title", (struct tl_title){ tl_str_of(classes[i].zh), tl_str_of(classes[i].en) });
        tl_jw_array(w, "channels");
        for (const char *const *c = classes[i].channel; *c; c++) tl_jw_cstr(w, NULL, *c);
        tl_jw_end(w);
        tl_jw_close(w);
    }
    tl_jw_end(w);
}

void
render_about(struct tl_buf *out, const struct look *k, const struct about *a)
{
    static const char *const channel[] = { "app", "web", "store", "phone", "chat", "social", "email", "sms", "kiosk", "iot", "mail" };
    struct tl_jw jw = tl_jw_to(out), *w = &jw;
    tl_jw_open(w, NULL);
    tl_jw_cstr(w, "version", a->version);
    tl_jw_cstr(w, "store", a->data);
    tl_jw_cstr(w, "timezone", a->timezone);
    if (a->collector[0]) tl_jw_cstr(w, "collector", a->collector);
    else tl_jw_null(w, "collector");
    about_catalogue(w, k);
    types(w, k->catalogue);
    stages(w, k->catalogue);
    tl_jw_array(w, "channels");
    for (size_t i = 0; i < sizeof channel / sizeof channel[0]; i++) tl_jw_cstr(w, NULL, channel[i]);
    tl_jw_end(w);
    channel_classes(w);
    tl_jw_int(w, "as_of", k->as_of_ms);
    tl_jw_uint(w, "position", k->meta.position);
    tl_jw_int(w, "lag_ms", k->lag_ms);
    days(w, a);
    if (a->other[0]) {
        tl_jw_open(w, "other_store");
        tl_jw_cstr(w, "title", a->other_data);
        tl_jw_cstr(w, "url", a->other);
        tl_jw_close(w);
    } else {
        tl_jw_null(w, "other_store");
    }
    tl_jw_close(w);
}

static void
next_number(struct tl_jw *w, int64_t next)
{
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)next);
    if (next) tl_jw_cstr(w, "next", text);
    else tl_jw_null(w, "next");
}

void
render_customers(struct tl_buf *out, const struct customers_answer *a)
{
    struct tl_jw jw = tl_jw_to(out), *w = &jw;
    tl_jw_open(w, NULL);
    tl_jw_array(w, "customers");
    for (uint32_t i = 0; i < a->item_n; i++) {
        tl_jw_open(w, NULL);
        render_hash(w, "customer", a->item[i].hash);
        tl_jw_uint(w, "events", a->item[i].events);
        render_ms(w, "first", a->item[i].first_ms);
        render_ms(w, "last", a->item[i].last_ms);
        tl_jw_uint(w, "identities", a->item[i].identities);
        tl_jw_uint(w, "journeys", a->item[i].journeys);
        tl_jw_close(w);
    }
    tl_jw_end(w);
    next_number(w, (int64_t)a->next);
    tl_jw_close(w);
}

static void
identities(struct tl_jw *w, const struct customer_answer *a)
{
    tl_jw_array(w, "identities");
    for (uint32_t i = 0; i < a->customer.identity_n; i++) {
        tl_jw_open(w, NULL);
        tl_jw_str(w, "kind", a->identity[i].kind);
        render_hash(w, "hash", a->identity[i].hash);
        tl_jw_uint(w, "events", a->identity[i].events);
        render_ms(w, "first", a->identity[i].first_ms);
        tl_jw_bool(w, "shared", a->identity[i].shared);
        tl_jw_close(w);
    }
    tl_jw_end(w);
    render_identity(w, &a->links);
}

static void
journey(struct tl_jw *w, const struct tl_catalogue *c, const struct timeline *j)
{
    tl_jw_open(w, NULL);
    tl_jw_str(w, "type", j->type);
    tl_jw_int(w, "start", j->start_ms);
    tl_jw_int(w, "last", j->last_ms);
    tl_jw_cstr(w, "outcome", render_end(j->end));
    tl_jw_array(w, "steps");
    for (uint32_t i = 0; i < j->step_n; i++) {
        const struct step_answer *s = &j->step[i];
        tl_jw_open(w, NULL);
        tl_jw_str(w, "touchpoint", s->touchpoint);
        render_title(w, "title", s->title);
        tl_jw_str(w, "channel", s->channel);
        tl_jw_int(w, "start", s->start_ms);
        tl_jw_int(w, "end", s->end_ms);
        tl_jw_str(w, "lifecycle", tl_str_of(s->lifecycle));
        if (s->wait_ms < 0) tl_jw_null(w, "wait_ms");
        else tl_jw_int(w, "wait_ms", s->wait_ms);
        tl_jw_close(w);
    }
    tl_jw_end(w);
    tl_jw_uint(w, "cut", j->cut_n);
    render_journey_breaks(w, c, j->breaks);
    render_journey_waits(w, j->waits);
    tl_jw_close(w);
}

void
render_customer(struct tl_buf *out, const struct look *k, const struct customer_answer *a)
{
    struct tl_jw jw = tl_jw_to(out), *w = &jw;
    tl_jw_open(w, NULL);
    render_hash(w, "customer", a->customer.hash);
    tl_jw_bool(w, "refused", a->customer.refused);
    if (a->live) tl_jw_null(w, "as_of");        /* it is now, and the answer stays the same while nothing happens */
    else tl_jw_int(w, "as_of", k->as_of_ms);
    tl_jw_bool(w, "live", a->live);
    render_person(w, k, a->person);
    identities(w, a);
    tl_jw_array(w, "journeys");
    for (uint32_t i = 0; i < a->journey_n; i++) journey(w, k->catalogue, &a->journey[i]);
    tl_jw_end(w);
    tl_jw_array(w, "events");
    for (uint32_t i = 0; i < a->event_n; i++) {
        const struct event_answer *e = &a->event[i];
        tl_jw_open(w, NULL);
        tl_jw_uint(w, "position", e->position);
        render_ms(w, "time", e->time_ms);
        render_ms(w, "received_at", e->received_ms);
        tl_jw_str(w, "type", e->type);
        tl_jw_str(w, "touchpoint", e->touchpoint);
        render_title(w, "title", e->title);
        tl_jw_str(w, "channel", e->channel);
        tl_jw_str(w, "origin", e->origin);
        tl_jw_cstr(w, "stream", render_stream(e->stream));
        render_told(w, e->told);
        tl_jw_close(w);
    }
    tl_jw_end(w);
    next_number(w, (int64_t)a->next);
    tl_jw_close(w);
}

void
render_raw(struct tl_buf *out, uint64_t position, struct tl_str raw)
{
    struct tl_jw jw = tl_jw_to(out), *w = &jw;
    tl_jw_open(w, NULL);
    tl_jw_uint(w, "position", position);
    if (raw.n) tl_jw_raw(w, "raw", raw);
    else tl_jw_null(w, "raw");
    tl_jw_close(w);
}

static void
refused_members(struct tl_jw *w, const struct refused_item *r)
{
    tl_jw_int(w, "number", r->number);
    render_ms(w, "received_at", r->received_ms);
    tl_jw_str(w, "origin", r->origin);
    tl_jw_str(w, "reason", r->reason);
    tl_jw_str(w, "field", r->field);
    tl_jw_uint(w, "offset", r->offset);
    tl_jw_uint(w, "bytes", r->bytes);
    tl_jw_str(w, "head", r->head);
}

void
render_refused(struct tl_buf *out, const struct refused_item *r)
{
    struct tl_jw jw = tl_jw_to(out), *w = &jw;
    tl_jw_open(w, NULL);
    refused_members(w, r);
    tl_jw_bool(w, "whole", r->head.n == r->bytes);
    tl_jw_close(w);
}

void
render_quarantine(struct tl_buf *out, const struct quarantine_answer *a)
{
    struct tl_jw jw = tl_jw_to(out), *w = &jw;
    tl_jw_open(w, NULL);
    tl_jw_uint(w, "count", a->count);
    tl_jw_array(w, "items");
    for (uint32_t i = 0; i < a->item_n; i++) {
        tl_jw_open(w, NULL);
        refused_members(w, &a->item[i]);
        tl_jw_close(w);
    }
    tl_jw_end(w);
    next_number(w, a->next);
    tl_jw_close(w);
}
