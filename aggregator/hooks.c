/* hooks.c - see hooks.h. Names of memos, HOOK being a receiver's id:
 *
 *   hook/HOOK           varint: alerts up to this number are dealt with
 *   group/HOOK/KEY      zigzag begin of the window (Unix ms), varint alerts held back, u64 the latest of them. KEY: 16 hex of kind, rule and place
 *   out/HOOK/NUMBER     zigzag made at, text id, text body: on its way; 16 hex digits, in order
 *   digest/HOOK         zigzag day of the last digest
 *   posts               varint: the last NUMBER given
 *
 * Windows, waits and ages run by a clock that is read once, at the start, and goes on by the monotonic one (steady): somebody who sets the clock neither holds
 * messages up nor makes them old. The wall clock signs, and says when a digest is due. */
#include "hooks.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "hooks_message.h"
#include "tl_count.h"
#include "tl_hash.h"
#include "tl_keys.h"
#include "tl_logfmt.h"

#define STEP_MS 1000
#define TAKE_MAX 500                    /* alerts of one step */
#define NEW_HOOK_MS (INT64_C(15) * 60000)        /* what was raised so shortly before a receiver was entered is told */
#define CHAT_GAP_US INT64_C(3000000)    /* the robots take 20 messages a minute */
#define WAIT_FIRST_US INT64_C(1000000)
#define WAIT_MOST_US (INT64_C(15) * 60000000)
#define NAME_BYTES 96

struct group { char name[NAME_BYTES]; int64_t begin_us; uint32_t held; uint64_t latest; };
struct line { int64_t next_us; int tries; uint32_t waiting; };      /* to one receiver */
struct hooks {
    struct tl_alerts *store;
    char path[PATH_MAX];
    int64_t group_ms;
    int digest_hour;
    struct tl_zone *zone;
    struct hooks_conf *conf;
    uint64_t stamp;
    bool read;                          /* the settings were looked at once */
    char trouble[TL_ERR_TEXT_BYTES];
    struct line line[HOOKS_MAX];        /* by place in conf */
    struct group *group; uint32_t group_n, group_cap;
    uint64_t *fresh; uint32_t fresh_n;  /* ids of alerts to deal with */
    uint64_t posts;
    char pages[200];
    struct tl_buf value, body;
    struct request request;
    int64_t steady_from_ms;             /* wall clock less monotonic clock, at the first step */
    bool started;
    /* of the step */
    int64_t now_ms, mono_us, steady_ms;
    struct tl_alerts_txn *t;
    struct tl_err *err;
};

int
hooks_new(struct hooks **out, struct tl_alerts *store, const struct hooks_cfg *cfg, struct tl_err *err)
{
    struct hooks *h = tl_alloc(sizeof *h);
    int rc = h != NULL && (h->fresh = tl_alloc(TAKE_MAX * sizeof *h->fresh)) != NULL ? tl_zone_open(&h->zone, cfg->zone, err) : tl_fail(err, TL_ENOMEM, "out of memory");

    if (rc != 0) {
        hooks_free(&h);
    } else {
        h->store = store;
        snprintf(h->path, sizeof h->path, "%s", cfg->path);
        h->group_ms = cfg->group_ms;
        h->digest_hour = cfg->digest_hour;
    }
    *out = h;
    return rc;
}

void
hooks_free(struct hooks **hp)
{
    struct hooks *h = hp != NULL ? *hp : NULL;

    if (h == NULL)
        return;
    hooks_conf_free(&h->conf);
    tl_zone_free(&h->zone);
    tl_free(h->group);
    tl_free(h->fresh);
    tl_buf_free(&h->value);
    tl_buf_free(&h->body);
    message_request_free(&h->request);
    tl_free(h);
    *hp = NULL;
}

const char *
hooks_trouble(const struct hooks *h)
{
    return h->trouble;
}

/* ---- memos ---- */

