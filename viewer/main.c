/* main.c - the viewer: shows what the journeys say, as a page and as JSON. Reads the stores of DATA, writes nothing but its run file, the weekly reports it keeps and DATA/setup.
 *
 * pages (embedded files), routes (address -> question), fold (question -> partials -> sums; analysis/), render (sums -> JSON); serve.c puts them together. */
#include "serve.h"
#include "visit_door.h"

#include <malloc.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tl_hash.h"
#include "tl_logfmt.h"
#include "tl_run.h"

static int
help(void)
{
    struct tl_buf b = { NULL, 0, 0, false };
    tl_buf_put_str(&b, "touchline-viewer [-n] [--config FILE] [--KEY VALUE]...\nServes the pages and /api/ of the store in --data. -n: check the settings and exit.\n\n");
    tl_conf_help(&b);
    fwrite(b.data, 1, b.len, stdout);
    tl_buf_free(&b);
    return 0;
}

static int
fail(const struct tl_err *err)
{
    fprintf(stderr, "touchline-viewer: %s\n", err->text);
    return 1;
}

static int
run(const struct tl_conf *conf, struct tl_err *err)
{
    struct serve *s = NULL;
    struct tl_run_info info = { .pid = (int)getpid() };
    int stop_fd = tl_run_signals();
    int rc = tl_run_claim(conf->data, "viewer", err);
    if (rc == 0) rc = serve_start(&s, conf, err);
    if (rc == 0) {
        snprintf(info.http, sizeof info.http, strchr(conf->viewer_bind, ':') ? "http://[%s]:%d" : "http://%s:%d", conf->viewer_bind, serve_port(s));
        if (serve_visit_port(s) > 0)
            snprintf(info.visit, sizeof info.visit, strchr(conf->viewer_visit_bind, ':') ? "%s://[%.48s]:%d" : "%s://%.48s:%d", conf->viewer_tls_cert[0] ? "https" : "http", conf->viewer_visit_bind, serve_visit_port(s));
        rc = tl_run_publish(conf->data, "viewer", &info, err);
    }
    if (rc == 0) tl_log(TL_INFO, "started", "http=%s data=\"%s\"", info.http, conf->data);
    while (rc == 0 && !tl_run_stopping()) {
        struct pollfd p = { .fd = stop_fd, .events = POLLIN };
        poll(&p, 1, -1);
    }
    serve_stop(&s);
    if (rc == 0) {
        tl_run_withdraw(conf->data, "viewer");
        tl_log(TL_INFO, "stopped", "reason=signal");
    }
    return rc;
}

int
main(int argc, char **argv)
{
    struct tl_conf conf;
    struct tl_err err = { 0, "" };
    bool check = false;
    const char *data = getenv("TOUCHLINE_DATA");
    tl_log_program("viewer");
    mallopt(M_ARENA_MAX, 2);            /* four threads at most allocate: an arena each would only spread the partials */
    mallopt(M_MMAP_THRESHOLD, 128 << 10);   /* and fixed: large partials go back to the system when the cache lets them go (142 -> 89 MB at 10 million events) */
    mallopt(M_TRIM_THRESHOLD, 256 << 10);
    tl_conf_defaults(&conf);
    if (data && tl_conf_set(&conf, "data", data, "TOUCHLINE_DATA", &err)) return fail(&err);
    if (tl_conf_args(&conf, &argc, argv, &err)) return fail(&err);
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-n") == 0) check = true;
        else if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) return help();
        else {
            tl_fail(&err, TL_EINVAL, "'%s' is no option; --help lists them", argv[i]);
            return fail(&err);
        }
    }
    if (tl_hash_init() || tl_conf_loopback("viewer.bind", conf.viewer_bind, &err) || visit_door_check(&conf, &err)) return fail(&err);
    if (check) return 0;
    return run(&conf, &err) ? fail(&err) : 0;
}
