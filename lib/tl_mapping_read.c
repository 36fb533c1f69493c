/* tl_mapping_read.c - a mapping file's top object and its kinds of events. What a value is made of: tl_mapping_source.c. */
#include "tl_mapping_in.h"

#include <errno.h>
#include <stdio.h>

#include "tl_decode.h"
#include "tl_import_map.h"

#define ARENA_BYTES (8u * 1024 * 1024)
#define APART_DEFAULT 1000
#define APART_MAX 100000
#define SKIP_MAX 1000

#define FIELDS_TOLD "type touchpoint channel time agent place order case journey lifecycle outcome initiator direction mode actor tier text id wait_ms handle_ms scores.KIND"
#define EVENT_TOLD "when key set fields ids value promise props lines"
#define TOP_TOLD "about format encoding delimiter quotes columns skip_lines decimal time_format timezone optional text only group events, or the members of one event: " EVENT_TOLD

int
mapping_wrong(struct map_reader *r, const struct tl_jv *v, const char *what)
{
    return tl_fail(r->err, TL_ECONFIG, "%s:%u: \"%.*s\" %s", r->m->file, v->line, (int)(v->name.n < 60 ? v->name.n : 60), v->name.p ? v->name.p : "", what);
}

static const char *
kept(struct map_reader *r, struct tl_str s)
{
    return tl_arena_dup(r->m->arena, s.p != NULL ? s.p : "", s.n);
}

/* ---- columns ---- */
static int
column_of(struct map_reader *r, const struct tl_jv *v, struct tl_str name, uint16_t *out)
{
    struct tl_mapping *m = r->m;
    if (name.n == 0)
        return mapping_wrong(r, v, "must name a column, in quotes");
    for (uint32_t i = 0; i < m->columns_n; i++)
        if (tl_str_is(name, m->column[i])) {
            *out = (uint16_t)i;
            return 0;
        }
    if (m->columns_n == TL_MAPPING_COLUMNS_MAX)
        return mapping_wrong(r, v, "is one column too many: a mapping speaks of at most 512");
    m->column[m->columns_n] = kept(r, name);
    *out = (uint16_t)m->columns_n++;
    return m->column[*out] != NULL ? 0 : tl_fail(r->err, TL_ENOMEM, "out of memory");
}

int
mapping_column(struct map_reader *r, const struct tl_jv *v, struct tl_str name, uint16_t *out)
{
    int rc = column_of(r, v, name, out);
    if (rc == 0)
        r->m->used[*out] = true;
    return rc;
}

int
mapping_columns(struct map_reader *r, const struct tl_jv *list, uint16_t **out, uint32_t *n)
{
    if (list->type != TL_JARRAY || list->children_n == 0)
        return mapping_wrong(r, list, "must be a list of columns, like [\"receipt\"]");
    *out = tl_arena_alloc(r->m->arena, list->children_n * sizeof **out);
    if (*out == NULL)
        return tl_fail(r->err, TL_ENOMEM, "out of memory");
    for (const struct tl_jv *c = list->child; c != NULL; c = c->next) {
        int rc = c->type != TL_JTEXT ? mapping_wrong(r, list, "must be a list of columns, each in quotes") : mapping_column(r, list, c->text, &(*out)[*n]);
        if (rc != 0)
            return rc;
        (*n)++;
    }
    return 0;
}

