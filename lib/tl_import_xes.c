/* tl_import_xes.c - XES 1.0/2.0 (IEEE 1849), plain or gzip, read as it streams by. Only this file includes expat.h.
 *
 *   <log> <trace> <string key="concept:name" value="173688"/> ...
 *           <event> <string key="concept:name" value="A_SUBMITTED"/> <date key="time:timestamp" value="..."/> ... </event>
 *
 * A trace is a customer and a journey: ids {"trace":"RUN/NAME"}, journey RUN/NAME, seq = the event's index in its trace. concept:name is the
 * type, org:resource the agent, lifecycle:transition the lifecycle in lower case; every other attribute keeps its name and type in props,
 * the trace's own in props.trace of its first event. Attributes of the log as a whole (statistics of its maker, classifiers) are not kept. */
#include "tl_import.h"

#include <expat.h>
#include <stdio.h>
#include "tl_draft.h"
#include "tl_gzip.h"
#include "tl_hash.h"
#include "tl_import_rows.h"
#include "tl_time.h"

#define CHUNK_BYTES (256 * 1024)
#define NEST_MAX 16

enum place { IN_LOG, IN_TRACE, IN_EVENT, IN_OTHER /* global, classifier, extension */ };
enum { F_NAME, F_TIME, F_AGENT, F_LIFECYCLE, F_N };
static const char *const field_key[F_N] = { "concept:name", "time:timestamp", "org:resource", "lifecycle:transition" };

struct xes {
    XML_Parser parser;
    struct tl_import_source *src;
    const struct tl_import_sink *sink;
    struct tl_err *err;
    int rc;                                  /* what ended the reading early */
    enum place place;
    uint16_t nest[NEST_MAX];                 /* depth for the members of each open attribute */
    int nest_n, other_n;
    bool too_deep;
    struct tl_maker *maker;
    struct tl_tally *names;                     /* traces by name */
    struct tl_attrs props, trace;
    struct tl_buf field[F_N], trace_name, thread;
    uint64_t trace_n, event_n;               /* traces so far; events in this trace */
    bool trace_given;                        /* the trace's attributes went with an event */
    const struct tl_import_attributes *rows; /* NULL: events are made here */
    const char *chunk;                       /* being parsed, for line numbers */
    XML_Index chunk_at;
    size_t counted;                          /* bytes of chunk whose newlines are in line */
    uint64_t line, event_line;
};

static struct tl_str
view(const struct tl_buf *b)
{
    return (struct tl_str){ (const char *)b->data, b->len };
}

/* expat's own line numbers cost as much as half the parse: newlines are counted in bulk, up to the token at hand */
static uint64_t
line_here(struct xes *x)
{
    XML_Index at = XML_GetCurrentByteIndex(x->parser) - x->chunk_at;
    size_t end = at > 0 ? (size_t)at : 0, n = 0;
    for (size_t i = x->counted; i < end; i++)
        n += x->chunk[i] == '\n';
    if (end > x->counted)
        x->counted = end;
    x->line += n;
    return x->line;
}

static void
stop(struct xes *x, int rc)
{
    x->rc = rc;
    XML_StopParser(x->parser, XML_FALSE);
}

static void
bad(struct xes *x, const char *why)
{
    x->sink->bad(x->sink->arg, x->event_line, why);
}

/* ---- attributes ---- */
static int
kind_of_tag(const char *tag)
{
    static const struct { const char *tag; enum tl_attr_kind kind; } kinds[] = {
        { "string", TL_ATTR_TEXT }, { "date", TL_ATTR_TEXT }, { "int", TL_ATTR_INT }, { "float", TL_ATTR_FLOAT }, { "boolean", TL_ATTR_BOOL },
        { "id", TL_ATTR_TEXT }, { "list", TL_ATTR_LIST }, { "container", TL_ATTR_GROUP },
    };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(tag, kinds[i].tag) == 0)
            return (int)kinds[i].kind;
    return -1;
}

