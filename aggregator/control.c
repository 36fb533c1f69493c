/* control - see control.h. A new kind of record is a row of `kinds` and its rows of members. */
#include "control.h"

#include <pthread.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "tl_identity.h"
#include "tl_json.h"

#define ARENA_BYTES (256u * 1024)

enum form { TEXT, INTEGER, IDENTITY };

struct member {
    const char *name;
    enum form form;
    bool required;
    size_t max_bytes;               /* of a text */
};

#define MEMBERS_MAX 4
#define NORMAL_BYTES 256
static const struct kind {
    const char *name;
    struct member member[MEMBERS_MAX];
} kinds[] = {
    { "link", { { "a", IDENTITY, true, 0 }, { "b", IDENTITY, true, 0 }, { "reason", TEXT, false, 1000 } } },
    { "unlink", { { "a", IDENTITY, true, 0 }, { "b", IDENTITY, true, 0 }, { "reason", TEXT, false, 1000 } } },
    { "note", { { "id", IDENTITY, true, 0 }, { "text", TEXT, true, 4096 }, { "position", INTEGER, false, 0 } } },
    { "undo", { { "origin", TEXT, true, 120 } } },
    { "gap", { { "collector", TEXT, false, CONTROL_COLLECTOR_MAX } } },
};
#define KINDS_N (sizeof kinds / sizeof kinds[0])

static const struct member identity_members[MEMBERS_MAX] = { { "kind", TEXT, true, 40 }, { "value", TEXT, true, 200 } };

/* ---- rules ---- */

static int
check_text(const struct tl_jv *v, const struct member *m, const char *path, struct tl_err *err)
{
    if (v->type != TL_JTEXT)
        return tl_fail(err, TL_EINVAL, "%s must be text", path);
    if (v->text.n == 0 || v->text.n > m->max_bytes)
        return tl_fail(err, TL_EINVAL, "%s must have 1 to %zu bytes, it has %zu", path, m->max_bytes, v->text.n);
    return 0;
}

static int check_members(const struct tl_jv *object, const struct member *members, const char *path, struct tl_err *err);

static int
check_identity(const struct tl_jv *v, const char *path, struct tl_err *err)
{
    char normal[NORMAL_BYTES];
    int rc = check_members(v, identity_members, path, err);
    if (rc == 0 && tl_identity_normal(tl_jv_text(v, "kind"), tl_jv_text(v, "value"), normal, sizeof normal) == 0)
        return tl_fail(err, TL_EINVAL, "%s.value is junk: it stands for nobody", path);
    return rc;
}

/* A link of one identity to itself would be taken, and change nothing. */
static int
check_two(const struct tl_jv *root, struct tl_err *err)
{
    char text[2][NORMAL_BYTES];
    const struct tl_jv *side[2] = { tl_jv_get(root, "a"), tl_jv_get(root, "b") };
    struct tl_str normal[2];
    if (!side[0] || !side[1] || !tl_str_eq(tl_jv_text(side[0], "kind"), tl_jv_text(side[1], "kind")))
        return 0;
    for (int i = 0; i < 2; i++)
        normal[i] = (struct tl_str){ text[i], tl_identity_normal(tl_jv_text(side[i], "kind"), tl_jv_text(side[i], "value"), text[i], sizeof text[i]) };
    return tl_str_eq(normal[0], normal[1]) ? tl_fail(err, TL_EINVAL, "a and b are the same identity") : 0;
}

static int
check_value(const struct tl_jv *v, const struct member *m, const char *path, struct tl_err *err)
{
    switch (m->form) {
    case TEXT:
        return check_text(v, m, path, err);
    case INTEGER:
        return v->is_int && v->integer >= 0 ? 0 : tl_fail(err, TL_EINVAL, "%s must be an integer, 0 or more", path);
    case IDENTITY:
        return check_identity(v, path, err);
    }
    return 0;
}

static const struct member *
find_member(const struct member *members, struct tl_str name)
{
    for (int i = 0; i < MEMBERS_MAX && members[i].name; i++)
        if (tl_str_is(name, members[i].name))
            return &members[i];
    return NULL;
}

static void
list_members(const struct member *members, char *out, size_t n)
{
    size_t at = 0;
    out[0] = '\0';
    for (int i = 0; i < MEMBERS_MAX && members[i].name && at < n; i++)
        at += (size_t)snprintf(out + at, n - at, "%s%s", i ? ", " : "", members[i].name);
}

static int
check_members(const struct tl_jv *object, const struct member *members, const char *path, struct tl_err *err)
{
    char at[96], known[128];
    list_members(members, known, sizeof known);
    if (object->type != TL_JOBJECT)
        return tl_fail(err, TL_EINVAL, "%s must be an object with the members %s", path, known);
    for (const struct tl_jv *v = object->child; v; v = v->next) {
        const struct member *m = find_member(members, v->name);
        snprintf(at, sizeof at, "%s.%.*s", path, (int)(v->name.n < 40 ? v->name.n : 40), v->name.p);
        if (!m)
            return tl_fail(err, TL_EINVAL, "%s is not known here; allowed: %s", at, known);
        int rc = check_value(v, m, at, err);
        if (rc < 0)
            return rc;
    }
    for (int i = 0; i < MEMBERS_MAX && members[i].name; i++)
        if (members[i].required && !tl_jv_get(object, members[i].name))
            return tl_fail(err, TL_EINVAL, "%s.%s is missing", path, members[i].name);
    return 0;
}

static const struct kind *
find_kind(struct tl_str name)
{
    for (size_t i = 0; i < KINDS_N; i++)
        if (tl_str_is(name, kinds[i].name))
            return &kinds[i];
    return NULL;
}

