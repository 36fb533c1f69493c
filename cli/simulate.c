/* simulate.c - `touchline simulate`: the demo, sent through a collector like anyone's events, and then live orders as they happen.
 *
 * Weeks end at --until, a Monday 00:00 in Shanghai; the days from there to now follow the same rules, so a map has no hole. Ids are the facts' own
 * names: sending the demo again adds nothing. Sends; decides nothing: the world is tea_world.c, its telling tea_events.c. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "send.h"
#include "session.h"
#include "simulate_told.h"
#include "simulate_visits.h"
#include "tea_events.h"
#include "shipped.h"
#include "tl_port.h"
#include "tl_run.h"
#include "tl_time.h"

#define DEMO_ZONE_MS (8 * INT64_C(3600000))     /* Asia/Shanghai has had no other offset since 1991 */
#define DEMO_KEY "demo"
#define LIVE_EVERY_MS 3000
#define LIVE_LEAD_MS 20000                      /* a live order is paid this long after its customer opened the menu */
#define VIP_OPENED_BEFORE_MS 570000             /* the unanswered complaint is 9:30 old at the start */

const char cli_simulate_help[] =
    "touchline simulate [--data DIR | --url URL] [--seed N] [--customers N] [--days N] [--until DATE] [--live] [--no-visits] [--out FILE]\n"
    "\n"
    "Sends the demo: Yunjian Tea, a fictional chain of 8 stores over 8 weeks, with break points, moments of truth and improvements planted in it.\n"
    "\n"
    "  --seed N        the world; 155 is the one that the documentation speaks of\n"
    "  --customers N   4000\n"
    "  --days N        56, ending at --until; the days from there to now are sent as well\n"
    "  --until DATE    a Monday, like 2026-03-02; the last one when not given\n"
    "  --live          then go on: an order every 3 seconds, as it happens, until Ctrl-C\n"
    "  --no-visits     without the 24 mystery visits; into a folder they are sent, and registered before, during and after they happened. No figure of customers changes\n"
    "  --out FILE      write the events as NDJSON instead of sending them; - is standard output\n"
    "\n"
    "The demo's catalogue is put into DATA/catalogue when that is empty. A second start on the same folder sends what has happened since the first.\n";

struct demo {
    struct tea_story story;
    struct sender *sender;
    FILE *out;
    struct tl_err err;
    uint64_t sent_n;
    struct told told;
    bool no_visits;
};

static int
send_event(void *arg, struct tl_str json)
{
    struct demo *d = arg;
    if (d->story.at_ms <= d->told.told_ms)      /* an earlier start sent it */
        return 0;
    d->sent_n++;
    if (d->sent_n % 1000 == 0)
        cli_progress("simulate: %" PRIu64 " events", d->sent_n);
    if (tl_run_stopping())
        return tl_fail(&d->err, TL_EINTR, "stopped; run it again to send the rest");
    if (d->sender)
        return sender_put(d->sender, json, d->sent_n, &d->err);
    if (fwrite(json.p, 1, json.n, d->out) != json.n || fputc('\n', d->out) == EOF)
        return tl_fail(&d->err, TL_EIO, "cannot write the events: %s", strerror(errno));
    return 0;
}

static int
tell_order(void *arg, const struct tea_order *o)
{
    return tea_tell_order(arg, o);
}

static int
tell_visitor(void *arg, const struct tea_visitor *v)
{
    return tea_tell_visitor(arg, v);
}

/* Monday 00:00 in Shanghai at or before now */
static int64_t
last_monday_ms(int64_t now_ms)
{
    int64_t day = (now_ms + DEMO_ZONE_MS) / TL_DAY_MS;
    return (day - (day + 3) % 7) * TL_DAY_MS - DEMO_ZONE_MS;
}

static int
until_of(const char *date, int64_t now_ms, int64_t *until_ms, struct tl_err *err)
{
    int32_t day;
    if (!date) {
        *until_ms = last_monday_ms(now_ms);
        return 0;
    }
    if (tl_day_parse(tl_str_of(date), &day) != 0 || (day + 3) % 7 != 0)
        return tl_fail(err, TL_EINVAL, "--until %s: write a Monday like 2026-03-02", date);
    *until_ms = (int64_t)day * TL_DAY_MS - DEMO_ZONE_MS;
    return *until_ms <= now_ms ? 0 : tl_fail(err, TL_EINVAL, "--until %s lies in the future", date);
}

/* ---- the catalogue ---- */

static bool
has_catalogue(const char *dir)
{
    bool found = false;
    struct stat st;
    char path[PATH_MAX + 32];
    for (const struct tl_embed *e = tl_embed_tea; e->name && !found; e++) {
        snprintf(path, sizeof path, "%s/%s", dir, e->name);
        found = stat(path, &st) == 0;
    }
    return found;
}

