/* fuzz_dict.c - any values, each with a right checksum, in the small tables of a journeys store: dictionary, head, catalogue, watermarks, days, ties, notes, profiles.
 * Readers and the writer's own dictionary take or refuse them; words that were taken go back into a store and come out with the same numbers.
 *
 * An input is puts: a byte for the database, one for the key's length, one for the value's, key, value. They live in one transaction that is never committed. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../../lib/tl_store_in.h"
#include "../../lib/tl_store_words.h"
#include "tl_hash.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(x) must_at(x, __LINE__)

static void
must_at(bool ok, int line)
{
    if (ok) return;
    fprintf(stderr, "fuzz_dict.c:%d does not hold\n", line);
    abort();
}

static struct tl_db *db;
static char dir[64];
static struct words *words, *again;
static struct tl_arena *arena;
static size_t bytes_seen;

static void
leave(void)
{
    char path[96];
    tl_db_close(&db);
    snprintf(path, sizeof path, "%s/data.mdb", dir);
    unlink(path);
    snprintf(path, sizeof path, "%s/lock.mdb", dir);
    unlink(path);
    rmdir(dir);
}

static void
set_up(void)
{
    struct tl_err err;
    snprintf(dir, sizeof dir, "%s/touchline-dict-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    must(tl_hash_init() == 0 && mkdtemp(dir));
    must(tl_db_open(&db, dir, TL_DB_NOSYNC, 64u << 20, tl_store_dbs, &err) == 0);
    atexit(leave);
    words = words_new();
    again = words_new();
    arena = tl_arena_new(1u << 26);
    must(words && again && arena);
}

static void
put_all(struct tl_db_txn *t, const uint8_t *p, size_t n)
{
    while (n >= 3) {
        int at = p[0] % (DB_SPAN + 1);
        size_t kn = p[1] < n - 3 ? p[1] : n - 3, vn = p[2] < n - 3 - kn ? p[2] : n - 3 - kn;
        if (kn > 0)
            must(tl_db_put(t, at, (struct tl_str){ (const char *)p + 3, kn }, (struct tl_str){ (const char *)p + 3 + kn, vn }, 0, NULL) == 0);
        p += 3 + kn + vn;
        n -= 3 + kn + vn;
    }
}

/* ---- every byte that is handed out is read ---- */

static int
see(struct tl_str s)
{
    for (size_t i = 0; i < s.n; i++)
        bytes_seen += (uint8_t)s.p[i];
    return 0;
}

static int see_day(void *arg, const struct tl_store_day *d) { (void)arg; return d->day > 1000 && d->journeys == 7; }
static int see_mark(void *arg, const struct tl_watermark *m) { (void)arg; return see(m->name); }
static int see_refused(void *arg, const struct tl_store_refused *r) { (void)arg; must(r->reason < TL_REASON_N); return 0; }
static int see_shared(void *arg, const struct tl_store_shared *s) { must(tl_store_is_shared(arg, s->hash)); return 0; }

static int
see_said(void *arg, const struct tl_store_said *s)
{
    must(++*(int *)arg <= 1000 * TL_TIE_TRAIL_MAX);
    return see((struct tl_str){ (const char *)s->other, sizeof s->other });
}

static int
see_note(void *arg, const struct tl_note *n)
{
    (void)arg;
    must(!n->withdrawn);
    return see(n->kind) + see(n->id) + see(n->actor) + see(n->body);
}

static int
see_customer(void *arg, uint64_t number)
{
    struct tl_customer c;
    struct tl_err err;
    tl_arena_reset(arena);
    if (tl_store_customer(arg, number, arena, &c, &err) == 0)
        for (uint32_t i = 0; i < c.link_n; i++)
            see((struct tl_str){ (const char *)c.link[i].b, sizeof c.link[i].b });
    return 0;
}

static int
see_journey(void *arg, struct tl_str key, struct tl_str row)
{
    static struct tl_step steps[TL_JOURNEY_STEPS_MAX];
    struct tl_journey j;
    struct tl_err err;
    (void)row;
    return tl_store_journey(arg, key, steps, &j, &err) < -1000;
}

