/* limit.c - see limit.h. Levels are millionths of a token: a microsecond at rate r brings r of them. */
#include "limit.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>

#include "tl_hash.h"
#include "tl_port.h"

#define TOKEN INT64_C(1000000)
#define WINDOW 8
#define WAIT_MAX_S 3600
#define ELAPSED_MAX_US INT64_C(3600000000)

struct place {
    uint64_t name;                      /* 0: free */
    int64_t level, at_us;
};

struct limit {
    uint8_t key[TL_KEY_BYTES];          /* nobody outside can choose names that share places */
    pthread_mutex_t lock;
    struct place place[LIMIT_PLACES];
};

struct limit *
limit_new(void)
{
    struct limit *l = tl_alloc(sizeof *l);
    if (!l) return NULL;
    tl_rand_real()->fill(tl_rand_real(), l->key, sizeof l->key);
    pthread_mutex_init(&l->lock, NULL);
    return l;
}

void
limit_free(struct limit **lp)
{
    if (!*lp) return;
    pthread_mutex_destroy(&(*lp)->lock);
    tl_free(*lp);
    *lp = NULL;
}

static uint64_t
hash_of(const struct limit *l, enum limit_kind kind, struct tl_str name)
{
    uint64_t h = tl_mix64(tl_hash64(l->key, name.p ? name.p : "", name.n) + (uint64_t)kind);
    return h ? h : 1;
}

/* The bucket of that name, filled up to now; a new one is full. The lock is held. */
static struct place *
bucket(struct limit *l, uint64_t name, struct limit_rate r, int64_t now_us)
{
    struct place *found = NULL, *oldest = NULL;
    int64_t most = r.rate * (r.burst_s > 0 ? r.burst_s : 1) * TOKEN;
    for (size_t i = 0; i < WINDOW && !found; i++) {
        struct place *p = &l->place[(name + i) % LIMIT_PLACES];
        if (p->name == name) found = p;
        if (!oldest || (oldest->name && (!p->name || p->at_us < oldest->at_us))) oldest = p;
    }
    if (!found) {
        *oldest = (struct place){ name, most, now_us };
        return oldest;
    }
    int64_t elapsed_us = now_us - found->at_us;
    if (elapsed_us < 0) elapsed_us = 0;
    if (elapsed_us > ELAPSED_MAX_US) elapsed_us = ELAPSED_MAX_US;
    found->level += elapsed_us * r.rate;
    if (found->level > most) found->level = most;
    found->at_us = now_us;
    return found;
}

int
limit_take(struct limit *l, enum limit_kind kind, struct tl_str name, struct limit_rate rate, int64_t cost, int64_t now_us)
{
    if (rate.rate <= 0) return 0;
    pthread_mutex_lock(&l->lock);
    struct place *p = bucket(l, hash_of(l, kind, name), rate, now_us);
    int64_t level = p->level;
    if (level > 0) p->level -= cost * TOKEN;
    pthread_mutex_unlock(&l->lock);
    if (level > 0) return 0;
    int64_t wait_s = -level / TOKEN / rate.rate + 1;
    return (int)(wait_s < WAIT_MAX_S ? wait_s : WAIT_MAX_S);
}

void
limit_charge(struct limit *l, enum limit_kind kind, struct tl_str name, struct limit_rate rate, int64_t cost, int64_t now_us)
{
    if (rate.rate <= 0) return;
    pthread_mutex_lock(&l->lock);
    bucket(l, hash_of(l, kind, name), rate, now_us)->level -= cost * TOKEN;
    pthread_mutex_unlock(&l->lock);
}

struct tl_str
limit_network(struct tl_str address, uint8_t out[16])
{
    static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
    char text[INET6_ADDRSTRLEN] = "";
    if (address.n < sizeof text) snprintf(text, sizeof text, "%.*s", (int)address.n, address.p ? address.p : "");
    if (inet_pton(AF_INET, text, out) == 1) return (struct tl_str){ (char *)out, 3 };
    if (inet_pton(AF_INET6, text, out) != 1) return TL_STR("?");
    if (memcmp(out, mapped, sizeof mapped) == 0) return (struct tl_str){ (char *)out + 12, 3 };
    return (struct tl_str){ (char *)out, 8 };
}
