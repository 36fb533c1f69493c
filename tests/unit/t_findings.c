/* t_findings.c - break points and moments of truth, judged from rows: boundaries one by one, random rows against straight counting, and the demo's world, whose
 * planted truths and figures are known. */
#include "stats_kit.h"

#include "../../cli/tea_world.h"
#include "../../viewer/analysis/breaks.h"
#include "../../viewer/analysis/cell.h"
#include "../../viewer/analysis/drops.h"
#include "../../viewer/analysis/moments.h"
#include "tl_time.h"

#define MIN_MS INT64_C(60000)
#define HOUR_MS (60 * MIN_MS)
#define DAYS 56
#define AS_OF (DAYS * TL_DAY_MS)
enum { HANDOVER = 10, CHAT, MAKE, CALL, READY, REMEDY, PAYMENT, MENU };             /* touchpoints */
enum { S_WAIT = 20, S_CHAT, S_NOTE, S_CONTEXT, S_NOTICE, S_REMEDY };                /* standards */
enum { UNHAPPY = 30, BACK, TIER_KEY = 40, TIER };

static struct tl_facts facts;
static struct tl_buf packed;
static struct tl_step step[8];

/* ---- journeys and partials ---- */

static void
feed(const struct analysis *an, void *acc, struct tl_journey *j, int64_t gap_ms, int64_t as_of_ms)
{
    tl_buf_reset(&packed);
    tl_facts_put(&packed, &facts, j->start_ms);
    j->facts = (struct tl_str){ (const char *)packed.data, packed.len };
    assert_int_equal(an->journey(acc, j, tl_journey_end(j, gap_ms, as_of_ms)), 0);
}

static struct tl_chance *
chance(uint32_t standard, uint32_t on, int64_t start, int64_t due, int64_t ended, int flags)
{
    struct tl_chance *c = &facts.chance[facts.chance_n++];
    *c = (struct tl_chance){ standard, on, (uint8_t)flags, start, due, ended, TL_TIME_NONE, 0, 0, 0 };
    return c;
}

static void
chance_cases(void **state)
{
    static const int64_t none = TL_TIME_NONE, lim = 480000;
    static const struct { enum tl_standard_kind kind; int64_t start, due, ended, cancelled, as_of; int flags; enum chance_is is; } t[] = {
        { TL_STANDARD_CLOCK, 0, lim, lim, none, AS_OF, 0, CHANCE_KEPT },               /* 8:00 is no break */
        { TL_STANDARD_CLOCK, 0, lim, lim + 1000, none, AS_OF, 0, CHANCE_HIT },         /* 8:01 is */
        { TL_STANDARD_CLOCK, 0, lim, none, none, lim, 0, CHANCE_HIT },                 /* still waiting: at the limit it is due */
        { TL_STANDARD_CLOCK, 0, lim, none, none, lim - 1, 0, CHANCE_OUT },
        { TL_STANDARD_CLOCK, 0, lim, 1000, none, lim - 1, 0, CHANCE_OUT },             /* kept already, and not eligible before the limit: no bias to the quick */
        { TL_STANDARD_CLOCK, 0, lim, none, lim - 1, AS_OF, 0, CHANCE_CANCELLED },
        { TL_STANDARD_CLOCK, 0, lim, none, lim, AS_OF, 0, CHANCE_HIT },
        { TL_STANDARD_CLOCK, 10, lim, none, none, 9, 0, CHANCE_OUT },                  /* not begun */
        { TL_STANDARD_FAILED, 0, none, none, none, 0, TL_CHANCE_HIT, CHANCE_HIT },
        { TL_STANDARD_FAILED, 0, none, none, none, 0, 0, CHANCE_KEPT },
        { TL_STANDARD_REQUIRED, 0, none, none, none, AS_OF, 0, CHANCE_OUT },
        { TL_STANDARD_REQUIRED, 0, none, none, none, AS_OF, TL_CHANCE_HIT, CHANCE_HIT },
        { TL_STANDARD_REQUIRED, 0, none, 5, none, AS_OF, TL_CHANCE_KEPT, CHANCE_KEPT },
        { TL_STANDARD_REPEAT, 0, 100, none, none, 99, 0, CHANCE_OUT },
        { TL_STANDARD_REPEAT, 0, 100, none, none, 100, 0, CHANCE_KEPT },
        { TL_STANDARD_REPEAT, 0, 100, 100, none, 100, 0, CHANCE_HIT },
        { TL_STANDARD_REPEAT, 0, 100, 50, none, 60, 0, CHANCE_HIT },
        { TL_STANDARD_REPEAT, 0, 100, 101, none, 200, 0, CHANCE_KEPT },
        { TL_STANDARD_TRANSFERS, 0, none, 7, none, 9, TL_CHANCE_HIT, CHANCE_HIT },
    };
    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        struct tl_chance c = { 1, 0, (uint8_t)t[i].flags, t[i].start, t[i].due, t[i].ended, t[i].cancelled, 0, 0, 0 };
        if (chance_judge(t[i].kind, &c, t[i].as_of) == t[i].is) continue;
        print_error("case %zu\n", i);
        fail();
    }
}