/* ---- what readers make of it ---- */

static void
read_head(struct tl_store_txn *t)
{
    struct tl_store_head h = {0}, same = {0};
    struct tl_str v;
    char before[512];
    struct tl_store_catalogue c;
    struct tl_store_meta m;
    struct tl_err err;
    if (tl_store_meta(t, &m, &err) == 0) {
        must(strlen(m.catalogue) < sizeof m.catalogue && strlen(m.region) < sizeof m.region);
        must(tl_store_head_get(t->t, &h, &err) == 0 && tl_store_head_put(t->t, &h, &err) == 0);
        must(tl_db_get(t->t, DB_META, TL_STR("head"), &v, &err) == 0 && v.n <= sizeof before);
        size_t n = v.n;
        memcpy(before, v.p, n);
        must(tl_store_head_get(t->t, &same, &err) == 0 && tl_store_head_put(t->t, &same, &err) == 0);
        must(tl_db_get(t->t, DB_META, TL_STR("head"), &v, &err) == 0 && v.n == n && memcmp(v.p, before, n) == 0);
    }
    if (tl_store_catalogue(t, &c, &err) == 0)
        see(c.actor), see(c.body);
}

static void
read_tables(struct tl_store_txn *t)
{
    static const char *const kinds[] = { "visit", "improvement", "break", "alert", "opportunity", "undo" };
    static const uint8_t hash[16] = "0123456789abcdef";
    struct tl_watermark m;
    struct tl_note n;
    struct tl_err err;
    uint64_t number;
    int said = 0;
    tl_store_watermarks(t, see_mark, NULL, &err);
    tl_store_watermark(t, TL_STR("till"), &m);
    tl_store_days(t, 1, INT32_MIN, INT32_MAX, see_day, NULL, &err);
    tl_store_journeys(t, 1, 0, see_journey, t, &err);
    tl_store_refused(t, see_refused, NULL, &err);
    tl_store_shared(t, see_shared, t, &err);
    tl_store_said(t, hash, see_said, &said, &err);
    tl_store_customer_by_hash(t, hash, &number, &err);
    tl_store_customers(t, 0, 50, see_customer, t, &err);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        tl_store_notes(t, kinds[i], see_note, NULL, &err);
    if (tl_store_note(t, "visit", TL_STR("v1"), &n, &err) == 0)
        see(n.actor), see(n.body);
}

/* ---- the dictionary: as readers see it, and as the writer loads it ---- */

static void
read_words(struct tl_store_txn *t)
{
    uint32_t n = tl_store_words_n(t);
    for (uint32_t i = 0; i < 40; i++) {
        see(tl_store_word(t, i));
        tl_store_lifecycles(t, i);
    }
    see(tl_store_word(t, n));
    tl_store_word_number(t, TL_STR("door"));
}

static void
load_words(struct tl_store_txn *t)
{
    struct tl_err err;
    if (words_load(words, t->t, &err) != 0)
        return;
    uint32_t door = words_number(words, TL_STR("door")), fresh = words_number(words, TL_STR("a word that none of the others is"));
    must(door > 0 && fresh > 0);
    words_lifecycle(words, door, 3);
    words_lifecycle(words, fresh + 1, 3);
    must(words_save(words, t->t, &err) == 0);
    words_kept(words);
    must(tl_str_is(tl_store_word(t, door), "door") && (tl_store_lifecycles(t, door) & 8));
    must(words_load(again, t->t, &err) == 0);
    must(words_number(again, TL_STR("door")) == door && words_number(again, TL_STR("a word that none of the others is")) == fresh);
    words_number(again, TL_STR("one more"));
    words_forget(again);
    must(words_number(again, TL_STR("door")) == door);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tl_store_txn t = {0};
    if (!db)
        set_up();
    if (size > 8192)
        return 0;
    must(tl_db_begin(db, true, &t.t, NULL) == 0);
    put_all(t.t, data, size);
    read_words(&t);
    read_tables(&t);
    load_words(&t);
    read_head(&t);
    tl_db_abort(&t.t);
    return 0;
}
