/* tl_mapping_group.c - rows that belong together wait for each other, in bounded memory.
 *
 * A group is done with the row that meets "end", or when `apart` further rows of other groups have come, or at the end of the file. Its rows lie one
 * behind another in a buffer; groups hang in a table by what they are grouped by, and in a list by when their last row came. What was closed without an
 * end is remembered: a later row of it is bad, for its event is gone. */
#include "tl_mapping_in.h"

#include <stdio.h>

#include "tl_hash.h"

#define BUCKETS 8192
#define CELLS_MAX (64u * 1024)           /* of a group */
#define ARENA_BYTES (4u * 1024 * 1024)

struct group {
    struct group *chain, *older, *newer;
    uint8_t key[16];
    struct tl_buf text;                  /* of each cell: varint length, bytes */
    uint32_t rows_n;
    uint64_t line, last_row;
};

struct map_groups {
    const struct tl_mapping *m;
    struct group *bucket[BUCKETS];
    struct group *oldest, *newest;
    uint32_t open_n;
    size_t bytes;
    uint64_t row;
    struct tl_tally *closed;
    struct tl_arena *arena;
};

struct map_groups *
mapping_groups_new(const struct tl_mapping *m, const char *dir)
{
    struct map_groups *g = tl_alloc(sizeof *g);
    if (g == NULL)
        return NULL;
    g->m = m;
    g->closed = tl_tally_new(dir);
    g->arena = tl_arena_new(ARENA_BYTES);
    if (g->closed == NULL || g->arena == NULL)
        mapping_groups_free(&g);
    return g;
}

static void
unlink_group(struct map_groups *g, struct group *p)
{
    struct group **at = &g->bucket[p->key[0] | (p->key[1] & 31) << 8];
    while (*at != p)
        at = &(*at)->chain;
    *at = p->chain;
    *(p->older != NULL ? &p->older->newer : &g->oldest) = p->newer;
    *(p->newer != NULL ? &p->newer->older : &g->newest) = p->older;
    g->open_n--;
    g->bytes -= p->text.len;
}

static void
group_free(struct group *p)
{
    tl_buf_free(&p->text);
    tl_free(p);
}

void
mapping_groups_free(struct map_groups **gp)
{
    struct map_groups *g = *gp;
    *gp = NULL;
    if (g == NULL)
        return;
    while (g->oldest != NULL) {
        struct group *p = g->oldest;
        unlink_group(g, p);
        group_free(p);
    }
    tl_tally_free(&g->closed);
    tl_arena_free(&g->arena);
    tl_free(g);
}

static void
append_newest(struct map_groups *g, struct group *p)
{
    p->older = g->newest;
    p->newer = NULL;
    *(g->newest != NULL ? &g->newest->newer : &g->oldest) = p;
    g->newest = p;
}

static bool
key_of(const struct map_groups *g, const struct tl_str *cell, uint8_t key[16])
{
    static const uint8_t hash_key[TL_KEY_BYTES] = "touchline mapping: groups";
    struct tl_buf b = {0};
    for (uint32_t i = 0; i < g->m->by_n; i++)
        tl_buf_put_text(&b, tl_trimmed(cell[g->m->by[i]]));
    bool good = !b.failed;
    tl_hash128(hash_key, good ? (const char *)b.data : "", good ? b.len : 0, key);
    tl_buf_free(&b);
    return good;
}

static uint64_t
number_of(const uint8_t key[16])
{
    uint64_t n;
    memcpy(&n, key + 2, sizeof n);
    return n;
}

/* ---- closing ---- */
static int
close_group(struct map_groups *g, struct group *p, bool ended, bool capped, mapping_takes takes, void *arg, struct tl_err *err)
{
    const struct tl_mapping *m = g->m;
    unlink_group(g, p);
    struct tl_str *cell = tl_arena_alloc(g->arena, (size_t)p->rows_n * m->columns_n * sizeof *cell);
    struct map_rows rows = { .m = m, .cell = cell, .rows_n = p->rows_n, .arena = g->arena };
    struct tl_cur c = tl_cur_of(p->text.data, p->text.len);
    uint32_t *closed = ended ? NULL : tl_tally_at(g->closed, number_of(p->key));
    int rc = cell == NULL ? tl_fail(err, TL_ENOMEM, "out of memory for a group of %u rows", p->rows_n) : !ended && closed == NULL ? tl_tally_error(g->closed, err) : 0;
    if (closed != NULL)
        *closed = 1;
    for (size_t i = 0; rc == 0 && i < (size_t)p->rows_n * m->columns_n; i++)
        cell[i] = tl_cur_text(&c);
    if (rc == 0) {
        mapping_name_rows(&rows);
        rc = takes(arg, &rows, p->line, capped);
    }
    tl_arena_reset(g->arena);
    group_free(p);
    return rc;
}