static int
unknown_kind(struct tl_err *err)
{
    char known[128] = "";
    size_t at = 0;
    for (size_t i = 0; i < KINDS_N; i++)
        at += (size_t)snprintf(known + at, sizeof known - at, "%s%s", i ? ", " : "", kinds[i].name);
    return tl_fail(err, TL_ENOTFOUND, "there is no such control record; known: %s", known);
}

int
control_check(struct tl_str kind, struct tl_str body, const char **word, struct tl_err *err)
{
    const struct kind *k = find_kind(kind);
    if (!k)
        return unknown_kind(err);
    if (body.n > CONTROL_BODY_MAX)
        return tl_fail(err, TL_ETOOBIG, "a control record has at most %d bytes, this one %zu", CONTROL_BODY_MAX, body.n);
    struct tl_arena *a = tl_arena_new(ARENA_BYTES);
    struct tl_jv *root = NULL;
    struct tl_json_fault fault;
    if (!a)
        return tl_fail(err, TL_ENOMEM, "out of memory reading a control record");
    int rc = tl_json_tree(a, body, 0, &root, &fault, err);
    if (rc == 0)
        rc = check_members(root, k->member, k->name, err);
    if (rc == 0)
        rc = check_two(root, err);
    tl_arena_free(&a);
    *word = k->name;
    return rc;
}

void
control_collector(struct tl_str body, char hex[CONTROL_COLLECTOR_MAX + 1])
{
    struct tl_arena *a = tl_arena_new(ARENA_BYTES);
    struct tl_jv *root = NULL;
    struct tl_err err;
    struct tl_str s = { "", 0 };
    if (a && tl_json_tree(a, body, 0, &root, NULL, &err) == 0)
        s = tl_jv_text(root, "collector");
    snprintf(hex, CONTROL_COLLECTOR_MAX + 1, "%.*s", (int)s.n, s.n ? s.p : "");
    tl_arena_free(&a);
}

bool
control_authorized(struct tl_str authorization, const char *token)
{
    static const char scheme[] = "Bearer ";
    size_t scheme_n = sizeof scheme - 1, token_n = strlen(token);
    if (authorization.n != scheme_n + token_n || token_n == 0 || memcmp(authorization.p, scheme, scheme_n) != 0)
        return false;
    unsigned char differ = 0;
    for (size_t i = 0; i < token_n; i++)
        differ |= (unsigned char)(authorization.p[scheme_n + i] ^ token[i]);
    return differ == 0;
}

/* ---- queue ---- */

struct control_item *
control_item_new(const char *kind, struct tl_str actor, int64_t time_ms, struct tl_str body, void *rq)
{
    struct control_item *item = tl_alloc(sizeof *item + body.n);
    if (!item)
        return NULL;
    *item = (struct control_item){ .kind = kind, .time_ms = time_ms, .body = { (char *)(item + 1), body.n }, .rq = rq };
    memcpy(item + 1, body.p, body.n);
    snprintf(item->actor, sizeof item->actor, "%.*s", (int)(actor.n < CONTROL_ACTOR_MAX ? actor.n : CONTROL_ACTOR_MAX), actor.p ? actor.p : "");
    return item;
}

void
control_item_free(struct control_item **ip)
{
    tl_free(*ip);
    *ip = NULL;
}

struct control_queue {
    pthread_mutex_t mu;
    struct control_item *first, **last;
    size_t n;
    bool closed;
    int fd;
};

struct control_queue *
control_queue_new(void)
{
    struct control_queue *q = tl_alloc(sizeof *q);
    if (!q)
        return NULL;
    q->last = &q->first;
    q->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    pthread_mutex_init(&q->mu, NULL);
    if (q->fd < 0)
        control_queue_free(&q);
    return q;
}

void
control_queue_free(struct control_queue **qp)
{
    struct control_queue *q = *qp;
    if (!q)
        return;
    tl_assert(q->n == 0);
    if (q->fd >= 0)
        close(q->fd);
    pthread_mutex_destroy(&q->mu);
    tl_free(q);
    *qp = NULL;
}

int
control_queue_fd(const struct control_queue *q)
{
    return q->fd;
}

/* The eventfd is readable exactly while the queue is not empty. */
static void
signal_fd(struct control_queue *q, bool on)
{
    uint64_t v = 1;
    ssize_t done = on ? write(q->fd, &v, sizeof v) : read(q->fd, &v, sizeof v);
    tl_assert(done == (ssize_t)sizeof v);
}

int
control_push(struct control_queue *q, struct control_item *item, struct tl_err *err)
{
    pthread_mutex_lock(&q->mu);
    bool takes = !q->closed && q->n < CONTROL_QUEUE_MAX;
    if (takes) {
        item->next = NULL;
        *q->last = item;
        q->last = &item->next;
        if (q->n++ == 0)
            signal_fd(q, true);
    }
    pthread_mutex_unlock(&q->mu);
    return takes ? 0 : tl_fail(err, TL_EBUSY, "the aggregator is stopping, or %d control records wait already", CONTROL_QUEUE_MAX);
}

struct control_item *
control_take(struct control_queue *q)
{
    pthread_mutex_lock(&q->mu);
    struct control_item *item = q->first;
    if (item) {
        q->first = item->next;
        if (!q->first)
            q->last = &q->first;
        if (--q->n == 0)
            signal_fd(q, false);
    }
    pthread_mutex_unlock(&q->mu);
    return item;
}

void
control_close(struct control_queue *q)
{
    pthread_mutex_lock(&q->mu);
    q->closed = true;
    pthread_mutex_unlock(&q->mu);
}