static void
severity_cases(void **state)
{
    static const struct { int64_t took; bool basic; int floor, want; } t[] = {
        { 481, false, 1, 1 }, { 720, false, 1, 1 }, { 721, false, 1, 2 }, { 1440, false, 1, 2 }, { 1441, false, 1, 3 }, { 481, true, 1, 2 }, { 1441, true, 1, 3 }, { 481, false, 3, 3 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        struct break_rule r = { .standard = 1, .kind = TL_STANDARD_CLOCK, .basic = t[i].basic, .severity_min = (uint8_t)t[i].floor };
        struct tl_chance ended = { .due_ms = 480000, .ended_ms = t[i].took * 1000 }, open = { .due_ms = 480000, .ended_ms = TL_TIME_NONE };
        assert_int_equal(chance_severity(&r, &ended, AS_OF), t[i].want);
        assert_int_equal(chance_severity(&r, &open, t[i].took * 1000), t[i].want);
    }
}

/* ---- the demo's world ---- */

static const struct break_rule rules[] = {
    { .standard = S_WAIT, .touchpoint = HANDOVER, .kind = TL_STANDARD_CLOCK, .severity_min = 1 },
    { .standard = S_CHAT, .touchpoint = CHAT, .kind = TL_STANDARD_CLOCK, .severity_min = 1 },
    { .standard = S_NOTE, .touchpoint = MAKE, .kind = TL_STANDARD_REQUIRED, .severity_min = 1 },
    { .standard = S_CONTEXT, .touchpoint = CALL, .kind = TL_STANDARD_FAILED, .severity_min = 1 },
    { .standard = S_NOTICE, .touchpoint = READY, .kind = TL_STANDARD_REQUIRED, .severity_min = 1 },
    { .standard = S_REMEDY, .touchpoint = REMEDY, .kind = TL_STANDARD_REQUIRED, .beyond = true, .severity_min = 1 },
};
enum { RULES = sizeof rules / sizeof rules[0] };

static struct world {
    void *told, *drops[2], *again;
    struct customer_mark *mark;
    size_t mark_n;
} world;

static void
order_facts(const struct tea_order *o, int64_t placed, int64_t handed)
{
    int64_t chat = handed + 20 * MIN_MS, complaint = handed + 125 * MIN_MS;
    facts.chance_n = facts.break_n = facts.scored_n = facts.marked_n = 0;
    chance(S_WAIT, 1, placed, placed + 480000, handed, 0)->place = 60 + (uint32_t)o->store;
    if (o->note) chance(S_NOTE, 1, placed, TL_TIME_NONE, o->note_missed ? TL_TIME_NONE : handed - 30000, o->note_missed ? TL_CHANCE_HIT : TL_CHANCE_KEPT);
    chance(S_NOTICE, 1, placed, TL_TIME_NONE, o->no_notice ? TL_TIME_NONE : handed - 15000, o->no_notice ? TL_CHANCE_HIT : TL_CHANCE_KEPT);
    if (o->chat) chance(S_CHAT, 2, chat, chat + 15000, chat + (o->chat_slow ? 16000 : 15000), 0);
    if (o->call) chance(S_CONTEXT, 2, chat + 3 * MIN_MS, TL_TIME_NONE, TL_TIME_NONE, o->asked_again ? TL_CHANCE_HIT : 0);
    if (o->complaint) chance(S_REMEDY, 2, complaint, TL_TIME_NONE, o->good_remedy ? complaint + 20 * MIN_MS : TL_TIME_NONE, o->good_remedy ? TL_CHANCE_KEPT : TL_CHANCE_HIT);
    if (o->unhappy) facts.marked[facts.marked_n++] = (struct tl_marked){ UNHAPPY, 2, o->complaint ? complaint : handed + 90 * MIN_MS };
}

static int
add_order(void *arg, const struct tea_order *o)
{
    struct world *w = arg;
    int64_t placed = o->placed_ms, handed = placed + o->wait_s * 1000;
    struct tl_journey j = { .type = 1, .day = o->day, .customer = o->customer + 1, .start_ms = placed - 4 * MIN_MS, .last_ms = handed, .outcome = TL_GOOD, .steps_n = 3, .step = step,
                            .attrs_n = 1, .attr = { { TIER_KEY, TIER + (uint32_t)o->tier } } };
    step[0] = (struct tl_step){ .touchpoint = MENU, .start_ms = j.start_ms, .end_ms = j.start_ms };
    step[1] = (struct tl_step){ .touchpoint = PAYMENT, .start_ms = placed, .end_ms = placed };
    step[2] = (struct tl_step){ .touchpoint = HANDOVER, .start_ms = handed, .end_ms = handed };
    order_facts(o, placed, handed);
    feed(&analysis_told, w->told, &j, 3 * TL_DAY_MS, AS_OF);
    feed(&analysis_drops, w->drops[o->day >= 28], &j, 3 * TL_DAY_MS, AS_OF);
    w->mark = realloc(w->mark, (w->mark_n + 1) * sizeof *w->mark);
    w->mark[w->mark_n++] = (struct customer_mark){ o->customer + 1, placed };
    return 0;
}

static int
add_visitor(void *arg, const struct tea_visitor *v)
{
    struct world *w = arg;
    int64_t at = v->day * TL_DAY_MS + 10 * HOUR_MS;
    struct tl_journey j = { .type = 1, .day = v->day, .customer = 1000000 + v->number, .start_ms = at, .last_ms = at + MIN_MS, .outcome = TL_UNDECIDED, .steps_n = v->pays ? 2 : 1, .step = step };
    facts = (struct tl_facts){ 0 };
    step[0] = (struct tl_step){ .touchpoint = MENU, .start_ms = at, .end_ms = at };
    step[1] = (struct tl_step){ .touchpoint = PAYMENT, .start_ms = at + MIN_MS, .end_ms = at + MIN_MS };
    feed(&analysis_told, w->told, &j, 3 * TL_DAY_MS, AS_OF);
    feed(&analysis_drops, w->drops[v->day >= 28], &j, 3 * TL_DAY_MS, AS_OF);
    return 0;
}

static int
mark_order(const void *x, const void *y)
{
    const struct customer_mark *a = x, *b = y;
    return a->customer != b->customer ? (a->customer < b->customer ? -1 : 1) : (a->at_ms > b->at_ms) - (a->at_ms < b->at_ms);
}

static int
make_world(void **state)
{
    static const struct analysis_arg told = { .word = { HANDOVER, HANDOVER, TIER_KEY }, .word_n = 3 };
    static const struct analysis_arg drops = { .word = { PAYMENT }, .word_n = 1, .as_of_ms = AS_OF, .gap_ms = 3 * TL_DAY_MS };
    void *acc[3] = { analysis_told.begin(&told), analysis_drops.begin(&drops), analysis_drops.begin(&drops) };
    (void)state;
    world.told = acc[0];
    world.drops[0] = acc[1];
    world.drops[1] = acc[2];
    tea_orders(155, 4000, DAYS, add_order, &world);
    tea_visitors(155, DAYS, add_visitor, &world);
    qsort(world.mark, world.mark_n, sizeof *world.mark, mark_order);
    world.told = analysis_told.finish(acc[0]);
    for (int i = 0; i < 2; i++) world.drops[i] = analysis_drops.finish(acc[1 + i]);
    analysis_told.abandon(acc[0]);
    analysis_drops.abandon(acc[1]);
    analysis_drops.abandon(acc[2]);
    return world.told && world.drops[0] && world.drops[1] ? 0 : -1;
}

static int
end_world(void **state)
{
    (void)state;
    analysis_told.free(world.told);
    analysis_drops.free(world.drops[0]);
    analysis_drops.free(world.drops[1]);
    free(world.mark);
    tl_buf_free(&packed);
    return 0;
}

static struct breaks_ask
weeks(int32_t from, int32_t to)
{
    int64_t before = (int64_t)from - 28;        /* from may be the first day there is */
    return (struct breaks_ask){ .rule = rules, .rule_n = RULES, .as_of_ms = AS_OF, .from_day = from, .to_day = to, .before_from = before > 0 ? (int32_t)before : 0,
                                .before_to = from > 0 ? from - 1 : -1, .watch_from = INT32_MAX };
}

static void
cells_of_the_demo(void **state)
{
    static const struct { uint32_t n, k, before_n, before_k; double lo, hi, allowed; bool found; } want[] = {
        { 6521, 616, 5934, 670, .087602, .101803, .05, true }, { 828, 94, 681, 59, .09368, .136943, .05, true }, { 923, 93, 865, 87, .082964, .121862, .02, true },
        { 250, 100, 170, 73, .341228, .461798, .05, true }, { 6521, 555, 5934, 472, .078579, .092129, .10, false },
    };
    struct breaks_ask q = weeks(28, 55);
    struct tallies t;
    (void)state;
    assert_int_equal(breaks_count(world.told, &q, &t), 0);
    assert_int_equal(t.n, 5);           /* the remedy goes beyond: no break */
    for (size_t i = 0; i < t.n; i++) t.cell[i].again = true;
    assert_int_equal(breaks_designs(world.told, &q, &t), 0);
    for (size_t i = 0; i < t.n; i++) {
        const struct tally *x = &t.cell[i];
        struct share s = { x->k, x->n, 1 };
        struct cell c = cell_against_allowed(s, want[i].allowed);
        assert_int_equal(x->rule, i);
        assert_int_equal(x->n, want[i].n);
        assert_int_equal(x->k, want[i].k);
        assert_int_equal(x->before_n, want[i].before_n);
        assert_int_equal(x->before_k, want[i].before_k);
        near(c.rate.lo, want[i].lo, 1e-6);
        near(c.rate.hi, want[i].hi, 1e-6);
        s.de = x->de;
        c = cell_against_allowed(s, want[i].allowed);
        assert_int_equal(cell_shown(&c, s, c.p), want[i].found);
    }
    near(t.cell[0].de, 1.66, .005);
    breaks_free(&t);
}

static void
places_of_the_demo(void **state)
{
    struct breaks_ask q = weeks(28, 55);
    struct tallies t;
    uint64_t rows = 0, hits = 0;
    (void)state;
    q.by = BREAKS_BY_PLACE;
    assert_int_equal(breaks_count(world.told, &q, &t), 0);
    assert_int_equal(t.n, TEA_STORES);  /* only the wait says where */
    for (size_t i = 0; i < t.n; i++) {
        assert_int_equal(t.cell[i].place, 60 + i);
        rows += t.cell[i].n;
        hits += t.cell[i].k;
    }
    assert_int_equal(rows, 6521);
    assert_int_equal(hits, 616);
    breaks_free(&t);
}

/* places x dayparts: the figures known of the lunches; what a cell counts is what it lists */
static void
lunches_of_the_demo(void **state)
{
    static const struct tl_daypart part[] = { { .from_min = 8 * 60, .to_min = 11 * 60 }, { .from_min = 11 * 60 + 30, .to_min = 13 * 60 + 30 }, { .from_min = 14 * 60, .to_min = 17 * 60 + 30 },
                                             { .from_min = 17 * 60 + 30, .to_min = 21 * 60 } };
    static const struct { uint32_t store, n, k, before_n, before_k; } want[] = { { 2, 860, 140, 625, 290 }, { 6, 681, 302, 543, 239 }, { 7, 16, 4, 26, 3 } };
    struct breaks_ask q = weeks(28, 55);
    struct tallies t;
    struct tl_err err;
    struct tl_zone *z = NULL;
    uint64_t rows = 0, elsewhere = 0, late = 0;
    (void)state;
    assert_int_equal(tl_zone_open(&z, "UTC", &err), 0);      /* the world's hours are those of its days */
    q.by = BREAKS_BY_DAYPART;
    q.daypart = part;
    q.daypart_n = 4;
    q.zone = z;
    q.watch_from = 0;
    assert_int_equal(breaks_count(world.told, &q, &t), 0);
    for (size_t i = 0; i < t.n; i++) {
        const struct tally *x = &t.cell[i];
        uint64_t n = 0, k = 0;
        bool lunch = false;
        for (size_t w = 0; w < sizeof want / sizeof want[0]; w++) {
            if (x->place != 60 + want[w].store || x->daypart != 2) continue;
            assert_true(x->n == want[w].n && x->k == want[w].k && x->before_n == want[w].before_n && x->before_k == want[w].before_k);
            lunch = true;
        }
        for (uint32_t d = 0; d < t.day_n; d++) {
            n += x->day[d].n;
            k += x->day[d].k;
        }
        assert_true(n == x->n + x->before_n && k == x->k + x->before_k);
        rows += x->n;
        elsewhere += lunch ? 0 : x->n;
        late += lunch ? 0 : x->k;
    }
    assert_int_equal(rows, 6521);
    assert_int_equal(elsewhere, 4964);
    assert_int_equal(late, 170);
    breaks_free(&t);
    tl_zone_free(&z);
}

/* more cells than days can be told of: none is told day by day, all are counted */
static void
too_many_cells_for_days(void **state)
{
    static const struct break_rule rule = { .standard = S_WAIT, .touchpoint = HANDOVER, .kind = TL_STANDARD_FAILED, .severity_min = 1 };
    enum { PLACES = 12000 };
    struct breaks_ask q = { .rule = &rule, .rule_n = 1, .as_of_ms = AS_OF, .from_day = 0, .to_day = 400, .before_from = 1, .watch_from = 0, .by = BREAKS_BY_PLACE };
    struct tallies t;
    void *acc = analysis_told.begin(NULL);
    (void)state;
    for (uint32_t i = 0; i < PLACES; i++) {
        struct tl_journey j = { .customer = i, .steps_n = 1, .step = step };
        facts = (struct tl_facts){ 0 };
        chance(S_WAIT, 0, 0, TL_TIME_NONE, TL_TIME_NONE, i % 3 ? 0 : TL_CHANCE_HIT)->place = i + 1;
        feed(&analysis_told, acc, &j, 1, 0);
    }
    struct told *told = analysis_told.finish(acc);
    assert_int_equal(breaks_count(told, &q, &t), 0);
    assert_int_equal(t.n, PLACES);
    assert_null(t.day);
    assert_null(t.cell[7].day);
    for (size_t i = 0; i < t.n; i++) assert_true(t.cell[i].n == 1 && t.cell[i].k == (t.cell[i].place % 3 == 1));
    breaks_free(&t);
    analysis_told.free(told);
    analysis_told.abandon(acc);
}

static void
drop_off_of_the_demo(void **state)
{
    const struct drop now = drops_between(world.drops[1], PAYMENT, 28, 55), before = drops_between(world.drops[0], PAYMENT, 0, 27);
    const struct drops *d = world.drops[1];
    struct hit_row row[8000];
    (void)state;
    assert_int_equal(now.reached, 6174);
    assert_int_equal(now.dropped, 388);
    assert_int_equal(before.reached, 6109);
    assert_int_equal(before.dropped, 175);
    assert_int_equal(d->row_n, 6174);
    for (size_t i = 0; i < d->row_n; i++) row[i] = (struct hit_row){ d->row[i].customer, d->row[i].dropped };
    near(breaks_design(row, d->row_n), 1, .2);
    struct cell c = cell_against_before((struct share){ now.dropped, now.reached, 1 }, (struct share){ before.dropped, before.reached, 1 });
    near(c.rate.lo, .057058, 1e-6);
    near(c.rate.hi, .069174, 1e-6);
    near(c.over.value, .034, .0005);
    near(c.over.lo, .027, .0005);
    near(c.over.hi, .042, .0005);
    assert_int_equal(drops_between(d, HANDOVER, 28, 55).dropped, 0);
    assert_int_equal(drops_between(d, 999, 0, 55).reached, 0);
}

static bool
has_table(const struct moment_judged *m, const unsigned want[4])
{
    for (size_t i = 0; i < m->n; i++)
        if (m->table[i].a == want[0] && m->table[i].b == want[1] && m->table[i].c == want[2] && m->table[i].d == want[3]) return true;
    return false;
}

static const struct told_case {
    const char *what;
    uint32_t rule, touchpoint;
    enum moment_side side;
    bool damage;
    unsigned table[3][4];
    double crude[3], rd[3], p;
} told_cases[] = {
    { "late, not back", 0, HANDOVER, SIDE_BAD, false, { { 75, 447, 91, 1287 }, { 87, 159, 543, 1609 }, { 122, 77, 2379, 2197 } }, { -.078008, -.107795, -.046731 }, { .088012, .059142, .116883 }, 2.41e-10 },
    { "late, unhappy", 0, HANDOVER, SIDE_BAD, true, { { 159, 489, 98, 1799 }, { 67, 241, 155, 2655 }, { 60, 206, 406, 5385 } }, { .171269, .147888, .196224 }, { .175553, .15103, .200076 }, 5.65e-88 },
    { "no notice, not back", 4, READY, SIDE_BAD, false, { { 10, 143, 156, 1591 }, { 53, 145, 577, 1623 }, { 207, 194, 2294, 2080 } }, { -.004736, -.039803, .031667 }, { -.007855, -.041056, .025346 }, .645 },
    { "slow chat, not back", 1, CHAT, SIDE_BAD, false, { { 1, 9, 18, 199 }, { 12, 18, 61, 181 }, { 35, 30, 288, 230 } }, { .081503, -.015598, .181183 }, { .032972, -.063109, .129053 }, .491 },
    { "slow chat, unhappy", 1, CHAT, SIDE_BAD, true, { { 0, 14, 36, 253 }, { 4, 38, 24, 288 }, { 9, 81, 57, 603 } }, { -.003742, -.043913, .055475 }, { .00073, -.048223, .049683 }, .977 },
    { "note missed, unhappy", 2, MAKE, SIDE_BAD, true, { { 23, 17, 26, 288 }, { 21, 22, 22, 424 }, { 42, 45, 46, 723 } }, { .444404, .368796, .519402 }, { .443148, .367052, .519244 }, 2.92e-70 },
    { "asked again, unhappy", 3, CALL, SIDE_BAD, true, { { 12, 30, 4, 51 }, { 8, 24, 5, 63 }, { 24, 59, 8, 99 } }, { .206342, .129896, .286005 }, { .20509, .126838, .283343 }, 7.42e-8 },
    { "good remedy, not back", 5, REMEDY, SIDE_GOOD, false, { { 2, 50, 16, 40 }, { 7, 30, 17, 26 }, { 37, 59, 54, 29 } }, { -.229373, -.321262, -.131505 }, { -.247045, -.336358, -.157733 }, 2.58e-7 },
};

static struct moment_ask
moment_of(const struct told_case *t)
{
    struct moment_ask q = { .breaks = weeks(INT32_MIN, INT32_MAX), .rules = UINT64_C(1) << t->rule, .touchpoint = t->touchpoint, .side = t->side, .mark = world.mark, .mark_n = world.mark_n };
    if (t->damage) q.outcome = (struct outcome_ask){ .word = UNHAPPY, .within_ms = 72 * HOUR_MS, .horizon_ms = 72 * HOUR_MS };
    else q.outcome = (struct outcome_ask){ .word = BACK, .of_customer = true, .absent = true, .after = 1, .within_ms = 14 * TL_DAY_MS, .horizon_ms = 14 * TL_DAY_MS };
    return q;
}

static void
moments_of_the_demo(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof told_cases / sizeof told_cases[0]; i++) {
        const struct told_case *t = &told_cases[i];
        struct moment_ask q = moment_of(t);
        struct moment_rows rows;
        struct moment_judged m;
        struct strata plain;
        assert_int_equal(moments_rows(world.told, &q, &rows), 0);
        assert_int_equal(moments_judge(&rows, &m), 0);
        assert_int_equal(m.n, 3);
        for (int s = 0; s < 3; s++) assert_true(has_table(&m, t->table[s]));
        assert_int_equal(rows.excluded, 0);
        strata_judge(m.table, m.n, 1, &plain);
        interval_is(plain.crude_rd, t->crude[0], t->crude[1], t->crude[2], 1e-6);
        interval_is(plain.rd, t->rd[0], t->rd[1], t->rd[2], 1e-6);
        near(plain.cmh.p, t->p, t->p * .005);
        assert_true(m.de >= 1 && m.de < 1.2);
        near(m.judged.rd.value, t->rd[0], 1e-6);
        assert_true(m.judged.rd.lo <= plain.rd.lo + 1e-12);
        if (i == 0) {
            near(m.de, 1.01, .01);
            near(plain.saved.value, 84, .5);
            near(plain.saved.lo, 57, .5);
            near(plain.rr.value, 1.387, .0005);
            near(plain.e.value, 2.12, .005);
        }
        tl_free(rows.row);
        moments_judged_free(&m);
    }
}

