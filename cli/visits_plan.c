/* visits_plan.c - `touchline visits plan`: the viewer proposes, each visit proposed is entered as a record. See visits.h. */
#include <stdlib.h>

#include "enter.h"
#include "tl_fetch.h"
#include "tl_time.h"
#include "visits.h"

struct planning { const char *scenario, *from, *to; int64_t each; struct cli_many places; struct enter_field who; bool dry; };

static int
ask(struct visiting_desk *d, const struct planning *p, const struct tl_jv **plan, struct tl_err *err)
{
    struct tl_buf path = {0};
    tl_buf_put_str(&path, "/api/visit-plan?scenario=");
    tl_fetch_escape(&path, tl_str_of(p->scenario));
    for (int i = 0; i < p->places.n; i++) {
        char *list = strdup(p->places.v[i]), *save = NULL;
        for (char *one = list != NULL ? strtok_r(list, ",", &save) : NULL; one != NULL; one = strtok_r(NULL, ",", &save)) {
            tl_buf_put_str(&path, "&place=");
            tl_fetch_escape(&path, tl_str_of(one));
        }
        free(list);
    }
    if (p->each != 0)
        tl_buf_printf(&path, "&each=%lld", (long long)p->each);
    const struct { const char *name, *day; } days[] = { { "&from=", p->from }, { "&to=", p->to } };
    for (int i = 0; i < 2; i++)
        if (days[i].day != NULL) {
            tl_buf_put_str(&path, days[i].name);
            tl_fetch_escape(&path, tl_str_of(days[i].day));
        }
    tl_buf_put_u8(&path, 0);
    int rc = path.failed ? tl_fail(err, TL_ENOMEM, "out of memory") : visits_get(d, (const char *)path.data, plan, err);
    tl_buf_free(&path);
    return rc;
}

static int
enter_one(struct visiting_desk *d, const struct planning *p, const struct tl_jv *v, bool last, struct tl_err *err)
{
    struct tl_buf body = {0};
    struct tl_jw w = tl_jw_to(&body);
    tl_jw_open(&w, NULL);
    tl_jw_str(&w, "id", tl_jv_text(v, "id"));
    tl_jw_cstr(&w, "state", "planned");
    tl_jw_cstr(&w, "scenario", p->scenario);
    tl_jw_str(&w, "place", tl_jv_text(v, "place"));
    if (tl_jv_text(v, "slot").n > 0)
        tl_jw_str(&w, "slot", tl_jv_text(v, "slot"));
    tl_jw_int(&w, "from", tl_jv_int(v, "from", 0));
    tl_jw_int(&w, "to", tl_jv_int(v, "to", 0));
    int rc = enter_put(&w, &p->who, "visits") == 0 ? 0 : tl_fail(err, TL_EINVAL, "no visit was entered");
    tl_jw_close(&w);
    if (rc == 0)
        rc = visits_enter(d, (struct tl_str){ (const char *)body.data, body.len }, last, err);
    tl_buf_free(&body);
    return rc;
}

static void
print_plan(const struct tl_jv *plan)
{
    static const char *const names[2][5] = { { "visit", "place", "day", "slot", "from (UTC)" }, { "暗访", "门店", "日期", "时段", "开始(UTC)" } };
    const struct tl_jv *visits = tl_jv_get(plan, "visits"), *missing = tl_jv_get(plan, "missing");
    struct cli_table *t = cli_table_new(5);
    char time[32];
    for (int i = 0; i < 5; i++)
        cli_table_cell(t, "%s", names[cli_zh()][i]);
    for (const struct tl_jv *v = visits->child; v != NULL; v = v->next) {
        cli_table_text(t, tl_jv_text(v, "id"));
        cli_table_text(t, tl_jv_text(v, "place"));
        cli_table_text(t, tl_jv_text(v, "day"));
        cli_table_text(t, tl_jv_text(v, "slot").n > 0 ? tl_jv_text(v, "slot") : TL_STR("-"));
        cli_table_text(t, tl_str_of(tl_time_format(tl_jv_int(v, "from", 0), time)));
    }
    if (visits->child != NULL)
        cli_table_print(t, stdout);
    cli_table_free(&t);
    for (const struct tl_jv *m = missing->child; m != NULL; m = m->next)
        printf(cli_zh() ? "%.*s:已有 %lld 次,另找到 %lld 次,共要 %lld 次:最小间隔放不下,延长日期或增加时段\n" : "%.*s: %lld there, room for %lld more of %lld: no more fit the least distance; give more days or slots\n",
               (int)tl_jv_text(m, "place").n, tl_jv_text(m, "place").p, (long long)tl_jv_int(m, "had", 0), (long long)tl_jv_int(m, "found", 0), (long long)tl_jv_int(m, "wanted", 0));
}

static int
plan(struct visiting_desk *d, const struct planning *p, struct tl_err *err)
{
    const struct tl_jv *root = NULL;
    int rc = ask(d, p, &root, err);
    if (rc != 0)
        return rc;
    const struct tl_jv *list = tl_jv_get(root, "visits");
    for (const struct tl_jv *v = list->child; v != NULL && rc == 0 && !p->dry; v = v->next)
        rc = enter_one(d, p, v, v->next == NULL, err);
    if (rc != 0)
        return rc;
    print_plan(root);
    printf(p->dry ? (cli_zh() ? "%u 次,未登记(--dry)\n" : "%u visits, not entered (--dry)\n") : cli_zh() ? "已登记 %u 次\n" : "%u visits entered\n", list->children_n);
    for (const struct tl_jv *v = list->child; v != NULL && p->who.many.n > 0 && !p->dry; v = v->next) {
        char id[128];
        snprintf(id, sizeof id, "%.*s", (int)tl_jv_text(v, "id").n, tl_jv_text(v, "id").p);
        visits_warn_at_once(d, id);
    }
    return 0;
}

int
visits_plan(int argc, char **argv)
{
    struct planning p = { .who = { .option = "--identity", .member = "identities", .form = F_IDENTITIES } };
    const char *data = NULL;
    const struct cli_option options[] = { { "--data", CLI_TEXT, &data }, { "--place", CLI_MANY, &p.places }, { "--each", CLI_INT, &p.each }, { "--from", CLI_TEXT, &p.from }, { "--to", CLI_TEXT, &p.to },
                                          { "--identity", CLI_MANY, &p.who.many }, { "--dry", CLI_FLAG, &p.dry }, { NULL, CLI_FLAG, NULL } };
    struct visiting_desk d = {0};
    struct tl_err err = {0};
    int n = 0;
    if (cli_parse(argc, argv, options, &n) != 0)
        return CLI_USAGE;
    if (n != 2 || p.places.n == 0)
        return cli_usage("visits", "after plan comes a scenario of the catalogue, and --place at least once");
    p.scenario = argv[2];
    int rc = visits_open(&d, data, &err);
    if (rc == 0)
        rc = plan(&d, &p, &err);
    visits_close(&d);
    return rc == 0 ? CLI_OK : cli_fail("visits", &err);
}
