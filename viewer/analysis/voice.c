/* voice.c - see voice.h. Rows are laid end to end; visits of equal key are added. */
#include "voice.h"

#include <stdlib.h>
#include "tl_mem.h"

struct acc {
    struct analysis_arg arg;
    struct tl_facts *facts;                 /* scratch */
    struct voice v;
    size_t row_cap, seen_cap;
    uint32_t *slot;                         /* of v.seen, by key: its place plus 1; slot_n is a power of 2 */
    uint64_t *last;                         /* by place in v.seen: the last journey counted there */
    size_t slot_n;
    uint64_t journey;                       /* running number */
};

static void
acc_abandon(void *acc)
{
    struct acc *a = acc;
    if (!a) return;
    tl_free(a->facts);
    tl_free(a->v.row);
    tl_free(a->v.seen);
    tl_free(a->slot);
    tl_free(a->last);
    tl_free(a);
}

static void *
acc_begin(const struct analysis_arg *arg)
{
    struct acc *a = tl_alloc(sizeof *a);
    if (a && arg) a->arg = *arg;
    if (a) a->facts = tl_alloc(sizeof *a->facts);
    if (a && a->facts) return a;
    acc_abandon(a);
    return NULL;
}

static void *
room(void *list, size_t n, size_t *cap, size_t size)
{
    if (n < *cap) return list;
    size_t more = *cap ? *cap * 2 : 64;
    void *p = tl_realloc(list, more * size);
    if (p) *cap = more;
    return p;
}

static uint32_t
group_of(const struct acc *a, const struct tl_journey *j, uint32_t channel)
{
    switch ((enum voice_by)a->arg.word[VOICE_BY]) {
    case VOICE_BY_ATTR:
        for (uint32_t i = 0; a->arg.word[VOICE_KEY] && i < j->attrs_n; i++)
            if (j->attr[i].key == a->arg.word[VOICE_KEY]) return j->attr[i].value;
        return 0;
    case VOICE_BY_CHANNEL:
        return channel;
    case VOICE_BY_WEEK:
        return (uint32_t)(j->day - ((j->day + 3) % 7 + 7) % 7);     /* day 0 was a Thursday */
    case VOICE_BY_NONE:
        break;
    }
    return 0;
}

/* ---- visits ---- */

static int
seen_order(const void *x, const void *y)
{
    const struct voice_seen *a = x, *b = y;
    if (a->touchpoint != b->touchpoint) return a->touchpoint < b->touchpoint ? -1 : 1;
    return (a->group > b->group) - (a->group < b->group);
}

/* seen_merge - sorts, and adds up equal keys; returns how many are left */
static size_t
seen_merge(struct voice_seen *s, size_t n)
{
    size_t kept = 0;
    if (n > 1) qsort(s, n, sizeof *s, seen_order);
    for (size_t i = 0; i < n; i++) {
        if (kept && seen_order(&s[kept - 1], &s[i]) == 0) {
            s[kept - 1].journeys += s[i].journeys;
            s[kept - 1].steps += s[i].steps;
            s[kept - 1].places += s[i].places;
        } else s[kept++] = s[i];
    }
    return kept;
}

static size_t
slot_of(const struct acc *a, uint32_t touchpoint, uint32_t group)
{
    size_t at = (size_t)(((uint64_t)touchpoint << 32 | group) * UINT64_C(0x9E3779B97F4A7C15) >> 32) & (a->slot_n - 1);
    while (a->slot[at] && (a->v.seen[a->slot[at] - 1].touchpoint != touchpoint || a->v.seen[a->slot[at] - 1].group != group)) at = (at + 1) & (a->slot_n - 1);
    return at;
}

/* slots_grow - room for one more of v.seen: its place plus 1 by key, at most half full; and, beside each, the last journey that was there */
static int
slots_grow(struct acc *a)
{
    struct voice_seen *seen = room(a->v.seen, a->v.seen_n, &a->seen_cap, sizeof *seen);
    if (!seen) return TL_ENOMEM;
    a->v.seen = seen;
    if (2 * (a->v.seen_n + 1) <= a->slot_n) return 0;
    size_t n = a->slot_n ? 2 * a->slot_n : 128;
    uint32_t *slot = tl_alloc(n * sizeof *slot);
    uint64_t *last = tl_realloc(a->last, n * sizeof *last);
    if (last) a->last = last;
    if (!slot || !last) {
        tl_free(slot);
        return TL_ENOMEM;
    }
    tl_free(a->slot);
    a->slot = slot;
    a->slot_n = n;
    for (size_t i = 0; i < a->v.seen_n; i++) slot[slot_of(a, a->v.seen[i].touchpoint, a->v.seen[i].group)] = (uint32_t)i + 1;
    return 0;
}

