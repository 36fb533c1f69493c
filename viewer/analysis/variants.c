/* variants.c - a hash table of whole sequences. Equal means equal bytes, the hash only finds them. */
#include "variants.h"

#include "tl_hash.h"

struct acc { struct variants *v; struct tl_buf one; };

static void
variants_free(void *part)
{
    struct variants *v = part;
    if (!v) return;
    tl_free(v->variant);
    tl_free(v->slot);
    tl_buf_free(&v->words);
    tl_free(v);
}

static struct variants *
variants_new(void)
{
    struct variants *v = tl_alloc(sizeof *v);
    if (!v) return NULL;
    v->slot_n = 256;
    v->slot = tl_alloc(v->slot_n * sizeof *v->slot);
    if (!v->slot) {
        variants_free(v);
        return NULL;
    }
    return v;
}

static uint64_t
hash_of(struct tl_str s)
{
    uint64_t h = s.n;
    for (size_t i = 0; i < s.n; i++) h = (h ^ (uint8_t)s.p[i]) * UINT64_C(0x100000001B3);
    return tl_mix64(h);
}

static bool
slots_double(struct variants *v)
{
    uint32_t n = v->slot_n * 2;
    uint32_t *slot = tl_alloc(n * sizeof *slot);
    if (!slot) return false;
    for (uint32_t i = 0; i < v->variant_n; i++) {
        uint32_t s = (uint32_t)v->variant[i].hash & (n - 1);
        while (slot[s]) s = (s + 1) & (n - 1);
        slot[s] = i + 1;
    }
    tl_free(v->slot);
    v->slot = slot;
    v->slot_n = n;
    return true;
}

static bool
variant_room(struct variants *v)
{
    if (v->variant_n < v->variant_cap) return true;
    uint32_t cap = v->variant_cap ? v->variant_cap * 2 : 64;
    struct variant *p = tl_realloc(v->variant, cap * sizeof *p);
    if (!p) return false;
    v->variant = p;
    v->variant_cap = cap;
    return true;
}

static int
variant_count(struct variants *v, struct tl_str words, uint64_t hash, uint32_t steps_n, uint64_t journeys)
{
    if (v->variant_n * 2 >= v->slot_n && !slots_double(v)) return TL_ENOMEM;
    uint32_t s = (uint32_t)hash & (v->slot_n - 1);
    for (; v->slot[s]; s = (s + 1) & (v->slot_n - 1)) {
        struct variant *o = &v->variant[v->slot[s] - 1];
        if (o->hash == hash && o->len == words.n && memcmp(v->words.data + o->at, words.p, words.n) == 0) {
            o->journeys += journeys;
            return 0;
        }
    }
    if (v->words.len + words.n > UINT32_MAX) return TL_ERANGE;
    if (!variant_room(v)) return TL_ENOMEM;
    v->variant[v->variant_n] = (struct variant){ hash, journeys, (uint32_t)v->words.len, (uint32_t)words.n, steps_n };
    tl_buf_put(&v->words, words.p, words.n);
    if (v->words.failed) return TL_ENOMEM;
    v->slot[s] = ++v->variant_n;
    return 0;
}

static void
acc_free(void *p)
{
    struct acc *a = p;
    if (!a) return;
    variants_free(a->v);
    tl_buf_free(&a->one);
    tl_free(a);
}

static void *
acc_begin(const struct analysis_arg *arg)
{
    (void)arg;
    struct acc *a = tl_alloc(sizeof *a);
    if (a && !(a->v = variants_new())) {
        acc_free(a);
        return NULL;
    }
    return a;
}

static int
acc_journey(void *acc, const struct tl_journey *j, enum tl_end end)
{
    (void)end;
    struct acc *a = acc;
    tl_buf_reset(&a->one);
    for (uint32_t i = 0; i < j->steps_n; i++) tl_buf_put_varint(&a->one, j->step[i].touchpoint);
    if (a->one.failed) return TL_ENOMEM;
    struct tl_str words = { (const char *)a->one.data, a->one.len };
    a->v->journeys++;
    return variant_count(a->v, words, hash_of(words), j->steps_n, 1);
}

static void *
acc_finish(void *acc)
{
    struct acc *a = acc;
    struct variants *next = variants_new(), *v = a->v;
    if (!next) return NULL;
    a->v = next;
    tl_free(v->slot);
    v->slot = NULL;
    return v;
}

static void *
sum(const void *const *part, size_t n)
{
    struct variants *v = variants_new();
    int rc = v ? 0 : TL_ENOMEM;
    for (size_t i = 0; rc == 0 && i < n; i++) {
        const struct variants *p = part[i];
        v->journeys += p->journeys;
        for (uint32_t k = 0; rc == 0 && k < p->variant_n; k++) {
            const struct variant *o = &p->variant[k];
            rc = variant_count(v, (struct tl_str){ (const char *)p->words.data + o->at, o->len }, o->hash, o->steps_n, o->journeys);
        }
    }
    if (rc) {
        variants_free(v);
        return NULL;
    }
    tl_free(v->slot);
    v->slot = NULL;
    return v;
}

static size_t
part_bytes(const void *part)
{
    const struct variants *v = part;
    return sizeof *v + v->variant_cap * sizeof *v->variant + v->words.cap;
}

struct tl_cur
variants_words(const struct variants *v, const struct variant *one)
{
    return tl_cur_of(v->words.data + one->at, one->len);
}

uint32_t
variants_top(const struct variants *v, uint32_t k, int (*before)(const void *arg, const struct variants *v, uint32_t a, uint32_t b), const void *arg, uint32_t *top)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < v->variant_n && k; i++) {
        uint32_t at = n < k ? n : k;
        for (; at > 0; at--) {            /* insertion from the rear: most variants fail the first comparison */
            const struct variant *o = &v->variant[top[at - 1]];
            uint64_t mine = v->variant[i].journeys;
            if (mine < o->journeys || (mine == o->journeys && !(before && before(arg, v, i, top[at - 1]) < 0))) break;
            if (at < k) top[at] = top[at - 1];
        }
        if (at >= k) continue;
        top[at] = i;
        if (n < k) n++;
    }
    return n;
}

const struct analysis analysis_variants = {
    .name = "variants", .version = 1, .doc = "exact sequences of touchpoints and the journeys that went each way", .ends = false,
    .begin = acc_begin, .journey = acc_journey, .finish = acc_finish, .abandon = acc_free, .sum = sum, .bytes = part_bytes, .free = variants_free,
};
