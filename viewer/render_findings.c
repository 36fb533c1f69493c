/* render_findings.c - break points and moments of truth. Verdicts are said in both languages here, once for every page. */
#include "answer_status.h"
#include "render_in.h"

#include <math.h>
#include <stdio.h>

static void
day(struct tl_jw *w, const char *name, int32_t d)
{
    char text[16];
    tl_jw_cstr(w, name, tl_day_format(d, text));
}

/* figure - a number, or null where the data define none */
void
render_figure(struct tl_jw *w, const char *name, double v, bool known)
{
    if (known && isfinite(v)) tl_jw_num(w, name, v);
    else tl_jw_null(w, name);
}

void
render_range(struct tl_jw *w, const char *name, const struct interval *i)
{
    tl_jw_open(w, name);
    render_figure(w, "value", i->value, i->known);
    render_figure(w, "lo", i->lo, i->known);
    render_figure(w, "hi", i->hi, i->known);
    tl_jw_close(w);
}

void
render_verdict(struct tl_jw *w, const struct verdict *v)
{
    static const char *const id[] = { [VERDICT_TOO_LITTLE] = "too_little", [VERDICT_IS_SMALL] = "small", [VERDICT_SUPPORTED] = "supported" };
    char zh[96] = "有依据", en[96] = "supported";
    if (v->word == VERDICT_IS_SMALL) {
        snprintf(zh, sizeof zh, "影响小(±2 点以内)");
        snprintf(en, sizeof en, "small (within ±2 points)");
    } else if (v->word == VERDICT_TOO_LITTLE) {
        snprintf(zh, sizeof zh, "数据不足(还需约 %llu 单)", (unsigned long long)v->more);
        snprintf(en, sizeof en, "too little data (about %llu more)", (unsigned long long)v->more);
    }
    tl_jw_open(w, "verdict");
    tl_jw_cstr(w, "id", id[v->word]);
    tl_jw_cstr(w, "zh", zh);
    tl_jw_cstr(w, "en", en);
    if (v->word == VERDICT_TOO_LITTLE) tl_jw_uint(w, "more", v->more);
    else tl_jw_null(w, "more");
    tl_jw_close(w);
}

static void
table(struct tl_jw *w, const char *name, const struct stratum *s)
{
    tl_jw_array(w, name);
    tl_jw_uint(w, NULL, s->a);
    tl_jw_uint(w, NULL, s->b);
    tl_jw_uint(w, NULL, s->c);
    tl_jw_uint(w, NULL, s->d);
    tl_jw_end(w);
}

static void
damage(struct tl_jw *w, const struct break_answer *b)
{
    bool known = b->has_damage;
    render_figure(w, "damage", b->damage.value, known);
    render_figure(w, "damage_lo", b->damage.lo, known);
    render_figure(w, "damage_hi", b->damage.hi, known);
    render_figure(w, "damage_crude", b->damage_crude.value, known && b->damage_crude.known);
    render_figure(w, "damage_de", b->damage_de, known);
    tl_jw_uint(w, "damage_n", b->damage_n);
    tl_jw_array(w, "damage_tables");
    for (uint32_t i = 0; i < b->damage_table_n; i++) table(w, NULL, &b->damage_table[i]);
    tl_jw_end(w);
    render_figure(w, "loss", b->loss, b->loss >= 0);
}

/* rise - null: too few days to say what is usual; without an alarm, since and alarm are null */
static void
rise(struct tl_jw *w, const struct break_answer *b)
{
    if (!b->rise.watched) {
        tl_jw_null(w, "rise");
        return;
    }
    tl_jw_open(w, "rise");
    if (b->rise.alarmed) day(w, "since", b->rise.since_day);
    else tl_jw_null(w, "since");
    if (b->rise.alarmed) day(w, "alarm", b->rise.alarm_day);
    else tl_jw_null(w, "alarm");
    tl_jw_num(w, "level", b->rise.level);
    tl_jw_num(w, "bar", b->rise.bar);
    tl_jw_close(w);
}

static void
change(struct tl_jw *w, const struct break_answer *b)
{
    tl_jw_open(w, "previous");
    tl_jw_uint(w, "n", b->before.n);
    tl_jw_uint(w, "hits", b->before.k);
    render_figure(w, "rate", b->before.n ? (double)b->before.k / (double)b->before.n : 0, b->before.n > 0);
    tl_jw_close(w);
    render_range(w, "change", &b->change);
    if (!b->change.known) tl_jw_null(w, "trend");
    else tl_jw_cstr(w, "trend", b->change.lo > 0 ? "up" : b->change.hi < 0 ? "down" : "same");
    rise(w, b);
}