static void
set(struct tl_buf *b, const char *text)
{
    tl_buf_reset(b);
    tl_buf_put(b, text, strlen(text));
}

/* the four keys that become fields; the first of a name wins */
static bool
takes_field(struct xes *x, const char *key, const char *value)
{
    for (int i = 0; i < F_N; i++)
        if (x->field[i].len == 0 && strcmp(key, field_key[i]) == 0) {
            set(&x->field[i], value);
            return true;
        }
    return false;
}

static bool
takes_trace_name(struct xes *x, const char *key, const char *value)
{
    if (strcmp(key, "concept:name") != 0 || x->trace_name.len > 0)
        return false;
    if (x->event_n == 0)
        set(&x->trace_name, value);
    return true;
}

static void
attribute(struct xes *x, int kind, const char **a)
{
    const char *key = "", *value = "";
    for (; a[0] != NULL; a += 2)
        if (strcmp(a[0], "key") == 0)
            key = a[1];
        else if (strcmp(a[0], "value") == 0)
            value = a[1];
    uint16_t depth = x->nest_n > 0 ? x->nest[x->nest_n - 1] : 0;
    bool top = x->nest_n == 0, taken = false;
    if (x->place == IN_EVENT)
        taken = top && takes_field(x, key, value);
    else
        taken = top && takes_trace_name(x, key, value);
    if (x->nest_n == NEST_MAX) {
        x->too_deep = true;
        x->other_n++;
        return;
    }
    if (!taken && !x->too_deep)
        tl_attrs_add(x->place == IN_EVENT ? &x->props : &x->trace, depth, (enum tl_attr_kind)kind, tl_str_of(key), tl_str_of(value));
    x->nest[x->nest_n++] = (uint16_t)(taken ? depth : depth + 1);
}

/* ---- events ---- */
static bool
make_thread(struct xes *x)
{
    char text[80];
    if (x->trace_name.len == 0) {
        snprintf(text, sizeof text, "#%llu", (unsigned long long)x->trace_n);
        set(&x->trace_name, text);
    }
    uint8_t hash[16];
    static const uint8_t key[TL_KEY_BYTES] = "touchline import: names of cases";
    tl_hash128(key, x->trace_name.data, x->trace_name.len, hash);
    uint64_t number;
    memcpy(&number, hash, sizeof number);
    uint32_t *n = tl_tally_at(x->names, number);
    tl_buf_reset(&x->thread);
    tl_buf_printf(&x->thread, "%s/", x->src->run);
    if (x->thread.len + x->trace_name.len + 12 <= TL_IMPORT_THREAD_BYTES_MAX) {
        tl_buf_put(&x->thread, x->trace_name.data, x->trace_name.len);
    } else {
        tl_hex(hash, sizeof hash, text);
        tl_buf_put_str(&x->thread, text);
    }
    if (n != NULL && ++*n > 1)
        tl_buf_printf(&x->thread, "#%u", *n);
    return n != NULL && !x->thread.failed && !x->trace_name.failed;
}

static const char *
event_fault(const struct xes *x)
{
    int64_t ms;
    if (x->field[F_NAME].len == 0)
        return "the event has no concept:name, so it is not known what happened";
    if (x->field[F_TIME].len == 0)
        return "the event has no time:timestamp, so it is not known when it happened";
    if (tl_time_parse(view(&x->field[F_TIME]), &ms, NULL) != 0)
        return "its time:timestamp is not a date like 2011-10-01T00:38:44.546+02:00";
    if (x->too_deep)
        return "its attributes nest deeper than 16";
    return NULL;
}

/* ---- rows for a mapping ---- */
static struct tl_str
among(const struct tl_attrs *a, const char *key)
{
    for (uint32_t i = 0; i < a->n; i++) {
        const struct tl_attr *it = &a->at[i];
        if (it->depth == 0 && strlen(key) == it->key_n && memcmp(a->text.data + it->key, key, it->key_n) == 0)
            return (struct tl_str){ (const char *)a->text.data + it->value, it->value_n };
    }
    return (struct tl_str){ "", 0 };
}