static struct tl_str
name_of(char out[NAME_BYTES], const char *what, const struct hook *k, uint64_t number, bool numbered)
{
    int n = numbered ? snprintf(out, NAME_BYTES, "%s/%.*s/%016" PRIx64, what, (int)k->id.n, k->id.p, number) : snprintf(out, NAME_BYTES, "%s/%.*s", what, (int)k->id.n, k->id.p);
    return (struct tl_str){ out, (size_t)n };
}

static struct tl_str
value(const struct hooks *h)
{
    return (struct tl_str){ (char *)h->value.data, h->value.len };
}

static int
put_value(struct hooks *h, struct tl_str name)
{
    return h->value.failed ? tl_fail(h->err, TL_ENOMEM, "out of memory for messages") : tl_alerts_memo_put(h->t, name, value(h), h->err);
}

/* ---- settings ---- */

static const struct hook *
hook_named(const struct hooks *h, struct tl_str id)
{
    for (uint32_t i = 0; i < h->conf->hook_n; i++)
        if (tl_str_eq(h->conf->hook[i].id, id))
            return &h->conf->hook[i];
    return NULL;
}

/* "out/HOOK/..." -> HOOK */
static struct tl_str
hook_in(struct tl_str name)
{
    const char *a = memchr(name.p, '/', name.n), *end = name.p + name.n;
    const char *b = a != NULL ? memchr(a + 1, '/', (size_t)(end - a - 1)) : NULL;

    return a == NULL ? (struct tl_str){0} : (struct tl_str){ a + 1, (size_t)((b != NULL ? b : end) - a - 1) };
}

struct sweep { struct hooks *h; char dead[64][NAME_BYTES]; int dead_n; };

static int
sweep_one(void *arg, struct tl_str name, struct tl_str v)
{
    struct sweep *s = arg;
    struct hooks *h = s->h;
    const struct hook *k = hook_named(h, hook_in(name));

    if (k == NULL && name.n < NAME_BYTES && s->dead_n < 64)
        snprintf(s->dead[s->dead_n++], NAME_BYTES, "%.*s", (int)name.n, name.p);
    if (k != NULL && memcmp(name.p, "out/", 4) == 0)
        h->line[k - h->conf->hook].waiting++;
    if (k == NULL || memcmp(name.p, "group/", 6) != 0 || name.n >= NAME_BYTES)
        return s->dead_n == 64;
    if (h->group_n == h->group_cap) {
        uint32_t cap = h->group_cap * 2 + 64;
        struct group *more = tl_realloc(h->group, cap * sizeof *more);
        if (more == NULL)
            return TL_ENOMEM;
        h->group = more;
        h->group_cap = cap;
    }
    struct tl_cur c = tl_cur_of(v.p, v.n);
    struct group *g = &h->group[h->group_n++];
    int64_t age_ms = h->steady_ms - tl_cur_zigzag(&c);
    age_ms = age_ms < 0 ? 0 : age_ms > h->group_ms ? h->group_ms : age_ms;
    *g = (struct group){ .begin_us = h->mono_us - age_ms * 1000, .held = (uint32_t)tl_cur_varint(&c), .latest = tl_cur_le64(&c) };
    snprintf(g->name, sizeof g->name, "%.*s", (int)name.n, name.p);
    return 0;
}

/* What stands there of receivers that are no more goes; windows and counts of the others are read. */
static int
sweep(struct hooks *h)
{
    static const char *const prefixes[] = { "hook/", "group/", "out/", "digest/" };
    struct sweep s = { .h = h };
    int rc = 0;

    memset(h->line, 0, sizeof h->line);
    do {
        s.dead_n = 0;
        h->group_n = 0;
        for (int i = 0; i < HOOKS_MAX; i++)
            h->line[i].waiting = 0;
        for (size_t i = 0; rc == 0 && i < sizeof prefixes / sizeof *prefixes; i++)
            rc = tl_alerts_memo_each(h->t, tl_str_of(prefixes[i]), sweep_one, &s, h->err);
        for (int i = 0; rc == 0 && i < s.dead_n; i++)
            rc = tl_alerts_memo_put(h->t, tl_str_of(s.dead[i]), (struct tl_str){0}, h->err);
    } while (rc == 0 && s.dead_n > 0);
    return rc;
}

