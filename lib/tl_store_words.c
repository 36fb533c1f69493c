/* tl_store_words.c - see tl_store_words.h. Numbers are given in order of asking, so that the same log gives the same numbers. */
#include "tl_store_words.h"

#include "tl_hash.h"
#include "tl_store_in.h"

#define ARENA_BYTES (1ull << 32)

struct words {
    struct tl_arena *arena;
    struct tl_str *word;        /* by number; [0] is no word */
    uint8_t *seen;              /* by number: lifecycles */
    uint32_t n, cap, kept;      /* n: highest number given; kept: highest committed */
    uint32_t *slot;
    uint32_t mask;
    struct { uint32_t number; uint8_t before; } *change;
    uint32_t change_n, change_cap;
    bool failed;
};

struct words *
words_new(void)
{
    struct words *w = tl_alloc(sizeof *w);

    if (w != NULL)
        w->arena = tl_arena_new(ARENA_BYTES);
    if (w == NULL || w->arena == NULL)
        words_free(&w);
    return w;
}

void
words_free(struct words **wp)
{
    if (wp == NULL || *wp == NULL)
        return;
    tl_arena_free(&(*wp)->arena);
    tl_free((*wp)->word);
    tl_free((*wp)->seen);
    tl_free((*wp)->slot);
    tl_free((*wp)->change);
    tl_free(*wp);
    *wp = NULL;
}

static uint32_t
slot_of(const struct words *w, struct tl_str s)
{
    uint64_t h = s.n;
    const char *p = s.p;
    size_t n = s.n;

    for (; n >= 8; p += 8, n -= 8) {
        uint64_t v;
        memcpy(&v, p, 8);
        h = (h ^ v) * UINT64_C(0x9E3779B97F4A7C15);
        h ^= h >> 29;
    }
    for (; n > 0; p++, n--)
        h = (h ^ (uint8_t)*p) * UINT64_C(0x100000001B3);
    uint32_t i = (uint32_t)tl_mix64(h) & w->mask;
    while (w->slot[i] != 0 && !tl_str_eq(w->word[w->slot[i]], s))
        i = (i + 1) & w->mask;
    return i;
}

static bool
make_slots(struct words *w, uint32_t slots)
{
    uint32_t *slot = tl_alloc(slots * sizeof *slot);

    if (slot == NULL)
        return false;
    tl_free(w->slot);
    w->slot = slot;
    w->mask = slots - 1;
    for (uint32_t i = 1; i <= w->n; i++)
        w->slot[slot_of(w, w->word[i])] = i;
    return true;
}

static bool
make_room(struct words *w)
{
    if (w->n + 2 > w->cap) {
        uint32_t cap = w->cap == 0 ? 1024 : w->cap * 2;
        struct tl_str *word = tl_realloc(w->word, cap * sizeof *word);
        if (word == NULL)
            return false;
        w->word = word;
        uint8_t *seen = tl_realloc(w->seen, cap);
        if (seen == NULL)
            return false;
        w->seen = seen;
        w->cap = cap;
    }
    return w->slot != NULL && w->n * 2 < w->mask ? true : make_slots(w, w->slot == NULL ? 4096 : (w->mask + 1) * 2);
}

static uint32_t
add(struct words *w, struct tl_str s)
{
    char *p = make_room(w) ? tl_arena_dup(w->arena, s.p, s.n) : NULL;

    if (p == NULL) {
        w->failed = true;
        return 0;
    }
    struct tl_str word = { p, s.n };
    uint32_t i = slot_of(w, word);
    w->n++;
    w->word[w->n] = word;
    w->seen[w->n] = 0;
    w->slot[i] = w->n;
    return w->n;
}

uint32_t
words_number(struct words *w, struct tl_str s)
{
    if (s.n == 0)
        return 0;
    if (w->slot != NULL) {
        uint32_t number = w->slot[slot_of(w, s)];
        if (number != 0)
            return number;
    }
    if (w->n >= TL_WORDS_MAX && !tl_str_is(s, TL_WORD_OTHER))
        return words_number(w, TL_STR(TL_WORD_OTHER));
    return add(w, s);
}

