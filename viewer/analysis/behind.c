/* behind.c - see behind.h. */
#include "behind.h"

struct found { const struct behind *b; uint32_t rows, hits; };
struct span { int64_t as_of_ms, *lo_ms, *hi_ms; };

/* passes - what is judged changes when as_of reaches at_ms */
static void
passes(const struct span *s, int64_t at_ms)
{
    if (at_ms == TL_TIME_NONE) return;
    if (at_ms <= s->as_of_ms && at_ms > *s->lo_ms) *s->lo_ms = at_ms;
    if (at_ms > s->as_of_ms && at_ms - 1 < *s->hi_ms) *s->hi_ms = at_ms - 1;
}

static void
look_at(void *arg, const struct break_row *r)
{
    struct found *f = arg;
    const struct behind *b = f->b;
    if (r->is == CHANCE_CANCELLED || r->is == CHANCE_UNKNOWN || r->rule != b->rule || r->touchpoint != b->touchpoint || r->place != b->place || r->daypart != b->daypart) return;
    f->rows++;
    f->hits += r->is == CHANCE_HIT;
}

static int64_t
later(int64_t at_ms, int64_t by_ms)
{
    return at_ms > INT64_MAX - 1 - by_ms ? INT64_MAX - 1 : at_ms + by_ms;
}

static uint32_t
place_of(const struct behind *b, const struct tl_journey *j)
{
    for (uint32_t i = 0; i < j->attrs_n; i++)
        if (j->attr[i].key == b->place_key) return j->attr[i].value;
    return 0;
}

/* stopped - as drops.c counts it */
static void
stopped(const struct behind *b, const struct tl_journey *j, const struct span *s, struct found *f)
{
    uint32_t i = j->steps_n;
    while (i > 0 && j->step[i - 1].touchpoint != b->touchpoint) i--;
    if (!i || !b->touchpoint) return;
    if (b->place_key && place_of(b, j) != b->place) return;
    int64_t mature = later(j->step[i - 1].end_ms, b->gap_ms);
    passes(s, mature);
    passes(s, later(j->last_ms, b->gap_ms) + 1);
    if (mature > s->as_of_ms) return;
    f->rows = 1;
    f->hits = i == j->steps_n && tl_journey_end(j, b->gap_ms, s->as_of_ms) == TL_END_LAPSED;
}

static void
told(const struct behind *b, const struct tl_journey *j, struct behind_pad *pad, const struct span *s, struct found *f)
{
    struct tl_facts *facts = &pad->facts;
    if (tl_facts_get(j, facts)) return;
    const struct told_journey t = told_head(j, facts);
    passes(s, t.start_ms);
    for (uint32_t i = 0; i < facts->chance_n; i++) {
        pad->chance[i] = told_chance_of(j, &facts->chance[i]);
        passes(s, facts->chance[i].start_ms);
        passes(s, facts->chance[i].due_ms);
        passes(s, facts->chance[i].ended_ms);
    }
    for (uint32_t i = 0; i < facts->break_n; i++)
        if (facts->brk[i].kind == TL_BREAK_ADHOC) passes(s, facts->brk[i].at_ms);
    breaks_each(&b->ask, &t, pad->chance, facts->brk, look_at, f);
}

uint32_t
behind_rows(const struct behind *b, const struct tl_journey *j, struct behind_pad *pad, int64_t *lo_ms, int64_t *hi_ms)
{
    struct found f = { b, 0, 0 };
    const struct span s = { b->ask.as_of_ms, lo_ms, hi_ms };
    if (b->rule > b->ask.rule_n) return 0;
    if (b->rule == b->ask.rule_n) stopped(b, j, &s, &f);
    else told(b, j, pad, &s, &f);
    return b->hit ? f.hits : f.hits ? 0 : f.rows;
}
