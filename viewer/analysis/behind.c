/* behind.c - see behind.h. */
#include "behind.h"

#include "hold.h"

struct found { const struct behind *b; uint32_t rows, hits; };

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
stopped(const struct behind *b, const struct tl_journey *j, const struct hold *s, struct found *f)
{
    uint32_t i = j->steps_n;
    while (i > 0 && j->step[i - 1].touchpoint != b->touchpoint) i--;
    if (!i || !b->touchpoint) return;
    if (b->place_key && place_of(b, j) != b->place) return;
    int64_t mature = later(j->step[i - 1].end_ms, b->gap_ms);
    hold_passes(s, mature);
    hold_passes(s, later(j->last_ms, b->gap_ms) + 1);
    if (mature > s->as_of_ms) return;
    f->rows = 1;
    f->hits = i == j->steps_n && tl_journey_end(j, b->gap_ms, s->as_of_ms) == TL_END_LAPSED;
}

static void
told(const struct behind *b, const struct tl_journey *j, struct behind_pad *pad, const struct hold *s, struct found *f)
{
    struct tl_facts *facts = &pad->facts;
    if (tl_facts_get(j, facts)) return;
    const struct told_journey t = told_head(j, facts);
    hold_passes(s, t.start_ms);
    for (uint32_t i = 0; i < facts->chance_n; i++) {
        pad->chance[i] = told_chance_of(j, &facts->chance[i]);
        hold_passes(s, facts->chance[i].start_ms);
        hold_passes(s, facts->chance[i].due_ms);
        hold_passes(s, facts->chance[i].ended_ms);
    }
    for (uint32_t i = 0; i < facts->break_n; i++)
        if (facts->brk[i].kind == TL_BREAK_ADHOC) hold_passes(s, facts->brk[i].at_ms);
    breaks_each(&b->ask, &t, pad->chance, facts->brk, look_at, f);
}

uint32_t
behind_rows(const struct behind *b, const struct tl_journey *j, struct behind_pad *pad, int64_t *lo_ms, int64_t *hi_ms)
{
    struct found f = { b, 0, 0 };
    const struct hold s = { b->ask.as_of_ms, lo_ms, hi_ms };
    if (b->rule > b->ask.rule_n) return 0;
    if (b->rule == b->ask.rule_n) stopped(b, j, &s, &f);
    else told(b, j, pad, &s, &f);
    return b->hit ? f.hits : f.hits ? 0 : f.rows;
}
