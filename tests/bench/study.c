/* study.c - do the rules find what is there, and stay silent when nothing is? Planted data, a fixed seed, the same functions that the pages use.
 *
 * Each line: share of runs, the range it must lie in. Exit 1 when one does not. Families are judged as the findings judge them: all p-values of the family
 * through Benjamini and Hochberg, then the rules that hide rows. In (e) customers come several times, and each has his own inclination. */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../viewer/analysis/bh.h"
#include "../../viewer/analysis/cell.h"
#include "../../viewer/analysis/cluster.h"
#include "../../viewer/analysis/rate.h"
#include "../../viewer/analysis/strata.h"
#include "../../viewer/analysis/verdict.h"
#include "tl_hash.h"

enum { RUNS = 1000, STRATA = 3 };

static uint64_t seed = 20;

static double
chance(void)
{
    seed += UINT64_C(0x9E3779B97F4A7C15);
    return (double)(tl_mix64(seed) >> 11) / 9007199254740992.0;
}

static uint64_t
draw(uint64_t n, double p)
{
    uint64_t k = 0;
    for (uint64_t i = 0; i < n; i++) k += chance() < p;
    return k;
}

struct seen { bool planted, any; };             /* the first hypothesis of the family; any of them */

/* Cells of 2,000 journeys with 5 % tolerated; the first has the share given. */
static struct seen
cells_allowed(double planted)
{
    enum { M = 34 };
    struct seen seen = { 0 };
    struct share s[M];
    struct cell c[M];
    double p[M];
    for (int i = 0; i < M; i++) {
        s[i] = (struct share){ draw(2000, i ? 0.05 : planted), 2000, 1 };
        c[i] = cell_against_allowed(s[i], 0.05);
        p[i] = c[i].p;
    }
    if (bh_q(p, p, M) != 0) abort();
    for (int i = 0; i < M; i++)
        if (cell_shown(&c[i], s[i], p[i])) seen.any = true, seen.planted |= i == 0;
    return seen;
}

/* Cells of 2,000 journeys in each of two periods, 20 % in both; the first rises to the share given. */
static struct seen
cells_periods(double planted)
{
    enum { M = 20 };
    struct seen seen = { 0 };
    struct share s[M];
    struct cell c[M];
    double p[M];
    for (int i = 0; i < M; i++) {
        s[i] = (struct share){ draw(2000, i ? 0.2 : planted), 2000, 1 };
        c[i] = cell_against_before(s[i], (struct share){ draw(2000, 0.2), 2000, 1 });
        p[i] = c[i].p;
    }
    if (bh_q(p, p, M) != 0) abort();
    for (int i = 0; i < M; i++)
        if (cell_shown(&c[i], s[i], p[i])) seen.any = true, seen.planted |= i == 0;
    return seen;
}

/* Moments of 400 exposed and 1,600 others in three strata, 25 % bad among the others; exposure is more frequent where bad is. */
static struct seen
moments(double planted)
{
    enum { M = 20 };
    static const uint64_t exposed[STRATA] = { 80, 130, 190 }, others[STRATA] = { 550, 500, 550 };
    static const double base[STRATA] = { 0.15, 0.25, 0.35 };
    struct seen seen = { 0 };
    struct strata r[M];
    bool enough[M];
    double p[M];
    for (int i = 0; i < M; i++) {
        struct stratum t[STRATA];
        for (int s = 0; s < STRATA; s++) {
            uint64_t a = draw(exposed[s], base[s] + (i ? 0 : planted)), c = draw(others[s], base[s]);
            t[s] = (struct stratum){ a, exposed[s] - a, c, others[s] - c };
        }
        strata_judge(t, STRATA, 1, &r[i]);
        enough[i] = strata_gate(t, STRATA).missing == STRATA_ENOUGH;
        p[i] = r[i].cmh.p;
    }
    if (bh_q(p, p, M) != 0) abort();
    for (int i = 0; i < M; i++)
        if (enough[i] && p[i] <= CELL_Q_MAX && verdict_of(&r[i].rd, 2000, 100).word == VERDICT_SUPPORTED) seen.any = true, seen.planted |= i == 0;
    return seen;
}

/* ---- customers who repeat: 1..8 journeys each, a fifth of their inclination is their own (intra-class correlation about .2) ---- */
enum { CUSTOMERS = 400, AGAIN_MAX = 8 };

static int
journeys_of_customer(void)
{
    int n = 1;
    while (n < AGAIN_MAX && chance() < 0.6) n++;
    return n;
}

/* A share of one's own with mean p and variance .2 p (1-p): all or nothing for a fifth of the customers, p for the others. */
static double
own_share(double p)
{
    return chance() < 0.2 ? chance() < p : p;
}