static int
read_settings(struct hooks *h)
{
    struct hooks_conf *c = NULL;
    struct tl_err err = {0};
    struct tl_str v;
    uint64_t stamp = tl_keys_stamp(h->path);

    if (h->read && stamp == h->stamp)
        return 0;
    int rc = hooks_conf_read(h->path, &c, &err);
    h->stamp = stamp;
    h->read = true;
    snprintf(h->trouble, sizeof h->trouble, "%s", rc != 0 ? err.text : "");
    if (rc != 0) {                                  /* the receivers before stay */
        tl_log(TL_ERROR, "webhooks_refused", "text=\"%s\"", err.text);
        return 0;
    }
    hooks_conf_free(&h->conf);
    h->conf = c;
    if (c->hook_n > 0)
        tl_log(TL_INFO, "webhooks_read", "receivers=%u", c->hook_n);
    if (tl_alerts_memo_get(h->t, TL_STR("posts"), &v) == 0) {
        struct tl_cur cur = tl_cur_of(v.p, v.n);
        h->posts = tl_cur_varint(&cur);
    }
    rc = sweep(h);
    h->read = rc == 0;
    return rc;
}

/* ---- messages ---- */

static int
first_name(void *arg, struct tl_str name, struct tl_str v)
{
    (void)v;
    snprintf(arg, NAME_BYTES, "%.*s", (int)(name.n < NAME_BYTES ? name.n : NAME_BYTES - 1), name.p);
    return 1;
}

static int
drop_oldest(struct hooks *h, const struct hook *k)
{
    char prefix[NAME_BYTES], name[NAME_BYTES] = "";
    struct tl_str all = name_of(prefix, "out", k, 0, false);

    prefix[all.n] = '/';
    int rc = tl_alerts_memo_each(h->t, (struct tl_str){ prefix, all.n + 1 }, first_name, name, h->err);
    if (rc == 0 && name[0] != '\0')
        rc = tl_alerts_memo_put(h->t, tl_str_of(name), (struct tl_str){0}, h->err);
    tl_count_add(A_HOOKS_DROPPED, 1);
    return rc;
}

/* The body stands in h->body. */
static int
put_out(struct hooks *h, const struct hook *k, const char *id)
{
    struct line *l = &h->line[k - h->conf->hook];
    char name[NAME_BYTES];
    int rc = h->body.failed ? tl_fail(h->err, TL_ENOMEM, "out of memory for messages") : 0;

    if (rc == 0 && l->waiting >= HOOK_WAITING_MAX)
        rc = drop_oldest(h, k);
    else
        l->waiting++;
    tl_buf_reset(&h->value);
    tl_buf_put_zigzag(&h->value, h->steady_ms);
    tl_buf_put_text(&h->value, tl_str_of(id));
    tl_buf_put_text(&h->value, (struct tl_str){ (char *)h->body.data, h->body.len });
    if (rc == 0)
        rc = put_value(h, name_of(name, "out", k, h->posts, true));
    tl_buf_reset(&h->value);
    tl_buf_put_varint(&h->value, h->posts);
    return rc != 0 ? rc : put_value(h, TL_STR("posts"));
}

static struct tl_str
link_to(const struct hooks *h, char out[400], uint64_t id)
{
    struct tl_str base = h->conf->pages.n > 0 ? h->conf->pages : tl_str_of(h->pages);
    int n = base.n == 0 ? 0 : id == 0 ? snprintf(out, 400, "%.*s/alerts", (int)base.n, base.p) : snprintf(out, 400, "%.*s/alerts?pick=%016" PRIx64, (int)base.n, base.p, id);

    return n > 0 && n < 400 ? (struct tl_str){ out, (size_t)n } : (struct tl_str){0};
}

