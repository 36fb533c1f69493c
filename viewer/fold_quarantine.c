/* fold_quarantine.c - what was received and could not be taken: the log's dlq, newest first. */
#include <stdlib.h>

#include "answer.h"

#define HEAD_BYTES 300

struct list { struct look *k; struct quarantine_answer *out; };

static struct tl_str
copy(struct look *k, struct tl_str s, size_t max)
{
    size_t n = s.n < max ? s.n : max;
    if (!s.p) return s;
    char *p = tl_arena_dup(k->arena, s.p, n);
    return (struct tl_str){ p, p ? n : 0 };
}

static int
add(void *arg, uint64_t number, const struct tl_refused *r)
{
    struct list *l = arg;
    if (l->out->item_n == l->k->ask->limit) {
        l->out->next = l->out->item[l->out->item_n - 1].number;
        return 1;
    }
    l->out->item[l->out->item_n++] = (struct refused_item){
        .number = number, .offset = r->offset, .bytes = r->bytes_n, .received_ms = r->received_at_ms, .origin = copy(l->k, r->origin, 200),
        .reason = copy(l->k, r->reason, 100), .field = copy(l->k, r->field, 200), .head = copy(l->k, r->bytes, HEAD_BYTES) };
    return 0;
}

int
fold_quarantine(struct look *k, struct quarantine_answer *out, struct tl_err *err)
{
    struct list l = { k, out };
    struct tl_eventlog *log = fold_log(k->fold);
    memset(out, 0, sizeof *out);
    out->item = tl_arena_alloc(k->arena, (k->ask->limit + 1) * sizeof *out->item);
    if (!out->item) return tl_fail(err, TL_ENOMEM, "out of memory");
    if (!log) return 0;
    out->count = tl_eventlog_refused_n(log);
    return tl_eventlog_refused(log, k->ask->cursor.p ? strtoull(k->ask->cursor.p, NULL, 10) : 0, add, &l, err);
}
