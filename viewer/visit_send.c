/* visit_send.c - what a shopper's page sends becomes control records: times set right by the phone's own clock, answers checked against the scenario, a record
 * for so many answers that it stays under the door's limit. See visit_in.h. */
#include "tl_time.h"
#include "visit_door.h"
#include "visit_in.h"

#define ANSWERS_AT_ONCE 5               /* with the longest ids and notes, every byte escaped, they fit a record of 16 KB */
#define NOTE_MAX 1000

/* in - a moment by the phone's clock -> by ours, never later than now */
struct clock_fix { int64_t now_ms, offset_ms; };

static struct clock_fix
fix_of(const struct tl_jv *root, int64_t now_ms)
{
    int64_t theirs = tl_jv_int(root, "now", now_ms), offset = theirs > 0 && theirs < INT64_MAX / 4 ? now_ms - theirs : 0;
    return (struct clock_fix){ now_ms, offset >= VISIT_DOOR_CLOCK_MS || offset <= -VISIT_DOOR_CLOCK_MS ? offset : 0 };
}

static int64_t
fixed(const struct clock_fix *f, const struct tl_jv *object)
{
    int64_t ms = tl_jv_int(object, "time", f->now_ms - f->offset_ms);
    if (ms < 0 || ms > INT64_MAX / 4) return f->now_ms;
    return ms + f->offset_ms < f->now_ms ? ms + f->offset_ms : f->now_ms;
}

static struct tl_jw
open_record(const struct visit_guest *g, struct tl_buf *out)
{
    struct tl_jw w = tl_jw_to(out);
    tl_jw_open(&w, NULL);
    tl_jw_str(&w, "id", g->visit.id);
    tl_jw_bool(&w, "merge", true);
    return w;
}

static void
close_record(struct tl_jw *w, struct tl_buf *out)
{
    tl_jw_close(w);
    tl_buf_put_u8(out, 0);
}

/* ---- start ---- */

int
visit_send_start(const struct visit_guest *g, const struct tl_jv *root, int64_t now_ms, struct tl_buf *out, struct tl_err *err)
{
    struct clock_fix fix = fix_of(root, now_ms);
    int64_t from = fixed(&fix, root), planned = g->visit.from_ms != TL_TIME_NONE ? g->visit.to_ms - g->visit.from_ms : 0;
    struct tl_jw w = open_record(g, out);
    tl_jw_cstr(&w, "state", "started");
    tl_jw_int(&w, "from", from);
    tl_jw_int(&w, "to", from + planned);
    close_record(&w, out);
    return out->failed ? tl_fail(err, TL_ENOMEM, "out of memory") : 0;
}

/* ---- everything ---- */

static bool
usual_stamp(struct tl_str what)
{
    return tl_str_is(what, "enter") || tl_str_is(what, "order") || tl_str_is(what, "receive") || tl_str_is(what, "leave");
}

static int
put_stamps(const struct visit_guest *g, const struct tl_jv *list, const struct clock_fix *fix, struct tl_jw *w, int64_t *from, int64_t *to, struct tl_err *err)
{
    tl_jw_array(w, "stamps");
    for (const struct tl_jv *s = list ? list->child : NULL; s; s = s->next) {
        struct tl_str what = tl_jv_text(s, "what");
        int i = g->scenario ? tl_scenario_stamp(g->scenario, what) : -1;
        if (i < 0 && (g->scenario || !usual_stamp(what))) return tl_fail(err, TL_EINVAL, "this visit has no stamp \"%.*s\"", (int)(what.n < 40 ? what.n : 40), what.p ? what.p : "");
        int64_t ms = fixed(fix, s);
        tl_jw_open(w, NULL);
        tl_jw_str(w, "what", what);
        if (i >= 0 && g->scenario->stamp[i].touchpoint.n) tl_jw_str(w, "touchpoint", g->scenario->stamp[i].touchpoint);
        tl_jw_int(w, "time", ms);
        tl_jw_close(w);
        *from = *from == TL_TIME_NONE || ms < *from ? ms : *from;
        *to = *to == TL_TIME_NONE || ms > *to ? ms : *to;
    }
    tl_jw_end(w);
    return 0;
}

/* shorter - text of at most so many bytes, not cut inside a letter */
static struct tl_str
shorter(struct tl_str s, size_t most)
{
    if (s.n <= most) return s;
    while (most > 0 && ((uint8_t)s.p[most] & 0xc0) == 0x80) most--;
    return (struct tl_str){ s.p, most };
}

