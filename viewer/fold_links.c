/* fold_links.c - names of cells, and the addresses that list the journeys behind them. */
#include "cell_name.h"
#include "fold_findings.h"
#include "tl_fetch.h"

static struct tl_str
kept(struct look *k, struct tl_buf *b)
{
    char *copy = b->failed ? NULL : tl_arena_dup(k->arena, b->data, b->len);
    struct tl_str s = { copy, copy ? b->len : 0 };
    tl_buf_free(b);
    return s;
}

struct tl_str
findings_cell(struct look *k, struct tl_str what, struct tl_str touchpoint, struct tl_str place, struct tl_str daypart)
{
    struct tl_buf b = { NULL, 0, 0, false };
    cell_name_put(&b, &(struct cell_name){ k->ask->journey, what, touchpoint, place, daypart });
    return kept(k, &b);
}

static void
parameter(struct tl_buf *b, const char *name, struct tl_str value)
{
    tl_buf_printf(b, "%s%s=", b->len && memchr(b->data, '?', b->len) ? "&" : "?", name);
    tl_fetch_escape(b, value);
}

struct tl_str
findings_link(struct look *k, struct tl_str cell, int32_t from_day, int32_t to_day)
{
    static const char *const stream[] = { "live", "pilot", "test", "replay", "mystery" };
    const struct ask *q = k->ask;
    struct tl_buf b = { NULL, 0, 0, false };
    char day[16];
    tl_buf_put_str(&b, "/api/journeys");
    parameter(&b, "journey", q->journey);
    parameter(&b, "break", cell);
    if (from_day > INT32_MIN) parameter(&b, "from", tl_str_of(tl_day_format(from_day, day)));
    if (to_day < INT32_MAX) parameter(&b, "to", tl_str_of(tl_day_format(to_day, day)));
    for (uint32_t i = 0; i < q->filter_n; i++) parameter(&b, "filter", (struct tl_str){ q->filter[i].key.p, q->filter[i].key.n + 1 + q->filter[i].value.n });
    if (q->stream != TL_STREAM_LIVE) parameter(&b, "stream", tl_str_of(q->stream == ASK_STREAM_ALL ? "all" : stream[q->stream]));
    tl_buf_printf(&b, "&lifecycle=all&as_of=%lld", (long long)k->as_of_ms);
    return kept(k, &b);
}
