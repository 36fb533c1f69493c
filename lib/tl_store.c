/* tl_store.c - journeys/ for readers: see tl_store.h. Layout: schemas/store.md section 2. */
#include "tl_store_in.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "tl_hash.h"
#include "tl_order.h"
#include "tl_time.h"

const char *const tl_store_dbs[] = { "meta", "ident", "cut", "cust", "journey", "dayrev", "refused", "dict", "note", "due", "span", NULL };
static const char head_name[] = "head";
enum { HEAD_VERSION = 10 };

struct tl_store {
    struct tl_db *db;
    char dir[PATH_MAX];
    char name[TL_STORE_NAME_MAX];
    char zone[64];
};

/* ---- keys and small values ---- */

static void
put_be(uint8_t *p, uint64_t v, int bytes)
{
    for (int i = 0; i < bytes; i++)
        p[i] = (uint8_t)(v >> (8 * (bytes - 1 - i)));
}

struct tl_str
tl_store_cust_key(struct cust_key *k, uint64_t customer, uint32_t block)
{
    put_be(k->b, customer, 8);
    put_be(k->b + 8, block, 4);
    return (struct tl_str){ (const char *)k->b, sizeof k->b };
}

struct tl_str
tl_store_number_key(struct dict_key *k, char kind, uint32_t number)
{
    k->b[0] = (uint8_t)kind;
    put_be(k->b + 1, number, 4);
    return (struct tl_str){ (const char *)k->b, 5 };
}

struct tl_str
tl_store_word_key(struct dict_key *k, struct tl_str word)
{
    size_t n = word.n < TL_WORD_KEY_MAX ? word.n : TL_WORD_KEY_MAX;

    k->b[0] = 'n';
    memcpy(k->b + 1, word.p, n);
    if (word.n > n) {
        tl_hash256(word.p, word.n, k->b + 1 + n);
        n += 32;
    }
    return (struct tl_str){ (const char *)k->b, n + 1 };
}

struct tl_str
tl_store_day_key(struct day_key *k, uint16_t type, int32_t day)
{
    put_be(k->b, type, 2);
    put_be(k->b + 2, (uint32_t)day ^ UINT32_C(0x80000000), 4);
    return (struct tl_str){ (const char *)k->b, sizeof k->b };
}

int
tl_store_day_get(struct tl_str value, uint64_t *revision, uint32_t *journeys)
{
    struct tl_cur c = tl_cur_of(value.p, value.n);

    *revision = tl_cur_le64(&c);
    *journeys = tl_cur_le32(&c);
    return c.bad ? TL_ETRUNC : 0;
}

int
tl_store_head_put(struct tl_db_txn *t, const struct tl_store_head *h, struct tl_err *err)
{
    struct tl_buf b = {0};

    tl_buf_put_u8(&b, HEAD_VERSION);
    tl_buf_put(&b, h->log, sizeof h->log);
    tl_buf_put_text(&b, tl_str_of(h->catalogue));
    tl_buf_put_text(&b, tl_str_of(h->zone));
    tl_buf_put_text(&b, tl_str_of(h->region));
    tl_buf_put_varint(&b, h->position);
    tl_buf_put_varint(&b, h->next_customer);
    tl_buf_put_varint(&b, h->customers);
    tl_buf_put_varint(&b, h->events);
    tl_buf_put_varint(&b, h->journeys);
    tl_buf_put_zigzag(&b, h->newest_event_ms);
    tl_buf_put_zigzag(&b, h->newest_live_ms);
    const uint64_t tally[] = { h->duplicates, h->refused, h->suppressed, h->controls };
    for (size_t i = 0; h->tallied && i < sizeof tally / sizeof tally[0]; i++)
        tl_buf_put_varint(&b, tally[i]);
    if (h->tallied) {
        tl_buf_put_le64(&b, h->key_check);
        tl_buf_put_varint(&b, h->notes);
        tl_buf_put_varint(&b, h->catalogue_at);
        tl_buf_put_varint(&b, h->catalogue_due);
        tl_buf_put_varint(&b, h->heartbeats);
        tl_buf_put_varint(&b, h->sources);
    }
    int rc = b.failed ? tl_fail(err, TL_ENOMEM, "out of memory")
                      : tl_db_put(t, DB_META, TL_STR(head_name), (struct tl_str){ (char *)b.data, b.len }, 0, err);
    tl_buf_free(&b);
    return rc;
}

