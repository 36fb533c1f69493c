/* fold_days.c - one sum over the days asked.
 *
 *   list the days (one transaction)            day, revision, day, revision, ...
 *   the whole period: its sum is good for the hash of all its days' revisions; else
 *   whole months: a month's sum is good for the hash of its days' revisions; a month that was never asked for is folded from its rows at once
 *   else each day: a partial is good for the day's revision; what is missing is folded, by two threads when it is much
 *   days whose revision moved while we folded: once more, three rounds at most
 *
 * Revisions are equal again when the rows are, so a change that is undone finds its partials again. Another store (a rebuild) begins anew: its words may
 * have other numbers. */
#include "fold_days.h"

#include <pthread.h>
#include <stdatomic.h>
#include "fold_rows.h"
#include "fold_store.h"
#include "tl_count.h"

#define ROUNDS 3
#define THREADS 2
#define MUCH_JOURNEYS 1000              /* fewer than this are folded sooner than a thread starts */
#define MONTH_SLOT (INT64_C(1) << 40)
#define PERIOD_SLOT (INT64_C(1) << 62)

struct unit {                           /* a day, or a whole month */
    int64_t slot;
    uint64_t stamp;
    uint32_t first, n;                  /* its days in days[] */
    struct fold_part *part;
};
struct job {                            /* days to fold into one partial */
    uint32_t first, n;
    int64_t slot;
    struct fold_part **out;
};
struct sum {
    struct look *k;
    struct fold_cache *cache;
    const struct analysis *an;
    const struct analysis_arg *arg;
    struct fold_name name;
    struct tl_store_day *day;
    uint32_t day_n;
    struct fold_part **part;            /* of days, held; NULL while not needed or not made */
    struct job *todo;
    uint32_t todo_n;
    atomic_uint next;
    atomic_int rc;
    pthread_mutex_t err_lock;
    struct tl_err err;
    atomic_bool moved;                  /* a day had another revision when it was folded */
};

/* name_behind - the cell, the catalogue whose rules judge it, and how far its sources have told */
static void
name_behind(struct tl_buf *b, const struct look *k)
{
    const struct behind *of = k->sieve.behind;
    tl_buf_printf(b, "%.*s %d %s ", (int)k->ask->brk.n, k->ask->brk.p, k->ask->brk_kept, k->catalogue->hash);
    for (uint32_t i = 0; of->rule < of->ask.rule_n && i < of->ask.rule[of->rule].known_n; i++)
        tl_buf_printf(b, "k%u:%lld ", of->ask.rule[of->rule].known[i].place, (long long)of->ask.rule[of->rule].known[i].until_ms);
}

static struct fold_name
name_of(struct look *k, const struct analysis *an, const struct analysis_arg *arg, uint64_t both_mark)
{
    struct fold_name n;
    struct tl_buf b = { NULL, 0, 0, false };
    uint8_t h[32] = { 0 };
    tl_buf_printf(&b, "%s %u %u %d %d %llu %llu %lld ", an->name, an->version, k->type_word, k->sieve.stream, (int)k->sieve.lifecycle,
                  (unsigned long long)both_mark, (unsigned long long)(k->held ? k->held->generation : 0), (long long)k->sieve.gap_ms);
    for (uint32_t i = 0; i < k->sieve.test_n; i++)
        tl_buf_printf(&b, "%d:%u:%u ", (int)k->sieve.test[i].kind, k->sieve.test[i].key, k->sieve.test[i].value);
    if (k->sieve.behind) name_behind(&b, k);
    if (k->sieve.way) tl_buf_printf(&b, "v%.*s ", (int)k->ask->variant.n, k->ask->variant.p);
    for (uint32_t i = 0; arg && i < arg->word_n; i++) tl_buf_printf(&b, "w%u ", arg->word[i]);
    if (arg) tl_buf_printf(&b, "e%d s%d m%llx", arg->end, arg->start, (unsigned long long)arg->more_mark);
    tl_hash256(b.data, b.len, h);
    memcpy(n.h, h, sizeof n.h);
    tl_buf_free(&b);
    return n;
}

/* ---- folding days ---- */

struct day_pass { const struct analysis *an; void *acc; };

static int
to_analysis(void *arg, struct tl_str key, const struct tl_journey *j, enum tl_end end)
{
    (void)key;
    struct day_pass *p = arg;
    return p->an->journey(p->acc, j, end);
}

