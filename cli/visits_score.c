/* visits_score.c - `touchline visits score`: one visit as a scorecard, or what visits say together. See visits.h. */
#include <stdlib.h>

#include "tl_fetch.h"
#include "view.h"
#include "visits.h"

struct scoring { const char *data, *from, *to, *place; bool json, csv, outlet; };

static void
put_path(struct tl_buf *path, const struct scoring *o, const char *id)
{
    const char *const name[] = { "from", "to" }, *const value[] = { o->from, o->to };
    char mark = '?';
    tl_buf_put_str(path, "/api/visits");
    if (id != NULL) {
        tl_buf_put_u8(path, '/');
        tl_fetch_escape(path, tl_str_of(id));
        if (o->outlet)
            tl_buf_put_str(path, "?reader=outlet");
    }
    for (size_t i = 0; i < 2 && id == NULL; i++)
        if (value[i] != NULL) {
            tl_buf_printf(path, "%c%s=", mark, name[i]);
            tl_fetch_escape(path, tl_str_of(value[i]));
            mark = '&';
        }
    if (o->place != NULL && id == NULL) {
        tl_buf_printf(path, "%cfilter=place%%3D", mark);
        tl_fetch_escape(path, tl_str_of(o->place));
    }
    tl_buf_put_u8(path, 0);
}

static int
answer(struct visiting_desk *d, const struct scoring *o, const char *path, bool one, struct tl_err *err)
{
    struct tl_buf body = {0};
    struct tl_jv *root = NULL;
    int rc = session_get(d->session, SESSION_VIEWER, path, &body, err);
    if (rc == 0 && o->json)
        fwrite(body.data, 1, body.len, stdout);
    else if (rc == 0)
        rc = tl_json_tree(d->arena, (struct tl_str){ (const char *)body.data, body.len }, VIEW_DEPTH, &root, NULL, err);
    if (root != NULL && one)
        view_print_scorecard(root, stdout);
    else if (root != NULL && o->csv)
        view_print_visits(root, stdout);
    else if (root != NULL) {
        view_print_visits(root, stdout);
        view_print_visit_sums(root, stdout);
    }
    tl_buf_free(&body);
    return rc;
}

int
visits_score(int argc, char **argv)
{
    struct scoring o = {0};
    const struct cli_option options[] = { { "--data", CLI_TEXT, &o.data }, { "--json", CLI_FLAG, &o.json }, { "--csv", CLI_FLAG, &o.csv }, { "--outlet", CLI_FLAG, &o.outlet },
                                          { "--from", CLI_TEXT, &o.from }, { "--to", CLI_TEXT, &o.to }, { "--place", CLI_TEXT, &o.place }, { NULL, CLI_FLAG, NULL } };
    struct visiting_desk d = {0};
    struct tl_buf path = {0};
    struct tl_err err = {0};
    int n = 0;
    if (cli_parse(argc, argv, options, &n) != 0)
        return CLI_USAGE;
    if (n > 2)
        return cli_usage("visits", "after score comes the id of a visit, or nothing: all of them");
    if (o.outlet && n < 2)
        return cli_usage("visits", "--outlet is for the scorecard of one visit");
    cli_tables_csv(o.csv);
    put_path(&path, &o, n == 2 ? argv[2] : NULL);
    int rc = path.failed ? tl_fail(&err, TL_ENOMEM, "out of memory") : visits_open(&d, o.data, &err);
    if (rc == 0)
        rc = answer(&d, &o, (const char *)path.data, n == 2, &err);
    visits_close(&d);
    tl_buf_free(&path);
    return rc != 0 ? cli_fail("visits", &err) : CLI_OK;
}
