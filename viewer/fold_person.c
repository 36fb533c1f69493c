/* fold_person.c - who a customer is by what their events tell: tier, consent, value, channels, segments, outcomes. Matters and action items: fold_threads.c. */
#include "answer_person.h"
#include "fold_threads.h"

#include <stdlib.h>

#include "tl_json.h"

struct telling { struct look *k; struct tl_store_txn *t; const struct tl_kept *e; struct person_told *const *told; uint32_t n; struct person *out; };

/* ---- value: of each order what was told last ---- */

static struct person_value *
value_in(struct person *out, const char *currency)
{
    for (uint32_t i = 0; i < out->value_n; i++)
        if (memcmp(out->value[i].currency, currency, 3) == 0) return &out->value[i];
    if (out->value_n == PERSON_CURRENCIES_MAX) return NULL;
    struct person_value *v = &out->value[out->value_n++];
    *v = (struct person_value){ .amount_minor = 0 };
    memcpy(v->currency, currency, 3);
    return v;
}

static bool
told_later(const struct telling *x, uint32_t at)
{
    for (uint32_t i = at + 1; i < x->n; i++)
        if (x->told[i] && x->told[i]->has_value && x->told[i]->order.n && tl_str_eq(x->told[i]->order, x->told[at]->order)) return true;
    return false;
}

static void
add_values(const struct telling *x)
{
    for (uint32_t i = 0; i < x->n; i++) {
        const struct person_told *o = x->told[i];
        if (!o || !o->has_value || (o->order.n && told_later(x, i))) continue;
        struct person_value *v = value_in(x->out, o->value.currency);
        if (!v || __builtin_add_overflow(v->amount_minor, o->value.amount_minor, &v->amount_minor)) continue;
        v->orders += o->order.n > 0;
    }
}

/* ---- contacts ---- */

static void
add_channel(struct person *out, struct tl_str channel, bool by_customer)
{
    uint32_t i = 0;
    while (i < out->channel_n && !tl_str_eq(out->channel[i].channel, channel)) i++;
    if (i == PERSON_CHANNELS_MAX) {
        out->channel_left++;
        return;
    }
    if (i == out->channel_n) out->channel[out->channel_n++] = (struct person_channel){ channel, 0, 0 };
    out->channel[i].n++;
    out->channel[i].by_customer += by_customer;
}

static int
busiest(const void *x, const void *y)
{
    const struct person_channel *a = x, *b = y;
    if (a->n != b->n) return a->n > b->n ? -1 : 1;
    return tl_str_cmp(a->channel, b->channel);
}

static void
add_contacts(const struct telling *x)
{
    for (uint32_t i = 0; i < x->n; i++) {
        const struct person_told *o = x->told[i];
        const struct tl_touchpoint *tp = tl_catalogue_touchpoint(x->k->catalogue, fold_word(x->k, x->t, x->e[i].touchpoint));
        if (!o || x->e[i].role != TL_ROLE_STEP || (tp && tp->backstage)) continue;
        x->out->side[o->side]++;
        x->out->mode[o->near]++;
        x->out->inbound += tl_str_is(o->direction, "in");
        x->out->outbound += tl_str_is(o->direction, "out");
        if (x->e[i].channel) add_channel(x->out, fold_word(x->k, x->t, x->e[i].channel), o->side == SIDE_CUSTOMER);
    }
    qsort(x->out->channel, x->out->channel_n, sizeof x->out->channel[0], busiest);
}

/* ---- consent: each purpose as last told ---- */

static void
grant(struct person *out, struct tl_arena *a, struct tl_str purpose, bool granted, int64_t at_ms)
{
    uint32_t i = 0;
    while (i < out->consent_n && !tl_str_eq(out->consent[i].purpose, purpose)) i++;
    if (purpose.n == 0 || i == PERSON_CONSENTS_MAX) return;
    if (i == out->consent_n) {
        char *copy = tl_arena_dup(a, purpose.p, purpose.n);
        if (!copy) return;
        out->consent[out->consent_n++].purpose = (struct tl_str){ copy, purpose.n };
    }
    out->consent[i].granted = granted;
    out->consent[i].at_ms = at_ms;
}

static void
add_consent(const struct telling *x, uint32_t i, struct tl_eventlog *log, struct tl_buf *hold)
{
    struct tl_str type = fold_word(x->k, x->t, x->e[i].type);
    bool gives = tl_str_is(type, "consent.grant"), takes = tl_str_is(type, "consent.revoke");
    struct tl_event ev;
    struct tl_jv *root = NULL;
    if (tl_eventlog_event(log, x->e[i].position, hold, &ev, NULL)) return;
    if ((ev.has & TL_HAS(consent)) && tl_json_tree(x->k->arena, ev.consent_, 0, &root, NULL, NULL) == 0)
        for (const struct tl_jv *v = root->type == TL_JOBJECT ? root->child : NULL; v; v = v->next)
            if (v->type == TL_JBOOL) grant(x->out, x->k->arena, v->name, v->boolean, x->e[i].at_ms);
    if (!gives && !takes) return;
    struct tl_props props = { x->k->arena, NULL, false };
    grant(x->out, x->k->arena, tl_props_get(&props, &ev, TL_STR("props.purpose")), gives, x->e[i].at_ms);
}

