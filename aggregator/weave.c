/* weave.c - feeding: see weave.h. Flushing is in weave_flush.c. */
#include "weave.h"

#include "tl_json.h"
#include "tl_order.h"
#include "weave_visits.h"
#include "weave_work.h"

#define PROFILES_BYTES (4ull << 30)

static int
find_customer(void *arg, const uint8_t hash[16], uint64_t *number, struct tl_err *err)
{
    struct weave *w = arg;
    return tl_store_w_ident(w->store, hash, number, err);
}

static int
load_customer(void *arg, uint64_t number, struct tl_profile *p, struct tl_err *err)
{
    struct weave *w = arg;
    int rc = tl_store_w_profile(w->store, number, w->arena, p, err);
    return rc == TL_ENOTFOUND ? tl_fail(err, TL_ECORRUPT, "a customer's profile is missing: run touchline rebuild") : rc;
}

static int
one_tie(void *arg, const uint8_t a[16], const uint8_t b[16], enum tl_tie tie, uint64_t position)
{
    (void)position;
    return identify_tie(arg, a, b, tie);
}

int
weave_new(struct weave **out, const struct weave_rules *rules, struct tl_store_w *store, bool live, struct tl_err *err)
{
    struct weave *w = tl_alloc(sizeof *w);
    struct who_source source = {0};

    *out = NULL;
    if (w == NULL)
        return tl_fail(err, TL_ENOMEM, "out of memory");
    if (live)
        source = (struct who_source){ find_customer, load_customer, w };
    w->rules = *rules;
    w->store = store;
    w->keep = keep_new(rules->catalogue, store);
    w->stitch = stitch_new(rules->catalogue, store, rules->zone);
    w->who = identify_new(&source, &tl_store_w_head(store)->next_customer);
    w->arena = tl_arena_new(PROFILES_BYTES);
    w->hold = tl_alloc((size_t)TL_EVENT_IDS_MAX * TL_IDENTITY_BYTES_MAX);
    w->work = weave_work_new();
    w->visits = weave_visits_new();
    if (w->keep == NULL || w->stitch == NULL || w->who == NULL || w->arena == NULL || w->hold == NULL || w->work == NULL || w->visits == NULL) {
        weave_free(&w);
        return tl_fail(err, TL_ENOMEM, "out of memory");
    }
    /* the words of the rules are committed before anything that could be aborted */
    int rc = live ? tl_store_w_begin(store, err) : 0;
    if (rc == 0 && live)
        rc = tl_store_w_commit(store, err);
    if (rc == 0)
        rc = weave_reset(w, true, err);
    if (rc != 0)
        weave_free(&w);
    *out = w;
    return rc;
}

void
weave_free(struct weave **wp)
{
    struct weave *w = wp != NULL ? *wp : NULL;

    if (w == NULL)
        return;
    keep_free(&w->keep);
    stitch_free(&w->stitch);
    identify_free(&w->who);
    tl_arena_free(&w->arena);
    tl_free(w->fresh);
    tl_free(w->hold);
    weave_work_free(&w->work);
    weave_visits_free(&w->visits);
    tl_free(w);
    *wp = NULL;
}

int
weave_reset(struct weave *w, bool again, struct tl_err *err)
{
    identify_reset(w->who);
    tl_arena_reset(w->arena);
    w->fresh_n = 0;
    w->counts = (struct weave_counts){0};
    int rc = weave_visits_reset(w, again, err);
    if (!again || rc != 0)
        return rc;
    keep_forget(w->keep);
    identify_forget_ties(w->who);
    return tl_store_w_ties(w->store, one_tie, w->who, err);
}

void
weave_tally(struct weave *w)
{
    struct tl_store_head *head = tl_store_w_head(w->store);

    head->duplicates += w->counts.duplicates;
    head->refused += w->counts.refused;
    head->suppressed += w->counts.suppressed;
    head->controls += w->counts.controls;
    head->heartbeats += w->counts.heartbeats;
}

int
weave_shared(struct weave *w, struct tl_err *err)
{
    int rc = 0;

    while (rc == 0 && w->who->found_n > 0) {
        const struct who_found *f = &w->who->found[--w->who->found_n];
        rc = tl_store_w_tie_put(w->store, f->hash, f->hash, TL_TIE_SHARED, f->position, err);
    }
    return rc;
}

