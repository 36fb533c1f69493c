/* hooks_group.c - messages, and the windows in which they are held back: the first alert of a kind, rule and place goes out at once, what follows within the window
 * as one message at its end. */
#include <inttypes.h>
#include <stdio.h>

#include "hooks_in.h"
#include "tl_count.h"
#include "tl_hash.h"

/* ---- messages ---- */

int
hooks_first(void *arg, struct tl_str name, struct tl_str v)
{
    (void)v;
    snprintf(arg, NAME_BYTES, "%.*s", (int)(name.n < NAME_BYTES ? name.n : NAME_BYTES - 1), name.p);
    return 1;
}

static int
drop_oldest(struct hooks *h, const struct hook *k)
{
    char prefix[NAME_BYTES], name[NAME_BYTES] = "";
    struct tl_str all = hooks_name(prefix, "out", k, 0, false);

    prefix[all.n] = '/';
    int rc = tl_alerts_memo_each(h->t, (struct tl_str){ prefix, all.n + 1 }, hooks_first, name, h->err);
    if (rc == 0 && name[0] != '\0')
        rc = tl_alerts_memo_put(h->t, tl_str_of(name), (struct tl_str){0}, h->err);
    tl_count_add(A_HOOKS_DROPPED, 1);
    return rc;
}

/* The body stands in h->body. */
int
hooks_queue(struct hooks *h, const struct hook *k, const char *id)
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
        rc = hooks_put(h, hooks_name(name, "out", k, h->posts, true));
    tl_buf_reset(&h->value);
    tl_buf_put_varint(&h->value, h->posts);
    return rc != 0 ? rc : hooks_put(h, TL_STR("posts"));
}

struct tl_str
hooks_link(const struct hooks *h, char out[400], uint64_t id)
{
    struct tl_str base = h->conf->pages.n > 0 ? h->conf->pages : tl_str_of(h->pages);
    int n = base.n == 0 ? 0 : id == 0 ? snprintf(out, 400, "%.*s/alerts", (int)base.n, base.p) : snprintf(out, 400, "%.*s/alerts?pick=%016" PRIx64, (int)base.n, base.p, id);

    return n > 0 && n < 400 ? (struct tl_str){ out, (size_t)n } : (struct tl_str){0};
}

void
hooks_next_id(struct hooks *h, const struct hook *k, char id[MESSAGE_ID_BYTES])
{
    snprintf(id, MESSAGE_ID_BYTES, "%.*s-%" PRIu64, (int)k->id.n, k->id.p, ++h->posts);
}

static int
emit_alert(struct hooks *h, const struct hook *k, const struct tl_alert *a, uint32_t count)
{
    char id[MESSAGE_ID_BYTES], link[400];

    hooks_next_id(h, k, id);
    tl_buf_reset(&h->body);
    message_alert(&h->body, k, a, count, id, hooks_link(h, link, a->id));
    return hooks_queue(h, k, id);
}

/* ---- windows ---- */

static int
put_group(struct hooks *h, const struct group *g)
{
    tl_buf_reset(&h->value);
    tl_buf_put_zigzag(&h->value, h->steady_ms - (h->mono_us - g->begin_us) / 1000);
    tl_buf_put_varint(&h->value, g->held);
    tl_buf_put_le64(&h->value, g->latest);
    return hooks_put(h, tl_str_of(g->name));
}

static bool
is_over(const struct hooks *h, const struct group *g)
{
    return h->mono_us - g->begin_us >= h->group_ms * 1000;
}

struct group *
hooks_new_group(struct hooks *h)
{
    if (h->group_n == h->group_cap) {
        uint32_t cap = h->group_cap * 2 + 64;
        struct group *more = tl_realloc(h->group, cap * sizeof *more);
        if (more == NULL)
            return NULL;
        h->group = more;
        h->group_cap = cap;
    }
    return &h->group[h->group_n++];
}

static struct group *
find_group(struct hooks *h, const char *name)
{
    for (uint32_t i = 0; i < h->group_n; i++)
        if (strcmp(h->group[i].name, name) == 0)
            return &h->group[i];
    struct group *g = hooks_new_group(h);
    if (g == NULL)
        return NULL;
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

int
hooks_flush(struct hooks *h)
{
    int rc = 0;

    for (uint32_t i = h->group_n; rc == 0 && i-- > 0;) {
        const struct hook *k = hooks_named(h, hooks_in(tl_str_of(h->group[i].name)));
        if (k != NULL && is_over(h, &h->group[i]))
            rc = flush_group(h, k, &h->group[i]);
    }
    return rc;
}

int
hooks_group(struct hooks *h, const struct hook *k, const struct tl_alert *a)
{
    char name[NAME_BYTES];
    hooks_name(name, "group", k, group_key(a), true);
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
