/* weave_customer.c - one customer: what is stored and what was fed become a set, the set is put in order and stitched, and what differs is written. */
#include <stdio.h>
#include <stdlib.h>

#include "tl_order.h"
#include "weave_work.h"

struct weave_work *
weave_work_new(void)
{
    return tl_alloc(sizeof(struct weave_work));
}

void
weave_work_free(struct weave_work **wp)
{
    struct weave_work *x = wp != NULL ? *wp : NULL;

    if (x == NULL)
        return;
    tl_free(x->item);
    tl_free(x->turn);
    tl_free(x->one);
    tl_store_kept_free(&x->kept);
    tl_free(x->ordered);
    tl_free(x->id);
    tl_free(x->identity);
    tl_free(x->link);
    tl_free(x->row);
    tl_free(x->journey);
    tl_buf_free(&x->bytes);
    tl_free(x->blocks);
    tl_buf_free(&x->slice);
    tl_free(x->due);
    tl_free(x);
    *wp = NULL;
}

int
weave_room(void **list, uint32_t n, uint32_t *cap, size_t item, struct tl_err *err)
{
    if (n <= *cap)
        return 0;
    uint32_t more = n + n / 2 + 64;
    void *p = tl_realloc(*list, more * item);
    if (p == NULL)
        return tl_fail(err, TL_ENOMEM, "out of memory for a round's customers");
    *list = p;
    *cap = more;
    return 0;
}

/* ---- two payloads under one id: the log is asked ---- */

struct payload { uint8_t hash[32]; char id[512]; size_t id_n; };

static int
read_payload(struct weave *w, uint64_t position, struct payload *p, struct tl_err *err)
{
    struct tl_event ev;
    int rc = tl_eventlog_event(w->rules.log, position, &w->work->slice, &ev, err);

    if (rc != 0)
        return rc;
    tl_hash256(ev.raw.p, ev.raw.n, p->hash);
    int n = snprintf(p->id, sizeof p->id, "%.*s\n%.*s", ev.has & TL_HAS(origin) ? (int)ev.origin_.n : 0, ev.has & TL_HAS(origin) ? ev.origin_.p : "",
                     ev.has & TL_HAS(id) ? (int)ev.id_.n : 0, ev.has & TL_HAS(id) ? ev.id_.p : "");
    p->id_n = (size_t)n < sizeof p->id ? (size_t)n : sizeof p->id;
    return 0;
}

static int
judge(void *arg, uint64_t first, uint64_t second, bool *keep_second, uint64_t *lost, struct tl_err *err)
{
    struct weave *w = arg;
    struct payload a, b;
    int rc = read_payload(w, first, &a, err);

    if (rc == 0)
        rc = read_payload(w, second, &b, err);
    if (rc != 0)
        return rc;
    if (a.id_n != b.id_n || memcmp(a.id, b.id, a.id_n) != 0)
        return GATHER_OTHER_ID;
    int d = memcmp(a.hash, b.hash, sizeof a.hash);
    *keep_second = d > 0;
    const uint8_t *loser = d > 0 ? a.hash : b.hash;
    *lost = 0;
    for (int i = 0; i < 8; i++)
        *lost = *lost << 8 | loser[i];
    return d == 0 ? GATHER_SAME : GATHER_DIFFER;
}

static int
refuse(void *arg, const struct tl_kept *e, uint64_t hash, enum tl_reason reason, struct tl_err *err)
{
    const struct weave *w = arg;
    return tl_store_w_refuse(w->store, e->id_hash, hash, reason, e->position, err);
}

/* ---- rows of one customer ---- */

struct collecting { struct weave *w; struct tl_err *err; };

static int
collect_row(void *arg, const struct tl_journey *j)
{
    struct collecting *c = arg;
    struct weave_work *x = c->w->work;
    struct tl_err *err = c->err;
    int rc = ROOM(x, row, x->row_n + 1);

    if (rc != 0)
        return rc;
    struct row *r = &x->row[x->row_n++];
    r->at = x->bytes.len;
    tl_rows_journey_put(&x->bytes, j);
    r->n = x->bytes.len - r->at;
    r->j = (struct tl_profile_journey){ j->type, j->day, j->start_ms, j->tag, 0 };
    tl_rows_journey_key(j, r->key);
    return x->bytes.failed ? tl_fail(err, TL_ENOMEM, "out of memory for journey rows") : 0;
}

static int
by_row_key(const void *pa, const void *pb)
{
    const struct row *a = pa, *b = pb;
    int d = memcmp(a->key, b->key, sizeof a->key);
    return d != 0 ? d : a->at < b->at ? -1 : a->at > b->at;
}