/* ---- one kind of event ---- */
static int
add_target(struct map_reader *r, struct map_event *e, const struct tl_jv *v, const char *group, struct tl_str name, enum map_kind kind, bool constant)
{
    char label[128];
    if (e->targets_n == MAPPING_TARGETS_MAX)
        return mapping_wrong(r, v, "is one value too many: an event has at most 128");
    struct map_target *t = &e->target[e->targets_n];
    snprintf(label, sizeof label, "%s.%.*s", group, (int)(name.n < 60 ? name.n : 60), name.p);
    *t = (struct map_target){ .name = kept(r, name), .kind = kind, .label = kept(r, tl_str_of(label)) };
    if (t->name == NULL || t->label == NULL)
        return tl_fail(r->err, TL_ENOMEM, "out of memory");
    int rc = 0;
    if (constant) {
        if (v->type != TL_JTEXT || v->text.n == 0)
            return mapping_wrong(r, v, "must be a text, the same for every row");
        t->source = (struct map_source){ .constant = v->text, .unless = -1, .row = ROW_FIRST };
    } else {
        rc = mapping_source(r, v, kind, &t->source);
    }
    bool known = t->source.constant.p == NULL || kind != TO_WORD || tl_import_map_word_known(t->name, t->source.constant);
    e->targets_n += rc == 0;
    if (rc == 0 && !known) {
        const char *words;
        char what[200];
        tl_field_form(t->name, &words);
        snprintf(what, sizeof what, "must be one of: %s", words);
        return mapping_wrong(r, v, what);
    }
    return rc;
}

static bool
kind_of_field(const char *name, enum map_kind *kind)
{
    static const char *const not_for_files[] = { "origin", "stream", "received_at", "sent_at", "session", "seq" };
    for (size_t i = 0; i < sizeof not_for_files / sizeof *not_for_files; i++)
        if (strcmp(not_for_files[i], name) == 0)
            return false;
    enum tl_field_form form = tl_field_form(name, NULL);
    *kind = strcmp(name, "journey") == 0 ? TO_THREAD : strcmp(name, "id") == 0 ? TO_ID_OWN : form == TL_FIELD_WORD ? TO_WORD : form == TL_FIELD_TIME ? TO_TIME
            : form == TL_FIELD_U64 ? TO_U64 : TO_TEXT;
    return form != TL_FIELD_NONE && form != TL_FIELD_OTHER;
}

static int
read_fields(struct map_reader *r, const struct tl_jv *group, struct map_event *e, bool constant)
{
    const char *label = constant ? "set" : "fields";
    if (group->type != TL_JOBJECT)
        return mapping_wrong(r, group, "must be an object: field to column");
    for (const struct tl_jv *v = group->child; v != NULL; v = v->next) {
        char name[64];
        enum map_kind kind = TO_SCORE;
        struct tl_str to = v->name;
        snprintf(name, sizeof name, "%.*s", (int)(v->name.n < 63 ? v->name.n : 63), v->name.p);
        if (strncmp(name, "scores.", 7) == 0)
            to = (struct tl_str){ v->name.p + 7, v->name.n - 7 };
        else if (!kind_of_field(name, &kind))
            return mapping_wrong(r, v, "is not a field of an event that a file may fill; fields: " FIELDS_TOLD "; who: \"ids\"; money: \"value\"; all else: \"props\"");
        if (to.n == 0)
            return mapping_wrong(r, v, "names no score; like scores.nps");
        int rc = add_target(r, e, v, label, to, kind, constant);
        if (rc != 0)
            return rc;
    }
    return 0;
}

static int
read_ids(struct map_reader *r, const struct tl_jv *group, struct map_event *e)
{
    int rc = group->type == TL_JOBJECT ? 0 : mapping_wrong(r, group, "must be an object: kind of identity to column, like {\"member\": \"card no\"}");
    for (const struct tl_jv *v = rc == 0 ? group->child : NULL; v != NULL && rc == 0; v = v->next) {
        bool word = v->name.n > 0 && v->name.n <= 40;
        for (size_t i = 0; i < v->name.n && word; i++)
            word = (v->name.p[i] >= 'a' && v->name.p[i] <= 'z') || (v->name.p[i] >= '0' && v->name.p[i] <= '9') || v->name.p[i] == '_';
        rc = word ? add_target(r, e, v, "ids", v->name, TO_IDENTITY, false)
                  : mapping_wrong(r, v, "must be a kind of identity: member user phone email anonymous device, or a word of your own (a-z 0-9 _, at most 40)");
    }
    return rc;
}

struct part { const char *name; enum map_kind kind; };

