/* tl_import_map.c - see tl_import_map.h. */
#include "tl_import_map.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

/* ---- what fields there are: schemas/event.def ---- */
static const struct field { const char *name; enum tl_field_form form; const char *words; } fields[] = {
#define EV_TEXT(name, ...) { #name, TL_FIELD_TEXT, NULL },
#define EV_WORD(name, words, doc) { #name, TL_FIELD_WORD, words },
#define EV_TIME(name, ...) { #name, TL_FIELD_TIME, NULL },
#define EV_U64(name, ...) { #name, TL_FIELD_U64, NULL },
#define EV_IDS(name, ...) { #name, TL_FIELD_OTHER, NULL },
#define EV_SCORES(name, ...) { #name, TL_FIELD_OTHER, NULL },
#define EV_PROMISE(name, ...) { #name, TL_FIELD_OTHER, NULL },
#define EV_VALUE(name, ...) { #name, TL_FIELD_OTHER, NULL },
#define EV_JSON(name, ...) { #name, TL_FIELD_OTHER, NULL },
#include "event.def"
#undef EV_TEXT
#undef EV_WORD
#undef EV_TIME
#undef EV_U64
#undef EV_IDS
#undef EV_SCORES
#undef EV_PROMISE
#undef EV_VALUE
#undef EV_JSON
};
#define FIELDS_N (sizeof fields / sizeof fields[0])
static const struct field *
field_of(const char *name)
{
    for (size_t i = 0; i < FIELDS_N; i++)
        if (strcmp(fields[i].name, name) == 0)
            return &fields[i];
    return NULL;
}

enum tl_field_form
tl_field_form(const char *name, const char **words)
{
    const struct field *f = field_of(name);
    if (words != NULL)
        *words = f != NULL && f->words != NULL ? f->words : "";
    return f != NULL ? f->form : TL_FIELD_NONE;
}

bool
tl_import_map_word_known(const char *field, struct tl_str value)
{
    const struct field *f = field_of(field);
    if (f == NULL || f->form == TL_FIELD_TEXT || f->form == TL_FIELD_TIME)
        return true;
    if (f->form == TL_FIELD_U64) {
        for (size_t i = 0; i < value.n; i++)
            if (value.p[i] < '0' || value.p[i] > '9')
                return false;
        return value.n > 0 && value.n < 19;
    }
    for (const char *w = f->words; *w != '\0';) {
        size_t n = strcspn(w, " ");
        if (n == value.n && memcmp(w, value.p, n) == 0)
            return true;
        w += n + (w[n] == ' ');
    }
    return false;
}

