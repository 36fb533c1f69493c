/* fold_watermarks.c - the sources that standards name in `ends_from`: how far each has told everything. */
#include "fold_findings.h"

struct source { struct look *k; struct tl_store_txn *t; struct tl_str before, after; struct known *list; uint32_t n, cap; bool failed; };

/* the place that a source is of: what stands for {place} in its name */
static bool
place_of(const struct source *s, struct tl_str name, struct tl_str *place)
{
    if (name.n <= s->before.n + s->after.n || memcmp(name.p, s->before.p, s->before.n) != 0) return false;
    if (s->after.n && memcmp(name.p + name.n - s->after.n, s->after.p, s->after.n) != 0) return false;
    *place = (struct tl_str){ name.p + s->before.n, name.n - s->before.n - s->after.n };
    return true;
}

static int
one_source(void *arg, const struct tl_watermark *m)
{
    struct source *s = arg;
    struct tl_str place;
    uint32_t number = place_of(s, m->name, &place) ? tl_store_word_number(s->t, place) : 0;
    if (!number) return 0;                      /* of another kind, or of a place that no event named */
    if (s->n == s->cap) {
        uint32_t cap = s->cap ? s->cap * 2 : 16;
        struct known *p = tl_arena_alloc(s->k->arena, cap * sizeof *p);
        if (!p) return TL_ENOMEM;
        if (s->n) memcpy(p, s->list, s->n * sizeof *p);
        s->list = p;
        s->cap = cap;
    }
    s->list[s->n++] = (struct known){ number, m->until_ms };
    return 0;
}

static const char *
placeholder(struct tl_str s)
{
    static const char word[] = "{place}";
    for (size_t i = 0; i + sizeof word - 1 <= s.n; i++)
        if (memcmp(s.p + i, word, sizeof word - 1) == 0) return s.p + i;
    return NULL;
}

int
findings_known(struct look *k, struct tl_store_txn *t, struct tl_str ends_from, struct break_rule *r, struct tl_err *err)
{
    static const struct known none;
    const char *at = ends_from.n ? placeholder(ends_from) : NULL;
    struct source s = { k, t, { ends_from.p, 0 }, { NULL, 0 }, NULL, 0, 0, false };
    int rc = 0;
    if (!ends_from.n || !t) return 0;
    if (at) {
        s.before.n = (size_t)(at - ends_from.p);
        s.after = (struct tl_str){ at + 7, ends_from.n - s.before.n - 7 };
        rc = tl_store_watermarks(t, one_source, &s, err);
    } else {
        struct tl_watermark m;
        rc = tl_store_watermark(t, ends_from, &m);
        s.list = tl_arena_alloc(k->arena, sizeof *s.list);
        if (s.list) s.list[s.n++] = (struct known){ 0, m.until_ms };
        if (rc == TL_ENOTFOUND) rc = 0;
        if (!s.list) rc = TL_ENOMEM;
    }
    r->known = s.n ? s.list : &none;
    r->known_n = s.n;
    return rc == TL_ENOMEM ? tl_fail(err, rc, "out of memory") : rc;
}

int
findings_told(struct look *k, const struct tl_outcome_def *o, struct outcome_ask *q, struct tl_err *err)
{
    struct tl_store_txn *t = NULL;
    struct tl_watermark m;
    int rc = o->ends_from.n && k->store ? tl_store_begin(k->store, &t, err) : 0;
    if (rc || !t) return rc;
    tl_store_watermark(t, o->ends_from, &m);
    q->asks = true;
    q->told_ms = m.until_ms;
    tl_store_end(&t);
    return 0;
}
