/* import_preview.c - see import_preview.h. Events are read once more by the collector's own reader, so what it would refuse shows here. */
#include "import_preview.h"

#include <stdio.h>

#include "cli.h"
#include "tl_event.h"
#include "tl_json.h"
#include "tl_port.h"
#include "tl_time.h"

#define SHOWN_MAX 10
#define FAULTS_MAX 20
#define ENOUGH TL_EINTR                  /* ends the reading; never seen outside */

struct shown {
    uint64_t row;
    struct tl_str json;
    struct tl_event ev;
};
struct fault {
    uint64_t row;
    char column[80], why[240];
};
struct preview {
    struct tl_arena *arena;
    struct tl_event_reader *reader;
    struct shown event[SHOWN_MAX];
    struct fault fault[FAULTS_MAX];
    uint32_t events_n, faults_n;
    bool more, cut;                      /* further faults; further rows that were not looked at */
};

static const char *
say(const char *en, const char *zh)
{
    return cli_zh() ? zh : en;
}

static void
take_fault(void *arg, uint64_t row, const char *column, const char *why)
{
    struct preview *p = arg;
    p->more = p->faults_n == FAULTS_MAX;
    if (p->more)
        return;
    struct fault *f = &p->fault[p->faults_n++];
    f->row = row;
    snprintf(f->column, sizeof f->column, "%s", column);
    snprintf(f->why, sizeof f->why, "%s", why);
}

static void
take_bad(void *arg, uint64_t row, const char *why)
{
    take_fault(arg, row, "", why);
}

static int
take_event(void *arg, struct tl_str json, uint64_t row, struct tl_err *err)
{
    struct preview *p = arg;
    struct tl_refusal why = {0};
    if (p->events_n == SHOWN_MAX) {
        p->cut = true;
        return ENOUGH;
    }
    struct shown *s = &p->event[p->events_n];
    char *copy = tl_arena_alloc(p->arena, json.n + TL_JSON_PADDING);
    if (copy == NULL)
        return tl_fail(err, TL_ENOMEM, "out of memory for showing events");
    memcpy(copy, json.p, json.n);
    s->json = (struct tl_str){ copy, json.n };
    s->row = row;
    int rc = tl_event_read(p->reader, p->arena, s->json, &s->ev, &why);
    if (rc == 0)
        rc = tl_event_check(&s->ev, tl_clock_real()->wall_ms(tl_clock_real()), &why);
    if (rc == TL_EINVAL) {
        char text[200];
        snprintf(text, sizeof text, "%s%s%s", tl_reason_text(why.reason), why.field[0] ? ": " : "", why.field);
        take_fault(p, row, "", text);
        return 0;
    }
    p->events_n += rc == 0;
    return rc;
}

/* ---- for people ---- */
static void
put_ids(struct cli_table *t, const struct tl_event *ev)
{
    char text[160];
    size_t n = 0;
    text[0] = '\0';
    for (uint32_t i = 0; i < ev->ids_n && n + 40 < sizeof text; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%.*s:%.*s", i > 0 ? " " : "", (int)(ev->ids_[i].kind.n < 20 ? ev->ids_[i].kind.n : 20), ev->ids_[i].kind.p,
                              (int)(ev->ids_[i].value.n < 40 ? ev->ids_[i].value.n : 40), ev->ids_[i].value.p);
    cli_table_cell(t, "%s", text);
}

static void
put_ms(struct cli_table *t, bool has, uint64_t ms)
{
    char text[24];
    cli_table_cell(t, "%s", has ? cli_duration((double)ms, text) : "");
}