static struct share
group(double p)
{
    static uint64_t hits[CUSTOMERS], rows[CUSTOMERS];
    struct share s = { 0 };
    struct cluster c = { 0 };
    for (int i = 0; i < CUSTOMERS; i++) {
        rows[i] = (uint64_t)journeys_of_customer();
        hits[i] = draw(rows[i], own_share(p));
        s.k += hits[i], s.n += rows[i];
    }
    for (int i = 0; i < CUSTOMERS; i++) cluster_add_share(&c, hits[i], rows[i], (double)s.k / (double)s.n);
    s.de = cluster_effect(&c);
    return s;
}

static bool
holds(struct interval r, double truth)
{
    return r.known && r.lo <= truth && truth <= r.hi;
}

static struct seen
cover_rate(double p)
{
    struct share s = group(p);
    return (struct seen){ holds(rate_wilson_de(s.k, s.n, s.de), p), false };
}

static struct seen
cover_rate_plain(double p)
{
    struct share s = group(p);
    return (struct seen){ holds(rate_wilson_de(s.k, s.n, 1), p), false };
}

static struct seen
cover_difference(double p)
{
    struct share a = group(p + 0.08), b = group(p);
    return (struct seen){ holds(differ_newcombe(a, b), 0.08), false };
}

struct customer { int stratum, exposed; uint64_t bad, rows; };

/* A moment whose exposure belongs to the customer (always the slow counter): three strata, 12 points. */
static struct seen
cover_moment(double effect)
{
    static const double base[STRATA] = { 0.15, 0.25, 0.35 };
    static struct customer who[2 * CUSTOMERS];
    struct stratum t[STRATA] = { { 0 } };
    struct cluster c = { 0 };
    struct strata r;
    for (int i = 0; i < 2 * CUSTOMERS; i++) {
        struct customer *w = &who[i];
        *w = (struct customer){ .stratum = i % STRATA, .rows = (uint64_t)journeys_of_customer() };
        w->exposed = chance() < 0.2 + 0.1 * w->stratum;
        w->bad = draw(w->rows, own_share(base[w->stratum] + (w->exposed ? effect : 0)));
        *(w->exposed ? &t[w->stratum].a : &t[w->stratum].c) += w->bad;
        *(w->exposed ? &t[w->stratum].b : &t[w->stratum].d) += w->rows - w->bad;
    }
    for (int i = 0; i < 2 * CUSTOMERS; i++) {
        const struct stratum *s = &t[who[i].stratum];
        double bad = (double)(who[i].exposed ? s->a : s->c), p = bad / (bad + (double)(who[i].exposed ? s->b : s->d)), n = (double)who[i].rows;
        cluster_add_rest(&c, (double)who[i].bad - n * p, n * p * (1 - p));
    }
    strata_judge(t, STRATA, cluster_effect(&c), &r);
    return (struct seen){ holds(r.rd, effect), false };
}

static const struct setting {
    const char *name, *what;
    struct seen (*run)(double);
    double arg, least, most;
    bool any;                   /* counts runs with any finding, else those with the planted one (or whose interval holds the truth) */
} setting[] = {
    { "a", "10 % against allowed 5 %, n 2,000, m 34: found", cells_allowed, 0.10, 0.99, 1, false },
    { "b", "two periods 20 -> 26 %, 2,000 each, m 20: found", cells_periods, 0.26, 0.90, 1, false },
    { "c", "moment +12 points on 25 %, 400/1,600, m 20: found", moments, 0.12, 0.90, 1, false },
    { "d", "nothing planted, cells against 5 %: any finding", cells_allowed, 0.05, 0, 0.064, true },
    { "d", "nothing planted, cells of two periods: any finding", cells_periods, 0.20, 0, 0.064, true },
    { "d", "nothing planted, moments: any finding", moments, 0, 0, 0.064, true },
    { "e", "customers repeat: share of 20 % covered", cover_rate, 0.2, 0.93, 0.97, false },
    { "e", "customers repeat: share of 5 % covered", cover_rate, 0.05, 0.93, 0.97, false },
    { "e", "customers repeat: difference of 8 points covered", cover_difference, 0.2, 0.93, 0.97, false },
    { "e", "customers repeat: moment of 12 points covered", cover_moment, 0.12, 0.93, 0.97, false },
    { "-", "the same share of 20 % without the design effect", cover_rate_plain, 0.2, 0, 0.93, false },
};

int
main(void)
{
    int bad = 0;
    for (size_t i = 0; i < sizeof setting / sizeof *setting; i++) {
        const struct setting *s = &setting[i];
        int hit = 0;
        for (int run = 0; run < RUNS; run++) {
            struct seen seen = s->run(s->arg);
            hit += s->any ? seen.any : seen.planted;
        }
        double share = (double)hit / RUNS;
        bool good = share >= s->least && share <= s->most;
        struct interval r = rate_wilson_de((uint64_t)hit, RUNS, 1);
        printf("%s  %-54s %.3f (%.3f-%.3f)  %s %.3f..%.3f\n", s->name, s->what, share, r.lo, r.hi, good ? "ok, in" : "NOT in", s->least, s->most);
        bad += !good;
    }
    return bad != 0;
}