static struct tl_str
attribute_text(void *of, const char *key)
{
    const struct xes *x = of;
    bool of_trace = strncmp(key, "case:", 5) == 0;
    if (of_trace && strcmp(key + 5, "concept:name") == 0)
        return x->trace_name.len > 0 ? view(&x->trace_name) : (struct tl_str){ "", 0 };
    for (int i = 0; i < F_N && !of_trace; i++)
        if (strcmp(key, field_key[i]) == 0)
            return x->field[i].len > 0 ? view(&x->field[i]) : (struct tl_str){ "", 0 };
    return among(of_trace ? &x->trace : &x->props, of_trace ? key + 5 : key);
}

static void
end_row(struct xes *x)
{
    x->src->rows++;
    int rc = x->props.failed || x->trace.failed ? tl_fail(x->err, TL_ENOMEM, "out of memory while reading an event") : x->rows->take(x->rows->arg, attribute_text, x, x->event_line);
    if (rc != 0)
        stop(x, rc);
}

static void
end_event(struct xes *x)
{
    struct tl_draft d = { .seq = x->event_n++ };
    const char *fault = event_fault(x);
    struct tl_str json;
    x->src->rows++;
    if (fault != NULL) {
        bad(x, fault);
        return;
    }
    if (x->thread.len == 0 && !make_thread(x)) {
        stop(x, tl_fail(x->err, TL_ENOMEM, "out of memory while reading a trace"));
        return;
    }
    for (size_t i = 0; i < x->field[F_LIFECYCLE].len; i++) {
        uint8_t *c = &x->field[F_LIFECYCLE].data[i];
        *c = (uint8_t)(*c >= 'A' && *c <= 'Z' ? *c + 32 : *c);
    }
    d.thread = d.session = view(&x->thread);
    d.props = &x->props;
    d.trace = x->trace_given ? NULL : &x->trace;
    x->trace_given = true;
    tl_draft_field(&d, "type", view(&x->field[F_NAME]));
    tl_draft_field(&d, "time", view(&x->field[F_TIME]));
    tl_draft_field(&d, "agent", view(&x->field[F_AGENT]));
    tl_draft_field(&d, "lifecycle", view(&x->field[F_LIFECYCLE]));
    tl_draft_id(&d, "trace", d.thread);
    int rc = x->props.failed || x->trace.failed ? tl_fail(x->err, TL_ENOMEM, "out of memory while reading an event")
                                                 : tl_maker_json(x->maker, &d, &json, x->err);
    if (rc == 0)
        rc = x->sink->event(x->sink->arg, json, x->event_line, x->err);
    if (rc != 0)
        stop(x, rc);
}

static void
begin_event(struct xes *x)
{
    x->event_line = line_here(x);
    tl_attrs_reset(&x->props);
    for (int i = 0; i < F_N; i++)
        tl_buf_reset(&x->field[i]);
    x->nest_n = 0;
    x->too_deep = false;
}

static void
begin_trace(struct xes *x)
{
    tl_attrs_reset(&x->trace);
    tl_buf_reset(&x->trace_name);
    tl_buf_reset(&x->thread);
    tl_maker_forget(x->maker);
    x->nest_n = 0;
    x->trace_n++;
    x->event_n = 0;
    x->trace_given = false;
}

/* ---- tags ---- */
static void
begin_tag(void *arg, const char *tag, const char **a)
{
    struct xes *x = arg;
    int kind;
    if (x->other_n > 0) {
        x->other_n++;
    } else if (x->place == IN_LOG && strcmp(tag, "trace") == 0) {
        begin_trace(x);
        x->place = IN_TRACE;
    } else if (x->place == IN_TRACE && x->nest_n == 0 && strcmp(tag, "event") == 0) {
        begin_event(x);
        x->place = IN_EVENT;
    } else if (x->place == IN_LOG && strcmp(tag, "event") == 0) {
        x->event_line = line_here(x);
        x->src->rows++;
        bad(x, "the event stands outside a trace, so it is not known whose it is");
        x->other_n++;
    } else if (x->place == IN_LOG) {
        x->other_n += strcmp(tag, "log") != 0;
    } else if ((kind = kind_of_tag(tag)) >= 0) {
        attribute(x, kind, a);
    } else if (strcmp(tag, "values") != 0 || x->nest_n == 0) {
        x->other_n++;
    }
}

