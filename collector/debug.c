/* debug.c - see debug.h. */
#include "debug.h"

#include <pthread.h>

#include "answer.h"
#include "tl_json.h"

struct list {
    struct tl_buf items;                /* JSON objects, commas between */
    uint64_t count, dropped;
};

struct debug {
    pthread_mutex_t mu;
    struct list good, bad;
};

struct debug *
debug_new(void)
{
    struct debug *d = tl_alloc(sizeof *d);
    if (d) pthread_mutex_init(&d->mu, NULL);
    return d;
}

static void
empty(struct list *l)
{
    tl_buf_free(&l->items);
    *l = (struct list){ 0 };
}

void
debug_free(struct debug **dp)
{
    struct debug *d = *dp;
    *dp = NULL;
    if (!d) return;
    empty(&d->good);
    empty(&d->bad);
    pthread_mutex_destroy(&d->mu);
    tl_free(d);
}

static void
put_item(struct tl_buf *b, const char *path, struct tl_str origin, const struct tl_event *ev, const struct tl_refusal *why, struct tl_str slice)
{
    struct tl_jw w = tl_jw_to(b);
    tl_jw_open(&w, NULL);
    tl_jw_str(&w, "origin", origin);
    tl_jw_cstr(&w, "path", path);
    if (why) {
        tl_jw_cstr(&w, "reason", tl_reason_word(why->reason));
        tl_jw_cstr(&w, "field", why->field);
        tl_jw_cstr(&w, "id", why->id);
    } else {
        tl_jw_name(&w, TL_STR("event"));
        tl_event_json(&w, ev);
    }
    tl_jw_str(&w, "slice", slice);
    tl_jw_close(&w);
}

void
debug_take(struct debug *d, const char *path, struct tl_str origin, const struct tl_event *ev, const struct tl_refusal *why, struct tl_str slice)
{
    struct tl_buf b = { 0 };
    if (!d) return;
    put_item(&b, path, origin, ev, why, slice);
    pthread_mutex_lock(&d->mu);
    struct list *l = why ? &d->bad : &d->good;
    if (b.failed || l->count >= DEBUG_ITEMS_MAX || d->good.items.len + d->bad.items.len + b.len > DEBUG_BYTES_MAX) {
        l->dropped++;
    } else {
        if (l->count++) tl_buf_put_u8(&l->items, ',');
        tl_buf_put(&l->items, b.data, b.len);
    }
    pthread_mutex_unlock(&d->mu);
    tl_buf_free(&b);
}

static void
answer_list(struct tl_http_req *rq, const struct list *l)
{
    struct tl_buf b = { 0 };
    tl_buf_printf(&b, "{\"count\":%llu,\"dropped\":%llu,\"items\":[", (unsigned long long)l->count, (unsigned long long)l->dropped);
    tl_buf_put(&b, l->items.data, l->items.len);
    tl_buf_put_str(&b, "]}");
    answer_text(rq, 200, "application/json; charset=utf-8", &b);
    tl_buf_free(&b);
}

static void
answer_reset(struct debug *d, struct tl_http_req *rq)
{
    struct tl_err err;
    struct tl_buf b = { 0 };
    if (!tl_str_is(tl_http_method(rq), "POST")) {
        tl_fail(&err, TL_EMETHOD, "this address takes POST");
        answer_error(rq, &err);
        return;
    }
    empty(&d->good);
    empty(&d->bad);
    tl_buf_put_str(&b, "{\"reset\":true}");
    answer_text(rq, 200, "application/json; charset=utf-8", &b);
    tl_buf_free(&b);
}

bool
debug_answer(struct debug *d, struct tl_http_req *rq, struct tl_str path)
{
    bool good = tl_str_is(path, "/debug/good"), bad = tl_str_is(path, "/debug/bad"), reset = tl_str_is(path, "/debug/reset");
    if (!d || !(good || bad || reset)) return false;
    pthread_mutex_lock(&d->mu);
    if (reset) answer_reset(d, rq);
    else answer_list(rq, good ? &d->good : &d->bad);
    pthread_mutex_unlock(&d->mu);
    return true;
}
