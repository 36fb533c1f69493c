/* map.c - the accumulator of the journey map: the hot loop of every fold.
 *
 * Touchpoints get small local numbers; a pair of them finds its edge in an open-addressed table. Waits are not put into histograms step by step
 * (1,300 buckets an edge would leave the cache): each step leaves (edge, bucket) in a list, which is sorted by edge once at the end by counting, and
 * each edge's run goes through one scratch histogram. A list has a fixed length: a day longer than it is made in chunks, which are then added like days. */
#include "map.h"
#include "pairs.h"

#include <stdlib.h>
#include "tl_hash.h"
#include "tl_mem.h"

#define PENDING_MAX (1024u * 1024)      /* moves in a chunk; a journey's last ones may exceed it by TL_JOURNEY_STEPS_MAX */

struct live_edge { uint32_t from, to, steps, journeys; uint64_t sum_ms; uint32_t seen; };   /* local numbers; 32 bytes, and slots of 4, stay in the first cache */

struct acc {
    uint32_t *local;                    /* by dictionary number: local number + 1 */
    uint32_t local_n;
    struct map_node *node;
    uint32_t *node_seen;                /* serial of the journey that last came here */
    uint32_t node_n, node_cap;
    struct live_edge *edge;
    uint32_t edge_n, edge_cap;
    uint32_t *slot;                     /* edge + 1, 0 = free */
    uint32_t slot_n;                    /* a power of two */
    uint32_t *pend_edge;
    uint16_t *pend_bucket;
    uint32_t pend_n;
    uint32_t *customer;
    size_t customer_n, customer_cap;
    uint32_t serial;                    /* of the chunk's journeys, from 1 */
    uint64_t journeys, steps, ends[TL_END_N];
    struct map **chunk;
    size_t chunk_n;
    struct waits_pad pad;
};

struct waits
map_edge_waits(const struct map *m, const struct map_edge *e)
{
    return (struct waits){ m->bucket + e->waits_at, m->count + e->waits_at, e->waits_n };
}

struct map *
map_alloc(uint32_t node_n, uint32_t edge_n, uint32_t waits_n)
{
    size_t at_edge = sizeof(struct map) + node_n * sizeof(struct map_node);
    size_t at_count = at_edge + edge_n * sizeof(struct map_edge);
    size_t at_bucket = at_count + (size_t)waits_n * sizeof(uint32_t);
    char *p = tl_alloc(at_bucket + (size_t)waits_n * sizeof(uint16_t));
    if (!p) return NULL;
    struct map *m = (struct map *)(void *)p;
    m->node = (struct map_node *)(void *)(p + sizeof(struct map));
    m->edge = (struct map_edge *)(void *)(p + at_edge);
    m->count = (uint32_t *)(void *)(p + at_count);
    m->bucket = (uint16_t *)(void *)(p + at_bucket);
    m->node_n = node_n;
    m->edge_n = edge_n;
    m->waits_n = waits_n;
    return m;
}

void
map_free(struct map **mp)
{
    if (*mp) tl_bitmap_free(&(*mp)->customers);
    tl_free(*mp);
    *mp = NULL;
}

static void
acc_free(void *p)
{
    struct acc *a = p;
    if (!a) return;
    for (size_t i = 0; i < a->chunk_n; i++) map_free(&a->chunk[i]);
    tl_free(a->chunk);
    tl_free(a->local);
    tl_free(a->node);
    tl_free(a->node_seen);
    tl_free(a->edge);
    tl_free(a->slot);
    tl_free(a->pend_edge);
    tl_free(a->pend_bucket);
    tl_free(a->customer);
    tl_free(a);
}

static void *
acc_begin(const struct analysis_arg *arg)
{
    (void)arg;
    waits_ready();
    struct acc *a = tl_alloc(sizeof *a);
    if (!a) return NULL;
    a->slot_n = 1024;
    a->slot = tl_alloc(a->slot_n * sizeof *a->slot);
    a->pend_edge = tl_alloc((PENDING_MAX + TL_JOURNEY_STEPS_MAX) * sizeof *a->pend_edge);
    a->pend_bucket = tl_alloc((PENDING_MAX + TL_JOURNEY_STEPS_MAX) * sizeof *a->pend_bucket);
    if (!a->slot || !a->pend_edge || !a->pend_bucket) {
        acc_free(a);
        return NULL;
    }
    return a;
}