/* ---- rows ---- */
static struct group *
find(struct map_groups *g, const uint8_t key[16])
{
    struct group *p = g->bucket[key[0] | (key[1] & 31) << 8];
    while (p != NULL && memcmp(p->key, key, 16) != 0)
        p = p->chain;
    return p;
}

static struct group *
open_group(struct map_groups *g, const uint8_t key[16], uint64_t line)
{
    struct group *p = tl_alloc(sizeof *p), **head = &g->bucket[key[0] | (key[1] & 31) << 8];
    if (p == NULL)
        return NULL;
    memcpy(p->key, key, 16);
    p->line = line;
    p->chain = *head;
    *head = p;
    append_newest(g, p);
    g->open_n++;
    return p;
}

static int
fault_row(struct map_groups *g, struct map_fault *fault, const char *why)
{
    snprintf(fault->column, sizeof fault->column, "%.79s", g->m->column[g->m->by[0]]);
    snprintf(fault->why, sizeof fault->why, why, g->m->group_apart);
    return TL_ERANGE;
}

static bool
row_fits(const struct map_groups *g, const struct group *p)
{
    return p->rows_n < TL_MAPPING_GROUP_ROWS_MAX && (p->rows_n + 1) * g->m->columns_n <= CELLS_MAX;
}

static int
add_row(struct map_groups *g, struct group *p, const struct tl_str *cell, struct tl_err *err)
{
    size_t before = p->text.len;
    for (uint32_t i = 0; i < g->m->columns_n; i++)
        tl_buf_put_text(&p->text, cell[i]);
    g->bytes += p->text.len - before;
    p->rows_n++;
    p->last_row = g->row;
    if (p != g->newest) {
        *(p->older != NULL ? &p->older->newer : &g->oldest) = p->newer;
        p->newer->older = p->older;
        append_newest(g, p);
    }
    return p->text.failed ? tl_fail(err, TL_ENOMEM, "out of memory for rows that belong together") : 0;
}

static bool
ends(const struct map_groups *g, const struct tl_str *cell)
{
    struct map_rows one = { .m = g->m, .cell = cell, .rows_n = 1 };
    return g->m->group_end.n > 0 && mapping_holds(&one, &g->m->group_end);
}

static int
make_room(struct map_groups *g, mapping_takes takes, void *arg, struct tl_err *err)
{
    int rc = 0;
    while (rc == 0 && g->oldest != NULL) {
        bool capped = g->open_n > TL_MAPPING_GROUPS_OPEN_MAX || g->bytes > TL_MAPPING_GROUP_BYTES_MAX;
        if (!capped && g->row - g->oldest->last_row <= g->m->group_apart)
            break;
        rc = close_group(g, g->oldest, false, capped, takes, arg, err);
    }
    return rc;
}

int
mapping_groups_add(struct map_groups *g, const struct tl_str *cell, uint64_t line, mapping_takes takes, void *arg, struct map_fault *fault, struct tl_err *err)
{
    uint8_t key[16];
    bool named = false;
    g->row++;
    for (uint32_t i = 0; i < g->m->by_n; i++)
        named = named || tl_trimmed(cell[g->m->by[i]]).n > 0;
    if (!named)
        return fault_row(g, fault, "is empty: it is not known to which group the row belongs");
    if (!key_of(g, cell, key))
        return tl_fail(err, TL_ENOMEM, "out of memory for rows that belong together");
    struct group *p = find(g, key);
    if (p == NULL) {
        uint32_t *closed = tl_tally_at(g->closed, number_of(key));
        if (closed == NULL)
            return tl_tally_error(g->closed, err);
        if (*closed != 0)
            return fault_row(g, fault, "stood before, and more than %u rows of others lie between: its event was made without this row (\"apart\" in \"group\" may be up to 100000)");
        if ((p = open_group(g, key, line)) == NULL)
            return tl_fail(err, TL_ENOMEM, "out of memory for rows that belong together");
    }
    if (!row_fits(g, p))
        return fault_row(g, fault, "has more rows than the 1,000 that make one event");
    int rc = add_row(g, p, cell, err);
    if (rc == 0 && ends(g, cell))
        rc = close_group(g, p, true, false, takes, arg, err);
    return rc == 0 ? make_room(g, takes, arg, err) : rc;
}

int
mapping_groups_end(struct map_groups *g, mapping_takes takes, void *arg)
{
    int rc = 0;
    while (rc == 0 && g->oldest != NULL)
        rc = close_group(g, g->oldest, true, false, takes, arg, NULL);
    return rc;
}
