/* up.c - `touchline up`: collector, aggregator and viewer on one folder, until Ctrl-C. */
#include "cli.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>
#include "port_owner.h"
#include "session.h"
#include "tl_conf.h"
#include "tl_keys.h"
#include "tl_http.h"
#include "tl_run.h"
#include "up_demo.h"

const char cli_up_help[] =
    "touchline up [--demo] [--data DIR] [--config FILE] [SETTING...]\n"
    "\n"
    "Starts the collector (events come in), the aggregator (writes them down, makes journeys) and the viewer (pages) on the folder DIR, and prints the\n"
    "page's address. DIR is made when it is not there; default: TOUCHLINE_DATA, else ./data. A program that dies is started again. Ctrl-C stops all\n"
    "three; nothing that was acknowledged is lost, and the next start finds it.\n"
    "\n"
    "--demo brings up a fictional tea chain instead, in ./demo-data on ports of its own (pages on 8190): eight weeks, then live orders.\n"
    "\n"
    "Ports: --collector.port N  --aggregator.port N  --aggregator.bus tcp://127.0.0.1:N  --viewer.port N   (0, or * for the bus: any free one)\n"
    "\n"
    "Settings, on the command line or as `key = value` lines of FILE (default: DIR/touchline.conf when it is there):\n";

void
cli_up_settings(FILE *out)
{
    struct tl_buf b = {0};
    tl_conf_help(&b);
    fwrite(b.data, 1, b.len, out);
    tl_buf_free(&b);
}

struct port { const char *key, *what, *host; int number; };

static int
bus_port(const char *bus)
{
    const char *colon = strrchr(bus, ':');
    return colon != NULL ? atoi(colon + 1) : 0;
}

static int
check_ports(const struct tl_conf *c, struct tl_err *err)
{
    const struct port ports[] = {
        { "collector.port", "collector", c->collector_bind, (int)c->collector_port },
        { "aggregator.port", "aggregator", c->aggregator_bind, (int)c->aggregator_port },
        { "viewer.port", "viewer", c->viewer_bind, (int)c->viewer_port },
        { "aggregator.bus", "aggregator's bus", "127.0.0.1", bus_port(c->aggregator_bus) },
    };
    for (size_t i = 0; i < sizeof ports / sizeof ports[0]; i++) {
        const struct port *p = &ports[i];
        char owner[128];
        if (port_free(p->host, p->number))
            continue;
        bool bus = i == 3;
        return tl_fail(err, TL_EBUSY, "port %d of the %s is taken by %s; stop that, or choose another: touchline up --%s %s%d", p->number, p->what,
                       port_owner(p->number, owner), p->key, bus ? "tcp://127.0.0.1:" : "", p->number + 100 < 65536 ? p->number + 100 : 0);
    }
    return 0;
}

/* The ports stay ours while a program is down: who connects then waits, and nobody is refused. An address that may not be served is left to the program,
 * which says why. */
static int
open_ports(const struct tl_conf *c, struct session_cfg *cfg, struct tl_err *err)
{
    const struct { enum session_program program; const char *key, *host; int number, place; bool anywhere; } door[] = {
        { SESSION_COLLECTOR, "collector.bind", c->collector_bind, (int)c->collector_port, 0, false },
        { SESSION_AGGREGATOR, "aggregator.bind", c->aggregator_bind, (int)c->aggregator_port, 0, false },
        { SESSION_VIEWER, "viewer.bind", c->viewer_bind, (int)c->viewer_port, 0, false },
        { SESSION_VIEWER, "viewer.visit_bind", c->viewer_visit_bind, (int)c->viewer_visit_port, 1, c->viewer_tls_cert[0] != 0 },
    };
    for (size_t i = 0; i < sizeof door / sizeof door[0]; i++) {
        const char *host = door[i].host;
        bool served = door[i].program == SESSION_COLLECTOR ? tl_write_keys_bind(c->data, host, NULL) == 0 : door[i].anywhere || tl_conf_loopback(door[i].key, host, NULL) == 0;
        if (!host[0] || !served)
            continue;
        int fd = tl_http_listen(door[i].host, door[i].number, err);
        if (fd < 0)
            return fd;
        cfg->listen_fd[door[i].program][door[i].place] = fd;
    }
    return 0;
}