static int
put_answer(const struct visit_guest *g, const struct tl_jv *a, const struct clock_fix *fix, struct tl_jw *w, struct tl_err *err)
{
    struct tl_str item = tl_jv_text(a, "item"), note = shorter(tl_jv_text(a, "note"), TL_VISIT_NOTE_MAX);
    enum tl_visit_value value;
    int i = g->scenario ? tl_scenario_item(g->scenario, item) : -1;
    if (i < 0) return tl_fail(err, TL_EINVAL, "this visit does not ask \"%.*s\"", (int)(item.n < 40 ? item.n : 40), item.p ? item.p : "");
    if (!tl_visit_value_of(tl_jv_text(a, "value"), &value) || (value == TL_VISIT_NA && !g->scenario->item[i].na))
        return tl_fail(err, TL_EINVAL, "\"%.*s\" is answered yes or no%s", (int)item.n, item.p, g->scenario->item[i].na ? ", or na" : "");
    tl_jw_open(w, NULL);
    tl_jw_str(w, "item", item);
    tl_jw_cstr(w, "value", tl_visit_value_word(value));
    tl_jw_int(w, "time", fixed(fix, a));
    if (note.n) tl_jw_str(w, "note", note);
    tl_jw_close(w);
    return 0;
}

/* put_answers - in records of ANSWERS_AT_ONCE */
static int
put_answers(const struct visit_guest *g, const struct tl_jv *list, const struct clock_fix *fix, struct tl_buf *out, struct tl_err *err)
{
    const struct tl_jv *a = list ? list->child : NULL;
    int rc = 0;
    while (rc == 0 && a) {
        struct tl_jw w = open_record(g, out);
        tl_jw_array(&w, "answers");
        for (int n = 0; rc == 0 && a && n < ANSWERS_AT_ONCE; n++, a = a->next) rc = put_answer(g, a, fix, &w, err);
        if (rc == 0) {
            tl_jw_end(&w);
            close_record(&w, out);
        }
    }
    return rc;
}

static struct tl_str
trimmed(struct tl_str s)
{
    while (s.n && (s.p[0] == ' ' || s.p[0] == '\t' || s.p[0] == '\n')) s.p++, s.n--;
    while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t' || s.p[s.n - 1] == '\n')) s.n--;
    return s;
}

int
visit_send_all(const struct visit_guest *g, const struct tl_jv *root, int64_t now_ms, struct tl_buf *out, struct tl_err *err)
{
    struct clock_fix fix = fix_of(root, now_ms);
    const struct tl_jv *stamps = tl_jv_get(root, "stamps"), *answers = tl_jv_get(root, "answers");
    struct tl_str order = trimmed(tl_jv_text(root, "order")), note = shorter(trimmed(tl_jv_text(root, "note")), NOTE_MAX);
    int64_t from = TL_TIME_NONE, to = TL_TIME_NONE;
    if (root->type != TL_JOBJECT || (stamps && stamps->type != TL_JARRAY) || (answers && answers->type != TL_JARRAY)) return tl_fail(err, TL_EINVAL, "stamps and answers must be lists");
    if ((stamps && stamps->children_n > TL_VISIT_STAMPS_MAX) || (answers && answers->children_n > TL_VISIT_ANSWERS_MAX))
        return tl_fail(err, TL_ETOOBIG, "a visit has at most %d stamps and %d answers", TL_VISIT_STAMPS_MAX, TL_VISIT_ANSWERS_MAX);
    if (order.n > 100) return tl_fail(err, TL_EINVAL, "an order number has 100 bytes at most");
    int rc = put_answers(g, answers, &fix, out, err);
    if (rc) return rc;
    struct tl_jw w = open_record(g, out);
    rc = put_stamps(g, stamps, &fix, &w, &from, &to, err);
    if (rc) return rc;
    if (from == TL_TIME_NONE) {                 /* nothing was stamped: what is known is when it came */
        from = g->visit.state == TL_VISIT_STARTED && g->visit.from_ms < now_ms ? g->visit.from_ms : now_ms;
        to = now_ms;
    }
    if (order.n) {
        tl_jw_array(&w, "orders");
        tl_jw_str(&w, NULL, order);
        tl_jw_end(&w);
    }
    if (note.n) tl_jw_str(&w, "note", note);
    tl_jw_cstr(&w, "state", "finished");
    tl_jw_int(&w, "from", from);
    tl_jw_int(&w, "to", to - from > TL_VISIT_MS_MAX ? from + TL_VISIT_MS_MAX : to);
    close_record(&w, out);
    return out->failed ? tl_fail(err, TL_ENOMEM, "out of memory") : 0;
}
