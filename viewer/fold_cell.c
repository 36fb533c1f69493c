/* fold_cell.c - see fold_cell.h. Words that the store does not have are no mistake: no journey is behind them. */
#include "fold_cell.h"

#include <stdio.h>

#include "cell_name.h"
#include "fold_findings.h"

struct asked { struct findings f; struct behind behind; };

static int
says(struct tl_str s)
{
    return (int)(s.n < 60 ? s.n : 60);
}

/* what_find - the rule that the name speaks of; rule_n: where journeys stopped; UINT32_MAX: a standard of the catalogue that no chance of the store is of */
static int
what_find(const struct look *k, const struct findings *f, struct tl_str what, uint32_t *rule, struct tl_err *err)
{
    *rule = f->rule_n;
    if (tl_str_is(what, FINDINGS_DROP_OFF)) return 0;
    for (*rule = 0; *rule < f->rule_n; ++*rule)
        if (tl_str_eq(findings_id(f, *rule), what)) return 0;
    *rule = UINT32_MAX;
    if (tl_catalogue_standard(k->catalogue, what) >= 0 || findings_kind(what)) return 0;
    return tl_fail(err, TL_EINVAL, "parameter break: '%.*s' is no clock or check of the catalogue, and no kind of break; /api/breaks lists the cells there are", says(what), what.p);
}

static int
daypart_find(const struct tl_catalogue *c, struct tl_str id, uint32_t *daypart, struct tl_err *err)
{
    char known[160] = "none";
    size_t n = 0;
    for (uint32_t i = 0; i < c->daypart_n; i++) {
        struct tl_str x = c->daypart[i].id;
        *daypart = i + 1;
        if (tl_str_eq(x, id)) return 0;
        if (n + x.n + 3 < sizeof known) n += (size_t)snprintf(known + n, sizeof known - n, "%s%.*s", n ? ", " : "", (int)x.n, x.p);
    }
    return tl_fail(err, TL_EINVAL, "parameter break: no daypart '%.*s' in the catalogue; known: %s", says(id), id.p, known);
}

static uint32_t
number(struct tl_store_txn *t, struct tl_str word)
{
    return t && word.n ? tl_store_word_number(t, word) : 0;
}

static int
fill(struct look *k, struct tl_store_txn *t, const struct cell_name *name, struct asked *c, struct tl_err *err)
{
    struct behind *b = &c->behind;
    int rc = findings_resolve(k, t, &c->f, err);
    if (rc == 0) rc = what_find(k, &c->f, name->what, &b->rule, err);
    if (rc == 0 && name->daypart.p) rc = daypart_find(k->catalogue, name->daypart, &b->daypart, err);
    if (rc) return rc;
    b->ask = findings_ask(k, &c->f);
    b->ask.by = name->daypart.p ? BREAKS_BY_DAYPART : name->place.p ? BREAKS_BY_PLACE : BREAKS_BY_NOTHING;
    b->touchpoint = number(t, name->touchpoint);
    b->ask.unplanned = &b->touchpoint;
    b->ask.unplanned_n = b->touchpoint != 0;
    b->place = number(t, name->place);
    b->place_key = name->place.p ? number(t, TL_STR("place")) : 0;
    b->hit = !k->ask->brk_kept;
    b->gap_ms = k->sieve.gap_ms;
    if (!b->touchpoint || (name->place.p && !b->place)) b->rule = UINT32_MAX;
    return 0;
}

int
fold_cell(struct look *k, struct tl_store_txn *t, struct tl_err *err)
{
    struct cell_name name;
    const struct tl_journey_type *type = &k->catalogue->type[k->type];
    struct asked *c = tl_arena_alloc(k->arena, sizeof *c);
    int bad = cell_name_read(k->ask->brk, k->arena, &name);
    if (!c || bad == -2) return tl_fail(err, TL_ENOMEM, "out of memory");
    if (bad) return tl_fail(err, TL_EINVAL, "parameter break cannot be '%.*s'; it is [TYPE:]WHAT/TOUCHPOINT[/PLACE[/DAYPART]]", says(k->ask->brk), k->ask->brk.p);
    if (name.type.p && !tl_str_eq(name.type, type->id))
        return tl_fail(err, TL_EINVAL, "parameter break: the cell is of journey type '%.*s', the question of '%.*s'", says(name.type), name.type.p, says(type->id), type->id.p);
    int rc = fill(k, t, &name, c, err);
    if (rc == 0) k->sieve.behind = &c->behind;
    return rc;
}
