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
#include <stdio.h>

#include "hooks_in.h"
#include "tl_count.h"
#include "tl_keys.h"
#include "tl_logfmt.h"

#define STEP_MS 1000

int
hooks_new(struct hooks **out, struct tl_alerts *store, const struct hooks_cfg *cfg, struct tl_err *err)
{
    struct hooks *h = tl_alloc(sizeof *h);
    int rc = h != NULL && (h->fresh = tl_alloc(HOOK_TAKE_MAX * sizeof *h->fresh)) != NULL ? tl_zone_open(&h->zone, cfg->zone, err) : tl_fail(err, TL_ENOMEM, "out of memory");

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

struct tl_str
hooks_name(char out[NAME_BYTES], const char *what, const struct hook *k, uint64_t number, bool numbered)
{
    int n = numbered ? snprintf(out, NAME_BYTES, "%s/%.*s/%016" PRIx64, what, (int)k->id.n, k->id.p, number) : snprintf(out, NAME_BYTES, "%s/%.*s", what, (int)k->id.n, k->id.p);
    return (struct tl_str){ out, (size_t)n };
}

static struct tl_str
value(const struct hooks *h)
{
    return (struct tl_str){ (char *)h->value.data, h->value.len };
}

int
hooks_put(struct hooks *h, struct tl_str name)
{
    return h->value.failed ? tl_fail(h->err, TL_ENOMEM, "out of memory for messages") : tl_alerts_memo_put(h->t, name, value(h), h->err);
}

/* ---- settings ---- */

const struct hook *
hooks_named(const struct hooks *h, struct tl_str id)
{
    for (uint32_t i = 0; i < h->conf->hook_n; i++)
        if (tl_str_eq(h->conf->hook[i].id, id))
            return &h->conf->hook[i];
    return NULL;
}

/* "out/HOOK/..." -> HOOK */
struct tl_str
hooks_in(struct tl_str name)
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
    const struct hook *k = hooks_named(h, hooks_in(name));

    if (k == NULL && name.n < NAME_BYTES && s->dead_n < 64)
        snprintf(s->dead[s->dead_n++], NAME_BYTES, "%.*s", (int)name.n, name.p);
    if (k != NULL && memcmp(name.p, "out/", 4) == 0)
        h->line[k - h->conf->hook].waiting++;
    if (k == NULL || memcmp(name.p, "group/", 6) != 0 || name.n >= NAME_BYTES)
        return s->dead_n == 64;
    struct tl_cur c = tl_cur_of(v.p, v.n);
    struct group *g = hooks_new_group(h);
    if (g == NULL)
        return TL_ENOMEM;
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

/* ---- the step ---- */

static int
gather(struct hooks *h, bool *more)
{
    int rc = tl_alerts_begin(h->store, true, &h->t, h->err);

    if (rc == 0)
        rc = read_settings(h);
    if (rc == 0 && h->conf != NULL)
        rc = hooks_flush(h);
    for (uint32_t i = 0; rc == 0 && h->conf != NULL && i < h->conf->hook_n; i++) {
        rc = hooks_take(h, &h->conf->hook[i], more);
        if (rc == 0 && h->conf->hook[i].digest && h->digest_hour >= 0)
            rc = hooks_digest(h, &h->conf->hook[i]);
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
            rc = hooks_send(h, &h->conf->hook[i], port);
        waiting += l->waiting;
        if (l->waiting > 0 && l->next_us < next_us)
            next_us = l->next_us;
    }
    tl_count_set(A_HOOKS_WAITING, waiting);
    return rc != 0 ? rc : next_us > mono_us ? (int)((next_us - mono_us + 999) / 1000) : 0;
}