int
cli_simulate_catalogue(const char *data, struct tl_err *err)
{
    char dir[PATH_MAX];
    return has_catalogue(tl_run_path(dir, data, "catalogue")) ? 0 : shipped_write(data, tl_embed_tea, err);
}

/* ---- live: orders begin every 3 s; what they will say waits in a list until its time comes ---- */

struct coming {
    int64_t at_ms;
    char *json;
};
struct live {
    struct demo *demo;
    struct coming *event;       /* ascending by time */
    size_t n, cap;
};

static int
keep_for_later(void *arg, struct tl_str json)
{
    struct live *l = arg;
    if (l->n == l->cap) {
        size_t cap = l->cap ? 2 * l->cap : 256;
        struct coming *more = tl_realloc(l->event, cap * sizeof *more);
        if (!more)
            return tl_fail(&l->demo->err, TL_ENOMEM, "no memory for live events");
        l->event = more;
        l->cap = cap;
    }
    struct coming c = { l->demo->story.at_ms, tl_strdup(json) };
    if (!c.json)
        return tl_fail(&l->demo->err, TL_ENOMEM, "no memory for live events");
    size_t at = l->n++;
    for (; at > 0 && l->event[at - 1].at_ms > c.at_ms; at--)
        l->event[at] = l->event[at - 1];
    l->event[at] = c;
    return 0;
}

static int
send_due(struct live *l, int64_t now_ms)
{
    size_t due = 0;
    int rc = 0;
    while (rc == 0 && due < l->n && l->event[due].at_ms <= now_ms) {
        rc = send_event(l->demo, tl_str_of(l->event[due].json));
        tl_free(l->event[due++].json);
    }
    memmove(l->event, l->event + due, (l->n - due) * sizeof *l->event);
    l->n -= due;
    return rc == 0 && due > 0 ? sender_flush(l->demo->sender, &l->demo->err) : rc;
}

static int
tell_vip_complaint(struct demo *d, int64_t now_ms)
{
    char json[400], when[32];
    tl_time_format(now_ms - VIP_OPENED_BEFORE_MS, when);
    int n = snprintf(json, sizeof json,
                     "{\"id\":\"u90100-%" PRId64 ":complaint.opened\",\"type\":\"complaint.opened\",\"time\":\"%s\",\"channel\":\"phone\",\"ids\":{\"member\":\"u90100\"},"
                     "\"tier\":\"gold\",\"place\":\"S07\",\"case\":\"u90100-%" PRId64 "\",\"text\":\"等了很久没有人理我\"}", now_ms, when, now_ms);
    return send_event(d, (struct tl_str){ json, (size_t)n });
}

static int
run_live(struct demo *d)
{
    struct tl_clock *clock = tl_clock_real();
    struct live l = { .demo = d };
    struct tea_story *s = &d->story;
    struct pollfd stop = { .fd = tl_run_signals(), .events = POLLIN };
    int64_t next_ms = clock->wall_ms(clock);
    d->told.told_ms = INT64_MIN;            /* what happens now was never sent */
    int rc = tell_vip_complaint(d, next_ms);
    uint32_t first = (uint32_t)(next_ms / LIVE_EVERY_MS % 1000000), n = 0;
    s->emit = keep_for_later;
    s->arg = &l;
    s->until_ms = INT64_MAX;
    while (rc == 0 && !tl_run_stopping()) {
        int64_t now_ms = clock->wall_ms(clock);
        if (now_ms >= next_ms) {
            struct tea_order o = tea_live_order(s->seed, first + n++, now_ms + LIVE_LEAD_MS - s->day0_ms);
            rc = tea_tell_order(s, &o);
            next_ms = now_ms + LIVE_EVERY_MS;
        }
        if (rc == 0)
            rc = send_due(&l, now_ms);
        poll(&stop, 1, 250);
    }
    for (size_t i = 0; i < l.n; i++)
        tl_free(l.event[i].json);
    tl_free(l.event);
    return tl_run_stopping() ? 0 : rc;
}

/* ---- the command ---- */

static int
tell_weeks(struct demo *d, uint32_t customers, int days, bool progress)
{
    int rc = tea_orders(d->story.seed, customers, days, tell_order, &d->story);
    if (rc == 0)
        rc = tea_visitors(d->story.seed, days, tell_visitor, &d->story);
    if (rc == 0 && d->sender)
        rc = sender_flush(d->sender, &d->err);
    if (progress)
        cli_progress_end();
    return rc;
}

