/* evidence.c - see evidence.h. */
#include "evidence.h"

#include "tl_time.h"

void
evidence_begin(struct evidence *v, const struct tl_catalogue *c, struct tl_store_txn *t, const struct tl_kept *e, uint32_t n)
{
    *v = (struct evidence){ .e = e, .n = n, .c = c };
    for (uint32_t i = 0; i < c->pick_name_n; i++)
        v->name[TL_PICKS_BY_MATCH_MAX + i] = tl_store_word_number(t, c->pick[TL_PICKS_BY_MATCH_MAX + i].name);
    for (uint32_t i = 0; i < c->standard_n; i++)
        v->score[i] = c->standard[i].score.n ? tl_store_word_number(t, c->standard[i].score) : 0;
}

static uint64_t
picks_of(const struct evidence *v, const struct tl_kept *e)
{
    uint64_t picks = e->picks;
    for (uint32_t i = TL_PICKS_BY_MATCH_MAX; i < TL_PICKS_BY_MATCH_MAX + v->c->pick_name_n; i++)
        if (v->name[i] && (v->name[i] == e->type || v->name[i] == e->touchpoint)) picks |= UINT64_C(1) << i;
    return picks;
}

/* from - the first event of a moment or later */
static uint32_t
from(const struct evidence *v, int64_t at_ms)
{
    uint32_t lo = 0, hi = v->n;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (v->e[mid].at_ms < at_ms) lo = mid + 1;
        else hi = mid;
    }
    return lo;
}

static bool
scored(const struct evidence *v, const struct tl_standard *s, const struct tl_kept *e)
{
    uint32_t score = v->score[s - v->c->standard];
    for (uint32_t i = 0; i < e->scores_n; i++)
        if (e->score[i].kind == score) return true;
    return false;
}

static bool
begins(const struct evidence *v, const struct tl_standard *s, const struct tl_kept *e)
{
    if (s->start) return (picks_of(v, e) & s->start) != 0;
    if (s->kind == TL_STANDARD_TRANSFERS) return e->outcome == TL_KO_TRANSFERRED;
    return s->kind == TL_STANDARD_SCORE ? scored(v, s, e) : e->role == TL_ROLE_STEP;
}

const struct tl_kept *
evidence_start(const struct evidence *v, const struct tl_standard *s, const struct tl_chance *c)
{
    for (uint32_t i = from(v, c->start_ms); i < v->n && v->e[i].at_ms == c->start_ms; i++) {
        const struct tl_kept *e = &v->e[i];
        bool keyed = s->key == TL_KEY_ORDER ? e->order_hash != 0 : s->key != TL_KEY_CASE || e->case_hash != 0;
        if (e->role != TL_ROLE_SILENT && e->channel == c->channel && keyed && begins(v, s, e)) return e;
    }
    return NULL;
}

static bool
same_key(const struct tl_standard *s, const struct tl_kept *a, const struct tl_kept *b)
{
    if (a->stream != b->stream) return false;
    return s->key == TL_KEY_ORDER ? a->order_hash == b->order_hash : s->key != TL_KEY_CASE || a->case_hash == b->case_hash;
}

const struct tl_kept *
evidence_end(const struct evidence *v, const struct tl_standard *s, const struct tl_chance *c, const struct tl_kept *start)
{
    if (!start || c->ended_ms == TL_TIME_NONE) return NULL;
    for (uint32_t i = from(v, c->ended_ms); i < v->n && v->e[i].at_ms == c->ended_ms; i++)
        if (&v->e[i] != start && v->e[i].role != TL_ROLE_SILENT && same_key(s, start, &v->e[i]) && (picks_of(v, &v->e[i]) & s->end)) return &v->e[i];
    return NULL;
}

const struct tl_kept *
evidence_of(const struct evidence *v, uint64_t id_hash)
{
    for (uint32_t i = 0; i < v->n; i++)
        if (v->e[i].id_hash == id_hash) return &v->e[i];
    return NULL;
}

const struct tl_kept *
evidence_last(const struct evidence *v, uint32_t touchpoint, int64_t at_ms)
{
    const struct tl_kept *found = NULL;
    for (uint32_t i = from(v, at_ms); i < v->n && v->e[i].at_ms == at_ms; i++)
        if (v->e[i].touchpoint == touchpoint && v->e[i].role == TL_ROLE_STEP) found = &v->e[i];
    return found;
}
