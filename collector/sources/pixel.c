/* pixel.c - one event in the address of a picture, for mail and for displays that can do no more.
 *
 *   GET /pixel.gif?key=mail&type=mail.opened&member=4711&channel=mail&id=m-77&props.campaign=spring
 *
 *   member user phone email anonymous device, ids.<kind>     ids
 *   scores.<kind>                                            scores (a number)
 *   props.<name>                                             props
 *   seq, wait_ms, handle_ms                                  numbers
 *   any other field of an event                              the field; key and ack are the request's own
 *
 * The answer is a transparent pixel that no cache keeps. Without an id every showing counts. */
#include "../fields.h"

#include <stdio.h>

static const char *const kinds[] = { "member", "user", "phone", "email", "anonymous", "device" };
static const char *const numbers[] = { "seq", "wait_ms", "handle_ms" };
static const char *const own[] = { "key", "ack", "writeKey", "token", "api_key", "project" };

#define COUNT(list) (sizeof list / sizeof *list)

static bool
listed(struct tl_str name, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (tl_str_is(name, list[i])) return true;
    return false;
}

/* The rest of a name that begins with `begins`; {NULL, 0}: it does not. */
static struct tl_str
after(struct tl_str name, const char *begins)
{
    size_t n = strlen(begins);
    return name.n > n && memcmp(name.p, begins, n) == 0 ? (struct tl_str){ name.p + n, name.n - n } : (struct tl_str){ NULL, 0 };
}

static void
put_number(struct tl_jw *w, struct tl_str name, struct tl_str value)
{
    bool number = value.n > 0 && value.n < 20;
    for (size_t i = 0; i < value.n; i++)
        number = number && ((value.p[i] >= '0' && value.p[i] <= '9') || (i > 0 && value.p[i] == '.') || (i == 0 && value.n > 1 && value.p[i] == '-'));
    tl_jw_name(w, name);
    if (number && value.p[value.n - 1] != '.') tl_jw_raw(w, NULL, value);
    else tl_jw_str(w, NULL, value);             /* the event's own rules refuse it, by name */
}

/* The parameters whose names begin so (or are identity kinds, for ids.) as one member object. */
static void
put_group(struct tl_jw *w, const struct source_input *in, const char *name, const char *begins)
{
    bool ids = !strcmp(name, "ids"), scores = !strcmp(name, "scores"), open = false;
    for (uint32_t i = 0; i < in->param_n; i++) {
        struct tl_str key = after(in->param[i].name, begins);
        if (!key.p && ids && listed(in->param[i].name, kinds, COUNT(kinds))) key = in->param[i].name;
        if (!key.p) continue;
        if (!open) tl_jw_open(w, name), open = true;
        if (scores) {
            put_number(w, key, in->param[i].value);
            continue;
        }
        tl_jw_name(w, key);
        tl_jw_str(w, NULL, in->param[i].value);
    }
    if (open) tl_jw_close(w);
}

static void
put_fields(struct tl_jw *w, const struct source_input *in)
{
    for (uint32_t i = 0; i < in->param_n; i++) {
        struct tl_str name = in->param[i].name;
        if (after(name, "ids.").p || after(name, "props.").p || after(name, "scores.").p) continue;
        if (listed(name, kinds, COUNT(kinds)) || listed(name, own, COUNT(own))) continue;
        if (listed(name, numbers, COUNT(numbers))) {
            put_number(w, name, in->param[i].value);
            continue;
        }
        tl_jw_name(w, name);
        tl_jw_str(w, NULL, in->param[i].value);
    }
}

int
pixel_read(struct source_input *in, tl_event_each each, void *arg, struct tl_err *err)
{
    struct tl_buf b = { 0 };
    struct tl_jw w = tl_jw_to(&b);
    static const char padding[TL_JSON_PADDING];
    if (in->param_n == 0) return tl_fail(err, TL_EINVAL, "the address has no parameters; it needs type= and an identity, like member=4711");
    tl_jw_open(&w, NULL);
    put_fields(&w, in);
    put_group(&w, in, "ids", "ids.");
    put_group(&w, in, "scores", "scores.");
    put_group(&w, in, "props", "props.");
    tl_jw_close(&w);
    size_t n = b.len;
    tl_buf_put(&b, padding, sizeof padding);
    char *text = b.failed ? NULL : tl_arena_dup(in->arena, b.data, b.len);
    tl_buf_free(&b);
    if (!text) return tl_fail(err, TL_ENOMEM, "out of memory");
    return tl_event_body(in->reader, in->arena, (struct tl_str){ text, n }, 1, each, arg, err);
}
