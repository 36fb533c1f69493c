/* visits_record.c - `touchline visits start`, `record`, `finish`: what a shopper does, entered by hand in parts that are merged (tl_visit.h). See visits.h. */
#include <errno.h>
#include <stdlib.h>

#include "enter.h"
#include "tl_conf.h"
#include "tl_evidence.h"
#include "tl_run.h"
#include "tl_time.h"
#include "visits.h"

struct part {
    const char *verb, *id, *at, *from, *note;
    struct cli_many stamps, answers, evidence;
    struct enter_field who, orders;
};

/* ---- pieces of a part ---- */

static const struct tl_jv *
child_named(const struct tl_jv *list, struct tl_str id)
{
    for (const struct tl_jv *v = list != NULL ? list->child : NULL; v != NULL; v = v->next)
        if (tl_str_eq(tl_jv_text(v, "id"), id))
            return v;
    return NULL;
}

static const struct tl_jv *
item_named(const struct tl_jv *scenario, struct tl_str id)
{
    const struct tl_jv *steps = tl_jv_get(scenario, "steps"), *found = NULL;
    for (const struct tl_jv *s = steps != NULL ? steps->child : NULL; s != NULL && found == NULL; s = s->next)
        found = child_named(tl_jv_get(s, "items"), id);
    return found;
}

/* " a b c" of a list's ids; of the items of steps when it has those */
static void
list_ids(const struct tl_jv *list, struct tl_buf *out)
{
    for (const struct tl_jv *v = list != NULL ? list->child : NULL; v != NULL; v = v->next) {
        const struct tl_jv *items = tl_jv_get(v, "items");
        if (items != NULL)
            list_ids(items, out);
        else
            tl_buf_printf(out, " %.*s", (int)tl_jv_text(v, "id").n, tl_jv_text(v, "id").p);
    }
}

static int
unknown(const struct tl_jv *scenario, const char *list, const char *what, struct tl_str id, struct tl_err *err)
{
    struct tl_buf known = {0};
    list_ids(tl_jv_get(scenario, list), &known);
    int rc = tl_fail(err, TL_EINVAL, "the scenario has no %s \"%.*s\"; it has%.*s", what, (int)(id.n < 40 ? id.n : 40), id.p, known.len > 0 ? (int)known.len : 5,
                     known.len > 0 ? (const char *)known.data : " none");
    tl_buf_free(&known);
    return rc;
}

static struct tl_str
cut(const char *text, char at, const char **rest)
{
    const char *p = strchr(text, at);
    *rest = p != NULL ? p + 1 : NULL;
    return (struct tl_str){ text, p != NULL ? (size_t)(p - text) : strlen(text) };
}

/* WHAT[=TIME] */
static int
put_stamp(struct visiting_desk *d, struct tl_jw *w, const struct tl_jv *scenario, const char *text, struct tl_err *err)
{
    const char *time = NULL;
    struct tl_str what = cut(text, '=', &time);
    const struct tl_jv *stamp = child_named(tl_jv_get(scenario, "stamps"), what);
    int64_t ms = 0;
    if (scenario != NULL && stamp == NULL)
        return unknown(scenario, "stamps", "stamp", what, err);
    int rc = visits_time(d, time, &ms, err);
    tl_jw_open(w, NULL);
    tl_jw_str(w, "what", what);
    if (tl_jv_text(stamp, "touchpoint").n > 0)
        tl_jw_str(w, "touchpoint", tl_jv_text(stamp, "touchpoint"));
    tl_jw_int(w, "time", ms);
    tl_jw_close(w);
    return rc;
}

/* ITEM=VALUE[:NOTE] */
static int
put_answer(struct visiting_desk *d, struct tl_jw *w, const struct tl_jv *scenario, const char *text, struct tl_err *err)
{
    const char *value = NULL, *note = NULL;
    struct tl_str item = cut(text, '=', &value), word = value != NULL ? cut(value, ':', &note) : (struct tl_str){0};
    const struct tl_jv *asked = item_named(scenario, item);
    enum tl_visit_value v;
    if (scenario != NULL && asked == NULL)
        return unknown(scenario, "steps", "item", item, err);
    if (value == NULL || !tl_visit_value_of(word, &v))
        return tl_fail(err, TL_EINVAL, "--answer %.60s: write ITEM=yes, ITEM=no or ITEM=na, and :NOTE after it", text);
    if (v == TL_VISIT_NA && asked != NULL && !tl_jv_bool(asked, "na", false))
        return tl_fail(err, TL_EINVAL, "item \"%.*s\" must be answered yes or no: the scenario does not let it be not applicable", (int)item.n, item.p);
    tl_jw_open(w, NULL);
    tl_jw_str(w, "item", item);
    tl_jw_str(w, "value", word);
    tl_jw_int(w, "time", d->now_ms);
    if (note != NULL && *note != '\0')
        tl_jw_cstr(w, "note", note);
    tl_jw_close(w);
    return 0;
}