void
words_lifecycle(struct words *w, uint32_t number, unsigned lifecycle)
{
    if (number == 0 || number > w->n || (w->seen[number] & 1u << lifecycle))
        return;
    if (w->change_n == w->change_cap) {
        uint32_t cap = w->change_cap * 2 + 64;
        void *change = tl_realloc(w->change, cap * sizeof *w->change);
        if (change == NULL) {
            w->failed = true;
            return;
        }
        w->change = change;
        w->change_cap = cap;
    }
    w->change[w->change_n].number = number;
    w->change[w->change_n++].before = w->seen[number];
    w->seen[number] |= (uint8_t)(1u << lifecycle);
}

static int
load_word(struct words *w, struct tl_str k, struct tl_str v)
{
    if (k.n != 5)
        return 0;
    struct tl_cur c = tl_cur_of(k.p + 1, 4);
    uint32_t number = tl_cur_be32(&c);
    if (k.p[0] != 'w')
        return 0;
    if (number != w->n + 1)
        return TL_ECORRUPT;
    return add(w, v) != 0 ? 0 : TL_ENOMEM;
}

int
words_load(struct words *w, struct tl_db_txn *t, struct tl_err *err)
{
    struct tl_db_cursor *c = NULL;
    struct tl_str k, v;
    int rc = tl_db_cursor_open(t, DB_DICT, &c, err);

    tl_arena_reset(w->arena);
    w->n = w->kept = w->change_n = 0;
    if (w->slot != NULL)
        memset(w->slot, 0, (w->mask + 1) * sizeof *w->slot);
    w->failed = false;
    if (rc != 0)
        return rc;
    for (rc = tl_db_seek(c, TL_STR("w"), &k, &v, NULL); rc == 0; rc = tl_db_next(c, &k, &v, NULL))
        if ((rc = load_word(w, k, v)) != 0)
            break;
    for (rc = rc == TL_ENOTFOUND ? tl_db_seek(c, TL_STR("l"), &k, &v, NULL) : rc; rc == 0 && k.n == 5 && k.p[0] == 'l'; rc = tl_db_next(c, &k, &v, NULL)) {
        struct tl_cur kc = tl_cur_of(k.p + 1, 4);
        uint32_t number = tl_cur_be32(&kc);
        if (number <= w->n && v.n > 0)
            w->seen[number] = (uint8_t)v.p[0];
    }
    tl_db_cursor_close(&c);
    w->kept = w->n;
    return rc == 0 || rc == TL_ENOTFOUND ? 0 : tl_fail(err, rc, "the words of the journeys store cannot be read: run touchline rebuild");
}

static int
save_word(struct words *w, struct tl_db_txn *t, uint32_t number, struct tl_err *err)
{
    struct dict_key k;
    uint8_t le[4] = { (uint8_t)number, (uint8_t)(number >> 8), (uint8_t)(number >> 16), (uint8_t)(number >> 24) };
    int rc = tl_db_put(t, DB_DICT, tl_store_number_key(&k, 'w', number), w->word[number], 0, err);

    if (rc == 0)
        rc = tl_db_put(t, DB_DICT, tl_store_word_key(&k, w->word[number]), (struct tl_str){ (char *)le, 4 }, 0, err);
    return rc;
}

int
words_save(struct words *w, struct tl_db_txn *t, struct tl_err *err)
{
    int rc = w->failed ? tl_fail(err, TL_ENOMEM, "out of memory for the dictionary") : 0;

    for (uint32_t i = w->kept + 1; rc == 0 && i <= w->n; i++)
        rc = save_word(w, t, i, err);
    for (uint32_t i = 0; rc == 0 && i < w->change_n; i++) {
        struct dict_key k;
        uint32_t number = w->change[i].number;
        rc = tl_db_put(t, DB_DICT, tl_store_number_key(&k, 'l', number), (struct tl_str){ (char *)&w->seen[number], 1 }, 0, err);
    }
    return rc;
}

void
words_kept(struct words *w)
{
    w->kept = w->n;
    w->change_n = 0;
}

void
words_forget(struct words *w)
{
    while (w->change_n > 0) {
        w->change_n--;
        w->seen[w->change[w->change_n].number] = w->change[w->change_n].before;
    }
    w->n = w->kept;
    w->failed = false;
    if (w->slot == NULL)
        return;
    memset(w->slot, 0, (w->mask + 1) * sizeof *w->slot);
    for (uint32_t i = 1; i <= w->n; i++)
        w->slot[slot_of(w, w->word[i])] = i;
}