static void
next_id(struct hooks *h, const struct hook *k, char id[MESSAGE_ID_BYTES])
{
    snprintf(id, MESSAGE_ID_BYTES, "%.*s-%" PRIu64, (int)k->id.n, k->id.p, ++h->posts);
}

static int
emit_alert(struct hooks *h, const struct hook *k, const struct tl_alert *a, uint32_t count)
{
    char id[MESSAGE_ID_BYTES], link[400];

    next_id(h, k, id);
    tl_buf_reset(&h->body);
    message_alert(&h->body, k, a, count, id, link_to(h, link, a->id));
    return put_out(h, k, id);
}

/* ---- groups: the first of a rule and place at once, what follows within the window as one message at its end ---- */

static int
put_group(struct hooks *h, const struct group *g)
{
    tl_buf_reset(&h->value);
    tl_buf_put_zigzag(&h->value, h->steady_ms - (h->mono_us - g->begin_us) / 1000);
    tl_buf_put_varint(&h->value, g->held);
    tl_buf_put_le64(&h->value, g->latest);
    return put_value(h, tl_str_of(g->name));
}

static bool
is_over(const struct hooks *h, const struct group *g)
{
    return h->mono_us - g->begin_us >= h->group_ms * 1000;
}

static struct group *
find_group(struct hooks *h, const char *name)
{
    for (uint32_t i = 0; i < h->group_n; i++)
        if (strcmp(h->group[i].name, name) == 0)
            return &h->group[i];
    if (h->group_n == h->group_cap) {
        uint32_t cap = h->group_cap * 2 + 64;
        struct group *more = tl_realloc(h->group, cap * sizeof *more);
        if (more == NULL)
            return NULL;
        h->group = more;
        h->group_cap = cap;
    }
    struct group *g = &h->group[h->group_n++];
    *g = (struct group){ .begin_us = h->mono_us - h->group_ms * 1000 };      /* over: as if there had been none */
    snprintf(g->name, sizeof g->name, "%s", name);
    return g;
}

static uint64_t
group_key(const struct tl_alert *a)
{
    static const uint8_t everyone[TL_KEY_BYTES] = "touchline: groups";
    uint64_t rule = tl_hash64(everyone, a->rule.n ? a->rule.p : "", a->rule.n), place = tl_hash64(everyone, a->place.n ? a->place.p : "", a->place.n);
    return tl_mix64(rule + tl_mix64(place + a->kind));
}

static int
flush_group(struct hooks *h, const struct hook *k, struct group *g)
{
    struct tl_alert a;
    uint32_t held = g->held;
    int rc = held > 0 ? tl_alerts_get(h->t, g->latest, &a, h->err) : TL_ENOTFOUND;

    g->held = 0;
    if (rc == 0) {
        g->begin_us = h->mono_us;
        rc = emit_alert(h, k, &a, held);
        return rc != 0 ? rc : put_group(h, g);
    }
    if (rc != TL_ENOTFOUND)
        return rc;
    rc = tl_alerts_memo_put(h->t, tl_str_of(g->name), (struct tl_str){0}, h->err);
    *g = h->group[--h->group_n];
    return rc;
}

static int
flush_groups(struct hooks *h)
{
    int rc = 0;

    for (uint32_t i = h->group_n; rc == 0 && i-- > 0;) {
        const struct hook *k = hook_named(h, hook_in(tl_str_of(h->group[i].name)));
        if (k != NULL && is_over(h, &h->group[i]))
            rc = flush_group(h, k, &h->group[i]);
    }
    return rc;
}

