/* reach.c - see reach.h.
 *
 *   path,total_conversions,total_conversion_value,total_null
 *   eta > iota > alpha,1,0.244,3 */
#include "reach.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tl_removal.h"

#define LINE_BYTES_MAX (1 << 20)
#define STEPS_MAX 65536
#define COLUMNS_MAX 64

struct names { struct tl_str name[TL_REMOVAL_TOUCHPOINTS_MAX]; uint32_t n; };
struct move { uint32_t from, to; double times; };
struct reach {
    struct tl_arena *arena;
    struct names names;
    struct tl_removal *chain;
    double paths, steps, conversions;
    const char *file;
    unsigned long line;
};

static int
name_of(struct reach *r, struct tl_str s, uint32_t *at, struct tl_err *err)
{
    struct names *n = &r->names;
    for (*at = 0; *at < n->n; ++*at)
        if (tl_str_eq(n->name[*at], s))
            return 0;
    if (n->n == TL_REMOVAL_TOUCHPOINTS_MAX)
        return tl_fail(err, TL_EINVAL, "more than %d touchpoints", TL_REMOVAL_TOUCHPOINTS_MAX);
    char *copy = tl_arena_dup(r->arena, s.p, s.n);
    if (copy == NULL)
        return tl_fail(err, TL_ENOMEM, "out of memory");
    n->name[n->n++] = (struct tl_str){ copy, s.n };
    return 0;
}

/* ---- the answer ---- */
static int
by_name(const void *x, const void *y, void *arg)
{
    const struct names *n = arg;
    return tl_str_cmp(n->name[*(const uint32_t *)x], n->name[*(const uint32_t *)y]);
}

static int
put(struct reach *r, struct tl_buf *out, struct tl_err *err)
{
    static double effect[TL_REMOVAL_TOUCHPOINTS_MAX];
    uint32_t order[TL_REMOVAL_TOUCHPOINTS_MAX];
    double converts = 0;
    int rc = r->names.n == 0 ? 0 : tl_removal_effects(r->chain, effect, &converts, err);
    if (rc != 0)
        return rc;
    struct tl_jw w = tl_jw_to(out);
    tl_jw_open(&w, NULL);
    tl_jw_num(&w, "paths", r->paths);
    tl_jw_num(&w, "steps", r->steps);
    tl_jw_num(&w, "conversions", r->conversions);
    tl_jw_num(&w, "p_conv", converts);
    tl_jw_open(&w, "removal_effect");
    for (uint32_t i = 0; i < r->names.n; i++)
        order[i] = i;
    qsort_r(order, r->names.n, sizeof order[0], by_name, &r->names);
    for (uint32_t i = 0; i < r->names.n; i++) {
        tl_jw_name(&w, r->names.name[order[i]]);
        tl_jw_num(&w, NULL, effect[order[i]]);
    }
    tl_jw_close(&w);
    tl_jw_close(&w);
    tl_buf_put_u8(out, '\n');
    return out->failed ? tl_fail(err, TL_ENOMEM, "out of memory") : 0;
}

/* ---- a table ---- */
struct columns { int path, won, lost; };

static struct tl_str
trimmed(struct tl_str s)
{
    while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '"'))
        s.p++, s.n--;
    while (s.n > 0 && strchr(" \"\r\n", s.p[s.n - 1]) != NULL)
        s.n--;
    return s;
}

static int
fields(const char *line, struct tl_str *f)
{
    int n = 0;
    bool quoted = false;
    const char *from = line;
    for (const char *p = line;; p++) {
        if (*p == '"')
            quoted = !quoted;
        if (*p != '\0' && (*p != ',' || quoted))
            continue;
        if (n < COLUMNS_MAX)
            f[n++] = trimmed((struct tl_str){ from, (size_t)(p - from) });
        if (*p == '\0')
            return n;
        from = p + 1;
    }
}

static int
header(const struct reach *r, const char *line, struct columns *c, struct tl_err *err)
{
    struct tl_str f[COLUMNS_MAX];
    int n = fields(line, f);
    for (int i = 0; i < n; i++) {
        if (tl_str_is(f[i], "path"))
            c->path = i;
        if (tl_str_is(f[i], "total_conversions"))
            c->won = i;
        if (tl_str_is(f[i], "total_null"))
            c->lost = i;
    }
    if (c->path >= 0 && c->won >= 0 && c->lost >= 0)
        return 0;
    return tl_fail(err, TL_EINVAL, "%s, line 1: the columns path, total_conversions and total_null are wanted; %s is not there", r->file,
                   c->path < 0 ? "path" : c->won < 0 ? "total_conversions" : "total_null");
}