/* In key order, with their hashes. Two journeys of one key (2^-32): the later one's tag moves on. */
static void
finish_rows(struct weave_work *x, uint64_t customer)
{
    bool moved = true;

    while (moved) {
        moved = false;
        uint32_t i = 1;
        while (i < x->row_n && memcmp(x->row[i - 1].key, x->row[i].key, sizeof x->row[i].key) < 0)
            i++;
        if (i < x->row_n)
            qsort(x->row, x->row_n, sizeof *x->row, by_row_key);
        for (i = 1; i < x->row_n; i++)
            if (memcmp(x->row[i - 1].key, x->row[i].key, sizeof x->row[i].key) == 0) {
                x->row[i].j.tag++;
                tl_profile_journey_key(customer, &x->row[i].j, x->row[i].key);
                moved = true;
            }
    }
    for (uint32_t i = 0; i < x->row_n; i++)
        x->row[i].j.row_hash = tl_store_row_hash(x->row[i].key, (struct tl_str){ (char *)x->bytes.data + x->row[i].at, x->row[i].n });
}

static int
put_row(struct weave *w, const struct row *r, struct tl_err *err)
{
    struct tl_str row = { (char *)w->work->bytes.data + r->at, r->n };
    return w->row_out != NULL ? w->row_out(w->row_arg, r->key, row, r->j.row_hash, err) : tl_store_w_row_put(w->store, r->key, row, r->j.row_hash, err);
}

int
weave_drop_row(struct weave *w, uint64_t customer, const struct tl_profile_journey *j, struct tl_err *err)
{
    uint8_t key[TL_JOURNEY_KEY_BYTES];

    tl_profile_journey_key(customer, j, key);
    return tl_store_w_row_del(w->store, key, j->row_hash, err);
}

/* Both lists are in key order: write what differs. */
static int
put_rows(struct weave *w, uint64_t customer, const struct tl_profile_journey *old, uint32_t old_n, struct tl_err *err)
{
    struct weave_work *x = w->work;
    uint32_t o = 0;
    int rc = 0;

    for (uint32_t i = 0; rc == 0 && i < x->row_n; i++) {
        uint8_t key[TL_JOURNEY_KEY_BYTES] = {0};
        int d = -1;
        for (; rc == 0 && o < old_n; o++) {
            tl_profile_journey_key(customer, &old[o], key);
            d = memcmp(x->row[i].key, key, sizeof key);
            if (d <= 0)
                break;
            rc = weave_drop_row(w, customer, &old[o], err);
            d = -1;
        }
        if (rc != 0)
            break;
        if (d != 0 || o == old_n) {
            rc = put_row(w, &x->row[i], err);
        } else {
            if (old[o].row_hash != x->row[i].j.row_hash)
                rc = tl_store_w_row_replace(w->store, key, (struct tl_str){ (char *)x->bytes.data + x->row[i].at, x->row[i].n }, old[o].row_hash,
                                            x->row[i].j.row_hash, err);
            o++;
        }
    }
    for (; rc == 0 && o < old_n; o++)
        rc = weave_drop_row(w, customer, &old[o], err);
    return rc;
}

/* ---- one customer ---- */

int
weave_identities(struct weave *w, uint32_t person, struct tl_err *err)
{
    struct weave_work *x = w->work;
    const struct identify *who = w->who;
    uint32_t n = identify_count(who, person);
    int rc = ROOM(x, id, n);

    if (rc == 0)
        rc = ROOM(x, identity, n);
    if (rc != 0)
        return rc;
    identify_places(w->who, person, x->id);
    x->identity_n = n;
    for (uint32_t i = 0; i < n; i++) {
        const struct who_id *id = &who->id[x->id[i]];
        x->identity[i] = (struct tl_store_identity){ .kind = id->kind, .first_position = id->first_position };
        memcpy(x->identity[i].hash, id->hash, 16);
    }
    return 0;
}

static int
by_link(const void *pa, const void *pb)
{
    const struct tl_profile_link *a = pa, *b = pb;
    return a->a != b->a ? (a->a < b->a ? -1 : 1) : a->b < b->b ? -1 : a->b > b->b;
}