static void
get_text(struct tl_cur *c, char *out, size_t cap)
{
    struct tl_str s = tl_cur_text(c);
    size_t n = s.n < cap ? s.n : cap - 1;

    if (n > 0)
        memcpy(out, s.p, n);
    out[n] = 0;
}

int
tl_store_head_get(struct tl_db_txn *t, struct tl_store_head *h, struct tl_err *err)
{
    struct tl_str v = {0};
    int rc = tl_db_get(t, DB_META, TL_STR(head_name), &v, err);

    if (rc != 0)
        return rc;
    struct tl_cur c = tl_cur_of(v.p, v.n);
    if (tl_cur_u8(&c) != HEAD_VERSION)
        return tl_fail(err, TL_EVERSION, "the journeys store has another format: run touchline rebuild");
    struct tl_str log = tl_cur_bytes(&c, sizeof h->log);
    if (log.p != NULL)
        memcpy(h->log, log.p, sizeof h->log);
    get_text(&c, h->catalogue, sizeof h->catalogue);
    get_text(&c, h->zone, sizeof h->zone);
    get_text(&c, h->region, sizeof h->region);
    h->position = tl_cur_varint(&c);
    h->next_customer = tl_cur_varint(&c);
    h->customers = tl_cur_varint(&c);
    h->events = tl_cur_varint(&c);
    h->journeys = tl_cur_varint(&c);
    h->newest_event_ms = tl_cur_zigzag(&c);
    h->newest_live_ms = tl_cur_zigzag(&c);
    uint64_t *const tally[] = { &h->duplicates, &h->refused, &h->suppressed, &h->controls };
    h->tallied = tl_cur_left(&c) > 0;
    for (size_t i = 0; i < sizeof tally / sizeof tally[0]; i++)
        *tally[i] = h->tallied ? tl_cur_varint(&c) : 0;
    h->key_check = h->tallied ? tl_cur_le64(&c) : 0;
    h->notes = h->tallied ? tl_cur_varint(&c) : 0;
    bool activates = tl_cur_left(&c) > 0;       /* not in stores of older programs */
    h->catalogue_at = activates ? tl_cur_varint(&c) : 0;
    h->catalogue_due = activates ? tl_cur_varint(&c) : 0;
    h->heartbeats = tl_cur_left(&c) > 0 ? tl_cur_varint(&c) : 0;
    h->sources = tl_cur_left(&c) > 0 ? tl_cur_varint(&c) : 0;
    return c.bad ? tl_fail(err, TL_ECORRUPT, "the head of the journeys store cannot be read") : 0;
}

/* ---- opening ---- */

int
tl_store_current(const char *journeys_dir, char name[TL_STORE_NAME_MAX], struct tl_err *err)
{
    char path[PATH_MAX];

    if (snprintf(path, sizeof path, "%s/current", journeys_dir) >= (int)sizeof path)
        return tl_fail(err, TL_ERANGE, "the path of the store is too long");
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        return tl_fail(err, errno == ENOENT ? TL_ENOTFOUND : TL_EIO, "%s: %s", path, errno == ENOENT ? "no journeys have been made yet" : strerror(errno));
    size_t n = fread(name, 1, TL_STORE_NAME_MAX - 1, f);
    fclose(f);
    while (n > 0 && (name[n - 1] == '\n' || name[n - 1] == ' '))
        n--;
    name[n] = 0;
    if (strncmp(name, "journeys.", 9) != 0 || strchr(name, '/') != NULL)
        return tl_fail(err, TL_ECORRUPT, "%s does not name a store", path);
    return 0;
}

/* is_there - of a store's folder: is there an environment in it? */
static bool
is_there(const char *folder)
{
    char path[PATH_MAX + TL_STORE_NAME_MAX + 16];
    snprintf(path, sizeof path, "%s/data.mdb", folder);
    return access(path, F_OK) == 0;
}

