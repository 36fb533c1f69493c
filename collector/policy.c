/* policy.c - see policy.h: the rules applied to one event.
 *
 * The event's typed fields are treated one by one, then it is written anew from them: what its sender wrote elsewhere in its own form (a name in a header of
 * the batch, the address of a page) is no typed field and stays behind. Nothing of the slice as sent is kept beside it. */
#include "policy_rules.h"

#include <stdio.h>

#include "tl_count.h"
#include "tl_identity.h"

#define ARENA_BYTES (4u << 20)
#define PATH_BYTES 512
#define HASH_BYTES 16
#define HASHED_KIND "_hash"

struct treated { struct tl_str value, into; };          /* an identity's value, and what stands for it; into absent: it was dropped */

struct work {
    const struct policy *policy;
    struct tl_arena *arena;
    const struct policy_rule *rule[POLICY_RULES_MAX];   /* those of the event's type */
    size_t rules_n;
    struct treated treated[TL_EVENT_IDS_MAX];
    size_t treated_n;
    char path[PATH_BYTES];
    bool failed;
};

static bool
fits_type(const struct policy_rule *r, struct tl_str type)
{
    return type.n >= r->type.n && !memcmp(type.p, r->type.p, r->type.n) && (r->prefix || type.n == r->type.n);
}

static void
find_rules(struct work *w, const struct policy *p, struct tl_str type)
{
    bool any = false;
    for (size_t i = 0; i < p->rules_n; i++) {
        if (!fits_type(&p->rule[i], type)) continue;
        w->rule[w->rules_n++] = &p->rule[i];
        any = any || p->rule[i].act != POLICY_KEEP;
    }
    if (!any) w->rules_n = 0;
}

/* is field the path itself, or does it lie above it? */
static bool
covers(struct tl_str field, const char *path)
{
    size_t n = strlen(path);
    return n >= field.n && !memcmp(path, field.p, field.n) && (n == field.n || path[field.n] == '.');
}

static enum policy_act
act_on(const struct work *w, const char *path)
{
    for (size_t i = 0; i < w->rules_n; i++)
        if (covers(w->rule[i]->field, path)) return w->rule[i]->act;
    return POLICY_KEEP;
}

static bool
has_rules_below(const struct work *w, const char *path)
{
    size_t n = strlen(path);
    for (size_t i = 0; i < w->rules_n; i++)
        if (w->rule[i]->field.n > n && !memcmp(w->rule[i]->field.p, path, n) && w->rule[i]->field.p[n] == '.') return true;
    return false;
}

static struct tl_str
copy(struct work *w, const void *p, size_t n)
{
    const char *to = tl_arena_dup(w->arena, p, n);
    w->failed = w->failed || !to;
    return (struct tl_str){ to, to ? n : 0 };
}

static struct tl_str
hash_of(struct work *w, struct tl_str what, struct tl_str value)
{
    uint8_t hash[HASH_BYTES];
    char hex[2 * HASH_BYTES + 1];
    uint8_t *both = tl_arena_alloc(w->arena, what.n + 1 + value.n);
    tl_count_add(C_FIELDS_HASHED, 1);
    if (!both) {
        w->failed = true;
        return (struct tl_str){ NULL, 0 };
    }
    memcpy(both, what.p, what.n);
    memcpy(both + what.n + 1, value.p, value.n);
    tl_hash128(w->policy->key, both, what.n + 1 + value.n, hash);
    tl_hex(hash, HASH_BYTES, hex);
    return copy(w, hex, sizeof hex - 1);
}

static const struct treated *
treated_like(const struct work *w, struct tl_str value)
{
    for (size_t i = 0; i < w->treated_n; i++)
        if (tl_str_eq(w->treated[i].value, value)) return &w->treated[i];
    return NULL;
}

/* ---- ids ---- */
/* false: the identity goes */
static bool
treat_id(struct work *w, struct tl_id *id)
{
    char path[80], normal[TL_IDENTITY_BYTES_MAX];
    snprintf(path, sizeof path, "ids.%.*s", (int)(id->kind.n < 64 ? id->kind.n : 64), id->kind.p);
    enum policy_act act = act_on(w, path);
    if (act == POLICY_KEEP) return true;
    struct treated *t = &w->treated[w->treated_n++];
    *t = (struct treated){ .value = id->value };
    size_t n = act == POLICY_HASH ? tl_identity_normal(id->kind, id->value, normal, sizeof normal) : 0;
    tl_count_add(C_FIELDS_DROPPED, n == 0);
    if (n == 0) return false;
    t->into = hash_of(w, id->kind, (struct tl_str){ normal, n });
    char *kind = tl_arena_alloc(w->arena, id->kind.n + sizeof HASHED_KIND);
    w->failed = w->failed || !kind;
    if (!kind) return false;
    memcpy(kind, id->kind.p, id->kind.n);
    memcpy(kind + id->kind.n, HASHED_KIND, sizeof HASHED_KIND);
    *id = (struct tl_id){ { kind, id->kind.n + sizeof HASHED_KIND - 1 }, t->into };
    return true;
}

static void
treat_ids(struct work *w, struct tl_event *ev)
{
    uint32_t n = 0;
    if (!(ev->has & TL_HAS(ids))) return;
    for (uint32_t i = 0; i < ev->ids_n; i++)
        if (treat_id(w, &ev->ids_[i])) ev->ids_[n++] = ev->ids_[i];
    ev->ids_n = n;
    if (n == 0) ev->has &= ~TL_HAS(ids);
    ev->checked &= ~TL_HAS(ids);
}