/* stamp_of - what the sum of days [first, first + n) is good for */
static uint64_t
stamp_of(const struct sum *s, uint32_t first, uint32_t n)
{
    uint64_t h = n;
    if (n == 1) return s->day[first].revision;
    for (uint32_t i = first; i < first + n; i++) h = tl_mix64(h ^ s->day[i].revision) + (uint64_t)(uint32_t)s->day[i].day;
    return h;
}

static int
fold_rows_of(struct sum *s, struct fold_rows *r, struct day_pass *p, struct tl_store_day *day, struct tl_err *err)
{
    uint64_t revision = 0;
    int rc = fold_rows_day(r, day->day, s->an->ends, to_analysis, p, &revision, err);
    if (rc == TL_ENOMEM) return tl_fail(err, rc, "out of memory");
    if (rc == TL_ERANGE) return tl_fail(err, rc, "a number of the store is beyond what this fold can count");
    if (rc == TL_ETRUNC || rc == TL_EVERSION || rc == TL_ECORRUPT)
        return tl_fail(err, rc, "a journey row of day %d cannot be read (%s): touchline rebuild makes the rows again", day->day, tl_err_name(rc));
    if (revision != day->revision) atomic_store(&s->moved, true);
    day->revision = revision;
    return rc;
}

static int
fold_one(struct sum *s, struct fold_rows *r, struct day_pass *p, const struct job *j, struct tl_err *err)
{
    struct fold_part made = { .name = s->name, .slot = j->slot, .lo_ms = INT64_MIN, .hi_ms = INT64_MAX, .of = s->an };
    for (uint32_t i = j->first; i < j->first + j->n; i++) {
        int rc = fold_rows_of(s, r, p, &s->day[i], err);
        if (rc) return rc;
        if (r->sieve.lo_ms > made.lo_ms) made.lo_ms = r->sieve.lo_ms;
        if (r->sieve.hi_ms < made.hi_ms) made.hi_ms = r->sieve.hi_ms;
    }
    if (s->an->holds) s->an->holds(p->acc, &made.lo_ms, &made.hi_ms);
    made.stamp = stamp_of(s, j->first, j->n);
    made.part = s->an->finish(p->acc);
    if (!made.part) return tl_fail(err, TL_ENOMEM, "out of memory");
    *j->out = fold_cache_put(s->cache, &made);
    tl_count_add(V_PARTIALS_MADE, j->n);
    return *j->out ? 0 : tl_fail(err, TL_ENOMEM, "out of memory");
}

static void *
work(void *arg)
{
    struct sum *s = arg;
    struct fold_rows r;
    struct tl_err err = { 0, "" };
    int rc = fold_rows_init(&r, s->k, &err);
    struct day_pass p = { s->an, rc == 0 ? s->an->begin(s->arg) : NULL };
    if (rc == 0 && !p.acc) rc = tl_fail(&err, TL_ENOMEM, "out of memory");
    while (rc == 0 && atomic_load(&s->rc) == 0) {
        uint32_t t = atomic_fetch_add(&s->next, 1);
        if (t >= s->todo_n) break;
        rc = fold_one(s, &r, &p, &s->todo[t], &err);
    }
    if (rc) {
        pthread_mutex_lock(&s->err_lock);
        if (atomic_exchange(&s->rc, rc) == 0) s->err = err;
        pthread_mutex_unlock(&s->err_lock);
    }
    s->an->abandon(p.acc);
    fold_rows_done(&r);
    return NULL;
}

static int
fold_todo(struct sum *s, struct tl_err *err)
{
    uint64_t journeys = 0;
    pthread_t thread[THREADS - 1];
    int started = 0;
    for (uint32_t t = 0; t < s->todo_n; t++)
        for (uint32_t i = s->todo[t].first; i < s->todo[t].first + s->todo[t].n; i++) journeys += s->day[i].journeys;
    atomic_store(&s->next, 0);
    if (s->todo_n > 1 && journeys > MUCH_JOURNEYS)
        while (started < THREADS - 1 && pthread_create(&thread[started], NULL, work, s) == 0) started++;
    if (s->todo_n) work(s);
    while (started > 0) pthread_join(thread[--started], NULL);
    int rc = atomic_load(&s->rc);
    return rc ? tl_fail(err, rc, "%s", s->err.text) : 0;
}