int
tl_store_open_read(struct tl_store **out, const char *journeys_dir, struct tl_err *err)
{
    struct tl_store *s = tl_alloc(sizeof *s);
    char path[PATH_MAX + TL_STORE_NAME_MAX];
    struct tl_store_txn *t = NULL;
    struct tl_store_head head;
    int rc = 0;

    *out = NULL;
    if (s == NULL)
        return tl_fail(err, TL_ENOMEM, "out of memory");
    snprintf(s->dir, sizeof s->dir, "%s", journeys_dir);
    /* a rebuild may swing and remove the folder between reading its name and opening it */
    rc = TL_ENOTFOUND;
    for (int tries = 0; rc == TL_ENOTFOUND && tries < 3; tries++) {
        rc = tl_store_current(journeys_dir, s->name, err);
        if (rc != 0)
            break;
        snprintf(path, sizeof path, "%s/%s", s->dir, s->name);
        rc = tl_db_open(&s->db, path, TL_DB_READONLY, TL_STORE_MAP_BYTES, tl_store_dbs, err);
    }
    if (rc == TL_ENOTFOUND && s->name[0] != 0 && is_there(path))     /* a database of it is not */
        rc = tl_fail(err, TL_EVERSION, "%s was made by an older program: run touchline rebuild", path);
    if (rc == 0)
        rc = tl_store_begin(s, &t, err);
    if (rc == 0)
        rc = tl_store_head_get(t->t, &head, err);
    tl_store_end(&t);
    if (rc != 0) {
        tl_store_close(&s);
        return rc;
    }
    snprintf(s->zone, sizeof s->zone, "%s", head.zone);
    *out = s;
    return 0;
}

void
tl_store_close(struct tl_store **sp)
{
    if (sp == NULL || *sp == NULL)
        return;
    tl_db_close(&(*sp)->db);
    tl_free(*sp);
    *sp = NULL;
}

bool
tl_store_stale(struct tl_store *s)
{
    char name[TL_STORE_NAME_MAX];
    return tl_store_current(s->dir, name, NULL) == 0 && strcmp(name, s->name) != 0;
}

const char *
tl_store_timezone(const struct tl_store *s)
{
    return s->zone;
}

int
tl_store_begin(struct tl_store *s, struct tl_store_txn **out, struct tl_err *err)
{
    struct tl_store_txn *t = tl_alloc(sizeof *t);

    *out = NULL;
    if (t == NULL)
        return tl_fail(err, TL_ENOMEM, "out of memory");
    int rc = tl_db_begin(s->db, false, &t->t, err);
    if (rc != 0)
        tl_free(t);
    else
        *out = t;
    return rc;
}

void
tl_store_end(struct tl_store_txn **tp)
{
    if (tp == NULL || *tp == NULL)
        return;
    tl_db_abort(&(*tp)->t);
    tl_free(*tp);
    *tp = NULL;
}

int
tl_store_meta(struct tl_store_txn *t, struct tl_store_meta *m, struct tl_err *err)
{
    struct tl_store_head h;
    int rc = tl_store_head_get(t->t, &h, err);

    if (rc != 0)
        return rc;
    *m = (struct tl_store_meta){ .position = h.position, .newest_event_ms = h.newest_event_ms, .newest_live_ms = h.newest_live_ms,
                                 .customers = h.customers, .events = h.events, .journeys = h.journeys, .notes = h.notes,
                                 .catalogue_at = h.catalogue_at, .catalogue_due = h.catalogue_due };
    memcpy(m->catalogue, h.catalogue, sizeof m->catalogue);
    memcpy(m->region, h.region, sizeof m->region);
    return 0;
}

/* ---- words ---- */

static void
note_trouble(struct tl_store_txn *t, int rc)
{
    if (rc != 0 && rc != TL_ENOTFOUND && t->failed == 0)
        t->failed = rc;
}

bool
tl_store_look(struct tl_store_txn *t, int db, struct tl_str key, struct tl_str *v)
{
    int rc = tl_db_get(t->t, db, key, v, NULL);

    note_trouble(t, rc);
    return rc == 0;
}

int
tl_store_trouble(const struct tl_store_txn *t, struct tl_err *err)
{
    return t->failed == 0 ? 0 : tl_fail(err, t->failed, "a word of the journeys store cannot be read: run touchline rebuild");
}

uint32_t
tl_store_word_number(struct tl_store_txn *t, struct tl_str word)
{
    struct dict_key k;
    struct tl_str v;

    if (word.n == 0 || !tl_store_look(t, DB_DICT, tl_store_word_key(&k, word), &v))
        return 0;
    struct tl_cur c = tl_cur_of(v.p, v.n);
    return tl_cur_le32(&c);
}