int
weave_identify(struct weave *w, const struct tl_event *ev, uint64_t position, int64_t logged_ms, struct tl_kept *e, uint32_t *home, struct tl_err *err)
{
    struct tl_identity list[TL_EVENT_IDS_MAX];
    struct who who[TL_EVENT_IDS_MAX];
    uint32_t n = tl_identity_list(ev, w->rules.region, list, w->hold);
    struct tl_store_head *head = tl_store_w_head(w->store);

    if (n == 0)
        return 1;
    for (uint32_t i = 0; i < n; i++) {
        who[i].kind = tl_store_w_word(w->store, list[i].kind);
        tl_identity_hash(w->rules.key, list[i].kind, list[i].normal, who[i].hash);
    }
    identify_expect(w->who, who[0].hash);
    keep_event(w->keep, ev, position, logged_ms, e);
    bool live = e->stream == TL_STREAM_LIVE;        /* others move no clock of customers, and tie nobody */
    int64_t bound = tl_order_bound_ms(e), received = keep_received(ev, logged_ms);
    if (live && bound > head->newest_event_ms)
        head->newest_event_ms = bound;
    if (live && !keep_is_import(ev) && received > head->newest_live_ms)
        head->newest_live_ms = received;
    int visit = weave_visits_judge(w, who, n, e, err);
    int rc = visit < 0 ? visit : identify_event(w->who, who, n, position, visit > 0 || !live, home, err);
    return rc == 0 ? weave_shared(w, err) : rc;
}

int
weave_event(struct weave *w, const struct tl_event *ev, uint64_t position, int64_t logged_ms, struct tl_err *err)
{
    if (w->fresh_n == w->fresh_cap) {
        uint32_t cap = w->fresh_cap * 2 + 1024;
        struct weave_fresh *fresh = tl_realloc(w->fresh, cap * sizeof *fresh);
        if (fresh == NULL)
            return tl_fail(err, TL_ENOMEM, "out of memory for a round's events");
        w->fresh = fresh;
        w->fresh_cap = cap;
    }
    struct weave_fresh *f = &w->fresh[w->fresh_n];
    int rc = weave_identify(w, ev, position, logged_ms, &f->kept, &f->id, err);
    w->counts.events++;
    if (rc == 0)
        w->fresh_n++;
    if (rc > 0)
        w->counts.refused++;
    return rc < 0 ? rc : 0;
}

int
weave_hash(struct weave *w, const struct tl_jv *v, uint8_t hash[16])
{
    struct tl_str kind = tl_jv_text(v, "kind"), value = tl_jv_text(v, "value");
    size_t n = kind.n > 0 ? tl_identity_normal_in(w->rules.region, kind, value, w->hold, TL_IDENTITY_BYTES_MAX) : 0;

    if (n == 0)
        return TL_EINVAL;
    tl_identity_hash(w->rules.key, kind, (struct tl_str){ w->hold, n }, hash);
    return 0;
}

static int
read_who(struct weave *w, const struct tl_jv *v, struct who *who)
{
    int rc = weave_hash(w, v, who->hash);

    if (rc == 0)
        who->kind = tl_store_w_word(w->store, tl_jv_text(v, "kind"));
    return rc;
}

static int
say_tie(struct weave *w, const struct tl_logged *rec, const struct tl_jv *root, bool link, struct tl_err *err)
{
    struct who x = {0}, y = {0};

    if (read_who(w, tl_jv_get(root, "a"), &x) != 0 || read_who(w, tl_jv_get(root, "b"), &y) != 0 || memcmp(x.hash, y.hash, 16) == 0)
        return 0;
    int rc = identify_tie(w->who, x.hash, y.hash, link ? TL_TIE_LINK : TL_TIE_CUT);
    if (rc == 0)
        rc = tl_store_w_tie_put(w->store, x.hash, y.hash, link ? TL_TIE_LINK : TL_TIE_CUT, rec->position, err);
    if (rc == 0)
        rc = link ? identify_link(w->who, &x, &y, rec->position, err) : identify_unlink(w->who, &x, &y, err);
    return rc;
}

/* The door has checked the body: one that cannot be read all the same changes nothing. */
int
weave_control(struct weave *w, const struct tl_logged *rec, struct tl_err *err)
{
    bool link = tl_str_is(rec->kind, "link"), tie = link || tl_str_is(rec->kind, "unlink"), note = tl_note_key(rec->kind) != NULL;
    struct tl_arena *a = tie || note ? tl_arena_new(1u << 20) : NULL;
    struct tl_jv *root = NULL;
    int rc = 0;

    w->counts.controls++;
    if (tl_str_is(rec->kind, "catalogue"))
        return weave_catalogue(w, rec, err);
    if (!tie && !note)
        return 0;
    if (a == NULL)
        return tl_fail(err, TL_ENOMEM, "out of memory");
    rc = tl_json_tree(a, rec->body, 0, &root, NULL, NULL);
    if (rc == 0)
        rc = tie ? say_tie(w, rec, root, link, err) : weave_note(w, rec, root, err);
    else if (rc == TL_ENOMEM)
        tl_fail(err, rc, "out of memory for a control record");
    else
        rc = 0;
    tl_arena_free(&a);
    return rc;
}
