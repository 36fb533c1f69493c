/* customer.c - one customer's identities: linked, unlinked, and how they came together. What is shown otherwise is view.c's. */
#include "cli.h"

#include <stdlib.h>
#include "session.h"
#include "tl_json.h"
#include "view.h"

#define ANSWER_BYTES (64u * 1024 * 1024)

const char cli_customer_help[] =
    "touchline customer HASH | KIND:VALUE [--raw POSITION]\n"
    "touchline customer history HASH | KIND:VALUE\n"
    "touchline customer link KIND:VALUE KIND:VALUE [--reason TEXT]\n"
    "touchline customer unlink KIND:VALUE KIND:VALUE [--reason TEXT]\n"
    "\n"
    "One customer's events across channels, the newest first. KIND:VALUE is an identity, like email:ann@example.com or phone:+8613912345678; it is sent in a body and\n"
    "hashed before the store is asked.\n"
    "\n"
    "  --raw POSITION           one event as it was sent\n"
    "  history                  which identities are linked by what, and who said so: since when, how often told, by hand or by which event\n"
    "  link                     the two are one customer, whatever events say: the journeys are made as if it had been known from the start\n"
    "  unlink                   they are not: a cut of this pair, until a later link. Two that hang together through a third stay together: cut one of them from it\n"
    "  --reason TEXT            why; kept with who said so and when\n"
    "  --data DIR | --url URL   the store's folder (default TOUCHLINE_DATA, else ./data), or a running viewer, like http://127.0.0.1:8090 (not for link and unlink)\n"
    "  --json                   exactly what the viewer answers\n";

/* ---- link, unlink ---- */

static int
put_end(struct tl_jw *w, const char *member, const char *identity)
{
    const char *colon = strchr(identity, ':');
    if (colon == NULL || colon == identity || colon[1] == '\0')
        return cli_usage("customer", "%s: write KIND:VALUE, like member:M-1042", identity);
    tl_jw_open(w, member);
    tl_jw_str(w, "kind", (struct tl_str){ identity, (size_t)(colon - identity) });
    tl_jw_cstr(w, "value", colon + 1);
    tl_jw_close(w);
    return 0;
}

static int
send_tie(const char *verb, const char *data, struct tl_str body)
{
    struct tl_err err = {0};
    struct session *s = NULL;
    struct tl_buf answer = {0};
    const struct session_cfg cfg = { .command = "customer", .data = data, .needs = SESSION_NEED(SESSION_AGGREGATOR) };
    int rc = session_open(&s, &cfg, &err);
    if (rc == 0)
        rc = session_control(s, verb, body, &answer, &err);
    if (rc == 0)
        rc = session_settle(s, &err);       /* the journeys hold it when the command ends */
    if (rc == 0)
        printf("%s; the record of it: %.*s\n", strcmp(verb, "link") == 0 ? "linked" : "unlinked", (int)answer.len, (const char *)answer.data);
    session_close(&s);
    tl_buf_free(&answer);
    return rc == 0 ? CLI_OK : cli_fail("customer", &err);
}

static int
tie(int argc, char **argv)
{
    const char *data = NULL, *reason = NULL, *verb = argv[1];
    const struct cli_option options[] = { { "--data", CLI_TEXT, &data }, { "--reason", CLI_TEXT, &reason }, { NULL, CLI_FLAG, NULL } };
    struct tl_buf body = {0};
    int n;
    if (cli_parse(argc, argv, options, &n) != 0)
        return CLI_USAGE;
    if (n != 3)
        return cli_usage("customer", "after %s come two identities: KIND:VALUE KIND:VALUE", verb);
    struct tl_jw w = tl_jw_to(&body);
    tl_jw_open(&w, NULL);
    int rc = put_end(&w, "a", argv[2]);
    if (rc == 0)
        rc = put_end(&w, "b", argv[3]);
    if (rc == 0 && reason != NULL)
        tl_jw_cstr(&w, "reason", reason);
    if (rc == 0) {
        tl_jw_close(&w);
        rc = send_tie(verb, data, (struct tl_str){ (const char *)body.data, body.len });
    }
    tl_buf_free(&body);
    return rc;
}

int
cli_customer(int argc, char **argv)
{
    if (argc > 1 && (strcmp(argv[1], "link") == 0 || strcmp(argv[1], "unlink") == 0))
        return tie(argc, argv);
    if (argc > 1 && strcmp(argv[1], "history") == 0) {
        static char name[] = "customer_history";
        argv[1] = name;
        return cli_view(argc - 1, argv + 1);
    }
    return cli_view(argc, argv);
}