static int
count_of(const struct reach *r, struct tl_str s, const char *column, uint64_t *out, struct tl_err *err)
{
    char text[32] = "", *end = NULL;
    if (s.n > 0 && s.n < sizeof text)
        memcpy(text, s.p, s.n);
    double v = strtod(text, &end);
    if (text[0] == '\0' || *end != '\0' || !(v >= 0 && v <= 1e15) || v > floor(v))
        return tl_fail(err, TL_EINVAL, "%s, line %lu: %s is a whole number from 0, not \"%.*s\"", r->file, r->line, column, (int)(s.n < 40 ? s.n : 40), s.p);
    *out = (uint64_t)v;
    return 0;
}

/* the moves of one line go into a list: the chain is made when all names are known */
static int
move_add(struct tl_buf *moves, uint32_t from, uint32_t to, double times)
{
    const struct move m = { from, to, times };
    tl_buf_put(moves, &m, sizeof m);
    return moves->failed ? TL_ENOMEM : 0;
}

enum { AT_START = UINT32_MAX, AT_WON = UINT32_MAX - 1, AT_LOST = UINT32_MAX - 2 };

static int
line_read(struct reach *r, const struct columns *c, const char *line, struct tl_buf *moves, struct tl_err *err)
{
    struct tl_str f[COLUMNS_MAX];
    int n = fields(line, f), rc = 0;
    uint64_t won = 0, lost = 0;
    uint32_t at = AT_START, steps = 0;
    if (n <= c->path || n <= c->won || n <= c->lost)
        return tl_fail(err, TL_EINVAL, "%s, line %lu: %d columns, fewer than the header has", r->file, r->line, n);
    if ((rc = count_of(r, f[c->won], "total_conversions", &won, err)) != 0 || (rc = count_of(r, f[c->lost], "total_null", &lost, err)) != 0)
        return rc;
    for (struct tl_str rest = f[c->path]; rc == 0 && rest.n > 0;) {
        const char *cut = memchr(rest.p, '>', rest.n);
        struct tl_str one = trimmed((struct tl_str){ rest.p, cut != NULL ? (size_t)(cut - rest.p) : rest.n });
        uint32_t to = 0;
        if (one.n == 0 || ++steps > STEPS_MAX)
            return tl_fail(err, TL_EINVAL, "%s, line %lu: a path is touchpoints with > between them, at most %d", r->file, r->line, STEPS_MAX);
        if ((rc = name_of(r, one, &to, err)) == 0)
            rc = move_add(moves, at, to, (double)(won + lost));
        at = to;
        rest = cut != NULL ? (struct tl_str){ cut + 1, rest.n - (size_t)(cut + 1 - rest.p) } : (struct tl_str){ NULL, 0 };
    }
    if (rc == 0 && (move_add(moves, at, AT_WON, (double)won) != 0 || move_add(moves, at, AT_LOST, (double)lost) != 0))
        rc = tl_fail(err, TL_ENOMEM, "out of memory");
    r->paths += (double)(won + lost);
    r->conversions += (double)won;
    r->steps += (double)steps * (double)(won + lost);
    return rc;
}

static int
chain_make(struct reach *r, const struct tl_buf *moves, struct tl_err *err)
{
    uint32_t m = r->names.n;
    if (m == 0)
        return 0;
    r->chain = tl_removal_new(m);
    if (r->chain == NULL)
        return tl_fail(err, TL_ENOMEM, "out of memory");
    for (size_t i = 0; i + sizeof(struct move) <= moves->len; i += sizeof(struct move)) {
        struct move x;
        memcpy(&x, moves->data + i, sizeof x);
        uint32_t from = x.from == AT_START ? m : x.from, to = x.to == AT_WON ? m : x.to == AT_LOST ? m + 1 : x.to;
        tl_removal_move(r->chain, from, to, (uint64_t)x.times);
    }
    return 0;
}

