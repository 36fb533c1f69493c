/* fold_suggest.c - the store's events through the analysis, three times, in short transactions; then numbers become words. Live events only. */
#include "suggest.h"

#define BATCH 512

struct reading {
    struct look *k;
    struct suggest *s;
    struct tl_store_txn *t;
    uint64_t number[BATCH], last, until;        /* until: the last customer of the first pass */
    uint32_t number_n;
    uint64_t events;
    bool cut;
};

static int
take_number(void *arg, uint64_t number)
{
    struct reading *r = arg;
    r->number[r->number_n++] = number;
    return r->number_n == BATCH;
}

/* streams other than live enter no customer figure */
static uint32_t
live_only(struct tl_kept *e, uint32_t n)
{
    uint32_t k = 0;
    for (uint32_t i = 0; i < n; i++)
        if (e[i].stream == TL_STREAM_LIVE) e[k++] = e[i];
    return k;
}

static int
feed_customer(struct reading *r, uint64_t number, struct tl_err *err)
{
    struct tl_kept *e = NULL;
    uint32_t n = 0;
    int rc = tl_store_events(r->t, number, &e, &n, err);
    if (rc == 0) {
        n = live_only(e, n);
        r->events += n;
        rc = suggest_feed(r->s, number, e, n);
        if (rc) tl_fail(err, rc, "out of memory");
    }
    tl_free(e);
    return rc == TL_ENOTFOUND ? 0 : rc;         /* merged into another since the list was read */
}

static int
read_batch(struct reading *r, struct tl_err *err)
{
    r->number_n = 0;
    int rc = tl_store_begin(r->k->store, &r->t, err);
    if (rc == 0) rc = tl_store_customers(r->t, r->last, BATCH, take_number, r, err);
    for (uint32_t i = 0; rc == 0 && i < r->number_n && !r->cut && r->number[i] <= r->until; i++) {
        rc = feed_customer(r, r->number[i], err);
        r->last = r->number[i];
        r->cut = r->events >= SUGGEST_EVENTS_MAX;
    }
    if (r->t) tl_store_end(&r->t);
    return rc;
}

/* one pass over the customers up to r->until */
static int
read_pass(struct reading *r, struct tl_err *err)
{
    int rc = 0;
    r->last = r->events = 0;
    r->cut = false;
    do rc = read_batch(r, err);
    while (rc == 0 && !r->cut && r->number_n == BATCH && r->last < r->until);
    r->until = r->last;
    return rc;
}

struct vocabulary { struct look *k; struct tl_store_txn *t; const struct tl_catalogue *none; };

static enum tl_role
role_of(void *arg, uint32_t word)
{
    const struct vocabulary *v = arg;
    struct tl_event ev = { .has = TL_HAS(type) };
    ev.type_ = tl_store_word(v->t, word);
    return tl_catalogue_role(v->none, &ev, NULL);
}

static int
read_all(struct reading *r, struct tl_err *err)
{
    const struct tl_catalogue_files nothing = { .n = 0 };
    struct tl_catalogue *none = NULL;
    int rc = tl_catalogue_parse(&nothing, &none, err);
    bool cut = false;
    r->until = UINT64_MAX;
    for (int pass = 0; rc == 0 && pass < 3; pass++) {
        struct vocabulary v = { r->k, NULL, none };
        rc = read_pass(r, err);
        cut = cut || r->cut;
        if (rc == 0) rc = tl_store_begin(r->k->store, &v.t, err);
        if (rc == 0 && suggest_next(r->s, role_of, &v)) rc = tl_fail(err, TL_ENOMEM, "out of memory");
        if (v.t) tl_store_end(&v.t);
    }
    r->cut = cut;
    tl_catalogue_free(&none);
    return rc;
}

/* ---- words ---- */

static struct tl_str
channel_of(struct look *k, struct tl_store_txn *t, uint32_t number)
{
    static const char *const known[] = { "app", "web", "store", "phone", "chat", "social", "email", "sms", "kiosk", "iot", "mail" };
    struct tl_str w = fold_word(k, t, number);
    for (size_t i = 0; number && i < sizeof known / sizeof known[0]; i++)
        if (tl_str_is(w, known[i])) return w;
    return (struct tl_str){ NULL, 0 };
}

static int
words_of(struct look *k, struct suggest_answer *out, struct tl_err *err)
{
    const struct suggest_draft *d = out->draft;
    struct suggest_word *w = tl_arena_alloc(k->arena, (d->name_n + 1) * sizeof *w);
    struct tl_store_txn *t = NULL;
    struct tl_customer c;
    int rc = w ? tl_store_begin(k->store, &t, err) : tl_fail(err, TL_ENOMEM, "out of memory");
    for (uint32_t i = 0; rc == 0 && i < d->name_n; i++) {
        w[i] = (struct suggest_word){ .name = fold_word(k, t, d->name[i].word), .channel = channel_of(k, t, d->name[i].channel), .stray = d->name[i].place < 0 };
        w[i].end = suggest_end_of(&d->name[i], w[i].name);
        rc = tl_store_customer(t, d->name[i].customer, k->arena, &c, err);
        if (rc == 0) memcpy(w[i].customer, c.hash, sizeof w[i].customer);
        if (rc == TL_ENOTFOUND) rc = 0;
    }
    if (t) tl_store_end(&t);
    out->word = w;
    return rc;
}

/* what the type asked about says itself; `all` leaves it open */
static struct suggest *
begin(struct look *k, struct tl_err *err)
{
    static const enum suggest_key key[] = { [TL_KEY_NONE] = SUGGEST_BY_GAP, [TL_KEY_JOURNEY] = SUGGEST_BY_JOURNEY, [TL_KEY_ORDER] = SUGGEST_BY_ORDER, [TL_KEY_CASE] = SUGGEST_BY_CASE };
    const struct tl_journey_type *type = &k->catalogue->type[k->type];
    struct tl_store_txn *t = NULL;
    uint32_t words = 0;
    if (k->store && tl_store_begin(k->store, &t, err) == 0) {
        words = tl_store_words_n(t);
        tl_store_end(&t);
    }
    struct suggest *s = suggest_new(words, k->type > 0 ? key[type->key] : SUGGEST_KEYS, k->type > 0 ? type->gap_ms : 0);
    if (!s) tl_fail(err, TL_ENOMEM, "out of memory");
    return s;
}

int
fold_suggest(struct look *k, struct suggest_answer *out, struct tl_err *err)
{
    static const char *const id[] = { [SUGGEST_BY_GAP] = "visit", [SUGGEST_BY_JOURNEY] = "journey", [SUGGEST_BY_ORDER] = "order", [SUGGEST_BY_CASE] = "case" };
    struct reading r = { .k = k };
    memset(out, 0, sizeof *out);
    out->owner = r.s = begin(k, err);
    if (!r.s) return TL_ENOMEM;
    out->draft = suggest_end(r.s);
    int rc = k->store ? read_all(&r, err) : 0;
    if (rc == 0 && k->store) rc = words_of(k, out, err);
    out->journey = k->type > 0 ? k->catalogue->type[k->type].id : tl_str_of(id[out->draft->key]);
    out->events = k->meta.events;
    out->customers = k->meta.customers;
    out->cut = r.cut;
    return rc ? rc : suggest_files(out, k->arena, err);
}

void
fold_suggest_free(struct suggest_answer *a)
{
    suggest_free(&a->owner);
}
