/* answers.c - see answers.h. */
#include "answers.h"

#include <pthread.h>

struct kept { uint8_t key[16]; uint8_t *body; size_t n; uint64_t used; };
struct answers {
    pthread_mutex_t lock;
    struct kept kept[ANSWERS_MAX];
    uint32_t n;
    size_t bytes;
    uint64_t turn;
};

struct answers *
answers_new(void)
{
    struct answers *a = tl_alloc(sizeof *a);
    if (a) pthread_mutex_init(&a->lock, NULL);
    return a;
}

void
answers_free(struct answers **ap)
{
    struct answers *a = *ap;
    if (!a) return;
    for (uint32_t i = 0; i < a->n; i++) tl_free(a->kept[i].body);
    pthread_mutex_destroy(&a->lock);
    tl_free(a);
    *ap = NULL;
}

static struct kept *
find(struct answers *a, const uint8_t key[16])
{
    for (uint32_t i = 0; i < a->n; i++)
        if (memcmp(a->kept[i].key, key, 16) == 0) return &a->kept[i];
    return NULL;
}

bool
answers_get(struct answers *a, const uint8_t key[16], struct tl_buf *out)
{
    pthread_mutex_lock(&a->lock);
    struct kept *k = find(a, key);
    if (k) {
        k->used = ++a->turn;
        tl_buf_put(out, k->body, k->n);
    }
    pthread_mutex_unlock(&a->lock);
    return k != NULL;
}

static void
drop_oldest(struct answers *a)
{
    uint32_t oldest = 0;
    for (uint32_t i = 1; i < a->n; i++)
        if (a->kept[i].used < a->kept[oldest].used) oldest = i;
    a->bytes -= a->kept[oldest].n;
    tl_free(a->kept[oldest].body);
    a->kept[oldest] = a->kept[--a->n];
}

void
answers_put(struct answers *a, const uint8_t key[16], const struct tl_buf *body)
{
    uint8_t *copy = body->len && body->len <= ANSWERS_BYTES / 4 ? tl_realloc(NULL, body->len) : NULL;
    if (!copy) return;
    memcpy(copy, body->data, body->len);
    pthread_mutex_lock(&a->lock);
    bool known = find(a, key) != NULL;
    while (!known && a->n && (a->n == ANSWERS_MAX || a->bytes + body->len > ANSWERS_BYTES)) drop_oldest(a);
    if (!known) {
        a->kept[a->n] = (struct kept){ .body = copy, .n = body->len, .used = ++a->turn };
        memcpy(a->kept[a->n++].key, key, 16);
        a->bytes += body->len;
    }
    pthread_mutex_unlock(&a->lock);
    if (known) tl_free(copy);
}