static int
read_parts(struct map_reader *r, const struct tl_jv *group, struct map_event *e, const char *label, const struct part *part, size_t parts_n, const char *told)
{
    if (group->type != TL_JOBJECT)
        return mapping_wrong(r, group, told);
    for (const struct tl_jv *v = group->child; v != NULL; v = v->next) {
        size_t i = 0;
        while (i < parts_n && !tl_str_is(v->name, part[i].name))
            i++;
        int rc = i < parts_n ? add_target(r, e, v, label, v->name, part[i].kind, false) : mapping_wrong(r, v, told);
        if (rc != 0)
            return rc;
    }
    return 0;
}

static int
read_value(struct map_reader *r, const struct tl_jv *group, struct map_event *e)
{
    static const struct part parts[] = { { "amount", TO_AMOUNT }, { "currency", TO_CURRENCY } };
    static const char told[] = "must be an object with \"amount\" and \"currency\", like {\"amount\": \"total\", \"currency\": {\"const\": \"CNY\"}}";
    int rc = read_parts(r, group, e, "value", parts, 2, told);
    return rc != 0 || (tl_jv_get(group, "amount") != NULL && tl_jv_get(group, "currency") != NULL) ? rc : mapping_wrong(r, group, told);
}

static int
read_promise(struct map_reader *r, const struct tl_jv *group, struct map_event *e)
{
    static const struct part parts[] = { { "what", TO_PROMISE_WHAT }, { "due", TO_PROMISE_DUE }, { "kept", TO_PROMISE_KEPT } };
    static const char told[] = "must be an object with \"what\" and one of \"due\" (a time) and \"kept\" (true or false)";
    int rc = read_parts(r, group, e, "promise", parts, 3, told);
    bool whole = tl_jv_get(group, "what") != NULL && (tl_jv_get(group, "due") == NULL) != (tl_jv_get(group, "kept") == NULL);
    return rc != 0 || whole ? rc : mapping_wrong(r, group, told);
}

/* ["a", "b"]: columns by their own names; {"name": SOURCE} */
static int
read_props(struct map_reader *r, const struct tl_jv *props, struct map_event *e)
{
    int rc = props->type == TL_JARRAY || props->type == TL_JOBJECT ? 0 : mapping_wrong(r, props, "must be a list of columns, or an object: name to column");
    for (const struct tl_jv *v = rc == 0 ? props->child : NULL; v != NULL && rc == 0; v = v->next) {
        if (props->type == TL_JARRAY && v->type != TL_JTEXT)
            return mapping_wrong(r, props, "must be a list of columns, each in quotes");
        struct tl_str name = props->type == TL_JARRAY ? v->text : v->name;
        if (name.n == 0 || name.n > 100)
            return mapping_wrong(r, props, "names a prop of no or of more than 100 letters");
        rc = add_target(r, e, v, "props", name, TO_PROP, false);
    }
    return rc;
}

static int
read_lines(struct map_reader *r, const struct tl_jv *v, struct map_event *e)
{
    static const char told[] = "must be {\"name\": \"items\", \"props\": {...}}: a group's rows as a list in props";
    const struct tl_jv *props = tl_jv_get(v, "props");
    struct tl_str name = tl_jv_text(v, "name");
    struct map_event part = { .target = tl_arena_alloc(r->m->arena, MAPPING_TARGETS_MAX * sizeof *part.target) };
    if (v->type != TL_JOBJECT || v->children_n != 2 || name.n == 0 || name.n > 100 || props == NULL)
        return mapping_wrong(r, v, told);
    if (r->m->by == NULL)
        return mapping_wrong(r, v, "needs \"group\": without it an event has one row");
    if (part.target == NULL)
        return tl_fail(r->err, TL_ENOMEM, "out of memory");
    int rc = read_props(r, props, &part);
    e->lines = kept(r, name);
    e->line = part.target;
    e->lines_n = part.targets_n;
    return rc;
}