/* ---- guessing by name: lower-case letters and digits only (and any character beyond ASCII) ---- */
static const struct guess { const char *name; enum map_role role; const char *to; } guesses[] = {
    { "caseconceptname", MAP_CASE, "journey" }, { "caseid", MAP_CASE, "journey" }, { "case", MAP_CASE, "journey" },
    { "traceid", MAP_CASE, "journey" }, { "trace", MAP_CASE, "journey" }, { "journeyid", MAP_CASE, "journey" },
    { "journey", MAP_CASE, "journey" }, { "案例", MAP_CASE, "journey" }, { "案例编号", MAP_CASE, "journey" },
    { "旅程", MAP_CASE, "journey" }, { "旅程编号", MAP_CASE, "journey" }, { "流程编号", MAP_CASE, "journey" },
    { "conceptname", MAP_FIELD, "type" }, { "activity", MAP_FIELD, "type" }, { "activityname", MAP_FIELD, "type" },
    { "event", MAP_FIELD, "type" }, { "eventname", MAP_FIELD, "type" }, { "eventtype", MAP_FIELD, "type" },
    { "type", MAP_FIELD, "type" }, { "action", MAP_FIELD, "type" }, { "活动", MAP_FIELD, "type" }, { "事件", MAP_FIELD, "type" },
    { "事件名称", MAP_FIELD, "type" }, { "事件类型", MAP_FIELD, "type" }, { "行为", MAP_FIELD, "type" },
    { "timetimestamp", MAP_FIELD, "time" }, { "timestamp", MAP_FIELD, "time" }, { "time", MAP_FIELD, "time" },
    { "datetime", MAP_FIELD, "time" }, { "eventtime", MAP_FIELD, "time" }, { "eventtimestamp", MAP_FIELD, "time" },
    { "completetimestamp", MAP_FIELD, "time" }, { "starttimestamp", MAP_FIELD, "time" }, { "starttime", MAP_FIELD, "time" },
    { "createdat", MAP_FIELD, "time" }, { "occurredat", MAP_FIELD, "time" }, { "date", MAP_FIELD, "time" }, { "ts", MAP_FIELD, "time" },
    { "时间", MAP_FIELD, "time" }, { "时间戳", MAP_FIELD, "time" }, { "发生时间", MAP_FIELD, "time" }, { "日期", MAP_FIELD, "time" },
    { "orgresource", MAP_FIELD, "agent" }, { "resource", MAP_FIELD, "agent" }, { "agent", MAP_FIELD, "agent" },
    { "agentid", MAP_FIELD, "agent" }, { "employee", MAP_FIELD, "agent" }, { "坐席", MAP_FIELD, "agent" }, { "员工", MAP_FIELD, "agent" },
    { "lifecycletransition", MAP_FIELD, "lifecycle" }, { "lifecycle", MAP_FIELD, "lifecycle" }, { "transition", MAP_FIELD, "lifecycle" },
    { "memberid", MAP_ID, "member" }, { "member", MAP_ID, "member" }, { "会员号", MAP_ID, "member" }, { "会员编号", MAP_ID, "member" },
    { "userid", MAP_ID, "user" }, { "uid", MAP_ID, "user" }, { "customerid", MAP_ID, "user" }, { "customer", MAP_ID, "user" },
    { "clientid", MAP_ID, "user" }, { "客户编号", MAP_ID, "user" }, { "客户", MAP_ID, "user" }, { "用户编号", MAP_ID, "user" },
    { "email", MAP_ID, "email" }, { "mail", MAP_ID, "email" }, { "邮箱", MAP_ID, "email" },
    { "phone", MAP_ID, "phone" }, { "phonenumber", MAP_ID, "phone" }, { "mobile", MAP_ID, "phone" },
    { "手机", MAP_ID, "phone" }, { "手机号", MAP_ID, "phone" }, { "电话", MAP_ID, "phone" },
    { "anonymousid", MAP_ID, "anonymous" }, { "visitorid", MAP_ID, "anonymous" }, { "deviceid", MAP_ID, "device" },
    { "touchpoint", MAP_FIELD, "touchpoint" }, { "触点", MAP_FIELD, "touchpoint" }, { "channel", MAP_FIELD, "channel" },
    { "渠道", MAP_FIELD, "channel" }, { "place", MAP_FIELD, "place" }, { "store", MAP_FIELD, "place" }, { "storeid", MAP_FIELD, "place" },
    { "branch", MAP_FIELD, "place" }, { "门店", MAP_FIELD, "place" }, { "orderid", MAP_FIELD, "order" }, { "order", MAP_FIELD, "order" },
    { "订单号", MAP_FIELD, "order" }, { "ticketid", MAP_FIELD, "case" }, { "工单号", MAP_FIELD, "case" },
    { "outcome", MAP_FIELD, "outcome" }, { "direction", MAP_FIELD, "direction" }, { "initiator", MAP_FIELD, "initiator" },
    { "actor", MAP_FIELD, "actor" }, { "mode", MAP_FIELD, "mode" }, { "tier", MAP_FIELD, "tier" },
    { "waitms", MAP_FIELD, "wait_ms" }, { "handlems", MAP_FIELD, "handle_ms" }, { "nps", MAP_SCORE, "nps" }, { "csat", MAP_SCORE, "csat5" },
};

static void
plain_name(struct tl_str title, char out[128])
{
    size_t n = 0;
    for (size_t i = 0; i < title.n && n < 127; i++) {
        char c = title.p[i];
        c = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80)
            out[n++] = c;
    }
    out[n] = '\0';
}

static bool
is_taken(const struct tl_import_map *m, enum map_role role, const char *name)
{
    for (uint32_t i = 0; i < m->columns_n; i++)
        if (m->column[i].role == role && m->column[i].name != NULL && strcmp(m->column[i].name, name) == 0)
            return true;
    return false;
}

static bool
rename_column(struct map_column *c, enum map_role role, const char *name, bool guessed)
{
    tl_free(c->name);
    c->name = tl_strdup(tl_str_of(name));
    c->role = role;
    c->guessed = guessed;
    return c->name != NULL;
}

/* in the table's order, so that concept:name wins over Activity whatever stands first in the file */
static bool
guess_all(struct tl_import_map *m)
{
    char plain[128];
    for (size_t g = 0; g < sizeof guesses / sizeof guesses[0]; g++) {
        if (is_taken(m, guesses[g].role, guesses[g].to))
            continue;
        for (uint32_t i = 0; i < m->columns_n; i++) {
            struct map_column *c = &m->column[i];
            plain_name(tl_str_of(c->title), plain);
            if (c->role != MAP_PROP || strcmp(plain, guesses[g].name) != 0)
                continue;
            if (!rename_column(c, guesses[g].role, guesses[g].to, true))
                return false;
            break;
        }
    }
    return true;
}

/* ---- the mapping file ---- */
struct tl_import_map *
tl_import_map_new(void)
{
    return tl_alloc(sizeof(struct tl_import_map));
}