static int
table_read(struct reach *r, FILE *f, struct tl_buf *moves, struct tl_err *err)
{
    struct columns c = { -1, -1, -1 };
    char *line = NULL;
    size_t cap = 0;
    int rc = 0;
    while (rc == 0 && getline(&line, &cap, f) > 0) {
        r->line++;
        if (cap > LINE_BYTES_MAX)
            rc = tl_fail(err, TL_EINVAL, "%s, line %lu is over %d bytes long", r->file, r->line, LINE_BYTES_MAX);
        else if (r->line == 1)
            rc = header(r, line, &c, err);
        else if (line[strspn(line, " \r\n")] != '\0')
            rc = line_read(r, &c, line, moves, err);
    }
    free(line);
    if (rc == 0 && r->line == 0)
        rc = tl_fail(err, TL_EINVAL, "%s is empty: a header with the columns path, total_conversions and total_null is wanted", r->file);
    return rc;
}

static int
finish(struct reach *r, struct tl_buf *moves, int rc, struct tl_buf *out, struct tl_err *err)
{
    if (rc == 0)
        rc = chain_make(r, moves, err);
    if (rc == 0)
        rc = put(r, out, err);
    tl_removal_free(&r->chain);
    tl_arena_free(&r->arena);
    tl_buf_free(moves);
    return rc;
}

int
reach_file(const char *path, struct tl_buf *out, struct tl_err *err)
{
    struct reach r = { .arena = tl_arena_new(64u << 20), .file = path };
    struct tl_buf moves = {0};
    FILE *f = fopen(path, "re");
    int rc = r.arena == NULL ? tl_fail(err, TL_ENOMEM, "out of memory") : f == NULL ? tl_fail(err, TL_EIO, "%s: %s", path, strerror(errno)) : table_read(&r, f, &moves, err);
    if (f != NULL)
        fclose(f);
    return finish(&r, &moves, rc, out, err);
}

/* ---- a map ---- */
static int
node_read(struct reach *r, const struct tl_jv *n, struct tl_buf *moves, struct tl_err *err)
{
    const struct tl_jv *ends = tl_jv_get(n, "ends");
    double good = tl_jv_number(ends, "good", 0), other = tl_jv_number(ends, "bad", 0) + tl_jv_number(ends, "lapsed", 0);
    uint32_t at = 0;
    int rc = name_of(r, tl_jv_text(n, "touchpoint"), &at, err);
    if (rc == 0 && (move_add(moves, AT_START, at, tl_jv_number(n, "starts", 0)) != 0 || move_add(moves, at, AT_WON, good) != 0 || move_add(moves, at, AT_LOST, other) != 0))
        rc = tl_fail(err, TL_ENOMEM, "out of memory");
    r->paths += good + other;
    r->conversions += good;
    return rc;
}

static int
edge_read(struct reach *r, const struct tl_jv *e, struct tl_buf *moves, struct tl_err *err)
{
    uint32_t from = 0, to = 0;
    int rc = name_of(r, tl_jv_text(e, "from"), &from, err);
    if (rc == 0)
        rc = name_of(r, tl_jv_text(e, "to"), &to, err);
    return rc == 0 && move_add(moves, from, to, tl_jv_number(e, "steps", 0)) != 0 ? tl_fail(err, TL_ENOMEM, "out of memory") : rc;
}

int
reach_map(const struct tl_jv *root, struct tl_buf *out, struct tl_err *err)
{
    struct reach r = { .arena = tl_arena_new(64u << 20), .file = "the map" };
    struct tl_buf moves = {0};
    const struct tl_jv *nodes = tl_jv_get(root, "nodes"), *edges = tl_jv_get(root, "edges");
    int rc = r.arena == NULL ? tl_fail(err, TL_ENOMEM, "out of memory") : 0;
    r.steps = tl_jv_number(root, "steps", 0);
    for (const struct tl_jv *n = nodes != NULL ? nodes->child : NULL; rc == 0 && n != NULL; n = n->next)
        rc = node_read(&r, n, &moves, err);
    for (const struct tl_jv *e = edges != NULL ? edges->child : NULL; rc == 0 && e != NULL; e = e->next)
        rc = edge_read(&r, e, &moves, err);
    return finish(&r, &moves, rc, out, err);
}
