/* fold_metrics.c - the metrics of a period: in all, and told apart by touchpoint, tier, channel, place, week or segment.
 *
 * Segments overlap, so each is a question of its own: the same folds, with one more test on rows. */
#include <stdlib.h>

#include "answer_metrics.h"
#include "fold_findings.h"
#include "week.h"

/* ---- what parts share ---- */

struct verdict
metrics_verdict(const struct interval *change, double length, uint64_t n, uint64_t before_n, uint32_t n_min)
{
    struct interval share = { change->value / length, change->lo / length, change->hi / length, change->known, change->flat };
    return verdict_of(&share, n < before_n ? n : before_n, n_min);
}

void
metrics_share(struct metric_cell *c, enum metric_id is, struct share now, struct share before)
{
    c->n = c->denominator = now.n;
    c->numerator = now.k;
    c->de = now.de;
    c->value = rate_wilson_de(now.k, now.n, now.de);
    c->before_n = before.n;
    c->before = rate_wilson_de(before.k, before.n, before.de);
    c->change = differ_newcombe(now, before);
    c->enough = now.n >= metric_words[is].n_min;
    c->verdict = metrics_verdict(&c->change, 1, now.n, before.n, metric_words[is].n_min);
}

static struct tl_title
tier_title(const struct look *k, struct tl_str id)
{
    int i = tl_catalogue_tier(k->catalogue, id);
    return i < 0 ? (struct tl_title){ id, id } : k->catalogue->tier[i].title;
}

void
metrics_name(struct look *k, const struct metrics_ask *q, uint32_t number, struct metric_cell *c)
{
    char text[16];
    struct tl_str word = q->by == ASK_BY_WEEK ? tl_str_of(week_text((int32_t)number, text)) : (struct tl_str){ NULL, 0 };
    if (word.n) word.p = tl_arena_dup(k->arena, word.p, word.n);
    else word = fold_word(k, q->t, number);
    if (!word.p) word = TL_STR("");
    if (q->by == ASK_BY_TOUCHPOINT) {
        const struct tl_touchpoint *tp = tl_catalogue_touchpoint(k->catalogue, word);
        c->touchpoint = word;
        c->title = fold_title(k, word);
        if (tp) c->owner = tp->owner;
    } else {
        c->group = word;
        c->title = q->by == ASK_BY_TIER ? tier_title(k, word) : (struct tl_title){ word, word };
    }
}

static int
by_size(const void *x, const void *y)
{
    const struct metric_cell *a = x, *b = y;
    if (a->n != b->n) return a->n > b->n ? -1 : 1;
    int c = tl_str_cmp(a->touchpoint, b->touchpoint);
    return c ? c : tl_str_cmp(a->group, b->group);
}

static int
by_name(const void *x, const void *y)
{
    const struct metric_cell *a = x, *b = y;
    int c = tl_str_cmp(a->touchpoint, b->touchpoint);
    return c ? c : tl_str_cmp(a->group, b->group);
}

void
metrics_sort(struct look *k, struct metric *m, struct metrics_answer *out)
{
    (void)k;
    if (m->cell_n > METRIC_CELLS_MAX) {
        qsort(m->cell, m->cell_n, sizeof *m->cell, by_size);
        out->left_out += m->cell_n - METRIC_CELLS_MAX;
        m->cell_n = METRIC_CELLS_MAX;
    }
    if (m->cell_n > 1) qsort(m->cell, m->cell_n, sizeof *m->cell, by_name);
}

/* ---- segments ---- */

static int
metrics_of(struct look *k, const struct metrics_ask *q, struct metrics_answer *out, struct tl_err *err)
{
    int rc = metrics_scores(k, q, out, err);
    return rc ? rc : metrics_standards(k, q, out, err);
}

static struct metric *
metric_like(struct metrics_answer *a, const struct metric *m)
{
    for (uint32_t i = 0; i < a->metric_n; i++)
        if (a->metric[i].is == m->is && a->metric[i].standard == m->standard) return &a->metric[i];
    return NULL;
}

