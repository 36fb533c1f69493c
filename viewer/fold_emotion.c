/* fold_emotion.c - the emotion curve: every touchpoint in the order of the journey, with what customers felt there, or that nobody knows.
 *
 *   n >= 10 ratings of 2 customers or more: a point, its mean over customers with a t interval; fewer: a gap
 *   lowest, peak and end are points, the first two unless all are alike; the end is the last one known, not a gap after it */
#include <stdlib.h>

#include "answer_voice.h"

struct ctx {
    struct look *k;
    struct tl_store_txn *t;
    struct voices v;
    struct voice_cells now, before;
    uint32_t kind;              /* number of the word emotion; 0: never seen */
    struct emotion_answer *out;
};

static int
stage_place(const struct look *k, const struct tl_touchpoint *tp)
{
    if (!tp || k->model < 0 || !tp->stage[k->model].p) return -1;
    const struct tl_stage_model *m = &k->catalogue->model[k->model];
    for (uint32_t i = 0; i < m->stage_n; i++)
        if (tl_str_eq(m->stage[i].id, tp->stage[k->model])) return (int)i;
    return -1;
}

static void
place(struct ctx *c, struct emotion_point *p)
{
    const struct tl_touchpoint *tp = tl_catalogue_touchpoint(c->k->catalogue, p->touchpoint);
    p->title = fold_title(c->k, p->touchpoint);
    p->stage = stage_place(c->k, tp);
    p->place = tp ? (int)(tp - c->k->catalogue->touchpoint) : -1;
    p->key = tp && tp->key;
    p->backstage = tp && tp->backstage;
}

/* what verdicts compare: change as a share of the scale's length */
#define EMOTION_LENGTH 4
#define ALIKE 1e-9

static int
felt(struct ctx *c, struct emotion_point *p)
{
    const struct voice_cell *now = c->kind ? voice_cell(&c->now, c->kind, p->word, VOICE_ANY) : NULL;
    const struct voice_cell *before = c->kind ? voice_cell(&c->before, c->kind, p->word, VOICE_ANY) : NULL;
    struct voice_value *value = tl_arena_alloc(c->k->arena, ((now ? now->n : 0) + 1) * sizeof *value);
    if (!value || voice_mean(now, &p->mean) || voice_mean(before, &p->before)) return TL_ENOMEM;
    p->value_n = voice_counts(now, value);
    p->value = value;
    p->customers = p->mean.of.customers;
    p->gap = p->mean.n < VOICE_SMALL_N || !p->mean.mean.known;
    p->change = voice_mean_change(&p->mean.of, &p->before.of);
    struct interval share = { p->change.value / EMOTION_LENGTH, p->change.lo / EMOTION_LENGTH, p->change.hi / EMOTION_LENGTH, p->change.known, p->change.flat };
    uint64_t fewer = p->mean.n < p->before.n ? p->mean.n : p->before.n;
    p->verdict = verdict_of(&share, fewer, VOICE_SMALL_N);
    p->response = voice_response(c->v.now, &c->now, c->kind, c->v.asked, p->word, VOICE_ANY);
    return 0;
}

static int
order(const void *x, const void *y)
{
    const struct emotion_point *a = x, *b = y;
    unsigned s = (unsigned)a->stage, t = (unsigned)b->stage, p = (unsigned)a->place, q = (unsigned)b->place;    /* -1 comes last */
    if (s != t) return s < t ? -1 : 1;
    if (p != q) return p < q ? -1 : 1;
    if (a->at < b->at || a->at > b->at) return a->at < b->at ? -1 : 1;
    return tl_str_cmp(a->touchpoint, b->touchpoint);
}

static int
points(struct ctx *c)
{
    struct emotion_answer *o = c->out;
    o->point = tl_arena_alloc(c->k->arena, (c->v.now->seen_n + 1) * sizeof *o->point);
    if (!o->point) return TL_ENOMEM;
    for (size_t i = 0; i < c->v.now->seen_n; i++) {
        const struct voice_seen *s = &c->v.now->seen[i];
        struct emotion_point *p = &o->point[o->point_n];
        *p = (struct emotion_point){ .word = s->touchpoint, .touchpoint = fold_word(c->k, c->t, s->touchpoint), .journeys = s->journeys, .steps = s->steps,
                                     .at = (double)s->places / (double)s->journeys };
        place(c, p);
        if (felt(c, p)) return TL_ENOMEM;
        if (!p->mean.n && o->point_n >= EMOTION_POINTS_MAX) o->left_out++;
        else o->point_n++;
    }
    if (o->point_n > 1) qsort(o->point, o->point_n, sizeof *o->point, order);
    return 0;
}

static void
mark(struct emotion_answer *o)
{
    o->lowest = o->peak = o->end = -1;
    for (int i = 0; i < (int)o->point_n; i++) {
        if (o->point[i].gap) continue;
        double m = o->point[i].mean.mean.value;
        if (o->lowest < 0 || m < o->point[o->lowest].mean.mean.value) o->lowest = i;
        if (o->peak < 0 || m > o->point[o->peak].mean.mean.value) o->peak = i;
        o->end = i;
    }
    if (o->lowest >= 0 && o->point[o->peak].mean.mean.value - o->point[o->lowest].mean.mean.value < ALIKE) o->lowest = o->peak = -1;      /* all alike: none is lower */
    o->lowest_apart = o->peak_apart = o->lowest >= 0;
    for (int i = 0; i < (int)o->point_n; i++) {
        const struct interval *m = &o->point[i].mean.mean;
        if (o->point[i].gap || o->lowest < 0) continue;
        if (i != o->lowest && m->lo <= o->point[o->lowest].mean.mean.hi) o->lowest_apart = false;
        if (i != o->peak && m->hi >= o->point[o->peak].mean.mean.lo) o->peak_apart = false;
    }
}

static int
curve(struct ctx *c)
{
    int rc = voice_cells(c->v.now, true, false, c->k->as_of_ms, &c->now);
    if (rc == 0) rc = voice_cells(c->v.before, true, false, c->k->as_of_ms, &c->before);
    if (rc == 0) rc = points(c);
    if (rc == 0) rc = voice_mean(c->kind ? voice_cell(&c->now, c->kind, 0, VOICE_ANY) : NULL, &c->out->unplaced);
    voice_cells_free(&c->now);
    voice_cells_free(&c->before);
    return rc;
}

int
fold_emotion(struct look *k, struct emotion_answer *out, struct tl_err *err)
{
    struct ctx c = { .k = k, .out = out };
    memset(out, 0, sizeof *out);
    int rc = voices_read(k, VOICE_BY_NONE, 0, &c.v, err);
    if (rc == 0 && k->store) rc = tl_store_begin(k->store, &c.t, err);
    if (rc == 0) {
        c.kind = c.t ? tl_store_word_number(c.t, TL_STR("emotion")) : 0;
        out->period = c.v.period;
        out->cut = c.v.now->cut;
        if (curve(&c)) rc = tl_fail(err, TL_ENOMEM, "out of memory");
        mark(out);
    }
    if (c.t) tl_store_end(&c.t);
    voices_done(k, &c.v);
    return rc;
}