struct tl_str
tl_store_word(struct tl_store_txn *t, uint32_t number)
{
    struct dict_key k;
    struct tl_str v;
    return tl_store_look(t, DB_DICT, tl_store_number_key(&k, 'w', number), &v) ? v : (struct tl_str){0};
}

/* Words are the last keys of their database, by number. */
uint32_t
tl_store_words_n(struct tl_store_txn *t)
{
    struct tl_db_cursor *c = NULL;
    struct tl_str k, v;
    uint32_t n = 0;

    int rc = tl_db_cursor_open(t->t, DB_DICT, &c, NULL);
    if (rc == 0)
        rc = tl_db_last(c, &k, &v, NULL);
    note_trouble(t, rc);
    if (rc == 0 && k.n == 5 && k.p[0] == 'w') {
        struct tl_cur kc = tl_cur_of(k.p + 1, 4);
        n = tl_cur_be32(&kc);
    }
    tl_db_cursor_close(&c);
    return n;
}

uint32_t
tl_store_lifecycles(struct tl_store_txn *t, uint32_t touchpoint)
{
    struct dict_key k;
    struct tl_str v;
    return tl_store_look(t, DB_DICT, tl_store_number_key(&k, 'l', touchpoint), &v) && v.n > 0 ? (uint8_t)v.p[0] : 0;
}

/* ---- days and rows ---- */

int
tl_store_walk(struct tl_store_txn *t, int db, struct tl_str from, struct tl_str prefix, int (*each)(void *arg, struct tl_str k, struct tl_str v), void *arg, struct tl_err *err)
{
    struct tl_db_cursor *c = NULL;
    struct tl_str k, v;
    int rc = tl_db_cursor_open(t->t, db, &c, err);

    if (rc != 0)
        return rc;
    for (rc = tl_db_seek(c, from, &k, &v, NULL); rc == 0; rc = tl_db_next(c, &k, &v, NULL)) {
        if (k.n < prefix.n || memcmp(k.p, prefix.p, prefix.n) != 0)
            break;
        rc = each(arg, k, v);
        if (rc != 0)
            break;
    }
    tl_db_cursor_close(&c);
    if (rc == TL_ENOTFOUND || rc > 0)
        return 0;
    return rc < 0 && err != NULL && err->code != rc ? tl_fail(err, rc, "a value of the journeys store cannot be read: run touchline rebuild") : rc;
}

struct days_walk {
    int32_t to;
    int (*each)(void *arg, const struct tl_store_day *d);
    void *arg;
};

static int
one_day(void *arg, struct tl_str k, struct tl_str v)
{
    struct days_walk *w = arg;
    struct tl_store_day d;
    struct tl_cur c = tl_cur_of(k.p + 2, k.n - 2);

    d.day = (int32_t)(tl_cur_be32(&c) ^ UINT32_C(0x80000000));
    if (d.day > w->to)
        return 1;
    int rc = tl_store_day_get(v, &d.revision, &d.journeys);
    return rc != 0 ? rc : w->each(w->arg, &d);
}

int
tl_store_days(struct tl_store_txn *t, uint16_t type, int32_t from, int32_t to, int (*each)(void *arg, const struct tl_store_day *d), void *arg, struct tl_err *err)
{
    struct days_walk w = { to, each, arg };
    struct day_key k;
    struct tl_str key = tl_store_day_key(&k, type, from);
    return tl_store_walk(t, DB_DAYREV, key, (struct tl_str){ key.p, 2 }, one_day, &w, err);
}

int
tl_store_journeys(struct tl_store_txn *t, uint16_t type, int32_t day, int (*each)(void *arg, struct tl_str key, struct tl_str row), void *arg, struct tl_err *err)
{
    struct day_key k;
    struct tl_str prefix = tl_store_day_key(&k, type, day);
    return tl_store_walk(t, DB_JOURNEY, prefix, prefix, each, arg, err);
}

int
tl_store_journey(struct tl_store_txn *t, struct tl_str key, struct tl_step *steps, struct tl_journey *j, struct tl_err *err)
{
    struct tl_str row;
    int rc = tl_db_get(t->t, DB_JOURNEY, key, &row, err);

    if (rc == 0 && (rc = tl_rows_journey_get(key, row, steps, j)) != 0)
        tl_fail(err, rc, "a journey row cannot be read: run touchline rebuild");
    return rc;
}