static void
break_item(struct tl_jw *w, const struct break_answer *b)
{
    const struct cell *c = &b->cell;
    tl_jw_open(w, NULL);
    tl_jw_str(w, "id", b->id);
    if (b->name.zh.p || b->name.en.p) render_title(w, "name", b->name);
    else tl_jw_null(w, "name");
    tl_jw_str(w, "cell", b->called);
    tl_jw_str(w, "type", b->type);
    tl_jw_str(w, "touchpoint", b->touchpoint);
    render_title(w, "title", b->title);
    tl_jw_str(w, "place", b->place);
    tl_jw_str(w, "daypart", b->daypart);
    tl_jw_str(w, "owner", b->owner);
    tl_jw_uint(w, "n", b->n);
    tl_jw_uint(w, "hits", b->k);
    tl_jw_uint(w, "cancelled", b->cancelled);
    tl_jw_uint(w, "unknown", b->unknown);
    render_figure(w, "rate", c->rate.value, c->rate.known);
    render_figure(w, "lo", c->rate.lo, c->rate.known);
    render_figure(w, "hi", c->rate.hi, c->rate.known);
    tl_jw_num(w, "de", b->de);
    render_figure(w, "row_lo", b->row_lo, c->rate.known);
    render_figure(w, "row_hi", b->row_hi, c->rate.known);
    if (b->place.p) render_range(w, "shrunk", &b->shrunk);
    render_figure(w, "allowed", b->allowed, b->allowed > 0);
    change(w, b);
    render_range(w, "over", &c->over);
    tl_jw_num(w, "excess", c->excess);
    damage(w, b);
    tl_jw_num(w, "q", b->q);
    render_verdict(w, &b->verdict);
    if (b->severity) tl_jw_int(w, "severity", b->severity);
    else tl_jw_null(w, "severity");
    tl_jw_str(w, "journeys", b->journeys);
    render_status(w, b->work);
    tl_jw_close(w);
}

static void
break_list(struct tl_jw *w, const char *name, const struct breaks_answer *a, bool shown, int unfinished)
{
    tl_jw_array(w, name);
    for (uint32_t i = 0; i < a->item_n; i++)
        if (a->item[i].shown == shown && (unfinished < 0 || a->item[i].unfinished == (unfinished == 1))) break_item(w, &a->item[i]);
    tl_jw_end(w);
}

void
render_asked(struct tl_jw *w, const struct look *k)
{
    const struct ask *q = k->ask;
    tl_jw_str(w, "journey", q->journey);
    tl_jw_array(w, "filter");
    for (uint32_t i = 0; i < q->filter_n; i++) {
        struct tl_str whole = { q->filter[i].key.p, q->filter[i].key.n + 1 + q->filter[i].value.n };    /* KEY=VALUE, one text in the address */
        tl_jw_str(w, NULL, whole);
    }
    tl_jw_end(w);
    tl_jw_int(w, "as_of", k->as_of_ms);
    tl_jw_cstr(w, "catalogue", k->catalogue->hash);
}

void
render_breaks(struct tl_buf *out, const struct look *k, const struct breaks_answer *a)
{
    struct tl_jw jw = tl_jw_to(out), *w = &jw;
    tl_jw_open(w, NULL);
    render_asked(w, k);
    day(w, "from", a->from_day);
    day(w, "to", a->to_day);
    day(w, "previous_from", a->before_from);
    day(w, "previous_to", a->before_to);
    tl_jw_uint(w, "journeys", a->journeys);
    tl_jw_uint(w, "tests", a->tests);
    tl_jw_uint(w, "unknown", a->unknown);
    tl_jw_uint(w, "left_out", a->left_out);
    if (a->damage_outcome.p) tl_jw_str(w, "outcome", a->damage_outcome);
    else tl_jw_null(w, "outcome");
    break_list(w, "unhappy", a, true, 0);
    break_list(w, "unfinished", a, true, 1);
    break_list(w, "rest", a, false, -1);
    tl_jw_close(w);
}

void
render_missing(struct tl_jw *w, const struct strata_gate *g)
{
    static const char *const word[] = { [STRATA_FEW_EXPOSED] = "exposed", [STRATA_FEW_OTHERS] = "comparison", [STRATA_FEW_STRATA] = "strata", [STRATA_FEW_OUTCOMES] = "outcomes" };
    uint64_t have = g->missing == STRATA_FEW_EXPOSED ? g->exposed : g->missing == STRATA_FEW_OTHERS ? g->others : g->informative;
    if (g->missing == STRATA_ENOUGH) {
        tl_jw_null(w, "missing");
        return;
    }
    tl_jw_open(w, "missing");
    tl_jw_cstr(w, "what", word[g->missing]);
    if (g->missing == STRATA_FEW_OUTCOMES) tl_jw_num(w, "have", g->mantel_fleiss);
    else tl_jw_uint(w, "have", have);
    tl_jw_uint(w, "need", g->missing == STRATA_FEW_STRATA ? STRATA_INFORMATIVE_MIN : g->missing == STRATA_FEW_OUTCOMES ? (uint64_t)STRATA_MANTEL_FLEISS_MIN : STRATA_ARM_MIN);
    tl_jw_close(w);
}

