/* tl_json_split.c - a body into its values: one value, the elements of an array, or lines. One index run serves the whole body.
 *
 * Lines: when the index accepts the whole body, no text is open across a line end (it would hold a control character), so each line's tokens
 * are what they would be alone, and a line is walked within its own tokens. When it does not, each line is indexed alone, so that one bad line
 * costs its neighbours nothing. An array is walked twice: grammar first over all of it, so that nobody is called before every byte is known to be JSON. */
#include "tl_json_split.h"

#include <sys/random.h>

struct tl_json *
tl_json_new(size_t max_bytes)
{
    struct tl_json *j = tl_alloc(sizeof *j);
    if (!j)
        return NULL;
    j->max_bytes = max_bytes;
    j->index = tl_json_index_new(max_bytes);
    j->kinds = tl_alloc((max_bytes / 64 + 1) * sizeof *j->kinds);
    if (getrandom(&j->seed, sizeof j->seed, GRND_NONBLOCK) != sizeof j->seed)     /* so that nobody can prepare names that collide */
        j->seed = (uint64_t)(uintptr_t)j;
    if (!j->index || !j->kinds)
        tl_json_free(&j);
    return j;
}

void
tl_json_free(struct tl_json **jp)
{
    struct tl_json *j = *jp;
    *jp = NULL;
    if (!j)
        return;
    tl_json_index_free(j->index);
    tl_free(j->kinds);
    tl_free(j->node);
    tl_free(j->copy);
    tl_free(j->names);
    tl_free(j->seen);
    tl_free(j);
}

int
tl_json_explain(struct tl_str text, struct tl_json_fault *fault)
{
    if (tl_json_find_fault(text, fault) == 0) {     /* a number or a word alone: valid, but neither object nor array */
        fault->reason = TL_REASON_BAD_JSON;
        fault->offset = 0;
    }
    return TL_EINVAL;
}

int
tl_json_load(struct tl_json *j, struct tl_str text, struct tl_json_fault *fault)
{
    *fault = (struct tl_json_fault){ .reason = TL_REASON_NONE };
    j->text = text;
    j->node_n = 0;
    tl_json_rewind(j);
    if (tl_json_index_run(j->index, text.p, text.n, &j->tok, &j->tok_n) == 0)
        return 0;
    j->tok_n = 0;
    return tl_json_explain(text, fault);
}

void
tl_json_rewind(struct tl_json *j)
{
    j->escape_at = j->text.p;
}

int
tl_json_walk(struct tl_json *j, struct tl_str text, const struct tl_jnode **node, uint32_t *node_n, struct tl_json_fault *fault)
{
    uint32_t next = 0;
    *node = NULL;
    *node_n = 0;
    if (tl_json_load(j, text, fault) != 0)
        return TL_EINVAL;
    enum tl_json_end end = tl_json_value(j, 0, j->tok_n, TL_JSON_DEPTH_MAX, UINT32_MAX, &next, fault);
    *node = j->node;
    *node_n = j->node_n;
    if (end == TL_JSON_NOMEM)
        return TL_ENOMEM;
    if (end == TL_JSON_BROKEN || next != j->tok_n)
        return tl_json_explain(text, fault);
    return end == TL_JSON_WHOLE ? 0 : TL_EINVAL;
}

static bool
is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static struct tl_str
trim(const char *p, const char *end)
{
    while (end > p && is_space(end[-1]))
        end--;
    while (p < end && is_space(*p))
        p++;
    return (struct tl_str){ p, (size_t)(end - p) };
}

static int
walk_part(struct tl_json *j, uint32_t from, uint32_t end, uint32_t *next, struct tl_json_part *part)
{
    part->end = tl_json_value(j, from, end, TL_JSON_DEPTH_MAX, TL_JSON_PART_NODES_MAX, next, &part->fault);
    part->node = j->node;
    part->node_n = j->node_n;
    return part->end == TL_JSON_NOMEM ? TL_ENOMEM : 0;
}

int
tl_json_one(struct tl_json *j, struct tl_json_part *part)
{
    uint32_t next = 0;
    int rc = walk_part(j, 0, j->tok_n, &next, part);
    part->slice = trim(j->text.p, j->text.p + j->text.n);
    part->offset = (size_t)(part->slice.p - j->text.p);
    if (rc == 0 && (part->end == TL_JSON_BROKEN || next != j->tok_n))
        return TL_EINVAL;
    return rc;
}

/* ---- arrays ---- */

int
tl_json_array_check(struct tl_json *j, size_t *n, struct tl_json_fault *fault)
{
    uint32_t next = 0;
    *n = 0;
    if (tl_json_value(j, 0, j->tok_n, TL_JSON_DEPTH_MAX, 0, &next, fault) == TL_JSON_BROKEN || next != j->tok_n)
        return tl_json_explain(j->text, fault);
    *n = j->tok_n == 2 ? 0 : (size_t)j->commas_n + 1;
    return 0;
}