/* with_segment - the look's tests and one more; those of attributes stay in front */
static void
with_segment(struct sieve *s, const struct sieve *asked, uint32_t index)
{
    uint32_t at = 0;
    *s = *asked;
    while (at < asked->test_n && asked->test[at].kind == SIEVE_ATTR) at++;
    memmove(s->test + at + 1, s->test + at, (asked->test_n - at) * sizeof s->test[0]);
    s->test[at] = (struct sieve_test){ SIEVE_SEGMENT, 0, index + 1 };
    s->test_n = asked->test_n + 1;
}

static int
segment(struct look *k, const struct metrics_ask *q, uint32_t i, struct metrics_answer *out, struct tl_err *err)
{
    const struct tl_segment *s = &k->catalogue->segment[i];
    struct metrics_answer *one = tl_arena_alloc(k->arena, sizeof *one);
    const struct sieve asked = k->sieve;
    if (!one) return tl_fail(err, TL_ENOMEM, "out of memory");
    with_segment(&k->sieve, &asked, i);
    int rc = metrics_of(k, q, one, err);
    k->sieve = asked;
    for (uint32_t n = 0; rc == 0 && n < one->metric_n; n++) {
        struct metric *m = metric_like(out, &one->metric[n]);
        if (!m || m->cell_n == TL_SEGMENTS_MAX) continue;
        m->cell[m->cell_n] = one->metric[n].total;
        m->cell[m->cell_n].group = s->id;
        m->cell[m->cell_n++].title = s->title;
    }
    return rc;
}

static int
segments(struct look *k, const struct metrics_ask *q, struct metrics_answer *out, struct tl_err *err)
{
    int rc = metrics_of(k, q, out, err);
    for (uint32_t i = 0; i < k->sieve.test_n; i++)
        if (k->sieve.test[i].kind == SIEVE_SEGMENT) return tl_fail(err, TL_EINVAL, "by=segment and filter=segment exclude each other");
    for (uint32_t i = 0; rc == 0 && i < out->metric_n; i++) {
        out->metric[i].cell = tl_arena_alloc(k->arena, TL_SEGMENTS_MAX * sizeof *out->metric[i].cell);
        if (!out->metric[i].cell) rc = tl_fail(err, TL_ENOMEM, "out of memory");
    }
    for (uint32_t i = 0; rc == 0 && i < k->catalogue->segment_n; i++) rc = segment(k, q, i, out, err);
    return rc;
}

/* ---- the answer ---- */

static int
counts(struct look *k, struct metrics_answer *out, struct tl_err *err)
{
    struct fold_part *sum = NULL;
    int rc = findings_run(k, out->period.from_day, out->period.to_day, &analysis_map, NULL, &sum, err);
    if (rc) return rc;
    const struct map *m = sum->part;
    out->journeys = m->journeys;
    out->steps = m->steps;
    out->customers = tl_bitmap_count(m->customers);
    out->events = k->meta.events;
    fold_run_done(k, sum);
    return 0;
}

int
fold_metrics(struct look *k, struct metrics_answer *out, struct tl_err *err)
{
    struct metrics_ask q = { .by = k->ask->by };
    memset(out, 0, sizeof *out);
    int rc = fold_period(k, &out->period, err);
    if (rc == 0) rc = counts(k, out, err);
    if (rc == 0 && k->store) rc = tl_store_begin(k->store, &q.t, err);
    if (rc == 0 && q.t && q.by != ASK_BY_SEGMENT) rc = metrics_of(k, &q, out, err);
    if (rc == 0 && q.t && q.by == ASK_BY_SEGMENT) {
        q.by = ASK_BY_NONE;
        rc = segments(k, &q, out, err);
    }
    if (q.t) tl_store_end(&q.t);
    return rc;
}