static int
read_event_member(struct map_reader *r, const struct tl_jv *v, struct map_event *e)
{
    static const struct { const char *name; int (*read)(struct map_reader *, const struct tl_jv *, struct map_event *); } objects[] = {
        { "ids", read_ids }, { "value", read_value }, { "promise", read_promise }, { "props", read_props }, { "lines", read_lines },
    };
    if (tl_str_is(v->name, "when"))
        return mapping_conditions(r, v, &e->when);
    if (tl_str_is(v->name, "key"))
        return mapping_columns(r, v, &e->key, &e->keys_n);
    if (tl_str_is(v->name, "fields") || tl_str_is(v->name, "set"))
        return read_fields(r, v, e, v->name.n == 3);
    for (size_t i = 0; i < sizeof objects / sizeof *objects; i++)
        if (tl_str_is(v->name, objects[i].name))
            return objects[i].read(r, v, e);
    return mapping_wrong(r, v, "is not allowed here; an event has: " EVENT_TOLD);
}

bool
mapping_event_member(struct tl_str name)
{
    for (const char *w = EVENT_TOLD; *w != '\0';) {
        size_t n = strcspn(w, " ");
        if (n == name.n && memcmp(w, name.p, n) == 0)
            return true;
        w += n + (w[n] == ' ');
    }
    return false;
}

static bool
has_target(const struct map_event *e, enum map_kind kind, const char *name)
{
    for (uint32_t i = 0; i < e->targets_n; i++)
        if (e->target[i].kind == kind && (name == NULL || strcmp(e->target[i].name, name) == 0))
            return true;
    return false;
}

int
mapping_event(struct map_reader *r, const struct tl_jv *object, struct map_event *e, bool top)
{
    int rc = object->type == TL_JOBJECT ? 0 : mapping_wrong(r, object, "must be a list of objects, each an event");
    e->target = rc == 0 ? tl_arena_alloc(r->m->arena, MAPPING_TARGETS_MAX * sizeof *e->target) : NULL;
    if (rc == 0 && e->target == NULL)
        return tl_fail(r->err, TL_ENOMEM, "out of memory");
    e->rest = top && tl_jv_get(object, "props") == NULL && r->m->by == NULL;
    for (const struct tl_jv *v = rc == 0 ? object->child : NULL; v != NULL && rc == 0; v = v->next)
        if (!top || mapping_event_member(v->name))
            rc = read_event_member(r, v, e);
    if (rc != 0)
        return rc;
    const char *missing = !has_target(e, TO_TEXT, "type") && !has_target(e, TO_TEXT, "touchpoint") ? "says nowhere what happened: \"type\" in \"fields\" or \"set\""
                        : !has_target(e, TO_TIME, "time")                                          ? "says nowhere when: \"time\" in \"fields\""
                        : !has_target(e, TO_IDENTITY, NULL) && !has_target(e, TO_THREAD, NULL)      ? "says nowhere who: an identity in \"ids\", or \"journey\" in \"fields\""
                                                                                                    : NULL;
    if (missing == NULL)
        return 0;
    return tl_fail(r->err, TL_ECONFIG, "%s:%u: this event %s", r->m->file, object->line, missing);
}

/* ---- the top object ---- */
int
mapping_zone(struct map_reader *r, const struct tl_jv *v, const struct tl_zone **out)
{
    char name[64];
    struct tl_err why;
    struct tl_mapping *m = r->m;
    if (v->type != TL_JTEXT || m->zones_n == MAPPING_ZONES_MAX)
        return mapping_wrong(r, v, "must be a time zone like \"Asia/Shanghai\"; a mapping has at most 8");
    snprintf(name, sizeof name, "%.*s", (int)(v->text.n < 63 ? v->text.n : 63), v->text.p);
    if (tl_zone_open(&m->zone[m->zones_n], name, &why) != 0)
        return tl_fail(r->err, TL_ECONFIG, "%s:%u: \"%.*s\": there is no time zone \"%s\"; names are like Asia/Shanghai, Europe/Berlin, UTC", m->file, v->line, (int)v->name.n, v->name.p, name);
    *out = m->zone[m->zones_n++];
    return 0;
}

static int
read_encoding(struct map_reader *r, const struct tl_jv *v)
{
    r->m->encoding = kept(r, v->text);
    return v->type == TL_JTEXT && tl_decode_known(r->m->encoding) ? 0 : mapping_wrong(r, v, "must be an encoding as iconv names it: UTF-8 GB18030 GBK BIG5 WINDOWS-1252 ...");
}

