/* render_confirmed.c - break points of customers beside those of visits, as JSON. The marks are said in both languages here, once for every page. */
#include "answer_confirmed.h"
#include "render_in.h"

static const struct { const char *id, *zh, *en; } mark[CONFIRM_MARKS] = {
    [CONFIRM_BOTH] = { "both", "双重确认", "confirmed twice" }, [CONFIRM_CUSTOMERS] = { "customers", "仅顾客", "customers only" },
    [CONFIRM_VISITS] = { "visits", "仅暗访", "visits only" }, [CONFIRM_UNTESTED] = { "untested", "未暗访", "not visited" },
};

static void
put_mark(struct tl_jw *w, enum confirm_mark m)
{
    tl_jw_open(w, "mark");
    tl_jw_cstr(w, "id", mark[m].id);
    tl_jw_cstr(w, "zh", mark[m].zh);
    tl_jw_cstr(w, "en", mark[m].en);
    tl_jw_close(w);
}

static void
of_customers(struct tl_jw *w, const struct break_answer *b)
{
    tl_jw_open(w, "customers");
    tl_jw_uint(w, "n", b->n);
    tl_jw_uint(w, "hits", b->k);
    render_figure(w, "rate", b->cell.rate.value, b->cell.rate.known);
    render_figure(w, "lo", b->cell.rate.lo, b->cell.rate.known);
    render_figure(w, "hi", b->cell.rate.hi, b->cell.rate.known);
    tl_jw_bool(w, "found", b->shown);
    tl_jw_str(w, "journeys", b->journeys);
    tl_jw_close(w);
}

static void
of_visits(struct tl_jw *w, const struct confirmed_item *x)
{
    tl_jw_open(w, "visits");
    tl_jw_uint(w, "n", x->visits);
    tl_jw_uint(w, "hits", x->hits);
    render_figure(w, "rate", x->share.value, x->share.known);
    render_figure(w, "lo", x->share.lo, x->share.known);
    render_figure(w, "hi", x->share.hi, x->share.known);
    tl_jw_array(w, "hit");
    for (uint32_t i = 0; i < x->visit_n; i++) tl_jw_str(w, NULL, x->visit[i]);
    tl_jw_end(w);
    tl_jw_close(w);
}

static void
item(struct tl_jw *w, const struct confirmed_item *x)
{
    const struct break_answer *b = &x->of;
    tl_jw_open(w, NULL);
    tl_jw_str(w, "cell", b->called);
    tl_jw_str(w, "id", b->id);
    if (b->name.zh.p || b->name.en.p) render_title(w, "name", b->name);
    else tl_jw_null(w, "name");
    tl_jw_str(w, "type", b->type);
    tl_jw_str(w, "touchpoint", b->touchpoint);
    render_title(w, "title", b->title);
    tl_jw_str(w, "place", b->place);
    tl_jw_str(w, "daypart", b->daypart);
    tl_jw_str(w, "owner", b->owner);
    put_mark(w, x->mark);
    of_customers(w, b);
    of_visits(w, x);
    tl_jw_close(w);
}

void
render_confirmed(struct tl_buf *out, const struct look *k, const struct confirmed_answer *a)
{
    struct tl_jw w = tl_jw_to(out);
    char day[16];
    tl_jw_open(&w, NULL);
    render_asked(&w, k);
    tl_jw_cstr(&w, "from", tl_day_format(a->from_day, day));
    tl_jw_cstr(&w, "to", tl_day_format(a->to_day, day));
    tl_jw_uint(&w, "visits", a->visits);
    tl_jw_uint(&w, "strays", a->strays);
    tl_jw_open(&w, "counts");
    for (int m = CONFIRM_BOTH; m < CONFIRM_MARKS; m++) tl_jw_uint(&w, mark[m].id, a->count[m]);
    tl_jw_close(&w);
    tl_jw_array(&w, "cells");
    for (uint32_t i = 0; i < a->item_n; i++) item(&w, &a->item[i]);
    tl_jw_end(&w);
    tl_jw_close(&w);
}