static int
group_alert(struct hooks *h, const struct hook *k, const struct tl_alert *a)
{
    char name[NAME_BYTES];
    name_of(name, "group", k, group_key(a), true);
    struct group *g = find_group(h, name);

    if (g == NULL)
        return tl_fail(h->err, TL_ENOMEM, "out of memory for messages");
    if (!is_over(h, g) || g->held > 0) {
        g->held++;
        g->latest = a->id;
        return put_group(h, g);
    }
    g->begin_us = h->mono_us;
    int rc = emit_alert(h, k, a, 1);
    return rc != 0 ? rc : put_group(h, g);
}

/* ---- new alerts ---- */

struct taking { struct hooks *h; uint64_t last; bool more; };

static int
take_id(void *arg, const struct tl_alert *a)
{
    struct taking *t = arg;

    if (t->h->fresh_n == TAKE_MAX) {
        t->more = true;
        return 1;
    }
    t->h->fresh[t->h->fresh_n++] = a->id;
    t->last = a->number;
    return 0;
}

static int
deal_with(struct hooks *h, const struct hook *k, uint64_t id, bool new_hook)
{
    struct tl_alert a;
    int rc = tl_alerts_get(h->t, id, &a, h->err);

    if (rc != 0)
        return rc == TL_ENOTFOUND ? 0 : rc;
    bool late = a.raised_ms < h->now_ms - (new_hook ? NEW_HOOK_MS : HOOK_AGE_MAX_MS);
    return late || !hook_wants(k, &a) ? 0 : group_alert(h, k, &a);
}

static int
take_alerts(struct hooks *h, const struct hook *k, bool *more)
{
    char name[NAME_BYTES];
    struct tl_str v, memo = name_of(name, "hook", k, 0, false);
    struct taking t = { .h = h };
    bool known = tl_alerts_memo_get(h->t, memo, &v) == 0;

    if (known) {
        struct tl_cur c = tl_cur_of(v.p, v.n);
        t.last = tl_cur_varint(&c);
    }
    if (known && t.last >= tl_alerts_last_number(h->t))
        return 0;
    h->fresh_n = 0;
    int rc = tl_alerts_raised(h->t, t.last, take_id, &t, h->err);
    for (uint32_t i = 0; rc == 0 && i < h->fresh_n; i++)
        rc = deal_with(h, k, h->fresh[i], !known);
    tl_buf_reset(&h->value);
    tl_buf_put_varint(&h->value, t.more ? t.last : tl_alerts_last_number(h->t));
    *more = *more || t.more;
    return rc != 0 ? rc : put_value(h, memo);
}

/* ---- the daily digest ---- */

struct counting { const struct hooks *h; const struct hook *k; struct digest d; };

static int
count_alert(void *arg, const struct tl_alert *a)
{
    struct counting *c = arg;
    const int64_t age_ms = c->h->now_ms - a->raised_ms;

    if (!hook_wants(c->k, a))
        return 0;
    if (age_ms >= 0 && age_ms < TL_DAY_MS)
        c->d.raised[a->kind]++;
    c->d.open += a->state == TL_ALERT_OPEN;
    c->d.acknowledged += a->state == TL_ALERT_ACKNOWLEDGED;
    if (a->state == TL_ALERT_OPEN && (c->d.oldest_open_ms == TL_TIME_NONE || a->raised_ms < c->d.oldest_open_ms))
        c->d.oldest_open_ms = a->raised_ms;
    return 0;
}

static int
emit_digest(struct hooks *h, const struct hook *k, int32_t day)
{
    struct counting c = { h, k, { .oldest_open_ms = TL_TIME_NONE } };
    char id[MESSAGE_ID_BYTES], link[400], text[16];
    int rc = tl_alerts_newest(h->t, count_alert, &c, h->err);

    if (rc != 0)
        return rc;
    next_id(h, k, id);
    tl_buf_reset(&h->body);
    message_digest(&h->body, k, &c.d, tl_day_format(day, text), h->now_ms, id, link_to(h, link, 0));
    return put_out(h, k, id);
}