static int
read_format(struct map_reader *r, const struct tl_jv *v)
{
    for (int f = 0; f < TL_IMPORT_FORMATS; f++)
        if (v->type == TL_JTEXT && tl_str_is(v->text, tl_import_format_word((enum tl_import_format)f))) {
            r->m->format = (enum tl_import_format)f;
            r->m->has_format = true;
            return 0;
        }
    return mapping_wrong(r, v, "must be one of: csv ndjson xes");
}

static int
read_char(struct map_reader *r, const struct tl_jv *v)
{
    bool decimal = tl_str_is(v->name, "decimal");
    bool one = v->type == TL_JTEXT && v->text.n == 1;
    char c = one ? v->text.p[0] : '\0';
    if (decimal && c != '.' && c != ',')
        return mapping_wrong(r, v, "must be \".\" or \",\"");
    if (!one || c == '"' || c == '\n' || c == '\r')
        return mapping_wrong(r, v, "must be one character, like \",\" \";\" \"\\t\" \"|\"");
    *(decimal ? &r->m->decimal : &r->m->delimiter) = c;
    return 0;
}

static int
read_header(struct map_reader *r, const struct tl_jv *v)
{
    uint16_t at;
    struct tl_mapping *m = r->m;
    if (v->type != TL_JARRAY || v->children_n == 0 || v->children_n > TL_MAPPING_COLUMNS_MAX)
        return mapping_wrong(r, v, "must be a list of names, at most 512: the columns of a file without a line of names");
    m->header = tl_arena_alloc(m->arena, v->children_n * sizeof *m->header);
    for (const struct tl_jv *c = v->child; c != NULL && m->header != NULL; c = c->next) {
        if (c->type != TL_JTEXT || column_of(r, v, c->text, &at) != 0)
            return mapping_wrong(r, v, "must be a list of names, each a text");
        m->header[m->header_n++] = c->text;
    }
    return m->header != NULL ? 0 : tl_fail(r->err, TL_ENOMEM, "out of memory");
}

static int
mark_columns(struct map_reader *r, const struct tl_jv *v, bool *flag)
{
    uint16_t at;
    int rc = v->type == TL_JARRAY ? 0 : mapping_wrong(r, v, "must be a list of columns, like [\"zip\"]");
    for (const struct tl_jv *c = rc == 0 ? v->child : NULL; c != NULL && rc == 0; c = c->next) {
        rc = c->type != TL_JTEXT ? mapping_wrong(r, v, "must be a list of columns, each in quotes") : column_of(r, v, c->text, &at);
        if (rc == 0)
            flag[at] = true;
    }
    return rc;
}

static int
read_group_rows(struct map_reader *r, const struct tl_jv *rows)
{
    struct tl_mapping *m = r->m;
    if (rows->type != TL_JOBJECT)
        return mapping_wrong(r, rows, "must be an object: a name to the condition that its row meets");
    for (const struct tl_jv *v = rows->child; v != NULL; v = v->next) {
        if (m->rows_n == MAPPING_NAMED_ROWS_MAX)
            return mapping_wrong(r, v, "is one row too many: at most 16");
        if (tl_str_is(v->name, "first") || tl_str_is(v->name, "last") || tl_str_is(v->name, "sum") || v->name.n == 0)
            return mapping_wrong(r, v, "is taken: first, last and sum mean what they say");
        m->row[m->rows_n].name = v->name;
        int rc = mapping_conditions(r, v, &m->row[m->rows_n].when);
        if (rc != 0)
            return rc;
        m->rows_n++;
    }
    return 0;
}

