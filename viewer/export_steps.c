/* export_steps.c - journeys step by step: CSV for spreadsheets, XES for process mining. */
#include <stdio.h>

#include "export_in.h"
#include "render.h"
#include "tl_time.h"

static const char *
lifecycle_word(uint8_t l)
{
    static const char *const word[] = { "", "schedule", "start", "complete", "other", "complete" };    /* a merged step has completed */
    return l < sizeof word / sizeof word[0] ? word[l] : "other";
}

/* ---- CSV (RFC 4180) ---- */

static void
csv_text(struct tl_buf *b, struct tl_str s)
{
    tl_buf_put_u8(b, '"');
    if (s.n && memchr("=+-@\t\r", s.p[0], 6)) tl_buf_put_u8(b, '\'');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"') tl_buf_put_u8(b, '"');
        tl_buf_put_u8(b, (uint8_t)s.p[i]);
    }
    tl_buf_put_u8(b, '"');
}

static int
csv_journey(void *arg, struct tl_str key, const struct tl_journey *j, enum tl_end end)
{
    struct export *x = arg;
    struct tl_buf *b = &x->out;
    char hex[33], start[32], t0[32], t1[32];
    (void)key;
    int rc = export_customer(x, j->customer, hex);
    if (rc) return rc;
    tl_time_format(j->start_ms, start);
    for (uint32_t i = 0; i < j->steps_n; i++) {
        const struct tl_step *s = &j->step[i];
        tl_buf_printf(b, "%s,%s,%s,%s,%u,", hex, start, render_end(end), render_stream(j->stream), i + 1);
        csv_text(b, tl_store_word(x->rows.txn, s->touchpoint));
        tl_buf_put_u8(b, ',');
        csv_text(b, s->channel ? tl_store_word(x->rows.txn, s->channel) : TL_STR(""));
        tl_buf_printf(b, ",%s,%s,%s,", lifecycle_word(s->lifecycle), tl_time_format(s->start_ms, t0), tl_time_format(s->end_ms, t1));
        if (i) tl_buf_printf(b, "%lld", (long long)step_wait_ms(s - 1, s));
        tl_buf_put_str(b, "\r\n");
    }
    return 0;
}

int
export_csv(struct export *x)
{
    tl_buf_put_str(&x->out, "customer,journey_start,outcome,stream,step,touchpoint,channel,lifecycle,start,end,wait_ms\r\n");
    return export_each(x, csv_journey, x);
}

/* ---- XES (IEEE 1849) ---- */

static void
xml_text(struct tl_buf *b, struct tl_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = (uint8_t)s.p[i];
        if (c == '<') tl_buf_put_str(b, "&lt;");
        else if (c == '>') tl_buf_put_str(b, "&gt;");
        else if (c == '&') tl_buf_put_str(b, "&amp;");
        else if (c == '"') tl_buf_put_str(b, "&quot;");
        else if (c == '\t' || c == '\n' || c == '\r') tl_buf_printf(b, "&#%u;", c);
        else if (c < 32) tl_buf_put_str(b, "\xEF\xBF\xBD");     /* XML 1.0 has no such characters at all */
        else tl_buf_put_u8(b, c);
    }
}

static void
xes_string(struct tl_buf *b, const char *indent, const char *key, struct tl_str v)
{
    tl_buf_printf(b, "%s<string key=\"%s\" value=\"", indent, key);
    xml_text(b, v);
    tl_buf_put_str(b, "\"/>\n");
}

static int
xes_journey(void *arg, struct tl_str key, const struct tl_journey *j, enum tl_end end)
{
    struct export *x = arg;
    struct tl_buf *b = &x->out;
    char hex[33], at[32], name[96];
    (void)key;
    int rc = export_customer(x, j->customer, hex);
    if (rc) return rc;
    snprintf(name, sizeof name, "%s.%lld.%u", hex, (long long)j->start_ms, j->tag);
    tl_buf_put_str(b, "\t<trace>\n");
    xes_string(b, "\t\t", "concept:name", tl_str_of(name));
    xes_string(b, "\t\t", "customer", tl_str_of(hex));
    xes_string(b, "\t\t", "outcome", tl_str_of(render_end(end)));
    for (uint32_t i = 0; i < j->steps_n; i++) {
        const struct tl_step *s = &j->step[i];
        tl_buf_put_str(b, "\t\t<event>\n");
        xes_string(b, "\t\t\t", "concept:name", tl_store_word(x->rows.txn, s->touchpoint));
        tl_buf_printf(b, "\t\t\t<date key=\"time:timestamp\" value=\"%s\"/>\n", tl_time_format(s->start_ms, at));
        if (s->lifecycle != TL_LC_NONE) xes_string(b, "\t\t\t", "lifecycle:transition", tl_str_of(lifecycle_word(s->lifecycle)));
        if (s->channel) xes_string(b, "\t\t\t", "channel", tl_store_word(x->rows.txn, s->channel));
        tl_buf_put_str(b, "\t\t</event>\n");
    }
    tl_buf_put_str(b, "\t</trace>\n");
    return 0;
}

int
export_xes(struct export *x)
{
    tl_buf_put_str(&x->out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<log xes.version=\"1.0\" xes.features=\"\" xmlns=\"http://www.xes-standard.org/\">\n"
                            "\t<extension name=\"Concept\" prefix=\"concept\" uri=\"http://www.xes-standard.org/concept.xesext\"/>\n"
                            "\t<extension name=\"Time\" prefix=\"time\" uri=\"http://www.xes-standard.org/time.xesext\"/>\n"
                            "\t<extension name=\"Lifecycle\" prefix=\"lifecycle\" uri=\"http://www.xes-standard.org/lifecycle.xesext\"/>\n");
    int rc = export_each(x, xes_journey, x);
    tl_buf_put_str(&x->out, "</log>\n");
    return rc;
}
