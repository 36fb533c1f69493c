/* kill_check - hold what senders were promised against what the log holds.
 *
 *   kill_check HISTORY DATA        prints JSON; exit 1 when something was lost or came twice
 *
 * lost: acknowledged, and not in the log. twice: in the log more often than it was sent, or (unless two collectors got it) two copies with one received_at:
 * a body sent again gets a new received_at, a batch delivered again does not. invented: in the log, and never sent. unstitched: events of the log (once each) that
 * journeys/ does not hold. Copies beyond the first of bodies sent again are no fault
 * here; they are told as resent. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tl_eventlog.h"
#include "tl_hash.h"
#include "tl_run.h"
#include "tl_store.h"

#define SENDERS_MAX 16
#define NUMBERS_MAX 100000000

struct numbered {
    uint16_t sent, copies;
    bool acked, spread;                 /* spread: offered to two collectors */
    uint32_t received_ms[3];            /* of the first copies; the low bits tell them apart */
};
struct numbers {
    struct numbered *of;
    unsigned long n;
};

struct check {
    struct numbers by[SENDERS_MAX];
    uint64_t events, twice, invented, resent;
};

static struct numbered *
at(struct check *c, unsigned sender, unsigned long number)
{
    if (sender >= SENDERS_MAX || number >= NUMBERS_MAX)
        return NULL;
    struct numbers *s = &c->by[sender];
    if (number >= s->n) {
        unsigned long n = number + number / 2 + 1000;
        struct numbered *grown = realloc(s->of, n * sizeof *grown);
        if (!grown)
            return NULL;
        memset(grown + s->n, 0, (n - s->n) * sizeof *grown);
        *s = (struct numbers){ grown, n };
    }
    return &s->of[number];
}

static int
read_history(struct check *c, const char *path)
{
    char what[8];
    unsigned sender, n;
    unsigned long first;
    FILE *f = fopen(path, "r");
    if (!f)
        return -1;
    while (fscanf(f, "%7s %u %lu %u", what, &sender, &first, &n) == 4)
        for (unsigned i = 0; i < n; i++) {
            struct numbered *e = at(c, sender, first + i);
            if (!e)
                return -1;
            if (what[0] == 's' || strcmp(what, "also") == 0)
                e->sent++;
            else
                e->acked = true;
            e->spread |= strcmp(what, "also") == 0;
        }
    fclose(f);
    return 0;
}

static void
count_event(struct check *c, const struct tl_event *ev)
{
    char id[64];
    unsigned sender = SENDERS_MAX;
    unsigned long number = 0;
    snprintf(id, sizeof id, "%.*s", (int)ev->id_.n, ev->id_.p);
    c->events++;
    struct numbered *e = sscanf(id, "%u-%lu", &sender, &number) == 2 ? at(c, sender, number) : NULL;
    if (!e || e->sent == 0) {
        c->invented++;
        return;
    }
    for (int i = 0; i < e->copies && i < 3 && !e->spread; i++)
        c->twice += e->received_ms[i] == (uint32_t)ev->received_at_;
    if (e->copies < 3)
        e->received_ms[e->copies] = (uint32_t)ev->received_at_;
    c->resent += e->copies > 0;
    c->twice += ++e->copies > e->sent;
}

static int
count_batch(void *arg, const struct tl_logged *rec)
{
    struct tl_cur cur = tl_cur_of(rec->payload.p, rec->payload.n);
    struct tl_event ev;
    int kind = 0;
    uint32_t n = 0;
    int rc = rec->control ? 0 : tl_wire_open(&cur, &kind, &n);
    for (uint32_t i = 0; i < n && rc == 0; i++) {
        rc = tl_wire_next_event(&cur, &ev);
        if (rc == 0)
            count_event(arg, &ev);
    }
    return rc;
}

/* stitched - events that journeys/ holds, once it has reached the log's end; else 0 */
static uint64_t
stitched(const char *data, uint64_t end)
{
    char path[PATH_MAX];
    struct tl_store *s = NULL;
    struct tl_store_txn *t = NULL;
    struct tl_store_meta m = { 0 };
    int rc = tl_store_open_read(&s, tl_run_path(path, data, "journeys"), NULL);
    if (rc == 0)
        rc = tl_store_begin(s, &t, NULL);
    if (rc == 0)
        rc = tl_store_meta(t, &m, NULL);
    if (t)
        tl_store_end(&t);
    if (s)
        tl_store_close(&s);
    return rc == 0 && m.position == end ? m.events : 0;
}

int
main(int argc, char **argv)
{
    static struct check c;
    char path[PATH_MAX];
    struct tl_eventlog *l = NULL;
    struct tl_err err = { 0 };
    uint64_t acked = 0, lost = 0, numbers = 0;
    if (argc < 3 || read_history(&c, argv[1]) < 0) {
        fprintf(stderr, "usage: kill_check HISTORY DATA\n");
        return 2;
    }
    if (tl_eventlog_open(&l, tl_run_path(path, argv[2], "log"), true, &err) < 0 || tl_eventlog_read(l, 0, count_batch, &c, &err) < 0) {
        fprintf(stderr, "kill_check: %s\n", err.text);
        return 1;
    }
    for (unsigned s = 0; s < SENDERS_MAX; s++)
        for (unsigned long i = 0; i < c.by[s].n; i++) {
            const struct numbered *e = &c.by[s].of[i];
            acked += e->acked;
            lost += e->acked && e->copies == 0;
            numbers += e->copies > 0;
        }
    uint64_t kept = stitched(argv[2], tl_eventlog_end(l)), refused = tl_eventlog_refused_n(l);
    printf("{\"acked\":%llu,\"lost\":%llu,\"twice\":%llu,\"invented\":%llu,\"resent\":%llu,\"events\":%llu,\"distinct\":%llu,\"refused\":%llu,\"stitched\":%llu}\n",
           (unsigned long long)acked, (unsigned long long)lost, (unsigned long long)c.twice, (unsigned long long)c.invented, (unsigned long long)c.resent,
           (unsigned long long)c.events, (unsigned long long)numbers, (unsigned long long)refused, (unsigned long long)kept);
    bool good = acked > 0 && lost == 0 && c.twice == 0 && c.invented == 0 && refused == 0 && kept == numbers;
    tl_eventlog_close(&l);
    return good ? 0 : 1;
}