static int
read_file(const char *path, struct tl_buf *out, struct tl_err *err)
{
    FILE *f = fopen(path, "re");
    if (f == NULL)
        return tl_fail(err, TL_ENOTFOUND, "cannot read %s: %s", path, strerror(errno));
    while (out->len <= TL_EVIDENCE_FILE_MAX && tl_buf_reserve(out, 65536)) {
        size_t n = fread(out->data + out->len, 1, 65536, f);
        out->len += n;
        if (n == 0)
            break;
    }
    fclose(f);
    return out->failed ? tl_fail(err, TL_ENOMEM, "out of memory") : 0;
}

static uint64_t
evidence_max(const char *data)
{
    struct tl_conf c;
    char path[PATH_MAX];
    tl_conf_defaults(&c);
    if (tl_conf_file(&c, tl_run_path(path, data, "touchline.conf"), NULL) != 0)
        tl_conf_defaults(&c);
    return (uint64_t)c.evidence_max_mb << 20;
}

/* FILE[:ITEM]; a file whose name has a colon is named with one behind */
static int
put_evidence(struct visiting_desk *d, struct tl_jw *w, const struct tl_jv *scenario, const struct part *p, const char *text, struct tl_err *err)
{
    char path[PATH_MAX];
    const char *colon = strrchr(text, ':'), *item = colon != NULL ? colon + 1 : "";
    struct tl_evidence e;
    struct tl_buf b = {0};
    snprintf(path, sizeof path, "%.*s", colon != NULL ? (int)(colon - text) : (int)strlen(text), text);
    if (*item != '\0' && scenario != NULL && item_named(scenario, tl_str_of(item)) == NULL)
        return unknown(scenario, "steps", "item", tl_str_of(item), err);
    int rc = read_file(path, &b, err);
    if (rc == 0)
        rc = tl_evidence_put(d->data, tl_str_of(p->id), b.data, b.len, evidence_max(d->data), &e, err);
    tl_buf_free(&b);
    if (rc != 0)
        return rc;
    tl_jw_open(w, NULL);
    tl_jw_cstr(w, "name", e.name);
    tl_jw_cstr(w, "hash", e.hash);
    tl_jw_uint(w, "bytes", e.bytes);
    tl_jw_cstr(w, "type", e.type);
    if (*item != '\0')
        tl_jw_cstr(w, "item", item);
    tl_jw_close(w);
    return 0;
}

static int
put_lists(struct visiting_desk *d, struct tl_jw *w, const struct part *p, const struct tl_jv *scenario, struct tl_err *err)
{
    int rc = 0;
    tl_jw_array(w, "stamps");
    for (int i = 0; rc == 0 && i < p->stamps.n; i++)
        rc = put_stamp(d, w, scenario, p->stamps.v[i], err);
    tl_jw_end(w);
    tl_jw_array(w, "answers");
    for (int i = 0; rc == 0 && i < p->answers.n; i++)
        rc = put_answer(d, w, scenario, p->answers.v[i], err);
    tl_jw_end(w);
    tl_jw_array(w, "evidence");
    for (int i = 0; rc == 0 && i < p->evidence.n; i++)
        rc = put_evidence(d, w, scenario, p, p->evidence.v[i], err);
    tl_jw_end(w);
    if (p->note != NULL)
        tl_jw_cstr(w, "note", p->note);
    if (rc == 0 && (enter_put(w, &p->who, "visits") != 0 || enter_put(w, &p->orders, "visits") != 0))
        rc = tl_fail(err, TL_EINVAL, "nothing was entered");
    return rc;
}

/* ---- states ---- */

static int
put_start(struct visiting_desk *d, struct tl_jw *w, const struct part *p, const struct tl_jv *visit, struct tl_err *err)
{
    int64_t at = 0, from = tl_jv_int(visit, "from", 0), to = tl_jv_int(visit, "to", 0);
    char time[32];
    int rc = visits_time(d, p->at, &at, err);
    if (rc == 0 && tl_str_is(tl_jv_text(visit, "state"), "started") && p->at == NULL)
        rc = tl_fail(err, TL_EEXIST, "%s was started at %s; start it again with --at TIME if that was wrong, or finish it", p->id, tl_time_format(from, time));
    if (rc == 0 && tl_str_is(tl_jv_text(visit, "state"), "finished"))
        rc = tl_fail(err, TL_EEXIST, "%s is finished; what is missing is entered with `visits record`", p->id);
    tl_jw_cstr(w, "state", "started");
    tl_jw_int(w, "from", at);
    tl_jw_int(w, "to", at + (to > from ? to - from : 0));       /* as long as planned, until it is finished */
    return rc;
}