static int
read_group(struct map_reader *r, const struct tl_jv *v)
{
    static const char told[] = "must be {\"by\": [columns], \"rows\": {...}, \"end\": condition, \"apart\": 1..100000}; \"by\" is required";
    const struct tl_jv *by = tl_jv_get(v, "by");
    struct tl_mapping *m = r->m;
    if (v->type != TL_JOBJECT || by == NULL)
        return mapping_wrong(r, v, told);
    int rc = mapping_columns(r, by, &m->by, &m->by_n);
    m->group_apart = APART_DEFAULT;
    for (const struct tl_jv *c = v->child; c != NULL && rc == 0; c = c->next) {
        if (c == by)
            continue;
        if (tl_str_is(c->name, "rows"))
            rc = read_group_rows(r, c);
        else if (tl_str_is(c->name, "end"))
            rc = mapping_conditions(r, c, &m->group_end);
        else if (tl_str_is(c->name, "apart") && c->is_int && c->integer >= 1 && c->integer <= APART_MAX)
            m->group_apart = (uint32_t)c->integer;
        else
            rc = mapping_wrong(r, c, told);
    }
    return rc;
}

static int
read_events(struct map_reader *r, const struct tl_jv *list)
{
    struct tl_mapping *m = r->m;
    if (list->type != TL_JARRAY || list->children_n == 0 || list->children_n > TL_MAPPING_EVENTS_MAX)
        return mapping_wrong(r, list, "must be a list of 1 to 32 kinds of events");
    for (const struct tl_jv *v = list->child; v != NULL; v = v->next) {
        int rc = mapping_event(r, v, &m->event[m->events_n], false);
        if (rc != 0)
            return rc;
        m->events_n++;
    }
    return 0;
}

static int
read_top(struct map_reader *r, const struct tl_jv *v, bool list)
{
    struct tl_mapping *m = r->m;
    struct tl_str name = v->name;
    if (tl_str_is(name, "about") && v->type == TL_JTEXT)
        return 0;
    if (tl_str_is(name, "format"))
        return read_format(r, v);
    if (tl_str_is(name, "encoding"))
        return read_encoding(r, v);
    if (tl_str_is(name, "delimiter") || tl_str_is(name, "decimal"))
        return read_char(r, v);
    if (tl_str_is(name, "quotes")) {
        m->plain = !v->boolean;
        return v->type == TL_JBOOL ? 0 : mapping_wrong(r, v, "must be true or false");
    }
    if (tl_str_is(name, "skip_lines")) {
        m->skip_lines = v->is_int && v->integer >= 0 && v->integer <= SKIP_MAX ? (uint32_t)v->integer : UINT32_MAX;
        return m->skip_lines <= SKIP_MAX ? 0 : mapping_wrong(r, v, "must be a number from 0 to 1000");
    }
    if (tl_str_is(name, "columns"))
        return read_header(r, v);
    if (tl_str_is(name, "time_format")) {
        m->time_format = kept(r, v->text);
        return v->type == TL_JTEXT && strchr(m->time_format, '%') != NULL ? 0 : mapping_wrong(r, v, "must be strptime(3)'s, like \"%d.%m.%Y %H:%M:%S\"");
    }
    if (tl_str_is(name, "timezone"))
        return mapping_zone(r, v, &m->time_zone);
    if (tl_str_is(name, "optional") || tl_str_is(name, "text"))
        return mark_columns(r, v, name.n == 4 ? m->text : m->optional);
    if (tl_str_is(name, "only"))
        return mapping_conditions(r, v, &m->only);
    if (tl_str_is(name, "group"))
        return 0;
    if (tl_str_is(name, "events"))
        return read_events(r, v);
    if (mapping_event_member(name))
        return list ? mapping_wrong(r, v, "stands beside \"events\": put it into each of them") : 0;
    return mapping_wrong(r, v, "is not allowed here; a mapping has: " TOP_TOLD);
}

static int
read_root(struct map_reader *r, const struct tl_jv *root)
{
    const struct tl_jv *group = tl_jv_get(root, "group"), *list = tl_jv_get(root, "events");
    int rc = 0;
    if (root->type != TL_JOBJECT)
        return tl_fail(r->err, TL_ECONFIG, "%s: a mapping is one JSON object, like {\"fields\":{\"type\":\"activity\",\"time\":\"when\"},\"ids\":{\"user\":\"customer\"}}", r->m->file);
    if (group != NULL)
        rc = read_group(r, group);       /* first: others name its rows */
    for (const struct tl_jv *v = root->child; v != NULL && rc == 0; v = v->next)
        rc = read_top(r, v, list != NULL);
    if (rc == 0 && list == NULL) {
        rc = mapping_event(r, root, &r->m->event[0], true);
        r->m->events_n = 1;
    }
    return rc;
}