/* ---- rows in any order, in any parts, tell the same ---- */

static void
parts_add(void **state)
{
    static const struct analysis_arg arg = { .word = { HANDOVER, HANDOVER, TIER_KEY }, .word_n = 3 };
    const struct told *whole = world.told;
    struct world part[3];
    const void *list[3];
    (void)state;
    for (int i = 0; i < 3; i++) {
        part[i] = (struct world){ .told = analysis_told.begin(&arg), .drops = { analysis_drops.begin(NULL), analysis_drops.begin(NULL) } };
        if (i == 1) tea_orders(155, 4000, DAYS, add_order, &part[i]);
        if (i == 2) tea_visitors(155, DAYS, add_visitor, &part[i]);
        list[2 - i] = analysis_told.finish(part[i].told);
    }
    struct told *sum = analysis_told.sum(list, 3);
    assert_int_equal(sum->journey_n, whole->journey_n);
    assert_int_equal(sum->chance_n, whole->chance_n);
    for (size_t i = 0; i < sizeof told_cases / sizeof told_cases[0]; i++) {
        struct moment_ask q = moment_of(&told_cases[i]);
        struct moment_rows a, b;
        struct moment_judged x, y;
        assert_int_equal(moments_rows(whole, &q, &a) | moments_rows(sum, &q, &b), 0);
        assert_int_equal(moments_judge(&a, &x) | moments_judge(&b, &y), 0);
        assert_memory_equal(&x.judged, &y.judged, sizeof x.judged);     /* to the last bit */
        assert_true(x.de == y.de);
        tl_free(a.row);
        tl_free(b.row);
        moments_judged_free(&x);
        moments_judged_free(&y);
    }
    for (int i = 0; i < 3; i++) {
        analysis_told.free((void *)(uintptr_t)list[i]);
        analysis_told.abandon(part[i].told);
        analysis_drops.abandon(part[i].drops[0]);
        analysis_drops.abandon(part[i].drops[1]);
        free(part[i].mark);
    }
    analysis_told.free(sum);
}