static int
digest_if_due(struct hooks *h, const struct hook *k)
{
    char name[NAME_BYTES];
    struct tl_str v, memo = name_of(name, "digest", k, 0, false);
    int32_t day = tl_zone_day(h->zone, h->now_ms);
    bool reached = h->now_ms - tl_zone_day_start_ms(h->zone, day) >= INT64_C(3600000) * h->digest_hour;
    bool known = tl_alerts_memo_get(h->t, memo, &v) == 0;
    int64_t last = reached ? day : day - 1;          /* a new receiver: the next one is its first */
    int rc = 0;

    if (known) {
        struct tl_cur c = tl_cur_of(v.p, v.n);
        last = tl_cur_zigzag(&c);
    }
    bool ahead = last > day + 1;                     /* told by a clock that was ahead: today counts as told */
    if (ahead)
        last = day;
    bool due = reached && last < day;
    if (due)
        rc = emit_digest(h, k, day);
    if (rc != 0 || (known && !due && !ahead))
        return rc;
    tl_buf_reset(&h->value);
    tl_buf_put_zigzag(&h->value, due ? day : last);
    return put_value(h, memo);
}

/* ---- sending ---- */

struct post { int64_t made_ms; char name[NAME_BYTES], id[MESSAGE_ID_BYTES]; struct tl_buf *body; bool found; };

static int
take_post(void *arg, struct tl_str name, struct tl_str v)
{
    struct post *p = arg;
    struct tl_cur c = tl_cur_of(v.p, v.n);

    first_name(p->name, name, v);
    p->made_ms = tl_cur_zigzag(&c);
    struct tl_str id = tl_cur_text(&c), body = tl_cur_text(&c);
    snprintf(p->id, sizeof p->id, "%.*s", (int)(id.n < sizeof p->id ? id.n : 0), id.n ? id.p : "");
    tl_buf_reset(p->body);
    tl_buf_put(p->body, body.p, body.n);
    p->found = true;
    return 1;
}

static int
remove_post(struct hooks *h, const struct hook *k, const char *name)
{
    int rc = tl_alerts_begin(h->store, true, &h->t, h->err);

    if (rc == 0)
        rc = tl_alerts_memo_put(h->t, tl_str_of(name), (struct tl_str){0}, h->err);
    if (rc == 0)
        rc = tl_alerts_commit(&h->t, h->err);
    else
        tl_alerts_abort(&h->t);
    struct line *l = &h->line[k - h->conf->hook];
    l->waiting -= rc == 0 && l->waiting > 0;
    return rc;
}

static void
wait_longer(struct line *l, int64_t mono_us, int retry_after_s)
{
    int64_t wait_us = WAIT_FIRST_US << (l->tries < 12 ? l->tries : 12), asked_us = (int64_t)retry_after_s * 1000000;

    l->tries++;
    wait_us = asked_us > wait_us ? asked_us : wait_us;
    l->next_us = mono_us + (wait_us < WAIT_MOST_US ? wait_us : WAIT_MOST_US);
}