int
tl_mapping_parse(struct tl_mapping **out, struct tl_str text, const char *name, struct tl_err *err)
{
    struct tl_arena *a = tl_arena_new(ARENA_BYTES);
    struct tl_mapping *m = a != NULL ? tl_arena_alloc(a, sizeof *m) : NULL;
    struct tl_jv *root = NULL;
    struct tl_json_fault fault;
    struct tl_err why = {0};
    *out = NULL;
    if (m == NULL) {
        tl_arena_free(&a);
        return tl_fail(err, TL_ENOMEM, "out of memory");
    }
    m->arena = a;
    m->file = tl_arena_dup(a, name, strlen(name));
    m->decimal = '.';
    struct map_reader r = { .m = m, .err = err };
    const char *copy = tl_arena_dup(a, text.p != NULL ? text.p : "", text.n);
    int rc = m->file == NULL || copy == NULL ? tl_fail(err, TL_ENOMEM, "out of memory") : 0;
    if (rc == 0 && (rc = tl_json_tree(a, (struct tl_str){ copy, text.n }, 16, &root, &fault, &why)) != 0)
        rc = tl_fail(err, rc == TL_ENOMEM ? TL_ENOMEM : TL_ECONFIG, "%s: %s", name, why.text);
    if (rc == 0)
        rc = read_root(&r, root);
    if (rc != 0)
        tl_mapping_free(&m);
    *out = m;
    return rc;
}

static int
read_file(const char *path, struct tl_buf *b, struct tl_err *err)
{
    FILE *f = fopen(path, "rb");
    char chunk[8192];
    size_t n;
    if (f == NULL)
        return tl_fail(err, TL_ENOTFOUND, "cannot open the mapping %s: %s", path, strerror(errno));
    while ((n = fread(chunk, 1, sizeof chunk, f)) > 0 && b->len <= TL_MAPPING_BYTES_MAX)
        tl_buf_put(b, chunk, n);
    bool failed = ferror(f) != 0;
    fclose(f);
    if (failed)
        return tl_fail(err, TL_EIO, "cannot read the mapping %s", path);
    return b->failed ? tl_fail(err, TL_ENOMEM, "out of memory") : b->len > TL_MAPPING_BYTES_MAX ? tl_fail(err, TL_ECONFIG, "%s is larger than 1 MB: is it a mapping?", path) : 0;
}

int
tl_mapping_read(struct tl_mapping **out, const char *path, struct tl_err *err)
{
    struct tl_buf b = {0};
    *out = NULL;
    int rc = read_file(path, &b, err);
    if (rc == 0)
        rc = tl_mapping_parse(out, (struct tl_str){ (const char *)b.data, b.len }, path, err);
    tl_buf_free(&b);
    return rc;
}

void
tl_mapping_free(struct tl_mapping **mp)
{
    struct tl_mapping *m = *mp;
    *mp = NULL;
    if (m == NULL)
        return;
    for (uint32_t i = 0; i < m->zones_n; i++)
        tl_zone_free(&m->zone[i]);
    struct tl_arena *a = m->arena;
    tl_arena_free(&a);
}

bool
tl_mapping_is(struct tl_str text)
{
    struct tl_arena *a = tl_arena_new(ARENA_BYTES);
    struct tl_jv *root = NULL;
    struct tl_json_fault fault;
    bool is = a != NULL && text.n <= TL_MAPPING_BYTES_MAX && tl_json_tree(a, text, 16, &root, &fault, NULL) == 0
              && (tl_jv_get(root, "events") != NULL || tl_jv_get(root, "fields") != NULL);
    tl_arena_free(&a);
    return is;
}

bool
tl_mapping_format(const struct tl_mapping *m, enum tl_import_format *format)
{
    if (m->has_format)
        *format = m->format;
    return m->has_format;
}