/* grow - an array of size bytes an item to hold n + 1 of them */
static bool
grow(void *array, uint32_t n, uint32_t *cap, size_t size)
{
    void **p = array;
    if (n < *cap) return true;
    uint32_t want = *cap ? *cap * 2 : 64;
    void *q = tl_realloc(*p, want * size);
    if (!q) return false;
    *p = q;
    *cap = want;
    return true;
}

static int
local_add(struct acc *a, uint32_t word)
{
    if (word >= a->local_n) {
        uint32_t n = word + word / 2 + 64;
        uint32_t *p = tl_realloc(a->local, n * sizeof *p);
        if (!p) return TL_ENOMEM;
        memset(p + a->local_n, 0, (n - a->local_n) * sizeof *p);
        a->local = p;
        a->local_n = n;
    }
    uint32_t cap = a->node_cap;
    if (!grow(&a->node, a->node_n, &cap, sizeof *a->node) || !grow(&a->node_seen, a->node_n, &a->node_cap, sizeof *a->node_seen)) return TL_ENOMEM;
    a->node[a->node_n] = (struct map_node){ .touchpoint = word };
    a->node_seen[a->node_n] = 0;
    a->local[word] = ++a->node_n;
    return 0;
}

static inline uint32_t
slot_of(const struct acc *a, uint32_t from, uint32_t to)
{
    uint64_t key = (uint64_t)from << 32 | to;
    return (uint32_t)((key * UINT64_C(0x9E3779B97F4A7C15)) >> 32) & (a->slot_n - 1);
}

static void
slot_put(struct acc *a, uint32_t edge)
{
    uint32_t s = slot_of(a, a->edge[edge].from, a->edge[edge].to);
    while (a->slot[s]) s = (s + 1) & (a->slot_n - 1);
    a->slot[s] = edge + 1;
}

static int
slots_double(struct acc *a)
{
    uint32_t *p = tl_alloc(2 * (size_t)a->slot_n * sizeof *p);
    if (!p) return TL_ENOMEM;
    tl_free(a->slot);
    a->slot = p;
    a->slot_n *= 2;
    for (uint32_t i = 0; i < a->edge_n; i++) slot_put(a, i);
    return 0;
}

static int
edge_add(struct acc *a, uint32_t from, uint32_t to, uint32_t *edge)
{
    if (a->edge_n * 2 >= a->slot_n && slots_double(a)) return TL_ENOMEM;
    if (!grow(&a->edge, a->edge_n, &a->edge_cap, sizeof *a->edge)) return TL_ENOMEM;
    a->edge[a->edge_n] = (struct live_edge){ .from = from, .to = to };
    *edge = a->edge_n++;
    slot_put(a, *edge);
    return 0;
}

static inline int
edge_of(struct acc *a, uint32_t from, uint32_t to, uint32_t *edge)
{
    for (uint32_t s = slot_of(a, from, to); a->slot[s]; s = (s + 1) & (a->slot_n - 1)) {
        const struct live_edge *e = &a->edge[a->slot[s] - 1];
        if (e->from == from && e->to == to) {
            *edge = a->slot[s] - 1;
            return 0;
        }
    }
    return edge_add(a, from, to, edge);
}

/* what two sets of steps' channels are together: none, one, several */
static inline uint16_t
channel_join(uint16_t a, uint16_t b)
{
    return a == b || !b ? a : a ? MAP_CHANNEL_MIXED : b;
}

static inline int
step_add(struct acc *a, const struct tl_step *s, uint32_t *local)
{
    uint32_t w = s->touchpoint;
    if ((w >= a->local_n || !a->local[w]) && local_add(a, w)) return TL_ENOMEM;
    uint32_t l = a->local[w] - 1;
    struct map_node *n = &a->node[l];
    n->steps++;
    n->channel = channel_join(n->channel, s->channel);
    n->journeys += a->node_seen[l] != a->serial;
    a->node_seen[l] = a->serial;
    *local = l;
    return 0;
}

