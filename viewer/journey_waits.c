/* journey_waits.c - see journey_waits.h. */
#include "journey_waits.h"

#include <stdlib.h>

static enum journey_wait_is
judge(const struct break_rule *rule, const struct tl_chance *c, int64_t as_of_ms)
{
    enum chance_is is = chance_known(rule, c, chance_judge(TL_STANDARD_CLOCK, c, as_of_ms));
    bool ended = c->ended_ms != TL_TIME_NONE && c->ended_ms <= as_of_ms;
    switch (is) {
    case CHANCE_KEPT: return WAIT_KEPT;
    case CHANCE_HIT: return ended ? WAIT_LATE : WAIT_OVER;
    case CHANCE_CANCELLED: return WAIT_CANCELLED;
    case CHANCE_UNKNOWN: return WAIT_UNKNOWN;
    case CHANCE_OUT: break;
    }
    return ended ? WAIT_KEPT : c->cancelled_ms != TL_TIME_NONE ? WAIT_CANCELLED : WAIT_RUNNING;
}

static void
tell(struct look *k, struct tl_store_txn *t, const struct findings *f, uint32_t r, const struct tl_journey *j, const struct tl_chance *c, struct journey_wait *o)
{
    const struct tl_standard *s = f->standard[r];
    uint32_t at = f->rule[r].touchpoint ? f->rule[r].touchpoint : c->step < j->steps_n ? j->step[c->step].touchpoint : 0;
    *o = (struct journey_wait){ .id = s->id, .name = s->title, .touchpoint = fold_word(k, t, at), .start_ms = c->start_ms, .due_ms = c->due_ms, .ended_ms = c->ended_ms, .step = c->step,
                                .is = judge(&f->rule[r], c, k->as_of_ms) };
    if (o->is == WAIT_CANCELLED) o->ended_ms = c->cancelled_ms;
    o->title = fold_title(k, o->touchpoint);
    if (c->channel) o->channel = fold_word(k, t, c->channel);
}

static int
by_start(const void *x, const void *y)
{
    const struct journey_wait *a = x, *b = y;
    if (a->start_ms != b->start_ms) return a->start_ms < b->start_ms ? -1 : 1;
    return tl_str_cmp(a->id, b->id);
}

int
journey_waits_tell(struct look *k, struct tl_store_txn *t, const struct findings *f, const struct tl_journey *j, struct journey_waits *out, struct tl_err *err)
{
    struct tl_facts *facts = tl_arena_alloc(k->arena, sizeof *facts);
    struct breaks_ask q = findings_ask(k, f);
    *out = (struct journey_waits){ .item = tl_arena_alloc(k->arena, JOURNEY_WAITS_MAX * sizeof *out->item) };
    if (!facts || !out->item) return tl_fail(err, TL_ENOMEM, "out of memory");
    int rc = tl_facts_get(j, facts);
    if (rc) return tl_fail(err, rc, "a journey's row cannot be read: run touchline rebuild");
    for (uint32_t i = 0; i < facts->chance_n; i++) {
        uint32_t r = breaks_rule_of(&q, facts->chance[i].standard);
        if (r == q.rule_n || f->rule[r].kind != TL_STANDARD_CLOCK || facts->chance[i].start_ms > k->as_of_ms) continue;
        enum journey_wait_is is = judge(&f->rule[r], &facts->chance[i], k->as_of_ms);
        if (f->rule[r].beyond && is != WAIT_KEPT) continue;         /* more than is expected: not met is nothing that anybody waits for */
        if (out->item_n == JOURNEY_WAITS_MAX) out->cut++;
        else tell(k, t, f, r, j, &facts->chance[i], &out->item[out->item_n++]);
    }
    qsort(out->item, out->item_n, sizeof *out->item, by_start);
    return 0;
}