/* ---- texts, and what can only go ---- */
static void
treat_texts(struct work *w, struct tl_event *ev)
{
    for (const struct policy_text *t = policy_texts; t->name; t++) {
        struct tl_str *s = (struct tl_str *)(void *)((char *)ev + t->at);
        if (!(ev->has & t->bit)) continue;
        const struct treated *like = treated_like(w, *s);
        enum policy_act act = act_on(w, t->name);
        if (act == POLICY_KEEP && !like) continue;
        if (act == POLICY_DROP || (like && !like->into.p)) {
            ev->has &= ~t->bit;
            tl_count_add(C_FIELDS_DROPPED, 1);
        } else {
            *s = like ? like->into : hash_of(w, tl_str_of(t->name), *s);
        }
    }
    for (const struct policy_whole *f = policy_wholes; f->name; f++) {
        if (!(ev->has & f->bit) || act_on(w, f->name) != POLICY_DROP) continue;
        ev->has &= ~f->bit;
        tl_count_add(C_FIELDS_DROPPED, 1);
    }
}

/* ---- props ---- */
static void put_value(struct work *w, struct tl_jw *out, const struct tl_jv *v);

static void
put_children(struct work *w, struct tl_jw *out, const struct tl_jv *v)
{
    bool object = v->type == TL_JOBJECT;
    if (object) tl_jw_open(out, NULL);
    else tl_jw_array(out, NULL);
    for (const struct tl_jv *c = v->child; c; c = c->next) {
        size_t n = strlen(w->path);
        if (object) snprintf(w->path + n, sizeof w->path - n, ".%.*s", (int)(c->name.n < PATH_BYTES ? c->name.n : PATH_BYTES), c->name.p);
        put_value(w, out, c);
        w->path[n] = 0;
    }
    if (object) tl_jw_close(out);
    else tl_jw_end(out);
}

static void
put_named(struct tl_jw *out, const struct tl_jv *v)
{
    if (v->name.p) tl_jw_name(out, v->name);
}

/* A value with its name; nothing at all when it is dropped. What holds other values is treated as a whole, unless rules go deeper. */
static void
put_value(struct work *w, struct tl_jw *out, const struct tl_jv *v)
{
    bool holds = v->type == TL_JOBJECT || v->type == TL_JARRAY, deeper = holds && has_rules_below(w, w->path);
    struct tl_str value = v->type == TL_JTEXT ? v->text : v->raw;
    const struct treated *like = holds || v->type == TL_JNULL || v->type == TL_JBOOL ? NULL : treated_like(w, value);
    enum policy_act act = act_on(w, w->path);
    if (!deeper && (act == POLICY_DROP || (act == POLICY_KEEP && like && !like->into.p))) {
        tl_count_add(C_FIELDS_DROPPED, 1);
        return;
    }
    put_named(out, v);
    if (deeper || (holds && act == POLICY_KEEP)) put_children(w, out, v);
    else if (like && like->into.p) tl_jw_str(out, NULL, like->into);
    else if (act == POLICY_HASH) tl_jw_str(out, NULL, hash_of(w, tl_str_of(w->path), value));
    else if (v->type == TL_JTEXT) tl_jw_str(out, NULL, v->text);
    else tl_jw_raw(out, NULL, v->raw);
}

static void
treat_props(struct work *w, struct tl_event *ev)
{
    struct tl_jv *root;
    struct tl_json_fault fault;
    struct tl_buf b = { 0 };
    if (!(ev->has & TL_HAS(props)) || (w->treated_n == 0 && act_on(w, "props") == POLICY_KEEP && !has_rules_below(w, "props"))) return;
    if (tl_json_tree(w->arena, ev->props_, 0, &root, &fault, NULL) != 0) {
        w->failed = true;
        return;
    }
    struct tl_jw out = tl_jw_to(&b);
    snprintf(w->path, sizeof w->path, "props");
    if (act_on(w, "props") == POLICY_DROP && !has_rules_below(w, "props")) ev->has &= ~TL_HAS(props);
    else put_children(w, &out, root);
    ev->props_ = copy(w, b.data ? (char *)b.data : "", b.len);
    ev->checked &= ~TL_HAS(props);
    w->failed = w->failed || b.failed;
    tl_buf_free(&b);
}

int
policy_apply(const struct policy *p, struct policy_desk *d, struct tl_event *ev)
{
    struct work w = { .policy = p };
    if (!p) return 0;
    find_rules(&w, p, ev->has & TL_HAS(type) ? ev->type_ : TL_STR(""));
    if (w.rules_n == 0) return 0;
    if (!d->arena && !(d->arena = tl_arena_new(ARENA_BYTES))) return TL_ENOMEM;
    tl_arena_reset(d->arena);
    tl_buf_reset(&d->slice);
    w.arena = d->arena;
    treat_ids(&w, ev);
    treat_texts(&w, ev);
    treat_props(&w, ev);
    if (w.failed) return TL_ENOMEM;
    struct tl_event own = *ev;
    own.has &= ~(TL_HAS(sent_at) | TL_HAS(received_at) | TL_HAS(origin));        /* these are not the event's but of its way here */
    struct tl_jw out = tl_jw_to(&d->slice);
    tl_event_json(&out, &own);
    ev->raw = (struct tl_str){ (char *)d->slice.data, d->slice.len };
    return d->slice.failed ? TL_ENOMEM : 1;
}

void
policy_desk_free(struct policy_desk *d)
{
    tl_arena_free(&d->arena);
    tl_buf_free(&d->slice);
}