static int
visits(struct acc *a, const struct tl_journey *j)
{
    a->journey++;
    for (uint32_t i = 0; i < j->steps_n; i++) {
        if (slots_grow(a)) return TL_ENOMEM;
        uint32_t tp = j->step[i].touchpoint, group = group_of(a, j, j->step[i].channel), *slot = &a->slot[slot_of(a, tp, group)];
        if (!*slot) {
            a->v.seen[a->v.seen_n] = (struct voice_seen){ .touchpoint = tp, .group = group };
            a->last[a->v.seen_n] = 0;
            *slot = (uint32_t)++a->v.seen_n;
        }
        struct voice_seen *s = &a->v.seen[*slot - 1];
        s->steps++;
        if (a->last[*slot - 1] == a->journey) continue;
        a->last[*slot - 1] = a->journey;
        s->journeys++;
        s->places += i;
    }
    return 0;
}

/* ---- scores ---- */

/* flag - which of a journey's rows are the first of their touchpoint and kind, and which were asked for */
static void
flag(const struct acc *a, struct voice_row *r, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bool first = true, asked = false;
        for (size_t k = 0; k < n; k++) {
            if (r[k].touchpoint != r[i].touchpoint) continue;
            first &= k >= i || r[k].kind != r[i].kind;
            asked |= r[k].kind == a->arg.word[VOICE_ASKED];
        }
        r[i].flags = (uint8_t)((first ? VOICE_FIRST : 0) | (asked ? VOICE_WAS_ASKED : 0));
    }
}

static int
scores(struct acc *a, const struct tl_journey *j)
{
    const struct tl_facts *f = a->facts;
    size_t from = a->v.row_n;
    for (uint32_t i = 0; i < f->scored_n; i++) {
        const struct tl_scored *s = &f->scored[i];
        const struct tl_step *step = s->step < j->steps_n ? &j->step[s->step] : NULL;
        struct voice_row *p = room(a->v.row, a->v.row_n, &a->row_cap, sizeof *p);
        if (!p) return TL_ENOMEM;
        a->v.row = p;
        p[a->v.row_n++] = (struct voice_row){ .customer = j->customer, .at_ms = s->at_ms, .milli = s->milli, .kind = s->kind, .touchpoint = step ? step->touchpoint : 0,
                                              .group = group_of(a, j, step ? step->channel : 0) };
    }
    if (f->scored_n) flag(a, a->v.row + from, a->v.row_n - from);
    return 0;
}

static int
acc_journey(void *acc, const struct tl_journey *j, enum tl_end end)
{
    struct acc *a = acc;
    (void)end;
    int rc = tl_facts_get(j, a->facts);
    if (rc == 0) rc = visits(a, j);
    if (rc == 0) rc = scores(a, j);
    a->v.cut += a->facts->cut_n;
    return rc;
}

/* ---- partials ---- */

static void
part_free(void *part)
{
    struct voice *v = part;
    if (!v) return;
    tl_free(v->row);
    tl_free(v->seen);
    tl_free(v);
}

static void *
acc_finish(void *acc)
{
    struct acc *a = acc;
    struct voice *v = tl_alloc(sizeof *v);
    if (!v) return NULL;
    *v = a->v;
    v->seen_n = seen_merge(v->seen, v->seen_n);
    memset(&a->v, 0, sizeof a->v);
    a->row_cap = a->seen_cap = 0;
    if (a->slot) memset(a->slot, 0, a->slot_n * sizeof *a->slot);
    return v;
}

static void *
sum(const void *const *part, size_t n)
{
    struct voice *v = tl_alloc(sizeof *v);
    size_t rows = 0, seen = 0;
    if (!v) return NULL;
    for (size_t i = 0; i < n; i++) {
        rows += ((const struct voice *)part[i])->row_n;
        seen += ((const struct voice *)part[i])->seen_n;
    }
    v->row = tl_alloc((rows + 1) * sizeof *v->row);
    v->seen = tl_alloc((seen + 1) * sizeof *v->seen);
    for (size_t i = 0; v->row && v->seen && i < n; i++) {
        const struct voice *p = part[i];
        if (p->row_n) memcpy(v->row + v->row_n, p->row, p->row_n * sizeof *v->row);
        if (p->seen_n) memcpy(v->seen + v->seen_n, p->seen, p->seen_n * sizeof *v->seen);
        v->row_n += p->row_n;
        v->seen_n += p->seen_n;
        v->cut += p->cut;
    }
    if (v->row && v->seen) {
        v->seen_n = seen_merge(v->seen, v->seen_n);
        return v;
    }
    part_free(v);
    return NULL;
}

static size_t
part_bytes(const void *part)
{
    const struct voice *v = part;
    return sizeof *v + v->row_n * sizeof *v->row + v->seen_n * sizeof *v->seen;
}

const struct analysis analysis_voice = {
    .name = "voice", .version = 1, .doc = "scores that customers gave, and how often touchpoints were visited", .ends = false,
    .begin = acc_begin, .journey = acc_journey, .finish = acc_finish, .abandon = acc_abandon, .sum = sum, .bytes = part_bytes, .free = part_free,
};