/* ---- an outcome that came before the experience was known tells nothing about it ---- */

static void
landmarks(void **state)
{
    static const struct analysis_arg arg = { .word = { HANDOVER, 0, 0 }, .word_n = 3 };
    static const struct { int64_t ended, mark, as_of; int after; unsigned n, met, excluded, waiting; } t[] = {
        { 400, 600, 2000, 0, 1, 1, 0, 0 },      /* hand-over at 500, window until 1500 */
        { 400, 500, 2000, 0, 0, 0, 1, 0 },      /* at the landmark: it is open no more */
        { 400, 1500, 2000, 0, 1, 1, 0, 0 }, { 400, 1501, 2000, 0, 1, 0, 0, 0 },
        { 400, 600, 1499, 0, 0, 0, 0, 1 },      /* not old enough */
        { 700, 600, 2000, 0, 0, 0, 1, 0 },      /* met before the experience was over */
        { 700, 800, 2000, 0, 1, 1, 0, 0 },
        { 400, 600, 2000, 1, 0, 0, 1, 0 },      /* never was where the window opens */
        { 700, 1700, 2000, -1, 1, 1, 0, 0 },    /* window from the end of the experience */
    };
    static const struct break_rule rule = { .standard = S_WAIT, .touchpoint = HANDOVER, .kind = TL_STANDARD_CLOCK, .severity_min = 1 };
    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        void *acc = analysis_told.begin(&arg);
        struct tl_journey j = { .customer = 1, .last_ms = 500, .steps_n = 1, .step = step };
        step[0] = (struct tl_step){ .touchpoint = HANDOVER, .start_ms = 500, .end_ms = 500 };
        facts = (struct tl_facts){ 0 };
        chance(S_WAIT, 0, 0, 1000, t[i].ended, 0);
        facts.marked[facts.marked_n++] = (struct tl_marked){ UNHAPPY, 0, t[i].mark };
        feed(&analysis_told, acc, &j, 1, 2000);
        struct told *told = analysis_told.finish(acc);
        struct moment_ask q = { .breaks = { .rule = &rule, .rule_n = 1, .as_of_ms = t[i].as_of }, .rules = 1, .touchpoint = HANDOVER, .side = SIDE_BAD,
                                .outcome = { .word = UNHAPPY, .after = t[i].after, .within_ms = 1000, .horizon_ms = 1000 } };
        struct moment_rows r;
        assert_int_equal(moments_rows(told, &q, &r), 0);
        if (r.n != t[i].n || r.excluded != t[i].excluded || r.waiting != t[i].waiting || (r.n && r.row[0].met != (t[i].met == 1))) {
            print_error("case %zu: %zu rows, %u excluded, %u waiting\n", i, r.n, (unsigned)r.excluded, (unsigned)r.waiting);
            fail();
        }
        tl_free(r.row);
        analysis_told.free(told);
        analysis_told.abandon(acc);
    }
}

