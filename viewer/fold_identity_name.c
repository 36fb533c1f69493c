/* fold_identity_name.c - the identity behind a hash. The store knows where it was first told; the log, what was told there. See answer_identity.h. */
#include "answer_identity.h"
#include "tl_json.h"

struct wanted { const uint8_t *key, *hash; const struct tl_region *region; struct tl_arena *a; struct tl_buf *hold; size_t kind_n; bool found; };

/* is_it - keep kind and value when they are the identity looked for */
static bool
is_it(struct wanted *x, struct tl_str kind, struct tl_str value)
{
    char normal[TL_IDENTITY_BYTES_MAX];
    uint8_t hash[16];
    size_t n = kind.n ? tl_identity_normal_in(x->region, kind, value, normal, sizeof normal) : 0;
    if (!n) return false;
    tl_identity_hash(x->key, kind, (struct tl_str){ normal, n }, hash);
    if (memcmp(hash, x->hash, 16) != 0) return false;
    tl_buf_reset(x->hold);
    tl_buf_put(x->hold, kind.p, kind.n);
    tl_buf_put(x->hold, normal, n);
    x->kind_n = kind.n;
    return x->found = !x->hold->failed;
}

static int
in_record(void *arg, const struct tl_logged *rec)
{
    struct wanted *x = arg;
    struct tl_jv *root = NULL;
    if (!rec->control || tl_json_tree(x->a, rec->body, 0, &root, NULL, NULL)) return 1;
    static const char *const end[] = { "a", "b" };
    for (int i = 0; i < 2 && !x->found; i++) is_it(x, tl_jv_text(tl_jv_get(root, end[i]), "kind"), tl_jv_text(tl_jv_get(root, end[i]), "value"));
    return 1;
}

/* first_told - where in the log the identity was first told */
static int
first_told(struct look *k, const uint8_t hash[16], uint64_t *position, struct tl_err *err)
{
    struct tl_store_txn *t = NULL;
    struct tl_customer c;
    uint64_t number = 0;
    if (!k->store) return tl_fail(err, TL_ENOTFOUND, "there is no customer yet");
    int rc = tl_store_begin(k->store, &t, err);
    if (rc) return rc;
    rc = tl_store_customer_by_hash(t, hash, &number, err);
    if (rc == 0) rc = tl_store_customer(t, number, k->arena, &c, err);
    for (uint32_t i = 0; rc == 0 && i < c.identity_n; i++)
        if (memcmp(c.identity[i].hash, hash, 16) == 0) *position = c.identity[i].first_position;
    tl_store_end(&t);
    return rc;
}

static int
name_it(struct look *k, struct wanted *x, struct tl_err *err)
{
    struct tl_eventlog *log = fold_log(k->fold);
    struct tl_buf bytes = { NULL, 0, 0, false };
    struct tl_event ev;
    uint64_t position = 0;
    int rc = first_told(k, x->hash, &position, err);
    if (rc) return rc;
    if (!x->key || !log) return tl_fail(err, TL_ENOTFOUND, "the log is not there: the identity cannot be named");
    if (tl_eventlog_event(log, position, &bytes, &ev, NULL) == 0) {
        for (uint32_t i = 0; (ev.has & TL_HAS(ids)) && i < ev.ids_n && !x->found; i++) is_it(x, ev.ids_[i].kind, ev.ids_[i].value);
    } else {
        rc = tl_eventlog_read(log, position, in_record, x, err);
    }
    tl_buf_free(&bytes);
    if (rc) return rc;
    return x->found ? 0 : tl_fail(err, TL_ENOTFOUND, "the log does not say which identity that is: name it as KIND:VALUE");
}

int
fold_identity_name(struct look *k, const uint8_t hash[16], struct tl_buf *hold, struct tl_str *kind, struct tl_str *value, struct tl_err *err)
{
    struct wanted x = { fold_key(k->fold), hash, tl_region_of(k->meta.region), k->arena, hold, 0, false };
    int rc = name_it(k, &x, err);
    *kind = (struct tl_str){ (const char *)hold->data, x.kind_n };
    *value = (struct tl_str){ (const char *)hold->data + x.kind_n, rc ? 0 : hold->len - x.kind_n };
    return rc;
}