static void
announce(struct session *s, const char *data)
{
    char page[80], events[80];
    bool zh = cli_zh();
    session_url(s, SESSION_VIEWER, page);
    session_url(s, SESSION_COLLECTOR, events);
    printf(zh ? "Touchline 已在 %s 上运行。\n  页面      %s/\n  接收事件  %s/v1/events\nCtrl-C 停止。\n"
              : "Touchline is up on %s.\n  page       %s/\n  events to  %s/v1/events\nCtrl-C stops it.\n", data, page, events);
    fflush(stdout);
}

static void
wait_for_signal(int fd)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };
    while (!tl_run_stopping())
        if (poll(&p, 1, 1000) < 0 && errno != EINTR)
            break;
}

static int
run(const struct tl_conf *c, char *const *args, bool demo)
{
    struct tl_err err = {0};
    struct session *s = NULL;
    struct session_cfg cfg = { .command = "up", .data = c->data, .make = true, .own_ports = true, .args = args,
                               .needs = SESSION_NEED(SESSION_COLLECTOR) | SESSION_NEED(SESSION_AGGREGATOR) | SESSION_NEED(SESSION_VIEWER) };
    int stop_fd = tl_run_signals();
    int sender = 0;
    int rc = check_ports(c, &err);
    if (rc == 0 && demo)
        rc = cli_simulate_catalogue(c->data, &err);
    if (rc == 0)
        rc = open_ports(c, &cfg, &err);
    if (rc == 0)
        rc = session_open(&s, &cfg, &err);
    if (rc != 0)
        return rc == TL_EINTR ? CLI_OK : cli_fail("up", &err);
    announce(s, c->data);
    if (demo && up_demo_start(c->data, &sender, &err) != 0)
        cli_fail("up", &err);
    wait_for_signal(stop_fd);
    up_demo_stop(sender);
    fprintf(stderr, cli_zh() ? "正在停止…\n" : "stopping\n");
    session_close(&s);
    return CLI_OK;
}

/* the folder's touchline.conf holds unless --config names another: the same rule as in session.c */
static int
read_settings(struct tl_conf *c, int *argc, char **argv, struct tl_err *err)
{
    char file[PATH_MAX];
    const char *data = session_data(NULL);
    bool own = false;
    for (int i = 1; i < *argc; i++) {
        own |= strcmp(argv[i], "--config") == 0;
        if (strcmp(argv[i], "--data") == 0 && i + 1 < *argc)
            data = argv[i + 1];
        else if (strncmp(argv[i], "--data=", 7) == 0)
            data = argv[i] + 7;
    }
    tl_conf_defaults(c);
    snprintf(c->data, sizeof c->data, "%s", data);
    if (!own && access(tl_run_path(file, data, "touchline.conf"), R_OK) == 0 && tl_conf_file(c, file, err) != 0)
        return err->code;
    return tl_conf_args(c, argc, argv, err);
}

int
cli_up(int argc, char **argv)
{
    struct tl_conf c;
    struct tl_err err = {0};
    bool demo;
    argv = up_demo_take(&argc, argv, &demo);
    char **args = calloc((size_t)argc + 1, sizeof *args);       /* as given: every program knows all settings */
    if (args == NULL)
        return CLI_FAILED;
    memcpy(args, argv + 1, ((size_t)argc - 1) * sizeof *args);
    int rc = read_settings(&c, &argc, argv, &err);
    int code = rc != 0 ? cli_fail("up", &err) : argc > 1 ? cli_usage("up", "there is no option %s", argv[1]) : run(&c, args, demo);
    free(args);
    return code;
}