/* ---- months ---- */

/* Howard Hinnant's days_from_civil, inverted: months since year 0 */
static int32_t
month_of(int32_t day)
{
    int64_t z = (int64_t)day + 719468, era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t doe = z - era * 146097, yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t mp = (5 * (doe - (365 * yoe + yoe / 4 - yoe / 100)) + 2) / 153;
    return (int32_t)((yoe + era * 400) * 12 + mp);      /* March-based: only equality and order matter */
}

static bool
month_whole(const struct look *k, int32_t first_day, int32_t last_day)
{
    int32_t m = month_of(first_day), from = k->ask->from_day, to = k->ask->to_day;
    if (from > first_day || to < last_day) return false;
    return (from == INT32_MIN || month_of(from) < m || (month_of(from) == m && month_of(from - 1) < m))
        && (to == INT32_MAX || month_of(to) > m || (month_of(to) == m && month_of(to + 1) > m));
}

static uint32_t
units_cut(struct sum *s, struct unit *u)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->day_n;) {
        uint32_t e = i + 1;
        while (e < s->day_n && month_of(s->day[e].day) == month_of(s->day[i].day)) e++;
        if (e - i > 1 && month_whole(s->k, s->day[i].day, s->day[e - 1].day)) {
            u[n++] = (struct unit){ MONTH_SLOT + month_of(s->day[i].day), stamp_of(s, i, e - i), i, e - i, NULL };
            i = e;
        } else {
            for (; i < e; i++) u[n++] = (struct unit){ s->day[i].day, s->day[i].revision, i, 1, NULL };
        }
    }
    return n;
}

/* sum_put - the sum of parts, kept under slot; it holds while all of them do. Returns it held. */
static struct fold_part *
sum_put(struct sum *s, int64_t slot, uint64_t stamp, struct fold_part *const *part, uint32_t n, const void **list, struct tl_err *err)
{
    struct fold_part m = { .name = s->name, .slot = slot, .stamp = stamp, .lo_ms = INT64_MIN, .hi_ms = INT64_MAX, .of = s->an }, *held = NULL;
    for (uint32_t i = 0; i < n; i++) {
        list[i] = part[i]->part;
        if (part[i]->lo_ms > m.lo_ms) m.lo_ms = part[i]->lo_ms;
        if (part[i]->hi_ms < m.hi_ms) m.hi_ms = part[i]->hi_ms;
    }
    m.part = s->an->sum(list, n);
    if (m.part) held = fold_cache_put(s->cache, &m);
    if (!held) tl_fail(err, TL_ENOMEM, "out of memory");
    return held;
}

static int64_t
period_slot(const struct look *k)
{
    return PERIOD_SLOT | (int64_t)(((uint64_t)(uint32_t)k->ask->from_day << 30 ^ (uint32_t)k->ask->to_day) & ((UINT64_C(1) << 62) - 1));
}

/* ---- a round ---- */

/* find_days - the day partials of a unit; those that are missing become jobs. Returns how many were there. */
static uint32_t
find_days(struct sum *s, const struct unit *u)
{
    uint32_t found = 0;
    for (uint32_t d = u->first; d < u->first + u->n; d++) {
        s->part[d] = fold_cache_get(s->cache, s->name, s->day[d].day, s->day[d].revision, s->k->as_of_ms);
        if (s->part[d]) found++;
        else s->todo[s->todo_n++] = (struct job){ d, 1, s->day[d].day, &s->part[d] };
    }
    return found;
}

static void
find_parts(struct sum *s, struct unit *u, uint32_t unit_n)
{
    int64_t reused = 0;
    s->todo_n = 0;
    for (uint32_t i = 0; i < unit_n; i++) {
        bool month = u[i].n > 1, known = month && fold_cache_has(s->cache, s->name, u[i].slot);
        if (known) u[i].part = fold_cache_get(s->cache, s->name, u[i].slot, u[i].stamp, s->k->as_of_ms);
        if (u[i].part) reused += u[i].n;
        else if (month && !known) s->todo[s->todo_n++] = (struct job){ u[i].first, u[i].n, u[i].slot, &u[i].part };
        else reused += find_days(s, &u[i]);         /* a month that changes is kept by days: one change, one day */
    }
    tl_count_add(V_PARTIALS_REUSED, reused);
}

