/* replay_send.c - see replay_send.h. */
#include "replay_send.h"

#include <math.h>
#include <poll.h>
#include <stdlib.h>

#include "cli.h"
#include "replay_event.h"
#include "tl_json.h"
#include "tl_port.h"
#include "tl_run.h"

#define SPEED_MAX 1e6
#define WAIT_MS 200                      /* between looks at the terminal */

struct due { int64_t at_us; uint32_t recording, event; };
struct sending {
    const struct recording *list;
    const struct replay_pace *pace;
    struct sender *sender;
    struct replay_sent *out;
    struct replay_maker *maker;
    struct tl_buf json;
    struct due *due;
    size_t due_n;
    int64_t began_us;
};

int
replay_speed(const char *text, double *speed, struct tl_err *err)
{
    char *end = NULL;
    *speed = 0;
    if (strcmp(text, "max") == 0)
        return 0;
    *speed = strtod(text, &end);
    if (end != text && strcmp(end, "x") == 0 && *speed >= 0.01 && *speed <= SPEED_MAX)
        return 0;
    return tl_fail(err, TL_EINVAL, "--speed is 1x, 60x, any number from 0.01x to 1000000x, or max; not \"%.40s\"", text);
}

void
replay_sent_free(struct replay_sent *s)
{
    tl_free(s->shift_ms);
    *s = (struct replay_sent){0};
}

/* ---- the schedule ---- */

static int64_t
due_us(const struct recording *r, uint32_t i, double speed)
{
    return speed > 0 ? (int64_t)llround((double)(r->event[i].at_ms - r->event[0].at_ms) * 1000 / speed) : 0;
}

static int
by_due(const void *x, const void *y)
{
    const struct due *a = x, *b = y;
    if (a->at_us != b->at_us)
        return a->at_us < b->at_us ? -1 : 1;
    if (a->recording != b->recording)
        return a->recording < b->recording ? -1 : 1;
    return (a->event > b->event) - (a->event < b->event);
}

static int
plan(struct sending *g, uint32_t n, struct tl_err *err)
{
    int64_t now_ms = tl_clock_real()->wall_ms(tl_clock_real());
    size_t total = 0;
    for (uint32_t i = 0; i < n; i++)
        total += g->list[i].event_n;
    g->due = tl_alloc((total + 1) * sizeof *g->due);
    g->out->shift_ms = tl_alloc((n + 1) * sizeof *g->out->shift_ms);
    if (g->due == NULL || g->out->shift_ms == NULL)
        return tl_fail(err, TL_ENOMEM, "out of memory");
    for (uint32_t i = 0; i < n; i++) {
        const struct recording *r = &g->list[i];
        for (uint32_t e = 0; e < r->event_n; e++)
            g->due[g->due_n++] = (struct due){ due_us(r, e, g->pace->speed), i, e };
        if (g->pace->shift_now)
            g->out->shift_ms[i] = now_ms + due_us(r, r->event_n - 1, g->pace->speed) / 1000 - r->event[r->event_n - 1].at_ms;
    }
    if (g->due_n > 1)
        qsort(g->due, g->due_n, sizeof *g->due, by_due);
    return 0;
}

/* ---- walking along it ---- */

static int64_t
now_us(const struct sending *g)
{
    return tl_clock_real()->mono_us(tl_clock_real()) - g->began_us;
}

static void
tell(const struct sending *g, size_t done)
{
    if (g->pace->speed > 0)
        cli_progress("replay: %zu of %zu events, %.0f of %.0f s", done, g->due_n, (double)now_us(g) / 1e6, (double)g->due[g->due_n - 1].at_us / 1e6);
    else if (done % 1000 == 0)
        cli_progress("replay: %zu of %zu events", done, g->due_n);
}

/* wait_until - false: stopped by a signal */
static bool
wait_until(const struct sending *g, int64_t at_us, size_t done)
{
    struct pollfd stop = { .fd = tl_run_signals(), .events = POLLIN };
    for (int64_t left_us; !tl_run_stopping() && (left_us = at_us - now_us(g)) > 0;) {
        tell(g, done);
        struct timespec nap = { .tv_nsec = (long)(left_us < WAIT_MS * 1000 ? left_us : WAIT_MS * 1000) * 1000 };
        ppoll(&stop, 1, &nap, NULL);
    }
    return !tl_run_stopping();
}

static void
write_line(const struct sending *g, const struct due *d, int64_t sent_us)
{
    const struct recording *r = &g->list[d->recording];
    struct tl_buf b = {0};
    struct tl_jw w = tl_jw_to(&b);
    if (g->pace->schedule == NULL)
        return;
    tl_jw_open(&w, NULL);
    tl_jw_cstr(&w, "run", r->run);
    tl_jw_uint(&w, "step", d->event + 1);
    tl_jw_cstr(&w, "id", r->event[d->event].id);
    tl_jw_num(&w, "planned_ms", (double)d->at_us / 1000);
    tl_jw_num(&w, "sent_ms", (double)sent_us / 1000);
    tl_jw_num(&w, "late_ms", (double)(sent_us - d->at_us) / 1000);
    tl_jw_close(&w);
    fprintf(g->pace->schedule, "%.*s\n", (int)b.len, (const char *)b.data);
    tl_buf_free(&b);
}

static int
put(struct sending *g, size_t i, struct tl_err *err)
{
    const struct due *d = &g->due[i];
    tl_buf_reset(&g->json);
    int rc = replay_event(g->maker, &g->list[d->recording], d->event, g->out->shift_ms[d->recording], &g->json, err);
    return rc != 0 ? rc : sender_put(g->sender, (struct tl_str){ (const char *)g->json.data, g->json.len }, i, err);
}

/* what is due at one moment, in one body */
static int
put_moment(struct sending *g, size_t *i, struct tl_err *err)
{
    size_t first = *i;
    int rc = 0;
    for (; rc == 0 && *i < g->due_n && g->due[*i].at_us == g->due[first].at_us; (*i)++) {
        rc = put(g, *i, err);
        tell(g, *i);
    }
    if (rc == 0)
        rc = sender_push(g->sender, err);
    int64_t sent_us = now_us(g), late_us = sent_us - g->due[first].at_us;
    for (size_t k = first; rc == 0 && k < *i; k++)
        write_line(g, &g->due[k], sent_us);
    if (rc == 0 && g->pace->speed > 0) {
        g->out->late_most_us = late_us > g->out->late_most_us ? late_us : g->out->late_most_us;
        g->out->late_n += late_us > REPLAY_LATE_US ? *i - first : 0;
    }
    return rc;
}

int
replay_send(const struct recording *list, uint32_t n, const struct replay_pace *pace, struct sender *s, struct replay_sent *out, struct tl_err *err)
{
    struct sending g = { .list = list, .pace = pace, .sender = s, .out = out, .maker = replay_maker_new() };
    size_t i = 0;
    *out = (struct replay_sent){0};
    int rc = g.maker != NULL ? plan(&g, n, err) : tl_fail(err, TL_ENOMEM, "out of memory");
    g.began_us = tl_clock_real()->mono_us(tl_clock_real());
    while (rc == 0 && i < g.due_n && wait_until(&g, g.due[i].at_us, i))
        rc = put_moment(&g, &i, err);
    out->stopped = tl_run_stopping();
    out->events = i;
    if (rc == TL_EINTR && out->stopped)
        rc = 0;
    if (rc == 0 && !out->stopped)
        rc = sender_flush(s, err);
    cli_progress_end();
    replay_maker_free(&g.maker);
    tl_buf_free(&g.json);
    tl_free(g.due);
    return rc;
}