static inline int
move_add(struct acc *a, uint32_t from, uint32_t to, int64_t wait_ms)
{
    uint32_t i = 0;
    if (edge_of(a, from, to, &i)) return TL_ENOMEM;
    struct live_edge *e = &a->edge[i];
    e->steps++;
    e->sum_ms += (uint64_t)wait_ms;
    e->journeys += e->seen != a->serial;
    e->seen = a->serial;
    a->pend_edge[a->pend_n] = i;
    a->pend_bucket[a->pend_n++] = (uint16_t)waits_bucket(wait_ms);
    return 0;
}

static int chunk_end(struct acc *a);

static int
customer_add(struct acc *a, uint64_t customer)
{
    if (customer > UINT32_MAX) return TL_ERANGE;
    if (a->customer_n && a->customer[a->customer_n - 1] == (uint32_t)customer) return 0;
    if (a->customer_n == a->customer_cap) {
        size_t cap = a->customer_cap ? a->customer_cap * 2 : 1024;
        uint32_t *p = tl_realloc(a->customer, cap * sizeof *p);
        if (!p) return TL_ENOMEM;
        a->customer = p;
        a->customer_cap = cap;
    }
    a->customer[a->customer_n++] = (uint32_t)customer;
    return 0;
}

static int
acc_journey(void *acc, const struct tl_journey *j, enum tl_end end)
{
    struct acc *a = acc;
    uint32_t from = 0, to = 0;
    int rc = a->pend_n >= PENDING_MAX ? chunk_end(a) : 0;
    if (rc == 0) rc = customer_add(a, j->customer);
    if (rc) return rc;
    a->serial++;
    a->journeys++;
    a->steps += j->steps_n;
    a->ends[end]++;
    const struct tl_step *s = j->step, *last = s + j->steps_n - 1;
    if ((rc = step_add(a, s, &from))) return rc;
    a->node[from].starts++;
    for (; s < last; s++, from = to)
        if ((rc = step_add(a, s + 1, &to)) || (rc = move_add(a, from, to, step_wait_ms(s, s + 1)))) return rc;
    a->node[from].ends[end]++;
    return 0;
}

/* ---- from the accumulator to a partial ---- */

static int
by_touchpoint(const void *x, const void *y)
{
    const struct map_node *a = x, *b = y;
    return (a->touchpoint > b->touchpoint) - (a->touchpoint < b->touchpoint);
}

uint32_t
map_rank(const struct map_node *node, uint32_t n, uint32_t touchpoint)
{
    uint32_t lo = 0;
    while (n - lo > 1) {
        uint32_t mid = lo + (n - lo) / 2;
        if (node[mid].touchpoint <= touchpoint) lo = mid;
        else n = mid;
    }
    return lo;
}

/* sorted - the pending buckets, edge by edge, in one array; at[e] is where edge e begins */
static uint16_t *
sorted(const struct acc *a, uint32_t *at)
{
    uint16_t *run = tl_realloc(NULL, ((size_t)a->pend_n + 1) * sizeof *run);
    if (!run) return NULL;
    uint32_t sum = 0;
    for (uint32_t e = 0; e < a->edge_n; e++) {
        at[e] = sum;
        sum += a->edge[e].steps;
    }
    for (uint32_t i = 0; i < a->pend_n; i++) run[at[a->pend_edge[i]]++] = a->pend_bucket[i];
    for (uint32_t e = 0; e < a->edge_n; e++) at[e] -= a->edge[e].steps;
    return run;
}

static struct map *
chunk_fill(struct acc *a, const struct map_node *node, const struct pair *order, const uint32_t *at, const uint16_t *run, uint16_t *bucket, uint32_t *count)
{
    uint32_t waits_n = 0;
    struct map_edge *edge = tl_realloc(NULL, (a->edge_n + 1) * sizeof *edge);
    if (!edge) return NULL;
    for (uint32_t i = 0; i < a->edge_n; i++) {
        const struct live_edge *e = &a->edge[order[i].i];
        const uint16_t *r = run + at[order[i].i];
        for (uint32_t k = 0; k < e->steps; k++) waits_pad_add(&a->pad, r[k], 1);
        uint32_t n = waits_pad_take(&a->pad, bucket + waits_n, count + waits_n);    /* a chunk's counts fit 32 bits */
        edge[i] = (struct map_edge){ node[order[i].from].touchpoint, node[order[i].to].touchpoint, e->steps, e->journeys, e->sum_ms, waits_n, n };
        waits_n += n;
    }
    struct map *m = map_alloc(a->node_n, a->edge_n, waits_n);
    if (m) {
        m->journeys = a->journeys;
        m->steps = a->steps;
        memcpy(m->ends, a->ends, sizeof m->ends);
        memcpy(m->node, node, a->node_n * sizeof *m->node);
        memcpy(m->edge, edge, a->edge_n * sizeof *edge);
        memcpy(m->bucket, bucket, waits_n * sizeof *bucket);
        memcpy(m->count, count, waits_n * sizeof *count);
        if (a->customer_n && !(m->customers = tl_bitmap_of(a->customer, a->customer_n))) map_free(&m);
    }
    tl_free(edge);
    return m;
}