int
weave_links(struct weave *w, uint32_t person, struct tl_err *err)
{
    struct weave_work *x = w->work;
    const struct identify *who = w->who;

    x->link_n = 0;
    for (uint32_t l = who->person[person].link_first; l != WHO_NONE; l = who->link[l].next) {
        if (who->link[l].dead)
            continue;
        int rc = ROOM(x, link, x->link_n + 1);
        if (rc != 0)
            return rc;
        uint32_t a = who->id[who->link[l].a].place, b = who->id[who->link[l].b].place;
        x->link[x->link_n++] = (struct tl_profile_link){ a < b ? a : b, a < b ? b : a, who->link[l].told_n, who->link[l].manual, who->link[l].told_n > 0 && (a < b) == who->link[l].back, who->link[l].first_position };
    }
    if (x->link_n > 1)
        qsort(x->link, x->link_n, sizeof *x->link, by_link);
    return 0;
}

/* A copy of the kept events in the total order. */
static int
order_events(struct weave_work *x, struct tl_err *err)
{
    int rc = ROOM(x, ordered, x->kept.n);

    if (rc != 0)
        return rc;
    if (x->kept.n > 0)
        memcpy(x->ordered, x->kept.event, x->kept.n * sizeof *x->ordered);
    rc = tl_order_events(x->ordered, x->kept.n);
    return rc != 0 ? tl_fail(err, rc, "out of memory for a customer's events") : 0;
}

static int
fill_profile(const struct weave *w, bool lossy, struct tl_profile *p, struct tl_err *err)
{
    struct weave_work *x = w->work;
    uint32_t outcome_n = 0;
    const struct tl_profile_outcome *outcome = stitch_outcomes(w->stitch, &outcome_n);
    int rc = ROOM(x, journey, x->row_n);

    if (rc != 0)
        return rc;
    for (uint32_t i = 0; i < x->row_n; i++)
        x->journey[i] = x->row[i].j;
    for (uint32_t i = 0; i < x->kept.n; i++)
        x->identity[x->kept.event[i].home].events++;
    *p = (struct tl_profile){ .events = x->kept.n, .first_ms = TL_TIME_NONE, .last_ms = TL_TIME_NONE, .lossy = lossy, .identity = x->identity,
                              .identity_n = x->identity_n, .link = x->link, .link_n = x->link_n, .journey = x->journey, .journey_n = x->row_n,
                              .outcome = outcome, .outcome_n = outcome_n };
    if (x->kept.n > 0) {
        p->first_ms = x->ordered[0].at_ms;
        p->last_ms = x->ordered[x->kept.n - 1].at_ms;
    }
    return 0;
}

int
weave_customer(struct weave *w, uint32_t person, const struct tl_kept *const *e, uint32_t n, const struct tl_profile *stored, uint32_t old_blocks, bool lossy,
               struct tl_err *err)
{
    struct weave_work *x = w->work;
    const uint64_t number = w->who->person[person].number;
    struct gather g = { .kept = &x->kept, .judge = judge, .refuse = refuse, .arg = w };
    struct collecting c = { w, err };
    struct tl_profile p;
    int rc = 0;

    x->kept.n = x->kept.block_n = x->row_n = 0;
    tl_buf_reset(&x->bytes);
    if (stored != NULL)
        rc = tl_store_w_events(w->store, number, &x->kept, err);
    if (rc == 0)
        rc = gather_events(&g, e, n, err);
    if (rc == 0)
        rc = order_events(x, err);
    if (rc == 0)
        rc = stitch_events(w->stitch, number, x->ordered, x->kept.n, collect_row, &c, err);
    if (rc == 0)
        rc = weave_links(w, person, err);
    if (rc != 0)
        return rc;
    rc = weave_dues(w, number, err);
    if (rc != 0)
        return rc;
    finish_rows(x, number);
    w->counts.duplicates += g.duplicates;
    w->counts.refused += g.refused;
    tl_store_w_head(w->store)->events += x->kept.n;
    if (stored != NULL)
        tl_store_w_head(w->store)->events -= stored->events;
    rc = fill_profile(w, lossy || g.refused > 0 || (stored != NULL && stored->lossy), &p, err);
    if (rc == 0)
        rc = tl_store_w_profile_put(w->store, number, &p, err);
    if (rc == 0 && stored != NULL)
        old_blocks = x->kept.block_n;
    if (rc == 0 && (stored == NULL || g.same < x->kept.n || stored->events != x->kept.n))
        rc = tl_store_w_events_put(w->store, number, x->kept.event, x->kept.n, g.same, x->kept.block, old_blocks, err);
    return rc != 0 ? rc : put_rows(w, number, stored != NULL ? stored->journey : NULL, stored != NULL ? stored->journey_n : 0, err);
}