void
tl_import_map_free(struct tl_import_map **mp)
{
    struct tl_import_map *m = *mp;
    if (m == NULL)
        return;
    for (uint32_t i = 0; i < m->columns_n; i++) {
        tl_free(m->column[i].title);
        tl_free(m->column[i].name);
    }
    tl_free(m->column);
    tl_free(m->time_format);
    tl_zone_free(&m->zone);
    tl_free(m);
    *mp = NULL;
}

/* ---- columns ---- */
static void
list_columns(const struct tl_import_map *m, char *out, size_t cap)
{
    size_t n = 0;
    out[0] = '\0';
    for (uint32_t i = 0; i < m->columns_n && n + 2 < cap; i++)
        n += (size_t)snprintf(out + n, cap - n, "%s%s", i > 0 ? ", " : "", m->column[i].title);
}

static int
take_header(struct tl_import_map *m, const struct tl_str *header, uint32_t n, struct tl_err *err)
{
    m->column = tl_alloc(n * sizeof *m->column);
    for (uint32_t i = 0; i < n && m->column != NULL; i++) {
        char unnamed[32];
        struct tl_str title = header[i];
        snprintf(unnamed, sizeof unnamed, "column_%u", i + 1);
        if (title.n == 0)
            title = tl_str_of(unnamed);
        struct map_column *c = &m->column[m->columns_n++];
        c->title = tl_strdup(title);
        bool of_case = title.n > 5 && strncasecmp(title.p, "case:", 5) == 0;
        c->name = tl_strdup(of_case ? (struct tl_str){ title.p + 5, title.n - 5 } : title);
        c->role = MAP_PROP;
        if (c->title == NULL || c->name == NULL)
            return tl_fail(err, TL_ENOMEM, "out of memory");
    }
    return m->column != NULL ? 0 : tl_fail(err, TL_ENOMEM, "out of memory");
}

static void
settle_props(struct tl_import_map *m)
{
    for (uint32_t i = 0; i < m->columns_n; i++) {
        struct map_column *c = &m->column[i];
        if (c->role == MAP_PROP && strncasecmp(c->title, "case:", 5) == 0)
            c->role = MAP_TRACE_PROP;
    }
}

static bool
has_role(const struct tl_import_map *m, enum map_role role)
{
    for (uint32_t i = 0; i < m->columns_n; i++)
        if (m->column[i].role == role)
            return true;
    return false;
}

int
tl_import_map_bind(struct tl_import_map *m, const struct tl_str *header, uint32_t n, struct tl_err *err)
{
    if (n > TL_MAP_COLUMNS_MAX)
        return tl_fail(err, TL_ETOOBIG, "the header has %u columns; at most %d are read", n, TL_MAP_COLUMNS_MAX);
    int rc = take_header(m, header, n, err);
    if (rc != 0)
        return rc;
    if (!guess_all(m))
        return tl_fail(err, TL_ENOMEM, "out of memory");
    settle_props(m);
    const char *missing = NULL;
    if (!is_taken(m, MAP_FIELD, "type") && !is_taken(m, MAP_FIELD, "touchpoint"))
        missing = "what happened (type)";
    else if (!is_taken(m, MAP_FIELD, "time"))
        missing = "when (time)";
    else if (!has_role(m, MAP_CASE) && !has_role(m, MAP_ID))
        missing = "who (a case, or an identity)";
    if (missing == NULL)
        return 0;
    char names[120];
    list_columns(m, names, sizeof names);
    return tl_fail(err, TL_ECONFIG, "cannot tell which column says %s; columns: %s. Name it in a mapping file: see `touchline help import`", missing, names);
}

int
tl_import_map_time_column(const struct tl_import_map *m)
{
    for (uint32_t i = 0; i < m->columns_n; i++)
        if (m->column[i].role == MAP_FIELD && strcmp(m->column[i].name, "time") == 0)
            return (int)i;
    return -1;
}

void
tl_import_map_show(const struct tl_import_map *m, struct tl_buf *b)
{
    size_t wide = 8;
    for (uint32_t i = 0; i < m->columns_n; i++)
        wide = strlen(m->column[i].title) > wide ? strlen(m->column[i].title) : wide;
    wide = wide > 40 ? 40 : wide;
    for (uint32_t i = 0; i < m->columns_n; i++) {
        const struct map_column *c = &m->column[i];
        tl_buf_printf(b, "  %-*s  ", (int)wide, c->title);
        if (c->role == MAP_CASE)
            tl_buf_printf(b, "journey%s\n", has_role(m, MAP_ID) ? "" : " and customer");
        else
            tl_buf_printf(b, "%s%s\n", c->role == MAP_ID ? "ids." : c->role == MAP_SCORE ? "scores." : c->role == MAP_PROP ? "props."
                          : c->role == MAP_TRACE_PROP ? "props.trace." : "", c->name);
    }
    if (m->time_format != NULL)
        tl_buf_printf(b, "  times are read as %s, %s where no offset stands\n", m->time_format, m->zone != NULL ? tl_zone_name(m->zone) : "UTC");
}
