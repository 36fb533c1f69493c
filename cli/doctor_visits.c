/* doctor_visits.c - see doctor_visits.h. The register is read from the journeys, files from DATA/evidence; the page is asked for where links point. */
#include "doctor_visits.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "tl_catalogue.h"
#include "tl_evidence.h"
#include "tl_fetch.h"
#include "tl_port.h"
#include "tl_run.h"
#include "tl_store.h"
#include "tl_time.h"
#include "tl_visit_link.h"

#define ARENA_BYTES (256u << 20)
#define TOLD_MAX 10                      /* of one kind; further ones are counted */
#define FETCH_MS 5000

struct examining {
    const char *data;
    const struct tl_conf *conf;
    bool quick;
    void (*tell)(void *arg, const char *mark, const char *text);
    void *arg;
    struct tl_arena *arena;
    struct tl_visit *visit; uint32_t n, cap;
    int64_t now_ms;
};

static void __attribute__((format(printf, 3, 4)))
say(struct examining *x, const char *mark, const char *fmt, ...)
{
    char text[600];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    x->tell(x->arg, mark, text);
}

/* ---- the register ---- */

static int
keep(void *arg, const struct tl_note *n)
{
    struct examining *x = arg;
    if (x->n == x->cap) {
        uint32_t cap = x->cap * 2 + 64;
        struct tl_visit *more = tl_arena_alloc(x->arena, cap * sizeof *more);
        if (more == NULL)
            return TL_ENOMEM;
        if (x->n > 0)
            memcpy(more, x->visit, x->n * sizeof *more);
        x->visit = more;
        x->cap = cap;
    }
    int rc = tl_visit_of_note(x->arena, n, &x->visit[x->n]);
    x->n += rc == 0;
    return rc == TL_ENOMEM ? rc : 0;
}

static int
read_register(struct examining *x)
{
    char path[PATH_MAX];
    struct tl_store *s = NULL;
    struct tl_store_txn *t = NULL;
    int rc = tl_store_open_read(&s, tl_run_path(path, x->data, "journeys"), NULL);
    if (rc == 0)
        rc = tl_store_begin(s, &t, NULL);
    if (rc == 0)
        rc = tl_store_notes(t, "visit", keep, x, NULL);
    tl_store_end(&t);
    tl_store_close(&s);
    return rc;
}

static int
by_from(const void *p, const void *q)
{
    const struct tl_visit *a = p, *b = q;
    return (a->from_ms > b->from_ms) - (a->from_ms < b->from_ms);
}

static void
examine_times(struct examining *x)
{
    uint32_t unbegun = 0, unended = 0, clashes = 0;
    qsort(x->visit, x->n, sizeof *x->visit, by_from);
    for (uint32_t i = 0; i < x->n; i++) {
        const struct tl_visit *v = &x->visit[i];
        unbegun += v->state == TL_VISIT_PLANNED && v->to_ms < x->now_ms;
        unended += v->state == TL_VISIT_STARTED && v->to_ms < x->now_ms;
        for (uint32_t k = i + 1; k < x->n && x->visit[k].from_ms <= v->to_ms; k++)
            if (tl_visit_at_once(v, &x->visit[k]) && clashes++ < TOLD_MAX)
                say(x, "warn", "visits %.*s and %.*s have one shopper at one time: events of both lie in both; give them other times, or other shoppers", (int)v->id.n, v->id.p,
                    (int)x->visit[k].id.n, x->visit[k].id.p);
    }
    say(x, "ok", "visits: %u", x->n);
    if (unbegun > 0)
        say(x, "warn", "%u visits were planned and never started, and their time is over; `touchline visits` lists them, `visits withdraw` takes one back", unbegun);
    if (unended > 0)
        say(x, "warn", "%u visits were started and never finished; what was sent is kept, `visits finish ID` ends one", unended);
    if (clashes > TOLD_MAX)
        say(x, "warn", "and %u more visits at one time with one shopper", clashes - TOLD_MAX);
}

static void
examine_scenarios(struct examining *x)
{
    char path[PATH_MAX];
    struct tl_catalogue *c = NULL;
    uint32_t told = 0;
    if (tl_catalogue_load(tl_run_path(path, x->data, "catalogue"), &c, NULL) != 0)
        return;
    for (uint32_t i = 0; i < x->n; i++) {
        const struct tl_visit *v = &x->visit[i];
        if (v->scenario.n > 0 && tl_catalogue_scenario(c, v->scenario) < 0 && told++ < TOLD_MAX)
            say(x, "warn", "visit %.*s names scenario \"%.*s\", which the files of catalogue/ do not have: it is kept, and has no score", (int)v->id.n, v->id.p, (int)v->scenario.n, v->scenario.p);
    }
    if (told > TOLD_MAX)
        say(x, "warn", "and %u more visits of scenarios that are gone", told - TOLD_MAX);
    tl_catalogue_free(&c);
}

/* ---- evidence ---- */

