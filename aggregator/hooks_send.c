/* hooks_send.c - one message to one receiver: the oldest that waits, again and again until it is taken or a day old. */
#include <stdio.h>

#include "hooks_in.h"
#include "tl_count.h"
#include "tl_logfmt.h"

#define CHAT_GAP_US INT64_C(3000000)    /* the robots take 20 messages a minute */
#define WAIT_FIRST_US INT64_C(1000000)
#define WAIT_MOST_US (INT64_C(15) * 60000000)

struct post { int64_t made_ms; char name[NAME_BYTES], id[MESSAGE_ID_BYTES]; struct tl_buf *body; bool found; };

static int
take_post(void *arg, struct tl_str name, struct tl_str v)
{
    struct post *p = arg;
    struct tl_cur c = tl_cur_of(v.p, v.n);

    hooks_first(p->name, name, v);
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

int
hooks_send(struct hooks *h, const struct hook *k, const struct hooks_port *port)
{
    char prefix[NAME_BYTES];
    struct post p = { .body = &h->body };
    struct tl_str all = hooks_name(prefix, "out", k, 0, false);

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
