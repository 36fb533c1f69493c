/* send.c - see send.h. A fixed number of bodies go round: one is filled, full ones wait in a ring, each connection's thread takes the oldest. */
#include "send.h"

#include <pthread.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>
#include "tl_fetch.h"
#include "tl_json.h"
#include "tl_port.h"
#include "tl_run.h"

#define BODIES (SENDER_CONNECTIONS_MAX + 4)
#define TIMEOUT_MS 30000
#define ANSWER_BYTES_MAX (4 * 1024 * 1024)
#define FIRST_PATIENCE_S 5           /* for one that never answered: the address is likely wrong */
#define WAIT_FIRST_MS 20
#define WAIT_MOST_MS 1000

struct body {
    struct tl_buf json;
    uint64_t *line;                      /* SENDER_BODY_EVENTS */
    uint32_t n;
};

struct sender {
    struct sender_cfg cfg;
    char url[80];
    char authorization[200], token[100];
    pthread_mutex_t lock, find_lock;
    pthread_cond_t changed;
    pthread_t thread[SENDER_CONNECTIONS_MAX];
    int threads_n, bodies_n;
    struct body body[BODIES];
    int ring[BODIES], ring_begin, ring_n;        /* full, waiting */
    int free_list[BODIES], free_n;
    int filling;                                 /* -1: none */
    int sending_n;
    bool closing;
    struct tl_err failure;                       /* code 0: none */
    struct sender_counts counts;
    int64_t answered_us;                         /* monotonic time of the last answer */
};

/* ---- one body's way ---- */
static void
read_quarantined(struct sender *s, const struct body *b, const struct tl_jv *list)
{
    for (const struct tl_jv *q = list->child; q != NULL; q = q->next) {
        int64_t i = tl_jv_int(q, "index", -1);
        if (s->cfg.refused != NULL && i >= 0 && i < b->n)
            s->cfg.refused(s->cfg.arg, b->line[i], tl_jv_text(q, "id"), tl_jv_text(q, "reason"), tl_jv_text(q, "field"));
    }
}

static int
take_answer(struct sender *s, const struct body *b, struct tl_str text, struct tl_err *err)
{
    struct tl_arena *a = tl_arena_new(ANSWER_BYTES_MAX);
    struct tl_jv *root = NULL;
    int rc = a == NULL ? tl_fail(err, TL_ENOMEM, "out of memory") : tl_json_tree(a, text, 0, &root, NULL, err);
    if (rc == 0) {
        const struct tl_jv *list = tl_jv_get(root, "quarantined");
        pthread_mutex_lock(&s->lock);
        s->counts.events += b->n;
        s->counts.bodies++;
        s->counts.bytes += b->json.len;
        s->counts.accepted += (uint64_t)tl_jv_int(root, "accepted", 0);
        s->counts.quarantined += list != NULL ? list->children_n : 0;
        if (list != NULL)
            read_quarantined(s, b, list);
        pthread_mutex_unlock(&s->lock);
    }
    tl_arena_free(&a);
    return rc;
}

static bool
has_failed(struct sender *s)
{
    pthread_mutex_lock(&s->lock);
    bool failed = s->failure.code != 0;
    pthread_mutex_unlock(&s->lock);
    return failed;
}

/* sleep in short naps, so that Ctrl-C and another thread's failure end it. 0, or TL_EINTR */
static int
nap(struct sender *s, int ms, struct tl_err *err)
{
    for (; ms > 0; ms -= 50) {
        if (tl_run_stopping())
            return tl_fail(err, TL_EINTR, "stopped before everything was sent; run the same command again, what is there already is not doubled");
        if (has_failed(s))
            return TL_EINTR;
        usleep((useconds_t)(ms < 50 ? ms : 50) * 1000);
    }
    return 0;
}

static int64_t
now_us(void)
{
    return tl_clock_real()->mono_us(tl_clock_real());
}

/* finding may take its time, when programs have to be started: that is no silence */
static void
look_again(struct sender *s, char url[80])
{
    pthread_mutex_lock(&s->find_lock);
    int64_t began_us = now_us();
    s->cfg.find(s->cfg.arg, url);
    pthread_mutex_lock(&s->lock);
    memcpy(s->url, url, sizeof s->url);
    s->answered_us += now_us() - began_us;
    pthread_mutex_unlock(&s->lock);
    pthread_mutex_unlock(&s->find_lock);
}

static int
patience_left(struct sender *s, int status, struct tl_err *err)
{
    char url[80];
    pthread_mutex_lock(&s->lock);
    int64_t silent_s = (now_us() - s->answered_us) / 1000000;
    int patience_s = status == 0 && s->counts.bodies == 0 && s->cfg.patience_s > FIRST_PATIENCE_S ? FIRST_PATIENCE_S : s->cfg.patience_s;
    memcpy(url, s->url, sizeof url);
    pthread_mutex_unlock(&s->lock);
    if (s->cfg.find != NULL)
        look_again(s, url);
    if (silent_s < patience_s)
        return 0;
    if (status != 0)
        return tl_fail(err, TL_EBUSY, "the collector at %s has answered %d (busy) for %d s; look at its /healthz", url, status, s->cfg.patience_s);
    return tl_fail(err, TL_ENET, "no collector answers at %s for %d s; is it running? (`touchline up`)", url, patience_s);
}