static void
examine_evidence(struct examining *x)
{
    uint64_t files = 0, bytes = 0, named = 0;
    uint32_t bad = 0;
    for (uint32_t i = 0; i < x->n && !x->quick; i++)
        for (uint32_t k = 0; k < x->visit[i].evidence_n; k++) {
            const struct tl_visit_evidence *e = &x->visit[i].evidence[k];
            enum tl_evidence_state s = tl_evidence_check(x->data, x->visit[i].id, e);
            named += s != TL_EVIDENCE_MISSING;
            if (s != TL_EVIDENCE_WHOLE && bad++ < TOLD_MAX)
                say(x, "BAD", "evidence of visit %.*s: %.*s %s", (int)x->visit[i].id.n, x->visit[i].id.p, (int)e->name.n, e->name.p,
                    s == TL_EVIDENCE_MISSING ? "is missing; restore it from a backup" : s == TL_EVIDENCE_CHANGED ? "was changed after the visit (its BLAKE2b is not the record's): it proves nothing; restore it from a backup" : "cannot be read");
        }
    if (bad > TOLD_MAX)
        say(x, "BAD", "and %u more files of evidence", bad - TOLD_MAX);
    if (tl_evidence_sum(x->data, &files, &bytes, NULL) != 0)
        say(x, "BAD", "evidence/ cannot be read");
    else if (files > 0 || named > 0)
        say(x, "ok", "evidence: %llu files, %llu of %lld MB%s", (unsigned long long)files, (unsigned long long)(bytes + (1 << 20) - 1) >> 20, (long long)x->conf->evidence_max_mb,
            x->quick ? " (not read: --quick)" : bad == 0 ? ", each as it was taken" : "");
    if (!x->quick && files > named)
        say(x, "warn", "%llu files of evidence are in no visit's record: their sending was cut off, or the visit was withdrawn or registered anew", (unsigned long long)(files - named));
}

/* ---- the shopper's page ---- */

static uint32_t
open_links(const struct examining *x)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < x->n; i++)
        n += x->visit[i].link_hash.n > 0 && x->visit[i].link_expires_ms > x->now_ms && x->visit[i].state < TL_VISIT_FINISHED;
    return n;
}

/* an unknown link is answered with a page that says so: whoever answers thus is ours */
static void
try_page(struct examining *x, const char *base, uint32_t links)
{
    char url[400];
    struct tl_buf body = {0};
    struct tl_err err = {0};
    int status = 0;
    struct tl_fetch *f = tl_fetch_new(FETCH_MS);
    size_t n = strlen(base);
    while (n > 0 && base[n - 1] == '/')
        n--;
    snprintf(url, sizeof url, "%.*s" TL_VISIT_LINK_PATH "doctor", (int)(n < 300 ? n : 300), base);
    int rc = f != NULL ? tl_fetch_do(f, "GET", url, NULL, (struct tl_str){0}, &status, NULL, &body, &err) : tl_fail(&err, TL_ENOMEM, "out of memory");
    bool ours = rc == 0 && (status == 429 || (status == 404 && memmem(body.data, body.len, "链接无效", strlen("链接无效")) != NULL));
    if (rc != 0)
        say(x, links > 0 ? "BAD" : "warn", "%u links for shoppers are open, and %s does not answer from here: %.200s", links, url, err.text);
    else if (!ours)
        say(x, links > 0 ? "BAD" : "warn", "%s is answered by something else (status %d): viewer.visit_url does not lead to viewer.visit_bind", url, status);
    else
        say(x, "ok", "shoppers' links are answered at %.*s (%u open)", (int)n, base, links);
    tl_fetch_free(&f);
    tl_buf_free(&body);
}

static void
examine_files(struct examining *x)
{
    struct stat st;
    const struct tl_conf *c = x->conf;
    if (c->viewer_tls_cert[0] == '\0')
        return;
    if (stat(c->viewer_tls_cert, &st) != 0 || stat(c->viewer_tls_key, &st) != 0)
        say(x, "BAD", "viewer.tls_cert or viewer.tls_key cannot be found: the viewer will not start");
    else if ((st.st_mode & 0077) != 0)
        say(x, "warn", "%s is open to other users of this machine: chmod 600 it", c->viewer_tls_key);
}

static void
examine_page(struct examining *x)
{
    const struct tl_conf *c = x->conf;
    struct tl_run_info viewer = {0};
    uint32_t links = open_links(x);
    bool runs = tl_run_find(x->data, "viewer", &viewer, NULL) == 0;
    examine_files(x);
    if (c->viewer_visit_url[0] == '\0' && c->viewer_visit_bind[0] == '\0' && viewer.visit[0] == '\0') {
        if (links > 0)
            say(x, "warn", "%u links for shoppers are open, and open on this machine alone: set viewer.visit_bind with viewer.tls_cert and viewer.tls_key, or viewer.visit_url behind a proxy", links);
        return;
    }
    if (c->viewer_visit_url[0] == '\0' && tl_visit_link_nowhere(runs ? viewer.visit : c->viewer_visit_bind)) {
        say(x, "warn", "viewer.visit_bind = %s is every address of this machine, and none that a phone can be told: set viewer.visit_url (%u links are open)", c->viewer_visit_bind, links);
        return;
    }
    if (!runs) {
        if (links > 0)
            say(x, "warn", "%u links for shoppers are open, and no viewer is running to answer them", links);
        return;
    }
    try_page(x, c->viewer_visit_url[0] != '\0' ? c->viewer_visit_url : viewer.visit, links);
}

void
doctor_visits(const char *data, const struct tl_conf *conf, bool quick, void (*tell)(void *arg, const char *mark, const char *text), void *arg)
{
    struct examining x = { .data = data, .conf = conf, .quick = quick, .tell = tell, .arg = arg, .now_ms = tl_clock_real()->wall_ms(tl_clock_real()) };
    if ((x.arena = tl_arena_new(ARENA_BYTES)) == NULL)
        return;
    if (read_register(&x) == 0) {
        if (x.n > 0) {
            examine_times(&x);
            examine_scenarios(&x);
        }
        examine_evidence(&x);
        examine_page(&x);
    }
    tl_arena_free(&x.arena);
}