/* ---- required steps; nothing at all ---- */

static void
required_steps(void **state)
{
    static const struct break_rule rule[] = { { .without = TL_BREAK_MISSING, .severity_min = 1 }, { .without = TL_BREAK_ORDER, .severity_min = 1 } };
    static const uint32_t required[] = { MENU, PAYMENT };
    struct breaks_ask q = { .rule = rule, .rule_n = 2, .required = required, .required_n = 2, .as_of_ms = AS_OF, .from_day = INT32_MIN, .to_day = INT32_MAX, .before_from = 1, .watch_from = INT32_MAX };
    void *acc = analysis_told.begin(NULL);
    (void)state;
    for (int i = 0; i < 10; i++) {
        struct tl_journey j = { .customer = (uint64_t)i, .outcome = i == 9 ? TL_BAD : TL_GOOD, .steps_n = 1, .step = step };
        facts = (struct tl_facts){ 0 };
        if (i % 3 == 0) facts.brk[facts.break_n++] = (struct tl_break){ .kind = TL_BREAK_MISSING, .severity = 2, .step = 0, .touchpoint = PAYMENT };
        if (i == 1) facts.brk[facts.break_n++] = (struct tl_break){ .kind = TL_BREAK_ORDER, .severity = 1, .step = 0, .touchpoint = PAYMENT };
        feed(&analysis_told, acc, &j, 1, 0);
    }
    struct told *told = analysis_told.finish(acc);
    struct tallies t;
    assert_int_equal(breaks_count(told, &q, &t), 0);
    assert_int_equal(t.n, 3);           /* missing menu, missing payment, payment out of order: menu is first */
    for (size_t i = 0; i < t.n; i++) assert_int_equal(t.cell[i].n, 9);
    for (size_t i = 0; i < t.n; i++) assert_int_equal(t.cell[i].k, t.cell[i].rule == 1 ? 1 : t.cell[i].touchpoint == PAYMENT ? 3 : 0);
    breaks_free(&t);
    analysis_told.free(told);
    analysis_told.abandon(acc);
}

