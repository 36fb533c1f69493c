/* tl_event_body.c - a native body into events: one object, an array, or lines.
 *
 * Told apart by the first character and by what the first value leaves over, never by a header: [ is an array; one value to the end of the body is one
 * event, on however many lines; anything else is lines, each by itself. What neighbours do is never one event's fate, but in an array: where a bracket is
 * lost nobody can say which element lost it, so an array is JSON as a whole or is refused as a whole. */
#include "tl_event_reader.h"

struct splitting {
    const struct tl_event_reader *reader;
    struct tl_arena *arena;
    struct tl_str body;
    tl_event_each each;
    void *arg;
};

static int
pass_part(void *arg, size_t index, const struct tl_json_part *part)
{
    const struct splitting *s = arg;
    struct tl_event ev;
    struct tl_refusal why;
    int rc = tl_event_read_part(s->reader, s->arena, s->body, part, &ev, &why);
    if (rc == TL_ENOMEM)
        return rc;
    size_t at = (size_t)(part->slice.p - s->body.p);
    if (rc != 0)
        why.offset = why.offset > at ? why.offset - at : 0;     /* the slice is what is kept, so the place is one in it */
    return rc == 0 ? s->each(s->arg, index, &ev, NULL, part->slice) : s->each(s->arg, index, NULL, &why, part->slice);
}

struct shape {                  /* of a body that is not one value */
    size_t lines_n;
    bool first_opens, first_closes, second_opens, one_is_event;
};

static struct shape
shape_of(struct tl_str body)
{
    struct shape s = { 0 };
    struct tl_str line;
    struct tl_json_fault fault;
    while (tl_json_next_line(&body, &line)) {
        if (line.n == 0)
            continue;
        bool opens = line.p[0] == '{';
        if (s.lines_n == 0) {
            s.first_opens = opens;
            s.first_closes = line.p[line.n - 1] == '}';
        }
        s.second_opens = s.second_opens || (s.lines_n == 1 && opens);
        s.one_is_event = s.one_is_event || (opens && tl_json_find_fault(line, &fault) == 0);
        s.lines_n++;
    }
    return s;
}

static size_t
count_lines(struct tl_str body)
{
    struct tl_str line;
    size_t n = 0;
    while (tl_json_next_line(&body, &line))
        n += line.n > 0;
    return n;
}

static int
too_many(struct tl_err *err, size_t max_events)
{
    return tl_fail(err, TL_ETOOBIG, "the body holds more than %zu events", max_events);
}

static int
split_array(struct splitting *s, size_t max_events, struct tl_json_fault *fault, struct tl_err *err)
{
    struct tl_json *j = s->reader->json;
    size_t n = 0;
    if (tl_json_array_check(j, &n, fault) != 0)
        return tl_fail(err, TL_EINVAL, "the array is not valid JSON at byte %zu: %s", fault->offset, tl_reason_word(fault->reason));
    return n > max_events ? too_many(err, max_events) : tl_json_array_each(j, pass_part, s);
}

/* One object, or lines; `loaded` when the index took the whole. An object broken over many lines is refused as one, not line by line: lines are
 * believed when the first closes what it opens, the second opens one too, or any is an object by itself. */
static int
split_objects(struct splitting *s, bool loaded, size_t max_events, struct tl_json_fault *fault, struct tl_err *err)
{
    struct tl_json_part part = { .slice = s->body, .end = TL_JSON_BROKEN, .fault = *fault };
    int rc = loaded ? tl_json_one(s->reader->json, &part) : TL_EINVAL;
    if (rc != TL_EINVAL)
        return rc == 0 ? pass_part(s, 0, &part) : rc;
    if (part.end == TL_JSON_BROKEN) {
        struct shape sh = shape_of(s->body);
        if (!sh.first_opens && !sh.one_is_event)
            return tl_fail(err, TL_EINVAL, "the body is neither a JSON object, an array of them, nor lines of them");
        if (sh.lines_n > 1 && !sh.first_closes && !sh.second_opens && !sh.one_is_event) {
            tl_json_explain(s->body, &part.fault);
            return pass_part(s, 0, &part);
        }
    }
    if (count_lines(s->body) > max_events)
        return too_many(err, max_events);
    return tl_json_lines_each(s->reader->json, s->body, pass_part, s);
}

int
tl_event_body(struct tl_event_reader *r, struct tl_arena *a, struct tl_str body, size_t max_events, tl_event_each each, void *arg, struct tl_err *err)
{
    struct splitting s = { r, a, body, each, arg };
    struct tl_json_fault fault;
    struct tl_str first = { NULL, 0 }, rest;
    if (body.n > TL_EVENT_BODY_BYTES_MAX)
        return tl_fail(err, TL_ETOOBIG, "the body has %zu bytes, more than %d", body.n, TL_EVENT_BODY_BYTES_MAX);
    if (body.n >= 3 && memcmp(body.p, "\xEF\xBB\xBF", 3) == 0)     /* a byte order mark is not JSON, but files have it */
        s.body = body = (struct tl_str){ body.p + 3, body.n - 3 };
    rest = body;
    while (first.n == 0 && tl_json_next_line(&rest, &first))
        ;
    if (first.n == 0)
        return tl_fail(err, TL_EINVAL, "the body is empty");
    bool loaded = tl_json_load(r->json, body, &fault) == 0;
    if (first.p[0] != '[')
        return split_objects(&s, loaded, max_events, &fault, err);
    if (!loaded)
        return tl_fail(err, TL_EINVAL, "the array is not valid JSON at byte %zu: %s", fault.offset, tl_reason_word(fault.reason));
    return split_array(&s, max_events, &fault, err);
}