static int
round_run(struct sum *s, struct unit *u, struct fold_part **part, const void **list, struct fold_part **out, struct tl_err *err)
{
    uint32_t unit_n = units_cut(s, u);
    find_parts(s, u, unit_n);
    int rc = fold_todo(s, err);
    for (uint32_t i = 0; rc == 0 && i < unit_n; i++) {
        if (u[i].n > 1 && !u[i].part) {
            u[i].part = sum_put(s, u[i].slot, stamp_of(s, u[i].first, u[i].n), s->part + u[i].first, u[i].n, list, err);
            if (!u[i].part) rc = TL_ENOMEM;
        }
        part[i] = u[i].n > 1 ? u[i].part : s->part[u[i].first];
    }
    if (rc == 0) {
        *out = sum_put(s, period_slot(s->k), stamp_of(s, 0, s->day_n), part, unit_n, list, err);
        rc = *out ? 0 : TL_ENOMEM;
    }
    for (uint32_t i = 0; i < unit_n; i++)
        if (u[i].n > 1) fold_cache_let_go(s->cache, u[i].part);
    for (uint32_t i = 0; i < s->day_n; i++) fold_cache_let_go(s->cache, s->part[i]);
    return rc;
}

/* unmoved - do the days listed now have the revisions that were folded? */
static bool
unmoved(struct sum *s, const struct tl_store_day *now, uint32_t n)
{
    bool same = n == s->day_n && !atomic_load(&s->moved);
    for (uint32_t i = 0; same && i < n; i++) same = now[i].day == s->day[i].day && now[i].revision == s->day[i].revision;
    return same;
}

static int
round_one(struct sum *s, struct fold_part **out, struct tl_err *err)
{
    size_t n = s->day_n + 1;
    s->todo_n = 0;
    *out = fold_cache_get(s->cache, s->name, period_slot(s->k), stamp_of(s, 0, s->day_n), s->k->as_of_ms);
    if (*out) {
        tl_count_add(V_PARTIALS_REUSED, s->day_n);
        return 0;
    }
    struct unit *u = tl_arena_alloc(s->k->arena, n * sizeof *u);
    struct fold_part **part = tl_arena_alloc(s->k->arena, n * sizeof *part);
    const void **list = tl_arena_alloc(s->k->arena, n * sizeof *list);
    s->part = tl_arena_alloc(s->k->arena, n * sizeof *s->part);
    s->todo = tl_arena_alloc(s->k->arena, n * sizeof *s->todo);
    atomic_store(&s->moved, false);
    if (!u || !part || !list || !s->part || !s->todo) return tl_fail(err, TL_ENOMEM, "out of memory");
    return round_run(s, u, part, list, out, err);
}

static uint64_t
both_mark(struct look *k)
{
    struct tl_store_txn *t = NULL;
    if (!k->store || k->sieve.lifecycle != ASK_LC_DEFAULT || tl_store_begin(k->store, &t, NULL)) return 0;
    uint64_t m = fold_store_both_mark(k->held, t, k->meta.position);
    tl_store_end(&t);
    return m;
}

int
fold_days_sum(struct look *k, struct fold_cache *c, const struct analysis *an, const struct analysis_arg *arg, struct fold_part **out, struct tl_err *err)
{
    struct sum s = { .k = k, .cache = c, .an = an, .arg = arg };
    *out = NULL;
    int rc = fold_days(k, &s.day, &s.day_n, err);
    if (rc) return rc;
    s.name = name_of(k, an, arg, both_mark(k));
    pthread_mutex_init(&s.err_lock, NULL);
    for (int round = 1; rc == 0; round++) {
        struct tl_store_day *now = NULL;
        uint32_t now_n = 0;
        rc = round_one(&s, out, err);
        if (rc || s.todo_n == 0 || round == ROUNDS) break;      /* all from the cache: one listing, one moment */
        rc = fold_days(k, &now, &now_n, err);
        if (rc || unmoved(&s, now, now_n)) break;
        fold_cache_let_go(c, *out);
        *out = NULL;
        s.day = now;
        s.day_n = now_n;
    }
    pthread_mutex_destroy(&s.err_lock);
    if (rc) {
        fold_cache_let_go(c, *out);
        *out = NULL;
    }
    return rc;
}