static void
put_rest(struct cli_table *t, const struct tl_event *ev)
{
    char text[200];
    size_t n = 0;
    text[0] = '\0';
    if (ev->has & TL_HAS(value))
        n += (size_t)snprintf(text + n, sizeof text - n, "%lld %s (%s)  ", (long long)ev->value_.amount_minor, ev->value_.currency, say("minor units", "最小货币单位"));
    for (uint32_t i = 0; i < ev->scores_n && n + 60 < sizeof text; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%.*s=%g  ", (int)(ev->scores_[i].kind.n < 30 ? ev->scores_[i].kind.n : 30), ev->scores_[i].kind.p, ev->scores_[i].value);
    const struct { const char *name; uint64_t has; struct tl_str v; } more[] = { { "case", TL_HAS(case), ev->case_ }, { "order", TL_HAS(order), ev->order_ }, { "place", TL_HAS(place), ev->place_ } };
    for (size_t i = 0; i < sizeof more / sizeof *more && n + 60 < sizeof text; i++)
        if (ev->has & more[i].has)
            n += (size_t)snprintf(text + n, sizeof text - n, "%s=%.*s  ", more[i].name, (int)(more[i].v.n < 40 ? more[i].v.n : 40), more[i].v.p);
    cli_table_cell(t, "%s", text);
}

static void
print_events(const struct preview *p)
{
    static const char *const heads[][2] = { { "row", "行" }, { "time (UTC)", "时间 (UTC)" }, { "what", "事件" }, { "channel", "渠道" }, { "who", "客户" }, { "agent", "坐席" },
                                            { "wait", "等待" }, { "handled", "处理" }, { "outcome", "结果" }, { "more", "其他" } };
    struct cli_table *t = cli_table_new(10);
    char time[32];
    if (t == NULL)
        return;
    cli_table_right(t, 0);
    for (size_t i = 0; i < 10; i++)
        cli_table_cell(t, "%s", say(heads[i][0], heads[i][1]));
    for (uint32_t i = 0; i < p->events_n; i++) {
        const struct tl_event *ev = &p->event[i].ev;
        cli_table_cell(t, "%llu", (unsigned long long)p->event[i].row);
        cli_table_cell(t, "%.19s", ev->has & TL_HAS(time) ? tl_time_format(ev->time_, time) : "");
        cli_table_text(t, ev->has & TL_HAS(type) ? ev->type_ : ev->touchpoint_);
        cli_table_text(t, ev->has & TL_HAS(channel) ? ev->channel_ : TL_STR(""));
        put_ids(t, ev);
        cli_table_text(t, ev->has & TL_HAS(agent) ? ev->agent_ : TL_STR(""));
        put_ms(t, (ev->has & TL_HAS(wait_ms)) != 0, ev->wait_ms_);
        put_ms(t, (ev->has & TL_HAS(handle_ms)) != 0, ev->handle_ms_);
        cli_table_text(t, ev->has & TL_HAS(outcome) ? ev->outcome_ : TL_STR(""));
        put_rest(t, ev);
    }
    cli_table_print(t, stdout);
    cli_table_free(&t);
}

static void
print_people(const struct preview *p, const char *path, const struct tl_mapped *count)
{
    printf(say("%s: the first %u events%s\n", "%s:前 %u 个事件%s\n"), path, p->events_n, p->cut ? say(", more follow", ",后面还有") : "");
    print_events(p);
    if (count->left_out > 0)
        printf(say("%llu rows met no event's \"when\"\n", "%llu 行不符合任何事件的 \"when\" 条件\n"), (unsigned long long)count->left_out);
    for (uint32_t i = 0; i < p->faults_n; i++) {
        const struct fault *f = &p->fault[i];
        printf(say("not understood: row %llu", "无法理解:第 %llu 行"), (unsigned long long)f->row);
        if (f->column[0])
            printf(say(", column \"%s\"", ",列 \"%s\""), f->column);
        printf(": %s\n", f->why);
    }
    if (p->more)
        printf("%s\n", say("(the first 20 are shown)", "(只显示前 20 条)"));
}

/* ---- for programs ---- */
static void
print_json(const struct preview *p, const char *path, const struct tl_import_source *src, const struct tl_mapped *count)
{
    struct tl_buf b = {0};
    struct tl_jw w = tl_jw_to(&b);
    tl_jw_open(&w, NULL);
    tl_jw_cstr(&w, "file", path);
    tl_jw_uint(&w, "rows", src->rows);
    tl_jw_uint(&w, "left_out", count->left_out);
    tl_jw_bool(&w, "more", p->cut);
    tl_jw_array(&w, "events");
    for (uint32_t i = 0; i < p->events_n; i++) {
        tl_jw_open(&w, NULL);
        tl_jw_uint(&w, "row", p->event[i].row);
        tl_jw_raw(&w, "event", p->event[i].json);
        tl_jw_close(&w);
    }
    tl_jw_end(&w);
    tl_jw_array(&w, "not_understood");
    for (uint32_t i = 0; i < p->faults_n; i++) {
        tl_jw_open(&w, NULL);
        tl_jw_uint(&w, "row", p->fault[i].row);
        tl_jw_cstr(&w, "column", p->fault[i].column);
        tl_jw_cstr(&w, "reason", p->fault[i].why);
        tl_jw_close(&w);
    }
    tl_jw_end(&w);
    tl_jw_close(&w);
    fwrite(b.data, 1, b.len, stdout);
    fputc('\n', stdout);
    tl_buf_free(&b);
}

static void
show_columns(void *arg, struct tl_str text)
{
    (void)arg;
    fwrite(text.p, 1, text.n, stderr);
}

int
import_preview(const char *path, const struct tl_mapping *mapping, const char *format, bool json, struct tl_err *err)
{
    struct preview *p = tl_alloc(sizeof *p);
    struct tl_import_source src = { .path = path, .run = "preview" };
    struct tl_mapped count = {0};
    enum tl_import_format f;
    if (p == NULL || (p->arena = tl_arena_new(16u << 20)) == NULL || (p->reader = tl_event_reader_new()) == NULL) {
        if (p != NULL)
            tl_arena_free(&p->arena);
        tl_free(p);
        return tl_fail(err, TL_ENOMEM, "out of memory");
    }
    const struct tl_import_sink sink = { .event = take_event, .bad = take_bad, .fault = take_fault, .mapping = json ? NULL : show_columns, .arg = p };
    int rc = tl_import_format_named(format, path, &f, err);
    if (rc == 0)
        rc = tl_import_file(&src, mapping, f, &sink, &count, err);
    if (rc == ENOUGH)
        rc = 0;
    if (rc == 0 && json)
        print_json(p, path, &src, &count);
    else if (rc == 0)
        print_people(p, path, &count);
    tl_event_reader_free(&p->reader);
    tl_arena_free(&p->arena);
    tl_free(p);
    return rc;
}