static int
put_finish(struct visiting_desk *d, struct tl_jw *w, const struct part *p, const struct tl_jv *visit, struct tl_err *err)
{
    int64_t at = 0, from = tl_jv_int(visit, "from", 0);
    int rc = visits_time(d, p->at, &at, err);
    if (rc == 0 && p->from != NULL)
        rc = visits_time(d, p->from, &from, err);
    if (rc == 0 && p->from == NULL && tl_str_is(tl_jv_text(visit, "state"), "planned"))
        rc = tl_fail(err, TL_EINVAL, "%s was never started; say when it was with --from TIME", p->id);
    if (rc == 0 && at < from)
        rc = tl_fail(err, TL_EINVAL, "a visit does not end before it begins");
    tl_jw_cstr(w, "state", "finished");
    tl_jw_int(w, "from", from);
    tl_jw_int(w, "to", at);
    return rc;
}

static int
enter_part(struct visiting_desk *d, const struct part *p, struct tl_err *err)
{
    const struct tl_jv *visit = NULL, *scenario = NULL;
    const char *told = NULL;
    struct tl_buf body = {0};
    int rc = visits_find(d, p->id, &visit, err);
    if (rc != 0)
        return rc;
    if ((scenario = visits_scenario(d, visit, &told)) == NULL && p->stamps.n + p->answers.n > 0)
        fprintf(stderr, "touchline visits: %s: stamps and answers are kept as they are named\n", told);
    struct tl_jw w = tl_jw_to(&body);
    tl_jw_open(&w, NULL);
    tl_jw_cstr(&w, "id", p->id);
    tl_jw_bool(&w, "merge", true);
    if (strcmp(p->verb, "start") == 0)
        rc = put_start(d, &w, p, visit, err);
    else if (strcmp(p->verb, "finish") == 0)
        rc = put_finish(d, &w, p, visit, err);
    if (rc == 0)
        rc = put_lists(d, &w, p, scenario, err);
    if (rc == 0) {
        tl_jw_close(&w);
        rc = visits_enter(d, (struct tl_str){ (const char *)body.data, body.len }, true, err);
    }
    tl_buf_free(&body);
    return rc;
}

static int
run(int argc, char **argv, const char *verb)
{
    struct part p = { .verb = verb, .who = { .option = "--identity", .member = "identities", .form = F_IDENTITIES }, .orders = { .option = "--order", .member = "orders", .form = F_LIST } };
    const char *data = NULL;
    bool record = strcmp(verb, "record") == 0, finish = strcmp(verb, "finish") == 0;
    struct cli_option options[10] = { { "--data", CLI_TEXT, &data }, { "--identity", CLI_MANY, &p.who.many }, { "--order", CLI_MANY, &p.orders.many }, { "--note", CLI_TEXT, &p.note } };
    struct visiting_desk d = {0};
    struct tl_err err = {0};
    int n = 0, at = 4;
    if (record) {
        options[at++] = (struct cli_option){ "--stamp", CLI_MANY, &p.stamps };
        options[at++] = (struct cli_option){ "--answer", CLI_MANY, &p.answers };
        options[at++] = (struct cli_option){ "--evidence", CLI_MANY, &p.evidence };
    } else
        options[at++] = (struct cli_option){ "--at", CLI_TEXT, &p.at };
    if (finish)
        options[at++] = (struct cli_option){ "--from", CLI_TEXT, &p.from };
    if (cli_parse(argc, argv, options, &n) != 0)
        return CLI_USAGE;
    if (n != 2)
        return cli_usage("visits", "after %s comes the id of a visit", verb);
    p.id = argv[2];
    if (record && p.stamps.n + p.answers.n + p.evidence.n + p.orders.many.n + p.who.many.n == 0 && p.note == NULL)
        return cli_usage("visits", "record what? --stamp, --answer, --order, --identity, --evidence or --note");
    int rc = visits_open(&d, data, &err);
    if (rc == 0)
        rc = enter_part(&d, &p, &err);
    if (rc == 0) {
        printf("%s %s\n", p.id, record ? (cli_zh() ? "已记录" : "recorded") : finish ? (cli_zh() ? "已结束" : "finished") : cli_zh() ? "已开始" : "started");
        visits_warn_at_once(&d, p.id);
    }
    visits_close(&d);
    return rc == 0 ? CLI_OK : cli_fail("visits", &err);
}

int
visits_start(int argc, char **argv)
{
    return run(argc, argv, "start");
}

int
visits_record(int argc, char **argv)
{
    return run(argc, argv, "record");
}

int
visits_finish(int argc, char **argv)
{
    return run(argc, argv, "finish");
}
