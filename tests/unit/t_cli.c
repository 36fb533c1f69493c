/* t_cli.c - options, tables, numbers, who holds a port, children that are kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "../../cli/cli.h"
#include "../../cli/keeper.h"
#include "../../cli/port_owner.h"

static void
options(void **state)
{
    (void)state;
    const char *data = NULL;
    int64_t limit = 0;
    bool json = false;
    struct cli_many filter = {0};
    int n;
    const struct cli_option o[] = { { "--data", CLI_TEXT, &data }, { "--limit", CLI_INT, &limit }, { "--json", CLI_FLAG, &json }, { "--filter", CLI_MANY, &filter },
                                    { NULL, CLI_FLAG, NULL } };
    char *good[] = { (char *)"map", (char *)"a", (char *)"--data", (char *)"D", (char *)"--limit=7", (char *)"--json", (char *)"--filter", (char *)"x=1",
                     (char *)"--filter=y=2", (char *)"b", (char *)"--", (char *)"--c", NULL };
    assert_int_equal(cli_parse(12, good, o, &n), 0);
    assert_int_equal(n, 3);
    assert_string_equal(good[1], "a");
    assert_string_equal(good[2], "b");
    assert_string_equal(good[3], "--c");
    assert_string_equal(data, "D");
    assert_int_equal(limit, 7);
    assert_true(json);
    assert_int_equal(filter.n, 2);
    assert_string_equal(filter.v[1], "y=2");
    static const char *const bad[] = { "--what", "--data", "--limit=x", "--limit=", "--json=1" };
    FILE *err = stderr;
    stderr = fopen("/dev/null", "w");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char *argv[] = { (char *)"map", (char *)(uintptr_t)bad[i], NULL };
        assert_int_equal(cli_parse(2, argv, o, &n), CLI_USAGE);
    }
    fclose(stderr);
    stderr = err;
}

static void
widths(void **state)
{
    (void)state;
    static const struct { const char *text; size_t width; } texts[] = { { "", 0 }, { "abc", 3 }, { "触点", 4 }, { "é", 1 }, { "e\xcc\x81", 1 }, { "😀", 2 }, { "a触b", 4 } };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_int_equal(cli_width(tl_str_of(texts[i].text)), texts[i].width);
}

static void
tables(void **state)
{
    (void)state;
    char *text = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&text, &n);
    struct cli_table *t = cli_table_new(2);
    cli_table_right(t, 1);
    cli_table_cell(t, "触点");
    cli_table_cell(t, "n");
    cli_table_cell(t, "a\nb");
    cli_table_cell(t, "%d", 100);
    cli_table_print(t, f);
    fclose(f);
    assert_string_equal(text, "触点    n\na b   100\n");
    free(text);
    cli_table_free(&t);
}

static void
numbers(void **state)
{
    (void)state;
    char out[32];
    assert_string_equal(cli_count(0, out), "0");
    assert_string_equal(cli_count(999, out), "999");
    assert_string_equal(cli_count(262200, out), "262,200");
    assert_string_equal(cli_count(UINT64_MAX, out), "18,446,744,073,709,551,615");
    char d[24];
    assert_string_equal(cli_duration(12, d), "12 ms");
    assert_string_equal(cli_duration(1500, d), "1.5 s");
    assert_string_equal(cli_duration(47363164, d), "13.2 h");
    assert_string_equal(cli_duration(4.5 * 86400000, d), "4.5 d");
}

static void
ports(void **state)
{
    (void)state;
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t n = sizeof a;
    char owner[128], want[64];
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&a, n), 0);
    assert_int_equal(listen(fd, 1), 0);
    getsockname(fd, (struct sockaddr *)&a, &n);
    int port = ntohs(a.sin_port);
    assert_false(port_free("127.0.0.1", port));
    snprintf(want, sizeof want, "(pid %d)", (int)getpid());
    assert_non_null(strstr(port_owner(port, owner), want));
    assert_non_null(strstr(owner, "t_cli"));
    close(fd);
    assert_true(port_free("127.0.0.1", port));
    assert_true(port_free("127.0.0.1", 0));
}

static void
wait_for(bool (*done)(void *arg), void *arg)
{
    for (int i = 0; i < 1000 && !done(arg); i++)
        usleep(5000);
    assert_true(done(arg));
}

struct kept { struct keeper *k; int i, not_pid; };

static bool
is_new(void *arg)
{
    struct kept *w = arg;
    int pid = keeper_pid(w->k, w->i);
    return pid != 0 && pid != w->not_pid;
}

static bool
has_ended(void *arg)
{
    struct kept *w = arg;
    char text[64];
    return keeper_ended(w->k, w->i, text);
}

static void
children(void **state)
{
    (void)state;
    struct kept w = {0}, brief = {0};
    struct keeper_child sleeper = { .name = "sleeper", .path = "/bin/sleep", .argv = { (char *)"sleep", (char *)"1000", NULL } };
    struct keeper_child failing = { .name = "failing", .path = "/bin/false", .argv = { (char *)"false", NULL } };
    char how[64];
    assert_int_equal(keeper_new(&w.k, NULL, NULL, NULL), 0);
    brief.k = w.k;
    w.i = keeper_start(w.k, &sleeper, NULL);
    brief.i = keeper_start(w.k, &failing, NULL);
    assert_true(w.i >= 0 && brief.i >= 0);
    wait_for(has_ended, &brief);
    assert_true(keeper_ended(w.k, brief.i, how));
    assert_string_equal(how, "ended with code 1");
    keeper_trust(w.k, w.i);
    w.not_pid = keeper_pid(w.k, w.i);
    assert_true(w.not_pid > 0);
    kill(w.not_pid, SIGKILL);
    wait_for(is_new, &w);
    assert_int_equal(keeper_restarts(w.k), 1);
    int pid = keeper_pid(w.k, w.i);
    keeper_free(&w.k);
    assert_int_equal(kill(pid, 0), -1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options), cmocka_unit_test(widths), cmocka_unit_test(tables), cmocka_unit_test(numbers), cmocka_unit_test(ports), cmocka_unit_test(children),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