static void
end_tag(void *arg, const char *tag)
{
    struct xes *x = arg;
    if (x->other_n > 0) {
        x->other_n--;
    } else if (x->nest_n > 0) {
        x->nest_n -= strcmp(tag, "values") != 0;
    } else if (x->place == IN_EVENT) {
        if (x->rows != NULL)
            end_row(x);
        else
            end_event(x);
        x->place = IN_TRACE;
    } else if (x->place == IN_TRACE) {
        x->place = IN_LOG;
    }
}

static int
parse_chunk(struct xes *x, const char *p, size_t n)
{
    x->chunk = p;
    x->counted = 0;
    enum XML_Status s = XML_Parse(x->parser, p, (int)n, n == 0);
    if (x->rc != 0)
        return x->rc;
    if (s == XML_STATUS_ERROR)
        return tl_fail(x->err, TL_EINVAL, "%s:%llu: not well-formed XML (%s); what stands before it was taken", x->src->path,
                       (unsigned long long)XML_GetCurrentLineNumber(x->parser), XML_ErrorString(XML_GetErrorCode(x->parser)));
    for (size_t i = x->counted; i < n; i++)
        x->line += p[i] == '\n';
    x->chunk_at += (XML_Index)n;
    return 0;
}

static int
parse_all(struct xes *x, struct tl_gzip_file *f, char *chunk)
{
    for (;;) {
        ssize_t n = tl_gzip_read(f, chunk, CHUNK_BYTES, x->err);
        if (n < 0)
            return (int)n;
        x->src->bytes_read += (uint64_t)n;
        int rc = parse_chunk(x, chunk, (size_t)n);
        if (rc != 0 || n == 0)
            return rc;
    }
}

static void
xes_free(struct xes *x)
{
    if (x->parser != NULL)
        XML_ParserFree(x->parser);
    tl_maker_free(&x->maker);
    tl_tally_free(&x->names);
    tl_attrs_free(&x->props);
    tl_attrs_free(&x->trace);
    for (int i = 0; i < F_N; i++)
        tl_buf_free(&x->field[i]);
    tl_buf_free(&x->trace_name);
    tl_buf_free(&x->thread);
}

int
tl_import_xes(struct tl_import_source *src, const struct tl_import_sink *sink, struct tl_err *err)
{
    return tl_import_xes_rows(src, sink, NULL, err);
}

int
tl_import_xes_rows(struct tl_import_source *src, const struct tl_import_sink *sink, const struct tl_import_attributes *rows, struct tl_err *err)
{
    struct xes x = { .src = src, .sink = sink, .rows = rows, .err = err, .line = 1 };
    struct tl_gzip_file *f = NULL;
    char *chunk = NULL;
    int rc = tl_gzip_open(&f, src->path, err);
    if (rc != 0)
        goto done;
    x.parser = XML_ParserCreate(NULL);
    x.maker = tl_maker_new(src->scratch);
    x.names = tl_tally_new(src->scratch);
    chunk = tl_alloc(CHUNK_BYTES);
    if (x.parser == NULL || x.maker == NULL || x.names == NULL || chunk == NULL) {
        rc = tl_fail(err, TL_ENOMEM, "out of memory for reading %s", src->path);
        goto done;
    }
    XML_SetUserData(x.parser, &x);
    XML_SetElementHandler(x.parser, begin_tag, end_tag);
    rc = parse_all(&x, f, chunk);
done:
    tl_gzip_close(&f);
    tl_free(chunk);
    xes_free(&x);
    return rc;
}
