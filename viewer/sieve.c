/* sieve.c - stream, attributes, start time; then, with the steps read, any-step tests, the cell of break points, lifecycle, and the way taken. Tests are sorted: those of attributes come first. */
#include "sieve.h"

static bool
attr_is(const struct tl_journey *j, const struct sieve_test *t)
{
    if (t->key == 0 || t->value == 0) return false;
    for (uint32_t i = 0; i < j->attrs_n; i++)
        if (j->attr[i].key == t->key && j->attr[i].value == t->value) return true;
    return false;
}

static bool
any_step_is(const struct tl_journey *j, const struct sieve_test *t)
{
    if (t->value == 0) return false;
    for (uint32_t i = 0; i < j->steps_n; i++)
        if ((t->kind == SIEVE_ANY_CHANNEL ? j->step[i].channel : j->step[i].touchpoint) == t->value) return true;
    return false;
}

static bool
attrs_hold(const struct sieve *s, const struct tl_journey *j)
{
    for (uint32_t i = 0; i < s->test_n && s->test[i].kind == SIEVE_ATTR; i++) {
        bool one = attr_is(j, &s->test[i]);
        for (; i + 1 < s->test_n && s->test[i + 1].kind == SIEVE_ATTR && s->test[i + 1].key == s->test[i].key; i++) one |= attr_is(j, &s->test[i + 1]);
        if (!one) return false;
    }
    return true;
}

static bool
segment_holds(const struct sieve *s, const struct tl_journey *j)
{
    bool asked = false;
    for (uint32_t i = 0; i < s->test_n; i++) {
        if (s->test[i].kind != SIEVE_SEGMENT) continue;
        if (s->test[i].value && s->segment && s->segment(s->segment_arg, s->test[i].value - 1, j)) return true;
        asked = true;
    }
    return !asked;
}

static bool
any_hold(const struct sieve *s, const struct tl_journey *j)
{
    for (uint32_t i = 0; i < s->test_n; i++)
        if (s->test[i].kind >= SIEVE_ANY_CHANNEL && !any_step_is(j, &s->test[i])) return false;
    return true;
}

static bool
step_kept(const struct sieve *s, const struct tl_step *x)
{
    if (x->lifecycle == TL_LC_COMPLETE || x->lifecycle == TL_LC_NONE || x->lifecycle == TL_LC_SPAN) return true;
    return s->lifecycle == ASK_LC_DEFAULT && !s->both(s->both_arg, x->touchpoint);
}

static void
steps_keep(const struct sieve *s, struct tl_journey *j)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < j->steps_n; i++)
        if (step_kept(s, &j->step[i])) {
            if (kept != i) j->step[kept] = j->step[i];
            kept++;
        }
    j->steps_n = kept;
}

static bool
way_is(const struct sieve *s, const struct tl_journey *j)
{
    if (j->steps_n != s->way_n) return false;
    for (uint32_t i = 0; i < s->way_n; i++)
        if (j->step[i].touchpoint != s->way[i]) return false;
    return true;
}

void
sieve_begin(struct sieve *s)
{
    s->lo_ms = INT64_MIN;
    s->hi_ms = INT64_MAX;
}

/* ended - the end, and until when an undecided journey's end stays what it is */
static enum tl_end
ended(struct sieve *s, const struct tl_journey *j)
{
    enum tl_end e = tl_journey_end(j, s->gap_ms, s->as_of_ms);
    int64_t limit = j->last_ms > INT64_MAX - s->gap_ms ? INT64_MAX : j->last_ms + s->gap_ms;    /* lapsed when as_of is beyond it */
    if (e == TL_END_LAPSED && limit + 1 > s->lo_ms) s->lo_ms = limit + 1;
    if (e == TL_END_OPEN && limit < s->hi_ms) s->hi_ms = limit;
    return e;
}

bool
sieve_head(struct sieve *s, const struct tl_journey *j)
{
    if (s->stream != ASK_STREAM_ALL && j->stream != s->stream) return false;
    if (s->test_n && (!attrs_hold(s, j) || !segment_holds(s, j))) return false;
    if (j->start_ms > s->as_of_ms) {
        if (j->start_ms - 1 < s->hi_ms) s->hi_ms = j->start_ms - 1;
        return false;
    }
    if (j->start_ms > s->lo_ms) s->lo_ms = j->start_ms;
    return true;
}

bool
sieve_steps(struct sieve *s, struct tl_journey *j, bool ends, enum tl_end *end)
{
    if (s->test_n && !any_hold(s, j)) return false;
    if (s->behind && !behind_rows(s->behind, j, s->pad, &s->lo_ms, &s->hi_ms)) return false;
    if (s->lifecycle != ASK_LC_ALL) steps_keep(s, j);
    if (j->steps_n == 0 && !s->signals) return false;
    if (s->way && !way_is(s, j)) return false;
    *end = ends ? ended(s, j) : TL_END_OPEN;
    return true;
}