/* in_order - nodes by touchpoint, edges by their nodes' places: not by local numbers, so that equal journeys give equal bytes */
static bool
in_order(const struct acc *a, struct map_node *node, struct pair *order)
{
    if (a->node_n) memcpy(node, a->node, a->node_n * sizeof *node);
    qsort(node, a->node_n, sizeof *node, by_touchpoint);
    for (uint32_t i = 0; i < a->edge_n; i++)
        order[i] = (struct pair){ map_rank(node, a->node_n, a->node[a->edge[i].from].touchpoint), map_rank(node, a->node_n, a->node[a->edge[i].to].touchpoint), i };
    return pairs_sort(order, a->edge_n, a->node_n);
}

static struct map *
chunk_make(struct acc *a)
{
    struct map *m = NULL;
    struct map_node *node = tl_realloc(NULL, (a->node_n + 1) * sizeof *node);
    struct pair *order = tl_realloc(NULL, (a->edge_n + 1) * sizeof *order);
    uint32_t *at = tl_realloc(NULL, (a->edge_n + 1) * sizeof *at);
    uint16_t *run = at ? sorted(a, at) : NULL;
    uint16_t *bucket = tl_realloc(NULL, ((size_t)a->pend_n + 1) * sizeof *bucket);
    uint32_t *count = tl_realloc(NULL, ((size_t)a->pend_n + 1) * sizeof *count);
    if (node && order && run && bucket && count && in_order(a, node, order)) m = chunk_fill(a, node, order, at, run, bucket, count);
    tl_free(node);
    tl_free(order);
    tl_free(at);
    tl_free(run);
    tl_free(bucket);
    tl_free(count);
    return m;
}

static void
acc_reset(struct acc *a)
{
    for (uint32_t i = 0; i < a->node_n; i++) a->local[a->node[i].touchpoint] = 0;
    memset(a->slot, 0, a->slot_n * sizeof *a->slot);
    memset(a->ends, 0, sizeof a->ends);
    a->node_n = a->edge_n = a->pend_n = 0;
    a->customer_n = 0;
    a->serial = 0;
    a->journeys = a->steps = 0;
}

static int
chunk_end(struct acc *a)
{
    struct map **p = tl_realloc(a->chunk, (a->chunk_n + 1) * sizeof *p);
    if (!p) return TL_ENOMEM;
    a->chunk = p;
    if (!(p[a->chunk_n] = chunk_make(a))) return TL_ENOMEM;
    a->chunk_n++;
    acc_reset(a);
    return 0;
}

static void *
acc_finish(void *acc)
{
    struct acc *a = acc;
    if (!a->chunk_n) {
        struct map *m = chunk_make(a);
        if (m) acc_reset(a);
        return m;
    }
    if (chunk_end(a)) return NULL;
    void *m = map_sum((const void *const *)a->chunk, a->chunk_n);
    for (size_t i = 0; i < a->chunk_n; i++) map_free(&a->chunk[i]);
    a->chunk_n = 0;
    return m;
}

static size_t
part_bytes(const void *part)
{
    const struct map *m = part;
    return sizeof *m + m->node_n * sizeof *m->node + m->edge_n * sizeof *m->edge + m->waits_n * (sizeof *m->bucket + sizeof *m->count)
         + tl_bitmap_bytes(m->customers);
}

static void
part_free(void *part)
{
    struct map *m = part;
    map_free(&m);
}

const struct analysis analysis_map = {
    .name = "map", .version = 1, .doc = "touchpoints, the moves between them with their waits, and how journeys end", .ends = true,
    .begin = acc_begin, .journey = acc_journey, .finish = acc_finish, .abandon = acc_free, .sum = map_sum, .bytes = part_bytes, .free = part_free,
};