static void
add_consents(const struct telling *x)
{
    struct tl_eventlog *log = fold_log(x->k->fold);
    struct tl_buf hold = { NULL, 0, 0, false };
    for (uint32_t i = 0; log && i < x->n; i++)
        if (x->told[i] && x->told[i]->consents) add_consent(x, i, log, &hold);
    tl_buf_free(&hold);
}

/* ---- segments of the journey that began last ---- */

struct attrs { struct look *k; struct tl_store_txn *t; const struct tl_journey *j; };

static struct tl_str
attr_text(void *arg, struct tl_str field)
{
    struct attrs *a = arg;
    uint32_t key = tl_store_word_number(a->t, field);
    for (uint32_t i = 0; key && i < a->j->attrs_n; i++)
        if (a->j->attr[i].key == key) return fold_word(a->k, a->t, a->j->attr[i].value);
    return (struct tl_str){ NULL, 0 };
}

static int
add_segments(const struct telling *x, const struct tl_customer *c, struct tl_err *err)
{
    const struct tl_catalogue *cat = x->k->catalogue;
    uint16_t all = (uint16_t)tl_store_word_number(x->t, TL_STR("all"));
    struct tl_journey last = { .start_ms = INT64_MIN }, j;
    struct tl_str key = { NULL, 0 };
    for (uint32_t i = 0; i < c->journey_n; i++) {
        struct tl_str one = { (const char *)c->journey[i].key, sizeof c->journey[i].key };
        if (tl_rows_journey_key_read(one, &j) || j.type != all || (key.p && j.start_ms < last.start_ms)) continue;
        last.start_ms = j.start_ms;
        key = one;
    }
    if (!key.p || !cat->segment_n) return 0;
    struct tl_step *steps = tl_realloc(NULL, TL_JOURNEY_STEPS_MAX * sizeof *steps);
    int rc = steps ? tl_store_journey(x->t, key, steps, &last, err) : TL_ENOMEM;
    struct attrs a = { x->k, x->t, &last };
    for (uint32_t i = 0; rc == 0 && i < cat->segment_n; i++)
        if (tl_segment_holds(&cat->segment[i], attr_text, &a)) {
            x->out->segment[x->out->segment_n] = cat->segment[i].title;
            x->out->segment_id[x->out->segment_n++] = cat->segment[i].id;
        }
    tl_free(steps);
    return rc == TL_ENOTFOUND ? 0 : rc;
}

static void
add_outcomes(const struct telling *x, const struct tl_customer *c)
{
    const uint32_t most = sizeof x->out->outcome / sizeof x->out->outcome[0];
    for (uint32_t i = c->outcome_n; i > 0; i--) {
        struct tl_str id = fold_word(x->k, x->t, c->outcome[i - 1].outcome);
        int at = tl_catalogue_outcome(x->k->catalogue, id);
        if (x->out->outcome_n == most) {
            x->out->outcome_cut++;
            continue;
        }
        x->out->outcome[x->out->outcome_n].id = id;
        x->out->outcome[x->out->outcome_n].title = at >= 0 ? x->k->catalogue->outcome[at].title : (struct tl_title){ { NULL, 0 }, { NULL, 0 } };
        x->out->outcome[x->out->outcome_n].bad = at >= 0 && x->k->catalogue->outcome[at].bad;
        x->out->outcome[x->out->outcome_n].absent = at >= 0 && x->k->catalogue->outcome[at].absent;
        x->out->outcome[x->out->outcome_n++].at_ms = c->outcome[i - 1].at_ms;
    }
}

int
fold_person(struct look *k, struct tl_store_txn *t, const struct tl_customer *c, const struct tl_kept *e, uint32_t n, struct person_told *const *told, uint32_t told_n, struct person *out,
            struct tl_err *err)
{
    struct telling x = { k, t, e + (n - told_n), told, told_n, out };
    memset(out, 0, sizeof *out);
    out->of = told_n;
    out->cut = n - told_n;
    for (uint32_t i = told_n; i > 0 && !out->tier.n; i--)
        if (told[i - 1]) out->tier = told[i - 1]->tier;
    add_values(&x);
    add_contacts(&x);
    add_consents(&x);
    add_outcomes(&x, c);
    int rc = add_segments(&x, c, err);
    if (rc == 0) rc = fold_threads(k, t, x.e, told, told_n, out);
    return rc == 0 ? fold_actions(k, t, x.e, told, told_n, out) : rc;
}