static int
simulate(struct demo *d, const char *data, const char *url, int64_t customers, int days, bool live)
{
    struct session *session = NULL;
    struct session_cfg cfg = { .command = "simulate", .data = data, .url = url, .needs = SESSION_NEED(SESSION_COLLECTOR) | SESSION_NEED(SESSION_AGGREGATOR), .make = true };
    char address[80], token[65];
    bool keeps = !d->out && !url;               /* the folder remembers */
    int rc = keeps ? cli_simulate_catalogue(session_data(data), &d->err) : 0;
    if (rc == 0 && keeps)
        rc = told_write(session_data(data), &d->told, &d->err);
    if (rc == 0 && !d->out)
        rc = session_open(&session, &cfg, &d->err);
    if (rc == 0 && !d->out)
        rc = sender_open(&d->sender, &(struct sender_cfg){ .url = session_url(session, SESSION_COLLECTOR, address), .key = DEMO_KEY,
                                                           .token = session_token(session, token) }, &d->err);
    struct visiting visits = { session, d->sender, &d->story, &d->told.told_ms, days, d->told.told_ms == INT64_MIN };
    bool visited = keeps && !d->no_visits && customers <= TEA_SHOPPER;
    if (rc == 0 && keeps)
        rc = simulate_improvements(&visits, &d->err);
    if (rc == 0 && visited)
        rc = simulate_before(&visits, &d->err);
    if (rc == 0)
        rc = tell_weeks(d, (uint32_t)customers, days, true);
    if (rc == 0 && visited)
        rc = simulate_visits(&visits, &d->err);
    if (rc == 0 && session && !url)
        rc = session_settle(session, &d->err);
    if (rc == 0 && keeps) {
        d->told.told_ms = d->story.until_ms;
        rc = told_write(session_data(data), &d->told, &d->err);
    }
    if (rc == 0 && !d->out)
        printf("simulate: %" PRIu64 " events sent\n", d->sent_n);
    fflush(stdout);
    if (rc == 0 && live && !d->out)
        rc = run_live(d);
    struct tl_err ignored;
    int closed = sender_close(&d->sender, NULL, rc ? &ignored : &d->err);
    session_close(&session);
    return rc ? rc : closed;
}

int
cli_simulate(int argc, char **argv)
{
    const char *data = NULL, *url = NULL, *until = NULL, *out = NULL;
    int64_t seed = 155, customers = 4000, days = 56, until_ms = 0, now_ms = tl_clock_real()->wall_ms(tl_clock_real());
    bool live = false, no_live = false;
    int n;
    struct demo d = { .sent_n = 0 };
    const struct cli_option options[] = {
        { "--data", CLI_TEXT, &data },       { "--url", CLI_TEXT, &url },   { "--until", CLI_TEXT, &until },   { "--out", CLI_TEXT, &out }, { "--seed", CLI_INT, &seed },
        { "--customers", CLI_INT, &customers }, { "--days", CLI_INT, &days }, { "--live", CLI_FLAG, &live }, { "--no-live", CLI_FLAG, &no_live }, { "--no-visits", CLI_FLAG, &d.no_visits }, { NULL, CLI_FLAG, NULL },
    };
    int rc = cli_parse(argc, argv, options, &n);
    if (rc != 0)
        return rc;
    if (n > 0 || seed < 0 || customers < 1 || customers > 1000000 || days < 1 || days > 3650)
        return cli_usage("simulate", "--seed 0 or more, --customers 1..1000000, --days 1..3650, and nothing else");
    if (until_of(until, now_ms, &until_ms, &d.err) != 0)
        return cli_fail("simulate", &d.err);
    d.told = (struct told){ seed, customers, days, until_ms, INT64_MIN };
    if (!out && !url && told_join(session_data(data), &d.told, !until, &d.err) != 0)
        return cli_fail("simulate", &d.err);
    until_ms = d.told.until_ms;
    tl_run_signals();
    if (out && !(d.out = strcmp(out, "-") == 0 ? stdout : fopen(out, "we")))
        return cli_usage("simulate", "cannot write %s: %s", out, strerror(errno));
    d.story = (struct tea_story){ .seed = (uint64_t)seed, .day0_ms = until_ms - days * TL_DAY_MS, .until_ms = now_ms, .emit = send_event, .arg = &d };
    int days_to_now = (int)days + (int)((now_ms - until_ms) / TL_DAY_MS) + 1;
    rc = simulate(&d, data, url, customers, until ? (int)days : days_to_now, live && !no_live);
    tl_buf_free(&d.story.json);
    if (d.out && d.out != stdout)
        fclose(d.out);
    return rc == 0 ? CLI_OK : cli_fail("simulate", &d.err);
}