static void
post_url(struct sender *s, char url[128])
{
    pthread_mutex_lock(&s->lock);
    snprintf(url, 128, "%s/v1/events", s->url);
    pthread_mutex_unlock(&s->lock);
}

static int
send_body(struct sender *s, struct tl_fetch *f, const struct body *b, struct tl_buf *answer, struct tl_err *err)
{
    const char *headers[] = { s->authorization, "Content-Type: application/x-ndjson", s->token[0] ? s->token : NULL, NULL };
    int wait_ms = WAIT_FIRST_MS;
    for (;;) {
        char url[128];
        int status = 0, retry_after_s = -1;
        struct tl_err why;
        post_url(s, url);
        tl_buf_reset(answer);
        int rc = tl_fetch_do(f, "POST", url, headers, (struct tl_str){ (const char *)b->json.data, b->json.len }, &status, &retry_after_s, answer, &why);
        if (rc == 0 && status / 100 == 2) {
            pthread_mutex_lock(&s->lock);
            s->answered_us = now_us();
            pthread_mutex_unlock(&s->lock);
            return take_answer(s, b, (struct tl_str){ (const char *)answer->data, answer->len }, err);
        }
        if (rc == 0 && status != 429 && status / 100 != 5)
            return tl_fail(err, TL_EINVAL, "the collector at %s refuses the events (HTTP %d): %.*s", s->url, status,
                           (int)(answer->len < 120 ? answer->len : 120), (const char *)answer->data);
        if ((rc = patience_left(s, rc == 0 ? status : 0, err)) != 0)
            return rc;
        if ((rc = nap(s, retry_after_s > 0 ? retry_after_s * 1000 : wait_ms, err)) != 0)
            return rc;
        wait_ms = wait_ms * 2 < WAIT_MOST_MS ? wait_ms * 2 : WAIT_MOST_MS;
        pthread_mutex_lock(&s->lock);
        s->counts.resent++;
        pthread_mutex_unlock(&s->lock);
    }
}

/* ---- threads ---- */
/* -1: nothing more will come */
static int
take_full(struct sender *s)
{
    int i = -1;
    pthread_mutex_lock(&s->lock);
    while (s->ring_n == 0 && !s->closing)
        pthread_cond_wait(&s->changed, &s->lock);
    if (s->ring_n > 0) {
        i = s->ring[s->ring_begin];
        s->ring_begin = (s->ring_begin + 1) % BODIES;
        s->ring_n--;
        s->sending_n++;
    }
    pthread_mutex_unlock(&s->lock);
    return i;
}

static void
give_back(struct sender *s, int i, const struct tl_err *failure)
{
    pthread_mutex_lock(&s->lock);
    if (failure->code != 0 && s->failure.code == 0)
        s->failure = *failure;
    tl_buf_reset(&s->body[i].json);
    s->body[i].n = 0;
    s->free_list[s->free_n++] = i;
    s->sending_n--;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
}

static void *
connection(void *arg)
{
    struct sender *s = arg;
    struct tl_fetch *f = tl_fetch_new(TIMEOUT_MS);
    struct tl_buf answer = {0};
    int i;
    while ((i = take_full(s)) >= 0) {
        struct tl_err err = {0};
        if (f == NULL)
            tl_fail(&err, TL_ENOMEM, "out of memory for a connection");
        else if (!has_failed(s))
            send_body(s, f, &s->body[i], &answer, &err);
        give_back(s, i, &err);
    }
    tl_buf_free(&answer);
    tl_fetch_free(&f);
    return NULL;
}

/* ---- the caller's side ---- */
static int
failed(struct sender *s, struct tl_err *err)
{
    if (s->failure.code != 0 && err != NULL)
        *err = s->failure;
    return s->failure.code;
}

static void
queue_filling(struct sender *s)
{
    if (s->filling < 0)
        return;
    s->ring[(s->ring_begin + s->ring_n++) % BODIES] = s->filling;
    s->filling = -1;
    pthread_cond_broadcast(&s->changed);
}

static int
begin_body(struct sender *s, struct tl_err *err)
{
    pthread_mutex_lock(&s->lock);
    queue_filling(s);
    while (s->free_n == 0 && s->failure.code == 0)
        pthread_cond_wait(&s->changed, &s->lock);
    int rc = failed(s, err);
    if (rc == 0)
        s->filling = s->free_list[--s->free_n];
    pthread_mutex_unlock(&s->lock);
    return rc;
}