static int
send_post(struct hooks *h, const struct hook *k, const struct post *p, const struct hooks_port *port)
{
    struct line *l = &h->line[k - h->conf->hook];
    struct tl_buf reply = {0};
    struct tl_err err = {0};
    char why[80] = "";
    int status = 0, retry_after_s = -1;

    message_request(&h->request, k, (struct tl_str){ (char *)h->body.data, h->body.len }, p->id, h->now_ms);
    bool whole = !h->request.url.failed && !h->request.body.failed && !h->request.headers.failed;
    int rc = whole ? port->post(port->self, (const char *)h->request.url.data, h->request.header, (struct tl_str){ (char *)h->request.body.data, h->request.body.len }, &status,
                                &retry_after_s, &reply, &err)
                   : tl_fail(&err, TL_ENOMEM, "out of memory");
    bool taken = rc == 0 && message_taken(k, status, (struct tl_str){ (char *)reply.data, reply.len }, why);
    tl_buf_free(&reply);
    if (taken) {
        tl_count_add(A_HOOKS_SENT, 1);
        l->tries = 0;
        l->next_us = h->mono_us + (k->template == HOOK_JSON ? 0 : CHAT_GAP_US);
        return remove_post(h, k, p->name);
    }
    tl_count_add(A_HOOKS_FAILED, 1);
    wait_longer(l, h->mono_us, retry_after_s);
    tl_log(TL_WARN, "webhook_failed", "receiver=%.*s id=%s tries=%d text=\"%s\"", (int)k->id.n, k->id.p, p->id, l->tries, rc != 0 ? err.text : why);
    return 0;
}

static int
send_next(struct hooks *h, const struct hook *k, const struct hooks_port *port)
{
    char prefix[NAME_BYTES];
    struct post p = { .body = &h->body };
    struct tl_str all = name_of(prefix, "out", k, 0, false);

    prefix[all.n] = '/';
    int rc = tl_alerts_begin(h->store, false, &h->t, h->err);
    if (rc == 0)
        rc = tl_alerts_memo_each(h->t, (struct tl_str){ prefix, all.n + 1 }, take_post, &p, h->err);
    tl_alerts_abort(&h->t);
    if (rc != 0 || !p.found)
        return rc;
    if (h->steady_ms - p.made_ms > HOOK_AGE_MAX_MS) {
        tl_count_add(A_HOOKS_DROPPED, 1);
        return remove_post(h, k, p.name);
    }
    return send_post(h, k, &p, port);
}

/* ---- the step ---- */

static int
gather(struct hooks *h, bool *more)
{
    int rc = tl_alerts_begin(h->store, true, &h->t, h->err);

    if (rc == 0)
        rc = read_settings(h);
    if (rc == 0 && h->conf != NULL)
        rc = flush_groups(h);
    for (uint32_t i = 0; rc == 0 && h->conf != NULL && i < h->conf->hook_n; i++) {
        rc = take_alerts(h, &h->conf->hook[i], more);
        if (rc == 0 && h->conf->hook[i].digest && h->digest_hour >= 0)
            rc = digest_if_due(h, &h->conf->hook[i]);
    }
    if (rc == 0)
        return tl_alerts_commit(&h->t, h->err);
    tl_alerts_abort(&h->t);
    h->read = false;                                 /* windows and counts are read again: what was written of them is not */
    return rc;
}

int
hooks_step(struct hooks *h, const struct hooks_port *port, int64_t now_ms, int64_t mono_us, struct tl_err *err)
{
    bool more = false;
    uint32_t waiting = 0;

    if (!h->started)
        h->steady_from_ms = now_ms - mono_us / 1000;
    h->started = true;
    h->now_ms = now_ms;
    h->mono_us = mono_us;
    h->steady_ms = h->steady_from_ms + mono_us / 1000;
    h->err = err;
    if (h->conf != NULL && h->conf->hook_n > 0)
        port->pages(port->self, h->pages);
    int rc = gather(h, &more);
    int64_t next_us = mono_us + (more ? 0 : STEP_MS * 1000);
    for (uint32_t i = 0; rc == 0 && h->conf != NULL && i < h->conf->hook_n; i++) {
        struct line *l = &h->line[i];
        if (l->waiting > 0 && l->next_us <= mono_us)
            rc = send_next(h, &h->conf->hook[i], port);
        waiting += l->waiting;
        if (l->waiting > 0 && l->next_us < next_us)
            next_us = l->next_us;
    }
    tl_count_set(A_HOOKS_WAITING, waiting);
    return rc != 0 ? rc : next_us > mono_us ? (int)((next_us - mono_us + 999) / 1000) : 0;
}