static void
strata(struct tl_jw *w, const struct moments_answer *a, const struct moment_answer *m)
{
    tl_jw_array(w, "strata");
    for (uint32_t i = 0; i < m->table_n; i++) {
        const struct moment_table *t = &m->table[i];
        tl_jw_open(w, NULL);
        tl_jw_array(w, "values");
        for (uint32_t s = 0; s < a->strata_n; s++) tl_jw_str(w, NULL, t->name[s]);
        tl_jw_end(w);
        table(w, "table", &t->of);
        render_range(w, "rd", &t->rd);
        tl_jw_bool(w, "comparable", t->compared);
        tl_jw_close(w);
    }
    tl_jw_end(w);
}

/* said - what a declared moment that was tested and is not one is called */
static void
said(struct tl_jw *w, const struct moment_answer *m)
{
    if (!m->declared || !m->tested || m->shown) {
        tl_jw_null(w, "said");
        return;
    }
    tl_jw_open(w, "said");
    tl_jw_cstr(w, "zh", "已声明,数据中未见");
    tl_jw_cstr(w, "en", "declared, not seen in the data");
    tl_jw_close(w);
}

static void
moment_item(struct tl_jw *w, const struct moments_answer *a, const struct moment_answer *m)
{
    const struct strata *j = &m->judged;
    tl_jw_open(w, NULL);
    tl_jw_str(w, "touchpoint", m->touchpoint);
    render_title(w, "title", m->title);
    tl_jw_cstr(w, "side", m->good ? "good" : "bad");
    tl_jw_uint(w, "n_exposed", m->gate.exposed);
    tl_jw_uint(w, "n_other", m->gate.others);
    tl_jw_uint(w, "excluded", m->excluded);
    tl_jw_uint(w, "waiting", m->waiting);
    tl_jw_uint(w, "unknown", m->unknown);
    render_range(w, "crude_rd", &j->crude_rd);
    render_range(w, "crude_or", &j->crude_or);
    render_figure(w, "adjusted_rd", j->rd.value, j->rd.known);
    render_figure(w, "lo", j->rd.lo, j->rd.known);
    render_figure(w, "hi", j->rd.hi, j->rd.known);
    tl_jw_num(w, "de", m->de);
    render_range(w, "or", &j->odds);
    render_range(w, "rr", &j->rr);
    render_figure(w, "e_value", j->e.value, j->e.known);
    render_figure(w, "e_limit", j->e.limit, j->e.known);
    tl_jw_num(w, "p", j->cmh_de.p);
    tl_jw_num(w, "q", m->q);
    tl_jw_open(w, "heterogeneity");
    tl_jw_num(w, "q", j->vary.value);
    tl_jw_num(w, "df", j->vary.df);
    tl_jw_num(w, "p", j->vary.p);
    tl_jw_bool(w, "varies", j->vary.df > 0 && j->vary.p <= .05);
    tl_jw_close(w);
    tl_jw_open(w, "odds_heterogeneity");
    tl_jw_num(w, "q", j->odds_vary.value);
    tl_jw_num(w, "df", j->odds_vary.df);
    tl_jw_num(w, "p", j->odds_vary.p);
    tl_jw_close(w);
    strata(w, a, m);
    render_figure(w, "saved", j->saved.value, j->saved.known);
    render_figure(w, "saved_lo", j->saved.lo, j->saved.known);
    render_figure(w, "saved_hi", j->saved.hi, j->saved.known);
    tl_jw_bool(w, "declared", m->declared);
    said(w, m);
    render_missing(w, &m->gate);
    render_verdict(w, &m->verdict);
    tl_jw_close(w);
}

void
render_moments(struct tl_buf *out, const struct look *k, const struct moments_answer *a)
{
    struct tl_jw jw = tl_jw_to(out), *w = &jw;
    tl_jw_open(w, NULL);
    render_asked(w, k);
    tl_jw_uint(w, "tests", a->tests);
    if (a->outcome.p) tl_jw_str(w, "outcome", a->outcome);
    else tl_jw_null(w, "outcome");
    if (a->outcome.p) render_title(w, "outcome_title", a->outcome_title);
    else tl_jw_null(w, "outcome_title");
    tl_jw_int(w, "within_ms", a->within_ms);
    tl_jw_int(w, "horizon_ms", a->horizon_ms);
    if (a->landmark_ms) tl_jw_int(w, "landmark_ms", a->landmark_ms);
    else tl_jw_null(w, "landmark_ms");
    tl_jw_array(w, "strata_by");
    for (uint32_t i = 0; i < a->strata_n; i++) tl_jw_str(w, NULL, a->strata[i]);
    tl_jw_end(w);
    for (int shown = 1; shown >= 0; shown--) {
        tl_jw_array(w, shown ? "moments" : "rest");
        for (uint32_t i = 0; i < a->item_n; i++)
            if (a->item[i].shown == (shown == 1)) moment_item(w, a, &a->item[i]);
        tl_jw_end(w);
    }
    tl_jw_close(w);
}