static void
nothing(void **state)
{
    struct told *none = analysis_told.sum(NULL, 0);
    struct breaks_ask q = weeks(0, 55);
    struct moment_ask m = moment_of(&told_cases[0]);
    struct tallies t;
    struct moment_rows r;
    struct moment_judged j;
    (void)state;
    assert_int_equal(breaks_count(none, &q, &t), 0);
    assert_int_equal(breaks_designs(none, &q, &t), 0);
    assert_int_equal(t.n, 0);
    assert_int_equal(moments_rows(none, &m, &r), 0);
    assert_int_equal(moments_judge(&r, &j), 0);
    assert_int_equal(j.gate.missing, STRATA_FEW_EXPOSED);
    assert_false(j.judged.rd.known);
    near(breaks_design(NULL, 0), 1, 0);
    breaks_free(&t);
    tl_free(r.row);
    moments_judged_free(&j);
    analysis_told.free(none);
}

/* ---- drop-off: random journeys against straight counting; the interval of as_of that a partial claims is true ---- */

static void
drops_equal_the_oracle(void **state)
{
    static struct tl_step s[300][6];
    static struct tl_journey j[300];
    static int64_t at[300];
    uint64_t seed = 5;
    (void)state;
    for (int i = 0; i < 300; i++) {
        int64_t ms = (int64_t)(stats_random(&seed) * 1000);
        j[i] = (struct tl_journey){ .customer = (uint64_t)i / 3, .start_ms = ms, .outcome = (uint8_t)(stats_random(&seed) * 3), .steps_n = 1 + (uint32_t)(stats_random(&seed) * 6), .step = s[i] };
        for (uint32_t k = 0; k < j[i].steps_n; k++, ms += (int64_t)(stats_random(&seed) * 60)) s[i][k] = (struct tl_step){ .touchpoint = 1 + (uint32_t)(stats_random(&seed) * 4), .start_ms = ms, .end_ms = ms };
        j[i].last_ms = s[i][j[i].steps_n - 1].end_ms + (int64_t)(stats_random(&seed) * 20);
        at[i] = j[i].last_ms;
    }
    for (int64_t as_of = 0; as_of < 2000; as_of += 37) {
        struct analysis_arg arg = { .as_of_ms = as_of, .gap_ms = 100 };
        void *acc = analysis_drops.begin(&arg);
        int64_t lo = INT64_MIN, hi = INT64_MAX;
        uint64_t reached[5] = { 0 }, dropped[5] = { 0 };
        for (int i = 0; i < 300; i++) {
            bool met[5] = { false };
            assert_int_equal(analysis_drops.journey(acc, &j[i], tl_journey_end(&j[i], 100, as_of)), 0);
            for (uint32_t k = j[i].steps_n; k-- > 0;) {
                uint32_t t = s[i][k].touchpoint;
                if (!met[t] && s[i][k].end_ms + 100 <= as_of) {
                    reached[t]++;
                    dropped[t] += k + 1 == j[i].steps_n && j[i].outcome == TL_UNDECIDED && at[i] + 100 < as_of;
                }
                met[t] = true;
            }
        }
        analysis_drops.holds(acc, &lo, &hi);
        assert_true(lo <= as_of && as_of <= hi);
        for (int i = 0; i < 300; i++)
            for (uint32_t k = 0; k < j[i].steps_n; k++) {
                int64_t from = s[i][k].end_ms + 100;
                bool last = true;
                for (uint32_t x = k + 1; x < j[i].steps_n; x++) last &= s[i][x].touchpoint != s[i][k].touchpoint;
                if (last) assert_true(from <= lo || from > hi);     /* no visit turns mature inside */
            }
        struct drops *d = analysis_drops.finish(acc);
        for (uint32_t t = 1; t < 5; t++) {
            const struct drop x = drops_between(d, t, 0, 0);
            assert_int_equal(x.reached, reached[t]);
            assert_int_equal(x.dropped, dropped[t]);
        }
        analysis_drops.free(d);
        analysis_drops.abandon(acc);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chance_cases), cmocka_unit_test(severity_cases), cmocka_unit_test(cells_of_the_demo), cmocka_unit_test(places_of_the_demo), cmocka_unit_test(lunches_of_the_demo), cmocka_unit_test(too_many_cells_for_days),
        cmocka_unit_test(drop_off_of_the_demo), cmocka_unit_test(moments_of_the_demo), cmocka_unit_test(parts_add), cmocka_unit_test(landmarks),
        cmocka_unit_test(required_steps), cmocka_unit_test(nothing), cmocka_unit_test(drops_equal_the_oracle),
    };
    return cmocka_run_group_tests(tests, make_world, end_world);
}