int
sender_put(struct sender *s, struct tl_str json, uint64_t line, struct tl_err *err)
{
    struct body *b = s->filling >= 0 ? &s->body[s->filling] : NULL;
    if (b == NULL || b->n == SENDER_BODY_EVENTS || b->json.len + json.n + 1 > SENDER_BODY_BYTES) {
        int rc = tl_run_stopping() ? tl_fail(err, TL_EINTR, "stopped before everything was sent; run the same command again, what is there already is not doubled")
                                   : begin_body(s, err);
        if (rc != 0)
            return rc;
        b = &s->body[s->filling];
    }
    tl_buf_put(&b->json, json.p, json.n);
    tl_buf_put_u8(&b->json, '\n');
    if (b->json.failed) {               /* larger than the room of a body, and so alone in it */
        tl_buf_reset(&b->json);
        return tl_fail(err, TL_ENOMEM, "out of memory for an event of %zu bytes", json.n);
    }
    b->line[b->n++] = line;
    return 0;
}

int
sender_push(struct sender *s, struct tl_err *err)
{
    pthread_mutex_lock(&s->lock);
    if (s->filling >= 0 && s->body[s->filling].n > 0)
        queue_filling(s);
    int rc = failed(s, err);
    pthread_mutex_unlock(&s->lock);
    return rc;
}

int
sender_flush(struct sender *s, struct tl_err *err)
{
    pthread_mutex_lock(&s->lock);
    if (s->filling >= 0 && s->body[s->filling].n > 0)
        queue_filling(s);
    while ((s->ring_n > 0 || s->sending_n > 0) && s->failure.code == 0)
        pthread_cond_wait(&s->changed, &s->lock);
    int rc = failed(s, err);
    pthread_mutex_unlock(&s->lock);
    return rc;
}

void
sender_counts(struct sender *s, struct sender_counts *counts)
{
    pthread_mutex_lock(&s->lock);
    *counts = s->counts;
    pthread_mutex_unlock(&s->lock);
}

static int
make_bodies(struct sender *s, struct tl_err *err)
{
    s->bodies_n = s->cfg.connections * 2 + 2 < BODIES ? s->cfg.connections * 2 + 2 : BODIES;
    for (int i = 0; i < s->bodies_n; i++) {
        s->body[i].line = tl_alloc(SENDER_BODY_EVENTS * sizeof(uint64_t));
        if (s->body[i].line == NULL || !tl_buf_reserve(&s->body[i].json, SENDER_BODY_BYTES + 1))
            return tl_fail(err, TL_ENOMEM, "out of memory for bodies to send");
        s->free_list[s->free_n++] = i;
    }
    return 0;
}

static void
sender_free(struct sender *s)
{
    for (int i = 0; i < BODIES; i++) {
        tl_buf_free(&s->body[i].json);
        tl_free(s->body[i].line);
    }
    pthread_cond_destroy(&s->changed);
    pthread_mutex_destroy(&s->lock);
    pthread_mutex_destroy(&s->find_lock);
    tl_free(s);
}

int
sender_open(struct sender **out, const struct sender_cfg *cfg, struct tl_err *err)
{
    struct sender *s = tl_alloc(sizeof *s);
    *out = NULL;
    if (s == NULL)
        return tl_fail(err, TL_ENOMEM, "out of memory");
    s->cfg = *cfg;
    s->filling = -1;
    s->answered_us = now_us();
    if (s->cfg.connections < 1 || s->cfg.connections > SENDER_CONNECTIONS_MAX)
        s->cfg.connections = 2;
    if (s->cfg.patience_s <= 0)
        s->cfg.patience_s = 60;
    snprintf(s->url, sizeof s->url, "%s", cfg->url);
    if (s->url[0] != '\0' && s->url[strlen(s->url) - 1] == '/')
        s->url[strlen(s->url) - 1] = '\0';
    snprintf(s->authorization, sizeof s->authorization, "Authorization: Bearer %s", cfg->key);
    if (cfg->token != NULL && cfg->token[0] != '\0')
        snprintf(s->token, sizeof s->token, "X-Touchline-Token: %s", cfg->token);
    pthread_mutex_init(&s->lock, NULL);
    pthread_mutex_init(&s->find_lock, NULL);
    pthread_cond_init(&s->changed, NULL);
    int rc = make_bodies(s, err);
    for (int i = 0; i < s->cfg.connections && rc == 0; i++) {
        if (pthread_create(&s->thread[i], NULL, connection, s) != 0)
            rc = tl_fail(err, TL_ENOMEM, "cannot start a thread");
        else
            s->threads_n++;
    }
    *out = s;
    if (rc != 0)
        sender_close(out, NULL, NULL);
    return rc;
}

int
sender_close(struct sender **sp, struct sender_counts *counts, struct tl_err *err)
{
    struct sender *s = *sp;
    if (s == NULL)
        return 0;
    int rc = sender_flush(s, err);
    pthread_mutex_lock(&s->lock);
    s->closing = true;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
    for (int i = 0; i < s->threads_n; i++)
        pthread_join(s->thread[i], NULL);
    if (counts != NULL)
        *counts = s->counts;
    sender_free(s);
    *sp = NULL;
    return rc;
}
