/* envelope.c - see envelope.h. */
#include "envelope.h"

#include <ctype.h>

#include "fields.h"

struct walk {
    const char *p, *end;
};

static void
skip_space(struct walk *w)
{
    while (w->p < w->end && (*w->p == ' ' || *w->p == '\t' || *w->p == '\n' || *w->p == '\r'))
        w->p++;
}

static bool
skip_text(struct walk *w)
{
    for (w->p++; w->p < w->end && *w->p != '"'; w->p++)
        if (*w->p == '\\') w->p++;
    return w->p < w->end && w->p++;
}

/* To the end of a value: by brackets and quotes alone; what lies between is validated by whoever reads it. */
static bool
skip_value(struct walk *w)
{
    int depth = 0;
    const char *start = w->p;
    while (w->p < w->end) {
        char c = *w->p;
        if (c == '"') {
            if (!skip_text(w)) return false;
        } else if (depth == 0 && (c == ',' || c == '}' || c == ']' || isspace((unsigned char)c))) {
            break;
        } else {
            depth += (c == '{' || c == '[') - (c == '}' || c == ']');
            w->p++;
        }
        if (depth == 0 && (c == '"' || c == '}' || c == ']')) break;
    }
    return depth == 0 && w->p > start;
}

/* The next member; false at the end of the object, or with *bad when it is none. */
static bool
next_member(struct walk *w, bool first, struct tl_str *name, struct tl_str *value, bool *bad)
{
    *bad = true;
    skip_space(w);
    if (w->p < w->end && *w->p == '}') {
        w->p++;
        skip_space(w);
        *bad = w->p != w->end;
        return false;
    }
    if (!first) {
        if (w->p == w->end || *w->p++ != ',') return false;
        skip_space(w);
    }
    name->p = w->p;
    if (w->p == w->end || *w->p != '"' || !skip_text(w)) return false;
    name->n = (size_t)(w->p - name->p);
    skip_space(w);
    if (w->p == w->end || *w->p++ != ':') return false;
    skip_space(w);
    value->p = w->p;
    if (!skip_value(w)) return false;
    value->n = (size_t)(w->p - value->p);
    *bad = false;
    return true;
}

static int
outer_member(struct source_input *in, const struct envelope *e, struct tl_str name, struct tl_str value, struct tl_err *err)
{
    struct tl_json_fault fault = { 0 };
    struct tl_jv *key = NULL, *v = NULL;
    int rc = tl_json_tree(in->arena, name, 0, &key, &fault, NULL);
    if (rc == 0) rc = tl_json_tree(in->arena, value, 0, &v, &fault, NULL);
    if (rc != 0)
        return tl_fail(err, rc, "byte %zu of the body, in member %.*s: %s", (size_t)(value.p - in->body.p) + fault.offset, (int)(name.n < 60 ? name.n : 60),
                       name.p, tl_reason_text(fault.reason));
    return e->member(e->arg, key->text, v);
}

static bool
is_list(struct tl_str name, const char *list)
{
    size_t n = strlen(list);
    return name.n == n + 2 && memcmp(name.p + 1, list, n) == 0;
}

static int
elements(struct source_input *in, struct tl_str list, const struct envelope *e, struct tl_err *err)
{
    struct tl_json_fault fault = { 0 };
    int rc = tl_json_elements(in->json, list, e->element, e->arg, &fault, err);
    if (rc == TL_ETOOBIG) return tl_fail(err, rc, "more than %zu events in one body", in->events_max);
    if (rc != TL_EINVAL) return rc;
    return tl_fail(err, rc, "byte %zu of the body: %s", (size_t)(list.p - in->body.p) + fault.offset, tl_reason_text(fault.reason));
}

bool
envelope_has(const struct source_input *in, const char *list)
{
    struct walk w = { in->body.p, in->body.p + in->body.n };
    struct tl_str name, value;
    bool bad = true, first = true;
    skip_space(&w);
    if (w.p == w.end || *w.p++ != '{') return false;
    for (; next_member(&w, first, &name, &value, &bad); first = false)
        if (is_list(name, list)) return true;
    return false;
}

int
envelope_list(struct source_input *in, const struct envelope *e, struct tl_err *err)
{
    struct walk w = { in->body.p, in->body.p + in->body.n };
    struct tl_str name, value, list = { NULL, 0 };
    bool bad = true, first = true;
    skip_space(&w);
    if (w.p == w.end || *w.p++ != '{') return tl_fail(err, TL_EINVAL, "the body is not a JSON object {\"%s\":[...]}", e->list);
    for (; next_member(&w, first, &name, &value, &bad); first = false) {
        if (is_list(name, e->list)) {
            if (list.p) return tl_fail(err, TL_EINVAL, "the body has two members \"%s\"", e->list);
            list = value;
            continue;
        }
        int rc = outer_member(in, e, name, value, err);
        if (rc != 0) return rc;
    }
    if (bad) return tl_fail(err, TL_EINVAL, "byte %zu of the body is not JSON", (size_t)(w.p - in->body.p));
    if (!list.p || *list.p != '[') return tl_fail(err, TL_EINVAL, "the body has no array \"%s\"", e->list);
    return elements(in, list, e, err);
}

int
envelope_single(struct source_input *in, const char *key, tl_json_each each, void *arg, struct tl_err *err)
{
    struct walk w = { in->body.p, in->body.p + in->body.n };
    const struct envelope e = { .element = each, .arg = arg };
    struct tl_jv *root = NULL;
    skip_space(&w);
    if (w.p == w.end || *w.p != '{') return tl_fail(err, TL_EINVAL, "the body is not a JSON object");
    struct tl_str text = { w.p, (size_t)(w.end - w.p) };
    while (text.n > 0 && isspace((unsigned char)text.p[text.n - 1]))
        text.n--;
    if (!in->origin_given && text.n <= TL_EVENT_BYTES_MAX && tl_json_tree(in->arena, text, 0, &root, NULL, NULL) == 0) fields_take_key(in, tl_jv_get(root, key));
    return elements(in, text, &e, err);
}