int
tl_json_array_each(struct tl_json *j, tl_json_part_each each, void *arg)
{
    uint32_t from = 1, next = 0;
    struct tl_json_part part;
    tl_json_rewind(j);
    for (size_t index = 0; from + 1 < j->tok_n; index++) {
        int rc = walk_part(j, from, j->tok_n, &next, &part);
        part.slice = trim(j->text.p + j->tok[from], j->text.p + j->tok[next]);
        part.offset = j->tok[from];
        if (rc == 0)
            rc = each(arg, index, &part);
        if (rc != 0)
            return rc;
        from = next + 1;        /* behind the comma */
    }
    return 0;
}

struct elements {
    tl_json_each each;
    void *arg;
};

static int
pass_element(void *arg, size_t index, const struct tl_json_part *part)
{
    const struct elements *e = arg;
    return e->each(e->arg, index, part->slice, part->offset, part->end == TL_JSON_WHOLE ? NULL : &part->fault);
}

int
tl_json_elements(struct tl_json *j, struct tl_str text, tl_json_each each, void *arg, struct tl_json_fault *fault, struct tl_err *err)
{
    struct elements e = { each, arg };
    struct tl_json_part part;
    size_t n = 0;
    int rc = tl_json_load(j, text, fault);
    if (rc == 0 && text.p[j->tok[0]] == '[')
        rc = tl_json_array_check(j, &n, fault);
    else if (rc == 0 && (rc = tl_json_one(j, &part)) == TL_EINVAL)
        rc = tl_json_explain(text, fault);
    if (rc == TL_EINVAL)
        return tl_fail(err, rc, "the body is not valid JSON: %s, at byte %zu", tl_reason_text(fault->reason), fault->offset);
    if (rc == 0)
        rc = text.p[j->tok[0]] == '[' ? tl_json_array_each(j, pass_element, &e) : pass_element(&e, 0, &part);
    return rc == TL_ENOMEM ? tl_fail(err, rc, "no memory for a body of %zu bytes", text.n) : rc;
}

/* ---- lines ---- */

bool
tl_json_next_line(struct tl_str *rest, struct tl_str *line)
{
    if (rest->n == 0)
        return false;
    const char *at = memchr(rest->p, '\n', rest->n), *end = rest->p + rest->n;
    *line = trim(rest->p, at ? at : end);
    rest->p = at ? at + 1 : end;
    rest->n = (size_t)(end - rest->p);
    return true;
}

/* A line as a part of the text that is loaded; its tokens are from..end. */
static int
walk_line(struct tl_json *j, uint32_t from, uint32_t end, struct tl_json_part *part)
{
    uint32_t next = from;
    int rc = walk_part(j, from, end, &next, part);
    if (rc == 0 && (part->end == TL_JSON_BROKEN || next != end)) {
        part->end = TL_JSON_BROKEN;
        tl_json_explain(part->slice, &part->fault);
        part->fault.offset += part->offset;
    }
    return rc;
}

/* The index refused the whole body: this line on an index of its own. */
static int
walk_line_alone(struct tl_json *j, struct tl_json_part *part)
{
    part->end = TL_JSON_BROKEN;
    part->node_n = 0;
    if (tl_json_load(j, part->slice, &part->fault) != 0) {
        part->fault.offset += part->offset;
        return 0;
    }
    int rc = walk_line(j, 0, j->tok_n, part);
    if (part->end == TL_JSON_FAULTY)
        part->fault.offset += part->offset;
    return rc;
}

/* The first token at or after offset, looked for from token `from` on; a line has no more tokens than bytes. */
static uint32_t
first_token_at(const struct tl_json *j, uint32_t from, size_t offset)
{
    size_t span = from < j->tok_n ? offset - j->tok[from] : 0;
    uint32_t n = span < j->tok_n - from ? (uint32_t)span : j->tok_n - from;
    while (n > 0) {             /* from + n is at or after, or the end */
        uint32_t half = n / 2;
        bool before = j->tok[from + half] < offset;
        from += before ? half + 1 : 0;
        n = before ? n - half - 1 : half;
    }
    return from;
}

int
tl_json_lines_each(struct tl_json *j, struct tl_str body, tl_json_part_each each, void *arg)
{
    struct tl_json_part part;
    struct tl_str rest = body;
    bool whole = tl_json_load(j, body, &part.fault) == 0;
    uint32_t from = 0, end = 0;
    size_t index = 0;
    while (tl_json_next_line(&rest, &part.slice)) {
        if (part.slice.n == 0)
            continue;
        part.offset = (size_t)(part.slice.p - body.p);
        if (whole)
            end = first_token_at(j, from, part.offset + part.slice.n);
        int rc = whole ? walk_line(j, from, end, &part) : walk_line_alone(j, &part);
        if (rc == 0)
            rc = each(arg, index++, &part);
        if (rc != 0)
            return rc;
        from = end;
    }
    return 0;
}
