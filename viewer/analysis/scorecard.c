/* scorecard.c - see scorecard.h. */
#include "scorecard.h"

#include <math.h>

#include "cluster.h"
#include "differ.h"
#include "shrink.h"
#include "tl_mem.h"

struct scorecard
scorecard_of(const struct scorecard_item *item, uint32_t n, uint32_t section)
{
    struct scorecard s = { 0 };
    for (uint32_t i = 0; i < n; i++) {
        if (section != SCORECARD_ALL && item[i].section != section) continue;
        s.yes += item[i].answer == SCORECARD_YES;
        s.no += item[i].answer == SCORECARD_NO;
        s.na += item[i].answer == SCORECARD_NA;
        s.open += item[i].answer == SCORECARD_OPEN;
        s.critical += item[i].answer == SCORECARD_NO && item[i].critical;
        if (item[i].answer == SCORECARD_YES) s.weight_yes += item[i].weight;
        if (item[i].answer == SCORECARD_NO) s.weight_no += item[i].weight;
    }
    s.known = s.weight_yes + s.weight_no > 0;
    if (s.known) s.score = s.weight_yes / (s.weight_yes + s.weight_no);
    return s;
}

static double
effect_of_visits(const struct scorecard_visit *visit, size_t n)
{
    struct cluster c = { 0 };
    uint64_t yes = 0, answered = 0;
    for (size_t i = 0; i < n; i++) {
        yes += visit[i].yes;
        answered += visit[i].answered;
    }
    for (size_t i = 0; answered && i < n; i++)
        if (visit[i].answered) cluster_add_share(&c, visit[i].yes, visit[i].answered, (double)yes / (double)answered);
    return cluster_effect(&c);
}

double
scorecard_places(const struct scorecard_visit *visit, size_t n, struct scorecard_place *place, size_t g)
{
    double de = effect_of_visits(visit, n);
    struct shrink_place *s = tl_alloc((g + 1) * sizeof *s);
    for (size_t i = 0; i < g; i++) place[i] = (struct scorecard_place){ 0 };
    for (size_t i = 0; i < n; i++) {
        struct scorecard_place *p = &place[visit[i].place];
        p->visits++;
        p->yes += visit[i].yes;
        p->answered += visit[i].answered;
    }
    if (!s) return de;
    for (size_t i = 0; i < g; i++) {
        s[i].n = (uint64_t)llround((double)place[i].answered / de);
        s[i].k = (uint64_t)llround((double)place[i].yes / de);
    }
    if (g) shrink_places(s, g);
    for (size_t i = 0; i < g; i++)
        if (place[i].answered) place[i].share = s[i].share;
    tl_free(s);
    return de;
}

struct scorecard_alike
scorecard_alike(const enum scorecard_answer *a, const enum scorecard_answer *b, uint32_t n)
{
    struct scorecard_alike out = { 0, 0 };
    for (uint32_t i = 0; i < n; i++) {
        if (a[i] == SCORECARD_OPEN || b[i] == SCORECARD_OPEN) continue;
        out.both++;
        out.same += a[i] == b[i];
    }
    return out;
}

struct interval
scorecard_again(const struct scorecard *before, const struct scorecard *after)
{
    return differ_newcombe((struct share){ after->yes, after->yes + after->no, 1 }, (struct share){ before->yes, before->yes + before->no, 1 });
}
